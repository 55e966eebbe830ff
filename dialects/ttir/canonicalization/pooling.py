"""Patterns of poolings."""

from __future__ import annotations

from xdsl.pattern_rewriter import PatternRewriter, RewritePattern, op_type_rewrite_pattern

from tilewright.dialects.ttir.pooling import AvgPool2dOp, MaxPool2dOp


class FoldIdentityPooling(RewritePattern):
    """A pooling whose windows are single elements, each of them once, is its input."""

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: AvgPool2dOp | MaxPool2dOp, rewriter: PatternRewriter) -> None:
        if op.input.type == op.result.type and op.window.is_identity:
            rewriter.replace(op, (), (op.input,))


POOLING = (FoldIdentityPooling(),)
