"""Attention over a cache of keys and values in pages of fixed size, which a table assigns to the users."""

from __future__ import annotations

from xdsl.dialects.builtin import DYNAMIC_INDEX, AnyTensorTypeConstr, BoolAttr
from xdsl.ir import SSAValue
from xdsl.irdl import irdl_op_definition, operand_def, opt_operand_def, opt_prop_def, prop_def

from tilewright.dialects.ttir.attention_decode import decode_query_shape, require_decode_operands
from tilewright.dialects.ttir.attention_shapes import (
    ranked_shape,
    require_broadcast,
    require_floats,
    require_groups,
    require_head_size,
    require_integers,
    require_same_elements,
    require_same_type,
    require_shape,
    times,
)
from tilewright.dialects.ttir.attributes import TRUE, F32Attr, UI32Attr
from tilewright.dialects.ttir.bases import SegmentedOp, SingleResultOp
from tilewright.dialects.ttir.shapes import Shape, require
from tilewright.dialects.types import shape_of

_ROWS_OF_A_TILE = 32


def _cache_shape(query: SSAValue, key: SSAValue, value: SSAValue, heads: int, depth: int) -> tuple[int, int]:
    """Heads and positions of a page of the cache of keys, which fits the cache of values and the queries."""
    require_floats(query, "query")
    require_same_elements(key, "key", query, "query")
    _, key_heads, page, key_depth = ranked_shape(key, "key", 4)
    require_same_type(value, "value", key, "key")
    require_head_size(key_depth, depth)
    require_groups(heads, key_heads)
    return key_heads, page


def _pages(table: SSAValue, users: int) -> int:
    """How many pages a user has at most."""
    require_integers(table, "page_table")
    _, pages = ranked_shape(table, "page_table", 2)
    require_shape(table, "page_table", (users, pages))
    return pages


@irdl_op_definition
class PagedScaledDotProductAttentionDecodeOp(SegmentedOp, SingleResultOp):
    """softmax(scale * query @ key^T + attention_mask) @ value, for one query of each user and head.

    Page i of user b is page `page_table[b, i]` of the caches; its positions are i * P to (i + 1) * P - 1. The scale is
    1 / sqrt(D) where it is not given. The position of user b is `cur_pos_tensor[b]`, or the last one of its pages. With
    `is_causal` it sees the keys up to its position, that one included, and with a `sliding_window_size` W the last W of
    these; otherwise all of them, and with a window those at most W // 2 away from its position. Where the position is
    -1 (in an unsigned integer, the largest) the user is skipped: the result is zero. The sink of head h is
    `attention_sink[h, 0]`, one more logit without a value, multiplied by the scale. The operand `output` is not read.

    Shapes: query, output and result (1, B, Hq, D), key and value (pages, Hkv, P, D), page_table (B, N), cur_pos_tensor
    (B), attention_mask (1 or B, 1, 1 or Hq, N * P), attention_sink (Hq, 32).

    Conditions: Hq is a multiple of Hkv, and P of 32; query, key and value have one float type; pages and positions are
    integers. With `is_causal` there is no mask; without it there is one.
    """

    name = "ttir.paged_scaled_dot_product_attention_decode"

    query = operand_def(AnyTensorTypeConstr)
    key = operand_def(AnyTensorTypeConstr)
    value = operand_def(AnyTensorTypeConstr)
    page_table = operand_def(AnyTensorTypeConstr)
    output = operand_def(AnyTensorTypeConstr)
    attention_mask = opt_operand_def(AnyTensorTypeConstr)
    cur_pos_tensor = opt_operand_def(AnyTensorTypeConstr)
    attention_sink = opt_operand_def(AnyTensorTypeConstr)

    is_causal = prop_def(BoolAttr, default_value=TRUE)
    scale = opt_prop_def(F32Attr)
    sliding_window_size = opt_prop_def(UI32Attr)

    def infer_shape(self) -> Shape:
        users, heads, depth = decode_query_shape(self.query)
        _, page = _cache_shape(self.query, self.key, self.value, heads, depth)
        require(
            page == DYNAMIC_INDEX or page % _ROWS_OF_A_TILE == 0,
            f"operand 'key' has {page} positions a page, expected a multiple of {_ROWS_OF_A_TILE}",
        )
        pages = _pages(self.page_table, users)
        require_shape(self.output, "output", (1, users, heads, depth))
        if self.is_causal:
            require(self.attention_mask is None, "operand 'attention_mask' is given, expected none if 'is_causal'")
        else:
            require(self.attention_mask is not None, "operand 'attention_mask' is missing, expected unless 'is_causal'")
        require_decode_operands(
            users,
            heads,
            times(pages, page),
            mask=self.attention_mask,
            cur_pos=self.cur_pos_tensor,
            sink=self.attention_sink,
        )
        return (1, users, heads, depth)


