"""What a user waits for before anything happens, and what a run needs of memory."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage

from pytest_benchmark.fixture import BenchmarkFixture
from ratio_table import Ratios

HERE = Path(__file__).parent


def test_tt_opt_help(benchmark: BenchmarkFixture, ratios: Ratios) -> None:
    """CPU seconds, user and system, of `tt-opt --help`, against the 0.3 s that are aimed at."""

    def once() -> float:
        before = getrusage(RUSAGE_CHILDREN)
        subprocess.run([sys.executable, "-m", "tilewright.tools.tt_opt", "--help"], capture_output=True, check=True)
        after = getrusage(RUSAGE_CHILDREN)
        return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime

    cpu = benchmark.pedantic(lambda: min(once() for _ in range(10)), rounds=1)
    ratios.add("tt-opt --help", "s CPU", 0.3, cpu, 1.0)


def test_peak_memory(benchmark: BenchmarkFixture, ratios: Ratios) -> None:
    """Peak resident memory of a process that loads the model and runs it, compiled against eager."""

    def peak(how: str) -> float:
        finished = subprocess.run(
            [sys.executable, str(HERE / "peak_memory.py"), how], capture_output=True, text=True, check=True, cwd=HERE
        )
        return float(finished.stdout)

    eager = peak("eager")
    for name in ("Float32", "Float16_b"):
        ours = benchmark.pedantic(peak, args=(name,), rounds=1) if name == "Float32" else peak(name)
        ratios.add(f"peak memory of a run, {name}", "MiB", eager, ours, 2.0)
