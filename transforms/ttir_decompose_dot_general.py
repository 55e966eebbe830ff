"""Products over any dimensions become products of matrices."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod

from xdsl.context import Context
from xdsl.dialects.builtin import DYNAMIC_INDEX, ModuleOp
from xdsl.ir import Operation, SSAValue
from xdsl.passes import ModulePass
from xdsl.pattern_rewriter import PatternRewriter, PatternRewriteWalker, RewritePattern, op_type_rewrite_pattern

from tilewright.dialects import ttir
from tilewright.dialects.ttir.dot_general import free_dims
from tilewright.dialects.types import element_type_of, shape_of, tensor_type
from tilewright.transforms.modules import tensor_functions


@dataclass(frozen=True)
class TtirDecomposeDotGeneral(ModulePass):
    """Each `dot_general` becomes a `matmul` of operands with the batch dimensions in front.

    A matmul is what levels below have a kernel for; what moves the operands can then be merged with what made them.
    """

    name = "ttir-decompose-dot-general"

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        for function in tensor_functions(op):
            walker = PatternRewriteWalker(DotGeneralToMatmul(), apply_recursively=False)
            walker.rewrite_region(function.body)


class DotGeneralToMatmul(RewritePattern):
    """permute to (batch, rows, inner) and (batch, inner, columns); multiply; reshape what has several dimensions."""

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: ttir.DotGeneralOp, rewriter: PatternRewriter) -> None:
        left, right = shape_of(op.lhs), shape_of(op.rhs)
        if DYNAMIC_INDEX in (*left, *right, *shape_of(op.result)):
            return
        batch_lhs, contract_lhs, batch_rhs, contract_rhs = op.dims
        free_lhs = free_dims(len(left), batch_lhs, contract_lhs)
        free_rhs = free_dims(len(right), batch_rhs, contract_rhs)
        ops: list[Operation] = []
        batch = tuple(left[d] for d in batch_lhs)
        rows, inner, columns = (
            prod(left[d] for d in free_lhs),
            prod(left[d] for d in contract_lhs),
            prod(right[d] for d in free_rhs),
        )
        a = _moved(op, op.lhs, (*batch_lhs, *free_lhs, *contract_lhs), (*batch, rows, inner), ops)
        b = _moved(op, op.rhs, (*batch_rhs, *contract_rhs, *free_rhs), (*batch, inner, columns), ops)
        shape, result_type = (*batch, rows, columns), op.result.type
        if shape == shape_of(op.result):
            ops.append(ttir.MatmulOp(a, b, result_type=result_type, location=op.location))
        else:
            product_type = tensor_type(shape, element_type_of(op.result))
            product = ttir.MatmulOp(a, b, result_type=product_type, location=op.location)
            reshape = ttir.ReshapeOp(product, shape_of(op.result), result_type, location=op.location)
            ops += [product, reshape]
        rewriter.replace(op, ops)


def _moved(
    op: ttir.DotGeneralOp, value: SSAValue, order: Sequence[int], shape: Sequence[int], ops: list[Operation]
) -> SSAValue:
    """`value` with its dimensions in this order, joined to this shape; the ops that it takes are added to `ops`."""
    if list(order) != list(range(len(order))):
        permute = ttir.PermuteOp(value, order, location=op.location)
        ops.append(permute)
        value = permute.result
    if shape_of(value) != tuple(shape):
        reshape = ttir.ReshapeOp(value, shape, location=op.location)
        ops.append(reshape)
        value = reshape.result
    return value
