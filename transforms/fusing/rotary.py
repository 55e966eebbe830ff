"""Rotary position embeddings, written out."""

from __future__ import annotations

from collections.abc import Sequence

from xdsl.ir import Operation, SSAValue

from tilewright.dialects import ttir
from tilewright.dialects.types import element_type_of, shape_of
from tilewright.transforms.fusing.matching import in_shape, is_plain, padded, without_broadcasts
from tilewright.transforms.fusing.rule import Rules


def rotary_embedding(op: ttir.AddOp) -> Sequence[Operation] | None:
    """x * cos + rotated * sin, where x is rotated by halves of its last dimension."""
    if not _fits(op.result):
        return None
    for unrotated, rotated in ((op.lhs.owner, op.rhs.owner), (op.rhs.owner, op.lhs.owner)):
        if not isinstance(unrotated, ttir.MultiplyOp) or not isinstance(rotated, ttir.MultiplyOp):
            continue
        for half_turn, sine in (rotated.operands, rotated.operands[::-1]):
            x = _rotated(half_turn)
            if x is None or x.type != op.result.type or x not in unrotated.operands:
                continue
            cosine = unrotated.rhs if unrotated.lhs is x else unrotated.lhs
            return _embedding(x, cosine, sine)
    return None


def rotary_embedding_of_halves(op: ttir.ConcatOp) -> Sequence[Operation] | None:
    """first * cos - second * sin beside second * cos + first * sin, of the halves of x."""
    if len(op.operands) != 2 or op.axis != len(shape_of(op.result)) - 1 or not _fits(op.result):
        return None
    left, right = (operand.owner for operand in op.operands)
    if not isinstance(left, ttir.SubtractOp) or not isinstance(right, ttir.AddOp):
        return None
    first_cosine, second_sine = left.lhs.owner, left.rhs.owner
    if not isinstance(first_cosine, ttir.MultiplyOp) or not isinstance(second_sine, ttir.MultiplyOp):
        return None
    for first, cosine in (first_cosine.operands, first_cosine.operands[::-1]):
        for second, sine in (second_sine.operands, second_sine.operands[::-1]):
            x, other = _half(first, 0), _half(second, 1)
            if x is None or other is not x or x.type != op.result.type:
                continue
            terms = (_product(second, cosine, right.lhs), _product(first, sine, right.rhs))
            swapped = (_product(second, cosine, right.rhs), _product(first, sine, right.lhs))
            if not all(terms) and not all(swapped):
                continue
            return _embedding(x, cosine, sine, halves=True)
    return None


def _fits(value: SSAValue) -> bool:
    shape = shape_of(value)
    return is_plain(value) and len(shape) == 4 and shape[-1] % 2 == 0


def _product(a: SSAValue, b: SSAValue, value: SSAValue) -> bool:
    """Whether `value` is a * b."""
    return isinstance(value.owner, ttir.MultiplyOp) and {a, b} == set(value.owner.operands)


def _half(value: SSAValue, which: int) -> SSAValue | None:
    """x where `value` is the first (0) or second (1) half of it along its last dimension."""
    op = value.owner
    if not isinstance(op, ttir.SliceStaticOp):
        return None
    shape = shape_of(op.input)
    middle = shape[-1] // 2
    last = ((0, middle, 1), (middle, shape[-1], 1))[which]
    return op.input if op.bounds == (*((0, extent, 1) for extent in shape[:-1]), last) else None


def _rotated(value: SSAValue) -> SSAValue | None:
    """x where `value` is the negated second half of x before the first half."""
    op = value.owner
    if not isinstance(op, ttir.ConcatOp) or len(op.operands) != 2 or op.axis != len(shape_of(value)) - 1:
        return None
    negated, first = op.operands
    if not isinstance(negated.owner, ttir.NegOp):
        return None
    x = _half(negated.owner.input, 1)
    return x if x is not None and _half(first, 0) is x else None


def _embedding(x: SSAValue, cosine: SSAValue, sine: SSAValue, *, halves: bool = False) -> Sequence[Operation] | None:
    shape = shape_of(x)
    width = shape[-1] // 2 if halves else shape[-1]
    inner = [without_broadcasts(v) for v in (cosine, sine)]
    wide = padded(shape_of(inner[0]), 4)
    fits = len(wide) == 4 and all(c in (1, f) for c, f in zip(wide, shape[:-1], strict=False))
    if not fits or wide[-1] != width or padded(shape_of(inner[1]), 4) != wide:
        return None
    if {element_type_of(v) for v in inner} != {element_type_of(x)}:
        return None
    new: list[Operation] = []
    caches: list[SSAValue] = []
    for value in inner:
        ops, cache = in_shape(value, wide)
        new += ops
        if halves:
            new.append(ttir.ConcatOp([cache, cache], 3))
            cache = new[-1].results[0]
        caches.append(cache)
    return [*new, ttir.RotaryEmbeddingOp(x, caches[0], caches[1])]


RULES: Rules = {ttir.AddOp: (rotary_embedding,), ttir.ConcatOp: (rotary_embedding_of_halves,)}
