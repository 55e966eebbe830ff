"""Every condition of the ops that move elements: who breaks one is refused with its message."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from xdsl.utils.exceptions import VerifyException

VerifyOp = Callable[[str, str, str], None]


def integers(kind: str, **values: int) -> str:
    return "<{" + ", ".join(f"{name} = {value} : {kind}" for name, value in values.items()) + "}>"


def pattern(text: str) -> str:
    return f'rearrange <{{pattern = "{text}"}}>'


def select(**values: int) -> str:
    return f"index_select {integers('si32', **values)}"


def index(dim: int, begin: int, end: int, step: int) -> str:
    return f"index {integers('i32', dim=dim, begin=begin, end=end, step=step)}"


REPETITION = [
    (
        "repeat <{repeat_dimensions = array<i64: 2>}>",
        "tensor<2x3xf32>",
        "tensor<4x3xf32>",
        "attribute 'repeat_dimensions' is [2], expected 2 values, the rank of 'input' with the shape (2, 3)",
    ),
    (
        "repeat <{repeat_dimensions = array<i64: 2, 0>}>",
        "tensor<2x3xf32>",
        "tensor<4x0xf32>",
        "attribute 'repeat_dimensions' is 0 at 1, expected a value >= 1",
    ),
    (
        "repeat <{repeat_dimensions = array<i64: 2, 1>}>",
        "tensor<2x3xf32>",
        "tensor<2x3xf32>",
        "the result has the shape (2, 3), expected (4, 3)",
    ),
    (
        "repeat_interleave <{repeats = 2 : ui32, dim = 0 : si32}>",
        "tensor<f32>",
        "tensor<2xf32>",
        "operand 'input' has the shape (), expected rank >= 1",
    ),
    (
        "repeat_interleave <{repeats = 0 : ui32, dim = 0 : si32}>",
        "tensor<3xf32>",
        "tensor<0xf32>",
        "attribute 'repeats' is 0, expected a value >= 1",
    ),
    (
        "repeat_interleave <{repeats = 2 : ui32, dim = -3 : si32}>",
        "tensor<2x3xf32>",
        "tensor<4x3xf32>",
        "attribute 'dim' is -3, expected a value in [-2, 2) for rank 2",
    ),
    (
        "repeat_interleave <{repeats = 2 : ui32, dim = -1 : si32}>",
        "tensor<2x3xf32>",
        "tensor<4x3xf32>",
        "the result has the shape (4, 3), expected (2, 6)",
    ),
]

REARRANGE = [
    (pattern("a b"), "tensor<2x3xf32>", "tensor<3x2xf32>", "attribute 'pattern' is \"a b\", expected one '->'"),
    (pattern("a -> b -> a"), "tensor<2xf32>", "tensor<2xf32>", "expected one '->'"),
    (pattern("a ... -> ... a"), "tensor<2x3xf32>", "tensor<3x2xf32>", "expected names and parentheses, found '.'"),
    (pattern("a b -> (a b"), "tensor<2x3xf32>", "tensor<6xf32>", "expected parentheses in pairs"),
    (pattern("a b -> a b)"), "tensor<2x3xf32>", "tensor<6xf32>", "expected parentheses in pairs"),
    (pattern("a b -> ((a b))"), "tensor<2x3xf32>", "tensor<6xf32>", "expected parentheses in pairs"),
    (pattern("a b -> a b ()"), "tensor<2x3xf32>", "tensor<2x3x1xf32>", "expected a name in each pair of parentheses"),
    (
        pattern("a (h w) -> a h w"),
        "tensor<2x6xf32>",
        "tensor<2x2x3xf32>",
        "expected one name a dimension before '->', as the op has no lengths to split a dimension by",
    ),
    (pattern("a a -> a"), "tensor<2x2xf32>", "tensor<2xf32>", "expected each name once before and once after '->'"),
    (pattern("a b -> a"), "tensor<2x3xf32>", "tensor<2xf32>", "expected each name once before and once after '->'"),
    (pattern("a -> a b"), "tensor<2xf32>", "tensor<2x1xf32>", "expected each name once before and once after '->'"),
    (
        pattern("a b -> b a"),
        "tensor<2x3x4xf32>",
        "tensor<3x2x4xf32>",
        "expected 3 names before '->', the rank of 'input' with the shape (2, 3, 4)",
    ),
    (
        pattern("a b c -> c (b a)"),
        "tensor<2x3x4xf32>",
        "tensor<4x5xf32>",
        "the result has the shape (4, 5), expected (4, 6)",
    ),
]

PAD = [
    (
        "pad <{padding = array<i32: 1, 1>, value = 0.0 : f32}>",
        "tensor<2x3xf32>",
        "tensor<4x3xf32>",
        "attribute 'padding' is [1, 1], expected 4 values, two for each dimension of 'input' with the shape (2, 3)",
    ),
    (
        "pad <{padding = array<i32: 1, -4>, value = 0.0 : f32}>",
        "tensor<2xf32>",
        "tensor<0xf32>",
        "attribute 'padding' is [1, -4] for dimension 0, expected to take no more than the extent 2",
    ),
    (
        "pad <{padding = array<i32: 1, 2>, value = 0.0 : f32}>",
        "tensor<2xf32>",
        "tensor<4xf32>",
        "the result has the shape (4,), expected (5,)",
    ),
]

REVERSE = [
    (
        "reverse <{dimensions = array<i64: 0, 0>}>",
        "tensor<32x64xf32>",
        "tensor<32x64xf32>",
        "attribute 'dimensions' is [0, 0], expected each dimension once",
    ),
    (
        "reverse <{dimensions = array<i64: 0, -1>}>",
        "tensor<32x64xf32>",
        "tensor<32x64xf32>",
        "attribute 'dimensions' has -1, expected values in [0, 2)",
    ),
    (
        "reverse <{dimensions = array<i64: 2>}>",
        "tensor<32x64xf32>",
        "tensor<32x64xf32>",
        "attribute 'dimensions' has 2, expected values in [0, 2)",
    ),
    ("reverse <{dimensions = array<i64: 0>}>", "tensor<2xf32>", "tensor<3xf32>", "shape (3,), expected (2,)"),
]

X = "tensor<10x3x128x64xbf16>"
INDEX = [
    (index(0, 0, 0, 1), "tensor<bf16>", "tensor<1xbf16>", "operand 'input' has the shape (), expected rank >= 1"),
    (index(3, 0, 0, 1), "tensor<3x4x5xbf16>", "tensor<3x4x5xbf16>", "'dim' is 3, expected a value in [0, 3)"),
    (index(-1, 0, 2, 1), "tensor<3x4xbf16>", "tensor<3x2xbf16>", "'dim' is -1, expected a value in [0, 2)"),
    (index(1, 0, 2, 1), "tensor<3x4xbf16>", "tensor<3x2xf32>", "element type f32, expected bf16, that of 'input'"),
    (index(0, 0, 2, 1), "tensor<3x4xbf16>", "tensor<2x4x1xbf16>", "shape (2, 4, 1), expected (2, 4)"),
    (index(1, 3, 3, 1), X, "tensor<10x1x128x64xbf16>", "attribute 'begin' is 3, expected a value in [-3, 3)"),
    (index(2, -129, 64, 1), X, X, "attribute 'begin' is -129, expected a value in [-128, 128)"),
    (index(1, 0, 4, 1), X, X, "attribute 'end' is 4, expected a value in [-3, 3]"),
    (index(1, -1, -4, -1), X, X, "attribute 'end' is -4, expected a value in [-3, 3]"),
    (index(1, -1, -3, 0), X, X, "attribute 'step' is 0, expected another value"),
    (index(2, 2, 0, 1), X, X, "attribute 'end' is 0, expected at least the begin 2, as the step is 1"),
    (index(3, 0, 64, -1), X, X, "attribute 'end' is 64, expected at most the begin 0, as the step is -1"),
    (index(3, 0, 64, 4), X, "tensor<10x3x128x32xbf16>", "shape (10, 3, 128, 32), expected (10, 3, 128, 16)"),
    (
        select(dim=2, begin=0, length=1, stride=1),
        "tensor<3x4xf32>",
        "tensor<3x4xf32>",
        "attribute 'dim' is 2, expected a value in [-2, 2)",
    ),
    (
        select(dim=1, begin=0, length=1, stride=-1),
        "tensor<3x4xf32>",
        "tensor<3x4xf32>",
        "attribute 'stride' is -1, expected a value in [0, 4]",
    ),
    (select(dim=1, begin=0, length=1, stride=5), "tensor<3x4xf32>", "tensor<3x1xf32>", "attribute 'stride' is 5"),
    (
        select(dim=1, begin=4, length=1, stride=1),
        "tensor<3x4xf32>",
        "tensor<3x1xf32>",
        "attribute 'begin' is 4, expected a value in [0, 4)",
    ),
    (select(dim=1, begin=-1, length=1), "tensor<3x4xf32>", "tensor<3x1xf32>", "attribute 'begin' is -1"),
    (
        select(dim=1, begin=0, length=0),
        "tensor<3x4xf32>",
        "tensor<3x0xf32>",
        "attribute 'length' is 0, expected a value in [1, 4]",
    ),
    (
        select(dim=1, begin=0, length=3, stride=2),
        "tensor<3x4xf32>",
        "tensor<3x3xf32>",
        "attribute 'length' is 3, expected a value in [1, 2], as the stride is 2, the begin 0 and the extent 4",
    ),
    (
        select(dim=1, begin=3, length=2),
        "tensor<3x4xf32>",
        "tensor<3x2xf32>",
        "attribute 'length' is 2, expected a value in [1, 1]",
    ),
    (
        select(dim=-1, begin=0, length=2, stride=3),
        "tensor<3x5xf32>",
        "tensor<3x3xf32>",
        "the result has the shape (3, 3), expected (3, 4)",
    ),
    (select(dim=0, begin=0, length=3), "tensor<3xf32>", "tensor<2x2xf32>", "shape (2, 2), expected (3,)"),
    (select(dim=0, begin=0, length=3), "tensor<3xf32>", "tensor<3xbf16>", "element type bf16, expected f32"),
]

BOUNDS = "tensor<2xi32>; tensor<2xi32>"
SLICE_DYNAMIC = [
    ("slice_dynamic", "tensor<f32>; tensor<0xi32>; tensor<0xi32>", "tensor<f32>", "'input' has the shape (), expected"),
    (
        "slice_dynamic",
        "tensor<4x4xf32>; tensor<2x1xi32>; tensor<2xi32>",
        "tensor<2x2xf32>",
        "operand 'begins' has the shape (2, 1), expected (2,), the rank of 'input' with the shape (4, 4)",
    ),
    (
        "slice_dynamic",
        "tensor<4x4xf32>; tensor<2xi32>; tensor<3xi32>",
        "tensor<2x2xf32>",
        "operand 'ends' has the shape (3,), expected (2,)",
    ),
    (
        "slice_dynamic <{step = [1 : i32]}>",
        f"tensor<4x4xf32>; {BOUNDS}",
        "tensor<2x2xf32>",
        "attribute 'step' is [1], expected 2 values",
    ),
    (
        "slice_dynamic <{step = [1 : i32, 0 : i32]}>",
        f"tensor<4x4xf32>; {BOUNDS}",
        "tensor<2x2xf32>",
        "attribute 'step' is 0 at 1, expected another value",
    ),
    ("slice_dynamic", f"tensor<4x4xf32>; {BOUNDS}", "tensor<2x2xbf16>", "element type bf16, expected f32"),
    (
        "slice_dynamic",
        f"tensor<4x4xf32>; {BOUNDS}",
        "tensor<2xf32>",
        "the result has rank 1, expected 2, that of 'input'",
    ),
]

RULES = [*REPETITION, *REARRANGE, *PAD, *REVERSE, *INDEX, *SLICE_DYNAMIC]


@pytest.mark.parametrize(("op", "operands", "result", "message"), RULES)
def test_broken_rule_is_reported(verify_op: VerifyOp, op: str, operands: str, result: str, message: str) -> None:
    with pytest.raises(VerifyException) as raised:
        verify_op(op, operands, result)

    text = str(raised.value)
    assert text.startswith(f"ttir.{op.split(maxsplit=1)[0]}: ")
    assert message in text


KEPT = [
    ("repeat <{repeat_dimensions = array<i64: 2, 1>}>", "tensor<2x3xf32>", "tensor<4x3xf32>"),
    ("repeat_interleave <{repeats = 2 : ui32, dim = -1 : si32}>", "tensor<2x3xf32>", "tensor<2x6xf32>"),
    (pattern("b  c (h) w->(w h) c b"), "tensor<2x3x4x5xf32>", "tensor<20x3x2xf32>"),
    (pattern(" -> "), "tensor<f32>", "tensor<f32>"),
    ("pad <{padding = array<i32: 1, -2, 0, 3>, value = 0.0 : f32}>", "tensor<2x3xf32>", "tensor<1x6xf32>"),
    ("pad <{padding = array<i32>, value = 0.0 : f32}>", "tensor<f32>", "tensor<f32>"),
    ("reverse <{dimensions = array<i64: 1, 0>}>", "tensor<2x3xf32>", "tensor<2x3xf32>"),
    ("reverse <{dimensions = array<i64>}>", "tensor<2x3xf32>", "tensor<2x3xf32>"),
    (index(1, -1, 0, -2), "tensor<3x4xf32>", "tensor<3x2xf32>"),
    (index(1, 2, 2, 1), "tensor<3x4xf32>", "tensor<3x0xf32>"),
    (select(dim=-2, begin=0, length=2, stride=32), "tensor<10x3x128x64xf32>", "tensor<10x3x8x64xf32>"),
    (select(dim=1, begin=1, length=2, stride=3), "tensor<3x5xf32>", "tensor<3x3xf32>"),
    ("slice_dynamic", f"tensor<4x4xf32>; {BOUNDS}", "tensor<2x3xf32>"),
    ("slice_dynamic <{step = [2 : i32, -1 : i32]}>", f"tensor<4x4xf32>; {BOUNDS}", "tensor<?x3xf32>"),
]

DYNAMIC = [
    ("reshape <{shape = [-1 : i32, 4 : i32]}>", "tensor<?x2x4xf32>", "tensor<?x4xf32>"),
    ("reshape <{shape = [6 : i32, 4 : i32]}>", "tensor<?x2x4xf32>", "tensor<6x4xf32>"),
    ("reshape <{shape = [-1 : i32, 0 : i32]}>", "tensor<0x4xf32>", "tensor<7x0xf32>"),
    ("permute <{permutation = array<i64: 1, 0>}>", "tensor<?x4xf32>", "tensor<4x?xf32>"),
    ("transpose <{dim0 = 0 : si32, dim1 = 1 : si32}>", "tensor<?x4xf32>", "tensor<4x8xf32>"),
    ("squeeze <{dim = 0 : si32}>", "tensor<?x4xf32>", "tensor<4xf32>"),
    ("unsqueeze <{dim = 0 : si32}>", "tensor<?x4xf32>", "tensor<1x?x4xf32>"),
    ("broadcast <{broadcast_dimensions = array<i64: 3, 1>}>", "tensor<?x4xf32>", "tensor<3x4xf32>"),
    ("repeat <{repeat_dimensions = array<i64: 3, 2>}>", "tensor<?x4xf32>", "tensor<?x8xf32>"),
    ("repeat_interleave <{repeats = 3 : ui32, dim = 0 : si32}>", "tensor<?x4xf32>", "tensor<12x4xf32>"),
    ("concat <{dim = 0 : si32}>", "tensor<?x4xf32>; tensor<3x?xf32>", "tensor<?x4xf32>"),
    ("concat <{dim = 1 : si32}>", "tensor<?x4xf32>; tensor<3x5xf32>", "tensor<3x9xf32>"),
    (pattern("a b c -> (a c) b"), "tensor<?x4x2xf32>", "tensor<6x4xf32>"),
    ("pad <{padding = array<i32: 1, -9>, value = 0.0 : f32}>", "tensor<?xf32>", "tensor<?xf32>"),
    ("reverse <{dimensions = array<i64: 0>}>", "tensor<?xf32>", "tensor<?xf32>"),
    ("slice_static <{begins = [1 : i32], ends = [9 : i32], step = [2 : i32]}>", "tensor<?xf32>", "tensor<4xf32>"),
    ("slice_static <{begins = [1 : i32], ends = [-1 : i32], step = [1 : i32]}>", "tensor<?xf32>", "tensor<5xf32>"),
    (index(0, -3, -1, 1), "tensor<?xf32>", "tensor<2xf32>"),
    (select(dim=0, begin=0, length=2, stride=4), "tensor<?xf32>", "tensor<6xf32>"),
]


@pytest.mark.parametrize(("op", "operands", "result"), [*KEPT, *DYNAMIC])
def test_kept_rules_pass(verify_op: VerifyOp, op: str, operands: str, result: str) -> None:
    verify_op(op, operands, result)
