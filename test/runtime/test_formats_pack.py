"""Tiles in memory."""

from __future__ import annotations

import itertools
import re
import struct
from pathlib import Path

import ml_dtypes
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from tilewright.machine.sizes import tile_bytes
from tilewright.runtime.formats import pack_tiles, quantize, saturate_integer, unpack_tiles
from tilewright.support.dataformat import DataFormat, Rounding
from tilewright.support.errors import UnsupportedInputError

CASES = [
    (fmt, rounding)
    for fmt, rounding in itertools.product(DataFormat, Rounding)
    if fmt.is_float and (fmt, rounding) != (DataFormat.Fp8_e4m3, Rounding.golden)
]
DOCS = Path(__file__).parents[2] / "docs" / "formats.md"
FORMAT_NAME = re.compile("|".join(rf"\b{f.name}\b" for f in DataFormat))
INTEGERS = [f for f in DataFormat if not f.is_float]
shapes = st.tuples(st.integers(1, 2), st.integers(1, 3), st.integers(1, 3)).map(lambda s: (s[0], 32 * s[1], 32 * s[2]))


def any_values(shape: tuple[int, ...], seed: int) -> torch.Tensor:
    """Random bits for a third, values near 1 for the rest: infinities, NaN, denormals and ties included."""
    generator = torch.Generator().manual_seed(seed)
    values = torch.randn(shape, generator=generator)
    bits = torch.randint(-(1 << 31), 1 << 31, shape, generator=generator).to(torch.int32).view(torch.float32)
    rows = torch.randint(0, 3, (*shape[:-1], 1), generator=generator) == 0
    return torch.where(rows, bits, values)


@pytest.mark.parametrize(("fmt", "rounding"), CASES, ids=[f"{f.name}-{r.name}" for f, r in CASES])
@settings(max_examples=6)
@given(shape=shapes, seed=st.integers(0, 1 << 20), alignment=st.sampled_from((32, 64)))
def test_floats_come_back(
    fmt: DataFormat, rounding: Rounding, shape: tuple[int, ...], seed: int, alignment: int
) -> None:
    values = quantize(any_values(shape, seed), fmt, rounding)
    before = values.clone()
    packed = pack_tiles(values, fmt, alignment=alignment)
    assert len(packed) == values.numel() // 1024 * tile_bytes(fmt, alignment=alignment)
    back = unpack_tiles(packed, shape, fmt, alignment=alignment)
    assert torch.equal(back.view(torch.int32), values.view(torch.int32))
    assert torch.equal(values.view(torch.int32), before.view(torch.int32))


@pytest.mark.parametrize("fmt", INTEGERS)
@settings(max_examples=6)
@given(shape=shapes, seed=st.integers(0, 1 << 20))
def test_integers_come_back(fmt: DataFormat, shape: tuple[int, ...], seed: int) -> None:
    generator = torch.Generator().manual_seed(seed)
    values = saturate_integer(torch.randint(-(1 << 33), 1 << 33, shape, generator=generator) >> (seed % 34), fmt)
    back = unpack_tiles(pack_tiles(values, fmt), shape, fmt)
    assert back.dtype is values.dtype
    assert torch.equal(back, values)


def test_sizes_are_those_of_the_docs() -> None:
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in DOCS.read_text().splitlines()
        if line.startswith("| ")
    ]
    sizes = {name: (int(row[3]), int(row[4])) for row in rows if len(row) == 5 for name in FORMAT_NAME.findall(row[0])}
    assert sizes.pop("Float32") == (4128, 4160)
    for fmt in DataFormat:
        if fmt is not DataFormat.Float32:
            data = torch.zeros(32, 32, dtype=torch.float32 if fmt.is_float else torch.int32)
            packed = (len(pack_tiles(data, fmt)), len(pack_tiles(data, fmt, alignment=64)))
            assert sizes.pop(fmt.name) == packed
    assert not sizes


