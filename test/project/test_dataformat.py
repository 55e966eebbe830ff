"""The table of number formats, against the definitions of the same formats elsewhere."""

from __future__ import annotations

import ml_dtypes
import numpy as np
import pytest

from tilewright.support.dataformat import DataFormat, MathFidelity, format_named, format_of_type_name
from tilewright.support.errors import UnsupportedInputError

FLOATS = {
    DataFormat.Float32: np.float32,
    DataFormat.Float16_b: ml_dtypes.bfloat16,
    DataFormat.Float16: np.float16,
    DataFormat.Lf8: ml_dtypes.float8_e5m2,
    DataFormat.Fp8_e4m3: ml_dtypes.float8_e4m3fn,
}
INTEGERS = {
    DataFormat.Int32: np.int32,
    DataFormat.UInt32: np.uint32,
    DataFormat.UInt16: np.uint16,
    DataFormat.UInt8: np.uint8,
    DataFormat.Int8: np.int8,
}
BLOCK_FLOATS = {f for f in DataFormat if f.name.startswith("Bfp")}


def test_every_format_is_covered_here() -> None:
    assert {*FLOATS, *INTEGERS, *BLOCK_FLOATS, DataFormat.Tf32} == set(DataFormat)


@pytest.mark.parametrize(("fmt", "dtype"), FLOATS.items())
def test_float_layout(fmt: DataFormat, dtype: type[np.generic]) -> None:
    info = ml_dtypes.finfo(dtype)
    layout = fmt.value
    assert (layout.exponent_bits, layout.mantissa_bits, layout.datum_bits) == (info.nexp, info.nmant, info.bits)
    assert fmt.is_float
    assert not fmt.is_block_float


@pytest.mark.parametrize(("fmt", "dtype"), INTEGERS.items())
def test_integer_layout(fmt: DataFormat, dtype: type[np.generic]) -> None:
    info = np.iinfo(dtype)
    layout = fmt.value
    assert layout.datum_bits == info.bits
    assert 2**layout.mantissa_bits - 1 == info.max
    assert not fmt.is_float
    assert fmt.exponent_family is None


@pytest.mark.parametrize("fmt", sorted(BLOCK_FLOATS, key=lambda f: f.name))
def test_block_float_datum_is_sign_and_magnitude(fmt: DataFormat) -> None:
    assert fmt.is_block_float
    assert fmt.value.datum_bits == 1 + fmt.value.mantissa_bits == int(fmt.name.removesuffix("_b").removeprefix("Bfp"))
    assert fmt.exponent_family == ("b" if fmt.name.endswith("_b") else "a")


def test_tf32_has_the_range_of_float32_and_the_precision_of_float16() -> None:
    layout = DataFormat.Tf32.value
    assert layout.exponent_bits == DataFormat.Float32.value.exponent_bits
    assert layout.mantissa_bits == DataFormat.Float16.value.mantissa_bits
    assert layout.datum_bits == DataFormat.Float32.value.datum_bits


@pytest.mark.parametrize(
    ("family", "formats"),
    [
        ("b", {"Float16_b", "Bfp8_b", "Bfp4_b", "Bfp2_b"}),
        ("a", {"Float16", "Lf8", "Bfp8", "Bfp4", "Bfp2"}),
    ],
)
def test_exponent_families(family: str, formats: set[str]) -> None:
    assert {f.name for f in DataFormat if f.exponent_family == family} == formats


@pytest.mark.parametrize("fmt", DataFormat)
def test_both_names_lead_back_to_the_format(fmt: DataFormat) -> None:
    assert format_named(fmt.name) is fmt
    assert format_of_type_name(fmt.type_name) is fmt


def test_unknown_names() -> None:
    assert format_of_type_name("f64") is None
    with pytest.raises(UnsupportedInputError, match="no number format 'Bfp8b'") as caught:
        format_named("Bfp8b")
    assert caught.value.hint is not None
    assert "'Bfp8_b'" in caught.value.hint


def test_fidelity_is_the_number_of_phases() -> None:
    assert [f.value for f in MathFidelity] == [1, 2, 3, 4]
