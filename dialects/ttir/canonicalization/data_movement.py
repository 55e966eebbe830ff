"""Patterns of ops that move data: identities, chains, and moved data that is made in its place."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

from xdsl.dialects.builtin import DenseIntOrFPElementsAttr, TensorType
from xdsl.pattern_rewriter import PatternRewriter, RewritePattern, op_type_rewrite_pattern

from tilewright.dialects.ttir.bases import BinaryOp, MovementOp
from tilewright.dialects.ttir.binary import WhereOp
from tilewright.dialects.ttir.canonicalization.common import filled_like, has_encoding, is_static, keeps_elements
from tilewright.dialects.ttir.concatenation import ConcatOp
from tilewright.dialects.ttir.creation import ArangeOp, ConstantOp
from tilewright.dialects.ttir.data_movement import (
    BroadcastOp,
    PermuteOp,
    ReshapeOp,
    ReverseOp,
    SqueezeOp,
    TransposeOp,
    UnsqueezeOp,
)
from tilewright.dialects.ttir.layout import EmptyOp, ToLayoutOp
from tilewright.dialects.ttir.rearrange import RearrangeOp
from tilewright.dialects.ttir.repetition import RepeatInterleaveOp, RepeatOp
from tilewright.dialects.ttir.slicing import IndexOp, IndexSelectOp, SliceStaticOp
from tilewright.dialects.types import element_type_of, shape_of, tensor_type

_IDENTITY_IF_TYPE_STAYS = (
    BroadcastOp,
    IndexOp,
    IndexSelectOp,
    RepeatInterleaveOp,
    RepeatOp,
    ReshapeOp,
    SliceStaticOp,
    SqueezeOp,
    UnsqueezeOp,
)


class FoldIdentityMovement(RewritePattern):
    """A reshape, repetition or slice that keeps the type moves nothing, as no slice reverses a whole dimension."""

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: MovementOp, rewriter: PatternRewriter) -> None:
        if isinstance(op, _IDENTITY_IF_TYPE_STAYS) and op.input.type == op.result.type and is_static(op):
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
        if isinstance(inner, ReshapeOp | SqueezeOp | UnsqueezeOp) and keeps_elements(inner) and is_static(op):
            shape = shape_of(op.result)
            rewriter.replace(op, ReshapeOp(inner.input, shape, op.result.type, location=op.location))


class UnitDimensionToReshape(RewritePattern):
    """A dimension of extent 1 more or less is a reshape, so that chains merge."""

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: SqueezeOp | UnsqueezeOp, rewriter: PatternRewriter) -> None:
        if is_static(op):
            rewriter.replace(op, ReshapeOp(op.input, shape_of(op.result), op.result.type, location=op.location))


class ReshapeConstant(RewritePattern):
    """The numbers of a constant are in row-major order, so that they stay as they are in another shape."""

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: ReshapeOp, rewriter: PatternRewriter) -> None:
        source = op.input.owner
        if not isinstance(source, ConstantOp) or has_encoding(op) or not keeps_elements(op) or not is_static(op):
            return
        value = source.value
        if isinstance(value, DenseIntOrFPElementsAttr) and value.type == op.input.type:
            type = TensorType(value.get_element_type(), shape_of(op.result))
            rewriter.replace(op, ConstantOp(DenseIntOrFPElementsAttr(type, value.data), location=op.location))


class RearrangeToPermute(RewritePattern):
    """A rearrangement is a permute and, if it merges dimensions, a reshape after it."""

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: RearrangeOp, rewriter: PatternRewriter) -> None:
        rearrangement, shape = op.rearrangement, shape_of(op.input)
        if all(size == 1 for size in rearrangement.groups):
            rewriter.replace(op, PermuteOp(op.input, rearrangement.order, op.result.type, location=op.location))
        elif is_static(op):
            between = tensor_type(rearrangement.permuted(shape), element_type_of(op.input))
            permute = PermuteOp(op.input, rearrangement.order, between, location=op.location)
            reshape = ReshapeOp(permute, shape_of(op.result), op.result.type, location=op.location)
            rewriter.replace(op, (permute, reshape))


class FoldIdentityReverse(RewritePattern):
    """Dimensions of extent 1 look the same from both sides."""

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: ReverseOp, rewriter: PatternRewriter) -> None:
        shape = shape_of(op.input)
        axes = [axis for axis in op.axes if shape[axis] != 1]
        if not axes and op.input.type == op.result.type:
            rewriter.replace(op, (), (op.input,))
        elif len(axes) < len(op.axes):
            rewriter.replace(op, ReverseOp(op.input, axes, op.result.type, location=op.location))


class MergeReverses(RewritePattern):
    """Two reversals are one of the dimensions that only one of them reverses."""

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: ReverseOp, rewriter: PatternRewriter) -> None:
        inner = op.input.owner
        if isinstance(inner, ReverseOp) and keeps_elements(inner):
            axes = sorted(set(op.axes) ^ set(inner.axes))
            rewriter.replace(op, ReverseOp(inner.input, axes, op.result.type, location=op.location))


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
        if not isinstance(source, ArangeOp) or not keeps_elements(op) or has_encoding(op) or not is_static(op):
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


class DropEmptyOperands(RewritePattern):
    """Tensors without elements add nothing to a concatenation of others."""

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: ConcatOp, rewriter: PatternRewriter) -> None:
        full = [value for value in op.operands if shape_of(value)[op.axis] != 0]
        if full and len(full) < len(op.operands):
            rewriter.replace(op, ConcatOp(full, op.axis, op.result.type, location=op.location))
        elif not full and op.operands[0].type == op.result.type:
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
RESHAPE = (MergeReshapes(), ReshapeConstant())
UNIT_DIMENSION = (UnitDimensionToReshape(),)
REARRANGE = (RearrangeToPermute(),)
REVERSE = (FoldIdentityReverse(), MergeReverses())
PERMUTE = (FoldIdentityPermute(), MergePermutes())
TRANSPOSE = (FoldIdentityPermute(), TransposeToPermute())
BROADCAST = (MergeBroadcasts(),)
CONCAT = (FoldSingleConcat(), DropEmptyOperands())
TO_LAYOUT = (FoldIdentityToLayout(), ToLayoutOfEmpty())
