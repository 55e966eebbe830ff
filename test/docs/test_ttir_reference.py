"""The reference page of `ttir` is what its definitions say now, and says what each op does and checks."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from xdsl.ir import Operation

from tilewright.dialects.ttir import TTIR
from tilewright.tools.dialect_reference import docstring_paragraphs, reference
from tilewright.transforms.lowering.table import RULES

PAGE = Path(__file__).parents[2] / "docs" / "ttir.md"


def test_page_is_current() -> None:
    made = reference(TTIR, RULES)
    if os.environ.get("UPDATE_DOCS"):
        PAGE.write_text(made, encoding="utf-8")

    assert PAGE.read_text(encoding="utf-8") == made, "run: UPDATE_DOCS=1 pytest test/docs"


@pytest.mark.parametrize("op", sorted(TTIR.operations, key=lambda op: op.name), ids=lambda op: op.name)
def test_op_says_what_it_does_and_gives(op: type[Operation]) -> None:
    paragraphs = docstring_paragraphs(op)

    assert paragraphs, "the op has no docstring"
    assert not paragraphs[0].startswith(("Shapes:", "Conditions:")), "the first paragraph says what the op does"
    assert any(p.startswith("Shapes:") for p in paragraphs), "no paragraph says which shapes it takes and gives"
