"""RMS norm and layer norm, written out, with their weights and biases."""

from __future__ import annotations

from collections.abc import Sequence

from xdsl.dialects.builtin import BFloat16Type, Float16Type, Float32Type
from xdsl.ir import Operation, SSAValue

from tilewright.dialects import ttir
from tilewright.dialects.types import element_type_of, shape_of
from tilewright.transforms.fusing.matching import (
    equivalent,
    in_shape,
    is_float,
    is_number,
    is_plain,
    mean_of,
    number_of,
    per_last,
    per_row,
    without_reshapes,
)
from tilewright.transforms.fusing.rule import Rules


def _reciprocal_root(value: SSAValue) -> SSAValue | None:
    """v where `value`, but for its shape, is 1 / sqrt(v)."""
    match without_reshapes(value).owner:
        case ttir.RsqrtOp() as op:
            return op.input
        case ttir.ReciprocalOp() as op:
            return _root(op.input)
        case ttir.DivOp() as op if is_number(op.lhs, 1):
            return _root(op.rhs)
        case ttir.PowOp() as op if number_of(op.rhs) == -0.5:
            return op.lhs
        case _:
            return None


def _root(value: SSAValue) -> SSAValue | None:
    """v where `value`, but for its shape, is sqrt(v)."""
    match without_reshapes(value).owner:
        case ttir.SqrtOp() as op:
            return op.input
        case ttir.PowOp() as op if number_of(op.rhs) == 0.5:
            return op.lhs
        case _:
            return None


def _square(value: SSAValue) -> SSAValue | None:
    """x where `value` is x * x."""
    match value.owner:
        case ttir.SquareOp() as op:
            return op.input
        case ttir.PowOp() as op if number_of(op.rhs) == 2:
            return op.lhs
        case ttir.MultiplyOp() as op if equivalent(op.lhs, op.rhs):
            return op.lhs
        case _:
            return None


def _mean_square(value: SSAValue) -> tuple[SSAValue, tuple[int, ...], float] | None:
    """x, dimensions and epsilon where `value`, but for its shape, is mean(x^2) + epsilon."""
    value = without_reshapes(value)
    epsilon: int | float | None = 0.0
    if isinstance(value.owner, ttir.AddOp):
        lhs, rhs = value.owner.operands
        value, epsilon = (lhs, number_of(rhs)) if number_of(rhs) is not None else (rhs, number_of(lhs))
    mean = mean_of(value)
    if mean is None or epsilon is None:
        return None
    x = _square(mean[0])
    return None if x is None else (x, mean[1], float(epsilon))


def _norm(x: SSAValue, denominator: SSAValue, *, inverted: bool) -> ttir.RMSNormOp | None:
    """The RMS norm of x, if `denominator`, which broadcasts, is what x is divided by, or `inverted` its reciprocal."""
    if not is_float(x) or not is_plain(x):
        return None
    shape = shape_of(x)
    for count in range(1, len(shape) + 1):
        axes = tuple(range(len(shape) - count, len(shape)))
        rows = per_row(denominator, shape, axes)
        variance = None if rows is None else _reciprocal_root(rows) if inverted else _root(rows)
        found = None if variance is None else _mean_square(variance)
        if found is not None and found[1] == axes and equivalent(found[0], x):
            return ttir.RMSNormOp(x, shape[len(shape) - count :], epsilon=found[2])
    return None


def rms_norm_by_quotient(op: ttir.DivOp) -> Sequence[Operation] | None:
    """x / sqrt(mean(x^2) + epsilon)."""
    if op.lhs.type != op.result.type:
        return None
    norm = _norm(op.lhs, op.rhs, inverted=False)
    return None if norm is None else [norm]


