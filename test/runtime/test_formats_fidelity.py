"""Operands of the matrix engine and the parts that a fidelity multiplies."""

from __future__ import annotations

import struct
from fractions import Fraction

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from tilewright.runtime.formats import MantissaPart, SourceRegister, fidelity_terms, quantize, src_operand
from tilewright.support.dataformat import DataFormat, MathFidelity, Rounding
from tilewright.support.errors import UnsupportedInputError

REGISTERS: tuple[SourceRegister, ...] = ("SrcA", "SrcB")
PARTS: tuple[MantissaPart, ...] = ("full", "high", "low")
FLOATS = [f for f in DataFormat if f.is_float]
PHASES = {
    MathFidelity.LoFi: (0,),
    MathFidelity.HiFi2: (0, 1),
    MathFidelity.HiFi3: (0, 1, 2),
    MathFidelity.HiFi4: (0, 1, 2, 3),
}

# The masks of docs/formats.md: what the register holds, the high part, the bits after it that a phase takes.
HELD = {"SrcA": 0xFFFFE000, "SrcB": 0xFFFFE000}
HIGH = {"SrcA": 0xFFF80000, "SrcB": 0xFFFE0000}
CONSUMED = {"SrcA": 0xFFFFC000, "SrcB": 0xFFFFE000}


def masked(value: float, mask: int) -> Fraction:
    """A Float32 with the bits outside `mask` cleared; denormals are zero."""
    pattern = struct.unpack("<I", struct.pack("<f", value))[0]
    if (pattern >> 23) & 0xFF == 0:
        return Fraction(0)
    return Fraction(struct.unpack("<f", struct.pack("<I", pattern & mask))[0])


def phase_operand(value: float, register: SourceRegister, *, low: bool) -> Fraction:
    """What one phase takes of an operand, after the register has truncated it (ELWMUL)."""
    held = float(masked(value, HELD[register]))
    high = masked(held, HIGH[register])
    return masked(held, CONSUMED[register]) - high if low else high


finite = st.floats(width=32, allow_nan=False, allow_infinity=False)


@pytest.mark.parametrize("fidelity", MathFidelity)
@given(a=finite, b=finite)
def test_terms_add_up_to_the_phases(fidelity: MathFidelity, a: float, b: float) -> None:
    phases = sum(
        phase_operand(a, "SrcA", low=phase in (1, 3)) * phase_operand(b, "SrcB", low=phase in (2, 3))
        for phase in PHASES[fidelity]
    )

    def part(value: float, register: SourceRegister, name: MantissaPart) -> Fraction:
        return Fraction(float(src_operand(torch.tensor(value), DataFormat.Float32, register, name)))

    terms = sum(part(a, "SrcA", part_a) * part(b, "SrcB", part_b) for part_a, part_b in fidelity_terms(fidelity))
    assert terms == phases


@pytest.mark.parametrize("fmt", FLOATS)
@pytest.mark.parametrize("register", REGISTERS)
def test_high_and_low_add_up_to_full(fmt: DataFormat, register: SourceRegister) -> None:
    data = quantize(torch.randn(64, 64, generator=torch.Generator().manual_seed(0)), fmt, Rounding.packer)
    before = data.clone()
    full, high, low = (src_operand(data, fmt, register, part) for part in PARTS)
    assert torch.equal(data, before)
    assert torch.equal(full, high + low)
    assert torch.equal(high, (data.view(torch.int32) & (HIGH[register] - (1 << 32))).view(torch.float32))
    assert torch.equal(full, (data.view(torch.int32) & (CONSUMED[register] - (1 << 32))).view(torch.float32))


@pytest.mark.parametrize("register", REGISTERS)
@pytest.mark.parametrize(
    "fmt", [f for f in FLOATS if f not in (DataFormat.Float32, DataFormat.Tf32, DataFormat.Float16)]
)
def test_formats_that_fit_are_not_copied(fmt: DataFormat, register: SourceRegister) -> None:
    data = quantize(torch.randn(32, 32), fmt, Rounding.packer)
    assert src_operand(data, fmt, register, "full") is data


@pytest.mark.parametrize("fmt", [DataFormat.Tf32, DataFormat.Float16])
def test_ten_bits_fit_src_b_alone(fmt: DataFormat) -> None:
    data = torch.tensor([1 + 2.0**-10])
    assert src_operand(data, fmt, "SrcB", "full") is data
    assert src_operand(data, fmt, "SrcA", "full").tolist() == [1.0]


def test_phases_that_a_format_does_not_need_vanish() -> None:
    data = torch.randn(32, 32)
    for fmt in (DataFormat.Bfp4_b, DataFormat.Bfp2, DataFormat.Lf8, DataFormat.Fp8_e4m3):
        for register in REGISTERS:
            values = quantize(data, fmt, Rounding.packer)
            assert src_operand(values, fmt, register, "high") is values
            assert not src_operand(values, fmt, register, "low").any()
    eighths = quantize(data, DataFormat.Bfp8_b, Rounding.packer)
    assert src_operand(eighths, DataFormat.Bfp8_b, "SrcB", "high") is eighths
    assert src_operand(eighths, DataFormat.Bfp8_b, "SrcA", "low").any()


def test_infinities_have_no_low_part() -> None:
    data = torch.tensor([float("inf"), -float("inf"), 1.0])
    for register in REGISTERS:
        assert src_operand(data, DataFormat.Float32, register, "high").tolist() == data.tolist()
        assert src_operand(data, DataFormat.Float32, register, "low").tolist() == [0.0, 0.0, 0.0]


def test_denormals_and_minus_zero_of_float32_are_zero() -> None:
    data = torch.tensor([1e-40, -1e-40, -0.0, 2.0**-126])
    for register in REGISTERS:
        full = src_operand(data, DataFormat.Float32, register, "full")
        assert full.view(torch.int32).tolist() == [0, 0, 0, 1 << 23]


def test_worked_example_of_the_docs() -> None:
    """1.7109375 = 0b1.1011011 times 1.3359375 = 0b1.0101011."""
    a, b = torch.tensor([1.7109375]), torch.tensor([1.3359375])
    fmt = DataFormat.Float16_b
    products = {
        fidelity: sum(
            float(src_operand(a, fmt, "SrcA", pa) * src_operand(b, fmt, "SrcB", pb))
            for pa, pb in fidelity_terms(fidelity)
        )
        for fidelity in MathFidelity
    }
    assert products == {
        MathFidelity.LoFi: 1.6875 * 1.328125,
        MathFidelity.HiFi2: 1.7109375 * 1.328125,
        MathFidelity.HiFi3: 1.7109375 * 1.328125 + 1.6875 * 0.0078125,
        MathFidelity.HiFi4: 1.7109375 * 1.3359375,
    }


def test_integers_are_refused() -> None:
    with pytest.raises(UnsupportedInputError, match="Int8"):
        src_operand(torch.zeros(1), DataFormat.Int8, "SrcA", "full")
