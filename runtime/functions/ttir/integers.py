"""Functions of integers for which torch has no kernel, or one that fails on some of them.

All take and give int64. Where they are told that the integers are uint64, these are their bits.
"""

from __future__ import annotations

import torch

from tilewright.runtime.functions.ttir.numbers import convert, integer_bits, is_unsigned, widened
from tilewright.support.errors import NumericsError

_MIN, _MAX = -(2**63), 2**63 - 1


def quotient(a: torch.Tensor, b: torch.Tensor, *, unsigned: bool = False) -> torch.Tensor:
    """a / b towards zero.

    Raises:
        NumericsError: an element of `b` is 0.
    """
    if bool((b == 0).any()):
        raise NumericsError("an integer is divided by zero", hint="check the model's inputs")
    if unsigned:
        return _unsigned_quotient(a, b)
    # The processor traps on the quotient of the least integer and -1.
    negates = b == -1
    return torch.where(negates, -a, torch.div(a, torch.where(negates, 1, b), rounding_mode="trunc"))


def _unsigned_quotient(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    """By division of a / 2, which has a sign bit to spare; its quotient is at most one too small (Hacker's Delight)."""
    at_least = (a ^ _MIN) >= (b ^ _MIN)
    divisor = b.clamp(min=1)
    first = torch.div((a >> 1) & _MAX, divisor, rounding_mode="trunc") << 1
    rest = a - first * divisor
    corrected = first + ((rest ^ _MIN) >= (divisor ^ _MIN)).to(torch.int64)
    return torch.where(b < 0, at_least.to(torch.int64), corrected)


def remainder(a: torch.Tensor, b: torch.Tensor, *, unsigned: bool = False) -> torch.Tensor:
    """What is left of a / b, with the sign of b.

    Raises:
        NumericsError: an element of `b` is 0.
    """
    rest = a - quotient(a, b, unsigned=unsigned) * b
    return rest if unsigned else torch.where((rest != 0) & ((rest < 0) != (b < 0)), rest + b, rest)


def power(a: torch.Tensor, b: torch.Tensor, *, unsigned: bool = False) -> torch.Tensor:
    """a to the power of b modulo 2^64; for b < 0 truncated towards zero, and 0 for a = 0."""
    if unsigned:
        # Odd numbers to the power of 2^62 are 1 modulo 2^64, even ones 0; 2^62 more changes neither.
        b = torch.where(b < 0, (b & (2**62 - 1)) | 2**62, b)
    return torch.pow(a, b)


def shift(x: torch.Tensor, amount: torch.Tensor, *, left: bool, arithmetic: bool = False) -> torch.Tensor:
    """`x` shifted by `amount` bits, which counts as unsigned; in the type of `x`.

    Args:
        x: Integers of any type.
        amount: Integers of any type.
        left: Towards the highest bit.
        arithmetic: With the sign of `x`, if it has one, instead of zeros from the left.
    """
    dtype, bits = x.dtype, integer_bits(x.dtype)
    wide, by = widened(x), widened(amount)
    everything = (by < 0) | (by >= bits)
    by = torch.where(everything, 0, by)
    if left:
        return convert(torch.where(everything, 0, wide << by), dtype)
    if arithmetic and not is_unsigned(dtype):
        return convert(torch.where(everything, wide >> (bits - 1), wide >> by), dtype)
    if bits < 64:
        shifted = (wide & ((1 << bits) - 1)) >> by
    else:
        shifted = torch.where(by == 0, wide, (wide >> by) & (_MAX >> (by - 1).clamp(min=0)))
    return convert(torch.where(everything, 0, shifted), dtype)
