"""The matrix multiplication kernel."""

from __future__ import annotations

from collections.abc import Sequence

from xdsl.dialects.builtin import UnitAttr
from xdsl.ir import Attribute
from xdsl.irdl import (
    AttrSizedOperandSegments,
    irdl_op_definition,
    operand_def,
    opt_operand_def,
    opt_prop_def,
    result_def,
)

from tilewright.dialects.tile.attributes import PrecisionAttr, TileInfo
from tilewright.dialects.tile.bases import KernelOp, TileTensor, Value, broadcast_shapes
from tilewright.support.dataformat import TILE_DIM


@irdl_op_definition
class MatmulOp(KernelOp):
    """`in0 @ in1 (+ bias)`: [.., M, K] by [.., K, N], batch dimensions broadcast.

    `transpose_in1` reads in1 as [.., N, K] through a transpose tensor manipulation. The bias, [N] or [1, N], is added
    to the finished sum, before it is packed. Padding along K must be zero in both operands.
    """

    name = "tile.matmul"

    in0 = operand_def(TileTensor)
    in1 = operand_def(TileTensor)
    bias = opt_operand_def(TileTensor)
    transpose_in1 = opt_prop_def(UnitAttr)
    result = result_def(TileTensor)

    irdl_options = (AttrSizedOperandSegments(as_property=True),)

    assembly_format = (
        "$in0 `,` $in1 (`bias` $bias^)? (`transposed` $transpose_in1^)? `,` $precision (`at` $placement^)? attr-dict "
        "`:` type($in0) `,` type($in1) (`,` type($bias)^)? `->` type($result)"
    )

    def __init__(
        self,
        in0: Value,
        in1: Value,
        precision: PrecisionAttr,
        result_type: Attribute,
        *,
        bias: Value | None = None,
        transpose_in1: bool = False,
    ):
        super().__init__(
            operands=[in0, in1, bias],
            properties={"precision": precision, "transpose_in1": UnitAttr() if transpose_in1 else None},
            result_types=[result_type],
        )

    @property
    def transposed(self) -> bool:
        """Whether in1 is read transposed."""
        return "transpose_in1" in self.properties

    def infer_shape(self, operands: Sequence[TileInfo]) -> tuple[int, ...]:
        in0, in1 = operands[0].matrix, operands[1].matrix
        if self.transposed:
            in1 = (*in1[:-2], in1[-1], in1[-2])
        self.require(in0[-1] == in1[-2], f"inner dimensions differ: in0 has {in0[-1]}, in1 has {in1[-2]}")
        return (*broadcast_shapes(in0[:-2], in1[:-2]), in0[-2], in1[-1])

    def verify_operands(self, operands: Sequence[TileInfo], result: TileInfo) -> None:
        if operands[0].matrix[-1] % TILE_DIM:
            for role, info in zip(("in0", "in1"), operands, strict=False):
                found = "undef" if info.pad is None else info.pad
                self.require(
                    info.pad == 0.0, f"the inner dimension is padded, so the padding of {role} must be 0, found {found}"
                )
        if len(operands) == 3:
            expected = (1, result.matrix[-1])
            self.require(
                operands[2].matrix == expected, f"bias has the logical shape {operands[2].matrix}, expected {expected}"
            )
        if self.placement is not None:
            place, inner = self.placement.placement, operands[0].grid[-1]
            self.require(
                place.m_k * place.u_kt == inner,
                f"the placement covers {place.m_k} x {place.u_kt} tiles of the inner dimension, expected {inner}",
            )


MATMUL_OPS: list[type[KernelOp]] = [MatmulOp]
"""All ops of this family."""
