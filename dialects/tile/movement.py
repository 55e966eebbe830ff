"""Kernels that move data: their result holds elements of their operands, converted to its format."""

from __future__ import annotations

from abc import ABC
from collections.abc import Sequence
from math import prod
from typing import ClassVar

from xdsl.dialects.builtin import FloatAttr, IntegerAttr, f32, i64
from xdsl.ir import Attribute
from xdsl.irdl import irdl_op_definition, operand_def, prop_def, result_def, var_operand_def

from tilewright.dialects.tile.attributes import IntsAttr, PrecisionAttr, TileInfo, tile_info
from tilewright.dialects.tile.bases import KernelOp, Numbers, TileTensor, Value, broadcast_shapes
from tilewright.dialects.tile.elementwise import UnaryOp


class RebuildingOp(KernelOp, ABC):
    """A kernel that puts the elements of its result into new tiles, and so writes their padding."""

    NUMBERS: ClassVar[Numbers] = Numbers.ALIKE
    WRITES_PADDING: ClassVar[bool] = True


class MovementOp(RebuildingOp, ABC):
    """One operand whose elements appear in the result at other places."""

    input = operand_def(TileTensor)
    result = result_def(TileTensor)

    assembly_format = "$input `,` $precision (`at` $placement^)? attr-dict `:` type($input) `->` type($result)"

    def __init__(self, input: Value, precision: PrecisionAttr, result_type: Attribute):
        super().__init__(operands=[input], properties={"precision": precision}, result_types=[result_type])


@irdl_op_definition
class ReshapeOp(MovementOp):
    """Same elements in row-major order under another logical shape."""

    name = "tile.reshape"

    def infer_shape(self, operands: Sequence[TileInfo]) -> tuple[int, ...]:
        target = tile_info(self.output).logical
        source = operands[0].logical
        self.require(prod(source) == prod(target), f"{prod(source)} elements of {source} do not fill {target}")
        return target


@irdl_op_definition
class BroadcastOp(MovementOp):
    """Repeats dimensions of extent 1 up to the result's logical shape, by NumPy's rule."""

    name = "tile.broadcast"

    def infer_shape(self, operands: Sequence[TileInfo]) -> tuple[int, ...]:
        target = tile_info(self.output).logical
        source = operands[0].logical
        self.require(broadcast_shapes(source, target) == target, f"{source} does not broadcast to {target}")
        return target


@irdl_op_definition
class FillPadOp(RebuildingOp, UnaryOp):
    """The same tensor, with `value` in its padding."""

    name = "tile.fill_pad"

    value = prop_def(FloatAttr)

    assembly_format = (
        "$input `value` `=` $value `,` $precision (`at` $placement^)? attr-dict `:` type($input) `->` type($result)"
    )

    def __init__(self, input: Value, value: float, precision: PrecisionAttr, result_type: Attribute):
        KernelOp.__init__(
            self,
            operands=[input],
            properties={"value": FloatAttr(value, f32), "precision": precision},
            result_types=[result_type],
        )

    def verify_operands(self, operands: Sequence[TileInfo], result: TileInfo) -> None:
        value = self.value.value.data
        self.require(result.pad == value, f"fills with {value}, but the result's layout says pad = {result.pad}")


@irdl_op_definition
class PermuteOp(RebuildingOp):
    """Result dimension i is the operand's logical dimension `order[i]`."""

    name = "tile.permute"

    input = operand_def(TileTensor)
    order = prop_def(IntsAttr)
    result = result_def(TileTensor)

    assembly_format = (
        "$input `order` `=` $order `,` $precision (`at` $placement^)? attr-dict `:` type($input) `->` type($result)"
    )

    def __init__(self, input: Value, order: Sequence[int], precision: PrecisionAttr, result_type: Attribute):
        super().__init__(
            operands=[input],
            properties={"order": IntsAttr.of(*order), "precision": precision},
            result_types=[result_type],
        )

    @property
    def permutation(self) -> tuple[int, ...]:
        """`order` as numbers."""
        return self.order.values

    def infer_shape(self, operands: Sequence[TileInfo]) -> tuple[int, ...]:
        logical = operands[0].logical
        order = self.permutation
        self.require(sorted(order) == list(range(len(logical))), f"order = {list(order)} does not permute {logical}")
        return tuple(logical[d] for d in order)


@irdl_op_definition
class SliceOp(RebuildingOp):
    """Elements `begins[i], begins[i] + steps[i], ..` below `ends[i]` of each logical dimension i; steps are
    positive."""

    name = "tile.slice"

    input = operand_def(TileTensor)
    begins = prop_def(IntsAttr)
    ends = prop_def(IntsAttr)
    steps = prop_def(IntsAttr)
    result = result_def(TileTensor)

    assembly_format = (
        "$input `from` $begins `to` $ends `by` $steps `,` $precision (`at` $placement^)? attr-dict `:` "
        "type($input) `->` type($result)"
    )

    def __init__(
        self,
        input: Value,
        begins: Sequence[int],
        ends: Sequence[int],
        steps: Sequence[int],
        precision: PrecisionAttr,
        result_type: Attribute,
    ):
        super().__init__(
            operands=[input],
            properties={
                "begins": IntsAttr.of(*begins),
                "ends": IntsAttr.of(*ends),
                "steps": IntsAttr.of(*steps),
                "precision": precision,
            },
            result_types=[result_type],
        )

    @property
    def slices(self) -> tuple[slice, ...]:
        """One slice for each logical dimension."""
        bounds = zip(self.begins.values, self.ends.values, self.steps.values, strict=True)
        return tuple(slice(*b) for b in bounds)

    def infer_shape(self, operands: Sequence[TileInfo]) -> tuple[int, ...]:
        logical = operands[0].logical
        counts = tuple(len(a.values) for a in (self.begins, self.ends, self.steps))
        rank = len(logical)
        self.require(
            counts == (rank,) * 3, f"needs begins, ends and steps for each of the {rank} dimensions, found {counts}"
        )
        for dim, (extent, s) in enumerate(zip(logical, self.slices, strict=True)):
            self.require(
                0 <= s.start < s.stop <= extent and s.step > 0,
                f"[{s.start}:{s.stop}:{s.step}] is no part of dimension {dim}, whose extent is {extent}",
            )
        return tuple(len(range(s.start, s.stop, s.step)) for s in self.slices)


