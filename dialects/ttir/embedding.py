"""Lookups in tables."""

from __future__ import annotations

from xdsl.dialects.builtin import AnyTensorTypeConstr, LocationAttr
from xdsl.ir import Attribute
from xdsl.irdl import irdl_op_definition, operand_def

from tilewright.dialects.ttir.bases import SingleResultOp, Value, value_of
from tilewright.dialects.ttir.shapes import Shape, embedding_shape
from tilewright.dialects.types import element_type_of, shape_of, tensor_type


@irdl_op_definition
class EmbeddingOp(SingleResultOp):
    """Row `input[i]` of `weight` (rows, embedding size) for each index i."""

    name = "ttir.embedding"

    input = operand_def(AnyTensorTypeConstr)
    weight = operand_def(AnyTensorTypeConstr)

    def __init__(
        self, input: Value, weight: Value, result_type: Attribute | None = None, *, location: LocationAttr | None = None
    ):
        indices, table = value_of(input), value_of(weight)
        if result_type is None:
            shape = embedding_shape(shape_of(indices), shape_of(table))
            result_type = tensor_type(shape, element_type_of(table))
        self._init((indices, table), (result_type,), {}, location)

    def infer_shape(self) -> Shape:
        return embedding_shape(shape_of(self.input), shape_of(self.weight))


EMBEDDING_OPS = (EmbeddingOp,)
