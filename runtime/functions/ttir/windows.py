"""What convolutions and poolings share: padding, windows, and integers in a type that torch computes with."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import torch

from tilewright.dialects.ttir.windows import Sides, Window

_WIDE = torch.int64


def is_integer(dtype: torch.dtype) -> bool:
    """Whether `dtype` is an integer type, booleans included."""
    return not (dtype.is_floating_point or dtype.is_complex)


def working_dtype(dtypes: Iterable[torch.dtype]) -> torch.dtype:
    """What numbers of these dtypes are computed in: int64 if all are integers, else at least float32."""
    numbers = [d for d in dtypes if not is_integer(d)]
    if not numbers:
        return _WIDE
    found = torch.float32
    for dtype in numbers:
        found = torch.promote_types(found, dtype)
    return found


def padded(x: torch.Tensor, padding: Sides, value: float) -> torch.Tensor:
    """`x` with `value` around its last dimensions, one for each pair of `padding`; below 0 it cuts off."""
    if not any(map(any, padding)):
        return x
    # torch counts dimensions from the last.
    x = torch.nn.functional.pad(x, [max(n, 0) for sides in reversed(padding) for n in sides], value=value)
    # It cannot cut off more than there is without the padding.
    for dim, (before, after) in enumerate(padding, x.dim() - len(padding)):
        if min(before, after) < 0:
            start = max(-before, 0)
            x = x.narrow(dim, start, x.shape[dim] - start - max(-after, 0))
    return x


def repeated_at_the_edge(x: torch.Tensor, padding: Sides) -> torch.Tensor:
    """`x` with its outermost elements repeated around its last dimensions, one for each pair of `padding`."""
    for dim, (before, after) in enumerate(padding, x.dim() - len(padding)):
        inside = torch.arange(-before, x.shape[dim] + after).clamp(0, x.shape[dim] - 1)
        x = x.index_select(dim, inside)
    return x


def reached(window: Window, extents: Sequence[int], positions: Sequence[int]) -> Sides:
    """The padding before, as it is, and after, so that the padded input ends where the last window does.

    That is beyond the window's own padding, or before it: what no window sees is cut off, by padding below 0.
    """
    sides: list[tuple[int, int]] = []
    for dim, extent in enumerate(extents):
        before, _ = window.padding[dim]
        end = (positions[dim] - 1) * window.stride[dim] + window.span[dim]
        sides.append((before, end - before - extent))
    return tuple(sides)


def windows_of(x: torch.Tensor, window: Window) -> torch.Tensor:
    """A view of the windows of the last dimensions of `x`, which is padded: (.., positions, kernel)."""
    dims = len(window.kernel)
    first = x.dim() - dims
    for dim in range(dims):
        x = x.unfold(first + dim, window.span[dim], window.stride[dim])[..., :: window.dilation[dim]]
    return x


def places(extent: int, window: Window, dim: int, positions: int) -> list[range]:
    """The places of the elements of each window in one dimension, below 0 and beyond `extent` where it is padded."""
    step, span = window.dilation[dim], window.span[dim]
    starts = (p * window.stride[dim] - window.padding[dim][0] for p in range(positions))
    return [range(start, start + span, step) for start in starts]
