"""Locations: all that MLIR has, ranges of lines and metadata of fused ones included."""

from __future__ import annotations

from collections.abc import Sequence

from xdsl.dialects.builtin import (
    CallSiteLoc,
    FileLineColLoc,
    FusedLoc,
    IntAttr,
    LocationAttr,
    NameLoc,
    NoneAttr,
    StringAttr,
    UnknownLoc,
)
from xdsl.ir import Attribute, ParametrizedAttribute
from xdsl.irdl import irdl_attr_definition
from xdsl.parser import Parser
from xdsl.utils.hints import isa
from xdsl.utils.mlir_lexer import MLIRTokenKind


@irdl_attr_definition
class RangeAttr(ParametrizedAttribute):
    """The metadata that makes a fused location of two places the range from the first to the second.

    xDSL has no such location, and its set of locations is closed.
    """

    name = "tilewright.range"


_RANGE = RangeAttr()


def file_location(name: str, line: int, column: int) -> FileLineColLoc:
    """`loc("name":line:column)`."""
    return FileLineColLoc(StringAttr(name), IntAttr(line), IntAttr(column))


def range_location(start: FileLineColLoc, end: FileLineColLoc) -> FusedLoc:
    """`loc("name":1:2 to 3:4)`; both ends lie in the same file."""
    return FusedLoc((start, end), _RANGE)


def ends_of_range(location: Attribute) -> tuple[FileLineColLoc, FileLineColLoc] | None:
    """The ends of a location that `range_location` has made; None for any other."""
    if not isinstance(location, FusedLoc) or location.metadata != _RANGE:
        return None
    places: Sequence[Attribute] = getattr(location.locations, "data", ())
    match places:
        case (FileLineColLoc() as start, FileLineColLoc() as end):
            return start, end
        case _:
            return None


class LocationParser(Parser):
    """Parses what stands between the parentheses of `loc(..)`."""

    _unknown_end: int = -1
    """The end of the last `loc(unknown)`, which an op without a location is told from by this."""

    def parse_optional_location(self) -> LocationAttr | None:
        location = super().parse_optional_location()
        if isinstance(location, UnknownLoc):
            self._unknown_end = self.pos
        return location

    def _parse_location(self) -> LocationAttr:
        token = self._current_token
        if token.kind is MLIRTokenKind.STRING_LIT:
            text = self.parse_str_literal()
            return self._parse_place(text) if self.parse_optional_punctuation(":") else self._parse_name(text)
        if token.kind is MLIRTokenKind.HASH_IDENT:
            alias = self.parse_attribute()
            if not isa(alias, LocationAttr):
                self.raise_error("expected a location", token.span)
            return alias
        if self.parse_optional_keyword("unknown"):
            return UnknownLoc()
        if self.parse_optional_keyword("callsite"):
            return self._parse_call_site()
        if not self.parse_optional_keyword("fused"):
            self.raise_error("expected a location")
        return self._parse_fused()

    def _parse_name(self, name: str) -> NameLoc:
        if self._current_token.kind is not MLIRTokenKind.L_PAREN:
            return NameLoc(StringAttr(name), NoneAttr())
        with self.in_parens():
            return NameLoc(StringAttr(name), self._parse_location())

    def _parse_place(self, file: str) -> LocationAttr:
        line = self._parse_count("line")
        self.parse_punctuation(":", " in a location")
        start = file_location(file, line, self._parse_count("column"))
        if not self.parse_optional_keyword("to"):
            return start
        if not self.parse_optional_punctuation(":"):
            line = self._parse_count("line")
            self.parse_punctuation(":", " in a location")
        return range_location(start, file_location(file, line, self._parse_count("column")))

    def _parse_count(self, what: str) -> int:
        return self.parse_integer(allow_boolean=False, allow_negative=False, context_msg=f" for the {what}")

    def _parse_call_site(self) -> CallSiteLoc:
        self.parse_punctuation("(", " in a callsite location")
        callee = self._parse_location()
        self.parse_keyword("at", " in a callsite location")
        caller = self._parse_location()
        self.parse_punctuation(")", " in a callsite location")
        return CallSiteLoc(callee, caller)

    def _parse_fused(self) -> FusedLoc:
        metadata: Attribute = NoneAttr()
        if self.parse_optional_punctuation("<"):
            metadata = self.parse_attribute()
            self.parse_punctuation(">", " after the metadata of a fused location")
        return FusedLoc(tuple(self.parse_comma_separated_list(self.Delimiter.SQUARE, self._parse_location)), metadata)
