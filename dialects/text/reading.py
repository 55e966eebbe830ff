"""Texts and files to modules, with every fault an error at its place."""

from __future__ import annotations

import re
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import Operation
from xdsl.utils.exceptions import (
    DiagnosticException,
    MultipleSpansParseError,
    ParseError,
    PyRDLError,
    UnregisteredConstructException,
    VerifyException,
)

from tilewright.dialects.text.parser import TextParser
from tilewright.dialects.text.source import Note, Source, SourceError, SourceVerifyError
from tilewright.dialects.text.verify import first_fault
from tilewright.support.errors import UnsupportedInputError

LARGEST_FILE = 1 << 30
"""Bytes of a file that is read."""

_PART = 1 << 20
"""Bytes that are read at a time."""

_FAULTS = (
    VerifyException,
    UnregisteredConstructException,
    PyRDLError,
    ValueError,
    TypeError,
    AttributeError,
    AssertionError,
    LookupError,
    ArithmeticError,
    NotImplementedError,
    struct.error,
)
"""What xDSL's parser raises without a place, some of it from assertions and conversions of what the text says."""

_split_line = re.compile(r"// -----[ \t]*\r?$", re.MULTILINE).finditer


@dataclass(frozen=True)
class ParsedModule:
    """A module and where it comes from.

    Attributes:
        module: Not verified.
        source: The text.
        positions: Where the name of each op stands.
    """

    module: ModuleOp
    source: Source
    positions: Mapping[Operation, int] = field(repr=False)

    def verify(self) -> None:
        """Verify the module, whatever passes have made of it.

        Raises:
            SourceVerifyError: it does not verify; the place is that of the op in the text, or the file location of an
                op that a pass has made.
        """
        fault = first_fault(self.module)
        if fault is None:
            return
        message = f"'{fault.op.name}' op {fault.message}"
        position = self.positions.get(fault.op)
        if position is not None:
            raise SourceVerifyError.at(message, self.source, position)
        raise SourceVerifyError(message, self.source, *fault.place_in(self.source.name))


def parse_source(source: Source, context: Context, *, allow_implicit_module: bool = True) -> ParsedModule:
    """Parse a source, without verifying it.

    Args:
        source: The text.
        context: Has the dialects.
        allow_implicit_module: Whether ops may stand outside a module.

    Raises:
        SourceError: it does not parse.
    """
    parser: TextParser | None = None
    try:
        parser = TextParser(context, source)
        module = parser.parse_module(allow_implicit_module)
    except ParseError as error:
        raise _located(error, source) from None
    except RecursionError:
        raise _here("the IR is nested too deeply", parser, source) from None
    except _FAULTS as error:
        raise _here(message_of(error), parser, source) from error
    return ParsedModule(module, source, parser.positions)


def message_of(error: Exception) -> str:
    """What xDSL says, or Python where xDSL has not looked."""
    message = str(error)
    if "integer string conversion" in message:
        return "a number has too many digits"
    return message.rstrip() if isinstance(error, DiagnosticException | ValueError) else f"malformed IR ({error!r})"


def _located(error: ParseError, source: Source) -> SourceError:
    notes: list[Note] = []
    if isinstance(error, MultipleSpansParseError):
        notes = [Note(text or error.ref_text or "here", span.start) for span, text in error.refs]
    return SourceError.at(error.msg, source, error.span.start, tuple(notes))


def _here(message: str, parser: TextParser | None, source: Source) -> SourceError:
    return SourceError.at(message, source, source.begin if parser is None else parser.pos)


def parse_module(text: str, context: Context, name: str = "<string>", *, verify: bool = True) -> ModuleOp:
    """Parse and verify a text.

    Args:
        text: The IR; ops outside a module are put into one.
        context: Has the dialects.
        name: Of the file, for errors and locations.
        verify: Whether to verify.

    Raises:
        SourceError: it does not parse or verify.
    """
    parsed = parse_source(Source(text, name), context)
    if verify:
        parsed.verify()
    return parsed.module


def parse_file(path: Path, context: Context, *, verify: bool = True) -> list[ModuleOp]:
    """Parse and verify the modules of a file; lines `// -----` separate them.

    Args:
        path: Of the file.
        context: Has the dialects.
        verify: Whether to verify.

    Raises:
        UnsupportedInputError: the file cannot be read.
        SourceError: it does not parse or verify.
    """
    modules: list[ModuleOp] = []
    for source in split_source(read_source(path)):
        parsed = parse_source(source, context)
        if verify:
            parsed.verify()
        modules.append(parsed.module)
    return modules


def read_source(path: Path) -> Source:
    """The text of a file.

    Raises:
        UnsupportedInputError: it cannot be read, or is larger than `LARGEST_FILE`.
        SourceError: it is not UTF-8.
    """
    try:
        with path.open("rb") as file:
            return read_stream(file, str(path))
    except OSError as error:
        raise UnsupportedInputError("cannot be read", where=str(path), why=error.strerror or str(error)) from error


def read_stream(stream: IO[bytes], name: str) -> Source:
    """The text of all that a stream gives.

    Raises:
        UnsupportedInputError: there are more bytes than `LARGEST_FILE`.
        SourceError: they are not UTF-8.
    """
    parts: list[bytes] = []
    size = 0
    # Not at once: Python takes as much memory as it is allowed to read.
    while part := stream.read(_PART):
        parts.append(part)
        size += len(part)
        if size > LARGEST_FILE:
            raise UnsupportedInputError(
                "the file is too large", where=name, why=f"{LARGEST_FILE} bytes are read at most"
            )
    return decode_source(b"".join(parts), name)


def decode_source(data: bytes, name: str) -> Source:
    """The text of bytes.

    Raises:
        SourceError: they are not UTF-8.
    """
    try:
        return Source(data.decode("utf-8"), name)
    except UnicodeDecodeError as error:
        source = Source(data.decode("utf-8", "replace"), name)
        before = len(data[: error.start].decode("utf-8", "replace"))
        raise SourceError.at(f"the text is not UTF-8: byte 0x{data[error.start]:02X}", source, before) from None


def split_source(source: Source) -> list[Source]:
    """The parts between the lines that end with `// -----`; each keeps its place in the file."""
    cuts = [(match.start(), match.end()) for match in _split_line(source.content)]
    begins = [0, *(end for _, end in cuts)]
    ends = [*(start for start, _ in cuts), len(source.content)]
    return [Source(source.content, source.name, begin, end) for begin, end in zip(begins, ends, strict=True)]
