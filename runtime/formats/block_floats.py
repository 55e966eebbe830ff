"""Block floats: 16 consecutive datums, one row of a face, share an exponent.

A group becomes magnitudes of `mantissa_bits` bits, which count units of 2**(shared - bias - mantissa_bits + 1).

There are two ways to the same bits. The exact one works on integers and takes any group. The fast one lets Float32's
addition round, and takes the groups whose exponents leave it room; others (infinities, NaN, values near either end of
the exponent) go the exact way. test_formats_scalar_model.py holds both against a model of one group at a time.
"""

from __future__ import annotations

import torch

from tilewright.runtime.formats.float32_bits import (
    BIAS,
    EXPONENT,
    HIDDEN_ONE,
    INFINITY,
    MAGNITUDE,
    MANTISSA,
    MANTISSA_BITS,
    SMALLEST_NORMAL,
    keep_mantissa,
    power_of_two,
)
from tilewright.runtime.formats.floats import narrow_numbers, normal_range, truncate_mantissa
from tilewright.support.dataformat import DataFormat, Rounding

# The packer's intermediates, BF16 and E5M7, hold 7 explicit mantissa bits; its first result is a BFP8.
_INTERMEDIATE_MANTISSA = 7
_NARROW_EXPONENT = 5
_PACKER_MAGNITUDE = 7

# Where the largest magnitude of a group must lie for the fast way, from and below, as Float32 patterns.
# - From 2**-118 up, what Float32 holds as denormal is less than half a unit, so it vanishes without being flushed;
#   below 2**104 the sum that rounds stays finite.
# - What has saturated lies inside these limits; NaN alone is left.
# - The golden rule gives what is below 2**-15 the hidden one, but that too is less than half a unit from 2**-7 up.
_LOWEST_PEAK = 9 << MANTISSA_BITS
_PEAKS_OF_FAST_WAY: dict[tuple[str | None, Rounding], tuple[int, int]] = {
    ("b", Rounding.packer): (_LOWEST_PEAK, 231 << MANTISSA_BITS),
    ("b", Rounding.golden): (_LOWEST_PEAK, 231 << MANTISSA_BITS),
    ("a", Rounding.packer): (0, INFINITY + 1),
    ("a", Rounding.golden): ((BIAS - 7) << MANTISSA_BITS, INFINITY + 1),
}

# Makes a tie of a value with 8 significant bits more than a tie, and moves no other value over one.
_PAST_TIE = 1 + 2.0**-12


def quantize_groups(groups: torch.Tensor, out: torch.Tensor, fmt: DataFormat, rounding: Rounding) -> None:
    """Convert groups to a block-float format and back.

    Args:
        groups: Float32 [n, 16], contiguous, n > 0.
        out: The same; may be `groups` itself.
        fmt: A block-float format.
    """
    magnitude = None if out.data_ptr() == groups.data_ptr() else out.view(torch.int32)  # room to write to, if there is
    peak = torch.bitwise_and(groups.view(torch.int32), MAGNITUDE, out=magnitude).amax(dim=1, keepdim=True)
    others = _groups_outside(peak, *_PEAKS_OF_FAST_WAY[fmt.exponent_family, rounding])
    results = None if others is None else quantize_groups_exactly(groups[others], fmt, rounding)
    _to_intermediate(groups, out, fmt, rounding)
    _to_intermediate(peak.view(torch.float32), peak.view(torch.float32), fmt, rounding)
    shared = peak.bitwise_and_(EXPONENT).clamp_(min=_LOWEST_PEAK)  # a group of zeros may have any exponent
    bits = fmt.value.mantissa_bits
    if rounding is Rounding.golden or bits == _PACKER_MAGNITUDE:
        _round_to_units(out, shared, bits)
    else:
        _truncate_to_units(out, shared, bits)
    if others is not None and results is not None:
        out[others] = results


def quantize_groups_exactly(groups: torch.Tensor, fmt: DataFormat, rounding: Rounding) -> torch.Tensor:
    """The conversion of :func:`quantize_groups` in integers, for any bits, as a new tensor."""
    patterns = groups.view(torch.int32)
    # Exponents are biased by 127 throughout, also those that the A formats store biased by 15.
    magnitude = patterns & MAGNITUDE
    nonzero = magnitude != 0
    packer = rounding is Rounding.packer
    if packer and fmt.exponent_family == "b":
        magnitude = _bf16_magnitude(magnitude)
    elif packer:
        magnitude = _e5m7_magnitude(magnitude)
    elif fmt.exponent_family == "a":
        # Exponents 0 .. 31 after rebias; past them the nearest value, the hidden one of which stays.
        magnitude = magnitude.clamp((BIAS - 15) << MANTISSA_BITS, ((BIAS + 17) << MANTISSA_BITS) - 1)
    if packer:
        nonzero = magnitude != 0
    exponent = magnitude >> MANTISSA_BITS
    significand = torch.where(nonzero, (magnitude & MANTISSA) | HIDDEN_ONE, 0)
    shared = exponent.amax(dim=1, keepdim=True)
    bits = fmt.value.mantissa_bits
    kept = _PACKER_MAGNITUDE if packer else bits
    count = significand >> (shared - exponent).clamp_(max=31)
    count = ((count + (1 << (MANTISSA_BITS - kept))) >> (MANTISSA_BITS + 1 - kept)).clamp_(max=(1 << kept) - 1)
    count >>= kept - bits
    # Products with a power of two are exact in float64; only what is past Float32 becomes infinity when it narrows.
    values = (count.to(torch.float64) * power_of_two(shared - (BIAS + bits - 1))).to(torch.float32)
    return torch.where((patterns < 0) & (count != 0), -values, values)


