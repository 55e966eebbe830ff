"""Attention of a training step: computed in float32 or wider, and rounded once."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf

import torch

from tilewright.dialects import ttir
from tilewright.dialects.ttcore import AttentionMaskType, AttentionMaskTypeAttr
from tilewright.dialects.ttir.attention_shapes import TILE_WIDTH
from tilewright.dialects.types import element_type_of
from tilewright.runtime.dtypes import torch_dtype
from tilewright.runtime.functions.ttir.attending import logits, softmax, visible, weighted_sums, wide
from tilewright.runtime.functions.ttir.attention import scale_of
from tilewright.runtime.functions.ttir.numbers import convert
from tilewright.runtime.interpreter import DialectFunctions, Interpreter, Step, implements


def _batched(*tensors: torch.Tensor) -> tuple[torch.Tensor, ...]:
    """The tensors in the type of the computation, with a batch dimension."""
    return wide(*(x if x.dim() == 4 else x[None] for x in tensors))


def _masked_logits(
    query: torch.Tensor,
    key: torch.Tensor,
    masks: Sequence[torch.Tensor],
    kind: AttentionMaskTypeAttr,
    scale: float,
) -> tuple[torch.Tensor, torch.Tensor | None]:
    """The logits, and which keys each query sees; None stands for all of them."""
    x = logits(query, key, scale)
    for mask in masks:
        x = x + mask.to(x.dtype)
    if kind.data is not AttentionMaskType.CAUSAL:
        return x, None
    positions = torch.arange(query.shape[2])
    seen = visible(positions[:, None], positions[None, :], causal=True, window=None)
    return x.masked_fill(~seen, -inf), seen


def _summed_by_group(x: torch.Tensor, groups: int) -> torch.Tensor:
    """The sums over the heads of each group: (B, heads, S, D) gives (B, groups, S, D)."""
    batch, _, rows, depth = x.shape
    return x.reshape(batch, groups, -1, rows, depth).sum(2)


class AttentionTrainingFunctions(DialectFunctions):
    """Attention and its gradients."""

    @implements(ttir.SDPAForwardOp)
    def forward(self, op: ttir.SDPAForwardOp, interpreter: Interpreter) -> Step:
        kind, scale = op.mask_type, scale_of(None, op.query)
        dtypes = [torch_dtype(element_type_of(r)) for r in op.results]

        def step(
            query: torch.Tensor, key: torch.Tensor, value: torch.Tensor, *masks: torch.Tensor
        ) -> Sequence[torch.Tensor]:
            rank = query.dim()
            q, k, v = _batched(query, key, value)
            x, seen = _masked_logits(q, k, masks, kind, scale)
            results = [weighted_sums(softmax(x), v, seen)]
            if len(dtypes) > 1:
                # The kernel of ttml leaves zeros in all columns but the first.
                results.append(torch.nn.functional.pad(x.logsumexp(-1, keepdim=True), (0, TILE_WIDTH - 1)))
            return [convert(r if rank == 4 else r[0], d) for r, d in zip(results, dtypes, strict=True)]

        return step

    @implements(ttir.SDPABackwardOp)
    def backward(self, op: ttir.SDPABackwardOp, interpreter: Interpreter) -> Step:
        kind, scale = op.mask_type, scale_of(None, op.query)
        dtypes = [torch_dtype(element_type_of(r)) for r in op.results]

        def step(
            grad_output: torch.Tensor,
            attn_output: torch.Tensor,
            query: torch.Tensor,
            key: torch.Tensor,
            value: torch.Tensor,
            intermediates: torch.Tensor,
            *masks: torch.Tensor,
        ) -> Sequence[torch.Tensor]:
            rank, groups = query.dim(), key.shape[-3]
            gradient, out, q, k, v, saved = _batched(grad_output, attn_output, query, key, value, intermediates)
            log_sum = saved[..., :1]
            x, seen = _masked_logits(q, k, masks, kind, scale)
            weights = (x - log_sum).exp().masked_fill(log_sum == -inf, 0)
            change = weights * (logits(gradient, v, 1.0) - (gradient * out).sum(-1, keepdim=True))
            seeing = None if seen is None else seen.transpose(-1, -2)
            results = (
                weighted_sums(change, k, seen) * scale,
                _summed_by_group(weighted_sums(change.transpose(-1, -2), q, seeing), groups) * scale,
                _summed_by_group(weighted_sums(weights.transpose(-1, -2), gradient, seeing), groups),
            )
            return [convert(r if rank == 4 else r[0], d) for r, d in zip(results, dtypes, strict=True)]

        return step
