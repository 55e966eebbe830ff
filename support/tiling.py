"""How a logical shape maps to tiles: the one definition of tiled shapes.

A tensor of rank 0 or 1 is seen as rank 2 with leading ones; the last two dimensions are cut into 32x32 tiles,
rounded up; every dimension before them stays as it is.
"""

from __future__ import annotations

from collections.abc import Sequence

from tilewright.support.dataformat import TILE_DIM


def matrix_shape(logical: Sequence[int]) -> tuple[int, ...]:
    """`logical` with leading ones up to rank 2: (384,) becomes (1, 384)."""
    return (1,) * (2 - len(logical)) + tuple(logical)


def tiles_along(extent: int) -> int:
    """Tiles that cover `extent` datums, rounded up."""
    return -(-extent // TILE_DIM)


def tile_grid_shape(logical: Sequence[int]) -> tuple[int, ...]:
    """Shape in tiles: (8, 100, 384) becomes (8, 4, 12)."""
    *batch, rows, cols = matrix_shape(logical)
    return (*batch, tiles_along(rows), tiles_along(cols))


def padded_shape(logical: Sequence[int]) -> tuple[int, ...]:
    """Shape in datums once padded to whole tiles: (8, 100, 384) becomes (8, 128, 384)."""
    *batch, rows, cols = matrix_shape(logical)
    return (*batch, tiles_along(rows) * TILE_DIM, tiles_along(cols) * TILE_DIM)


def is_tile_aligned(logical: Sequence[int]) -> bool:
    """Whether `logical` fills its tiles, so that no padding exists."""
    return padded_shape(logical) == matrix_shape(logical)
