"""Ops that draw random numbers."""

from __future__ import annotations

from collections.abc import Sequence

from xdsl.dialects.builtin import AnyTensorTypeConstr, BoolAttr, LocationAttr
from xdsl.ir import Attribute
from xdsl.irdl import irdl_op_definition, operand_def, prop_def, traits_def
from xdsl.utils.exceptions import VerifyException

from tilewright.dialects.ttir.attributes import (
    TRUE,
    F32Attr,
    I32ArrayAttr,
    UI32Attr,
    bool_attr,
    f32_attr,
    i32_array,
    integer_attr,
    integers,
    ui32,
)
from tilewright.dialects.ttir.bases import InferredShapeOp, Value, value_of
from tilewright.dialects.ttir.shapes import Shape
from tilewright.dialects.ttir.traits import AcrossMesh, DrawsNumbers
from tilewright.dialects.types import shape_of, tensor_type

SEED_ZERO: UI32Attr = UI32Attr(0, ui32)


@irdl_op_definition
class RandOp(InferredShapeOp):
    """Numbers drawn uniformly from [`low`, `high`), the same ones at every run.

    With u the Float32 numbers in [0, 1) that torch's CPU generator draws first after it is seeded with `seed`, in the
    order of the elements, these are low + u * (high - low) in Float32, or the last number before `high` where that
    rounds up to it; converted to the element type as by `typecast`.

    Shapes: the result has the shape `size`.

    Conditions: `low` < `high`.
    """

    name = "ttir.rand"

    size = prop_def(I32ArrayAttr)
    low = prop_def(F32Attr, default_value=f32_attr(0.0))
    high = prop_def(F32Attr, default_value=f32_attr(1.0))
    seed = prop_def(UI32Attr, default_value=SEED_ZERO)

    traits = traits_def(DrawsNumbers())

    def __init__(
        self,
        size: Sequence[int],
        element_type: Attribute,
        low: float = 0.0,
        high: float = 1.0,
        seed: int = 0,
        *,
        location: LocationAttr | None = None,
    ):
        properties = {
            "high": f32_attr(high),
            "low": f32_attr(low),
            "seed": integer_attr(seed, ui32),
            "size": i32_array(size),
        }
        self._init((), (tensor_type(size, element_type),), properties, location)

    def infer_shape(self) -> Shape:
        return integers(self.size)

    def verify_semantics(self) -> None:
        super().verify_semantics()
        low, high = self.low.value.data, self.high.value.data
        if not low < high:
            raise VerifyException(f"attribute 'low' is {low}, expected a value below the {high} of 'high'")


@irdl_op_definition
class DropoutOp(InferredShapeOp):
    """0 where a number drawn is below `prob`, else x * `scale`; the same ones are dropped at every run.

    The numbers are those that `rand` draws with this seed, in [0, 1). On device d of several, the seed is `seed` + d
    modulo 2^32 if `use_per_device_seed`.

    Shapes: the result has that of the operand.

    Conditions: the result has the type of `input`, of rank 2, 3 or 4; `prob` is in [0, 1]; `scale` > 0.
    """

    name = "ttir.dropout"

    input = operand_def(AnyTensorTypeConstr)

    prob = prop_def(F32Attr, default_value=f32_attr(0.0))
    scale = prop_def(F32Attr, default_value=f32_attr(1.0))
    seed = prop_def(UI32Attr, default_value=SEED_ZERO)
    use_per_device_seed = prop_def(BoolAttr, default_value=TRUE)

    traits = traits_def(AcrossMesh(), DrawsNumbers())

    def __init__(
        self,
        input: Value,
        prob: float,
        scale: float,
        seed: int = 0,
        use_per_device_seed: bool = True,
        *,
        location: LocationAttr | None = None,
    ):
        operand = value_of(input)
        properties = {
            "prob": f32_attr(prob),
            "scale": f32_attr(scale),
            "seed": integer_attr(seed, ui32),
            "use_per_device_seed": bool_attr(use_per_device_seed),
        }
        self._init((operand,), (operand.type,), properties, location)

    def infer_shape(self) -> Shape:
        return shape_of(self.input)

    def verify_semantics(self) -> None:
        super().verify_semantics()
        if self.result.type != self.input.type:
            raise VerifyException(f"the result has the type {self.result.type}, expected {self.input.type} of 'input'")
        if len(shape := shape_of(self.input)) not in (2, 3, 4):
            raise VerifyException(f"operand 'input' has the shape {shape}, expected rank 2, 3 or 4")
        if not 0.0 <= (prob := self.prob.value.data) <= 1.0:
            raise VerifyException(f"attribute 'prob' is {prob}, expected a value in [0, 1]")
        if not (scale := self.scale.value.data) > 0.0:
            raise VerifyException(f"attribute 'scale' is {scale}, expected a value > 0")


RANDOM_OPS = (DropoutOp, RandOp)
