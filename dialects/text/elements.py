"""Elements of tensor literals: from text, hexadecimal bytes and to text, for each element type.

Stored as xDSL stores them: little-endian, integers in 1, 2, 4 or 8 bytes with their sign extended. The bytes that MLIR
writes in hexadecimal are those of the smallest whole number of bytes, padded with zeros.
"""

from __future__ import annotations

import re
import struct
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import cast

from xdsl.dialects.builtin import AnyFloat, ComplexType, IndexType, IntegerType, Signedness
from xdsl.ir import Attribute

from tilewright.dialects.text.floats import bits_text, bits_to_float, float_text, float_to_bits, has_bits
from tilewright.dialects.types import is_integer_type

_INTEGER = r"\s*+-?[0-9]++\s*+"
_FLOAT = r"\s*+-?[0-9]++\.[0-9]*+(?:[eE][-+]?[0-9]++)?\s*+"
_is_integer_row = re.compile(rf"{_INTEGER}(?:,{_INTEGER})*+", re.ASCII).fullmatch
_is_float_row = re.compile(rf"{_FLOAT}(?:,{_FLOAT})*+", re.ASCII).fullmatch


class ElementError(ValueError):
    """An element that the type does not have; the message says why."""


class Elements(ABC):
    """Conversions for one element type.

    Attributes:
        size: Bytes of a stored element.
        hex_size: Bytes of an element in a hexadecimal string.
    """

    size: int
    hex_size: int

    @abstractmethod
    def from_word(self, word: str, *, negative: bool) -> bytes:
        """One element.

        Args:
            word: A number, decimal or hexadecimal, without its sign; or `true` or `false`.
            negative: Whether a minus stands before it.

        Raises:
            ElementError: the type has no such element.
        """

    @abstractmethod
    def from_row(self, row: str) -> bytes | None:
        """The elements of plain decimal numbers with commas between them; None if the row holds something else."""

    @abstractmethod
    def to_text(self, data: bytes) -> str:
        """One stored element as text."""

    def from_hex(self, data: bytes) -> bytes:
        """What is stored for the bytes of a hexadecimal string."""
        return data

    def to_hex(self, data: bytes) -> bytes:
        """The inverse of `from_hex`."""
        return data


