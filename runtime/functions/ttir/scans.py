"""Running sums and products."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import torch
from xdsl.ir import Operation

from tilewright.dialects import ttir
from tilewright.dialects.ttir.scans import ScanOp
from tilewright.runtime.functions.ttir.common import dtype_of, unary_step
from tilewright.runtime.functions.ttir.numbers import (
    at_least_float32,
    convert,
    is_integer,
    widened,
    with_type,
)
from tilewright.runtime.interpreter import DialectFunctions, Interpreter, Step, implements

_SCAN: Mapping[type[Operation], Callable[[torch.Tensor, int], torch.Tensor]] = {
    ttir.CumProdOp: lambda x, axis: x.cumprod(axis),
    ttir.CumSumOp: lambda x, axis: x.cumsum(axis),
}


class ScanFunctions(DialectFunctions):
    """Scans."""

    @implements(*_SCAN)
    def scan(self, op: ScanOp, interpreter: Interpreter) -> Step:
        function, axis, dtype = _SCAN[type(op)], op.axis, dtype_of(op)

        def step(x: torch.Tensor) -> Sequence[torch.Tensor]:
            # Integers wrap, and short floats are rounded, after the scan.
            if is_integer(x.dtype):
                return (convert(with_type(function(widened(x), axis), x.dtype), dtype),)
            return (convert(function(x.to(at_least_float32(x.dtype)), axis), dtype),)

        return unary_step(step)
