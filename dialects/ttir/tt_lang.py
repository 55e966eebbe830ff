"""Kernels that users write in tt-lang."""

from __future__ import annotations

from xdsl.dialects.builtin import AnyTensorTypeConstr, StringAttr
from xdsl.irdl import (
    ParsePropInAttrDict,
    irdl_op_definition,
    prop_def,
    var_operand_def,
    var_result_def,
)
from xdsl.utils.exceptions import VerifyException

from tilewright.dialects.ttir.bases import TTIROp


@irdl_op_definition
class TTLangOp(TTIROp):
    """A call of a kernel of the user's own. What it computes is not known here.

    `arg_roles` says of each operand whether the kernel reads it or writes it: `"in,in,out"`.

    Shapes: result i has that of the i-th operand with the role `out`.

    Conditions: there is a role for each operand, `in` or `out`; all `in` stand before all `out`, of which there are as
    many as results, at least one; each result has the type of its operand.
    """

    name = "ttir.tt_lang_op"

    inputs = var_operand_def(AnyTensorTypeConstr)
    outputs = var_result_def(AnyTensorTypeConstr)

    kernel_id = prop_def(StringAttr)
    version_tag = prop_def(StringAttr)
    arg_roles = prop_def(StringAttr)
    shard_spec: StringAttr = prop_def(StringAttr, default_value=StringAttr(""))

    irdl_options = (ParsePropInAttrDict(),)

    assembly_format = "`(` $inputs `)` attr-dict `:` `(` type($inputs) `)` `->` `(` type($outputs) `)`"

    def verify_semantics(self) -> None:
        text = self.arg_roles.data
        roles = text.split(",") if text else []
        unknown = next((r for r in roles if r not in ("in", "out")), None)
        if unknown is not None:
            raise VerifyException(f"attribute 'arg_roles' has the role '{unknown}', expected 'in' or 'out'")
        if len(roles) != len(self.inputs):
            raise VerifyException(f"attribute 'arg_roles' is '{text}', expected {len(self.inputs)} roles")
        if roles != sorted(roles):
            raise VerifyException(f"attribute 'arg_roles' is '{text}', expected all 'in' before all 'out'")
        written = roles.count("out")
        if written == 0:
            raise VerifyException(f"attribute 'arg_roles' is '{text}', expected at least one 'out'")
        if written != len(self.outputs):
            raise VerifyException(f"there are {len(self.outputs)} results, expected {written}, as 'arg_roles' says")
        for i, (operand, result) in enumerate(zip(self.inputs[-written:], self.outputs, strict=True)):
            if operand.type != result.type:
                raise VerifyException(f"result {i} has the type {result.type}, expected {operand.type}")


TT_LANG_OPS = (TTLangOp,)
