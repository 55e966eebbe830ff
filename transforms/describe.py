"""Words for what IR holds, in messages."""

from __future__ import annotations

from collections.abc import Sequence

from xdsl.dialects.builtin import DYNAMIC_INDEX


def describe_shape(shape: Sequence[int]) -> str:
    """`(?, 4)` for a shape whose first extent is not known at compile time."""
    extents = ", ".join("?" if extent == DYNAMIC_INDEX else str(extent) for extent in shape)
    return f"({extents},)" if len(shape) == 1 else f"({extents})"
