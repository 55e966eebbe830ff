"""Unsigned integers, for which torch lacks many kernels."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import torch

_SIGNED: Mapping[torch.dtype, torch.dtype] = {
    torch.uint16: torch.int16,
    torch.uint32: torch.int32,
    torch.uint64: torch.int64,
}


def as_movable(x: torch.Tensor) -> torch.Tensor:
    """The bits of `x` in a type that every kernel which moves elements takes."""
    return x.view(_SIGNED.get(x.dtype, x.dtype))


def moved(x: torch.Tensor, move: Callable[[torch.Tensor], torch.Tensor]) -> torch.Tensor:
    """What `move`, which does no more than place elements, makes of `x`."""
    return move(as_movable(x)).view(x.dtype)
