"""Fused attention."""

from __future__ import annotations

from xdsl.dialects.builtin import AnyTensorTypeConstr, BoolAttr, LocationAttr
from xdsl.ir import Attribute
from xdsl.irdl import (
    irdl_op_definition,
    operand_def,
    opt_operand_def,
    opt_prop_def,
    prop_def,
)

from tilewright.dialects.ttir.attention_shapes import (
    ranked_shape,
    require_broadcast,
    require_groups,
    require_same_type,
    require_shape,
)
from tilewright.dialects.ttir.attributes import TRUE, F32Attr, UI32Attr, bool_attr, f32_attr, integer_attr, ui32
from tilewright.dialects.ttir.bases import SegmentedOp, SingleResultOp, Value, value_of
from tilewright.dialects.ttir.shapes import Shape, may_be_equal, require


@irdl_op_definition
class ScaledDotProductAttentionOp(SegmentedOp, SingleResultOp):
    """softmax(scale * query @ key^T + attention_mask) @ value, for each head.

    Each head of the keys serves an equal group of heads of the queries. The scale is 1 / sqrt(D) where it is not given.
    With `is_causal`, query i sees the keys up to i, and with a `sliding_window_size` W the last W of these; otherwise
    the keys of a window are those at most W // 2 away from i. The attention sink is one more logit of each head, which
    takes part in the softmax without a value. The scale does not apply to it: tt-metal's kernels multiply it by the
    scale too, and tt-mlir divides it by that before (``TTIRToTTNN.cpp``). A query that sees no key gives zeros.

    Shapes: query and result (B, Hq, Sq, D), key and value (B, Hkv, Sk, D), attention_mask (1 or B, 1 or Hq, Sq, Sk),
    attention_sink (1, Hq, 1, 1).

    Conditions: Hq is a multiple of Hkv; the result has the type of the query, and the value that of the key. With
    `is_causal` there is no mask, and Sq == Sk.
    """

    name = "ttir.scaled_dot_product_attention"

    query = operand_def(AnyTensorTypeConstr)
    key = operand_def(AnyTensorTypeConstr)
    value = operand_def(AnyTensorTypeConstr)
    attention_mask = opt_operand_def(AnyTensorTypeConstr)
    attention_sink = opt_operand_def(AnyTensorTypeConstr)

    is_causal = prop_def(BoolAttr, default_value=TRUE)
    scale = opt_prop_def(F32Attr)
    sliding_window_size = opt_prop_def(UI32Attr)

    def __init__(
        self,
        query: Value,
        key: Value,
        value: Value,
        attention_mask: Value | None = None,
        attention_sink: Value | None = None,
        *,
        is_causal: bool = True,
        scale: float | None = None,
        sliding_window_size: int | None = None,
        result_type: Attribute | None = None,
        location: LocationAttr | None = None,
    ):
        properties: dict[str, Attribute] = {"is_causal": bool_attr(is_causal)}
        if scale is not None:
            properties["scale"] = f32_attr(scale)
        if sliding_window_size is not None:
            properties["sliding_window_size"] = integer_attr(sliding_window_size, ui32)
        operands = (query, key, value, attention_mask, attention_sink)
        self._init_segments(operands, (result_type or value_of(query).type,), properties, location)

    def infer_shape(self) -> Shape:
        query, key = ranked_shape(self.query, "query", 4), ranked_shape(self.key, "key", 4)
        require_same_type(self.value, "value", self.key, "key")
        batch, heads, rows, depth = query
        key_batch, key_heads, columns, key_depth = key
        require(
            may_be_equal((key_batch, key_depth), (batch, depth)),
            f"operand 'key' has the shape {key}, expected batch {batch} and head size {depth}, those of 'query'",
        )
        require_groups(heads, key_heads)
        if self.is_causal:
            require(self.attention_mask is None, "operand 'attention_mask' is given, expected none if 'is_causal'")
            require(
                may_be_equal((rows,), (columns,)),
                f"operand 'key' has {columns} positions, expected the {rows} of 'query' if 'is_causal'",
            )
        elif self.attention_mask is not None:
            full = (batch, heads, rows, columns)
            require_broadcast(self.attention_mask, "attention_mask", full, (0, 1), "the first two extents")
        if self.attention_sink is not None:
            require_shape(self.attention_sink, "attention_sink", (1, heads, 1, 1))
        return query

    def verify_semantics(self) -> None:
        super().verify_semantics()
        require_same_type(self.result, "", self.query, "query", role="the result")


ATTENTION_OPS = (ScaledDotProductAttentionOp,)
