"""Any mix of device and host ops is partitioned into a program that computes the same, in as few phases as may be."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from xdsl.dialects.builtin import ModuleOp
from xdsl.dialects.func import CallOp, FuncOp
from xdsl.parser import Parser

from tilewright.dialects import aten
from tilewright.stages import execute, make_context, run_passes
from tilewright.transforms.host_outlining import REASONS
from tilewright.transforms.modules import cpu_module, device_module, forward_functions

T = "tensor<2x3xf32>"
CONTEXT = make_context()


@dataclass(frozen=True)
class Node:
    """An op of a random function.

    Attributes:
        on_host: Whether no kernel computes it.
        operands: Values it adds or takes the maximum of: 0 is the argument, i + 1 the result of node i.
    """

    on_host: bool
    operands: tuple[int, int]


@st.composite
def graphs(draw: st.DrawFn) -> tuple[list[Node], list[int]]:
    """Nodes, each after what it uses, and the values returned; some may be dead."""
    nodes = [
        Node(draw(st.booleans()), (draw(st.integers(0, i)), draw(st.integers(0, i))))
        for i in range(draw(st.integers(1, 9)))
    ]
    return nodes, draw(st.lists(st.integers(0, len(nodes)), min_size=1, max_size=3))


def module_of(nodes: list[Node], results: list[int]) -> ModuleOp:
    """The function: the device adds, the host multiplies by what no kernel does (fmax)."""
    lines: list[str] = []
    for i, node in enumerate(nodes):
        a, b = node.operands
        op = 'aten.call "aten.fmax.default"' if node.on_host else '"ttir.add"'
        lines.append(f"%{i + 1} = {op}(%{a}, %{b}) : ({T}, {T}) -> {T}")
    types = ", ".join(T for _ in results)
    values = ", ".join(f"%{r}" for r in results)
    body = "\n".join(lines)
    text = f"func.func @f(%0 : {T}) -> ({types}) {{ {body}\n func.return {values} : {types} }}"
    return Parser(CONTEXT, text).parse_module()


def alternations(nodes: list[Node]) -> int:
    """The most changes from device to host along any path: no schedule has fewer host phases."""
    phase: dict[int, int] = {0: 0}
    for i, node in enumerate(nodes):
        before = [(phase[o], o > 0 and nodes[o - 1].on_host) for o in node.operands]
        # A host phase ends where a device op reads it; the next host op begins another.
        phase[i + 1] = max(p + (node.on_host and not host) for p, host in before)
    return max(phase.values())


@settings(max_examples=60, suppress_health_check=list(HealthCheck))
@given(graphs())
@example(([Node(True, (0, 0)), Node(False, (1, 1)), Node(True, (0, 0))], [3]))  # an op of the device that nobody uses
@example(([Node(False, (0, 0)), Node(True, (1, 0)), Node(False, (2, 1)), Node(True, (3, 2))], [4, 1]))
def test_partitioned_function_computes_the_same(graph: tuple[list[Node], list[int]]) -> None:
    nodes, results = graph
    module = module_of(nodes, results)
    x = torch.randn(2, 3, generator=torch.Generator().manual_seed(0))
    expected = execute(module, (x,))

    run_passes(module, "ttir-partition,verify-partitioned", context=CONTEXT)

    found = execute(module, (x,))
    assert all(torch.equal(a, b) for a, b in zip(found, expected, strict=True))  # type: ignore[arg-type]
    (function,) = forward_functions(module)
    assert not [op for op in function.walk() if isinstance(op, aten.CallOp)]
    host = cpu_module(module)
    ops = [] if host is None else [op for op in host.walk() if isinstance(op, aten.CallOp)]
    assert all(REASONS in op.attributes for op in ops)


@settings(max_examples=40, suppress_health_check=list(HealthCheck))
@given(graphs())
def test_host_ops_run_in_as_few_phases_as_they_need(graph: tuple[list[Node], list[int]]) -> None:
    nodes, results = graph
    module = module_of(nodes, results)

    run_passes(module, "ttir-partition", context=CONTEXT)

    (function,) = forward_functions(module)
    phase: dict[object, int] = {}
    for op in function.body.block.ops:
        before = [phase.get(o.owner, 0) for o in op.operands]
        phase[op] = max([0, *before]) + isinstance(op, CallOp)
    assert max(phase.values(), default=0) <= alternations(nodes)


def test_declarations_match_their_functions() -> None:
    module = module_of([Node(True, (0, 0)), Node(False, (1, 1)), Node(True, (2, 0))], [3, 1])

    run_passes(module, "ttir-partition", context=CONTEXT)

    host = cpu_module(module)
    assert host is not None
    functions = {f.sym_name.data: f for f in host.ops if isinstance(f, FuncOp)}
    declared = {f.sym_name.data: f for f in device_module(module).ops if isinstance(f, FuncOp) and f.is_declaration}
    assert set(functions) == set(declared)
    assert all(declared[name].function_type == f.function_type for name, f in functions.items())
