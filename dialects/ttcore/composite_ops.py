"""Ops of `ttcore` beside functions: devices, globals, composites, barriers and tuples.

Source: tt-mlir ``TTCoreOps.td``; of `composite`, the files that use it.
"""

from __future__ import annotations

from abc import ABC
from collections.abc import Sequence
from typing import Self

from xdsl.dialects.builtin import (
    AnyTensorTypeConstr,
    DictionaryAttr,
    FlatSymbolRefAttrConstr,
    IntegerAttr,
    IntegerType,
    Signedness,
    StringAttr,
    TupleType,
    i32,
)
from xdsl.dialects.func import FuncOp
from xdsl.ir import Attribute, Operation
from xdsl.irdl import (
    AnyAttr,
    BaseAttr,
    IRDLOperation,
    irdl_op_definition,
    operand_def,
    opt_prop_def,
    prop_def,
    result_def,
    traits_def,
    var_operand_def,
    var_result_def,
)
from xdsl.parser import Parser
from xdsl.printer import Printer
from xdsl.traits import MemoryReadEffect, MemoryWriteEffect, Pure, SymbolOpInterface, SymbolTable, SymbolUserOpInterface
from xdsl.utils.exceptions import VerifyException

from tilewright.dialects.ttcore.system import DeviceAttr

_SI32 = IntegerType(32, Signedness.SIGNED)


class _NamedOp(IRDLOperation, ABC):
    """An op that makes a symbol."""

    sym_name = prop_def(StringAttr)

    traits = traits_def(SymbolOpInterface())


@irdl_op_definition
class DeviceOp(_NamedOp):
    """Names a device: `ttcore.device @default_device = <workerGrid = ..>`."""

    name = "ttcore.device"

    device_attr = prop_def(DeviceAttr)

    @classmethod
    def parse(cls, parser: Parser) -> Self:
        name = parser.parse_symbol_name()
        parser.parse_punctuation("=")
        start = parser.pos
        device = parser.parse_optional_attribute() or DeviceAttr.new(DeviceAttr.parse_parameters(parser))
        if not isinstance(device, DeviceAttr):
            parser.raise_error("expected a device", start, parser.pos)
        attributes = parser.parse_optional_attr_dict()
        return cls.create(properties={"sym_name": name, "device_attr": device}, attributes=attributes)

    def print(self, printer: Printer) -> None:
        printer.print_string(" ")
        printer.print_symbol_name(self.sym_name.data)
        printer.print_string(" = ")
        self.device_attr.print_parameters(printer)
        printer.print_op_attributes(self.attributes)


@irdl_op_definition
class GlobalOp(_NamedOp):
    """Names a value of some type, which may be one of several: `ttcore.global @weights = tensor<4xf32> [0]`."""

    name = "ttcore.global"

    type = prop_def(AnyAttr())
    index = opt_prop_def(IntegerAttr.constr(_SI32))

    @classmethod
    def parse(cls, parser: Parser) -> Self:
        properties: dict[str, Attribute] = {"sym_name": parser.parse_symbol_name()}
        parser.parse_punctuation("=")
        properties["type"] = parser.parse_type()
        if parser.parse_optional_punctuation("[") is not None:
            properties["index"] = IntegerAttr(parser.parse_integer(allow_boolean=False), _SI32)
            parser.parse_punctuation("]")
        return cls.create(properties=properties, attributes=parser.parse_optional_attr_dict())

    def print(self, printer: Printer) -> None:
        printer.print_string(" ")
        printer.print_symbol_name(self.sym_name.data)
        printer.print_string(" = ")
        printer.print_attribute(self.type)
        if self.index is not None:
            printer.print_string(f" [{self.index.value.data}]")
        printer.print_op_attributes(self.attributes)


class _GlobalExists(SymbolUserOpInterface):
    """The name is that of a global of the result's type."""

    def verify(self, op: Operation) -> None:
        assert isinstance(op, GetGlobalOp)
        found = SymbolTable.lookup_symbol(op, op.sym_name)
        if not isinstance(found, GlobalOp):
            raise VerifyException(f"{op.name}: '@{op.sym_name.data}' does not reference a global")
        if found.type != op.result.type:
            raise VerifyException(
                f"{op.name}: the result has the type {op.result.type}, "
                f"expected {found.type}, that of '@{op.sym_name.data}'"
            )


@irdl_op_definition
class GetGlobalOp(IRDLOperation):
    """The value of a global: `ttcore.get_global @weights : tensor<4xf32>`."""

    name = "ttcore.get_global"

    sym_name = prop_def(StringAttr)
    result = result_def(AnyAttr())

    traits = traits_def(Pure(), _GlobalExists())

    @classmethod
    def parse(cls, parser: Parser) -> Self:
        name = parser.parse_symbol_name()
        attributes = parser.parse_optional_attr_dict()
        parser.parse_punctuation(":")
        type = parser.parse_type()
        return cls.create(result_types=[type], properties={"sym_name": name}, attributes=attributes)

    def print(self, printer: Printer) -> None:
        printer.print_string(" ")
        printer.print_symbol_name(self.sym_name.data)
        printer.print_op_attributes(self.attributes)
        printer.print_string(" : ")
        printer.print_attribute(self.result.type)


