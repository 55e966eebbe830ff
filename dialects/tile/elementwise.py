"""Element-wise kernels. Binary and ternary kernels broadcast by NumPy's rule on logical shapes, as the machine's
broadcast tensor manipulations do."""

from __future__ import annotations

from abc import ABC
from collections.abc import Sequence
from functools import reduce
from typing import ClassVar

from xdsl.dialects.builtin import FloatAttr, f32
from xdsl.ir import Attribute
from xdsl.irdl import irdl_op_definition, operand_def, prop_def, result_def

from tilewright.dialects.tile.attributes import PrecisionAttr, TileInfo
from tilewright.dialects.tile.bases import KernelOp, Numbers, TileTensor, Value, broadcast_shapes


class UnaryOp(KernelOp, ABC):
    """One operand, same logical shape."""

    input = operand_def(TileTensor)
    result = result_def(TileTensor)

    assembly_format = "$input `,` $precision (`at` $placement^)? attr-dict `:` type($input) `->` type($result)"

    def __init__(self, input: Value, precision: PrecisionAttr, result_type: Attribute):
        super().__init__(operands=[input], properties={"precision": precision}, result_types=[result_type])

    def infer_shape(self, operands: Sequence[TileInfo]) -> tuple[int, ...]:
        return operands[0].logical


class BinaryOp(KernelOp, ABC):
    """Two operands that broadcast to the result."""

    lhs = operand_def(TileTensor)
    rhs = operand_def(TileTensor)
    result = result_def(TileTensor)

    assembly_format = (
        "$lhs `,` $rhs `,` $precision (`at` $placement^)? attr-dict `:` type($lhs) `,` type($rhs) `->` type($result)"
    )

    def __init__(self, lhs: Value, rhs: Value, precision: PrecisionAttr, result_type: Attribute):
        super().__init__(operands=[lhs, rhs], properties={"precision": precision}, result_types=[result_type])

    def infer_shape(self, operands: Sequence[TileInfo]) -> tuple[int, ...]:
        return reduce(broadcast_shapes, (o.logical for o in operands))


class CompareOp(BinaryOp, ABC):
    """A comparison; the result holds 1 where it is true and 0 elsewhere."""

    NUMBERS: ClassVar[Numbers] = Numbers.ANY


@irdl_op_definition
class AbsOp(UnaryOp):
    """`|x|`"""

    name = "tile.abs"


@irdl_op_definition
class NegOp(UnaryOp):
    """`-x`"""

    name = "tile.neg"


@irdl_op_definition
class ExpOp(UnaryOp):
    """`e^x`"""

    name = "tile.exp"


@irdl_op_definition
class LogOp(UnaryOp):
    """Natural logarithm."""

    name = "tile.log"


@irdl_op_definition
class SqrtOp(UnaryOp):
    """Square root."""

    name = "tile.sqrt"


@irdl_op_definition
class RsqrtOp(UnaryOp):
    """`1 / sqrt(x)`"""

    name = "tile.rsqrt"


@irdl_op_definition
class ReciprocalOp(UnaryOp):
    """`1 / x`"""

    name = "tile.reciprocal"


@irdl_op_definition
class TanhOp(UnaryOp):
    """Hyperbolic tangent."""

    name = "tile.tanh"


@irdl_op_definition
class SigmoidOp(UnaryOp):
    """`1 / (1 + e^-x)`"""

    name = "tile.sigmoid"


@irdl_op_definition
class GeluOp(UnaryOp):
    """`x * Phi(x)`, with the exact normal distribution function."""

    name = "tile.gelu"


@irdl_op_definition
class ReluOp(UnaryOp):
    """`max(x, 0)`"""

    name = "tile.relu"


@irdl_op_definition
class SiluOp(UnaryOp):
    """`x * sigmoid(x)`"""

    name = "tile.silu"


@irdl_op_definition
class ErfOp(UnaryOp):
    """Gauss error function."""

    name = "tile.erf"


@irdl_op_definition
class SineOp(UnaryOp):
    """Sine of an angle in radians."""

    name = "tile.sine"


@irdl_op_definition
class CosineOp(UnaryOp):
    """Cosine of an angle in radians."""

    name = "tile.cosine"


@irdl_op_definition
class LogicalNotOp(UnaryOp):
    """1 where the operand is 0, else 0."""

    name = "tile.logical_not"
    NUMBERS: ClassVar[Numbers] = Numbers.ANY


