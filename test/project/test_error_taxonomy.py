"""Errors say what, where, why and what to do, and each kind has its exit code."""

from __future__ import annotations

import pytest

from tilewright.support import errors
from tilewright.support.errors import InternalError, TilewrightError, UnsupportedInputError
from tilewright.support.reasons import Reason, ReasonCode

EXIT_CODES = {
    "TilewrightError": 1,
    "UnsupportedInputError": 1,
    "VerifyError": 1,
    "ResourceError": 1,
    "NumericsError": 1,
    "ArchiveError": 1,
    "InternalError": 70,
}

KINDS = {
    name: value for name, value in vars(errors).items() if isinstance(value, type) and issubclass(value, Exception)
}


def test_exit_codes_of_all_errors() -> None:
    assert {name: kind.exit_code for name, kind in KINDS.items()} == EXIT_CODES


@pytest.mark.parametrize("kind", KINDS.values())
def test_every_error_can_be_caught_as_one(kind: type[TilewrightError]) -> None:
    with pytest.raises(TilewrightError):
        raise kind("it broke")


def test_all_parts_are_rendered_in_order() -> None:
    error = UnsupportedInputError("no such pass 'x'", where="a.mlir:3:7", why="it is not registered", hint="try 'y'")
    assert error.render() == (
        "a.mlir:3:7: error: no such pass 'x'\n"
        "  why: it is not registered\n"
        "  hint: try 'y'"
    )  # fmt: skip


@pytest.mark.parametrize(
    ("parts", "rendered"),
    [
        ({}, "error: w"),
        ({"where": "ttir.add"}, "ttir.add: error: w"),
        ({"why": "3 > 2"}, "error: w\n  why: 3 > 2"),
        ({"hint": "less"}, "error: w\n  hint: less"),
    ],
)
def test_missing_parts_leave_no_trace(parts: dict[str, str], rendered: str) -> None:
    assert TilewrightError("w", **parts).render() == rendered


def test_fault_of_our_own_is_named_so() -> None:
    assert InternalError("w").render() == "internal error: w"


@pytest.mark.parametrize("kind", KINDS.values())
def test_text_of_the_exception_is_the_rendered_message(kind: type[TilewrightError]) -> None:
    error = kind("what", where="where", why="why", hint="hint")
    assert str(error) == error.render()
    assert (error.what, error.where, error.why, error.hint) == ("what", "where", "why", "hint")


@pytest.mark.parametrize("code", ReasonCode)
def test_reason_leads_with_its_code(code: ReasonCode) -> None:
    assert Reason(code, "rank(operand 0) = 7").render() == f"{code.name}: rank(operand 0) = 7"


def test_reason_ends_with_what_would_be_accepted() -> None:
    reason = Reason(ReasonCode.DTYPE, "dtype(operand 0) = f64", nearest="f32")
    assert reason.render() == "DTYPE: dtype(operand 0) = f64 (nearest accepted: f32)"
