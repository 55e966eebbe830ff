"""Buffers without contents, and the copy into one, which may convert elements."""

from __future__ import annotations

from xdsl.dialects.builtin import AnyTensorTypeConstr, LocationAttr, NoneAttr
from xdsl.ir import Attribute
from xdsl.irdl import irdl_op_definition, operand_def, opt_prop_def, result_def, traits_def, var_result_def
from xdsl.traits import Pure
from xdsl.utils.exceptions import VerifyException

from tilewright.dialects.ttir.bases import TTIROp, Value, value_of
from tilewright.dialects.ttir.traits import AllocatesResult, ToLayoutPatterns
from tilewright.dialects.types import tensor_of


@irdl_op_definition
class EmptyOp(TTIROp):
    """A tensor whose elements are not defined."""

    name = "ttir.empty"

    result = result_def(AnyTensorTypeConstr)

    traits = traits_def(AllocatesResult())

    assembly_format = "`(` `)` attr-dict `:` type($result)"

    def __init__(self, result_type: Attribute, *, location: LocationAttr | None = None):
        self._init((), (result_type,), {}, location)


@irdl_op_definition
class ToLayoutOp(TTIROp):
    """`input` with the element type and layout of `output`, whose elements do not matter."""

    name = "ttir.to_layout"

    input = operand_def(AnyTensorTypeConstr)
    output = operand_def(AnyTensorTypeConstr)
    outputs = var_result_def(AnyTensorTypeConstr)

    layout = opt_prop_def(Attribute)

    traits = traits_def(Pure(), ToLayoutPatterns())

    assembly_format = (
        "$input `,` $output `:` type($input) `into` type($output) (`hostInfo` `=` $layout^)? "
        "attr-dict (`->` type($outputs)^)?"
    )

    def __init__(self, input: Value, output: Value, *, location: LocationAttr | None = None):
        source, target = value_of(input), value_of(output)
        self._init((source, target), (target.type,), {}, location)

    def verify_semantics(self) -> None:
        source, target = tensor_of(self.input), tensor_of(self.output)
        plain = isinstance(source.encoding, NoneAttr) and isinstance(target.encoding, NoneAttr)
        if plain and source.get_shape() != target.get_shape():
            raise VerifyException(
                f"operand 'output' has the shape {target.get_shape()}, expected {source.get_shape()}, that of 'input'"
            )
        found = self.result_types
        if found not in ((), (target,)):
            raise VerifyException(f"the results have the types {[str(t) for t in found]}, expected ['{target}']")


LAYOUT_OPS = (EmptyOp, ToLayoutOp)
