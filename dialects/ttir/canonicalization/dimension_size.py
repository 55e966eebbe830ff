"""Patterns of `get_dimension_size`."""

from __future__ import annotations

from xdsl.dialects.builtin import DYNAMIC_INDEX
from xdsl.pattern_rewriter import PatternRewriter, RewritePattern, op_type_rewrite_pattern

from tilewright.dialects.ttir.canonicalization.common import has_encoding, is_static
from tilewright.dialects.ttir.creation import FullOp
from tilewright.dialects.ttir.dimension_size import GetDimensionSizeOp
from tilewright.dialects.types import element_type_of, shape_of


class KnownDimensionSize(RewritePattern):
    """An extent that is in the type is a constant."""

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: GetDimensionSizeOp, rewriter: PatternRewriter) -> None:
        extent = shape_of(op.operand)[op.dimension.value.data]
        if extent == DYNAMIC_INDEX or extent >= 1 << 31 or has_encoding(op) or not is_static(op):
            return
        shape, element_type = shape_of(op.result), element_type_of(op.result)
        rewriter.replace(op, FullOp(shape, extent, element_type, location=op.location))


DIMENSION_SIZE = (KnownDimensionSize(),)
