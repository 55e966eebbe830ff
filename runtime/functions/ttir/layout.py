"""Buffers and layouts.

A tensor that is spread over cores is here what it was before: a torch tensor of its logical shape. So layouts change no
element, but for their type.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from xdsl.dialects.builtin import DYNAMIC_INDEX, MemRefType
from xdsl.ir import Attribute

from tilewright.dialects import ttir
from tilewright.dialects.ttcore import TileType
from tilewright.dialects.ttir.layout import logical_shape
from tilewright.dialects.types import is_tensor
from tilewright.runtime.dtypes import TILE_DTYPES, torch_dtype
from tilewright.runtime.functions.ttir.numbers import convert
from tilewright.runtime.interpreter import DialectFunctions, Interpreter, Step, implements
from tilewright.support.errors import UnsupportedInputError


def _dtype(type: Attribute) -> torch.dtype:
    """The dtype of the elements of a tensor, or of those in its tiles.

    Raises:
        UnsupportedInputError: torch has none, or there is no tensor.
    """
    if not is_tensor(type):
        raise UnsupportedInputError(
            f"a {'memref' if isinstance(type, MemRefType) else 'value'} cannot be executed", why=f"found {type}"
        )
    element = type.element_type
    if not isinstance(element, TileType):
        return torch_dtype(element)
    name = element.data_type.data
    dtype = TILE_DTYPES.get(name)
    if dtype is None:
        raise UnsupportedInputError(f"torch has no element type for tiles of {name}")
    return dtype


def _shape(type: Attribute) -> tuple[int, ...]:
    """The logical shape of a tensor.

    Raises:
        UnsupportedInputError: it is not known.
    """
    shape = logical_shape(type)
    if shape is None or DYNAMIC_INDEX in shape:
        raise UnsupportedInputError(f"a value of the type {type} cannot be made", why="its shape is not known")
    return shape


class LayoutFunctions(DialectFunctions):
    """Buffers and layouts."""

    @implements(ttir.EmptyOp, ttir.AllocOp)
    def undefined(self, op: ttir.EmptyOp | ttir.AllocOp, interpreter: Interpreter) -> Step:
        dtype, shape = _dtype(op.result.type), _shape(op.result.type)
        # Zeros, so that every run gives the same.
        return lambda: (torch.zeros(shape, dtype=dtype),)

    @implements(ttir.DeallocOp)
    def dealloc(self, op: ttir.DeallocOp, interpreter: Interpreter) -> Step:
        def step(x: torch.Tensor) -> Sequence[torch.Tensor]:
            return ()

        return step

    @implements(ttir.ToLayoutOp)
    def to_layout(self, op: ttir.ToLayoutOp, interpreter: Interpreter) -> Step:
        dtype, count = _dtype(op.output.type), len(op.results)

        def step(x: torch.Tensor, output: torch.Tensor) -> Sequence[torch.Tensor]:
            return (convert(x, dtype),) * count

        return step

    @implements(ttir.TTNNMetalLayoutCastOp)
    def layout_cast(self, op: ttir.TTNNMetalLayoutCastOp, interpreter: Interpreter) -> Step:
        dtype = _dtype(op.result.type)
        _dtype(op.input.type)

        def step(x: torch.Tensor) -> Sequence[torch.Tensor]:
            return (convert(x, dtype),)

        return step

    @implements(ttir.TTLangOp)
    def tt_lang(self, op: ttir.TTLangOp, interpreter: Interpreter) -> Step:
        raise UnsupportedInputError(
            f"the kernel '{op.kernel_id.data}' cannot be executed",
            why="it is the user's own, and a file says nothing of what it computes",
            hint="run the function without it, or write it in TTIR ops",
        )
