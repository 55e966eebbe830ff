"""Functions of floats that torch lacks."""

from __future__ import annotations

import torch


def cube_root(x: torch.Tensor) -> torch.Tensor:
    """The real cube root."""
    size = x.double().abs()
    root = size ** (1 / 3)
    # 1 / 3 is rounded; a step of Newton's method makes up for that.
    step = (root * root * root - size) / (3 * root * root)
    return torch.where(step.isfinite(), root - step, root).copysign(x).to(x.dtype)


def selu(x: torch.Tensor, scale: float, alpha: float) -> torch.Tensor:
    """`scale * x` where x > 0, else `scale * alpha * (e^x - 1)`."""
    return scale * torch.where(x > 0, x, alpha * torch.expm1(x))


def softsign(x: torch.Tensor) -> torch.Tensor:
    """x / (1 + |x|)."""
    return x / (1 + x.abs())


def tanhshrink(x: torch.Tensor) -> torch.Tensor:
    """x - tanh(x)."""
    return x - x.tanh()
