"""Functions of pairs of elements, whose operands broadcast, and the selection between two tensors.

See also `binary_bitwise`.
"""

from __future__ import annotations

from xdsl.dialects.builtin import AnyTensorTypeConstr, LocationAttr, StringAttr
from xdsl.ir import Attribute
from xdsl.irdl import irdl_op_definition, operand_def, prop_def, traits_def
from xdsl.traits import Commutative
from xdsl.utils.exceptions import VerifyException

from tilewright.dialects.ttir.bases import BinaryOp, ConditionOp, SingleResultOp, Value
from tilewright.dialects.ttir.shapes import Shape, broadcast_shapes, require
from tilewright.dialects.ttir.traits import WherePatterns
from tilewright.dialects.types import shape_of


@irdl_op_definition
class AddOp(BinaryOp):
    """x + y."""

    name = "ttir.add"
    traits = traits_def(Commutative())


@irdl_op_definition
class Atan2Op(BinaryOp):
    """The angle in [-pi, pi] of the point x above and y to the right of the origin: atan(x / y) if y > 0."""

    name = "ttir.atan2"


@irdl_op_definition
class DivOp(BinaryOp):
    """x / y; of integers, the quotient towards zero, modulo 2^n.

    Conditions: while it runs, no integer is divided by zero.
    """

    name = "ttir.div"


@irdl_op_definition
class EqualOp(ConditionOp):
    """x == y."""

    name = "ttir.eq"
    traits = traits_def(Commutative())


@irdl_op_definition
class GeluBackwardOp(BinaryOp):
    """x times the derivative of gelu at y: x is the gradient of gelu's result, y was its input.

    `approximate` is "none" for y / 2 * (1 + erf(y / sqrt(2))) or "tanh" for
    y / 2 * (1 + tanh(sqrt(2 / pi) * (y + 0.044715 * y^3))). At infinite y, the derivative is its limit: 0 or 1.

    Conditions: both operands have the same rank, from 2 to 4; `approximate` is "none" or "tanh".
    """

    name = "ttir.gelu_bw"

    approximate = prop_def(StringAttr, default_value=StringAttr("none"))

    def verify_semantics(self) -> None:
        for role, value in (("lhs", self.lhs), ("rhs", self.rhs)):
            shape = shape_of(value)
            require(2 <= len(shape) <= 4, f"operand '{role}' has the shape {shape}, expected a rank from 2 to 4")
        left, right = shape_of(self.lhs), shape_of(self.rhs)
        require(
            len(left) == len(right), f"operand 'rhs' has the shape {right}, expected rank {len(left)}, that of 'lhs'"
        )
        super().verify_semantics()
        if (found := self.approximate.data) not in ("none", "tanh"):
            raise VerifyException(f"attribute 'approximate' is '{found}', expected 'none' or 'tanh'")


@irdl_op_definition
class GreaterEqualOp(ConditionOp):
    """x >= y."""

    name = "ttir.ge"


@irdl_op_definition
class GreaterThanOp(ConditionOp):
    """x > y."""

    name = "ttir.gt"


@irdl_op_definition
class LessEqualOp(ConditionOp):
    """x <= y."""

    name = "ttir.le"


@irdl_op_definition
class LessThanOp(ConditionOp):
    """x < y."""

    name = "ttir.lt"


@irdl_op_definition
class LogicalAndOp(ConditionOp):
    """Neither x nor y is 0."""

    name = "ttir.logical_and"
    traits = traits_def(Commutative())


@irdl_op_definition
class LogicalOrOp(ConditionOp):
    """x and y are not both 0."""

    name = "ttir.logical_or"
    traits = traits_def(Commutative())


@irdl_op_definition
class LogicalXorOp(ConditionOp):
    """Exactly one of x and y is 0."""

    name = "ttir.logical_xor"
    traits = traits_def(Commutative())


@irdl_op_definition
class MaximumOp(BinaryOp):
    """The larger of x and y; NaN if one of them is, as in torch."""

    name = "ttir.maximum"
    traits = traits_def(Commutative())


@irdl_op_definition
class MinimumOp(BinaryOp):
    """The smaller of x and y; NaN if one of them is, as in torch."""

    name = "ttir.minimum"
    traits = traits_def(Commutative())


@irdl_op_definition
class MultiplyOp(BinaryOp):
    """x * y."""

    name = "ttir.multiply"
    traits = traits_def(Commutative())


@irdl_op_definition
class NotEqualOp(ConditionOp):
    """x != y."""

    name = "ttir.ne"
    traits = traits_def(Commutative())


@irdl_op_definition
class PowOp(BinaryOp):
    """x to the power of y; of integers, modulo 2^n, and truncated towards zero for y < 0 (0 of 0)."""

    name = "ttir.pow"


@irdl_op_definition
class RemainderOp(BinaryOp):
    """x - floor(x / y) * y: the remainder of x / y with the sign of y.

    So tt-mlir folds and lowers it, and so it is in torch; the example in tt-mlir's documentation has the sign of x.

    Conditions: while it runs, no integer is divided by zero.
    """

    name = "ttir.remainder"


@irdl_op_definition
class SubtractOp(BinaryOp):
    """x - y."""

    name = "ttir.subtract"


@irdl_op_definition
class WhereOp(SingleResultOp):
    """An element of `second` where that of `first` is not 0, else one of `third`; all three broadcast.

    Shapes: aligned at the last dimension, the extents of the operands are equal or 1; the result has the larger ones.
    """

    name = "ttir.where"

    first = operand_def(AnyTensorTypeConstr)
    second = operand_def(AnyTensorTypeConstr)
    third = operand_def(AnyTensorTypeConstr)

    traits = traits_def(WherePatterns())

    def __init__(
        self,
        first: Value,
        second: Value,
        third: Value,
        result_type: Attribute | None = None,
        *,
        location: LocationAttr | None = None,
    ):
        self._init_inferred((first, second, third), {}, result_type, location, like=1)

    def infer_shape(self) -> Shape:
        return broadcast_shapes(*map(shape_of, self.operands), names=("first", "second", "third"))


BINARY_OPS = (
    AddOp,
    Atan2Op,
    DivOp,
    EqualOp,
    GeluBackwardOp,
    GreaterEqualOp,
    GreaterThanOp,
    LessEqualOp,
    LessThanOp,
    LogicalAndOp,
    LogicalOrOp,
    LogicalXorOp,
    MaximumOp,
    MinimumOp,
    MultiplyOp,
    NotEqualOp,
    PowOp,
    RemainderOp,
    SubtractOp,
    WhereOp,
)
