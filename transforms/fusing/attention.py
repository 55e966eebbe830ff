"""Attention, written out: softmax(scale * query @ key^T + mask) @ value."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from xdsl.ir import Operation, SSAValue

from tilewright.dialects import ttir
from tilewright.dialects.ttir.canonicalization.typecast import is_exact_cast
from tilewright.dialects.ttir.shapes import Shape
from tilewright.dialects.types import element_type_of, shape_of, tensor_type
from tilewright.transforms.fusing.matching import (
    RESHAPES,
    is_float,
    is_lowest,
    is_number,
    is_plain,
    padded,
    per_row,
    scaled,
    without_broadcasts,
    without_reshapes,
)
from tilewright.transforms.fusing.rule import Rules


@dataclass(frozen=True)
class _Scores:
    """What a softmax is applied to: product * scale + mask.

    Attributes:
        product: The product of queries and keys.
        scale: A number.
        factors: Tensors of one element, to be multiplied too.
        mask: What is added, if anything is.
    """

    product: ttir.MatmulOp
    scale: float
    factors: tuple[SSAValue, ...]
    mask: SSAValue | None


def attention(op: ttir.MatmulOp) -> Sequence[Operation] | None:
    """The product of a softmax with the values.

    A row of scores that are all minus infinity gives zeros in the fused op, and NaN in a softmax without the guard
    that torch puts around it.
    """
    if bool(op.transpose_a) or bool(op.transpose_b) or not is_plain(op.result) or not is_float(op.result):
        return None
    probabilities = _without_unit_dimensions(op.a)
    softmax = _guarded(probabilities) or probabilities
    if not isinstance(softmax.owner, ttir.SoftmaxOp) or softmax.owner.axis != len(shape_of(softmax)) - 1:
        return None
    scores = _scores(softmax.owner.input)
    if scores is None:
        return None
    return _fused(op, scores)


def _fused(op: ttir.MatmulOp, scores: _Scores) -> Sequence[Operation] | None:
    product = scores.product
    query, query_scale = scaled(product.a)
    key, key_scale = scaled(product.b)
    if len({len(shape_of(v)) for v in (query, key, op.b)}) != 1 or not 2 <= len(shape_of(query)) <= 4:
        return None
    new: list[Operation] = []
    if not bool(product.transpose_b):
        key = _swapped(key, new)
    value = op.b
    query_shape, key_shape, value_shape = (padded(shape_of(v), 4) for v in (query, key, value))
    fits = query_shape[0] == key_shape[0] and query_shape[1] == key_shape[1] and query_shape[3] == key_shape[3]
    result = padded(shape_of(op.result), 4)
    if not fits or value_shape != key_shape or result != query_shape:
        return _declined(new)
    if len({element_type_of(v) for v in (query, key, value, op.result)}) != 1 or bool(product.transpose_a):
        return _declined(new)
    mask = scores.mask
    if mask is not None:
        mask = _mask(mask, (*query_shape[:3], key_shape[2]), new)
        if mask is None or element_type_of(mask) != element_type_of(query):
            return _declined(new)
    key, value = _shared_heads(key, value)
    for factor in scores.factors:
        if element_type_of(factor) != element_type_of(query) or len(shape_of(factor)) > len(shape_of(query)):
            return _declined(new)
        new.append(ttir.MultiplyOp(query, factor))
        query = new[-1].results[0]
    query, key, value = (_in_rank_4(v, new) for v in (query, key, value))
    type_ = tensor_type(query_shape, element_type_of(query))
    scale = scores.scale * query_scale * key_scale
    fused = ttir.ScaledDotProductAttentionOp(query, key, value, mask, is_causal=False, scale=scale, result_type=type_)
    new.append(fused)
    if shape_of(op.result) != query_shape:
        new.append(ttir.ReshapeOp(fused, shape_of(op.result)))
    return new


def _declined(new: list[Operation]) -> None:
    for op in reversed(new):
        op.erase()


def _without_unit_dimensions(value: SSAValue) -> SSAValue:
    """What `value` is a reshape of, if that only adds or takes away leading ones."""
    while isinstance(owner := value.owner, RESHAPES):
        source, target = shape_of(owner.input), shape_of(value)
        rank = max(len(source), len(target))
        if padded(source, rank) != padded(target, rank) or element_type_of(owner.input) != element_type_of(value):
            break
        value = owner.input
    return value


def _scores(value: SSAValue) -> _Scores | None:
    mask: SSAValue | None = None
    value = _without_unit_dimensions(value)
    if isinstance(value.owner, ttir.AddOp):
        for side, other in ((value.owner.lhs, value.owner.rhs), (value.owner.rhs, value.owner.lhs)):
            if side.type == value.type and isinstance(_inner(side)[0].owner, ttir.MatmulOp):
                value, mask = side, other
                break
    inner, scale, factors = _inner(value)
    product = inner.owner
    return _Scores(product, scale, factors, mask) if isinstance(product, ttir.MatmulOp) else None


def _inner(value: SSAValue) -> tuple[SSAValue, float, tuple[SSAValue, ...]]:
    """`value` without factors that are numbers or tensors of one element, and without leading ones; and the factors."""
    scale = 1.0
    factors: list[SSAValue] = []
    while True:
        inner, number = scaled(_without_unit_dimensions(value))
        scale *= number
        if isinstance(inner.owner, ttir.MultiplyOp):
            for side, other in (inner.owner.operands, inner.owner.operands[::-1]):
                if all(extent == 1 for extent in shape_of(other)) and side.type == inner.type:
                    factors.append(other)
                    inner = side
                    break
        if inner is value:
            return value, scale, tuple(factors)
        value = inner


def _swapped(key: SSAValue, new: list[Operation]) -> SSAValue:
    """The keys with their last two dimensions swapped; as a rule this undoes a permute."""
    rank = len(shape_of(key))
    swap = (*range(rank - 2), rank - 1, rank - 2)
    match key.owner:
        case ttir.PermuteOp() | ttir.TransposeOp() as op if element_type_of(op.input) == element_type_of(key):
            order, source = tuple(op.order[i] for i in swap), op.input
        case _:
            order, source = swap, key
    if order == tuple(range(rank)):
        return source
    new.append(ttir.PermuteOp(source, order))
    return new[-1].results[0]


def _shared_heads(key: SSAValue, value: SSAValue) -> tuple[SSAValue, SSAValue]:
    """Keys and values before each of their heads is repeated for a group of heads of the queries."""
    left, right = key.owner, value.owner
    if len(shape_of(key)) != 4:
        return key, value
    if isinstance(left, ttir.RepeatInterleaveOp) and isinstance(right, ttir.RepeatInterleaveOp):
        if left.axis == right.axis == 1 and left.input.type == right.input.type:
            return left.input, right.input
    elif isinstance(left, ttir.BroadcastOp) and isinstance(right, ttir.BroadcastOp):
        factors = (left.broadcast_dimensions.get_values(), right.broadcast_dimensions.get_values())
        one_head = all(f[0] == f[2] == f[3] == 1 for f in factors)
        if one_head and left.input.type == right.input.type and element_type_of(left.input) == element_type_of(key):
            return left.input, right.input
    return key, value


def _in_rank_4(value: SSAValue, new: list[Operation]) -> SSAValue:
    shape = padded(shape_of(value), 4)
    if shape == shape_of(value):
        return value
    new.append(ttir.ReshapeOp(value, shape))
    return new[-1].results[0]


def _mask(mask: SSAValue, full: Shape, new: list[Operation]) -> SSAValue | None:
    """The mask with rank 4 and all rows and columns, for one or all batches and heads; None if it does not fit."""
    inner = without_broadcasts(_without_unit_dimensions(mask))
    shape = padded(shape_of(inner), 4)
    if len(shape_of(inner)) > 4 or not all(m in (1, f) for m, f in zip(shape, full, strict=True)):
        return None
    value = _in_rank_4(inner, new)
    factors = (1, 1, *(f // m for m, f in zip(shape[2:], full[2:], strict=True)))
    if factors != (1, 1, 1, 1):
        new.append(ttir.BroadcastOp(value, factors))
        value = new[-1].results[0]
    return value


def _guarded(value: SSAValue) -> SSAValue | None:
    """The softmax that `value` is, but for rows of scores that are all minus infinity, which become zeros."""
    op = value.owner
    if not isinstance(op, ttir.WhereOp) or not is_number(op.second, 0) or op.third.type != value.type:
        return None
    softmax = op.third.owner
    if not isinstance(softmax, ttir.SoftmaxOp):
        return None
    shape = shape_of(softmax.input)
    rows = per_row(op.first, shape, (len(shape) - 1,))
    if rows is None or not isinstance(rows.owner, ttir.LogicalNotOp):
        return None
    seen = without_reshapes(rows.owner.input).owner
    if not isinstance(seen, ttir.ReduceOrOp) or shape_of(seen.input) != shape or seen.axes != (len(shape) - 1,):
        return None
    match seen.input.owner:
        case ttir.NotEqualOp() as different:
            lhs, rhs = different.operands
        case ttir.LogicalNotOp() as negated if isinstance(negated.input.owner, ttir.EqualOp):
            lhs, rhs = negated.input.owner.operands
        case _:
            return None
    if not is_lowest(rhs):
        return None
    scores = lhs
    while isinstance(cast := scores.owner, ttir.TypecastOp):
        if not is_exact_cast(element_type_of(cast.input), element_type_of(cast.result)):
            return None
        scores = cast.input
    return op.third if scores is softmax.input else None


RULES: Rules = {ttir.MatmulOp: (attention,)}
