"""Every condition of convolutions: an op that breaks it is refused with the message that names it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from xdsl.ir import Operation
from xdsl.utils.exceptions import VerifyException

ParseOp = Callable[[str, str, str, str, str], Operation]

CONV = "stride = 1 : i32, padding = 0 : i32, groups = 1 : i32"
DEFAULTS = {
    "conv1d": f"{CONV}, dilation = 1 : i32",
    "conv2d": f"{CONV}, dilation = 1 : i32",
    "conv3d": CONV,
    "conv_transpose2d": f"{CONV}, dilation = 1 : i32, output_padding = 0 : i32",
}
FLAT = "#ttir<flattened_compat batch_size = {}, input_height = {}, input_width = {}>"
CHANNELS_FIRST = "batch_dim = 0 : i64, channel_dim = 1 : i64, height_dim = 2 : i64, width_dim = 3 : i64"

VALID = [
    ("conv1d", "", "2x9x4 6x4x3", "2x7x6"),
    ("conv1d", "stride = array<i32: 2>, padding = array<i32: 1, 2>", "2x9x4 6x4x3 1x1x6", "2x5x6"),
    ("conv1d", "padding = array<i32: 1>, channel_dim = 1 : i64, length_dim = 2 : i64", "2x4x9 6x4x3 1x6x1", "2x6x9"),
    ("conv2d", "", "1x8x9x4 6x4x3x2", "1x6x8x6"),
    ("conv2d", "padding = array<i32: 1, 0, 2, 3>", "1x8x9x4 6x4x3x2 1x1x1x6", "1x9x11x6"),
    ("conv2d", "padding = array<i32: 1, 2>, stride = array<i32: 2, 3>", "1x8x9x4 6x4x3x2", "1x4x4x6"),
    ("conv2d", "dilation = array<i32: 2, 4>, groups = 2 : i32", "1x8x9x4 6x2x3x2", "1x4x5x6"),
    ("conv2d", CHANNELS_FIRST, "1x4x8x9 6x4x3x2 1x6x1x1", "1x6x6x8"),
    ("conv2d", "", "1x8x9x4 6x4x3x2 1x6x8x6", "1x6x8x6"),
    ("conv2d", "", "?x?x9x4 6x4x3x2", "?x?x8x6"),
    ("conv2d", "", "1x8x9x? ?x4x3x? ?x?x?x?", "1x6x?x6"),
    ("conv2d", "", "1x8x9x4 6x4x3x2", "1x6x8x6xbf16"),
    ("conv2d", f"flattened_compat_info = {FLAT.format(2, 4, 5)}", "1x1x40x3 6x3x2x2 1x1x1x6", "1x1x24x6"),
    ("conv3d", "", "1x4x8x9x4 6x4x3x2x1", "1x2x7x9x6"),
    ("conv3d", 'padding_mode = "replicate", padding = array<i32: 1, 0, 2>', "1x4x8x9x4 6x4x3x2x1", "1x4x7x13x6"),
    ("conv_transpose2d", "", "3x8x8x4 4x6x3x3 1x1x1x6", "3x10x10x6"),
    (
        "conv_transpose2d",
        "stride = array<i32: 2, 3>, padding = array<i32: 0, 1, 2, 3>, output_padding = 1 : i32, groups = 2 : i32",
        "3x8x8x4 4x6x3x3",
        "3x16x21x12",
    ),
    ("conv_transpose2d", f"flattened_compat_info = {FLAT.format(1, 4, 5)}", "1x1x20x3 3x6x2x2", "1x1x30x6"),
    ("conv_transpose2d", "", "?x8x?x4 4x?x3x3", "3x10x10x6"),
]

C2 = "1x8x9x4 6x4x3x2"
R2 = "1x6x8x6"
CONVOLUTIONS = [
    ("conv1d", "", "9x4 6x4x3", "7x6", "operand 'input' has the shape (9, 4), expected rank 3"),
    ("conv1d", "", "2x9x4 4x3", "2x7x6", "operand 'weight' has the shape (4, 3), expected rank 3"),
    ("conv1d", "", "2x9x4 6x4x3 6", "2x7x6", "operand 'bias' has the shape (6,), expected rank 3"),
    ("conv1d", "", "2x9x4 6x4x3", "2x7x6x1", "the result has the shape (2, 7, 6, 1), expected rank 3"),
    ("conv1d", "stride = 0 : i32", "2x9x4 6x4x3", "2x7x6", "attribute 'stride' is 0, expected values >= 1"),
    (
        "conv1d",
        "padding = array<i32: 1, 1, 1>",
        "2x9x4 6x4x3",
        "2x7x6",
        "attribute 'padding' is [1, 1, 1], expected an integer, 1 or 2 of them",
    ),
    ("conv1d", "padding = array<i32: 1, -1>", "2x9x4 6x4x3", "2x7x6", "'padding' is [1, -1], expected values >= 0"),
    ("conv1d", "dilation = 0 : i32", "2x9x4 6x4x3", "2x7x6", "attribute 'dilation' is 0, expected values >= 1"),
    ("conv1d", "groups = 3 : i32", "2x9x4 6x4x3", "2x7x6", "expected a divisor of the 4 input channels of 'input'"),
    ("conv1d", "", "2x9x4 6x4x10", "2x1x6", "the kernel has the effective size (10,), expected at most that of the"),
    (
        "conv1d",
        "length_dim = 3 : i64",
        "2x9x4 6x4x3",
        "2x7x6",
        "attributes 'batch_dim', 'length_dim', 'channel_dim' are [0, 3, 2], expected a permutation of 0..2",
    ),
    ("conv1d", "", "2x9x4 6x4x3", "2x8x6", "the result has the shape (2, 8, 6), expected 7 as the length"),
    ("conv2d", "", "8x9x4 6x4x3x2", R2, "operand 'input' has the shape (8, 9, 4), expected rank 4"),
    ("conv2d", "", "1x8x9x4 6x4x3", R2, "operand 'weight' has the shape (6, 4, 3), expected rank 4"),
    ("conv2d", "", f"{C2} 6", R2, "operand 'bias' has the shape (6,), expected rank 4"),
    ("conv2d", "", C2, "1x6x8", "the result has the shape (1, 6, 8), expected rank 4"),
    (
        "conv2d",
        "stride = array<i32: 1, 1, 1>",
        C2,
        R2,
        "attribute 'stride' is [1, 1, 1], expected an integer or 2 of them",
    ),
    ("conv2d", "stride = array<i32: 1, 0>", C2, R2, "attribute 'stride' is [1, 0], expected values >= 1"),
    ("conv2d", "dilation = array<i32: 1>", C2, R2, "attribute 'dilation' is [1], expected an integer or 2 of them"),
    ("conv2d", "dilation = -1 : i32", C2, R2, "attribute 'dilation' is -1, expected values >= 1"),
    (
        "conv2d",
        "padding = array<i32: 1, 1, 1>",
        C2,
        R2,
        "attribute 'padding' is [1, 1, 1], expected an integer, 2 or 4 of them",
    ),
    ("conv2d", "padding = -1 : i32", C2, R2, "attribute 'padding' is -1, expected values >= 0"),
    ("conv2d", "padding = array<i32: 1, -2>", C2, R2, "attribute 'padding' is [1, -2], expected values >= 0"),
    ("conv2d", "padding = array<i32: 0, 0, 0, -2>", C2, R2, "'padding' is [0, 0, 0, -2], expected values >= 0"),
    ("conv2d", "groups = 0 : i32", C2, R2, "attribute 'groups' is 0, expected a value >= 1"),
    ("conv2d", "groups = 3 : i32", C2, R2, "'groups' is 3, expected a divisor of the 4 input channels of 'input'"),
    (
        "conv2d",
        "groups = 4 : i32",
        "1x8x9x4 6x1x3x2",
        R2,
        "'groups' is 4, expected a divisor of the 6 output channels of 'weight'",
    ),
    (
        "conv2d",
        "groups = 2 : i32",
        C2,
        R2,
        "operand 'weight' has 4 input channels, expected 2, the 4 of 'input' in 2 groups",
    ),
    ("conv2d", "", f"{C2} 1x1x1x5", R2, "operand 'bias' has the shape (1, 1, 1, 5), expected (1, 1, 1, 6), that is 6"),
    ("conv2d", "", f"{C2} 1x1x2x6", R2, "operand 'bias' has the shape (1, 1, 2, 6), expected (1, 1, 1, 6)"),
    ("conv2d", "", f"{C2} 1x1x1x1", R2, "operand 'bias' has the shape (1, 1, 1, 1), expected (1, 1, 1, 6)"),
    (
        "conv2d",
        "dilation = 4 : i32",
        C2,
        R2,
        "the kernel has the effective size (9, 5), expected at most that of the padded input, (8, 9)",
    ),
    ("conv2d", "", C2, "2x6x8x6", "expected 1 as the batch size"),
    ("conv2d", "", C2, "1x6x8x5", "expected 6 as the number of channels"),
    ("conv2d", "", C2, "1x7x8x6", "expected 6 as the height"),
    ("conv2d", "", C2, "1x6x9x6", "expected 8 as the width"),
    ("conv2d", CHANNELS_FIRST, "1x4x8x9 6x4x3x2", "1x6x8x6", "expected 6 as the height"),
    ("conv2d", "width_dim = 1 : i64", C2, R2, "are [0, 1, 1, 3], expected a permutation of 0..3"),
    (
        "conv2d",
        f"flattened_compat_info = {FLAT.format(2, 4, 5)}",
        "1x1x41x3 6x3x2x2",
        "1x1x24x6",
        "operand 'input' has the flattened dimension 41, expected 40, the product of the batch size 2, the height 4",
    ),
    (
        "conv2d",
        f"flattened_compat_info = {FLAT.format(2, 4, 5)}",
        "1x2x20x3 6x3x2x2",
        "1x1x24x6",
        "operand 'input' has the shape (1, 2, 20, 3), expected (1, 1, pixels, channels), as it is flattened",
    ),
    (
        "conv2d",
        f"flattened_compat_info = {FLAT.format(0, 4, 5)}",
        "1x1x0x3 6x3x2x2",
        "1x1x0x6",
        "attribute 'flattened_compat_info' is [0, 4, 5], expected values > 0",
    ),
    (
        "conv2d",
        f"flattened_compat_info = {FLAT.format(2, 4, 5)}",
        "1x1x40x3 6x3x2x2",
        "1x1x25x6",
        "expected 24 as the flattened dimension",
    ),
    (
        "conv2d",
        f"{CHANNELS_FIRST}, flattened_compat_info = {FLAT.format(2, 4, 5)}",
        "1x1x40x3 6x3x2x2",
        "1x1x24x6",
        "'flattened_compat_info' is given with the dimensions [0, 2, 3, 1], expected the default ones",
    ),
    ("conv3d", "", "4x8x9x4 6x4x3x2x1", "1x2x7x9x6", "operand 'input' has the shape (4, 8, 9, 4), expected rank 5"),
    ("conv3d", "", "1x4x8x9x4 6x4x3x2", "1x2x7x9x6", "operand 'weight' has the shape (6, 4, 3, 2), expected rank 5"),
    ("conv3d", "", "1x4x8x9x4 6x4x3x2x1 6", "1x2x7x9x6", "operand 'bias' has the shape (6,), expected rank 5"),
    (
        "conv3d",
        'padding_mode = "reflect"',
        "1x4x8x9x4 6x4x3x2x1",
        "1x2x7x9x6",
        "attribute 'padding_mode' is 'reflect', expected 'zeros' or 'replicate'",
    ),
    (
        "conv3d",
        "padding = array<i32: 1, 1, 1, 1, 1, 1>",
        "1x4x8x9x4 6x4x3x2x1",
        "1x4x9x11x6",
        "'padding' is [1, 1, 1, 1, 1, 1], expected an integer or 3 of them",
    ),
    ("conv3d", "padding = -1 : i32", "1x4x8x9x4 6x4x3x2x1", "1x2x7x9x6", "'padding' is -1, expected values >= 0"),
    ("conv3d", "stride = 0 : i32", "1x4x8x9x4 6x4x3x2x1", "1x2x7x9x6", "attribute 'stride' is 0, expected values >= 1"),
    ("conv3d", "groups = 3 : i32", "1x4x8x9x4 6x4x3x2x1", "1x2x7x9x6", "a divisor of the 4 input channels of 'input'"),
    ("conv3d", "", "1x4x8x9x4 6x4x5x2x1", "1x1x7x9x6", "the kernel has the effective size (5, 2, 1)"),
    ("conv3d", "", "1x4x8x9x4 6x4x3x2x1", "1x3x7x9x6", "expected 2 as the depth"),
    (
        "conv3d",
        "depth_dim = 5 : i64",
        "1x4x8x9x4 6x4x3x2x1",
        "1x2x7x9x6",
        "are [0, 5, 2, 3, 4], expected a permutation",
    ),
]
T2 = "3x8x8x4 4x6x3x3"
TR = "3x10x10x6"
TRANSPOSED = [
    ("conv_transpose2d", "", "8x8x4 4x6x3x3", TR, "operand 'input' has the shape (8, 8, 4), expected rank 4"),
    ("conv_transpose2d", "", "3x8x8x4 4x6x3", TR, "operand 'weight' has the shape (4, 6, 3), expected rank 4"),
    ("conv_transpose2d", "", f"{T2} 6", TR, "operand 'bias' has the shape (6,), expected rank 4"),
    ("conv_transpose2d", "", T2, "10x10x6", "the result has the shape (10, 10, 6), expected rank 4"),
    ("conv_transpose2d", "", T2, "4x10x10x6", "expected 3 as the batch size"),
    ("conv_transpose2d", "stride = 0 : i32", T2, TR, "attribute 'stride' is 0, expected values >= 1"),
    ("conv_transpose2d", "padding = -1 : i32", T2, TR, "attribute 'padding' is -1, expected values >= 0"),
    ("conv_transpose2d", "output_padding = -1 : i32", T2, TR, "'output_padding' is -1, expected values >= 0"),
    (
        "conv_transpose2d",
        "output_padding = array<i32: 1, 1, 1>",
        T2,
        TR,
        "attribute 'output_padding' is [1, 1, 1], expected an integer or 2 of them",
    ),
    ("conv_transpose2d", "dilation = 0 : i32", T2, TR, "attribute 'dilation' is 0, expected values >= 1"),
    ("conv_transpose2d", "groups = 3 : i32", T2, TR, "'groups' is 3, expected a divisor of the 4 input channels"),
    ("conv_transpose2d", "groups = 0 : i32", T2, TR, "attribute 'groups' is 0, expected a value >= 1"),
    (
        "conv_transpose2d",
        "",
        "3x8x8x4 1x6x3x3",
        TR,
        "operand 'weight' has 1 input channels in its first dimension, expected the 4 of 'input'",
    ),
    (
        "conv_transpose2d",
        "groups = 2 : i32",
        f"{T2} 1x1x1x6",
        TR,
        "the result has 6 channels, expected 12, the 6 of 'weight' in each of 2 groups",
    ),
    ("conv_transpose2d", "", f"{T2} 1x1x1x5", TR, "operand 'bias' has the shape (1, 1, 1, 5), expected (1, 1, 1, 6)"),
    (
        "conv_transpose2d",
        "padding = 6 : i32",
        T2,
        TR,
        "the result has the height and width (-2, -2), expected no negative output size",
    ),
    ("conv_transpose2d", "", T2, "3x11x10x6", "expected 10 as the height"),
    (
        "conv_transpose2d",
        f"flattened_compat_info = {FLAT.format(1, 4, 5)}",
        "1x1x21x3 3x6x2x2",
        "1x1x30x6",
        "operand 'input' has the flattened dimension 21, expected 20",
    ),
    (
        "conv_transpose2d",
        f"flattened_compat_info = {FLAT.format(1, 4, 5)}",
        "1x1x20x3 3x6x2x2",
        "1x1x31x6",
        "expected 30 as the flattened dimension",
    ),
]
RULES = [*CONVOLUTIONS, *TRANSPOSED]


@pytest.mark.parametrize(("op", "changes", "operands", "results"), VALID)
def test_valid_op_is_accepted(parse_op: ParseOp, op: str, changes: str, operands: str, results: str) -> None:
    parse_op(op, DEFAULTS[op], changes, operands, results).verify()


@pytest.mark.parametrize(("op", "changes", "operands", "results", "message"), RULES)
def test_broken_rule_is_reported(
    parse_op: ParseOp, op: str, changes: str, operands: str, results: str, message: str
) -> None:
    with pytest.raises(VerifyException) as raised:
        parse_op(op, DEFAULTS[op], changes, operands, results).verify()
    text = str(raised.value)
    assert text.startswith(f"ttir.{op}: ")
    assert message in text


@pytest.mark.parametrize(
    ("op", "changes"),
    [("conv2d", "groups = 1 : i64"), ("conv2d", "stride = 1 : i64"), ("conv2d", "padding = array<i64: 1, 1>")],
)
def test_attribute_of_another_kind_is_refused(parse_op: ParseOp, op: str, changes: str) -> None:
    with pytest.raises(VerifyException):
        parse_op(op, DEFAULTS[op], changes, C2, R2).verify()
