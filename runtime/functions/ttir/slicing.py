"""Parts of a tensor."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from xdsl.dialects.builtin import DYNAMIC_INDEX
from xdsl.utils.exceptions import VerifyException

from tilewright.dialects import ttir
from tilewright.dialects.ttir.shapes import may_be_equal
from tilewright.dialects.ttir.slicing_shapes import Bounds, slice_bounds
from tilewright.dialects.types import shape_of
from tilewright.runtime.functions.ttir.common import result_shape, unary_step
from tilewright.runtime.functions.ttir.unsigned import moved
from tilewright.runtime.interpreter import DialectFunctions, Interpreter, Step, implements
from tilewright.support.errors import NumericsError


def _sliced(x: torch.Tensor, bounds: Sequence[Bounds]) -> torch.Tensor:
    """`x` between the bounds of each dimension; torch slices forwards alone, so that the rest is reversed first."""
    backwards = [dim for dim, (_, _, stride) in enumerate(bounds) if stride < 0]
    slices = tuple(
        slice(begin, end, stride) if stride > 0 else slice(extent - 1 - begin, extent - 1 - end, -stride)
        for extent, (begin, end, stride) in zip(x.shape, bounds, strict=True)
    )
    return (moved(x, lambda bits: bits.flip(backwards)) if backwards else x)[slices]


def _integers(tensor: torch.Tensor) -> list[int]:
    return [int(n) for n in tensor.to(torch.int64)]


class SlicingFunctions(DialectFunctions):
    """Slices and selections."""

    @implements(ttir.SliceStaticOp)
    def slice_static(self, op: ttir.SliceStaticOp, interpreter: Interpreter) -> Step:
        bounds = op.bounds
        return unary_step(lambda x: (_sliced(x, bounds),))

    @implements(ttir.SliceDynamicOp)
    def slice_dynamic(self, op: ttir.SliceDynamicOp, interpreter: Interpreter) -> Step:
        steps, shape = op.steps, result_shape(op)

        def step(x: torch.Tensor, begins: torch.Tensor, ends: torch.Tensor) -> Sequence[torch.Tensor]:
            first, last = _integers(begins), _integers(ends)
            given = f"begins {first}, ends {last}, steps {list(steps)}, input of the shape {tuple(x.shape)}"
            try:
                out = _sliced(x, slice_bounds(tuple(x.shape), first, last, steps))
            except VerifyException as error:
                raise NumericsError(
                    "a slice is outside the tensor", why=f"{error}; {given}", hint="check the model's inputs"
                ) from None
            if not may_be_equal(tuple(out.shape), shape):
                expected = tuple("?" if d == DYNAMIC_INDEX else d for d in shape)
                raise NumericsError(
                    f"a slice has the shape {tuple(out.shape)}, expected {expected}, that of the result",
                    why=given,
                    hint="check the model's inputs",
                )
            return (out,)

        return step

    @implements(ttir.IndexOp)
    def index(self, op: ttir.IndexOp, interpreter: Interpreter) -> Step:
        bounds: list[Bounds] = [(0, d, 1) for d in shape_of(op.input)]
        bounds[op.dim.value.data] = op.bounds
        return unary_step(lambda x: (_sliced(x, bounds),))

    @implements(ttir.IndexSelectOp)
    def index_select(self, op: ttir.IndexSelectOp, interpreter: Interpreter) -> Step:
        axis, windows = op.windows
        indices = torch.cat([torch.arange(begin, end) for begin, end in windows])
        return unary_step(lambda x: (moved(x, lambda bits: bits.index_select(axis, indices)),))
