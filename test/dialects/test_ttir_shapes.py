"""Shape rules, compared with what NumPy does."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from xdsl.utils.exceptions import VerifyException

from tilewright.dialects.ttir import data_movement_shapes, shapes, slicing_shapes

extents = st.integers(1, 4)
shape_lists = st.lists(extents, max_size=4).map(tuple)
small_extents = st.sampled_from((1, 1, 2, 3))


def zeros(shape: tuple[int, ...]) -> np.ndarray:
    return np.zeros(shape, dtype=np.int8)


@given(st.lists(st.lists(small_extents, max_size=4).map(tuple), min_size=1, max_size=3))
def test_broadcast(operands: list[tuple[int, ...]]) -> None:
    try:
        expected = np.broadcast_shapes(*operands)
    except ValueError:
        with pytest.raises(VerifyException, match="broadcasts with"):
            shapes.broadcast_shapes(*operands)
    else:
        assert shapes.broadcast_shapes(*operands) == expected


@given(
    st.lists(small_extents, min_size=1, max_size=4).map(tuple),
    st.lists(small_extents, min_size=1, max_size=4).map(tuple),
    st.booleans(),
    st.booleans(),
)
def test_matmul(a: tuple[int, ...], b: tuple[int, ...], transpose_a: bool, transpose_b: bool) -> None:
    left = zeros(a).swapaxes(-1, -2) if transpose_a and len(a) > 1 else zeros(a)
    right = zeros(b).swapaxes(-1, -2) if transpose_b and len(b) > 1 else zeros(b)
    try:
        expected = (left @ right).shape or (1,)
    except ValueError:
        with pytest.raises(VerifyException, match="operand 'b'"):
            shapes.matmul_shape(a, b, transpose_a, transpose_b)
    else:
        assert shapes.matmul_shape(a, b, transpose_a, transpose_b) == expected


@given(shape_lists, st.data(), st.booleans())
def test_reduction(shape: tuple[int, ...], data: st.DataObject, keep_dim: bool) -> None:
    rank = len(shape)
    axes = data.draw(st.none() | st.lists(st.integers(0, rank - 1), unique=True) if rank else st.none())
    dims = None if axes is None else [a - rank if data.draw(st.booleans()) else a for a in axes]
    expected = zeros(shape).sum(axis=None if dims is None else tuple(dims), keepdims=keep_dim)

    assert shapes.reduced_shape(shape, dims, keep_dim) == expected.shape


@given(st.lists(st.integers(1, 6), min_size=1, max_size=3).map(tuple), st.data())
def test_slice(shape: tuple[int, ...], data: st.DataObject) -> None:
    begins, ends, steps = [], [], []
    for extent in shape:
        begin = data.draw(st.integers(-extent, extent - 1))
        end = data.draw(st.integers(-extent, extent))
        first, last = begin % extent, end + extent if end < 0 else end
        step = data.draw(st.integers(1, 3)) * (1 if last >= first else -1)
        begins.append(begin)
        ends.append(end)
        steps.append(step)

    expected = tuple(len(range(b, e, s)) for b, e, s in slicing_shapes.slice_bounds(shape, begins, ends, steps))
    assert slicing_shapes.sliced_shape(shape, begins, ends, steps) == expected


@given(shape_lists, st.data())
def test_permute_and_transpose(shape: tuple[int, ...], data: st.DataObject) -> None:
    order = data.draw(st.permutations(range(len(shape))))

    assert data_movement_shapes.permuted_shape(shape, order) == zeros(shape).transpose(order).shape
    assume(len(shape) >= 2)
    axes = st.integers(-len(shape), len(shape) - 1)
    first, second = data.draw(axes), data.draw(axes)
    assert data_movement_shapes.transposed_shape(shape, first, second) == zeros(shape).swapaxes(first, second).shape


@given(st.lists(st.integers(0, 4), max_size=3).map(tuple), st.lists(st.integers(-1, 6), max_size=3))
def test_reshape(shape: tuple[int, ...], target: list[int]) -> None:
    # NumPy refuses to choose an extent where there are no elements; tt-mlir takes the one of the result.
    assume(not (0 in shape and {0, -1} <= set(target)))
    try:
        expected = zeros(shape).reshape(target).shape
    except ValueError:
        with pytest.raises(VerifyException, match="attribute 'shape'"):
            data_movement_shapes.reshaped_shape(shape, target)
    else:
        assert data_movement_shapes.reshaped_shape(shape, target) == expected


@given(shape_lists, st.data())
def test_squeeze_and_unsqueeze(shape: tuple[int, ...], data: st.DataObject) -> None:
    axis = data.draw(st.integers(-len(shape) - 1, len(shape)))
    longer = np.expand_dims(zeros(shape), axis).shape

    assert data_movement_shapes.unsqueezed_shape(shape, axis) == longer
    assume(len(shape) >= 1)
    assert data_movement_shapes.squeezed_shape(longer, axis) == shape


@given(st.integers(-9, 9), st.integers(-9, 9), st.integers(-4, 4))
def test_arange_rounds_a_partial_step_away(start: int, end: int, step: int) -> None:
    whole = int((end - start) / step) if step else 0
    if whole <= 0:
        with pytest.raises(VerifyException, match=r"attribute '(step|end)'"):
            shapes.arange_length(start, end, step)
    else:
        assert shapes.arange_length(start, end, step) == whole