@irdl_op_definition
class TypecastOp(UnaryOp):
    """Converts to the result's number format (a datacopy through the unpacker and the packer).

    A float becomes an integer by truncation towards zero, as torch's conversion does.
    """

    name = "tile.typecast"
    NUMBERS: ClassVar[Numbers] = Numbers.ANY


@irdl_op_definition
class ClampOp(UnaryOp):
    """`min(max(x, low), high)`"""

    name = "tile.clamp"

    low = prop_def(FloatAttr)
    high = prop_def(FloatAttr)

    assembly_format = (
        "$input `low` `=` $low `high` `=` $high `,` $precision (`at` $placement^)? attr-dict `:` "
        "type($input) `->` type($result)"
    )

    def __init__(self, input: Value, low: float, high: float, precision: PrecisionAttr, result_type: Attribute):
        KernelOp.__init__(
            self,
            operands=[input],
            properties={"low": FloatAttr(low, f32), "high": FloatAttr(high, f32), "precision": precision},
            result_types=[result_type],
        )

    def verify_operands(self, operands: Sequence[TileInfo], result: TileInfo) -> None:
        low, high = self.low.value.data, self.high.value.data
        self.require(low <= high, f"low = {low} must not be above high = {high}")


@irdl_op_definition
class AddOp(BinaryOp):
    """`a + b`"""

    name = "tile.add"


@irdl_op_definition
class SubtractOp(BinaryOp):
    """`a - b`"""

    name = "tile.subtract"


@irdl_op_definition
class MultiplyOp(BinaryOp):
    """`a * b` on the matrix engine: operands are cut to its source registers, and the fidelity applies."""

    name = "tile.multiply"


@irdl_op_definition
class MaximumOp(BinaryOp):
    """The larger of both."""

    name = "tile.maximum"
    NUMBERS: ClassVar[Numbers] = Numbers.ALIKE


@irdl_op_definition
class MinimumOp(BinaryOp):
    """The smaller of both."""

    name = "tile.minimum"
    NUMBERS: ClassVar[Numbers] = Numbers.ALIKE


@irdl_op_definition
class EqOp(CompareOp):
    """`a == b`"""

    name = "tile.eq"


@irdl_op_definition
class NeOp(CompareOp):
    """`a != b`"""

    name = "tile.ne"


@irdl_op_definition
class LtOp(CompareOp):
    """`a < b`"""

    name = "tile.lt"


@irdl_op_definition
class LeOp(CompareOp):
    """`a <= b`"""

    name = "tile.le"


@irdl_op_definition
class GtOp(CompareOp):
    """`a > b`"""

    name = "tile.gt"


@irdl_op_definition
class GeOp(CompareOp):
    """`a >= b`"""

    name = "tile.ge"


@irdl_op_definition
class WhereOp(KernelOp):
    """`a` where the condition is not 0, else `b`."""

    name = "tile.where"
    NUMBERS: ClassVar[Numbers] = Numbers.ANY

    condition = operand_def(TileTensor)
    lhs = operand_def(TileTensor)
    rhs = operand_def(TileTensor)
    result = result_def(TileTensor)

    assembly_format = (
        "$condition `,` $lhs `,` $rhs `,` $precision (`at` $placement^)? attr-dict `:` "
        "type($condition) `,` type($lhs) `,` type($rhs) `->` type($result)"
    )

    def __init__(
        self,
        condition: Value,
        lhs: Value,
        rhs: Value,
        precision: PrecisionAttr,
        result_type: Attribute,
    ):
        super().__init__(
            operands=[condition, lhs, rhs], properties={"precision": precision}, result_types=[result_type]
        )

    def infer_shape(self, operands: Sequence[TileInfo]) -> tuple[int, ...]:
        return reduce(broadcast_shapes, (o.logical for o in operands))

    def verify_operands(self, operands: Sequence[TileInfo], result: TileInfo) -> None:
        self.require_alike([operands[1].format, operands[2].format, result.format])


ELEMENTWISE_OPS: list[type[KernelOp]] = [
    AbsOp, NegOp, ExpOp, LogOp, SqrtOp, RsqrtOp, ReciprocalOp, TanhOp, SigmoidOp, GeluOp, ReluOp, SiluOp, ErfOp,
    SineOp, CosineOp, LogicalNotOp, TypecastOp, ClampOp, AddOp, SubtractOp, MultiplyOp, MaximumOp, MinimumOp,
    EqOp, NeOp, LtOp, LeOp, GtOp, GeOp, WhereOp,
]  # fmt: skip
"""All ops of this family."""
