"""Tensors made of attributes."""

from __future__ import annotations

import torch
from xdsl.dialects.builtin import DenseIntOrFPElementsAttr

from tilewright.dialects import ttir
from tilewright.dialects.ttir.creation import fill_value_of
from tilewright.runtime.functions.ttir.common import dtype_of, result_shape
from tilewright.runtime.interpreter import DialectFunctions, Interpreter, Step, implements
from tilewright.support.errors import UnsupportedInputError


class CreationFunctions(DialectFunctions):
    """Constants, ranges and filled tensors."""

    @implements(ttir.FullOp, ttir.OnesOp, ttir.ZerosOp)
    def filled(self, op: ttir.FullOp | ttir.OnesOp | ttir.ZerosOp, interpreter: Interpreter) -> Step:
        number = fill_value_of(op.result)
        assert number is not None  # these ops have one
        shape, dtype = result_shape(op), dtype_of(op)
        return lambda: (torch.full(shape, number, dtype=dtype),)

    @implements(ttir.ArangeOp)
    def arange(self, op: ttir.ArangeOp, interpreter: Interpreter) -> Step:
        shape, dtype = result_shape(op), dtype_of(op)
        start, stride, length = op.start.value.data, op.step.value.data, shape[op.dimension]
        view = [1] * len(shape)
        view[op.dimension] = -1
        # By its length, since TTIR rounds a last partial step away and torch does not.
        return lambda: ((torch.arange(length) * stride + start).to(dtype).view(view).expand(shape).contiguous(),)

    @implements(ttir.ConstantOp)
    def constant(self, op: ttir.ConstantOp, interpreter: Interpreter) -> Step:
        if not isinstance(op.value, DenseIntOrFPElementsAttr):
            raise UnsupportedInputError("the numbers of a dense_resource are not in the IR")
        shape, dtype = result_shape(op), dtype_of(op)
        values = list(op.value.get_values())
        data = torch.tensor(values, dtype=dtype)
        data = data.expand(shape) if data.numel() == 1 else data.view(shape)
        return lambda: (data.clone(memory_format=torch.contiguous_format),)
