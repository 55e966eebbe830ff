"""Running sums and products along a dimension."""

from __future__ import annotations

from abc import ABC

from xdsl.dialects.builtin import AnyTensorTypeConstr, LocationAttr
from xdsl.ir import Attribute
from xdsl.irdl import irdl_op_definition, operand_def, prop_def, traits_def

from tilewright.dialects.ttir.attributes import I64Attr, i64, integer_attr
from tilewright.dialects.ttir.bases import SingleResultOp, Value, value_of
from tilewright.dialects.ttir.shapes import Shape, normalized_axis
from tilewright.dialects.ttir.traits import ScanPatterns
from tilewright.dialects.types import shape_of


class ScanOp(SingleResultOp, ABC):
    """Combines each element with all that come before it along dimension `dim`.

    Shapes: the result has that of the input.

    Conditions: `dim` is in [-rank, rank).
    """

    input = operand_def(AnyTensorTypeConstr)

    dim = prop_def(I64Attr)

    traits = traits_def(ScanPatterns())

    def __init__(
        self, input: Value, dim: int, result_type: Attribute | None = None, *, location: LocationAttr | None = None
    ):
        operand = value_of(input)
        self._init((operand,), (result_type or operand.type,), {"dim": integer_attr(dim, i64)}, location)

    @property
    def axis(self) -> int:
        """The dimension, counted from the front."""
        return normalized_axis(self.dim.value.data, len(shape_of(self.input)), "dim")

    def infer_shape(self) -> Shape:
        shape = shape_of(self.input)
        normalized_axis(self.dim.value.data, len(shape), "dim")
        return shape


@irdl_op_definition
class CumProdOp(ScanOp):
    """The product of the elements up to and with each one along dimension `dim`.

    Shapes: the result has that of the input.

    Conditions: `dim` is in [-rank, rank).
    """

    name = "ttir.cumprod"


@irdl_op_definition
class CumSumOp(ScanOp):
    """The sum of the elements up to and with each one along dimension `dim`.

    Shapes: the result has that of the input.

    Conditions: `dim` is in [-rank, rank).
    """

    name = "ttir.cumsum"


SCAN_OPS = (CumProdOp, CumSumOp)
