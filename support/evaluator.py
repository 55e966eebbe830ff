"""What a pass needs of a runtime without importing one: computing values and decomposing calls.

A pass that folds constants or decomposes operators takes these protocols; the caller injects torch-backed
implementations, so that `tt-opt` stays free of torch until such a pass runs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from xdsl.dialects.func import FuncOp
from xdsl.ir import Attribute, Operation

Value: TypeAlias = object
"""A value of the injected runtime (a torch tensor, or a Python number for a symbolic size); opaque to passes."""


@dataclass(frozen=True, slots=True)
class Splat:
    """All elements are equal."""

    value: bool | int | float


@dataclass(frozen=True, slots=True)
class Iota:
    """Elements along `dim` are `start, start + step, ..`; they do not change along other dimensions."""

    start: int
    step: int
    dim: int


@dataclass(frozen=True, slots=True)
class Elements:
    """All elements in row-major order."""

    values: tuple[bool | int | float, ...]


class Evaluator(Protocol):
    """Computes ops on values known at compile time."""

    def can_evaluate(self, op: Operation) -> bool:
        """Whether `op` is a deterministic pure computation that :meth:`evaluate` knows."""
        ...

    def evaluate(self, op: Operation, operands: Sequence[Value]) -> Sequence[Value]:
        """The results of `op` on `operands`, one for each result.

        Raises:
            TilewrightError: the op has no meaning on these operands.
        """
        ...

    def describe(self, value: Value, type: Attribute, max_elements: int) -> Splat | Iota | Elements | None:
        """The most compact description of `value`; None for more than `max_elements` irregular elements."""
        ...


class Decomposer(Protocol):
    """Expresses one operator call through simpler ones."""

    def decompose(self, op: Operation) -> FuncOp | None:
        """A function of `op`'s operands that returns its results, made of simpler calls; None if there is none.

        The function is shared between calls of equal shape: clone what is taken from it.
        """
        ...