class _DecompositionFits(SymbolUserOpInterface):
    """The decomposition is a function between the types of operands and results."""

    def verify(self, op: Operation) -> None:
        assert isinstance(op, CompositeOp)
        name = op.decomposition.string_value()
        function = SymbolTable.lookup_symbol(op, op.decomposition)
        if not isinstance(function, FuncOp):
            raise VerifyException(f"{op.name}: '@{name}' does not reference a function")
        for role, found, expected in (
            ("operands", op.operand_types, function.function_type.inputs.data),
            ("results", op.result_types, function.function_type.outputs.data),
        ):
            if tuple(found) != tuple(expected):
                raise VerifyException(
                    f"{op.name}: {role} have the types ({', '.join(map(str, found))}), "
                    f"expected those of '@{name}': ({', '.join(map(str, expected))})"
                )


@irdl_op_definition
class CompositeOp(IRDLOperation):
    """An operation that a target may know by name; for any other, it is what its decomposition computes."""

    name = "ttcore.composite"

    inputs = var_operand_def(AnyTensorTypeConstr)
    outputs = var_result_def(AnyTensorTypeConstr)

    composite_name = prop_def(StringAttr)
    decomposition = prop_def(FlatSymbolRefAttrConstr)
    composite_attributes = opt_prop_def(DictionaryAttr)

    traits = traits_def(_DecompositionFits())


@irdl_op_definition
class OptimizationBarrierOp(IRDLOperation):
    """Its operands, which no pass moves or merges across it."""

    name = "ttcore.optimization_barrier"

    inputs = var_operand_def(AnyTensorTypeConstr)
    outputs = var_result_def(AnyTensorTypeConstr)

    traits = traits_def(MemoryReadEffect(), MemoryWriteEffect())

    def verify_(self) -> None:
        found, expected = tuple(self.result_types), tuple(self.operand_types)
        if found != expected:
            raise VerifyException(
                f"{self.name}: results have the types ({', '.join(map(str, found))}), "
                f"expected those of the operands, ({', '.join(map(str, expected))})"
            )


@irdl_op_definition
class TupleOp(IRDLOperation):
    """Several tensors as one value: `ttcore.tuple %a, %b : tuple<tensor<4xf32>, tensor<2xf32>>`."""

    name = "ttcore.tuple"

    inputs = var_operand_def(AnyTensorTypeConstr)
    result = result_def(BaseAttr(TupleType))

    traits = traits_def(Pure())

    def verify_(self) -> None:
        members = _members(self.result.type)
        if members != tuple(self.operand_types):
            raise VerifyException(
                f"{self.name}: operands have the types ({', '.join(map(str, self.operand_types))}), "
                f"expected those in the result, {self.result.type}"
            )

    @classmethod
    def parse(cls, parser: Parser) -> Self:
        start = parser.pos
        names = parser.parse_optional_undelimited_comma_separated_list(
            parser.parse_optional_unresolved_operand, parser.parse_unresolved_operand
        )
        attributes = parser.parse_optional_attr_dict()
        parser.parse_punctuation(":")
        type = parser.parse_type()
        if not isinstance(type, TupleType):
            parser.raise_error(f"expected a tuple type, found {type}", start, parser.pos)
        operands = parser.resolve_operands(names or [], _members(type), start)
        return cls.create(operands=operands, result_types=[type], attributes=attributes)

    def print(self, printer: Printer) -> None:
        if self.inputs:
            printer.print_string(" ")
            printer.print_list(self.inputs, printer.print_ssa_value)
        printer.print_op_attributes(self.attributes)
        printer.print_string(" : ")
        printer.print_attribute(self.result.type)


def _members(type: Attribute) -> tuple[Attribute, ...]:
    assert isinstance(type, TupleType)
    members: Sequence[Attribute] = type.types.data
    return tuple(members)


@irdl_op_definition
class GetTupleElementOp(IRDLOperation):
    """One of the tensors in a tuple: `ttcore.get_tuple_element %t[0] : (tuple<..>) -> tensor<4xf32>`."""

    name = "ttcore.get_tuple_element"

    operand = operand_def(BaseAttr(TupleType))
    result = result_def(AnyTensorTypeConstr)

    index = prop_def(IntegerAttr.constr(i32))

    traits = traits_def(Pure())

    assembly_format = "$operand `[` $index `]` attr-dict `:` functional-type(operands, results)"

    def verify_(self) -> None:
        members, index = _members(self.operand.type), self.index.value.data
        if not 0 <= index < len(members):
            raise VerifyException(f"{self.name}: attribute 'index' is {index}, expected a value in [0, {len(members)})")
        if members[index] != self.result.type:
            raise VerifyException(
                f"{self.name}: the result has the type {self.result.type}, expected {members[index]}, element {index}"
            )


COMPOSITE_OPS = (
    CompositeOp,
    DeviceOp,
    GetGlobalOp,
    GetTupleElementOp,
    GlobalOp,
    OptimizationBarrierOp,
    TupleOp,
)
