"""The value of a layout's padding: how it is written, and which values a format can hold."""

from __future__ import annotations

from math import frexp, isinf

from xdsl.dialects.builtin import FloatAttr, f32
from xdsl.utils.exceptions import VerifyException

from tilewright.support.dataformat import DataFormat


def pad_text(pad: float | None) -> str:
    """How a layout spells `pad`."""
    if pad is None:
        return "undef"
    if isinf(pad):
        return "inf" if pad > 0 else "neg_inf"
    # Printer.print_float writes some numbers as the bits of their float, which read back as an integer.
    short = f"{pad:.6e}"
    return short if FloatAttr(float(short), f32).value.data == pad else f"{pad:.8e}"


def check_pad(fmt: DataFormat, pad: float | None) -> None:
    """Check that tiles of `fmt` can hold `pad` in their padding; None is padding of unknown value.

    Raises:
        VerifyException: they cannot.
    """
    if fmt.is_block_float and pad not in (None, 0.0):
        raise VerifyException(f"pad = {pad} shares exponents with elements of {fmt.type_name}: expected 0 or undef")
    if pad is not None and not (_holds_float(fmt, pad) if fmt.is_float else _holds_integer(fmt, pad)):
        raise VerifyException(f"pad = {pad} does not exist in {fmt.type_name}: expected one of its values or undef")


def _holds_float(fmt: DataFormat, value: float) -> bool:
    layout = fmt.value
    bias = (1 << (layout.exponent_bits - 1)) - 1
    narrow = layout.exponent_bits < 8  # the narrow exponents hold numbers alone, docs/formats.md
    if isinf(value) or value == 0.0:
        return value == 0.0 or not narrow
    fraction, exponent = frexp(abs(value))
    largest = bias + 1 if narrow else bias
    return (fraction * 2 ** (layout.mantissa_bits + 1)).is_integer() and 1 - bias <= exponent - 1 <= largest


def _holds_integer(fmt: DataFormat, value: float) -> bool:
    layout = fmt.value
    largest = (1 << layout.mantissa_bits) - 1
    return value.is_integer() and (0 if layout.mantissa_bits == layout.datum_bits else -largest) <= value <= largest