def _bf16_magnitude(magnitude: torch.Tensor) -> torch.Tensor:
    """Magnitude bits after the packer's rounding to BF16: NaN is infinity, denormals are zero."""
    half = 1 << (MANTISSA_BITS - _INTERMEDIATE_MANTISSA - 1)
    rounded = (magnitude.clamp(max=INFINITY) + half) & keep_mantissa(_INTERMEDIATE_MANTISSA)
    return torch.where(magnitude < SMALLEST_NORMAL, 0, rounded)


def _e5m7_magnitude(magnitude: torch.Tensor) -> torch.Tensor:
    """Magnitude bits after the packer's conversion to E5M7: the exponent saturates, the mantissa truncates."""
    largest, smallest = (_bits_of(v) for v in normal_range(_NARROW_EXPONENT, _INTERMEDIATE_MANTISSA))
    truncated = magnitude.clamp(max=largest) & keep_mantissa(_INTERMEDIATE_MANTISSA)
    return torch.where(magnitude < smallest, 0, truncated)


def _bits_of(value: float) -> int:
    return int(torch.tensor(value, dtype=torch.float32).view(torch.int32))


def _groups_outside(peak: torch.Tensor, lowest: int, highest: int) -> torch.Tensor | None:
    """Indices of the groups with a peak, if not 0, outside lowest .. highest - 1; None where there are none."""
    least, most = torch.aminmax(peak)
    if int(least) >= lowest and int(most) < highest:
        return None
    others = (((peak < lowest) & (peak != 0)) | (peak >= highest)).view(-1).nonzero().view(-1)
    return others if len(others) else None


def _to_intermediate(source: torch.Tensor, out: torch.Tensor, fmt: DataFormat, rounding: Rounding) -> None:
    """Reduce to 8 significant bits, from which the magnitudes are formed.

    The golden rule forms them from all 24 bits, but to nearest with ties away from zero only the first bit that is
    dropped counts, and 8 bits hold it.
    """
    if fmt.exponent_family == "a":
        narrow_numbers(source, out, _NARROW_EXPONENT, _INTERMEDIATE_MANTISSA)
    elif rounding is Rounding.golden:
        truncate_mantissa(source, out, _INTERMEDIATE_MANTISSA)
    else:
        patterns = out.view(torch.int32)
        torch.add(source.view(torch.int32), 1 << (MANTISSA_BITS - _INTERMEDIATE_MANTISSA - 1), out=patterns)
        patterns.bitwise_and_(keep_mantissa(_INTERMEDIATE_MANTISSA))


def _round_to_units(groups: torch.Tensor, shared: torch.Tensor, bits: int) -> None:
    """Round to magnitudes of `bits` bits, to nearest, ties away from zero; in place.

    Adding 1.5 * 2**23 units makes Float32's addition round to whole units, to nearest with ties to even; ties were
    moved away from zero before. Subtracting it again is exact and leaves +0 for every zero.

    Args:
        groups: [n, 16], values of 8 significant bits.
        shared: [n, 1], the exponent field in place, other bits zero.
    """
    center = (shared + (((MANTISSA_BITS + 1 - bits) << MANTISSA_BITS) | (1 << (MANTISSA_BITS - 1)))).view(torch.float32)
    limit = (shared + (((1 << (bits - 1)) - 1) << (MANTISSA_BITS + 1 - bits))).view(torch.float32)
    torch.add(center, groups, alpha=_PAST_TIE, out=groups)
    groups.sub_(center)
    torch.minimum(groups, limit, out=groups)
    torch.maximum(groups, -limit, out=groups)


def _truncate_to_units(groups: torch.Tensor, shared: torch.Tensor, bits: int) -> None:
    """Round to magnitudes of 7 bits, to nearest, ties away from zero, and truncate these to `bits` bits; in place.

    In the wider units that is the integer below |x| + step / 2, where step is a narrow unit. As |x| is a multiple of a
    small power of two there, it is also the integer nearest to |x| + step / 2 - 1/2 + a little.

    Arguments as :func:`_round_to_units`.
    """
    unit = shared - ((bits - 1) << MANTISSA_BITS)
    per_unit = ((2 * BIAS) << MANTISSA_BITS) - unit
    most = (1 << bits) - 1
    groups.mul_(per_unit.view(torch.float32))
    torch.ops.aten.softshrink.out(groups, 0.5 - 2.0 ** (bits - 8) - 2.0**-10, out=groups)
    groups.round_().clamp_(-most, most).mul_(unit.view(torch.float32))
    groups.add_(0.0)  # -0 becomes +0
