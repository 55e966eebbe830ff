"""Rotary position embeddings."""

from __future__ import annotations

from collections.abc import Sequence

import torch

from tilewright.dialects import ttir
from tilewright.runtime.functions.ttir.attending import wide
from tilewright.runtime.functions.ttir.common import dtype_of
from tilewright.runtime.functions.ttir.numbers import convert
from tilewright.runtime.interpreter import DialectFunctions, Interpreter, Step, implements


class RotaryFunctions(DialectFunctions):
    """Rotary position embeddings, computed in float32 or wider, and rounded once."""

    @implements(ttir.RotaryEmbeddingOp)
    def rotary_embedding(self, op: ttir.RotaryEmbeddingOp, interpreter: Interpreter) -> Step:
        dtype = dtype_of(op)

        def step(x: torch.Tensor, cos: torch.Tensor, sin: torch.Tensor) -> Sequence[torch.Tensor]:
            x, cos, sin = wide(x, cos, sin)
            first, second = x.chunk(2, -1)
            rotated = torch.cat([-second, first], -1)
            return (convert(x * cos + rotated * sin, dtype),)

        return step
