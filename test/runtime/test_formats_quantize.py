"""Contracts of quantize, and formats that other libraries know."""

from __future__ import annotations

import itertools

import ml_dtypes
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from tilewright.runtime.formats import quantize
from tilewright.support.dataformat import DataFormat, Rounding
from tilewright.support.errors import UnsupportedInputError

CASES = [
    (fmt, rounding)
    for fmt, rounding in itertools.product(DataFormat, Rounding)
    if fmt.is_float and (fmt, rounding) != (DataFormat.Fp8_e4m3, Rounding.golden)
]
every_case = pytest.mark.parametrize(("fmt", "rounding"), CASES, ids=[f"{f.name}-{r.name}" for f, r in CASES])


def normal_data(*shape: int, seed: int = 0) -> torch.Tensor:
    """Values of many magnitudes, without denormals: the golden rule gives those of block floats a hidden one."""
    generator = torch.Generator().manual_seed(seed)
    values = torch.randn(*shape, generator=generator)
    return values * 2.0 ** torch.randint(-40, 40, shape, generator=generator)


def same_bits(left: torch.Tensor, right: torch.Tensor) -> bool:
    return torch.equal(left.view(torch.int32), right.view(torch.int32))


def with_specials(*shape: int) -> torch.Tensor:
    data = normal_data(*shape)
    specials = torch.tensor([float("nan"), float("inf"), -float("inf"), -0.0, 1e-40, -1e-40])
    data.view(-1)[:: data.numel() // 6][:6] = specials
    return data


@every_case
@pytest.mark.parametrize(
    "data", [normal_data(3, 32), with_specials(6, 32), torch.zeros(2, 16)], ids=["normal", "specials", "0"]
)
def test_inplace_gives_the_same_bits_in_the_same_memory(
    fmt: DataFormat, rounding: Rounding, data: torch.Tensor
) -> None:
    before = data.clone()
    expected = quantize(data, fmt, rounding)
    assert same_bits(data, before)
    work = data.clone()
    result = quantize(work, fmt, rounding, inplace=True)
    assert result is work
    assert same_bits(result, expected)


@every_case
def test_strides_do_not_matter(fmt: DataFormat, rounding: Rounding) -> None:
    whole = with_specials(64, 96)
    view = whole[::2, 16:80]
    expected = quantize(view.clone(), fmt, rounding)
    assert same_bits(quantize(view, fmt, rounding), expected)
    transposed = whole.t()
    assert same_bits(quantize(transposed, fmt, rounding), quantize(transposed.contiguous(), fmt, rounding))
    rest = whole.clone()
    quantize(view, fmt, rounding, inplace=True)
    assert same_bits(view, expected)
    rest[::2, 16:80] = expected
    assert same_bits(whole, rest)


@every_case
@settings(max_examples=10)
@given(seed=st.integers(0, 1 << 20), columns=st.integers(1, 4))
def test_grid_values_stay(fmt: DataFormat, rounding: Rounding, seed: int, columns: int) -> None:
    once = quantize(normal_data(5, 16 * columns, seed=seed), fmt, rounding)
    assert same_bits(quantize(once, fmt, rounding), once)


@every_case
@pytest.mark.parametrize("shape", [(0, 16), (4, 0), (2, 0, 32)])
def test_empty_data(fmt: DataFormat, rounding: Rounding, shape: tuple[int, ...]) -> None:
    assert quantize(torch.zeros(shape), fmt, rounding).shape == shape


@pytest.mark.parametrize("fmt", [f for f in DataFormat if f.is_float and not f.is_block_float])
def test_scalars_have_no_group(fmt: DataFormat) -> None:
    assert float(quantize(torch.tensor(1.5), fmt, Rounding.packer)) == 1.5


def test_groups_are_rows_of_16() -> None:
    data = torch.ones(1, 32)
    data[0, 3] = 1004.0
    result = quantize(data, DataFormat.Bfp8_b, Rounding.packer)
    # 1004 is 125.5 units of 8, a tie; where units are 8, 1 is less than half of one.
    assert result[0, :4].tolist() == [0.0, 0.0, 0.0, 1008.0]
    assert result[0, 16:].tolist() == [1.0] * 16


def test_result_does_not_require_grad() -> None:
    leaf = torch.ones(16, requires_grad=True)
    assert not quantize(leaf, DataFormat.Float16_b, Rounding.packer).requires_grad


def test_float16_b_is_bfloat16_except_at_ties() -> None:
    data = normal_data(1 << 14)
    ours = quantize(data, DataFormat.Float16_b, Rounding.packer)
    theirs = data.to(torch.bfloat16).to(torch.float32)
    tie = (data.view(torch.int32) & 0xFFFF) == 0x8000
    assert same_bits(ours[~tie], theirs[~tie])
    assert float(quantize(torch.tensor(1 + 2.0**-8), DataFormat.Float16_b, Rounding.packer)) == 1 + 2.0**-7
    assert float(torch.tensor(1 + 2.0**-8).to(torch.bfloat16)) == 1.0


@pytest.mark.parametrize("rounding", Rounding)
@pytest.mark.parametrize(
    ("fmt", "dtype"),
    [
        (DataFormat.Float16, np.float16),
        (DataFormat.Lf8, ml_dtypes.float8_e5m2),
        (DataFormat.Float16_b, ml_dtypes.bfloat16),
    ],
)
def test_values_that_ieee_formats_hold_are_kept(fmt: DataFormat, dtype: type, rounding: Rounding) -> None:
    width = 8 * np.dtype(dtype).itemsize
    codes = np.arange(1 << width, dtype=f"u{width // 8}")
    values = codes.view(dtype).astype(np.float32)
    normal = np.isfinite(values) & (np.abs(values) >= float(ml_dtypes.finfo(dtype).smallest_normal))
    data = torch.tensor(values[normal])
    assert len(data) > 200
    assert same_bits(quantize(data, fmt, rounding), data)


def test_fp8_e4m3_holds_what_ml_dtypes_holds_and_one_value_more() -> None:
    values = np.arange(256, dtype=np.uint8).view(ml_dtypes.float8_e4m3fn).astype(np.float32)
    normal = np.isfinite(values) & (np.abs(values) >= 2.0**-6)
    data = torch.tensor(values[normal])
    assert same_bits(quantize(data, DataFormat.Fp8_e4m3, Rounding.packer), data)
    assert quantize(torch.tensor([1e9, -1e9, 2.0**-7]), DataFormat.Fp8_e4m3, Rounding.packer).tolist() == [480, -480, 0]


@pytest.mark.parametrize(
    ("data", "fmt", "rounding", "message"),
    [
        (torch.zeros(2, 24), DataFormat.Bfp8_b, Rounding.packer, "no multiple of 16"),
        (torch.tensor(1.0), DataFormat.Bfp4, Rounding.golden, "no multiple of 16"),
        (torch.zeros(16, dtype=torch.float64), DataFormat.Float16_b, Rounding.packer, "torch.float64"),
        (torch.zeros(16), DataFormat.Int8, Rounding.packer, "saturate_integer"),
        (torch.zeros(16), DataFormat.Fp8_e4m3, Rounding.golden, "Fp8_e4m3"),
    ],
)
def test_errors(data: torch.Tensor, fmt: DataFormat, rounding: Rounding, message: str) -> None:
    with pytest.raises(UnsupportedInputError, match=message):
        quantize(data, fmt, rounding)
