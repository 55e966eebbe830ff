"""Each TTIR op computes what torch does, written another way: in float64 or whole numbers, rounded once at the end."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from math import inf, nan, prod

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from xdsl.dialects import test as xdsl_test
from xdsl.dialects.builtin import ModuleOp, TensorType, bf16, f16, f32, f64, i1, i8, i32, i64
from xdsl.ir import Attribute, Operation, SSAValue

from tilewright.dialects import ttir
from tilewright.dialects.types import tensor_type
from tilewright.runtime.dtypes import torch_dtype
from tilewright.runtime.functions.ttir import TtirFunctions
from tilewright.runtime.interpreter import Interpreter
from tilewright.support.errors import NumericsError

Tensor = torch.Tensor
INTERPRETER = Interpreter(ModuleOp([]), [TtirFunctions()])
FLOATS, INTEGERS = [f32, bf16, f16, f64], [i32, i64, i8]
SPECIAL = torch.tensor([0.0, -0.0, inf, -inf, nan, 1.0, -1.0, 0.5, 1e-40, 6e4], dtype=torch.float64)
ANY_ELEMENT = st.sampled_from([*FLOATS, *INTEGERS, i1])
SHAPE = st.lists(st.integers(1, 5), max_size=3).map(tuple)


def value(shape: Sequence[int], element: Attribute) -> SSAValue:
    """A value of a tensor type."""
    return xdsl_test.TestOp(result_types=[tensor_type(shape, element)]).results[0]


class Inputs:
    """Makes operands and remembers their tensors."""

    def __init__(self, seed: int, special: bool = False):
        self._random = torch.Generator().manual_seed(seed)
        self._special = special
        self.tensors: list[Tensor] = []

    def __call__(self, shape: Sequence[int], element: Attribute, low: float = -4.0, high: float = 4.0) -> SSAValue:
        """An operand with elements from `low` to `high`."""
        dtype = torch_dtype(element)
        if dtype is torch.bool:
            data = torch.rand(tuple(shape), generator=self._random) < 0.5
        elif dtype.is_floating_point:
            unit = torch.rand(tuple(shape), generator=self._random, dtype=torch.float64)
            data = (low + (high - low) * unit).to(dtype)
            if self._special:
                chosen = SPECIAL[torch.randint(len(SPECIAL), tuple(shape), generator=self._random)]
                data = torch.where(torch.rand(tuple(shape), generator=self._random) < 0.4, chosen.to(dtype), data)
        else:
            data = torch.randint(int(low), int(high) + 1, tuple(shape), generator=self._random).to(dtype)
        self.tensors.append(data)
        return value(shape, element)


def run(op: Operation, *inputs: Tensor) -> Tensor:
    """The one result of `op`, which has the shape and the element type that the op says."""
    op.verify()
    (result,) = INTERPRETER.step(op)(*inputs)
    assert isinstance(result, Tensor)
    type = op.results[0].type
    assert isinstance(type, TensorType)
    assert tuple(result.shape) == type.get_shape()
    assert result.dtype is torch_dtype(type.get_element_type())
    return result


def assert_near(found: Tensor, expected: Tensor, units: float = 4.0) -> None:
    """`found` equals `expected`, float64 or exact, up to `units` of its dtype's roundoff."""
    narrowed = expected.to(found.dtype)
    if not found.dtype.is_floating_point:
        assert torch.equal(found, narrowed)
        return
    limits = torch.finfo(found.dtype)
    same = (found == narrowed) | (found.isnan() & narrowed.isnan())
    allowed = units * limits.eps * expected.double().abs() + limits.tiny
    near = (found.double() - expected.double()).abs() <= allowed
    assert bool((same | near).all()), (found, expected)


def wide(x: Tensor) -> Tensor:
    """`x` in float64, or int64 for whole numbers."""
    return x.double() if x.is_floating_point() else x.long()


