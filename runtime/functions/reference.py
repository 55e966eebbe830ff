"""The meaning of the `tile` dialect's kernels, executed literally: core by core, block by block, tile by tile.

Slow on purpose: this is the definition that the vectorised modes are tested against. A kernel without a placement runs
on one core, its tiles in row-major order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from math import prod
from typing import cast

import torch

from tilewright.dialects import tile
from tilewright.dialects.tile import KernelOp, TileInfo, tile_info
from tilewright.runtime.formats import fidelity_terms, src_operand
from tilewright.runtime.functions.tile import TileFunctions, checked_indices, convert, for_packer, logical_movement
from tilewright.runtime.interpreter import Interpreter, Step, implements
from tilewright.runtime.kernels import arithmetic
from tilewright.runtime.kernels.exact import dest_rounding, masked, padded, spill_of
from tilewright.runtime.kernels.values import TileValue, pack, storage_dtype
from tilewright.support.dataformat import TILE_DIM
from tilewright.support.errors import InternalError


@dataclass(frozen=True, slots=True)
class TileIndex:
    """One tile of a result.

    Attributes:
        batch: Index along each dimension before the last two.
        row: Row of tiles.
        col: Column of tiles.
    """

    batch: tuple[int, ...]
    row: int
    col: int

    @property
    def window(self) -> tuple[int | slice, ...]:
        """The tile's datums in padded data."""
        row, col = self.row * TILE_DIM, self.col * TILE_DIM
        return (*self.batch, slice(row, row + TILE_DIM), slice(col, col + TILE_DIM))


def tiles_of(op: KernelOp) -> Iterator[TileIndex]:
    """The tiles of `op`'s result in the order in which its cores, each on its own, compute them.

    Batch dimensions and rows of tiles form one sequence of rows: over t, then over core rows, then over the rows of a
    block; columns go over core columns, then over the columns of a block.

    Raises:
        InternalError: the placement does not cover the result exactly.
    """
    info = tile_info(op.output)
    *batch, rows, cols = info.grid
    total_rows = prod(batch) * rows

    def index(row: int, col: int) -> TileIndex:
        flat, row = divmod(row, rows)
        position: list[int] = []
        for extent in reversed(batch):
            flat, i = divmod(flat, extent)
            position.insert(0, i)
        return TileIndex(tuple(position), row, col)

    if op.placement is None:
        yield from (index(r, c) for r in range(total_rows) for c in range(cols))
        return
    place = op.placement.placement
    (core_rows, core_cols), (m, n), (rt, ct) = place.grid, place.mblock, place.ublock
    if place.t * core_rows * m * rt != total_rows or core_cols * n * ct != cols:
        raise InternalError(
            f"the placement of {op.name} covers {place.t * core_rows * m * rt}x{core_cols * n * ct} tiles, "
            f"its result has {total_rows}x{cols}"
        )
    for core_row in range(core_rows):
        for core_col in range(core_cols):
            for t in range(place.t):
                for ublock_row in range(m):
                    for ublock_col in range(n):
                        for r in range(rt):
                            for c in range(ct):
                                row = (t * core_rows + core_row) * m * rt + ublock_row * rt + r
                                col = core_col * n * ct + ublock_col * ct + c
                                yield index(row, col)


def operand_tile(data: torch.Tensor, info: TileInfo, result: TileInfo, at: TileIndex) -> torch.Tensor:
    """The 32x32 datums that an element-wise kernel reads of an operand for the result tile `at`, broadcast applied."""
    position = _batch_of(info, at)
    one_row = info.matrix[-2] == 1 and result.matrix[-2] != 1
    one_col = info.matrix[-1] == 1 and result.matrix[-1] != 1
    source = TileIndex(position, 0 if one_row else at.row, 0 if one_col else at.col)
    found = data[source.window]
    if one_row:
        found = found[:1].expand(TILE_DIM, -1)
    if one_col:
        found = found[:, :1].expand(-1, TILE_DIM)
    return found.contiguous()


ComputeTile = Callable[[TileIndex], torch.Tensor]
"""The datums of one result tile before packing: 32x32, ours to overwrite."""


