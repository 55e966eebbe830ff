"""Functions that move elements and compute nothing."""

from __future__ import annotations

import torch
from xdsl.ir import Operation

from tilewright.dialects import ttir
from tilewright.dialects.types import shape_of
from tilewright.runtime.functions.ttir.common import dtype_of, result_shape, unary_step
from tilewright.runtime.interpreter import DialectFunctions, Interpreter, Step, implements


class DataMovementFunctions(DialectFunctions):
    """Reshapes, permutations, broadcasts, slices."""

    @implements(ttir.ReshapeOp, ttir.SqueezeOp, ttir.UnsqueezeOp)
    def reshape(self, op: Operation, interpreter: Interpreter) -> Step:
        shape, dtype = result_shape(op), dtype_of(op)
        return unary_step(lambda x: (x.reshape(shape).to(dtype),))

    @implements(ttir.PermuteOp, ttir.TransposeOp)
    def permute(self, op: ttir.PermuteOp | ttir.TransposeOp, interpreter: Interpreter) -> Step:
        order, dtype = op.order, dtype_of(op)
        return unary_step(lambda x: (x.permute(order).to(dtype),))

    @implements(ttir.BroadcastOp)
    def broadcast(self, op: ttir.BroadcastOp, interpreter: Interpreter) -> Step:
        shape, dtype = result_shape(op), dtype_of(op)
        return unary_step(lambda x: (x.to(dtype).expand(shape),))

    @implements(ttir.ConcatOp)
    def concat(self, op: ttir.ConcatOp, interpreter: Interpreter) -> Step:
        axis, dtype = op.axis, dtype_of(op)
        return lambda *xs: (torch.cat(xs, axis).to(dtype),)

    @implements(ttir.SliceStaticOp)
    def slice_static(self, op: ttir.SliceStaticOp, interpreter: Interpreter) -> Step:
        # torch slices forwards alone: what goes backwards is reversed first.
        reversed_dims = [dim for dim, (_, _, stride) in enumerate(op.bounds) if stride < 0]
        slices = tuple(
            slice(begin, end, stride) if stride > 0 else slice(extent - 1 - begin, extent - 1 - end, -stride)
            for extent, (begin, end, stride) in zip(shape_of(op.input), op.bounds, strict=True)
        )
        return unary_step(lambda x: ((x.flip(reversed_dims) if reversed_dims else x)[slices],))
