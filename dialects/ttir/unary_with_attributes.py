"""Functions of each element that take attributes or change the element type."""

from __future__ import annotations

from xdsl.dialects.builtin import AnyFloat, AnyTensorTypeConstr, BoolAttr, IntegerType, LocationAttr
from xdsl.ir import Attribute
from xdsl.irdl import irdl_op_definition, operand_def, prop_def, traits_def
from xdsl.utils.exceptions import VerifyException

from tilewright.dialects.ttir.attributes import FALSE, F32Attr, I32Attr, bool_attr, f32_attr, scalar_attr
from tilewright.dialects.ttir.bases import SingleResultOp, UnaryOp, Value, value_of
from tilewright.dialects.ttir.shapes import Shape, broadcast_shapes
from tilewright.dialects.ttir.traits import ClampPatterns, ClampTensorPatterns, TypecastPatterns
from tilewright.dialects.types import element_type_of, shape_of, tensor_type


def bit_width(element_type: Attribute) -> int | None:
    """Bits of an integer or a float; None of other types."""
    return element_type.bitwidth if isinstance(element_type, IntegerType | AnyFloat) else None


@irdl_op_definition
class BitcastConvertOp(UnaryOp):
    """The number of another element type that has the bits of x.

    Conditions: the elements of `input` and of the result are integers or floats of as many bits.
    """

    name = "ttir.bitcast_convert"

    def verify_semantics(self) -> None:
        super().verify_semantics()
        source, target = element_type_of(self.input), element_type_of(self.result)
        bits, found = bit_width(source), bit_width(target)
        if bits is None:
            raise VerifyException(f"operand 'input' has the element type {source}, expected an integer or a float")
        if found is None:
            raise VerifyException(f"the result has the element type {target}, expected an integer or a float")
        if bits != found:
            raise VerifyException(
                f"the result has the element type {target} of {found} bits, expected {bits} as {source} of 'input' has"
            )


@irdl_op_definition
class ClampScalarOp(UnaryOp):
    """min(max(x, `min`), `max`); the bounds are f32 or i32, whatever the elements are. NaN stays NaN.

    Of integers, a bound is truncated towards zero and limited to the range of the type.
    """

    name = "ttir.clamp_scalar"

    min = prop_def(F32Attr | I32Attr)
    max = prop_def(F32Attr | I32Attr)

    traits = traits_def(ClampPatterns())

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
class ClampTensorOp(SingleResultOp):
    """min(max(x, y), z) of elements x of `input`, y of `min`, z of `max`. NaN if one of them is.

    Shapes: aligned at the last dimension, the extents of the operands are equal or 1; the result has the larger ones.
    """

    name = "ttir.clamp_tensor"

    input = operand_def(AnyTensorTypeConstr)
    min = operand_def(AnyTensorTypeConstr)
    max = operand_def(AnyTensorTypeConstr)

    traits = traits_def(ClampTensorPatterns())

    def __init__(
        self,
        input: Value,
        min: Value,
        max: Value,
        result_type: Attribute | None = None,
        *,
        location: LocationAttr | None = None,
    ):
        self._init_inferred((input, min, max), {}, result_type, location)

    def infer_shape(self) -> Shape:
        return broadcast_shapes(*map(shape_of, self.operands), names=("input", "min", "max"))


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
class SeluOp(UnaryOp):
    """`scale` * x where x > 0, else `scale` * `alpha` * (e^x - 1)."""

    name = "ttir.selu"

    # The defaults are those of tt-mlir's definition.
    scale = prop_def(F32Attr, default_value=f32_attr(1.0507009873390197))
    alpha = prop_def(F32Attr, default_value=f32_attr(1.6732635498046875))

    def __init__(
        self,
        input: Value,
        scale: float = 1.0507009873390197,
        alpha: float = 1.6732635498046875,
        result_type: Attribute | None = None,
        *,
        location: LocationAttr | None = None,
    ):
        operand = value_of(input)
        parameters = {"alpha": f32_attr(alpha), "scale": f32_attr(scale)}
        self._init((operand,), (result_type or operand.type,), parameters, location)


@irdl_op_definition
class TypecastOp(UnaryOp):
    """x in another element type.

    A float rounds to the nearest one, ties to even. A float becomes an integer by truncation towards zero, then
    saturates; NaN becomes 0. An integer becomes a narrower one modulo 2^n. In `i1`, all but 0 is 1.

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


UNARY_OPS_WITH_ATTRIBUTES = (BitcastConvertOp, ClampScalarOp, ClampTensorOp, LeakyReluOp, SeluOp, TypecastOp)
