from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = ("pydantic", "numpy", "torch", "yaml")


@pytest.mark.parametrize("module", ["sizes", "catalog", "kernels", "blocks", "opmodel", "costs", "dram"])
def test_no_heavy_import(module: str) -> None:
    """These modules lie on the path of tt-opt, which must start in a fraction of a second."""
    script = f"import sys, tilewright.machine.{module}; print(*(name for name in {HEAVY!r} if name in sys.modules))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []
