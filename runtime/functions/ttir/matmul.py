"""Matrix products."""

from __future__ import annotations

from collections.abc import Sequence

import torch

from tilewright.dialects import ttir
from tilewright.dialects.ttir.dot_general import free_dims
from tilewright.dialects.types import shape_of
from tilewright.runtime.functions.ttir.common import dtype_of, result_shape
from tilewright.runtime.functions.ttir.numbers import convert
from tilewright.runtime.functions.ttir.products import for_product, has_one_float_type, with_dims_joined, working
from tilewright.runtime.interpreter import DialectFunctions, Interpreter, Step, implements


class MatmulFunctions(DialectFunctions):
    """Matrix products: floats are rounded once, integers wrap."""

    @implements(ttir.MatmulOp, ttir.LinearOp)
    def matmul(self, op: ttir.MatmulOp | ttir.LinearOp, interpreter: Interpreter) -> Step:
        dtype, shape = dtype_of(op), result_shape(op)
        a_shape, b_shape = shape_of(op.a), shape_of(op.b)
        # As in tt-mlir, the flags do not apply to a vector.
        swap_a = bool(op.transpose_a) and len(a_shape) > 1
        swap_b = bool(op.transpose_b) and len(b_shape) > 1
        bias_shape = shape_of(op.bias) if isinstance(op, ttir.LinearOp) and op.bias is not None else None
        # torch rounds a product with a bias once, but a product and then a sum twice.
        matrices = len(a_shape) > 1 and len(b_shape) == 2
        fused = has_one_float_type(op) and matrices and bias_shape is not None and bias_shape == shape[-1:]
        prepare = for_product(op) if fused or bias_shape is None else working(op)

        def step(a: torch.Tensor, b: torch.Tensor, bias: torch.Tensor | None = None) -> Sequence[torch.Tensor]:
            a, b = prepare(a), prepare(b)
            a, b = a.transpose(-1, -2) if swap_a else a, b.transpose(-1, -2) if swap_b else b
            if fused:
                return (torch.nn.functional.linear(a, b.transpose(0, 1), bias),)
            product = torch.matmul(a, b)
            # Two vectors give a scalar in torch, one element in TTIR.
            return (convert(product if bias is None else product + prepare(bias), dtype).reshape(shape),)

        return step

    @implements(ttir.DotGeneralOp)
    def dot_general(self, op: ttir.DotGeneralOp, interpreter: Interpreter) -> Step:
        dtype, shape, prepare = dtype_of(op), result_shape(op), for_product(op)
        batch_lhs, contract_lhs, batch_rhs, contract_rhs = op.dims
        free_lhs = free_dims(len(shape_of(op.lhs)), batch_lhs, contract_lhs)
        free_rhs = free_dims(len(shape_of(op.rhs)), batch_rhs, contract_rhs)

        def step(lhs: torch.Tensor, rhs: torch.Tensor) -> Sequence[torch.Tensor]:
            a = with_dims_joined(prepare(lhs), batch_lhs, free_lhs, contract_lhs)
            b = with_dims_joined(prepare(rhs), batch_rhs, contract_rhs, free_rhs)
            return (convert(torch.bmm(a, b), dtype).reshape(shape),)

        return step

    @implements(ttir.SparseMatmulOp)
    def sparse_matmul(self, op: ttir.SparseMatmulOp, interpreter: Interpreter) -> Step:
        dtype, prepare, blocks_of_a = dtype_of(op), working(op, (op.a, op.b)), bool(op.is_input_a_sparse)

        def step(a: torch.Tensor, b: torch.Tensor, sparsity: torch.Tensor) -> Sequence[torch.Tensor]:
            blocks, columns = b.shape[1], b.shape[3]
            first, second, rows, inner = a.shape
            # All rows that a block is multiplied with form one matrix.
            left = prepare(a).transpose(0, 1) if blocks_of_a else prepare(a).expand(blocks, *a.shape)
            products = torch.bmm(left.reshape(blocks, -1, inner), prepare(b)[0])
            chosen = sparsity.to(torch.bool)
            if blocks_of_a:
                out = products.view(blocks, first, rows, columns).transpose(0, 1)
                named = chosen.view(first, blocks, 1, 1)
            else:
                out = products.view(blocks, first, second, rows, columns).permute(1, 2, 0, 3, 4)[:, :, None]
                named = chosen.view(first, second, 1, blocks, 1, 1)
            # What is not chosen is zero, also where the product is not finite.
            return (convert(out.masked_fill(~named, 0), dtype),)

        return step
