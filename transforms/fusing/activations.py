"""Activation functions, written out."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf, sqrt

from xdsl.ir import Operation, SSAValue

from tilewright.dialects import ttir
from tilewright.dialects.types import element_type_of
from tilewright.transforms.fusing.matching import (
    factors_of,
    is_close,
    is_number,
    number_of,
    scaled,
    scalings,
    with_number,
)
from tilewright.transforms.fusing.rule import Rules


def _applied(op_type: type[ttir.UnaryOp], x: SSAValue, op: ttir.SingleResultOp) -> Sequence[Operation] | None:
    return [op_type(x)] if x.type == op.result.type else None


def relu(op: ttir.MaximumOp) -> Sequence[Operation] | None:
    """max(x, 0)."""
    x = with_number(op, 0)
    return None if x is None else _applied(ttir.ReluOp, x, op)


def relu6(op: ttir.MinimumOp) -> Sequence[Operation] | None:
    """min(relu(x), 6)."""
    x = with_number(op, 6)
    return _applied(ttir.Relu6Op, x.owner.input, op) if x is not None and isinstance(x.owner, ttir.ReluOp) else None


def relu6_of_minimum(op: ttir.ReluOp) -> Sequence[Operation] | None:
    """relu(min(x, 6))."""
    inner = op.input.owner
    x = with_number(inner, 6) if isinstance(inner, ttir.MinimumOp) else None
    return None if x is None else _applied(ttir.Relu6Op, x, op)


def clamp(op: ttir.ClampScalarOp | ttir.ClampTensorOp) -> Sequence[Operation] | None:
    """Clamped to [0, 6] or [0, infinity)."""
    if isinstance(op, ttir.ClampScalarOp):
        low, high = op.min.value.data, op.max.value.data
    else:
        low, high = number_of(op.min), number_of(op.max)
    if low != 0 or high not in (6, inf):
        return None
    x = op.input
    op_type = ttir.ReluOp if high == inf else ttir.Relu6Op
    while isinstance(x.owner, op_type):
        x = x.owner.input
    return _applied(op_type, x, op)


def hardsigmoid(op: ttir.DivOp | ttir.MultiplyOp) -> Sequence[Operation] | None:
    """relu6(x + 3) / 6."""
    inner, scale = scaled(op.result)
    if not isinstance(inner.owner, ttir.Relu6Op) or not is_close(scale, 1 / 6, element_type_of(inner)):
        return None
    shifted = inner.owner.input.owner
    x = with_number(shifted, 3) if isinstance(shifted, ttir.AddOp) else None
    return None if x is None else _applied(ttir.HardsigmoidOp, x, op)


def _one_plus_exp(value: SSAValue) -> SSAValue | None:
    """x where `value` is 1 + e^x."""
    inner = with_number(value.owner, 1) if isinstance(value.owner, ttir.AddOp) else None
    return inner.owner.input if inner is not None and isinstance(inner.owner, ttir.ExpOp) else None


def _one_plus_exp_of_minus(value: SSAValue) -> SSAValue | None:
    """x where `value` is 1 + e^-x."""
    power = _one_plus_exp(value)
    return None if power is None or not isinstance(power.owner, ttir.NegOp) else power.owner.input


def sigmoid(op: ttir.ReciprocalOp) -> Sequence[Operation] | None:
    """The reciprocal of 1 + e^-x."""
    x = _one_plus_exp_of_minus(op.input)
    return None if x is None else _applied(ttir.SigmoidOp, x, op)


def quotient_by_one_plus_exp(op: ttir.DivOp) -> Sequence[Operation] | None:
    """1 / (1 + e^-x) is a sigmoid, x / (1 + e^-x) a silu."""
    x = _one_plus_exp_of_minus(op.rhs)
    if x is None:
        return None
    if op.lhs is x:
        return _applied(ttir.SiluOp, x, op)
    return _applied(ttir.SigmoidOp, x, op) if is_number(op.lhs, 1) else None


def silu(op: ttir.MultiplyOp) -> Sequence[Operation] | None:
    """x * sigmoid(x)."""
    for x, other in ((op.lhs, op.rhs), (op.rhs, op.lhs)):
        if isinstance(other.owner, ttir.SigmoidOp) and other.owner.input is x:
            return _applied(ttir.SiluOp, x, op)
    return None


def mish(op: ttir.MultiplyOp) -> Sequence[Operation] | None:
    """x * tanh(log(1 + e^x))."""
    for x, other in ((op.lhs, op.rhs), (op.rhs, op.lhs)):
        softplus = other.owner.input.owner if isinstance(other.owner, ttir.TanhOp) else None
        match softplus:
            case ttir.Log1pOp() if isinstance(softplus.input.owner, ttir.ExpOp):
                source = softplus.input.owner.input
            case ttir.LogOp():
                source = _one_plus_exp(softplus.input)
            case _:
                source = None
        if source is x:
            return _applied(ttir.MishOp, x, op)
    return None


def gelu(op: ttir.MultiplyOp | ttir.DivOp) -> Sequence[Operation] | None:
    """x / 2 * (1 + erf(x / sqrt(2))), the factors in any order; also with erfc(-x / sqrt(2)) for the last one.

    The approximation by tanh differs from it by up to 5e-4 and stays as it is.
    """
    for other in factors_of(op.result)[0]:
        term = _erf_term(other)
        if term is None:
            continue
        argument, sign, weight = term
        type = element_type_of(argument)
        for x, factor in scalings(argument):
            if not is_close(factor, sign / sqrt(2), type):
                continue
            values, scale = factors_of(op.result, x)
            if len(values) == 2 and x in values and other in values and is_close(scale * weight, 0.5, type):
                return _applied(ttir.GeluOp, x, op)
    return None


def _erf_term(value: SSAValue) -> tuple[SSAValue, int, float] | None:
    """y, 1 and w where `value` is w + w * erf(y); y, -1 and 1 where it is erfc(y)."""
    if isinstance(value.owner, ttir.ErfcOp):
        return value.owner.input, -1, 1.0
    if not isinstance(value.owner, ttir.AddOp):
        return None
    for term, constant in ((value.owner.lhs, value.owner.rhs), (value.owner.rhs, value.owner.lhs)):
        weight = number_of(constant)
        inner, factor = scaled(term)
        if weight is not None and isinstance(inner.owner, ttir.ErfOp) and weight == factor:
            return inner.owner.input, 1, factor
    return None


RULES: Rules = {
    ttir.ClampScalarOp: (clamp,),
    ttir.ClampTensorOp: (clamp,),
    ttir.DivOp: (quotient_by_one_plus_exp, hardsigmoid, gelu),
    ttir.MaximumOp: (relu,),
    ttir.MinimumOp: (relu6,),
    ttir.MultiplyOp: (silu, hardsigmoid, mish, gelu),
    ttir.ReciprocalOp: (sigmoid,),
    ttir.ReluOp: (relu6_of_minimum,),
}
