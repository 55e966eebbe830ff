"""Functions that combine the elements along dimensions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import torch
from xdsl.ir import Operation

from tilewright.dialects import ttir
from tilewright.dialects.ttir.reductions import ReductionOp
from tilewright.runtime.functions.ttir.common import dtype_of, unary_step
from tilewright.runtime.interpreter import DialectFunctions, Interpreter, Step, implements

_REDUCE: Mapping[type[Operation], Callable[[torch.Tensor, tuple[int, ...], bool], torch.Tensor]] = {
    ttir.SumOp: lambda x, dims, keep: x.sum(dims, keepdim=keep),
    ttir.MeanOp: lambda x, dims, keep: x.mean(dims, keepdim=keep),
    ttir.MaxOp: lambda x, dims, keep: x.amax(dims, keepdim=keep),
    ttir.MinOp: lambda x, dims, keep: x.amin(dims, keepdim=keep),
}


class ReductionFunctions(DialectFunctions):
    """Sums, means, extremes and products."""

    @implements(*_REDUCE)
    def reduce(self, op: ReductionOp, interpreter: Interpreter) -> Step:
        function, dtype, axes, keep = _REDUCE[type(op)], dtype_of(op), op.axes, bool(op.keep_dim)
        # torch takes no dimensions for all of them.
        return unary_step(lambda x: ((function(x, axes, keep) if axes else x).to(dtype),))

    @implements(ttir.ProdOp)
    def prod(self, op: ttir.ProdOp, interpreter: Interpreter) -> Step:
        dtype, axes, keep = dtype_of(op), op.axes, bool(op.keep_dim)

        def step(x: torch.Tensor) -> Sequence[torch.Tensor]:
            for axis in sorted(axes, reverse=True):
                x = x.prod(axis, keepdim=keep)
            return (x.to(dtype),)

        return step
