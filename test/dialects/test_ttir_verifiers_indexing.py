"""Every condition of the ops that index, sort, scan and sample: who breaks one is refused with its message."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from xdsl.utils.exceptions import VerifyException

VerifyOp = Callable[[str, str, str], None]


def scatter(dim: int = 0, how: str = "sum") -> str:
    return f"scatter <{{dim = {dim} : i32, scatter_reduce_type = #ttcore.reduce_type<{how}>}}>"


INDEXING = [
    (
        "gather <{dim = 0 : i32}>",
        "tensor<4x4xf32>; tensor<2x4xf32>",
        "tensor<2x4xf32>",
        "operand 'index' has the type tensor<2x4xf32>, expected integers",
    ),
    (
        "gather <{dim = 0 : i32}>",
        "tensor<4x4xf32>; tensor<4xi32>",
        "tensor<4xf32>",
        "operand 'index' has the shape (4,), expected rank 2, that of 'input'",
    ),
    (
        "gather <{dim = 2 : i32}>",
        "tensor<4x4xf32>; tensor<4x4xi32>",
        "tensor<4x4xf32>",
        "attribute 'dim' is 2, expected a value in [-2, 2) for rank 2",
    ),
    (
        "gather <{dim = 0 : i32}>",
        "tensor<4x4xf32>; tensor<9x5xi32>",
        "tensor<9x5xf32>",
        "operand 'index' has the extent 5 in dimension 1, expected at most 4, that of 'input'",
    ),
    (
        "gather <{dim = -1 : i32}>",
        "tensor<4x4xf32>; tensor<4x9xi32>",
        "tensor<4x4xf32>",
        "the result has the shape (4, 4), expected (4, 9)",
    ),
    (
        scatter(),
        "tensor<4x4xf32>; tensor<4xi32>; tensor<4xf32>",
        "tensor<4x4xf32>",
        "operand 'index' has the shape (4,), expected rank 2, that of 'input'",
    ),
    (
        scatter(),
        "tensor<4x4xf32>; tensor<2x4xi32>; tensor<2x3xf32>",
        "tensor<4x4xf32>",
        "operand 'source' has the shape (2, 3), expected (2, 4), that of 'index'",
    ),
    (
        scatter(),
        "tensor<4x4xf32>; tensor<2x4xi32>; tensor<4xf32>",
        "tensor<4x4xf32>",
        "operand 'source' has the shape (4,)",
    ),
    (
        scatter(dim=-3),
        "tensor<4x4xf32>; tensor<2x4xi32>; tensor<2x4xf32>",
        "tensor<4x4xf32>",
        "attribute 'dim' is -3, expected a value in [-2, 2)",
    ),
    (
        scatter(dim=1),
        "tensor<4x4xf32>; tensor<5x4xi32>; tensor<5x4xf32>",
        "tensor<4x4xf32>",
        "operand 'index' has the extent 5 in dimension 0, expected at most 4",
    ),
    (
        scatter(how="mean"),
        "tensor<4xf32>; tensor<2xi32>; tensor<2xf32>",
        "tensor<4xf32>",
        "attribute 'scatter_reduce_type' is mean, expected one of invalid, sum, prod, min, max",
    ),
    (scatter(), "tensor<4xf32>; tensor<2xi32>; tensor<2xf32>", "tensor<2xf32>", "shape (2,), expected (4,)"),
    (
        "embedding_backward",
        "tensor<3xi32>; tensor<1x8x4xf32>; tensor<3x4xf32>",
        "tensor<1x8x4xf32>",
        "operand 'weight' has the shape (1, 8, 4), expected rank 2",
    ),
    (
        "embedding_backward",
        "tensor<3xi32>; tensor<8x4xf32>; tensor<3x5xf32>",
        "tensor<8x4xf32>",
        "operand 'in_gradient' has the shape (3, 5), expected 4 elements, those of a row of 'weight', "
        "for each of the 3 indices",
    ),
    (
        "embedding_backward",
        "tensor<3xi32>; tensor<8x4xf32>; tensor<2x4xf32>",
        "tensor<8x4xf32>",
        "operand 'in_gradient' has the shape (2, 4), expected 4 elements",
    ),
    (
        "embedding_backward",
        "tensor<3xi32>; tensor<8x4xf32>; tensor<3x4xbf16>",
        "tensor<8x4xf32>",
        "the result has the element type f32, expected bf16, that of 'in_gradient'",
    ),
    (
        "embedding_backward",
        "tensor<3xi32>; tensor<8x4xf32>; tensor<3x4xf32>",
        "tensor<4x8xf32>",
        "the result has the shape (4, 8), expected (8, 4)",
    ),
]

SORTING = [
    (
        "sort <{dim = 2 : si32}>",
        "tensor<2x3xf32>",
        "(tensor<2x3xf32>, tensor<2x3xi16>)",
        "attribute 'dim' is 2, expected a value in [-2, 2)",
    ),
    (
        "sort",
        "tensor<2x3xf32>",
        "(tensor<2x3xbf16>, tensor<2x3xi16>)",
        "result 'values' has the type tensor<2x3xbf16>, expected tensor<2x3xf32>, that of 'input'",
    ),
    (
        "sort",
        "tensor<2x3xf32>",
        "(tensor<2x3xf32>, tensor<3xi16>)",
        "result 'indices' has the shape (3,), expected (2, 3)",
    ),
    (
        "topk <{k = 1 : i32, dim = -3 : i32}>",
        "tensor<2x3xf32>",
        "(tensor<2x1xf32>, tensor<2x1xi16>)",
        "attribute 'dim' is -3, expected a value in [-2, 2)",
    ),
    (
        "topk <{k = 0 : i32}>",
        "tensor<2x3xf32>",
        "(tensor<2x0xf32>, tensor<2x0xi16>)",
        "attribute 'k' is 0, expected a value >= 1",
    ),
    (
        "topk <{k = 4 : i32}>",
        "tensor<2x3xf32>",
        "(tensor<2x4xf32>, tensor<2x4xi16>)",
        "attribute 'k' is 4, expected at most 3, the extent of dimension 1",
    ),
    (
        "topk <{k = 2 : i32}>",
        "tensor<2x3xf32>",
        "(tensor<2x3xf32>, tensor<2x2xi16>)",
        "result 'values' has the shape (2, 3), expected (2, 2)",
    ),
    (
        "topk <{k = 2 : i32}>",
        "tensor<2x3xf32>",
        "(tensor<2x2xf32>, tensor<2x2xf32>)",
        "result 'indices' has the element type f32, expected integers",
    ),
    (
        "topk <{k = 2 : i32, dim = 0 : i32}>",
        "tensor<4x3xf32>",
        "(tensor<2x3xf32>, tensor<4x3xi16>)",
        "result 'indices' has the shape (4, 3), expected (2, 3)",
    ),
]

SCANS = [
    (f"{name} <{{dim = {dim} : i64}}>", "tensor<2x3xf32>", result, message)
    for name in ("cumsum", "cumprod")
    for dim, result, message in (
        (2, "tensor<2x3xf32>", "attribute 'dim' is 2, expected a value in [-2, 2)"),
        (-1, "tensor<2x1xf32>", "the result has the shape (2, 1), expected (2, 3)"),
    )
]

SIZES = [
    (
        "get_dimension_size <{dimension = 2 : i32}>",
        "tensor<2x3xf32>",
        "tensor<1xui32>",
        "attribute 'dimension' is 2, expected a value in [0, 2)",
    ),
    ("get_dimension_size <{dimension = -1 : i32}>", "tensor<2x3xf32>", "tensor<1xui32>", "'dimension' is -1"),
    (
        "get_dimension_size <{dimension = 0 : i32}>",
        "tensor<2x3xf32>",
        "tensor<2xui32>",
        "the result has the shape (2,), expected one element",
    ),
]

LOGITS = "tensor<2x8xbf16>"
SAMPLING = [
    (
        "sampling",
        "tensor<8xbf16>; tensor<8xi32>; tensor<2xui32>; tensor<2xbf16>; tensor<2xbf16>",
        "tensor<2xi32>",
        "operand 'input_values' has the shape (8,), expected (batch, candidates)",
    ),
    (
        "sampling",
        f"{LOGITS}; tensor<2x4xi32>; tensor<2xui32>; tensor<2xbf16>; tensor<2xbf16>",
        "tensor<2xi32>",
        "operand 'input_indices' has the shape (2, 4), expected (2, 8), that of 'input_values'",
    ),
    *(
        (
            "sampling",
            f"{LOGITS}; tensor<2x8xi32>; {'; '.join(f'tensor<{3 if n == name else 2}xbf16>' for n in names)}",
            "tensor<2xi32>",
            f"operand '{name}' has the shape (3,), expected (2,), the batch of 'input_values'",
        )
        for names in (("k", "p", "temp"),)
        for name in names
    ),
    (
        "sampling",
        f"{LOGITS}; tensor<2x8xi32>; tensor<2xui32>; tensor<2x1xbf16>; tensor<2xbf16>",
        "tensor<2xi32>",
        "operand 'p' has the shape (2, 1), expected (2,)",
    ),
    (
        "sampling",
        f"{LOGITS}; tensor<2x8xi32>; tensor<2xui32>; tensor<2xbf16>; tensor<2xbf16>",
        "tensor<2x1xi32>",
        "the result has the shape (2, 1), expected (2,)",
    ),
]

RULES = [*INDEXING, *SORTING, *SCANS, *SIZES, *SAMPLING]


@pytest.mark.parametrize(("op", "operands", "result", "message"), RULES)
def test_broken_rule_is_reported(verify_op: VerifyOp, op: str, operands: str, result: str, message: str) -> None:
    with pytest.raises(VerifyException) as raised:
        verify_op(op, operands, result)

    text = str(raised.value)
    assert text.startswith(f"ttir.{op.split(maxsplit=1)[0]}: ")
    assert message in text


KEPT = [
    ("gather <{dim = 1 : i32}>", "tensor<3x4xbf16>; tensor<3x2xui32>", "tensor<3x2xbf16>"),
    (scatter(how="invalid"), "tensor<4x4xf32>; tensor<0x4xi32>; tensor<0x4xf32>", "tensor<4x4xf32>"),
    ("embedding_backward", "tensor<2x3xi32>; tensor<8x4xbf16>; tensor<1x1x6x4xf32>", "tensor<8x4xf32>"),
    ("sort", "tensor<64x128xbf16>", "(tensor<64x128xbf16>, tensor<64x128xi16>)"),
    ("topk {k = 5 : i32}", "tensor<2x3x128xbf16>", "(tensor<2x3x5xbf16>, tensor<2x3x5xui16>)"),
    ("cumsum <{dim = -1 : i64}>", "tensor<2x3xf32>", "tensor<2x3xf32>"),
    ("cumprod <{dim = 1 : i64}>", "tensor<2x3xf32>", "tensor<2x3xf32>"),
    ("get_dimension_size <{dimension = 1 : i32}>", "tensor<2x3xf32>", "tensor<1xui32>"),
    (
        "sampling <{seed = 7 : ui32}>",
        f"{LOGITS}; tensor<2x8xi32>; tensor<2xui32>; tensor<2xbf16>; tensor<2xbf16>",
        "tensor<2xi32>",
    ),
]

DYNAMIC = [
    ("gather <{dim = 0 : i32}>", "tensor<?x4xf32>; tensor<2x?xi32>", "tensor<2x4xf32>"),
    (scatter(dim=1), "tensor<?x4xf32>; tensor<5x4xi32>; tensor<?x4xf32>", "tensor<?x4xf32>"),
    ("embedding", "tensor<?xi32>; tensor<8x4xf32>", "tensor<?x4xf32>"),
    ("embedding_backward", "tensor<?xi32>; tensor<8x4xf32>; tensor<?x4xf32>", "tensor<8x4xf32>"),
    ("sort", "tensor<?x3xf32>", "(tensor<?x3xf32>, tensor<2x3xi16>)"),
    ("topk <{k = 5 : i32}>", "tensor<2x?xf32>", "(tensor<2x5xf32>, tensor<2x5xi32>)"),
    ("cumsum <{dim = 0 : i64}>", "tensor<?xf32>", "tensor<?xf32>"),
    ("get_dimension_size <{dimension = 0 : i32}>", "tensor<?x3xf32>", "tensor<1xui32>"),
]


@pytest.mark.parametrize(("op", "operands", "result"), [*KEPT, *DYNAMIC])
def test_kept_rules_pass(verify_op: VerifyOp, op: str, operands: str, result: str) -> None:
    verify_op(op, operands, result)
