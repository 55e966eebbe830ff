"""What can be told of a graph without importing it."""

from __future__ import annotations

import operator
from collections.abc import Iterable, Iterator

import torch
from torch.fx import GraphModule, Node

from tilewright.frontend.functional_forms import writes


def captured_constants(graph: GraphModule, prefix: str = "") -> Iterator[tuple[str, torch.Tensor]]:
    """The tensors that `graph` and all graphs in it read from attributes, with the attribute's path.

    A tensor that is read twice comes twice.
    """
    for node in graph.graph.find_nodes(op="get_attr"):
        name = str(node.target)
        value = operator.attrgetter(name)(graph)
        if isinstance(value, GraphModule):
            yield from captured_constants(value, f"{prefix}{name}.")
        elif isinstance(value, torch.Tensor):
            yield prefix + name, value


def unique_tensors(tensors: Iterable[torch.Tensor]) -> list[torch.Tensor]:
    """Each tensor object once, in order of its first appearance."""
    return list({id(tensor): tensor for tensor in tensors}.values())


def calls_in(graph: GraphModule) -> Iterator[Node]:
    """The calls of `graph` and of all graphs in it."""
    for node in graph.graph.nodes:
        if node.op == "call_function":
            yield node
        elif node.op == "get_attr":
            value = operator.attrgetter(str(node.target))(graph)
            if isinstance(value, GraphModule):
                yield from calls_in(value)


def graph_writes(graph: GraphModule) -> bool:
    """Whether a call of `graph`, or of a graph in it, changes a tensor that exists before it."""
    return any(writes(node.target, node.args) for node in calls_in(graph))


def is_final_update(node: Node) -> bool:
    """Whether this is the copy that export adds at the end for a buffer that the model assigns.

    Torch records it with the memory of its source.
    """
    written = node.args[0]
    return (
        node.target is torch.ops.aten.copy_.default
        and not node.users
        and isinstance(written, Node)
        and written.op == "placeholder"
    )
