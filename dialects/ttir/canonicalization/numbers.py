"""Tensors of equal numbers: which number it is, and the op that makes such a tensor."""

from __future__ import annotations

from math import copysign, frexp, inf, isfinite, isnan, trunc

from xdsl.dialects.builtin import BFloat16Type, Float16Type, Float32Type, Float64Type, IntegerType, Signedness, f32
from xdsl.ir import Attribute, SSAValue

from tilewright.dialects.ttir.bases import SingleResultOp
from tilewright.dialects.ttir.canonicalization.common import has_encoding, is_static
from tilewright.dialects.ttir.creation import FilledOp, FullOp, OnesOp, ZerosOp, fill_value_of
from tilewright.dialects.types import element_type_of, is_integer_type, shape_of

_FLOATS: dict[type[Attribute], tuple[int, int, float]] = {
    BFloat16Type: (8, -133, 2.0**128 - 2.0**120),
    Float16Type: (11, -24, 65504.0),
    Float32Type: (24, -149, 2.0**128 - 2.0**104),
}
"""Bits of the mantissa, the hidden one included; exponent of the least number; the largest one (IEEE 754; bfloat16 is
the upper half of binary32)."""

_I32 = range(-(2**31), 2**31)


def integer_limits(element_type: IntegerType) -> tuple[int, int]:
    """The least and the largest integer; signless ones count as signed, `i1` as 0 and 1."""
    bits = element_type.width.data
    if bits == 1 or element_type.signedness.data is Signedness.UNSIGNED:
        return 0, 2**bits - 1
    return -(2 ** (bits - 1)), 2 ** (bits - 1) - 1


def _as_integer(number: int | float, element_type: IntegerType) -> int:
    low, high = integer_limits(element_type)
    if element_type.width.data == 1:
        return int(number != 0)
    if isinstance(number, int):
        return (number - low) % (high - low + 1) + low
    return 0 if isnan(number) else trunc(min(max(number, low), high))


def as_element(number: int | float, element_type: Attribute) -> int | float | None:
    """What an element of this type becomes when it is made of `number`, as by `typecast`; None for other types."""
    if is_integer_type(element_type):
        return _as_integer(number, element_type)
    if isinstance(element_type, Float64Type):
        return float(number)
    limits = _FLOATS.get(type(element_type))
    if limits is None:
        return None
    value = float(number)
    if not isfinite(value) or value == 0:
        return value
    bits, least, largest = limits
    unit = 2.0 ** max(frexp(value)[1] - bits, least)
    nearest = copysign(round(value / unit) * unit, value)  # ties to even
    return nearest if abs(nearest) <= largest else copysign(inf, value)


def fits_attribute(number: int | float) -> bool:
    """Whether an attribute can hold it: f32 for a float, i32 for an integer."""
    return as_element(number, f32) == number if isinstance(number, float) else number in _I32


def is_negative_zero(number: int | float) -> bool:
    """Whether it is -0.0, which equals 0."""
    return number == 0 and copysign(1.0, number) < 0


def number_in(value: SSAValue) -> int | float | None:
    """The number in every element of `value`; None if its op does not make equal numbers."""
    fill = fill_value_of(value)
    return None if fill is None else as_element(fill, element_type_of(value))


def filled_with(number: int | float, op: SingleResultOp) -> FilledOp | None:
    """What fills the result of `op` with `number`; None if elements or attributes cannot hold it."""
    if has_encoding(op) or not is_static(op):
        return None
    shape, element_type = shape_of(op.result), element_type_of(op.result)
    held = as_element(number, element_type)
    if held is None or held != number:
        return None
    if held == 0 and not is_negative_zero(held):
        return ZerosOp(shape, element_type, location=op.location)
    if held == 1:
        return OnesOp(shape, element_type, location=op.location)
    return FullOp(shape, held, element_type, location=op.location) if fits_attribute(held) else None
