"""Hints about names that do not exist."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tilewright.support.suggest import nearest_names

PASSES = ("aten-to-ttir", "ttir-to-tile", "tile-place-ops", "canonicalize")
NAMES = st.sets(st.text(alphabet="abcdef-", min_size=3, max_size=8), min_size=1, max_size=8)


def test_near_name_is_offered() -> None:
    assert nearest_names("aten-to-ttr", PASSES).startswith("did you mean 'aten-to-ttir'")


def test_nearest_of_several_comes_first_and_no_more_than_asked_for() -> None:
    assert nearest_names("tile-place-op", [*PASSES, "tile-place-opsy", "tile-plac"], count=2) == (
        "did you mean 'tile-place-ops' or 'tile-place-opsy'?"
    )


def test_all_names_are_listed_where_none_is_near() -> None:
    known = "aten-to-ttir, canonicalize, tile-place-ops, ttir-to-tile"
    assert nearest_names("zzz", PASSES) == f"known names: {known}"


@given(NAMES, st.text(alphabet="abcdef-", min_size=1, max_size=8))
def test_hint_depends_on_the_set_of_names_alone(known: set[str], name: str) -> None:
    hint = nearest_names(name, known)
    assert hint == nearest_names(name, sorted(known, reverse=True))
    assert any(candidate in hint for candidate in known)


@given(NAMES)
def test_name_that_exists_is_its_own_nearest(known: set[str]) -> None:
    for name in known:
        assert nearest_names(name, known).startswith(f"did you mean '{name}'")
