"""Patterns that compute with tensors of equal numbers, where the result is exact.

What is rounded, wraps or is saturated stays for `ttir-fold-constants`, which computes all that depends on no argument.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from fractions import Fraction
from math import ceil, copysign, floor, isfinite, trunc
from typing import TypeAlias

from xdsl.pattern_rewriter import PatternRewriter, RewritePattern, op_type_rewrite_pattern

from tilewright.dialects.ttir.activations import Relu6Op, ReluOp
from tilewright.dialects.ttir.bases import BinaryOp, PredicateOp, UnaryOp
from tilewright.dialects.ttir.binary import (
    AddOp,
    EqualOp,
    GreaterEqualOp,
    GreaterThanOp,
    LessEqualOp,
    LessThanOp,
    LogicalAndOp,
    LogicalOrOp,
    LogicalXorOp,
    MaximumOp,
    MinimumOp,
    MultiplyOp,
    NotEqualOp,
    SubtractOp,
)
from tilewright.dialects.ttir.binary_bitwise import BitwiseAndOp, BitwiseOrOp, BitwiseXorOp
from tilewright.dialects.ttir.canonicalization.numbers import filled_with, is_negative_zero, number_in
from tilewright.dialects.ttir.unary import (
    AbsOp,
    BitwiseNotOp,
    CeilOp,
    FloorOp,
    IsFiniteOp,
    LogicalNotOp,
    NegOp,
    SignbitOp,
    SignOp,
    SquareOp,
    TruncOp,
)
from tilewright.dialects.types import element_type_of, is_integer_type

Number: TypeAlias = int | float


def _rounded(to_integer: Callable[[Number], int]) -> Callable[[Number], Number]:
    """A rounding function, of which a float keeps its sign, also where it becomes 0."""
    return lambda x: copysign(to_integer(x), x) if isinstance(x, float) else x


UNARY: Mapping[type[UnaryOp], Callable[[Number], Number]] = {
    AbsOp: abs,
    CeilOp: _rounded(ceil),
    FloorOp: _rounded(floor),
    IsFiniteOp: lambda x: 1,
    LogicalNotOp: operator.not_,
    NegOp: operator.neg,
    ReluOp: lambda x: max(x, 0),
    Relu6Op: lambda x: min(max(x, 0), 6),
    SignOp: lambda x: (x > 0) - (x < 0),
    SignbitOp: lambda x: copysign(1.0, x) < 0,
    SquareOp: lambda x: x * x,
    TruncOp: _rounded(trunc),
}
"""Functions of a finite number."""

BITS: Mapping[type[BinaryOp], Callable[[int, int], int]] = {
    BitwiseAndOp: lambda a, b: a & b,
    BitwiseOrOp: lambda a, b: a | b,
    BitwiseXorOp: lambda a, b: a ^ b,
}

ARITHMETIC: Mapping[type[BinaryOp], Callable[[Fraction, Fraction], Fraction]] = {
    AddOp: operator.add,
    MaximumOp: max,
    MinimumOp: min,
    MultiplyOp: operator.mul,
    SubtractOp: operator.sub,
}

CONDITIONS: Mapping[type[BinaryOp], Callable[[Number, Number], bool]] = {
    EqualOp: operator.eq,
    GreaterEqualOp: operator.ge,
    GreaterThanOp: operator.gt,
    LessEqualOp: operator.le,
    LessThanOp: operator.lt,
    LogicalAndOp: lambda a, b: a != 0 and b != 0,
    LogicalOrOp: lambda a, b: a != 0 or b != 0,
    LogicalXorOp: lambda a, b: (a != 0) is not (b != 0),
    NotEqualOp: operator.ne,
}


class FoldFilledUnary(RewritePattern):
    """A function of a tensor of equal numbers makes one."""

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: UnaryOp, rewriter: PatternRewriter) -> None:
        number, element_type = number_in(op.input), element_type_of(op.input)
        if number is None or not isfinite(number):
            return
        if element_type != element_type_of(op.result) and not isinstance(op, PredicateOp):
            return
        if isinstance(op, BitwiseNotOp):
            result = ~int(number) if is_integer_type(element_type) and element_type.width.data > 1 else None
        elif (function := UNARY.get(type(op))) is not None and not (
            is_negative_zero(number) and not isinstance(op, AbsOp | NegOp | SignbitOp | LogicalNotOp)
        ):
            result = function(number)
        else:
            result = None
        if result is not None and (filled := filled_with(_like(result, number), op)) is not None:
            rewriter.replace(op, filled)


class FoldFilledBinary(RewritePattern):
    """A function of two tensors of equal numbers makes one."""

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: BinaryOp, rewriter: PatternRewriter) -> None:
        a, b = number_in(op.lhs), number_in(op.rhs)
        if a is None or b is None or element_type_of(op.lhs) != element_type_of(op.rhs):
            return
        kind, result = type(op), None
        if kind in CONDITIONS:
            result = int(CONDITIONS[kind](a, b))
        elif kind in BITS and isinstance(a, int) and isinstance(b, int):
            result = BITS[kind](a, b)
        elif kind in ARITHMETIC and isfinite(a) and isfinite(b) and not (is_negative_zero(a) or is_negative_zero(b)):
            result = _number(ARITHMETIC[kind](Fraction(a), Fraction(b)), a)
        if result is not None and (filled := filled_with(result, op)) is not None:
            rewriter.replace(op, filled)


def _like(result: Number, operand: Number) -> Number:
    return float(result) if isinstance(operand, float) else int(result)


def _number(exact: Fraction, operand: Number) -> Number | None:
    """`exact` as a number of the kind of `operand`; None if a float would round it, or might be -0.0."""
    if isinstance(operand, int):
        return int(exact)
    try:
        number = float(exact)
    except OverflowError:
        return None
    return number if Fraction(number) == exact and number != 0 else None


FILLED_UNARY: tuple[RewritePattern, ...] = (FoldFilledUnary(),)
FILLED_BINARY: tuple[RewritePattern, ...] = (FoldFilledBinary(),)
