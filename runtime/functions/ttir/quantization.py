"""Real numbers to quantised ones and back.

A quantised tensor is a torch tensor of the integers that are stored (`i8` as int8, `u8` as uint8, up to 32 bits);
scale and zero point stand in the type of the value. Scales are applied in Float64: the result of a dequantisation is
the exact product rounded once to Float64 and once to the expressed type, and a quotient is rounded to an integer with
ties to even. What lies outside of the range of the stored integers, infinities included, becomes the nearest end of it.
NaN cannot be quantised. A scale from data that is zero, negative, infinite or NaN is an error, whichever op takes it:
it would give all numbers one integer, or none.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from xdsl.ir import Attribute, SSAValue

from tilewright.dialects import ttir
from tilewright.dialects.quant import UniformQuantizedType
from tilewright.dialects.types import element_type_of, shape_of
from tilewright.runtime.dtypes import torch_dtype
from tilewright.runtime.functions.ttir.common import dtype_of
from tilewright.runtime.functions.ttir.numbers import convert
from tilewright.runtime.interpreter import DialectFunctions, Interpreter, Step, implements
from tilewright.support.errors import NumericsError, UnsupportedInputError


@dataclass(frozen=True, slots=True)
class Quantization:
    """How the integers of a tensor stand for real numbers.

    Attributes:
        scale: Float64, of a shape that broadcasts with the tensor.
        zero_point: Int64, likewise.
        least: The least integer that is stored.
        most: The largest integer that is stored.
        dtype: What the integers are stored in.
    """

    scale: torch.Tensor
    zero_point: torch.Tensor
    least: int
    most: int
    dtype: torch.dtype

    @staticmethod
    def of(type: Attribute, shape: Sequence[int]) -> Quantization:
        """The quantisation that an element type says, for a tensor of this shape.

        Raises:
            UnsupportedInputError: there are not as many scales as the axis has entries.
        """
        assert isinstance(type, UniformQuantizedType)
        axis, count = type.quantized_dimension, len(type.scales)
        if axis is not None and (axis >= len(shape) or shape[axis] != count):
            raise UnsupportedInputError(
                f"a tensor of the shape {tuple(shape)} cannot have the elements {type}",
                why=f"there are {count} scales for dimension {axis}",
                hint="give one scale for each index along the dimension",
            )
        scale = torch.tensor(type.scale_values, dtype=torch.float64)
        zero_point = torch.tensor(type.zero_point_values, dtype=torch.int64)
        least, most = type.limits
        return Quantization(
            _along(scale, axis, len(shape)), _along(zero_point, axis, len(shape)), least, most, torch_dtype(type)
        )

    def with_parameters(
        self, scale: torch.Tensor, zero_point: torch.Tensor, axis: int | None, rank: int
    ) -> Quantization:
        """This storage, with scales and zero points along `axis` from tensors.

        Raises:
            NumericsError: a scale is no finite number > 0.
        """
        factor = scale.to(torch.float64)
        if not bool((factor.isfinite() & (factor > 0)).all()):
            raise NumericsError(
                "a scale is not a finite number > 0",
                why=f"scales from {float(factor.min())} to {float(factor.max())}",
                hint="check the model's inputs",
            )
        return Quantization(
            _along(factor, axis, rank),
            _along(zero_point.to(torch.int64), axis, rank),
            self.least,
            self.most,
            self.dtype,
        )

    def quantize(self, numbers: torch.Tensor) -> torch.Tensor:
        """The integers for real numbers.

        Raises:
            NumericsError: a number is NaN.
        """
        return self._stored(numbers.to(torch.float64) / self.scale)

    def dequantize(self, integers: torch.Tensor) -> torch.Tensor:
        """The real numbers for integers, in Float64."""
        return self._centered(integers) * self.scale

    def requantize(self, integers: torch.Tensor, source: Quantization) -> torch.Tensor:
        """The integers for what `integers` are in `source`."""
        centered = source._centered(integers)
        # The quotient of two scales may overflow; zero stays zero.
        return self._stored(torch.where(centered == 0, 0.0, centered * (source.scale / self.scale)))

    def _centered(self, integers: torch.Tensor) -> torch.Tensor:
        return (integers.to(torch.int64) - self.zero_point).to(torch.float64)

    def _stored(self, quotient: torch.Tensor) -> torch.Tensor:
        if bool(quotient.isnan().any()):
            raise NumericsError(
                "NaN cannot be quantised",
                why="no integer stands for it",
                hint="find where it comes from: `tilewright run` prints the range of each output",
            )
        # Float64 holds all integers of 32 bits, and their sums with a zero point of 64.
        return (quotient.round() + self.zero_point).clamp(self.least, self.most).to(self.dtype)


def _along(parameters: torch.Tensor, axis: int | None, rank: int) -> torch.Tensor:
    """Scales or zero points in a shape that broadcasts: all of them along `axis`, or a single one."""
    if axis is None or parameters.numel() == 1:
        return parameters.reshape(())
    return parameters.reshape([-1 if d == axis else 1 for d in range(rank)])


def _quantization(value: SSAValue) -> Quantization:
    return Quantization.of(element_type_of(value), shape_of(value))


class QuantizationFunctions(DialectFunctions):
    """The ops from real numbers to quantised ones and back."""

    @implements(ttir.QuantizeOp)
    def quantize(self, op: ttir.QuantizeOp, interpreter: Interpreter) -> Step:
        target = _quantization(op.result)

        def step(x: torch.Tensor) -> Sequence[torch.Tensor]:
            return (target.quantize(x),)

        return step

    @implements(ttir.DequantizeOp)
    def dequantize(self, op: ttir.DequantizeOp, interpreter: Interpreter) -> Step:
        source, dtype = _quantization(op.input), dtype_of(op)

        def step(q: torch.Tensor) -> Sequence[torch.Tensor]:
            return (convert(source.dequantize(q), dtype),)

        return step

    @implements(ttir.RequantizeOp)
    def requantize(self, op: ttir.RequantizeOp, interpreter: Interpreter) -> Step:
        source, target = _quantization(op.input), _quantization(op.result)

        def step(q: torch.Tensor) -> Sequence[torch.Tensor]:
            return (target.requantize(q, source),)

        return step

    @implements(ttir.QuantizeUnrolledOp)
    def quantize_unrolled(self, op: ttir.QuantizeUnrolledOp, interpreter: Interpreter) -> Step:
        storage, axis, rank = _quantization(op.result), op.dimension, len(shape_of(op.input))

        def step(x: torch.Tensor, scale: torch.Tensor, zero_point: torch.Tensor) -> Sequence[torch.Tensor]:
            return (storage.with_parameters(scale, zero_point, axis, rank).quantize(x),)

        return step

    @implements(ttir.DequantizeUnrolledOp)
    def dequantize_unrolled(self, op: ttir.DequantizeUnrolledOp, interpreter: Interpreter) -> Step:
        storage, axis, rank, dtype = _quantization(op.input), op.dimension, len(shape_of(op.input)), dtype_of(op)

        def step(q: torch.Tensor, scale: torch.Tensor, zero_point: torch.Tensor) -> Sequence[torch.Tensor]:
            return (convert(storage.with_parameters(scale, zero_point, axis, rank).dequantize(q), dtype),)

        return step

    @implements(ttir.RequantizeUnrolledOp)
    def requantize_unrolled(self, op: ttir.RequantizeUnrolledOp, interpreter: Interpreter) -> Step:
        source, target = _quantization(op.input), _quantization(op.result)
        axis, rank = op.dimension, len(shape_of(op.input))

        def step(
            q: torch.Tensor,
            in_scale: torch.Tensor,
            in_zero_point: torch.Tensor,
            out_scale: torch.Tensor,
            out_zero_point: torch.Tensor,
        ) -> Sequence[torch.Tensor]:
            before = source.with_parameters(in_scale, in_zero_point, axis, rank)
            return (target.with_parameters(out_scale, out_zero_point, axis, rank).requantize(q, before),)

        return step
