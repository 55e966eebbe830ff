"""Tensors with an edge of equal elements."""

from __future__ import annotations

from collections.abc import Sequence

from xdsl.dialects.builtin import AnyTensorTypeConstr, DenseArrayBase, IntegerType, LocationAttr
from xdsl.ir import Attribute
from xdsl.irdl import irdl_op_definition, operand_def, prop_def, traits_def

from tilewright.dialects.ttir.attributes import DENSE_I32, F32Attr, dense_i32, f32_attr
from tilewright.dialects.ttir.bases import SingleResultOp, Value
from tilewright.dialects.ttir.data_movement_shapes import padded_shape
from tilewright.dialects.ttir.shapes import Shape
from tilewright.dialects.ttir.traits import PadPatterns
from tilewright.dialects.types import shape_of


@irdl_op_definition
class PadOp(SingleResultOp):
    """The input with more elements before and after it in each dimension, all of them `value`.

    `padding` has two numbers a dimension: how many elements come before the input's first (low) and after its last one
    (high); a negative number takes as many of the input's away. Index i of the result is index i - low of the input
    where there is one. The value is rounded to the element type of the result; integers take whole numbers in their
    range alone.

    Shapes: extent d of the input gives low + d + high.

    Conditions: there are two numbers a dimension, and what they take is there.
    """

    name = "ttir.pad"

    input = operand_def(AnyTensorTypeConstr)

    padding: DenseArrayBase[IntegerType] = prop_def(DENSE_I32)
    value = prop_def(F32Attr)

    traits = traits_def(PadPatterns())

    def __init__(
        self,
        input: Value,
        padding: Sequence[int],
        value: float = 0.0,
        result_type: Attribute | None = None,
        *,
        location: LocationAttr | None = None,
    ):
        """`padding` is low and high of each dimension in turn."""
        self._init_inferred((input,), {"padding": dense_i32(padding), "value": f32_attr(value)}, result_type, location)

    @property
    def edges(self) -> tuple[tuple[int, int], ...]:
        """Low and high of each dimension."""
        numbers = self.padding.get_values()
        return tuple(zip(numbers[::2], numbers[1::2], strict=True))

    def infer_shape(self) -> Shape:
        return padded_shape(shape_of(self.input), self.padding.get_values())


PADDING_OPS = (PadOp,)
