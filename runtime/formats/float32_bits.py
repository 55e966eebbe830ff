"""The fields of a Float32 pattern, as int32 sees them."""

from __future__ import annotations

import torch

MANTISSA_BITS = 23
BIAS = 127

SIGN = -(1 << 31)
MAGNITUDE = (1 << 31) - 1
EXPONENT = 0xFF << MANTISSA_BITS
MANTISSA = (1 << MANTISSA_BITS) - 1
HIDDEN_ONE = 1 << MANTISSA_BITS
INFINITY = EXPONENT
SMALLEST_NORMAL = 1 << MANTISSA_BITS

LARGEST_DENORMAL = MANTISSA * 2.0**-149
"""The value below the smallest normal, 2**-126."""


def keep_mantissa(bits: int) -> int:
    """The mask that truncates a mantissa to its upper `bits` bits."""
    return -(1 << (MANTISSA_BITS - bits))


def power_of_two(exponent: torch.Tensor) -> torch.Tensor:
    """2**exponent for integers -1022 .. 1023, exact, as float64."""
    return (exponent.to(torch.int64) + 1023).bitwise_left_shift_(52).view(torch.float64)
