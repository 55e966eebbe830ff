"""Reductions of whole dimensions."""

from __future__ import annotations

from abc import ABC
from collections.abc import Sequence

from xdsl.dialects.builtin import AnyTensorTypeConstr, BoolAttr, LocationAttr
from xdsl.ir import Attribute
from xdsl.irdl import irdl_op_definition, operand_def, opt_prop_def, prop_def

from tilewright.dialects.ttir.attributes import I32ArrayAttr, bool_attr, i32_array, integers
from tilewright.dialects.ttir.bases import SingleResultOp, Value, value_of
from tilewright.dialects.ttir.shapes import Shape, reduced_axes, reduced_shape
from tilewright.dialects.types import shape_of, tensor_of, tensor_type


class ReductionOp(SingleResultOp, ABC):
    """Combines the elements along some dimensions (along all without `dim_arg`), which go or stay with extent 1."""

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
        operand = value_of(input)
        if result_type is None:
            type = tensor_of(operand)
            result_type = tensor_type(reduced_shape(type.get_shape(), dims, keep_dim), type.element_type)
        properties: dict[str, Attribute] = {} if dims is None else {"dim_arg": i32_array(dims)}
        properties["keep_dim"] = bool_attr(keep_dim)
        self._init((operand,), (result_type,), properties, location)

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
class MaxOp(ReductionOp):
    """The largest element."""

    name = "ttir.max"


@irdl_op_definition
class MeanOp(ReductionOp):
    """The sum divided by the number of elements."""

    name = "ttir.mean"


@irdl_op_definition
class MinOp(ReductionOp):
    """The smallest element."""

    name = "ttir.min"


@irdl_op_definition
class ProdOp(ReductionOp):
    """The product of the elements."""

    name = "ttir.prod"


@irdl_op_definition
class SumOp(ReductionOp):
    """The sum of the elements."""

    name = "ttir.sum"


REDUCTION_OPS = (MaxOp, MeanOp, MinOp, ProdOp, SumOp)
