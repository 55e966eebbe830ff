"""Functions of each element that take attributes or change the element type."""

from __future__ import annotations

from xdsl.dialects.builtin import BoolAttr, LocationAttr
from xdsl.ir import Attribute
from xdsl.irdl import irdl_op_definition, prop_def, traits_def

from tilewright.dialects.ttir.attributes import FALSE, F32Attr, I32Attr, bool_attr, f32_attr, scalar_attr
from tilewright.dialects.ttir.bases import UnaryOp, Value, value_of
from tilewright.dialects.ttir.traits import TypecastPatterns
from tilewright.dialects.types import shape_of, tensor_type


@irdl_op_definition
class ClampScalarOp(UnaryOp):
    """min(max(x, `min`), `max`); the bounds are f32 or i32, whatever the elements are."""

    name = "ttir.clamp_scalar"

    min = prop_def(F32Attr | I32Attr)
    max = prop_def(F32Attr | I32Attr)

    def __init__(
        self,
        input: Value,
        min: int | float,
        max: int | float,
        result_type: Attribute | None = None,
        *,
        location: LocationAttr | None = None,
    ):
        operand = value_of(input)
        bounds = {"max": scalar_attr(max), "min": scalar_attr(min)}
        self._init((operand,), (result_type or operand.type,), bounds, location)


@irdl_op_definition
class LeakyReluOp(UnaryOp):
    """x where x > 0, else `parameter` * x."""

    name = "ttir.leaky_relu"

    parameter = prop_def(F32Attr)

    def __init__(
        self,
        input: Value,
        parameter: float,
        result_type: Attribute | None = None,
        *,
        location: LocationAttr | None = None,
    ):
        operand = value_of(input)
        slope = {"parameter": f32_attr(parameter)}
        self._init((operand,), (result_type or operand.type,), slope, location)


@irdl_op_definition
class TypecastOp(UnaryOp):
    """x in another element type; a float becomes an integer by truncation.

    `conservative_folding` forbids tt-mlir to merge a chain of casts if that changes a value. Here, no chain is merged
    then in any case.
    """

    name = "ttir.typecast"

    conservative_folding = prop_def(BoolAttr, default_value=FALSE)

    traits = traits_def(TypecastPatterns())

    def __init__(
        self,
        input: Value,
        element_type: Attribute,
        *,
        conservative_folding: bool = False,
        location: LocationAttr | None = None,
    ):
        operand = value_of(input)
        flag = {"conservative_folding": bool_attr(conservative_folding)}
        self._init((operand,), (tensor_type(shape_of(operand), element_type),), flag, location)


UNARY_OPS_WITH_ATTRIBUTES = (ClampScalarOp, LeakyReluOp, TypecastOp)
