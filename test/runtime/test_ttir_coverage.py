"""Every `ttir` op has a function, and drawn tests execute it on several shapes and element types, NaN among them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TypedDict

from tilewright.dialects.ttir import TTIR
from tilewright.runtime.functions.ttir import TtirFunctions

HERE = Path(__file__).parent
FLOATS = {"float64", "float32", "bfloat16", "float16"}
OPS = sorted(op.name for op in TTIR.operations)

REFUSED = {"ttir.tt_lang_op"}
"""What it computes stands in no file; `test_ttir_layout_functions.py` tests the refusal."""


class Met(TypedDict):
    """What an op was executed on; see `record_ttir.py`."""

    shapes: int
    dtypes: list[str]
    floats_in: bool
    special: bool


def recorded(target: Path) -> dict[str, Met]:
    """Each op that drawn tests execute, recorded by a run of them in a process of its own."""
    files = [path for path in sorted(HERE.glob("test_*ttir*.py")) if path != Path(__file__)]
    options = ["-q", "-p", "record_ttir", "--record-ttir", str(target), "-p", "no:xdist", "-p", "no:cacheprovider"]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *options, *map(str, files)],
        cwd=HERE.parents[1],
        env={**os.environ, "PYTHONPATH": str(HERE), "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-4000:]
    return json.loads(target.read_text(encoding="utf-8"))


def gaps(met: Met | None) -> Iterator[str]:
    """What is missing in the tests of one op."""
    if met is None:
        yield "no drawn test executes it"
        return
    if met["shapes"] < 2:
        yield "no shapes are drawn"
    if len(met["dtypes"]) < 2:
        yield "no element types are drawn"
    if len(FLOATS & set(met["dtypes"])) == 1:
        yield "no other float type is drawn"
    if met["floats_in"] and not met["special"]:
        yield "no NaN or infinity is drawn"


def test_ops_are_executed_on_drawn_values(tmp_path: Path) -> None:
    met = recorded(tmp_path / "met.json")

    assert {name: found for name in OPS if name not in REFUSED and (found := list(gaps(met.get(name))))} == {}


def test_families_do_not_hide_each_others_methods() -> None:
    # One method name in two families would give the ops of one to the other.
    names = Counter(
        name for cls in TtirFunctions.__mro__ for name, member in vars(cls).items() if getattr(member, "implements", ())
    )
    assert [name for name, times in names.items() if times > 1] == []


def test_every_op_has_a_function() -> None:
    assert set(OPS) - {op.name for op in TtirFunctions().table()} == set()
