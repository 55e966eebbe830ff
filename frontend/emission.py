"""Calls of the IR: arguments of a Python call as operands and attributes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from torch.fx import Node
from torch.utils import _pytree as pytree
from xdsl.dialects.builtin import UNKNOWN_LOC, ArrayAttr, DictionaryAttr, LocationAttr, SymbolRefAttr
from xdsl.ir import Attribute, Operation, SSAValue

from tilewright.dialects.aten import CallOp
from tilewright.frontend.aliasing import Cell
from tilewright.frontend.arguments import (
    NoAttributeFormError,
    encode_argument,
    encode_constant,
    has_attribute_form,
    operand_attr,
)
from tilewright.frontend.bindings import Binding, Literal
from tilewright.frontend.callees import HOLE, BoundCallable, CalleeTable


class CallEmitter:
    """Appends calls to :attr:`operations`.

    Args:
        callees: The callables of the module.
        bindings: What the nodes of the graph stand for.
    """

    def __init__(self, callees: CalleeTable, bindings: Mapping[Node, Binding]):
        self.operations: list[Operation] = []
        self._callees = callees
        self._bindings = bindings

    def emit(
        self,
        target: Callable[..., Any],
        args: Sequence[object],
        kwargs: Mapping[str, object],
        result_types: Sequence[Attribute],
        location: LocationAttr = UNKNOWN_LOC,
    ) -> Sequence[SSAValue]:
        """Append a call of `target` on constants, nodes, cells and symbols; its results."""
        operands: list[SSAValue] = []

        def encode(argument: object) -> Attribute | None:
            if isinstance(argument, Node):
                return self._encode_binding(self._bindings[argument], operands)
            if isinstance(argument, Cell):
                return self._encode_binding(argument, operands)
            return argument if isinstance(argument, SymbolRefAttr) else None

        try:
            positional = [encode_argument(argument, encode) for argument in args]
            keywords = {name: encode_argument(argument, encode) for name, argument in kwargs.items()}
        except NoAttributeFormError:
            operands.clear()
            target, leaves = self._bind(target, args, kwargs)
            positional, keywords = [encode_argument(leaf, encode) for leaf in leaves], {}

        properties: dict[str, Attribute] = {
            "callee": encode_constant(self._callees.add(target)),
            "args": ArrayAttr(positional),
        }
        if keywords:
            properties["kwargs"] = DictionaryAttr(keywords)
        call = CallOp.create(operands=operands, result_types=result_types, properties=properties, location=location)
        self.operations.append(call)
        return call.results

    def _encode_binding(self, binding: Binding, operands: list[SSAValue]) -> Attribute:
        if isinstance(binding, Cell):
            operands.append(binding.read())
            return operand_attr(len(operands) - 1)
        if isinstance(binding, Literal):
            return encode_constant(binding.value)
        if isinstance(binding, Sequence):
            return ArrayAttr([self._encode_binding(item, operands) for item in binding])
        raise NoAttributeFormError(type(binding).__name__)

    def _bind(
        self, target: Callable[..., Any], args: Sequence[object], kwargs: Mapping[str, object]
    ) -> tuple[BoundCallable, list[object]]:
        """Bind what has no attribute form; the callable, and the leaves that remain arguments, in order."""
        leaves, structure = pytree.tree_flatten((tuple(args), dict(kwargs)))
        values = [self._literal_value(leaf) for leaf in leaves]
        bound = tuple(HOLE if _is_argument(value) else value for value in values)
        arguments = [value for value, slot in zip(values, bound, strict=True) if slot is HOLE]
        return BoundCallable(target, structure, bound), arguments

    def _literal_value(self, leaf: object) -> object:
        binding = self._bindings[leaf] if isinstance(leaf, Node) else None
        return binding.value if isinstance(binding, Literal) else leaf


def name_value(value: SSAValue, name: str) -> None:
    """Let printed IR call `value` by `name`, if the syntax allows it."""
    if value.is_valid_name(name):
        value.name_hint = name


def _is_argument(leaf: object) -> bool:
    return isinstance(leaf, (Node, Cell, SymbolRefAttr)) or has_attribute_form(leaf)
