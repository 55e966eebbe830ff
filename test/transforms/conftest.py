"""One call of an ATen overload, executed before and after its conversion."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

import pytest
import torch
from hypothesis import reject
from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp
from xdsl.dialects.func import FuncOp, ReturnOp
from xdsl.ir import Attribute, Block, Region

from tilewright.dialects import aten
from tilewright.frontend.arguments import encode_argument, operand_attr
from tilewright.frontend.types import type_of
from tilewright.stages import execute
from tilewright.transforms.aten_to_ttir import AtenToTtir
from tilewright.transforms.tile_legality import DECLINED

Arguments: TypeAlias = "tuple[tuple[Any, ...], dict[str, Any]]"
"""Positional and keyword arguments of a call."""


@dataclass(frozen=True)
class Converted:
    """What became of a call.

    Attributes:
        module: The function after the pass.
        ops: Names of the ops in it.
        declined: The conditions that did not hold; empty where the call was converted.
    """

    module: ModuleOp
    ops: tuple[str, ...]
    declined: tuple[str, ...]


def call_module(callee: str, arguments: Arguments, result: torch.Tensor) -> tuple[ModuleOp, list[torch.Tensor]]:
    """A module whose function calls `callee`, and the tensors for the function's arguments."""
    args, kwargs = arguments
    tensors: list[torch.Tensor] = []

    def encode_value(value: object) -> Attribute | None:
        if not isinstance(value, torch.Tensor):
            return None
        tensors.append(value)
        return operand_attr(len(tensors) - 1)

    positional = [encode_argument(a, encode_value) for a in args]
    keyword = {name: encode_argument(a, encode_value) for name, a in kwargs.items()}
    block = Block(arg_types=[type_of(t) for t in tensors])
    call = aten.CallOp(callee, block.args, positional, keyword, [type_of(result)])
    block.add_ops([call, ReturnOp(*call.results)])
    function = FuncOp("f", ([a.type for a in block.args], [type_of(result)]), Region(block))
    return ModuleOp([function]), tensors


def convert(module: ModuleOp) -> Converted:
    """Run `aten-to-ttir`, without decompositions, on a copy of `module`."""
    after = module.clone()
    AtenToTtir().apply(Context(), after)
    after.verify()
    calls = [op for op in after.walk() if isinstance(op, aten.CallOp)]
    texts = tuple(t.data for op in calls for t in op.attributes[DECLINED].data)  # type: ignore[attr-defined]
    names = tuple(op.name for op in after.walk() if op.name.startswith(("ttir.", "aten.")))
    return Converted(after, names, texts)


def overload_of(callee: str) -> Callable[..., torch.Tensor]:
    """Torch's own function of that name."""
    _, packet, overload = callee.split(".")
    return getattr(getattr(torch.ops.aten, packet), overload)


def eager(callee: str, arguments: Arguments) -> torch.Tensor:
    """What torch returns; an example that torch refuses is none."""
    args, kwargs = arguments
    try:
        return overload_of(callee)(*args, **kwargs)
    except (RuntimeError, IndexError, ValueError):
        reject()


def assert_close(found: torch.Tensor, expected: torch.Tensor, units: float) -> None:
    """Equal shape and dtype; floats within `units` times the type's epsilon, relative and absolute; all else equal."""
    assert (found.dtype, found.shape) == (expected.dtype, expected.shape)
    if expected.dtype.is_floating_point:
        tolerance = units * torch.finfo(expected.dtype).eps
        # Not torch.testing, whose first use imports for seconds.
        x, y = found.to(torch.float64), expected.to(torch.float64)
        assert torch.allclose(x, y, rtol=tolerance, atol=tolerance, equal_nan=True), f"{found}\n{expected}"
    else:
        assert torch.equal(found, expected), f"{found}\n{expected}"


@pytest.fixture(scope="session")
def check_call() -> Callable[..., Converted]:
    """A function that executes a call at both levels and compares each with torch."""

    def check(callee: str, arguments: Arguments, units: float = 0.0) -> Converted:
        expected = eager(callee, arguments)
        module, tensors = call_module(callee, arguments, expected)
        overloads = {callee: overload_of(callee)}
        (before,) = execute(module, tensors, overloads=overloads)
        assert_close(before, expected, 0.0)
        converted = convert(module)
        (after,) = execute(converted.module, tensors, overloads=overloads)
        assert_close(after, expected, units)
        return converted

    return check
