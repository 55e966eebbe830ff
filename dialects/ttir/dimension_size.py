"""Shapes as numbers."""

from __future__ import annotations

from math import prod

from xdsl.dialects.builtin import AnyTensorTypeConstr
from xdsl.irdl import irdl_op_definition, operand_def, prop_def, traits_def
from xdsl.utils.exceptions import VerifyException

from tilewright.dialects.ttir.attributes import I32Attr
from tilewright.dialects.ttir.bases import SingleResultOp
from tilewright.dialects.ttir.shapes import Shape
from tilewright.dialects.ttir.traits import DimensionSizePatterns
from tilewright.dialects.types import shape_of


@irdl_op_definition
class GetDimensionSizeOp(SingleResultOp):
    """The extent of a dimension of the operand.

    Shapes: the result has one element.

    Conditions: `dimension` is in [0, rank).
    """

    name = "ttir.get_dimension_size"

    operand = operand_def(AnyTensorTypeConstr)

    dimension = prop_def(I32Attr)

    traits = traits_def(DimensionSizePatterns())

    def infer_shape(self) -> Shape:
        rank, dimension, shape = len(shape_of(self.operand)), self.dimension.value.data, shape_of(self.result)
        if not 0 <= dimension < rank:
            raise VerifyException(f"attribute 'dimension' is {dimension}, expected a value in [0, {rank})")
        if prod(shape) != 1:
            raise VerifyException(f"the result has the shape {shape}, expected one element")
        return shape


DIMENSION_SIZE_OPS = (GetDimensionSizeOp,)
