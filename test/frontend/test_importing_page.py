"""The IR on the page about importing is what its first example prints."""

from __future__ import annotations

import re
import runpy
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[2] / "docs" / "importing.md"


def test_the_first_example_prints_the_module_on_the_page(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    example, printed = re.findall(r"^```(?:python|mlir)\n(.*?)^```$", PAGE.read_text(), re.MULTILINE | re.DOTALL)[:2]
    script = tmp_path / "example.py"
    script.write_text(example)

    runpy.run_path(str(script))

    assert capsys.readouterr().out.splitlines() == printed.splitlines()
