"""Vectorised kernels with the bits of the documented machine."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch

from tilewright.dialects.tile import MatmulOp, Precision, TileInfo, tile_info
from tilewright.runtime.formats import fidelity_terms, quantize
from tilewright.runtime.kernels import arithmetic
from tilewright.runtime.kernels.values import TileValue, pack
from tilewright.support.dataformat import TILE_DIM, DataFormat
from tilewright.support.tiling import padded_shape


def dest_rounding(precision: Precision) -> arithmetic.RoundDest:
    """How Dest rounds a running sum under `precision`."""
    if precision.accumulate is DataFormat.Float32:
        return arithmetic.keep_float32

    def round_dest(total: torch.Tensor) -> torch.Tensor:
        return quantize(total, precision.accumulate, precision.rounding, inplace=True)

    return round_dest


@dataclass(frozen=True, slots=True)
class Spill:
    """How the partial sums of a matmul go to L1 and back.

    Attributes:
        tiles: Inner tiles between spills.
        info: The result in the intermediate format.
    """

    tiles: int
    info: TileInfo


def spill_of(op: MatmulOp) -> Spill | None:
    """Where the partial sums of `op` round because they spill; None without a placement or in Float32."""
    intermediate = op.precision.choices.intermediate
    if op.placement is None or intermediate is DataFormat.Float32:
        return None
    return Spill(op.placement.placement.u_kt, replace(tile_info(op.output), format=intermediate))


def padded(info: TileInfo) -> tuple[int, ...]:
    """The shape of the data of a value described by `info`."""
    return padded_shape(info.logical)


def masked(data: torch.Tensor, info: TileInfo, fill: float) -> torch.Tensor:
    """`data` with `fill` in its padding; `data` itself where there is none or it holds `fill` already."""
    rows, cols = info.matrix[-2:]
    if data.shape[-2:] == (rows, cols) or info.pad == fill:
        return data
    out = data.clone()
    out[..., rows:, :] = fill
    out[..., cols:] = fill
    return out


def broadcast_view(data: torch.Tensor, info: TileInfo, result: TileInfo) -> torch.Tensor:
    """Padded `data` such that it broadcasts against a padded result: extents of 1 keep their first row or column
    alone."""
    rows, cols = info.matrix[-2:]
    if rows == 1 and result.matrix[-2] != 1:
        data = data[..., :1, :]
    if cols == 1 and result.matrix[-1] != 1:
        data = data[..., :1]
    return data


def operands_for(values: Sequence[TileValue], result: TileInfo) -> list[torch.Tensor]:
    """The operands' data as :func:`broadcast_view` gives them."""
    return [broadcast_view(v.data, v.info, result) for v in values]


def full_shape(data: torch.Tensor, shape: Sequence[int]) -> torch.Tensor:
    """`data`, expanded in memory to `shape` where broadcasting left it smaller (all operands may share an extent of
    1)."""
    return data if tuple(data.shape) == tuple(shape) else data.expand(tuple(shape)).contiguous()


def multiply(lhs: TileValue, rhs: TileValue, result: TileInfo, precision: Precision) -> torch.Tensor:
    """The product on the matrix engine: lhs through SrcA, rhs through SrcB, one product for each group of phases."""
    product: torch.Tensor | None = None
    for part_a, part_b in fidelity_terms(precision.fidelity):
        a = broadcast_view(lhs.register("SrcA", part_a), lhs.info, result)
        b = broadcast_view(rhs.register("SrcB", part_b), rhs.info, result)
        product = a * b if product is None else product.add_(a * b)
    assert product is not None  # every fidelity has a term
    return product


def matmul_terms(
    in0: TileValue, in1: TileValue, transposed: bool, precision: Precision
) -> list[tuple[torch.Tensor, torch.Tensor]]:
    """Operand pairs whose products make up the fidelity: in0 through SrcB [.., M, K], in1 through SrcA [.., K, N].

    Both have the same rank: 2 where in1 has no batch dimension (in0's batch is folded into its rows), else 3.
    """
    terms: list[tuple[torch.Tensor, torch.Tensor]] = []
    for part_a, part_b in fidelity_terms(precision.fidelity):
        x, y = in0.register("SrcB", part_b), in1.register("SrcA", part_a)
        if transposed:
            y = y.transpose(-1, -2)
        if all(d == 1 for d in y.shape[:-2]):
            terms.append((x.reshape(-1, x.shape[-1]), y.reshape(y.shape[-2:])))
        else:
            batch = torch.broadcast_shapes(x.shape[:-2], y.shape[:-2])
            terms.append(
                (
                    x.expand(*batch, *x.shape[-2:]).reshape(-1, *x.shape[-2:]),
                    y.expand(*batch, *y.shape[-2:]).reshape(-1, *y.shape[-2:]),
                )
            )
    return terms


def accumulate(total: torch.Tensor, x: torch.Tensor, y: torch.Tensor) -> None:
    """`total += x @ y` in place, for rank 2 or 3."""
    if total.dim() == 2:
        total.addmm_(x, y)
    else:
        total.baddbmm_(x, y)


def matmul(
    in0: TileValue,
    in1: TileValue,
    transposed: bool,
    precision: Precision,
    spill: Spill | None,
) -> torch.Tensor:
    """The product in the documented order, rank 2 or 3 as in :func:`matmul_terms`.

    Accumulates over the inner dimension in steps of a tile; within a step the phases follow each other. Where
    `spill` is given, the sum is packed into L1 in the intermediate format after each so many steps, the last excepted.
    """
    terms = matmul_terms(in0, in1, transposed, precision)
    inner = terms[0][0].shape[-1]
    round_dest = dest_rounding(precision)
    total: torch.Tensor | None = None
    for start in range(0, inner, TILE_DIM):
        stop = start + TILE_DIM
        for x, y in terms:
            x_step, y_step = x[..., start:stop], y[..., start:stop, :]
            if total is None:
                total = torch.matmul(x_step, y_step)
            else:
                accumulate(total, x_step, y_step)
        assert total is not None  # every fidelity has a term
        round_dest(total)
        if spill is not None and stop < inner and stop // TILE_DIM % spill.tiles == 0:
            pack(total, spill.info, precision)
    assert total is not None  # the inner dimension has at least one tile
    return total
