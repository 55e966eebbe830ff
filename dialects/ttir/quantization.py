"""Ops from real numbers to quantised ones and back.

A quantised element, `!quant.uniform<i8:f32, 0.1:3>`, is an integer q that means the real number `(q - zero) * scale`.
Scale and zero point stand in the type; the *unrolled* ops take them as operands.
"""

from __future__ import annotations

from abc import ABC

from xdsl.dialects.builtin import DYNAMIC_INDEX, AnyFloat, AnyTensorTypeConstr, IntegerType
from xdsl.ir import SSAValue
from xdsl.irdl import irdl_op_definition, operand_def, opt_prop_def, traits_def
from xdsl.utils.exceptions import VerifyException

from tilewright.dialects.quant import UniformQuantizedType
from tilewright.dialects.ttir.attributes import I32Attr
from tilewright.dialects.ttir.bases import SingleResultOp
from tilewright.dialects.ttir.shapes import Shape, require
from tilewright.dialects.ttir.traits import RequantizePatterns
from tilewright.dialects.types import element_type_of, shape_of


class QuantizationOp(SingleResultOp, ABC):
    """Computes each element of the result from that of its first operand, the input."""

    def infer_shape(self) -> Shape:
        return shape_of(self.operands[0])


def _require_float(value: SSAValue, role: str) -> None:
    found = element_type_of(value)
    require(isinstance(found, AnyFloat), f"{role} has the element type {found}, expected a float")


def _require_quantized(value: SSAValue, role: str) -> UniformQuantizedType:
    found = element_type_of(value)
    if not isinstance(found, UniformQuantizedType):
        raise VerifyException(f"{role} has the element type {found}, expected a quantised one")
    return found


@irdl_op_definition
class QuantizeOp(QuantizationOp):
    """`clamp(round(x / scale) + zero)`: ties round to even, and the range is that of the stored integers.

    Shapes: the result has that of the input.

    Conditions: the input has floats, the result quantised elements.
    """

    name = "ttir.quantize"

    input = operand_def(AnyTensorTypeConstr)

    def verify_semantics(self) -> None:
        _require_float(self.input, "operand 'input'")
        _require_quantized(self.result, "the result")
        super().verify_semantics()


@irdl_op_definition
class DequantizeOp(QuantizationOp):
    """`(q - zero) * scale`: the numbers that the elements mean.

    Shapes: the result has that of the input.

    Conditions: the input has quantised elements, the result floats.
    """

    name = "ttir.dequantize"

    input = operand_def(AnyTensorTypeConstr)

    def verify_semantics(self) -> None:
        _require_quantized(self.input, "operand 'input'")
        _require_float(self.result, "the result")
        super().verify_semantics()


@irdl_op_definition
class RequantizeOp(QuantizationOp):
    """`clamp(round((q - zero) * (scale / result scale)) + result zero)`: the same numbers in another quantisation.

    Shapes: the result has that of the input.

    Conditions: both have quantised elements.
    """

    name = "ttir.requantize"

    input = operand_def(AnyTensorTypeConstr)

    traits = traits_def(RequantizePatterns())

    def verify_semantics(self) -> None:
        _require_quantized(self.input, "operand 'input'")
        _require_quantized(self.result, "the result")
        super().verify_semantics()


class UnrolledOp(QuantizationOp, ABC):
    """A quantisation op that takes scales and zero points as operands, not from the type.

    Along `axis`, there may be one of each for every index; else there is one.
    """

    axis = opt_prop_def(I32Attr)

    @property
    def dimension(self) -> int | None:
        """The dimension along which scales and zero points differ, if they do."""
        return None if self.axis is None else self.axis.value.data

    def _verify_unrolled(self, *parameters: tuple[str, SSAValue]) -> None:
        shape, axis = shape_of(self.operands[0]), self.dimension
        if axis is not None and not 0 <= axis < len(shape):
            raise VerifyException(f"attribute 'axis' is {axis}, expected a value in [0, {len(shape)})")
        _verify_type(self.operands[0], "operand 'input'")
        _verify_type(self.result, "the result")
        allowed: list[Shape] = [(), (1,)]
        if axis is not None:
            allowed.append((shape[axis],))
        for name, value in parameters:
            found, element = shape_of(value), element_type_of(value)
            is_scale = name.endswith("scale")
            if found not in allowed and DYNAMIC_INDEX not in (*found, *allowed[-1]):
                raise VerifyException(f"operand '{name}' has the shape {found}, expected {allowed[-1]}")
            if not isinstance(element, AnyFloat if is_scale else IntegerType):
                expected = "a float" if is_scale else "an integer"
                raise VerifyException(f"operand '{name}' has the element type {element}, expected {expected}")
        super().verify_semantics()


