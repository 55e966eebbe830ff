"""Every lowering of a TTIR op computes, on tiles, what the op computes on tensors; what legality accepts, works."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp
from xdsl.dialects.func import FuncOp, ReturnOp
from xdsl.ir import Block, Operation, Region, SSAValue

from tilewright.dialects import ttir
from tilewright.dialects.types import tensor_type
from tilewright.frontend.types import element_type_of, type_of
from tilewright.stages import execute
from tilewright.transforms.lowering import elementwise, movement
from tilewright.transforms.lowering.table import RULES
from tilewright.transforms.tile_legality import TileLegality
from tilewright.transforms.ttir_to_tile import TtirToTile

LEGALITY = TileLegality("wormhole_n150", "Float32", "Float32")

FLOATS = (torch.float32, torch.float32, torch.float32, torch.bfloat16)
ANY = (torch.float32, torch.bool, torch.int32, torch.int64, torch.bfloat16)

EXTENTS = st.one_of(st.integers(1, 4), st.sampled_from([1, 31, 32, 33, 65]))


@dataclass
class Sample:
    """A function of one op, being drawn.

    Attributes:
        draw: Hypothesis's.
        block: The function's body.
        tensors: Values of its arguments.
    """

    draw: st.DrawFn
    block: Block = field(default_factory=Block)
    tensors: list[torch.Tensor] = field(default_factory=list[torch.Tensor])

    def shape(self, least: int = 0, most: int = 5, elements: int = 20000) -> tuple[int, ...]:
        """A shape with few elements, most extents no multiple of 32."""
        shape: list[int] = []
        for _ in range(self.draw(st.integers(least, most))):
            extent = self.draw(EXTENTS)
            shape.append(extent if math.prod(shape) * extent <= elements else 1)
        return tuple(shape)

    def part(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        """A shape that broadcasts with `shape`."""
        kept = shape[self.draw(st.integers(0, len(shape))) :]
        return tuple(d if self.draw(st.booleans()) else 1 for d in kept)

    def pick(self, *options: Any) -> Any:
        """One of `options`."""
        return self.draw(st.sampled_from(options))

    def values(self, shape: Sequence[int], dtype: torch.dtype, *, finite: bool = True) -> torch.Tensor:
        """Numbers of `dtype`; unless `finite`, some of Float32 are zero, infinite or NaN."""
        generator = torch.Generator().manual_seed(self.draw(st.integers(0, 1 << 16)))
        if dtype is torch.bool:
            return torch.rand(tuple(shape), generator=generator) < 0.5
        if not dtype.is_floating_point:
            return torch.randint(-4, 5, tuple(shape), generator=generator).to(dtype)
        values = torch.randn(tuple(shape), generator=generator) * 2
        if not finite and dtype is torch.float32:
            special = torch.tensor([0.0, 1.0, math.inf, -math.inf, math.nan])
            special = special[torch.randint(5, tuple(shape), generator=generator)]
            values = torch.where(torch.rand(tuple(shape), generator=generator) < 0.1, special, values)
        return values.to(dtype)

    def argument(self, value: torch.Tensor) -> SSAValue:
        """A further argument of the function."""
        self.tensors.append(value)
        return self.block.insert_arg(type_of(value), len(self.block.args))

    def tensor(self, shape: Sequence[int], dtype: torch.dtype, *, finite: bool = True) -> SSAValue:
        """A further argument with drawn values."""
        return self.argument(self.values(shape, dtype, finite=finite))


class Example:
    """A module of one function and one op, with values for the arguments; prints as IR."""

    def __init__(self, module: ModuleOp, tensors: list[torch.Tensor]):
        self.module = module
        self.tensors = tensors

    def __repr__(self) -> str:
        return f"{self.module} {[t if t.numel() < 20 else t.shape for t in self.tensors]}"


def like(value: SSAValue, dtype: torch.dtype) -> Any:
    """The type with the shape of `value` and another element type."""
    return tensor_type(value.type.get_shape(), element_type_of(dtype))  # type: ignore[attr-defined]


def unary(op: Any, s: Sample) -> Operation:
    return op(s.tensor(s.shape(), s.pick(*ANY), finite=s.pick(True, False)))


def binary(op: Any, s: Sample) -> Operation:
    shape, dtype, finite = s.shape(), s.pick(*ANY), s.pick(True, False)
    x, y = s.tensor(shape, dtype, finite=finite), s.tensor(s.part(shape), dtype, finite=finite)
    return op(*((x, y) if s.pick(True, False) else (y, x)), *result_of(op, x))


def result_of(op: Any, full: SSAValue) -> tuple[Any, ...]:
    """The result type of a binary op whose `full` operand has the result's shape."""
    return (like(full, torch.bool),) if issubclass(op, ttir.ConditionOp) else (full.type,)


