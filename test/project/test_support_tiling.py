"""Shapes in tiles, against what the words "smallest number of tiles that covers it" say."""

from __future__ import annotations

from math import prod

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tilewright.support.dataformat import FACE_DIM, TILE_DIM
from tilewright.support.tiling import is_tile_aligned, matrix_shape, padded_shape, tile_grid_shape, tiles_along

EXTENTS = st.integers(min_value=0, max_value=10_000)
SHAPES = st.lists(st.integers(min_value=1, max_value=300), max_size=5).map(tuple)


@pytest.mark.parametrize(
    ("logical", "tiles", "padded"),
    [
        ((), (1, 1), (32, 32)),
        ((384,), (1, 12), (32, 384)),
        ((32, 32), (1, 1), (32, 32)),
        ((33, 31), (2, 1), (64, 32)),
        ((8, 100, 384), (8, 4, 12), (8, 128, 384)),
        ((2, 3, 1, 1), (2, 3, 1, 1), (2, 3, 32, 32)),
        ((0, 5), (0, 1), (0, 32)),
    ],
)
def test_known_shapes(logical: tuple[int, ...], tiles: tuple[int, ...], padded: tuple[int, ...]) -> None:
    assert tile_grid_shape(logical) == tiles
    assert padded_shape(logical) == padded
    assert is_tile_aligned(logical) == (padded == logical)


@given(EXTENTS)
def test_tiles_cover_the_extent_and_one_less_would_not(extent: int) -> None:
    tiles = tiles_along(extent)
    assert tiles * TILE_DIM >= extent
    assert (tiles - 1) * TILE_DIM < extent


@given(SHAPES)
def test_rank_is_at_least_two_and_no_element_is_lost(logical: tuple[int, ...]) -> None:
    matrix = matrix_shape(logical)
    assert len(matrix) == max(2, len(logical))
    assert matrix[len(matrix) - len(logical) :] == logical
    assert prod(matrix) == prod(logical)


@given(SHAPES)
def test_padding_is_less_than_a_tile_and_in_the_last_two_dimensions(logical: tuple[int, ...]) -> None:
    matrix, padded, tiles = matrix_shape(logical), padded_shape(logical), tile_grid_shape(logical)
    assert padded[:-2] == tiles[:-2] == matrix[:-2]
    for extent, whole, count in zip(matrix[-2:], padded[-2:], tiles[-2:], strict=True):
        assert whole == count * TILE_DIM
        assert 0 <= whole - extent < TILE_DIM


@given(SHAPES)
def test_padded_shapes_are_aligned(logical: tuple[int, ...]) -> None:
    assert is_tile_aligned(padded_shape(logical))
    assert padded_shape(padded_shape(logical)) == padded_shape(logical)


def test_tile_is_four_faces() -> None:
    assert TILE_DIM == 2 * FACE_DIM
