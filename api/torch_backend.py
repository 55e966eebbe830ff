"""`torch.compile(model, backend="tilewright")`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import fields
from typing import Any, cast

import torch
from torch.fx import GraphModule
from torch.utils import _pytree as pytree

from tilewright.frontend.importer import import_dynamo_graph
from tilewright.options import CompileOptions, check_name
from tilewright.program import compile_imported


def tilewright_backend(
    graph: GraphModule, example_inputs: Sequence[torch.Tensor], options: dict[str, object] | None = None
) -> Callable[..., object]:
    """Compile one graph of dynamo; parameters, which dynamo passes as inputs, stay parameters.

    Args:
        graph: The captured graph.
        example_inputs: Its inputs, as dynamo gives them.
        options: Options of `tilewright.compile`, from `torch.compile(.., options={..})`.

    Raises:
        UnsupportedInputError: there is no such option, or it has no such value.
    """
    known = [field.name for field in fields(CompileOptions)]
    for name in options or {}:
        check_name("options", name, tuple(known))
    chosen = CompileOptions(**cast("dict[str, Any]", options or {}))
    chosen.check()
    imported = import_dynamo_graph(graph, example_inputs)
    program = compile_imported(imported, chosen)

    def run(*inputs: object) -> object:
        leaves, _ = pytree.tree_flatten((inputs, {}))
        return program.run(leaves)

    return run