UNARY: dict[type[ttir.UnaryOp], Callable[[Tensor], Tensor]] = {
    ttir.AbsOp: lambda x: torch.where(x < 0, -x, torch.where(x == 0, 0, x)),
    ttir.NegOp: lambda x: 0 - x,
    ttir.ExpOp: lambda x: math.e**x,
    ttir.LogOp: lambda x: torch.log2(x) * math.log(2),
    ttir.Log1pOp: torch.log1p,
    ttir.SqrtOp: lambda x: torch.where(x < 0, nan, x.abs() ** 0.5),
    ttir.RsqrtOp: lambda x: 1 / torch.sqrt(x),
    ttir.ReciprocalOp: lambda x: 1 / x,
    ttir.TanhOp: torch.tanh,
    ttir.SigmoidOp: lambda x: 1 / (1 + torch.exp(-x)),
    ttir.GeluOp: lambda x: x * torch.special.ndtr(x),
    ttir.ReluOp: lambda x: torch.where(x < 0, 0, x),
    ttir.SiluOp: lambda x: x / (1 + torch.exp(-x)),
    ttir.ErfOp: torch.erf,
    ttir.SinOp: torch.sin,
    ttir.CosOp: torch.cos,
    ttir.FloorOp: lambda x: -torch.ceil(-x),
    ttir.CeilOp: lambda x: -torch.floor(-x),
    ttir.SignOp: lambda x: (x > 0).to(x.dtype) - (x < 0).to(x.dtype),
    ttir.LogicalNotOp: lambda x: x == 0,
    ttir.IsFiniteOp: lambda x: (x.abs() != inf) & (x == x),
}
ON_INTEGERS = {ttir.AbsOp, ttir.NegOp, ttir.ReluOp, ttir.FloorOp, ttir.CeilOp, ttir.SignOp, ttir.LogicalNotOp}
ABSOLUTE = {ttir.GeluOp, ttir.SiluOp, ttir.SinOp, ttir.CosOp, ttir.LogOp}
"""Functions whose error is relative to 1 near their zeros."""


