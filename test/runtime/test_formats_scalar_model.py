"""Conversion against a model of one value, or one group of 16, at a time, in Python integers.

The model follows docs/formats.md line by line and shares nothing with the code under test.
"""

from __future__ import annotations

import itertools
import math
import random
import struct

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from tilewright.runtime.formats.block_floats import quantize_groups_exactly
from tilewright.runtime.formats.quantize import quantize
from tilewright.support.dataformat import DataFormat, Rounding

# ---------------------------------------------------------------------------------------------------------------- model


def fields(pattern: int) -> tuple[int, int, int]:
    """Sign, exponent and mantissa of a Float32 pattern."""
    return pattern >> 31, (pattern >> 23) & 0xFF, pattern & 0x7FFFFF


def pattern_of(value: float) -> int:
    """Float32 pattern of a real number that Float32 holds, or infinity where it is too large."""
    try:
        return struct.unpack("<I", struct.pack("<f", value))[0]
    except OverflowError:
        return 0x7F800000 if value > 0 else 0xFF800000


def packer_rounded(pattern: int, mantissa_bits: int) -> int:
    """Tf32 and Float16_b: nearest, ties away; denormals are zero, -0 is +0, NaN is infinity."""
    sign, exponent, mantissa = fields(pattern)
    if exponent == 0:
        return 0
    if exponent == 255:
        return sign << 31 | 0x7F800000
    unit = 1 << (23 - mantissa_bits)
    units, rest = divmod(mantissa, unit)
    if 2 * rest >= unit:
        units += 1
    return (sign << 31) + (exponent << 23) + units * unit  # a carry moves on into the exponent


def narrowed(pattern: int, bias: int, top: int, mantissa_bits: int) -> tuple[int, int, int]:
    """Sign, exponent field and mantissa in a format with a narrower exponent: saturate, truncate, no denormals."""
    sign, exponent, mantissa = fields(pattern)
    unbiased = exponent - 127
    if unbiased <= -bias:
        return sign, 0, 0
    if unbiased > top:
        return sign, top + bias, (1 << mantissa_bits) - 1
    return sign, unbiased + bias, mantissa >> (23 - mantissa_bits)


NARROW = {
    # bias, exponent of the largest value, mantissa bits
    DataFormat.Float16: (15, 16, 10),
    DataFormat.Lf8: (15, 16, 2),
    DataFormat.Fp8_e4m3: (7, 8, 3),
}


def narrow_value(pattern: int, fmt: DataFormat, rounding: Rounding) -> int:
    bias, top, mantissa_bits = NARROW[fmt]
    sign, exponent, mantissa = narrowed(pattern, bias, top, mantissa_bits)
    if exponent == 0:
        return sign << 31 if rounding is Rounding.golden else 0
    value = (1 + mantissa / (1 << mantissa_bits)) * 2.0 ** (exponent - bias)
    return pattern_of(-value if sign else value)


def model_each(pattern: int, fmt: DataFormat, rounding: Rounding) -> int:
    if fmt is DataFormat.Float32:
        return pattern
    if fmt in NARROW:
        return narrow_value(pattern, fmt, rounding)
    kept = {DataFormat.Tf32: 10, DataFormat.Float16_b: 7}[fmt]
    if rounding is Rounding.packer:
        return packer_rounded(pattern, kept)
    return pattern >> (23 - kept) << (23 - kept)


BLOCK = {
    # magnitude bits, bias of the stored exponent
    DataFormat.Bfp8_b: (7, 127),
    DataFormat.Bfp4_b: (3, 127),
    DataFormat.Bfp2_b: (1, 127),
    DataFormat.Bfp8: (7, 15),
    DataFormat.Bfp4: (3, 15),
    DataFormat.Bfp2: (1, 15),
}


def model_group_packer(group: list[int], fmt: DataFormat) -> list[int]:
    magnitude_bits, bias = BLOCK[fmt]
    intermediate: list[tuple[int, int, int]] = []
    for pattern in group:
        if bias == 127:
            intermediate.append(fields(packer_rounded(pattern, 7)))
        else:
            sign, exponent, mantissa = narrowed(pattern, 15, 16, 7)
            intermediate.append((sign, exponent, mantissa << 16))
    shared = max(exponent for _, exponent, _ in intermediate)
    results: list[int] = []
    for sign, exponent, mantissa in intermediate:
        significand = 0 if exponent == 0 else 0x800000 | mantissa
        # Units of Bfp8 are 2**17 of the significand at the shared exponent.
        unit = 1 << (17 + shared - exponent)
        units, rest = divmod(significand, unit)
        units = min(units + (2 * rest >= unit), 127)
        units >>= 7 - magnitude_bits
        results.append(block_value(sign, units, shared, magnitude_bits, bias))
    return results


