"""Patterns of the quantisation ops."""

from __future__ import annotations

from xdsl.pattern_rewriter import PatternRewriter, RewritePattern, op_type_rewrite_pattern

from tilewright.dialects.ttir.quantization import RequantizeOp


class FoldIdentityRequantization(RewritePattern):
    """Elements that have the quantisation already stay as they are.

    Requantisations that follow each other are not merged: each rounds.
    """

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: RequantizeOp, rewriter: PatternRewriter) -> None:
        if op.input.type == op.result.type:
            rewriter.replace(op, (), (op.input,))


REQUANTIZE = (FoldIdentityRequantization(),)
