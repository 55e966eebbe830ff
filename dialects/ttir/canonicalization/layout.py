"""Patterns of casts between layouts."""

from __future__ import annotations

from xdsl.pattern_rewriter import PatternRewriter, RewritePattern, op_type_rewrite_pattern

from tilewright.dialects.ttir.layout import TTNNMetalLayoutCastOp
from tilewright.dialects.types import is_tensor


class FoldCastAndBack(RewritePattern):
    """A tensor cast to another layout and back is that tensor, unless a cast says where on the grid it lies."""

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: TTNNMetalLayoutCastOp, rewriter: PatternRewriter) -> None:
        first = op.input.owner
        if not isinstance(first, TTNNMetalLayoutCastOp) or first.input.type != op.result.type:
            return
        if not is_tensor(op.input.type) or not is_tensor(op.result.type):
            return
        if first.virtual_grid_inverse_mapping is None and op.virtual_grid_inverse_mapping is None:
            rewriter.replace(op, (), (first.input,))


LAYOUT_CAST = (FoldCastAndBack(),)
