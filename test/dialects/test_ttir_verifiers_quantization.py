"""Each condition of the quantisation ops: what breaks it is refused with a message that says what was expected."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from xdsl.utils.exceptions import VerifyException

VerifyOp = Callable[[str, str, str], None]

F, I8 = "tensor<2x3xf32>", "tensor<2x3xi8>"
Q = "tensor<2x3x!quant.uniform<i8:f32, 0.5:3>>"
WIDE = "tensor<2x3x!quant.uniform<i32:f32, 0.25>>"
AXIS = "tensor<2x3x!quant.uniform<i8:f32:1, {0.1, 0.2:4, 0.3}>>"
SCALE, ZERO, SCALES, ZEROS = "tensor<1xf32>", "tensor<1xi32>", "tensor<3xf32>", "tensor<3xi32>"
NOT_QUANTISED = f"has the element type {'f32'}, expected a quantised one"
ALONG = " <{axis = 1 : i32}>"


def quantized(text: str) -> str:
    """A tensor of 2 x 3 elements of this quantised type."""
    return f"tensor<2x3x!quant.uniform<{text}>>"


RULES = [
    ("quantize", I8, Q, "operand 'input' has the element type i8, expected a float"),
    ("quantize", Q, Q, "operand 'input' has the element type !quant.uniform<i8:f32, 5.000000e-01:3>, expected a float"),
    ("quantize", F, F, f"the result {NOT_QUANTISED}"),
    ("quantize", F, "tensor<3x2x!quant.uniform<i8:f32, 0.5>>", "the result has the shape (3, 2), expected (2, 3)"),
    ("quantize", F, "tensor<6x!quant.uniform<i8:f32, 0.5>>", "the result has the shape (6,), expected (2, 3)"),
    ("dequantize", F, F, f"operand 'input' {NOT_QUANTISED}"),
    ("dequantize", Q, I8, "the result has the element type i8, expected a float"),
    ("dequantize", Q, "tensor<3x2xf32>", "the result has the shape (3, 2), expected (2, 3)"),
    ("requantize", F, Q, f"operand 'input' {NOT_QUANTISED}"),
    ("requantize", Q, F, f"the result {NOT_QUANTISED}"),
    ("requantize", Q, "tensor<6x!quant.uniform<i8:f32, 0.5>>", "the result has the shape (6,), expected (2, 3)"),
    ("quantize_unrolled", f"{I8}; {SCALE}; {ZERO}", Q, "operand 'input' has the element type i8, expected a float"),
    ("quantize_unrolled", f"{F}; {SCALE}; {ZERO}", F, f"the result {NOT_QUANTISED}"),
    (
        "quantize_unrolled <{axis = 2 : i32}>",
        f"{F}; {SCALES}; {ZEROS}",
        AXIS,
        "attribute 'axis' is 2, expected a value in [0, 2)",
    ),
    (
        "quantize_unrolled <{axis = -1 : i32}>",
        f"{F}; {SCALES}; {ZEROS}",
        AXIS,
        "attribute 'axis' is -1, expected a value in [0, 2)",
    ),
    (
        f"quantize_unrolled{ALONG}",
        f"{F}; {SCALES}; {ZEROS}",
        quantized("i8:f32:1, {0.1, 0.2}"),
        "the result has 2 scales, expected 3, its extent in dimension 1",
    ),
    (
        f"quantize_unrolled{ALONG}",
        f"{F}; {SCALES}; {ZEROS}",
        quantized("i8:f32:4, {0.1, 0.2, 0.3}"),
        "the result is quantised along dimension 4, expected a value in [0, 2)",
    ),
    (
        f"quantize_unrolled{ALONG}",
        f"{F}; {SCALES}; {ZEROS}",
        quantized("i8:f32:1, {0.1, 0.2, 0.3:300}"),
        "the result has the zero point 300, expected a value in [-128, 127], the range of its storage type i8",
    ),
    (
        "quantize_unrolled",
        f"{F}; {SCALE}; {ZERO}",
        quantized("u8<1:200>:f32, 0.1:0"),
        "the result has the zero point 0, expected a value in [1, 200], the range of its storage type u8",
    ),
    ("quantize_unrolled", f"{F}; {SCALES}; {ZERO}", Q, "operand 'scale' has the shape (3,), expected (1,)"),
    (
        f"quantize_unrolled{ALONG}",
        f"{F}; tensor<2xf32>; {ZEROS}",
        AXIS,
        "operand 'scale' has the shape (2,), expected (3,)",
    ),
    (
        f"quantize_unrolled{ALONG}",
        f"{F}; {SCALES}; tensor<1x3xi32>",
        AXIS,
        "operand 'zero_point' has the shape (1, 3), expected (3,)",
    ),
    ("quantize_unrolled", f"{F}; {ZERO}; {ZERO}", Q, "operand 'scale' has the element type i32, expected a float"),
    (
        "quantize_unrolled",
        f"{F}; {SCALE}; {SCALE}",
        Q,
        "operand 'zero_point' has the element type f32, expected an integer",
    ),
    ("dequantize_unrolled", f"{F}; {SCALE}; {ZERO}", F, f"operand 'input' {NOT_QUANTISED}"),
    ("dequantize_unrolled", f"{Q}; {SCALE}; {ZERO}", I8, "the result has the element type i8, expected a float"),
    (
        "dequantize_unrolled",
        f"{quantized('i8:f32, 0.1:200')}; {SCALE}; {ZERO}",
        F,
        "operand 'input' has the zero point 200, expected a value in [-128, 127]",
    ),
    (
        "dequantize_unrolled",
        f"{Q}; {SCALE}; {ZERO}",
        "tensor<3x2xf32>",
        "the result has the shape (3, 2), expected (2, 3)",
    ),
    ("requantize_unrolled", f"{F}; {SCALE}; {ZERO}; {SCALE}; {ZERO}", Q, f"operand 'input' {NOT_QUANTISED}"),
    ("requantize_unrolled", f"{Q}; {SCALE}; {ZERO}; {SCALE}; {ZERO}", F, f"the result {NOT_QUANTISED}"),
    (
        "requantize_unrolled",
        f"{Q}; {SCALE}; {ZERO}; {SCALE}; {ZERO}",
        AXIS,
        "expected one with a single scale, as that of 'input', !quant.uniform<i8:f32, 5.000000e-01:3>",
    ),
    (
        f"requantize_unrolled{ALONG}",
        f"{AXIS}; {SCALES}; {ZEROS}; {SCALES}; {ZEROS}",
        Q,
        "expected one with scales along an axis, as that of 'input'",
    ),
    (
        "requantize_unrolled",
        f"{Q}; {SCALE}; {ZERO}; {SCALES}; {ZERO}",
        WIDE,
        "operand 'out_scale' has the shape (3,), expected (1,)",
    ),
    (
        "requantize_unrolled",
        f"{Q}; {SCALE}; {SCALE}; {SCALE}; {ZERO}",
        WIDE,
        "operand 'in_zero_point' has the element type f32, expected an integer",
    ),
    (
        "requantize_unrolled",
        f"{Q}; {SCALE}; {ZERO}; {SCALE}; {ZERO}",
        "tensor<6x!quant.uniform<i8:f32, 0.5>>",
        "the result has the shape (6,), expected (2, 3)",
    ),
]


@pytest.mark.parametrize(("op", "operands", "result", "message"), RULES)
def test_broken_rule_is_reported(verify_op: VerifyOp, op: str, operands: str, result: str, message: str) -> None:
    with pytest.raises(VerifyException) as raised:
        verify_op(op, operands, result)

    text = str(raised.value)
    assert text.startswith(f"ttir.{op.split(maxsplit=1)[0]}: ")
    assert message in text


VALID = [
    ("quantize", F, Q),
    ("quantize", "tensor<2x3xbf16>", AXIS),
    # Only the unrolled ops look at scales and zero points, as in tt-mlir.
    ("quantize", F, quantized("i8:f32:4, {0.1, 0.2:300}")),
    ("quantize", "tensor<?x3xf32>", "tensor<2x?x!quant.uniform<i8:f32, 0.5>>"),
    ("dequantize", AXIS, "tensor<2x3xbf16>"),
    ("requantize", Q, AXIS),
    ("quantize_unrolled", f"{F}; {SCALE}; {ZERO}", Q),
    ("quantize_unrolled", f"{F}; tensor<f32>; tensor<i8>", Q),
    (f"quantize_unrolled{ALONG}", f"{F}; {SCALES}; {ZERO}", AXIS),
    (f"quantize_unrolled{ALONG}", f"tensor<2x?xf32>; {SCALES}; {ZEROS}", AXIS),
    (f"dequantize_unrolled{ALONG}", f"{AXIS}; {SCALES}; {ZEROS}", F),
    ("requantize_unrolled", f"{Q}; {SCALE}; {ZERO}; {SCALE}; {ZERO}", WIDE),
    (f"requantize_unrolled{ALONG}", f"{AXIS}; {SCALES}; {ZEROS}; {SCALES}; {ZEROS}", AXIS),
    ("add", f"{Q}; {Q}", WIDE),
    ("reshape <{shape = [6 : i32]}>", Q, "tensor<6x!quant.uniform<i8:f32, 0.5:3>>"),
]


@pytest.mark.parametrize(("op", "operands", "result"), VALID)
def test_valid_op_is_accepted(verify_op: VerifyOp, op: str, operands: str, result: str) -> None:
    verify_op(op, operands, result)


@pytest.mark.parametrize(
    "name", [f"{n}{u}" for n in ("quantize", "dequantize", "requantize") for u in ("", "_unrolled")]
)
def test_every_op_is_both_accepted_and_refused(name: str) -> None:
    assert name in {op.split(maxsplit=1)[0] for op, *_ in VALID}
    assert name in {op.split(maxsplit=1)[0] for op, *_ in RULES}
