"""Every condition of poolings, batch and group norms and upsampling: an op that breaks it is refused."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from xdsl.ir import Operation
from xdsl.utils.exceptions import VerifyException

ParseOp = Callable[[str, str, str, str, str], Operation]

DEFAULTS = {
    "avg_pool2d": "kernel = 2 : i32, stride = 1 : i32, dilation = 1 : i32, padding = 0 : i32, ceil_mode = false",
    "max_pool2d": "kernel = 2 : i32, stride = 1 : i32, dilation = 1 : i32, padding = 0 : i32, ceil_mode = false",
    "max_pool2d_with_indices": (
        "kernel = 2 : i32, stride = 1 : i32, dilation = 1 : i32, padding = 0 : i32, ceil_mode = false"
    ),
    "global_avg_pool2d": "",
    "upsample2d": "scale_factor = 2 : si32",
    "batch_norm_inference": "epsilon = 1.0 : f32, dimension = 1 : i32",
    "batch_norm_training": "epsilon = 1.0 : f32, dimension = 1 : i32, momentum = 0.5 : f32",
    "group_norm": "num_groups = 2 : i64, operandSegmentSizes = array<i32: 1, 0, 0, 0>",
}
FLAT = "#ttir<flattened_compat batch_size = {}, input_height = {}, input_width = {}>"

VALID = [
    ("avg_pool2d", "count_include_pad = false", "1x8x9x4", "1x7x8x4"),
    ("avg_pool2d", "kernel = array<i32: 3, 2>, stride = 2 : i32, ceil_mode = true", "1x8x9x4", "1x4x5x4"),
    # The last window would start beyond the padding before: floor((2 + 1) / 2) + 1 and one less.
    ("max_pool2d", "padding = 1 : i32, stride = 3 : i32, ceil_mode = true", "1x5x5x4", "1x2x2x4"),
    ("max_pool2d", "kernel = 1 : i32, stride = 2 : i32, padding = 1 : i32, ceil_mode = true", "1x2x3x4", "1x2x2x4"),
    ("max_pool2d", "", "1x?x9x4", "1x3x8x4"),
    ("max_pool2d", f"flattened_compat_info = {FLAT.format(2, 4, 5)}", "1x1x40x3", "1x1x24x3"),
    ("max_pool2d_with_indices", "", "1x8x9x4", "1x7x8x4 1x7x8x4xi32"),
    ("max_pool2d_with_indices", "", "1x8x9x4 1x7x8x4 1x7x8x4xi32", "1x7x8x4 1x7x8x4xi16"),
    ("global_avg_pool2d", "", "2x8x9x4", "2x1x1x4"),
    ("global_avg_pool2d", "", "2x8x4", "2x1x4"),
    ("upsample2d", "", "2x8x9x4", "2x16x18x4"),
    ("upsample2d", 'scale_factor = array<i32: 2, 1>, mode = "bilinear"', "2x8x?x4", "2x16x9x4"),
    ("batch_norm_inference", "", "2x3x4 3 3 3 3", "2x3x4"),
    ("batch_norm_inference", "dimension = 3 : i32", "2x3x4x5 1x1x1x5 5 ? 5", "2x3x4x5"),
    ("batch_norm_training", "", "2x3 3 3 3 3", "2x3 3 1x3"),
    ("group_norm", "", "2x3x4x6", "2x3x4x6"),
    ("group_norm", "operandSegmentSizes = array<i32: 1, 1, 1, 1>", "1x1x9x6 1x2x32x32 6 6", "1x1x9x6"),
    ("group_norm", "channel_dim = 1 : i64", "2x6x3x4x5", "2x6x3x4x5"),
]


def pooling(op: str, more: str) -> list[tuple[str, str, str, str, str]]:
    """The conditions that all poolings share; `more` is appended to the results."""
    x, y = "1x8x9x4", f"1x7x8x4{more}"
    return [
        (op, "", "8x9x4", y, "operand 'input' has the shape (8, 9, 4), expected rank 4"),
        (op, "", x, f"7x8x4{more}", "the result has the shape (7, 8, 4), expected rank 4"),
        (op, "kernel = 0 : i32", x, y, "attribute 'kernel' is 0, expected values >= 1"),
        (op, "kernel = array<i32: 1, 2, 3>", x, y, "'kernel' is [1, 2, 3], expected an integer or 2 of them"),
        (op, "stride = array<i32: 1, 0>", x, y, "attribute 'stride' is [1, 0], expected values >= 1"),
        (op, "stride = array<i32: 1>", x, y, "attribute 'stride' is [1], expected an integer or 2 of them"),
        (op, "dilation = 0 : i32", x, y, "attribute 'dilation' is 0, expected values >= 1"),
        (op, "dilation = array<i32: 1>", x, y, "attribute 'dilation' is [1], expected an integer or 2 of them"),
        (op, "padding = array<i32: 0, 0, -1, 0>", x, y, "attribute 'padding' is [0, 0, -1, 0], expected values >= 0"),
        (op, "padding = array<i32: 0, 0, 1>", x, y, "'padding' is [0, 0, 1], expected an integer, 2 or 4 of them"),
        (op, "kernel = 9 : i32", x, y, "the kernel has the effective size (9, 9), expected at most that of the padded"),
        (op, "", x, f"2x7x8x4{more}", "expected 1 as the batch size"),
        (op, "", x, f"1x7x8x5{more}", "expected 4 as the number of channels"),
        (op, "", x, f"1x8x8x5{more}", "expected 4 as the number of channels"),
        (op, "", x, f"1x8x8x4{more}", "expected 7 as the height"),
        (op, "", x, f"1x7x9x4{more}", "expected 8 as the width"),
        (op, "stride = 3 : i32, ceil_mode = true", x, f"1x2x4x4{more}", "expected 3 as the height"),
        (
            op,
            f"flattened_compat_info = {FLAT.format(2, 4, 5)}",
            "1x1x41x3",
            f"1x1x24x3{more}",
            "operand 'input' has the flattened dimension 41, expected 40",
        ),
        (
            op,
            f"flattened_compat_info = {FLAT.format(2, 4, 5)}",
            "1x1x40x3",
            f"1x1x25x3{more}",
            "expected 24 as the flattened dimension",
        ),
        (
            op,
            f"flattened_compat_info = {FLAT.format(2, 4, 5)}",
            "1x1x40x3",
            f"1x1x24x4{more}",
            "expected 3 as the number of channels",
        ),
    ]


POOLINGS = [
    *pooling("avg_pool2d", ""),
    *pooling("max_pool2d", ""),
    *pooling("max_pool2d_with_indices", " 1x7x8x4xi32"),
    (
        "max_pool2d_with_indices",
        "",
        "1x8x9x4",
        "1x7x8x4 1x7x7x4xi32",
        "the result 'result_indices' has the shape (1, 7, 7, 4), expected (1, 7, 8, 4), that of 'result'",
    ),
    (
        "max_pool2d_with_indices",
        "",
        "1x8x9x4",
        "1x7x8x4 1x7x8x4",
        "the result 'result_indices' has the element type f32, expected an integer type",
    ),
    ("global_avg_pool2d", "", "64", "1x1x1x64", "operand 'input' has the shape (64,), expected at least 2 dimensions"),
    ("global_avg_pool2d", "", "2x8x9x4", "1x1x1x4", "expected 2 as the batch size, that of 'input'"),
    ("global_avg_pool2d", "", "2x8x9x4", "2x1x1x5", "expected 4 as the number of channels, that of 'input'"),
    ("global_avg_pool2d", "", "2x8x9x4", "2x8x1x4", "expected 1 as the extent of dimension 1"),
    ("global_avg_pool2d", "", "2x8x9x4", "2x1x9x4", "expected 1 as the extent of dimension 2"),
    ("global_avg_pool2d", "", "2x8x9x4", "2x4", "the result has the shape (2, 4), expected rank 4"),
]
OTHERS = [
    ("upsample2d", "", "8x9x4", "16x18x4", "operand 'input' has the shape (8, 9, 4), expected rank 4"),
    ("upsample2d", "", "2x8x9x4", "16x18", "the result has the shape (16, 18), expected rank 4"),
    (
        "upsample2d",
        "scale_factor = array<i32: 1, 1, 1>",
        "2x8x9x4",
        "2x8x9x4",
        "attribute 'scale_factor' is [1, 1, 1], expected an integer or a pair of them",
    ),
    ("upsample2d", "scale_factor = 0 : si32", "2x8x9x4", "2x8x9x4", "'scale_factor' is [0, 0], expected values >= 1"),
    ("upsample2d", "scale_factor = array<i32: 1, -1>", "2x8x9x4", "2x8x9x4", "is [1, -1], expected values >= 1"),
    ("upsample2d", "", "2x8x9x4", "3x16x18x4", "expected 2 as the batch size"),
    ("upsample2d", "", "2x8x9x4", "2x17x18x4", "expected 16 as the height"),
    ("upsample2d", "", "2x8x9x4", "2x16x17x4", "expected 18 as the width"),
    ("upsample2d", "", "2x8x9x4", "2x16x18x5", "expected 4 as the number of channels"),
    (
        "upsample2d",
        'mode = "x"',
        "2x8x9x4",
        "2x16x18x4",
        "attribute 'mode' is 'x', expected one of 'nearest', 'bilinear'",
    ),
    (
        "batch_norm_inference",
        "",
        "2 2 2 2 2",
        "2",
        "operand 'operand' has the shape (2,), expected a rank between 2 and 5",
    ),
    ("batch_norm_inference", "", "1x1x1x1x1x2 1 1 1 1", "1x1x1x1x1x2", "expected a rank between 2 and 5"),
    (
        "batch_norm_inference",
        "dimension = 2 : i32",
        "2x3 3 3 3 3",
        "2x3",
        "attribute 'dimension' is 2, expected a value in [0, 2) for rank 2",
    ),
    ("batch_norm_inference", "dimension = -1 : i32", "2x3 3 3 3 3", "2x3", "attribute 'dimension' is -1, expected"),
    (
        "batch_norm_inference",
        "",
        "2x3x4 4 3 3 3",
        "2x3x4",
        "operand 'scale' has the shape (4,), expected (3,), the channels of 'operand', or (1, 3, 1)",
    ),
    ("batch_norm_inference", "", "2x3x4 3 4 3 3", "2x3x4", "operand 'offset' has the shape (4,), expected (3,)"),
    ("batch_norm_inference", "", "2x3x4 3 3 4 3", "2x3x4", "operand 'mean' has the shape (4,), expected (3,)"),
    ("batch_norm_inference", "", "2x3x4 3 3 3 1x1x3", "2x3x4", "operand 'variance' has the shape (1, 1, 3), expected"),
    ("batch_norm_inference", "", "2x3x4 3 3 3 3", "2x3x5", "the result has the shape (2, 3, 5), expected (2, 3, 4)"),
    ("batch_norm_training", "", "2 2 2 2 2", "2 2 2", "expected a rank between 2 and 5"),
    (
        "batch_norm_training",
        "dimension = 3 : i32",
        "2x3x4 3 3 3 3",
        "2x3x4 3 3",
        "'dimension' is 3, expected a value in",
    ),
    (
        "batch_norm_training",
        "",
        "2x3x4 3 3 4 3",
        "2x3x4 3 3",
        "operand 'running_mean' has the shape (4,), expected (3,)",
    ),
    (
        "batch_norm_training",
        "",
        "2x3x4 3 3 3 4",
        "2x3x4 3 3",
        "operand 'running_variance' has the shape (4,), expected",
    ),
    ("batch_norm_training", "", "2x3x4 3 3 3 3", "2x3x5 3 3", "the result has the shape (2, 3, 5), expected (2, 3, 4)"),
    (
        "batch_norm_training",
        "",
        "2x3x4 3 3 3 3",
        "2x3x4 4 3",
        "the result 'batch_mean' has the shape (4,), expected (3,)",
    ),
    (
        "batch_norm_training",
        "",
        "2x3x4 3 3 3 3",
        "2x3x4 3 4",
        "the result 'batch_variance' has the shape (4,), expected",
    ),
    ("group_norm", "", "2x3x4x6", "2x3x4x7", "the result has the shape (2, 3, 4, 7), expected (2, 3, 4, 6)"),
    ("group_norm", "", "2x3x4", "2x3x4", "operand 'input' has the shape (2, 3, 4), expected rank >= 4"),
    (
        "group_norm",
        "num_groups = 0 : i64",
        "2x3x4x6",
        "2x3x4x6",
        "attribute 'num_groups' is 0, expected a positive value",
    ),
    (
        "group_norm",
        "num_groups = 4 : i64",
        "2x3x4x6",
        "2x3x4x6",
        "attribute 'num_groups' is 4, expected a divisor of the 6 channels of 'input'",
    ),
    (
        "group_norm",
        "channel_dim = 4 : i64",
        "2x3x4x6",
        "2x3x4x6",
        "attribute 'channel_dim' is 4, expected a value in [0, 4) for rank 4",
    ),
    (
        "group_norm",
        "channel_dim = -1 : i64",
        "2x3x4x6",
        "2x3x4x6",
        "attribute 'channel_dim' is -1, expected a value in",
    ),
    (
        "group_norm",
        "operandSegmentSizes = array<i32: 1, 0, 1, 0>",
        "2x3x4x6 1x6",
        "2x3x4x6",
        "operand 'weight' has the shape (1, 6), expected (6,), the channels of 'input'",
    ),
    (
        "group_norm",
        "operandSegmentSizes = array<i32: 1, 0, 0, 1>",
        "2x3x4x6 5",
        "2x3x4x6",
        "operand 'bias' has the shape (5,), expected (6,)",
    ),
]
RULES = [*POOLINGS, *OTHERS]


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
    ("op", "changes"), [("avg_pool2d", "kernel = [2 : i32, 2 : i32]"), ("upsample2d", "scale_factor = 2 : i32")]
)
def test_attribute_of_another_kind_is_refused(parse_op: ParseOp, op: str, changes: str) -> None:
    with pytest.raises(VerifyException):
        parse_op(op, DEFAULTS[op], changes, "1x8x9x4", "1x7x8x4").verify()
