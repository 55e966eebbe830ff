"""Import and all passes, without the conversion of weights, against `torch.export.export` of the same model."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import torch
from minilm import encoder_and_inputs
from pytest_benchmark.fixture import BenchmarkFixture
from ratio_table import Measured, Ratios

from tilewright.options import CompileOptions
from tilewright.program import compile_imported
from tilewright.stages import import_exported

HERE = Path(__file__).parent


def test_compile_warm(benchmark: BenchmarkFixture, ratios: Ratios) -> None:
    encoder, inputs = encoder_and_inputs()
    exported = torch.export.export(encoder, inputs)

    def export() -> object:
        return torch.export.export(encoder, inputs)

    def compile_() -> object:
        return compile_imported(import_exported(exported), CompileOptions())

    benchmark.pedantic(ratios.compare, args=("import + passes vs export", export, {"warm": (compile_, 1.0)}), rounds=1)


def test_compile_fresh(benchmark: BenchmarkFixture, ratios: Ratios) -> None:
    def once() -> tuple[Measured, Measured]:
        finished = subprocess.run(
            [sys.executable, str(HERE / "fresh_compile.py")], capture_output=True, text=True, check=True, cwd=HERE
        )
        found = json.loads(finished.stdout)
        return Measured(*found["export"]), Measured(*found["compile"])

    runs = benchmark.pedantic(lambda: [once() for _ in range(3)], rounds=1)
    export = min((e for e, _ in runs), key=lambda m: m.wall)
    ours = min((c for _, c in runs), key=lambda m: m.wall)
    ratios.add_both("import + passes vs export: fresh process", export, ours, 1.5)
