"""Normalisation of channels over a batch, and of groups of channels."""

from __future__ import annotations

from abc import ABC

from xdsl.dialects.builtin import DYNAMIC_INDEX, AnyTensorTypeConstr, LocationAttr, i32, i64
from xdsl.ir import Attribute, SSAValue
from xdsl.irdl import irdl_op_definition, operand_def, opt_operand_def, prop_def, result_def, traits_def
from xdsl.traits import Pure

from tilewright.dialects.ttir.attributes import F32Attr, I32Attr, I64Attr, f32_attr, integer_attr
from tilewright.dialects.ttir.bases import SegmentedOp, SingleResultOp, TTIROp, Value, value_of
from tilewright.dialects.ttir.shapes import Shape, may_be_equal, require
from tilewright.dialects.types import shape_of


def _dimension(dimension: int, shape: Shape) -> int:
    """`dimension`, which holds the channels of an operand of that shape."""
    require(2 <= len(shape) <= 5, f"operand 'operand' has the shape {shape}, expected a rank between 2 and 5")
    require(
        0 <= dimension < len(shape),
        f"attribute 'dimension' is {dimension}, expected a value in [0, {len(shape)}) for rank {len(shape)}",
    )
    return dimension


def _require_channels(name: str, value: SSAValue, shape: Shape, dimension: int) -> None:
    """One number a channel: (C,), or 1 in all dimensions but that of the channels."""
    found, channels = shape_of(value), shape[dimension]
    wide = tuple(channels if i == dimension else 1 for i in range(len(shape)))
    require(
        may_be_equal(found, (channels,)) or may_be_equal(found, wide),
        f"{name} has the shape {found}, expected ({channels},), the channels of 'operand', or {wide}",
    )


class BatchNormOp(TTIROp, ABC):
    """(operand - mean) / sqrt(variance + epsilon) * scale + offset, each channel by itself.

    The first operand and result are whole tensors, the others have one number a channel.
    """

    epsilon = prop_def(F32Attr)
    dimension = prop_def(I32Attr)

    traits = traits_def(Pure())

    @property
    def axis(self) -> int:
        """The dimension of the channels."""
        return _dimension(self.dimension.value.data, shape_of(self.operands[0]))

    def verify_semantics(self) -> None:
        shape, axis = shape_of(self.operands[0]), self.axis
        definition = type(self).get_irdl_definition()
        for (name, _), value in zip(definition.operands[1:], self.operands[1:], strict=True):
            _require_channels(f"operand '{name}'", value, shape, axis)
        found = shape_of(self.results[0])
        require(may_be_equal(found, shape), f"the result has the shape {found}, expected {shape}")
        for (name, _), value in zip(definition.results[1:], self.results[1:], strict=True):
            _require_channels(f"the result '{name}'", value, shape, axis)


@irdl_op_definition
class BatchNormInferenceOp(BatchNormOp):
    """(operand - mean) / sqrt(variance + epsilon) * scale + offset, each channel by itself.

    Shapes: operand and result equal, of a rank from 2 to 5, with the C channels in `dimension`; the others (C,), or C
    in that dimension and 1 in the rest.

    Conditions: `dimension` is counted from the front.
    """

    name = "ttir.batch_norm_inference"

    operand = operand_def(AnyTensorTypeConstr)
    scale = operand_def(AnyTensorTypeConstr)
    offset = operand_def(AnyTensorTypeConstr)
    mean = operand_def(AnyTensorTypeConstr)
    variance = operand_def(AnyTensorTypeConstr)

    result = result_def(AnyTensorTypeConstr)

    def __init__(
        self,
        operand: Value,
        scale: Value,
        offset: Value,
        mean: Value,
        variance: Value,
        epsilon: float,
        dimension: int,
        result_type: Attribute | None = None,
        *,
        location: LocationAttr | None = None,
    ):
        operands = tuple(map(value_of, (operand, scale, offset, mean, variance)))
        properties: dict[str, Attribute] = {"dimension": integer_attr(dimension, i32), "epsilon": f32_attr(epsilon)}
        self._init(operands, (result_type or operands[0].type,), properties, location)


