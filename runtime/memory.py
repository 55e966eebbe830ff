"""Keeps the allocator from giving freed tensors back to the operating system between ops."""

from __future__ import annotations

from functools import cache

import torch

_LARGEST_KEPT = (1 << 25) - (1 << 13)
"""Just under 32 MiB, glibc's DEFAULT_MMAP_THRESHOLD_MAX, its own bookkeeping included."""


@cache
def keep_freed_memory() -> None:
    """Raise glibc's dynamic thresholds once in this process, by freeing one large block.

    glibc maps large blocks and unmaps them when freed, so that each tensor of a run costs page faults: up to a third of
    the time. Its thresholds follow the largest mapped block that was freed (mallopt(3), M_MMAP_THRESHOLD): after this,
    blocks to 32 MiB come from the heap, of which up to 64 MiB stay when they are free. Elsewhere it does nothing.
    """
    torch.empty(_LARGEST_KEPT, dtype=torch.uint8)
