"""What `tilewright run` says of a tensor, of any element type."""

from __future__ import annotations

import hashlib
from math import isnan

import pytest
import torch

from tilewright.file_run import summarize

FLOATS = [torch.float16, torch.bfloat16, torch.float32, torch.float64]
SIGNED = [torch.int8, torch.int16, torch.int32, torch.int64]
UNSIGNED = [torch.uint8, torch.uint16, torch.uint32, torch.uint64]


@pytest.mark.parametrize("dtype", [*FLOATS, *SIGNED, *UNSIGNED])
def test_least_and_largest(dtype: torch.dtype) -> None:
    low = 1 if dtype in UNSIGNED else -7
    found = summarize("x", torch.tensor([[3, low], [100, 5]]).to(dtype))

    assert (found.least, found.largest) == (low, 100)
    assert (found.shape, found.dtype) == ((2, 2), str(dtype).removeprefix("torch."))


def test_booleans_are_0_and_1() -> None:
    found = summarize("x", torch.tensor([True, False]))

    assert (found.least, found.largest) == (0, 1)


@pytest.mark.parametrize("dtype", FLOATS)
def test_nan_shows(dtype: torch.dtype) -> None:
    found = summarize("x", torch.tensor([1.0, float("nan")], dtype=dtype))

    assert isnan(found.least)
    assert isnan(found.largest)


@pytest.mark.parametrize("tensor", [torch.zeros(0, 3), torch.ones(2, dtype=torch.complex64)])
def test_nothing_to_compare_is_nan(tensor: torch.Tensor) -> None:
    assert isnan(summarize("x", tensor).least)


def test_checksum_is_of_the_elements_row_by_row() -> None:
    x = torch.arange(6, dtype=torch.int16).reshape(2, 3)
    expected = hashlib.sha256(b"".join(i.to_bytes(2, "little") for i in (0, 3, 1, 4, 2, 5))).hexdigest()[:16]

    assert summarize("x", x.T).checksum == expected
    assert summarize("x", torch.zeros(0)).checksum == hashlib.sha256(b"").hexdigest()[:16]
