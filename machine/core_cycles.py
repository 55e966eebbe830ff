"""Cycles that one core needs for its part of an op, operands arriving by streams and the result leaving by one.

Unpack, math and pack run at the same time on different ublocks, so a ublock takes as long as the slowest of: handing it
through (:class:`~tilewright.machine.kernel_weights.IssueCost`), the engine, and the streams. docs/machine.md derives
the terms; the constants are in :mod:`tilewright.machine.kernel_weights`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tilewright.machine.blocks import KernelShape, OpModel
from tilewright.machine.kernel_weights import ArchWeights, IssueCost, weights_of
from tilewright.machine.kernels import Engine, Step, kernel_named
from tilewright.support.dataformat import TILE_DIM, DataFormat

if TYPE_CHECKING:
    from tilewright.machine.device import Device

_DATUMS = TILE_DIM * TILE_DIM
_MACS = TILE_DIM**3


def core_cycles(device: Device, shape: KernelShape, model: OpModel) -> float:
    """Cycles that each core of `model` is busy with `shape`."""
    weights = weights_of(device.arch)
    if shape.kind == "matmul":
        return _matmul_cycles(device, weights, shape, model)
    if shape.kind == "reduce":
        return _reduce_cycles(device, weights, shape, model)
    if shape.kind == "fused_row":
        return _fused_cycles(device, weights, shape, model)
    return _single_pass_cycles(device, weights, shape, model)


def _matmul_cycles(device: Device, weights: ArchWeights, shape: KernelShape, model: OpModel) -> float:
    """m_k steps a block: each but the last leaves partial results in L1, each but the first reloads them."""
    matmul = weights.matmul
    (m, n), (rt, ct) = model.mblock, model.ublock
    tiles, ublocks = rt * ct, m * n
    phase_cycles = _MACS / device.core.macs_per_clk
    unpacked = tiles + min(rt, ct)
    multiply = model.u_kt * (phase_cycles * shape.fidelity.value * tiles + matmul.unpack_issue * unpacked)
    partial_bytes = tiles * device.tile_bytes(shape.intermediate_format)
    result_bytes = tiles * device.tile_bytes(shape.output_format)
    result = max(matmul.result.cycles(tiles), result_bytes / matmul.out_bytes_per_clk)
    partial = max(matmul.partial.cycles(tiles), partial_bytes / device.core.pack_bytes_per_clk)
    reload = matmul.reload + partial_bytes / device.core.unpack_bytes_per_clk

    strip_bytes = [
        strip * model.u_kt * device.tile_bytes(operand.format)
        for strip, operand in zip((m * rt, n * ct), shape.inputs, strict=False)
    ]
    rates = (matmul.in0_bytes_per_clk, matmul.in1_bytes_per_clk)
    streams = max(
        (
            strip / rate
            for index, (strip, rate) in enumerate(zip(strip_bytes, rates, strict=True))
            if index not in model.resident
        ),
        default=0.0,
    )
    # A bias is added while the result is in dest: no trip through L1, only the datums' way through the engine.
    bias = (len(shape.inputs) - 2) * tiles * _DATUMS / device.core.eltwise_per_clk
    if model.m_k == 1:
        block = max(ublocks * max(multiply + bias, result), streams)
    else:
        first = max(ublocks * max(multiply, partial), streams)
        later = max(ublocks * (multiply + reload), streams)
        block = first + (model.m_k - 1) * later + ublocks * bias
    return model.t * block


def _reduce_cycles(device: Device, weights: ArchWeights, shape: KernelShape, model: OpModel) -> float:
    rt, ct = model.ublock
    tiles = rt * ct * model.u_kt
    stream = tiles * device.tile_bytes(shape.inputs[0].format) / weights.reduce_bytes_per_clk
    engine = weights.reduce_tile[shape.reduce_dim] * tiles
    return weights.reduce_start + _steps(model) * max(weights.reduce_ublock, engine, stream)


def _single_pass_cycles(device: Device, weights: ArchWeights, shape: KernelShape, model: OpModel) -> float:
    """Element-wise kernels and data movement: each tile passes once."""
    rt, ct = model.ublock
    tiles = rt * ct
    kernel = kernel_named(shape.kernel)
    several = len(shape.inputs) > 1
    steps = kernel.binary_steps if several and kernel.binary_steps is not None else kernel.steps
    issue = weights.binary if several and shape.kind == "eltwise" else weights.unary
    engines = sum(_engine_cycles(device, weights, step, shape, tiles) for step in steps)
    return _steps(model) * max(issue.cycles(tiles), engines, _stream_cycles(device, weights, shape, model, tiles))


def _stream_cycles(device: Device, weights: ArchWeights, shape: KernelShape, model: OpModel, tiles: int) -> float:
    """Cycles for the operands of a ublock of `tiles` to arrive; what repeats or stays in L1 is not waited for."""
    if shape.kind == "movement":
        # Several sources are gathered into one stream.
        rate = weights.gather_bytes_per_clk if len(shape.inputs) > 1 else weights.unary_bytes_per_clk
        return tiles * device.tile_bytes(shape.output_format) / rate
    streamed = [
        operand for index, operand in enumerate(shape.inputs) if not operand.broadcast and index not in model.resident
    ]
    rate = weights.binary_bytes_per_clk if len(streamed) > 1 else weights.unary_bytes_per_clk
    return max((tiles * device.tile_bytes(operand.format) / rate for operand in streamed), default=0.0)


def _fused_cycles(device: Device, weights: ArchWeights, shape: KernelShape, model: OpModel) -> float:
    """The steps one after the other, between buffers in L1; only the first reads and the last writes a stream."""
    rt, ct = model.ublock
    tiles = rt * ct
    kernel = kernel_named(shape.kernel)
    extra = kernel.per_extra_input * (len(shape.inputs) - 1)
    cycles = 0.0
    for step in (*kernel.steps, *extra):
        # Statistics have one tile per row of tiles, so one ublock of rt tiles per row of ublocks.
        step_tiles = rt if step.per_row else tiles
        ublocks = model.mblock[0] * (1 if step.per_row else model.mblock[1])
        cycles += ublocks * _local_cycles(device, weights, step, shape, step_tiles)
    stream = model.mblock[0] * model.mblock[1] * _stream_cycles(device, weights, shape, model, tiles)
    return model.t * max(cycles, stream)


def _local_cycles(device: Device, weights: ArchWeights, step: Step, shape: KernelShape, tiles: int) -> float:
    """One step over a ublock of `tiles` between buffers in L1."""
    moved = tiles * device.tile_bytes(shape.intermediate_format)
    issue: IssueCost = weights.matmul.partial
    return max(
        issue.cycles(tiles),
        _engine_cycles(device, weights, step, shape, tiles),
        moved / device.core.unpack_bytes_per_clk,
        moved / device.core.pack_bytes_per_clk,
    )


def _engine_cycles(device: Device, weights: ArchWeights, step: Step, shape: KernelShape, tiles: int) -> float:
    """Cycles that `step` occupies its engine for `tiles` tiles."""
    vectors = _DATUMS / device.core.vector_lanes
    if step.engine is Engine.vector:
        per_vector = sum(weights.vector_cycles[name] for name in step.vector_functions)
        if _is_int32(shape):
            per_vector = max(per_vector, weights.int32_vector_cycles)
        return weights.vector_ublock + tiles * (weights.vector_tile + vectors * per_vector)
    if step.engine is Engine.reduce:
        return weights.reduce_tile["c"] * tiles
    if step.engine in (Engine.fpu, Engine.fpu_multiply):
        if _is_int32(shape):
            return weights.vector_ublock + tiles * (weights.vector_tile + vectors * weights.int32_vector_cycles)
        phases = shape.fidelity.value if step.engine is Engine.fpu_multiply else 1
        return phases * tiles * _DATUMS / device.core.eltwise_per_clk
    return 0.0


def _is_int32(shape: KernelShape) -> bool:
    return any(operand.format in (DataFormat.Int32, DataFormat.UInt32) for operand in shape.inputs)


def _steps(model: OpModel) -> int:
    """Ublocks that pass through a core: over time, over the block, over the inner dimension."""
    return model.t * model.mblock[0] * model.mblock[1] * model.m_k
