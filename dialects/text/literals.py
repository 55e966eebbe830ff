"""Tensor literals, `[[1, 2], [3, 4]]`, straight from the text to bytes.

No token, object or recursion for each element: a literal takes no more memory than a few times its text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from tilewright.dialects.text.elements import ComplexElements, ElementError, Elements

_PIECE = 1 << 16
"""Characters of a row that are converted at a time."""

_skip = re.compile(r"(?:\s++|//[^\n]*+)*+", re.ASCII).match
_row = re.compile(r"[^\[\]()/]*+\]").match
_word = re.compile(
    r"(-?)(?:\s++|//[^\n]*+)*+(0x[0-9a-fA-F]++|[0-9]++(?:\.[0-9]*+(?:[eE][-+]?[0-9]++)?)?|true\b|false\b)"
).match

literal_end = re.compile(r"(?:[-+.,()\[\]\w\s]++|//[^\n]*+)*+", re.ASCII).match
"""From the beginning of a literal to the first character that can be in none."""


class LiteralError(ElementError):
    """A fault in a literal, at a position of the text."""

    def __init__(self, message: str, position: int):
        super().__init__(message)
        self.position = position


@dataclass
class Literal:
    """The elements between two positions of a text.

    Attributes:
        shape: The extents that the brackets say; None for a scalar, which stands for any shape.
        data: The elements.
    """

    text: str
    end: int
    elements: Elements
    shape: list[int] | None = None
    data: bytearray = field(default_factory=bytearray)
    _extents: dict[int, int] = field(default_factory=dict[int, int])
    _counts: list[int] = field(default_factory=list[int])
    _leaf_depth: int | None = None

    def read(self, start: int) -> None:
        """Read the literal that begins at `start`.

        Raises:
            LiteralError: it is no literal of the element type, or not rectangular.
        """
        position = self._value(self._next(start))
        while self._counts:
            position = self._next(position)
            if self._at(position) == ",":
                position = self._value(self._next(position + 1))
            elif self._at(position) == "]":
                self._close(self._counts.pop(), position)
                position += 1
            else:
                raise LiteralError("expected ',' or ']' in the tensor literal", position)
        position = self._next(position)
        if position < self.end:
            raise LiteralError("expected '>' after the tensor literal", position)
        if self._extents:
            self.shape = [self._extents[depth] for depth in range(len(self._extents))]

    def _next(self, position: int) -> int:
        match = _skip(self.text, position, self.end)
        assert match is not None  # it may be empty
        return match.end()

    def _at(self, position: int) -> str:
        return self.text[position] if position < self.end else ""

    def _value(self, position: int) -> int:
        """Read an element, or a list without lists in it; of other lists, the brackets and the first such value."""
        while self._at(position) == "[":
            row = _row(self.text, position + 1, self.end)
            self._counts.append(0)
            if row is not None:
                before = len(self.data)
                self._append_row(position + 1, row.end() - 1)
                self._counts.pop()
                self._close((len(self.data) - before) // self.elements.size, position)
                return row.end()
            position = self._next(position + 1)
            if self._at(position) == "]":
                return position
        return self._element(position)

    def _close(self, count: int, position: int) -> None:
        """Note that a list of `count` values has ended."""
        depth = len(self._counts)
        if self._leaf_depth is not None and depth >= self._leaf_depth:
            raise LiteralError("elements stand at different depths in the tensor literal", position)
        if self._extents.setdefault(depth, count) != count:
            raise LiteralError("lists of one depth have different lengths in the tensor literal", position)
        if self._counts:
            self._counts[-1] += 1

    def _append_row(self, start: int, end: int) -> None:
        """Append the elements of a list that holds no lists."""
        if self._next(start) >= end:
            return
        self._check_depth(len(self._counts), start)
        while start <= end:
            comma = self.text.find(",", start + _PIECE, end) if end - start > _PIECE else -1
            stop = end if comma < 0 else comma
            piece = self.text[start:stop]
            try:
                data = self.elements.from_row(piece)
            except ElementError:
                data = None  # found again below, where its position is known
            if data is None:
                self._append_words(start, stop)
            else:
                self.data += data
            start = stop + 1

    def _append_words(self, start: int, end: int) -> None:
        """Append elements one by one."""
        position = start
        while True:
            position = self._next(self._number(self._next(position), end))
            if position >= end:
                return
            if self.text[position] != ",":
                raise LiteralError("expected ',' or ']' in the tensor literal", position)
            position += 1

    def _element(self, position: int) -> int:
        """Read one element, which is no list."""
        self._check_depth(len(self._counts), position)
        if self._counts:
            self._counts[-1] += 1
        if not isinstance(self.elements, ComplexElements):
            return self._number(position, self.end)
        for opening in "(,":
            if self._at(position) != opening:
                raise LiteralError("expected a complex number (real, imaginary)", position)
            position = self._next(self._number(self._next(position + 1), self.end))
        if self._at(position) != ")":
            raise LiteralError("expected ')' after a complex number", position)
        return position + 1

    def _number(self, position: int, end: int) -> int:
        match = _word(self.text, position, end)
        if match is None:
            raise LiteralError("expected an element of the tensor literal", position)
        try:
            self.data += self.elements.from_word(match[2], negative=bool(match[1]))
        except ElementError as error:
            raise LiteralError(str(error), position) from None
        return match.end()

    def _check_depth(self, depth: int, position: int) -> None:
        if self._leaf_depth is None:
            self._leaf_depth = depth
        if self._leaf_depth != depth or depth in self._extents:
            raise LiteralError("elements stand at different depths in the tensor literal", position)
