"""Executing the placed program against eager torch."""

from __future__ import annotations

import torch
from minilm import encoder_and_inputs
from pytest_benchmark.fixture import BenchmarkFixture
from ratio_table import Ratios

import tilewright

SUBJECTS = {
    "exact Float32": ({"default_format": "Float32"}, 2.0),
    "exact Float16_b": ({}, 2.0),
    "exact, Bfp8_b weights": ({"parameter_format": "Bfp8_b"}, None),
    "fast Float32": ({"default_format": "Float32", "mode": "fast"}, 1.2),
    "fast Float16_b": ({"mode": "fast"}, 1.4),
}
"""Options and the largest ratio to eager torch that is aimed at."""


def test_run(benchmark: BenchmarkFixture, ratios: Ratios) -> None:
    encoder, inputs = encoder_and_inputs()
    models = {name: tilewright.compile(encoder, inputs, **options) for name, (options, _) in SUBJECTS.items()}

    def eager() -> object:
        with torch.no_grad():
            return encoder(*inputs)

    subjects = {name: ((lambda model=model: model(*inputs)), SUBJECTS[name][1]) for name, model in models.items()}
    benchmark.pedantic(ratios.compare, args=("run 8x128 vs eager", eager, subjects), rounds=1)
