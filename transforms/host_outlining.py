"""Moves groups of ops into host functions, in tt-mlir's form."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import sha256

from xdsl.dialects.builtin import (
    ArrayAttr,
    DictionaryAttr,
    FusedLoc,
    IntegerAttr,
    LocationAttr,
    ModuleOp,
    NoneAttr,
    StringAttr,
    SymbolRefAttr,
    TensorType,
    UnitAttr,
    i64,
)
from xdsl.dialects.func import CallOp, FuncOp, ReturnOp
from xdsl.ir import Attribute, Block, Operation, Region, SSAValue

from tilewright.dialects import aten
from tilewright.transforms.literals import is_literal
from tilewright.transforms.modules import FORWARD_CPU, FORWARD_CPU_DECLARATION, FUNCTION_TYPE

REASONS = "tilewright.reasons"
"""On an op of a host function: why it is there, one string a reason."""

HOISTED_CALL = "ttir.cpu_hoisted_call"
"""On a call of a host function, as tt-mlir marks it."""


@dataclass
class HostOutliner:
    """Makes host functions in `host` and their declarations in `device`; equal groups share one function."""

    device: ModuleOp
    host: ModuleOp
    _known: dict[str, FuncOp] = field(init=False)

    def __post_init__(self) -> None:
        self._known = {f.sym_name.data: f for f in self.host.body.block.ops if isinstance(f, FuncOp)}

    def outline(self, group: Sequence[Operation], block: Block) -> CallOp:
        """Replace `group`, ops of `block` in order, by a call. Literals that it uses come along as copies.

        The location of the call is that of the op, of several ops a fused one: as groups share a function, only the
        call knows where its ops come from.
        """
        inside = set(group)
        outputs = [r for op in group for r in op.results if any(use.operation not in inside for use in r.uses)]
        arguments: list[SSAValue] = []
        literals: list[Operation] = []
        for op in group:
            for operand in op.operands:
                owner = operand.owner
                if isinstance(owner, Operation) and owner not in inside and is_literal(owner):
                    if owner not in literals:
                        literals.append(owner)
                elif (not isinstance(owner, Operation) or owner not in inside) and operand not in arguments:
                    arguments.append(operand)
        body = Block(arg_types=[a.type for a in arguments])
        mapping: dict[SSAValue, SSAValue] = dict(zip(arguments, body.args, strict=True))
        # Names of values would make equal groups different.
        body.add_ops([literal.clone(mapping, clone_name_hints=False) for literal in literals])
        body.add_ops([op.clone(mapping, clone_name_hints=False) for op in group])
        body.add_op(ReturnOp(*[mapping[o] for o in outputs]))
        function = self._function(group, body, [a.type for a in arguments], [o.type for o in outputs])

        call = CallOp(function.sym_name.data, arguments, [o.type for o in outputs])
        call.attributes[HOISTED_CALL] = UnitAttr()
        call.location = _location_of(group)
        block.insert_op_after(call, group[-1])
        for old, new in zip(outputs, call.results, strict=True):
            new.name_hint = old.name_hint
            old.replace_all_uses_with(new)
        for op in reversed(group):
            block.erase_op(op)
        return call

    def finish(self) -> None:
        """Copy the private functions that host ops call (bodies of higher-order operators) into the host module."""
        available = {f.sym_name.data: f for f in self.device.body.block.ops if isinstance(f, FuncOp)}
        pending = list(self._known.values())
        copied = {f.sym_name.data for f in self.host.body.block.ops if isinstance(f, FuncOp)}
        while pending:
            for name in _called_functions(pending.pop()):
                source = available.get(name)
                if source is not None and name not in copied:
                    copied.add(name)
                    clone = source.clone()
                    self.host.body.block.add_op(clone)
                    pending.append(clone)

    def _function(
        self, group: Sequence[Operation], body: Block, inputs: list[Attribute], outputs: list[Attribute]
    ) -> FuncOp:
        function = FuncOp("body", (inputs, outputs), Region(body))
        digest = sha256(str(function).encode()).hexdigest()[:8]
        name = f"cpu_hoisted_{_stem(group)}_{digest}"
        known = self._known.get(name)
        if known is not None:
            function.erase()
            return known
        function.properties["sym_name"] = StringAttr(name)
        function.location = group[0].location
        function.attributes[FUNCTION_TYPE] = StringAttr(FORWARD_CPU)
        function.attributes["arg_ranks"] = ArrayAttr(
            [IntegerAttr(t.get_num_dims() if isinstance(t, TensorType) else 0, i64) for t in inputs]
        )
        read = DictionaryAttr({"bufferization.access": StringAttr("read")})
        function.properties["arg_attrs"] = ArrayAttr([read] * len(inputs))
        self.host.body.block.add_op(function)
        declaration = FuncOp.external(name, inputs, outputs)
        declaration.attributes[FUNCTION_TYPE] = StringAttr(FORWARD_CPU_DECLARATION)
        self.device.body.block.add_op(declaration)
        self._known[name] = function
        return function


def _location_of(group: Sequence[Operation]) -> LocationAttr:
    return group[0].location if len(group) == 1 else FusedLoc(tuple(op.location for op in group), NoneAttr())


def _stem(group: Sequence[Operation]) -> str:
    """What the function's name says of its body: the op if there is one, else `group`."""
    if len(group) > 1:
        return "group"
    op = group[0]
    return re.sub(r"[^A-Za-z0-9]+", "_", op.callee.data if isinstance(op, aten.CallOp) else op.name)


def _called_functions(function: FuncOp) -> Iterator[str]:
    """Names of the functions that higher-order operators in `function` call."""
    for op in function.walk():
        if isinstance(op, aten.CallOp):
            for argument in (*op.args.data, *op.keyword_arguments().values()):
                yield from _symbols(argument)


def _symbols(argument: Attribute) -> Iterator[str]:
    match argument:
        case SymbolRefAttr():
            yield argument.string_value()
        case ArrayAttr():
            for element in argument.data:
                yield from _symbols(element)
        case _:
            pass
