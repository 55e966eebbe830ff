"""Normalisations along dimensions."""

from __future__ import annotations

from collections.abc import Sequence

import torch

from tilewright.dialects import ttir
from tilewright.runtime.functions.ttir.common import dtype_of, number_of, unary_step
from tilewright.runtime.interpreter import DialectFunctions, Interpreter, Step, implements


class NormalizationFunctions(DialectFunctions):
    """Softmax and the norms."""

    @implements(ttir.SoftmaxOp)
    def softmax(self, op: ttir.SoftmaxOp, interpreter: Interpreter) -> Step:
        axis, dtype = op.axis, dtype_of(op)
        return unary_step(lambda x: (torch.softmax(x, axis).to(dtype),))

    @implements(ttir.LayerNormOp)
    def layer_norm(self, op: ttir.LayerNormOp, interpreter: Interpreter) -> Step:
        shape, epsilon, dtype = tuple(op.normalized_shape.get_values()), float(number_of(op.epsilon)), dtype_of(op)
        has_weight, has_bias = op.weight is not None, op.bias is not None

        def step(x: torch.Tensor, *affine: torch.Tensor) -> Sequence[torch.Tensor]:
            given = iter(affine)
            weight = next(given) if has_weight else None
            bias = next(given) if has_bias else None
            return (torch.nn.functional.layer_norm(x, shape, weight, bias, epsilon).to(dtype),)

        return step

    @implements(ttir.RMSNormOp)
    def rms_norm(self, op: ttir.RMSNormOp, interpreter: Interpreter) -> Step:
        axes, epsilon, dtype = op.axes, float(number_of(op.epsilon)), dtype_of(op)
        has_weight, has_bias = op.weight is not None, op.bias is not None

        def step(x: torch.Tensor, *affine: torch.Tensor) -> Sequence[torch.Tensor]:
            given = iter(affine)
            out = torch.nn.functional.rms_norm(x, [x.shape[a] for a in axes], None, epsilon)
            out = out * next(given) if has_weight else out
            return ((out + next(given) if has_bias else out).to(dtype),)

        return step
