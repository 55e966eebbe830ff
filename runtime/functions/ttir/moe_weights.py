"""The weights of experts as `ttir.moe_gpt` takes them, packed for a ring of twelve cores.

Columns are cut into tiles of 32, and core c has the next 8 of them where c mod 4 is 0 or 1, else the next 7: 90 tiles
in all, padded to 8 for each core. A group of the gates and ups has two tiles, each as 32 columns of the gate before
those of the up; a group of the down projection has four tiles. The rows of the down projection stand on core c in the
order in which the intermediate numbers reach it on the ring: those that core c made, those of core c - 1, and so on.

The bias of a matrix, where it has one, is the first of 32 rows below the others; the rest of these are padding.

Source: the packing of GPT-OSS's weights in tt-metal (``models/demos/gpt_oss/tt/experts_throughput/weights.py``), and
the kernels' table of tiles (``ccl/moe_gpt/.../moe_gpt_ring_common.h``). It is published for these twelve cores and 90
tiles alone. In which memory bank the part of a core is depends on the machine, and is not part of a tensor.
"""

from __future__ import annotations

from itertools import accumulate
from typing import NamedTuple

import torch

from tilewright.support.tiling import TILE_DIM

CORES = 12
"""The cores on the ring."""

_TILES = tuple(8 if core % 4 < 2 else 7 for core in range(CORES))
_SLOTS = max(_TILES)

FEATURES = sum(_TILES) * TILE_DIM
"""Columns of each matrix, and rows without the bias."""

GROUPS_OF_GATE_UP, GROUPS_OF_DOWN = _SLOTS // 2, _SLOTS // 4
"""Groups of columns on a core, of 128 columns each."""

ROWS = (FEATURES, FEATURES + TILE_DIM)
"""The numbers of rows that a packed matrix has: without a bias, and with one."""


class Matrices(NamedTuple):
    """A matrix (rows, columns) for each expert, and a bias (columns) if there is one."""

    weights: torch.Tensor
    biases: torch.Tensor | None


def unpacked_gate_up(packed: torch.Tensor) -> tuple[Matrices, Matrices]:
    """Gates and ups, of the packed tensor (CORES, experts, GROUPS_OF_GATE_UP, rows, 128)."""
    cores, experts, groups, rows, _ = packed.shape
    tiles = packed.reshape(cores, experts, groups, rows, 2, 2, TILE_DIM).permute(5, 1, 3, 0, 2, 4, 6)
    gate, up = _columns(tiles.reshape(2, experts, rows, cores * _SLOTS, TILE_DIM))
    return _with_bias(gate), _with_bias(up)


def unpacked_down(packed: torch.Tensor) -> Matrices:
    """Down projections, of the packed tensor (CORES, experts, GROUPS_OF_DOWN, rows, 128)."""
    cores, experts, groups, rows, _ = packed.shape
    in_order = torch.stack([packed[core].index_select(2, _rows_on(core, rows)) for core in range(cores)])
    tiles = in_order.reshape(cores, experts, groups, rows, 4, TILE_DIM).permute(1, 3, 0, 2, 4, 5)
    return _with_bias(_columns(tiles.reshape(experts, rows, cores * _SLOTS, TILE_DIM)))


def _columns(tiles: torch.Tensor) -> torch.Tensor:
    """The columns that are no padding, of (.., cores x slots, 32)."""
    real = [core * _SLOTS + slot for core, count in enumerate(_TILES) for slot in range(count)]
    return tiles[..., real, :].flatten(-2)


def _rows_on(core: int, rows: int) -> torch.Tensor:
    """The place at which each row stands on `core`."""
    starts = [0, *accumulate(_TILES)]
    order = [
        row
        for step in range(CORES)
        for row in range(*(starts[(core - step) % CORES + end] * TILE_DIM for end in (0, 1)))
    ]
    return torch.cat([torch.tensor(order).argsort(), torch.arange(len(order), rows)])


def _with_bias(matrix: torch.Tensor) -> Matrices:
    """A matrix and its bias, of (.., rows, columns)."""
    has_bias = matrix.shape[-2] > FEATURES
    return Matrices(matrix[..., :FEATURES, :], matrix[..., FEATURES, :] if has_bias else None)
