"""Heads of attention, split from and joined into the hidden dimension."""

from __future__ import annotations

from xdsl.dialects.builtin import DYNAMIC_INDEX, AnyTensorTypeConstr, BoolAttr
from xdsl.irdl import (
    irdl_op_definition,
    operand_def,
    opt_operand_def,
    opt_prop_def,
    prop_def,
    result_def,
    traits_def,
)
from xdsl.traits import Pure

from tilewright.dialects.ttir.attention_shapes import ranked_shape, require_shape, times
from tilewright.dialects.ttir.attributes import UI32Attr
from tilewright.dialects.ttir.bases import MovementOp, TTIROp
from tilewright.dialects.ttir.shapes import Shape, require


@irdl_op_definition
class ConcatenateHeadsOp(MovementOp):
    """The heads of each position one after the other: result[b, s, h * D + d] = input[b, h, s, d].

    Shapes: input (B, H, S, D), result (B, S, H * D).
    """

    name = "ttir.concatenate_heads"

    def infer_shape(self) -> Shape:
        batch, heads, positions, width = ranked_shape(self.input, "input", 4)
        return (batch, positions, times(heads, width))


@irdl_op_definition
class SplitQueryKeyValueAndSplitHeadsOp(TTIROp):
    """Queries, keys and values out of one projection, each split into its heads.

    The hidden dimension of the input holds the H heads of the queries, then the Hkv heads of the keys, then those of
    the values, D numbers each: query[b, h, s, d] = input[b, s, h * D + d], and likewise for the others. With
    `kv_input_tensor`, the input holds the queries alone, and that tensor the keys and then the values. With
    `transpose_key`, the last two dimensions of the keys are swapped.

    Shapes: input_tensor (B, S, (H + 2 * Hkv) * D), query (B, H, S, D), key and value (B, Hkv, S, D), a transposed key
    (B, Hkv, D, S). With `kv_input_tensor` (Bkv, Skv, 2 * Hkv * Dkv), which has extents of its own: input_tensor (B, S,
    H * D), key and value (Bkv, Hkv, Skv, Dkv). H is `num_heads`, Hkv `num_kv_heads` or else H.

    Conditions: the numbers of heads are not 0.
    """

    name = "ttir.split_query_key_value_and_split_heads"

    input_tensor = operand_def(AnyTensorTypeConstr)
    kv_input_tensor = opt_operand_def(AnyTensorTypeConstr)

    num_heads = prop_def(UI32Attr)
    num_kv_heads = opt_prop_def(UI32Attr)
    transpose_key = prop_def(BoolAttr)

    query = result_def(AnyTensorTypeConstr)
    key = result_def(AnyTensorTypeConstr)
    value = result_def(AnyTensorTypeConstr)

    traits = traits_def(Pure())

    @property
    def key_heads(self) -> int:
        """How many heads the keys have, and the values."""
        return (self.num_heads if self.num_kv_heads is None else self.num_kv_heads).value.data

    def verify_semantics(self) -> None:
        heads, key_heads = self.num_heads.value.data, self.key_heads
        require(heads > 0, "attribute 'num_heads' is 0, expected a value > 0")
        require(key_heads > 0, "attribute 'num_kv_heads' is 0, expected a value > 0")
        batch, rows, hidden = ranked_shape(self.input_tensor, "input_tensor", 3)
        if self.kv_input_tensor is None:
            width = _head_size("input_tensor", hidden, heads + 2 * key_heads)
            query = (batch, heads, rows, width)
            key = (batch, key_heads, rows, width)
        else:
            query = (batch, heads, rows, _head_size("input_tensor", hidden, heads))
            key_batch, key_rows, key_hidden = ranked_shape(self.kv_input_tensor, "kv_input_tensor", 3)
            key = (key_batch, key_heads, key_rows, _head_size("kv_input_tensor", key_hidden, 2 * key_heads))
        require_shape(self.query, "query", query, role="result")
        seen = (*key[:2], key[3], key[2]) if bool(self.transpose_key) else key
        require_shape(self.key, "key", seen, role="result")
        require_shape(self.value, "value", key, role="result")


def _head_size(name: str, hidden: int, heads: int) -> int:
    if hidden == DYNAMIC_INDEX:
        return hidden
    require(hidden % heads == 0, f"operand '{name}' has the hidden size {hidden}, expected a multiple of {heads} heads")
    return hidden // heads


HEADS_OPS = (ConcatenateHeadsOp, SplitQueryKeyValueAndSplitHeadsOp)
