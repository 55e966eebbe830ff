"""Properties without a meaning to the op are kept beside those that have one."""

from __future__ import annotations

import pytest

from tilewright.dialects.text import SourceError, parse_module, print_module
from tilewright.stages import make_context


def printed(text: str) -> str:
    """The module, printed, of a function of `%a` and `%w`; it reads back as itself."""
    source = f"func.func @f(%a: tensor<2x3xf32>, %w: tensor<3xf32>) {{\n  {text}\n  return\n}}\n"
    module = parse_module(source, make_context())
    text = print_module(module)
    assert parse_module(text, make_context()).is_structurally_equivalent(module)
    return text


@pytest.mark.parametrize(
    ("op", "expected"),
    [
        ('"ttir.neg"(%a) <{dtype = bf16}>', '"ttir.neg"(%a) {dtype = bf16} :'),
        ('"ttir.neg"(%a) <{b = 1 : i32, a = true}> {c}', '"ttir.neg"(%a) {c, b = 1 : i32, a = true} :'),
        ('"ttir.neg"(%a) <{old = 1 : i32}> {old = 2 : i32}', '"ttir.neg"(%a) {old = 2 : i32} :'),
        (
            '"ttir.neg"(%a) <{operandSegmentSizes = array<i32: 1, 1>}>',
            '"ttir.neg"(%a) {operandSegmentSizes = array<i32: 1, 1>} :',
        ),
        (
            '"ttir.softmax"(%a) <{dimension = 1 : si32, numericStable = false, old}>',
            '"ttir.softmax"(%a) <{dimension = 1 : si32, numericStable = false}> {old} :',
        ),
    ],
)
def test_unknown_properties_become_attributes(op: str, expected: str) -> None:
    assert expected in printed(f"%r = {op} : (tensor<2x3xf32>) -> tensor<2x3xf32>")


def test_sizes_of_segments_stay_properties() -> None:
    op = '"ttir.rms_norm"(%a, %w) <{normalized_shape = array<i64: 3>, operandSegmentSizes = array<i32: 1, 1, 0>}>'

    text = printed(f"%r = {op} : (tensor<2x3xf32>, tensor<3xf32>) -> tensor<2x3xf32>")

    assert "<{normalized_shape = array<i64: 3>, operandSegmentSizes = array<i32: 1, 1, 0>, " in text


def test_properties_of_other_dialects_are_refused() -> None:
    with pytest.raises(SourceError, match="property 'old' is not defined"):
        printed('"func.call"(%a) <{callee = @f, old = 1 : i32}> : (tensor<2x3xf32>) -> ()')
