"""Locations: the module's path, and the user's line."""

from __future__ import annotations

import inspect
from collections.abc import Callable

import torch
from torch import nn
from xdsl.dialects.builtin import FileLineColLoc, NameLoc

from tilewright.dialects.aten import CallOp
from tilewright.frontend.importer import import_dynamo_graph, import_exported, import_module
from tilewright.frontend.program import ImportedProgram


class Block(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.linear = nn.Linear(3, 3)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.relu(self.linear(x))  # line of the block


class Stack(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.blocks = nn.ModuleList([Block(), Block()])

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        for block in [*self.blocks, self.blocks[0]]:
            x = block(x)
        return x * 2  # line of the stack


def line_with(text: str) -> int:
    """Number of the first line of this file that holds `text`."""
    lines = inspect.getsource(inspect.getmodule(Block)).splitlines()
    return next(number for number, line in enumerate(lines, 1) if text in line)


def origins(program: ImportedProgram) -> list[tuple[str, str | None, str, int]]:
    """Of each call: callee, module path, file and line."""
    found: list[tuple[str, str | None, str, int]] = []
    for op in program.entry.body.block.ops:
        if isinstance(op, CallOp):
            location = op.location
            path = location.desc.data if isinstance(location, NameLoc) else None
            line = location.location if isinstance(location, NameLoc) else location
            assert isinstance(line, FileLineColLoc)
            found.append((op.callee.data, path, line.filename.data, line.line.data))
    return found


def expected() -> list[tuple[str, str | None, str, int]]:
    in_block, in_stack = line_with("# line of the block"), line_with("# line of the stack")
    calls: list[tuple[str, str | None, str, int]] = []
    for index in (0, 1, 0):
        # The line in a layer of torch's own would help nobody.
        calls.append(("aten.linear.default", f"blocks.{index}.linear", __file__, in_block))
        calls.append(("aten.relu.default", f"blocks.{index}", __file__, in_block))
    return [*calls, ("aten.mul.Tensor", None, __file__, in_stack)]


def test_calls_know_their_module_and_line() -> None:
    assert origins(import_module(Stack(), (torch.ones(2, 3),))) == expected()


def test_locations_survive_functionalisation() -> None:
    program = torch.export.export(Stack(), (torch.ones(2, 3),), strict=False).run_decompositions({})

    assert origins(import_exported(program)) == expected()


def test_dynamo_graphs_know_their_module_and_line() -> None:
    seen: list[ImportedProgram] = []

    def backend(graph: torch.fx.GraphModule, inputs: list[torch.Tensor]) -> Callable[..., object]:
        seen.append(import_dynamo_graph(graph, inputs))
        return graph.forward

    torch._dynamo.reset()
    torch.compile(Stack(), backend=backend)(torch.ones(2, 3))

    assert origins(seen[0]) == expected()


def test_equal_origins_share_one_attribute() -> None:
    class Twice(nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return (x + 1) * 2

    first, second = (op.location for op in import_module(Twice(), (torch.ones(2),)).entry.body.block.ops if op.results)

    assert first is second
