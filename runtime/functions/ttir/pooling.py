"""Poolings: floats of 16 bits are summed in float32 and rounded once, integers exactly."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import inf, prod

import torch

from tilewright.dialects import ttir
from tilewright.dialects.ttir.pooling import PoolingOp
from tilewright.dialects.ttir.windows import Window
from tilewright.dialects.types import element_type_of, shape_of
from tilewright.runtime.dtypes import torch_dtype
from tilewright.runtime.functions.ttir.common import dtype_of, result_shape, unary_step
from tilewright.runtime.functions.ttir.numbers import convert
from tilewright.runtime.functions.ttir.windows import (
    is_integer,
    padded,
    places,
    reached,
    windows_of,
    working_dtype,
)
from tilewright.runtime.interpreter import DialectFunctions, Interpreter, Step, implements
from tilewright.support.errors import NumericsError, UnsupportedInputError

_FIRST, _LAST = (0, 3, 1, 2), (0, 2, 3, 1)
"""From channels last to channels first, and back."""

_SIGN = torch.iinfo(torch.int64).min


class PoolingFunctions(DialectFunctions):
    """Poolings over windows and over whole images."""

    @implements(ttir.AvgPool2dOp)
    def average(self, op: ttir.AvgPool2dOp, interpreter: Interpreter) -> Step:
        window, extents, positions = _geometry(op)
        sides, dtype, shape = reached(window, extents, positions), dtype_of(op), result_shape(op)
        input_shape, element = op.input_shape, torch_dtype(element_type_of(op.input))
        rows, columns = (
            _counts(window, dim, extents[dim], positions[dim], bool(op.count_include_pad)) for dim in (0, 1)
        )
        if not (rows.all() and columns.all()):
            raise _windows_in_the_padding("mean")
        counts = rows.unsqueeze(1) * columns

        def sums(x: torch.Tensor) -> torch.Tensor:
            x = padded(x.permute(_FIRST), sides, 0.0)
            # First along rows, then along columns.
            for dim in (1, 0):
                line = x.unfold(2 + dim, window.span[dim], window.stride[dim])[..., :: window.dilation[dim]]
                x = line.sum(-1)
            return x

        def step(x: torch.Tensor) -> Sequence[torch.Tensor]:
            means = _means(x.reshape(input_shape), element, sums, counts)
            return (convert(means.permute(_LAST), dtype).reshape(shape),)

        return unary_step(step)

    @implements(ttir.MaxPool2dOp)
    def maximum(self, op: ttir.MaxPool2dOp, interpreter: Interpreter) -> Step:
        pool, dtype, shape = _MaxPool(op), dtype_of(op), result_shape(op)

        def step(x: torch.Tensor) -> Sequence[torch.Tensor]:
            return (pool.narrowed(pool.largest(pool.prepared(x)), dtype).reshape(shape),)

        return unary_step(step)

    @implements(ttir.MaxPool2dWithIndicesOp)
    def maximum_with_indices(self, op: ttir.MaxPool2dWithIndicesOp, interpreter: Interpreter) -> Step:
        pool, dtype, shape = _MaxPool(op), dtype_of(op), result_shape(op)
        index_dtype = torch_dtype(element_type_of(op.result_indices))
        window, extents, positions = _geometry(op)
        most = prod(extents) - 1
        if most > (torch.iinfo(index_dtype).max if index_dtype is not torch.bool else 1):
            raise NumericsError(
                f"an index up to {most} does not fit into {index_dtype}", hint="give the indices a wider type"
            )
        if not all(_counts(window, dim, extents[dim], positions[dim], False).all() for dim in (0, 1)):
            raise _windows_in_the_padding("index")
        # The place of each element, and one behind all others where there is none.
        plane = padded(torch.arange(most + 1).view(extents), reached(window, extents, positions), most + 1)
        candidates = windows_of(plane, window)

        def step(x: torch.Tensor, *outputs: torch.Tensor) -> Sequence[torch.Tensor]:
            x = pool.prepared(x)
            largest, windows = pool.largest(x), windows_of(x, window)
            hits = windows == largest[..., None, None]
            if x.is_floating_point():
                hits |= windows.isnan()
            indices = torch.where(hits, candidates, most + 1).amin((-2, -1)).permute(_LAST)
            return pool.narrowed(largest, dtype).reshape(shape), convert(indices, index_dtype).reshape(shape)

        return step

    @implements(ttir.GlobalAvgPool2dOp)
    def global_average(self, op: ttir.GlobalAvgPool2dOp, interpreter: Interpreter) -> Step:
        axes, dtype, element = op.axes, dtype_of(op), torch_dtype(element_type_of(op.input))
        count = torch.tensor(prod(shape_of(op.input)[a] for a in axes))

        def sums(x: torch.Tensor) -> torch.Tensor:
            # torch takes no dimensions for all of them.
            return x.sum(axes, keepdim=True) if axes else x

        return unary_step(lambda x: (convert(_means(x, element, sums, count), dtype),))


def _geometry(op: PoolingOp) -> tuple[Window, tuple[int, int], tuple[int, ...]]:
    """The window, the height and width of the input, and the windows in each dimension."""
    _, height, width, _ = op.input_shape
    window = op.window
    return window, (height, width), window.positions((height, width))


def _counts(window: Window, dim: int, extent: int, positions: int, with_padding: bool) -> torch.Tensor:
    """How many elements each window has in one dimension: those of the input, or of the padding too."""
    before, after = window.padding[dim] if with_padding else (0, 0)
    inside = range(-before, extent + after)
    return torch.tensor([sum(p in inside for p in line) for line in places(extent, window, dim, positions)])


def _windows_in_the_padding(what: str) -> UnsupportedInputError:
    return UnsupportedInputError(
        f"a window of the pooling lies in the padding alone, so that it has no {what}",
        hint="make the padding less than the kernel",
    )


def _means(
    x: torch.Tensor, dtype: torch.dtype, sums: Callable[[torch.Tensor], torch.Tensor], counts: torch.Tensor
) -> torch.Tensor:
    """What `sums` makes of `x`, which has that dtype, divided by `counts`; of integers, rounded towards zero."""
    x = x.to(working_dtype((dtype,)))
    if not is_integer(dtype):
        return sums(x) / counts
    # In two halves, so that no sum is too large for int64.
    half, mask = 32, (1 << 32) - 1
    unsigned = dtype is torch.uint64
    high = sums(x >> half & mask if unsigned else x >> half)
    rest = (high % counts << half) + sums(x & mask)
    floor = (torch.div(high, counts, rounding_mode="floor") << half) + torch.div(rest, counts, rounding_mode="floor")
    return floor.view(dtype) if unsigned else floor + ((floor < 0) & (rest % counts != 0))


class _MaxPool:
    """The largest elements of windows, of any dtype."""

    def __init__(self, op: PoolingOp):
        self._window, extents, positions = _geometry(op)
        self._shape = op.input_shape
        self._sides = reached(self._window, extents, positions)
        self._dtype = torch_dtype(element_type_of(op.input))

    def prepared(self, x: torch.Tensor) -> torch.Tensor:
        """Channels first and padded; integers as int64 in the same order."""
        x = x.reshape(self._shape).permute(_FIRST)
        if not is_integer(self._dtype):
            return padded(x, self._sides, -inf)
        # With the other sign, unsigned numbers of 64 bits are in the order of signed ones.
        wide = x.to(torch.int64) ^ _SIGN if self._dtype is torch.uint64 else x.to(torch.int64)
        least = _SIGN if self._dtype is torch.uint64 else _least(self._dtype)
        # torch pads with floats, which do not hold all of int64.
        inside = padded(torch.ones(x.shape[2:], dtype=torch.bool), self._sides, 0)
        return torch.where(inside, padded(wide, self._sides, 0), least)

    def largest(self, x: torch.Tensor) -> torch.Tensor:
        """Those of each window of what was prepared."""
        window = self._window
        return torch.nn.functional.max_pool2d(x, window.kernel, window.stride, 0, window.dilation)

    def narrowed(self, x: torch.Tensor, dtype: torch.dtype) -> torch.Tensor:
        """Channels last, in the dtype of the result."""
        x = x.permute(_LAST)
        return (x ^ _SIGN if self._dtype is torch.uint64 else x).to(dtype)


def _least(dtype: torch.dtype) -> int:
    return 0 if dtype is torch.bool else int(torch.iinfo(dtype).min)
