"""Comments that say which errors a text should give."""

from __future__ import annotations

import pytest

from tilewright.dialects.text.expectations import Diagnostic, diagnostics_of, expectations_of, unmet
from tilewright.dialects.text.source import Note, Source, SourceError
from tilewright.support.errors import UnsupportedInputError

TEXT = """first
// expected-error @+1 {{one}}
second
third // expected-error {{two}}
// expected-error @below {{three}}
// expected-note @below {{four}}
seventh
// expected-warning @above {{five}}
// expected-remark @-3 {{six}}
// expected-error@unknown {{seven}}
// expected-error-re @+1 {{a {{[0-9]+}} (b) {{c|d}}}}
last
// expected-error @below {{never}}"""


def test_lines() -> None:
    found = [(e.kind, e.text, e.line) for e in expectations_of(Source(TEXT, "f"))]
    assert sorted(found, key=str) == sorted(
        [
            ("error", "one", 3),
            ("error", "two", 4),
            ("error", "three", 7),
            ("note", "four", 7),
            ("warning", "five", 7),
            ("remark", "six", 6),
            ("error", "seven", None),
            ("error", "a {{[0-9]+}} (b) {{c|d}}", 12),
            ("error", "never", -1),
        ],
        key=str,
    )


def test_lines_of_a_part_are_those_of_the_file() -> None:
    (found,) = expectations_of(Source("a\n// -----\nb // expected-error {{x}}\n// -----\nc", "f", 9, 40))
    assert found.line == 3


@pytest.mark.parametrize(
    ("comment", "message", "matches"),
    [
        ("expected-error {{part of}}", "a part of it", True),
        ("expected-error {{part of}}", "a part off", True),
        ("expected-error {{part  of}}", "a part of it", False),
        ("expected-error {{a.c}}", "abc", False),
        ("expected-error-re {{a{{.}}c}}", "abc", True),
        ("expected-error-re {{a.{{.}}c}}", "abbc", False),
        ("expected-error-re {{{{a|b}} (x)}}", "b (x)", True),
        ("expected-warning {{a}}", "a", False),
        ("expected-error @+1 {{a}}", "a", False),
    ],
)
def test_matching(comment: str, message: str, matches: bool) -> None:
    source = Source(f"op // {comment}", "f")
    assert (unmet(source, [Diagnostic("error", message, 1)]) == []) is matches


def test_each_expectation_is_met_once() -> None:
    source = Source("x // expected-error {{a}}", "f")
    given = [Diagnostic("error", "a", 1, 5)] * 2
    (error,) = unmet(source, given)
    assert error.render().startswith("f:1:5: error: unexpected error: a\nx // expected")
    (error,) = unmet(source, [])
    assert error.render().startswith('f:1:6: error: expected error "a" was not produced')


def test_notes_need_not_be_expected_but_can_be() -> None:
    source = Source("x // expected-error {{a}}\ny", "f")
    error = SourceError.at("a", source, 0, (Note("see here", 26),))
    assert unmet(source, diagnostics_of(error, source)) == []
    noted = Source(source.content + " // expected-note {{see}}", "f")
    assert unmet(noted, diagnostics_of(error, source)) == []
    assert len(unmet(noted, diagnostics_of(error, source)[:1])) == 1


def test_errors_of_passes_have_a_place() -> None:
    source = Source("", "m.mlir")
    (at_line,) = diagnostics_of(UnsupportedInputError("a", where="m.mlir:3 (x): ttir.add", why="b"), source)
    assert (at_line.line, at_line.message) == (3, "a; b")
    (elsewhere,) = diagnostics_of(UnsupportedInputError("a", where="n.mlir:3"), source)
    assert elsewhere.line is None


def test_bad_regular_expression_is_an_error() -> None:
    (error,) = unmet(Source("x // expected-error-re {{{{(}}}}", "f"), [])
    assert "invalid regular expression" in error.message
