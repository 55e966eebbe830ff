"""What one expert of a mixture of experts makes of its tokens."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

import torch

from tilewright.dialects.ttcore import MoeActivationFunction

Activation: TypeAlias = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]
"""Of gates and ups."""

_ALPHA, _LIMIT = 1.702, 7.0
"""Of GPT-OSS's SwiGLU, as tt-metal's tests and its kernel ``swiglu_sfpu.h`` have it."""


def _silu(gate: torch.Tensor, up: torch.Tensor) -> torch.Tensor:
    return torch.nn.functional.silu(gate) * up


def swiglu(gate: torch.Tensor, up: torch.Tensor) -> torch.Tensor:
    """(u + 1) g sigmoid(1.702 g) with g at most 7 and u in [-7, 7]."""
    gate, up = gate.clamp(max=_LIMIT), up.clamp(-_LIMIT, _LIMIT)
    return (up + 1) * gate * torch.sigmoid(_ALPHA * gate)


ACTIVATIONS: Mapping[MoeActivationFunction, Activation] = {
    MoeActivationFunction.SILU: _silu,
    MoeActivationFunction.SWIGLU: swiglu,
}


def outputs(
    x: torch.Tensor,
    weights: Sequence[torch.Tensor],
    biases: Sequence[torch.Tensor | None],
    activation: Activation,
) -> torch.Tensor:
    """activation(x @ w0 + b0, x @ w1 + b1) @ w2 + b2."""

    def affine(y: torch.Tensor, which: int) -> torch.Tensor:
        product, bias = y @ weights[which], biases[which]
        return product if bias is None else product + bias

    return affine(activation(affine(x, 0), affine(x, 1)), 2)