@pytest.mark.parametrize("kind", UNARY, ids=[op.name for op in UNARY])
@given(shape=SHAPE, seed=st.integers(0, 99), special=st.booleans(), element=st.sampled_from([*FLOATS, *INTEGERS]))
@settings(max_examples=max(1, settings().max_examples // 3))
def test_unary(kind: type[ttir.UnaryOp], shape: tuple[int, ...], seed: int, special: bool, element: Attribute) -> None:
    if element in INTEGERS and kind not in ON_INTEGERS:
        element = f32
    inputs = Inputs(seed, special)
    found = run(kind(inputs(shape, element)), *inputs.tensors)
    expected = UNARY[kind](wide(inputs.tensors[0]))
    if kind in ABSOLUTE:
        finite = expected.isfinite()
        tolerance = 4 * torch.finfo(found.dtype).eps * inputs.tensors[0].double().abs().clamp(min=1.0)
        assert bool(((found.double() - expected).abs()[finite] <= tolerance[finite]).all())
        assert torch.equal(found.double().nan_to_num(), expected.nan_to_num()) or bool(finite.any())
    else:
        assert_near(found, expected)


def minimum(a: Tensor, b: Tensor) -> Tensor:
    return torch.where(a.isnan() | (a < b), a, b) if a.is_floating_point() else torch.where(a < b, a, b)


def quotient(a: Tensor, b: Tensor) -> Tensor:
    """a / b; of whole numbers, towards zero."""
    if a.is_floating_point():
        return a * (1 / b) if not bool((b == 0).any()) else a / b
    return (a.abs() // b.abs()) * a.sign() * b.sign()


def remainder(a: Tensor, b: Tensor) -> Tensor:
    """The remainder of a / b with the sign of b."""
    return a - b * torch.floor(a / b)


ARITHMETIC: dict[type[ttir.BinaryOp], Callable[[Tensor, Tensor], Tensor]] = {
    ttir.AddOp: lambda a, b: b + a,
    ttir.SubtractOp: lambda a, b: a + (0 - b),
    ttir.MultiplyOp: lambda a, b: b * a,
    ttir.DivOp: quotient,
    ttir.MaximumOp: lambda a, b: 0 - minimum(0 - a, 0 - b),
    ttir.MinimumOp: minimum,
    ttir.RemainderOp: remainder,
}
CONDITIONS: dict[type[ttir.BinaryOp], Callable[[Tensor, Tensor], Tensor]] = {
    ttir.EqualOp: lambda a, b: (a <= b) & (a >= b),
    ttir.NotEqualOp: lambda a, b: ~((a <= b) & (a >= b)),
    ttir.LessThanOp: lambda a, b: b > a,
    ttir.LessEqualOp: lambda a, b: b >= a,
    ttir.GreaterThanOp: lambda a, b: b < a,
    ttir.GreaterEqualOp: lambda a, b: b <= a,
    ttir.LogicalAndOp: lambda a, b: (a != 0) & (b != 0),
    ttir.LogicalOrOp: lambda a, b: ~((a == 0) & (b == 0)),
    ttir.LogicalXorOp: lambda a, b: (a != 0) != (b != 0),
}
BITWISE: dict[type[ttir.BinaryOp], Callable[[int, int], int]] = {
    ttir.BitwiseAndOp: lambda a, b: a & b,
    ttir.BitwiseOrOp: lambda a, b: a | b,
}


def two_shapes(shape: tuple[int, ...], which: int) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Shapes that broadcast to `shape`."""
    ones = tuple(1 if (which >> i) & 1 else d for i, d in enumerate(shape))
    return (shape, ones) if which % 3 else (shape, ones[which % (len(ones) + 1) :])


@pytest.mark.parametrize("kind", ARITHMETIC, ids=[op.name for op in ARITHMETIC])
@given(SHAPE, st.integers(0, 15), st.integers(0, 99), st.booleans(), st.sampled_from([*FLOATS, *INTEGERS]))
@settings(max_examples=max(1, settings().max_examples // 3))
def test_arithmetic(
    kind: type[ttir.BinaryOp], shape: tuple[int, ...], which: int, seed: int, special: bool, element: Attribute
) -> None:
    inputs = Inputs(seed, special and kind is not ttir.RemainderOp)
    a, b = two_shapes(shape, which)
    least = 1.0 if element in INTEGERS and kind in (ttir.DivOp, ttir.RemainderOp) else -9.0
    x, y = inputs(a, element, -100.0, 100.0), inputs(b, element, least, 9.0)
    found = run(kind(x, y), *inputs.tensors)
    expected = ARITHMETIC[kind](*map(wide, inputs.tensors))
    if kind is ttir.RemainderOp and element in FLOATS:
        # One step of the divisor away where the rounded quotient is the next whole number.
        step = wide(inputs.tensors[1]).abs()
        difference = (found.double() - expected).abs()
        assert bool((torch.minimum(difference, (difference - step).abs()) <= 1e-6 * (1 + step)).all())
    else:
        assert_near(found, expected)


@pytest.mark.parametrize("kind", CONDITIONS, ids=[op.name for op in CONDITIONS])
@given(
    SHAPE,
    st.integers(0, 15),
    st.integers(0, 99),
    st.sampled_from([*FLOATS, *INTEGERS, i1]),
    st.sampled_from([i1, bf16]),
)
@settings(max_examples=max(1, settings().max_examples // 3))
def test_condition(
    kind: type[ttir.BinaryOp], shape: tuple[int, ...], which: int, seed: int, element: Attribute, result: Attribute
) -> None:
    inputs = Inputs(seed, special=True)
    a, b = two_shapes(shape, which)
    op = kind(inputs(a, element, -1, 1), inputs(b, element, -1, 1), tensor_type(shape, result))
    assert_near(run(op, *inputs.tensors), CONDITIONS[kind](*map(wide, inputs.tensors)))


@pytest.mark.parametrize("kind", BITWISE, ids=[op.name for op in BITWISE])
@pytest.mark.parametrize("element", [i32, i8, i1])
def test_bitwise(kind: type[ttir.BinaryOp], element: Attribute) -> None:
    inputs = Inputs(3)
    found = run(kind(inputs((4, 4), element, -99, 99), inputs((4,), element, -99, 99)), *inputs.tensors)
    a, b = (t.expand(4, 4).flatten().tolist() for t in inputs.tensors)
    assert found.flatten().tolist() == [BITWISE[kind](p, q) for p, q in zip(a, b, strict=True)]


@given(SHAPE, st.integers(0, 99))
def test_power(shape: tuple[int, ...], seed: int) -> None:
    inputs = Inputs(seed)
    op = ttir.PowOp(inputs(shape, f32, 0.1, 4.0), inputs(shape, f32))
    x, y = map(wide, inputs.tensors)
    assert_near(run(op, *inputs.tensors), torch.exp(y * torch.log(x)), units=16)


@pytest.mark.parametrize("kind", [ttir.DivOp, ttir.RemainderOp])
def test_integers_are_not_divided_by_zero(kind: type[ttir.BinaryOp]) -> None:
    op = kind(value((2,), i32), value((2,), i32))
    with pytest.raises(NumericsError, match="an integer is divided by zero"):
        run(op, torch.tensor([1, 2], dtype=torch.int32), torch.tensor([1, 0], dtype=torch.int32))


def test_integer_quotient_is_exact_and_towards_zero() -> None:
    op = ttir.DivOp(value((4,), i64), value((4,), i64))
    a, b = torch.tensor([2**53 + 1, -7, 7, -7]), torch.tensor([1, 2, -2, -2])
    assert run(op, a, b).tolist() == [2**53 + 1, -3, -3, 3]


def product(x: Tensor) -> Tensor:
    """Of each row."""
    return torch.tensor([math.prod(row.tolist()) for row in x.view(-1, x.shape[-1])]).view(x.shape[:-1])


REDUCTIONS: dict[type[ttir.ReductionOp], Callable[[Tensor], Tensor]] = {
    ttir.SumOp: lambda x: x.sum(-1),
    ttir.MeanOp: lambda x: x.sum(-1) / x.shape[-1],
    ttir.MaxOp: lambda x: x.sort(-1).values[..., -1],
    ttir.MinOp: lambda x: x.sort(-1).values[..., 0],
    ttir.ProdOp: product,
}


@pytest.mark.parametrize("kind", REDUCTIONS, ids=[op.name for op in REDUCTIONS])
@given(SHAPE, st.integers(0, 7), st.booleans(), st.booleans(), st.integers(0, 99), st.sampled_from([f32, bf16, i32]))
@settings(max_examples=max(1, settings().max_examples // 3))
def test_reduction(
    kind: type[ttir.ReductionOp],
    shape: tuple[int, ...],
    which: int,
    keep: bool,
    all_dims: bool,
    seed: int,
    element: Attribute,
) -> None:
    if kind is ttir.MeanOp and element == i32:
        element = f32
    inputs = Inputs(seed)
    dims = tuple(d - len(shape) if which % 2 else d for d in range(len(shape)) if (which >> d) & 1)
    op = kind(inputs(shape, element), None if all_dims else dims, keep)
    (x,) = inputs.tensors
    axes = op.axes
    kept = [d for d in range(len(shape)) if d not in axes]
    rows = wide(x).permute((*kept, *axes)).reshape(*(shape[d] for d in kept), prod(shape[d] for d in axes))
    expected = REDUCTIONS[kind](rows)
    if keep:
        expected = expected.reshape([1 if d in axes else shape[d] for d in range(len(shape))])
    sums = rows.abs().sum(-1).reshape(expected.shape) if kind in (ttir.SumOp, ttir.MeanOp) else expected.abs()
    found = run(op, x)
    eps = torch.finfo(found.dtype).eps if found.is_floating_point() else 0.0
    assert bool(((found.double() - expected.double()).abs() <= 8 * eps * sums.double()).all())


@pytest.mark.parametrize("source", [*FLOATS, *INTEGERS, i1])
@pytest.mark.parametrize("target", [*FLOATS, *INTEGERS, i1])
def test_typecast(source: Attribute, target: Attribute) -> None:
    inputs = Inputs(5)
    op = ttir.TypecastOp(inputs((3, 4), source, -9.0, 9.0), target)
    found = run(op, *inputs.tensors)
    x = wide(inputs.tensors[0])
    if target == i1:
        assert torch.equal(found, x != 0)
    else:
        assert torch.equal(found, (x if torch_dtype(target).is_floating_point else x.trunc()).to(found.dtype))


@pytest.mark.parametrize(
    ("element", "low", "high", "x", "expected"),
    [
        (f32, -1.0, 2.0, [-inf, -3.0, 0.5, nan, inf], [-1.0, -1.0, 0.5, nan, 2.0]),
        (f32, -1, 2, [-3.0, 0.5, 5.0], [-1.0, 0.5, 2.0]),
        (bf16, 0.1, 0.3, [0.0, 0.2, 1.0], [0.1, 0.2, 0.3]),
        (f32, 3.0, 1.0, [0.0, 2.0, 5.0], [1.0, 1.0, 1.0]),
        (i32, -1, 2, [-3, 0, 5], [-1, 0, 2]),
        (i64, 0.0, inf, [-5, 2**53 + 1, 3], [0, 2**53 + 1, 3]),
        (i32, -inf, 2.5, [-(2**31), 16777217, 2], [-(2**31), 2, 2]),
        (i32, 0.5, 3.0, [0, 1, 4], [0, 1, 3]),
    ],
)
def test_clamp(element: Attribute, low: float, high: float, x: list[float], expected: list[float]) -> None:
    dtype = torch_dtype(element)
    found = run(ttir.ClampScalarOp(value((len(x),), element), low, high), torch.tensor(x, dtype=dtype))
    torch.testing.assert_close(found, torch.tensor(expected, dtype=dtype), rtol=0, atol=0, equal_nan=True)


def test_leaky_relu() -> None:
    x = torch.tensor([-2.0, 0.0, 3.0, nan])
    found = run(ttir.LeakyReluOp(value((4,), f32), 0.5), x)
    assert found[:3].tolist() == [-1.0, 0.0, 3.0]
    assert found[3].isnan()


@given(
    SHAPE, st.integers(0, 15), st.integers(0, 99), st.sampled_from([f32, i32, bf16]), st.sampled_from([i1, f32, i32])
)
def test_where(shape: tuple[int, ...], which: int, seed: int, element: Attribute, condition: Attribute) -> None:
    inputs = Inputs(seed, special=True)
    a, b = two_shapes(shape, which)
    op = ttir.WhereOp(inputs(a, condition, -1, 1), inputs(b, element), inputs(a, element))
    c, x, y = (t.expand(shape) for t in inputs.tensors)
    chosen = [p if k != 0 else q for k, p, q in zip(c.flatten(), x.flatten(), y.flatten(), strict=True)]
    expected = torch.stack(chosen).view(shape) if chosen else x
    torch.testing.assert_close(run(op, *inputs.tensors), expected, rtol=0, atol=0, equal_nan=True)
