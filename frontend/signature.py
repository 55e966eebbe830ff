"""What the placeholders and outputs of an exported program are."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias, cast

import torch
from torch.export import ExportedProgram
from torch.export.graph_signature import ConstantArgument, InputKind, OutputKind
from torch.fx import Node

from tilewright.dialects.ttcore import ArgumentType
from tilewright.frontend.aliasing import Identity, identity_of
from tilewright.frontend.bindings import Literal
from tilewright.support.errors import UnsupportedInputError


@dataclass(frozen=True)
class BoundValue:
    """A placeholder for a value that comes with the model.

    Attributes:
        name: Fully qualified name in the model.
        kind: Parameter or constant; the importer makes it an input if the graph writes to it.
    """

    name: str
    tensor: torch.Tensor
    kind: ArgumentType

    @cached_property
    def identity(self) -> Identity:
        """Equal for the names of one tensor."""
        return identity_of(self.tensor)


@dataclass(frozen=True)
class UserInput:
    """A placeholder for a leaf of the inputs: `position` counts all leaves."""

    name: str
    position: int


Placeholder: TypeAlias = BoundValue | UserInput | Literal


def placeholders_of(
    program: ExportedProgram, bound: Mapping[int, BoundValue], names: Sequence[str] | None
) -> list[tuple[Node, Placeholder]]:
    """Each placeholder of the graph with what it is.

    Args:
        bound: Leaves of the inputs that are in truth part of the model, by position.
        names: Names for the leaves of the inputs; None takes the placeholders' own.

    Raises:
        UnsupportedInputError: an input is of a kind that is not supported.
    """
    found: list[tuple[Node, Placeholder]] = []
    position = 0
    nodes = program.graph.find_nodes(op="placeholder")
    for node, spec in zip(nodes, program.graph_signature.input_specs, strict=True):
        if spec.kind is InputKind.USER_INPUT:
            name = node.name if names is None else names[position]
            found.append((node, bound.get(position) or UserInput(name, position)))
            position += 1
        else:
            found.append((node, _model_value(program, spec.kind, spec.target or node.name)))
    return found


def _model_value(program: ExportedProgram, kind: InputKind, name: str) -> Placeholder:
    match kind:
        case InputKind.PARAMETER:
            return BoundValue(name, program.state_dict[name].detach(), ArgumentType.PARAMETER)
        case InputKind.BUFFER | InputKind.CONSTANT_TENSOR:
            source = program.state_dict if name in program.state_dict else program.constants
            return BoundValue(name, _tensor(source[name]).detach(), ArgumentType.CONSTANT)
        case InputKind.TOKEN:
            # A token orders effects; it has no elements.
            return BoundValue(name, torch.empty(0), ArgumentType.CONSTANT)
        case InputKind.CUSTOM_OBJ:
            return Literal(program.constants[name])
        case _:
            raise UnsupportedInputError(f"the exported program has an input of kind {kind.name}: {name}")


def _tensor(value: object) -> torch.Tensor:
    if not isinstance(value, torch.Tensor):
        raise UnsupportedInputError(f"a constant of the model is a {type(value).__qualname__}, not a tensor")
    return value


def literal_input(node: Node) -> Literal | None:
    """The value of a placeholder that export has baked in; None if the graph reads it."""
    value = node.meta.get("val")
    if isinstance(value, (torch.Tensor, torch.SymInt, torch.SymFloat, torch.SymBool)):
        return None
    return Literal(value.value if isinstance(value, ConstantArgument) else value)


def unique_name(name: str, taken: Container[str]) -> str:
    """`name`, with a number if it is taken."""
    count, unique = 1, name
    while unique in taken:
        count += 1
        unique = f"{name}_{count}"
    return unique


_USER_OUTPUTS = frozenset({OutputKind.USER_OUTPUT, OutputKind.LOSS_OUTPUT})
_MUTATIONS = frozenset({OutputKind.BUFFER_MUTATION, OutputKind.PARAMETER_MUTATION, OutputKind.USER_INPUT_MUTATION})


@dataclass(frozen=True)
class GraphOutputs:
    """What a graph returns.

    Attributes:
        user: What the model returns, leaf by leaf, as it stands in the graph.
        mutations: New values of states by the name of their placeholder; only a functional graph has them.
    """

    user: list[object]
    mutations: dict[str, object]


def outputs_of(program: ExportedProgram) -> GraphOutputs:
    """Tell the outputs of a graph apart.

    Raises:
        UnsupportedInputError: the program also computes gradients.
    """
    signature = program.graph_signature
    placeholder_of = {spec.target: spec.arg.name for spec in signature.input_specs if spec.target is not None}
    user: list[object] = []
    mutations: dict[str, object] = {}
    output = cast("Sequence[object]", program.graph.output_node().args[0])
    for value, spec in zip(output, signature.output_specs, strict=True):
        if spec.kind in _USER_OUTPUTS:
            user.append(value)
        elif spec.kind in _MUTATIONS:
            # A user input is named by its placeholder, a buffer by its path in the model.
            target = spec.target or ""
            mutations[target if spec.kind is OutputKind.USER_INPUT_MUTATION else placeholder_of[target]] = value
        elif spec.kind is not OutputKind.TOKEN:
            raise UnsupportedInputError(
                f"the exported program has an output of kind {spec.kind.name}",
                hint="export the module for inference, without a joint backward graph",
            )
    return GraphOutputs(user, mutations)
