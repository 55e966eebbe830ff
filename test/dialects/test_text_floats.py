"""Bits of floats: every pattern of the narrow types, samples of the wide ones."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st
from xdsl.dialects.builtin import (
    AnyFloat,
    FloatAttr,
    bf16,
    f4E2M1FN,
    f6E2M3FN,
    f6E3M2FN,
    f8E3M4,
    f8E4M3,
    f8E4M3B11FNUZ,
    f8E4M3FN,
    f8E4M3FNUZ,
    f8E5M2,
    f8E5M2FNUZ,
    f8E8M0FNU,
    f16,
    f32,
    f64,
    f80,
    tf32,
)

from tilewright.dialects.text.floats import bits_to_float, float_text, float_to_bits, rounded

NARROW = (
    f4E2M1FN, f6E2M3FN, f6E3M2FN, f8E3M4, f8E4M3, f8E4M3B11FNUZ, f8E4M3FN, f8E4M3FNUZ, f8E5M2, f8E5M2FNUZ, f8E8M0FNU,
)  # fmt: skip


def read(text: str, type: AnyFloat) -> int:
    """The bits that a literal says."""
    return int(text, 16) if text.startswith("0x") else float_to_bits(float(text), type)


def check(bits: int, type: AnyFloat) -> None:
    value = bits_to_float(bits, type)
    assert float_to_bits(value, type) == bits
    text = float_text(value, type)
    assert "." in text or text.startswith("0x")
    assert read(text, type) == bits


@pytest.mark.parametrize("type", NARROW, ids=str)
def test_every_pattern_of_a_narrow_type(type: AnyFloat) -> None:
    for bits in range(1 << type.bitwidth):
        check(bits, type)


@pytest.mark.parametrize("type", [f16, bf16], ids=str)
def test_patterns_of_half_precision(type: AnyFloat) -> None:
    for bits in (*range(0, 1 << 16, 13), 0x7C00, 0x7C01, 0xFC01, 0x7F80, 0x7F81, 0xFF81, 0x7FFF):
        check(bits, type)


@given(st.sampled_from([tf32, f32, f64]), st.data())
def test_patterns_of_wide_types(type: AnyFloat, data: st.DataObject) -> None:
    check(data.draw(st.integers(0, (1 << type.bitwidth) - 1)), type)


@pytest.mark.parametrize(
    ("type", "bits"),
    [
        (f32, 0x7F800001),
        (f32, 0xFF812345),
        (f64, 0x7FF0000000000001),
        (tf32, 0x3FC01),
        (f8E5M2, 0xFD),
        (f8E4M3FN, 0xFF),
    ],
    ids=str,
)
def test_signaling_nan_keeps_its_payload(type: AnyFloat, bits: int) -> None:
    check(bits, type)


@given(st.floats(allow_nan=False))
def test_finite_numbers_are_those_of_struct(value: float) -> None:
    for type, form in ((f16, "<e"), (f32, "<f"), (f64, "<d")):
        try:
            expected = struct.pack(form, value)
        except OverflowError:
            expected = struct.pack(form, float("inf") if value > 0 else float("-inf"))
        assert float_to_bits(value, type) == int.from_bytes(expected, "little")


@pytest.mark.parametrize(
    ("value", "type", "text"),
    [
        (1.0, f32, "1.000000e+00"),
        (-0.0, bf16, "-0.000000e+00"),
        (0.1, f64, "1.000000e-01"),
        (1 / 3, f64, "0.33333333333333331"),
        (rounded(1 / 3, f32), f32, "0.333333343"),
        (123456789.0, f64, "0x419D6F3454000000"),
        (float("inf"), f16, "0x7C00"),
        (float("-inf"), f32, "0xFF800000"),
        (float("nan"), bf16, "0x7FC0"),
        (1e22, f80, "1.0e+22"),
        (0.5, f80, "0.5"),
    ],
)
def test_text(value: float, type: AnyFloat, text: str) -> None:
    assert float_text(value, type) == text


def test_number_wider_than_f64_stays() -> None:
    assert rounded(0.1, f80) == FloatAttr(0.1, f80).value.data == 0.1
