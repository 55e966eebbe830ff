"""Every condition of every TTIR op: an op that breaks it is refused with the message that names it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from xdsl.utils.exceptions import VerifyException

VerifyOp = Callable[[str, str, str], None]

SHAPES = [
    ("abs", "tensor<1x64xf32>", "tensor<2x64xf32>", "the result has the shape (2, 64), expected (1, 64)"),
    ("typecast", "tensor<4xf32>", "tensor<2x2xbf16>", "the result has the shape (2, 2), expected (4,)"),
    ("clamp_scalar <{min = 0 : i32, max = 1 : i32}>", "tensor<4xf32>", "tensor<5xf32>", "shape (5,), expected (4,)"),
    (
        "multiply",
        "tensor<2x64xf32>; tensor<4x64xf32>",
        "tensor<4x64xf32>",
        "operand 'rhs' has the shape (4, 64), expected one that broadcasts with (2, 64)",
    ),
    (
        "add",
        "tensor<2x1xf32>; tensor<3xf32>",
        "tensor<1x2x3xf32>",
        "the result has the shape (1, 2, 3), expected (2, 3)",
    ),
    (
        "where",
        "tensor<2x4xi1>; tensor<2x1xf32>; tensor<3x4xf32>",
        "tensor<2x4xf32>",
        "operand 'third' has the shape (3, 4), expected one that broadcasts with (2, 4)",
    ),
    (
        "sum <{dim_arg = [2 : i32], keep_dim = false}>",
        "tensor<2x3xf32>",
        "tensor<2xf32>",
        "attribute 'dim_arg' is 2, expected a value in [-2, 2) for rank 2",
    ),
    (
        "mean <{dim_arg = [1 : i32, -1 : i32], keep_dim = false}>",
        "tensor<2x3xf32>",
        "tensor<2xf32>",
        "attribute 'dim_arg' is [1, -1], expected each dimension once",
    ),
    (
        "max <{dim_arg = [1 : i32], keep_dim = true}>",
        "tensor<2x3xf32>",
        "tensor<2xf32>",
        "the result has the shape (2,), expected (2, 1)",
    ),
    ("prod <{keep_dim = false}>", "tensor<2x3xf32>", "tensor<1xf32>", "the result has the shape (1,), expected ()"),
    ("matmul", "tensor<f32>; tensor<2xf32>", "tensor<1xf32>", "operand 'a' has the shape (), expected rank >= 1"),
    ("matmul", "tensor<2xf32>; tensor<f32>", "tensor<1xf32>", "operand 'b' has the shape (), expected rank >= 1"),
    (
        "matmul <{transpose_b = true}>",
        "tensor<2x3xf32>; tensor<3x4xf32>",
        "tensor<2x4xf32>",
        "operand 'b' has the shape (3, 4) with the inner extent 4, expected 3, that of 'a' with the shape (2, 3)",
    ),
    (
        "matmul",
        "tensor<2x2x3xf32>; tensor<4x3x5xf32>",
        "tensor<4x2x5xf32>",
        "operand 'b' has the batch dimensions (4,), expected ones that broadcast with (2,) of 'a'",
    ),
    ("matmul", "tensor<3xf32>; tensor<3xf32>", "tensor<f32>", "the result has the shape (), expected (1,)"),
    (
        "linear",
        "tensor<2x3xf32>; tensor<3x4xf32>; tensor<f32>",
        "tensor<2x4xf32>",
        "operand 'bias' has the shape (), expected rank >= 1",
    ),
    (
        "linear",
        "tensor<2x3xf32>; tensor<3x4xf32>; tensor<2xf32>",
        "tensor<2x4xf32>",
        "operand 'bias' has the shape (2,), expected one that broadcasts with the product (2, 4)",
    ),
    (
        "embedding",
        "tensor<1x2x3xi32>; tensor<8x4xf32>",
        "tensor<1x2x3x4xf32>",
        "operand 'input' has the shape (1, 2, 3), expected rank <= 2",
    ),
    (
        "embedding",
        "tensor<3xi32>; tensor<2x8x4xf32>",
        "tensor<3x4xf32>",
        "operand 'weight' has the shape (2, 8, 4), expected (rows, embedding size) after ones",
    ),
    (
        "embedding",
        "tensor<3xi32>; tensor<8x4xf32>",
        "tensor<3x8xf32>",
        "the result has the shape (3, 8), expected (3, 4)",
    ),
]

DATA_MOVEMENT = [
    (
        "reshape <{shape = [5 : i32]}>",
        "tensor<2x3xf32>",
        "tensor<5xf32>",
        "attribute 'shape' is [5], expected the 6 elements of 'input' with the shape (2, 3)",
    ),
    (
        "reshape <{shape = [-1 : i32, 4 : i32]}>",
        "tensor<2x3xf32>",
        "tensor<2x4xf32>",
        "attribute 'shape' is [-1, 4], expected the 6 elements",
    ),
    ("reshape <{shape = [-1 : i32, -1 : i32]}>", "tensor<6xf32>", "tensor<2x3xf32>", "and at most one -1"),
    ("reshape <{shape = [-2 : i32]}>", "tensor<6xf32>", "tensor<6xf32>", "'shape' is [-2], expected extents >= 0"),
    (
        "reshape <{shape = [6 : i32]}>",
        "tensor<6xf32>",
        "tensor<6x1xf32>",
        "the result has the shape (6, 1), expected (6,)",
    ),
    (
        "permute <{permutation = array<i64: 0, 0>}>",
        "tensor<2x3xf32>",
        "tensor<2x2xf32>",
        "attribute 'permutation' is [0, 0], expected a permutation of 0..1",
    ),
    (
        "permute <{permutation = array<i64: 1, 0>}>",
        "tensor<2x3xf32>",
        "tensor<2x3xf32>",
        "the result has the shape (2, 3), expected (3, 2)",
    ),
    (
        "transpose <{dim0 = 0 : si32, dim1 = 0 : si32}>",
        "tensor<3xf32>",
        "tensor<3xf32>",
        "operand 'input' has the shape (3,), expected rank >= 2",
    ),
    ("transpose <{dim0 = 2 : si32, dim1 = 0 : si32}>", "tensor<2x3xf32>", "tensor<3x2xf32>", "attribute 'dim0' is 2"),
    ("transpose <{dim0 = 0 : si32, dim1 = -3 : si32}>", "tensor<2x3xf32>", "tensor<3x2xf32>", "attribute 'dim1' is -3"),
    (
        "broadcast <{broadcast_dimensions = array<i64: 4>}>",
        "tensor<1x3xf32>",
        "tensor<4x3xf32>",
        "attribute 'broadcast_dimensions' is [4], expected 2 values",
    ),
    (
        "broadcast <{broadcast_dimensions = array<i64: 2, 1>}>",
        "tensor<3xf32>",
        "tensor<2x3xf32>",
        "the result has the shape (2, 3), expected rank 1, that of 'input' with the shape (3,)",
    ),
    (
        "broadcast <{broadcast_dimensions = array<i64: 2>}>",
        "tensor<3xf32>",
        "tensor<6xf32>",
        "attribute 'broadcast_dimensions' is 2 at 0, expected 1, as the extent of 'input' is 3 there",
    ),
    (
        "broadcast <{broadcast_dimensions = array<i64: 0>}>",
        "tensor<1xf32>",
        "tensor<0xf32>",
        "attribute 'broadcast_dimensions' is 0 at 0, expected a value >= 1",
    ),
    ("concat <{dim = 0 : si32}>", "", "tensor<4xf32>", "operand 'inputs' is empty, expected at least one tensor"),
    (
        "concat <{dim = 1 : si32}>",
        "tensor<4xf32>",
        "tensor<4xf32>",
        "attribute 'dim' is 1, expected a value in [-1, 1)",
    ),
    (
        "concat <{dim = 0 : si32}>",
        "tensor<2x3xf32>; tensor<2x4xf32>",
        "tensor<4x3xf32>",
        "operand 'inputs' 1 has the shape (2, 4), expected (2, 3), that of the first, but for dimension 0",
    ),
    (
        "concat <{dim = 0 : si32}>",
        "tensor<2xf32>; tensor<2x1xf32>",
        "tensor<4xf32>",
        "has the shape (2, 1), expected (2,)",
    ),
    ("concat <{dim = 0 : si32}>", "tensor<2xf32>; tensor<3xf32>", "tensor<6xf32>", "shape (6,), expected (5,)"),
    ("squeeze <{dim = 1 : si32}>", "tensor<1xf32>", "tensor<f32>", "attribute 'dim' is 1, expected a value in [-1, 1)"),
    (
        "squeeze <{dim = 0 : si32}>",
        "tensor<2x3xf32>",
        "tensor<3xf32>",
        "operand 'input' has the extent 2 in dimension 0, expected 1",
    ),
    ("squeeze <{dim = 0 : si32}>", "tensor<1xf32>", "tensor<f32>", "expected rank >= 2, as the result has rank >= 1"),
    ("squeeze <{dim = 0 : si32}>", "tensor<1x3xf32>", "tensor<1x3xf32>", "shape (1, 3), expected (3,)"),
    ("unsqueeze <{dim = 2 : si32}>", "tensor<3xf32>", "tensor<3x1xf32>", "'dim' is 2, expected a value in [-2, 2)"),
    ("unsqueeze <{dim = 0 : si32}>", "tensor<3xf32>", "tensor<3x1xf32>", "shape (3, 1), expected (1, 3)"),
]


def slice_of(begin: int, end: int, step: int) -> str:
    return f"slice_static <{{begins = [{begin} : i32], ends = [{end} : i32], step = [{step} : i32]}}>"


SLICES = [
    ("slice_static <{begins = [], ends = [], step = []}>", "tensor<f32>", "tensor<f32>", "expected rank >= 1"),
    (
        "slice_static <{begins = [0 : i32, 0 : i32], ends = [1 : i32], step = [1 : i32]}>",
        "tensor<4xf32>",
        "tensor<1xf32>",
        "attribute 'begins' is [0, 0], expected 1 values, the rank of 'input' with the shape (4,)",
    ),
    (slice_of(4, 1, 1), "tensor<4xf32>", "tensor<1xf32>", "attribute 'begins' is 4 at 0, expected a value in [-4, 4)"),
    (slice_of(0, 5, 1), "tensor<4xf32>", "tensor<5xf32>", "attribute 'ends' is 5 at 0, expected a value in [-4, 4]"),
    (slice_of(0, 4, 0), "tensor<4xf32>", "tensor<4xf32>", "attribute 'step' is 0 at 0, expected another value"),
    (
        slice_of(2, 1, 1),
        "tensor<4xf32>",
        "tensor<1xf32>",
        "'ends' is 1 at 0, expected at least the begin 2, as the step is 1",
    ),
    (slice_of(1, 2, -1), "tensor<4xf32>", "tensor<1xf32>", "expected at most the begin 1, as the step is -1"),
    (slice_of(0, 4, 3), "tensor<4xf32>", "tensor<1xf32>", "the result has the shape (1,), expected (2,)"),
    (slice_of(0, 1, 1), "tensor<4xf32>", "tensor<1xbf16>", "the element type bf16, expected f32, that of 'input'"),
    (slice_of(0, 1, 1), "tensor<4xf32>", "tensor<2xbf16>", "the element type bf16, expected f32, that of 'input'"),
]

CREATION = [
    (
        "arange <{arange_dimension = 1 : i64, start = 0 : si64, end = 4 : si64, step = 1 : si64}>",
        "",
        "tensor<4xi32>",
        "attribute 'arange_dimension' is 1, expected a value in [0, 1)",
    ),
    (
        "arange <{arange_dimension = 0 : i64, start = 0 : si64, end = 4 : si64, step = 0 : si64}>",
        "",
        "tensor<4xi32>",
        "attribute 'step' is 0, expected another value",
    ),
    (
        "arange <{arange_dimension = 0 : i64, start = 0 : si64, end = 4 : si64, step = -1 : si64}>",
        "",
        "tensor<4xi32>",
        "attribute 'end' is 4, expected at least one step of -1 from the start 0",
    ),
    (
        "arange <{arange_dimension = 0 : i64, start = 0 : si64, end = 7 : si64, step = 2 : si64}>",
        "",
        "tensor<4xi32>",
        "the result has the shape (4,), expected (3,)",
    ),
    (
        "constant <{value = dense<1> : tensor<2xi32>}>",
        "",
        "tensor<3xi32>",
        "the result has the shape (3,), expected (2,)",
    ),
    (
        "constant <{value = dense<1> : vector<2xi32>}>",
        "",
        "tensor<2xi32>",
        "'value' has the type vector<2xi32>, expected",
    ),
    ("full <{shape = array<i32: 2>, fill_value = 1 : i32}>", "", "tensor<3xi32>", "shape (3,), expected (2,)"),
    ("zeros <{shape = array<i32: 2>}>", "", "tensor<3xi32>", "the result has the shape (3,), expected (2,)"),
    ("ones <{shape = array<i32: 2, 1>}>", "", "tensor<2xi32>", "the result has the shape (2,), expected (2, 1)"),
]


def norm(name: str, shape: str, *segments: int) -> str:
    sizes = ", ".join(map(str, (1, *segments)))
    return f"{name} <{{normalized_shape = array<i64{shape}>, operandSegmentSizes = array<i32: {sizes}>}}>"


NORMALIZATION = [
    (
        "softmax <{dimension = 1 : si32}>",
        "tensor<4xf32>",
        "tensor<4xf32>",
        "attribute 'dimension' is 1, expected a value",
    ),
    ("softmax <{dimension = 0 : si32}>", "tensor<4xf32>", "tensor<5xf32>", "shape (5,), expected (4,)"),
    (
        norm("layer_norm", "", 0, 0),
        "tensor<2x4xf32>",
        "tensor<2x4xf32>",
        "attribute 'normalized_shape' is [], expected the last dimensions of 'input' with the shape (2, 4)",
    ),
    (norm("rms_norm", ": 2, 2, 4", 0, 0), "tensor<2x4xf32>", "tensor<2x4xf32>", "'normalized_shape' is [2, 2, 4]"),
    (
        norm("rms_norm", ": 2", 0, 0),
        "tensor<2x4xf32>",
        "tensor<2x4xf32>",
        "attribute 'normalized_shape' is [2], expected",
    ),
    (
        norm("layer_norm", ": 4", 1, 0),
        "tensor<2x4xf32>; tensor<2x4xf32>",
        "tensor<2x4xf32>",
        "operand 'weight' has the shape (2, 4), expected (4,), 'normalized_shape'",
    ),
    (
        norm("layer_norm", ": 4", 0, 1),
        "tensor<2x4xf32>; tensor<1xf32>",
        "tensor<2x4xf32>",
        "operand 'bias' has the shape (1,), expected (4,)",
    ),
    (norm("layer_norm", ": 4", 0, 0), "tensor<2x4xf32>", "tensor<4xf32>", "shape (4,), expected (2, 4)"),
]

LAYOUT = [
    (
        "to_layout",
        "tensor<4xf32>; tensor<5xf32>",
        "tensor<5xf32>",
        "operand 'output' has the shape (5,), expected (4,), that of 'input'",
    ),
    (
        "to_layout",
        "tensor<4xf32>; tensor<4xbf16>",
        "tensor<4xf32>",
        "the results have the types ['tensor<4xf32>'], expected",
    ),
]

OTHER_THAN_NUMBERS = [
    ("exp", "tensor<4xindex>", "tensor<4xf32>", "operand 0 has the type tensor<4xindex>"),
    ("empty", "", "tensor<4xindex>", "result 0 has the type tensor<4xindex>, expected a tensor of numbers"),
]

RULES = [
    *SHAPES,
    *DATA_MOVEMENT,
    *SLICES,
    *CREATION,
    *NORMALIZATION,
    *LAYOUT,
    *OTHER_THAN_NUMBERS,
]


@pytest.mark.parametrize(("op", "operands", "result", "message"), RULES)
def test_broken_rule_is_reported(verify_op: VerifyOp, op: str, operands: str, result: str, message: str) -> None:
    with pytest.raises(VerifyException) as raised:
        verify_op(op, operands, result)

    text = str(raised.value)
    assert text.startswith(f"ttir.{op.split(maxsplit=1)[0]}: ")
    assert message in text
