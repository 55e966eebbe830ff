"""Tensor literals: one element for a splat, every element type, hexadecimal, and what is no literal."""

from __future__ import annotations

import math
import struct
import time
import tracemalloc
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from xdsl.dialects.builtin import (
    AnyFloat,
    ComplexType,
    DenseIntOrFPElementsAttr,
    IndexType,
    IntegerType,
    Signedness,
    TensorType,
    bf16,
    f4E2M1FN,
    f6E3M2FN,
    f8E4M3FN,
    f8E5M2,
    f16,
    f32,
    f64,
    i1,
    i8,
    i32,
    tf32,
)
from xdsl.ir import Attribute
from xdsl.parser import Parser
from xdsl.utils.exceptions import ParseError

from tilewright.dialects.text import SourceError, dense_splat, parse_module, print_module
from tilewright.dialects.text.elements import elements_of
from tilewright.stages import make_context

CONTEXT = make_context()

TYPES: Sequence[Attribute] = (
    i1, IntegerType(4), i8, IntegerType(16), i32, IntegerType(64), IntegerType(12), IntegerType(24), IntegerType(33),
    IntegerType(8, Signedness.UNSIGNED), IntegerType(64, Signedness.UNSIGNED), IntegerType(3, Signedness.UNSIGNED),
    IntegerType(32, Signedness.SIGNED), IndexType(), bf16, f16, f32, f64, tf32, f8E4M3FN, f8E5M2, f6E3M2FN, f4E2M1FN,
    ComplexType(f32), ComplexType(i8),
)  # fmt: skip


def parse(literal: str, type: str) -> DenseIntOrFPElementsAttr:
    module = parse_module(f'"builtin.module"() ({{ ^bb0: }}) {{a = {literal} : {type}}} : () -> ()', CONTEXT, "f.mlir")
    found = module.attributes["a"]
    assert isinstance(found, DenseIntOrFPElementsAttr)
    again = parse_module(print_module(module), CONTEXT, "f.mlir")
    assert again.attributes["a"] == found, print_module(module)
    return found


def printed(attribute: Attribute) -> str:
    """What follows the name in a module's attributes."""
    module = parse_module("module {}", CONTEXT)
    module.attributes["a"] = attribute
    _, _, text = print_module(module).partition("{a = ")
    return text.rpartition("} {")[0]


@pytest.mark.parametrize(
    ("literal", "type", "expected"),
    [
        ("dense<1>", "tensor<2x3xi32>", (1,)),
        ("dense<[[1, 2], [-3, 4]]>", "tensor<2x2xi8>", (1, 2, -3, 4)),
        ("dense<[[5, 5], [5, 5]]>", "tensor<2x2xi8>", (5,)),
        ("dense<true>", "tensor<4xi1>", (-1,)),
        ("dense<[true, false]>", "tensor<2xi1>", (-1, 0)),
        ("dense<[1, 0]>", "tensor<2xi1>", (-1, 0)),
        ("dense<[0x10, - 5]>", "tensor<2xi32>", (16, -5)),
        ("dense<[255, 128]>", "tensor<2xui8>", (255, 128)),
        ("dense<[255, 128]>", "tensor<2xi8>", (-1, -128)),
        ("dense<[7, -8]>", "tensor<2xi4>", (7, -8)),
        ("dense<[1,\n// a comment, with ] and >\n 2]>", "tensor<2xindex>", (1, 2)),
        ("dense<>", "tensor<0xf32>", ()),
        ("dense<[]>", "tensor<0xf32>", ()),
        ("dense<[[], []]>", "tensor<2x0xi32>", ()),
        ("dense<1.0>", "tensor<0xf32>", ()),
        ("dense<3.0>", "tensor<bf16>", (3.0,)),
        ("dense<[1.0, -0.5]>", "vector<2xf16>", (1.0, -0.5)),
        ("dense<[1.0, 1.0e39]>", "tensor<2xf32>", (1.0, math.inf)),
        ("dense<[1.5, 4.0]>", "tensor<2xf8E4M3FN>", (1.5, 4.0)),
        ("dense<0x3FC0>", "tensor<9xbf16>", (1.5,)),
        ("dense<(1.0, 2.0)>", "tensor<4xcomplex<f32>>", ((1.0, 2.0),)),
        ("dense<[(1, 2), (3, -4)]>", "tensor<2xcomplex<i32>>", ((1, 2), (3, -4))),
        ('dense<"0x0000803F">', "tensor<5xf32>", (1.0,)),
        ('dense<"0x0000803F00000040">', "tensor<2xf32>", (1.0, 2.0)),
        ('dense<"0x0001010001">', "tensor<5xi1>", (0, -1, -1, 0, -1)),
        ('dense<"0x1A00">', "tensor<9xi1>", (0, -1, 0, -1, -1, 0, 0, 0, 0)),
        ('dense<"0x0F01">', "tensor<2xi4>", (-1, 1)),
        ('dense<"0xFFFFFF010000">', "tensor<2xi24>", (-1, 1)),
    ],
)
def test_literal(literal: str, type: str, expected: tuple[object, ...]) -> None:
    assert parse(literal, type).get_values() == expected


