"""How calls without a conversion of their own become simpler ones: whole, or not at all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pytest
import torch
from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp
from xdsl.dialects.func import FuncOp
from xdsl.ir import Operation
from xdsl.parser import Parser

from tilewright.dialects import aten
from tilewright.stages import execute, import_torch, make_context, run_passes
from tilewright.support.locations import module_path, source_line
from tilewright.transforms.aten_to_ttir import AtenToTtir
from tilewright.transforms.services import with_services
from tilewright.transforms.tile_legality import DECLINED

T = "tensor<4xf32>"


def parse(text: str) -> ModuleOp:
    """A module from text."""
    return Parser(make_context(), text, "model.mlir").parse_module()


def call(callee: str, *operands: str, args: str = "") -> str:
    """A call on tensors of four elements."""
    types = ", ".join(T for _ in operands)
    return f'aten.call "{callee}"({", ".join(operands)}{args}) : ({types}) -> {T}'


def function(body: str, result: str, name: str = "f") -> str:
    """A function of one tensor of four elements."""
    return f"func.func @{name}(%x : {T}) -> {T} {{ {body}\n func.return {result} : {T} }}"


@dataclass(frozen=True)
class TableDecomposer:
    """Decomposes by a table of functions, written as text."""

    table: Mapping[str, str]

    def decompose(self, op: Operation) -> FuncOp | None:
        """The function for the callee of `op`."""
        assert isinstance(op, aten.CallOp)
        text = self.table.get(op.callee.data)
        if text is None:
            return None
        found = parse(text).body.block.first_op
        assert isinstance(found, FuncOp)
        return found


def converted(text: str, table: Mapping[str, str]) -> ModuleOp:
    """`text` after the pass, which decomposes by `table`."""
    module = parse(text)
    with_services(AtenToTtir, decomposer=lambda: TableDecomposer(table))().apply(Context(), module)
    module.verify()
    return module


def names(module: ModuleOp) -> list[str]:
    """What is called and computed, in order."""
    return [
        op.callee.data if isinstance(op, aten.CallOp) else op.name
        for op in module.walk()
        if op.name.startswith(("aten.", "ttir."))
    ]


TWICE = function(f"%0 = {call('aten.exp.default', '%x')}\n%1 = {call('aten.neg.default', '%0')}", "%1")
HALF = function(f"%0 = {call('aten.exp.default', '%x')}\n%1 = {call('my.unknown.default', '%0')}", "%1")
NESTED = function(f"%0 = {call('my.outer.default', '%x')}\n%1 = {call('aten.abs.default', '%0')}", "%1")


def test_decomposition_is_converted_in_place() -> None:
    text = function(f'%0 = {call("my.op.default", "%x")} loc("block.1"("model.py":7:0))', "%0")

    module = converted(text, {"my.op.default": TWICE})

    assert names(module) == ["ttir.exp", "ttir.neg"]
    ops = [op for op in module.walk() if op.name.startswith("ttir.")]
    assert {(source_line(op.location), module_path(op.location)) for op in ops} == {("model.py:7", "block.1")}


def test_decompositions_of_decompositions_are_converted() -> None:
    text = function(f"%0 = {call('my.op.default', '%x')}", "%0")

    module = converted(text, {"my.op.default": NESTED, "my.outer.default": TWICE})

    assert names(module) == ["ttir.exp", "ttir.neg", "ttir.abs"]


@pytest.mark.parametrize(
    "table",
    [{"my.op.default": HALF}, {"my.op.default": NESTED, "my.outer.default": HALF}],
    ids=["at once", "inside another"],
)
def test_call_that_would_half_convert_stays_whole(table: Mapping[str, str]) -> None:
    text = function(f"%0 = {call('aten.tanh.default', '%x')}\n%1 = {call('my.op.default', '%0')}", "%1")

    assert names(converted(text, table)) == ["ttir.tanh", "my.op.default"]


def test_decomposition_into_itself_ends() -> None:
    text = function(f"%0 = {call('my.op.default', '%x')}", "%0")

    assert names(converted(text, {"my.op.default": text})) == ["my.op.default"]


def test_declined_conversion_is_decomposed_where_that_helps() -> None:
    declined = function(f"%0 = {call('aten.dropout.default', '%x', args=', 0.5 : f64, true')}", "%0")

    assert names(converted(declined, {"aten.dropout.default": TWICE})) == ["ttir.exp", "ttir.neg"]
    stays = converted(declined, {})
    assert names(stays) == ["aten.dropout.default"]
    (op,) = (op for op in stays.walk() if isinstance(op, aten.CallOp))
    assert [t.data for t in op.attributes[DECLINED]] == ["train = true: the result is random"]  # type: ignore[attr-defined]


def test_results_keep_their_names() -> None:
    module = converted(function(f"%scores = {call('my.op.default', '%x')}", "%scores"), {"my.op.default": TWICE})

    assert 'scores = "ttir.neg"' in str(module)


def test_unused_ops_of_a_conversion_go() -> None:
    text = function(f"%0 = {call('aten.relu.default', '%x')}\n%1 = {call('aten.exp.default', '%x')}", "%1")

    assert names(converted(text, {})) == ["ttir.exp"]


class Decomposed(torch.nn.Module):
    """Operators without a conversion of their own, and one that no simpler operators express."""

    def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, ...]:
        return torch.square(x), torch.addcmul(x, x, x, value=0.5), torch.lerp(x, -x, 0.25), torch.cumsum(x, 0)


def test_torch_decomposes_what_has_no_conversion() -> None:
    module, x = Decomposed(), torch.randn(5, 7, generator=torch.Generator().manual_seed(0))
    imported = import_torch(module, (x,))

    run_passes(imported.module, "aten-to-ttir")

    assert [name for name in names(imported.module) if not name.startswith("ttir.")] == ["aten.cumsum.default"]
    found = execute(imported.module, (x,), overloads=imported.overloads)
    for value, expected in zip(found, module(x), strict=True):
        assert isinstance(value, torch.Tensor)
        assert torch.allclose(value, expected, rtol=1e-6, atol=1e-6)
