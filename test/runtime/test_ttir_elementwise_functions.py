"""Elementwise TTIR ops of floats, against Python's `math` in float64; and reductions of special values."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import product
from math import inf, nan
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from xdsl.dialects import test as xdsl_test
from xdsl.dialects.builtin import ModuleOp, StringAttr, bf16, f16, f32, f64, i1, i32
from xdsl.ir import Attribute, Operation, SSAValue

from tilewright.dialects import ttir
from tilewright.dialects.types import element_type_of, shape_of, tensor_type
from tilewright.runtime.dtypes import torch_dtype
from tilewright.runtime.functions.ttir import TtirFunctions
from tilewright.runtime.interpreter import Interpreter
from tilewright.support.errors import NumericsError

INTERPRETER = Interpreter(ModuleOp([]), [TtirFunctions()])
FLOATS = st.sampled_from([f64, f32, bf16, f16])
SPECIAL = [0.0, -0.0, inf, -inf, nan, 1.0, -1.0, 0.5, -0.5, 3.0, -3.0, 6.0, 1e-30, -1e-7, 6e4, -6e4, 88.0, -104.0]
NUMBER = st.one_of(st.sampled_from(SPECIAL), st.floats(-8, 8), st.floats())
NUMBERS = st.lists(NUMBER, min_size=1, max_size=8)
SHAPE = st.lists(st.integers(1, 3), max_size=3).map(tuple)


@st.composite
def tensors(draw: st.DrawFn, numbers: st.SearchStrategy[float] = NUMBER) -> torch.Tensor:
    """Float64 numbers in some shape."""
    shape = draw(SHAPE)
    count = math.prod(shape)
    return torch.tensor(draw(st.lists(numbers, min_size=count, max_size=count)), dtype=torch.float64).view(shape)


def value(shape: Sequence[int], element: Attribute) -> SSAValue:
    return xdsl_test.TestOp(result_types=[tensor_type(shape, element)]).results[0]


def run(op: Operation, *inputs: torch.Tensor) -> torch.Tensor:
    """The one result of `op`, which has the type that the op says."""
    op.verify()
    (result,) = INTERPRETER.step(op)(*inputs)
    assert isinstance(result, torch.Tensor)
    assert tuple(result.shape) == shape_of(op.results[0])
    assert result.dtype is torch_dtype(element_type_of(op.results[0]))
    return result


def assert_near(found: torch.Tensor, expected: Sequence[float], scale: Sequence[float] | None = None) -> None:
    """Each number is within two units of the roundoff of `found` of the expected one, relative to that or `scale`."""
    narrowed = torch.tensor(list(expected), dtype=torch.float64).to(found.dtype).flatten()
    sizes = torch.tensor(list(scale or expected), dtype=torch.float64).abs().nan_to_num(0.0, 0.0, 0.0)
    limits = torch.finfo(found.dtype)
    near = (found.flatten().double() - narrowed.double()).abs() <= 2 * limits.eps * sizes + limits.smallest_normal
    same = (found.flatten() == narrowed) | (found.flatten().isnan() & narrowed.isnan())
    assert bool((near | same).all()), (found, narrowed)


def total(function: Callable[..., float], undefined: float = nan) -> Callable[..., float]:
    """`function`, which is infinite where it overflows, and NaN where it is not defined."""

    def evaluate(*arguments: float) -> float:
        if any(map(math.isnan, arguments)):
            return nan
        try:
            return function(*arguments)
        except OverflowError:
            return inf
        except (ValueError, ZeroDivisionError):
            return undefined

    return evaluate


def softplus(x: float) -> float:
    return max(x, 0.0) + math.log1p(math.exp(-abs(x)))


UNARY: dict[type[ttir.UnaryOp], Callable[[float], float]] = {
    ttir.AcosOp: math.acos,
    ttir.AsinOp: math.asin,
    ttir.AsinhOp: math.asinh,
    ttir.AtanOp: math.atan,
    ttir.CbrtOp: math.cbrt,
    ttir.ErfcOp: math.erfc,
    ttir.Exp2Op: lambda x: 2.0**x,
    ttir.Expm1Op: math.expm1,
    ttir.FracOp: lambda x: math.fmod(x, 1.0),
    ttir.HardsigmoidOp: lambda x: min(max(x + 3, 0.0), 6.0) / 6,
    ttir.MishOp: lambda x: x * math.tanh(softplus(x)) if x != -inf else nan,
    ttir.Relu6Op: lambda x: sorted((0.0, x, 6.0))[1],
    ttir.SoftsignOp: lambda x: x / (1 + abs(x)),
    ttir.SquareOp: lambda x: x * x,
    ttir.TanOp: math.tan,
    ttir.TanhshrinkOp: lambda x: x - math.tanh(x),
    ttir.TruncOp: lambda x: float(math.trunc(x)) if math.isfinite(x) else x,
}
ABSOLUTE = {ttir.TanhshrinkOp, ttir.MishOp, ttir.TanOp}
"""Functions whose error is relative to the input where that is larger, or near a pole."""


@pytest.mark.parametrize("kind", UNARY, ids=[op.name for op in UNARY])
@given(tensors(), FLOATS)
@settings(max_examples=max(1, settings().max_examples // 3))
def test_unary(kind: type[ttir.UnaryOp], x: torch.Tensor, element: Attribute) -> None:
    data = x.to(torch_dtype(element))
    if kind is ttir.TanOp:
        data = torch.where(data.isfinite(), data.clamp(-1.5, 1.5), data)
    function = total(UNARY[kind])
    numbers = data.double().flatten().tolist()
    expected = [function(v) for v in numbers]
    scale = [max(abs(v), abs(e)) for v, e in zip(numbers, expected, strict=True)] if kind in ABSOLUTE else None
    assert_near(run(kind(value(data.shape, element)), data), expected, scale)


@given(tensors(), FLOATS, FLOATS)
def test_result_of_another_float_type_is_rounded_once(x: torch.Tensor, source: Attribute, target: Attribute) -> None:
    data = x.to(torch_dtype(source))
    op = ttir.NegOp(value(data.shape, source), tensor_type(data.shape, target))
    assert_near(run(op, data), [-v for v in data.flatten().tolist()])
    wide = ttir.ExpOp(value((1,), bf16), tensor_type((1,), f64))
    assert run(wide, torch.ones(1, dtype=torch.bfloat16)).item() == math.e


@given(tensors(), FLOATS, st.sampled_from([i1, f32]))
def test_predicates_of_signs(x: torch.Tensor, element: Attribute, result: Attribute) -> None:
    data = x.to(torch_dtype(element))
    op = ttir.SignbitOp(value(data.shape, element), tensor_type(data.shape, result))
    assert run(op, data).flatten().tolist() == [math.copysign(1.0, v) < 0 for v in data.flatten().tolist()]


def test_mish_of_minus_infinity_is_not_a_number() -> None:
    assert run(ttir.MishOp(value((), f32)), torch.tensor(-inf)).isnan()


@given(tensors(), FLOATS, st.sampled_from([(1.0507009873390197, 1.6732635498046875), (2.0, 0.5)]))
def test_selu(x: torch.Tensor, element: Attribute, parameters: tuple[float, float]) -> None:
    scale, alpha = parameters
    data = x.to(torch_dtype(element))
    op = ttir.SeluOp(value(data.shape, element), scale, alpha)
    held = [float(torch.tensor(p, dtype=torch.float32)) for p in parameters]
    function = total(lambda v: held[0] * (v if v > 0 else held[1] * math.expm1(v)))
    assert_near(run(op, data), [function(v) for v in data.double().flatten().tolist()])


def paired(y: torch.Tensor, x: list[float], element: Attribute) -> tuple[torch.Tensor, torch.Tensor, list[Any]]:
    """Tensors (.., 1) and (N) that broadcast, and the pairs of their elements in the order of the result."""
    rows, columns = (t.to(torch_dtype(element)) for t in (y.unsqueeze(-1), torch.tensor(x, dtype=torch.float64)))
    return rows, columns, list(product(rows.flatten().double().tolist(), columns.double().tolist()))


@given(tensors(), NUMBERS, FLOATS)
def test_atan2(y: torch.Tensor, x: list[float], element: Attribute) -> None:
    rows, columns, pairs = paired(y, x, element)
    op = ttir.Atan2Op(value(rows.shape, element), value(columns.shape, element))
    assert_near(run(op, rows, columns), [math.atan2(*pair) for pair in pairs])


@given(tensors(), NUMBERS, FLOATS)
def test_remainder(x: torch.Tensor, y: list[float], element: Attribute) -> None:
    rows, columns, pairs = paired(x, y, element)
    op = ttir.RemainderOp(value(rows.shape, element), value(columns.shape, element))
    function = total(lambda a, b: a % b)  # of Python, with the sign of b
    assert_near(run(op, rows, columns), [function(*pair) for pair in pairs])


@pytest.mark.parametrize("element", [f16, bf16, f32, f64], ids=str)
@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_remainder_of_a_quotient_that_overflows(element: Attribute, sign: float) -> None:
    limits = torch.finfo(torch_dtype(element))
    # As many elements as vector instructions take.
    x = torch.full((16,), sign * limits.max, dtype=torch_dtype(element))
    y = torch.full_like(x, 7 * limits.smallest_normal * limits.eps)
    op = ttir.RemainderOp(value((16,), element), value((16,), element))
    assert run(op, x, y).tolist() == [x[0].item() % y[0].item()] * 16


@pytest.mark.parametrize("element", [f16, bf16, f32, f64], ids=str)
def test_bounds_beyond_the_type_are_infinite(element: Attribute) -> None:
    x = torch.tensor([-inf, -5.0, 2.0, inf, nan], dtype=torch_dtype(element))
    op = ttir.ClampScalarOp(value((5,), element), -1.0, 3e38)
    largest = float(torch.tensor(3e38, dtype=torch.float32).to(x.dtype))
    expected = torch.tensor([-1.0, -1.0, 2.0, largest, nan], dtype=x.dtype)
    torch.testing.assert_close(run(op, x), expected, rtol=0, atol=0, equal_nan=True)
    huge = ttir.ClampScalarOp(value((5,), element), 2**31 - 1, 2**31 - 1)
    assert run(huge, x)[:4].unique().numel() == 1


def gelu_derivative(x: float) -> float:
    density = math.exp(-x * x / 2) / math.sqrt(2 * math.pi)
    return math.erfc(-x / math.sqrt(2)) / 2 + x * density


def tanh_gelu_derivative(x: float) -> float:
    k = math.sqrt(2 / math.pi)
    t = math.tanh(k * (x + 0.044715 * x**3))
    return (1 + t) / 2 + x / 2 * (1 - t * t) * k * (1 + 3 * 0.044715 * x * x)


@pytest.mark.parametrize(("approximate", "derivative"), [("none", gelu_derivative), ("tanh", tanh_gelu_derivative)])
@given(st.lists(st.floats(-9, 9), min_size=1, max_size=4), st.floats(-8, 8), FLOATS)
def test_gelu_backward(
    approximate: str, derivative: Callable[[float], float], x: list[float], gradient: float, element: Attribute
) -> None:
    dtype = torch_dtype(element)
    columns, g = torch.tensor([x], dtype=dtype), torch.tensor([[gradient], [1.0]], dtype=dtype)
    op = ttir.GeluBackwardOp(value(g.shape, element), value(columns.shape, element))
    op.properties["approximate"] = StringAttr(approximate)
    pairs = list(product(g.flatten().double().tolist(), columns.flatten().double().tolist()))
    expected = [a * derivative(v) for a, v in pairs]
    assert_near(run(op, g, columns), expected, [8 * abs(a) for a, _ in pairs])


@pytest.mark.parametrize(("approximate", "derivative"), [("none", gelu_derivative), ("tanh", tanh_gelu_derivative)])
@given(
    st.lists(st.sampled_from([nan, inf, -inf, 0.0, -0.0, 1.0, -2.5]), min_size=1, max_size=3),
    st.lists(
        # From 1e5 on the square overflows f16, from 1e20 on f32, and in f64 the cube from 1e103 on.
        st.sampled_from([nan, inf, -inf, 0.0, -0.0, 1.0, -3.0, 41.0, -41.0, 1e5, -1e5, 1e20, -1e20, 1e300, -1e300]),
        min_size=1,
        max_size=20,
    ),
    FLOATS,
)
def test_gelu_backward_of_special_values(
    approximate: str, derivative: Callable[[float], float], gradient: list[float], x: list[float], element: Attribute
) -> None:
    dtype = torch_dtype(element)
    rows, columns = (torch.tensor(v, dtype=torch.float64).to(dtype) for v in (gradient, x))
    op = ttir.GeluBackwardOp(value((len(gradient), 1), element), value((1, len(x)), element))
    op.properties["approximate"] = StringAttr(approximate)

    def slope(v: float) -> float:
        return float(v > 0) if abs(v) > 40 else derivative(v)

    expected = [a * slope(v) for a, v in product(rows.double().tolist(), columns.double().tolist())]
    scale = [8 * abs(a) for a in rows.double().tolist() for _ in x]
    assert_near(run(op, rows.view(-1, 1), columns.view(1, -1)), expected, scale)


@given(st.lists(st.sampled_from([1.5, -2.0, 0.0, inf, -inf, nan]), min_size=3, max_size=9), FLOATS)
def test_clamp_between_tensors(x: list[float], element: Attribute) -> None:
    data = torch.tensor(x, dtype=torch_dtype(element)).view(-1, 1)
    low, high = torch.tensor([-1.0, nan, 2.0], dtype=data.dtype), torch.tensor([1.0, 3.0, -2.0], dtype=data.dtype)
    op = ttir.ClampTensorOp(value(data.shape, element), value((3,), element), value((3,), element))
    bounds = list(zip(low.tolist(), high.tolist(), strict=True))
    expected = [nan if v != v or a != a else min(max(v, a), b) for v in x for a, b in bounds]
    torch.testing.assert_close(
        run(op, data, low, high).flatten(),
        torch.tensor(expected, dtype=data.dtype),
        rtol=0,
        atol=0,
        equal_nan=True,
    )


@given(st.lists(st.sampled_from([1.5, -2.0, 0.0, -0.0, inf, -inf, nan, 7.0]), min_size=1, max_size=8), FLOATS)
def test_reductions_of_special_values(x: list[float], element: Attribute) -> None:
    data = torch.tensor(x, dtype=torch_dtype(element))
    has_nan = any(v != v for v in x)
    cases: dict[type[ttir.ReductionOp], float] = {
        ttir.MaxOp: nan if has_nan else max(x),
        ttir.MinOp: nan if has_nan else min(x),
        ttir.ReduceAndOp: float(all(v != 0 for v in x)),
        ttir.ReduceOrOp: float(any(v != 0 for v in x)),
    }
    for kind, expected in cases.items():
        assert_near(run(kind(value(data.shape, element), [0], result_type=tensor_type((), element)), data), [expected])
    first = next(
        (i for i, v in enumerate(x) if v != v), x.index(max(x, key=lambda v: (v == v, v))) if not has_nan else 0
    )
    assert run(ttir.ArgMaxOp(value(data.shape, element)), data).item() == first


@given(
    st.lists(st.integers(1, 4), min_size=1, max_size=4), st.integers(0, 15), st.booleans(), FLOATS,
    st.sampled_from([[0.0, 1.0, 2.0], [0.0, -0.0, inf, -inf], [-inf, 1.0, 0.5, nan]]), st.integers(0, 99),
)  # fmt: skip
def test_argmax_of_several_dimensions(
    shape: list[int], which: int, keep: bool, element: Attribute, numbers: list[float], seed: int
) -> None:
    # Few different numbers, so that there are ties.
    places = torch.randint(len(numbers), tuple(shape), generator=torch.Generator().manual_seed(seed))
    data = torch.tensor(numbers)[places].to(torch_dtype(element))
    axes = [d for d in range(len(shape)) if (which >> d) & 1]
    op = ttir.ArgMaxOp(value(shape, element), [d - len(shape) for d in reversed(axes)] if axes else None, keep)
    axes = axes or list(range(len(shape)))
    found = run(op, data).flatten().tolist()
    kept = [d for d in range(len(shape)) if d not in axes]
    for index, position in zip(product(*(range(shape[d]) for d in kept)), found, strict=True):
        best, at = -inf, 0
        for i, place in enumerate(product(*(range(shape[d]) for d in axes))):
            where = dict(zip((*kept, *axes), (*index, *place), strict=True))
            number = data[tuple(where[d] for d in range(len(shape)))].item()
            # NaN is above all numbers.
            if number > best or (number != number and best == best):
                best, at = number, i
        assert position == at


def test_halves_are_summed_in_float32() -> None:
    x = torch.full((1000,), 100.0, dtype=torch.float16)
    for kind in (ttir.MeanOp, ttir.SumOp):
        op = kind(value((1000,), f16), result_type=tensor_type((), f32))
        assert run(op, x).item() == (100.0 if kind is ttir.MeanOp else 1e5)
    assert run(ttir.MeanOp(value((1000,), f16)), x).item() == 100.0
    two = torch.tensor([[1.0078125, 1.0078125], [1.0078125, 1.0]], dtype=torch.bfloat16)
    assert run(ttir.ProdOp(value((2, 2), bf16)), two).item() == 1.0234375


@pytest.mark.parametrize("kind", [ttir.ArgMaxOp, ttir.MaxOp, ttir.MinOp])
def test_no_elements_have_no_extreme(kind: type[ttir.ReductionOp]) -> None:
    with pytest.raises(NumericsError, match="of no elements"):
        INTERPRETER.step(kind(value((2, 0), f32), [1]))
    assert run(ttir.SumOp(value((2, 0), i32), [1]), torch.empty(2, 0, dtype=torch.int32)).tolist() == [0, 0]
