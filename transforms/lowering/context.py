"""What a lowering gets: its op, the tile-level values of its operands, and a place to put kernels."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from xdsl.dialects import builtin
from xdsl.dialects.builtin import DYNAMIC_INDEX, IntegerType, Signedness
from xdsl.ir import Attribute, Block, Operation, SSAValue

from tilewright.dialects import tile
from tilewright.dialects.tile import PrecisionAttr, tile_info, tile_tensor
from tilewright.dialects.types import element_type_of, is_integer_type, is_tensor, shape_of
from tilewright.support.dataformat import TILE_DIM, DataFormat
from tilewright.support.reasons import Reason, ReasonCode
from tilewright.transforms.describe import describe_shape

_FLOATS: dict[type[Attribute], DataFormat] = {
    builtin.Float32Type: DataFormat.Float32,
    builtin.BFloat16Type: DataFormat.Float16_b,
    builtin.Float16Type: DataFormat.Float16,
}

_INTEGERS = {(w, False): DataFormat.Int32 for w in (8, 16, 32, 64)} | {
    (8, True): DataFormat.UInt8,
    (16, True): DataFormat.UInt16,
    (32, True): DataFormat.UInt32,
}


def device_format(element: Attribute) -> DataFormat | None:
    """The widest format in which the device holds tensors of `element`; None where it has none.

    Booleans are floats 0 and 1, which every float format holds. Signed integers of any width are Int32: a value that
    does not fit is refused where it crosses.
    """
    if is_integer_type(element):
        if element.width.data == 1:
            return DataFormat.Float32
        return _INTEGERS.get((element.width.data, element.signedness.data is Signedness.UNSIGNED))
    return _FLOATS.get(type(element))


def is_boolean(value: SSAValue) -> bool:
    """Whether `value` is a tensor of i1."""
    element = element_type_of(value)
    return isinstance(element, IntegerType) and element.bitwidth == 1


def is_integer(value: SSAValue) -> bool:
    """Whether `value` is a tensor of integers that are no booleans."""
    element = element_type_of(value)
    return isinstance(element, IntegerType) and element.bitwidth != 1


def type_reasons(role: str, type: Attribute) -> list[Reason]:
    """Why the device cannot hold a value of `type`; empty if it can."""
    if not is_tensor(type):
        return [Reason(ReasonCode.DTYPE, f"type({role}) = {type}, not a tensor")]
    reasons: list[Reason] = []
    if DYNAMIC_INDEX in type.get_shape():
        reasons.append(
            Reason(ReasonCode.DYNAMIC_SHAPE, f"shape({role}) = {describe_shape(type.get_shape())}", "static extents")
        )
    elif 0 in type.get_shape():
        reasons.append(
            Reason(
                ReasonCode.CONSTRAINT, f"shape({role}) = {describe_shape(type.get_shape())} is empty", "extents >= 1"
            )
        )
    element = type.element_type
    if device_format(element) is None:
        reasons.append(
            Reason(ReasonCode.DTYPE, f"dtype({role}) = {element}", "f32, bf16, f16, i1 or integers to 32 bits")
        )
    return reasons


ElementwiseKernel: TypeAlias = Callable[..., tile.KernelOp]
"""Makes a kernel from its operands, the precision and the type of the result."""


@dataclass
class Lowering:
    """Collects the kernels that a function's ops become.

    Attributes:
        block: Where ops are appended.
        values: Tile-level value of each TTIR value lowered so far, or of each row-major value tilized so far.
        rows: Row-major value, in the new function, of each value that has one: arguments, loads, host results.
    """

    block: Block
    values: dict[SSAValue, SSAValue] = field(default_factory=dict[SSAValue, SSAValue])
    rows: dict[SSAValue, SSAValue] = field(default_factory=dict[SSAValue, SSAValue])
    source: Operation | None = None
    precision: PrecisionAttr = field(default_factory=PrecisionAttr.of)

    def add(self, op: Operation) -> SSAValue:
        """Append `op` at the location of the op that is being lowered; its first result."""
        if self.source is not None:
            op.location = self.source.location
        self.block.add_op(op)
        return op.results[0]

    def tiles(self, value: SSAValue) -> SSAValue:
        """`value` as a tensor of tiles; tilized on first use where it comes row-major."""
        found = self.values.get(value)
        if found is None:
            fmt = device_format(element_type_of(value))
            assert fmt is not None  # legality has checked every operand
            result = tile_tensor(shape_of(value), fmt, 0.0)
            found = self.values[value] = self.add(tile.TilizeOp(self.rows[value], self.precision, result))
        return found

    def row_major(self, value: SSAValue) -> SSAValue:
        """`value` as a row-major tensor; untilized on first use where it comes in tiles."""
        found = self.rows.get(value)
        if found is None:
            found = self.rows[value] = self.add(tile.UntilizeOp(self.values[value], value.type))
        return found

    def result_type(self, shape: Sequence[int], fmt: DataFormat, pad: float | None = None) -> tile.TileTensorType:
        """The type of a kernel's result; the padding is unknown unless given."""
        return tile_tensor(tuple(shape), fmt, pad)

    def kernel(self, kernel: ElementwiseKernel, *operands: SSAValue, like: SSAValue) -> SSAValue:
        """Append an element-wise kernel whose result has shape and element type of the TTIR value `like`."""
        fmt = device_format(element_type_of(like))
        assert fmt is not None  # legality has checked every result
        return self.add(kernel(*operands, self.precision, self.result_type(shape_of(like), fmt)))

    def padded_with(self, value: SSAValue, fill: float, *, columns_only: bool = False) -> SSAValue:
        """`value` with `fill` in its padding, by a kernel where that is not so already."""
        info = tile_info(value)
        aligned = info.matrix[-1] % TILE_DIM == 0 and (columns_only or info.matrix[-2] % TILE_DIM == 0)
        if aligned or info.pad == fill:
            return value
        return self.add(tile.FillPadOp(value, fill, self.precision, self.result_type(info.logical, info.format, fill)))


Lower: TypeAlias = Callable[[Operation, Lowering], SSAValue]
"""Appends the kernels of an op and returns its tile-level result."""

Check: TypeAlias = Callable[[Operation], "list[Reason]"]
"""Why an op cannot be lowered, beyond its types; empty if it can."""


def no_reasons(op: Operation) -> list[Reason]:
    """The check of an op that is always lowered."""
    return []


@dataclass(frozen=True, slots=True)
class Rule:
    """How one TTIR op is lowered, and under which conditions.

    Attributes:
        lower: Makes the kernels.
        check: Gives the reasons against it.
    """

    lower: Lower
    check: Check = no_reasons
