"""Rotary position embeddings."""

from __future__ import annotations

from xdsl.dialects.builtin import DYNAMIC_INDEX, AnyTensorTypeConstr, LocationAttr
from xdsl.ir import Attribute
from xdsl.irdl import irdl_op_definition, operand_def

from tilewright.dialects.ttir.attention_shapes import ranked_shape, require_broadcast, require_shape
from tilewright.dialects.ttir.bases import SingleResultOp, Value, value_of
from tilewright.dialects.ttir.shapes import Shape, require
from tilewright.dialects.types import shape_of


@irdl_op_definition
class RotaryEmbeddingOp(SingleResultOp):
    """input * cos_cache + rotated * sin_cache.

    The halves of the last dimension are rotated: rotated[.., d] is -input[.., d + D / 2] in the first half, and
    input[.., d - D / 2] in the second.

    Shapes: input and result (B, H, S, D), cos_cache and sin_cache (1 or B, 1 or H, 1 or S, D).

    Conditions: D is even.
    """

    name = "ttir.rotary_embedding"

    input = operand_def(AnyTensorTypeConstr)
    cos_cache = operand_def(AnyTensorTypeConstr)
    sin_cache = operand_def(AnyTensorTypeConstr)

    def __init__(
        self,
        input: Value,
        cos_cache: Value,
        sin_cache: Value,
        result_type: Attribute | None = None,
        *,
        location: LocationAttr | None = None,
    ):
        operands = (value_of(input), value_of(cos_cache), value_of(sin_cache))
        self._init(operands, (result_type or operands[0].type,), {}, location)

    def infer_shape(self) -> Shape:
        shape = ranked_shape(self.input, "input", 4)
        require(
            shape[-1] == DYNAMIC_INDEX or shape[-1] % 2 == 0,
            f"operand 'input' has the last extent {shape[-1]}, expected an even number",
        )
        require_broadcast(self.cos_cache, "cos_cache", shape, (0, 1, 2), "all but the last extent")
        require_shape(self.sin_cache, "sin_cache", shape_of(self.cos_cache))
        return shape


ROTARY_OPS = (RotaryEmbeddingOp,)
