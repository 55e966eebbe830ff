"""Patterns of ops that repeat."""

from __future__ import annotations

from xdsl.pattern_rewriter import PatternRewriter, RewritePattern, op_type_rewrite_pattern

from tilewright.dialects.ttir.canonicalization.common import keeps_elements
from tilewright.dialects.ttir.data_movement import BroadcastOp
from tilewright.dialects.ttir.repetition import RepeatInterleaveOp, RepeatOp
from tilewright.dialects.types import shape_of


class MergeRepeats(RewritePattern):
    """Two repetitions of the whole input are one."""

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: RepeatOp, rewriter: PatternRewriter) -> None:
        inner = op.input.owner
        if isinstance(inner, RepeatOp) and keeps_elements(inner):
            factors = [a * b for a, b in zip(inner.factors, op.factors, strict=True)]
            rewriter.replace(op, RepeatOp(inner.input, factors, op.result.type, location=op.location))


class MergeInterleavedRepeats(RewritePattern):
    """Two repetitions of each element along one dimension are one."""

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: RepeatInterleaveOp, rewriter: PatternRewriter) -> None:
        inner = op.input.owner
        if not isinstance(inner, RepeatInterleaveOp) or not keeps_elements(inner) or inner.axis != op.axis:
            return
        repeats = op.repeats.value.data * inner.repeats.value.data
        if repeats < 1 << 32:
            merged = RepeatInterleaveOp(inner.input, repeats, op.axis, op.result.type, location=op.location)
            rewriter.replace(op, merged)


class RepeatToBroadcast(RewritePattern):
    """Along dimensions of extent 1, either repetition is a broadcast, which elementwise ops take in."""

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: RepeatOp | RepeatInterleaveOp, rewriter: PatternRewriter) -> None:
        shape = shape_of(op.input)
        if isinstance(op, RepeatOp):
            factors = op.factors
        else:
            factors = tuple(op.repeats.value.data if d == op.axis else 1 for d in range(len(shape)))
        if all(f == 1 or d == 1 for f, d in zip(factors, shape, strict=True)):
            rewriter.replace(op, BroadcastOp(op.input, factors, op.result.type, location=op.location))


REPEAT: tuple[RewritePattern, ...] = (MergeRepeats(), RepeatToBroadcast())
REPEAT_INTERLEAVE: tuple[RewritePattern, ...] = (MergeInterleavedRepeats(), RepeatToBroadcast())
