"""Elementwise TTIR ops and reductions of integers of every type, against Python's integers, which have no width."""

from __future__ import annotations

import math
import struct
from collections.abc import Callable, Sequence
from fractions import Fraction
from itertools import product
from math import inf, nan

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from xdsl.dialects import test as xdsl_test
from xdsl.dialects.builtin import IntegerType, ModuleOp, Signedness, bf16, f16, f32, f64, i1, i8, i16, i32, i64
from xdsl.ir import Attribute, Operation, SSAValue

from tilewright.dialects import ttir
from tilewright.dialects.types import element_type_of, shape_of, tensor_type
from tilewright.runtime.dtypes import torch_dtype
from tilewright.runtime.functions.ttir import TtirFunctions
from tilewright.runtime.interpreter import Interpreter
from tilewright.support.errors import NumericsError, UnsupportedInputError

INTERPRETER = Interpreter(ModuleOp([]), [TtirFunctions()])
ui8, ui16, ui32, ui64 = (IntegerType(n, Signedness.UNSIGNED) for n in (8, 16, 32, 64))
INTEGERS = (i1, i8, i16, i32, i64, ui8, ui16, ui32, ui64)
Number = int | float | Fraction
Typecast = Callable[[Number, torch.dtype], float]


def limits(type: IntegerType) -> tuple[int, int]:
    """The least and the largest number."""
    bits = type.width.data
    if type.signedness.data is Signedness.UNSIGNED or bits == 1:
        return 0, 2**bits - 1
    return -(2 ** (bits - 1)), 2 ** (bits - 1) - 1


def truncated(number: Number) -> int:
    """Towards zero."""
    return int(number) if isinstance(number, int) else math.trunc(number)


def wrapped(number: int, type: IntegerType) -> int:
    """Modulo 2^n; of a boolean, whether it is not 0."""
    if type == i1:
        return int(number != 0)
    low, high = limits(type)
    return (number - low) % (high - low + 1) + low


