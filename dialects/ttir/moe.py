"""Mixture of experts over a mesh: tokens go to the devices that hold their experts, and come back.

Where a dispatched tensor has one row for each token of all devices, the rows of tokens that have no expert on the
device are zero. Source of the meanings: the documentation of tt-metal's ``ttnn.all_to_all_dispatch``,
``ttnn.all_to_all_combine`` and ``ttnn.moe_expert_token_remap``.
"""

from __future__ import annotations

from abc import ABC

from xdsl.dialects.builtin import AnyTensorTypeConstr, i64
from xdsl.irdl import irdl_op_definition, operand_def, opt_prop_def, prop_def, result_def, traits_def
from xdsl.traits import Pure

from tilewright.dialects.ttir.attributes import I64Attr, UI32Attr, integer_attr
from tilewright.dialects.ttir.bases import SingleResultOp, TTIROp
from tilewright.dialects.ttir.collectives_shapes import verify_axis_of_mesh, verify_positive, verify_rank
from tilewright.dialects.ttir.shapes import Shape
from tilewright.dialects.ttir.traits import AcrossMesh
from tilewright.dialects.types import shape_of


class TokenExchangeOp(TTIROp, ABC):
    """Moves tokens between the devices along `cluster_axis`."""

    num_devices = prop_def(I64Attr)
    cluster_axis = prop_def(I64Attr)

    traits = traits_def(AcrossMesh(), Pure())

    def _verify_exchange(self, **ranks: tuple[Shape, int, str]) -> None:
        """Check attributes, and the rank of each operand or result against the extents that its rank stands for."""
        for role, (shape, rank, extents) in ranks.items():
            kind, _, name = role.partition("_")
            verify_rank(shape, rank, f"{kind} '{name}'", extents)
        verify_positive(self.num_devices.value.data, "num_devices")
        verify_axis_of_mesh(self.cluster_axis.value.data)


@irdl_op_definition
class AllToAllDispatchOp(TokenExchangeOp):
    """Each device gets the tokens of its group that chose one of its experts, and the choices of all tokens.

    `expert_indices` are the choices; `expert_mapping` has a 1 where the expert of a row is on the device of a column.
    Rows of tokens that chose no expert of the device are zero.

    Shapes: input_tensor (B, S, 1, H) or (B, 1, S, H), expert_indices likewise with K for H, or (1, S, H) and (S, K);
    expert_mapping (1, 1, experts, devices), dispatched (1, n B, S, H), metadata (1, n B, S, K), for n = `num_devices`
    along `cluster_axis`.

    Conditions: these ranks; `num_devices` is positive; `cluster_axis` is 0 or 1.
    """

    name = "ttir.all_to_all_dispatch"

    input_tensor = operand_def(AnyTensorTypeConstr)
    expert_indices = operand_def(AnyTensorTypeConstr)
    expert_mapping = operand_def(AnyTensorTypeConstr)
    dispatched = result_def(AnyTensorTypeConstr)
    metadata = result_def(AnyTensorTypeConstr)

    def verify_semantics(self) -> None:
        tokens, choices = shape_of(self.input_tensor), shape_of(self.expert_indices)
        without_batch = (len(tokens), len(choices)) == (3, 2)
        self._verify_exchange(
            operand_input_tensor=(tokens, 3 if without_batch else 4, "(B, S, 1, H)"),
            operand_expert_indices=(choices, 2 if without_batch else 4, "(B, S, 1, K)"),
            operand_expert_mapping=(shape_of(self.expert_mapping), 4, "(1, 1, experts, devices)"),
            result_dispatched=(shape_of(self.dispatched), 4, "(1, n B, S, H)"),
            result_metadata=(shape_of(self.metadata), 4, "(1, n B, S, K)"),
        )


