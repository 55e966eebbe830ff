"""Patterns of `scatter`."""

from __future__ import annotations

from xdsl.pattern_rewriter import PatternRewriter, RewritePattern, op_type_rewrite_pattern

from tilewright.dialects.ttir.indexing import ScatterOp
from tilewright.dialects.types import shape_of


class FoldEmptyScatter(RewritePattern):
    """Nothing put into a tensor leaves it as it is."""

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: ScatterOp, rewriter: PatternRewriter) -> None:
        if (0 in shape_of(op.index) or 0 in shape_of(op.source)) and op.input.type == op.result.type:
            rewriter.replace(op, (), (op.input,))


SCATTER = (FoldEmptyScatter(),)
