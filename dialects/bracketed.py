"""Text in brackets that is kept as it is: contents of attributes that nothing here looks at."""

from __future__ import annotations

from xdsl.parser import AttrParser

_CLOSING = {"<": ">", "(": ")", "[": "]", "{": "}"}
_DEEPEST = 64
"""How deep brackets may be nested; real attributes have less than ten."""


def parse_bracketed(parser: AttrParser) -> str:
    """What stands from the bracket that is the current token to the one that closes it, with both.

    Aliases are written out, and white space becomes a single blank.
    """
    pieces: list[str] = []
    closing: list[str] = []
    end = parser.pos
    while closing or not pieces:
        token = parser._current_token  # pyright: ignore[reportPrivateUsage]
        text = token.text
        gap = " " if closing and token.span.start > end else ""
        if closing and text == closing[-1]:
            closing.pop()
        elif text in _CLOSING:
            closing.append(_CLOSING[text])
        elif not text or not closing or text in _CLOSING.values():
            parser.raise_error(f"expected '{closing[-1] if closing else '('}' here", token.span)
        if len(closing) > _DEEPEST:
            parser.raise_error("brackets are nested too deeply", token.span)
        if text[0] in "#!" and len(text) > 1:
            text = str(parser.parse_attribute())
            end = _end_of_last(parser)
        else:
            end = token.span.end
            parser._consume_token()  # pyright: ignore[reportPrivateUsage]
        pieces += (gap, text)
    return "".join(pieces)


def _end_of_last(parser: AttrParser) -> int:
    """Where what was read last ends: before the white space ahead."""
    content, end = parser.lexer.input.content, parser.pos
    while content[end - 1].isspace():
        end -= 1
    return end
