"""Normalisations over a dimension that is cut into shards."""

from __future__ import annotations

from abc import ABC

from xdsl.dialects.builtin import AnyTensorTypeConstr
from xdsl.ir import SSAValue
from xdsl.irdl import irdl_op_definition, operand_def, opt_operand_def, prop_def, traits_def
from xdsl.utils.exceptions import VerifyException

from tilewright.dialects.ttir.attributes import F32Attr, UI32Attr, f32_attr
from tilewright.dialects.ttir.bases import SegmentedOp, SingleResultOp
from tilewright.dialects.ttir.collectives_shapes import verify_axis_of_mesh
from tilewright.dialects.ttir.shapes import Shape, may_be_equal, require
from tilewright.dialects.ttir.traits import AcrossMesh
from tilewright.dialects.types import shape_of

_DEFAULT_EPSILON = f32_attr(1e-5)


class DistributedNormOp(SegmentedOp, SingleResultOp, ABC):
    """Normalises over the last dimension as if the shards of the devices along `cluster_axis` were one tensor.

    With a `residual`, it is added to the input first.

    Shapes: input, residual and result (.., N); weight and bias have the last extent N.

    Conditions: `cluster_axis` is 0 or 1; `epsilon` is positive.
    """

    cluster_axis = prop_def(UI32Attr)
    epsilon = prop_def(F32Attr, default_value=_DEFAULT_EPSILON)

    traits = traits_def(AcrossMesh())

    def _normalized_shape(self, input: SSAValue, residual: SSAValue | None, **affine: SSAValue | None) -> Shape:
        """The shape of the result; `affine` are operands by name that have its last extent."""
        shape = shape_of(input)
        verify_axis_of_mesh(self.cluster_axis.value.data)
        epsilon = self.epsilon.value.data
        require(epsilon > 0, f"attribute 'epsilon' is {epsilon}, expected a positive value")
        require(len(shape) >= 1, f"operand 'input' has the shape {shape}, expected rank >= 1")
        if residual is not None and not may_be_equal(shape_of(residual), shape):
            raise VerifyException(
                f"operand 'residual' has the shape {shape_of(residual)}, expected {shape}, that of 'input'"
            )
        for name, value in affine.items():
            if value is not None and not may_be_equal(shape_of(value)[-1:], shape[-1:]):
                raise VerifyException(
                    f"operand '{name}' has the shape {shape_of(value)}, expected the last extent {shape[-1]} of 'input'"
                )
        return shape


@irdl_op_definition
class DistributedRMSNormOp(DistributedNormOp):
    """x / sqrt(mean(x^2) + epsilon) * weight, where the mean is that over all shards of the last dimension."""

    name = "ttir.distributed_rms_norm"

    input = operand_def(AnyTensorTypeConstr)
    weight = opt_operand_def(AnyTensorTypeConstr)
    residual = opt_operand_def(AnyTensorTypeConstr)

    def infer_shape(self) -> Shape:
        return self._normalized_shape(self.input, self.residual, weight=self.weight)


@irdl_op_definition
class DistributedLayerNormOp(DistributedNormOp):
    """(x - mean(x)) / sqrt(var(x) + epsilon) * weight + bias, with the mean and the variance over all shards of the
    last dimension."""

    name = "ttir.distributed_layer_norm"

    input = operand_def(AnyTensorTypeConstr)
    weight = opt_operand_def(AnyTensorTypeConstr)
    bias = opt_operand_def(AnyTensorTypeConstr)
    residual = opt_operand_def(AnyTensorTypeConstr)

    def infer_shape(self) -> Shape:
        return self._normalized_shape(self.input, self.residual, weight=self.weight, bias=self.bias)


DISTRIBUTED_NORM_OPS = (DistributedLayerNormOp, DistributedRMSNormOp)
