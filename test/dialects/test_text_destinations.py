"""Destination operands of old files go where the definition has no place for them, and nowhere else."""

from __future__ import annotations

import pytest

from tilewright.dialects.text import SourceError, parse_module, print_module
from tilewright.stages import make_context

T = "tensor<2x3xf32>"


def body(text: str) -> str:
    """The module, printed, of a function of `%a` and `%b`."""
    source = f"func.func @f(%a: {T}, %b: {T}) {{\n  %e = ttir.empty() : {T}\n  {text}\n  return\n}}\n"
    return print_module(parse_module(source, make_context()))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (f'"ttir.exp"(%a, %e) : ({T}, {T}) -> {T}', f'"ttir.exp"(%a) : ({T}) -> {T}'),
        (f'"ttir.add"(%a, %b, %e) : ({T}, {T}, {T}) -> {T}', f'"ttir.add"(%a, %b) : ({T}, {T}) -> {T}'),
        (
            '"ttir.rms_norm"(%a, %w, %e) <{normalized_shape = array<i64: 3>, '
            f"operandSegmentSizes = array<i32: 1, 1, 0, 1>}}> : ({T}, tensor<3xf32>, {T}) -> {T}",
            "operandSegmentSizes = array<i32: 1, 1, 0>",
        ),
    ],
)
def test_destinations_are_dropped(old: str, new: str) -> None:
    prefix = '%w = "ttir.ones"() <{shape = array<i32: 3>}> : () -> tensor<3xf32>\n  %r = '

    assert new in body(prefix + old)


def test_an_empty_tensor_in_its_place_is_kept() -> None:
    op = f'"ttir.add"(%a, %e) : ({T}, {T}) -> {T}'

    assert op in body(f"%r = {op}")


@pytest.mark.parametrize(
    "text",
    [
        f'%r = "ttir.exp"(%a, %b) : ({T}, {T}) -> {T}',
        f'%x = ttir.empty() : tensor<3xf32>\n  %r = "ttir.exp"(%a, %x) : ({T}, tensor<3xf32>) -> {T}',
        f'%r = "ttir.exp"(%a, %b, %e) : ({T}, {T}, {T}) -> {T}',
    ],
)
def test_other_operands_are_refused(text: str) -> None:
    with pytest.raises(SourceError, match="operand"):
        body(text)
