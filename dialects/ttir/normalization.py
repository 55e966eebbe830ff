"""Softmax and normalisations."""

from __future__ import annotations

from abc import ABC
from collections.abc import Sequence

from xdsl.dialects.builtin import AnyTensorTypeConstr, BoolAttr, DenseArrayBase, IntegerType, LocationAttr
from xdsl.ir import Attribute
from xdsl.irdl import irdl_op_definition, operand_def, opt_operand_def, prop_def
from xdsl.utils.exceptions import VerifyException

from tilewright.dialects.ttir.attributes import (
    DENSE_I64,
    FALSE,
    F32Attr,
    SI32Attr,
    bool_attr,
    dense_i64,
    f32_attr,
    integer_attr,
    si32,
)
from tilewright.dialects.ttir.bases import SegmentedOp, SingleResultOp, Value, value_of
from tilewright.dialects.ttir.shapes import Shape, normalized_axis
from tilewright.dialects.types import shape_of

_DEFAULT_EPSILON = f32_attr(1e-5)


@irdl_op_definition
class SoftmaxOp(SingleResultOp):
    """exp(x) divided by the sum of exp(x) along a dimension; if `numericStable`, of x less the largest x there.

    Shapes: the result has that of the operand.

    Conditions: `dimension` is in [-rank, rank).
    """

    name = "ttir.softmax"

    input = operand_def(AnyTensorTypeConstr)

    dimension = prop_def(SI32Attr)
    numeric_stable = prop_def(BoolAttr, default_value=FALSE, prop_name="numericStable")

    def __init__(
        self,
        input: Value,
        dimension: int,
        numeric_stable: bool = False,
        result_type: Attribute | None = None,
        *,
        location: LocationAttr | None = None,
    ):
        operand = value_of(input)
        properties = {"dimension": integer_attr(dimension, si32), "numericStable": bool_attr(numeric_stable)}
        self._init((operand,), (result_type or operand.type,), properties, location)

    @property
    def axis(self) -> int:
        """The dimension, counted from the front."""
        return normalized_axis(self.dimension.value.data, len(shape_of(self.input)), "dimension")

    def infer_shape(self) -> Shape:
        normalized_axis(self.dimension.value.data, len(shape_of(self.input)), "dimension")
        return shape_of(self.input)


class NormalizationOp(SegmentedOp, SingleResultOp, ABC):
    """Normalises over the last dimensions, whose shape is `normalized_shape`; then times `weight`, plus `bias`.

    Shapes: the result has that of `input`, which ends in `normalized_shape`; `weight` and `bias` have
    `normalized_shape`.
    """

    input = operand_def(AnyTensorTypeConstr)
    weight = opt_operand_def(AnyTensorTypeConstr)
    bias = opt_operand_def(AnyTensorTypeConstr)

    normalized_shape: DenseArrayBase[IntegerType] = prop_def(DENSE_I64)
    epsilon = prop_def(F32Attr, default_value=_DEFAULT_EPSILON)

    def __init__(
        self,
        input: Value,
        normalized_shape: Sequence[int],
        weight: Value | None = None,
        bias: Value | None = None,
        epsilon: float = 1e-5,
        result_type: Attribute | None = None,
        *,
        location: LocationAttr | None = None,
    ):
        operand = value_of(input)
        properties = {"epsilon": f32_attr(epsilon), "normalized_shape": dense_i64(normalized_shape)}
        self._init_segments((operand, weight, bias), (result_type or operand.type,), properties, location)

    @property
    def axes(self) -> tuple[int, ...]:
        """The dimensions over which is normalised, counted from the front."""
        rank = len(shape_of(self.input))
        return tuple(range(rank - len(self.normalized_shape), rank))

    def infer_shape(self) -> Shape:
        shape = shape_of(self.input)
        normalized = tuple(self.normalized_shape.get_values())
        if not normalized or shape[-len(normalized) :] != normalized:
            raise VerifyException(
                f"attribute 'normalized_shape' is {list(normalized)}, "
                f"expected the last dimensions of 'input' with the shape {shape}"
            )
        for name, value in (("weight", self.weight), ("bias", self.bias)):
            if value is not None and shape_of(value) != normalized:
                raise VerifyException(
                    f"operand '{name}' has the shape {shape_of(value)}, expected {normalized}, 'normalized_shape'"
                )
        return shape


@irdl_op_definition
class LayerNormOp(NormalizationOp):
    """(x - mean(x)) / sqrt(var(x) + epsilon), over the last dimensions; then times `weight`, plus `bias`."""

    name = "ttir.layer_norm"


@irdl_op_definition
class RMSNormOp(NormalizationOp):
    """x / sqrt(mean(x^2) + epsilon), over the last dimensions; then times `weight`, plus `bias`."""

    name = "ttir.rms_norm"


NORMALIZATION_OPS = (LayerNormOp, RMSNormOp, SoftmaxOp)
