"""Ops that move elements and compute nothing."""

from __future__ import annotations

from collections.abc import Sequence

from xdsl.dialects.builtin import AnyTensorTypeConstr, DenseArrayBase, IntegerType, LocationAttr
from xdsl.ir import Attribute
from xdsl.irdl import irdl_op_definition, prop_def, traits_def, var_operand_def
from xdsl.utils.exceptions import VerifyException

from tilewright.dialects.ttir.attributes import (
    DENSE_I64,
    I32ArrayAttr,
    SI32Attr,
    dense_i64,
    i32_array,
    integer_attr,
    integers,
    si32,
)
from tilewright.dialects.ttir.bases import MovementOp, SingleResultOp, Value, value_of
from tilewright.dialects.ttir.shapes import (
    Shape,
    concatenated_shape,
    normalized_axis,
    permuted_shape,
    repeated_shape,
    reshaped_shape,
    slice_bounds,
    sliced_shape,
    squeezed_shape,
    transposed_shape,
    unsqueezed_shape,
)
from tilewright.dialects.ttir.traits import (
    BroadcastPatterns,
    ConcatPatterns,
    PermutePatterns,
    ReshapePatterns,
    TransposePatterns,
)
from tilewright.dialects.types import element_type_of, shape_of, tensor_of, tensor_type


@irdl_op_definition
class BroadcastOp(MovementOp):
    """Repeats the input along dimensions of extent 1, each by its factor."""

    name = "ttir.broadcast"

    broadcast_dimensions: DenseArrayBase[IntegerType] = prop_def(DENSE_I64)

    traits = traits_def(BroadcastPatterns())

    def __init__(
        self,
        input: Value,
        factors: Sequence[int],
        result_type: Attribute | None = None,
        *,
        location: LocationAttr | None = None,
    ):
        operand = value_of(input)
        if result_type is None:
            type = tensor_of(operand)
            result_type = tensor_type(repeated_shape(type.get_shape(), factors), type.element_type)
        self._init((operand,), (result_type,), {"broadcast_dimensions": dense_i64(factors)}, location)

    def infer_shape(self) -> Shape:
        return repeated_shape(shape_of(self.input), self.broadcast_dimensions.get_values())


@irdl_op_definition
class ConcatOp(SingleResultOp):
    """The inputs one after the other along a dimension."""

    name = "ttir.concat"

    inputs = var_operand_def(AnyTensorTypeConstr)

    dim = prop_def(SI32Attr)

    traits = traits_def(ConcatPatterns())

    def __init__(
        self,
        inputs: Sequence[Value],
        dim: int,
        result_type: Attribute | None = None,
        *,
        location: LocationAttr | None = None,
    ):
        operands = tuple(value_of(v) for v in inputs)
        if result_type is None:
            types = [tensor_of(v) for v in operands]
            shape = concatenated_shape([t.get_shape() for t in types], dim)
            result_type = tensor_type(shape, types[0].element_type)
        self._init(operands, (result_type,), {"dim": integer_attr(dim, si32)}, location)

    @property
    def axis(self) -> int:
        """The dimension, counted from the front."""
        return normalized_axis(self.dim.value.data, len(shape_of(self.result)), "dim")

    def infer_shape(self) -> Shape:
        return concatenated_shape([shape_of(v) for v in self.inputs], self.dim.value.data)


@irdl_op_definition
class PermuteOp(MovementOp):
    """The dimensions in another order: place i of the result is dimension `permutation[i]` of the input."""

    name = "ttir.permute"

    permutation: DenseArrayBase[IntegerType] = prop_def(DENSE_I64)

    traits = traits_def(PermutePatterns())

    def __init__(
        self,
        input: Value,
        permutation: Sequence[int],
        result_type: Attribute | None = None,
        *,
        location: LocationAttr | None = None,
    ):
        operand = value_of(input)
        if result_type is None:
            type = tensor_of(operand)
            result_type = tensor_type(permuted_shape(type.get_shape(), permutation), type.element_type)
        self._init((operand,), (result_type,), {"permutation": dense_i64(permutation)}, location)

    @property
    def order(self) -> tuple[int, ...]:
        """The permutation."""
        return tuple(self.permutation.get_values())

    def infer_shape(self) -> Shape:
        return permuted_shape(shape_of(self.input), self.order)


@irdl_op_definition
class ReshapeOp(MovementOp):
    """The same elements, in row-major order, in another shape; one extent may be -1 for what is left."""

    name = "ttir.reshape"

    shape = prop_def(I32ArrayAttr)

    traits = traits_def(ReshapePatterns())

    def __init__(
        self,
        input: Value,
        shape: Sequence[int],
        result_type: Attribute | None = None,
        *,
        location: LocationAttr | None = None,
    ):
        operand = value_of(input)
        if result_type is None:
            type = tensor_of(operand)
            result_type = tensor_type(reshaped_shape(type.get_shape(), shape), type.element_type)
        self._init((operand,), (result_type,), {"shape": i32_array(shape)}, location)

    def infer_shape(self) -> Shape:
        return reshaped_shape(shape_of(self.input), integers(self.shape))