def run_tiles(op: KernelOp, compute: ComputeTile) -> TileValue:
    """Compute and pack each tile of `op`'s result."""
    info, precision = tile_info(op.output), op.precision.choices
    out = torch.zeros(padded(info), dtype=storage_dtype(info.format))
    for at in tiles_of(op):
        out[at.window] = pack(compute(at), info, precision, first_column=at.col * TILE_DIM)
    return TileValue(out, info)


class ReferenceTileFunctions(TileFunctions):
    """Kernels tile by tile (mode reference)."""

    @implements(*(t for t in tile.ELEMENTWISE_OPS if issubclass(t, tile.UnaryOp)))
    def unary(self, op: KernelOp, interpreter: Interpreter) -> Step:
        function = arithmetic.UNARY[op.kernel]

        def step(x: TileValue) -> Sequence[TileValue]:
            return (run_tiles(op, lambda at: function(x.data[at.window].contiguous()).to(torch.float32)),)

        return step

    @implements(tile.TypecastOp)
    def typecast(self, op: tile.TypecastOp, interpreter: Interpreter) -> Step:
        info, precision = tile_info(op.output), op.precision.choices

        def step(x: TileValue) -> Sequence[TileValue]:
            out = torch.zeros(padded(info), dtype=storage_dtype(info.format))
            source = x.data if info.format.is_float else masked(x.data, x.info, 0.0)
            for at in tiles_of(op):
                data = source[at.window].contiguous()
                if info.format.is_float:
                    data = pack(data.to(torch.float32, copy=True), info, precision, first_column=at.col * TILE_DIM)
                else:
                    data = convert(data, x.info.format, info, precision)
                out[at.window] = data
            return (TileValue(out, info),)

        return step

    @implements(tile.ClampOp)
    def clamp(self, op: tile.ClampOp, interpreter: Interpreter) -> Step:
        low, high = op.low.value.data, op.high.value.data

        def step(x: TileValue) -> Sequence[TileValue]:
            return (run_tiles(op, lambda at: x.data[at.window].clamp(low, high)),)

        return step

    @implements(*(t for t in tile.ELEMENTWISE_OPS if issubclass(t, tile.BinaryOp)))
    def binary(self, op: tile.BinaryOp, interpreter: Interpreter) -> Step:
        info, function = tile_info(op.output), arithmetic.BINARY[op.kernel]

        def step(*values: TileValue) -> Sequence[TileValue]:
            def compute(at: TileIndex) -> torch.Tensor:
                tiles = [operand_tile(v.data, v.info, info, at) for v in values]
                return for_packer(function(*tiles), info)

            return (run_tiles(op, compute),)

        return step

    @implements(tile.MultiplyOp)
    def multiply(self, op: tile.MultiplyOp, interpreter: Interpreter) -> Step:
        info, precision = tile_info(op.output), op.precision.choices

        def step(a: TileValue, b: TileValue) -> Sequence[TileValue]:
            def compute(at: TileIndex) -> torch.Tensor:
                x = operand_tile(a.data, a.info, info, at)
                y = operand_tile(b.data, b.info, info, at)
                total: torch.Tensor | None = None
                for part_a, part_b in fidelity_terms(precision.fidelity):
                    product = src_operand(x, a.info.format, "SrcA", part_a) * src_operand(
                        y, b.info.format, "SrcB", part_b
                    )
                    total = product if total is None else total + product
                assert total is not None  # every fidelity has a term
                return total

            return (run_tiles(op, compute),)

        return step

    @implements(tile.WhereOp)
    def where(self, op: tile.WhereOp, interpreter: Interpreter) -> Step:
        info = tile_info(op.output)

        def step(*values: TileValue) -> Sequence[TileValue]:
            def compute(at: TileIndex) -> torch.Tensor:
                condition, x, y = [operand_tile(v.data, v.info, info, at) for v in values]
                return for_packer(torch.where(condition != 0, x, y), info)

            return (run_tiles(op, compute),)

        return step

    @implements(tile.MatmulOp)
    def matmul(self, op: tile.MatmulOp, interpreter: Interpreter) -> Step:
        precision = op.precision.choices
        inner_tiles = tile_info(op.in0).grid[-1]
        spill = spill_of(op)
        round_dest = dest_rounding(precision)

        def step(in0: TileValue, in1: TileValue, bias: TileValue | None = None) -> Sequence[TileValue]:
            def compute(at: TileIndex) -> torch.Tensor:
                left, right = _batch_of(in0.info, at), _batch_of(in1.info, at)
                total: torch.Tensor | None = None
                for k in range(inner_tiles):
                    x = in0.data[TileIndex(left, at.row, k).window].contiguous()
                    if op.transposed:
                        y = in1.data[TileIndex(right, at.col, k).window].t().contiguous()
                    else:
                        y = in1.data[TileIndex(right, k, at.col).window].contiguous()
                    for part_a, part_b in fidelity_terms(precision.fidelity):
                        partial = torch.mm(
                            src_operand(x, in0.info.format, "SrcB", part_b),
                            src_operand(y, in1.info.format, "SrcA", part_a),
                        )
                        total = partial if total is None else total + partial
                    assert total is not None  # every fidelity has a term
                    total = round_dest(total)
                    if spill is not None and (k + 1) % spill.tiles == 0 and k + 1 < inner_tiles:
                        total = pack(total, spill.info, precision, first_column=at.col * TILE_DIM)
                assert total is not None  # the inner dimension has at least one tile
                if bias is not None:
                    row = bias.data[:1, at.col * TILE_DIM : (at.col + 1) * TILE_DIM]
                    total = round_dest(total + row)
                return total

            return (run_tiles(op, compute),)

        return step

    @implements(tile.ReduceSumOp, tile.ReduceMeanOp, tile.ReduceMaxOp, tile.ReduceMinOp)
    def reduce(self, op: tile.ReduceOp, interpreter: Interpreter) -> Step:
        source, precision = tile_info(op.input), op.precision.choices
        kernel = "reduce_sum" if op.kernel == "reduce_mean" else op.kernel
        scale = 1.0 / prod(source.logical[a] for a in op.axes) if op.kernel == "reduce_mean" else 1.0
        dims = tuple(a - len(source.logical) for a in op.axes)

        def step(x: TileValue) -> Sequence[TileValue]:
            data = masked(x.data, x.info, arithmetic.NEUTRAL[kernel])

            def compute(at: TileIndex) -> torch.Tensor:
                window = list(at.window)
                for axis, i in enumerate(window):
                    from_end = axis - len(window)
                    if from_end in dims:
                        window[axis] = slice(None)
                    elif isinstance(i, int):
                        window[axis] = slice(i, i + 1)
                part = arithmetic.reduce_dims(data[tuple(window)].contiguous(), dims, kernel, dest_rounding(precision))
                out = torch.zeros(TILE_DIM, TILE_DIM)
                part = part.reshape(part.shape[-2:])
                out[: part.shape[0], : part.shape[1]] = part
                return out * scale

            return (run_tiles(op, compute),)

        return step

    @implements(tile.SoftmaxOp)
    def softmax(self, op: tile.SoftmaxOp, interpreter: Interpreter) -> Step:
        info, precision, scale = tile_info(op.output), op.precision.choices, op.scale.value.data

        def step(x: TileValue, mask: TileValue | None = None) -> Sequence[TileValue]:
            def row(at: TileIndex) -> torch.Tensor:
                strip = x.data[(*at.window[:-1], slice(None))] * scale
                if mask is not None:
                    tiles = [
                        operand_tile(mask.data, mask.info, info, TileIndex(at.batch, at.row, c))
                        for c in range(info.grid[-1])
                    ]
                    strip = strip + torch.cat(tiles, -1)
                return arithmetic.softmax_rows(strip, info.matrix[-1], dest_rounding(precision))

            return (run_tiles(op, _cut_from_rows(row)),)

        return step

    @implements(tile.LayerNormOp)
    def layer_norm(self, op: tile.LayerNormOp, interpreter: Interpreter) -> Step:
        info, precision, epsilon = tile_info(op.output), op.precision.choices, op.epsilon.value.data
        has_weight, has_bias = op.weight is not None, op.bias is not None

        def step(x: TileValue, *affine: TileValue) -> Sequence[TileValue]:
            rows = iter(v.data[0] for v in affine)
            weight = next(rows) if has_weight else None
            bias = next(rows) if has_bias else None

            def row(at: TileIndex) -> torch.Tensor:
                strip = x.data[(*at.window[:-1], slice(None))].contiguous()
                out = arithmetic.normalise_rows(strip, info.matrix[-1], epsilon, dest_rounding(precision))
                if weight is not None:
                    out = out * weight
                return out if bias is None else out + bias

            return (run_tiles(op, _cut_from_rows(row)),)

        return step

    @implements(tile.EmbeddingOp)
    def embedding(self, op: tile.EmbeddingOp, interpreter: Interpreter) -> Step:
        info = tile_info(op.output)
        rows = tile_info(op.table).logical[0]
        fill = info.pad if info.pad is not None else 0.0

        def step(indices: TileValue, table: TileValue) -> Sequence[TileValue]:
            index = checked_indices(indices.logical, rows).reshape(info.matrix[:-1])

            def compute(at: TileIndex) -> torch.Tensor:
                out = torch.full((TILE_DIM, TILE_DIM), fill, dtype=table.data.dtype)
                for r, i in enumerate(cast("list[int]", index[at.window[:-1]].tolist())):
                    picked = table.logical[i, at.window[-1]]
                    out[r, : len(picked)] = picked
                return for_packer(out, info)

            return (run_tiles(op, compute),)

        return step

    @implements(
        tile.ReshapeOp,
        tile.BroadcastOp,
        tile.PermuteOp,
        tile.SliceOp,
        tile.ConcatOp,
        tile.SplitHeadsOp,
        tile.ConcatHeadsOp,
    )
    def movement(self, op: KernelOp, interpreter: Interpreter) -> Step:
        info = tile_info(op.output)
        move = logical_movement(op)
        fill = info.pad if info.pad is not None else 0.0
        # Where each element of the result comes from, found by moving the elements' own positions.
        positions: list[torch.Tensor] = []
        start = 0
        for operand in op.operands:
            logical = tile_info(operand).logical
            positions.append(torch.arange(start, start + prod(logical)).reshape(logical))
            start += prod(logical)
        source = move(positions).reshape(info.matrix)

        def step(*values: TileValue) -> Sequence[TileValue]:
            elements = torch.cat([v.logical.reshape(-1) for v in values])

            def compute(at: TileIndex) -> torch.Tensor:
                out = torch.full((TILE_DIM, TILE_DIM), fill, dtype=elements.dtype)
                part = source[at.window]
                out[: part.shape[0], : part.shape[1]] = elements[part]
                return for_packer(out, info)

            return (run_tiles(op, compute),)

        return step

    @implements(tile.FillPadOp)
    def fill_pad(self, op: tile.FillPadOp, interpreter: Interpreter) -> Step:
        info, value = tile_info(op.output), op.value.value.data

        def step(x: TileValue) -> Sequence[TileValue]:
            matrix = x.logical.reshape(info.matrix)

            def compute(at: TileIndex) -> torch.Tensor:
                part = matrix[at.window]
                out = part.new_full((TILE_DIM, TILE_DIM), value)
                out[: part.shape[0], : part.shape[1]] = part
                return for_packer(out, info)

            return (run_tiles(op, compute),)

        return step


def _batch_of(info: TileInfo, at: TileIndex) -> tuple[int, ...]:
    """The batch index of an operand for the result tile `at`, broadcast applied."""
    batch = info.matrix[:-2]
    position = at.batch[len(at.batch) - len(batch) :] if batch else ()
    return tuple(0 if extent == 1 else i for extent, i in zip(batch, position, strict=True))


def _cut_from_rows(row: Callable[[TileIndex], torch.Tensor]) -> ComputeTile:
    """A tile computation for a kernel that computes whole rows of tiles; the last row is kept, as tiles come in
    rows."""
    last: dict[tuple[tuple[int, ...], int], torch.Tensor] = {}

    def compute(at: TileIndex) -> torch.Tensor:
        key = (at.batch, at.row)
        if key not in last:
            last.clear()
            last[key] = row(at)
        return last[key][:, at.window[-1]].clone()

    return compute
