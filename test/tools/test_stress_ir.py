"""Mutated IR files end in IR or in a diagnosed error; `make stress` runs many more of them."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).with_name("stress_ir.py")
SHARED = Path(__file__).parents[3] / "shared" / "ttir"
OWN = Path(__file__).parents[1] / "filecheck"


@pytest.mark.parametrize("folder", [OWN, SHARED], ids=["own", "tt-mlir"])
def test_mutated_files_never_crash(folder: Path) -> None:
    if not folder.is_dir():
        pytest.skip(f"no files of tt-mlir in {folder}")

    done = subprocess.run(
        [sys.executable, str(SCRIPT), str(folder), "--seed", "7", "--cases", "150"],
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.stdout, done.stderr
    result = json.loads(done.stdout)
    assert result["failures"] == []
    assert result["ends"]["printed"] > 0
    assert result["ends"]["diagnosed"] > 0
