"""Fused kernels that compute the experts of a mixture of experts."""

from __future__ import annotations

from xdsl.dialects.builtin import AnyTensorTypeConstr
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

from tilewright.dialects.ttcore import MoeActivationFunction, MoeActivationFunctionAttr
from tilewright.dialects.ttir.attributes import UI32Attr, integer_attr, ui32
from tilewright.dialects.ttir.bases import SegmentedOp, SingleResultOp, TTIROp
from tilewright.dialects.ttir.collectives_shapes import verify_axis_of_mesh, verify_positive, verify_rank
from tilewright.dialects.ttir.shapes import Shape, may_be_equal, require
from tilewright.dialects.ttir.traits import AcrossMesh
from tilewright.dialects.types import shape_of
from tilewright.support.tiling import TILE_DIM

_PACKED_COLUMNS = 4 * TILE_DIM
"""Columns of a weight as `moe_gpt` takes it, cut into groups of four tiles."""


def _verify_tiles(value: int, what: str) -> None:
    require(
        value > 0 and value % TILE_DIM == 0,
        f"{what} is {value}, expected a positive multiple of {TILE_DIM}, a tile's side",
    )


@irdl_op_definition
class MoeGptOp(TTIROp):
    """The experts of GPT-OSS on the tokens that were dispatched, in the buffers of the kernel: (u + 1) g sigmoid(1.702
    g) @ W2 with g = x @ W0, at most 7, and u = x @ W1, clamped to [-7, 7].

    The counts say how many tokens chose an expert of the device; a record has a token, which choice of it each expert
    was, and the scores, which are not applied; the indices list the tokens of each expert. `tilize_out` and
    `tilize_out_rm` have what the experts made of them, the tokens of an expert cut into `output_height_shard_dim`
    parts and the columns into `output_width_shard_dim`, each on a core of its own.

    Shapes: input_tensor (T, H), expert_indices and expert_scores (T, K), expert_mapping (1, experts of all devices),
    w0_w1_tensor (cores, layers, E, groups, H, 128), w2_tensor (cores, layers, E, 2, N, 128), H and N 32 more with
    biases; token_counts (1, align(E)), activation_records (1, (T + 1) align(2 E + 1)), token_indices (E, 4 (T + 1)),
    tilize_out and tilize_out_rm (cores, 2, 32, H), for H = `hidden_size`, and align rounding up to a multiple of 4.

    Conditions: `w0_w1_tensor` and `w2_tensor` have rank 6 and the last extent 128, four tiles; `cluster_axis` is 0 or
    1.
    """

    name = "ttir.moe_gpt"

    input_tensor = operand_def(AnyTensorTypeConstr)
    expert_indices = operand_def(AnyTensorTypeConstr)
    expert_scores = operand_def(AnyTensorTypeConstr)
    expert_mapping = operand_def(AnyTensorTypeConstr)
    w0_w1_tensor = operand_def(AnyTensorTypeConstr)
    w2_tensor = operand_def(AnyTensorTypeConstr)
    token_counts = result_def(AnyTensorTypeConstr)
    activation_records = result_def(AnyTensorTypeConstr)
    token_indices = result_def(AnyTensorTypeConstr)
    tilize_out = result_def(AnyTensorTypeConstr)
    tilize_out_rm = result_def(AnyTensorTypeConstr)

    output_height_shard_dim = prop_def(UI32Attr, default_value=integer_attr(4, ui32))
    output_width_shard_dim = prop_def(UI32Attr, default_value=integer_attr(3, ui32))
    hidden_size = prop_def(UI32Attr, default_value=integer_attr(2880, ui32))
    cluster_axis = opt_prop_def(UI32Attr)

    traits = traits_def(AcrossMesh(), Pure())

    def verify_semantics(self) -> None:
        for name, value in (("w0_w1_tensor", self.w0_w1_tensor), ("w2_tensor", self.w2_tensor)):
            shape = shape_of(value)
            verify_rank(shape, 6, f"operand '{name}'", f"(cores, layers, experts, groups, rows, {_PACKED_COLUMNS})")
            require(
                may_be_equal(shape[-1:], (_PACKED_COLUMNS,)),
                f"operand '{name}' has the shape {shape}, expected the last extent {_PACKED_COLUMNS}, four tiles",
            )
        if self.cluster_axis is not None:
            verify_axis_of_mesh(self.cluster_axis.value.data)


@irdl_op_definition
class MoeComputeOp(SegmentedOp, SingleResultOp):
    """The experts on the tokens that were dispatched, and the way back of what they made, one row for each choice of a
    token: activation(x @ w0 + bias_0, x @ w1 + bias_1) @ w2 + bias_2.

    The activation of g and u is silu(g) u, or as `swiglu` (u + 1) g sigmoid(1.702 g) with g at most 7 and u clamped to
    [-7, 7]. Scores are not applied. Rows of choices whose experts are on no device of the group are zero.

    Shapes: tilize_input_tensor (.., T, H), expert indices and scores (.., T, K), expert mapping (.., experts of all
    devices), w0 and w1 (layers, E, H, N), w2 (layers, E, N, H), biases (layers, E, N or H), result (K, tokens of the
    device, H).

    Conditions: `intermediate_size` and H are positive multiples of 32; `output_height_shard_dim` is positive;
    `cluster_axis` is 0 or 1; `bias_0` and `bias_1` come together.
    """

    name = "ttir.moe_compute"

    tilize_input_tensor = operand_def(AnyTensorTypeConstr)
    tilize_expert_indices_tensor = operand_def(AnyTensorTypeConstr)
    tilize_expert_scores_tensor = operand_def(AnyTensorTypeConstr)
    tilize_expert_mapping_tensor = operand_def(AnyTensorTypeConstr)
    w0 = operand_def(AnyTensorTypeConstr)
    w1 = operand_def(AnyTensorTypeConstr)
    w2 = operand_def(AnyTensorTypeConstr)
    bias_0 = opt_operand_def(AnyTensorTypeConstr)
    bias_1 = opt_operand_def(AnyTensorTypeConstr)
    bias_2 = opt_operand_def(AnyTensorTypeConstr)

    layer_id = prop_def(UI32Attr)
    output_height_shard_dim = prop_def(UI32Attr)
    intermediate_size = prop_def(UI32Attr)
    activation_function = prop_def(
        MoeActivationFunctionAttr, default_value=MoeActivationFunctionAttr(MoeActivationFunction.SILU)
    )
    cluster_axis = prop_def(UI32Attr)

    traits = traits_def(AcrossMesh())

    def infer_shape(self) -> Shape:
        _verify_tiles(self.intermediate_size.value.data, "attribute 'intermediate_size'")
        verify_positive(self.output_height_shard_dim.value.data, "output_height_shard_dim")
        verify_axis_of_mesh(self.cluster_axis.value.data)
        tokens = shape_of(self.tilize_input_tensor)
        require(len(tokens) >= 2, f"operand 'tilize_input_tensor' has the shape {tokens}, expected rank >= 2")
        _verify_tiles(tokens[-1], "the last extent of operand 'tilize_input_tensor'")
        given = [name for name, bias in (("bias_0", self.bias_0), ("bias_1", self.bias_1)) if bias is not None]
        require(len(given) != 1, f"operand '{''.join(given)}' is given alone, expected 'bias_0' and 'bias_1' together")
        return shape_of(self.result)


MOE_KERNEL_OPS = (MoeComputeOp, MoeGptOp)
