"""Reductions of whole dimensions."""

from __future__ import annotations

from abc import ABC
from collections.abc import Sequence

from xdsl.dialects.builtin import AnyTensorTypeConstr, BoolAttr, LocationAttr, i32
from xdsl.ir import Attribute
from xdsl.irdl import irdl_op_definition, operand_def, opt_prop_def, prop_def

from tilewright.dialects.ttir.attributes import I32ArrayAttr, bool_attr, i32_array, integers
from tilewright.dialects.ttir.bases import SingleResultOp, Value, value_of
from tilewright.dialects.ttir.shapes import Shape, reduced_axes, reduced_shape
from tilewright.dialects.types import shape_of, tensor_type


class ReductionOp(SingleResultOp, ABC):
    """Combines the elements along some dimensions (along all without `dim_arg`), which go or stay with extent 1.

    Shapes: the result has that of `input` without the dimensions `dim_arg`, or with extent 1 there if `keep_dim`.

    Conditions: each of `dim_arg` is in [-rank, rank) and named once.
    """

    input = operand_def(AnyTensorTypeConstr)

    keep_dim = prop_def(BoolAttr)
    dim_arg = opt_prop_def(I32ArrayAttr)

    def __init__(
        self,
        input: Value,
        dims: Sequence[int] | None = None,
        keep_dim: bool = False,
        result_type: Attribute | None = None,
        *,
        location: LocationAttr | None = None,
    ):
        properties: dict[str, Attribute] = {} if dims is None else {"dim_arg": i32_array(dims)}
        properties["keep_dim"] = bool_attr(keep_dim)
        self._init_inferred((input,), properties, result_type, location)

    @property
    def dims(self) -> tuple[int, ...] | None:
        """The dimensions as written; None where there is no attribute."""
        return None if self.dim_arg is None else integers(self.dim_arg)

    @property
    def axes(self) -> tuple[int, ...]:
        """The dimensions that are reduced, counted from the front, sorted."""
        return reduced_axes(len(shape_of(self.input)), self.dims)

    def infer_shape(self) -> Shape:
        return reduced_shape(shape_of(self.input), self.dims, bool(self.keep_dim))


@irdl_op_definition
class ArgMaxOp(ReductionOp):
    """The index of the largest element: the first of equal ones. NaN counts as the largest, as in torch.

    Along several dimensions it is the index into them flattened, the last one changing fastest.
    """

    name = "ttir.argmax"

    def __init__(
        self,
        input: Value,
        dims: Sequence[int] | None = None,
        keep_dim: bool = False,
        result_type: Attribute | None = None,
        *,
        location: LocationAttr | None = None,
    ):
        """Without a result type, the indices are `i32`."""
        operand = value_of(input)
        if result_type is None:
            result_type = tensor_type(reduced_shape(shape_of(operand), dims, keep_dim), i32)
        super().__init__(operand, dims, keep_dim, result_type, location=location)


@irdl_op_definition
class MaxOp(ReductionOp):
    """The largest element; NaN if there is one, as in torch."""

    name = "ttir.max"


@irdl_op_definition
class MeanOp(ReductionOp):
    """The sum divided by the number of elements; of integers in an integer type, the nearest one, ties to even."""

    name = "ttir.mean"


@irdl_op_definition
class MinOp(ReductionOp):
    """The smallest element; NaN if there is one, as in torch."""

    name = "ttir.min"


@irdl_op_definition
class ProdOp(ReductionOp):
    """The product of the elements; of integers, modulo 2^n."""

    name = "ttir.prod"


@irdl_op_definition
class ReduceAndOp(ReductionOp):
    """1 if no element is 0, else 0."""

    name = "ttir.reduce_and"


@irdl_op_definition
class ReduceOrOp(ReductionOp):
    """0 if all elements are 0, else 1."""

    name = "ttir.reduce_or"


@irdl_op_definition
class SumOp(ReductionOp):
    """The sum of the elements; of integers, modulo 2^n."""

    name = "ttir.sum"


REDUCTION_OPS = (ArgMaxOp, MaxOp, MeanOp, MinOp, ProdOp, ReduceAndOp, ReduceOrOp, SumOp)
