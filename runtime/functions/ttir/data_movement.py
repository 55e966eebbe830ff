"""Functions that move elements and compute nothing."""

from __future__ import annotations

import torch
from xdsl.ir import Operation

from tilewright.dialects import ttir
from tilewright.runtime.functions.ttir.common import dtype_of, result_shape, unary_step
from tilewright.runtime.functions.ttir.numbers import convert
from tilewright.runtime.functions.ttir.unsigned import moved
from tilewright.runtime.interpreter import DialectFunctions, Interpreter, Step, implements


class DataMovementFunctions(DialectFunctions):
    """Reshapes, permutations, repetitions."""

    @implements(ttir.ReshapeOp, ttir.SqueezeOp, ttir.UnsqueezeOp)
    def reshape(self, op: Operation, interpreter: Interpreter) -> Step:
        shape, dtype = result_shape(op), dtype_of(op)
        return unary_step(lambda x: (convert(x.reshape(shape), dtype),))

    @implements(ttir.PermuteOp, ttir.TransposeOp)
    def permute(self, op: ttir.PermuteOp | ttir.TransposeOp, interpreter: Interpreter) -> Step:
        order, dtype = op.order, dtype_of(op)
        return unary_step(lambda x: (convert(x.permute(order), dtype),))

    @implements(ttir.RearrangeOp)
    def rearrange(self, op: ttir.RearrangeOp, interpreter: Interpreter) -> Step:
        order, shape, dtype = op.rearrangement.order, result_shape(op), dtype_of(op)
        return unary_step(lambda x: (convert(x.permute(order).reshape(shape), dtype),))

    @implements(ttir.ReverseOp)
    def reverse(self, op: ttir.ReverseOp, interpreter: Interpreter) -> Step:
        axes, dtype = op.axes, dtype_of(op)
        return unary_step(lambda x: (convert(moved(x, lambda bits: bits.flip(axes)), dtype),))

    @implements(ttir.BroadcastOp)
    def broadcast(self, op: ttir.BroadcastOp, interpreter: Interpreter) -> Step:
        shape, dtype = result_shape(op), dtype_of(op)
        return unary_step(lambda x: (convert(x, dtype).expand(shape),))

    @implements(ttir.RepeatOp)
    def repeat(self, op: ttir.RepeatOp, interpreter: Interpreter) -> Step:
        factors, dtype = op.factors, dtype_of(op)
        return unary_step(lambda x: (convert(x, dtype).repeat(factors),))

    @implements(ttir.RepeatInterleaveOp)
    def repeat_interleave(self, op: ttir.RepeatInterleaveOp, interpreter: Interpreter) -> Step:
        repeats, axis, dtype = op.repeats.value.data, op.axis, dtype_of(op)
        return unary_step(lambda x: (convert(x, dtype).repeat_interleave(repeats, axis),))

    @implements(ttir.ConcatOp)
    def concat(self, op: ttir.ConcatOp, interpreter: Interpreter) -> Step:
        axis, dtype = op.axis, dtype_of(op)
        return lambda *xs: (torch.cat([convert(x, dtype) for x in xs], axis),)

    @implements(ttir.GetDimensionSizeOp)
    def dimension_size(self, op: ttir.GetDimensionSizeOp, interpreter: Interpreter) -> Step:
        dimension, shape, dtype = op.dimension.value.data, result_shape(op), dtype_of(op)
        return unary_step(lambda x: (convert(torch.full(shape, x.shape[dimension]), dtype),))