@pytest.mark.parametrize("alignment", [32, 64])
def test_header_counts_16_bytes(alignment: int) -> None:
    packed = pack_tiles(torch.zeros(64, 32), DataFormat.Float16_b, alignment=alignment)
    size = len(packed) // 2
    for start in (0, size):
        assert packed[start : start + 16] == struct.pack("<4I", size // 16, 0, 0, 0)


def test_faces_and_tiles_in_order() -> None:
    """Tiles row-major, in each F0 F1 F2 F3, in each rows."""
    values = torch.arange(64 * 64, dtype=torch.int32).view(64, 64)
    packed = pack_tiles(values, DataFormat.Int32)
    size = tile_bytes(DataFormat.Int32)
    expected: list[int] = []
    for tile_row, tile_col in itertools.product(range(2), range(2)):
        for face_row, face_col in itertools.product(range(2), range(2)):
            for row, col in itertools.product(range(16), range(16)):
                expected.append(64 * (32 * tile_row + 16 * face_row + row) + 32 * tile_col + 16 * face_col + col)
    found = [
        word for tile in range(4) for (word,) in struct.iter_unpack("<I", packed[tile * size + 16 : tile * size + 4112])
    ]
    assert found == expected
    assert packed[4112:size] == bytes(16)


@pytest.mark.parametrize(
    ("fmt", "dtype"),
    [
        (DataFormat.Float32, np.float32),
        (DataFormat.Float16_b, ml_dtypes.bfloat16),
        (DataFormat.Float16, np.float16),
        (DataFormat.Lf8, ml_dtypes.float8_e5m2),
        (DataFormat.Fp8_e4m3, ml_dtypes.float8_e4m3fn),
    ],
)
def test_datums_have_the_codes_of_ieee_formats(fmt: DataFormat, dtype: type) -> None:
    values = quantize(torch.randn(32, 32, generator=torch.Generator().manual_seed(0)) * 4, fmt, Rounding.packer)
    faces = torch.cat([values[r : r + 16, c : c + 16].flatten() for r in (0, 16) for c in (0, 16)])
    codes = faces.numpy().astype(dtype).tobytes()
    assert pack_tiles(values, fmt)[16 : 16 + len(codes)] == codes


@pytest.mark.parametrize(
    ("fmt", "exponent", "datums"),
    [
        # 1.75, -0.5, 0, 0.25 with exponent 0: units of 2**-6, 2**-2 and 1.
        (DataFormat.Bfp8_b, 127, bytes([0x70, 0x80 | 0x20, 0x00, 0x10])),
        (DataFormat.Bfp8, 15, bytes([0x70, 0x80 | 0x20, 0x00, 0x10])),
        (DataFormat.Bfp4_b, 127, bytes([0x7 | 0xA << 4, 0x0 | 0x1 << 4])),
        (DataFormat.Bfp4, 15, bytes([0x7 | 0xA << 4, 0x0 | 0x1 << 4])),
        (DataFormat.Bfp2_b, 127, bytes([0b01])),
        (DataFormat.Bfp2, 15, bytes([0b01])),
    ],
)
def test_block_floats_by_hand(fmt: DataFormat, exponent: int, datums: bytes) -> None:
    values = torch.zeros(32, 32)
    values[0, :4] = torch.tensor([1.75, -0.5, 0.0, 0.25])
    values[16, 16] = -8.0  # first datum of F3
    packed = pack_tiles(quantize(values, fmt, Rounding.packer), fmt)
    exponents, data = packed[16:80], packed[80:]
    assert exponents[0] == exponent
    assert exponents[48] == exponent + 3
    assert set(exponents[1:48] + exponents[49:]) == {0}
    assert data[: len(datums)] == datums
    width = fmt.value.datum_bits
    one = 1 << (width - 2)  # the magnitude of 1.0
    assert data[768 * width // 8] == 1 << (width - 1) | one


def test_signed_integers_are_sign_and_magnitude() -> None:
    values = torch.zeros(32, 32, dtype=torch.int32)
    values[0, :2] = torch.tensor([-3, 5])
    assert pack_tiles(values, DataFormat.Int8)[16:18] == bytes([0x83, 0x05])
    assert pack_tiles(values, DataFormat.Int32)[16:24] == struct.pack("<II", 0x80000003, 5)


def test_sign_without_magnitude_reads_as_the_hardware_reads_it() -> None:
    packed = bytearray(pack_tiles(torch.zeros(32, 32), DataFormat.Bfp8_b))
    packed[80] = 0x80
    assert float(unpack_tiles(packed, (32, 32), DataFormat.Bfp8_b)[0, 0]) == -float("inf")
    assert float(unpack_tiles(packed, (32, 32), DataFormat.Bfp8)[0, 0]) == -(2.0**16)


def test_exponent_255_is_infinity_past_float32() -> None:
    values = torch.tensor([float("inf"), -float("inf"), 2.0**127, 2.0**122] + [0.0] * 12).repeat(32, 2)
    packed = pack_tiles(values, DataFormat.Bfp8_b)
    assert packed[16] == 255
    assert packed[80:84] == bytes([0x40, 0xC0, 0x20, 0x01])


def test_no_tiles() -> None:
    for fmt in (DataFormat.Float16_b, DataFormat.Bfp8_b):
        assert pack_tiles(torch.zeros(0, 32, 64), fmt) == b""
        assert unpack_tiles(b"", (0, 32, 64), fmt).shape == (0, 32, 64)
    assert unpack_tiles(b"", (0, 32, 64), DataFormat.Int8).dtype is torch.int32


@pytest.mark.parametrize("fmt", [f for f in DataFormat if f.is_float and f is not DataFormat.Float32])
def test_values_off_the_grid_are_errors(fmt: DataFormat) -> None:
    off_grid = [1 + 2.0**-20, 1e-42]
    if fmt.is_block_float:
        off_grid += [-0.0, float("nan")]
    if fmt.value.exponent_bits < 8:
        off_grid += [2.0**20, 2.0**-30, float("inf"), float("nan")]
    for value in off_grid:
        data = torch.zeros(32, 32)
        data[5, 7] = value
        with pytest.raises(UnsupportedInputError, match="grid"):
            pack_tiles(data, fmt)


@pytest.mark.parametrize("fmt", INTEGERS)
def test_integers_out_of_range_are_errors(fmt: DataFormat) -> None:
    with pytest.raises(UnsupportedInputError, match="out of range"):
        pack_tiles(torch.full((32, 32), -(1 << 31)), fmt)
    with pytest.raises(UnsupportedInputError, match="no integer"):
        pack_tiles(torch.zeros(32, 32), fmt)


def test_wrong_arguments_are_errors() -> None:
    tile = torch.zeros(32, 32)
    with pytest.raises(UnsupportedInputError, match="whole tiles"):
        pack_tiles(torch.zeros(32, 48), DataFormat.Float32)
    with pytest.raises(UnsupportedInputError, match="whole tiles"):
        unpack_tiles(b"", (32,), DataFormat.Float32)
    with pytest.raises(UnsupportedInputError, match=r"torch\.float64"):
        pack_tiles(tile.double(), DataFormat.Float32)
    with pytest.raises(UnsupportedInputError, match="aligned to 24"):
        pack_tiles(tile, DataFormat.Float32, alignment=24)
    packed = pack_tiles(tile, DataFormat.Float16_b)
    with pytest.raises(UnsupportedInputError, match="got 2079"):
        unpack_tiles(packed[:-1], (32, 32), DataFormat.Float16_b)
    with pytest.raises(UnsupportedInputError, match="header"):
        unpack_tiles(bytes(4) + packed[4:], (32, 32), DataFormat.Float16_b)
