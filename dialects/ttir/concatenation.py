"""Several tensors as one."""

from __future__ import annotations

from collections.abc import Sequence

from xdsl.dialects.builtin import AnyTensorTypeConstr, LocationAttr
from xdsl.ir import Attribute
from xdsl.irdl import irdl_op_definition, prop_def, traits_def, var_operand_def

from tilewright.dialects.ttir.attributes import SI32Attr, integer_attr, si32
from tilewright.dialects.ttir.bases import SingleResultOp, Value, value_of
from tilewright.dialects.ttir.data_movement_shapes import concatenated_shape
from tilewright.dialects.ttir.shapes import Shape, normalized_axis
from tilewright.dialects.ttir.traits import ConcatPatterns
from tilewright.dialects.types import shape_of, tensor_of, tensor_type


@irdl_op_definition
class ConcatOp(SingleResultOp):
    """The inputs one after the other along a dimension.

    Shapes: (.., d_i, ..) for input i give (.., sum of d_i, ..), where dimension `dim` is the one that may differ.

    Conditions: there is an input; all have the same rank; `dim` is in [-rank, rank).
    """

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


CONCATENATION_OPS = (ConcatOp,)