@pytest.mark.parametrize(
    ("literal", "type"),
    [
        ("dense<0.000000e+00>", "tensor<2xf32>"),
        ("dense<true>", "tensor<2xi1>"),
        ("dense<[true, false]>", "tensor<2xi1>"),
        ("dense<0x7FC0>", "tensor<2xbf16>"),
        ("dense<[0x7F800001, 0xFF800000, -0.000000e+00]>", "tensor<3xf32>"),
        ("dense<[0x7FF0000000000001, 1.000000e+00]>", "tensor<2xf64>"),
        ("dense<[0xFE01, 0x7C00]>", "tensor<2xf16>"),
        ("dense<[[1], [2]]>", "tensor<2x1xi64>"),
        ("dense<>", "tensor<0x4xf32>"),
        ("dense<(0x7FC00000,-1.000000e+00)>", "tensor<2xcomplex<f32>>"),
    ],
)
def test_text_is_the_same(literal: str, type: str) -> None:
    assert printed(parse(literal, type)) == f"{literal} : {type}"


def test_zeros_of_different_signs_are_no_splat() -> None:
    assert parse("dense<[0.0, -0.0]>", "tensor<2xf32>").data.data == struct.pack("<2f", 0.0, -0.0)


def test_expanded_splat_prints_as_one_element() -> None:
    expanded = DenseIntOrFPElementsAttr.from_list(TensorType(f32, [100]), [1.0])
    assert len(expanded) == 100
    assert printed(expanded) == "dense<1.000000e+00> : tensor<100xf32>"
    assert parse("dense<1.0>", "tensor<100xf32>") == dense_splat(expanded.type, f32.pack([1.0]))


def test_large_splat_is_one_element() -> None:
    text = 'module attributes {a = dense<0.5> : tensor<10000x10000xf32>, b = dense<"0x01"> : tensor<100000000xi8>} {}'
    parse_module(text, CONTEXT)
    tracemalloc.start()
    try:
        start = time.process_time()
        out = print_module(parse_module(text, CONTEXT))
        seconds = time.process_time() - start
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert "dense<5.000000e-01> : tensor<10000x10000xf32>" in out
    assert peak < 1 << 20
    # Traced, it takes a few milliseconds; expanded, minutes.
    assert seconds < 1.0