@irdl_op_definition
class AllToAllDispatchMetadataOp(TokenExchangeOp):
    """Each device gets the tokens of its group that chose one of its experts, and the choices and scores of all tokens.

    Row d of `expert_mapping` says for the tokens of device d which device holds an expert. Rows of tokens that chose
    no expert of the device are zero.

    Shapes: input_tensor (1, 1, M, H), expert_indices and expert_scores (1, 1, M, K), expert_mapping (1, 1, devices,
    experts), dispatched (1, n M, H), indices and scores (1, n M, K), for n = `num_devices` along `cluster_axis`.

    Conditions: operands have rank 4, results rank 3; `num_devices` is positive; `cluster_axis` is 0 or 1.
    """

    name = "ttir.all_to_all_dispatch_metadata"

    input_tensor = operand_def(AnyTensorTypeConstr)
    expert_indices = operand_def(AnyTensorTypeConstr)
    expert_scores = operand_def(AnyTensorTypeConstr)
    expert_mapping = operand_def(AnyTensorTypeConstr)
    dispatched = result_def(AnyTensorTypeConstr)
    indices = result_def(AnyTensorTypeConstr)
    scores = result_def(AnyTensorTypeConstr)

    def verify_semantics(self) -> None:
        self._verify_exchange(
            operand_input_tensor=(shape_of(self.input_tensor), 4, "(1, 1, M, H)"),
            operand_expert_indices=(shape_of(self.expert_indices), 4, "(1, 1, M, K)"),
            operand_expert_scores=(shape_of(self.expert_scores), 4, "(1, 1, M, K)"),
            operand_expert_mapping=(shape_of(self.expert_mapping), 4, "(1, 1, devices, experts)"),
            result_dispatched=(shape_of(self.dispatched), 3, "(1, n M, H)"),
            result_indices=(shape_of(self.indices), 3, "(1, n M, K)"),
            result_scores=(shape_of(self.scores), 3, "(1, n M, K)"),
        )


@irdl_op_definition
class AllToAllCombineOp(TokenExchangeOp):
    """Each token gets back what its experts made of it, one row for each choice; zeros where no device of its group
    holds the expert.

    The e-th tensor of the input is that of the e-th expert of the device, in the order of their numbers. The first
    device of the group gets the first tokens, and so on; the type of the result says which dimension of the tokens is
    cut: tt-mlir's files leave `output_shard_dim` at its default where the first one is.

    Shapes: input_tensor (experts of the device, n B, S, H), expert_metadata (1, n B, S, K), expert_mapping (1, 1,
    experts, devices), result (K, B, S, H); or n S for S and B for n B in all three.

    Conditions: all ranks are 4; `num_devices` and `num_experts_per_tok` are positive; `cluster_axis` is 0 or 1.
    """

    name = "ttir.all_to_all_combine"

    input_tensor = operand_def(AnyTensorTypeConstr)
    expert_metadata = operand_def(AnyTensorTypeConstr)
    expert_mapping = operand_def(AnyTensorTypeConstr)
    result = result_def(AnyTensorTypeConstr)

    num_experts_per_tok = prop_def(I64Attr)
    output_shard_dim = prop_def(I64Attr, default_value=integer_attr(2, i64))

    def verify_semantics(self) -> None:
        self._verify_exchange(
            operand_input_tensor=(shape_of(self.input_tensor), 4, "(experts of the device, n B, S, H)"),
            operand_expert_metadata=(shape_of(self.expert_metadata), 4, "(1, n B, S, K)"),
            operand_expert_mapping=(shape_of(self.expert_mapping), 4, "(1, 1, experts, devices)"),
            result_result=(shape_of(self.result), 4, "(K, B, S, H)"),
        )
        verify_positive(self.num_experts_per_tok.value.data, "num_experts_per_tok")


