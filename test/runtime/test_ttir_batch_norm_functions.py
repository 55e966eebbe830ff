"""Batch and group norms of TTIR against means and deviations taken in float64, channel by channel."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf, nan

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from xdsl.dialects import test as xdsl_test
from xdsl.dialects.builtin import ModuleOp, bf16, f16, f32, f64, i32
from xdsl.ir import Attribute, Operation, SSAValue

from tilewright.dialects import ttir
from tilewright.dialects.types import element_type_of, shape_of, tensor_type
from tilewright.runtime.dtypes import torch_dtype
from tilewright.runtime.functions.ttir import TtirFunctions
from tilewright.runtime.interpreter import Interpreter
from tilewright.support.errors import UnsupportedInputError

Tensor = torch.Tensor
INTERPRETER = Interpreter(ModuleOp([]), [TtirFunctions()])
SEED = st.integers(0, 999)
FLOAT = st.sampled_from([f32, bf16, f16, f64])
SPECIAL = st.sampled_from([None, None, nan, inf, -inf])
SHAPE = st.lists(st.integers(1, 4), min_size=2, max_size=5)
EPSILON = st.sampled_from([1e-5, 0.5])


def value(shape: Sequence[int], element: Attribute = f32) -> SSAValue:
    return xdsl_test.TestOp(result_types=[tensor_type(shape, element)]).results[0]


def random(shape: Sequence[int], element: Attribute, seed: int, special: float | None = None) -> Tensor:
    x = torch.randn(tuple(shape), generator=torch.Generator().manual_seed(seed)).to(torch_dtype(element))
    if special is not None:
        x.view(-1)[seed % x.numel()] = special
    return x


def run(op: Operation, *inputs: Tensor) -> tuple[Tensor, ...]:
    op.verify()
    found: list[Tensor] = []
    for result, type_of in zip(INTERPRETER.step(op)(*inputs), op.results, strict=True):
        assert isinstance(result, Tensor)
        assert tuple(result.shape) == shape_of(type_of)
        assert result.dtype is torch_dtype(element_type_of(type_of))
        found.append(result)
    return tuple(found)


def assert_near(found: Tensor, expected: Tensor, scale: Tensor | float = 1.0) -> None:
    """Rounded once from what float32 (or float64) makes of it; NaN and infinities in the same places."""
    wide, special = found.double(), ~expected.isfinite()
    assert str(wide[special].tolist()) == str(expected[special].tolist())
    eps, inner = torch.finfo(found.dtype).eps, 1e-13 if found.dtype is torch.float64 else 4e-6
    bound = torch.as_tensor(eps * expected.abs() + inner * scale + torch.finfo(found.dtype).tiny).expand_as(expected)
    assert bool(((wide - expected).abs() <= bound)[~special].all()), (found, expected)


def root(numbers: Tensor) -> Tensor:
    return numbers**0.5


@given(SHAPE, st.integers(0, 4), FLOAT, FLOAT, SEED, SPECIAL, EPSILON, st.booleans())
def test_batch_norm_inference(
    shape: list[int],
    dimension: int,
    element: Attribute,
    parameter: Attribute,
    seed: int,
    special: float | None,
    epsilon: float,
    wide: bool,
) -> None:
    dimension %= len(shape)
    channels = shape[dimension]
    of_channels = [channels if wide and d == dimension else 1 for d in range(len(shape))] if wide else [channels]
    x = random(shape, element, seed, special)
    scale, offset, mean, variance = (random((channels,), parameter, seed + i) for i in range(1, 5))
    variance = variance.abs()
    if special is not None:
        (scale, offset, mean, variance)[seed % 4][seed % channels] = special
    op = ttir.BatchNormInferenceOp(
        value(shape, element), *[value(of_channels, parameter)] * 4, epsilon=epsilon, dimension=dimension
    )
    (found,) = run(op, x, *(p.view(of_channels) for p in (scale, offset, mean, variance)))
    for c in range(channels):
        part = x.select(dimension, c).double()
        m, v, s, o = (p[c].double() for p in (mean, variance, scale, offset))
        normal = (part - m) / root(v + torch.tensor(epsilon, dtype=torch.float32).double())
        size = (normal.nan_to_num(posinf=0, neginf=0).abs() * s.abs()).nan_to_num(posinf=0) + 1
        assert_near(found.select(dimension, c), normal * s + o, size)


@given(SHAPE, st.integers(0, 4), FLOAT, st.sampled_from([f32, bf16, f16]), SEED, SPECIAL, EPSILON)
def test_batch_norm_training(
    shape: list[int],
    dimension: int,
    element: Attribute,
    parameter: Attribute,
    seed: int,
    special: float | None,
    epsilon: float,
) -> None:
    dimension %= len(shape)
    channels = shape[dimension]
    x = random(shape, element, seed, special)
    parameters = [random((channels,), parameter, seed + i) for i in range(1, 5)]
    op = ttir.BatchNormTrainingOp(
        value(shape, element), *[value((channels,), parameter)] * 4, epsilon=epsilon, dimension=dimension, momentum=0.1
    )
    before = [p.clone() for p in parameters]
    found, mean, variance = run(op, x, *parameters)
    assert all(map(torch.equal, parameters, before))
    for c in range(channels):
        part = x.select(dimension, c).double()
        m = part.sum() / part.numel()
        v = ((part - m) ** 2).sum() / part.numel()
        size = part.abs().max().nan_to_num(posinf=1.0) + 1
        assert_near(mean[c], m, size)
        assert_near(variance[c], v, size**2)
        normal = (part - m) / root(v + torch.tensor(epsilon, dtype=torch.float32).double())
        expected = normal * parameters[0][c].double() + parameters[1][c].double()
        # What rounding takes from the mean is divided by the root too.
        assert_near(found.select(dimension, c), expected, 10 * size * (1 + 1 / root(v.nan_to_num() + epsilon)))


@given(
    st.integers(1, 2), st.lists(st.integers(1, 4), min_size=2, max_size=3), st.integers(1, 3), st.integers(1, 2),
    st.integers(1, 4), FLOAT, SEED, SPECIAL, st.tuples(st.booleans(), st.booleans(), st.booleans()),
)  # fmt: skip
def test_group_norm(
    batch: int,
    inner: list[int],
    groups: int,
    size: int,
    axis: int,
    element: Attribute,
    seed: int,
    special: float | None,
    given_operands: tuple[bool, bool, bool],
) -> None:
    channels = groups * size
    axis = 1 + (axis - 1) % (len(inner) + 1)
    shape = [batch, *inner[: axis - 1], channels, *inner[axis - 1 :]]
    x = random(shape, element, seed, special)
    weight, bias = (random((channels,), element, seed + i) for i in (1, 2))
    mask = torch.full((1, groups, 32, 32), nan).to(x.dtype)
    operands = [t for t, is_given in zip((mask, weight, bias), given_operands, strict=True) if is_given]
    has_mask, has_weight, has_bias = given_operands
    op = ttir.GroupNormOp(
        value(shape, element),
        groups,
        value((channels,), element) if has_weight else None,
        value((channels,), element) if has_bias else None,
        input_mask=value((1, groups, 32, 32), element) if has_mask else None,
        epsilon=1e-3,
        channel_dim=axis,
    )
    (found,) = run(op, x, *operands)
    for n in range(batch):
        for g in range(groups):
            part = x[n].narrow(axis - 1, g * size, size).double()
            m = part.sum() / part.numel()
            v = ((part - m) ** 2).sum() / part.numel()
            normal = (part - m) / root(v + torch.tensor(1e-3, dtype=torch.float32).double())
            bound = (
                (1 + weight.double().abs().max())
                * 10
                * (part.abs().max().nan_to_num(posinf=1.0) + 1)
                * (1 + 1 / root(v.nan_to_num() + 1e-3))
            )
            for c in range(size):
                expected = normal.select(axis - 1, c)
                expected = expected * weight[g * size + c].double() if has_weight else expected
                expected = expected + bias[g * size + c].double() if has_bias else expected
                assert_near(found[n].select(axis - 1, g * size + c), expected, bound)


def test_group_norm_of_one_element_a_group() -> None:
    (found,) = run(ttir.GroupNormOp(value((1, 1, 1, 3)), 3), random((1, 1, 1, 3), f32, 1))
    assert found.flatten().tolist() == [0.0] * 3


def test_norms_of_integers() -> None:
    op = ttir.BatchNormInferenceOp(value((2, 3), i32), *[value((3,), i32)] * 4, 1e-5, 1)
    with pytest.raises(UnsupportedInputError, match=r"ttir.batch_norm_inference of i32"):
        INTERPRETER.step(op)
