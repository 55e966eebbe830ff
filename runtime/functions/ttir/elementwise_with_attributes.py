"""Functions of each element that take attributes or change the element type; computed as `elementwise` says."""

from __future__ import annotations

from collections.abc import Sequence

import torch

from tilewright.dialects import ttir
from tilewright.runtime.functions.ttir import real
from tilewright.runtime.functions.ttir.common import dtype_of, number_of, operand_dtypes, result_shape, unary_step
from tilewright.runtime.functions.ttir.numbers import (
    at_least_float32,
    convert,
    has_kernels,
    is_integer,
    ordered,
    promoted,
    real_dtype,
    reordered,
)
from tilewright.runtime.interpreter import DialectFunctions, Interpreter, Step, implements

_STEEP = 40.0
"""Beyond this, the derivative of gelu is 0 or 1, even in float64; torch's formula gives 0 * inf far beyond."""


def _bound(number: int | float, dtype: torch.dtype) -> int:
    """`number` truncated towards zero and limited to the integers of `dtype`; 0 for NaN."""
    if number != number:
        return 0
    low, high = (0, 1) if dtype is torch.bool else (torch.iinfo(dtype).min, torch.iinfo(dtype).max)
    return int(min(max(number, low), high))


class AttributedElementwiseFunctions(DialectFunctions):
    """Casts, clamps, and activation functions with parameters."""

    @implements(ttir.TypecastOp)
    def typecast(self, op: ttir.TypecastOp, interpreter: Interpreter) -> Step:
        dtype = dtype_of(op)
        return unary_step(lambda x: (convert(x, dtype),))

    @implements(ttir.BitcastConvertOp)
    def bitcast(self, op: ttir.BitcastConvertOp, interpreter: Interpreter) -> Step:
        dtype = dtype_of(op)
        return unary_step(lambda x: (x.view(dtype),))

    @implements(ttir.ClampScalarOp)
    def clamp_scalar(self, op: ttir.ClampScalarOp, interpreter: Interpreter) -> Step:
        (source,), dtype = operand_dtypes(op), dtype_of(op)
        low, high = number_of(op.min), number_of(op.max)
        if not is_integer(source):
            common = real_dtype(dtype, source)
            # torch refuses bounds beyond the range of the type.
            low, high = (
                float(convert(torch.tensor(float(bound), dtype=torch.float64), common)) for bound in (low, high)
            )
            return unary_step(lambda x: (convert(convert(x, common).clamp(low, high), dtype),))
        least, most = _bound(low, source), _bound(high, source)
        if has_kernels(source):
            return unary_step(lambda x: (convert(x.clamp(least, most), dtype),))
        if source is torch.uint64:
            least, most = least - 2**63, most - 2**63  # as the order has them
        return unary_step(lambda x: (convert(reordered(ordered(x).clamp(least, most), source), dtype),))

    @implements(ttir.ClampTensorOp)
    def clamp_tensor(self, op: ttir.ClampTensorOp, interpreter: Interpreter) -> Step:
        operands, dtype = operand_dtypes(op), dtype_of(op)
        common = promoted(*operands)
        if not is_integer(common):
            common = real_dtype(dtype, common)

            def of_floats(x: torch.Tensor, low: torch.Tensor, high: torch.Tensor) -> Sequence[torch.Tensor]:
                x, low, high = (convert(v, common) for v in (x, low, high))
                # torch's clamp by tensors makes 0.0 of -0.0 or not, depending on the position of the element.
                x = torch.where((x < low) | low.isnan(), low, x)
                return (convert(torch.where((x > high) | high.isnan(), high, x), dtype),)

            return of_floats

        def of_integers(x: torch.Tensor, low: torch.Tensor, high: torch.Tensor) -> Sequence[torch.Tensor]:
            x, low, high = (ordered(convert(v, common)) for v in (x, low, high))
            return (convert(reordered(x.clamp(low, high), common), dtype),)

        return of_integers

    @implements(ttir.GeluBackwardOp)
    def gelu_backward(self, op: ttir.GeluBackwardOp, interpreter: Interpreter) -> Step:
        dtype, approximate = dtype_of(op), op.approximate.data
        common, shape = at_least_float32(real_dtype(dtype, *operand_dtypes(op))), result_shape(op)

        def step(gradient: torch.Tensor, x: torch.Tensor) -> Sequence[torch.Tensor]:
            gradient, x = convert(gradient, common), convert(x, common).clamp(-_STEEP, _STEEP)
            result = torch.ops.aten.gelu_backward(gradient.expand(shape), x.expand(shape), approximate=approximate)
            return (convert(result, dtype),)

        return step

    @implements(ttir.LeakyReluOp)
    def leaky_relu(self, op: ttir.LeakyReluOp, interpreter: Interpreter) -> Step:
        slope, dtype = float(number_of(op.parameter)), dtype_of(op)
        common = real_dtype(dtype, *operand_dtypes(op))
        return unary_step(lambda x: (convert(torch.nn.functional.leaky_relu(convert(x, common), slope), dtype),))

    @implements(ttir.SeluOp)
    def selu(self, op: ttir.SeluOp, interpreter: Interpreter) -> Step:
        scale, alpha, dtype = float(number_of(op.scale)), float(number_of(op.alpha)), dtype_of(op)
        common = at_least_float32(real_dtype(dtype, *operand_dtypes(op)))
        return unary_step(lambda x: (convert(real.selu(convert(x, common), scale, alpha), dtype),))
