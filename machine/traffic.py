"""Bytes that an op moves between DRAM and cores.

In0 of a matmul is multicast along a row of cores and in1 along a column, so each datum is read from DRAM once; an input
that does not stay in L1 is read again for every t.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tilewright.machine.blocks import KernelShape, OpModel
from tilewright.machine.l1 import resident_tiles

if TYPE_CHECKING:
    from tilewright.machine.device import Device


@dataclass(frozen=True, slots=True)
class Traffic:
    """Bytes of one operand or result.

    Attributes:
        dram: Read from or written to DRAM, all cores together.
        core: That arrive at or leave one core.
        transfer: Size of one NoC transfer: a tile.
    """

    dram: int
    core: int
    transfer: int


def input_traffic(device: Device, shape: KernelShape, model: OpModel, index: int) -> Traffic:
    """What input `index` moves."""
    operand = shape.inputs[index]
    tile = device.tile_bytes(operand.format)
    if index in model.resident:
        return Traffic(operand.tiles * tile, resident_tiles(shape, model, index) * tile, tile)
    rows, cols = model.block_tiles
    # Times that a shared operand is read: once for every t, less those that only walk over its own batches.
    reads = model.t if shape.folds_batch else model.t // shape.batch
    if shape.kind == "matmul" and index == 0:
        return Traffic(operand.tiles * tile, model.t * rows * shape.inner_tiles * tile, tile)
    if shape.kind == "matmul" and index == 1:
        return Traffic(reads * operand.tiles * tile, model.t * shape.inner_tiles * cols * tile, tile)
    if operand.broadcast or shape.kind == "matmul":
        core = model.t * min(operand.tiles, rows * cols)
        return Traffic(min(reads * operand.tiles, core * model.cores) * tile, core * tile, tile)
    # Movement kernels read what ends up in the output, e.g. the rows of a table that are looked up.
    tiles = min(operand.tiles, shape.tiles) if shape.kind == "movement" else operand.tiles
    return Traffic(tiles * tile, -(-tiles // model.cores) * tile, tile)


def output_traffic(device: Device, shape: KernelShape, model: OpModel) -> Traffic:
    """What the result moves."""
    tile = device.tile_bytes(shape.output_format)
    return Traffic(shape.tiles * tile, model.tiles_per_core * tile, tile)
