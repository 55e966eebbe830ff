"""The router of a mixture of experts."""

from __future__ import annotations

from xdsl.dialects.builtin import AnyTensorTypeConstr
from xdsl.irdl import irdl_op_definition, operand_def, prop_def, result_def, traits_def
from xdsl.traits import Pure

from tilewright.dialects.ttir.attention_shapes import ranked_shape, require_floats, require_shape
from tilewright.dialects.ttir.attributes import I32Attr
from tilewright.dialects.ttir.bases import TTIROp
from tilewright.dialects.ttir.shapes import require


@irdl_op_definition
class TopKRouterGptOp(TTIROp):
    """The k experts with the largest logits of `input @ weight + bias`, and the softmax of these k logits.

    The largest comes first; of equal logits, that of the lower index. tt-mlir's documentation speaks of results padded
    to a multiple of 8 columns; its verifier and its files have k columns, as here.

    Shapes: input (B, K), weight (K, E), bias (B, E), expert_indices and expert_weights (B, k).

    Conditions: num_experts is E; 0 < k <= E; the weights of the experts are floats.
    """

    name = "ttir.topk_router_gpt"

    input = operand_def(AnyTensorTypeConstr)
    weight = operand_def(AnyTensorTypeConstr)
    bias = operand_def(AnyTensorTypeConstr)

    k = prop_def(I32Attr)
    num_experts = prop_def(I32Attr)

    expert_indices = result_def(AnyTensorTypeConstr)
    expert_weights = result_def(AnyTensorTypeConstr)

    traits = traits_def(Pure())

    def verify_semantics(self) -> None:
        tokens, inner = ranked_shape(self.input, "input", 2)
        ranked_shape(self.weight, "weight", 2)
        ranked_shape(self.bias, "bias", 2)
        experts, k = self.num_experts.value.data, self.k.value.data
        require(experts > 0, f"attribute 'num_experts' is {experts}, expected a value > 0")
        require(0 < k <= experts, f"attribute 'k' is {k}, expected a value in [1, {experts}], the number of experts")
        require_shape(self.weight, "weight", (inner, experts))
        require_shape(self.bias, "bias", (tokens, experts))
        require_shape(self.expert_indices, "expert_indices", (tokens, k), role="result")
        require_shape(self.expert_weights, "expert_weights", (tokens, k), role="result")
        require_floats(self.expert_weights, "expert_weights", role="result")


ROUTER_OPS = (TopKRouterGptOp,)
