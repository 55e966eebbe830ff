"""Tests that tell a type checker what they found, where torch's own types are incomplete."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias, TypeGuard

from torch._ops import OpOverload

AnyOverload: TypeAlias = OpOverload[..., Any]
"""An overload of a PyTorch operator."""


def is_overload(target: object) -> TypeGuard[AnyOverload]:
    """Whether `target` is an overload of an operator."""
    return isinstance(target, OpOverload)


def is_sequence(value: object) -> TypeGuard[Sequence[object]]:
    """Whether `value` is a list or a tuple."""
    return isinstance(value, (list, tuple))
