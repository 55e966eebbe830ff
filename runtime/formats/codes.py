"""The codes of values in each format: the bits of one datum in memory, as int32, and shared exponents, as uint8."""

from __future__ import annotations

import math

import torch

from tilewright.runtime.formats.float32_bits import BIAS, MAGNITUDE, MANTISSA_BITS, SIGN, keep_mantissa, power_of_two
from tilewright.runtime.formats.integers import integer_dtype, integer_range
from tilewright.support.dataformat import FACE_DIM, DataFormat


def encode_floats(values: torch.Tensor, fmt: DataFormat) -> tuple[torch.Tensor, torch.Tensor]:
    """Shared exponents [n / 16] (block floats, else none) and codes [n] of float32 values [n].

    A value that is not on the grid of `fmt` gets some code, which :func:`decode_floats` turns into another value.
    """
    if fmt.is_block_float:
        return _encode_blocks(values, fmt)
    layout = fmt.value
    patterns = values.view(torch.int32)
    if layout.exponent_bits == 8:
        codes = patterns >> (32 - layout.datum_bits)
    else:
        magnitude = patterns & MAGNITUDE
        rebias = (BIAS - _bias(fmt)) << MANTISSA_BITS
        codes = ((magnitude - rebias) >> (MANTISSA_BITS - layout.mantissa_bits)) & ((1 << (layout.datum_bits - 1)) - 1)
        codes = torch.where(magnitude == 0, 0, codes) | (_is_negative(patterns) << (layout.datum_bits - 1))
    return torch.zeros(0, dtype=torch.uint8), codes


def decode_floats(exponents: torch.Tensor, codes: torch.Tensor, fmt: DataFormat) -> torch.Tensor:
    """Float32 values [n] of codes [n] and, for block floats, shared exponents [n / 16]."""
    if fmt.is_block_float:
        return _decode_blocks(exponents, codes, fmt)
    layout = fmt.value
    if layout.exponent_bits == 8:
        patterns = (codes << (32 - layout.datum_bits)) & keep_mantissa(layout.mantissa_bits)
    else:
        magnitude = codes & ((1 << (layout.datum_bits - 1)) - 1)
        rebias = (BIAS - _bias(fmt)) << MANTISSA_BITS
        patterns = (magnitude << (MANTISSA_BITS - layout.mantissa_bits)) + rebias
        patterns = torch.where(magnitude >> layout.mantissa_bits == 0, 0, patterns)
        patterns |= torch.where(codes >> (layout.datum_bits - 1) == 0, 0, SIGN)
    return patterns.view(torch.float32)


def encode_integers(values: torch.Tensor, fmt: DataFormat) -> torch.Tensor:
    """Codes of integers in the range of `fmt`: sign and magnitude where it is signed."""
    wide = values.to(torch.int64)
    return (wide.abs() | ((wide < 0).to(torch.int64) << (fmt.value.datum_bits - 1))).to(torch.int32)


def decode_integers(codes: torch.Tensor, fmt: DataFormat) -> torch.Tensor:
    """Integers, in :func:`tilewright.runtime.formats.integers.integer_dtype`."""
    least, largest = integer_range(fmt)
    wide = codes.to(torch.int64)
    values = wide & largest
    if least < 0:
        values = torch.where((wide >> (fmt.value.datum_bits - 1)) & 1 == 0, values, -values)
    return values.to(integer_dtype(fmt))


def _encode_blocks(values: torch.Tensor, fmt: DataFormat) -> tuple[torch.Tensor, torch.Tensor]:
    bits, bias = fmt.value.mantissa_bits, _bias(fmt)
    wide = values.view(-1, FACE_DIM).to(torch.float64)
    # Exponent 255 reaches past Float32, where quantize returns infinity: the magnitude of 2**128 stands for it.
    wide = torch.where(torch.isinf(wide), torch.copysign(wide.new_tensor(2.0**128), wide), wide)
    peak = wide.abs().amax(dim=1, keepdim=True)
    largest = (1 << fmt.value.exponent_bits) - 1
    shared = torch.where(peak == 0, 0, torch.frexp(peak).exponent + (bias - 1)).clamp_(0, largest)
    units = wide * power_of_two((bits - 1 + bias) - shared)
    magnitude = units.abs().nan_to_num_(nan=0.0).clamp_(max=1 << bits).to(torch.int32)
    codes = torch.where(magnitude == 0, 0, magnitude | ((units < 0).to(torch.int32) << bits))
    return shared.to(torch.uint8).view(-1), codes.view(-1)


def _decode_blocks(exponents: torch.Tensor, codes: torch.Tensor, fmt: DataFormat) -> torch.Tensor:
    bits, bias = fmt.value.mantissa_bits, _bias(fmt)
    groups = codes.view(-1, FACE_DIM)
    magnitude = groups & ((1 << bits) - 1)
    values = magnitude.to(torch.float64) * power_of_two(exponents.view(-1, 1).to(torch.int64) - (bias + bits - 1))
    # A sign without a magnitude is no zero (tt-isa-documentation, FloatBitPatterns); no conversion writes it.
    signed_zero = -math.inf if bias == BIAS else -(2.0**16)
    negative = torch.where(magnitude == 0, signed_zero, -values)
    return torch.where(groups >> bits == 0, values, negative).to(torch.float32).view(-1)


def _bias(fmt: DataFormat) -> int:
    return (1 << (fmt.value.exponent_bits - 1)) - 1


def _is_negative(patterns: torch.Tensor) -> torch.Tensor:
    return (patterns < 0).to(torch.int32)
