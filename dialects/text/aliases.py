"""Aliases, `#name = ..` and `!name = ..`, that may be used before they are defined.

MLIR prints the aliases of locations at the end of a file. One that is not known yet is read where it is defined, at
once; the text stays as it is, so that errors keep their places.
"""

from __future__ import annotations

import re
from functools import cached_property
from typing import Literal, NoReturn, overload

from xdsl.ir import Attribute, TypeAttribute
from xdsl.parser import Parser

_definitions = re.compile(r"^[ \t]*([#!][A-Za-z0-9_$-]+)[ \t]*=", re.MULTILINE | re.ASCII).finditer

LARGEST_EXPANSION = 1 << 28
"""Characters that a text may have with all aliases written out. A file of forty lines, each an alias that uses the one
before twice, would otherwise take years to print or compare."""


class AliasParser(Parser):
    """Resolves aliases wherever they are defined."""

    _begin: int
    """Where the text begins in the input."""

    _alias_ends: dict[int, int]
    """Where a definition that has been read ahead begins, and where it ends."""

    _alias_sizes: dict[str, int]
    """Characters of an alias with all aliases in it written out."""

    _resolving: set[str]
    """Aliases whose definition is being read."""

    _expansion: int
    """Characters of all aliases met so far, written out."""

    def _init_aliases(self, begin: int) -> None:
        self._begin = begin
        self._alias_ends = {}
        self._alias_sizes = {}
        self._resolving = set()
        self._expansion = 0

    @cached_property
    def _alias_definitions(self) -> dict[str, int]:
        """Where each alias is defined, by its name."""
        source = self.lexer.input
        found: dict[str, int] = {}
        for match in _definitions(source.content, self._begin, source.len):
            found.setdefault(match[1], match.start(1))
        return found

    def _parse_alias_def(self) -> None:
        start = self.pos
        if (end := self._alias_ends.get(start)) is not None:
            self._resume_from(end)
            return
        name = self._current_token.text
        if name in self.attribute_aliases:
            self.raise_error(f"redefinition of alias '{name}'")
        self._define_alias(name)

    def _define_alias(self, name: str) -> None:
        """Read the definition of `name`, which is the current token."""
        start, before = self.pos, self._expansion
        self._resolving.add(name)
        self._consume_token()
        self.parse_punctuation("=", " after the name of an alias")
        value_start = self._current_token.span
        value = self.parse_attribute()
        if name.startswith("!") and not isinstance(value, TypeAttribute):
            self.raise_error(f"the alias '{name}' is no type", value_start)
        self._resolving.remove(name)
        self._alias_sizes[name] = self._expansion - before + self.pos - start
        self.attribute_aliases[name] = value

    def _alias(self, name: str) -> Attribute:
        """The value of an alias whose name has been read."""
        if name not in self.attribute_aliases:
            self._read_ahead(name)
        self._expansion += self._alias_sizes[name]
        if self._expansion > LARGEST_EXPANSION:
            self.raise_error(f"the text is longer than {LARGEST_EXPANSION} characters with all aliases written out")
        return self.attribute_aliases[name]

    def _read_ahead(self, name: str) -> None:
        """Read the definition of `name`, which lies ahead, and come back."""
        if name in self._resolving:
            self._alias_error(f"alias '{name}' is defined by itself", name)
        start = self._alias_definitions.get(name)
        if start is None:
            self._alias_error(f"undefined symbol alias '{name}'", name)
        state = self._parser_state
        position, token = state.lexer.pos, state.current_token
        self._resume_from(start)
        self._define_alias(name)
        self._alias_ends[start] = self.pos
        state.lexer.pos, state.current_token = position, token

    def _alias_error(self, message: str, name: str) -> NoReturn:
        end = self.lexer.input.content.rfind(name, self._begin, self.pos)
        self.raise_error(message, end, end + len(name))

    @overload
    def _parse_extended_type_or_attribute(self, attr_or_dialect_name: str, is_type: Literal[False]) -> Attribute: ...

    @overload
    def _parse_extended_type_or_attribute(self, attr_or_dialect_name: str, is_type: Literal[True]) -> TypeAttribute: ...

    def _parse_extended_type_or_attribute(self, attr_or_dialect_name: str, is_type: bool) -> Attribute:
        if "." not in attr_or_dialect_name and self._current_token.text != "<":
            return self._alias(("!" if is_type else "#") + attr_or_dialect_name)
        if is_type:
            return super()._parse_extended_type_or_attribute(attr_or_dialect_name, True)
        return super()._parse_extended_type_or_attribute(attr_or_dialect_name, False)
