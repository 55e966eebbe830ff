"""The kinds of attributes and types that TTIR's ops take, and corners that are valid."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from xdsl.utils.exceptions import VerifyException

VerifyOp = Callable[[str, str, str], None]

ATTENTION = "scaled_dot_product_attention"


def attention(masks: int = 0, causal: bool = False) -> str:
    flag = str(causal).lower()
    return f"{ATTENTION} <{{is_causal = {flag}, operandSegmentSizes = array<i32: 1, 1, 1, {masks}, 0>}}>"


Q = "tensor<2x8x4x16xf32>"
K = "tensor<2x2x6x16xf32>"


def slice_of(begin: int, end: int, step: int) -> str:
    return f"slice_static <{{begins = [{begin} : i32], ends = [{end} : i32], step = [{step} : i32]}}>"


KINDS_OF_ATTRIBUTES = [
    ("clamp_scalar <{min = 0.0 : f64, max = 1 : i32}>", "tensor<4xf32>", "tensor<4xf32>"),
    ("leaky_relu <{parameter = 1 : i32}>", "tensor<4xf32>", "tensor<4xf32>"),
    ("typecast <{conservative_folding = 1 : i32}>", "tensor<4xf32>", "tensor<4xf32>"),
    ("sum <{keep_dim = true, dim_arg = array<i32: 0>}>", "tensor<4xf32>", "tensor<1xf32>"),
    ("sum <{keep_dim = true, dim_arg = [0 : i64]}>", "tensor<4xf32>", "tensor<1xf32>"),
    ("sum <{dim_arg = [0 : i32]}>", "tensor<4xf32>", "tensor<f32>"),
    ("softmax <{dimension = 0 : i32}>", "tensor<4xf32>", "tensor<4xf32>"),
    ("reshape <{shape = array<i32: 4>}>", "tensor<4xf32>", "tensor<4xf32>"),
    ("reshape <{shape = [4 : i64]}>", "tensor<4xf32>", "tensor<4xf32>"),
    ("permute <{permutation = array<i32: 0>}>", "tensor<4xf32>", "tensor<4xf32>"),
    ("permute <{permutation = [0 : i64]}>", "tensor<4xf32>", "tensor<4xf32>"),
    ("broadcast <{broadcast_dimensions = array<i32: 1>}>", "tensor<4xf32>", "tensor<4xf32>"),
    ("squeeze <{dim = 0 : i32}>", "tensor<1x4xf32>", "tensor<4xf32>"),
    ("concat <{dim = 0 : ui32}>", "tensor<4xf32>", "tensor<4xf32>"),
    ("full <{shape = array<i64: 4>, fill_value = 1 : i32}>", "", "tensor<4xi32>"),
    ("full <{shape = array<i32: 4>, fill_value = 1 : i64}>", "", "tensor<4xi32>"),
    ("full <{shape = array<i32: 4>, fill_value = 1.0 : bf16}>", "", "tensor<4xbf16>"),
    ("full <{shape = array<i32: 4>}>", "", "tensor<4xbf16>"),
    ("arange <{arange_dimension = 0 : i64, start = 0, end = 4, step = 1}>", "", "tensor<4xi32>"),
    ("constant <{value = [1 : i32]}>", "", "tensor<1xi32>"),
    (
        "rms_norm <{normalized_shape = array<i64: 4>, epsilon = 0.1 : f64, operandSegmentSizes = array<i32: 1, 0, 0>}>",
        "tensor<4xf32>",
        "tensor<4xf32>",
    ),
    (f"{ATTENTION} <{{scale = 1 : i32, operandSegmentSizes = array<i32: 1, 1, 1, 0, 0>}}>", f"{Q}; {Q}; {Q}", Q),
    (
        f"{ATTENTION} <{{sliding_window_size = 1 : i32, operandSegmentSizes = array<i32: 1, 1, 1, 0, 0>}}>",
        f"{Q}; {Q}; {Q}",
        Q,
    ),
]


@pytest.mark.parametrize(("op", "operands", "result"), KINDS_OF_ATTRIBUTES)
def test_other_kind_of_attribute_is_refused(verify_op: VerifyOp, op: str, operands: str, result: str) -> None:
    with pytest.raises(VerifyException, match=r"property|attribute"):
        verify_op(op, operands, result)


@pytest.mark.parametrize("type", ["f32", "memref<4xf32>", "tensor<*xf32>", "vector<4xf32>"])
def test_other_than_ranked_tensor_is_refused(verify_op: VerifyOp, type: str) -> None:
    with pytest.raises(VerifyException, match=r"operand 'input'|operand at position 0"):
        verify_op("exp", type, "tensor<4xf32>")


ACCEPTED = [
    ("add", "tensor<?x4xf32>; tensor<1x4xf32>", "tensor<?x4xf32>"),
    (slice_of(2, 2, 1), "tensor<4xf32>", "tensor<0xf32>"),
    (slice_of(3, 0, -2), "tensor<4xf32>", "tensor<2xf32>"),
    (slice_of(-3, -1, 1), "tensor<4xf32>", "tensor<2xf32>"),
    ("reshape <{shape = [0 : i32, 3 : i32]}>", "tensor<3x0xf32>", "tensor<0x3xf32>"),
    ("add", "tensor<4xcomplex<f32>>; tensor<4xcomplex<f32>>", "tensor<4xcomplex<f32>>"),
    ("ne", "tensor<4xbf16>; tensor<4xbf16>", "tensor<4xbf16>"),
    ("embedding", "tensor<3xbf16>; tensor<1x1x8x4xf32>", "tensor<3x4xf32>"),
    ("to_layout", "tensor<4xf32>; tensor<4xbf16>", "tensor<4xbf16>"),
    (attention(1), f"{Q}; {K}; {K}; tensor<1x8x4x6xf32>", Q),
]


@pytest.mark.parametrize(("op", "operands", "result"), ACCEPTED)
def test_valid_corner_is_accepted(verify_op: VerifyOp, op: str, operands: str, result: str) -> None:
    verify_op(op, operands, result)
