"""Every condition of the kernels of the `tile` dialect: what breaks it is refused with a message that names the op,
what was found and what was expected."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from xdsl.dialects import test as xdsl_test
from xdsl.dialects.builtin import ArrayAttr, FloatAttr, IntAttr, StringAttr, TensorType, f32, i8, i64
from xdsl.ir import Attribute, Operation, SSAValue
from xdsl.utils.exceptions import VerifyException

from tilewright.dialects import tile
from tilewright.dialects.tile import (
    LayoutAttr,
    Memory,
    MemoryAttr,
    Placement,
    PlacementAttr,
    PrecisionAttr,
    tile_info,
    tile_tensor,
)
from tilewright.dialects.ttcore import TileType
from tilewright.support.dataformat import DataFormat

F32, BF16, BFP8, SI32 = DataFormat.Float32, DataFormat.Float16_b, DataFormat.Bfp8_b, DataFormat.Int32
P = PrecisionAttr.of()
TILE = TileType.of(F32)


def value(type: Attribute) -> SSAValue:
    """Some value of `type`."""
    return xdsl_test.TestOp(result_types=[type]).results[0]


def tiles(*shape: int, fmt: DataFormat = F32, pad: float | None = None) -> SSAValue:
    """A tensor of tiles with the logical shape `shape`."""
    return value(tile_tensor(shape, fmt, pad))


def kind(*shape: int, fmt: DataFormat = F32, pad: float | None = None) -> Attribute:
    """Its type."""
    return tile_tensor(shape, fmt, pad)


PLACE = Placement((0, 0), (1, 2), 1, (1, 1), (1, 1), 1, 1, 2, (), 4096)
"""Covers 1x2 tiles."""


def placed(op: tile.KernelOp, **changes: object) -> tile.KernelOp:
    """`op` at PLACE with `changes`."""
    op.properties["placement"] = PlacementAttr.of(replace(PLACE, **changes))
    return op


REFUSED_KERNELS: dict[str, tuple[Callable[[], Operation], str]] = {
    # What all kernels share.
    "result shape": (
        lambda: tile.ExpOp(tiles(20, 40), P, kind(40, 20)),
        "tile.exp: the result has the logical shape (40, 20), expected (20, 40)",
    ),
    "operand without layout": (
        lambda: tile.ExpOp(value(TensorType(TILE, (1, 2))), P, kind(20, 40)),
        "tile.exp: operand 0: expected a #tile.layout encoding, found none",
    ),
    "tile count": (
        lambda: tile.ExpOp(tiles(20, 40), P, TensorType(TILE, (1, 3), LayoutAttr.of((20, 40)))),
        "tile.exp: the result: (1, 3) tiles cannot hold the logical shape (20, 40): expected (1, 2)",
    ),
    "tile size": (
        lambda: tile.ExpOp(
            value(
                TensorType(
                    TileType(ArrayAttr([IntAttr(16), IntAttr(32)]), StringAttr("f32")), (1, 1), LayoutAttr.of((1, 1))
                )
            ),
            P,
            kind(1, 1),
        ),
        "tile.exp: operand 0: expected tiles of (32, 32) datums, found (16, 32)",
    ),
    "padding of block floats": (
        lambda: tile.FillPadOp(tiles(20, 40), 1.0, P, kind(20, 40, fmt=BFP8, pad=1.0)),
        "tile.fill_pad: the result: pad = 1.0 shares exponents with elements of bfp_bf8: expected 0 or undef",
    ),
    "padding of integers": (
        lambda: tile.FillPadOp(tiles(20, 40, fmt=SI32), 0.5, P, kind(20, 40, fmt=SI32, pad=0.5)),
        "tile.fill_pad: the result: pad = 0.5 does not exist in si32: expected one of its values or undef",
    ),
    "infinite padding of integers": (
        lambda: tile.FillPadOp(tiles(4, fmt=SI32), float("inf"), P, kind(4, fmt=SI32, pad=float("inf"))),
        "tile.fill_pad: the result: pad = inf does not exist in si32: expected one of its values or undef",
    ),
    "padding of sixteen bits": (
        lambda: tile.FillPadOp(tiles(4, fmt=BF16), 1.01, P, kind(4, fmt=BF16, pad=1.01)),
        "does not exist in bf16: expected one of its values or undef",
    ),
    "padding of five exponent bits": (
        lambda: tile.FillPadOp(
            tiles(4, fmt=DataFormat.Float16), -float("inf"), P, tile_tensor((4,), DataFormat.Float16, -float("inf"))
        ),
        "pad = -inf does not exist in f16: expected one of its values or undef",
    ),
    "padding that is not written": (
        lambda: tile.ExpOp(tiles(20, 40, pad=0.0), P, kind(20, 40, pad=0.0)),
        "tile.exp: the result's layout says pad = 0.0, expected undef: the kernel writes no padding",
    ),
    "integer operand": (
        lambda: tile.AddOp(tiles(20, 40), tiles(20, 40, fmt=SI32), P, kind(20, 40)),
        "tile.add: has the formats f32, si32, f32, expected floats alone",
    ),
    "integer result": (
        lambda: tile.ExpOp(tiles(20, 40), P, kind(20, 40, fmt=SI32)),
        "tile.exp: has the formats f32, si32, expected floats alone",
    ),
    "integer accumulation": (
        lambda: tile.ReduceSumOp(tiles(20, 40), (1,), PrecisionAttr.of(SI32), kind(20, 1)),
        "tile.reduce_sum: accumulates in si32, expected a float format",
    ),
    "integer intermediate": (
        lambda: tile.MatmulOp(tiles(32, 32), tiles(32, 32), PrecisionAttr.of(F32, SI32), kind(32, 32)),
        "tile.matmul: spills in si32, expected a float format",
    ),
    "larger of a float and an integer": (
        lambda: tile.MaximumOp(tiles(20, 40), tiles(20, 40, fmt=SI32), P, kind(20, 40)),
        "tile.maximum: has the formats f32, si32, f32, expected all floats, or all integers",
    ),
    "movement to integers": (
        lambda: tile.ReshapeOp(tiles(20, 40), P, kind(800, fmt=SI32)),
        "tile.reshape: has the formats f32, si32, expected all floats, or all integers",
    ),
    "rows covered": (
        lambda: placed(tile.ExpOp(tiles(20, 40), P, kind(20, 40)), t=2),
        "tile.exp: the placement covers (2, 2) tiles, expected those of the result, (1, 2)",
    ),
    "columns covered": (
        lambda: placed(tile.ExpOp(tiles(3, 20, 40), P, kind(3, 20, 40)), grid=(3, 1)),
        "tile.exp: the placement covers (3, 1) tiles, expected those of the result, (3, 2)",
    ),
    "resident operand": (
        lambda: placed(tile.ExpOp(tiles(20, 40), P, kind(20, 40)), resident=(1,)),
        "tile.exp: operand 1 cannot stay in L1: there are 1 operands",
    ),
    # Element-wise kernels.
    "binary operands": (
        lambda: tile.AddOp(tiles(20, 40), tiles(2, 40), P, kind(20, 40)),
        "tile.add: shapes (20, 40) and (2, 40) do not broadcast",
    ),
    "binary result": (
        lambda: tile.MultiplyOp(tiles(20, 1), tiles(3, 1, 40), P, kind(20, 40)),
        "tile.multiply: the result has the logical shape (20, 40), expected (3, 20, 40)",
    ),
    "where operands": (
        lambda: tile.WhereOp(tiles(20, 1), tiles(1, 40), tiles(2, 40), P, kind(20, 40)),
        "tile.where: shapes (20, 40) and (2, 40) do not broadcast",
    ),
    "where formats": (
        lambda: tile.WhereOp(tiles(4, fmt=SI32), tiles(4), tiles(4, fmt=SI32), P, kind(4)),
        "tile.where: has the formats f32, si32, f32, expected all floats, or all integers",
    ),
    "clamp bounds": (
        lambda: tile.ClampOp(tiles(4), 2.0, -1.0, P, kind(4)),
        "tile.clamp: low = 2.0 must not be above high = -1.0",
    ),
    # Matmul.
    "matmul inner": (
        lambda: tile.MatmulOp(tiles(20, 40), tiles(20, 40), P, kind(20, 40)),
        "tile.matmul: inner dimensions differ: in0 has 40, in1 has 20",
    ),
    "matmul transposed inner": (
        lambda: tile.MatmulOp(tiles(20, 40), tiles(40, 20), P, kind(20, 40), transpose_in1=True),
        "tile.matmul: inner dimensions differ: in0 has 40, in1 has 20",
    ),
    "matmul batch": (
        lambda: tile.MatmulOp(tiles(2, 20, 32), tiles(3, 32, 20), P, kind(2, 20, 20)),
        "tile.matmul: shapes (2,) and (3,) do not broadcast",
    ),
    "matmul result": (
        lambda: tile.MatmulOp(tiles(2, 20, 32), tiles(32, 20), P, kind(20, 20)),
        "tile.matmul: the result has the logical shape (20, 20), expected (2, 20, 20)",
    ),
    "matmul padding of in0": (
        lambda: tile.MatmulOp(tiles(20, 40, pad=1.0), tiles(40, 20, pad=0.0), P, kind(20, 20)),
        "tile.matmul: the inner dimension is padded, so the padding of in0 must be 0, found 1.0",
    ),
    "matmul padding of in1": (
        lambda: tile.MatmulOp(tiles(20, 40, pad=0.0), tiles(40, 20), P, kind(20, 20)),
        "tile.matmul: the inner dimension is padded, so the padding of in1 must be 0, found undef",
    ),
    "matmul bias": (
        lambda: tile.MatmulOp(tiles(20, 32), tiles(32, 20), P, kind(20, 20), bias=tiles(20, 1)),
        "tile.matmul: bias has the logical shape (20, 1), expected (1, 20)",
    ),
    "matmul integers": (
        lambda: tile.MatmulOp(tiles(32, 32, fmt=SI32), tiles(32, 32, fmt=SI32), P, kind(32, 32)),
        "tile.matmul: has the formats si32, si32, f32, expected floats alone",
    ),
    "matmul inner blocks": (
        lambda: placed(tile.MatmulOp(tiles(20, 128), tiles(128, 40), P, kind(20, 40)), m_k=2, u_kt=3),
        "tile.matmul: the placement covers 2 x 3 tiles of the inner dimension, expected 4",
    ),
    # Kernels of whole rows.
    "reduced twice": (
        lambda: tile.ReduceSumOp(tiles(20, 40), (1, 1), P, kind(20, 1)),
        "tile.reduce_sum: dims = [1, 1] must be ascending dimensions of (20, 40)",
    ),
    "reduced out of order": (
        lambda: tile.ReduceMaxOp(tiles(20, 40), (1, 0), P, kind(1, 1)),
        "tile.reduce_max: dims = [1, 0] must be ascending dimensions of (20, 40)",
    ),
    "reduced outside": (
        lambda: tile.ReduceMinOp(tiles(20, 40), (2,), P, kind(20, 1)),
        "tile.reduce_min: dims = [2] must be ascending dimensions of (20, 40)",
    ),
    "reduced below": (
        lambda: tile.ReduceMinOp(tiles(20, 40), (-1,), P, kind(20, 1)),
        "tile.reduce_min: dims = [-1] must be ascending dimensions of (20, 40)",
    ),
    "reduced nothing": (
        lambda: tile.ReduceMeanOp(tiles(20, 40), (), P, kind(20, 40)),
        "tile.reduce_mean: dims = [] must be ascending dimensions of (20, 40)",
    ),
    "reduced result": (
        lambda: tile.ReduceSumOp(tiles(20, 40), (1,), P, kind(20)),
        "tile.reduce_sum: the result has the logical shape (20,), expected (20, 1)",
    ),
    "softmax of a scalar": (
        lambda: tile.SoftmaxOp(tiles(), P, kind()),
        "tile.softmax: needs at least one dimension, found ()",
    ),
    "softmax mask": (
        lambda: tile.SoftmaxOp(tiles(20, 40), P, kind(20, 40), mask=tiles(3, 1, 40)),
        "tile.softmax: a mask of (3, 1, 40) does not broadcast to (20, 40)",
    ),
    "softmax mask extent": (
        lambda: tile.SoftmaxOp(tiles(20, 40), P, kind(20, 40), mask=tiles(20, 39)),
        "tile.softmax: shapes (20, 40) and (20, 39) do not broadcast",
    ),
    "layer_norm of a scalar": (
        lambda: tile.LayerNormOp(tiles(), P, kind(), epsilon=1e-5),
        "tile.layer_norm: needs at least one dimension, found ()",
    ),
    "layer_norm weight": (
        lambda: tile.LayerNormOp(tiles(20, 40), P, kind(20, 40), weight=tiles(20, 1), epsilon=1e-5),
        "tile.layer_norm: weight has the logical shape (20, 1), expected (1, 40)",
    ),
    "layer_norm bias": (
        lambda: tile.LayerNormOp(tiles(20, 40), P, kind(20, 40), bias=tiles(41), epsilon=1e-5),
        "tile.layer_norm: bias has the logical shape (1, 41), expected (1, 40)",
    ),
    # Kernels that move data.
    "reshape count": (
        lambda: tile.ReshapeOp(tiles(20, 40), P, kind(20, 41)),
        "tile.reshape: 800 elements of (20, 40) do not fill (20, 41)",
    ),
    "broadcast target": (
        lambda: tile.BroadcastOp(tiles(20, 1), P, kind(1, 40)),
        "tile.broadcast: (20, 1) does not broadcast to (1, 40)",
    ),
    "broadcast extent": (
        lambda: tile.BroadcastOp(tiles(20, 2), P, kind(20, 40)),
        "tile.broadcast: shapes (20, 2) and (20, 40) do not broadcast",
    ),
    "fill_pad value": (
        lambda: tile.FillPadOp(tiles(20, 40), 0.0, P, kind(20, 40, pad=1.0)),
        "tile.fill_pad: fills with 0.0, but the result's layout says pad = 1.0",
    ),
    "fill_pad without value": (
        lambda: tile.FillPadOp(tiles(20, 40), 0.0, P, kind(20, 40)),
        "tile.fill_pad: fills with 0.0, but the result's layout says pad = None",
    ),
    "permute order": (
        lambda: tile.PermuteOp(tiles(20, 40), (0, 0), P, kind(20, 20)),
        "tile.permute: order = [0, 0] does not permute (20, 40)",
    ),
    "permute result": (
        lambda: tile.PermuteOp(tiles(20, 40), (1, 0), P, kind(20, 40)),
        "tile.permute: the result has the logical shape (20, 40), expected (40, 20)",
    ),
    "slice rank": (
        lambda: tile.SliceOp(tiles(20, 40), (0,), (20, 40), (1, 1), P, kind(20, 40)),
        "tile.slice: needs begins, ends and steps for each of the 2 dimensions, found (1, 2, 2)",
    ),
    "slice end": (
        lambda: tile.SliceOp(tiles(20, 40), (0, 0), (21, 40), (1, 1), P, kind(21, 40)),
        "tile.slice: [0:21:1] is no part of dimension 0, whose extent is 20",
    ),
    "slice empty": (
        lambda: tile.SliceOp(tiles(20, 40), (0, 4), (20, 4), (1, 1), P, kind(20, 40)),
        "tile.slice: [4:4:1] is no part of dimension 1, whose extent is 40",
    ),
    "slice begin": (
        lambda: tile.SliceOp(tiles(20, 40), (-1, 0), (20, 40), (1, 1), P, kind(20, 40)),
        "tile.slice: [-1:20:1] is no part of dimension 0, whose extent is 20",
    ),
    "slice step": (
        lambda: tile.SliceOp(tiles(20, 40), (0, 0), (20, 40), (1, 0), P, kind(20, 40)),
        "tile.slice: [0:40:0] is no part of dimension 1, whose extent is 40",
    ),
    "concat nothing": (
        lambda: tile.ConcatOp([], 0, P, kind(20, 40)),
        "tile.concat: needs at least one operand",
    ),
    "concat dimension": (
        lambda: tile.ConcatOp([tiles(20, 40)], 2, P, kind(20, 40)),
        "tile.concat: dim = 2 is no dimension of (20, 40)",
    ),
    "concat extents": (
        lambda: tile.ConcatOp([tiles(20, 40), tiles(20, 41)], 0, P, kind(40, 40)),
        "tile.concat: (20, 41) does not fit (20, 40) outside dimension 0",
    ),
    "concat ranks": (
        lambda: tile.ConcatOp([tiles(20, 40), tiles(1, 20, 40)], 0, P, kind(40, 40)),
        "tile.concat: (1, 20, 40) does not fit (20, 40) outside dimension 0",
    ),
    "concat result": (
        lambda: tile.ConcatOp([tiles(20, 40), tiles(2, 40)], 0, P, kind(21, 40)),
        "tile.concat: the result has the logical shape (21, 40), expected (22, 40)",
    ),
    "hslice rank": (
        lambda: tile.SplitHeadsOp(tiles(20, 40), 2, P, kind(2, 20, 20)),
        "tile.hslice: needs three dimensions, found (20, 40)",
    ),
    "hslice count": (
        lambda: tile.SplitHeadsOp(tiles(1, 20, 40), 3, P, kind(1, 3, 20, 13)),
        "tile.hslice: 3 slices do not divide 40 columns",
    ),
    "hslice no count": (
        lambda: tile.SplitHeadsOp(tiles(1, 20, 40), 0, P, kind(1, 3, 20, 13)),
        "tile.hslice: 0 slices do not divide 40 columns",
    ),
    "hstack rank": (
        lambda: tile.ConcatHeadsOp(tiles(1, 20, 40), P, kind(1, 20, 40)),
        "tile.hstack: needs four dimensions, found (1, 20, 40)",
    ),
    "embedding indices": (
        lambda: tile.EmbeddingOp(tiles(3), tiles(8, 40), P, kind(3, 40)),
        "tile.embedding: indices must be integers, found f32",
    ),
    "embedding table rank": (
        lambda: tile.EmbeddingOp(tiles(3, fmt=SI32), tiles(1, 8, 40), P, kind(3, 40)),
        "tile.embedding: the table needs two dimensions, found (1, 8, 40)",
    ),
    "embedding table format": (
        lambda: tile.EmbeddingOp(tiles(3, fmt=SI32), tiles(8, 40, fmt=BFP8), P, kind(3, 40)),
        "tile.embedding: a bfp_bf8 table has no rows of its own",
    ),
    "embedding result format": (
        lambda: tile.EmbeddingOp(tiles(3, fmt=SI32), tiles(8, 40), P, kind(3, 40, fmt=SI32)),
        "tile.embedding: has the formats f32, si32, expected all floats, or all integers",
    ),
    # The boundary.
    "tilize tiles": (
        lambda: tile.TilizeOp(tiles(20, 40), P, kind(20, 40, pad=0.0)),
        "tile.tilize: the row-major side must be a tensor of scalars, found tensor<1x2x!ttcore.tile<32x32, f32>",
    ),
    "tilize shape": (
        lambda: tile.TilizeOp(value(TensorType(f32, (20, 41))), P, kind(20, 40, pad=0.0)),
        "tile.tilize: the row-major shape (20, 41) differs from the logical shape (20, 40)",
    ),
    "tilize padding": (
        lambda: tile.TilizeOp(value(TensorType(f32, (20, 40))), P, kind(20, 40)),
        "tile.tilize: the padding of the result must have a value, found undef",
    ),
    "tilize floats to integers": (
        lambda: tile.TilizeOp(value(TensorType(f32, (4,))), P, kind(4, fmt=SI32, pad=0.0)),
        "tile.tilize: tiles of si32 need integers or booleans, found f32",
    ),
    "tilize symbols": (
        lambda: tile.TilizeOp(value(TensorType(StringAttr("x"), (4,))), P, kind(4, pad=0.0)),
        'tile.tilize: the row-major side must hold floats or integers, found "x"',
    ),
    "tilize layout": (
        lambda: tile.TilizeOp(value(TensorType(f32, (4,))), P, TensorType(TILE, (1, 2), LayoutAttr.of((4,), 0.0))),
        "tile.tilize: (1, 2) tiles cannot hold the logical shape (4,): expected (1, 1)",
    ),
    "untilize shape": (
        lambda: tile.UntilizeOp(tiles(20, 40), TensorType(f32, (40, 20))),
        "tile.untilize: the row-major shape (40, 20) differs from the logical shape (20, 40)",
    ),
    "untilize tiles": (
        lambda: tile.UntilizeOp(tiles(20, 40), kind(20, 40)),
        "tile.untilize: the row-major side must be a tensor of scalars, found tensor<1x2x!ttcore.tile<32x32, f32>",
    ),
    "untilize floats to integers": (
        lambda: tile.UntilizeOp(tiles(4), TensorType(i64, (4,))),
        "tile.untilize: tiles of f32 cannot become i64: tile.typecast converts to integers",
    ),
}


@pytest.mark.parametrize(("make", "message"), REFUSED_KERNELS.values(), ids=REFUSED_KERNELS)
def test_op_is_refused(make: Callable[[], Operation], message: str) -> None:
    with pytest.raises(VerifyException) as error:
        make().verify()
    assert message in str(error.value)


REFUSED_ATTRIBUTES: dict[str, tuple[Callable[[], object], str]] = {
    "extent": (lambda: LayoutAttr.of((3, 0)), "tile.layout: logical extents must be at least 1, found [3, 0]"),
    "nan": (lambda: LayoutAttr.of((3,), float("nan")), "tile.layout: pad must be a number or undef, found nan"),
    "text": (
        lambda: LayoutAttr(ArrayAttr([IntAttr(3)]), StringAttr("zero"), MemoryAttr(Memory.L1)),
        "tile.layout: pad must be a number or undef, found 'zero'",
    ),
    "accumulate": (
        lambda: PrecisionAttr(*map(StringAttr, ("f33", "f32", "HiFi4", "packer"))),
        "tile.precision: accumulate format 'f33' does not exist; did you mean 'f32'",
    ),
    "Dest": (
        lambda: PrecisionAttr.of(DataFormat.Tf32),
        "tile.precision: Dest cannot hold 'tf32', only f32, bf16, f16, si32",
    ),
    "intermediate": (
        lambda: PrecisionAttr(*map(StringAttr, ("f32", "bf61", "HiFi4", "packer"))),
        "tile.precision: intermediate format 'bf61' does not exist; did you mean 'bf16'",
    ),
    "fidelity": (
        lambda: PrecisionAttr(*map(StringAttr, ("f32", "f32", "HighFi", "packer"))),
        "tile.precision: fidelity 'HighFi' does not exist; did you mean 'HiFi",
    ),
    "rounding": (
        lambda: PrecisionAttr(*map(StringAttr, ("f32", "f32", "HiFi4", "packers"))),
        "tile.precision: rounding 'packers' does not exist; did you mean 'packer'",
    ),
    "placement fields": (
        lambda: PlacementAttr(ArrayAttr([])),
        "tile.placement: expected 10 fields, found 0",
    ),
    "placement pair": (
        lambda: PlacementAttr.of(replace(PLACE, grid=(1,))),
        "tile.placement: grid needs 2 numbers, found 1",
    ),
    "placement number": (
        lambda: PlacementAttr.of(replace(PLACE, t=(1, 1))),
        "tile.placement: t needs 1 numbers, found 2",
    ),
    "placement zero": (
        lambda: PlacementAttr.of(replace(PLACE, u_kt=0)),
        "tile.placement: u_kt must be at least 1, found 0",
    ),
    "placement negative": (
        lambda: PlacementAttr.of(replace(PLACE, origin=(0, -1))),
        "tile.placement: origin must be at least 0, found -1",
    ),
    "no tensor": (lambda: tile_info(f32), "expected a tensor of tiles, found f32"),
    "no tiles": (lambda: tile_info(TensorType(f32, (2,))), "expected elements of type !ttcore.tile, found f32"),
}


@pytest.mark.parametrize(("make", "message"), REFUSED_ATTRIBUTES.values(), ids=REFUSED_ATTRIBUTES)
def test_attribute_is_refused(make: Callable[[], object], message: str) -> None:
    with pytest.raises(VerifyException) as error:
        make()
    assert message in str(error.value)


ACCEPTED: dict[str, Callable[[], Operation]] = {
    "comparison of integers": lambda: tile.LtOp(tiles(4, fmt=SI32), tiles(4, fmt=SI32), P, kind(4)),
    "comparison gives integers": lambda: tile.LtOp(tiles(4), tiles(4), P, kind(4, fmt=SI32)),
    "larger integer": lambda: tile.MaximumOp(tiles(4, fmt=SI32), tiles(4, fmt=SI32), P, kind(4, fmt=SI32)),
    "choice of integers": lambda: tile.WhereOp(tiles(4), tiles(4, fmt=SI32), tiles(4, fmt=SI32), P, kind(4, fmt=SI32)),
    "conversion": lambda: tile.TypecastOp(tiles(4), P, kind(4, fmt=SI32)),
    "aligned inner dimension": lambda: tile.MatmulOp(tiles(20, 64), tiles(64, 40), P, kind(20, 40)),
    "booleans into any tiles": lambda: tile.TilizeOp(value(TensorType(i8, (4,))), P, kind(4, fmt=BF16, pad=0.0)),
    "scalar": lambda: tile.AddOp(tiles(), tiles(20, 40), P, kind(20, 40)),
    "infinite padding": lambda: tile.FillPadOp(tiles(20, 40), -float("inf"), P, kind(20, 40, pad=-float("inf"))),
    "placement": lambda: placed(tile.MatmulOp(tiles(20, 128), tiles(128, 40), P, kind(20, 40)), m_k=2, u_kt=2),
}


@pytest.mark.parametrize("make", ACCEPTED.values(), ids=ACCEPTED)
def test_op_is_accepted(make: Callable[[], Operation]) -> None:
    make().verify()


def test_padding_is_rounded_to_float32() -> None:
    assert LayoutAttr.of((3,), 0.1).pad_value == FloatAttr(0.1, f32).value.data
