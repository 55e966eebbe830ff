"""Functions that combine the elements along dimensions.

Floats are combined in the wider one of operand and result, and those of 16 bits rounded once at the end; integers are
combined modulo 2^64. Then the result is converted to its element type, as by `ttir.typecast`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import prod

import torch
from xdsl.ir import Operation

from tilewright.dialects import ttir
from tilewright.dialects.ttir.reductions import ReductionOp
from tilewright.dialects.types import shape_of
from tilewright.runtime.functions.ttir.common import dtype_of, operand_dtypes, result_shape, unary_step
from tilewright.runtime.functions.ttir.integers import quotient
from tilewright.runtime.functions.ttir.numbers import (
    at_least_float32,
    convert,
    is_integer,
    ordered,
    real_dtype,
    reordered,
    widened,
    with_type,
)
from tilewright.runtime.interpreter import DialectFunctions, Interpreter, Step, implements
from tilewright.support.errors import NumericsError

Reduction = Callable[[torch.Tensor, tuple[int, ...]], torch.Tensor]
"""Combines the elements along dimensions, at least one, which go."""


def flattened(x: torch.Tensor, axes: tuple[int, ...]) -> torch.Tensor:
    """`x` with the dimensions `axes` as a single one at the end."""
    kept = [d for d in range(x.dim()) if d not in axes]
    return x.permute((*kept, *axes)).reshape(*(x.shape[d] for d in kept), prod(x.shape[d] for d in axes))


_REAL: Mapping[type[Operation], Reduction] = {
    ttir.MaxOp: lambda x, axes: x.amax(axes),
    ttir.MeanOp: lambda x, axes: x.mean(axes, dtype=at_least_float32(x.dtype)),
    ttir.MinOp: lambda x, axes: x.amin(axes),
    # torch forms products along one dimension only, and would round in between.
    ttir.ProdOp: lambda x, axes: flattened(x, axes).prod(-1, dtype=at_least_float32(x.dtype)),
    ttir.SumOp: lambda x, axes: x.sum(axes, dtype=at_least_float32(x.dtype)),
}

_INTEGERS: Mapping[type[Operation], Reduction] = {
    ttir.ProdOp: lambda x, axes: flattened(x, axes).prod(-1),
    ttir.SumOp: lambda x, axes: x.sum(axes),
}
"""Of int64."""

_EXTREMES = (ttir.ArgMaxOp, ttir.MaxOp, ttir.MinOp)

_LOGICAL: Mapping[type[Operation], Reduction] = {
    ttir.ReduceAndOp: lambda x, axes: x.all(axes),
    ttir.ReduceOrOp: lambda x, axes: x.any(axes),
}
"""Of booleans."""


def _mean_of_integers(x: torch.Tensor, axes: tuple[int, ...], count: int, *, unsigned: bool) -> torch.Tensor:
    """The integer nearest to the mean of int64, ties to even; of the bits of uint64, if they are `unsigned`."""
    total = x.sum(axes)
    below = (
        quotient(total, torch.tensor(count), unsigned=True)
        if unsigned
        else torch.div(total, count, rounding_mode="floor")
    )
    rest = 2 * (total - below * count)
    return below + ((rest > count) | ((rest == count) & (below % 2 != 0))).to(torch.int64)


class ReductionFunctions(DialectFunctions):
    """Sums, means, extremes, products, and conditions on all elements or any."""

    @implements(*_REAL)
    def reduce(self, op: ReductionOp, interpreter: Interpreter) -> Step:
        (source,), dtype, shape = operand_dtypes(op), dtype_of(op), result_shape(op)
        axes, kind = op.axes, type(op)
        if not axes:  # torch would combine along all dimensions
            return unary_step(lambda x: (convert(x, dtype),))
        self._check_extent(op)
        if is_integer(source):
            function = self._of_integers(op, source, dtype)
        else:
            real, common = _REAL[kind], real_dtype(dtype, source)

            def of_floats(x: torch.Tensor) -> torch.Tensor:
                return real(convert(x, common), axes)

            function = of_floats
        return unary_step(lambda x: (convert(function(x), dtype).reshape(shape),))

    def _of_integers(
        self, op: ReductionOp, source: torch.dtype, target: torch.dtype
    ) -> Callable[[torch.Tensor], torch.Tensor]:
        kind, axes = type(op), op.axes
        if kind is ttir.MeanOp:
            count = prod(shape_of(op.input)[d] for d in axes)
            if is_integer(target):
                unsigned = source is torch.uint64
                return lambda x: with_type(_mean_of_integers(widened(x), axes, count, unsigned=unsigned), source)
            return lambda x: x.double().mean(axes)
        if kind in _EXTREMES:
            extreme = _REAL[kind]
            return lambda x: reordered(extreme(ordered(x), axes), source)
        function = _INTEGERS[kind]
        return lambda x: with_type(function(widened(x), axes), source)

    def _check_extent(self, op: ReductionOp) -> None:
        needs_elements = isinstance(op, _EXTREMES) or (isinstance(op, ttir.MeanOp) and is_integer(dtype_of(op)))
        if needs_elements and 0 in (shape_of(op.input)[d] for d in op.axes):
            raise NumericsError(f"{op.name} of no elements", why=f"the operand has the shape {shape_of(op.input)}")

    @implements(*_LOGICAL)
    def reduce_logical(self, op: ReductionOp, interpreter: Interpreter) -> Step:
        function, axes, dtype, shape = _LOGICAL[type(op)], op.axes, dtype_of(op), result_shape(op)
        if not axes:
            return unary_step(lambda x: (convert(x != 0, dtype),))
        return unary_step(lambda x: (convert(function(x != 0, axes), dtype).reshape(shape),))

    @implements(ttir.ArgMaxOp)
    def argmax(self, op: ttir.ArgMaxOp, interpreter: Interpreter) -> Step:
        (source,), axes, dtype, shape = operand_dtypes(op), op.axes, dtype_of(op), result_shape(op)
        self._check_extent(op)

        def step(x: torch.Tensor) -> Sequence[torch.Tensor]:
            rows = flattened(ordered(x) if is_integer(source) else x, axes)
            return (convert(rows.argmax(-1), dtype).reshape(shape),)

        return step
