"""Patterns of `pad`."""

from __future__ import annotations

from xdsl.pattern_rewriter import PatternRewriter, RewritePattern, op_type_rewrite_pattern

from tilewright.dialects.ttir.canonicalization.common import filled_like, is_static
from tilewright.dialects.ttir.creation import fill_value_of
from tilewright.dialects.ttir.padding import PadOp
from tilewright.dialects.types import element_type_of


class FoldEmptyPad(RewritePattern):
    """A pad that adds and takes nothing, and keeps the type, is its input."""

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: PadOp, rewriter: PatternRewriter) -> None:
        if op.input.type == op.result.type and not any(op.padding.get_values()):
            rewriter.replace(op, (), (op.input,))


class MergePads(RewritePattern):
    """Two pads with one value are one, unless the first takes elements away where the second adds some."""

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: PadOp, rewriter: PatternRewriter) -> None:
        inner = op.input.owner
        if not isinstance(inner, PadOp) or inner.value != op.value:
            return
        if element_type_of(inner.input) != element_type_of(op.result) or op.input.type != inner.result.type:
            return
        if element_type_of(op.input) != element_type_of(op.result):
            return
        pairs = list(zip(inner.padding.get_values(), op.padding.get_values(), strict=True))
        if all(first >= 0 or second <= 0 for first, second in pairs):
            padding = [first + second for first, second in pairs]
            value = op.value.value.data
            rewriter.replace(op, PadOp(inner.input, padding, value, op.result.type, location=op.location))


class PadFilledTensor(RewritePattern):
    """More of the number that is everywhere already."""

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: PadOp, rewriter: PatternRewriter) -> None:
        fill = fill_value_of(op.input)
        if fill is None or fill != op.value.value.data or element_type_of(op.input) != element_type_of(op.result):
            return
        if is_static(op) and (filled := filled_like(op.input.owner, op)) is not None:
            rewriter.replace(op, filled)


PAD: tuple[RewritePattern, ...] = (FoldEmptyPad(), MergePads(), PadFilledTensor())