@irdl_op_definition
class MoeExpertTokenRemapOp(TTIROp):
    """The scores of the experts of a device, for the tokens that chose them, and which blocks of tokens have any.

    The mapping has the score of a token for the e-th expert of the device where `expert_metadata` lists that expert
    for the token, else 0; `reduced` is 1 where a block of `reduction_size` tokens has a score other than 0.

    Shapes: topk_tensor (1, B, S, experts), or (S, experts) for the same in all B; expert_mapping (1, 1, experts,
    devices), expert_metadata (1, B, S, K), mapping (1, B, S, experts of the device), reduced (1, 1, ceil(B S /
    `reduction_size`), experts of the device).

    Conditions: these ranks; `reduction_size` is positive.
    """

    name = "ttir.moe_expert_token_remap"

    topk_tensor = operand_def(AnyTensorTypeConstr)
    expert_mapping = operand_def(AnyTensorTypeConstr)
    expert_metadata = operand_def(AnyTensorTypeConstr)
    mapping = result_def(AnyTensorTypeConstr)
    reduced = result_def(AnyTensorTypeConstr)

    reduction_size = prop_def(I64Attr)

    traits = traits_def(AcrossMesh(), Pure())

    def verify_semantics(self) -> None:
        scores, mapping, metadata = map(shape_of, (self.topk_tensor, self.expert_mapping, self.expert_metadata))
        verify_rank(mapping, 4, "operand 'expert_mapping'", "(1, 1, experts, devices)")
        verify_rank(metadata, 4, "operand 'expert_metadata'", "(1, B, S, K)")
        if scores != (metadata[2], mapping[2]):
            verify_rank(scores, 4, "operand 'topk_tensor'", "(1, B, S, experts)")
        verify_rank(shape_of(self.mapping), 4, "result 'mapping'", "(1, B, S, experts of the device)")
        verify_rank(shape_of(self.reduced), 4, "result 'reduced'", "(1, 1, blocks, experts of the device)")
        verify_positive(self.reduction_size.value.data, "reduction_size")


@irdl_op_definition
class SelectiveReduceCombineOp(SingleResultOp):
    """Sends what experts made of their tokens back to where the tokens came from, one row for each choice of a token.

    Nothing is reduced, and no score applied. Rows of choices whose experts are on no device of the group are zero. The
    operands are the buffers that `ttir.moe_gpt` writes: results, records, lists of tokens, and counts.

    Shapes: dense_input_tensor (cores, 2, 32, H), dense_activations_tensor (1, (T + 1) align(2 E + 1)),
    dense_token_maps_tensor (E, 4 (T + 1)), dense_token_counts_tensor (1, align(E)), result (K, tokens of the device,
    H), for H = `hidden_size`, K = `select_experts_k`, T = `batch_size` `seq_size` tokens of the group, E experts of the
    device; align rounds up to a multiple of 4.

    Conditions: `hidden_size`, `select_experts_k` and `experts` are positive.
    """

    name = "ttir.selective_reduce_combine"

    dense_input_tensor = operand_def(AnyTensorTypeConstr)
    dense_activations_tensor = operand_def(AnyTensorTypeConstr)
    dense_token_maps_tensor = operand_def(AnyTensorTypeConstr)
    dense_token_counts_tensor = operand_def(AnyTensorTypeConstr)

    hidden_size = prop_def(UI32Attr)
    batch_size = prop_def(UI32Attr)
    seq_size = prop_def(UI32Attr)
    select_experts_k = prop_def(UI32Attr)
    experts = prop_def(UI32Attr)
    axis = opt_prop_def(UI32Attr)
    """No attribute of tt-mlir's op, which reads past it; its own files have it."""

    traits = traits_def(AcrossMesh())

    def infer_shape(self) -> Shape:
        verify_positive(self.select_experts_k.value.data, "select_experts_k")
        verify_positive(self.experts.value.data, "experts")
        verify_positive(self.hidden_size.value.data, "hidden_size")
        return shape_of(self.result)


MOE_OPS = (
    AllToAllCombineOp,
    AllToAllDispatchMetadataOp,
    AllToAllDispatchOp,
    MoeExpertTokenRemapOp,
    SelectiveReduceCombineOp,
)
