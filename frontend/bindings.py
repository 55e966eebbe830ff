"""What the nodes of a graph stand for while it is imported, and how results are bound to them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import torch
from torch.fx import GraphModule
from xdsl.ir import Attribute, SSAValue

from tilewright.frontend.aliasing import Cell, new_cell
from tilewright.frontend.narrowing import is_sequence
from tilewright.frontend.types import SCALAR_TYPES, type_of
from tilewright.support.errors import UnsupportedInputError


@dataclass(frozen=True, slots=True)
class Literal:
    """A Python value known at compile time."""

    value: object


@dataclass(frozen=True, slots=True)
class Body:
    """A graph that a higher-order operator calls."""

    name: str
    graph: GraphModule


Binding: TypeAlias = "Cell | Literal | Body | Sequence[Binding] | Mapping[object, Binding]"
"""What a node stands for; a container for a node with several results."""

_SYMBOLIC_TYPES: dict[type, Attribute] = {
    torch.SymBool: SCALAR_TYPES[bool],
    torch.SymInt: SCALAR_TYPES[int],
    torch.SymFloat: SCALAR_TYPES[float],
    **SCALAR_TYPES,
}


def ssa_type_of(value: object) -> Attribute:
    """The type of the SSA value for a (fake) tensor, a Python number or a symbolic one.

    Raises:
        UnsupportedInputError: neither of these, e.g. a script object that an op returns.
    """
    if isinstance(value, torch.Tensor):
        return type_of(value)
    scalar = _SYMBOLIC_TYPES.get(type(value))
    if scalar is None:
        raise UnsupportedInputError(f"a value of type {type(value).__qualname__} flows through the graph")
    return scalar


def leaves_of(value: object) -> list[object]:
    """The tensors and numbers of a result, in order: what has an SSA value. None has none."""
    if isinstance(value, torch.Tensor):
        return [value]
    if value is None:
        return []
    if is_sequence(value):
        return [leaf for item in value for leaf in leaves_of(item)]
    if isinstance(value, Mapping):
        entries: Mapping[object, object] = value  # pyright: ignore[reportUnknownVariableType]
        return [leaf for item in entries.values() for leaf in leaves_of(item)]
    return [value]


def bind_results(value: object, results: Iterator[SSAValue], sources: Iterable[Cell] | None) -> Binding:
    """The binding of a node that returns `value`, its leaves standing for `results`.

    Args:
        sources: The tensors that the results may be views of; None if memory is not tracked.
    """
    if value is None:
        return Literal(None)
    if is_sequence(value):
        return [bind_results(item, results, sources) for item in value]
    if isinstance(value, Mapping):
        entries: Mapping[object, object] = value  # pyright: ignore[reportUnknownVariableType]
        return {key: bind_results(item, results, sources) for key, item in entries.items()}
    if sources is None or not isinstance(value, torch.Tensor):
        return Cell(next(results))
    return new_cell(next(results), value, sources)


def cells_of(binding: Binding) -> Iterator[Cell]:
    """All cells in a binding."""
    if isinstance(binding, Cell):
        yield binding
    elif isinstance(binding, Mapping):
        for item in binding.values():
            yield from cells_of(item)
    elif isinstance(binding, Sequence):
        for item in binding:
            yield from cells_of(item)
