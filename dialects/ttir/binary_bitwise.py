"""Functions of the bits of pairs of integers, whose operands broadcast."""

from __future__ import annotations

from abc import ABC

from xdsl.dialects.builtin import IntegerType
from xdsl.irdl import irdl_op_definition, traits_def
from xdsl.traits import Commutative
from xdsl.utils.exceptions import VerifyException

from tilewright.dialects.ttir.bases import BinaryOp
from tilewright.dialects.types import element_type_of


@irdl_op_definition
class BitwiseAndOp(BinaryOp):
    """x & y, of integers, or of the bits of floats of one type."""

    name = "ttir.bitwise_and"
    traits = traits_def(Commutative())


@irdl_op_definition
class BitwiseOrOp(BinaryOp):
    """x | y, of integers, or of the bits of floats of one type."""

    name = "ttir.bitwise_or"
    traits = traits_def(Commutative())


@irdl_op_definition
class BitwiseXorOp(BinaryOp):
    """x ^ y, of integers, or of the bits of floats of one type."""

    name = "ttir.bitwise_xor"
    traits = traits_def(Commutative())


class ShiftOp(BinaryOp, ABC):
    """A shift of the n bits of `lhs` by the number in `rhs`, which counts as unsigned.

    Conditions: the elements of operands and result are integers.
    """

    def verify_semantics(self) -> None:
        super().verify_semantics()
        for name, value in (("operand 'lhs'", self.lhs), ("operand 'rhs'", self.rhs), ("the result", self.result)):
            if not isinstance(found := element_type_of(value), IntegerType):
                raise VerifyException(f"{name} has the element type {found}, expected an integer")


@irdl_op_definition
class LogicalLeftShiftOp(ShiftOp):
    """x shifted by y bits towards the highest, zeros follow: x * 2^y modulo 2^n. 0 for y >= n."""

    name = "ttir.logical_left_shift"


@irdl_op_definition
class LogicalRightShiftOp(ShiftOp):
    """x shifted by y bits towards the lowest, zeros follow, also if x has a sign. 0 for y >= n."""

    name = "ttir.logical_right_shift"


@irdl_op_definition
class RightShiftOp(ShiftOp):
    """x shifted by y bits towards the lowest, copies of the sign follow: floor(x / 2^y).

    For y >= n it is -1 where x < 0, else 0. An unsigned x has no sign: zeros follow.
    """

    name = "ttir.right_shift"


BITWISE_OPS = (
    BitwiseAndOp,
    BitwiseOrOp,
    BitwiseXorOp,
    LogicalLeftShiftOp,
    LogicalRightShiftOp,
    RightShiftOp,
)
