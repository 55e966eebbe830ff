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
from xdsl.utils.exceptions import VerifyException

from tilewright.dialects.ttir.attributes import TRUE, F32Attr, UI32Attr, bool_attr, f32_attr, integer_attr, ui32
from tilewright.dialects.ttir.bases import SegmentedOp, SingleResultOp, Value, value_of
from tilewright.dialects.ttir.shapes import Shape, require
from tilewright.dialects.types import shape_of


@irdl_op_definition
class ScaledDotProductAttentionOp(SegmentedOp, SingleResultOp):
    """softmax(query @ key^T * scale + mask) @ value, for each head.

    Shapes: query and result (B, Hq, Sq, D), key and value (B, Hkv, Sk, D) with Hq a multiple of Hkv, mask (1 or B,
    1 or Hq, Sq, Sk), sink (1, Hq, 1, 1). The scale is 1 / sqrt(D) where not given. A causal op takes no mask and has
    Sq == Sk.
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
        query, key = shape_of(self.query), shape_of(self.key)
        require(len(query) == 4, f"operand 'query' has the shape {query}, expected rank 4")
        require(len(key) == 4, f"operand 'key' has the shape {key}, expected rank 4")
        if self.value.type != self.key.type:
            raise VerifyException(
                f"operand 'value' has the type {self.value.type}, expected that of 'key', {self.key.type}"
            )
        batch, heads, rows, depth = query
        key_batch, key_heads, columns, key_depth = key
        if (key_batch, key_depth) != (batch, depth):
            raise VerifyException(
                f"operand 'key' has the shape {key}, expected batch {batch} and head size {depth}, those of 'query'"
            )
        require(
            key_heads > 0 and heads % key_heads == 0,
            f"operand 'key' has {key_heads} heads, expected a divisor of the {heads} of 'query'",
        )
        if self.is_causal:
            require(self.attention_mask is None, "operand 'attention_mask' is given, expected none if 'is_causal'")
            require(
                rows == columns,
                f"operand 'key' has {columns} positions, expected the {rows} of 'query' if 'is_causal'",
            )
        elif self.attention_mask is not None:
            _verify_mask(shape_of(self.attention_mask), (batch, heads, rows, columns))
        return query

    def verify_semantics(self) -> None:
        super().verify_semantics()
        if self.result.type != self.query.type:
            raise VerifyException(
                f"the result has the type {self.result.type}, expected that of 'query', {self.query.type}"
            )


def _verify_mask(mask: Shape, full: Shape) -> None:
    fits = len(mask) == 4 and mask[2:] == full[2:] and all(m in (1, f) for m, f in zip(mask[:2], full[:2], strict=True))
    if not fits:
        raise VerifyException(
            f"operand 'attention_mask' has the shape {mask}, expected {full}, where the first two extents may be 1"
        )


ATTENTION_OPS = (ScaledDotProductAttentionOp,)
