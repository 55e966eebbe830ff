from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tilewright.machine.sizes import align_up, tile_bytes
from tilewright.support.dataformat import DataFormat
from tilewright.support.errors import UnsupportedInputError


@pytest.mark.parametrize(
    ("fmt", "size"),
    [
        (DataFormat.Float32, 4128),
        (DataFormat.Tf32, 4128),
        (DataFormat.Float16, 2080),
        (DataFormat.Float16_b, 2080),
        (DataFormat.Bfp8, 1120),
        (DataFormat.Bfp8_b, 1120),
        (DataFormat.Bfp4_b, 608),
        (DataFormat.Bfp2_b, 352),
        (DataFormat.Int8, 1056),
    ],
)
def test_sizes_are_those_of_the_hardware(fmt: DataFormat, size: int) -> None:
    assert tile_bytes(fmt) == size


def test_blackhole_pads_to_64() -> None:
    assert tile_bytes(DataFormat.Float16_b, alignment=64) == 2112


@given(st.sampled_from(DataFormat), st.sampled_from([1, 16, 32, 64, 128]))
def test_padding_is_less_than_the_alignment(fmt: DataFormat, alignment: int) -> None:
    bare = tile_bytes(fmt, alignment=1)
    padded = tile_bytes(fmt, alignment=alignment)
    assert padded % alignment == 0
    assert 0 <= padded - bare < alignment


@pytest.mark.parametrize("alignment", [0, -32])
def test_an_alignment_must_be_positive(alignment: int) -> None:
    with pytest.raises(UnsupportedInputError, match=f"alignment = {alignment}"):
        align_up(10, alignment)
