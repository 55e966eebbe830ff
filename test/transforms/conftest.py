"""One call of an ATen overload, or a function of TTIR, executed before and after a pass."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import pytest
import torch
from hypothesis import reject
from hypothesis import strategies as st
from xdsl.context import Context
from xdsl.dialects.builtin import ArrayAttr, DictionaryAttr, FunctionType, ModuleOp, f32
from xdsl.dialects.func import FuncOp, ReturnOp
from xdsl.ir import Attribute, Block, Operation, Region, SSAValue

from tilewright.dialects import aten, ttir
from tilewright.dialects.ttcore import ArgumentType, ArgumentTypeAttr
from tilewright.dialects.types import element_type_of, shape_of, tensor_type
from tilewright.frontend.arguments import encode_argument, operand_attr
from tilewright.frontend.types import type_of
from tilewright.stages import execute
from tilewright.transforms.aten_to_ttir import AtenToTtir
from tilewright.transforms.tile_legality import DECLINED
from tilewright.transforms.ttir_fuse import TtirFuse

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


UNITS = 16
"""How many units in the last place of the largest element a fused op may differ: it rounds elsewhere."""


@dataclass
class Build:
    """Builds a function op by op; draws how each part is written."""

    draw: st.DrawFn
    element: Attribute = f32
    types: list[Attribute] = field(default_factory=list)
    constants: set[int] = field(default_factory=set)
    block: Block = field(default_factory=Block)

    def input(self, *shape: int, constant: bool = False) -> SSAValue:
        self.types.append(tensor_type(shape, self.element))
        if constant:
            self.constants.add(len(self.types) - 1)
        return self.block.insert_arg(self.types[-1], len(self.types) - 1)

    def op(self, op: Operation) -> SSAValue:
        self.block.add_op(op)
        return op.results[0]

    def either(self) -> bool:
        return self.draw(st.booleans())

    def number(self, value: float, like: SSAValue) -> SSAValue:
        """A number, with the shape of `like` or broadcast."""
        shape = self.draw(st.sampled_from((shape_of(like), (1,) * len(shape_of(like)), (1,))))
        return self.op(ttir.FullOp(shape, value, element_type_of(like)))

    def binary(self, kind: type[ttir.BinaryOp], a: SSAValue, b: SSAValue, *, ordered: bool = False) -> SSAValue:
        operands = (b, a) if not ordered and self.either() else (a, b)
        return self.op(kind(*operands, tensor_type(self.joined(a, b), self.element)))

    @staticmethod
    def joined(a: SSAValue, b: SSAValue) -> tuple[int, ...]:
        return tuple(torch.broadcast_shapes(shape_of(a), shape_of(b)))

    def times(self, value: SSAValue, factor: float) -> SSAValue:
        """A multiple, as a product or as a quotient."""
        if self.either():
            return self.binary(ttir.DivOp, value, self.number(1 / factor, value), ordered=True)
        return self.binary(ttir.MultiplyOp, value, self.number(factor, value))

    def reduced(self, kind: type[ttir.ReductionOp], x: SSAValue, axes: Sequence[int]) -> SSAValue:
        """A reduction with its dimensions kept, at once or by a reshape."""
        if self.either():
            return self.op(kind(x, axes, True))
        inner = self.op(kind(x, axes, False))
        kept = [1 if i in axes else d for i, d in enumerate(shape_of(x))]
        return self.op(ttir.ReshapeOp(inner, kept))

    def repeated(self, value: SSAValue, shape: Sequence[int]) -> SSAValue:
        """A value that broadcasts by itself, or explicitly."""
        if self.either():
            return value
        have = shape_of(value)
        if len(have) < len(shape):
            value = self.op(ttir.ReshapeOp(value, (1,) * (len(shape) - len(have)) + have))
        return self.op(ttir.BroadcastOp(value, [w // h for w, h in zip(shape, shape_of(value), strict=True)]))

    def module(self, *results: SSAValue) -> ModuleOp:
        self.block.add_op(ReturnOp(*results))
        type_ = FunctionType.from_lists(self.types, [v.type for v in results])
        function = FuncOp("f", type_, Region(self.block))
        if self.constants:
            function.arg_attrs = _argument_types(len(self.types), self.constants)
        return ModuleOp([function])


def _argument_types(count: int, constants: set[int]) -> Any:
    kinds = (ArgumentType.INPUT, ArgumentType.CONSTANT)
    return ArrayAttr(
        DictionaryAttr({"ttcore.argument_type": ArgumentTypeAttr(kinds[i in constants])}) for i in range(count)
    )


def check_fused_program(
    build: Build, *results: SSAValue, becomes: Sequence[str], seed: int = 0, scale: float = 1.0
) -> None:
    """Fuse, and compare the ops that are left, but for movements and numbers, and what they compute."""
    before = build.module(*results)
    before.verify()
    after = before.clone()
    TtirFuse().apply(Context(), after)
    after.verify()
    kept = ("ttir.full", "ttir.reshape", "ttir.broadcast", "ttir.permute", "ttir.typecast", "ttir.unsqueeze")
    names = [op.name for op in after.walk() if op.name.startswith("ttir.") and op.name not in kept]
    assert names == [f"ttir.{name}" for name in becomes], f"{before}\n{after}"

    generator = torch.Generator().manual_seed(seed)
    dtype = torch.float32 if build.element == f32 else torch.bfloat16
    shapes = [t.get_shape() for t in build.types]  # type: ignore[attr-defined]
    inputs = [(scale * torch.randn(shape, generator=generator)).to(dtype) for shape in shapes]
    for expected, found in zip(execute(before, inputs), execute(after, inputs), strict=True):
        assert isinstance(expected, torch.Tensor)
        assert isinstance(found, torch.Tensor)
        tolerance = UNITS * torch.finfo(dtype).eps
        bound = tolerance * max(1.0, float(expected.abs().max()))
        assert found.dtype == expected.dtype
        assert torch.allclose(found.double(), expected.double(), rtol=tolerance, atol=bound, equal_nan=True)


@pytest.fixture(scope="session")
def build() -> type[Build]:
    """Builds functions op by op."""
    return Build


@pytest.fixture(scope="session")
def check_fused() -> Callable[..., None]:
    """A function that fuses what was built, and compares names of ops and results."""
    return check_fused_program