def rms_norm(op: ttir.MultiplyOp) -> Sequence[Operation] | None:
    """x * rsqrt(mean(x^2) + epsilon), also where a factor is between them: (x * w) * r, x * (r * w)."""
    for left, right in ((op.lhs, op.rhs), (op.rhs, op.lhs)):
        if left.type == op.result.type and (norm := _norm(left, right, inverted=True)) is not None:
            return [norm]
    for left, right in ((op.lhs, op.rhs), (op.rhs, op.lhs)):
        if not isinstance(right.owner, ttir.MultiplyOp):
            continue
        for a, b in (right.owner.operands, right.owner.operands[::-1]):
            # x * (r * w), or r * (x * w): `a` is r or x, and `b` is w.
            for x, r in ((left, a), (a, left)):
                if x.type == op.result.type and (norm := _norm(x, r, inverted=True)) is not None:
                    return [norm, ttir.MultiplyOp(norm, b, op.result.type)]
    return None


def layer_norm(op: ttir.RMSNormOp) -> Sequence[Operation] | None:
    """The RMS norm of x - mean(x)."""
    centred = op.input.owner
    if not isinstance(centred, ttir.SubtractOp):
        return None
    x = centred.lhs
    rows = per_row(centred.rhs, shape_of(op.input), op.axes) if x.type == op.result.type else None
    mean = None if rows is None else mean_of(rows)
    if mean is None or mean[1] != op.axes or not equivalent(mean[0], x):
        return None
    shape, epsilon = op.normalized_shape.get_values(), op.epsilon.value.data
    return [ttir.LayerNormOp(x, shape, op.weight, op.bias, epsilon, op.result.type)]


def weight(op: ttir.MultiplyOp) -> Sequence[Operation] | None:
    """A norm times a tensor in the dimensions that are normalised."""
    for normed, factor in ((op.lhs, op.rhs), (op.rhs, op.lhs)):
        norm = normed.owner
        if isinstance(norm, ttir.NormalizationOp) and norm.weight is None and norm.bias is None:
            return _affine(op, norm, factor, is_weight=True)
    return None


def bias(op: ttir.AddOp) -> Sequence[Operation] | None:
    """A norm plus a tensor in the dimensions that are normalised."""
    for normed, addend in ((op.lhs, op.rhs), (op.rhs, op.lhs)):
        norm = normed.owner
        if isinstance(norm, ttir.NormalizationOp) and norm.bias is None:
            return _affine(op, norm, addend, is_weight=False)
    return None


def _affine(
    op: ttir.BinaryOp, norm: ttir.NormalizationOp, value: SSAValue, *, is_weight: bool
) -> Sequence[Operation] | None:
    shape = tuple(norm.normalized_shape.get_values())
    inner = per_last(value, shape_of(norm.result), len(shape))
    if inner is None or norm.result.type != op.result.type or element_type_of(value) != element_type_of(op.result):
        return None
    ops, vector = in_shape(inner, shape)
    weight, bias = (vector, None) if is_weight else (norm.weight, vector)
    return [*ops, type(norm)(norm.input, shape, weight, bias, norm.epsilon.value.data, op.result.type)]


def narrow_norm(op: ttir.TypecastOp) -> Sequence[Operation] | None:
    """A norm of numbers of 16 bits that is computed in single precision and rounded: norms are computed so anyway."""
    norm = op.input.owner
    if not isinstance(norm, ttir.NormalizationOp) or not isinstance(element_type_of(norm.result), Float32Type):
        return None
    if not isinstance(element_type_of(op.result), BFloat16Type | Float16Type):
        return None
    sources: list[SSAValue] = []
    for operand in norm.operands:
        cast = operand.owner
        if not isinstance(cast, ttir.TypecastOp) or element_type_of(cast.input) != element_type_of(op.result):
            return None
        sources.append(cast.input)
    given = iter(sources[1:])
    weight = None if norm.weight is None else next(given)
    bias = None if norm.bias is None else next(given)
    shape, epsilon = norm.normalized_shape.get_values(), norm.epsilon.value.data
    return [type(norm)(sources[0], shape, weight, bias, epsilon, op.result.type)]


RULES: Rules = {
    ttir.AddOp: (bias,),
    ttir.DivOp: (rms_norm_by_quotient,),
    ttir.MultiplyOp: (rms_norm, weight),
    ttir.RMSNormOp: (layer_norm,),
    ttir.TypecastOp: (narrow_norm,),
}
