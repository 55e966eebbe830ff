"""Kernels that work along rows: reductions, and the fused kernels that keep a whole row in Dest.

Padding along the reduced dimensions never counts: these kernels mask it themselves.
"""

from __future__ import annotations

from abc import ABC
from collections.abc import Sequence

from xdsl.dialects.builtin import FloatAttr, f32
from xdsl.ir import Attribute
from xdsl.irdl import (
    AttrSizedOperandSegments,
    irdl_op_definition,
    operand_def,
    opt_operand_def,
    prop_def,
    result_def,
)

from tilewright.dialects.tile.attributes import IntsAttr, PrecisionAttr, TileInfo
from tilewright.dialects.tile.bases import KernelOp, TileTensor, Value, broadcast_shapes


class ReduceOp(KernelOp, ABC):
    """Reduces the logical dimensions `dims` (not negative, ascending), which stay with extent 1."""

    input = operand_def(TileTensor)
    dims = prop_def(IntsAttr)
    result = result_def(TileTensor)

    assembly_format = (
        "$input `dims` `=` $dims `,` $precision (`at` $placement^)? attr-dict `:` type($input) `->` type($result)"
    )

    def __init__(self, input: Value, dims: Sequence[int], precision: PrecisionAttr, result_type: Attribute):
        super().__init__(
            operands=[input],
            properties={
                "dims": IntsAttr.of(*dims),
                "precision": precision,
            },
            result_types=[result_type],
        )

    @property
    def axes(self) -> tuple[int, ...]:
        """The reduced logical dimensions."""
        return self.dims.values

    def infer_shape(self, operands: Sequence[TileInfo]) -> tuple[int, ...]:
        logical = operands[0].logical
        axes = self.axes
        self.require(
            axes == tuple(sorted(set(axes))) and all(0 <= a < len(logical) for a in axes) and len(axes) > 0,
            f"dims = {list(axes)} must be ascending dimensions of {logical}",
        )
        return tuple(1 if i in axes else d for i, d in enumerate(logical))


@irdl_op_definition
class ReduceSumOp(ReduceOp):
    """Sum over `dims`."""

    name = "tile.reduce_sum"


@irdl_op_definition
class ReduceMeanOp(ReduceOp):
    """Sum over `dims`, times the float32 reciprocal of their extent."""

    name = "tile.reduce_mean"


@irdl_op_definition
class ReduceMaxOp(ReduceOp):
    """Largest element over `dims`."""

    name = "tile.reduce_max"


@irdl_op_definition
class ReduceMinOp(ReduceOp):
    """Smallest element over `dims`."""

    name = "tile.reduce_min"


@irdl_op_definition
class SoftmaxOp(KernelOp):
    """`softmax(x * scale + mask)` along the last logical dimension, all in Float32 inside the kernel.

    The mask broadcasts to the input. A row whose every element is -infinity becomes zeros, as in torch's attention.
    """

    name = "tile.softmax"

    input = operand_def(TileTensor)
    mask = opt_operand_def(TileTensor)
    scale = prop_def(FloatAttr)
    result = result_def(TileTensor)

    assembly_format = (
        "$input (`mask` $mask^)? `scale` `=` $scale `,` $precision (`at` $placement^)? attr-dict `:` "
        "type($input) (`,` type($mask)^)? `->` type($result)"
    )

    def __init__(
        self,
        input: Value,
        precision: PrecisionAttr,
        result_type: Attribute,
        *,
        mask: Value | None = None,
        scale: float = 1.0,
    ):
        super().__init__(
            operands=[input, mask],
            properties={"scale": FloatAttr(scale, f32), "precision": precision},
            result_types=[result_type],
        )

    def infer_shape(self, operands: Sequence[TileInfo]) -> tuple[int, ...]:
        logical = operands[0].logical
        self.require(len(logical) >= 1, "needs at least one dimension, found ()")
        if len(operands) == 2:
            shape = broadcast_shapes(logical, operands[1].logical)
            self.require(shape == logical, f"a mask of {operands[1].logical} does not broadcast to {logical}")
        return logical


@irdl_op_definition
class LayerNormOp(KernelOp):
    """Normalises the last logical dimension to mean 0 and variance 1, then `* weight + bias`, in Float32 inside."""

    name = "tile.layer_norm"

    input = operand_def(TileTensor)
    weight = opt_operand_def(TileTensor)
    bias = opt_operand_def(TileTensor)
    epsilon = prop_def(FloatAttr)
    result = result_def(TileTensor)

    irdl_options = (AttrSizedOperandSegments(as_property=True),)

    assembly_format = (
        "$input (`weight` $weight^)? (`bias` $bias^)? `epsilon` `=` $epsilon `,` $precision (`at` $placement^)? "
        "attr-dict `:` type($input) (`weight` type($weight)^)? (`bias` type($bias)^)? `->` type($result)"
    )

    def __init__(
        self,
        input: Value,
        precision: PrecisionAttr,
        result_type: Attribute,
        *,
        weight: Value | None = None,
        bias: Value | None = None,
        epsilon: float,
    ):
        super().__init__(
            operands=[input, weight, bias],
            properties={"epsilon": FloatAttr(epsilon, f32), "precision": precision},
            result_types=[result_type],
        )

    def infer_shape(self, operands: Sequence[TileInfo]) -> tuple[int, ...]:
        logical = operands[0].logical
        self.require(len(logical) >= 1, "needs at least one dimension, found ()")
        expected = (1, logical[-1])
        names = [name for name, value in (("weight", self.weight), ("bias", self.bias)) if value is not None]
        for name, info in zip(names, operands[1:], strict=True):
            self.require(info.matrix == expected, f"{name} has the logical shape {info.matrix}, expected {expected}")
        return logical


ROWWISE_OPS: list[type[KernelOp]] = [ReduceSumOp, ReduceMeanOp, ReduceMaxOp, ReduceMinOp, SoftmaxOp, LayerNormOp]
"""All ops of this family."""
