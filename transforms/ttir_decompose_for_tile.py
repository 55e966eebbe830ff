"""Rewrites TTIR ops whose form the tile level has no kernel for, into TTIR ops that it has kernels for."""

from __future__ import annotations

from dataclasses import dataclass

from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp, NoneAttr
from xdsl.dialects.func import FuncOp
from xdsl.ir import BlockArgument, Operation, SSAValue
from xdsl.passes import ModulePass
from xdsl.pattern_rewriter import (
    GreedyRewritePatternApplier,
    PatternRewriter,
    PatternRewriteWalker,
    RewritePattern,
    op_type_rewrite_pattern,
)

from tilewright.dialects import ttir
from tilewright.dialects.ttcore import ArgumentType, LoadCachedOp, argument_type_of
from tilewright.dialects.ttir.attributes import si32
from tilewright.dialects.types import element_type_of, is_tensor, shape_of, tensor_type
from tilewright.transforms.modules import forward_functions
from tilewright.transforms.ttir_decompose_dot_general import DotGeneralToMatmul


@dataclass(frozen=True)
class TtirDecomposeForTile(ModulePass):
    """Makes causal masks and products over any dimensions explicit, transposes weights ahead of time, delays
    broadcasts, and makes typecasts of changes of layout."""

    name = "ttir-decompose-for-tile"

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        patterns = GreedyRewritePatternApplier(
            [ExplicitCausalMask(), DotGeneralToMatmul(), TransposeWeight(), DelayBroadcast(), LayoutToTypecast()]
        )
        for function in forward_functions(op):
            PatternRewriteWalker(patterns, apply_recursively=False).rewrite_region(function.body)


class ExplicitCausalMask(RewritePattern):
    """`is_causal` becomes a mask of 0 and -infinity, made of ranges, so that it is computed once when values are
    bound."""

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: ttir.ScaledDotProductAttentionOp, rewriter: PatternRewriter) -> None:
        if not bool(op.is_causal) or op.sliding_window_size is not None:
            return
        rows, columns = shape_of(op.query)[2], shape_of(op.key)[2]
        element, at = element_type_of(op.query), op.location
        row = ttir.ArangeOp((1, 1, rows, 1), si32, dimension=2, location=at)
        column = ttir.ArangeOp((1, 1, 1, columns), si32, dimension=3, location=at)
        seen = ttir.GreaterEqualOp(row, column, location=at)
        keep = ttir.FullOp((1, 1, 1, 1), 0.0, element, location=at)
        drop = ttir.FullOp((1, 1, 1, 1), float("-inf"), element, location=at)
        mask = ttir.WhereOp(seen, keep, drop, tensor_type((1, 1, rows, columns), element), location=at)
        attention = ttir.ScaledDotProductAttentionOp(
            op.query,
            op.key,
            op.value,
            mask,
            op.attention_sink,
            is_causal=False,
            scale=None if op.scale is None else op.scale.value.data,
            result_type=op.result.type,
            location=at,
        )
        rewriter.replace(op, [row, column, seen, keep, drop, mask, attention])


class TransposeWeight(RewritePattern):
    """A transposed parameter of a matmul becomes a permuted one: the permute is then done once, when values are
    bound."""

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: ttir.LinearOp | ttir.MatmulOp, rewriter: PatternRewriter) -> None:
        if not bool(op.transpose_b) or not is_parameter(op.b):
            return
        rank = len(shape_of(op.b))
        order = (*range(rank - 2), rank - 1, rank - 2)
        permute = ttir.PermuteOp(op.b, order, location=op.location)
        flag = bool(op.transpose_a)
        if isinstance(op, ttir.LinearOp):
            product: Operation = ttir.LinearOp(
                op.a, permute, op.bias, flag, False, op.result.type, location=op.location
            )
        else:
            product = ttir.MatmulOp(op.a, permute, flag, False, op.result.type, location=op.location)
        rewriter.replace(op, [permute, product])


class DelayBroadcast(RewritePattern):
    """A choice between two single numbers by a broadcast condition is made before the broadcast, on fewer elements."""

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: ttir.WhereOp, rewriter: PatternRewriter) -> None:
        condition, first, second = op.operands
        broadcast = condition.owner
        if not isinstance(broadcast, ttir.BroadcastOp):
            return
        if any(d != 1 for v in (first, second) for d in shape_of(v)):
            return
        if shape_of(condition) != op.result.type.get_shape():
            return
        small = tensor_type(shape_of(broadcast.input), element_type_of(op.result))
        choice = ttir.WhereOp(broadcast.input, first, second, small, location=op.location)
        factors = broadcast.broadcast_dimensions.get_values()
        rewriter.replace(op, [choice, ttir.BroadcastOp(choice, factors, op.result.type, location=op.location)])


class LayoutToTypecast(RewritePattern):
    """A change of layout between tensors without one is a typecast."""

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: ttir.ToLayoutOp, rewriter: PatternRewriter) -> None:
        types = (op.input.type, *op.result_types)  # a memref is written, and there is no result
        if len(types) != 2 or not all(is_tensor(t) and isinstance(t.encoding, NoneAttr) for t in types):
            return
        element = element_type_of(op.results[0])
        rewriter.replace(op, [ttir.TypecastOp(op.input, element, location=op.location)])


def is_parameter(value: SSAValue) -> bool:
    """Whether `value` is a parameter, a constant, or made of such by a const-eval function."""
    if isinstance(value, BlockArgument):
        function = value.block.parent_op()
        return isinstance(function, FuncOp) and argument_type_of(function, value.index) in (
            ArgumentType.PARAMETER,
            ArgumentType.CONSTANT,
        )
    return isinstance(value.owner, LoadCachedOp)
