"""Conditions of the elementwise ops, reductions and random numbers: what they accept, and what they say to the rest."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from xdsl.utils.exceptions import VerifyException

VerifyOp = Callable[[str, str, str], None]

UNARY = [
    "abs", "acos", "asin", "asinh", "atan", "bitwise_not", "cbrt", "ceil", "cos", "erf", "erfc", "exp", "exp2", "expm1",
    "floor", "frac", "gelu", "hardsigmoid", "isfinite", "log", "log1p", "logical_not", "mish", "neg", "reciprocal",
    "relu", "relu6", "rsqrt", "selu", "sigmoid", "sign", "signbit", "silu", "sin", "softsign", "sqrt", "square", "tan",
    "tanh", "tanhshrink", "trunc", "typecast", "bitcast_convert", "leaky_relu <{parameter = 0.1 : f32}>",
    "clamp_scalar <{min = 0 : i32, max = 1.0 : f32}>",
]  # fmt: skip
BINARY = [
    "add", "atan2", "bitwise_and", "bitwise_or", "bitwise_xor", "div", "eq", "ge", "gt", "le", "logical_and",
    "logical_or", "logical_xor", "lt", "maximum", "minimum", "multiply", "ne", "pow", "remainder", "subtract",
]  # fmt: skip
SHIFTS = ["logical_left_shift", "logical_right_shift", "right_shift"]
REDUCTIONS = ["argmax", "max", "mean", "min", "prod", "reduce_and", "reduce_or", "sum"]


@pytest.mark.parametrize("op", UNARY)
def test_unary(verify_op: VerifyOp, op: str) -> None:
    verify_op(op, "tensor<2x3xf32>", "tensor<2x3xf32>")
    verify_op(op, "tensor<f32>", "tensor<f32>")
    verify_op(op, "tensor<?x3xf32>", "tensor<2x?xf32>")
    with pytest.raises(VerifyException, match=r"the result has the shape \(3, 2\), expected \(2, 3\)"):
        verify_op(op, "tensor<2x3xf32>", "tensor<3x2xf32>")


@pytest.mark.parametrize("op", [*BINARY, *SHIFTS])
def test_binary(verify_op: VerifyOp, op: str) -> None:
    verify_op(op, "tensor<2x3xi32>; tensor<3xi32>", "tensor<2x3xi32>")
    verify_op(op, "tensor<2x?xi32>; tensor<3xi32>", "tensor<2x3xi32>")
    verify_op(op, "tensor<?x1xi32>; tensor<1x?xi32>", "tensor<?x?xi32>")
    with pytest.raises(VerifyException, match=r"operand 'rhs' has the shape \(2,\), expected one that broadcasts"):
        verify_op(op, "tensor<2x3xi32>; tensor<2xi32>", "tensor<2x3xi32>")
    with pytest.raises(VerifyException, match=r"the result has the shape \(3,\), expected \(2, 3\)"):
        verify_op(op, "tensor<2x3xi32>; tensor<3xi32>", "tensor<3xi32>")


@pytest.mark.parametrize("op", REDUCTIONS)
def test_reductions(verify_op: VerifyOp, op: str) -> None:
    verify_op(f"{op} <{{keep_dim = false}}>", "tensor<2x3xf32>", "tensor<f32>")
    verify_op(f"{op} <{{dim_arg = [-1 : i32, 0 : i32], keep_dim = true}}>", "tensor<2x3x4xf32>", "tensor<1x3x1xf32>")
    verify_op(f"{op} <{{dim_arg = [0 : i32], keep_dim = false}}>", "tensor<2x?xf32>", "tensor<3xf32>")
    for dims, message in (("2", "attribute 'dim_arg' is 2"), ("0 : i32, -2", "expected each dimension once")):
        with pytest.raises(VerifyException, match=message):
            verify_op(f"{op} <{{dim_arg = [{dims} : i32], keep_dim = false}}>", "tensor<2x3xf32>", "tensor<3xf32>")
    with pytest.raises(VerifyException, match=r"the result has the shape \(3,\), expected \(1, 3\)"):
        verify_op(f"{op} <{{dim_arg = [0 : i32], keep_dim = true}}>", "tensor<2x3xf32>", "tensor<3xf32>")


ACCEPTED = [
    ("bitcast_convert", "tensor<4xui32>", "tensor<4xf32>"),
    ("constant <{value = dense<[1, 2]> : tensor<2xui8>}>", "", "tensor<2xui8>"),
    ("clamp_tensor", "tensor<2x3xf32>; tensor<3xf32>; tensor<2x1xf32>", "tensor<2x3xf32>"),
    ('gelu_bw <{approximate = "tanh"}>', "tensor<4x1xf32>; tensor<1x?xf32>", "tensor<4x3xf32>"),
    ("gelu_bw", "tensor<2x1x3x4xf32>; tensor<2x1x3x4xf32>", "tensor<2x1x3x4xf32>"),
    ("selu {alpha = 1.0 : f32, scale = 2.0 : f32}", "tensor<4xf32>", "tensor<4xbf16>"),
    ("where", "tensor<1xi1>; tensor<3xf32>; tensor<2x1xf32>", "tensor<2x3xf32>"),
    ("right_shift", "tensor<4xui8>; tensor<4xi32>", "tensor<4xi16>"),
    ("rand <{size = [2 : i32, 3 : i32]}>", "", "tensor<2x3xbf16>"),
    ("rand {size = [], low = -1.0 : f32, high = 0.0 : f32, seed = 4294967295 : ui32}", "", "tensor<f32>"),
    ("dropout", "tensor<2x3xf32>", "tensor<2x3xf32>"),
    (
        "dropout <{prob = 1.0 : f32, scale = 0.5 : f32, seed = 3 : ui32, use_per_device_seed = false}>",
        "tensor<1x2x3x4xbf16>",
        "tensor<1x2x3x4xbf16>",
    ),
]


@pytest.mark.parametrize(("op", "operands", "result"), ACCEPTED)
def test_accepted(verify_op: VerifyOp, op: str, operands: str, result: str) -> None:
    verify_op(op, operands, result)


REFUSED = [
    (
        "bitcast_convert",
        "tensor<4xf32>",
        "tensor<4xi16>",
        "the result has the element type i16 of 16 bits, expected 32 as f32 of 'input' has",
    ),
    ("bitcast_convert", "tensor<4xi1>", "tensor<4xi8>", "the element type i8 of 8 bits, expected 1"),
    (
        "bitcast_convert",
        "tensor<4xcomplex<f32>>",
        "tensor<4xui64>",
        "operand 'input' has the element type complex<f32>, expected an integer or a float",
    ),
    (
        "bitcast_convert",
        "tensor<4xui64>",
        "tensor<4xcomplex<f32>>",
        "the result has the element type complex<f32>, expected an integer or a float",
    ),
    (
        "constant <{value = dense<[(2.0, 0.0), (3.0, 0.0)]> : tensor<2xcomplex<f32>>}>",
        "",
        "tensor<2xcomplex<f32>>",
        "attribute 'value' has the element type complex<f32>, expected an integer or a float",
    ),
    (
        "clamp_tensor",
        "tensor<2x3xf32>; tensor<2xf32>; tensor<3xf32>",
        "tensor<2x3xf32>",
        "operand 'min' has the shape (2,), expected one that broadcasts with (2, 3)",
    ),
    ("clamp_tensor", "tensor<2x3xf32>; tensor<3xf32>; tensor<4xf32>", "tensor<2x3xf32>", "operand 'max' has the shape"),
    ("clamp_tensor", "tensor<3xf32>; tensor<3xf32>; tensor<3xf32>", "tensor<4xf32>", "the result has the shape (4,)"),
    (
        'gelu_bw <{approximate = "erf"}>',
        "tensor<4x1xf32>; tensor<4x1xf32>",
        "tensor<4x1xf32>",
        "attribute 'approximate' is 'erf', expected 'none' or 'tanh'",
    ),
    (
        "gelu_bw",
        "tensor<4xf32>; tensor<2x4xf32>",
        "tensor<2x4xf32>",
        "operand 'lhs' has the shape (4,), expected a rank",
    ),
    ("gelu_bw", "tensor<2x4xf32>; tensor<1x1x1x2x4xf32>", "tensor<2x4xf32>", "expected a rank from 2 to 4"),
    ("gelu_bw", "tensor<2x4xf32>; tensor<1x2x4xf32>", "tensor<1x2x4xf32>", "expected rank 2, that of 'lhs'"),
    ("gelu_bw", "tensor<2x4xf32>; tensor<2x3xf32>", "tensor<2x4xf32>", "expected one that broadcasts with (2, 4)"),
    ("gelu_bw", "tensor<2x4xf32>; tensor<2x4xf32>", "tensor<2x3xf32>", "the result has the shape (2, 3)"),
    *(
        (op, operands, result, f"{role} has the element type f32, expected an integer")
        for op in SHIFTS
        for operands, result, role in (
            ("tensor<4xf32>; tensor<4xi32>", "tensor<4xi32>", "operand 'lhs'"),
            ("tensor<4xi32>; tensor<4xf32>", "tensor<4xi32>", "operand 'rhs'"),
            ("tensor<4xi32>; tensor<4xi32>", "tensor<4xf32>", "the result"),
        )
    ),
    (
        "rand <{low = 1.0 : f32, high = 1.0 : f32, size = [32 : i32]}>",
        "",
        "tensor<32xbf16>",
        "attribute 'low' is 1.0, expected a value below the 1.0 of 'high'",
    ),
    ("rand <{size = [64 : i32, 64 : i32]}>", "", "tensor<32x32xbf16>", "the shape (32, 32), expected (64, 64)"),
    (
        "dropout",
        "tensor<2x3xf32>",
        "tensor<2x3xbf16>",
        "the result has the type tensor<2x3xbf16>, expected tensor<2x3x",
    ),
    ("dropout", "tensor<2x3xf32>", "tensor<3x2xf32>", "the result has the shape (3, 2), expected (2, 3)"),
    ("dropout", "tensor<3xf32>", "tensor<3xf32>", "operand 'input' has the shape (3,), expected rank 2, 3 or 4"),
    ("dropout", "tensor<1x1x1x1x3xf32>", "tensor<1x1x1x1x3xf32>", "expected rank 2, 3 or 4"),
    ("dropout <{prob = 1.5 : f32}>", "tensor<2x3xf32>", "tensor<2x3xf32>", "'prob' is 1.5, expected a value in [0, 1]"),
    ("dropout <{prob = -0.5 : f32}>", "tensor<2x3xf32>", "tensor<2x3xf32>", "attribute 'prob' is -0.5"),
    ("dropout <{scale = 0.0 : f32}>", "tensor<2x3xf32>", "tensor<2x3xf32>", "'scale' is 0.0, expected a value > 0"),
]


@pytest.mark.parametrize(("op", "operands", "result", "message"), REFUSED)
def test_refused(verify_op: VerifyOp, op: str, operands: str, result: str, message: str) -> None:
    with pytest.raises(VerifyException) as raised:
        verify_op(op, operands, result)

    text = str(raised.value)
    assert text.startswith(f"ttir.{op.split(maxsplit=1)[0]}: ")
    assert message in text
