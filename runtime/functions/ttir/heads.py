"""Heads of attention, split and joined."""

from __future__ import annotations

from collections.abc import Sequence

import torch

from tilewright.dialects import ttir
from tilewright.dialects.types import element_type_of
from tilewright.runtime.dtypes import torch_dtype
from tilewright.runtime.functions.ttir.common import dtype_of, result_shape, unary_step
from tilewright.runtime.functions.ttir.numbers import convert
from tilewright.runtime.functions.ttir.unsigned import moved
from tilewright.runtime.interpreter import DialectFunctions, Interpreter, Step, implements


class HeadsFunctions(DialectFunctions):
    """Between hidden vectors and the heads of attention."""

    @implements(ttir.ConcatenateHeadsOp)
    def concatenate(self, op: ttir.ConcatenateHeadsOp, interpreter: Interpreter) -> Step:
        shape, dtype = result_shape(op), dtype_of(op)
        return unary_step(lambda x: (convert(moved(x, lambda y: y.permute(0, 2, 1, 3).reshape(shape)), dtype),))

    @implements(ttir.SplitQueryKeyValueAndSplitHeadsOp)
    def split(self, op: ttir.SplitQueryKeyValueAndSplitHeadsOp, interpreter: Interpreter) -> Step:
        dtypes = [torch_dtype(element_type_of(r)) for r in op.results]
        heads, key_heads, swapped = op.num_heads.value.data, op.key_heads, bool(op.transpose_key)

        def split(x: torch.Tensor, counts: Sequence[int]) -> list[torch.Tensor]:
            """The parts of the hidden dimension, with so many heads each."""
            size = x.shape[2] // sum(counts)
            parts = torch.split(x, [count * size for count in counts], 2)
            return [
                part.reshape(*x.shape[:2], count, size).permute(0, 2, 1, 3)
                for part, count in zip(parts, counts, strict=True)
            ]

        def step(x: torch.Tensor, *others: torch.Tensor) -> Sequence[torch.Tensor]:
            if others:
                query, key, value = *split(x, [heads]), *split(others[0], [key_heads, key_heads])
            else:
                query, key, value = split(x, [heads, key_heads, key_heads])
            results = (query, key.transpose(-1, -2) if swapped else key, value)
            return [convert(r.contiguous(), d) for r, d in zip(results, dtypes, strict=True)]

        return step
