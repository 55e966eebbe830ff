"""Normalisations along dimensions.

They are computed in the widest float type among operands and result, float32 at least, and rounded once; integers
between integers in float64.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from xdsl.ir import Operation

from tilewright.dialects import ttir
from tilewright.runtime.functions.ttir.common import dtype_of, number_of, operand_dtypes, unary_step
from tilewright.runtime.functions.ttir.numbers import at_least_float32, convert, is_integer, real_dtype
from tilewright.runtime.interpreter import DialectFunctions, Interpreter, Step, implements


def _working(op: Operation) -> Callable[[torch.Tensor], torch.Tensor]:
    """A conversion of operands into the type in which `op` is computed."""
    dtype = at_least_float32(real_dtype(dtype_of(op), *operand_dtypes(op)))
    return lambda x: convert(x, dtype)


def _for_kernel(op: Operation) -> Callable[[torch.Tensor], torch.Tensor]:
    """The same for one of torch's kernels that round once, which take 16 bits as they are."""
    dtypes = {dtype_of(op), *operand_dtypes(op)}
    return _working(op) if len(dtypes) > 1 or any(map(is_integer, dtypes)) else _unchanged


def _unchanged(x: torch.Tensor) -> torch.Tensor:
    return x


class NormalizationFunctions(DialectFunctions):
    """Softmax and the norms."""

    @implements(ttir.SoftmaxOp)
    def softmax(self, op: ttir.SoftmaxOp, interpreter: Interpreter) -> Step:
        axis, dtype, prepare = op.axis, dtype_of(op), _for_kernel(op)
        return unary_step(lambda x: (convert(torch.softmax(prepare(x), axis), dtype),))

    @implements(ttir.LayerNormOp)
    def layer_norm(self, op: ttir.LayerNormOp, interpreter: Interpreter) -> Step:
        shape, epsilon, dtype = tuple(op.normalized_shape.get_values()), float(number_of(op.epsilon)), dtype_of(op)
        has_weight, has_bias, prepare = op.weight is not None, op.bias is not None, _for_kernel(op)

        def step(*operands: torch.Tensor) -> Sequence[torch.Tensor]:
            given = map(prepare, operands)
            x = next(given)
            weight = next(given) if has_weight else None
            bias = next(given) if has_bias else None
            return (convert(torch.nn.functional.layer_norm(x, shape, weight, bias, epsilon), dtype),)

        return step

    @implements(ttir.RMSNormOp)
    def rms_norm(self, op: ttir.RMSNormOp, interpreter: Interpreter) -> Step:
        axes, epsilon, dtype = op.axes, float(number_of(op.epsilon)), dtype_of(op)
        has_weight, has_bias, prepare = op.weight is not None, op.bias is not None, _working(op)

        def step(*operands: torch.Tensor) -> Sequence[torch.Tensor]:
            given = map(prepare, operands)
            x = next(given)
            out = torch.nn.functional.rms_norm(x, [x.shape[a] for a in axes], None, epsilon)
            out = out * next(given) if has_weight else out
            return (convert(out + next(given) if has_bias else out, dtype),)

        return step