def logical_not(op: Any, s: Sample) -> Operation:
    x = s.tensor(s.shape(), s.pick(*ANY), finite=False)
    return op(x, like(x, s.pick(torch.bool, torch.float32)))


def typecast(op: Any, s: Sample) -> Operation:
    x = s.tensor(s.shape(), s.pick(*ANY))
    return op(x, element_type_of(s.pick(*ANY, torch.int8)))


def where(op: Any, s: Sample) -> Operation:
    shape, dtype = s.shape(), s.pick(*ANY)
    parts = [s.part(shape), s.part(shape), s.part(shape)]
    parts[s.pick(0, 1, 2)] = shape
    condition = s.tensor(parts[0], s.pick(torch.bool, torch.bool, torch.float32, torch.int32))
    first, second = (s.tensor(p, dtype, finite=False) for p in parts[1:])
    return op(condition, first, second, tensor_type(shape, element_type_of(dtype)))


def clamp(op: Any, s: Sample) -> Operation:
    low, high = s.pick(-math.inf, -1.0, 0.5, 0, math.nan), s.pick(math.inf, 1.0, 0.25, 2, math.nan)
    return op(s.tensor(s.shape(), s.pick(*ANY), finite=False), low, high)


def matmul(op: Any, s: Sample) -> Operation:
    batch, swap_a, swap_b = s.shape(most=2, elements=6), s.pick(True, False), s.pick(True, False)
    rows, inner, cols = s.draw(EXTENTS), s.draw(EXTENTS), s.draw(EXTENTS)
    left, right = (batch, s.part(batch)) if s.pick(True, False) else (s.part(batch), batch)
    dtype = s.pick(*FLOATS)
    a = s.tensor((*left, *((inner, rows) if swap_a else (rows, inner))), dtype)
    b = s.tensor((*right, *((cols, inner) if swap_b else (inner, cols))), dtype)
    if op is ttir.MatmulOp:
        return op(a, b, swap_a, swap_b)
    further = (2, *[1] * max(map(len, (left, right))), 1, cols)
    shape = s.pick(None, (cols,), (1, cols), (rows, cols), (rows, 1), (1,), further)
    bias = None if shape is None else s.tensor(shape, dtype)
    return op(a, b, bias, swap_a, swap_b)


def softmax(op: Any, s: Sample) -> Operation:
    shape = s.shape(least=1)
    x = s.values(shape, s.pick(*FLOATS))
    if s.pick(True, False):
        x[torch.rand(shape, generator=torch.Generator().manual_seed(1)) < 0.3] = -math.inf
        # The machine makes zeros of a row without a finite number, torch NaN.
        x[..., 0] = 0.5
    return op(s.argument(x), s.pick(-1, -1, len(shape) - 1, 0))


def layer_norm(op: Any, s: Sample) -> Operation:
    shape, dtype = s.shape(least=1), s.pick(*FLOATS)
    last = shape[-s.pick(1, 1, 1, 2) :]
    weight, bias = (s.tensor(last, dtype) if s.pick(True, False) else None for _ in range(2))
    return op(s.tensor(shape, dtype), last, weight, bias, s.pick(1e-5, 1e-2))


def attention(op: Any, s: Sample) -> Operation:
    batch, heads, depth = s.pick(1, 2), s.pick(1, 3), s.pick(8, 32, 40)
    rows, columns = s.pick(1, 5, 33), s.pick(1, 7, 40)
    q, k = (batch, heads, rows, depth), (batch, s.pick(heads, 1), columns, depth)
    dtype = s.pick(*FLOATS)
    mask = None
    if s.pick(True, False):
        shape = (s.pick(1, batch), s.pick(1, heads), rows, columns)
        mask = s.argument(torch.where(s.values(shape, torch.bool), 0.0, -math.inf).to(dtype))
    tensors = [s.tensor(shape, dtype) for shape in (q, k, k)]
    causal = mask is None and rows == columns and s.pick(True, False)
    return op(*tensors, mask, is_causal=causal, scale=s.pick(None, 0.25))


