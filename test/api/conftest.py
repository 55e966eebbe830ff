"""Comparing a compiled model with its module."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch.utils import _pytree as pytree

import tilewright
from tilewright.comparison import pearson
from tilewright.model import CompiledModel


def assert_alike(found: object, expected: object, pcc: float) -> None:
    """The same structure, types, shapes and dtypes; floats correlate, all else is equal."""
    a, spec_a = pytree.tree_flatten(found)
    b, spec_b = pytree.tree_flatten(expected)
    assert spec_a == spec_b
    for x, y in zip(a, b, strict=True):
        assert type(x) is type(y)
        if not isinstance(y, torch.Tensor):
            assert x == y
            continue
        assert (x.dtype, x.shape) == (y.dtype, y.shape)
        if y.dtype.is_floating_point and y.numel() == 1:
            assert torch.allclose(x, y, rtol=0.01, atol=0.01), f"{x}\n{y}"
        elif y.dtype.is_floating_point:
            assert pearson(x, y) >= pcc, f"{x}\n{y}"
        else:
            assert torch.equal(x, y), f"{x}\n{y}"


@pytest.fixture(scope="session")
def check_model() -> Callable[..., CompiledModel]:
    """A function that compiles a module, calls it, and compares with what the module itself returns."""

    def check(
        module: Any, args: tuple[Any, ...], kwargs: dict[str, Any] | None = None, *, pcc: float = 0.999, **options: Any
    ) -> CompiledModel:
        keywords = kwargs or {}
        twin = copy.deepcopy(module)
        inputs = copy.deepcopy((args, keywords))
        model = tilewright.compile(module, args, keywords, **options)
        found = model(*args, **keywords)
        with torch.no_grad():
            expected = twin(*inputs[0], **inputs[1])
        assert_alike(found, expected, pcc)
        return model

    return check


@pytest.fixture(autouse=True)
def seed() -> None:
    """The same random weights in every test."""
    torch.manual_seed(0)
