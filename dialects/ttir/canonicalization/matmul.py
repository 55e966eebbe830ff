"""Patterns of matrix products."""

from __future__ import annotations

from xdsl.pattern_rewriter import PatternRewriter, RewritePattern, op_type_rewrite_pattern

from tilewright.dialects.ttir.matmul import LinearOp, MatmulOp


class LinearToMatmul(RewritePattern):
    """A `linear` without bias is a `matmul`."""

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: LinearOp, rewriter: PatternRewriter) -> None:
        if op.bias is None:
            flags = bool(op.transpose_a), bool(op.transpose_b)
            rewriter.replace(op, MatmulOp(op.a, op.b, *flags, op.result.type, location=op.location))


LINEAR = (LinearToMatmul(),)
