"""`lit test/filecheck` works: one file is run the way lit runs it, with the installed programs."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def lit(path: Path) -> subprocess.CompletedProcess[str]:
    """What the lit of this environment says of `path`."""
    command = [str(Path(sys.executable).parent / "lit"), "-v", str(path)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_lit_runs_a_file() -> None:
    smallest = min((ROOT / "test" / "filecheck").rglob("*.mlir"), key=lambda path: (path.stat().st_size, path))
    finished = lit(smallest)
    assert finished.returncode == 0, finished.stdout
    assert "Passed: 1 (100.00%)" in finished.stdout


def test_lit_finds_a_check_that_does_not_match(tmp_path: Path) -> None:
    folder = tmp_path / "test" / "filecheck"
    folder.mkdir(parents=True)
    shutil.copy(ROOT / "test" / "filecheck" / "lit.cfg", folder)
    test = folder / "wrong.mlir"
    test.write_text("// RUN: tt-opt %s | filecheck %s\n// CHECK: no_such_op\nbuiltin.module {}\n")
    finished = lit(test)
    assert finished.returncode == 1
    assert "Couldn't match" in finished.stdout
