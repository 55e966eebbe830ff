"""Ops of `ttcore` on dictionaries, which keep values of const-eval functions under a name or a number.

Source: tt-mlir ``TTCoreOps.td``; of their conditions, the files that use them.
"""

from __future__ import annotations

from abc import ABC

from xdsl.dialects.builtin import IndexType, IntegerAttr, StringAttr
from xdsl.irdl import (
    AnyAttr,
    BaseAttr,
    IRDLOperation,
    irdl_op_definition,
    operand_def,
    prop_def,
    traits_def,
    var_operand_def,
    var_result_def,
)
from xdsl.traits import MemoryReadEffect, MemoryWriteEffect
from xdsl.utils.exceptions import VerifyException

from tilewright.dialects.ttcore.types import DictType


class _KeyedOp(IRDLOperation, ABC):
    """An op on what a dictionary holds under one key, a string or an index."""

    dictionary = operand_def(BaseAttr(DictType))

    key = prop_def(BaseAttr(StringAttr) | IntegerAttr.constr(IndexType()))


@irdl_op_definition
class SetKeyValueOp(_KeyedOp):
    """Puts values under a key: `ttcore.set_key_value %dict["key"] = %a, %b : !ttcore.dict, tensor<4xf32>, ..`."""

    name = "ttcore.set_key_value"

    values = var_operand_def(AnyAttr())

    traits = traits_def(MemoryWriteEffect())

    assembly_format = "$dictionary `[` $key `]` `=` $values attr-dict `:` type($dictionary) `,` type($values)"

    def verify_(self) -> None:
        if not self.values:
            raise VerifyException(f"{self.name}: requires at least one value")


@irdl_op_definition
class GetKeyValueOp(_KeyedOp):
    """The values under a key: `ttcore.get_key_value %dict[3 : index] : (!ttcore.dict) -> tensor<4xf32>`."""

    name = "ttcore.get_key_value"

    outputs = var_result_def(AnyAttr())

    traits = traits_def(MemoryReadEffect())

    assembly_format = "$dictionary `[` $key `]` attr-dict `:` functional-type(operands, results)"

    def verify_(self) -> None:
        if not self.outputs:
            raise VerifyException(f"{self.name}: requires at least one result")


DICTIONARY_OPS = (GetKeyValueOp, SetKeyValueOp)
