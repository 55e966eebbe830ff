"""Patterns of `cumsum` and `cumprod`."""

from __future__ import annotations

from xdsl.pattern_rewriter import PatternRewriter, RewritePattern, op_type_rewrite_pattern

from tilewright.dialects.ttir.attributes import i64, integer_attr
from tilewright.dialects.ttir.scans import ScanOp
from tilewright.dialects.types import shape_of


class FoldScanOfOne(RewritePattern):
    """One element alone is its own sum and product."""

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: ScanOp, rewriter: PatternRewriter) -> None:
        if shape_of(op.input)[op.axis] == 1 and op.input.type == op.result.type:
            rewriter.replace(op, (), (op.input,))


class CountDimensionFromFront(RewritePattern):
    """Equal scans look equal."""

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: ScanOp, rewriter: PatternRewriter) -> None:
        if op.dim.value.data < 0:
            op.properties["dim"] = integer_attr(op.axis, i64)
            rewriter.notify_op_modified(op)


SCAN: tuple[RewritePattern, ...] = (FoldScanOfOne(), CountDimensionFromFront())
