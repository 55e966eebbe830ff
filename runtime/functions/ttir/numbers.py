"""Numbers of one element type as those of another, and integers for which torch has no kernels.

torch computes with signed integers and `uint8`. Others are computed as int64: exactly up to 32 bits, and modulo 2^64
for `uint64`, whose bits int64 holds.
"""

from __future__ import annotations

from math import inf

import torch

from tilewright.support.errors import UnsupportedInputError

_MIN, _MAX = -(2**63), 2**63 - 1
_BELOW_2_63 = 2.0**63 - 2**10
"""The last float64 before 2^63."""

_HALVES = (torch.float16, torch.bfloat16)
_WITHOUT_KERNELS = (torch.uint16, torch.uint32, torch.uint64, torch.bool)
_SIGNED = {8: torch.int8, 16: torch.int16, 32: torch.int32, 64: torch.int64}


def is_integer(dtype: torch.dtype) -> bool:
    """Whether this is a type of integers; booleans count as such."""
    return not (dtype.is_floating_point or dtype.is_complex)


def is_unsigned(dtype: torch.dtype) -> bool:
    """Whether all numbers of this integer type are >= 0."""
    return dtype is torch.bool or torch.iinfo(dtype).min == 0


def has_kernels(dtype: torch.dtype) -> bool:
    """Whether torch does arithmetic on this integer type itself, modulo 2^n."""
    return dtype not in _WITHOUT_KERNELS


def integer_bits(dtype: torch.dtype) -> int:
    """The number of bits of an integer; 1 of a boolean."""
    return 1 if dtype is torch.bool else torch.iinfo(dtype).bits


def promoted(*dtypes: torch.dtype) -> torch.dtype:
    """The type in which numbers of these types meet: as in torch, and the same rule for unsigned integers.

    Raises:
        UnsupportedInputError: uint64 meets signed integers, and no type holds both.
    """
    result = dtypes[0]
    for dtype in dtypes[1:]:
        if dtype is not result:
            integers = is_integer(dtype) and is_integer(result)
            result = _promoted_integers(result, dtype) if integers else _promoted(result, dtype)
    return result


def real_dtype(result: torch.dtype, *operands: torch.dtype) -> torch.dtype:
    """The widest float type of these, which fractions are computed in; float64 if there is none."""
    floats = [d for d in (*operands, result) if not is_integer(d)]
    return promoted(*floats) if floats else torch.float64


def at_least_float32(dtype: torch.dtype) -> torch.dtype:
    """The float type itself, or float32 for one of 16 bits, in which torch rounds some functions badly."""
    return torch.float32 if dtype in _HALVES else dtype


def _promoted(a: torch.dtype, b: torch.dtype) -> torch.dtype:
    # What kind of integer it is does not matter to a float.
    return torch.promote_types(*(torch.int64 if is_integer(d) else d for d in (a, b)))


def _promoted_integers(a: torch.dtype, b: torch.dtype) -> torch.dtype:
    if torch.bool in (a, b):
        return b if a is torch.bool else a
    if is_unsigned(a) == is_unsigned(b):
        return max(a, b, key=integer_bits)
    unsigned, signed = (a, b) if is_unsigned(a) else (b, a)
    bits = max(integer_bits(signed), 2 * integer_bits(unsigned))
    if bits not in _SIGNED:
        raise UnsupportedInputError(
            f"integers of the types {unsigned} and {signed} meet",
            why="no integer type holds the numbers of both",
            hint="cast one of the operands",
        )
    return _SIGNED[bits]


def widened(x: torch.Tensor) -> torch.Tensor:
    """Integers as int64; those of uint64 modulo 2^64."""
    return x.view(torch.int64) if x.dtype is torch.uint64 else x.to(torch.int64)


def with_type(bits: torch.Tensor, dtype: torch.dtype) -> torch.Tensor:
    """What was computed as int64 of integers of `dtype`: the same numbers, but for uint64, whose bits they are."""
    return bits.view(torch.uint64) if dtype is torch.uint64 else bits


def ordered(x: torch.Tensor) -> torch.Tensor:
    """int64 in the order of these integers; :func:`reordered` undoes it."""
    return x.view(torch.int64) ^ _MIN if x.dtype is torch.uint64 else x.to(torch.int64)


def reordered(x: torch.Tensor, dtype: torch.dtype) -> torch.Tensor:
    """The integers of `dtype` for which :func:`ordered` gave `x`."""
    return (x ^ _MIN).view(torch.uint64) if dtype is torch.uint64 else x


def convert(x: torch.Tensor, dtype: torch.dtype) -> torch.Tensor:
    """`x` in another type, as `ttir.typecast` defines it.

    A float rounds once, to nearest, ties to even. A float becomes an integer by truncation towards zero, then
    saturates; NaN becomes 0. An integer becomes another one modulo 2^n. As a boolean, all but 0 is true. A complex
    number becomes a real one by losing its imaginary part.
    """
    if x.dtype is dtype:
        return x
    if dtype is torch.bool:
        return x != 0
    if x.is_complex() and not dtype.is_complex:
        return convert(x.real, dtype)
    if is_integer(dtype) and x.is_floating_point():
        return _saturated(x, dtype)
    if dtype in _HALVES and x.dtype.itemsize >= 4 and x.dtype is not torch.float32:
        # torch rounds these to float32 first, and then once more.
        return _rounded_to_odd(_as_float64(x)).to(dtype)
    return x.to(dtype)


def _saturated(x: torch.Tensor, dtype: torch.dtype) -> torch.Tensor:
    limits = torch.iinfo(dtype)
    x = x.double().nan_to_num(nan=0.0, posinf=inf, neginf=-inf)
    if limits.bits < 64:
        return x.clamp(limits.min, limits.max).to(torch.int64).to(dtype)
    if dtype is torch.int64:
        return torch.where(x >= 2.0**63, _MAX, x.clamp(_MIN, _BELOW_2_63).to(torch.int64))
    high = x >= 2.0**63
    low_bits = torch.where(high, x - 2.0**63, x).clamp(0.0, _BELOW_2_63).to(torch.int64)
    bits = torch.where(high, low_bits ^ _MIN, low_bits)
    return torch.where(x >= 2.0**64, -1, bits).view(torch.uint64)


def _as_float64(x: torch.Tensor) -> torch.Tensor:
    """`x`, or of integers that float64 does not hold a number that every shorter float rounds like `x`."""
    if x.dtype is torch.uint64:
        bits = x.view(torch.int64)
        half = ((bits >> 1) & _MAX) | (bits & 1)
        return torch.where(bits < 0, 2 * _as_float64(half), _as_float64(bits & _MAX))
    if x.dtype is not torch.int64:
        return x.double()
    rest = x & 0xFFF
    between = x - rest + 0x800 * (rest != 0)
    return torch.where(x.abs() < 2**53, x, between).double()


def _rounded_to_odd(x: torch.Tensor) -> torch.Tensor:
    """`x` in float32; a number between two becomes the one whose last bit is 1, so that rounding again rounds once."""
    near = x.to(torch.float32)
    back = near.double()
    towards_zero = near.view(torch.int32) - (back.abs() > x.abs()).to(torch.int32)
    return (towards_zero | (back != x).to(torch.int32)).view(torch.float32)
