"""Nearest names, for errors about a name that does not exist."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


def nearest_names(name: str, known: Iterable[str], count: int = 3) -> str:
    """A hint such as ``did you mean 'a' or 'b'?``, or the list of all known names where none is near."""
    names = sorted(known)
    close = get_close_matches(name, names, n=count, cutoff=0.5)
    if close:
        return "did you mean " + " or ".join(f"'{c}'" for c in close) + "?"
    return "known names: " + ", ".join(names)
