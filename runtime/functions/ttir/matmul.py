"""Matrix products."""

from __future__ import annotations

from collections.abc import Sequence

import torch

from tilewright.dialects import ttir
from tilewright.dialects.types import shape_of
from tilewright.runtime.functions.ttir.common import dtype_of, result_shape
from tilewright.runtime.interpreter import DialectFunctions, Interpreter, Step, implements


class MatmulFunctions(DialectFunctions):
    """Matrix products."""

    @implements(ttir.MatmulOp, ttir.LinearOp)
    def matmul(self, op: ttir.MatmulOp | ttir.LinearOp, interpreter: Interpreter) -> Step:
        dtype, shape = dtype_of(op), result_shape(op)
        # As in tt-mlir, the flags do not apply to a vector.
        swap_a = bool(op.transpose_a) and len(shape_of(op.a)) > 1
        swap_b = bool(op.transpose_b) and len(shape_of(op.b)) > 1

        def step(a: torch.Tensor, b: torch.Tensor, bias: torch.Tensor | None = None) -> Sequence[torch.Tensor]:
            product = torch.matmul(a.transpose(-1, -2) if swap_a else a, b.transpose(-1, -2) if swap_b else b)
            # Two vectors give a scalar in torch, one element in TTIR.
            return ((product if bias is None else product + bias).to(dtype).reshape(shape),)

        return step
