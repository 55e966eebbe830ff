"""Canonicalisation keeps what elementwise ops compute, but for x + 0.0; NaN, -0.0 and extremes included.

Random functions are executed before and after it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import inf, nan

import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from xdsl.context import Context
from xdsl.dialects.builtin import (
    Builtin,
    FunctionType,
    IntegerType,
    ModuleOp,
    Signedness,
    bf16,
    f16,
    f32,
    f64,
    i1,
    i8,
    i32,
    i64,
)
from xdsl.dialects.func import Func, FuncOp, ReturnOp
from xdsl.ir import Attribute, Block, Operation, Region, SSAValue
from xdsl.transforms.canonicalize import CanonicalizePass

from tilewright.dialects import ttir
from tilewright.dialects.ttir import TTIR
from tilewright.dialects.ttir.canonicalization.numbers import as_element
from tilewright.dialects.types import element_type_of, tensor_type
from tilewright.runtime.dtypes import torch_dtype
from tilewright.runtime.functions.ttir import TtirFunctions
from tilewright.runtime.interpreter import Interpreter

ui8, ui16, ui32, ui64 = (IntegerType(n, Signedness.UNSIGNED) for n in (8, 16, 32, 64))
INTEGERS = [i1, i8, i32, i64, ui8, ui16, ui32, ui64]
FLOATS = [f32, bf16, f16, f64]
FILLS = [0, 1, -1, 2, 7, 8, 32, 64, 127, 128, 255, 256, -128, 2**31 - 1, -(2**31), 0.0, -0.0, 1.0, -1.0, 0.5, 0.1, 6.0]
FILLS += [inf, -inf, nan, 1e-40, 3e9, -3.5]
SPECIAL = [0.0, -0.0, 1.0, -1.0, 0.5, inf, -inf, nan, 6.5, -2.5, 1e30, 300.0]
SIZE = len(SPECIAL)

UNARY: list[Callable[[SSAValue], Operation]] = [
    ttir.AbsOp, ttir.CeilOp, ttir.FloorOp, ttir.NegOp, ttir.ReluOp, ttir.Relu6Op, ttir.SignOp, ttir.SquareOp,
    ttir.TruncOp, ttir.LogicalNotOp, ttir.IsFiniteOp, ttir.SignbitOp, ttir.ReciprocalOp,
]  # fmt: skip
BINARY: list[Callable[[SSAValue, SSAValue], Operation]] = [
    ttir.AddOp, ttir.SubtractOp, ttir.MultiplyOp, ttir.MaximumOp, ttir.MinimumOp, ttir.PowOp, ttir.EqualOp,
    ttir.NotEqualOp, ttir.LessThanOp, ttir.LessEqualOp, ttir.GreaterThanOp, ttir.GreaterEqualOp, ttir.LogicalAndOp,
    ttir.LogicalOrOp, ttir.LogicalXorOp,
]  # fmt: skip
BITS: list[Callable[[SSAValue, SSAValue], Operation]] = [
    ttir.BitwiseAndOp, ttir.BitwiseOrOp, ttir.BitwiseXorOp, ttir.LogicalLeftShiftOp, ttir.LogicalRightShiftOp,
    ttir.RightShiftOp,
]  # fmt: skip


def special(element: Attribute, seed: int) -> torch.Tensor:
    """Extremes and small numbers of a type."""
    dtype = torch_dtype(element)
    generator = torch.Generator().manual_seed(seed)
    if dtype.is_floating_point:
        return torch.tensor(SPECIAL, dtype=dtype)[torch.randperm(SIZE, generator=generator)]
    if dtype is torch.bool:
        return torch.rand(SIZE, generator=generator) < 0.5
    limits = torch.iinfo(dtype)
    numbers = [0, 1, 2, 3, 7, 8, limits.min, limits.max, limits.max - 1, limits.max // 2 + 1, limits.min // 2, 100]
    return torch.tensor(numbers, dtype=dtype)[torch.randperm(SIZE, generator=generator)]


@st.composite
def operations(draw: st.DrawFn, known: list[SSAValue]) -> list[Operation]:
    """Some ops: the last one is a function of values in `known` or of tensors of equal numbers, which come first."""
    x = draw(st.sampled_from(known))
    element = element_type_of(x)
    made: list[Operation] = []

    def operand(*, filled: bool) -> SSAValue:
        same = [v for v in known if v.type == x.type]
        if not filled:
            return draw(st.sampled_from([x, *same]))
        op = ttir.FullOp([draw(st.sampled_from([1, SIZE]))], draw(st.sampled_from(FILLS)), element)
        made.append(op)
        return op.result

    integer = isinstance(element, IntegerType)
    # x + 0.0 becomes x, also where x is -0.0.
    kinds = BINARY if integer else [k for k in BINARY if k not in (ttir.AddOp, ttir.SubtractOp)]
    match draw(
        st.sampled_from(["unary", "binary", "binary", "cast", "where", "clamp", "clamp_tensor", "filled", "bits"])
    ):
        case "unary":
            value = operand(filled=draw(st.booleans()))
            made.append(draw(st.sampled_from([*UNARY, ttir.BitwiseNotOp]))(value))
        case "bits":
            a, b = operand(filled=False), operand(filled=draw(st.booleans()))
            made.append(draw(st.sampled_from(BITS if integer else BITS[:3]))(a, b))
        case "cast":
            value = operand(filled=draw(st.booleans()))
            made.append(ttir.TypecastOp(value, draw(st.sampled_from([*INTEGERS, *FLOATS]))))
        case "where":
            made.append(ttir.WhereOp(operand(filled=draw(st.booleans())), operand(filled=False), operand(filled=False)))
        case "clamp":
            bounds = sorted(draw(st.lists(st.sampled_from([v for v in FILLS if v == v]), min_size=2, max_size=2)))
            made.append(ttir.ClampScalarOp(x, *(bounds if draw(st.integers(0, 3)) else bounds[::-1])))
        case "clamp_tensor":
            low, high = operand(filled=True), operand(filled=draw(st.booleans()))
            made.append(ttir.ClampTensorOp(x, low, high))
        case "filled":
            a, b = operand(filled=True), operand(filled=True)
            made.append(draw(st.sampled_from(kinds))(a, b))
        case _:
            a, b = operand(filled=False), operand(filled=draw(st.booleans()))
            made.append(draw(st.sampled_from(kinds))(*((a, b) if draw(st.booleans()) else (b, a))))
    return made


@st.composite
def functions(draw: st.DrawFn) -> FuncOp:
    types = draw(st.lists(st.sampled_from([*INTEGERS, *FLOATS]), min_size=1, max_size=2))
    block = Block(arg_types=[tensor_type((SIZE,), t) for t in types])
    known: list[SSAValue] = list(block.args)
    for _ in range(draw(st.integers(1, 6))):
        ops = draw(operations(known))
        block.add_ops(ops)
        if ops[-1].results[0].type in {tensor_type((SIZE,), t) for t in (*INTEGERS, *FLOATS)}:
            known.append(ops[-1].results[0])
    results = known[len(types) :]
    block.add_op(ReturnOp(*results))
    return FuncOp("f", FunctionType.from_lists(block.arg_types, [v.type for v in results]), Region(block))


def evaluated(module: ModuleOp, arguments: Sequence[torch.Tensor]) -> list[torch.Tensor]:
    results = Interpreter(module, [TtirFunctions()]).run("f", arguments)
    assert all(isinstance(r, torch.Tensor) for r in results)
    return [r for r in results if isinstance(r, torch.Tensor)]


def negative(x: torch.Tensor) -> torch.Tensor:
    """Whether the sign bit is set; torch knows none of unsigned integers."""
    return x.signbit() if x.is_floating_point() else x == 0


@settings(max_examples=150)
@given(functions(), st.integers(0, 99))
def test_values_are_kept(function: FuncOp, seed: int) -> None:
    check(function, seed)


def chain(element: Attribute, *kinds: Callable[[SSAValue], Operation]) -> FuncOp:
    """One op after the other."""
    block = Block(arg_types=[tensor_type((SIZE,), element)])
    value: SSAValue = block.args[0]
    for kind in kinds:
        op = kind(value)
        block.add_op(op)
        value = op.results[0]
    block.add_op(ReturnOp(value))
    return FuncOp("f", FunctionType.from_lists(block.arg_types, [value.type]), Region(block))


BOUNDS = st.tuples(*[st.sampled_from([v for v in FILLS if v == v])] * 2)


@given(st.sampled_from([*INTEGERS, *FLOATS]), BOUNDS, BOUNDS, st.integers(0, 9))
def test_two_clamps(
    element: Attribute, first: tuple[int | float, int | float], second: tuple[int | float, int | float], seed: int
) -> None:
    check(chain(element, lambda x: ttir.ClampScalarOp(x, *first), lambda x: ttir.ClampScalarOp(x, *second)), seed)


TYPES = st.sampled_from([*INTEGERS, *FLOATS])


@given(TYPES, TYPES, TYPES, st.integers(0, 9))
def test_two_casts(source: Attribute, middle: Attribute, target: Attribute, seed: int) -> None:
    check(chain(source, lambda x: ttir.TypecastOp(x, middle), lambda x: ttir.TypecastOp(x, target)), seed)


@given(st.sampled_from([*UNARY, ttir.BitwiseNotOp]), TYPES, st.integers(0, 9))
def test_a_function_twice(kind: Callable[[SSAValue], Operation], element: Attribute, seed: int) -> None:
    check(chain(element, kind, kind), seed)


def check(function: FuncOp, seed: int) -> None:
    """Executes the function before and after."""
    context = Context()
    for dialect in (Builtin, Func, TTIR):
        context.load_dialect(dialect)
    before, after = ModuleOp([function]), ModuleOp([function.clone()])
    before.verify()
    CanonicalizePass().apply(context, after)
    after.verify()
    arguments = [special(element_type_of(a), seed) for a in function.args]

    for expected, found in zip(evaluated(before, arguments), evaluated(after, arguments), strict=True):
        assert found.dtype is expected.dtype
        same = (found == expected) & (negative(found) == negative(expected)) | (found != found) & (expected != expected)
        assert bool(same.all()), f"{found}\n{expected}\n{before}\n{after}"


@given(
    st.one_of(st.sampled_from(FILLS), st.floats(width=32), st.integers(-(2**31), 2**31 - 1)),
    st.sampled_from([*INTEGERS, *FLOATS]),
)
def test_elements_are_what_full_makes(fill: int | float, element: Attribute) -> None:
    (made,) = Interpreter(ModuleOp([]), [TtirFunctions()]).step(ttir.FullOp([], fill, element))()
    assert isinstance(made, torch.Tensor)
    number = as_element(fill, element)
    assert number is not None
    expected = torch.tensor(number, dtype=made.dtype)
    torch.testing.assert_close(made, expected, rtol=0, atol=0, equal_nan=True)
    assert float(number) == made.double().item() or number != number
