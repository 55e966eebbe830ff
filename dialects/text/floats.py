"""Floats as bits: what a hexadecimal literal says, and the text of a number that reads back as the same bits.

A number in the IR is a Python float, which has room for the sign and the payload of any narrower NaN. Python's own
conversions to narrower types lose these, and fail on overflow where MLIR rounds to infinity.
"""

from __future__ import annotations

import math
import struct

from xdsl.dialects.builtin import (
    AnyFloat,
    BFloat16Type,
    Float16Type,
    Float32Type,
    Float64Type,
    Float80Type,
    Float128Type,
    FloatNanEncoding,
    FloatNonfiniteBehavior,
    ReducedPrecisionFloatType,
)

_FRACTION_BITS = 52
_FIELDS: dict[type, tuple[int, int]] = {Float16Type: (5, 10), BFloat16Type: (8, 7), Float32Type: (8, 23)}
"""Bits of exponent and fraction."""

_SIGNIFICANT_DIGITS: dict[type, int] = {Float32Type: 9, Float64Type: 17}
"""Decimal digits that tell all numbers of a type apart; six suffice for every narrower type."""


def _fields(type: AnyFloat) -> tuple[int, int] | None:
    """Bits of exponent and fraction if the type has NaNs with payloads, as IEEE 754 lays them out, and is not f64."""
    if isinstance(type, ReducedPrecisionFloatType):
        semantics = type.SEMANTICS
        if (semantics.nonfinite, semantics.nan_encoding) == (FloatNonfiniteBehavior.IEEE, FloatNanEncoding.IEEE):
            return semantics.exponent_bits, semantics.mantissa_bits
        return None
    return _FIELDS.get(type.__class__)


def _to_f64_bits(value: float) -> int:
    (bits,) = struct.unpack("<Q", struct.pack("<d", value))
    return bits


def _from_f64_bits(bits: int) -> float:
    (value,) = struct.unpack("<d", struct.pack("<Q", bits))
    return value


def has_bits(type: AnyFloat) -> bool:
    """Whether numbers of the type can be converted to bits; those wider than f64 cannot."""
    return not isinstance(type, Float80Type | Float128Type)


def float_to_bits(value: float, type: AnyFloat) -> int:
    """The bits of the number of `type` that is nearest to `value`, ties to even; too large ones become infinite."""
    fields = _fields(type)
    if fields is not None and not math.isfinite(value):
        exponent_bits, fraction_bits = fields
        bits = _to_f64_bits(value)
        sign, fraction = bits >> 63, bits & ((1 << _FRACTION_BITS) - 1)
        # A payload in the low bits alone would be lost, and the NaN with it.
        kept = fraction >> (_FRACTION_BITS - fraction_bits) or (1 << (fraction_bits - 1) if fraction else 0)
        return ((sign << exponent_bits) | ((1 << exponent_bits) - 1)) << fraction_bits | kept
    try:
        return int.from_bytes(type.pack((value,)), "little")
    except OverflowError:
        return float_to_bits(math.copysign(math.inf, value), type)


def bits_to_float(bits: int, type: AnyFloat) -> float:
    """The number with these bits; a NaN keeps its sign and payload."""
    fields = _fields(type)
    if fields is not None:
        exponent_bits, fraction_bits = fields
        fraction = bits & ((1 << fraction_bits) - 1)
        if fraction and (bits >> fraction_bits) & ((1 << exponent_bits) - 1) == (1 << exponent_bits) - 1:
            sign = bits >> (exponent_bits + fraction_bits)
            return _from_f64_bits(sign << 63 | 0x7FF << _FRACTION_BITS | fraction << (_FRACTION_BITS - fraction_bits))
    (value,) = type.unpack(bits.to_bytes(type.compile_time_size, "little"), 1)
    if math.isnan(value) and isinstance(type, ReducedPrecisionFloatType) and type.SEMANTICS.has_sign:
        return math.copysign(value, -1.0 if bits >> type.SEMANTICS.sign_shift else 1.0)
    return value


def rounded(value: float, type: AnyFloat) -> float:
    """The number of `type` nearest to `value`; `value` itself for types wider than f64."""
    return bits_to_float(float_to_bits(value, type), type) if has_bits(type) else value


def float_text(value: float, type: AnyFloat) -> str:
    """`value`, which is a number of `type`, as MLIR writes it: `1.000000e+00`, more digits if these do not read back as
    the same number, hexadecimal bits if no decimal number with a point does."""
    if not has_bits(type):
        text = repr(value)
        return text if "." in text else text.replace("e", ".0e")
    bits = float_to_bits(value, type)
    if not math.isfinite(value):
        return bits_text(bits)
    mantissa, _, exponent = f"{value:.5e}".partition("e")
    text = f"{mantissa}0e{exponent}"
    if float_to_bits(float(text), type) != bits:
        text = f"{value:.{_SIGNIFICANT_DIGITS.get(type.__class__, 17)}g}"
        if "." not in text:
            return bits_text(bits)
    return text


def bits_text(bits: int) -> str:
    """Bits as a hexadecimal literal."""
    return f"0x{bits:X}"
