"""How much memory the machine has, and what does not fit into it."""

from __future__ import annotations

import os
from functools import cache

from tilewright.support.errors import ResourceError

_REFUSALS = ("can't allocate memory", "not enough memory")
"""How torch says that the operating system refused it memory; it has no class of error for that."""


@cache
def physical_memory() -> int:
    """The memory of this machine, in bytes."""
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


def require_memory(needed: int, what: str) -> None:
    """Check that the machine could hold `what`, of `needed` bytes, if it held nothing else.

    Raises:
        ResourceError: it could not.
    """
    if needed > (available := physical_memory()):
        raise too_large(what, f"it takes {gibibytes(needed)}, this machine has {gibibytes(available)}")


def too_large(what: str, why: str) -> ResourceError:
    """That there is no memory for `what`."""
    return ResourceError(f"{what} does not fit in memory", why=why, hint="make it smaller, or use a larger machine")


def is_refusal(error: Exception) -> bool:
    """Whether `error` says that there is no memory."""
    return isinstance(error, MemoryError) or any(text in str(error) for text in _REFUSALS)


def gibibytes(count: int) -> str:
    """`count` bytes for a reader."""
    return f"{count / 2**30:,.1f} GiB"
