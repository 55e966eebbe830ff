"""Patterns of ops that move data: identities, chains, and moved data that is made in its place."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

from xdsl.pattern_rewriter import PatternRewriter, RewritePattern, op_type_rewrite_pattern

from tilewright.dialects.ttir.bases import BinaryOp, MovementOp
from tilewright.dialects.ttir.binary import WhereOp
from tilewright.dialects.ttir.canonicalization.common import filled_like, has_encoding, keeps_elements
from tilewright.dialects.ttir.creation import ArangeOp
from tilewright.dialects.ttir.data_movement import (
    BroadcastOp,
    ConcatOp,
    PermuteOp,
    ReshapeOp,
    SliceStaticOp,
    SqueezeOp,
    TransposeOp,
    UnsqueezeOp,
)
from tilewright.dialects.ttir.layout import EmptyOp, ToLayoutOp
from tilewright.dialects.types import element_type_of, shape_of


class FoldIdentityMovement(RewritePattern):
    """A reshape, broadcast or slice that keeps the type moves nothing, as no slice reverses a whole dimension."""

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: ReshapeOp | BroadcastOp | SliceStaticOp, rewriter: PatternRewriter) -> None:
        if op.input.type == op.result.type:
            rewriter.replace(op, (), (op.input,))


class FoldIdentityPermute(RewritePattern):
    """A permutation that moves nothing but dimensions of extent 1, and keeps the type, is an identity."""

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: PermuteOp | TransposeOp, rewriter: PatternRewriter) -> None:
        if op.input.type != op.result.type:
            return
        shape = shape_of(op.input)
        moved = [axis for axis in op.order if shape[axis] != 1]
        if moved == sorted(moved):
            rewriter.replace(op, (), (op.input,))


class MergeReshapes(RewritePattern):
    """Of two ops that only reshape, the last one tells the shape."""

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: ReshapeOp, rewriter: PatternRewriter) -> None:
        inner = op.input.owner
        if isinstance(inner, ReshapeOp | SqueezeOp | UnsqueezeOp) and keeps_elements(inner):
            shape = shape_of(op.result)
            rewriter.replace(op, ReshapeOp(inner.input, shape, op.result.type, location=op.location))


class TransposeToPermute(RewritePattern):
    """A transpose is a permute of two dimensions, so that chains of either kind merge."""

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: TransposeOp, rewriter: PatternRewriter) -> None:
        rewriter.replace(op, PermuteOp(op.input, op.order, op.result.type, location=op.location))


class MergePermutes(RewritePattern):
    """Two permutations are one, unless tt-mlir has split it on purpose."""

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: PermuteOp, rewriter: PatternRewriter) -> None:
        inner = op.input.owner
        if not isinstance(inner, PermuteOp) or not keeps_elements(inner) or "decomposed" in op.attributes:
            return
        order = [inner.order[axis] for axis in op.order]
        rewriter.replace(op, PermuteOp(inner.input, order, op.result.type, location=op.location))


class MergeBroadcasts(RewritePattern):
    """Two broadcasts are one."""

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: BroadcastOp, rewriter: PatternRewriter) -> None:
        inner = op.input.owner
        if not isinstance(inner, BroadcastOp) or not keeps_elements(inner):
            return
        first, second = inner.broadcast_dimensions.get_values(), op.broadcast_dimensions.get_values()
        factors = [a * b for a, b in zip(first, second, strict=True)]
        rewriter.replace(op, BroadcastOp(inner.input, factors, op.result.type, location=op.location))


class MoveFilledTensor(RewritePattern):
    """Equal numbers are equal wherever they move: make them in the shape that they come to.

    Not where an elementwise op broadcasts them by itself, as they take least space unbroadcast.
    """

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: MovementOp, rewriter: PatternRewriter) -> None:
        if not keeps_elements(op):
            return
        if isinstance(op, BroadcastOp) and all(isinstance(u.operation, BinaryOp | WhereOp) for u in op.result.uses):
            return
        if (filled := filled_like(op.input.owner, op)) is not None:
            rewriter.replace(op, filled)


def _axis_after_reshape(shape: Sequence[int], axis: int, target: Sequence[int]) -> int | None:
    """Where dimension `axis` of `shape` is in `target`, if the reshape leaves it whole; else None."""
    before = prod(shape[:axis])
    for i, extent in enumerate(target):
        if extent == shape[axis] and prod(target[:i]) == before:
            return i
    return None


class MoveArange(RewritePattern):
    """Make an arange in the shape that it is reshaped, permuted or broadcast to, where its dimension stays whole."""

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: MovementOp, rewriter: PatternRewriter) -> None:
        source = op.input.owner
        if not isinstance(source, ArangeOp) or not keeps_elements(op) or has_encoding(op):
            return
        axis: int | None = source.dimension
        shape, target = shape_of(source.result), shape_of(op.result)
        match op:
            case ReshapeOp() | SqueezeOp() | UnsqueezeOp():
                axis = _axis_after_reshape(shape, axis, target)
            case PermuteOp():
                axis = op.order.index(axis)
            case BroadcastOp() if target[axis] == shape[axis]:
                pass
            case _:
                return
        if axis is not None:
            start, step = source.start.value.data, source.step.value.data
            element_type = element_type_of(op.result)
            rewriter.replace(op, ArangeOp(target, element_type, start, step, axis, location=op.location))


class FoldSingleConcat(RewritePattern):
    """One tensor alone is its own concatenation."""

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: ConcatOp, rewriter: PatternRewriter) -> None:
        if len(op.operands) == 1 and op.operands[0].type == op.result.type:
            rewriter.replace(op, (), (op.operands[0],))


class FoldIdentityToLayout(RewritePattern):
    """A copy that changes neither type nor layout is its input."""

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: ToLayoutOp, rewriter: PatternRewriter) -> None:
        if op.input.type == op.output.type and len(op.results) == 1:
            rewriter.replace(op, (), (op.input,))


class ToLayoutOfEmpty(RewritePattern):
    """A copy of nothing is nothing in the new layout."""

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: ToLayoutOp, rewriter: PatternRewriter) -> None:
        if isinstance(op.input.owner, EmptyOp) and len(op.results) == 1:
            rewriter.replace(op, EmptyOp(op.output.type, location=op.location))


MOVEMENT: tuple[RewritePattern, ...] = (FoldIdentityMovement(), MoveFilledTensor(), MoveArange())
RESHAPE = (MergeReshapes(),)
PERMUTE = (FoldIdentityPermute(), MergePermutes())
TRANSPOSE = (FoldIdentityPermute(), TransposeToPermute())
BROADCAST = (MergeBroadcasts(),)
CONCAT = (FoldSingleConcat(),)
TO_LAYOUT = (FoldIdentityToLayout(), ToLayoutOfEmpty())
