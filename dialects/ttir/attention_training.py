"""Attention of a training step, forwards and backwards."""

from __future__ import annotations

from xdsl.dialects.builtin import AnyTensorTypeConstr, BoolAttr
from xdsl.ir import SSAValue
from xdsl.irdl import (
    irdl_op_definition,
    operand_def,
    opt_operand_def,
    opt_result_def,
    prop_def,
    result_def,
    traits_def,
)
from xdsl.traits import Pure

from tilewright.dialects.ttcore import AttentionMaskType, AttentionMaskTypeAttr
from tilewright.dialects.ttir.attention_shapes import TILE_WIDTH, require_groups, require_head_size, require_shape
from tilewright.dialects.ttir.attributes import FALSE, F32Attr, f32_attr
from tilewright.dialects.ttir.bases import TTIROp
from tilewright.dialects.ttir.shapes import Shape, may_be_equal, require
from tilewright.dialects.types import shape_of

_NO_DROPOUT = f32_attr(0.0)


def _split(value: SSAValue, name: str) -> tuple[Shape, int, int, int]:
    """Batch, heads, positions and width of operand `name`; the batch may be missing."""
    shape = shape_of(value)
    require(len(shape) in (3, 4), f"operand '{name}' has the shape {shape}, expected rank 3 or 4")
    heads, rows, width = shape[-3:]
    return shape[:-3], heads, rows, width


def _verify_inputs(query: SSAValue, key: SSAValue, value: SSAValue) -> tuple[Shape, Shape]:
    """The shapes of the output and of the intermediates, for operands that fit together."""
    batch, heads, rows, depth = _split(query, "query")
    key_batch, key_heads, key_rows, key_depth = _split(key, "key")
    require(
        may_be_equal((*key_batch, key_rows), (*batch, rows)),
        f"operand 'key' has the shape {shape_of(key)}, expected the batch {batch} and the {rows} positions of 'query'",
    )
    require_head_size(key_depth, depth)
    require_groups(heads, key_heads)
    value_width = _split(value, "value")[3]
    require_shape(value, "value", (*batch, key_heads, rows, value_width))
    return (*batch, heads, rows, value_width), (*batch, heads, rows, TILE_WIDTH)


def _verify_mask(mask_type: AttentionMaskTypeAttr, mask: SSAValue | None, rows: int) -> None:
    kind = mask_type.data
    if kind is not AttentionMaskType.ARBITRARY:
        require(mask is None, f"operand 'attention_mask' is given, expected none for the 'mask_type' {kind.value}")
        return
    require(mask is not None, f"operand 'attention_mask' is missing, expected for the 'mask_type' {kind.value}")
    if mask is not None:
        require_shape(mask, "attention_mask", (1, 1, rows, rows))


def _verify_dropout(probability: F32Attr) -> None:
    number = float(probability.value.data)
    require(number == 0, f"attribute 'dropout_probability' is {number}, expected 0.0")


