"""Numbers in attributes: bits of floats in hexadecimal, and sizes that are bounded."""

from __future__ import annotations

import re

from xdsl.dialects.builtin import (
    AnyFloat,
    BytesAttr,
    DenseArrayBase,
    FloatAttr,
    FloatData,
    IndexType,
    IntegerAttr,
    IntegerType,
    Signedness,
    TensorType,
    f64,
    i64,
)
from xdsl.ir import TypeAttribute
from xdsl.parser import Parser
from xdsl.utils.exceptions import VerifyException
from xdsl.utils.hints import isa
from xdsl.utils.mlir_lexer import MLIRTokenKind

from tilewright.dialects.text.floats import bits_to_float, float_to_bits, has_bits, rounded
from tilewright.dialects.types import is_integer_type

WIDEST_INTEGER = (1 << 24) - 1
"""Bits of the widest integer type, as in MLIR."""

_SIGNEDNESS = {"i": Signedness.SIGNLESS, "s": Signedness.SIGNED, "u": Signedness.UNSIGNED}

_DIMENSIONS = (MLIRTokenKind.INTEGER_LIT, MLIRTokenKind.QUESTION)

_tensor = re.compile(r"tensor<((?:[0-9]++x)*+)((?:bf|f|[su]?i)[0-9]++)>", re.ASCII).match
"""A ranked tensor type without alias, unknown extent or encoding."""


def float_attr(value: float, type: AnyFloat) -> FloatAttr:
    """The attribute; too large a value becomes infinite, and a NaN keeps its bits."""
    # The constructor takes a NaN's payload away.
    return FloatAttr.new([FloatData(rounded(value, type)), type])


class NumberParser(Parser):
    """Parses integers, floats, arrays of these, and the types that are made of them."""

    _types: dict[str, TypeAttribute]
    """Types by their text; a model has thousands, but few different ones."""

    def _init_numbers(self) -> None:
        self._types = {}

    def parse_optional_builtin_int_or_float_attr(self) -> IntegerAttr | FloatAttr | None:
        if (boolean := self.try_parse_builtin_boolean_attr()) is not None:
            return boolean
        start = self._current_token
        if start.kind not in (MLIRTokenKind.INTEGER_LIT, MLIRTokenKind.FLOAT_LIT, MLIRTokenKind.MINUS):
            return None
        value = self.parse_number()
        if self._current_token.kind is not MLIRTokenKind.COLON:
            return float_attr(value, f64) if isinstance(value, float) else IntegerAttr(value, i64)
        type = self._parse_attribute_type()
        if isinstance(type, AnyFloat):
            return float_attr(self._float_value(value, type, start.span.start), type)
        if not isa(type, IntegerType | IndexType):
            self.raise_error("Invalid type given for integer or float attribute.", start.span)
        if isinstance(value, float):
            self.raise_error("Floating point value is not valid for integer type.", start.span)
        try:
            return IntegerAttr(value, type)
        except VerifyException as error:
            self.raise_error(str(error), start.span)

    def _float_value(self, value: int | float, type: AnyFloat, start: int) -> float:
        """The number that a literal at `start` says: its value, or its bits if it is hexadecimal."""
        text = self.lexer.input.content
        if text.startswith("0x", start):
            assert isinstance(value, int)  # hexadecimal literals are integers
            if not has_bits(type) or value >> type.bitwidth:
                self.raise_error(f"the literal is no bits of {type}", start, start + 2)
            return bits_to_float(value, type)
        if isinstance(value, int) and text[start : self.pos].lstrip("-").lstrip().startswith("0x"):
            self.raise_error("the bits of a float cannot be negated", start, start + 1)
        return float(value)

    def _parse_builtin_densearray_attr(self) -> DenseArrayBase | None:
        self.parse_punctuation("<", " in dense array")
        place = self._current_token.span
        type = self.parse_type()
        if is_integer_type(type) and type.bitwidth <= 64:
            if self.parse_optional_punctuation(">"):
                return DenseArrayBase.from_list(type, [])
            self.parse_punctuation(":", " in dense array")
            integers = self.parse_comma_separated_list(self.Delimiter.NONE, lambda: self._parse_typed_integer(type))
            self.parse_punctuation(">", " in dense array")
            return DenseArrayBase.from_list(type, integers)
        if not isinstance(type, AnyFloat) or not has_bits(type):
            self.raise_error("the elements of a dense array are integers or floats of up to 64 bits", place)
        data = b""
        if not self.parse_optional_punctuation(">"):
            self.parse_punctuation(":", " in dense array")
            parts = self.parse_comma_separated_list(self.Delimiter.NONE, lambda: self._parse_float_bytes(type))
            self.parse_punctuation(">", " in dense array")
            data = b"".join(parts)
        return DenseArrayBase(type, BytesAttr(data))

    def _parse_float_bytes(self, type: AnyFloat) -> bytes:
        start = self.pos
        value = self._float_value(self.parse_number(), type, start)
        return float_to_bits(value, type).to_bytes(type.compile_time_size, "little")

    def parse_dimension_list(self) -> list[int]:
        # xDSL's own goes back over a space where there is one after the last delimiter.
        dimensions: list[int] = []
        while self._current_token.kind in _DIMENSIONS:
            dimensions.append(self.parse_shape_dimension())
            delimiter = self._current_token.span.start
            if self._parse_optional_shape_delimiter() is None:
                break
            if self._current_token.kind not in _DIMENSIONS:
                self._resume_from(delimiter)
        return dimensions

    def _parse_optional_builtin_type(self) -> TypeAttribute | None:
        token = self._current_token
        if token.kind is MLIRTokenKind.BARE_IDENT:
            source = self.lexer.input
            if (match := _tensor(source.content, token.span.start, source.len)) is not None:
                made = self._types.get(match[0])
                if made is None:
                    element = self._number_type(match[2])
                    if element is None:
                        return super()._parse_optional_builtin_type()
                    made = self._types[match[0]] = TensorType(element, [int(d) for d in match[1].split("x")[:-1]])
                self._resume_from(match.end())
                return made
            return super()._parse_optional_builtin_type()
        # A function type is all that can begin with something else.
        return self.parse_optional_function_type()

    def _parse_optional_integer_or_float_type(self) -> TypeAttribute | None:
        token = self._current_token
        if token.kind is not MLIRTokenKind.BARE_IDENT:
            return None
        made = self._number_type(token.text)
        if made is not None:
            self._consume_token()
        return made

    def _number_type(self, name: str) -> TypeAttribute | None:
        """The integer, index or float type of that name."""
        made = self._types.get(name)
        if made is not None:
            return made
        match = self._builtin_integer_type_regex.match(name)
        if match is None:
            made = IndexType() if name == "index" else self._builtin_float_types.get(name)
        elif int(match[1]) > WIDEST_INTEGER:
            self.raise_error(f"the widest integer type has {WIDEST_INTEGER} bits")
        else:
            made = IntegerType(int(match[1]), _SIGNEDNESS[name[0]])
        if made is not None:
            self._types[name] = made
        return made
