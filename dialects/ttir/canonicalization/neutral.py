"""Patterns of binary ops where one operand is the same number everywhere, or both operands are the same value."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from math import inf
from typing import TypeAlias

from xdsl.dialects.builtin import AnyFloat, IntegerType
from xdsl.ir import Attribute, SSAValue
from xdsl.pattern_rewriter import PatternRewriter, RewritePattern, op_type_rewrite_pattern
from xdsl.traits import Commutative

from tilewright.dialects.ttir.bases import BinaryOp, is_boolean
from tilewright.dialects.ttir.binary import (
    AddOp,
    DivOp,
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
    PowOp,
    RemainderOp,
    SubtractOp,
)
from tilewright.dialects.ttir.binary_bitwise import (
    BitwiseAndOp,
    BitwiseOrOp,
    BitwiseXorOp,
    LogicalLeftShiftOp,
    LogicalRightShiftOp,
    RightShiftOp,
)
from tilewright.dialects.ttir.canonicalization.common import is_static
from tilewright.dialects.ttir.canonicalization.numbers import filled_with, integer_limits, is_negative_zero, number_in
from tilewright.dialects.types import element_type_of, is_integer_type

Number: TypeAlias = int | float
Condition: TypeAlias = Callable[[Number, Attribute], bool]
"""Of a number, and the element type of the other operand."""


def _is_zero(number: Number, element_type: Attribute) -> bool:
    return number == 0


def _has_no_bits(number: Number, element_type: Attribute) -> bool:
    return number == 0 and not is_negative_zero(number)


def _is_one(number: Number, element_type: Attribute) -> bool:
    return number == 1


def _is_true(number: Number, element_type: Attribute) -> bool:
    return number != 0


def _has_all_bits(number: Number, element_type: Attribute) -> bool:
    return is_integer_type(element_type) and number == sum(integer_limits(element_type))


def _is_least(number: Number, element_type: Attribute) -> bool:
    return number == _ends(element_type)[0]


def _is_largest(number: Number, element_type: Attribute) -> bool:
    return number == _ends(element_type)[1]


def _ends(element_type: Attribute) -> tuple[Number, Number]:
    return integer_limits(element_type) if is_integer_type(element_type) else (-inf, inf)


def _is_integer_zero(number: Number, element_type: Attribute) -> bool:
    # A float may be NaN or infinite.
    return number == 0 and is_integer_type(element_type)


def _is_least_integer(number: Number, element_type: Attribute) -> bool:
    return is_integer_type(element_type) and number == integer_limits(element_type)[0]


def _is_largest_integer(number: Number, element_type: Attribute) -> bool:
    return is_integer_type(element_type) and number == integer_limits(element_type)[1]


def _is_integer_unit(number: Number, element_type: Attribute) -> bool:
    return number in (1, -1) and is_integer_type(element_type)


def _shifts_all_bits(number: Number, element_type: Attribute) -> bool:
    # The amount counts as unsigned.
    return is_integer_type(element_type) and not 0 <= number < element_type.width.data


NEUTRAL: Mapping[type[BinaryOp], Condition] = {
    AddOp: _is_zero,
    BitwiseAndOp: _has_all_bits,
    BitwiseOrOp: _has_no_bits,
    BitwiseXorOp: _has_no_bits,
    DivOp: _is_one,
    LogicalLeftShiftOp: _is_zero,
    LogicalRightShiftOp: _is_zero,
    MaximumOp: _is_least,
    MinimumOp: _is_largest,
    MultiplyOp: _is_one,
    PowOp: _is_one,
    RightShiftOp: _is_zero,
    SubtractOp: _is_zero,
}
"""The numbers c for which `f(x, c)` is x for every x; of commutative ops also `f(c, x)`."""

BOOLEAN_NEUTRAL: Mapping[type[BinaryOp], Condition] = {
    LogicalAndOp: _is_true,
    LogicalOrOp: _is_zero,
    LogicalXorOp: _is_zero,
}
"""The same, for every x that is 0 or 1."""

ABSORBING: Mapping[type[BinaryOp], tuple[Condition, Number | None]] = {
    BitwiseAndOp: (_has_no_bits, 0),
    BitwiseOrOp: (_has_all_bits, None),
    LogicalAndOp: (_is_zero, 0),
    LogicalLeftShiftOp: (_shifts_all_bits, 0),
    LogicalOrOp: (_is_true, 1),
    LogicalRightShiftOp: (_shifts_all_bits, 0),
    MaximumOp: (_is_largest_integer, None),
    MinimumOp: (_is_least_integer, None),
    MultiplyOp: (_is_integer_zero, 0),
    PowOp: (_is_zero, 1),
    RemainderOp: (_is_integer_unit, 0),
}
"""The numbers c for which `f(x, c)` is the same for every x, and what it is (None for c); of commutative ops also
`f(c, x)`."""

SELF: Mapping[type[BinaryOp], Number | None] = {
    BitwiseAndOp: None,
    BitwiseOrOp: None,
    BitwiseXorOp: 0,
    GreaterThanOp: 0,
    LessThanOp: 0,
    LogicalXorOp: 0,
    MaximumOp: None,
    MinimumOp: None,
}
"""What `f(x, x)` is for every x, NaN included; None for x."""

BOOLEAN_SELF: Mapping[type[BinaryOp], Number | None] = {LogicalAndOp: None, LogicalOrOp: None}
"""The same, for every x that is 0 or 1."""

INTEGER_SELF: Mapping[type[BinaryOp], Number | None] = {
    EqualOp: 1,
    GreaterEqualOp: 1,
    LessEqualOp: 1,
    NotEqualOp: 0,
    SubtractOp: 0,
}
"""The same, for every integer x. NaN equals nothing, and infinity less itself is NaN."""


def _sides(op: BinaryOp) -> Iterator[tuple[SSAValue, Number]]:
    """The operands beside which the other one is the same number everywhere, and that number.

    Left out are integers beside floats, which the op would round, and quantised and complex elements.
    """
    for x, other in ((op.lhs, op.rhs), (op.rhs, op.lhs)) if op.has_trait(Commutative) else ((op.lhs, op.rhs),):
        number, own, beside = number_in(other), element_type_of(x), element_type_of(other)
        if number is not None and (isinstance(own, AnyFloat) or (is_integer_type(own) and is_integer_type(beside))):
            yield x, number


class FoldNeutral(RewritePattern):
    """x + 0, x * 1, `logical_and(x, true)` and the like are x, where the type is that of x."""

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: BinaryOp, rewriter: PatternRewriter) -> None:
        for x, number in _sides(op):
            is_neutral = NEUTRAL.get(type(op))
            if is_neutral is None and is_boolean(x):
                is_neutral = BOOLEAN_NEUTRAL.get(type(op))
            if is_neutral is None or x.type != op.result.type or not is_static(op):
                continue
            if is_neutral(number, element_type_of(x)):
                rewriter.replace(op, (), (x,))
                return


class FoldAbsorbing(RewritePattern):
    """`logical_and(x, false)` is false, x * 0 is 0 of integers, and the like."""

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: BinaryOp, rewriter: PatternRewriter) -> None:
        if (rule := ABSORBING.get(type(op))) is None:
            return
        absorbs, result = rule
        for x, number in _sides(op):
            if absorbs(number, element_type_of(x)):
                _replace_with_number(op, number if result is None else result, rewriter)
                return


class FoldSameOperands(RewritePattern):
    """x - x is 0 of integers, the larger one of x and x is x, and the like."""

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: BinaryOp, rewriter: PatternRewriter) -> None:
        if op.lhs is not op.rhs or not isinstance(element_type_of(op.lhs), IntegerType | AnyFloat):
            return
        kind = type(op)
        if kind in SELF:
            result = SELF[kind]
        elif kind in BOOLEAN_SELF and is_boolean(op.lhs):
            result = BOOLEAN_SELF[kind]
        elif kind in INTEGER_SELF and is_integer_type(element_type_of(op.lhs)):
            result = INTEGER_SELF[kind]
        else:
            return
        if result is not None:
            _replace_with_number(op, result, rewriter)
        elif op.lhs.type == op.result.type:
            rewriter.replace(op, (), (op.lhs,))


def _replace_with_number(op: BinaryOp, number: Number, rewriter: PatternRewriter) -> None:
    if (filled := filled_with(number, op)) is not None:
        rewriter.replace(op, filled)


NEUTRAL_PATTERNS: tuple[RewritePattern, ...] = (FoldNeutral(), FoldAbsorbing(), FoldSameOperands())
