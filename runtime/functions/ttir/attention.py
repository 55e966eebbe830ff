"""Fused attention."""

from __future__ import annotations

from collections.abc import Sequence

import torch

from tilewright.dialects import ttir
from tilewright.runtime.interpreter import DialectFunctions, Interpreter, Step, implements
from tilewright.support.errors import UnsupportedInputError


class AttentionFunctions(DialectFunctions):
    """Fused attention."""

    @implements(ttir.ScaledDotProductAttentionOp)
    def attention(self, op: ttir.ScaledDotProductAttentionOp, interpreter: Interpreter) -> Step:
        if op.attention_sink is not None or op.sliding_window_size is not None:
            raise UnsupportedInputError(f"{op.name} with a sink or a sliding window cannot be executed yet")
        causal, scale = bool(op.is_causal), None if op.scale is None else float(op.scale.value.data)

        def step(
            q: torch.Tensor, k: torch.Tensor, v: torch.Tensor, mask: torch.Tensor | None = None
        ) -> Sequence[torch.Tensor]:
            return (
                torch.nn.functional.scaled_dot_product_attention(
                    q, k, v, mask, is_causal=causal, scale=scale, enable_gqa=q.shape[1] != k.shape[1]
                ),
            )

        return step
