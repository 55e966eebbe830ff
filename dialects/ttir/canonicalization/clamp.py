"""Patterns of clamps."""

from __future__ import annotations

from math import isnan
from typing import TypeAlias

from xdsl.ir import SSAValue
from xdsl.pattern_rewriter import PatternRewriter, RewritePattern, op_type_rewrite_pattern

from tilewright.dialects.ttir.attributes import F32Attr, I32Attr
from tilewright.dialects.ttir.canonicalization.common import has_encoding
from tilewright.dialects.ttir.canonicalization.numbers import (
    as_element,
    fits_attribute,
    integer_limits,
    is_negative_zero,
    number_in,
)
from tilewright.dialects.ttir.unary_with_attributes import ClampScalarOp, ClampTensorOp
from tilewright.dialects.types import element_type_of, is_integer_type

Bound: TypeAlias = F32Attr | I32Attr


def _number(bound: Bound) -> int | float:
    return bound.value.data


def _has_order(op: ClampScalarOp) -> bool:
    """Whether the bounds are numbers whose order says all: not NaN, which spreads, nor -0.0, which equals 0."""
    return not any(isnan(n) or is_negative_zero(n) for n in map(_number, (op.min, op.max)))


class FoldIneffectiveClamp(RewritePattern):
    """A clamp to all numbers of the type is its input."""

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: ClampScalarOp, rewriter: PatternRewriter) -> None:
        if op.input.type != op.result.type:
            return
        element_type = element_type_of(op.input)
        ends = integer_limits(element_type) if is_integer_type(element_type) else (float("-inf"), float("inf"))
        if _number(op.min) <= ends[0] and _number(op.max) >= ends[1]:
            rewriter.replace(op, (), (op.input,))


class MergeClamps(RewritePattern):
    """Two clamps are one, whose bounds are those of the first, clamped by the second.

    tt-mlir takes the larger `min` and the smaller `max`, which is another function where the ranges do not overlap.
    """

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: ClampScalarOp, rewriter: PatternRewriter) -> None:
        inner = op.input.owner
        if not isinstance(inner, ClampScalarOp) or not _has_order(op) or not _has_order(inner):
            return
        if not inner.input.type == inner.result.type == op.result.type:
            return

        def clamped(bound: Bound) -> Bound:
            return min(max(bound, op.min, key=_number), op.max, key=_number)

        low, high = _number(clamped(inner.min)), _number(clamped(inner.max))
        # A clamp to 0 alone keeps -0.0, which another one may have made 0.
        ends = [as_element(bound, element_type_of(op.result)) for bound in (low, high)]
        if None not in ends and ends != [0, 0]:
            rewriter.replace(op, ClampScalarOp(inner.input, low, high, op.result.type, location=op.location))


class ClampTensorToScalar(RewritePattern):
    """A clamp between tensors of equal numbers is one between these numbers."""

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: ClampTensorOp, rewriter: PatternRewriter) -> None:
        if op.input.type != op.result.type or has_encoding(op):
            return
        element_type = element_type_of(op.input)
        low, high = (_bound_in(v) if element_type_of(v) == element_type else None for v in (op.min, op.max))
        if low is not None and high is not None:
            rewriter.replace(op, ClampScalarOp(op.input, low, high, op.result.type, location=op.location))


def _bound_in(value: SSAValue) -> int | float | None:
    """The number in every element of `value`, if the attribute of a clamp can hold it; NaN spreads in another way."""
    number = number_in(value)
    return number if number is not None and not isnan(number) and fits_attribute(number) else None


CLAMP_SCALAR: tuple[RewritePattern, ...] = (FoldIneffectiveClamp(), MergeClamps())
CLAMP_TENSOR: tuple[RewritePattern, ...] = (ClampTensorToScalar(),)
