"""tilize and untilize: every element type, integers that do not fit, and nothing shared with what the caller holds."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from xdsl.dialects import test as xdsl_test
from xdsl.dialects.builtin import (
    BFloat16Type,
    Float16Type,
    Float64Type,
    IntegerType,
    ModuleOp,
    Signedness,
    TensorType,
    f32,
    i1,
    i64,
)
from xdsl.ir import Attribute

from tilewright.dialects import tile
from tilewright.dialects.tile import PrecisionAttr, tile_tensor
from tilewright.runtime.formats import quantize
from tilewright.runtime.formats.integers import integer_range
from tilewright.runtime.functions.boundary import BoundaryFunctions
from tilewright.runtime.interpreter import Interpreter
from tilewright.runtime.kernels.values import TileValue, storage_dtype
from tilewright.support.dataformat import DataFormat, Rounding
from tilewright.support.errors import NumericsError

F = DataFormat
INTERPRETER = Interpreter(ModuleOp([]), [BoundaryFunctions()])


def unsigned(width: int) -> Attribute:
    """The type `ui<width>`."""
    return IntegerType(width, Signedness.UNSIGNED)


ELEMENTS: dict[torch.dtype, Attribute] = {
    torch.float32: f32,
    torch.float64: Float64Type(),
    torch.bfloat16: BFloat16Type(),
    torch.float16: Float16Type(),
    torch.bool: i1,
    torch.int8: IntegerType(8),
    torch.int16: IntegerType(16),
    torch.int32: IntegerType(32),
    torch.int64: i64,
    torch.uint8: unsigned(8),
    torch.uint16: unsigned(16),
    torch.uint32: unsigned(32),
    torch.uint64: unsigned(64),
}
INTEGERS = [d for d in ELEMENTS if not d.is_floating_point and d is not torch.bool]


def tilize(x: torch.Tensor, fmt: DataFormat, pad: float = 0.0, rounding: Rounding = Rounding.packer) -> TileValue:
    """`x` through tile.tilize."""
    shape = tuple(x.shape)
    source = xdsl_test.TestOp(result_types=[TensorType(ELEMENTS[x.dtype], shape)])
    op = tile.TilizeOp(source, PrecisionAttr.of(rounding=rounding), tile_tensor(shape, fmt, pad))
    op.verify()
    (result,) = INTERPRETER.step(op)(x)
    assert isinstance(result, TileValue)
    return result


def untilize(x: TileValue, dtype: torch.dtype) -> torch.Tensor:
    """`x` through tile.untilize."""
    source = xdsl_test.TestOp(result_types=[tile_tensor(x.info.logical, x.info.format, x.info.pad)])
    op = tile.UntilizeOp(source, TensorType(ELEMENTS[dtype], x.info.logical))
    op.verify()
    (result,) = INTERPRETER.step(op)(x)
    assert isinstance(result, torch.Tensor)
    assert result.dtype is dtype
    return result


SHAPE = st.lists(st.integers(1, 40), max_size=3).map(tuple)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.bfloat16, torch.float16])
@given(shape=SHAPE)
def test_floats_come_back(dtype: torch.dtype, shape: tuple[int, ...]) -> None:
    x = torch.randn(shape, generator=torch.Generator().manual_seed(sum(shape))).to(dtype)
    assert torch.equal(untilize(tilize(x, F.Float32), dtype), x.float().to(dtype))


@pytest.mark.parametrize("rounding", Rounding)
@pytest.mark.parametrize("fmt", [f for f in F if f.is_float and f is not F.Fp8_e4m3])
def test_floats_are_converted_to_the_format(fmt: DataFormat, rounding: Rounding) -> None:
    x = torch.randn(3, 32, 48, generator=torch.Generator().manual_seed(1))
    assert torch.equal(untilize(tilize(x, fmt, rounding=rounding), torch.float32), quantize(x, fmt, rounding))


@pytest.mark.parametrize("dtype", INTEGERS)
@pytest.mark.parametrize("fmt", [f for f in F if not f.is_float])
@given(shape=SHAPE, seed=st.integers(0, 9))
@settings(max_examples=max(1, settings().max_examples // 10))
def test_integers_that_fit_come_back(dtype: torch.dtype, fmt: DataFormat, shape: tuple[int, ...], seed: int) -> None:
    limits, (low, high) = torch.iinfo(dtype), integer_range(fmt)
    low, high = max(low, limits.min), min(high, limits.max)
    random = torch.Generator().manual_seed(seed)
    x = torch.randint(low, high + 1, shape, generator=random, dtype=torch.int64).to(dtype)
    if x.numel() > 1:
        x.view(-1)[0], x.view(-1)[-1] = low, high
    assert untilize(tilize(x, fmt), dtype).tolist() == x.tolist()


def test_booleans_come_back_from_any_format() -> None:
    x = torch.tensor([[True, False, True]])
    for fmt in F:
        assert torch.equal(untilize(tilize(x, fmt), torch.bool), x)


def test_everything_but_zero_is_true() -> None:
    x = torch.tensor([0.0, -0.0, 1e-40, -2.0, float("nan"), float("inf")])
    assert untilize(tilize(x, F.Float32), torch.bool).tolist() == [False, False, True, True, True, True]


@pytest.mark.parametrize(
    ("value", "dtype", "fmt", "bounds"),
    [
        (2**31, torch.int64, F.Int32, "-2147483647 <= value <= 2147483647"),
        (-(2**31), torch.int32, F.Int32, "-2147483647 <= value <= 2147483647"),
        (-(2**63), torch.int64, F.Int32, "-2147483647 <= value <= 2147483647"),
        (2**32, torch.int64, F.UInt32, "0 <= value <= 4294967295"),
        (2**63, torch.uint64, F.UInt32, "0 <= value <= 4294967295"),
        (2**64 - 1, torch.uint64, F.Int32, "-2147483647 <= value <= 2147483647"),
        (2**31, torch.uint32, F.Int32, "-2147483647 <= value <= 2147483647"),
        (-1, torch.int8, F.UInt8, "0 <= value <= 255"),
        (256, torch.int16, F.UInt8, "0 <= value <= 255"),
        (-1, torch.int64, F.UInt32, "0 <= value <= 4294967295"),
        (65536, torch.int32, F.UInt16, "0 <= value <= 65535"),
        (-128, torch.int8, F.Int8, "-127 <= value <= 127"),
        (128, torch.uint8, F.Int8, "-127 <= value <= 127"),
    ],
)
def test_integer_that_does_not_fit_is_refused(value: int, dtype: torch.dtype, fmt: DataFormat, bounds: str) -> None:
    x = torch.tensor([1, value, 1], dtype=dtype)
    with pytest.raises(NumericsError) as error:
        tilize(x, fmt)
    assert error.value.what == f"the integer {value} does not fit the device's {fmt.name}"
    assert error.value.why == f"{bounds} does not hold"


@pytest.mark.parametrize(
    ("value", "fmt", "dtype"),
    [
        (128, F.Int32, torch.int8),
        (-129, F.Int32, torch.int8),
        (-1, F.Int32, torch.uint8),
        (2**31, F.UInt32, torch.int32),
        (256, F.UInt16, torch.uint8),
        (-1, F.Int32, torch.uint64),
    ],
)
def test_integer_that_does_not_fit_outside_is_refused(value: int, fmt: DataFormat, dtype: torch.dtype) -> None:
    tiles = tilize(torch.tensor([0, value]), fmt)
    with pytest.raises(NumericsError, match=f"the integer {value} does not fit {dtype}"):
        untilize(tiles, dtype)


def test_integers_become_floats() -> None:
    x = torch.tensor([-3, 0, 2**24])
    assert untilize(tilize(x, F.Float32), torch.float32).tolist() == [-3.0, 0.0, 2.0**24]
    assert untilize(tilize(x, F.Int32), torch.float32).tolist() == [-3.0, 0.0, 2.0**24]


def test_floats_go_to_the_nearest_value_outside() -> None:
    x = torch.tensor([1.00390625, -1.01171875, 65519.0, 1e-8])
    tiles = tilize(x, F.Float32)
    for dtype in (torch.bfloat16, torch.float16, torch.float64):
        assert torch.equal(untilize(tiles, dtype), x.to(dtype))


@pytest.mark.parametrize(
    ("shape", "fmt", "pad"),
    [
        ((), F.Float32, -1.0),
        ((3,), F.Float16_b, 1.5),
        ((40, 33), F.Float32, float("-inf")),
        ((2, 3, 5), F.Int32, 7.0),
        ((1, 33), F.UInt8, 255.0),
        ((1, 33), F.Bfp8_b, 0.0),
    ],
)
def test_padding_holds_what_the_layout_says(shape: tuple[int, ...], fmt: DataFormat, pad: float) -> None:
    value = tilize(torch.ones(shape, dtype=torch.int32), fmt, pad)
    assert value.data.dtype is storage_dtype(fmt)
    rows, cols = (1, 1, *shape)[-2:]
    inside = torch.zeros(value.data.shape, dtype=torch.bool)
    inside[..., :rows, :cols] = True
    assert bool((value.data[inside] == 1).all())
    assert bool((value.data[~inside] == pad).all())


def test_elements_keep_their_places_whatever_the_strides() -> None:
    x = torch.arange(2 * 40 * 33).view(33, 2, 40).permute(1, 2, 0)
    for fmt, dtype in ((F.Int32, torch.int64), (F.Float32, torch.float32)):
        assert torch.equal(untilize(tilize(x, fmt), dtype), x.to(dtype))


CASES: list[tuple[Sequence[int], DataFormat, torch.dtype]] = [
    ((32, 32), F.Float32, torch.float32),
    ((2, 64, 32), F.Float16_b, torch.float32),
    ((64, 32), F.Bfp8_b, torch.float32),
    ((32, 32), F.Int32, torch.int32),
    ((20, 33), F.Float32, torch.float32),
    ((), F.Float32, torch.float32),
]


@pytest.mark.parametrize(("shape", "fmt", "dtype"), CASES)
def test_tiles_are_their_own(shape: Sequence[int], fmt: DataFormat, dtype: torch.dtype) -> None:
    """Neither a later change of the parameter nor one of what came out reaches the tiles."""
    x = torch.ones(tuple(shape), dtype=dtype)
    tiles = tilize(x, fmt)
    x.fill_(5)
    first = untilize(tiles, dtype)
    assert bool((first == 1).all())
    first.fill_(7)
    assert bool((untilize(tiles, dtype) == 1).all())
    assert bool((x == 5).all())


def test_parameters_that_require_gradients() -> None:
    x = torch.nn.Parameter(torch.full((32, 32), 1.003))
    with torch.no_grad():
        value = untilize(tilize(x, F.Float16_b), torch.float32)
    assert torch.equal(value, torch.ones(32, 32))
    assert torch.equal(x, torch.full((32, 32), 1.003))