def reduction(op: Any, s: Sample) -> Operation:
    shape = s.shape()
    dims = None
    if shape and s.pick(True, True, False):
        chosen = s.draw(st.sets(st.integers(0, len(shape) - 1), min_size=1))
        dims = [d - s.pick(0, len(shape)) for d in sorted(chosen)]
    finite = s.pick(True, True, False) or op in (ttir.MeanOp, ttir.SumOp)
    return op(s.tensor(shape, s.pick(*FLOATS, torch.int32), finite=finite), dims, s.pick(True, False))


def reshape(op: Any, s: Sample) -> Operation:
    shape = s.shape()
    left, target = math.prod(shape), []
    while left > 1 and len(target) < 4:
        target.append(s.pick(*(d for d in range(1, left + 1) if left % d == 0)))
        left //= target[-1]
    return op(s.tensor(shape, s.pick(*ANY)), (*target, left))


def squeeze(op: Any, s: Sample) -> Operation:
    shape = list(s.shape(least=1, most=4))
    dim = s.pick(*range(len(shape) + 1))
    shape.insert(dim, 1)
    return op(s.tensor(shape, s.pick(*ANY)), s.pick(dim, dim - len(shape)))


def unsqueeze(op: Any, s: Sample) -> Operation:
    shape = s.shape(most=4)
    return op(s.tensor(shape, s.pick(*ANY)), s.pick(*range(-len(shape) - 1, len(shape) + 1)))


def permute(op: Any, s: Sample) -> Operation:
    shape = s.shape()
    return op(s.tensor(shape, s.pick(*ANY)), s.draw(st.permutations(range(len(shape)))))


def transpose(op: Any, s: Sample) -> Operation:
    shape = s.shape(least=2)
    dims = range(-len(shape), len(shape))
    return op(s.tensor(shape, s.pick(*ANY)), s.pick(*dims), s.pick(*dims))


def broadcast(op: Any, s: Sample) -> Operation:
    shape = s.shape()
    grown = [d == 1 and s.pick(True, False) for d in shape]
    return op(s.tensor(shape, s.pick(*ANY)), [s.pick(2, 33) if g else 1 for g in grown])


def sliced(op: Any, s: Sample) -> Operation:
    shape = s.shape(least=1)
    begins, ends, steps = [], [], []
    for d in shape:
        begin = s.draw(st.integers(0, d - 1))
        end = s.draw(st.integers(begin + 1, d))
        begins.append(begin - s.pick(0, d))
        ends.append(end if end == d else end - s.pick(0, d))
        steps.append(s.pick(1, 1, 2, 3))
    if s.pick(True, False, False, False):
        begins[0], ends[0], steps[0] = shape[0] - 1, 0, -1
    return op(s.tensor(shape, s.pick(*ANY)), begins, ends, steps)


def concat(op: Any, s: Sample) -> Operation:
    shape, dtype = list(s.shape(least=1, elements=4000)), s.pick(*ANY)
    dim = s.pick(*range(len(shape)))
    parts = []
    for _ in range(s.pick(1, 2, 3)):
        shape[dim] = s.draw(EXTENTS)
        parts.append(s.tensor(shape, dtype))
    return op(parts, s.pick(dim, dim - len(shape)))


def embedding(op: Any, s: Sample) -> Operation:
    rows, width = s.draw(EXTENTS), s.draw(EXTENTS)
    shape = s.shape(most=2, elements=100)
    index = torch.arange(math.prod(shape)).reshape(shape).remainder(rows)
    indices = s.argument(index.to(s.pick(torch.int64, torch.int32)))
    return op(indices, s.tensor((rows, width), s.pick(*FLOATS)))


Build = Callable[[Any, Sample], Operation]

