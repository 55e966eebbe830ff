"""Tensors whose elements have the data type of a tile, as operands and results of any op.

`tensor<64x128x!ttcore.tile<32x32, bfp_bf8>>` has 64x128 numbers in a format that MLIR has no element type for. What an
op computes from them is what it computes from the numbers themselves, in Float32 where torch lacks the format; a result
is rounded to its format as the machine's packer does, 16 numbers of a row at a time where they share an exponent.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch.nn.functional import pad
from xdsl.dialects.builtin import (
    BFloat16Type,
    Float16Type,
    Float32Type,
    IntegerType,
    Signedness,
    i1,
)
from xdsl.ir import Attribute, Operation, SSAValue

from tilewright.dialects import ttir
from tilewright.dialects.ttcore import TileType
from tilewright.dialects.types import shape_of, tensor_type
from tilewright.runtime.dtypes import TILE_DTYPES, torch_dtype
from tilewright.runtime.formats import quantize
from tilewright.runtime.functions.ttir.layout import LayoutFunctions
from tilewright.runtime.functions.ttir.retyped import Convert, between, element_type_or_none, retyped
from tilewright.runtime.interpreter import DialectFunctions, Interpreter, Step
from tilewright.support.dataformat import FACE_DIM, Rounding

_LAYOUT_OPS = frozenset(LayoutFunctions().table())

_TYPES: dict[torch.dtype, Attribute] = {
    torch.float32: Float32Type(),
    torch.float16: Float16Type(),
    torch.bfloat16: BFloat16Type(),
    torch.uint32: IntegerType(32, Signedness.UNSIGNED),
    torch.uint16: IntegerType(16, Signedness.UNSIGNED),
    torch.uint8: IntegerType(8, Signedness.UNSIGNED),
    torch.int32: IntegerType(32, Signedness.SIGNED),
    torch.int8: IntegerType(8, Signedness.SIGNED),
    torch.bool: i1,
}
"""What tensors of the data types of tiles hold, as element types."""


class TileValueFunctions(DialectFunctions):
    """Ops of all families between tensors of the data types of tiles."""

    def table(self) -> dict[type[Operation], Callable[[Operation, Interpreter], Step]]:
        return {
            op_type: make if op_type in _LAYOUT_OPS else _with_tile_values(make)
            for op_type, make in super().table().items()
        }


def _with_tile_values(make: Callable[[Operation, Interpreter], Step]) -> Callable[[Operation, Interpreter], Step]:
    """Makes steps that take and give such tensors, out of `make`'s, which know of none."""

    def make_step(op: Operation, interpreter: Interpreter) -> Step:
        if not any(isinstance(element_type_or_none(v), TileType) for v in (*op.operands, *op.results)):
            return make(op, interpreter)
        before = [_rounding(v) for v in op.operands]
        if isinstance(op, ttir.CacheOp):
            # What is written in place is rounded before: the rows of the input become rows of the cache.
            cache, written, *_ = op.operands
            before = [_rounding(cache) if v is written else None for v in op.operands]
        return between(make(retyped(op, _number_type), interpreter), before, [_rounding(r) for r in op.results])

    return make_step


def _number_type(value: SSAValue) -> Attribute:
    element = element_type_or_none(value)
    if not isinstance(element, TileType):
        return value.type
    return tensor_type(shape_of(value), _TYPES[torch_dtype(element)])


def _rounding(value: SSAValue) -> Convert | None:
    return rounding_to(element_type_or_none(value))


def rounding_to(element: Attribute | None) -> Convert | None:
    """Rounds numbers that torch holds in a wider type to the format of tiles; None where there is nothing to round."""
    if not isinstance(element, TileType) or element.data_type.data in TILE_DTYPES:
        return None
    fmt = element.format

    def rounded(x: torch.Tensor) -> torch.Tensor:
        width = x.shape[-1] if x.dim() else 1
        rows = pad(x.float().reshape(-1, width), (0, -width % FACE_DIM))
        return quantize(rows, fmt, Rounding.packer)[:, :width].reshape(x.shape)

    return rounded