@irdl_op_definition
class SDPAForwardOp(TTIROp):
    """softmax(query @ key^T / sqrt(D) + attention_mask) @ value, for each head, and what its backward pass needs.

    Each head of the keys serves an equal group of heads of the queries. A query of a `causal` mask type sees the keys
    up to its own position. Column 0 of the intermediates is the logarithm of the denominator of the softmax, log(sum
    of exp(logit)); the other columns are zero, as the kernel of ttml leaves them. A query that sees no key gives zeros.

    Shapes: query (B, Hq, S, D), key (B, Hkv, S, D), value (B, Hkv, S, Dv), attention_mask (1, 1, S, S), output (B, Hq,
    S, Dv), intermediates (B, Hq, S, 32). The batch B may be missing from all but the mask.

    Conditions: Hq is a multiple of Hkv; there is a mask for the mask type `arbitrary` alone; there are intermediates
    if `return_intermediates`; the dropout probability is 0.
    """

    name = "ttir.sdpa_fw"

    query = operand_def(AnyTensorTypeConstr)
    key = operand_def(AnyTensorTypeConstr)
    value = operand_def(AnyTensorTypeConstr)
    attention_mask = opt_operand_def(AnyTensorTypeConstr)

    mask_type = prop_def(AttentionMaskTypeAttr, default_value=AttentionMaskTypeAttr(AttentionMaskType.CAUSAL))
    dropout_probability = prop_def(F32Attr, default_value=_NO_DROPOUT)
    return_intermediates = prop_def(BoolAttr, default_value=FALSE)

    output = result_def(AnyTensorTypeConstr)
    intermediates = opt_result_def(AnyTensorTypeConstr)

    traits = traits_def(Pure())

    def verify_semantics(self) -> None:
        output, intermediates = _verify_inputs(self.query, self.key, self.value)
        _verify_mask(self.mask_type, self.attention_mask, output[-2])
        _verify_dropout(self.dropout_probability)
        require_shape(self.output, "output", output, role="result")
        if bool(self.return_intermediates):
            require(self.intermediates is not None, "result 'intermediates' is missing, expected as they are returned")
        else:
            require(
                self.intermediates is None,
                "result 'intermediates' is given, expected none without 'return_intermediates'",
            )
        if self.intermediates is not None:
            require_shape(self.intermediates, "intermediates", intermediates, role="result")


@irdl_op_definition
class SDPABackwardOp(TTIROp):
    """The gradients of `sdpa_fw` for its query, key and value.

    With P = exp(query @ key^T / sqrt(D) + attention_mask - intermediates[.., 0]), which is the softmax, and
    dS = P * (grad_output @ value^T - sum(grad_output * attn_output)), they are grad_query = dS @ key / sqrt(D),
    grad_key = dS^T @ query / sqrt(D) and grad_value = P^T @ grad_output; keys and values sum those of their group.

    Shapes: grad_output and attn_output (B, Hq, S, Dv), query and grad_query (B, Hq, S, D), key and grad_key (B, Hkv, S,
    D), value and grad_value (B, Hkv, S, Dv), intermediates (B, Hq, S, 32), attention_mask (1, 1, S, S). The batch B may
    be missing from all but the mask.

    Conditions: Hq is a multiple of Hkv; there is a mask for the mask type `arbitrary` alone; the dropout probability
    is 0.
    """

    name = "ttir.sdpa_bw"

    grad_output = operand_def(AnyTensorTypeConstr)
    attn_output = operand_def(AnyTensorTypeConstr)
    query = operand_def(AnyTensorTypeConstr)
    key = operand_def(AnyTensorTypeConstr)
    value = operand_def(AnyTensorTypeConstr)
    intermediates = operand_def(AnyTensorTypeConstr)
    attention_mask = opt_operand_def(AnyTensorTypeConstr)

    mask_type = prop_def(AttentionMaskTypeAttr, default_value=AttentionMaskTypeAttr(AttentionMaskType.ARBITRARY))
    dropout_probability = prop_def(F32Attr, default_value=_NO_DROPOUT)

    grad_query = result_def(AnyTensorTypeConstr)
    grad_key = result_def(AnyTensorTypeConstr)
    grad_value = result_def(AnyTensorTypeConstr)

    traits = traits_def(Pure())

    def verify_semantics(self) -> None:
        output, intermediates = _verify_inputs(self.query, self.key, self.value)
        _verify_mask(self.mask_type, self.attention_mask, output[-2])
        _verify_dropout(self.dropout_probability)
        require_shape(self.grad_output, "grad_output", output)
        require_shape(self.attn_output, "attn_output", output)
        require_shape(self.intermediates, "intermediates", intermediates)
        for name, operand, gradient in (
            ("grad_query", self.query, self.grad_query),
            ("grad_key", self.key, self.grad_key),
            ("grad_value", self.value, self.grad_value),
        ):
            require_shape(gradient, name, shape_of(operand), role="result")


ATTENTION_TRAINING_OPS = (SDPABackwardOp, SDPAForwardOp)
