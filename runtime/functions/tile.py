"""The meaning of the `tile` dialect's kernels on whole tensors: modes exact and fast."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import prod

import torch

from tilewright.dialects import tile
from tilewright.dialects.tile import KernelOp, TileInfo, tile_info
from tilewright.runtime.functions.boundary import BoundaryFunctions
from tilewright.runtime.interpreter import Interpreter, Step, implements
from tilewright.runtime.kernels import arithmetic, exact, fast
from tilewright.runtime.kernels.values import TileValue, pack, pad_to_tiles
from tilewright.support.dataformat import DataFormat
from tilewright.support.errors import NumericsError


class TileFunctions(BoundaryFunctions):
    """Kernels vectorised over whole tensors, with the bits of the documented machine (mode exact)."""

    @implements(*(t for t in tile.ELEMENTWISE_OPS if issubclass(t, tile.UnaryOp)))
    def unary(self, op: KernelOp, interpreter: Interpreter) -> Step:
        compute = arithmetic.UNARY[op.kernel]
        info, precision = tile_info(op.output), op.precision.choices

        def step(x: TileValue) -> Sequence[TileValue]:
            return (TileValue(pack(compute(x.data).to(torch.float32), info, precision), info),)

        return step

    @implements(tile.TypecastOp)
    def typecast(self, op: tile.TypecastOp, interpreter: Interpreter) -> Step:
        info, precision = tile_info(op.output), op.precision.choices

        def step(x: TileValue) -> Sequence[TileValue]:
            # What stands in the padding may be no number, which no integer stands for.
            data = x.data if info.format.is_float else exact.masked(x.data, x.info, 0.0)
            return (TileValue(convert(data, x.info.format, info, precision), info),)

        return step

    @implements(tile.ClampOp)
    def clamp(self, op: tile.ClampOp, interpreter: Interpreter) -> Step:
        info, precision = tile_info(op.output), op.precision.choices
        low, high = op.low.value.data, op.high.value.data

        def step(x: TileValue) -> Sequence[TileValue]:
            return (TileValue(pack(x.data.clamp(low, high), info, precision), info),)

        return step

    @implements(*(t for t in tile.ELEMENTWISE_OPS if issubclass(t, tile.BinaryOp)))
    def binary(self, op: tile.BinaryOp, interpreter: Interpreter) -> Step:
        compute = arithmetic.BINARY[op.kernel]
        info, precision = tile_info(op.output), op.precision.choices
        shape = exact.padded(info)

        def step(a: TileValue, b: TileValue) -> Sequence[TileValue]:
            out = for_packer(compute(*exact.operands_for((a, b), info)), info)
            return (TileValue(pack(exact.full_shape(out, shape), info, precision), info),)

        return step

    @implements(tile.MultiplyOp)
    def multiply(self, op: tile.MultiplyOp, interpreter: Interpreter) -> Step:
        info, precision = tile_info(op.output), op.precision.choices
        shape = exact.padded(info)

        def step(a: TileValue, b: TileValue) -> Sequence[TileValue]:
            out = exact.full_shape(exact.multiply(a, b, info, precision), shape)
            return (TileValue(pack(out, info, precision), info),)

        return step

    @implements(tile.WhereOp)
    def where(self, op: tile.WhereOp, interpreter: Interpreter) -> Step:
        info, precision = tile_info(op.output), op.precision.choices
        shape = exact.padded(info)

        def step(condition: TileValue, a: TileValue, b: TileValue) -> Sequence[TileValue]:
            c, x, y = exact.operands_for((condition, a, b), info)
            out = exact.full_shape(for_packer(torch.where(c != 0, x, y), info), shape)
            return (TileValue(pack(out, info, precision), info),)

        return step

    @implements(tile.MatmulOp)
    def matmul(self, op: tile.MatmulOp, interpreter: Interpreter) -> Step:
        info, precision, transposed = tile_info(op.output), op.precision.choices, op.transposed
        shape = exact.padded(info)
        spill = exact.spill_of(op)

        def step(in0: TileValue, in1: TileValue, bias: TileValue | None = None) -> Sequence[TileValue]:
            row = None if bias is None else bias.data[:1]
            total = self.product(in0, in1, row, transposed, precision, spill).view(shape)
            return (TileValue(pack(total, info, precision), info),)

        return step

    def product(
        self,
        in0: TileValue,
        in1: TileValue,
        bias: torch.Tensor | None,
        transposed: bool,
        precision: tile.Precision,
        spill: exact.Spill | None,
    ) -> torch.Tensor:
        """A matmul before packing; the bias is one row."""
        total = exact.matmul(in0, in1, transposed, precision, spill)
        return total if bias is None else exact.dest_rounding(precision)(total.add_(bias))

    @implements(tile.ReduceSumOp, tile.ReduceMeanOp, tile.ReduceMaxOp, tile.ReduceMinOp)
    def reduce(self, op: tile.ReduceOp, interpreter: Interpreter) -> Step:
        source, info, precision = tile_info(op.input), tile_info(op.output), op.precision.choices
        kernel, scale = op.kernel, 1.0
        if kernel == "reduce_mean":
            kernel, scale = "reduce_sum", 1.0 / prod(source.logical[a] for a in op.axes)
        neutral = arithmetic.NEUTRAL[kernel]
        dims = tuple(a - len(source.logical) for a in op.axes)
        round_dest = exact.dest_rounding(precision)

        def step(x: TileValue) -> Sequence[TileValue]:
            data = exact.masked(x.data, x.info, neutral)
            total = arithmetic.reduce_dims(data, dims, kernel, round_dest)
            if scale != 1.0:
                total = total * scale
            rows, cols = info.matrix[-2:]
            out = pad_to_tiles(total[..., :rows, :cols], info, 0.0)
            # Without a reduced dimension of extent above 1 the operand itself may come back.
            out = out.clone() if out.data_ptr() == x.data.data_ptr() else out
            return (TileValue(pack(out, info, precision), info),)

        return step

    @implements(tile.SoftmaxOp)
    def softmax(self, op: tile.SoftmaxOp, interpreter: Interpreter) -> Step:
        info, precision, scale = tile_info(op.output), op.precision.choices, op.scale.value.data

        def step(x: TileValue, mask: TileValue | None = None) -> Sequence[TileValue]:
            data = x.data * scale
            if mask is not None:
                data.add_(exact.broadcast_view(mask.data, mask.info, info))
            out = self.softmax_rows(data, info.matrix[-1], precision)
            return (TileValue(pack(out, info, precision), info),)

        return step

    def softmax_rows(self, data: torch.Tensor, columns: int, precision: tile.Precision) -> torch.Tensor:
        """Softmax of rows; may overwrite `data`."""
        return arithmetic.softmax_rows(data, columns, exact.dest_rounding(precision))

    @implements(tile.LayerNormOp)
    def layer_norm(self, op: tile.LayerNormOp, interpreter: Interpreter) -> Step:
        info, precision, epsilon = tile_info(op.output), op.precision.choices, op.epsilon.value.data
        has_weight, has_bias = op.weight is not None, op.bias is not None

        def step(x: TileValue, *affine: TileValue) -> Sequence[TileValue]:
            rows = iter(v.data[0] for v in affine)
            weight = next(rows) if has_weight else None
            bias = next(rows) if has_bias else None
            out = self.normalise_rows(x.data, info.matrix[-1], epsilon, weight, bias, precision)
            return (TileValue(pack(out, info, precision), info),)

        return step

    def normalise_rows(
        self,
        data: torch.Tensor,
        columns: int,
        epsilon: float,
        weight: torch.Tensor | None,
        bias: torch.Tensor | None,
        precision: tile.Precision,
    ) -> torch.Tensor:
        """Layer norm of rows; weight and bias are one row of padded width."""
        out = arithmetic.normalise_rows(data, columns, epsilon, exact.dest_rounding(precision))
        if weight is not None:
            out.mul_(weight)
        if bias is not None:
            out.add_(bias)
        return out

    @implements(tile.EmbeddingOp)
    def embedding(self, op: tile.EmbeddingOp, interpreter: Interpreter) -> Step:
        info, precision = tile_info(op.output), op.precision.choices
        rows = tile_info(op.table).logical[0]

        def step(indices: TileValue, table: TileValue) -> Sequence[TileValue]:
            index = checked_indices(indices.logical, rows)
            picked = table.data[:rows].index_select(0, index.reshape(-1))
            picked = picked[:, : info.matrix[-1]].reshape(info.logical)
            return (repacked(picked, table.info.format, info, precision, fresh=True),)

        return step

    @implements(tile.FillPadOp)
    def fill_pad(self, op: tile.FillPadOp, interpreter: Interpreter) -> Step:
        info, precision, value = tile_info(op.output), op.precision.choices, op.value.value.data

        def step(x: TileValue) -> Sequence[TileValue]:
            if x.info.format is info.format and x.info.pad == value:
                return (x,)
            out = pad_to_tiles(x.logical, info, value)
            if x.info.format is not info.format:
                out = convert(out, x.info.format, info, precision)
            return (TileValue(out, info),)

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
        info, precision = tile_info(op.output), op.precision.choices
        move = logical_movement(op)
        formats = {tile_info(v).format for v in op.operands}
        source_format = next(iter(formats)) if len(formats) == 1 else DataFormat.Float32

        def step(*values: TileValue) -> Sequence[TileValue]:
            moved = move([v.logical for v in values])
            memory = moved.untyped_storage().data_ptr()
            fresh = all(memory != v.data.untyped_storage().data_ptr() for v in values)
            return (repacked(moved, source_format, info, precision, fresh=fresh),)

        return step


class FastTileFunctions(TileFunctions):
    """The same kernels with the order of Float32 accumulation left free (mode fast)."""

    def product(
        self,
        in0: TileValue,
        in1: TileValue,
        bias: torch.Tensor | None,
        transposed: bool,
        precision: tile.Precision,
        spill: exact.Spill | None,
    ) -> torch.Tensor:
        if precision.accumulate is not DataFormat.Float32 or spill is not None:
            return super().product(in0, in1, bias, transposed, precision, spill)
        return fast.matmul(in0, in1, bias, transposed, precision)

    def softmax_rows(self, data: torch.Tensor, columns: int, precision: tile.Precision) -> torch.Tensor:
        if precision.accumulate is not DataFormat.Float32:
            return super().softmax_rows(data, columns, precision)
        return fast.softmax_rows(data, columns)

    def normalise_rows(
        self,
        data: torch.Tensor,
        columns: int,
        epsilon: float,
        weight: torch.Tensor | None,
        bias: torch.Tensor | None,
        precision: tile.Precision,
    ) -> torch.Tensor:
        if precision.accumulate is not DataFormat.Float32:
            return super().normalise_rows(data, columns, epsilon, weight, bias, precision)
        return fast.normalise_rows(data, columns, weight, bias, epsilon)


def logical_movement(op: KernelOp) -> Callable[[list[torch.Tensor]], torch.Tensor]:
    """What a movement kernel does to its operands, as logical tensors."""
    target = tile_info(op.output).logical
    match op:
        case tile.ReshapeOp():
            return lambda xs: xs[0].reshape(target)
        case tile.BroadcastOp():
            return lambda xs: xs[0].expand(target)
        case tile.PermuteOp():
            order = op.permutation
            return lambda xs: xs[0].permute(order)
        case tile.SliceOp():
            slices = op.slices
            return lambda xs: xs[0][slices]
        case tile.ConcatOp():
            dim = op.dim.value.data
            return lambda xs: torch.cat(xs, dim)
        case tile.SplitHeadsOp():
            batch, heads, rows, width = target
            return lambda xs: xs[0].reshape(batch, rows, heads, width).transpose(1, 2)
        case tile.ConcatHeadsOp():
            return lambda xs: xs[0].transpose(1, 2).flatten(2)
        case _:
            raise AssertionError(f"{op.name} moves no data")


def convert(data: torch.Tensor, source: DataFormat, info: TileInfo, precision: tile.Precision) -> torch.Tensor:
    """A new tensor: `data` of format `source` in the format of `info`; a float becomes an integer by truncation."""
    if info.format.is_float:
        return pack(data.to(torch.float32, copy=True), info, precision)
    if source.is_float:
        return pack(data.trunc(), info, precision)
    return pack(data, info, precision)  # which saturates integers of any width, into a new tensor


def for_packer(data: torch.Tensor, info: TileInfo) -> torch.Tensor:
    """What a kernel has computed, as :func:`pack` takes it: float32 for a float format, else as it is."""
    return data.to(torch.float32) if info.format.is_float else data


def repacked(
    moved: torch.Tensor, source: DataFormat, info: TileInfo, precision: tile.Precision, *, fresh: bool
) -> TileValue:
    """Logical elements as tiles of `info`; converted unless the format stays and has no shared exponents.

    Args:
        fresh: Whether `moved` shares no memory with a value.
    """
    fill = info.pad if info.pad is not None else 0.0
    out = pad_to_tiles(moved, info, fill)
    if source is info.format and not info.format.is_block_float:
        return TileValue(out, info)
    if fresh and out.dtype is torch.float32 and info.format.is_float:
        return TileValue(pack(out, info, precision), info)
    return TileValue(convert(out, source, info, precision), info)


def checked_indices(indices: torch.Tensor, rows: int) -> torch.Tensor:
    """`indices`, all of them in [0, rows).

    Raises:
        NumericsError: one is outside.
    """
    low, high = (int(v) for v in torch.aminmax(indices)) if indices.numel() else (0, 0)
    if low < 0 or high >= rows:
        bad = low if low < 0 else high
        raise NumericsError(
            f"index {bad} is outside the table of {rows} rows",
            why=f"0 <= index < {rows} does not hold",
            hint="check the model's inputs, e.g. token ids against the vocabulary",
        )
    return indices
