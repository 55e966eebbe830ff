"""The page on the levels shows the IR that the compiler makes now."""

from __future__ import annotations

import runpy
from pathlib import Path
from typing import Any

PAGE = Path(__file__).parents[2] / "docs" / "levels.md"
LEVELS = ("aten", "ttir", "partitioned", "tile", "placed")
PASSES = ("aten-to-ttir", "ttir-partition", "ttir-to-tile", "tile-assign-formats", "tile-place-ops")


def test_page_shows_the_ir_of_every_level(tmp_path: Path, fences: Any, check_blocks: Any, capsys: Any) -> None:
    blocks = fences(PAGE)
    (example,) = [fence.text for fence in blocks if fence.language == "python"]
    script = tmp_path / "example.py"
    script.write_text(example, encoding="utf-8")

    model = runpy.run_path(str(script))["model"]

    printed = [fence for fence in blocks if fence.language == "mlir"]
    assert len(printed) == len(LEVELS)
    texts = [model.ir(level).rstrip() + "\n" for level in LEVELS]
    assert not any(str(tmp_path) in text for text in texts), "the page must not depend on where it is made"
    check_blocks(PAGE, list(zip(printed, texts, strict=True)))
    # The example of the page prints the same.
    assert capsys.readouterr().out.split() == "".join(texts).split()


def test_page_names_passes_that_exist() -> None:
    from tilewright.universe import TILEWRIGHT_UNIVERSE

    text = PAGE.read_text(encoding="utf-8")
    for name in (*PASSES, *(f"verify-{level}" for level in LEVELS)):
        assert f"`{name}`" in text
        assert name in TILEWRIGHT_UNIVERSE.all_passes
