"""Formats whose datums each have their own exponent.

Each function writes to `out`, which may be `source` itself: conversion follows every op, so the passes over memory and
the pages a new tensor touches decide its cost.
"""

from __future__ import annotations

import math

import torch

from tilewright.runtime.formats.float32_bits import LARGEST_DENORMAL, MANTISSA_BITS, SIGN, keep_mantissa


def round_mantissa(source: torch.Tensor, out: torch.Tensor, mantissa_bits: int) -> None:
    """Round to nearest, ties away from zero, to `mantissa_bits` explicit mantissa bits, exponent unchanged.

    A denormal or -0 becomes +0, NaN the infinity of its sign; a value past the largest becomes infinity
    (tt-isa-documentation, Packers/FormatConversion, early conversion with rounding).
    """
    # The bits of -0 are those of the sign alone: shrinking takes them with the denormals.
    torch.hardshrink(_without_nan(source), LARGEST_DENORMAL, out=out)
    half = 1 << (MANTISSA_BITS - mantissa_bits - 1)
    out.view(torch.int32).add_(half).bitwise_and_(keep_mantissa(mantissa_bits))


def truncate_mantissa(source: torch.Tensor, out: torch.Tensor, mantissa_bits: int) -> None:
    """Drop mantissa bits past the first `mantissa_bits`; every other bit stays, of special values too."""
    torch.bitwise_and(source.view(torch.int32), keep_mantissa(mantissa_bits), out=out.view(torch.int32))


def narrow(
    source: torch.Tensor, out: torch.Tensor, exponent_bits: int, mantissa_bits: int, *, keep_sign_of_zero: bool
) -> None:
    """Convert to a format with a narrower exponent: the exponent saturates, the mantissa truncates.

    Such a format has no infinity and no NaN, both of which become its largest value; what is below its smallest normal
    becomes zero (tt-isa-documentation, Packers/FormatConversion, late conversion; tt-budabackend `model/tile.hpp`; that
    it holds for Fp8_e4m3 too, ttsim `src/tensix.cpp`).
    """
    signs = torch.bitwise_and(source.view(torch.int32), SIGN) if keep_sign_of_zero else None
    narrow_numbers(_without_nan(source), out, exponent_bits, mantissa_bits)
    if signs is not None:
        out.view(torch.int32).bitwise_or_(signs)


def narrow_numbers(source: torch.Tensor, out: torch.Tensor, exponent_bits: int, mantissa_bits: int) -> None:
    """As :func:`narrow`, for values that are not NaN; a zero becomes +0."""
    largest, smallest = normal_range(exponent_bits, mantissa_bits)
    torch.clamp(source, -largest, largest, out=out)
    torch.hardshrink(out, smallest * (1 - 2.0**-24), out=out)
    truncate_mantissa(out, out, mantissa_bits)


def normal_range(exponent_bits: int, mantissa_bits: int) -> tuple[float, float]:
    """The largest value and the smallest normal of a format in which every exponent but 0 holds numbers."""
    bias = (1 << (exponent_bits - 1)) - 1
    top = (1 << exponent_bits) - 1 - bias
    return (2 - 2.0**-mantissa_bits) * 2.0**top, 2.0 ** (1 - bias)


def _without_nan(source: torch.Tensor) -> torch.Tensor:
    """`source`, or a copy with infinities where it has NaN."""
    # NaN anywhere makes the sum NaN; a sum costs a twentieth of isnan. Infinities of both signs do so too: harmless.
    if not math.isnan(float(source.sum())):
        return source
    return torch.where(torch.isnan(source), torch.copysign(source.new_tensor(math.inf), source), source)
