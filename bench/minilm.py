"""The model that the benchmarks measure: all-MiniLM-L6-v2 with mean pooling, batch 8 x 128, its real weights."""

from __future__ import annotations

import os

os.environ.setdefault("HF_HUB_OFFLINE", "1")

import torch

BATCH = 8
"""Sentences in a batch; each is padded to 128 tokens."""


def encoder_and_inputs() -> tuple[torch.nn.Module, tuple[torch.Tensor, torch.Tensor]]:
    """The encoder and a batch of sentences: token ids and attention mask, each (8, 128) of int64."""
    from tilewright.demo import load_encoder

    encoder, batches = load_encoder()
    ids, mask = (torch.cat([batch[part] for batch in batches])[:BATCH] for part in (0, 1))
    return encoder, (ids, mask)
