"""The tokens of textual IR, each found by one regular expression.

xDSL's lexer decides on each character in Python, and its expression for string literals takes a time that is
exponential in the length of a literal that does not end. Here no part of the expression can be matched in two ways
(the quantifiers are possessive), so that the time is linear in the text.
"""

from __future__ import annotations

import re

from xdsl.utils.exceptions import ParseError
from xdsl.utils.lexer import Input, Span, Token
from xdsl.utils.mlir_lexer import KIND_BY_PUNCTUATION_SPELLING, MLIRLexer, MLIRToken, MLIRTokenKind, StringLiteral

_SKIPPED = r"(?:[ \t\r\n\f\v]++|//[^\n]*+)*+"
"""White space and comments."""

_CHARACTERS = r'[^"\\\n\v\f]*+'
_STRING = rf'"{_CHARACTERS}(?:\\(?:["nt\\]|[0-9A-Fa-f]{{2}}){_CHARACTERS})*+"'

_BARE = r"[A-Za-z_][A-Za-z0-9_$.]*+"
_SUFFIX = r"(?:[0-9]++|[A-Za-z$._-][A-Za-z0-9$._-]*+)"

_GROUPS: tuple[tuple[MLIRTokenKind | None, str], ...] = (
    (None, r"->|\{-\#|\#-\}|\.\.\.|[:,(){}\[\]<>=+/*?|-]"),
    (MLIRTokenKind.BARE_IDENT, _BARE),
    (MLIRTokenKind.INTEGER_LIT, r"0x[0-9a-fA-F]++|[0-9]++(?!\.)"),
    (MLIRTokenKind.PERCENT_IDENT, f"%{_SUFFIX}"),
    (MLIRTokenKind.STRING_LIT, _STRING),
    (MLIRTokenKind.HASH_IDENT, rf"\#{_SUFFIX}"),
    (MLIRTokenKind.EXCLAMATION_IDENT, f"!{_SUFFIX}"),
    (MLIRTokenKind.AT_IDENT, f"@(?:{_BARE}|{_STRING})"),
    (MLIRTokenKind.FLOAT_LIT, r"[0-9]++\.[0-9]*+(?:[eE][-+]?[0-9]++)?"),
    (MLIRTokenKind.CARET_IDENT, rf"\^{_SUFFIX}"),
)
"""Kinds and their expressions, the most frequent first; punctuation has none, as its text says which it is."""

_KINDS = (None, *(kind for kind, _ in _GROUPS))
_match_token = re.compile(_SKIPPED + "(?:" + "|".join(f"({e})" for _, e in _GROUPS) + ")?+", re.ASCII).match
_PUNCTUATION: dict[str, MLIRTokenKind] = dict(KIND_BY_PUNCTUATION_SPELLING)


class TextSpan(Span[str]):
    """xDSL's span, made and read faster: a file of a few hundred ops has tens of thousands."""

    def __init__(self, start: int, end: int, input: Input[str], line_offset: int = 0):
        fields = self.__dict__
        fields["start"] = start
        fields["end"] = end
        fields["input"] = input
        fields["line_offset"] = line_offset

    @property
    def text(self) -> str:
        return self.input.content[self.start : self.end]


class TextLexer(MLIRLexer):
    """Tokens of an input, up to its length, which may lie before the end of its content."""

    def lex(self) -> MLIRToken:
        source = self.input
        match = _match_token(source.content, self.pos, source.len)
        assert match is not None  # all of the expression is optional
        group = match.lastindex
        if group is None:
            return self._no_token(match.end())
        start, end = match.span(group)
        self.pos = end
        kind = _KINDS[group]
        if kind is None:
            return Token(_PUNCTUATION[source.content[start:end]], TextSpan(start, end, source))
        if kind is MLIRTokenKind.STRING_LIT:
            return self._string(start, end)
        return Token(kind, TextSpan(start, end, source))

    def _string(self, start: int, end: int) -> MLIRToken:
        """A string if its bytes are UTF-8, else bytes."""
        literal = StringLiteral(start, end, self.input)
        if "\\" in literal.text:
            try:
                literal.bytes_contents.decode()
            except UnicodeDecodeError:
                return Token(MLIRTokenKind.BYTES_LIT, literal)
        return Token(MLIRTokenKind.STRING_LIT, literal)

    def _no_token(self, start: int) -> MLIRToken:
        """The end of the input, or an error at what is no token."""
        source = self.input
        self.pos = start
        if start >= source.len:
            return Token(MLIRTokenKind.EOF, TextSpan(source.len, source.len, source))
        character = source.content[start]
        span = TextSpan(start, start + 1, source)
        if character == '"' or source.content.startswith('@"', start):
            raise ParseError(span, "unterminated string literal, or an unknown escape in it")
        if character in "%#!^@":
            raise ParseError(span, f"expected an identifier after '{character}'")
        shown = character if character.isprintable() else f"\\x{ord(character):02x}"
        raise ParseError(span, f"Unexpected character: {shown}")
