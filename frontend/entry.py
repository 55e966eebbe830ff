"""The entry function of an imported program: its arguments, its results, and the states that a call changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import torch
from torch.fx import GraphModule, Node
from xdsl.dialects.builtin import ArrayAttr, IntegerAttr, StringAttr
from xdsl.dialects.func import FuncOp
from xdsl.ir import Attribute, Block, SSAValue

from tilewright.dialects.discardable import TIED
from tilewright.dialects.ttcore import ArgumentType, ArgumentTypeAttr
from tilewright.frontend.aliasing import Cell, Identity, is_tracked, storage_of
from tilewright.frontend.bindings import Literal, cells_of, ssa_type_of
from tilewright.frontend.emission import name_value
from tilewright.frontend.functions import build_function, new_importer
from tilewright.frontend.graph_queries import captured_constants, graph_writes
from tilewright.frontend.module_context import ModuleContext
from tilewright.frontend.program import (
    ENTRY_POINT,
    SHARED_NAMES,
    ConstantOutput,
    InputOutput,
    InputSpec,
    Mutation,
    OutputSpec,
    ResultOutput,
)
from tilewright.frontend.signature import BoundValue, GraphOutputs, UserInput, literal_input
from tilewright.frontend.types import shape_of
from tilewright.support.errors import UnsupportedInputError


@dataclass(eq=False)
class _Argument:
    """An argument of the function.

    Attributes:
        example: The fake tensor or symbol that stands for it in the graph.
        target: What a mutation of it is reported for: index of the user input, or name of the bound value.
        bound: The tensor that comes with the model, if it does.
        nodes: Its placeholders; a parameter that the model has under two names may have two.
    """

    example: object
    name: str
    kind: ArgumentType
    target: int | str
    bound: torch.Tensor | None = None
    shared_names: Sequence[str] = ()
    nodes: list[Node] = field(default_factory=list[Node])

    def attributes(self, is_state: bool) -> dict[str, Attribute]:
        kind = ArgumentType.INPUT if is_state else self.kind
        found: dict[str, Attribute] = {
            "ttcore.argument_type": ArgumentTypeAttr(kind),
            "ttir.name": StringAttr(self.name),
        }
        if self.shared_names:
            found[SHARED_NAMES] = ArrayAttr([StringAttr(name) for name in self.shared_names])
        return found


class EntryImporter:
    """Imports a graph as the entry function: declare the placeholders, in order, then :meth:`run` it."""

    def __init__(self, graph: GraphModule, context: ModuleContext):
        self.inputs: list[InputSpec] = []
        self.outputs: list[OutputSpec] = []
        self.mutations: list[Mutation] = []
        self._graph = graph
        self._importer = new_importer(context, tracks_memory=graph_writes(graph))
        self._arguments: list[_Argument] = []
        self._argument_of: dict[Identity, _Argument] = {}

    @property
    def values(self) -> dict[str, torch.Tensor]:
        """The bound values by name."""
        return {argument.name: argument.bound for argument in self._arguments if argument.bound is not None}

    def declare_literal(self, node: Node, literal: Literal) -> None:
        """A placeholder for a Python object."""
        self._importer.bind(node, literal)

    def declare_model_value(self, node: Node, bound: BoundValue, names: Sequence[str]) -> None:
        """A parameter, buffer or constant, known to the model by `names`; one argument serves all of them."""
        self._model_argument(bound, names, node.meta["val"]).nodes.append(node)

    def declare_user_input(self, node: Node, user: UserInput, name: str) -> None:
        """A leaf of the inputs; one that export has baked in gets no argument."""
        literal = literal_input(node)
        if literal is not None:
            self.inputs.append(InputSpec(name, user.position, None, constant=literal.value))
            self._importer.bind(node, literal)
            return
        value = node.meta["val"]
        shape, dtype = (shape_of(value), value.dtype) if isinstance(value, torch.Tensor) else ((), None)
        argument = _Argument(value, name, ArgumentType.INPUT, target=len(self.inputs), nodes=[node])
        self.inputs.append(InputSpec(name, user.position, len(self._arguments), shape, dtype))
        self._arguments.append(argument)

    def run(self, outputs: GraphOutputs) -> FuncOp:
        """Import the nodes; results are what the model returns, then the new values of what it changed.

        Raises:
            NeedsFunctionalisationError: the graph writes to memory in a way that renaming cannot express.
        """
        captured = [
            (tensor, self._model_argument(BoundValue(name, tensor, ArgumentType.CONSTANT), [name], tensor))
            for name, tensor in captured_constants(self._graph)
        ]
        block = Block(arg_types=[ssa_type_of(argument.example) for argument in self._arguments])
        cells = self._bind_arguments(block)
        for tensor, argument in captured:
            self._importer.bind_constant(tensor, cells[argument])
        self._importer.run(self._graph)

        results = self._user_results(outputs, block)
        ties: list[dict[str, Attribute]] = [{} for _ in results]
        states: set[_Argument] = set()
        for index, (argument, before) in enumerate(zip(self._arguments, block.args, strict=True)):
            after = self._final_value(argument, cells[argument], outputs.mutations)
            if after is not before:
                states.add(argument)
                self.mutations.append(Mutation(len(results), argument.target))
                results.append(after)
                ties.append({TIED: IntegerAttr(index, 64)})
        return build_function(
            ENTRY_POINT,
            block,
            self._importer.calls.operations,
            results,
            arg_attrs=[argument.attributes(is_state=argument in states) for argument in self._arguments],
            res_attrs=ties,
        )

    def _model_argument(self, bound: BoundValue, names: Sequence[str], example: torch.Tensor) -> _Argument:
        argument = self._argument_of.get(bound.identity)
        if argument is None:
            argument = _Argument(example, names[0], bound.kind, names[0], bound.tensor, names[1:])
            self._argument_of[bound.identity] = argument
            self._arguments.append(argument)
        return argument

    def _bind_arguments(self, block: Block) -> dict[_Argument, Cell]:
        """Bind all placeholders with an argument; tensors that overlap, in the model or as given, share memory."""
        cells: dict[_Argument, Cell] = {}
        cell_on: dict[int, Cell] = {}
        for argument, value in zip(self._arguments, block.args, strict=True):
            tensor = argument.example if argument.bound is None else argument.bound
            if self._importer.tracks_memory and isinstance(tensor, torch.Tensor) and is_tracked(tensor):
                cell = self._importer.new_cell(value, argument.example, cell_on.get(storage_of(tensor)))
                cell_on.setdefault(storage_of(tensor), cell)
            else:
                cell = self._importer.new_cell(value, argument.example)
            for node in argument.nodes:
                self._importer.bind(node, cell)
            name_value(value, argument.name)
            cells[argument] = cell
        return cells

    def _user_results(self, outputs: GraphOutputs, block: Block) -> list[SSAValue]:
        """The results for what the model returns; :attr:`outputs` says where each leaf is found."""
        input_of: dict[SSAValue, int] = {
            value: argument.target
            for value, argument in zip(block.args, self._arguments, strict=True)
            if isinstance(argument.target, int)
        }
        results: list[SSAValue] = []
        for leaf in outputs.user:
            binding = self._importer.look_up(leaf)
            if isinstance(binding, Literal):
                self.outputs.append(ConstantOutput(binding.value))
            elif not isinstance(binding, Cell):
                raise UnsupportedInputError(f"the model returns {leaf}, which is not one value")
            elif (value := binding.read()) in input_of:
                self.outputs.append(InputOutput(input_of[value]))
            else:
                self.outputs.append(ResultOutput(len(results)))
                results.append(value)
        return results

    def _final_value(self, argument: _Argument, cell: Cell, mutations: Mapping[str, object]) -> SSAValue:
        """The value of an argument after the graph has run."""
        for node in argument.nodes:
            if node.name in mutations:
                (cell,) = cells_of(self._importer.look_up(mutations[node.name]))
        return cell.read()