class IntegerElements(Elements):
    """Integers of up to 64 bits, and indices."""

    def __init__(self, width: int, signedness: Signedness):
        self._width = width
        self._boolean = width == 1
        self._low, self._high = signedness.value_range(width)
        self._extend_sign = signedness is not Signedness.UNSIGNED
        self._format = next(f for f, bits in (("B", 8), ("H", 16), ("I", 32), ("Q", 64)) if width <= bits)
        self.size = struct.calcsize(f"<{self._format}")
        self.hex_size = max(1, (width + 7) // 8)

    def _stored(self, values: Sequence[int]) -> bytes:
        mask = (1 << 8 * self.size) - 1
        if self._extend_sign and self._width < 8 * self.size:
            sign = 1 << self._width - 1 if self._width else 0
            unsigned = (1 << self._width) - 1
            values = [((v & unsigned) ^ sign) - sign for v in values]
        return struct.pack(f"<{len(values)}{self._format}", *(v & mask for v in values))

    def from_word(self, word: str, *, negative: bool) -> bytes:
        if word in ("true", "false"):
            if not self._boolean:
                raise ElementError("expected an integer; booleans are elements of i1 only")
            value = int(word == "true")
        elif "." in word:
            raise ElementError("expected an integer, found a float")
        else:
            value = _integer(word)
        return self._checked([-value if negative else value])

    def from_row(self, row: str) -> bytes | None:
        return self._checked([_integer(word) for word in row.split(",")]) if _is_integer_row(row) else None

    def _checked(self, values: list[int]) -> bytes:
        if min(values) < self._low or max(values) >= self._high:
            wrong = next(v for v in values if not self._low <= v < self._high)
            raise ElementError(f"the integer {wrong} is not in the range [{self._low}, {self._high}) of the type")
        return self._stored(values)

    def to_text(self, data: bytes) -> str:
        value = int.from_bytes(data, "little", signed=self._extend_sign)
        return str(value) if not self._boolean else ("true" if value else "false")

    def from_hex(self, data: bytes) -> bytes:
        if self._width == 8 * self.size:
            return data
        step = self.hex_size
        return self._stored([int.from_bytes(data[i : i + step], "little") for i in range(0, len(data), step)])

    def to_hex(self, data: bytes) -> bytes:
        if self._width == 8 * self.size:
            return data
        mask = (1 << self._width) - 1
        values = struct.unpack(f"<{len(data) // self.size}{self._format}", data)
        return b"".join((v & mask).to_bytes(self.hex_size, "little") for v in values)


class FloatElements(Elements):
    """Floats of up to 64 bits."""

    def __init__(self, type: AnyFloat):
        self._type = type
        self.size = self.hex_size = type.compile_time_size

    def from_word(self, word: str, *, negative: bool) -> bytes:
        if word in ("true", "false"):
            raise ElementError("expected a float, found a boolean")
        if word.startswith("0x"):
            if negative:
                raise ElementError("the bits of a float cannot be negated")
            bits = int(word, 16)
            if bits >> self._type.bitwidth:
                raise ElementError(f"{word} has more than the {self._type.bitwidth} bits of the type")
        else:
            bits = float_to_bits(-float(word) if negative else float(word), self._type)
        return bits.to_bytes(self.size, "little")

    def from_row(self, row: str) -> bytes | None:
        if not _is_float_row(row):
            return None
        values = list(map(float, row.split(",")))
        try:
            return self._type.pack(values)
        except OverflowError:
            return b"".join(float_to_bits(v, self._type).to_bytes(self.size, "little") for v in values)

    def to_text(self, data: bytes) -> str:
        bits = int.from_bytes(data, "little")
        value = bits_to_float(bits, self._type)
        # Not what `float_text` makes of a NaN: its bits are here.
        return bits_text(bits) if value != value else float_text(value, self._type)


class ComplexElements(Elements):
    """Pairs; `from_word` reads one part."""

    def __init__(self, part: Elements):
        self._part = part
        self.size, self.hex_size = 2 * part.size, 2 * part.hex_size

    def from_word(self, word: str, *, negative: bool) -> bytes:
        return self._part.from_word(word, negative=negative)

    def from_row(self, row: str) -> bytes | None:
        return None

    def to_text(self, data: bytes) -> str:
        half = self._part.size
        return f"({self._part.to_text(data[:half])},{self._part.to_text(data[half:])})"

    def from_hex(self, data: bytes) -> bytes:
        return self._part.from_hex(data)

    def to_hex(self, data: bytes) -> bytes:
        return self._part.to_hex(data)


def elements_of(type: Attribute) -> Elements | None:
    """The conversions for an element type; None if it has none."""
    if isinstance(type, IndexType):
        return IntegerElements(64, Signedness.SIGNLESS)
    if is_integer_type(type):
        return IntegerElements(type.bitwidth, type.signedness.data) if type.bitwidth <= 64 else None
    if isinstance(type, ComplexType):
        # What isinstance alone says leaves a type checker without the type's parameter.
        part = elements_of(cast("ComplexType[IntegerType | AnyFloat]", type).element_type)
        return None if part is None or isinstance(part, ComplexElements) else ComplexElements(part)
    return FloatElements(type) if isinstance(type, AnyFloat) and has_bits(type) else None


def _integer(word: str) -> int:
    try:
        return int(word, 16 if word.startswith("0x") else 10)
    except ValueError:
        raise ElementError(f"an integer of {len(word)} digits is too long") from None


def splat_or_all(data: bytes, size: int) -> bytes:
    """The first element if all of `data` are the same, else `data`."""
    first = data[:size]
    if len(data) <= size or data[-size:] != first or data != first * (len(data) // size):
        return data
    return first
