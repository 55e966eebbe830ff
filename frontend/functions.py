"""Functions around imported graphs: the bodies that higher-order operators call."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from xdsl.dialects.builtin import ArrayAttr, DictionaryAttr, SymbolRefAttr, UnitAttr
from xdsl.dialects.func import FuncOp, ReturnOp
from xdsl.ir import Attribute, Block, Operation, Region, SSAValue

from tilewright.dialects.aten import BARE_RESULT
from tilewright.frontend.aliasing import Cell
from tilewright.frontend.bindings import Binding, Body, Literal, ssa_type_of
from tilewright.frontend.graph import GraphImporter
from tilewright.frontend.graph_queries import graph_writes
from tilewright.frontend.module_context import ModuleContext
from tilewright.frontend.types import SCALAR_TYPES


def build_function(
    name: str,
    block: Block,
    operations: Sequence[Operation],
    results: Sequence[SSAValue],
    *,
    visibility: str | None = None,
    arg_attrs: Sequence[dict[str, Attribute]] | None = None,
    res_attrs: Sequence[dict[str, Attribute]] | None = None,
) -> FuncOp:
    """A function whose entry block, so far only arguments, gets `operations` and a return of `results`."""
    block.add_ops(operations)
    block.add_op(ReturnOp(*results))
    return FuncOp(
        name,
        ([argument.type for argument in block.args], [result.type for result in results]),
        Region(block),
        visibility,
        arg_attrs=_dictionaries(arg_attrs),
        res_attrs=_dictionaries(res_attrs),
    )


def _dictionaries(attributes: Sequence[dict[str, Attribute]] | None) -> ArrayAttr[DictionaryAttr] | None:
    if attributes is None or not any(attributes):
        return None
    return ArrayAttr([DictionaryAttr(entries) for entries in attributes])


def new_importer(context: ModuleContext, *, tracks_memory: bool) -> GraphImporter:
    """An importer for one function of a module; bodies that it meets become private functions of that module."""

    def import_body(body: Body, captured: Sequence[torch.Tensor]) -> SymbolRefAttr:
        function = _body_function(context, body, captured)
        context.bodies.append(function)
        return SymbolRefAttr(function.sym_name)

    return GraphImporter(context, tracks_memory=tracks_memory, import_body=import_body)


def _body_function(context: ModuleContext, body: Body, captured: Sequence[torch.Tensor]) -> FuncOp:
    placeholders = body.graph.graph.find_nodes(op="placeholder")
    examples: list[object] = [node.meta["val"] for node in placeholders] + [*captured]
    block = Block(arg_types=[ssa_type_of(example) for example in examples])
    importer = new_importer(context, tracks_memory=graph_writes(body.graph))
    cells = [importer.new_cell(value, example) for value, example in zip(block.args, examples, strict=True)]
    for node, cell in zip(placeholders, cells, strict=False):
        importer.bind(node, cell)
    for tensor, cell in zip(captured, cells[len(placeholders) :], strict=True):
        importer.bind_constant(tensor, cell)

    output = importer.run(body.graph)
    results = result_values(importer, importer.look_up(output))
    if any(cell.value is not argument for cell, argument in zip(cells, block.args, strict=True)):
        context.require_functional(f"the body @{body.name} of an operator writes to its arguments")
    function = build_function(
        context.new_symbol(body.name), block, importer.calls.operations, results, visibility="private"
    )
    if not isinstance(output, (list, tuple)):
        function.attributes[BARE_RESULT] = UnitAttr()
    return function


def result_values(importer: GraphImporter, binding: Binding) -> list[SSAValue]:
    """The SSA values that a function returns for `binding`: None has none, a number gets an op."""
    if isinstance(binding, Cell):
        return [binding.read()]
    if isinstance(binding, Literal):
        if binding.value is None:
            return []
        constructor = type(binding.value)
        return list(importer.calls.emit(constructor, [binding.value], {}, [SCALAR_TYPES[constructor]]))
    assert isinstance(binding, list)
    return [value for item in binding for value in result_values(importer, item)]
