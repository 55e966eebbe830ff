"""NaN and infinities go through ops of floats as NumPy has them: moved as they are, spread by sums as IEEE says."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from xdsl.dialects import test as xdsl_test
from xdsl.dialects.builtin import AnyFloat, IntegerType, ModuleOp, Signedness, bf16, f16, f32, f64, i32, i64
from xdsl.ir import Attribute, Operation, SSAValue

from tilewright.dialects import ttir
from tilewright.dialects.types import element_type_of, shape_of, tensor_type
from tilewright.runtime.dtypes import torch_dtype
from tilewright.runtime.functions.ttir import TtirFunctions
from tilewright.runtime.interpreter import Interpreter

INTERPRETER = Interpreter(ModuleOp([]), [TtirFunctions()])
SPECIAL = np.array([math.nan, math.inf, -math.inf, 0.0, -0.0])
ELEMENT = st.sampled_from([f32, f64, bf16, f16])
INDEX = st.sampled_from([i32, i64, IntegerType(32, Signedness.UNSIGNED), bf16])
EXTENT = st.integers(1, 5)
SHAPE = st.lists(EXTENT, min_size=1, max_size=4).map(tuple)
SEED = st.integers(0, 999)
Array = Any


@dataclass(frozen=True)
class Case:
    """The shapes of operands, the op on them, and what NumPy makes of them."""

    shapes: Sequence[tuple[int, ...]]
    build: Callable[..., Operation]
    expected: Callable[..., Array]


def axis_of(draw: st.DrawFn, shape: tuple[int, ...]) -> int:
    return draw(st.integers(-len(shape), len(shape) - 1))


def broadcast(draw: st.DrawFn) -> Case:
    shape = draw(SHAPE)
    source = tuple(1 if draw(st.booleans()) else d for d in shape)
    factors = [d if s == 1 else 1 for d, s in zip(shape, source, strict=True)]
    return Case([source], lambda x: ttir.BroadcastOp(x, factors), lambda x: np.broadcast_to(x, shape))


def concat(draw: st.DrawFn) -> Case:
    shape = draw(SHAPE)
    dim = axis_of(draw, shape) % len(shape)
    shapes = [(*shape[:dim], n, *shape[dim + 1 :]) for n in draw(st.lists(EXTENT, min_size=1, max_size=3))]
    return Case(shapes, lambda *x: ttir.ConcatOp(x, dim), lambda *x: np.concatenate(x, dim))


def permute(draw: st.DrawFn) -> Case:
    shape = draw(SHAPE)
    order = draw(st.permutations(range(len(shape))))
    return Case([shape], lambda x: ttir.PermuteOp(x, order), lambda x: np.transpose(x, order))


def reshape(draw: st.DrawFn) -> Case:
    shape = draw(SHAPE)
    cut = draw(st.integers(0, len(shape)))
    target = (math.prod(shape[:cut]), math.prod(shape[cut:]))
    return Case([shape], lambda x: ttir.ReshapeOp(x, target), lambda x: np.reshape(x, target))


def squeeze(draw: st.DrawFn) -> Case:
    shape = draw(SHAPE)
    dim = draw(st.integers(0, len(shape)))
    return Case([(*shape[:dim], 1, *shape[dim:])], lambda x: ttir.SqueezeOp(x, dim), lambda x: np.squeeze(x, dim))


def transpose(draw: st.DrawFn) -> Case:
    shape = (draw(EXTENT), *draw(SHAPE))
    a, b = axis_of(draw, shape), axis_of(draw, shape)
    return Case([shape], lambda x: ttir.TransposeOp(x, a, b), lambda x: np.swapaxes(x, a, b))


def unsqueeze(draw: st.DrawFn) -> Case:
    shape = draw(SHAPE)
    dim = draw(st.integers(0, len(shape)))
    return Case([shape], lambda x: ttir.UnsqueezeOp(x, dim), lambda x: np.expand_dims(x, dim))


def concatenate_heads(draw: st.DrawFn) -> Case:
    batch, heads, rows, width = (draw(EXTENT) for _ in range(4))
    target = (batch, rows, heads * width)
    return Case(
        [(batch, heads, rows, width)],
        lambda x: ttir.ConcatenateHeadsOp.build(operands=[x], result_types=[tensor_type(target, element_type_of(x))]),
        lambda x: np.transpose(x, (0, 2, 1, 3)).reshape(target),
    )


def two(draw: st.DrawFn) -> list[tuple[int, ...]]:
    """Shapes that broadcast to one."""
    shape = draw(SHAPE)
    ones = tuple(1 if draw(st.booleans()) else d for d in shape)
    return [shape, ones[draw(st.integers(0, len(shape))) :]]


def binary(op: Callable[..., Operation], expected: Callable[..., Array]) -> Callable[[st.DrawFn], Case]:
    return lambda draw: Case(two(draw), op, expected)


def reduction(kind: type[ttir.ReductionOp], expected: Callable[..., Array]) -> Callable[[st.DrawFn], Case]:
    def make(draw: st.DrawFn) -> Case:
        shape = draw(SHAPE)
        dims = sorted(draw(st.sets(st.integers(0, len(shape) - 1), min_size=1)))
        keep = draw(st.booleans())
        return Case(
            [shape],
            lambda x: kind(x, [d - len(shape) for d in dims], keep),
            lambda x: expected(x, tuple(dims), keepdims=keep),
        )

    return make


def reversed_axes(draw: st.DrawFn) -> Case:
    shape = draw(SHAPE)
    axes = draw(st.lists(st.integers(0, len(shape) - 1), unique=True))
    return Case([shape], lambda x: ttir.ReverseOp(x, axes), lambda x: np.flip(x, tuple(axes)))


def clamp_scalar(draw: st.DrawFn) -> Case:
    low, high = sorted(draw(st.tuples(*[st.sampled_from([-math.inf, -1.5, 0.0, 0.25, math.inf])] * 2)))
    return Case([draw(SHAPE)], lambda x: ttir.ClampScalarOp(x, low, high), lambda x: np.clip(x, low, high))


def clamp_tensor(draw: st.DrawFn) -> Case:
    shape, part = two(draw)
    return Case([shape, part, part], ttir.ClampTensorOp, lambda x, low, high: np.minimum(np.maximum(x, low), high))


def where(draw: st.DrawFn) -> Case:
    shape, part = two(draw)
    shapes = draw(st.permutations([shape, shape, part]))
    return Case(shapes, ttir.WhereOp, lambda c, x, y: np.where(c != 0, x, y))


MOVED: dict[str, Callable[[st.DrawFn], Case]] = {
    "broadcast": broadcast,
    "clamp_scalar": clamp_scalar,
    "clamp_tensor": clamp_tensor,
    "concat": concat,
    "concatenate_heads": concatenate_heads,
    "max": reduction(ttir.MaxOp, np.max),
    "maximum": binary(ttir.MaximumOp, np.maximum),
    "min": reduction(ttir.MinOp, np.min),
    "minimum": binary(ttir.MinimumOp, np.minimum),
    "permute": permute,
    "reduce_and": reduction(ttir.ReduceAndOp, np.all),
    "reduce_or": reduction(ttir.ReduceOrOp, np.any),
    "reshape": reshape,
    "reverse": reversed_axes,
    "squeeze": squeeze,
    "transpose": transpose,
    "unsqueeze": unsqueeze,
    "where": where,
}
"""Elements come out as they went in."""


def product(a: Array, b: Array) -> Array:
    """a @ b, of (.., M, K) and (.., K, N)."""
    return (a[..., :, :, None] * b[..., None, :, :]).sum(-2)


def factors(draw: st.DrawFn) -> list[tuple[int, ...]]:
    """Shapes of two matrices, batches of them on either side."""
    m, k, n = (draw(EXTENT) for _ in range(3))
    batch = tuple(draw(st.lists(EXTENT, max_size=2)))
    sides = draw(st.sampled_from([(batch, batch), (batch, ()), ((), batch)]))
    return [(*sides[0], m, k), (*sides[1], k, n)]


def matmul(draw: st.DrawFn) -> Case:
    return Case(factors(draw), ttir.MatmulOp, product)


def linear(draw: st.DrawFn) -> Case:
    a, b = factors(draw)
    return Case([a, b, b[-1:]], ttir.LinearOp, lambda a, b, bias: product(a, b) + bias)


def dot_general(draw: st.DrawFn) -> Case:
    batch, m, k, n = (draw(EXTENT) for _ in range(4))
    dims = {"batch_dims_lhs": [1], "contract_dims_lhs": [0], "batch_dims_rhs": [0], "contract_dims_rhs": [2]}
    return Case(
        [(k, batch, m), (batch, n, k)],
        lambda a, b: ttir.DotGeneralOp(a, b, **dims),
        lambda a, b: product(np.transpose(a, (1, 2, 0)), np.transpose(b, (0, 2, 1))),
    )


def leaky_relu(draw: st.DrawFn) -> Case:
    slope = draw(st.sampled_from([0.5, 0.0625, -2.0, 0.0]))
    return Case([draw(SHAPE)], lambda x: ttir.LeakyReluOp(x, slope), lambda x: np.where(x > 0, x, x * slope))


def softmax(draw: st.DrawFn) -> Case:
    shape = draw(SHAPE)
    dim = axis_of(draw, shape)

    def expected(x: Array) -> Array:
        e = np.exp(x - x.max(dim, keepdims=True))
        return e / e.sum(dim, keepdims=True)

    return Case([shape], lambda x: ttir.SoftmaxOp(x, dim), expected)


def norm(kind: type[ttir.NormalizationOp], centred: bool) -> Callable[[st.DrawFn], Case]:
    def make(draw: st.DrawFn) -> Case:
        shape = draw(SHAPE)
        axes = tuple(range(draw(st.integers(0, len(shape) - 1)), len(shape)))
        affine = draw(st.booleans())

        def expected(x: Array, weight: Array = 1.0) -> Array:
            x = x - x.mean(axes, keepdims=True) if centred else x
            return x / np.sqrt((x * x).mean(axes, keepdims=True) + float(np.float32(1e-3))) * weight

        inner = shape[axes[0] :]
        return Case(
            [shape, *[inner] * affine],
            lambda x, weight=None: kind(x, inner, weight, epsilon=1e-3),
            expected,
        )

    return make


def rotary(draw: st.DrawFn) -> Case:
    shape = (*(draw(EXTENT) for _ in range(3)), 2 * draw(EXTENT))
    angles = (*(1 if draw(st.booleans()) else d for d in shape[:-1]), shape[-1])
    half = shape[-1] // 2
    return Case(
        [shape, angles, angles],
        ttir.RotaryEmbeddingOp,
        lambda x, cos, sin: x * cos + np.concatenate([-x[..., half:], x[..., :half]], -1) * sin,
    )


COMPUTED: dict[str, Callable[[st.DrawFn], Case]] = {
    "dot_general": dot_general,
    "layer_norm": norm(ttir.LayerNormOp, centred=True),
    "leaky_relu": leaky_relu,
    "linear": linear,
    "matmul": matmul,
    "mean": reduction(ttir.MeanOp, np.mean),
    "pow": binary(ttir.PowOp, np.power),
    "prod": reduction(ttir.ProdOp, np.prod),
    "rms_norm": norm(ttir.RMSNormOp, centred=False),
    "rotary_embedding": rotary,
    "softmax": softmax,
    "sum": reduction(ttir.SumOp, np.sum),
}


def value(shape: Sequence[int], element: Attribute) -> SSAValue:
    return xdsl_test.TestOp(result_types=[tensor_type(shape, element)]).results[0]


def check(case: Case, element: AnyFloat, seed: int, share: float, tolerance: float) -> None:
    """Run `case` on random numbers, `share` of them special."""
    random, dtype = np.random.default_rng(seed), torch_dtype(element)
    arrays = [np.where(random.random(s) < share, random.choice(SPECIAL, s), random.normal(size=s)) for s in case.shapes]
    tensors = [torch.from_numpy(a).to(dtype) for a in arrays]
    op = case.build(*(value(s, element) for s in case.shapes))
    op.verify()
    (found,) = INTERPRETER.step(op)(*tensors)
    assert isinstance(found, torch.Tensor)
    with np.errstate(all="ignore"):
        wanted = torch.from_numpy(np.array(case.expected(*(t.double().numpy() for t in tensors))))
    assert found.dtype is dtype
    assert tuple(found.shape) == shape_of(op.results[0])
    wanted = wanted.reshape(found.shape).to(dtype).double()
    torch.testing.assert_close(found.double(), wanted, rtol=tolerance, atol=tolerance, equal_nan=True)


@pytest.mark.parametrize("make", MOVED.values(), ids=MOVED.keys())
@given(st.data(), ELEMENT, SEED, st.sampled_from([0.1, 0.5, 1.0]))
@settings(max_examples=60)
def test_elements_are_kept(
    make: Callable[[st.DrawFn], Case], data: st.DataObject, element: AnyFloat, seed: int, share: float
) -> None:
    check(make(data.draw), element, seed, share, 0.0)


TOLERANCE = {f64: 1e-9, f32: 1e-4, f16: 2e-3, bf16: 1e-2}
"""Sums in float32, or float64 for that; then one rounding."""


@pytest.mark.parametrize("make", COMPUTED.values(), ids=COMPUTED.keys())
@given(st.data(), ELEMENT, SEED, st.sampled_from([0.0, 0.02, 0.1, 0.5]))
@settings(max_examples=60)
def test_special_values_spread(
    make: Callable[[st.DrawFn], Case], data: st.DataObject, element: AnyFloat, seed: int, share: float
) -> None:
    check(make(data.draw), element, seed, share, TOLERANCE[element])


@given(st.lists(EXTENT, max_size=2).map(tuple), EXTENT, EXTENT, INDEX, ELEMENT, SEED)
def test_rows_of_a_table_are_kept(
    shape: tuple[int, ...], rows: int, width: int, index: Attribute, element: Attribute, seed: int
) -> None:
    random = np.random.default_rng(seed)
    table = torch.from_numpy(random.choice(np.append(SPECIAL, [1.5, -2.0]), (rows, width))).to(torch_dtype(element))
    ids = random.integers(0, rows, shape)
    op = ttir.EmbeddingOp(value(shape, index), value((rows, width), element))
    (found,) = INTERPRETER.step(op)(torch.from_numpy(ids).to(torch_dtype(index)), table)
    assert isinstance(found, torch.Tensor)
    assert found.dtype is table.dtype
    np.testing.assert_array_equal(found.double().numpy(), table.double().numpy()[ids])
