"""A text with its name, and errors that point into it."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from functools import cached_property

from xdsl.utils.lexer import Input

from tilewright.support.errors import TilewrightError, UnsupportedInputError, VerifyError

_SHOWN_COLUMNS = 120
"""Characters of a source line that are shown; a line that holds a tensor can have millions."""


@dataclass(frozen=True)
class Source(Input[str]):
    """A text, or the part of a file between two `// -----`, whose positions are still those of the file.

    Attributes:
        begin: Where the part begins; comments and IR before it are not read.
        end: Where it ends; the end of the text if None.
    """

    begin: int = 0
    end: int | None = field(default=None)

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.end is not None:
            object.__setattr__(self, "len", self.end)

    @cached_property
    def _line_starts(self) -> list[int]:
        starts = [0]
        find, position = self.content.find, -1
        while (position := find("\n", position + 1)) >= 0:
            starts.append(position + 1)
        return starts

    def line_and_column(self, position: int) -> tuple[int, int]:
        """Both count from 1; the column counts characters."""
        line = bisect_right(self._line_starts, position)
        return line, position - self._line_starts[line - 1] + 1

    def line_at(self, number: int) -> str:
        """Line `number`, from 1, without its end; empty if there is no such line."""
        starts = self._line_starts
        if not 0 < number <= len(starts):
            return ""
        end = starts[number] - 1 if number < len(starts) else len(self.content)
        return self.content[starts[number - 1] : end].removesuffix("\r")

    def position_of(self, line: int, column: int) -> int:
        """The position of a line and a column, both from 1."""
        return self._line_starts[line - 1] + column - 1

    def excerpt(self, line: int, column: int) -> str:
        """The source line and below it a caret at the column; of a long line the part around it."""
        text = self.line_at(line)
        at = min(column - 1, len(text))
        first = max(0, min(at - _SHOWN_COLUMNS // 2, len(text) - _SHOWN_COLUMNS))
        shown = text[first : first + _SHOWN_COLUMNS]
        left = "..." if first else ""
        right = "..." if first + len(shown) < len(text) else ""
        printable = "".join(c if c.isprintable() or c == "\t" else "?" for c in shown)
        # Tabs stay, so that the caret stands below its character however wide they are.
        padding = "".join("\t" if c == "\t" else " " for c in printable[: at - first])
        return f"{left}{printable}{right}\n{' ' * len(left)}{padding}^"


@dataclass(frozen=True)
class Note:
    """A remark on an error, with a place of its own."""

    message: str
    position: int


class SourceError(UnsupportedInputError):
    """An error at a place of a text: `file:line:column: error: message`, the source line, and a caret.

    Args:
        message: What is wrong.
        source: The text; an error that is not in a text has none.
        line: From 1; None if the place is not known.
        column: From 1.
        notes: Remarks on other places of the same text.
    """

    def __init__(
        self,
        message: str,
        source: Source,
        line: int | None = None,
        column: int = 1,
        notes: tuple[Note, ...] = (),
    ):
        self.message = message
        self.source = source
        self.line = line
        self.column = column
        self.notes = notes
        super().__init__(message, where=source.name if line is None else f"{source.name}:{line}:{column}")

    @classmethod
    def at(cls, message: str, source: Source, position: int, notes: tuple[Note, ...] = ()) -> SourceError:
        """An error at a position of the text."""
        line, column = source.line_and_column(position)
        return cls(message, source, line, column, notes)

    def render(self) -> str:
        """The error and its notes, each with its source line and a caret."""
        parts = [TilewrightError.render(self)]
        if self.line is not None:
            parts.append(self.source.excerpt(self.line, self.column))
        for note in self.notes:
            line, column = self.source.line_and_column(note.position)
            parts.append(f"{self.source.name}:{line}:{column}: note: {note.message}")
            parts.append(self.source.excerpt(line, column))
        return "\n".join(parts)


class SourceVerifyError(SourceError, VerifyError):
    """An op of a text that parses does not verify."""