@irdl_op_definition
class BatchNormTrainingOp(BatchNormOp):
    """Batch normalisation by the mean and the variance of the batch itself, which are results too.

    batch_mean and batch_variance are those of each channel over all other dimensions (the mean of the squares of the
    deviations), and result is (operand - batch_mean) / sqrt(batch_variance + epsilon) * scale + offset. The running
    mean and variance do not enter into the results; with `momentum` m their next values are
    m * batch + (1 - m) * running. tt-mlir documents the results so, but its lowering to TTNN and its golden function
    give these next values for batch_mean and batch_variance. They are the same for a momentum of 1, which is what it
    makes of StableHLO.

    Shapes: operand and result equal, of a rank from 2 to 5, with the C channels in `dimension`; the others (C,), or C
    in that dimension and 1 in the rest.

    Conditions: `dimension` is counted from the front.
    """

    name = "ttir.batch_norm_training"

    operand = operand_def(AnyTensorTypeConstr)
    scale = operand_def(AnyTensorTypeConstr)
    offset = operand_def(AnyTensorTypeConstr)
    running_mean = operand_def(AnyTensorTypeConstr)
    running_variance = operand_def(AnyTensorTypeConstr)

    momentum = prop_def(F32Attr)

    result = result_def(AnyTensorTypeConstr)
    batch_mean = result_def(AnyTensorTypeConstr)
    batch_variance = result_def(AnyTensorTypeConstr)

    def __init__(
        self,
        operand: Value,
        scale: Value,
        offset: Value,
        running_mean: Value,
        running_variance: Value,
        epsilon: float,
        dimension: int,
        momentum: float,
        *,
        location: LocationAttr | None = None,
    ):
        operands = tuple(map(value_of, (operand, scale, offset, running_mean, running_variance)))
        properties: dict[str, Attribute] = {
            "dimension": integer_attr(dimension, i32),
            "epsilon": f32_attr(epsilon),
            "momentum": f32_attr(momentum),
        }
        self._init(operands, (operands[0].type, operands[3].type, operands[4].type), properties, location)


@irdl_op_definition
class GroupNormOp(SegmentedOp, SingleResultOp):
    """(input - mean) / sqrt(variance + epsilon) * weight + bias, with one mean and variance a group of channels.

    The channels are `num_groups` equal blocks; each block of each image has its mean and variance (the mean of the
    squares of the deviations). `input_mask` tells a device which of its columns belong to a group, and changes nothing.

    Shapes: input and result equal, of rank 4 or more, with images in dimension 0 and the C channels in `channel_dim`;
    weight and bias (C,).

    Conditions: `num_groups` divides C; `channel_dim` is counted from the front.
    """

    name = "ttir.group_norm"

    input = operand_def(AnyTensorTypeConstr)
    input_mask = opt_operand_def(AnyTensorTypeConstr)
    weight = opt_operand_def(AnyTensorTypeConstr)
    bias = opt_operand_def(AnyTensorTypeConstr)

    num_groups = prop_def(I64Attr)
    epsilon = prop_def(F32Attr, default_value=f32_attr(1e-12))
    channel_dim = prop_def(I64Attr, default_value=integer_attr(3, i64))

    def __init__(
        self,
        input: Value,
        num_groups: int,
        weight: Value | None = None,
        bias: Value | None = None,
        *,
        input_mask: Value | None = None,
        epsilon: float = 1e-12,
        channel_dim: int = 3,
        result_type: Attribute | None = None,
        location: LocationAttr | None = None,
    ):
        operand = value_of(input)
        properties: dict[str, Attribute] = {
            "num_groups": integer_attr(num_groups, i64),
            "epsilon": f32_attr(epsilon),
            "channel_dim": integer_attr(channel_dim, i64),
        }
        operands = (operand, input_mask, weight, bias)
        self._init_segments(operands, (result_type or operand.type,), properties, location)

    @property
    def axis(self) -> int:
        """The dimension of the channels."""
        shape, axis = shape_of(self.input), self.channel_dim.value.data
        require(
            0 <= axis < len(shape),
            f"attribute 'channel_dim' is {axis}, expected a value in [0, {len(shape)}) for rank {len(shape)}",
        )
        return axis

    def infer_shape(self) -> Shape:
        return shape_of(self.input)

    def verify_semantics(self) -> None:
        super().verify_semantics()
        shape, groups = shape_of(self.input), self.num_groups.value.data
        require(len(shape) >= 4, f"operand 'input' has the shape {shape}, expected rank >= 4")
        require(groups >= 1, f"attribute 'num_groups' is {groups}, expected a positive value")
        channels = shape[self.axis]
        require(
            channels == DYNAMIC_INDEX or channels % groups == 0,
            f"attribute 'num_groups' is {groups}, expected a divisor of the {channels} channels of 'input'",
        )
        for name, value in (("weight", self.weight), ("bias", self.bias)):
            if value is not None:
                found = shape_of(value)
                require(
                    may_be_equal(found, (channels,)),
                    f"operand '{name}' has the shape {found}, expected ({channels},), the channels of 'input'",
                )


BATCH_NORM_OPS = (BatchNormInferenceOp, BatchNormTrainingOp, GroupNormOp)