_NAMED: dict[str, Build] = {
    "ttir.logical_not": logical_not,
    "ttir.typecast": typecast,
    "ttir.where": where,
    "ttir.clamp_scalar": clamp,
    "ttir.matmul": matmul,
    "ttir.linear": matmul,
    "ttir.softmax": softmax,
    "ttir.layer_norm": layer_norm,
    "ttir.scaled_dot_product_attention": attention,
    "ttir.reshape": reshape,
    "ttir.squeeze": squeeze,
    "ttir.unsqueeze": unsqueeze,
    "ttir.permute": permute,
    "ttir.transpose": transpose,
    "ttir.broadcast": broadcast,
    "ttir.slice_static": sliced,
    "ttir.concat": concat,
    "ttir.embedding": embedding,
}

BUILD: dict[str, Build] = {
    **dict.fromkeys(elementwise._UNARY, unary),
    **dict.fromkeys((*elementwise._BINARY, *elementwise._COMPARE, *elementwise._LOGICAL, "ttir.div"), binary),
    **dict.fromkeys(movement._REDUCE, reduction),
    **_NAMED,
}

_LOOSE = {
    **dict.fromkeys(("ttir.multiply", "ttir.div", "ttir.matmul", "ttir.linear"), 2.0**-8),
    # An error of a score counts for its exponential.
    "ttir.scaled_dot_product_attention": 2.0**-7,
}
"""Tolerance of ops whose operands go through the matrix engine, which holds Float32 with 9 or 10 mantissa bits."""

_SUMS = frozenset({"ttir.matmul", "ttir.linear", "ttir.sum", "ttir.mean"})
"""Where errors are relative to the sum of magnitudes."""

OP_TYPES = {op.name: op for op in ttir.TTIR.operations}


def test_every_rule_has_a_case() -> None:
    assert set(BUILD) == set(RULES)


def tolerance_of(name: str, dtype: torch.dtype) -> float:
    """The largest error, relative to the scale of the numbers that were computed with."""
    if not dtype.is_floating_point:
        return 0.0
    return max(_LOOSE.get(name, 2.0**-20), 4 * torch.finfo(dtype).eps)


def largest(x: torch.Tensor) -> float:
    """The largest finite magnitude in `x`, at least 1."""
    finite = x[x.isfinite()].to(torch.float64).abs()
    return max(1.0, float(finite.max())) if finite.numel() else 1.0


def assert_close(found: torch.Tensor, expected: torch.Tensor, tolerance: float) -> None:
    """Equal types; errors up to `tolerance`, and infinity and NaN in the same places."""
    assert (found.dtype, found.shape) == (expected.dtype, expected.shape)
    x, y = found.to(torch.float64), expected.to(torch.float64)
    if expected.dtype is torch.bfloat16:
        # The packer writes no NaN in 16 bits (docs/formats.md).
        x = x.masked_fill(y.isnan(), torch.nan)
    assert torch.allclose(x, y, rtol=0.0, atol=tolerance, equal_nan=True), f"{found}\n{expected}"


@pytest.mark.parametrize("name", sorted(BUILD))
def test_lowering_computes_what_the_op_does(name: str) -> None:
    lowered: list[bool] = []

    @st.composite
    def samples(draw: st.DrawFn) -> Example:
        sample = Sample(draw)
        op = BUILD[name](OP_TYPES[name], sample)
        sample.block.add_ops([op, ReturnOp(op)])
        types = [a.type for a in sample.block.args], [op.results[0].type]
        return Example(ModuleOp([FuncOp("f", types, Region(sample.block))]), sample.tensors)

    # Ops of one family differ in one table entry.
    @settings(max_examples=25 if name in _NAMED else 8, suppress_health_check=list(HealthCheck))
    @given(samples())
    def compare(example: Example) -> None:
        module, tensors = example.module.clone(), example.tensors
        module.verify()
        (function,) = module.ops
        assert isinstance(function, FuncOp)
        op, _ = function.body.block.ops
        lowered.append(not LEGALITY.reasons_against(op))
        if not lowered[-1]:
            return
        (expected,) = execute(module, tensors)
        scale = largest(expected)
        if name in _SUMS:
            scale = largest(*execute(module, [t.abs() for t in tensors]))
        TtirToTile().apply(Context(), module)
        module.verify()
        (found,) = execute(module, tensors)
        assert_close(found, expected, tolerance_of(name, expected.dtype) * scale)

    compare()
    assert any(lowered), "never lowered"
