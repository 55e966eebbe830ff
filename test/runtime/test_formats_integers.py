"""Integer formats."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from tilewright.runtime.formats import saturate_integer
from tilewright.runtime.formats.integers import integer_dtype
from tilewright.support.dataformat import DataFormat
from tilewright.support.errors import NumericsError, UnsupportedInputError

LIMITS = {
    DataFormat.Int32: (-(2**31) + 1, 2**31 - 1),
    DataFormat.UInt32: (0, 2**32 - 1),
    DataFormat.UInt16: (0, 65535),
    DataFormat.UInt8: (0, 255),
    DataFormat.Int8: (-127, 127),
}
every_format = pytest.mark.parametrize("fmt", LIMITS)


def half_away(value: float) -> int:
    """Nearest integer, ties away from zero."""
    magnitude = math.floor(abs(Fraction(value)) + Fraction(1, 2))
    return -magnitude if value < 0 else magnitude


@every_format
@given(value=st.floats(width=32, allow_nan=False) | st.integers(-600, 600).map(lambda n: n / 2))
def test_rounds_half_away_and_saturates(fmt: DataFormat, value: float) -> None:
    least, largest = LIMITS[fmt]
    whole = half_away(value) if math.isfinite(value) else (1 if value > 0 else -1) * 2**40
    result = saturate_integer(torch.tensor([value]), fmt)
    assert result.dtype is integer_dtype(fmt)
    assert result.tolist() == [min(max(whole, least), largest)]


@every_format
def test_integers_only_saturate(fmt: DataFormat) -> None:
    least, largest = LIMITS[fmt]
    values = torch.tensor([-(2**40), -1, 0, 7, 2**40])
    assert saturate_integer(values, fmt).tolist() == [least, max(-1, least), 0, 7, largest]
    assert saturate_integer(torch.tensor([True, False]), fmt).tolist() == [1, 0]


def test_largest_float_below_a_half_is_zero() -> None:
    assert saturate_integer(torch.tensor([0.49999997, -0.49999997]), DataFormat.Int32).tolist() == [0, 0]


def test_input_is_untouched() -> None:
    data = torch.tensor([1.5, -3e9])
    saturate_integer(data, DataFormat.Int32)
    assert data.tolist() == [1.5, -3e9]


@every_format
def test_nan_is_an_error(fmt: DataFormat) -> None:
    with pytest.raises(NumericsError, match="NaN"):
        saturate_integer(torch.tensor([1.0, math.nan]), fmt)


def test_other_types_are_errors() -> None:
    with pytest.raises(UnsupportedInputError, match="Float16_b is no integer format"):
        saturate_integer(torch.zeros(1), DataFormat.Float16_b)
    with pytest.raises(UnsupportedInputError, match=r"torch\.float64"):
        saturate_integer(torch.zeros(1, dtype=torch.float64), DataFormat.Int8)
