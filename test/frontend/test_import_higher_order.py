"""Operators that call graphs: their bodies become private functions, or are inlined where they change nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import nn
from torch._higher_order_ops.associative_scan import associative_scan
from torch._higher_order_ops.map import map as map_operator
from torch._higher_order_ops.scan import scan
from torch._higher_order_ops.while_loop import while_loop
from torch.export import Dim
from xdsl.dialects.func import FuncOp

from tilewright.frontend.program import ImportedProgram

CheckImport = Callable[..., ImportedProgram]


class WithLinear(nn.Module):
    def __init__(self, function: Callable[..., Any]):
        super().__init__()
        self.function = function
        self.linear = nn.Linear(3, 3)

    def forward(self, x: torch.Tensor) -> Any:
        return self.function(self.linear, x)


def branches(f: nn.Module, x: torch.Tensor) -> torch.Tensor:
    return torch.cond(x.sum() > 0, lambda x: f(x) + 1, lambda x: x - 1, (x,))


def branches_with_constants(f: nn.Module, x: torch.Tensor) -> torch.Tensor:
    three = (1.0, 2.0, 5.0)
    return torch.cond(x.sum() > 0, lambda x: x * torch.tensor(three), lambda x: x * torch.tensor(3.0), (x,))


def branches_in_branches(f: nn.Module, x: torch.Tensor) -> torch.Tensor:
    def inner(x: torch.Tensor) -> torch.Tensor:
        return torch.cond(x.max() > 1, lambda x: x * torch.tensor(7.0), lambda x: f(x) - 1, (x,))

    return torch.cond(x.sum() > 0, inner, lambda x: x.clone(), (x,))


def branches_that_write(f: nn.Module, x: torch.Tensor) -> torch.Tensor:
    return torch.cond(x.sum() > 0, lambda x: (x + 1).add_(1).relu_(), lambda x: x.clone(), (x,))


def a_loop(f: nn.Module, x: torch.Tensor) -> Any:
    return while_loop(lambda i, x: i < 3, lambda i, x: (i + 1, f(x)), (torch.tensor(0), x))


def a_scan(f: nn.Module, x: torch.Tensor) -> Any:
    return scan(lambda carry, row: (carry + row, f(carry)), torch.zeros(3), x)


def a_map(f: nn.Module, x: torch.Tensor) -> Any:
    return map_operator(lambda row, bias: f(row) + bias, x, torch.ones(3))


def an_associative_scan(f: nn.Module, x: torch.Tensor) -> Any:
    return associative_scan(lambda a, b: a + b, x, 0, combine_mode="generic")


VECTOR, MATRIX = torch.tensor([0.5, -1.0, 2.0]), torch.linspace(-1, 1, 15).view(5, 3)

BODIES: dict[str, tuple[Callable[..., Any], torch.Tensor, str | None, list[str]]] = {
    "cond": (branches, VECTOR, "higher_order.cond", ["true_graph_0", "false_graph_0"]),
    "cond, the other side": (branches, -VECTOR, "higher_order.cond", ["true_graph_0", "false_graph_0"]),
    "constants": (branches_with_constants, VECTOR, "higher_order.cond", ["true_graph_0", "false_graph_0"]),
    "nested": (
        branches_in_branches,
        VECTOR,
        "higher_order.cond",
        ["true_graph_0", "false_graph_0", "true_graph_0__2", "false_graph_0__2"],
    ),
    "writes inside": (branches_that_write, VECTOR, "higher_order.cond", ["true_graph_0", "false_graph_0"]),
    "while_loop": (
        a_loop,
        VECTOR,
        "higher_order.while_loop",
        ["while_loop_cond_graph_0", "while_loop_body_graph_0"],
    ),
    "scan": (a_scan, MATRIX, "higher_order.scan", ["scan_combine_graph_0"]),
    "map": (a_map, MATRIX, "higher_order.map_impl", ["body_graph_0"]),
    "associative_scan": (an_associative_scan, MATRIX, None, []),
}


@pytest.mark.parametrize("name", BODIES)
def test_bodies_are_private_functions(
    name: str, check_import: CheckImport, callees: Callable[[ImportedProgram], list[str]]
) -> None:
    function, x, operator, bodies = BODIES[name]

    program = check_import(WithLinear(function), (x,), tolerance=1e-6)

    found = [op for op in program.module.ops if isinstance(op, FuncOp) and op is not program.entry]
    assert [op.sym_name.data for op in found] == bodies
    assert all(op.sym_visibility is not None and op.sym_visibility.data == "private" for op in found)
    assert operator is None or operator in callees(program)


def test_constants_of_a_body_are_arguments_of_the_model(check_import: CheckImport) -> None:
    program = check_import(WithLinear(branches_with_constants), (VECTOR,))

    assert list(program.values) == ["true_graph_0._tensor_constant0", "false_graph_0._tensor_constant0"]


def test_a_loop_condition_returns_its_result_bare(check_import: CheckImport) -> None:
    program = check_import(WithLinear(a_loop), (VECTOR,))

    bare = {
        op.sym_name.data
        for op in program.module.ops
        if isinstance(op, FuncOp) and "tilewright.bare_result" in op.attributes
    }
    assert bare == {"while_loop_cond_graph_0"}


def test_a_condition_on_a_size(check_import: CheckImport) -> None:
    def model(x: torch.Tensor) -> torch.Tensor:
        return torch.cond(x.shape[0] > 4, lambda x: x + 1, lambda x: x - 1, (x,))

    check_import(model, (torch.ones(8),), dynamic_shapes=({0: Dim("n", max=64)},), then=(torch.ones(3),))


def test_regions_without_gradients_are_inlined(
    check_import: CheckImport, callees: Callable[[ImportedProgram], list[str]]
) -> None:
    def model(f: nn.Module, x: torch.Tensor) -> torch.Tensor:
        with torch.no_grad():
            y = f(x) * torch.tensor(2.0)
            with torch.autocast("cpu", enabled=False):
                y = y + 1
        return f(y)

    program = check_import(WithLinear(model), (MATRIX,))

    assert callees(program) == [
        "aten.linear.default",
        "aten.mul.Tensor",
        "aten.add.Tensor",
        "aten.linear.default",
    ]