@irdl_op_definition
class ConcatOp(RebuildingOp):
    """Operands one after the other along the logical dimension `dim`."""

    name = "tile.concat"

    inputs = var_operand_def(TileTensor)
    dim = prop_def(IntegerAttr)
    result = result_def(TileTensor)

    assembly_format = (
        "$inputs `dim` `=` $dim `,` $precision (`at` $placement^)? attr-dict `:` type($inputs) `->` type($result)"
    )

    def __init__(self, inputs: Sequence[Value], dim: int, precision: PrecisionAttr, result_type: Attribute):
        super().__init__(
            operands=[list(inputs)],
            properties={"dim": IntegerAttr(dim, i64), "precision": precision},
            result_types=[result_type],
        )

    def infer_shape(self, operands: Sequence[TileInfo]) -> tuple[int, ...]:
        self.require(len(operands) > 0, "needs at least one operand")
        first = operands[0].logical
        dim = self.dim.value.data
        self.require(0 <= dim < len(first), f"dim = {dim} is no dimension of {first}")
        for info in operands[1:]:
            self.require(
                len(info.logical) == len(first)
                and all(a == b for i, (a, b) in enumerate(zip(first, info.logical, strict=True)) if i != dim),
                f"{info.logical} does not fit {first} outside dimension {dim}",
            )
        return (*first[:dim], sum(o.logical[dim] for o in operands), *first[dim + 1 :])


@irdl_op_definition
class SplitHeadsOp(RebuildingOp):
    """[B, S, H * D] becomes [B, H, S, D]: an hslice tensor manipulation where D fills whole tiles."""

    name = "tile.hslice"

    input = operand_def(TileTensor)
    count = prop_def(IntegerAttr)
    result = result_def(TileTensor)

    assembly_format = (
        "$input `count` `=` $count `,` $precision (`at` $placement^)? attr-dict `:` type($input) `->` type($result)"
    )

    def __init__(self, input: Value, count: int, precision: PrecisionAttr, result_type: Attribute):
        super().__init__(
            operands=[input],
            properties={"count": IntegerAttr(count, i64), "precision": precision},
            result_types=[result_type],
        )

    def infer_shape(self, operands: Sequence[TileInfo]) -> tuple[int, ...]:
        logical, count = operands[0].logical, self.count.value.data
        self.require(len(logical) == 3, f"needs three dimensions, found {logical}")
        self.require(count > 0 and logical[2] % count == 0, f"{count} slices do not divide {logical[2]} columns")
        return (logical[0], count, logical[1], logical[2] // count)


@irdl_op_definition
class ConcatHeadsOp(MovementOp):
    """[B, H, S, D] becomes [B, S, H * D]: an hstack tensor manipulation where D fills whole tiles."""

    name = "tile.hstack"

    def infer_shape(self, operands: Sequence[TileInfo]) -> tuple[int, ...]:
        logical = operands[0].logical
        self.require(len(logical) == 4, f"needs four dimensions, found {logical}")
        return (logical[0], logical[2], logical[1] * logical[3])


@irdl_op_definition
class EmbeddingOp(RebuildingOp):
    """Row `indices[..]` of the table, for each index: [..] and [V, D] give [.., D]."""

    name = "tile.embedding"
    NUMBERS: ClassVar[Numbers] = Numbers.ANY

    indices = operand_def(TileTensor)
    table = operand_def(TileTensor)
    result = result_def(TileTensor)

    assembly_format = (
        "$indices `,` $table `,` $precision (`at` $placement^)? attr-dict `:` type($indices) `,` type($table) `->` "
        "type($result)"
    )

    def __init__(self, indices: Value, table: Value, precision: PrecisionAttr, result_type: Attribute):
        super().__init__(operands=[indices, table], properties={"precision": precision}, result_types=[result_type])

    def infer_shape(self, operands: Sequence[TileInfo]) -> tuple[int, ...]:
        indices, table = operands
        self.require(not indices.format.is_float, f"indices must be integers, found {indices.format.type_name}")
        self.require(len(table.logical) == 2, f"the table needs two dimensions, found {table.logical}")
        self.require(not table.format.is_block_float, f"a {table.format.type_name} table has no rows of its own")
        return (*indices.logical, table.logical[1])

    def verify_operands(self, operands: Sequence[TileInfo], result: TileInfo) -> None:
        self.require_alike([operands[1].format, result.format])


MOVEMENT_OPS: list[type[KernelOp]] = [
    ReshapeOp, BroadcastOp, FillPadOp, PermuteOp, SliceOp, ConcatOp, SplitHeadsOp, ConcatHeadsOp, EmbeddingOp,
]  # fmt: skip
"""All ops of this family."""