def model_group_golden(group: list[int], fmt: DataFormat) -> list[int]:
    magnitude_bits, bias = BLOCK[fmt]

    def exponent_of(pattern: int) -> int:
        exponent = fields(pattern)[1]
        return exponent if bias == 127 else min(max(exponent - 127 + 15, 0), 31)

    shared = max(exponent_of(pattern) for pattern in group)
    drop, half, most = {7: (17, 1 << 16, 127), 3: (21, 1 << 20, 7), 1: (23, 1 << 22, 1)}[magnitude_bits]
    results: list[int] = []
    for pattern in group:
        sign, exponent, mantissa = fields(pattern)
        if bias == 15 and exponent - 127 + 15 > 31:
            mantissa = 0x7FFFFF
        if bias == 15 and exponent - 127 + 15 < 0:
            mantissa = 0
        m = (1 << 23 | mantissa) >> (shared - exponent_of(pattern))
        m = min((m + half) >> drop, most)
        if pattern & 0x7FFFFFFF == 0:
            m = 0
        results.append(block_value(sign, m, shared, magnitude_bits, bias))
    return results


def block_value(sign: int, magnitude: int, shared: int, magnitude_bits: int, bias: int) -> int:
    if magnitude == 0:
        return 0
    value = math.ldexp(magnitude, shared - bias - (magnitude_bits - 1))
    return pattern_of(-value if sign else value)


def model_group(group: list[int], fmt: DataFormat, rounding: Rounding) -> list[int]:
    if fmt in BLOCK:
        return (model_group_packer if rounding is Rounding.packer else model_group_golden)(group, fmt)
    return [model_each(pattern, fmt, rounding) for pattern in group]


# ----------------------------------------------------------------------------------------------------------------- data

CASES = [
    (fmt, rounding)
    for fmt, rounding in itertools.product(DataFormat, Rounding)
    if fmt.is_float and (fmt, rounding) != (DataFormat.Fp8_e4m3, Rounding.golden)
]


