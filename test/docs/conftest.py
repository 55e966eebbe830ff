"""What the tests of the documents share: the fenced blocks of a page."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Fence:
    """A fenced block: its language, its text, and where the text lies in the page."""

    language: str
    text: str
    start: int
    end: int


def fences_of(page: Path) -> list[Fence]:
    """The fenced blocks of a page, in order."""
    text = page.read_text(encoding="utf-8")
    return [Fence(m[1], m[2], m.start(2), m.end(2)) for m in _FENCE.finditer(text)]


@pytest.fixture(scope="session")
def fences() -> Callable[[Path], list[Fence]]:
    return fences_of


def check_or_rewrite(page: Path, wanted: list[tuple[Fence, str]]) -> None:
    """Compare blocks with the texts that they should hold; with UPDATE_DOCS=1 in the environment, write these texts."""
    stale = [(fence, text) for fence, text in wanted if fence.text != text]
    if stale and os.environ.get("UPDATE_DOCS") == "1":
        content = page.read_text(encoding="utf-8")
        for fence, text in sorted(stale, key=lambda pair: -pair[0].start):
            content = content[: fence.start] + text + content[fence.end :]
        page.write_text(content, encoding="utf-8")
        return
    for fence, text in stale:
        # Compared as lists, so that pytest shows the lines that differ.
        assert fence.text.splitlines() == text.splitlines(), "run `UPDATE_DOCS=1 pytest test/docs` to rewrite the page"


@pytest.fixture(scope="session")
def check_blocks() -> Callable[[Path, list[tuple[Fence, str]]], None]:
    return check_or_rewrite
