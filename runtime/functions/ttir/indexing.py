"""Reads and writes at places that a tensor of indices gives."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch

from tilewright.dialects import ttir
from tilewright.dialects.ttcore import ReduceType
from tilewright.runtime.functions.ttir.common import dtype_of
from tilewright.runtime.functions.ttir.numbers import (
    at_least_float32,
    convert,
    ordered,
    reordered,
    widened,
    with_type,
)
from tilewright.runtime.functions.ttir.unsigned import as_movable, moved
from tilewright.runtime.interpreter import DialectFunctions, Interpreter, Step, implements
from tilewright.support.errors import NumericsError

_REDUCE: Mapping[ReduceType, str] = {
    ReduceType.SUM: "sum",
    ReduceType.PROD: "prod",
    ReduceType.MIN: "amin",
    ReduceType.MAX: "amax",
}


def _checked(index: torch.Tensor, extent: int) -> torch.Tensor:
    """`index` as int64, all of it in [0, extent)."""
    wide = index.to(torch.int64)
    if wide.numel() and (int(wide.min()) < 0 or int(wide.max()) >= extent):
        raise NumericsError(
            "an index is outside the tensor",
            why=f"indices from {int(wide.min())} to {int(wide.max())}, an extent of {extent}",
            hint="check the model's inputs",
        )
    return wide


def _combined(x: torch.Tensor, axis: int, index: torch.Tensor, source: torch.Tensor, how: ReduceType) -> torch.Tensor:
    """`x` combined with `source` at `index`. Sums and products of integers wrap, those of short floats round once."""
    dtype = x.dtype
    if dtype.is_floating_point:
        wide = at_least_float32(dtype)
        return convert(x.to(wide).scatter_reduce(axis, index, source.to(wide), _REDUCE[how]), dtype)
    if how in (ReduceType.MIN, ReduceType.MAX):
        extremes = ordered(x).scatter_reduce(axis, index, ordered(source), _REDUCE[how])
        return convert(reordered(extremes, dtype), dtype)
    combined = widened(x).scatter_reduce(axis, index, widened(source), _REDUCE[how])
    return convert(with_type(combined, dtype), dtype)


class IndexingFunctions(DialectFunctions):
    """Gather and scatter."""

    @implements(ttir.GatherOp)
    def gather(self, op: ttir.GatherOp, interpreter: Interpreter) -> Step:
        axis, dtype = op.axis, dtype_of(op)

        def step(x: torch.Tensor, index: torch.Tensor) -> Sequence[torch.Tensor]:
            where = _checked(index, x.shape[axis])
            return (convert(moved(x, lambda bits: bits.gather(axis, where)), dtype),)

        return step

    @implements(ttir.ScatterOp)
    def scatter(self, op: ttir.ScatterOp, interpreter: Interpreter) -> Step:
        axis, dtype, how = op.axis, dtype_of(op), op.scatter_reduce_type.data

        def step(x: torch.Tensor, index: torch.Tensor, source: torch.Tensor) -> Sequence[torch.Tensor]:
            where, base, new = _checked(index, x.shape[axis]), convert(x, dtype), convert(source, dtype)
            if how is not ReduceType.INVALID:
                return (_combined(base, axis, where, new, how),)
            # torch writes along the axis in order on a CPU, so that the last one stays.
            return (as_movable(base).scatter(axis, where, as_movable(new)).view(dtype),)

        return step
