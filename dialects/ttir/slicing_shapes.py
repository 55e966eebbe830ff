"""Bounds and shapes of slices. All raise VerifyException.

Source of the rules: the verifiers in tt-mlir ``TTIROps.cpp``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from xdsl.dialects.builtin import DYNAMIC_INDEX
from xdsl.utils.exceptions import VerifyException

from tilewright.dialects.ttir.shapes import Shape, normalized_axis, require

Bounds: TypeAlias = tuple[int, int, int]
"""Begin, end and step along a dimension, begin and end counted from the front."""


def bounds_of(
    extent: int,
    begin: int,
    end: int,
    step: int,
    names: tuple[str, str, str] = ("begins", "ends", "step"),
    at: str = "",
    empty_anywhere: bool = True,
) -> Bounds:
    """Begin, end and step of a slice of a dimension, with negative begins and ends counted from the back.

    Args:
        extent: That of the dimension; if it is dynamic, no more than the step is checked.
        begin: The first index.
        end: The index before which the slice ends.
        step: The distance of one index to the next, of either sign.
        names: The attributes, for messages.
        at: Where in the attributes, for messages.
        empty_anywhere: Whether an empty slice may begin at any index.
    """
    require(step != 0, f"attribute '{names[2]}' is 0{at}, expected another value")
    if extent == DYNAMIC_INDEX:
        return begin, end, step
    first = begin + extent if begin < 0 else begin
    last = end + extent if end < 0 else end
    if first != last or not empty_anywhere:
        if not 0 <= first < extent:
            raise VerifyException(f"attribute '{names[0]}' is {begin}{at}, expected a value in [{-extent}, {extent})")
        if not 0 <= last <= extent:
            raise VerifyException(f"attribute '{names[1]}' is {end}{at}, expected a value in [{-extent}, {extent}]")
    if (last - first) * step < 0:
        order = "at least" if step > 0 else "at most"
        raise VerifyException(
            f"attribute '{names[1]}' is {end}{at}, expected {order} the begin {begin}, as the step is {step}"
        )
    return first, last, step


def extent_of(extent: int, bounds: Bounds) -> int:
    """`ceil((end - begin) / step)`; dynamic where `extent` is, and the bounds are not counted from the same side."""
    begin, end, step = bounds
    if extent == DYNAMIC_INDEX and ((begin < 0) != (end < 0) or (end - begin) * step < 0):
        return DYNAMIC_INDEX
    return -(-abs(end - begin) // abs(step))


def slice_bounds(shape: Shape, begins: Sequence[int], ends: Sequence[int], steps: Sequence[int]) -> tuple[Bounds, ...]:
    """Begin, end and step of each dimension."""
    require(len(shape) >= 1, f"operand 'input' has the shape {shape}, expected rank >= 1")
    for name, values in (("begins", begins), ("ends", ends), ("step", steps)):
        if len(values) != len(shape):
            raise VerifyException(
                f"attribute '{name}' is {list(values)}, expected {len(shape)} values, "
                f"the rank of 'input' with the shape {shape}"
            )
    rows = zip(shape, begins, ends, steps, strict=True)
    return tuple(bounds_of(d, begin, end, step, at=f" at {i}") for i, (d, begin, end, step) in enumerate(rows))


def sliced_shape(shape: Shape, begins: Sequence[int], ends: Sequence[int], steps: Sequence[int]) -> Shape:
    """`ceil((end - begin) / step)` in each dimension."""
    return tuple(map(extent_of, shape, slice_bounds(shape, begins, ends, steps)))


def index_bounds(shape: Shape, dim: int, begin: int, end: int, step: int) -> Bounds:
    """Begin, end and step of a slice along `dim`, which is counted from the front."""
    require(len(shape) >= 1, f"operand 'input' has the shape {shape}, expected rank >= 1")
    require(0 <= dim < len(shape), f"attribute 'dim' is {dim}, expected a value in [0, {len(shape)})")
    return bounds_of(shape[dim], begin, end, step, ("begin", "end", "step"), empty_anywhere=False)


def selected_windows(shape: Shape, dim: int, begin: int, length: int, stride: int) -> tuple[int, list[tuple[int, int]]]:
    """The axis, and begin and end of the windows along it of `index_select`; their number is unknown where it is
    dynamic, and the list empty.

    A window of `length` begins at `begin` and at each `stride` after that (0: the extent); the last one may be cut.
    """
    axis = normalized_axis(dim, len(shape), "dim")
    extent = shape[axis]
    if extent == DYNAMIC_INDEX:
        return axis, []
    if not 0 <= stride <= extent:
        raise VerifyException(f"attribute 'stride' is {stride}, expected a value in [0, {extent}]")
    require(0 <= begin < extent, f"attribute 'begin' is {begin}, expected a value in [0, {extent})")
    stride = stride or extent
    most = min(stride, extent - begin)
    if not 1 <= length <= most:
        raise VerifyException(
            f"attribute 'length' is {length}, expected a value in [1, {most}], as the stride is {stride}, "
            f"the begin {begin} and the extent {extent}"
        )
    return axis, [(first, min(first + length, extent)) for first in range(begin, extent, stride)]
