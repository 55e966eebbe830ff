"""Enlarging images."""

from __future__ import annotations

from collections.abc import Sequence

import torch

from tilewright.dialects import ttir
from tilewright.dialects.types import element_type_of
from tilewright.runtime.dtypes import torch_dtype
from tilewright.runtime.functions.ttir.common import dtype_of, result_shape, unary_step
from tilewright.runtime.functions.ttir.numbers import convert
from tilewright.runtime.functions.ttir.windows import is_integer, working_dtype
from tilewright.runtime.interpreter import DialectFunctions, Interpreter, Step, implements
from tilewright.support.errors import UnsupportedInputError


class UpsamplingFunctions(DialectFunctions):
    """Enlarging by whole factors."""

    @implements(ttir.Upsample2dOp)
    def upsample(self, op: ttir.Upsample2dOp, interpreter: Interpreter) -> Step:
        dtype, shape, factors = dtype_of(op), result_shape(op), op.factors
        if op.mode.data == "nearest":
            return unary_step(lambda x: (convert(_repeated(x, factors).reshape(shape), dtype),))
        element = torch_dtype(element_type_of(op.input))
        if is_integer(element):
            raise UnsupportedInputError(
                "integers are upsampled 'bilinear'", why="means of neighbours are fractions", hint="use 'nearest'"
            )
        working = working_dtype((element,))

        def step(x: torch.Tensor) -> Sequence[torch.Tensor]:
            x = x.to(working)
            for dim, factor in enumerate(factors, 1):
                x = _interpolated(x, dim, factor)
            return (convert(x, dtype),)

        return unary_step(step)


def _repeated(x: torch.Tensor, factors: tuple[int, int]) -> torch.Tensor:
    """Each pixel as often as the factors say: (N, H, factor, W, factor, C)."""
    return x[:, :, None, :, None].expand(-1, -1, factors[0], -1, factors[1], -1)


def _interpolated(x: torch.Tensor, dim: int, factor: int) -> torch.Tensor:
    """The means of the neighbours of each new place along `dim`, by their distances from it."""
    extent = x.shape[dim]
    where = ((torch.arange(extent * factor, dtype=x.dtype) + 0.5) / factor - 0.5).clamp(0, extent - 1)
    first = where.to(torch.int64)
    second = (first + 1).clamp(max=extent - 1)
    share = (where - first).view([-1 if d == dim else 1 for d in range(x.dim())])
    near, far = x.index_select(dim, first), x.index_select(dim, second)
    # A neighbour without a share may be infinite.
    return torch.where(share == 0, near, near * (1 - share) + far * share)
