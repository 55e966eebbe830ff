"""`dense<..>`: splats of one element, hexadecimal bytes, and lists."""

from __future__ import annotations

import math
from typing import cast

from xdsl.dialects.builtin import (
    DYNAMIC_INDEX,
    AnyDenseElement,
    BytesAttr,
    DenseIntOrFPElementsAttr,
    MemRefType,
    RankedStructure,
    TensorType,
    VectorType,
)
from xdsl.parser import Parser
from xdsl.utils.lexer import Span
from xdsl.utils.mlir_lexer import MLIRTokenKind

from tilewright.dialects.text.elements import Elements, elements_of, splat_or_all
from tilewright.dialects.text.literals import Literal, LiteralError, literal_end
from tilewright.dialects.text.resources import hex_bytes


def dense_splat(type: RankedStructure[AnyDenseElement], element: bytes) -> DenseIntOrFPElementsAttr:
    """A tensor of equal elements that holds one, as the parser makes it.

    Args:
        type: Of the tensor, of any size.
        element: As the element type packs it.
    """
    return DenseIntOrFPElementsAttr(type, BytesAttr(element if math.prod(type.get_shape()) else b""))


class DenseParser(Parser):
    """Parses `dense<..>`; whatever its elements, equal ones are kept as one."""

    def parse_dense_int_or_fp_elements_attr(
        self, type: RankedStructure[AnyDenseElement] | None
    ) -> DenseIntOrFPElementsAttr:
        self.parse_punctuation("<", " in dense attribute")
        contents = self._current_token
        if contents.kind is MLIRTokenKind.STRING_LIT:
            self._consume_token()
        elif contents.kind is not MLIRTokenKind.GREATER:
            # Elements are read when their type is known.
            source = self.lexer.input
            found = literal_end(source.content, contents.span.start, source.len)
            assert found is not None  # it may be empty
            self._resume_from(found.end())
        end = self.pos
        self.parse_punctuation(">", " in dense attribute")
        if type is None:
            self.parse_punctuation(":", " in dense attribute")
            place = self._current_token.span
            type = self._parse_dense_literal_type()
        else:
            place = contents.span
        elements = elements_of(type.element_type)
        if elements is None:
            self.raise_error(f"elements of the type {type.element_type} cannot be read", place)
        count = math.prod(type.get_shape())
        if contents.kind is MLIRTokenKind.STRING_LIT:
            data = self._hex_elements(contents.span, elements, count, type)
        elif contents.span.start == end:
            if count:
                self.raise_error("expected at least one element in the dense literal, but got none", contents.span)
            data = b""
        else:
            data = self._literal_elements(contents.span.start, end, elements, type)
        return DenseIntOrFPElementsAttr(type, BytesAttr(splat_or_all(data, elements.size) if count else b""))

    def _parse_dense_literal_type(self) -> RankedStructure[AnyDenseElement]:
        # xDSL's own makes its constraint anew for each literal, in milliseconds.
        place = self._current_token.span
        type = self.parse_type()
        if not isinstance(type, TensorType | VectorType | MemRefType):
            self.raise_error(f"a dense attribute has a ranked tensor, vector or memref type, found {type}", place)
        if DYNAMIC_INDEX in type.get_shape():
            self.raise_error(f"a dense attribute has a static shape, found {type}", place)
        # Which element types there are is looked at by the caller.
        return cast("RankedStructure[AnyDenseElement]", type)

    def _literal_elements(
        self, start: int, end: int, elements: Elements, type: RankedStructure[AnyDenseElement]
    ) -> bytes:
        literal = Literal(self.lexer.input.content, end, elements)
        try:
            literal.read(start)
        except LiteralError as error:
            self.raise_error(str(error), error.position, error.position + 1)
        shape = list(type.get_shape())
        if literal.shape is not None and literal.shape != shape:
            self.raise_error(f"the tensor literal has the shape {literal.shape}, its type {shape}", start, start + 1)
        return bytes(literal.data)

    def _hex_elements(
        self, place: Span, elements: Elements, count: int, type: RankedStructure[AnyDenseElement]
    ) -> bytes:
        try:
            data = hex_bytes(place.text[1:-1])
        except ValueError as error:
            self.raise_error(f"invalid elements: {error}", place)
        if len(data) not in (elements.hex_size, count * elements.hex_size):
            # Until 2026, MLIR packed eight booleans into a byte.
            if str(type.element_type) != "i1" or len(data) != (count + 7) // 8:
                self.raise_error(
                    f"{type} takes {count * elements.hex_size} bytes of elements, or {elements.hex_size} for a splat; "
                    f"found {len(data)}",
                    place,
                )
            bits = int.from_bytes(data, "little")
            data = bytes((bits >> i) & 1 for i in range(count))
        return elements.from_hex(data)
