"""Matrix products."""

from __future__ import annotations

from xdsl.dialects.builtin import AnyTensorTypeConstr, BoolAttr, LocationAttr
from xdsl.ir import Attribute
from xdsl.irdl import irdl_op_definition, operand_def, opt_operand_def, prop_def, traits_def

from tilewright.dialects.ttir.attributes import FALSE, bool_attr
from tilewright.dialects.ttir.bases import SingleResultOp, Value
from tilewright.dialects.ttir.shapes import Shape, linear_shape, matmul_shape
from tilewright.dialects.ttir.traits import LinearPatterns, MatmulPatterns
from tilewright.dialects.types import shape_of


@irdl_op_definition
class LinearOp(SingleResultOp):
    """`a @ b + bias`; the flags transpose the last two dimensions of an operand first.

    Shapes: a (.., M, K), b (.., K, N), result (.., M, N), where the batch dimensions of a and b broadcast, and the bias
    with the product. A vector loses its dimension, and two of them give (1); the flags do not apply to a vector.
    """

    name = "ttir.linear"

    a = operand_def(AnyTensorTypeConstr)
    b = operand_def(AnyTensorTypeConstr)
    bias = opt_operand_def(AnyTensorTypeConstr)

    transpose_a = prop_def(BoolAttr, default_value=FALSE)
    transpose_b = prop_def(BoolAttr, default_value=FALSE)

    traits = traits_def(LinearPatterns())

    def __init__(
        self,
        a: Value,
        b: Value,
        bias: Value | None = None,
        transpose_a: bool = False,
        transpose_b: bool = False,
        result_type: Attribute | None = None,
        *,
        location: LocationAttr | None = None,
    ):
        operands = (a, b) if bias is None else (a, b, bias)
        flags = {"transpose_a": bool_attr(transpose_a), "transpose_b": bool_attr(transpose_b)}
        self._init_inferred(operands, flags, result_type, location)

    def infer_shape(self) -> Shape:
        bias = None if self.bias is None else shape_of(self.bias)
        a, b = shape_of(self.a), shape_of(self.b)
        return linear_shape(a, b, bias, bool(self.transpose_a), bool(self.transpose_b))


@irdl_op_definition
class MatmulOp(SingleResultOp):
    """`a @ b`; the flags transpose the last two dimensions of an operand first.

    Shapes: a (.., M, K), b (.., K, N), result (.., M, N), where the batch dimensions broadcast. A vector loses its
    dimension, and two of them give (1); the flags do not apply to a vector.
    """

    name = "ttir.matmul"

    a = operand_def(AnyTensorTypeConstr)
    b = operand_def(AnyTensorTypeConstr)

    transpose_a = prop_def(BoolAttr, default_value=FALSE)
    transpose_b = prop_def(BoolAttr, default_value=FALSE)

    traits = traits_def(MatmulPatterns())

    def __init__(
        self,
        a: Value,
        b: Value,
        transpose_a: bool = False,
        transpose_b: bool = False,
        result_type: Attribute | None = None,
        *,
        location: LocationAttr | None = None,
    ):
        flags = {"transpose_a": bool_attr(transpose_a), "transpose_b": bool_attr(transpose_b)}
        self._init_inferred((a, b), flags, result_type, location)

    def infer_shape(self) -> Shape:
        a, b = shape_of(self.a), shape_of(self.b)
        return matmul_shape(a, b, bool(self.transpose_a), bool(self.transpose_b))


MATMUL_OPS = (LinearOp, MatmulOp)
