"""Tensors made of nothing but attributes."""

from __future__ import annotations

from abc import ABC
from collections.abc import Sequence
from typing import cast

from xdsl.dialects.builtin import (
    AnyFloat,
    DenseArrayBase,
    DenseIntOrFPElementsAttr,
    DenseResourceAttr,
    IntegerType,
    LocationAttr,
    TensorType,
)
from xdsl.ir import Attribute, SSAValue
from xdsl.irdl import irdl_op_definition, prop_def, traits_def
from xdsl.utils.exceptions import VerifyException

from tilewright.dialects.ttir.attributes import (
    DENSE_I32,
    F32Attr,
    I32Attr,
    I64Attr,
    SI64Attr,
    dense_i32,
    i64,
    integer_attr,
    scalar_attr,
    si64,
)
from tilewright.dialects.ttir.bases import SingleResultOp
from tilewright.dialects.ttir.shapes import Shape, arange_length, normalized_axis
from tilewright.dialects.ttir.traits import ConstantPatterns
from tilewright.dialects.types import shape_of, tensor_type


@irdl_op_definition
class ArangeOp(SingleResultOp):
    """`start, start + step, ..` up to `end`, which is not included, along one dimension; equal along all others.

    Shapes: any; the extent of dimension `arange_dimension` is (`end` - `start`) / `step`, rounded down.
    """

    name = "ttir.arange"

    start = prop_def(SI64Attr)
    end = prop_def(SI64Attr)
    step = prop_def(SI64Attr)
    arange_dimension = prop_def(I64Attr)

    def __init__(
        self,
        shape: Sequence[int],
        element_type: Attribute,
        start: int = 0,
        step: int = 1,
        dimension: int = 0,
        *,
        location: LocationAttr | None = None,
    ):
        """The end follows from the extent of `dimension` in `shape`."""
        axis = normalized_axis(dimension, len(shape), "arange_dimension")
        properties = {
            "arange_dimension": integer_attr(axis, i64),
            "end": integer_attr(start + step * shape[axis], si64),
            "start": integer_attr(start, si64),
            "step": integer_attr(step, si64),
        }
        self._init((), (tensor_type(shape, element_type),), properties, location)

    @property
    def dimension(self) -> int:
        """The dimension along which the values change."""
        return self.arange_dimension.value.data

    def infer_shape(self) -> Shape:
        shape = shape_of(self.result)
        axis = self.dimension
        if not 0 <= axis < len(shape):
            raise VerifyException(f"attribute 'arange_dimension' is {axis}, expected a value in [0, {len(shape)})")
        length = arange_length(self.start.value.data, self.end.value.data, self.step.value.data)
        return (*shape[:axis], length, *shape[axis + 1 :])


@irdl_op_definition
class ConstantOp(SingleResultOp):
    """The numbers of an attribute.

    Shapes: that of `value`.

    Conditions: the elements of `value` are integers or floats.
    """

    name = "ttir.constant"

    value = prop_def(DenseIntOrFPElementsAttr | DenseResourceAttr)

    traits = traits_def(ConstantPatterns())

    def __init__(self, value: DenseIntOrFPElementsAttr | DenseResourceAttr, *, location: LocationAttr | None = None):
        self._init((), (value.type,), {"value": value}, location)

    def infer_shape(self) -> Shape:
        type = self.value.type
        if not isinstance(type, TensorType):
            raise VerifyException(f"attribute 'value' has the type {type}, expected a ranked tensor")
        element = cast("TensorType[Attribute]", type).element_type
        if not isinstance(element, IntegerType | AnyFloat):
            raise VerifyException(f"attribute 'value' has the element type {element}, expected an integer or a float")
        return type.get_shape()


class FilledOp(SingleResultOp, ABC):
    """A tensor of equal numbers.

    Shapes: `shape`.
    """

    shape: DenseArrayBase[IntegerType] = prop_def(DENSE_I32)

    def infer_shape(self) -> Shape:
        return tuple(self.shape.get_values())


@irdl_op_definition
class FullOp(FilledOp):
    """`fill_value` (f32 or i32, whatever the elements are) in every element."""

    name = "ttir.full"

    fill_value = prop_def(F32Attr | I32Attr)

    def __init__(
        self,
        shape: Sequence[int],
        fill_value: bool | int | float | F32Attr | I32Attr,
        element_type: Attribute,
        *,
        location: LocationAttr | None = None,
    ):
        value = scalar_attr(fill_value) if isinstance(fill_value, int | float) else fill_value
        properties = {"fill_value": value, "shape": dense_i32(shape)}
        self._init((), (tensor_type(shape, element_type),), properties, location)


class _NamedFilledOp(FilledOp, ABC):
    def __init__(self, shape: Sequence[int], element_type: Attribute, *, location: LocationAttr | None = None):
        self._init((), (tensor_type(shape, element_type),), {"shape": dense_i32(shape)}, location)


@irdl_op_definition
class OnesOp(_NamedFilledOp):
    """1 in every element."""

    name = "ttir.ones"


@irdl_op_definition
class ZerosOp(_NamedFilledOp):
    """0 in every element."""

    name = "ttir.zeros"


CREATION_OPS = (ArangeOp, ConstantOp, FullOp, OnesOp, ZerosOp)


def fill_value_of(value: SSAValue) -> int | float | None:
    """The number in every element of `value`, as its op holds it; None if that does not make equal numbers."""
    match value.owner:
        case FullOp() as op:
            return op.fill_value.value.data
        case OnesOp():
            return 1
        case ZerosOp():
            return 0
        case _:
            return None
