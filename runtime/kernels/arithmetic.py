"""The machine's arithmetic on Float32 datums: the one definition that all execution modes share.

Everything here works element by element, or on whole rows in a stated order, so that a result does not depend on how
many tiles are computed at once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import torch

from tilewright.support.dataformat import TILE_DIM

UNARY: Mapping[str, Callable[[torch.Tensor], torch.Tensor]] = {
    "abs": torch.abs,
    "neg": torch.neg,
    "exp": torch.exp,
    "log": torch.log,
    "sqrt": torch.sqrt,
    "rsqrt": torch.rsqrt,
    "reciprocal": torch.reciprocal,
    "tanh": torch.tanh,
    "sigmoid": torch.sigmoid,
    "gelu": torch.nn.functional.gelu,
    "relu": torch.relu,
    "silu": torch.nn.functional.silu,
    "erf": torch.erf,
    "sine": torch.sin,
    "cosine": torch.cos,
    "logical_not": torch.logical_not,
}
"""Kernel name to its function; each returns a new tensor (logical_not as booleans)."""

BINARY: Mapping[str, Callable[[torch.Tensor, torch.Tensor], torch.Tensor]] = {
    "add": torch.add,
    "subtract": torch.sub,
    "maximum": torch.maximum,
    "minimum": torch.minimum,
    "eq": torch.eq,
    "ne": torch.ne,
    "lt": torch.lt,
    "le": torch.le,
    "gt": torch.gt,
    "ge": torch.ge,
}
"""Kernel name to its function; multiply is not here, because fidelity applies to it."""

RoundDest = Callable[[torch.Tensor], torch.Tensor]
"""Rounds a running sum, in place, to the format that Dest accumulates in."""


def keep_float32(total: torch.Tensor) -> torch.Tensor:
    """The :data:`RoundDest` of a Dest that accumulates in Float32."""
    return total


def row_sum(data: torch.Tensor, round_dest: RoundDest = keep_float32) -> torch.Tensor:
    """Sum along the last dimension, [.., T * 32] to [.., 1].

    The tiles of a row are added column by column in order, Dest rounding after each; then the 32 columns are summed by
    halving: 16 + 16, 8 + 8, .., in Float32.
    """
    width = data.shape[-1]
    total = data[..., :TILE_DIM]
    if width > TILE_DIM:
        total = round_dest(total + data[..., TILE_DIM : 2 * TILE_DIM])
        for start in range(2 * TILE_DIM, width, TILE_DIM):
            total = round_dest(total.add_(data[..., start : start + TILE_DIM]))
    half = TILE_DIM // 2
    while half:
        total = total[..., :half] + total[..., half : 2 * half]
        half //= 2
    return total


_LEAST_EXPONENT = -87.0
"""Below this, exp gives 0 in a softmax."""

_LEAST_EXPONENTIAL = 1.645815e-38
"""Between float32 exp(-87) = 1.6458115e-38 and exp of the next larger float32, 1.6458124e-38."""


def softmax_rows(x: torch.Tensor, columns: int, round_dest: RoundDest = keep_float32) -> torch.Tensor:
    """Softmax along the last dimension, in place on `x`, whose columns from `columns` on are padding.

    e = exp(x - max), and 0 where x - max <= -87: what is smaller could not be told from a denormal, which the machine
    flushes. The result is e times the reciprocal of the row sum of e. A row of -infinity becomes zeros.
    """
    if columns < x.shape[-1]:
        x[..., columns:] = float("-inf")
    top = x.amax(-1, keepdim=True)
    top.masked_fill_(top == float("-inf"), 0.0)
    # Bounded first: exp is ten times slower on -infinity, which a mask puts into most of a padded batch.
    torch.threshold_(x.sub_(top).clamp_(min=_LEAST_EXPONENT).exp_(), _LEAST_EXPONENTIAL, 0.0)
    total = row_sum(x, round_dest)
    total.masked_fill_(total == 0.0, 1.0)
    return x.mul_(total.reciprocal_())


def normalise_rows(x: torch.Tensor, columns: int, epsilon: float, round_dest: RoundDest = keep_float32) -> torch.Tensor:
    """A new tensor (x - mean) * rsqrt(variance + epsilon) along the last dimension; columns from `columns` on are
    padding."""
    if columns < x.shape[-1]:
        x = x.clone()
        x[..., columns:] = 0.0
    scale = 1.0 / columns
    mean = row_sum(x, round_dest).mul_(scale)
    centred = x - mean
    if columns < x.shape[-1]:
        centred[..., columns:] = 0.0
    variance = row_sum(centred * centred, round_dest).mul_(scale)
    return centred.mul_(variance.add_(epsilon).rsqrt_())


def reduce_dims(
    x: torch.Tensor, dims: tuple[int, ...], kernel: str, round_dest: RoundDest = keep_float32
) -> torch.Tensor:
    """Reduce dimensions of padded data; they stay with extent 1.

    A sum goes over columns first, then rows, each as :func:`row_sum` does, then over batch dimensions from the last to
    the first, in order. Padding must hold the neutral element.

    Args:
        x: [.., R * 32, C * 32].
        dims: Dimensions of `x` counted from the end: -1 columns, -2 rows, below that batch dimensions.
        kernel: `reduce_sum`, `reduce_max` or `reduce_min`.
        round_dest: Rounding of Dest after each tile.
    """
    for dim in sorted(dims, reverse=True):
        if kernel == "reduce_max":
            x = x.amax(dim, keepdim=True)
        elif kernel == "reduce_min":
            x = x.amin(dim, keepdim=True)
        elif dim == -1:
            x = row_sum(x, round_dest)
        elif dim == -2:
            x = row_sum(x.transpose(-1, -2), round_dest).transpose(-1, -2)
        else:
            parts = x.unbind(dim)
            total = parts[0].clone()
            for part in parts[1:]:
                total = round_dest(total.add_(part))
            x = total.unsqueeze(dim)
    return x


NEUTRAL: Mapping[str, float] = {
    "reduce_sum": 0.0,
    "reduce_mean": 0.0,
    "reduce_max": float("-inf"),
    "reduce_min": float("inf"),
}
"""What padding must hold so that it does not count."""
