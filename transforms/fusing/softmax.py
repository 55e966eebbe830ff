"""Softmax, written out."""

from __future__ import annotations

from collections.abc import Sequence

from xdsl.ir import Operation, SSAValue

from tilewright.dialects import ttir
from tilewright.dialects.types import shape_of
from tilewright.transforms.fusing.matching import is_float, is_plain, per_row
from tilewright.transforms.fusing.rule import Rules


def _sum_along(value: SSAValue, x: SSAValue) -> int | None:
    """The one dimension along which `value`, which broadcasts with x, is the sum of x."""
    return _reduced_along(value, x, ttir.SumOp)


def _reduced_along(value: SSAValue, x: SSAValue, kind: type[ttir.ReductionOp]) -> int | None:
    shape = shape_of(x)
    for axis in range(len(shape)):
        rows = per_row(value, shape, (axis,))
        op = None if rows is None else rows.owner
        if (
            isinstance(op, kind)
            and op.input is x
            and op.axes == (axis,)
            and op.result.type.element_type
            == (
                op.input.type.element_type  # type: ignore[union-attr]
            )
        ):
            return axis
    return None


def softmax(op: ttir.DivOp) -> Sequence[Operation] | None:
    """exp(x) / sum(exp(x))."""
    return _softmax(op, op.lhs, op.rhs)


def softmax_by_reciprocal(op: ttir.MultiplyOp) -> Sequence[Operation] | None:
    """exp(x) * (1 / sum(exp(x)))."""
    for numerator, other in ((op.lhs, op.rhs), (op.rhs, op.lhs)):
        rows = other.owner
        if isinstance(rows, ttir.ReciprocalOp) and (new := _softmax(op, numerator, rows.input)) is not None:
            return new
    return None


def _softmax(op: ttir.BinaryOp, numerator: SSAValue, denominator: SSAValue) -> Sequence[Operation] | None:
    power = numerator.owner
    if not isinstance(power, ttir.ExpOp) or power.input.type != op.result.type or not is_plain(op.result):
        return None
    if not is_float(power.input):
        return None
    axis = _sum_along(denominator, power.result)
    return None if axis is None else [ttir.SoftmaxOp(power.input, axis)]


def stable_softmax(op: ttir.SoftmaxOp) -> Sequence[Operation] | None:
    """The softmax of x - max(x)."""
    shifted = op.input.owner
    if not isinstance(shifted, ttir.SubtractOp) or shifted.lhs.type != op.result.type:
        return None
    if _reduced_along(shifted.rhs, shifted.lhs, ttir.MaxOp) != op.axis:
        return None
    return [ttir.SoftmaxOp(shifted.lhs, op.axis, numeric_stable=True)]


RULES: Rules = {
    ttir.DivOp: (softmax,),
    ttir.MultiplyOp: (softmax_by_reciprocal,),
    ttir.SoftmaxOp: (stable_softmax,),
}
