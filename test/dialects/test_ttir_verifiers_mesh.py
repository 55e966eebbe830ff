"""Every condition of collectives, mesh ops, distributed norms and mixture of experts."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from xdsl.dialects import test
from xdsl.dialects.builtin import f32
from xdsl.utils.exceptions import VerifyException

from tilewright.dialects import ttir
from tilewright.dialects.ttcore import ReduceType, ReduceTypeAttr
from tilewright.dialects.ttir.attributes import integer_attr, ui32
from tilewright.dialects.types import tensor_type

VerifyOp = Callable[[str, str, str], None]

X, HALF = "tensor<2x8xf32>", "tensor<2x4xf32>"


def gather(dim: int, axis: int = 1) -> str:
    return f"all_gather <{{all_gather_dim = {dim} : si32, cluster_axis = {axis} : ui32}}>"


def reduce(name: str, kind: str, more: str = "") -> str:
    return f"{name} <{{cluster_axis = 1 : ui32, reduce_type = #ttcore.reduce_type<{kind}>{more}}}>"


def scatter(kind: str, dim: int) -> str:
    return reduce("reduce_scatter", kind, f", scatter_dim = {dim} : si32")


def permute(pairs: str, type: str) -> str:
    return f"collective_permute <{{source_target_pairs = dense<{pairs}> : tensor<{type}>}}>"


def exchange(split: int, concat: int, count: int, groups: str = "[[0, 1]]", type: str = "1x2xi64") -> str:
    return (
        f"all_to_all <{{split_dim = {split} : si32, concat_dim = {concat} : si32, split_count = {count} : si32, "
        f"replica_groups = dense<{groups}> : tensor<{type}>}}>"
    )


def broadcast(groups: str, type: str) -> str:
    return f"collective_broadcast <{{replica_groups = dense<{groups}> : tensor<{type}>}}>"


def partition(dim: int, axis: int = 0) -> str:
    return f"mesh_partition <{{dim = {dim} : si32, cluster_axis = {axis} : ui32}}>"


def shard(kind: str, dims: str, back: bool = False) -> str:
    direction = "shard_to_full" if back else "full_to_shard"
    return (
        f"mesh_shard <{{shard_dims = array<i64{dims}>, shard_shape = array<i64: 1, 2>, "
        f"shard_direction = #ttcore.shard_direction<{direction}>, shard_type = #ttcore.shard_type<{kind}>}}>"
    )


COLLECTIVES = [
    (gather(2), X, "tensor<2x16xf32>", "attribute 'all_gather_dim' is 2, expected a value in [-2, 2) for rank 2"),
    (gather(-3), X, "tensor<2x16xf32>", "attribute 'all_gather_dim' is -3"),
    (gather(1), X, "tensor<2x12xf32>", "the extent 12 in dimension 1, expected a multiple of 8, that of 'input'"),
    (gather(1), X, "tensor<4x16xf32>", "the result has the shape (4, 16), expected (2, 16)"),
    (gather(1), X, "tensor<16xf32>", "the result has the shape (16,), expected (2, 8)"),
    (reduce("all_reduce", "max"), X, X, "attribute 'reduce_type' is 'max', expected 'sum'"),
    (reduce("all_reduce", "sum"), X, HALF, "the result has the shape (2, 4), expected (2, 8)"),
    (reduce("all_reduce_async", "std"), X, X, "attribute 'reduce_type' is 'std', expected 'sum'"),
    (reduce("all_reduce_async", "sum"), X, HALF, "the result has the shape (2, 4), expected (2, 8)"),
    (scatter("mean", 1), X, HALF, "attribute 'reduce_type' is 'mean', expected 'sum' or 'max' or 'min'"),
    (scatter("sum", 2), X, HALF, "attribute 'scatter_dim' is 2, expected a value in [-2, 2) for rank 2"),
    (scatter("sum", 1), X, "tensor<2x3xf32>", "the extent 3 in dimension 1, expected a divisor of 8, that of 'input'"),
    (scatter("sum", 0), X, HALF, "the result has the shape (2, 4), expected (2, 8)"),
    (scatter("sum", 0), X, "tensor<2xf32>", "the result has the shape (2,), expected (2, 8)"),
    (permute("[0]", "1xi64"), X, X, "attribute 'source_target_pairs' has the shape (1,), expected rank 2"),
    (permute("[[0, 1, 2]]", "1x3xi64"), X, X, "has the shape (1, 3), expected two columns"),
    (permute("[[0, 1]]", "1x2xi32"), X, X, "expected elements of type i64"),
    (permute("[[0, 1], [0, 2]]", "2x2xi64"), X, X, "'source_target_pairs' has the source 0 twice, expected it once"),
    (permute("[[0, 2], [1, 2]]", "2x2xi64"), X, X, "'source_target_pairs' has the target 2 twice, expected it once"),
    (permute("[[0, 1]]", "1x2xi64"), X, HALF, "the result has the shape (2, 4), expected (2, 8)"),
    (exchange(-1, 1, 2), X, X, "attribute 'split_dim' is -1, expected a value in [0, 2) for rank 2"),
    (exchange(2, 1, 2), X, X, "attribute 'split_dim' is 2"),
    (exchange(1, -1, 2), X, X, "attribute 'concat_dim' is -1, expected a value in [0, 2) for rank 2"),
    (exchange(1, 2, 2), X, X, "attribute 'concat_dim' is 2"),
    (exchange(1, 1, 0), X, X, "attribute 'split_count' is 0, expected a value >= 1"),
    (exchange(1, 1, 3), X, X, "attribute 'split_count' is 3, expected a divisor of 8, the extent of 'input'"),
    (exchange(1, 0, 2), X, X, "the result has the shape (2, 8), expected (4, 4)"),
    (exchange(1, 1, 2), X, "tensor<2x8xbf16>", "the result has the element type bf16, expected f32, that of 'input'"),
    (exchange(1, 1, 4), X, X, "attribute 'replica_groups' has groups of 2, expected the split count 4"),
    (exchange(1, 0, 4), X, X, "the result has the shape (2, 8), expected (8, 2)"),
    (exchange(1, 1, 2, "[0, 1]", "2xi64"), X, X, "attribute 'replica_groups' has the shape (2,), expected rank 2"),
    (exchange(1, 1, 2, "[[0, 2]]"), X, X, "'replica_groups' has the device 2, expected a value in [0, 2)"),
    (broadcast("[[0, 1]]", "1x2xi64"), X, HALF, f"the result has the type {HALF}, expected that of 'input', {X}"),
    (broadcast("[[[0, 1]]]", "1x1x2xi64"), X, X, "attribute 'replica_groups' has the shape (1, 1, 2), expected rank 2"),
    (broadcast("[[0, -1]]", "1x2xi64"), X, X, "'replica_groups' has the device -1, expected a value in [0, 2)"),
    (broadcast("[[1, 2]]", "1x2xi64"), X, X, "'replica_groups' has the device 2, expected a value in [0, 2)"),
    (broadcast("[[0, 1], [0, 2]]", "2x2xi64"), X, X, "'replica_groups' has the device 0 twice, expected it once"),
]

MESHES = [
    (partition(2), X, HALF, "attribute 'dim' is 2, expected a value in [-2, 2) for rank 2"),
    (partition(1, 2), X, HALF, "attribute 'cluster_axis' is 2, expected 0 or 1"),
    (partition(1), X, "tensor<2x3xf32>", "the extent 3 in dimension 1, expected a divisor of 8, that of 'input'"),
    (partition(0), X, HALF, "the result has the shape (2, 4), expected (2, 8)"),
    (shard("maximal", ": 0, 1"), X, X, "'shard_type' is 'maximal', expected 'identity', 'replicate' or 'devices'"),
    (shard("devices", ": 0, 2"), X, X, "attribute 'shard_dims' is 2 at 1, expected a value in [-1, 2)"),
    (shard("devices", ": -2, 0"), X, X, "attribute 'shard_dims' is -2 at 0, expected a value in [-1, 2)"),
    (shard("replicate", ": -1"), X, HALF, "the result has the shape (2, 4), expected (2, 8)"),
    (
        shard("devices", ": 0, 1"),
        X,
        "tensor<2x3xf32>",
        "the result has the shape (2, 3), expected a divisor of each extent of the full shape (2, 8)",
    ),
    (shard("identity", ": 0, 1"), X, "tensor<8xf32>", "the result has the shape (8,), expected a divisor of each"),
    (
        shard("devices", ": 0, 1", back=True),
        X,
        "tensor<2x12xf32>",
        "operand 'input' has the shape (2, 8), expected a divisor of each extent of the full shape (2, 12)",
    ),
]


def norm(name: str, *segments: int, axis: int = 1, epsilon: float = 1.0) -> str:
    sizes = ", ".join(map(str, segments))
    return (
        f"{name} <{{cluster_axis = {axis} : ui32, epsilon = {epsilon:e} : f32, "
        f"operandSegmentSizes = array<i32: {sizes}>}}>"
    )


RMS, LAYER = "distributed_rms_norm", "distributed_layer_norm"
NORMS = [
    (norm(RMS, 1, 0, 0), X, HALF, "the result has the shape (2, 4), expected (2, 8)"),
    (norm(RMS, 1, 0, 0, axis=2), X, X, "attribute 'cluster_axis' is 2, expected 0 or 1"),
    (norm(RMS, 1, 0, 0, epsilon=0.0), X, X, "attribute 'epsilon' is 0.0, expected a positive value"),
    (norm(RMS, 1, 0, 0), "tensor<f32>", "tensor<f32>", "operand 'input' has the shape (), expected rank >= 1"),
    (
        norm(RMS, 1, 0, 1),
        f"{X}; {HALF}",
        X,
        "operand 'residual' has the shape (2, 4), expected (2, 8), that of 'input'",
    ),
    (norm(RMS, 1, 1, 0), f"{X}; {HALF}", X, "operand 'weight' has the shape (2, 4), expected the last extent 8"),
    (norm(LAYER, 1, 0, 0, 0), X, HALF, "the result has the shape (2, 4), expected (2, 8)"),
    (norm(LAYER, 1, 0, 0, 0, axis=3), X, X, "attribute 'cluster_axis' is 3, expected 0 or 1"),
    (norm(LAYER, 1, 0, 0, 0, epsilon=-1.0), X, X, "attribute 'epsilon' is -1.0, expected a positive value"),
    (norm(LAYER, 1, 0, 0, 1), f"{X}; {HALF}", X, "operand 'residual' has the shape (2, 4)"),
    (norm(LAYER, 1, 1, 0, 0), f"{X}; tensor<f32>", X, "operand 'weight' has the shape (), expected the last extent 8"),
    (norm(LAYER, 1, 0, 1, 0), f"{X}; {HALF}", X, "operand 'bias' has the shape (2, 4), expected the last extent 8"),
]

TOKENS, CHOICES, MAPPING = "tensor<1x6x1x8xbf16>", "tensor<1x6x1x4xi64>", "tensor<1x1x16x2xi64>"
GATHERED, GATHERED_CHOICES = "tensor<1x2x6x8xbf16>", "tensor<1x2x6x4xi64>"
FLAT = "tensor<6x8xbf16>"


def route(name: str, devices: int = 2, axis: int = 1, more: str = "") -> str:
    return f"{name} <{{num_devices = {devices} : i64, cluster_axis = {axis} : i64{more}}}>"


DISPATCH, METADATA = route("all_to_all_dispatch"), route("all_to_all_dispatch_metadata")
COMBINE = route("all_to_all_combine", more=", num_experts_per_tok = 4 : i64")
DISPATCHED = f"({GATHERED}, {GATHERED_CHOICES})"
WITH_SCORES = "(tensor<1x12x8xbf16>, tensor<1x12x4xi64>, tensor<1x12x4xbf16>)"
SCORES = "tensor<1x1x6x4xbf16>"
DISPATCHES = [
    (DISPATCH, f"{FLAT}; {CHOICES}; {MAPPING}", DISPATCHED, "'input_tensor' has the shape (6, 8), expected rank 4"),
    (DISPATCH, f"{TOKENS}; {FLAT}; {MAPPING}", DISPATCHED, "'expert_indices' has the shape (6, 8), expected rank 4"),
    (DISPATCH, f"{TOKENS}; {CHOICES}; {FLAT}", DISPATCHED, "'expert_mapping' has the shape (6, 8), expected rank 4"),
    (
        DISPATCH,
        f"{TOKENS}; {CHOICES}; {MAPPING}",
        f"({FLAT}, {GATHERED_CHOICES})",
        "result 'dispatched' has the shape (6, 8), expected rank 4, (1, n B, S, H)",
    ),
    (DISPATCH, f"{TOKENS}; {CHOICES}; {MAPPING}", f"({GATHERED}, {FLAT})", "result 'metadata' has the shape (6, 8)"),
    (
        route("all_to_all_dispatch", devices=0),
        f"{TOKENS}; {CHOICES}; {MAPPING}",
        DISPATCHED,
        "attribute 'num_devices' is 0, expected a value >= 1",
    ),
    (
        route("all_to_all_dispatch", axis=5),
        f"{TOKENS}; {CHOICES}; {MAPPING}",
        DISPATCHED,
        "attribute 'cluster_axis' is 5, expected 0 or 1",
    ),
    (METADATA, f"{FLAT}; {CHOICES}; {SCORES}; {MAPPING}", WITH_SCORES, "'input_tensor' has the shape (6, 8)"),
    (METADATA, f"{TOKENS}; {FLAT}; {SCORES}; {MAPPING}", WITH_SCORES, "'expert_indices' has the shape (6, 8)"),
    (METADATA, f"{TOKENS}; {CHOICES}; {FLAT}; {MAPPING}", WITH_SCORES, "'expert_scores' has the shape (6, 8)"),
    (METADATA, f"{TOKENS}; {CHOICES}; {SCORES}; {FLAT}", WITH_SCORES, "'expert_mapping' has the shape (6, 8)"),
    *(
        (
            METADATA,
            f"{TOKENS}; {CHOICES}; {SCORES}; {MAPPING}",
            f"({', '.join(FLAT if i == wrong else 'tensor<1x12x8xbf16>' for i in range(3))})",
            f"result '{name}' has the shape (6, 8), expected rank 3",
        )
        for wrong, name in enumerate(("dispatched", "indices", "scores"))
    ),
    (
        route("all_to_all_dispatch_metadata", devices=-1),
        f"{TOKENS}; {CHOICES}; {SCORES}; {MAPPING}",
        WITH_SCORES,
        "attribute 'num_devices' is -1, expected a value >= 1",
    ),
    (
        route("all_to_all_dispatch_metadata", axis=-1),
        f"{TOKENS}; {CHOICES}; {SCORES}; {MAPPING}",
        WITH_SCORES,
        "attribute 'cluster_axis' is -1, expected 0 or 1",
    ),
]

MADE, BACK = "tensor<8x2x6x8xbf16>", "tensor<4x1x6x8xbf16>"
COMBINES = [
    (COMBINE, f"{FLAT}; {GATHERED_CHOICES}; {MAPPING}", BACK, "'input_tensor' has the shape (6, 8), expected rank 4"),
    (COMBINE, f"{MADE}; {FLAT}; {MAPPING}", BACK, "operand 'expert_metadata' has the shape (6, 8), expected rank 4"),
    (COMBINE, f"{MADE}; {GATHERED_CHOICES}; {FLAT}", BACK, "operand 'expert_mapping' has the shape (6, 8)"),
    (COMBINE, f"{MADE}; {GATHERED_CHOICES}; {MAPPING}", FLAT, "result 'result' has the shape (6, 8), expected rank 4"),
    (
        route("all_to_all_combine", more=", num_experts_per_tok = 0 : i64"),
        f"{MADE}; {GATHERED_CHOICES}; {MAPPING}",
        BACK,
        "attribute 'num_experts_per_tok' is 0, expected a value >= 1",
    ),
    (
        route("all_to_all_combine", devices=0, more=", num_experts_per_tok = 4 : i64"),
        f"{MADE}; {GATHERED_CHOICES}; {MAPPING}",
        BACK,
        "attribute 'num_devices' is 0, expected a value >= 1",
    ),
    (
        route("all_to_all_combine", axis=2, more=", num_experts_per_tok = 4 : i64"),
        f"{MADE}; {GATHERED_CHOICES}; {MAPPING}",
        BACK,
        "attribute 'cluster_axis' is 2, expected 0 or 1",
    ),
]


def remap(size: int) -> str:
    return f"moe_expert_token_remap <{{reduction_size = {size} : i64}}>"


TOPK, REMAPPED = "tensor<1x2x6x16xbf16>", "(tensor<1x2x6x8xbf16>, tensor<1x1x3x8xui16>)"
REMAPS = [
    (remap(4), f"{FLAT}; {MAPPING}; {GATHERED_CHOICES}", REMAPPED, "operand 'topk_tensor' has the shape (6, 8)"),
    (remap(4), f"{TOPK}; {FLAT}; {GATHERED_CHOICES}", REMAPPED, "operand 'expert_mapping' has the shape (6, 8)"),
    (remap(4), f"{TOPK}; {MAPPING}; {FLAT}", REMAPPED, "operand 'expert_metadata' has the shape (6, 8)"),
    (
        remap(4),
        f"{TOPK}; {MAPPING}; {GATHERED_CHOICES}",
        f"({FLAT}, tensor<1x1x3x8xui16>)",
        "result 'mapping' has the shape (6, 8), expected rank 4",
    ),
    (
        remap(4),
        f"{TOPK}; {MAPPING}; {GATHERED_CHOICES}",
        f"(tensor<1x2x6x8xbf16>, {FLAT})",
        "result 'reduced' has the shape (6, 8), expected rank 4",
    ),
    (
        remap(0),
        f"{TOPK}; {MAPPING}; {GATHERED_CHOICES}",
        REMAPPED,
        "attribute 'reduction_size' is 0, expected a value >= 1",
    ),
]


def selective(k: int = 4, experts: int = 8, hidden: int = 32) -> str:
    return (
        f"selective_reduce_combine <{{hidden_size = {hidden} : ui32, batch_size = 1 : ui32, seq_size = 1 : ui32, "
        f"select_experts_k = {k} : ui32, experts = {experts} : ui32, axis = 0 : ui32}}>"
    )


GPT_OPERANDS = ["tensor<6x64xbf16>", "tensor<6x4xui16>", "tensor<6x4xbf16>", "tensor<1x8xui16>"]
W01, W2 = "tensor<12x1x4x4x64x128xbf16>", "tensor<12x1x4x2x64x128xbf16>"
GPT_RESULTS = f"({', '.join(['tensor<1x16xui32>'] * 5)})"


def gpt(w01: str, w2: str) -> str:
    return "; ".join([*GPT_OPERANDS, w01, w2])


def compute(intermediate: int = 64, height: int = 4, axis: int = 0, biases: tuple[int, int, int] = (0, 0, 0)) -> str:
    sizes = ", ".join(map(str, (1, 1, 1, 1, 1, 1, 1, *biases)))
    return (
        f"moe_compute <{{layer_id = 0 : ui32, output_height_shard_dim = {height} : ui32, "
        f"intermediate_size = {intermediate} : ui32, cluster_axis = {axis} : ui32, "
        f"activation_function = #ttcore.moe_activation_function<swiglu>, operandSegmentSizes = array<i32: {sizes}>}}>"
    )


def experts(tokens: str = "tensor<1x6x64xbf16>", biases: int = 0) -> str:
    weights = ["tensor<1x2x64x64xbf16>"] * 3 + ["tensor<1x2x64xbf16>"] * biases
    return "; ".join([tokens, "tensor<1x6x2xui16>", "tensor<1x6x2xbf16>", "tensor<1x2xui16>", *weights])


OUT = "tensor<2x6x64xbf16>"
KERNELS = [
    (selective(k=0), "; ".join([X] * 4), X, "attribute 'select_experts_k' is 0, expected a value >= 1"),
    (selective(experts=0), "; ".join([X] * 4), X, "attribute 'experts' is 0, expected a value >= 1"),
    (selective(hidden=0), "; ".join([X] * 4), X, "attribute 'hidden_size' is 0, expected a value >= 1"),
    (
        "moe_gpt",
        gpt("tensor<12x4x64x128xbf16>", W2),
        GPT_RESULTS,
        "'w0_w1_tensor' has the shape (12, 4, 64, 128), expected rank 6",
    ),
    (
        "moe_gpt",
        gpt(W01, "tensor<12x4x64x128xbf16>"),
        GPT_RESULTS,
        "'w2_tensor' has the shape (12, 4, 64, 128), expected rank 6",
    ),
    (
        "moe_gpt",
        gpt("tensor<12x1x4x4x64x64xbf16>", W2),
        GPT_RESULTS,
        "'w0_w1_tensor' has the shape (12, 1, 4, 4, 64, 64), expected the last extent 128, four tiles",
    ),
    (
        "moe_gpt",
        gpt(W01, "tensor<12x1x4x2x64x64xbf16>"),
        GPT_RESULTS,
        "'w2_tensor' has the shape (12, 1, 4, 2, 64, 64)",
    ),
    (
        "moe_gpt <{cluster_axis = 2 : ui32}>",
        gpt(W01, W2),
        GPT_RESULTS,
        "attribute 'cluster_axis' is 2, expected 0 or 1",
    ),
    (
        compute(intermediate=100),
        experts(),
        OUT,
        "attribute 'intermediate_size' is 100, expected a positive multiple of 32, a tile's side",
    ),
    (compute(intermediate=0), experts(), OUT, "attribute 'intermediate_size' is 0, expected a positive multiple of 32"),
    (compute(height=0), experts(), OUT, "attribute 'output_height_shard_dim' is 0, expected a value >= 1"),
    (compute(axis=2), experts(), OUT, "attribute 'cluster_axis' is 2, expected 0 or 1"),
    (compute(), experts("tensor<64xbf16>"), OUT, "'tilize_input_tensor' has the shape (64,), expected rank >= 2"),
    (
        compute(),
        experts("tensor<6x48xbf16>"),
        OUT,
        "the last extent of operand 'tilize_input_tensor' is 48, expected a positive multiple of 32",
    ),
    (
        compute(biases=(0, 1, 0)),
        experts(biases=1),
        OUT,
        "operand 'bias_1' is given alone, expected 'bias_0' and 'bias_1' together",
    ),
]

RULES = [*COLLECTIVES, *MESHES, *NORMS, *DISPATCHES, *COMBINES, *REMAPS, *KERNELS]


@pytest.mark.parametrize(("op", "operands", "result", "message"), RULES)
def test_broken_rule_is_reported(verify_op: VerifyOp, op: str, operands: str, result: str, message: str) -> None:
    with pytest.raises(VerifyException) as raised:
        verify_op(op, operands, result)

    text = str(raised.value)
    assert text.startswith(f"ttir.{op.split(maxsplit=1)[0]}: ")
    assert message in text


UNKNOWN = "tensor<?x?xf32>"
VALID = [
    (gather(-1), X, "tensor<2x32xf32>"),
    (gather(1), UNKNOWN, "tensor<?x32xf32>"),
    (gather(1), X, UNKNOWN),
    (reduce("all_reduce", "sum"), X, X),
    (reduce("all_reduce_async", "sum"), UNKNOWN, X),
    (scatter("min", -1), X, HALF),
    (scatter("max", 1), UNKNOWN, HALF),
    (permute("[[0, 1], [1, 0]]", "2x2xi64"), X, X),
    (permute("", "0x2xi64"), X, X),
    (exchange(0, 1, 2), X, "tensor<1x16xf32>"),
    (exchange(0, 1, 2), UNKNOWN, UNKNOWN),
    (broadcast("[[3, 1], [0, 2]]", "2x2xi64"), X, X),
    ("mesh_partition <{dim = -1 : si32}>", X, HALF),
    (partition(1, 1), UNKNOWN, HALF),
    (shard("devices", ": -1, 1"), X, HALF),
    (shard("identity", ": 0, 1", back=True), HALF, X),
    (shard("replicate", ""), X, X),
    (shard("devices", ": 0, 1"), UNKNOWN, HALF),
    (norm(RMS, 1, 1, 1), f"{X}; tensor<8xf32>; {X}", X),
    (norm(LAYER, 1, 1, 1, 1), f"{X}; tensor<1x8xf32>; tensor<8xf32>; {UNKNOWN}", X),
    (DISPATCH, f"{TOKENS}; {CHOICES}; {MAPPING}", DISPATCHED),
    (DISPATCH, f"tensor<1x6x8xbf16>; tensor<6x4xi64>; {MAPPING}", DISPATCHED),
    (remap(4), f"tensor<6x16xbf16>; {MAPPING}; {GATHERED_CHOICES}", REMAPPED),
    (METADATA, f"{TOKENS}; {CHOICES}; {SCORES}; {MAPPING}", WITH_SCORES),
    (COMBINE, f"{MADE}; {GATHERED_CHOICES}; {MAPPING}", BACK),
    (remap(4), f"{TOPK}; {MAPPING}; {GATHERED_CHOICES}", REMAPPED),
    (selective(), "; ".join([X] * 4), HALF),
    ("moe_gpt", gpt(W01, W2), GPT_RESULTS),
    (compute(), experts(), OUT),
    (compute(biases=(1, 1, 1)), experts(biases=3), OUT),
]


@pytest.mark.parametrize(("op", "operands", "result"), VALID)
def test_valid_op_is_accepted(verify_op: VerifyOp, op: str, operands: str, result: str) -> None:
    verify_op(op, operands, result)


MNEMONICS = [
    "all_gather", "all_reduce", "all_reduce_async", "reduce_scatter", "collective_permute", "all_to_all",
    "collective_broadcast", "mesh_partition", "mesh_shard", "distributed_rms_norm", "distributed_layer_norm",
    "all_to_all_dispatch", "all_to_all_dispatch_metadata", "all_to_all_combine", "moe_expert_token_remap",
    "selective_reduce_combine", "moe_gpt", "moe_compute",
]  # fmt: skip


@pytest.mark.parametrize("name", MNEMONICS)
def test_every_op_is_both_accepted_and_refused(name: str) -> None:
    assert name in {op.split(maxsplit=1)[0] for op, *_ in VALID}
    assert name in {op.split(maxsplit=1)[0] for op, *_ in RULES}


@pytest.mark.parametrize("name", ["all_reduce", "all_reduce_async"])
def test_sum_of_indices_is_refused(name: str) -> None:
    operand = test.TestOp(result_types=[tensor_type((2, 8), f32)]).results[0]
    indices = ttir.ArgMaxOp(operand, [1]).result
    operation = ttir.AllReduceOp if name == "all_reduce" else ttir.AllReduceAsyncOp
    properties = {"cluster_axis": integer_attr(1, ui32), "reduce_type": ReduceTypeAttr(ReduceType.SUM)}
    op = operation.create(operands=[indices], result_types=[indices.type], properties=properties)
    with pytest.raises(VerifyException, match=f"ttir.{name}: operand 'input' is the result of 'ttir.argmax'"):
        op.verify()
