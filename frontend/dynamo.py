"""Graphs that dynamo hands to a `torch.compile` backend, as exported programs.

Dynamo's graphs call torch functions, not operators; tracing them over dynamo's own fake tensors gives the graph that
export would give, and what dynamo knows of the sizes stays consistent with the guards that it installs.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, cast
from unittest.mock import patch

import torch
from torch._export.verifier import TrainingIRVerifier
from torch._guards import detect_fake_mode
from torch._subclasses.fake_tensor import FakeTensorMode
from torch.export import ExportedProgram
from torch.export.exported_program import ModuleCallEntry, ModuleCallSignature
from torch.export.graph_signature import (
    ConstantArgument,
    ExportGraphSignature,
    InputKind,
    InputSpec,
    OutputKind,
    OutputSpec,
    SymBoolArgument,
    SymFloatArgument,
    SymIntArgument,
    TensorArgument,
)
from torch.fx import GraphModule, Interpreter, Node
from torch.fx import traceback as fx_traceback
from torch.fx.experimental.proxy_tensor import make_fx
from torch.utils import _pytree as pytree

from tilewright.dialects.ttcore import ArgumentType
from tilewright.frontend.export_errors import diagnosed
from tilewright.frontend.exported import import_program
from tilewright.frontend.program import ImportedProgram
from tilewright.frontend.signature import BoundValue, unique_name

_MEMBER = re.compile(r"\['([^']*)'\]|\[(\d+)\]|\.(\w+)")
_CONTAINERS = frozenset({"_modules", "_parameters", "_buffers"})


def import_dynamo_graph(graph: GraphModule, example_inputs: Sequence[object]) -> ImportedProgram:
    """Import what a backend of `torch.compile` is given.

    Dynamo passes parameters as inputs; here they are bound values as in an exported program. Positions in
    :attr:`ImportedProgram.inputs` count `example_inputs`, all of which a compiled function is called with.

    Args:
        graph: A graph of dynamo's.
        example_inputs: The values of its placeholders.
    """
    placeholders = graph.graph.find_nodes(op="placeholder")
    bound: dict[int, BoundValue] = {}
    names: list[str] = []
    for position, (node, value) in enumerate(zip(placeholders, example_inputs, strict=True)):
        kind = _kind_of_bound_value(node, value)
        names.append(unique_name(_name_of(node, is_bound=kind is not None), names))
        if kind is not None and isinstance(value, torch.Tensor):
            bound[position] = BoundValue(names[-1], value.detach(), kind)
    return import_program(_as_exported(graph, placeholders), bound, names)


def _kind_of_bound_value(node: Node, value: object) -> ArgumentType | None:
    """What an input is that belongs to the model: a parameter, or a tensor whose address dynamo takes as fixed."""
    if isinstance(value, torch.nn.Parameter):
        return ArgumentType.PARAMETER
    is_static = isinstance(value, torch.Tensor) and "_dynamo_static_input_type" in node.meta.get("tensor_dict", ())
    return ArgumentType.CONSTANT if is_static else None


def _name_of(node: Node, *, is_bound: bool) -> str:
    """`layer.0.weight` for what comes from `L['self']._modules['layer']._modules['0']._parameters['weight']`.

    The variable that holds the model is no part of a bound value's name.
    """
    source = getattr(node, "_dynamo_source", None)
    if source is None:
        return node.name
    members = ["".join(groups) for groups in _MEMBER.findall(source.name)]
    members = [member for member in members if member not in _CONTAINERS]
    return ".".join(members[1:] if is_bound and len(members) > 1 else members)


def _as_exported(graph: GraphModule, placeholders: Sequence[Node]) -> ExportedProgram:
    """`graph` as a program of ATen calls whose inputs are all user inputs."""
    examples = [node.meta["example_value"] for node in placeholders]
    fake_mode = detect_fake_mode(examples) or FakeTensorMode()
    # Dynamo gives a backend a mode of its own. Mixing the two would hide which tensors share memory.
    fakes = [fake_mode.from_tensor(value) if isinstance(value, torch.Tensor) else value for value in examples]
    traced = _trace(graph, fakes, fake_mode)
    constants = _lift_constants(traced)
    inputs = traced.graph.find_nodes(op="placeholder")[len(constants) :]
    (output,) = traced.graph.output_node().args
    leaves, out_spec = pytree.tree_flatten(output)
    signature = ExportGraphSignature(
        [
            *(InputSpec(InputKind.CONSTANT_TENSOR, TensorArgument(name), name) for name in constants),
            *(InputSpec(InputKind.USER_INPUT, _argument(node), None) for node in inputs),
        ],
        [OutputSpec(OutputKind.USER_OUTPUT, _argument(leaf), None) for leaf in leaves],
    )
    in_spec = pytree.tree_structure((tuple(fakes), {}))
    return ExportedProgram(
        traced,
        traced.graph,
        signature,
        {},
        {},
        [ModuleCallEntry("", ModuleCallSignature([], [], in_spec, out_spec))],
        constants=constants,
        verifiers=[TrainingIRVerifier],
    )


def _trace(graph: GraphModule, fakes: Sequence[object], fake_mode: FakeTensorMode) -> GraphModule:
    """The operators that `graph` calls, each with the stack and the module of the node it comes from."""

    def run(*inputs: object) -> object:
        with fx_traceback.preserve_node_meta():
            return _Interpreter(graph).run(*inputs)

    # Constants in the graph are real tensors; what dynamo reads from a tensor has its consent.
    with (
        patch.object(fake_mode, "allow_non_fake_inputs", True),
        patch.object(fake_mode, "allow_scalar_outputs", True),
        fake_mode,
        diagnosed(),
    ):
        return make_fx(run, pre_dispatch=True, _allow_non_fake_inputs=True)(*fakes)


class _Interpreter(Interpreter):
    def run_node(self, n: Node) -> object:
        """Run a node; a number that dynamo reads from a tensor and has guarded on is a constant."""
        if n.op == "call_method" and n.target == "item":
            number = _known_number(n.meta.get("example_value"))
            if number is not None:
                return number
        return super().run_node(n)


def _known_number(value: object) -> float | int | None:
    if isinstance(value, torch.SymFloat):
        return cast("float | None", value.node.maybe_as_float())
    return cast("int | None", value.node.maybe_as_int()) if isinstance(value, torch.SymInt) else None


def _lift_constants(graph: GraphModule) -> dict[str, Any]:
    """Turn tensors that the graph reads from its attributes into placeholders in front; the tensors by their names."""
    constants: dict[str, Any] = {}
    first = next(iter(graph.graph.nodes))
    for node in graph.graph.find_nodes(op="get_attr"):
        tensor = getattr(graph, str(node.target))
        if isinstance(tensor, torch.Tensor):
            with graph.graph.inserting_before(first):
                placeholder = graph.graph.placeholder(str(node.target))
            placeholder.meta = dict(node.meta)
            constants[placeholder.name] = tensor
            node.replace_all_uses_with(placeholder)
            graph.graph.erase_node(node)
    return constants


def _argument(value: Any) -> TensorArgument | SymIntArgument | SymFloatArgument | SymBoolArgument | ConstantArgument:
    if not isinstance(value, Node):
        return ConstantArgument("", value)
    match value.meta["val"]:
        case torch.Tensor():
            return TensorArgument(value.name)
        case torch.SymFloat():
            return SymFloatArgument(value.name)
        case torch.SymBool():
            return SymBoolArgument(value.name)
        case _:
            return SymIntArgument(value.name)