def numbers(type: IntegerType) -> st.SearchStrategy[list[int]]:
    """Some numbers of a type, extremes and small ones among them."""
    low, high = limits(type)
    near = [v for v in (-2, -1, 0, 1, 2, 3, 7, low, low + 1, high - 1, high, high // 2 + 1) if low <= v <= high]
    return st.lists(st.one_of(st.sampled_from(near), st.integers(low, high)), min_size=1, max_size=6)


def shaped(data: st.DataObject, type: IntegerType) -> tuple[list[int], tuple[int, ...]]:
    """Numbers for a tensor of some shape, and that."""
    shape = tuple(data.draw(st.lists(st.integers(1, 3), max_size=3)))
    drawn = data.draw(numbers(type))
    return [drawn[i % len(drawn)] for i in range(math.prod(shape))], shape


def tensor(values: Sequence[Number | bool], type: Attribute) -> torch.Tensor:
    return torch.tensor(list(values), dtype=torch_dtype(type))


def value(shape: Sequence[int], element: Attribute) -> SSAValue:
    return xdsl_test.TestOp(result_types=[tensor_type(shape, element)]).results[0]


def run(op: Operation, *inputs: torch.Tensor) -> list[Number]:
    """The elements of the one result of `op`, which has the type that the op says."""
    op.verify()
    (result,) = INTERPRETER.step(op)(*inputs)
    assert isinstance(result, torch.Tensor)
    assert tuple(result.shape) == shape_of(op.results[0])
    assert result.dtype is torch_dtype(element_type_of(op.results[0]))
    return [int(v) if isinstance(v, bool) else v for v in result.flatten().tolist()]


UNARY: dict[type[ttir.UnaryOp], Callable[[int], int]] = {
    ttir.AbsOp: abs,
    ttir.CeilOp: int,
    ttir.FloorOp: int,
    ttir.FracOp: lambda x: 0,
    ttir.IsFiniteOp: lambda x: 1,
    ttir.LogicalNotOp: lambda x: int(x == 0),
    ttir.NegOp: lambda x: -x,
    ttir.ReluOp: lambda x: max(x, 0),
    ttir.Relu6Op: lambda x: min(max(x, 0), 6),
    ttir.SignOp: lambda x: (x > 0) - (x < 0),
    ttir.SignbitOp: lambda x: int(x < 0),
    ttir.SquareOp: lambda x: x * x,
    ttir.TruncOp: int,
}


@pytest.mark.parametrize("kind", UNARY, ids=[op.name for op in UNARY])
@given(st.data(), st.sampled_from(INTEGERS))
@settings(max_examples=max(1, settings().max_examples // 3))
def test_unary(kind: type[ttir.UnaryOp], data: st.DataObject, element: IntegerType) -> None:
    x, shape = shaped(data, element)
    op = kind(value(shape, element), tensor_type(shape, element))
    assert run(op, tensor(x, element).view(shape)) == [wrapped(UNARY[kind](v), element) for v in x]


@given(st.data(), st.sampled_from(INTEGERS))
def test_bitwise_not(data: st.DataObject, element: IntegerType) -> None:
    x, shape = shaped(data, element)
    low, high = limits(element)
    # The sum of a number and its complement has all bits set.
    found = run(ttir.BitwiseNotOp(value(shape, element)), tensor(x, element).view(shape))
    assert found == [low + high - v for v in x]


def power(a: int, b: int) -> int:
    if b < 0:
        return a ** (b % 2) if abs(a) == 1 else 0
    return pow(a, b, 2**64)


ARITHMETIC: dict[type[ttir.BinaryOp], Callable[[int, int], int]] = {
    ttir.AddOp: lambda a, b: a + b,
    ttir.DivOp: lambda a, b: truncated(Fraction(a, b)),
    ttir.MaximumOp: max,
    ttir.MinimumOp: min,
    ttir.MultiplyOp: lambda a, b: a * b,
    ttir.PowOp: power,
    ttir.RemainderOp: lambda a, b: a % b,
    ttir.SubtractOp: lambda a, b: a - b,
    ttir.BitwiseAndOp: lambda a, b: a & b,
    ttir.BitwiseOrOp: lambda a, b: a | b,
    ttir.BitwiseXorOp: lambda a, b: a ^ b,
    ttir.EqualOp: lambda a, b: a == b,
    ttir.GreaterEqualOp: lambda a, b: a >= b,
    ttir.GreaterThanOp: lambda a, b: a > b,
    ttir.LessEqualOp: lambda a, b: a <= b,
    ttir.LessThanOp: lambda a, b: a < b,
    ttir.NotEqualOp: lambda a, b: a != b,
    ttir.LogicalAndOp: lambda a, b: bool(a and b),
    ttir.LogicalOrOp: lambda a, b: bool(a or b),
    ttir.LogicalXorOp: lambda a, b: bool(a) != bool(b),
}


@pytest.mark.parametrize("kind", ARITHMETIC, ids=[op.name for op in ARITHMETIC])
@given(st.data(), st.sampled_from(INTEGERS))
@settings(max_examples=max(1, settings().max_examples // 3))
def test_binary(kind: type[ttir.BinaryOp], data: st.DataObject, element: IntegerType) -> None:
    x, y = data.draw(numbers(element)), data.draw(numbers(element))
    if kind in (ttir.DivOp, ttir.RemainderOp):
        y = [v or 1 for v in y]
    shape = (len(x), len(y))
    op = kind(value((len(x), 1), element), value((len(y),), element), tensor_type(shape, element))
    expected = [wrapped(int(ARITHMETIC[kind](a, b)), element) for a in x for b in y]
    assert run(op, tensor(x, element).view(-1, 1), tensor(y, element)) == expected


@pytest.mark.parametrize("kind", [ttir.DivOp, ttir.RemainderOp])
@pytest.mark.parametrize("element", INTEGERS, ids=str)
def test_division_by_zero_is_refused(kind: type[ttir.BinaryOp], element: IntegerType) -> None:
    with pytest.raises(NumericsError, match="an integer is divided by zero"):
        run(kind(value((1,), element), value((1,), element)), tensor([1], element), tensor([0], element))


@given(st.data(), st.sampled_from(INTEGERS), st.sampled_from([i32, i64, ui8, ui64]))
def test_shifts(data: st.DataObject, element: IntegerType, amount: IntegerType) -> None:
    x, by = data.draw(numbers(element)), data.draw(numbers(amount))
    bits = element.width.data
    mask = 2**bits - 1
    steps = [min(s % 2**amount.width.data, 200) for s in by]  # unsigned; all bits are gone long before that
    expected: dict[type[ttir.ShiftOp], list[int]] = {
        ttir.LogicalLeftShiftOp: [wrapped((v << s) & mask, element) for v in x for s in steps],
        ttir.LogicalRightShiftOp: [wrapped((v & mask) >> s, element) for v in x for s in steps],
        ttir.RightShiftOp: [wrapped(v >> s, element) for v in x for s in steps],
    }
    for kind, results in expected.items():
        op = kind(value((len(x), 1), element), value((len(by),), amount))
        assert run(op, tensor(x, element).view(-1, 1), tensor(by, amount)) == results


@given(st.data(), st.sampled_from(INTEGERS), st.sampled_from(INTEGERS))
def test_typecast_and_bits(data: st.DataObject, source: IntegerType, target: IntegerType) -> None:
    x, shape = shaped(data, source)
    cast = ttir.TypecastOp(value(shape, source), target)
    assert run(cast, tensor(x, source).view(shape)) == [wrapped(v, target) for v in x]
    if source.width == target.width:
        same_bits = ttir.BitcastConvertOp(value(shape, source), tensor_type(shape, target))
        assert run(same_bits, tensor(x, source).view(shape)) == [wrapped(v, target) for v in x]


@given(
    st.lists(st.integers(1, 3), max_size=3).map(tuple), st.sampled_from([(f32, "<f"), (f64, "<d"), (f16, "<e")]),
    st.booleans(), st.data(),
)  # fmt: skip
def test_bits_of_floats_and_back(
    shape: tuple[int, ...], format: tuple[Attribute, str], unsigned: bool, data: st.DataObject
) -> None:
    (element, letters), count = format, math.prod(shape)
    width = 8 * struct.calcsize(letters)
    special = st.sampled_from([nan, inf, -inf, -0.0])
    x = data.draw(st.lists(special | st.floats(width=width, allow_nan=False), min_size=count, max_size=count))
    integer = IntegerType(width, Signedness.UNSIGNED) if unsigned else IntegerType(width)
    bits = [wrapped(int.from_bytes(struct.pack(letters, v), "little"), integer) for v in x]
    floats = torch.tensor(x, dtype=torch.float64).to(torch_dtype(element)).view(shape)
    there = ttir.BitcastConvertOp(value(shape, element), tensor_type(shape, integer))
    back = ttir.BitcastConvertOp(value(shape, integer), tensor_type(shape, element))
    assert run(there, floats) == bits
    assert str(run(back, tensor(bits, integer).view(shape))) == str(x)


def test_bits_of_floats() -> None:
    x = torch.tensor([1.0, -2.0, -0.0, inf])
    op = ttir.BitcastConvertOp(value((4,), f32), tensor_type((4,), ui32))
    assert run(op, x) == [0x3F800000, 0xC0000000, 0x80000000, 0x7F800000]
    back = ttir.BitcastConvertOp(value((4,), ui32), tensor_type((4,), f32))
    assert run(back, tensor(run(op, x), ui32)) == x.tolist()


@given(data=st.data(), source=st.sampled_from(INTEGERS), target=st.sampled_from([f64, f32, f16, bf16]))
def test_integers_become_floats(
    typecast: Typecast, data: st.DataObject, source: IntegerType, target: Attribute
) -> None:
    x, shape = shaped(data, source)
    cast = ttir.TypecastOp(value(shape, source), target)
    assert run(cast, tensor(x, source).view(shape)) == [typecast(v, torch_dtype(target)) for v in x]


def test_nothing_is_rounded_twice() -> None:
    # Just above the middle of two bf16 numbers; float32 would round it to the middle, and that to the even one.
    above = 2**30 + 2**22 + 1
    for source in (i32, i64, ui32, ui64, f64):
        op = ttir.TypecastOp(value((3,), source), bf16)
        x = [above, above - 1, above - 2]
        assert run(op, tensor(x, source)) == [2.0**30 + 2**23, 2.0**30, 2.0**30]
    wide = 2**63 + 2**55 + 1
    assert run(ttir.TypecastOp(value((1,), ui64), bf16), tensor([wide], ui64)) == [2.0**63 + 2**56]
    assert run(ttir.TypecastOp(value((1,), i64), bf16), tensor([-(2**62) - 2**54 - 1], i64)) == [-(2.0**62) - 2**55]


@given(st.lists(st.floats(width=64), min_size=1), st.sampled_from([f32, f16, bf16]))
def test_floats_round_once(typecast: Typecast, x: list[float], target: Attribute) -> None:
    finite = [v for v in x if math.isfinite(v)] or [0.0]
    cast = ttir.TypecastOp(value((len(finite),), f64), target)
    assert run(cast, tensor(finite, f64)) == [typecast(v, torch_dtype(target)) for v in finite]


NEAR_LIMITS = [
    s * (2.0**n + d) for n in (0, 7, 8, 15, 16, 31, 32, 63, 64) for d in (-1, -0.5, 0, 0.5, 1) for s in (1, -1)
]


@given(
    st.lists(st.one_of(st.floats(width=32), st.sampled_from([inf, -inf, nan, *NEAR_LIMITS])), min_size=1, max_size=9),
    st.sampled_from([f64, f32, bf16]),
    st.sampled_from(INTEGERS),
)
def test_floats_become_integers(x: list[float], source: Attribute, target: IntegerType) -> None:
    data = tensor(x, source)
    low, high = limits(target)

    def cast(number: float) -> int:
        if target == i1:
            return int(number != 0)
        if math.isnan(number):
            return 0
        return high if number >= high else low if number <= low else int(number)

    op = ttir.TypecastOp(value((len(x),), source), target)
    assert run(op, data) == [cast(v) for v in data.tolist()]


@given(
    st.data(), st.sampled_from(INTEGERS), st.sampled_from([-inf, -3.5, -1, 0, 0.5, 1, 5.0, 2**31 - 1, 3e9, inf, nan])
)
def test_clamps(data: st.DataObject, element: IntegerType, high: int | float) -> None:
    x, y, z = (data.draw(numbers(element)) for _ in range(3))
    low: int | float = -2
    ends = limits(element)
    least, most = (0 if v != v else truncated(min(max(v, ends[0]), ends[1])) for v in (low, high))
    op = ttir.ClampScalarOp(value((len(x),), element), low, high)
    assert run(op, tensor(x, element)) == [min(max(v, least), most) for v in x]

    shape = (len(x), len(y), len(z))
    shapes = ((len(x), 1, 1), (len(y), 1), (len(z),))
    tensors = [tensor(v, element).view(s) for v, s in zip((x, y, z), shapes, strict=True)]
    clamp = ttir.ClampTensorOp(*(value(s, element) for s in shapes), tensor_type(shape, element))
    assert run(clamp, *tensors) == [min(max(a, b), c) for a in x for b in y for c in z]


@given(st.data(), st.sampled_from(INTEGERS), st.sampled_from(INTEGERS))
def test_where(data: st.DataObject, condition: IntegerType, element: IntegerType) -> None:
    c = data.draw(numbers(condition))
    x, y = data.draw(numbers(element)), data.draw(numbers(element))
    types = (value((len(c), 1, 1), condition), value((len(x), 1), element), value((len(y),), element))
    tensors = (tensor(c, condition).view(-1, 1, 1), tensor(x, element).view(-1, 1), tensor(y, element))
    assert run(ttir.WhereOp(*types), *tensors) == [b if a else d for a in c for b in x for d in y]


REDUCTIONS: dict[type[ttir.ReductionOp], Callable[[list[int]], int]] = {
    ttir.ArgMaxOp: lambda x: x.index(max(x)),
    ttir.MaxOp: max,
    ttir.MeanOp: lambda x: round(Fraction(sum(x), len(x))),
    ttir.MinOp: min,
    ttir.ProdOp: math.prod,
    ttir.ReduceAndOp: lambda x: int(all(x)),
    ttir.ReduceOrOp: lambda x: int(any(x)),
    ttir.SumOp: sum,
}


@pytest.mark.parametrize("kind", REDUCTIONS, ids=[op.name for op in REDUCTIONS])
@given(st.data(), st.sampled_from(INTEGERS))
@settings(max_examples=max(1, settings().max_examples // 3))
def test_reductions(kind: type[ttir.ReductionOp], data: st.DataObject, element: IntegerType) -> None:
    x, shape = shaped(data, element)
    if kind is ttir.MeanOp and element.width.data == 64:
        x = [v // 32 for v in x]  # whose sum is a number of the type
    axes = [d for d in range(len(shape)) if data.draw(st.booleans())] or list(range(len(shape)))
    kept = [d for d in range(len(shape)) if d not in axes]
    result = tensor_type([shape[d] for d in kept], element)
    op = kind(value(shape, element), [d - len(shape) for d in axes], result_type=result)
    lines: dict[tuple[int, ...], list[int]] = {}
    for number, place in zip(x, product(*map(range, shape)), strict=True):
        lines.setdefault(tuple(place[d] for d in kept), []).append(number)
    expected = [wrapped(REDUCTIONS[kind](line), element) for _, line in sorted(lines.items())]
    assert run(op, tensor(x, element).view(shape)) == expected


def test_uint64_meets_no_signed_integers() -> None:
    op = ttir.AddOp(value((1,), ui64), value((1,), i32), tensor_type((1,), i64))
    with pytest.raises(UnsupportedInputError, match="no integer type holds the numbers of both"):
        run(op, tensor([1], ui64), tensor([1], i32))


@pytest.mark.parametrize(
    ("a", "x", "b", "y", "result", "expected"),
    [
        (ui8, 200, i8, -100, i16, 100),
        (ui16, 60000, i8, -1, i32, 59999),
        (i1, 1, ui32, 2**32 - 1, ui32, 0),
        (i8, 100, i8, 100, i32, 200),
        (i32, 2**31 - 1, i32, 1, f64, 2.0**31),
        (ui8, 200, bf16, 0.5, f32, 200.5),
        (i32, 2**24 + 1, f32, 0.0, f32, 2.0**24),
        (f32, 1.5, f32, 2.0, i8, 3),
        (f32, -300.0, f32, 0.5, i8, -128),
    ],
)
def test_operands_of_two_types_meet(
    a: Attribute, x: Number, b: Attribute, y: Number, result: Attribute, expected: Number
) -> None:
    op = ttir.AddOp(value((1,), a), value((1,), b), tensor_type((1,), result))
    assert run(op, tensor([x], a), tensor([y], b)) == [expected]


@pytest.mark.parametrize("element", [i32, ui64], ids=str)
@pytest.mark.parametrize("kind", [ttir.ExpOp, ttir.SqrtOp, ttir.SigmoidOp])
def test_fractions_of_integers_are_those_of_float64(kind: type[ttir.UnaryOp], element: Attribute) -> None:
    op = kind(value((3,), element), tensor_type((3,), f64))
    functions = {ttir.ExpOp: math.exp, ttir.SqrtOp: math.sqrt, ttir.SigmoidOp: lambda v: 1 / (1 + math.exp(-v))}
    assert run(op, tensor([0, 1, 7], element)) == pytest.approx([functions[kind](v) for v in (0, 1, 7)], rel=1e-15)
    cut = kind(value((3,), element), tensor_type((3,), element))
    assert run(cut, tensor([0, 1, 7], element)) == [int(functions[kind](v)) for v in (0, 1, 7)]


@pytest.mark.parametrize("kind", [ttir.BitwiseAndOp, ttir.BitwiseOrOp, ttir.BitwiseXorOp, ttir.BitwiseNotOp])
def test_floats_of_several_types_have_no_bits_to_combine(kind: Callable[..., Operation]) -> None:
    operands = [value((2,), f32)] * (1 if kind is ttir.BitwiseNotOp else 2)
    with pytest.raises(UnsupportedInputError, match="of one type of floats"):
        INTERPRETER.step(kind(*operands, tensor_type((2,), f64)))


@pytest.mark.parametrize(("element", "code"), [(f32, "fI"), (f64, "dQ")], ids=["f32", "f64"])
def test_bits_of_floats_are_combined(element: Attribute, code: str) -> None:
    a, b = [1.5, -0.0, math.inf, -2.75], [-3.25, 7.0, 1e-3, 0.5]
    x, y = (tensor([0] * 4, element).copy_(torch.tensor(v, dtype=torch.float64)) for v in (a, b))

    def bits(v: float) -> int:
        return int(struct.unpack("<" + code[1], struct.pack("<" + code[0], v))[0])

    mask = (1 << 8 * struct.calcsize(code[1])) - 1
    expected: dict[type[Operation], list[int]] = {
        ttir.BitwiseAndOp: [bits(p) & bits(q) for p, q in zip(a, b, strict=True)],
        ttir.BitwiseOrOp: [bits(p) | bits(q) for p, q in zip(a, b, strict=True)],
        ttir.BitwiseXorOp: [bits(p) ^ bits(q) for p, q in zip(a, b, strict=True)],
        ttir.BitwiseNotOp: [~bits(p) & mask for p in a],
    }
    for kind, numbers in expected.items():
        operands = (x,) if kind is ttir.BitwiseNotOp else (x, y)
        op = kind.create(operands=[value((4,), element)] * len(operands), result_types=[tensor_type((4,), element)])
        (found,) = INTERPRETER.step(op)(*operands)
        assert isinstance(found, torch.Tensor)
        assert [struct.unpack("<" + code[1], row.numpy().tobytes())[0] for row in found] == numbers


@given(
    st.sampled_from([ttir.BitwiseAndOp, ttir.BitwiseOrOp, ttir.BitwiseXorOp]),
    st.sampled_from([(f32, torch.int32), (f64, torch.int64), (f16, torch.int16), (bf16, torch.int16)]),
    st.lists(st.integers(1, 3), max_size=3).map(tuple), st.data(),
)  # fmt: skip
def test_bits_of_any_floats_are_combined(
    kind: type[ttir.BinaryOp],
    types: tuple[Attribute, torch.dtype],
    shape: tuple[int, ...],
    data: st.DataObject,
) -> None:
    element, integer = types
    dtype, limits, count = torch_dtype(element), torch.iinfo(integer), math.prod(shape)
    special = torch.tensor([nan, inf, -inf, -0.0], dtype=dtype).view(integer).tolist()
    number = st.sampled_from(special) | st.integers(limits.min, limits.max)
    x, y = (data.draw(st.lists(number, min_size=count, max_size=count)) for _ in range(2))
    operands = [torch.tensor(v, dtype=integer).view(dtype).view(shape) for v in (x, y)]
    (found,) = INTERPRETER.step(kind(value(shape, element), value(shape, element)))(*operands)
    assert isinstance(found, torch.Tensor)
    assert found.dtype is dtype
    assert found.view(integer).flatten().tolist() == [ARITHMETIC[kind](a, b) for a, b in zip(x, y, strict=True)]
