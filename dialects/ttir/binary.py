"""Functions of pairs of elements, whose operands broadcast, and the selection between two tensors."""

from __future__ import annotations

from xdsl.dialects.builtin import AnyTensorTypeConstr, LocationAttr
from xdsl.ir import Attribute
from xdsl.irdl import irdl_op_definition, operand_def, traits_def
from xdsl.traits import Commutative

from tilewright.dialects.ttir.bases import BinaryOp, ConditionOp, SingleResultOp, Value, value_of
from tilewright.dialects.ttir.shapes import Shape, broadcast_shapes
from tilewright.dialects.ttir.traits import WherePatterns
from tilewright.dialects.types import element_type_of, shape_of, tensor_type


@irdl_op_definition
class AddOp(BinaryOp):
    """x + y."""

    name = "ttir.add"
    traits = traits_def(Commutative())


@irdl_op_definition
class BitwiseAndOp(BinaryOp):
    """x & y, of integers."""

    name = "ttir.bitwise_and"
    traits = traits_def(Commutative())


@irdl_op_definition
class BitwiseOrOp(BinaryOp):
    """x | y, of integers."""

    name = "ttir.bitwise_or"
    traits = traits_def(Commutative())


@irdl_op_definition
class DivOp(BinaryOp):
    """x / y; of integers, the quotient towards zero."""

    name = "ttir.div"


@irdl_op_definition
class EqualOp(ConditionOp):
    """x == y."""

    name = "ttir.eq"
    traits = traits_def(Commutative())


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
    """The larger of x and y."""

    name = "ttir.maximum"
    traits = traits_def(Commutative())


@irdl_op_definition
class MinimumOp(BinaryOp):
    """The smaller of x and y."""

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
    """x to the power of y."""

    name = "ttir.pow"


@irdl_op_definition
class RemainderOp(BinaryOp):
    """The remainder of x / y, with the sign of x."""

    name = "ttir.remainder"


@irdl_op_definition
class SubtractOp(BinaryOp):
    """x - y."""

    name = "ttir.subtract"


@irdl_op_definition
class WhereOp(SingleResultOp):
    """An element of `second` where that of `first` is not 0, else one of `third`; all three broadcast."""

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
        operands = (value_of(first), value_of(second), value_of(third))
        if result_type is None:
            shape = broadcast_shapes(*map(shape_of, operands), names=("first", "second", "third"))
            result_type = tensor_type(shape, element_type_of(operands[1]))
        self._init(operands, (result_type,), {}, location)

    def infer_shape(self) -> Shape:
        return broadcast_shapes(*map(shape_of, self.operands), names=("first", "second", "third"))


BINARY_OPS = (
    AddOp,
    BitwiseAndOp,
    BitwiseOrOp,
    DivOp,
    EqualOp,
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
