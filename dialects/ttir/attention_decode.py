"""Attention of one new token a user, over a cache of keys and values that is contiguous."""

from __future__ import annotations

from xdsl.dialects.builtin import DYNAMIC_INDEX, AnyTensorTypeConstr, BoolAttr
from xdsl.ir import SSAValue
from xdsl.irdl import irdl_op_definition, operand_def, opt_operand_def, opt_prop_def, prop_def

from tilewright.dialects.ttir.attention_shapes import (
    TILE_WIDTH,
    ranked_shape,
    require_broadcast,
    require_groups,
    require_integers,
    require_same_type,
    require_shape,
)
from tilewright.dialects.ttir.attributes import TRUE, F32Attr
from tilewright.dialects.ttir.bases import SegmentedOp, SingleResultOp
from tilewright.dialects.ttir.shapes import Shape, require


def decode_query_shape(query: SSAValue) -> tuple[int, int, int]:
    """Users, heads and head size of operand 'query', whose shape is (1, users, heads, head size)."""
    one, users, heads, depth = shape = ranked_shape(query, "query", 4)
    require(one in (1, DYNAMIC_INDEX), f"operand 'query' has the shape {shape}, expected 1 as the first extent")
    return users, heads, depth


def require_decode_operands(
    users: int,
    heads: int,
    positions: int,
    *,
    mask: SSAValue | None,
    cur_pos: SSAValue | None,
    sink: SSAValue | None,
) -> None:
    """The optional operands fit `users` with `heads` each, and a cache of so many `positions`."""
    if mask is not None:
        full = (users, 1, heads, positions)
        require_broadcast(mask, "attention_mask", full, (0, 2), "the extents of users and heads")
    if cur_pos is not None:
        require_integers(cur_pos, "cur_pos_tensor")
        require_shape(cur_pos, "cur_pos_tensor", (users,))
    if sink is not None:
        require_shape(sink, "attention_sink", (heads, TILE_WIDTH))


@irdl_op_definition
class ScaledDotProductAttentionDecodeOp(SegmentedOp, SingleResultOp):
    """softmax(scale * query @ key^T + attention_mask) @ value, for one query of each user and head.

    The scale is 1 / sqrt(D) where it is not given. With `is_causal`, user b sees the keys up to `cur_pos_tensor[b]`,
    that one included; otherwise all of them. Where `cur_pos_tensor[b]` is -1 (in an unsigned integer, the largest) the
    user is skipped: the result is zero. The sink of head h is `attention_sink[h, 0]`, one more logit without a value,
    multiplied by the scale, unlike that of `ttir.scaled_dot_product_attention`: tt-mlir hands it to tt-metal's kernel,
    which does so, as it is.

    Shapes: query and result (1, B, Hq, D), key and value (B, Hkv, Sk, D), cur_pos_tensor (B), attention_mask (1 or B,
    1, 1 or Hq, Sk), attention_sink (Hq, 32).

    Conditions: Hq is a multiple of Hkv; the result has the type of the query, and the value that of the key; positions
    are integers. With `is_causal` there is no mask.
    """

    name = "ttir.scaled_dot_product_attention_decode"

    query = operand_def(AnyTensorTypeConstr)
    key = operand_def(AnyTensorTypeConstr)
    value = operand_def(AnyTensorTypeConstr)
    attention_mask = opt_operand_def(AnyTensorTypeConstr)
    cur_pos_tensor = operand_def(AnyTensorTypeConstr)
    attention_sink = opt_operand_def(AnyTensorTypeConstr)

    is_causal = prop_def(BoolAttr, default_value=TRUE)
    scale = opt_prop_def(F32Attr)

    def infer_shape(self) -> Shape:
        users, heads, depth = decode_query_shape(self.query)
        _, key_heads, positions, _ = ranked_shape(self.key, "key", 4)
        require_shape(self.key, "key", (users, key_heads, positions, depth))
        require_same_type(self.value, "value", self.key, "key")
        require_groups(heads, key_heads)
        if self.is_causal:
            require(self.attention_mask is None, "operand 'attention_mask' is given, expected none if 'is_causal'")
        require_decode_operands(
            users,
            heads,
            positions,
            mask=self.attention_mask,
            cur_pos=self.cur_pos_tensor,
            sink=self.attention_sink,
        )
        return (1, users, heads, depth)

    def verify_semantics(self) -> None:
        super().verify_semantics()
        require_same_type(self.result, "", self.query, "query", role="the result")


ATTENTION_DECODE_OPS = (ScaledDotProductAttentionDecodeOp,)