@irdl_op_definition
class SliceStaticOp(MovementOp):
    """Every `step`-th element from `begins` to `ends`, which are not included, in each dimension."""

    name = "ttir.slice_static"

    begins = prop_def(I32ArrayAttr)
    ends = prop_def(I32ArrayAttr)
    step = prop_def(I32ArrayAttr)

    def __init__(
        self,
        input: Value,
        begins: Sequence[int],
        ends: Sequence[int],
        step: Sequence[int],
        result_type: Attribute | None = None,
        *,
        location: LocationAttr | None = None,
    ):
        operand = value_of(input)
        if result_type is None:
            type = tensor_of(operand)
            result_type = tensor_type(sliced_shape(type.get_shape(), begins, ends, step), type.element_type)
        properties = {"begins": i32_array(begins), "ends": i32_array(ends), "step": i32_array(step)}
        self._init((operand,), (result_type,), properties, location)

    @property
    def bounds(self) -> tuple[tuple[int, int, int], ...]:
        """Begin, end and step of each dimension, counted from the front."""
        begins, ends, steps = integers(self.begins), integers(self.ends), integers(self.step)
        return slice_bounds(shape_of(self.input), begins, ends, steps)

    def infer_shape(self) -> Shape:
        begins, ends, steps = integers(self.begins), integers(self.ends), integers(self.step)
        return sliced_shape(shape_of(self.input), begins, ends, steps)

    def verify_semantics(self) -> None:
        super().verify_semantics()
        expected, found = element_type_of(self.input), element_type_of(self.result)
        if found != expected:
            raise VerifyException(f"the result has the element type {found}, expected {expected}, that of 'input'")


@irdl_op_definition
class SqueezeOp(MovementOp):
    """The input without a dimension of extent 1."""

    name = "ttir.squeeze"

    dim = prop_def(SI32Attr)

    def __init__(
        self, input: Value, dim: int, result_type: Attribute | None = None, *, location: LocationAttr | None = None
    ):
        operand = value_of(input)
        if result_type is None:
            type = tensor_of(operand)
            result_type = tensor_type(squeezed_shape(type.get_shape(), dim), type.element_type)
        self._init((operand,), (result_type,), {"dim": integer_attr(dim, si32)}, location)

    def infer_shape(self) -> Shape:
        return squeezed_shape(shape_of(self.input), self.dim.value.data)


@irdl_op_definition
class TransposeOp(MovementOp):
    """The input with two dimensions swapped."""

    name = "ttir.transpose"

    dim0 = prop_def(SI32Attr)
    dim1 = prop_def(SI32Attr)

    traits = traits_def(TransposePatterns())

    def __init__(
        self,
        input: Value,
        dim0: int,
        dim1: int,
        result_type: Attribute | None = None,
        *,
        location: LocationAttr | None = None,
    ):
        operand = value_of(input)
        if result_type is None:
            type = tensor_of(operand)
            result_type = tensor_type(transposed_shape(type.get_shape(), dim0, dim1), type.element_type)
        properties = {"dim0": integer_attr(dim0, si32), "dim1": integer_attr(dim1, si32)}
        self._init((operand,), (result_type,), properties, location)

    @property
    def order(self) -> tuple[int, ...]:
        """The permutation of the dimensions that this is."""
        rank = len(shape_of(self.input))
        return transposed_shape(tuple(range(rank)), self.dim0.value.data, self.dim1.value.data)

    def infer_shape(self) -> Shape:
        return transposed_shape(shape_of(self.input), self.dim0.value.data, self.dim1.value.data)


@irdl_op_definition
class UnsqueezeOp(MovementOp):
    """The input with a dimension of extent 1 more, which is dimension `dim` of the result."""

    name = "ttir.unsqueeze"

    dim = prop_def(SI32Attr)

    def __init__(
        self, input: Value, dim: int, result_type: Attribute | None = None, *, location: LocationAttr | None = None
    ):
        operand = value_of(input)
        if result_type is None:
            type = tensor_of(operand)
            result_type = tensor_type(unsqueezed_shape(type.get_shape(), dim), type.element_type)
        self._init((operand,), (result_type,), {"dim": integer_attr(dim, si32)}, location)

    def infer_shape(self) -> Shape:
        return unsqueezed_shape(shape_of(self.input), self.dim.value.data)


DATA_MOVEMENT_OPS = (
    BroadcastOp,
    ConcatOp,
    PermuteOp,
    ReshapeOp,
    SliceStaticOp,
    SqueezeOp,
    TransposeOp,
    UnsqueezeOp,
)
