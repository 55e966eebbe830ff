"""Elements in the order of their size."""

from __future__ import annotations

from xdsl.dialects.builtin import AnyTensorTypeConstr, BoolAttr, IntegerType, LocationAttr
from xdsl.ir import Attribute
from xdsl.irdl import irdl_op_definition, operand_def, prop_def, result_def, traits_def
from xdsl.traits import Pure
from xdsl.utils.exceptions import VerifyException

from tilewright.dialects.ttir.attributes import (
    FALSE,
    TRUE,
    I32Attr,
    SI32Attr,
    bool_attr,
    i32,
    integer_attr,
    si32,
)
from tilewright.dialects.ttir.bases import TTIROp, Value, value_of
from tilewright.dialects.ttir.shapes import Shape, may_be_equal, normalized_axis, require
from tilewright.dialects.types import element_type_of, shape_of, tensor_of, tensor_type


def _check_shape(op: SortOp | TopKOp, expected: Shape) -> None:
    for name, value in (("values", op.values), ("indices", op.indices)):
        if not may_be_equal(shape_of(value), expected):
            raise VerifyException(f"result '{name}' has the shape {shape_of(value)}, expected {expected}")


@irdl_op_definition
class SortOp(TTIROp):
    """The elements along dimension `dim` from small to large, or from large to small if `descending`.

    `indices` says where each of `values` was. Equal elements keep their order in either direction, whether `stable` is
    set or not, so that there is one result. NaN counts as larger than all numbers.

    Shapes: both results have that of the input.

    Conditions: `dim` is in [-rank, rank); `values` has the type of the input.
    """

    name = "ttir.sort"

    input = operand_def(AnyTensorTypeConstr)

    dim = prop_def(SI32Attr, default_value=integer_attr(-1, si32))
    descending = prop_def(BoolAttr, default_value=FALSE)
    stable = prop_def(BoolAttr, default_value=FALSE)

    values = result_def(AnyTensorTypeConstr)
    indices = result_def(AnyTensorTypeConstr)

    traits = traits_def(Pure())

    def __init__(
        self,
        input: Value,
        index_type: Attribute,
        dim: int = -1,
        descending: bool = False,
        stable: bool = False,
        *,
        location: LocationAttr | None = None,
    ):
        """`index_type` is the element type of the indices."""
        operand = value_of(input)
        properties: dict[str, Attribute] = {
            "descending": bool_attr(descending),
            "dim": integer_attr(dim, si32),
            "stable": bool_attr(stable),
        }
        self._init((operand,), (operand.type, tensor_type(shape_of(operand), index_type)), properties, location)

    @property
    def axis(self) -> int:
        """The dimension, counted from the front."""
        return normalized_axis(self.dim.value.data, len(shape_of(self.input)), "dim")

    def verify_semantics(self) -> None:
        normalized_axis(self.dim.value.data, len(shape_of(self.input)), "dim")
        if self.values.type != self.input.type:
            raise VerifyException(
                f"result 'values' has the type {self.values.type}, expected {self.input.type}, that of 'input'"
            )
        _check_shape(self, shape_of(self.input))


@irdl_op_definition
class TopKOp(TTIROp):
    """The `k` largest elements along dimension `dim`, or the smallest unless `largest`.

    They are sorted, the largest (or smallest) first, whether `sorted` is set or not; of equal elements the one that
    comes first in the input does so here. NaN counts as larger than all numbers. `indices` says where each of `values`
    was.

    Shapes: both results have that of the input with extent `k` in dimension `dim`.

    Conditions: `dim` is in [-rank, rank), `k` from 1 to the extent; the indices are integers.
    """

    name = "ttir.topk"

    input_tensor = operand_def(AnyTensorTypeConstr)

    k = prop_def(I32Attr)
    dim = prop_def(I32Attr, default_value=integer_attr(-1, i32))
    largest = prop_def(BoolAttr, default_value=TRUE)
    sorted = prop_def(BoolAttr, default_value=FALSE)

    values = result_def(AnyTensorTypeConstr)
    indices = result_def(AnyTensorTypeConstr)

    traits = traits_def(Pure())

    def __init__(
        self,
        input: Value,
        k: int,
        index_type: Attribute,
        dim: int = -1,
        largest: bool = True,
        sorted: bool = False,
        *,
        location: LocationAttr | None = None,
    ):
        """`index_type` is the element type of the indices."""
        operand = value_of(input)
        type = tensor_of(operand)
        axis = normalized_axis(dim, len(type.get_shape()), "dim")
        shape = (*type.get_shape()[:axis], k, *type.get_shape()[axis + 1 :])
        properties: dict[str, Attribute] = {
            "dim": integer_attr(dim, i32),
            "k": integer_attr(k, i32),
            "largest": bool_attr(largest),
            "sorted": bool_attr(sorted),
        }
        results = (tensor_type(shape, element_type_of(operand)), tensor_type(shape, index_type))
        self._init((operand,), results, properties, location)

    @property
    def axis(self) -> int:
        """The dimension, counted from the front."""
        return normalized_axis(self.dim.value.data, len(shape_of(self.input_tensor)), "dim")

    def verify_semantics(self) -> None:
        shape, axis, k = shape_of(self.input_tensor), self.axis, self.k.value.data
        extent = shape[axis]
        require(k >= 1, f"attribute 'k' is {k}, expected a value >= 1")
        if 0 <= extent < k:
            raise VerifyException(f"attribute 'k' is {k}, expected at most {extent}, the extent of dimension {axis}")
        element = element_type_of(self.indices)
        require(isinstance(element, IntegerType), f"result 'indices' has the element type {element}, expected integers")
        _check_shape(self, (*shape[:axis], k, *shape[axis + 1 :]))


SORTING_OPS = (SortOp, TopKOp)
