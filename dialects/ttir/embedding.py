"""Lookups in tables."""

from __future__ import annotations

from math import prod

from xdsl.dialects.builtin import DYNAMIC_INDEX, AnyTensorTypeConstr, LocationAttr
from xdsl.ir import Attribute
from xdsl.irdl import irdl_op_definition, operand_def
from xdsl.utils.exceptions import VerifyException

from tilewright.dialects.ttir.bases import SingleResultOp, Value
from tilewright.dialects.ttir.shapes import Shape, embedding_shape
from tilewright.dialects.types import element_type_of, shape_of


@irdl_op_definition
class EmbeddingOp(SingleResultOp):
    """Row `input[i]` of `weight` for each index i.

    Shapes: `input` is (), (N) or (B, N), `weight` (.., R, E) with ones before the R rows of E elements; the result has
    the shape of `input` and E after it.

    Conditions: the shapes. When the op runs, indices are in [0, R).
    """

    name = "ttir.embedding"

    input = operand_def(AnyTensorTypeConstr)
    weight = operand_def(AnyTensorTypeConstr)

    def __init__(
        self, input: Value, weight: Value, result_type: Attribute | None = None, *, location: LocationAttr | None = None
    ):
        self._init_inferred((input, weight), {}, result_type, location, like=1)

    def infer_shape(self) -> Shape:
        return embedding_shape(shape_of(self.input), shape_of(self.weight))


@irdl_op_definition
class EmbeddingBackwardOp(SingleResultOp):
    """The gradient of an embedding's table: row r is the sum of the rows of `in_gradient` whose index is r.

    Shapes: `input` has N elements, `weight` is (R, E), `in_gradient` (.., E) with N rows; the result is (R, E).

    Conditions: the shapes; the result has the element type of `in_gradient`. When the op runs, indices are in [0, R).
    """

    name = "ttir.embedding_backward"

    input = operand_def(AnyTensorTypeConstr)
    weight = operand_def(AnyTensorTypeConstr)
    in_gradient = operand_def(AnyTensorTypeConstr)

    def infer_shape(self) -> Shape:
        indices, table, gradient = (shape_of(v) for v in self.operands)
        if len(table) != 2:
            raise VerifyException(f"operand 'weight' has the shape {table}, expected rank 2")
        if DYNAMIC_INDEX not in (*indices, *table, *gradient) and (
            gradient[-1:] != table[-1:] or prod(gradient[:-1]) != prod(indices)
        ):
            raise VerifyException(
                f"operand 'in_gradient' has the shape {gradient}, expected {table[-1]} elements, those of a row of "
                f"'weight', for each of the {prod(indices)} indices"
            )
        return table

    def verify_semantics(self) -> None:
        super().verify_semantics()
        expected, found = element_type_of(self.in_gradient), element_type_of(self.result)
        if found != expected:
            raise VerifyException(
                f"the result has the element type {found}, expected {expected}, that of 'in_gradient'"
            )


EMBEDDING_OPS = (EmbeddingBackwardOp, EmbeddingOp)