def _verify_type(value: SSAValue, role: str) -> None:
    """Check that the quantisation of `value`, if it has one, fits its shape and its storage."""
    type = element_type_of(value)
    if not isinstance(type, UniformQuantizedType):
        return
    axis, shape = type.quantized_dimension, shape_of(value)
    if axis is not None:
        if axis >= len(shape):
            raise VerifyException(f"{role} is quantised along dimension {axis}, expected a value in [0, {len(shape)})")
        count = len(type.scales)
        if shape[axis] not in (DYNAMIC_INDEX, count):
            raise VerifyException(f"{role} has {count} scales, expected {shape[axis]}, its extent in dimension {axis}")
    least, most = type.limits
    for zero in type.zero_point_values:
        if not least <= zero <= most:
            raise VerifyException(
                f"{role} has the zero point {zero}, expected a value in [{least}, {most}], "
                f"the range of its storage type {type.storage_name}"
            )


@irdl_op_definition
class QuantizeUnrolledOp(UnrolledOp):
    """`clamp(round(x / scale) + zero_point)` as `quantize` does, with scale and zero point from the operands.

    A scale that is no finite number > 0 is an error of the data when the op is executed.

    Shapes: the result has that of the input; scale and zero point () or (1), or (N) for the extent N of the input
    along `axis`.

    Conditions: the input has floats, the result quantised elements, whose type has as many scales as the result has
    entries along its axis, and zero points in the range of the stored integers.
    """

    name = "ttir.quantize_unrolled"

    input = operand_def(AnyTensorTypeConstr)
    scale = operand_def(AnyTensorTypeConstr)
    zero_point = operand_def(AnyTensorTypeConstr)

    def verify_semantics(self) -> None:
        _require_float(self.input, "operand 'input'")
        _require_quantized(self.result, "the result")
        self._verify_unrolled(("scale", self.scale), ("zero_point", self.zero_point))


@irdl_op_definition
class DequantizeUnrolledOp(UnrolledOp):
    """`(q - zero_point) * scale` as `dequantize` does, with scale and zero point from the operands.

    A scale that is no finite number > 0 is an error of the data when the op is executed.

    Shapes: the result has that of the input; scale and zero point () or (1), or (N) for the extent N of the input
    along `axis`.

    Conditions: the input has quantised elements, whose type has as many scales as the input has entries along its
    axis, and zero points in the range of the stored integers; the result has floats.
    """

    name = "ttir.dequantize_unrolled"

    input = operand_def(AnyTensorTypeConstr)
    scale = operand_def(AnyTensorTypeConstr)
    zero_point = operand_def(AnyTensorTypeConstr)

    def verify_semantics(self) -> None:
        _require_quantized(self.input, "operand 'input'")
        _require_float(self.result, "the result")
        self._verify_unrolled(("scale", self.scale), ("zero_point", self.zero_point))


@irdl_op_definition
class RequantizeUnrolledOp(UnrolledOp):
    """`clamp(round((q - in_zero_point) * (in_scale / out_scale)) + out_zero_point)` as `requantize` does.

    A scale that is no finite number > 0 is an error of the data when the op is executed.

    Shapes: the result has that of the input; scales and zero points () or (1), or (N) for the extent N of the input
    along `axis`.

    Conditions: input and result have quantised elements, both with an axis or both without; their types have as many
    scales as there are entries along the axis, and zero points in the range of the stored integers.
    """

    name = "ttir.requantize_unrolled"

    input = operand_def(AnyTensorTypeConstr)
    in_scale = operand_def(AnyTensorTypeConstr)
    in_zero_point = operand_def(AnyTensorTypeConstr)
    out_scale = operand_def(AnyTensorTypeConstr)
    out_zero_point = operand_def(AnyTensorTypeConstr)

    def verify_semantics(self) -> None:
        source = _require_quantized(self.input, "operand 'input'")
        target = _require_quantized(self.result, "the result")
        if (source.quantized_dimension is None) != (target.quantized_dimension is None):
            expected = "a single scale" if source.quantized_dimension is None else "scales along an axis"
            raise VerifyException(
                f"the result has the element type {target}, expected one with {expected}, as that of 'input', {source}"
            )
        self._verify_unrolled(
            ("in_scale", self.in_scale),
            ("in_zero_point", self.in_zero_point),
            ("out_scale", self.out_scale),
            ("out_zero_point", self.out_zero_point),
        )


QUANTIZATION_OPS = (
    DequantizeOp,
    DequantizeUnrolledOp,
    QuantizeOp,
    QuantizeUnrolledOp,
    RequantizeOp,
    RequantizeUnrolledOp,
)
