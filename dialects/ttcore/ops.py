"""Ops of `ttcore`: what separates device from host, and the call of a const-eval function.

Source: tt-mlir ``TTCoreOps.td`` and ``TTCoreOps.cpp``.
"""

from __future__ import annotations

from abc import ABC
from collections.abc import Sequence
from typing import Self

from xdsl.dialects.builtin import (
    AnyTensorTypeConstr,
    FlatSymbolRefAttr,
    FlatSymbolRefAttrConstr,
    ModuleOp,
    SymbolRefAttr,
)
from xdsl.dialects.func import FuncOp
from xdsl.ir import Attribute, Block, Operation, Region, SSAValue
from xdsl.irdl import (
    IRDLOperation,
    irdl_op_definition,
    prop_def,
    region_def,
    traits_def,
    var_operand_def,
    var_result_def,
)
from xdsl.parser import Parser
from xdsl.printer import Printer
from xdsl.traits import IsolatedFromAbove, NoTerminator, Pure, SymbolTable, SymbolUserOpInterface
from xdsl.utils.exceptions import VerifyException


class ModuleWrapperOp(IRDLOperation, ABC):
    """Holds one `builtin.module`, and says where that module runs."""

    body = region_def("single_block")

    traits = traits_def(IsolatedFromAbove(), NoTerminator(), SymbolTable())

    def __init__(self, module: ModuleOp | Region):
        region = module if isinstance(module, Region) else Region(Block([module]))
        super().__init__(regions=[region])

    @property
    def module(self) -> ModuleOp:
        """The module inside."""
        module = self.body.block.first_op
        assert isinstance(module, ModuleOp)
        return module

    def verify_(self) -> None:
        found = [op.name for op in self.body.block.ops]
        if found != [ModuleOp.name]:
            raise VerifyException(f"{self.name}: holds {found}, expected exactly one {ModuleOp.name}")

    @classmethod
    def parse(cls, parser: Parser) -> Self:
        attributes = parser.parse_optional_attr_dict_with_keyword()
        op = cls(parser.parse_region())
        if attributes is not None:
            op.attributes |= attributes.data
        return op

    def print(self, printer: Printer) -> None:
        printer.print_op_attributes(self.attributes, print_keyword=True)
        printer.print_string(" ")
        printer.print_region(self.body)


@irdl_op_definition
class DeviceModuleOp(ModuleWrapperOp):
    """What runs on the device."""

    name = "ttcore.device_module"


@irdl_op_definition
class CpuModuleOp(ModuleWrapperOp):
    """What runs on the host."""

    name = "ttcore.cpu_module"


class _CalleeIsFunction(SymbolUserOpInterface):
    """The callee is a function of the nearest symbol table whose type is that of the op."""

    def verify(self, op: Operation) -> None:
        assert isinstance(op, LoadCachedOp)
        callee = SymbolTable.lookup_symbol(op, op.callee)
        if not isinstance(callee, FuncOp):
            raise VerifyException(f"{op.name}: '@{op.callee.string_value()}' does not reference a function")
        function_type = callee.function_type
        for role, found, expected in (
            ("operands", op.operand_types, function_type.inputs.data),
            ("results", op.result_types, function_type.outputs.data),
        ):
            if tuple(found) != tuple(expected):
                raise VerifyException(
                    f"{op.name}: {role} have the types ({_listed(found)}), "
                    f"expected those of '@{op.callee.string_value()}': ({_listed(expected)})"
                )


def _listed(types: Sequence[Attribute]) -> str:
    return ", ".join(str(t) for t in types)


@irdl_op_definition
class LoadCachedOp(IRDLOperation):
    """Results of a const-eval function, which runs once for the same arguments.

    Pure, as the function depends on nothing but its arguments.
    """

    name = "ttcore.load_cached"

    callee = prop_def(FlatSymbolRefAttrConstr)
    inputs = var_operand_def(AnyTensorTypeConstr)
    outputs = var_result_def(AnyTensorTypeConstr)

    traits = traits_def(Pure(), _CalleeIsFunction())

    assembly_format = "`(` $callee `,` `[` $inputs `]` `)` attr-dict `:` functional-type($inputs, $outputs)"

    def __init__(
        self,
        callee: str | FlatSymbolRefAttr,
        inputs: Sequence[SSAValue | Operation],
        result_types: Sequence[Attribute],
    ):
        reference = SymbolRefAttr(callee) if isinstance(callee, str) else callee
        super().__init__(operands=[inputs], result_types=[result_types], properties={"callee": reference})
