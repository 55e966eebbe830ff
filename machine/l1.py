"""What an op keeps in the L1 of each of its cores.

Source of the layout: tt-buda's balancer: inputs two strips of one ublock, output ``buf_size_mb`` blocks, parameters
whole, partial results one block.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tilewright.machine.blocks import KernelShape, OpModel

if TYPE_CHECKING:
    from tilewright.machine.device import Device

INPUT_BUFFERING = 2
"""Strips of a streamed input in L1: one is worked on while the next arrives."""

FUSED_INTERMEDIATES = 2
"""Row-wide buffers that a fused_row kernel needs between its steps: the centred or exponentiated row, and its square or
product."""


def with_buffers(device: Device, shape: KernelShape, model: OpModel) -> OpModel:
    """`model` with its ``buffers`` and ``l1_bytes`` filled in; sizes in bytes per core, tiles aligned as in memory."""
    buffers = [_input_buffer(device, shape, model, index) for index in range(len(shape.inputs))]
    rows, cols = model.block_tiles
    block = rows * cols
    buffers.append(("out", model.buf_size_mb * block * device.tile_bytes(shape.output_format)))
    intermediate = device.tile_bytes(shape.intermediate_format)
    if shape.kind == "fused_row":
        row_of_ublocks = model.ublock[0] * cols
        statistics = 2 * model.ublock[0]
        buffers.append(("intermed", (FUSED_INTERMEDIATES * row_of_ublocks + statistics) * intermediate))
    elif model.m_k > 1:
        buffers.append(("intermed", block * intermediate))
    return replace(model, buffers=tuple(buffers), l1_bytes=sum(size for _, size in buffers))


def resident_tiles(shape: KernelShape, model: OpModel, index: int) -> int:
    """Tiles of input `index` that each core of `model` needs over the whole run of the op."""
    operand = shape.inputs[index]
    rows, cols = model.block_tiles
    if shape.kind == "matmul" and index < 2:
        if index == 0:
            return model.t * rows * shape.inner_tiles
        batches = operand.tiles // (shape.inner_tiles * shape.out_tiles[1])
        return max(batches, 1) * shape.inner_tiles * cols
    return min(operand.tiles, model.tiles_per_core)


def _input_buffer(device: Device, shape: KernelShape, model: OpModel, index: int) -> tuple[str, int]:
    operand = shape.inputs[index]
    tile = device.tile_bytes(operand.format)
    if index in model.resident:
        return f"param{index}", resident_tiles(shape, model, index) * tile
    return f"in{index}", INPUT_BUFFERING * min(_strip_tiles(shape, model, index), operand.tiles) * tile


def _strip_tiles(shape: KernelShape, model: OpModel, index: int) -> int:
    """Tiles of input `index` that one step needs: what arrives together."""
    (rt, ct), (rows, cols) = model.ublock, model.block_tiles
    if shape.kind == "matmul" and index < 2:
        return (rows if index == 0 else cols) * model.u_kt
    if shape.kind == "reduce":
        return rt * ct * model.u_kt
    if shape.kind == "fused_row":
        # A row is needed more than once, so all of it must be there.
        return rt * cols
    return rt * ct