@irdl_op_definition
class ChunkedScaledDotProductAttentionOp(SingleResultOp):
    """softmax(scale * query @ key^T) @ value, for the next chunk of queries of each user and head.

    Page i of user b is page `page_table[b, i]` of the caches; its positions are i * P to (i + 1) * P - 1. Query i of
    the chunk is at position `chunk_start_idx[0] + i`, and sees the keys up to there. The scale is 1 / sqrt(D) where it
    is not given. The operand `output` is not read.

    Shapes: query, output and result (B, Hq, C, D), key and value (pages, Hkv, P, D), page_table (B, N), chunk_start_idx
    (1).

    Conditions: Hq is a multiple of Hkv; query, key and value have one float type; pages and positions are integers; the
    result has the type of the query.
    """

    name = "ttir.chunked_scaled_dot_product_attention"

    query = operand_def(AnyTensorTypeConstr)
    key = operand_def(AnyTensorTypeConstr)
    value = operand_def(AnyTensorTypeConstr)
    page_table = operand_def(AnyTensorTypeConstr)
    chunk_start_idx = operand_def(AnyTensorTypeConstr)
    output = operand_def(AnyTensorTypeConstr)

    scale = opt_prop_def(F32Attr)

    def infer_shape(self) -> Shape:
        query = ranked_shape(self.query, "query", 4)
        users, heads, _, depth = query
        _cache_shape(self.query, self.key, self.value, heads, depth)
        _pages(self.page_table, users)
        require_integers(self.chunk_start_idx, "chunk_start_idx")
        require_shape(self.chunk_start_idx, "chunk_start_idx", (1,))
        require_shape(self.output, "output", query)
        return query

    def verify_semantics(self) -> None:
        super().verify_semantics()
        require_same_type(self.result, "", self.query, "query", role="the result")


@irdl_op_definition
class PagedFlashMultiLatentAttentionDecodeOp(SegmentedOp, SingleResultOp):
    """softmax(scale * query @ key^T + attention_mask) @ value, for one query of each user and head, over latents.

    One head of compressed keys serves all heads of the queries. Without `value`, the values are the first `head_dim_v`
    numbers of the keys. Pages, positions, the default of the scale and the sink are those of
    `paged_scaled_dot_product_attention_decode`, and a mask may stand beside `is_causal`. The heads of the mask may come
    before the query, as files of tt-mlir have it, and the sink may be one number a head.

    Shapes: query (1, B, H, D), key (pages, 1, P, D), value (pages, 1, P, head_dim_v), page_table (B, N), cur_pos_tensor
    (B), attention_mask (1 or B, 1, 1 or H, N * P) or (1 or B, H, 1, N * P), attention_sink (H, 32) or (H), result (1,
    B, H, head_dim_v).

    Conditions: query, key and value have one float type; pages and positions are integers; head_dim_v > 0, and without
    a value head_dim_v <= D.
    """

    name = "ttir.paged_flash_multi_latent_attention_decode"

    query = operand_def(AnyTensorTypeConstr)
    key = operand_def(AnyTensorTypeConstr)
    value = opt_operand_def(AnyTensorTypeConstr)
    page_table = operand_def(AnyTensorTypeConstr)
    attention_mask = opt_operand_def(AnyTensorTypeConstr)
    cur_pos_tensor = opt_operand_def(AnyTensorTypeConstr)
    attention_sink = opt_operand_def(AnyTensorTypeConstr)

    head_dim_v = prop_def(UI32Attr)
    is_causal = prop_def(BoolAttr, default_value=TRUE)
    scale = opt_prop_def(F32Attr)

    def infer_shape(self) -> Shape:
        users, heads, depth = decode_query_shape(self.query)
        blocks, key_heads, page, key_depth = ranked_shape(self.key, "key", 4)
        require_floats(self.query, "query")
        require_same_elements(self.key, "key", self.query, "query")
        require(key_heads in (1, DYNAMIC_INDEX), f"operand 'key' has {key_heads} heads, expected 1")
        require_head_size(key_depth, depth)
        width = self.head_dim_v.value.data
        require(width > 0, "attribute 'head_dim_v' is 0, expected a value > 0")
        if self.value is None:
            require(
                depth == DYNAMIC_INDEX or width <= depth,
                f"attribute 'head_dim_v' is {width}, expected at most {depth}, the head size of 'key'",
            )
        else:
            value_heads = ranked_shape(self.value, "value", 4)[1]
            require(value_heads in (1, DYNAMIC_INDEX), f"operand 'value' has {value_heads} heads, expected 1")
            require_shape(self.value, "value", (blocks, 1, page, width))
            require_same_elements(self.value, "value", self.query, "query")
        positions = times(_pages(self.page_table, users), page)
        mask, sink = self.attention_mask, self.attention_sink
        if mask is not None and len(shape_of(mask)) == 4 and shape_of(mask)[1] != 1:
            full = (users, heads, 1, positions)
            require_broadcast(mask, "attention_mask", full, (0,), "the extent of users")
            mask = None
        if sink is not None and len(shape_of(sink)) == 1:
            require_shape(sink, "attention_sink", (heads,))
            sink = None
        require_decode_operands(users, heads, positions, mask=mask, cur_pos=self.cur_pos_tensor, sink=sink)
        return (1, users, heads, width)


ATTENTION_PAGED_OPS = (
    ChunkedScaledDotProductAttentionOp,
    PagedFlashMultiLatentAttentionDecodeOp,
    PagedScaledDotProductAttentionDecodeOp,
)
