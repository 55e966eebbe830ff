"""Moves work that depends on parameters and constants alone into const-eval functions.

A const-eval function runs once, when values are bound, not at every call. The pass runs twice: at the tensor level, so
that what the host would compute of parameters does not count as fallback, and at the tile level, where the conversion
of weights to tiles joins it.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import dataclass

from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp, StringAttr
from xdsl.dialects.func import FuncOp, ReturnOp
from xdsl.ir import Block, Operation, Region, SSAValue
from xdsl.passes import ModulePass
from xdsl.rewriter import InsertPoint, Rewriter
from xdsl.traits import is_side_effect_free

from tilewright.dialects import aten
from tilewright.dialects.ttcore import ArgumentType, LoadCachedOp, argument_type_of
from tilewright.support.aten_overloads import functional_overloads
from tilewright.transforms.modules import CONST_EVAL, FUNCTION_TYPE, forward_functions, parent_module, symbol_names


@dataclass(frozen=True)
class TtcoreHoistConstEval(ModulePass):
    """Moves what depends on parameters and constants alone into functions called through `ttcore.load_cached`."""

    name = "ttcore-hoist-const-eval"

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        superseded: set[FuncOp] = set()
        for function in forward_functions(op):
            superseded |= _hoist(function)
        used = {o.callee.string_value() for f in forward_functions(op) for o in f.walk() if isinstance(o, LoadCachedOp)}
        for function in superseded:
            if function.sym_name.data not in used:
                function.detach()
                function.erase()


def _hoist(function: FuncOp) -> set[FuncOp]:
    """Hoist from `function`; the const-eval functions whose contents have gone into new ones."""
    module = parent_module(function)
    functions = {f.sym_name.data: f for f in module.body.block.ops if isinstance(f, FuncOp)}
    constant = _constant_ops(function)
    superseded: set[FuncOp] = set()
    taken = symbol_names(module)
    names: dict[Hashable, str] = {}
    for group in _connected(constant):
        outputs = _outputs(group)
        if not outputs:
            continue  # dead; nothing to compute
        if all(isinstance(op, LoadCachedOp) for op in group):
            continue
        superseded |= {functions[op.callee.string_value()] for op in group if isinstance(op, LoadCachedOp)}
        const_eval, arguments = _outline(group, outputs, functions)
        key = _structure(const_eval)
        name = names.get(key)
        if name is None:
            name = names[key] = _free_name(function.sym_name.data, taken)
            const_eval.properties["sym_name"] = StringAttr(name)
            _insert_before(const_eval, function)
        load = LoadCachedOp(name, arguments, [o.type for o in outputs])
        load.location = group[-1].location
        # The first user may stand before the last op of the group: the earliest point is after the last argument.
        block = function.body.block
        Rewriter.insert_op(load, InsertPoint.before(group[0]) if not arguments else _after(arguments, block))
        for old, new in zip(outputs, load.results, strict=True):
            old.replace_all_uses_with(new)
        for op in reversed(group):
            if all(not r.uses for r in op.results):
                Rewriter.erase_op(op)
    return superseded


def _structure(function: FuncOp) -> Hashable:
    """What makes two const-eval functions the same: everything but their names and locations."""
    number: dict[SSAValue, int] = {}
    for argument in function.body.block.args:
        number[argument] = len(number)
    lines: list[Hashable] = []
    for op in function.body.block.ops:
        operands = tuple(number[o] for o in op.operands)
        attributes = (tuple(op.properties.items()), tuple(op.attributes.items()))
        lines.append((op.name, operands, attributes, tuple(r.type for r in op.results)))
        for result in op.results:
            number[result] = len(number)
    return (function.function_type, tuple(lines))


def _after(arguments: Iterable[SSAValue], block: Block) -> InsertPoint:
    """Right after the last of `arguments` is defined."""
    owners = [a.owner for a in arguments if isinstance(a.owner, Operation)]
    if not owners:
        return InsertPoint.at_start(block)
    last = max(owners, key=block.get_operation_index)
    return InsertPoint.after(last)


def _constant_ops(function: FuncOp) -> list[Operation]:
    """Ops of `function`, in order, whose results depend on parameters and constants alone."""
    known: set[SSAValue] = {
        a for a in function.body.block.args
        if argument_type_of(function, a.index) in (ArgumentType.PARAMETER, ArgumentType.CONSTANT)
    }  # fmt: skip
    ops: list[Operation] = []
    for op in function.body.block.ops:
        if _is_pure(op) and op.results and all(o in known for o in op.operands):
            ops.append(op)
            known.update(op.results)
    return ops


def _is_pure(op: Operation) -> bool:
    if isinstance(op, aten.CallOp):
        return op.callee.data in functional_overloads()
    return not op.regions and is_side_effect_free(op)


def _connected(ops: list[Operation]) -> list[list[Operation]]:
    """`ops` in groups connected by values, each in order, by their first op. A literal joins the group that uses it
    without connecting groups with each other: it is cheap to repeat."""
    group_of: dict[Operation, int] = {}
    members: list[list[Operation]] = []
    for op in ops:
        if _is_literal(op):
            continue
        found = sorted(
            {group_of[o.owner] for o in op.operands if isinstance(o.owner, Operation) and o.owner in group_of}
        )
        if not found:
            members.append([op])
            group_of[op] = len(members) - 1
            continue
        target, *others = found
        for other in others:
            for member in members[other]:
                group_of[member] = target
            members[target] += members[other]
            members[other] = []
        members[target].append(op)
        group_of[op] = target
    order = {op: i for i, op in enumerate(ops)}
    groups = [sorted(m, key=order.__getitem__) for m in members if m]
    for group in groups:
        literals = {
            o.owner for op in group for o in op.operands if isinstance(o.owner, Operation) and _is_literal(o.owner)
        }
        group[:0] = sorted(literals, key=order.__getitem__)
    return groups


def _is_literal(op: Operation) -> bool:
    return not op.operands and not isinstance(op, LoadCachedOp) and op.name.startswith("ttir.")


def _outputs(group: list[Operation]) -> list[SSAValue]:
    """Results of `group` that ops outside of it use; those of literals excepted, which stay for such users."""
    inside = set(group)
    return [
        result
        for op in group
        if not _is_literal(op)
        for result in op.results
        if any(use.operation not in inside for use in result.uses)
    ]


def _outline(
    group: list[Operation], outputs: list[SSAValue], functions: dict[str, FuncOp]
) -> tuple[FuncOp, list[SSAValue]]:
    """A const-eval function that computes `outputs`, and the values to call it with; loads in `group` are inlined."""
    arguments: list[SSAValue] = []
    inside = set(group)
    for op in group:
        for operand in op.operands:
            if operand.owner not in inside and operand not in arguments:
                arguments.append(operand)
    block = Block(arg_types=[a.type for a in arguments])
    mapping: dict[SSAValue, SSAValue] = {}
    for argument, inner in zip(arguments, block.args, strict=True):
        mapping[argument] = inner
        inner.name_hint = argument.name_hint
    for op in group:
        if isinstance(op, LoadCachedOp):
            body = functions[op.callee.string_value()].body.block
            inner_map: dict[SSAValue, SSAValue] = dict(zip(body.args, (mapping[o] for o in op.operands), strict=True))
            *inner_ops, terminator = body.ops
            block.add_ops([inner_op.clone(inner_map) for inner_op in inner_ops])
            for result, value in zip(op.results, terminator.operands, strict=True):
                mapping[result] = inner_map.get(value, value)
        else:
            block.add_op(op.clone(mapping))
    block.add_op(ReturnOp(*[mapping[o] for o in outputs]))
    function = FuncOp("body", ([a.type for a in arguments], [o.type for o in outputs]), Region(block), "private")
    function.attributes[FUNCTION_TYPE] = StringAttr(CONST_EVAL)
    function.location = group[-1].location
    return function, arguments


def _free_name(base: str, taken: set[str]) -> str:
    index = 0
    while (name := f"{base}_const_eval_{index}") in taken:
        index += 1
    taken.add(name)
    return name


def _insert_before(function: FuncOp, anchor: FuncOp) -> None:
    block = anchor.parent_block()
    assert block is not None  # `parent_module` found a module around it
    block.insert_op_before(function, anchor)
