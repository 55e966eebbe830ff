"""Fused attention: computed in float32 or wider, and rounded once."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from xdsl.dialects.builtin import Float32Type, FloatAttr
from xdsl.ir import SSAValue

from tilewright.dialects import ttir
from tilewright.dialects.types import shape_of
from tilewright.runtime.functions.ttir.attending import (
    attend,
    decode,
    optional_operands,
    paged,
    seen_by_users,
    visible,
    wide,
)
from tilewright.runtime.functions.ttir.common import dtype_of
from tilewright.runtime.functions.ttir.numbers import convert, widened
from tilewright.runtime.interpreter import DialectFunctions, Interpreter, Step, implements
from tilewright.support.errors import NumericsError


def scale_of(scale: FloatAttr[Float32Type] | None, query: SSAValue) -> float:
    """The number that logits are multiplied with: the attribute, or 1 / sqrt(head size)."""
    return float(scale.value.data) if scale is not None else float(shape_of(query)[-1] ** -0.5)


class AttentionFunctions(DialectFunctions):
    """Attention of whole sequences, of chunks of them, and of one new token a user."""

    @implements(ttir.ScaledDotProductAttentionOp)
    def attention(self, op: ttir.ScaledDotProductAttentionOp, interpreter: Interpreter) -> Step:
        causal, scale, dtype = bool(op.is_causal), scale_of(op.scale, op.query), dtype_of(op)
        window = None if op.sliding_window_size is None else op.sliding_window_size.value.data
        given = (op.attention_mask is not None, op.attention_sink is not None)

        def step(
            query: torch.Tensor, key: torch.Tensor, value: torch.Tensor, *others: torch.Tensor
        ) -> Sequence[torch.Tensor]:
            query, key, value = wide(query, key, value)
            mask, sink = optional_operands(given, others)
            # The kernel multiplies values that a query does not see by zero, if they are in the same block.
            blocks = not causal or bool(value.isfinite().all())
            if window is None and sink is None and blocks:
                # Block by block, without logits for all pairs at a time; a query without keys gives zeros here, too.
                added = None if mask is None else mask.to(query.dtype)
                grouped = query.shape[1] != key.shape[1]
                out = torch.nn.functional.scaled_dot_product_attention(
                    query, key, value, added, is_causal=causal, scale=scale, enable_gqa=grouped
                )
                return (convert(out, dtype),)
            rows, columns = torch.arange(query.shape[2]), torch.arange(key.shape[2])
            seen = visible(rows[:, None], columns[None, :], causal=causal, window=window)
            return (convert(attend(query, key, value, scale=scale, mask=mask, seen=seen, sink=sink), dtype),)

        return step

    @implements(ttir.ScaledDotProductAttentionDecodeOp)
    def decode(self, op: ttir.ScaledDotProductAttentionDecodeOp, interpreter: Interpreter) -> Step:
        causal, scale, dtype = bool(op.is_causal), scale_of(op.scale, op.query), dtype_of(op)
        given = (op.attention_mask is not None, True, op.attention_sink is not None)

        def step(
            query: torch.Tensor, key: torch.Tensor, value: torch.Tensor, *others: torch.Tensor
        ) -> Sequence[torch.Tensor]:
            mask, cur_pos, sink = optional_operands(given, others)
            seen = seen_by_users(cur_pos, query.shape[1], key.shape[2], causal=causal)
            return (convert(decode(query, key, value, scale=scale, seen=seen, mask=mask, sink=sink), dtype),)

        return step

    @implements(ttir.PagedScaledDotProductAttentionDecodeOp)
    def paged_decode(self, op: ttir.PagedScaledDotProductAttentionDecodeOp, interpreter: Interpreter) -> Step:
        causal, scale, dtype = bool(op.is_causal), scale_of(op.scale, op.query), dtype_of(op)
        window = None if op.sliding_window_size is None else op.sliding_window_size.value.data
        given = (op.attention_mask is not None, op.cur_pos_tensor is not None, op.attention_sink is not None)

        def step(
            query: torch.Tensor,
            key: torch.Tensor,
            value: torch.Tensor,
            table: torch.Tensor,
            output: torch.Tensor,
            *others: torch.Tensor,
        ) -> Sequence[torch.Tensor]:
            mask, cur_pos, sink = optional_operands(given, others)
            users, pages = table.shape
            seen = seen_by_users(cur_pos, users, pages * key.shape[2], causal=causal, window=window)
            needed = seen.view(users, pages, -1).any(-1)
            keys, values = paged(key, table, needed), paged(value, table, needed)
            return (convert(decode(query, keys, values, scale=scale, seen=seen, mask=mask, sink=sink), dtype),)

        return step

    @implements(ttir.PagedFlashMultiLatentAttentionDecodeOp)
    def latent_decode(self, op: ttir.PagedFlashMultiLatentAttentionDecodeOp, interpreter: Interpreter) -> Step:
        causal, scale, dtype = bool(op.is_causal), scale_of(op.scale, op.query), dtype_of(op)
        width = op.head_dim_v.value.data
        optional = (op.value, op.page_table, op.attention_mask, op.cur_pos_tensor, op.attention_sink)
        given = [operand is not None for operand in optional]

        def step(query: torch.Tensor, key: torch.Tensor, *others: torch.Tensor) -> Sequence[torch.Tensor]:
            value, table, mask, cur_pos, sink = optional_operands(given, others)
            assert table is not None  # it is not optional
            if mask is not None and mask.shape[1] != 1:
                mask = mask.transpose(1, 2)  # its heads come first
            if sink is not None and sink.dim() == 1:
                sink = sink[:, None]
            users, pages = table.shape
            seen = seen_by_users(cur_pos, users, pages * key.shape[2], causal=causal)
            needed = seen.view(users, pages, -1).any(-1)
            keys = paged(key, table, needed)
            values = keys[..., :width] if value is None else paged(value, table, needed)
            return (convert(decode(query, keys, values, scale=scale, seen=seen, mask=mask, sink=sink), dtype),)

        return step

    @implements(ttir.ChunkedScaledDotProductAttentionOp)
    def chunked(self, op: ttir.ChunkedScaledDotProductAttentionOp, interpreter: Interpreter) -> Step:
        scale, dtype = scale_of(op.scale, op.query), dtype_of(op)

        def step(
            query: torch.Tensor,
            key: torch.Tensor,
            value: torch.Tensor,
            table: torch.Tensor,
            chunk_start: torch.Tensor,
            output: torch.Tensor,
        ) -> Sequence[torch.Tensor]:
            start, rows, page = int(widened(chunk_start)), query.shape[2], key.shape[2]
            end, capacity = start + rows, table.shape[1] * page
            if start < 0 or end > capacity:
                raise NumericsError(
                    "a chunk of queries is outside the cache",
                    why=f"positions {start} to {end - 1}, {capacity} positions in the pages of a user",
                    hint="check 'chunk_start_idx' among the model's inputs",
                )
            table = table[:, : -(-end // page)]
            needed = torch.ones_like(table, dtype=torch.bool)
            # What lies after the chunk is not read.
            cached = (paged(cache, table, needed)[:, :, :end] for cache in (key, value))
            query, keys, values = wide(query, *cached)
            seen = visible(torch.arange(start, end)[:, None], torch.arange(end)[None, :], causal=True, window=None)
            return (convert(attend(query, keys, values, scale=scale, seen=seen), dtype),)

        return step