@given(st.data())
def test_any_bits_read_back(data: st.DataObject) -> None:
    type = data.draw(st.sampled_from(TYPES))
    elements = elements_of(type)
    assert elements is not None
    count = data.draw(st.sampled_from([1, 2, 6, 101]))
    raw = bytearray(data.draw(st.binary(min_size=count * elements.hex_size, max_size=count * elements.hex_size)))
    _clear_unused_bits(raw, type, elements.hex_size)
    shape = {6: "2x3"}.get(count, str(count))

    read = parse(f'dense<"0x{raw.hex()}">', f"tensor<{shape}x{type}>")

    stored = read.data.data
    assert stored in (elements.from_hex(bytes(raw)), elements.from_hex(bytes(raw))[: elements.size])
    assert elements.to_hex(stored) == bytes(raw)[: len(stored) // elements.size * elements.hex_size]


def _clear_unused_bits(raw: bytearray, type: Attribute, step: int) -> None:
    """Clear the bits of each part of `step` bytes that the type has no use for."""
    if isinstance(type, ComplexType):
        return
    width = type.bitwidth if isinstance(type, IntegerType | AnyFloat) else 64
    mask = ((1 << width) - 1).to_bytes(step, "little")
    for i in range(len(raw)):
        raw[i] &= mask[i % step]


@given(
    st.sampled_from([f16, bf16, f32, f64, f8E4M3FN, f8E5M2]),
    st.lists(st.floats(allow_nan=False), min_size=2, max_size=12),
)
def test_decimal_floats_are_those_of_xdsl(type: AnyFloat, values: list[float]) -> None:
    rounded = [v for v in values if math.isfinite(v) and abs(v) < 400]
    if not rounded:
        return
    literal = f"dense<[{', '.join(f'{v:.20e}' for v in rounded)}]>"
    expected = DenseIntOrFPElementsAttr.from_list(TensorType(type, [len(rounded)]), rounded).data.data
    stored = parse(literal, f"tensor<{len(rounded)}x{type}>").data.data
    assert stored * (len(expected) // len(stored)) == expected


@given(st.recursive(st.integers(-128, 255), lambda inner: st.lists(inner, max_size=3), max_leaves=12))
def test_nested_lists_are_those_of_xdsl(value: object) -> None:
    shape: list[int] = []
    part = value
    while isinstance(part, list):
        shape.append(len(part))
        part = part[0] if part else None
    literal = f"dense<{value}> : tensor<{''.join(f'{d}x' for d in shape)}xi8>".replace("xxi8", "xi8")
    literal = literal.replace("tensor<xi8>", "tensor<i8>")
    try:
        expected = Parser(CONTEXT, literal).parse_attribute()
    except (ParseError, ValueError):
        with pytest.raises(SourceError):
            parse(*literal.rsplit(" : ", 1))
        return
    assert isinstance(expected, DenseIntOrFPElementsAttr)
    found = parse(*literal.rsplit(" : ", 1))
    assert found.data.data * (len(expected) // max(1, len(found))) == expected.data.data


@pytest.mark.parametrize(
    ("literal", "type", "message"),
    [
        ("dense<[1, [2]]>", "tensor<2xi32>", "different depths"),
        ("dense<[[2], 1]>", "tensor<2xi32>", "different depths"),
        ("dense<[1, []]>", "tensor<2xi32>", "different depths"),
        ("dense<[[1], [2, 3]]>", "tensor<2x2xi32>", "different lengths"),
        ("dense<[1, 2, 3]>", "tensor<2xi32>", r"shape \[3\], its type \[2\]"),
        ("dense<[1, 2]>", "tensor<1x2xi32>", r"shape \[2\], its type \[1, 2\]"),
        ("dense<[1, 300]>", "tensor<2xi8>", "300 is not in the range"),
        ("dense<[1, -1]>", "tensor<2xui8>", "-1 is not in the range"),
        ("dense<[1.0, 2.0]>", "tensor<2xi32>", "found a float"),
        ("dense<[true, false]>", "tensor<2xi32>", "booleans are elements of i1 only"),
        ("dense<true>", "tensor<2xf32>", "found a boolean"),
        ("dense<-0x7FC0>", "tensor<2xbf16>", "cannot be negated"),
        ("dense<0x17FC0>", "tensor<2xbf16>", "more than the 16 bits"),
        ("dense<1>", "tensor<2xcomplex<f32>>", "expected a complex number"),
        ("dense<(1.0, 2.0>", "tensor<2xcomplex<f32>>", r"expected '\)'"),
        ("dense<[1 2]>", "tensor<2xi32>", "expected ',' or ']'"),
        ("dense<[1, 2>", "tensor<2xi32>", "expected ',' or ']'"),
        ("dense<[1, 2,]>", "tensor<2xi32>", "expected an element"),
        ("dense<[1, 2]]>", "tensor<2xi32>", "expected '>'"),
        ("dense<[1, x]>", "tensor<2xi32>", "expected an element"),
        ("dense<[1, 2]", "tensor<2xi32>", "Expected '>'"),
        ("dense<>", "tensor<2xi32>", "at least one element"),
        ('dense<"0x00">', "tensor<2xi32>", "takes 8 bytes of elements, or 4 for a splat; found 1"),
        ('dense<"0x0">', "tensor<2xi8>", "invalid elements"),
        ('dense<"0x00 1">', "tensor<2xi8>", "invalid elements"),
        ('dense<"00">', "tensor<2xi8>", "begins with 0x"),
        ("dense<1>", "tensor<2xi128>", "i128 cannot be read"),
        ("dense<1.0>", "tensor<2xf80>", "f80 cannot be read"),
        ("dense<1>", "tensor<?xi32>", "static shape"),
        ("dense<1>", "i32", "ranked tensor"),
        (f"dense<{'9' * 5000}>", "tensor<2xi32>", "5000 digits"),
    ],
)
def test_bad_literal_is_an_error(literal: str, type: str, message: str) -> None:
    with pytest.raises(SourceError, match=message) as raised:
        parse(literal, type)
    assert raised.value.line == 1


def test_deep_literal_takes_no_recursion() -> None:
    depth = 5000
    with pytest.raises(SourceError, match="has the shape"):
        parse(f"dense<{'[' * depth}1{']' * depth}>", "tensor<1xi32>")


def test_long_row_is_read_in_pieces() -> None:
    values = [i % 251 for i in range(100_000)]
    attribute = parse(f"dense<[{', '.join(map(str, values))}]>", "tensor<100000xui8>")
    assert attribute.data.data == bytes(values)
