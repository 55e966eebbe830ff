"""What the machine model needs to know of a kernel, and what it answers, in terms of the IR."""

from __future__ import annotations

from math import prod

from tilewright.dialects import tile
from tilewright.dialects.tile import KernelOp, Placement, TileInfo, tile_info
from tilewright.dialects.ttcore import LoadCachedOp
from tilewright.machine.blocks import KernelShape, Operand, OpModel


def kernel_shape(op: KernelOp) -> KernelShape:
    """The extents, formats and precision of `op`, as the machine's costs and legal models take them."""
    result = tile_info(op.output)
    precision = op.precision.choices
    inputs = [tile_info(v) for v in op.operands]
    *batch, rows, cols = result.grid
    kind, inner = "eltwise", 0
    reduce_dim = "c"
    match op:
        case tile.MatmulOp():
            kind, inner = "matmul", inputs[0].grid[-1]
        case tile.ReduceOp():
            kind, inner = "reduce", max(1, _tiles(inputs[0]) // _tiles(result))
            reduce_dim = "c" if len(inputs[0].logical) - 1 in op.axes else "r"
        case tile.SoftmaxOp() | tile.LayerNormOp():
            kind, inner = "fused_row", cols
        case _ if op.kernel in _MOVEMENT:
            kind = "movement"
        case _:
            pass
    return KernelShape(
        kernel=op.kernel,
        kind=kind,
        batch=prod(batch),
        out_tiles=(rows, cols),
        inner_tiles=inner,
        inputs=tuple(
            Operand(
                format=info.format,
                tiles=_read_tiles(op, index, info, result),
                resident=isinstance(value.owner, LoadCachedOp),
                broadcast=kind == "eltwise" and _tiles(info) < _tiles(result),
            )
            for index, (value, info) in enumerate(zip(op.operands, inputs, strict=True))
        ),
        output_format=result.format,
        accumulate_format=precision.accumulate,
        intermediate_format=precision.intermediate,
        fidelity=precision.fidelity,
        reduce_dim=reduce_dim,
    )


_MOVEMENT = frozenset(t.name.removeprefix("tile.") for t in tile.MOVEMENT_OPS)


def _tiles(info: TileInfo) -> int:
    return prod(info.grid)


def _read_tiles(op: KernelOp, index: int, info: TileInfo, result: TileInfo) -> int:
    """Tiles that the kernel reads of an operand: an embedding reads a row of its table for each index, no more."""
    if isinstance(op, tile.EmbeddingOp) and index == 1:
        return min(_tiles(info), _tiles(result))
    return _tiles(info)


def placement_of(model: OpModel, origin: tuple[int, int] = (0, 0)) -> Placement:
    """The placement that puts `model` on the grid, its first core at `origin`."""
    return Placement(
        origin,
        model.grid,
        model.t,
        model.mblock,
        model.ublock,
        model.m_k,
        model.u_kt,
        model.buf_size_mb,
        model.resident,
        model.l1_bytes,
    )


def model_of(placement: Placement) -> OpModel:
    """The machine's view of a placement; its L1 buffers are known by their sum alone."""
    return OpModel(
        grid=placement.grid,
        t=placement.t,
        mblock=placement.mblock,
        ublock=placement.ublock,
        m_k=placement.m_k,
        u_kt=placement.u_kt,
        buffers=(("all", placement.l1),),
        l1_bytes=placement.l1,
        buf_size_mb=placement.buffers,
        resident=placement.resident,
    )
