"""Reductions and ops that move data."""

from __future__ import annotations

from xdsl.ir import Operation, SSAValue

from tilewright.dialects import tile
from tilewright.dialects.tile import tile_info
from tilewright.dialects.types import shape_of
from tilewright.support.reasons import Reason, ReasonCode
from tilewright.transforms.lowering.context import Lowering, Rule, is_integer
from tilewright.transforms.lowering.contractions import flag, floats_only, integers
from tilewright.transforms.lowering.elementwise import number

_REDUCE: dict[str, type[tile.ReduceOp]] = {
    "ttir.sum": tile.ReduceSumOp,
    "ttir.mean": tile.ReduceMeanOp,
    "ttir.max": tile.ReduceMaxOp,
    "ttir.min": tile.ReduceMinOp,
}


def _reduce(op: Operation, to: Lowering) -> SSAValue:
    x = to.tiles(op.operands[0])
    info = tile_info(x)
    rank = len(info.logical)
    dims = tuple(sorted({d % rank for d in integers(op.properties.get("dim_arg"))})) or tuple(range(rank))
    kept = tuple(1 if i in dims else d for i, d in enumerate(info.logical))
    result = to.add(_REDUCE[op.name](x, dims, to.precision, to.result_type(kept, info.format)))
    return result if flag(op, "keep_dim") else _reshaped(result, shape_of(op.results[0]), to)


def _reduce_check(op: Operation) -> list[Reason]:
    reasons = floats_only(op)
    if not shape_of(op.operands[0]):
        reasons.append(Reason(ReasonCode.RANK, "rank(operand 0) = 0", "rank >= 1"))
    return reasons


def _reshaped(value: SSAValue, shape: tuple[int, ...], to: Lowering) -> SSAValue:
    info = tile_info(value)
    if info.logical == shape:
        return value
    return to.add(tile.ReshapeOp(value, to.precision, to.result_type(shape, info.format, 0.0)))


def _reshape(op: Operation, to: Lowering) -> SSAValue:
    source, target = op.operands[0], shape_of(op.results[0])
    joined = _joins_heads(source, target)
    if joined is not None:
        heads = to.tiles(joined)
        return to.add(tile.ConcatHeadsOp(heads, to.precision, to.result_type(target, tile_info(heads).format, 0.0)))
    return _reshaped(to.tiles(source), target, to)


_SWAP_HEADS = (0, 2, 1, 3)


def _joins_heads(value: SSAValue, target: tuple[int, ...]) -> SSAValue | None:
    """The [B, H, S, D] tensor that a permute turned to [B, S, H, D], where `target` then is [B, S, H * D]."""
    owner = value.owner
    if not isinstance(owner, Operation) or owner.name != "ttir.permute":
        return None
    if integers(owner.properties["permutation"]) != _SWAP_HEADS:
        return None
    b, s, h, d = shape_of(value)
    return owner.operands[0] if target == (b, s, h * d) else None


def _permute(op: Operation, to: Lowering) -> SSAValue:
    order = integers(op.properties["permutation"])
    source = op.operands[0]
    if order == _SWAP_HEADS and (split := _splits_heads(source)) is not None:
        joined = to.tiles(split)
        count, target = shape_of(source)[2], shape_of(op.results[0])
        kind = to.result_type(target, tile_info(joined).format, 0.0)
        return to.add(tile.SplitHeadsOp(joined, count, to.precision, kind))
    return _permuted(to.tiles(source), order, to)


def _splits_heads(value: SSAValue) -> SSAValue | None:
    """The [B, S, H * D] tensor that a reshape turned to [B, S, H, D]."""
    owner = value.owner
    if not isinstance(owner, Operation) or owner.name != "ttir.reshape":
        return None
    b, s, h, d = shape_of(value)
    return owner.operands[0] if shape_of(owner.operands[0]) == (b, s, h * d) else None


def _permuted(value: SSAValue, order: tuple[int, ...], to: Lowering) -> SSAValue:
    info = tile_info(value)
    shape = tuple(info.logical[d] for d in order)
    return to.add(tile.PermuteOp(value, order, to.precision, to.result_type(shape, info.format, 0.0)))


def _transpose(op: Operation, to: Lowering) -> SSAValue:
    rank = len(shape_of(op.operands[0]))
    a, b = (int(number(op.properties[name])) % rank for name in ("dim0", "dim1"))
    order = list(range(rank))
    order[a], order[b] = order[b], order[a]
    return _permuted(to.tiles(op.operands[0]), tuple(order), to)


def _broadcast(op: Operation, to: Lowering) -> SSAValue:
    x = to.tiles(op.operands[0])
    shape = shape_of(op.results[0])
    return to.add(tile.BroadcastOp(x, to.precision, to.result_type(shape, tile_info(x).format, 0.0)))


def _slice(op: Operation, to: Lowering) -> SSAValue:
    x = to.tiles(op.operands[0])
    info = tile_info(x)
    begins, ends, steps = (integers(op.properties[name]) for name in ("begins", "ends", "step"))
    begins = tuple(b % d if b < 0 else b for b, d in zip(begins, info.logical, strict=True))
    ends = tuple(e + d if e < 0 else min(e, d) for e, d in zip(ends, info.logical, strict=True))
    shape = shape_of(op.results[0])
    kind = to.result_type(shape, info.format, 0.0)
    return to.add(tile.SliceOp(x, begins, ends, steps, to.precision, kind))


def _slice_check(op: Operation) -> list[Reason]:
    steps = integers(op.properties["step"])
    if any(s < 1 for s in steps):
        return [Reason(ReasonCode.CONSTRAINT, f"step = {list(steps)}", "positive steps")]
    return []


def _concat(op: Operation, to: Lowering) -> SSAValue:
    inputs = [to.tiles(o) for o in op.operands]
    shape = shape_of(op.results[0])
    dim = int(number(op.properties["dim"])) % len(shape)
    kind = to.result_type(shape, tile_info(inputs[0]).format, 0.0)
    return to.add(tile.ConcatOp(inputs, dim, to.precision, kind))


def _embedding(op: Operation, to: Lowering) -> SSAValue:
    indices, table = (to.tiles(o) for o in op.operands)
    kind = to.result_type(shape_of(op.results[0]), tile_info(table).format, 0.0)
    return to.add(tile.EmbeddingOp(indices, table, to.precision, kind))


def _embedding_check(op: Operation) -> list[Reason]:
    indices, table = op.operands
    reasons: list[Reason] = []
    if not is_integer(indices):
        reasons.append(Reason(ReasonCode.DTYPE, "dtype(indices) is no integer", "an integer type"))
    if len(shape_of(table)) != 2:
        reasons.append(Reason(ReasonCode.RANK, f"rank(table) = {len(shape_of(table))}", "rank 2"))
    return reasons


RULES: dict[str, Rule] = {
    **{name: Rule(_reduce, _reduce_check) for name in _REDUCE},
    "ttir.reshape": Rule(_reshape),
    "ttir.squeeze": Rule(_reshape),
    "ttir.unsqueeze": Rule(_reshape),
    "ttir.permute": Rule(_permute),
    "ttir.transpose": Rule(_transpose),
    "ttir.broadcast": Rule(_broadcast),
    "ttir.slice_static": Rule(_slice, _slice_check),
    "ttir.concat": Rule(_concat),
    "ttir.embedding": Rule(_embedding, _embedding_check),
}
"""Rules of this family, by op name."""
