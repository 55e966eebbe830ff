"""Patterns of elementwise ops: functions applied twice, implicit broadcasting, selections.

See also `neutral` and `filled`.
"""

from __future__ import annotations

from xdsl.ir import Operation, SSAValue
from xdsl.pattern_rewriter import PatternRewriter, RewritePattern, op_type_rewrite_pattern

from tilewright.dialects.ttir.bases import BinaryOp, UnaryOp, is_boolean
from tilewright.dialects.ttir.binary import WhereOp
from tilewright.dialects.ttir.canonicalization.common import is_static, keeps_elements
from tilewright.dialects.ttir.canonicalization.filled import FILLED_BINARY, FILLED_UNARY
from tilewright.dialects.ttir.canonicalization.neutral import NEUTRAL_PATTERNS
from tilewright.dialects.ttir.canonicalization.numbers import number_in
from tilewright.dialects.ttir.data_movement import BroadcastOp
from tilewright.dialects.ttir.shapes import broadcast_shapes
from tilewright.dialects.ttir.traits import Idempotent, Involution
from tilewright.dialects.ttir.unary import LogicalNotOp
from tilewright.dialects.types import shape_of


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
        number = number_in(op.first)
        if number is not None and is_static(op):
            _replace_with_operand(op, op.third if number == 0 else op.second, rewriter)


class FoldEqualChoices(RewritePattern):
    """A selection between a value and itself is that value."""

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: WhereOp, rewriter: PatternRewriter) -> None:
        if op.second is op.third and is_static(op):
            _replace_with_operand(op, op.second, rewriter)


def _replace_with_operand(op: Operation, operand: SSAValue, rewriter: PatternRewriter) -> None:
    if operand.type == op.results[0].type:
        rewriter.replace(op, (), (operand,))


UNARY: tuple[RewritePattern, ...] = (FoldRepeatedFunction(), *FILLED_UNARY)
BINARY: tuple[RewritePattern, ...] = (*FILLED_BINARY, *NEUTRAL_PATTERNS, FoldBroadcastIntoOperand())
WHERE: tuple[RewritePattern, ...] = (FoldConstantCondition(), FoldEqualChoices(), FoldBroadcastIntoOperand())
