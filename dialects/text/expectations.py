"""What a text says about the errors that it should give: `// expected-error @+1 {{part of the message}}`.

As `mlir-opt --verify-diagnostics` reads them: after `@`, a number of lines with its sign, `above` (the last line before
that holds no such comment), `below` (the next one), or `unknown` for errors without a place; the comment's own line if
there is none. With `expected-error-re` the text may hold regular expressions, each between double braces.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias, cast

from tilewright.dialects.text.source import Source, SourceError
from tilewright.support.errors import TilewrightError

Kind: TypeAlias = Literal["error", "warning", "note", "remark"]

_expected = re.compile(
    r"expected-(error|note|remark|warning)(-re)?[ \t]*"
    r"(?:@([+-][0-9]+|above|below|unknown))?[ \t]*\{\{(.*)\}\}[ \t]*\r?$"
).search
_place = re.compile(r"(.*?):([0-9]+)(?::[0-9]+)?(?![0-9])").match


@dataclass(frozen=True)
class Diagnostic:
    """A message that was given.

    Attributes:
        kind: What it is.
        message: All of it, without its place.
        line: In the text, from 1; None if it has no place there.
        column: From 1.
    """

    kind: Kind
    message: str
    line: int | None
    column: int = 1


@dataclass(frozen=True)
class Expectation:
    """A message that should be given.

    Attributes:
        kind: What it is.
        text: A part of the message, or regular expressions between double braces in it.
        is_regex: Whether it holds any.
        line: The message's, from 1; None if it has no place.
        position: Of the comment.
    """

    kind: Kind
    text: str
    is_regex: bool
    line: int | None
    position: int

    def matches(self, given: Diagnostic) -> bool:
        """Whether `given` is what is expected."""
        if (given.kind, given.line) != (self.kind, self.line):
            return False
        if not self.is_regex:
            return self.text in given.message
        return re.search(_pattern(self.text), given.message) is not None


def _pattern(text: str) -> str:
    """The regular expression of a text whose regular expressions stand between double braces."""
    parts = re.split(r"\{\{(.*?)\}\}", text)
    return "".join(f"(?:{part})" if i % 2 else re.escape(part) for i, part in enumerate(parts))


def diagnostics_of(error: TilewrightError, source: Source) -> list[Diagnostic]:
    """An error and its notes as diagnostics of `source`."""
    if isinstance(error, SourceError):
        notes = [Diagnostic("note", n.message, *source.line_and_column(n.position)) for n in error.notes]
        return [Diagnostic("error", error.message, error.line, error.column), *notes]
    place = _place(error.where) if error.where is not None else None
    line = int(place[2]) if place is not None and place[1] == source.name else None
    message = "; ".join(part for part in (error.what, error.why, error.hint) if part is not None)
    return [Diagnostic("error", message, line)]


def expectations_of(source: Source) -> list[Expectation]:
    """The expectations in the comments of a source.

    Raises:
        SourceError: one holds a regular expression that is none.
    """
    found: list[Expectation] = []
    waiting: list[tuple[Kind, str, bool, int]] = []
    last_plain: int | None = None
    position = source.begin
    first, _ = source.line_and_column(position)
    for number, line in enumerate(source.content[position : source.len].split("\n"), first):
        match = _expected(line)
        if match is None:
            found += [Expectation(kind, text, regex, number, at) for kind, text, regex, at in waiting]
            waiting.clear()
            last_plain = number
        else:
            kind, is_regex, text, at = cast("Kind", match[1]), bool(match[2]), match[4], position + match.start()
            if is_regex:
                _check_pattern(text, source, at)
            match match[3]:
                case "below":
                    waiting.append((kind, text, is_regex, at))
                case "above":
                    found.append(Expectation(kind, text, is_regex, last_plain, at))
                case "unknown":
                    found.append(Expectation(kind, text, is_regex, None, at))
                case offset:
                    found.append(Expectation(kind, text, is_regex, number + int(offset or 0), at))
        position += len(line) + 1
    # Nothing follows them: no message can be there.
    found += [Expectation(kind, text, regex, -1, at) for kind, text, regex, at in waiting]
    return found


def _check_pattern(text: str, source: Source, position: int) -> None:
    try:
        re.compile(_pattern(text))
    except re.error as error:
        raise SourceError.at(f"invalid regular expression: {error}", source, position) from None


def unmet(source: Source, given: Sequence[Diagnostic]) -> list[SourceError]:
    """An error for each message that is not expected, and for each expectation without its message."""
    try:
        waiting = expectations_of(source)
    except SourceError as error:
        return [error]
    errors: list[SourceError] = []
    for diagnostic in given:
        match = next((e for e in waiting if e.matches(diagnostic)), None)
        if match is not None:
            waiting.remove(match)
        # Notes explain an error, and need not be expected.
        elif diagnostic.kind != "note":
            message = f"unexpected {diagnostic.kind}: {diagnostic.message}"
            errors.append(SourceError(message, source, diagnostic.line, diagnostic.column))
    errors += [SourceError.at(f'expected {e.kind} "{e.text}" was not produced', source, e.position) for e in waiting]
    return errors
