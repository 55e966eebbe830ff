"""Patterns of elementwise ops: identities, implicit broadcasting, and functions applied twice."""

from __future__ import annotations

from collections.abc import Callable

from xdsl.ir import Operation, SSAValue
from xdsl.pattern_rewriter import PatternRewriter, RewritePattern, op_type_rewrite_pattern
from xdsl.traits import Commutative

from tilewright.dialects.ttir.bases import BinaryOp, UnaryOp, is_boolean
from tilewright.dialects.ttir.binary import (
    AddOp,
    BitwiseOrOp,
    DivOp,
    LogicalAndOp,
    LogicalOrOp,
    LogicalXorOp,
    MultiplyOp,
    PowOp,
    SubtractOp,
    WhereOp,
)
from tilewright.dialects.ttir.canonicalization.common import has_encoding, keeps_elements
from tilewright.dialects.ttir.creation import FullOp, fill_value_of
from tilewright.dialects.ttir.data_movement import BroadcastOp
from tilewright.dialects.ttir.shapes import broadcast_shapes
from tilewright.dialects.ttir.traits import Idempotent, Involution
from tilewright.dialects.ttir.unary import LogicalNotOp
from tilewright.dialects.types import shape_of


def _is_zero(fill: int | float) -> bool:
    return fill == 0


def _is_one(fill: int | float) -> bool:
    return fill == 1


def _is_true(fill: int | float) -> bool:
    return fill != 0


_IDENTITIES: dict[type[BinaryOp], Callable[[int | float], bool]] = {
    AddOp: _is_zero,
    BitwiseOrOp: _is_zero,
    DivOp: _is_one,
    MultiplyOp: _is_one,
    PowOp: _is_one,
    SubtractOp: _is_zero,
}
"""The numbers c for which `f(x, c)` is x for every x; of commutative ops also `f(c, x)`."""

_BOOLEAN_IDENTITIES: dict[type[BinaryOp], Callable[[int | float], bool]] = {
    LogicalAndOp: _is_true,
    LogicalOrOp: _is_zero,
    LogicalXorOp: _is_zero,
}
"""The same, for every x that is 0 or 1."""

_ABSORBING: dict[type[BinaryOp], tuple[Callable[[int | float], bool], int]] = {
    LogicalAndOp: (_is_zero, 0),
    LogicalOrOp: (_is_true, 1),
}
"""The numbers c for which neither side matters when one is c, and what the result is then."""


class FoldIdentity(RewritePattern):
    """x + 0, x * 1, `logical_and(x, true)` and the like are x, where the type is that of x."""

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: BinaryOp, rewriter: PatternRewriter) -> None:
        lhs, rhs = op.operands
        sides = ((lhs, rhs), (rhs, lhs)) if op.has_trait(Commutative) else ((lhs, rhs),)
        for x, other in sides:
            fill = fill_value_of(other)
            if fill is None or x.type != op.result.type:
                continue
            is_identity = _IDENTITIES.get(type(op))
            if is_identity is None and is_boolean(x):
                is_identity = _BOOLEAN_IDENTITIES.get(type(op))
            if is_identity is not None and is_identity(fill):
                rewriter.replace(op, (), (x,))
                return


class FoldAbsorbing(RewritePattern):
    """`logical_and(x, false)` is false, `logical_or(x, true)` is true."""

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: BinaryOp, rewriter: PatternRewriter) -> None:
        if (rule := _ABSORBING.get(type(op))) is None or has_encoding(op):
            return
        absorbs, result = rule
        fills = (fill_value_of(v) for v in op.operands)
        if any(fill is not None and absorbs(fill) for fill in fills):
            type_ = op.result.type
            rewriter.replace(op, FullOp(type_.get_shape(), result, type_.element_type, location=op.location))


class FoldBroadcastIntoOperand(RewritePattern):
    """An elementwise op broadcasts by itself: no operand needs to be broadcast where the result stays the same."""

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: BinaryOp | WhereOp, rewriter: PatternRewriter) -> None:
        for i, operand in enumerate(op.operands):
            source = operand.owner
            if not isinstance(source, BroadcastOp) or not keeps_elements(source):
                continue
            others = [shape_of(v) for j, v in enumerate(op.operands) if j != i]
            if broadcast_shapes(shape_of(source.input), *others) == shape_of(op.result):
                op.operands[i] = source.input
                rewriter.notify_op_modified(op)
                return


class FoldRepeatedFunction(RewritePattern):
    """`f(f(x))` is f(x) if f is idempotent, and x if f is its own inverse; `logical_not` is that on 0 and 1."""

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: UnaryOp, rewriter: PatternRewriter) -> None:
        inner = op.input.owner
        if type(inner) is not type(op) or not isinstance(inner, UnaryOp):
            return
        if not inner.input.type == inner.result.type == op.result.type:
            return
        if op.has_trait(Idempotent):
            rewriter.replace(op, (), (inner.result,))
        elif op.has_trait(Involution) or (isinstance(op, LogicalNotOp) and is_boolean(inner.input)):
            rewriter.replace(op, (), (inner.input,))


class FoldConstantCondition(RewritePattern):
    """A condition that is the same everywhere selects one operand, if its type is that of the result."""

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: WhereOp, rewriter: PatternRewriter) -> None:
        fill = fill_value_of(op.first)
        if fill is not None:
            _replace_with_operand(op, op.third if fill == 0 else op.second, rewriter)


class FoldEqualChoices(RewritePattern):
    """A selection between a value and itself is that value."""

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: WhereOp, rewriter: PatternRewriter) -> None:
        if op.second is op.third:
            _replace_with_operand(op, op.second, rewriter)


def _replace_with_operand(op: Operation, operand: SSAValue, rewriter: PatternRewriter) -> None:
    if operand.type == op.results[0].type:
        rewriter.replace(op, (), (operand,))


UNARY = (FoldRepeatedFunction(),)
BINARY = (FoldIdentity(), FoldAbsorbing(), FoldBroadcastIntoOperand())
WHERE = (FoldConstantCondition(), FoldEqualChoices(), FoldBroadcastIntoOperand())