def for_cases(cases: list[tuple[DataFormat, Rounding]]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize(("fmt", "rounding"), cases, ids=[f"{f.name}-{r.name}" for f, r in cases])


every_case = for_cases(CASES)
every_block_case = for_cases([(f, r) for f, r in CASES if f.is_block_float])
every_single_case = for_cases([(f, r) for f, r in CASES if not f.is_block_float])

# Zeros, ones, halves of every unit that some format rounds to, and their neighbours.
MANTISSAS = sorted(
    {
        mantissa & 0x7FFFFF
        for bit in range(24)
        for mantissa in ((1 << bit) - 1, 1 << bit, (1 << bit) + 1, -(1 << bit), ~(1 << bit), 3 << bit)
    }
)
SPECIALS = [0, 0x80000000, 1, 0x80000001, 0x7FFFFF, 0x7F8000, 0x800000, 0x7F7FFFFF, 0x7F800000, 0xFF800000, 0x7F800001]
SPECIALS += [0xFFFFFFFF, 0x7FFFFFFF, 0x7FC00000, 0xFF7F8000, 0x3F800000]


def to_tensor(patterns: list[int]) -> torch.Tensor:
    return torch.tensor(patterns, dtype=torch.int64).to(torch.int32).view(torch.float32)


def to_patterns(values: torch.Tensor) -> list[int]:
    return [pattern & 0xFFFFFFFF for pattern in values.view(torch.int32).tolist()]


def hexadecimal(patterns: list[int]) -> list[str]:
    return [f"{pattern:08x}" for pattern in patterns]


@st.composite
def patterns(draw: st.DrawFn) -> int:
    """Any Float32 pattern, those at which conversions decide more often."""
    kind = draw(st.integers(0, 3))
    if kind == 0:
        return draw(st.integers(0, 0xFFFFFFFF))
    if kind == 1:
        return draw(st.sampled_from(SPECIALS))
    exponent = draw(st.integers(0, 255))
    return draw(st.integers(0, 1)) << 31 | exponent << 23 | draw(st.sampled_from(MANTISSAS))


@st.composite
def groups(draw: st.DrawFn) -> list[int]:
    """16 patterns whose exponents lie near each other, with a few of any kind among them."""
    base = draw(st.integers(0, 255))
    spread = draw(st.sampled_from((1, 3, 9, 26)))
    mantissa = st.sampled_from(MANTISSAS) | st.integers(0, 0x7FFFFF)
    offsets = draw(st.lists(st.integers(0, spread), min_size=16, max_size=16))
    group = [
        draw(st.integers(0, 1)) << 31 | min(max(base - offset, 0), 255) << 23 | draw(mantissa) for offset in offsets
    ]
    for index in draw(st.lists(st.integers(0, 15), max_size=2)):
        group[index] = draw(patterns())
    return group


def random_groups(count: int) -> list[int]:
    """Groups like those of :func:`groups`, many of them."""
    rng = random.Random(0)
    drawn: list[int] = []
    for index in range(count):
        base, spread = index % 256, rng.choice((0, 1, 2, 8, 30))
        for _ in range(16):
            exponent = max(base - rng.randint(0, spread), 0)
            mantissa = rng.choice(MANTISSAS) if rng.random() < 0.6 else rng.getrandbits(23)
            pattern = rng.getrandbits(1) << 31 | exponent << 23 | mantissa
            drawn.append(rng.choice(SPECIALS) if rng.random() < 0.02 else pattern)
    return drawn


# ---------------------------------------------------------------------------------------------------------------- tests


@every_single_case
def test_every_exponent_with_every_deciding_mantissa(fmt: DataFormat, rounding: Rounding) -> None:
    sweep = [sign << 31 | e << 23 | m for m in MANTISSAS for e in range(256) for sign in (0, 1)]
    expected = [model_each(pattern, fmt, rounding) for pattern in sweep]
    assert to_patterns(quantize(to_tensor(sweep), fmt, rounding)) == expected


@every_block_case
def test_many_groups_at_once(fmt: DataFormat, rounding: Rounding) -> None:
    """Groups that go the fast way stand among groups that cannot."""
    drawn = random_groups(512)
    expected = [r for i in range(0, len(drawn), 16) for r in model_group(drawn[i : i + 16], fmt, rounding)]
    assert hexadecimal(to_patterns(quantize(to_tensor(drawn), fmt, rounding))) == hexadecimal(expected)


@every_case
@settings(max_examples=10)
@given(group=groups())
def test_any_group(fmt: DataFormat, rounding: Rounding, group: list[int]) -> None:
    expected = model_group(group, fmt, rounding)
    assert hexadecimal(to_patterns(quantize(to_tensor(group), fmt, rounding))) == hexadecimal(expected)


@every_case
@settings(max_examples=10)
@given(value=patterns())
def test_nan_elsewhere_changes_no_value(fmt: DataFormat, rounding: Rounding, value: int) -> None:
    """The way that a tensor with NaN takes and the usual way give the same bits."""
    alone = quantize(to_tensor([value] * 16), fmt, rounding)
    beside = quantize(to_tensor([value] * 16 + [0x7FC00000] * 16), fmt, rounding)
    assert to_patterns(beside)[:16] == to_patterns(alone)


@every_block_case
def test_both_ways_of_block_floats_agree(fmt: DataFormat, rounding: Rounding) -> None:
    drawn = torch.cat([torch.randn(512, 16, generator=torch.Generator().manual_seed(0)), torch.zeros(2, 16)])
    drawn *= 2.0 ** torch.arange(-2, 2).repeat_interleave(4)
    exact = quantize_groups_exactly(drawn, fmt, rounding)
    assert to_patterns(quantize(drawn, fmt, rounding).flatten()) == to_patterns(exact.flatten())


@pytest.mark.parametrize("exponent", [8, 9, 10, 111, 112, 113, 119, 120, 121, 143, 144, 229, 230, 231, 232, 254, 255])
@every_block_case
def test_groups_at_the_limits_of_the_fast_way(fmt: DataFormat, rounding: Rounding, exponent: int) -> None:
    rng = random.Random(exponent)
    drawn: list[int] = []
    for mantissa in MANTISSAS[::3]:
        drawn += [exponent << 23 | mantissa, 1 << 31 | exponent << 23 | mantissa]
        drawn += [rng.choice((0, 1)) << 31 | rng.randint(0, exponent) << 23 | rng.choice(MANTISSAS) for _ in range(10)]
        drawn += [0x007F8000, 0x807FFFFF, 0x00400000, 0x80000000]
    expected = [r for i in range(0, len(drawn), 16) for r in model_group(drawn[i : i + 16], fmt, rounding)]
    assert hexadecimal(to_patterns(quantize(to_tensor(drawn), fmt, rounding))) == hexadecimal(expected)
