"""The router of a mixture of experts."""

from __future__ import annotations

from collections.abc import Sequence

import torch

from tilewright.dialects import ttir
from tilewright.dialects.types import element_type_of
from tilewright.runtime.dtypes import torch_dtype
from tilewright.runtime.functions.ttir.numbers import convert
from tilewright.runtime.functions.ttir.products import working
from tilewright.runtime.interpreter import DialectFunctions, Interpreter, Step, implements


class RouterFunctions(DialectFunctions):
    """Which experts a token goes to."""

    @implements(ttir.TopKRouterGptOp)
    def topk_router(self, op: ttir.TopKRouterGptOp, interpreter: Interpreter) -> Step:
        k, wide = op.k.value.data, working(op)
        index_dtype, weight_dtype = (torch_dtype(element_type_of(r)) for r in op.results)

        def step(x: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor) -> Sequence[torch.Tensor]:
            logits = wide(x) @ wide(weight) + wide(bias)
            # A stable sort, since which of equal logits comes first in torch.topk is not defined.
            values, indices = torch.sort(logits, dim=-1, descending=True, stable=True)
            weights = torch.softmax(values[:, :k], -1, dtype=None if values.is_floating_point() else torch.float64)
            return convert(indices[:, :k], index_dtype), convert(weights, weight_dtype)

        return step
