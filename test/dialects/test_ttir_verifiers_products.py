"""Every condition of heads, rotary embeddings, products, router and optimiser, with the message that names it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from xdsl.ir import Operation
from xdsl.utils.exceptions import VerifyException

ParseOp = Callable[[str, str, str, str, str], Operation]
"""(op, default properties, changed properties, operands, results) to the op."""


def dims(batch_lhs: str = "", contract_lhs: str = "", batch_rhs: str = "", contract_rhs: str = "") -> str:
    """The dimensions of a `dot_general`."""
    named = (
        ("batch_dims_lhs", batch_lhs),
        ("contract_dims_lhs", contract_lhs),
        ("batch_dims_rhs", batch_rhs),
        ("contract_dims_rhs", contract_rhs),
    )
    return ", ".join(f"{name} = array<i64{': ' if values else ''}{values}>" for name, values in named)


CONCATENATE = ("concatenate_heads", "")
SPLIT = ("split_query_key_value_and_split_heads", "num_heads = 4 : ui32, transpose_key = false")
QKV = "2x4x3x8 2x4x3x8 2x4x3x8"
ROTARY = ("rotary_embedding", "")
DOT = ("dot_general", dims("0", "2", "0", "1"))
SPARSE = ("sparse_matmul", "")
OF_A = "is_input_a_sparse = true, is_input_b_sparse = false"
OF_BOTH = "is_input_a_sparse = true"
ROUTER = ("topk_router_gpt", "k = 2 : i32, num_experts = 6 : i32")
ADAMW = (
    "adamw",
    "lr = 0.1 : f32, beta1 = 0.9 : f32, beta2 = 0.9 : f32, beta1_pow = 0.9 : f32, beta2_pow = 0.9 : f32, "
    "epsilon = 0.1 : f32, weight_decay = 0.1 : f32",
)
P = "4x5"

VALID = [
    (*CONCATENATE, "", "2x4x3x8", "2x3x32"),
    (*CONCATENATE, "", "2x?x3x8", "2x3x24"),
    (*SPLIT, "", "2x3x96", QKV),
    (*SPLIT, "transpose_key = true, num_kv_heads = 2 : ui32", "2x3x64", "2x4x3x8 2x2x8x3 2x2x3x8"),
    (*SPLIT, "num_kv_heads = 2 : ui32", "2x3x32 5x7x12", "2x4x3x8 5x2x7x3 5x2x7x3"),
    (*SPLIT, "", "?x3x?", QKV),
    (*ROTARY, "", "2x4x3x8 1x1x3x8 1x1x3x8", "2x4x3x8"),
    (*ROTARY, "", "1x1x8x64xbf16 1x1x1x64xbf16 1x1x1x64xbf16", "1x1x8x64xbf16"),
    (*DOT, "", "2x3x4 2x4x5", "2x3x5"),
    (*DOT, dims("1, 0", "3", "0, 1", "2"), "2x3x5x4 3x2x4", "3x2x5"),
    (*DOT, dims(), "2 3", "2x3"),
    (*DOT, dims("", "0, 1", "", "1, 0"), "2x3 3x2", "f32"),
    (*DOT, "", "?x3x4 2x?x5", "2x3x5"),
    (*SPARSE, "", "2x3x4x8 1x5x8x6 2x3x1x5", "2x3x1x5x4x6"),
    (*SPARSE, f"{OF_A}, nnz = 2 : i64", "2x5x4x8 1x5x8x6 1x1x2x5xui16", "2x5x4x6"),
    (*SPARSE, OF_BOTH, "1x5x4x8 1x5x8x6 1x1x1x5", "1x5x4x6"),
    (*SPARSE, "", "2x3x4x8 1x5x8x6 1x1x6x5", "2x3x1x5x4x6"),
    (*SPARSE, OF_A, "2x5x4x8 1x5x8x6 2x1x1x5", "2x5x4x6"),
    (*SPARSE, "", "2x3x4x8 1x5x8x6 1x1x?x5", "2x3x1x5x4x6"),
    (*ROUTER, "", "3x4 4x6 3x6", "3x2xui16 3x2"),
    (*ADAMW, "", f"{P} {P}xbf16 {P} {P}", f"{P} {P} {P}"),
    (*ADAMW, "stochastic_rounding = true", f"{P} {P} {P} {P} {P}", f"{P} {P} {P} {P}"),
]


@pytest.mark.parametrize(("op", "defaults", "changes", "operands", "results"), VALID)
def test_valid_op_is_accepted(
    parse_op: ParseOp, op: str, defaults: str, changes: str, operands: str, results: str
) -> None:
    parse_op(op, defaults, changes, operands, results).verify()


HEADS_RULES = [
    (*CONCATENATE, "", "2x4x8", "2x3x32", "operand 'input' has the shape (2, 4, 8), expected rank 4"),
    (*CONCATENATE, "", "2x4x3x8", "2x3x4x8", "the result has the shape (2, 3, 4, 8), expected (2, 3, 32)"),
    (*CONCATENATE, "", "2x4x3x8", "1x3x32", "the result has the shape (1, 3, 32), expected (2, 3, 32)"),
    (*CONCATENATE, "", "2x4x3x8", "2x4x32", "the result has the shape (2, 4, 32), expected (2, 3, 32)"),
    (*CONCATENATE, "", "2x4x3x8", "2x3x31", "the result has the shape (2, 3, 31), expected (2, 3, 32)"),
    (*SPLIT, "num_heads = 0 : ui32", "2x3x96", QKV, "attribute 'num_heads' is 0, expected a value > 0"),
    (*SPLIT, "num_kv_heads = 0 : ui32", "2x3x96", QKV, "attribute 'num_kv_heads' is 0, expected a value > 0"),
    (*SPLIT, "", "3x96", QKV, "operand 'input_tensor' has the shape (3, 96), expected rank 3"),
    (*SPLIT, "", "2x3x97", QKV, "'input_tensor' has the hidden size 97, expected a multiple of 12 heads"),
    (*SPLIT, "", "2x3x33 2x3x64", QKV, "'input_tensor' has the hidden size 33, expected a multiple of 4 heads"),
    (*SPLIT, "", "2x3x32 3x64", QKV, "operand 'kv_input_tensor' has the shape (3, 64), expected rank 3"),
    (*SPLIT, "", "2x3x32 2x3x63", QKV, "'kv_input_tensor' has the hidden size 63, expected a multiple of 8 heads"),
    (*SPLIT, "", "2x3x96", "2x3x4x8 2x4x3x8 2x4x3x8", "result 'query' has the shape (2, 3, 4, 8), expected"),
    (*SPLIT, "", "2x3x96", "2x4x3x8 2x4x8x3 2x4x3x8", "result 'key' has the shape (2, 4, 8, 3), expected"),
    (*SPLIT, "transpose_key = true", "2x3x96", QKV, "result 'key' has the shape (2, 4, 3, 8), expected (2, 4, 8, 3)"),
    (*SPLIT, "", "2x3x96", "2x4x3x8 2x4x3x8 2x4x24", "result 'value' has the shape (2, 4, 24), expected"),
    (*ROTARY, "", "4x3x8 3x8 3x8", "4x3x8", "operand 'input' has the shape (4, 3, 8), expected rank 4"),
    (*ROTARY, "", "2x4x3x7 1x1x3x7 1x1x3x7", "2x4x3x7", "'input' has the last extent 7, expected an even number"),
    (
        *ROTARY,
        "",
        "2x4x3x8 1x1x4x8 1x1x4x8",
        "2x4x3x8",
        "'cos_cache' has the shape (1, 1, 4, 8), expected (2, 4, 3, 8), where all but the last extent may be 1",
    ),
    (*ROTARY, "", "2x4x3x8 1x1x3x1 1x1x3x1", "2x4x3x8", "operand 'cos_cache' has the shape (1, 1, 3, 1), expected"),
    (
        *ROTARY,
        "",
        "2x4x3x8 1x1x3x8 1x1x1x8",
        "2x4x3x8",
        "'sin_cache' has the shape (1, 1, 1, 8), expected (1, 1, 3, 8)",
    ),
    (*ROTARY, "", "2x4x3x8 1x1x3x8 1x1x3x8", "2x4x3x4", "the result has the shape (2, 4, 3, 4), expected (2, 4, 3, 8)"),
]

PRODUCT_RULES = [
    (
        *DOT,
        dims("0", "", "", ""),
        "2x3 2x3",
        "2x3x3",
        "'batch_dims_rhs' is [], expected 1 dimensions as in 'batch_dims_lhs'",
    ),
    (*DOT, dims("", "0", "", "0, 1"), "2x3 2x3", "3", "'contract_dims_rhs' is [0, 1], expected 1 dimensions as in"),
    (
        *DOT,
        dims("2", "", "0", ""),
        "2x3 2x3",
        "2x3x3",
        "'batch_dims_lhs' is 2, expected a value in [0, 2), the rank of 'lhs'",
    ),
    (
        *DOT,
        dims("", "0", "", "-1"),
        "2x3 3x2",
        "3x3",
        "'contract_dims_rhs' is -1, expected a value in [0, 2), the rank of",
    ),
    (
        *DOT,
        dims("0, 0", "", "0, 1", ""),
        "2x3 2x2",
        "2x2x3",
        "'batch_dims_lhs' names dimension 0 again, expected each once",
    ),
    (
        *DOT,
        dims("0", "0", "0", "1"),
        "2x3 2x2",
        "2x3",
        "'contract_dims_lhs' names dimension 0 again, expected each once",
    ),
    (
        *DOT,
        dims("0", "1", "1", "1"),
        "2x3 3x2",
        "2x3",
        "'contract_dims_rhs' names dimension 1 again, expected each once",
    ),
    (*DOT, "", "2x3x4 3x4x5", "2x3x5", "'rhs' has the extent 3 in dimension 0 of 'batch_dims_rhs', expected 2"),
    (*DOT, "", "2x3x4 2x3x5", "2x3x5", "'rhs' has the extent 3 in dimension 1 of 'contract_dims_rhs', expected 4"),
    (*DOT, "", "2x3x4 2x4x5", "2x5x3", "the result has the shape (2, 5, 3), expected (2, 3, 5)"),
    (*SPARSE, "", "3x4x8 1x5x8x6 2x3x1x5", "2x3x1x5x4x6", "operand 'a' has the shape (3, 4, 8), expected rank 4"),
    (*SPARSE, "", "2x3x4x8 5x8x6 2x3x1x5", "2x3x1x5x4x6", "operand 'b' has the shape (5, 8, 6), expected rank 4"),
    (
        *SPARSE,
        "",
        "2x3x4x8 1x5x8x6 3x1x5",
        "2x3x1x5x4x6",
        "operand 'sparsity' has the shape (3, 1, 5), expected rank 4",
    ),
    (
        *SPARSE,
        "is_input_b_sparse = false",
        "2x3x4x8 1x5x8x6 2x3x1x5",
        "2x3x1x5x4x6",
        "attributes 'is_input_a_sparse' and 'is_input_b_sparse' are false, expected one of them to be true",
    ),
    (*SPARSE, "", "2x3x4x8 2x5x8x6 2x3x1x5", "2x3x1x5x4x6", "'b' has the shape (2, 5, 8, 6), expected 1 as the first"),
    (
        *SPARSE,
        "",
        "2x3x4x8 1x5x7x6 2x3x1x5",
        "2x3x1x5x4x6",
        "operand 'b' has the inner extent 7, expected 8, that of 'a'",
    ),
    (
        *SPARSE,
        "",
        "2x3x4x8 1x5x8x6 2x3x1x4",
        "2x3x1x5x4x6",
        "'sparsity' has the shape (2, 3, 1, 4), expected (2, 3, 1, 5)",
    ),
    (*SPARSE, "", "2x3x4x8 1x5x8x6 2x3x1x5", "2x3x5x4x6", "the result has the shape (2, 3, 5, 4, 6), expected"),
    (
        *SPARSE,
        OF_A,
        "2x4x4x8 1x5x8x6 1x1x2x5",
        "2x5x4x6",
        "operand 'a' has the shape (2, 4, 4, 8), expected (2, 5, 4, 8)",
    ),
    (
        *SPARSE,
        OF_A,
        "2x5x4x8 1x5x8x6 3x1x1x5",
        "2x5x4x6",
        "'sparsity' has the shape (3, 1, 1, 5), expected (1, 1, 2, 5)",
    ),
    (
        *SPARSE,
        OF_A,
        "2x5x4x8 1x5x8x6 1x1x2x5",
        "2x5x4x8",
        "the result has the shape (2, 5, 4, 8), expected (2, 5, 4, 6)",
    ),
    (*SPARSE, OF_BOTH, "2x5x4x8 1x5x8x6 1x1x1x5", "1x5x4x6", "'a' has the shape (2, 5, 4, 8), expected (1, 5, 4, 8)"),
    (
        *SPARSE,
        OF_BOTH,
        "1x5x4x8 1x5x8x6 1x1x5x1",
        "1x5x4x6",
        "'sparsity' has the shape (1, 1, 5, 1), expected (1, 1, 1, 5)",
    ),
    (*SPARSE, "nnz = 0 : i64", "2x3x4x8 1x5x8x6 2x3x1x5", "2x3x1x5x4x6", "'nnz' is 0, expected a value >= 1"),
    (*ROUTER, "", "1x3x4 4x6 3x6", "3x2xui16 3x2", "operand 'input' has the shape (1, 3, 4), expected rank 2"),
    (*ROUTER, "", "3x4 1x4x6 3x6", "3x2xui16 3x2", "operand 'weight' has the shape (1, 4, 6), expected rank 2"),
    (*ROUTER, "", "3x4 4x6 6", "3x2xui16 3x2", "operand 'bias' has the shape (6,), expected rank 2"),
    (*ROUTER, "", "3x4 5x6 3x6", "3x2xui16 3x2", "operand 'weight' has the shape (5, 6), expected (4, 6)"),
    (*ROUTER, "", "3x4 4x5 3x5", "3x2xui16 3x2", "operand 'weight' has the shape (4, 5), expected (4, 6)"),
    (*ROUTER, "", "3x4 4x6 2x6", "3x2xui16 3x2", "operand 'bias' has the shape (2, 6), expected (3, 6)"),
    (
        *ROUTER,
        "num_experts = 0 : i32",
        "3x4 4x6 3x6",
        "3x2xui16 3x2",
        "attribute 'num_experts' is 0, expected a value > 0",
    ),
    (*ROUTER, "k = 0 : i32", "3x4 4x6 3x6", "3x2xui16 3x2", "attribute 'k' is 0, expected a value in [1, 6]"),
    (*ROUTER, "k = 7 : i32", "3x4 4x6 3x6", "3x7xui16 3x7", "attribute 'k' is 7, expected a value in [1, 6]"),
    (*ROUTER, "", "3x4 4x6 3x6", "3x8xui16 3x2", "result 'expert_indices' has the shape (3, 8), expected (3, 2)"),
    (*ROUTER, "", "3x4 4x6 3x6", "3x2xui16 3x8", "result 'expert_weights' has the shape (3, 8), expected (3, 2)"),
    (
        *ROUTER,
        "",
        "3x4 4x6 3x6",
        "3x2xui16 3x2xi32",
        "result 'expert_weights' has the element type i32, expected a float",
    ),
]

OPTIMIZER_RULES = [
    (*ADAMW, "", f"{P} 5x4 {P} {P}", f"{P} {P} {P}", "operand 'grad' has the shape (5, 4), expected (4, 5)"),
    (*ADAMW, "", f"{P} {P} 20 {P}", f"{P} 20 {P}", "operand 'exp_avg' has the shape (20,), expected (4, 5)"),
    (*ADAMW, "", f"{P} {P} {P} 20", f"{P} {P} 20", "operand 'exp_avg_sq' has the shape (20,), expected (4, 5)"),
    (
        *ADAMW,
        "",
        f"{P} {P} {P} {P} 20",
        f"{P} {P} {P} 20",
        "operand 'max_exp_avg_sq' has the shape (20,), expected (4, 5)",
    ),
    (
        *ADAMW,
        "",
        f"{P} {P} {P} {P}",
        f"{P}xbf16 {P} {P}",
        "result 'param_out' has the type tensor<4x5xbf16>, expected that of 'param'",
    ),
    (
        *ADAMW,
        "",
        f"{P} {P} {P} {P}",
        f"{P} 5x4 {P}",
        "result 'exp_avg_out' has the type tensor<5x4xf32>, expected that of",
    ),
    (
        *ADAMW,
        "",
        f"{P} {P} {P} {P}",
        f"{P} {P} {P}xf16",
        "result 'exp_avg_sq_out' has the type tensor<4x5xf16>, expected",
    ),
    (
        *ADAMW,
        "",
        f"{P} {P} {P} {P} {P}",
        f"{P} {P} {P}",
        "result 'max_exp_avg_sq_out' is missing, expected with the operand",
    ),
    (*ADAMW, "", f"{P} {P} {P} {P}", f"{P} {P} {P} {P}", "result 'max_exp_avg_sq_out' is given, expected none without"),
]

RULES = [*HEADS_RULES, *PRODUCT_RULES, *OPTIMIZER_RULES]


@pytest.mark.parametrize(("op", "defaults", "changes", "operands", "results", "message"), RULES)
def test_broken_rule_is_reported(
    parse_op: ParseOp, op: str, defaults: str, changes: str, operands: str, results: str, message: str
) -> None:
    with pytest.raises(VerifyException) as raised:
        parse_op(op, defaults, changes, operands, results).verify()

    text = str(raised.value)
    assert text.startswith(f"ttir.{op}: ")
    assert message in text
