"""Ops beside values that others change in place.

torch gives many results as views of an operand. A result whose operand is changed by some op, or that is itself changed
so, gets memory of its own, as the meaning of the cache ops says (`dialects/ttir/cache.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch

from tilewright.runtime.mesh import MeshValue


def with_memory_apart(step: Callable[..., Sequence[object]]) -> Callable[..., Sequence[object]]:
    """`step` with results that share memory with nothing else."""

    def run(*values: object) -> Sequence[object]:
        return [_copied(result) for result in step(*values)]

    return run


def _copied(value: object) -> object:
    if isinstance(value, torch.Tensor):
        return value.clone(memory_format=torch.contiguous_format)
    if isinstance(value, MeshValue):
        done = {id(shard): shard.clone(memory_format=torch.contiguous_format) for shard in value.shards}
        return MeshValue.of([done[id(shard)] for shard in value.shards])
    return value
