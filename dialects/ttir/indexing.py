"""Reads and writes at places that a tensor of indices gives."""

from __future__ import annotations

from xdsl.dialects.builtin import DYNAMIC_INDEX, AnyTensorTypeConstr, LocationAttr
from xdsl.ir import Attribute
from xdsl.irdl import irdl_op_definition, operand_def, prop_def, traits_def
from xdsl.utils.exceptions import VerifyException

from tilewright.dialects.ttcore import ReduceType, ReduceTypeAttr
from tilewright.dialects.ttir.attributes import I32Attr, i32, integer_attr
from tilewright.dialects.ttir.bases import SingleResultOp, Value, value_of
from tilewright.dialects.ttir.shapes import Shape, may_be_equal, normalized_axis
from tilewright.dialects.ttir.traits import ScatterPatterns
from tilewright.dialects.types import element_type_of, is_integer_type, shape_of, tensor_type

SCATTER_REDUCE_TYPES = (ReduceType.INVALID, ReduceType.SUM, ReduceType.PROD, ReduceType.MIN, ReduceType.MAX)
"""What `scatter` can do with the element that is there; `invalid` replaces it."""


def _check_index(input: Shape, index: Shape, axis: int) -> None:
    """`index` has the rank of `input`, and no extent but that of `axis` is larger."""
    if len(index) != len(input):
        raise VerifyException(f"operand 'index' has the shape {index}, expected rank {len(input)}, that of 'input'")
    for i, (extent, limit) in enumerate(zip(index, input, strict=True)):
        if i != axis and extent > limit and DYNAMIC_INDEX not in (extent, limit):
            raise VerifyException(
                f"operand 'index' has the extent {extent} in dimension {i}, expected at most {limit}, that of 'input'"
            )


@irdl_op_definition
class GatherOp(SingleResultOp):
    """Elements of the input at indices along dimension `dim`, as torch.gather: along dimension 1 of 3,
    `result[i][j][k] = input[i][index[i][j][k]][k]`.

    Shapes: the result has that of `index`.

    Conditions: `index` has integers and the rank of the input; `dim` is in [-rank, rank); no extent of `index` but that
    of `dim` is larger than that of the input. When the op runs, indices are in [0, extent).
    """

    name = "ttir.gather"

    input = operand_def(AnyTensorTypeConstr)
    index = operand_def(AnyTensorTypeConstr)

    dim = prop_def(I32Attr)

    def __init__(
        self,
        input: Value,
        index: Value,
        dim: int,
        result_type: Attribute | None = None,
        *,
        location: LocationAttr | None = None,
    ):
        operand, indices = value_of(input), value_of(index)
        type = result_type or tensor_type(shape_of(indices), element_type_of(operand))
        self._init((operand, indices), (type,), {"dim": integer_attr(dim, i32)}, location)

    @property
    def axis(self) -> int:
        """The dimension, counted from the front."""
        return normalized_axis(self.dim.value.data, len(shape_of(self.input)), "dim")

    def infer_shape(self) -> Shape:
        if not is_integer_type(element_type_of(self.index)):
            raise VerifyException(f"operand 'index' has the type {self.index.type}, expected integers")
        shape = shape_of(self.index)
        _check_index(shape_of(self.input), shape, self.axis)
        return shape


@irdl_op_definition
class ScatterOp(SingleResultOp):
    """The input with the elements of `source` put at indices along dimension `dim`, as torch.scatter: along dimension
    1 of 3, `result[i][index[i][j][k]][k]` is `source[i][j][k]`.

    `scatter_reduce_type` says what becomes of the element that is there: `invalid` replaces it, and of several that go
    to one place the last along `dim` stays; `sum`, `prod`, `min` and `max` combine all of them with it, where a NaN
    stays one.

    Shapes: `index` and `source` have one shape; the result has that of the input.

    Conditions: the operands have the same rank; `dim` is in [-rank, rank); no extent of `index` but that of `dim` is
    larger than that of the input; the reduction is one of those named. When the op runs, indices are in [0, extent).
    """

    name = "ttir.scatter"

    input = operand_def(AnyTensorTypeConstr)
    index = operand_def(AnyTensorTypeConstr)
    source = operand_def(AnyTensorTypeConstr)

    dim = prop_def(I32Attr)
    scatter_reduce_type = prop_def(ReduceTypeAttr)

    traits = traits_def(ScatterPatterns())

    def __init__(
        self,
        input: Value,
        index: Value,
        source: Value,
        dim: int,
        reduce_type: ReduceType = ReduceType.INVALID,
        result_type: Attribute | None = None,
        *,
        location: LocationAttr | None = None,
    ):
        operand = value_of(input)
        properties = {"dim": integer_attr(dim, i32), "scatter_reduce_type": ReduceTypeAttr(reduce_type)}
        operands = (operand, value_of(index), value_of(source))
        self._init(operands, (result_type or operand.type,), properties, location)

    @property
    def axis(self) -> int:
        """The dimension, counted from the front."""
        return normalized_axis(self.dim.value.data, len(shape_of(self.input)), "dim")

    def infer_shape(self) -> Shape:
        shape, index, source = (shape_of(v) for v in self.operands)
        _check_index(shape, index, self.axis)
        if not may_be_equal(source, index):
            raise VerifyException(f"operand 'source' has the shape {source}, expected {index}, that of 'index'")
        if self.scatter_reduce_type.data not in SCATTER_REDUCE_TYPES:
            raise VerifyException(
                f"attribute 'scatter_reduce_type' is {self.scatter_reduce_type.data.value}, "
                f"expected one of {', '.join(t.value for t in SCATTER_REDUCE_TYPES)}"
            )
        return shape


INDEXING_OPS = (GatherOp, ScatterOp)
