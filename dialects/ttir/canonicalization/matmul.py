"""Patterns of matrix products."""

from __future__ import annotations

from math import prod

from xdsl.dialects.builtin import DYNAMIC_INDEX
from xdsl.ir import SSAValue
from xdsl.pattern_rewriter import PatternRewriter, RewritePattern, op_type_rewrite_pattern

from tilewright.dialects.ttir.canonicalization.common import keeps_elements
from tilewright.dialects.ttir.data_movement import ReshapeOp
from tilewright.dialects.ttir.matmul import LinearOp, MatmulOp
from tilewright.dialects.ttir.shapes import Shape
from tilewright.dialects.types import shape_of


class LinearToMatmul(RewritePattern):
    """A `linear` without bias is a `matmul`."""

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: LinearOp, rewriter: PatternRewriter) -> None:
        if op.bias is None:
            flags = bool(op.transpose_a), bool(op.transpose_b)
            rewriter.replace(op, MatmulOp(op.a, op.b, *flags, op.result.type, location=op.location))


class KeepBatchDimensions(RewritePattern):
    """Batch dimensions that are joined for a product alone, and split again after it, stay as they are."""

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: MatmulOp, rewriter: PatternRewriter) -> None:
        split = op.result.get_user_of_unique_use()
        if not isinstance(split, ReshapeOp) or not keeps_elements(split):
            return
        a, b = _before_join(op.a), _before_join(op.b)
        if a is None or b is None:
            return
        batch = shape_of(a)[:-2]
        if shape_of(b)[:-2] != batch or shape_of(split.result) != (*batch, *shape_of(op.result)[1:]):
            return
        flags = bool(op.transpose_a), bool(op.transpose_b)
        rewriter.replace(split, MatmulOp(a, b, *flags, split.result.type, location=split.location))


def _before_join(value: SSAValue) -> SSAValue | None:
    """What `value`, of rank 3, is made of by joining all dimensions but the last two; None if it is not."""
    join = value.owner
    if not isinstance(join, ReshapeOp) or not keeps_elements(join):
        return None
    before, after = shape_of(join.input), shape_of(value)
    return join.input if _joins_batch(before, after) else None


def _joins_batch(before: Shape, after: Shape) -> bool:
    if len(after) != 3 or len(before) < 4 or DYNAMIC_INDEX in before:
        return False
    return before[-2:] == after[1:] and prod(before[:-2]) == after[0]


LINEAR = (LinearToMatmul(),)
MATMUL = (KeepBatchDimensions(),)
