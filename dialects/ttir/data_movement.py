"""Ops that move elements and compute nothing."""

from __future__ import annotations

from collections.abc import Sequence

from xdsl.dialects.builtin import DenseArrayBase, IntegerType, LocationAttr
from xdsl.ir import Attribute
from xdsl.irdl import irdl_op_definition, prop_def, traits_def

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
from tilewright.dialects.ttir.bases import MovementOp, Value, value_of
from tilewright.dialects.ttir.data_movement_shapes import (
    broadcast_shape,
    permuted_shape,
    reshaped_shape,
    reversed_axes,
    squeezed_shape,
    transposed_shape,
    unsqueezed_shape,
)
from tilewright.dialects.ttir.shapes import Shape, require
from tilewright.dialects.ttir.traits import (
    BroadcastPatterns,
    PermutePatterns,
    ReshapePatterns,
    ReversePatterns,
    TransposePatterns,
    UnitDimensionPatterns,
)
from tilewright.dialects.types import shape_of


@irdl_op_definition
class BroadcastOp(MovementOp):
    """Repeats the input along dimensions of extent 1, each by its factor in `broadcast_dimensions`.

    Shapes: extent d of the input and factor f give d * f.

    Conditions: there is a factor of at least 1 for each dimension; those of dimensions whose extent is not 1 are 1.
    """

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
        self._init_inferred((input,), {"broadcast_dimensions": dense_i64(factors)}, result_type, location)

    def infer_shape(self) -> Shape:
        return broadcast_shape(shape_of(self.input), self.broadcast_dimensions.get_values())

    def verify_semantics(self) -> None:
        found, shape = shape_of(self.result), shape_of(self.input)
        require(
            len(found) == len(shape),
            f"the result has the shape {found}, expected rank {len(shape)}, that of 'input' with the shape {shape}",
        )
        super().verify_semantics()


@irdl_op_definition
class PermuteOp(MovementOp):
    """The dimensions in another order: dimension i of the result is dimension `permutation[i]` of the input.

    Shapes: extent i of the result is extent `permutation[i]` of the input.

    Conditions: `permutation` has each dimension once.
    """

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
        self._init_inferred((input,), {"permutation": dense_i64(permutation)}, result_type, location)

    @property
    def order(self) -> tuple[int, ...]:
        """The permutation."""
        return tuple(self.permutation.get_values())

    def infer_shape(self) -> Shape:
        return permuted_shape(shape_of(self.input), self.order)


@irdl_op_definition
class ReshapeOp(MovementOp):
    """The same elements, in row-major order, in another shape.

    Shapes: the result has `shape`, in which one extent may be -1 for what the others leave of the input's elements.

    Conditions: the input has as many elements as `shape`; no extent but one -1 is negative.
    """

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
        self._init_inferred((input,), {"shape": i32_array(shape)}, result_type, location)

    def infer_shape(self) -> Shape:
        return reshaped_shape(shape_of(self.input), integers(self.shape))


@irdl_op_definition
class ReverseOp(MovementOp):
    """The elements in reverse order along each of `dimensions`.

    Shapes: the result has that of the input.

    Conditions: `dimensions` has values in [0, rank), each once.
    """

    name = "ttir.reverse"

    dimensions: DenseArrayBase[IntegerType] = prop_def(DENSE_I64)

    traits = traits_def(ReversePatterns())

    def __init__(
        self,
        input: Value,
        dimensions: Sequence[int],
        result_type: Attribute | None = None,
        *,
        location: LocationAttr | None = None,
    ):
        operand = value_of(input)
        self._init((operand,), (result_type or operand.type,), {"dimensions": dense_i64(dimensions)}, location)

    @property
    def axes(self) -> tuple[int, ...]:
        """The dimensions that are reversed."""
        return tuple(self.dimensions.get_values())

    def infer_shape(self) -> Shape:
        shape = shape_of(self.input)
        reversed_axes(len(shape), self.axes)
        return shape


@irdl_op_definition
class SqueezeOp(MovementOp):
    """The input without a dimension of extent 1.

    Shapes: the result lacks dimension `dim`, which counts from the back if negative.

    Conditions: `dim` is in [-rank, rank), its extent is 1, and it is not the only dimension.
    """

    name = "ttir.squeeze"

    dim = prop_def(SI32Attr)

    traits = traits_def(UnitDimensionPatterns())

    def __init__(
        self, input: Value, dim: int, result_type: Attribute | None = None, *, location: LocationAttr | None = None
    ):
        self._init_inferred((input,), {"dim": integer_attr(dim, si32)}, result_type, location)

    def infer_shape(self) -> Shape:
        return squeezed_shape(shape_of(self.input), self.dim.value.data)


@irdl_op_definition
class TransposeOp(MovementOp):
    """The input with two dimensions swapped.

    Shapes: that of the input with the extents of `dim0` and `dim1`, which count from the back if negative, swapped.

    Conditions: the input has at least two dimensions; `dim0` and `dim1` are in [-rank, rank).
    """

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
        properties = {"dim0": integer_attr(dim0, si32), "dim1": integer_attr(dim1, si32)}
        self._init_inferred((input,), properties, result_type, location)

    @property
    def order(self) -> tuple[int, ...]:
        """The permutation of the dimensions that this is."""
        rank = len(shape_of(self.input))
        return transposed_shape(tuple(range(rank)), self.dim0.value.data, self.dim1.value.data)

    def infer_shape(self) -> Shape:
        return transposed_shape(shape_of(self.input), self.dim0.value.data, self.dim1.value.data)


@irdl_op_definition
class UnsqueezeOp(MovementOp):
    """The input with a dimension of extent 1 more.

    Shapes: the new extent is dimension `dim` of the result, counted from the back if negative.

    Conditions: `dim` is in [-rank - 1, rank + 1), where rank is that of the input.
    """

    name = "ttir.unsqueeze"

    dim = prop_def(SI32Attr)

    traits = traits_def(UnitDimensionPatterns())

    def __init__(
        self, input: Value, dim: int, result_type: Attribute | None = None, *, location: LocationAttr | None = None
    ):
        self._init_inferred((input,), {"dim": integer_attr(dim, si32)}, result_type, location)

    def infer_shape(self) -> Shape:
        return unsqueezed_shape(shape_of(self.input), self.dim.value.data)


DATA_MOVEMENT_OPS = (
    BroadcastOp,
    PermuteOp,
    ReshapeOp,
    ReverseOp,
    SqueezeOp,
    TransposeOp,
    UnsqueezeOp,
)
