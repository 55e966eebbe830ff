"""Tensors that TTIR makes of attributes, and random numbers: their values, and that they are the same in every run."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from math import inf, nan

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from xdsl.context import Context
from xdsl.dialects import test as xdsl_test
from xdsl.dialects.builtin import (
    Builtin,
    BytesAttr,
    DenseIntOrFPElementsAttr,
    IntegerType,
    ModuleOp,
    Signedness,
    TensorType,
    bf16,
    f16,
    f32,
    f64,
    i1,
    i8,
    i32,
    i64,
)
from xdsl.dialects.func import Func
from xdsl.ir import Attribute, Operation, SSAValue
from xdsl.parser import Parser
from xdsl.transforms.canonicalize import CanonicalizePass
from xdsl.transforms.common_subexpression_elimination import CommonSubexpressionElimination

from tilewright.dialects import ttir
from tilewright.dialects.text import dense_resource
from tilewright.dialects.ttcore import TTCORE
from tilewright.dialects.ttir import TTIR
from tilewright.dialects.types import element_type_of, shape_of, tensor_type
from tilewright.runtime.dtypes import torch_dtype
from tilewright.runtime.evaluator import TorchEvaluator
from tilewright.runtime.functions.ttir import TtirFunctions
from tilewright.runtime.interpreter import Interpreter
from tilewright.runtime.mesh import Mesh, MeshValue
from tilewright.transforms.services import with_services
from tilewright.transforms.ttcore_hoist_const_eval import TtcoreHoistConstEval
from tilewright.transforms.ttir_fold_constants import TtirFoldConstants

Typecast = Callable[[int | float, torch.dtype], int | float]
INTERPRETER = Interpreter(ModuleOp([]), [TtirFunctions()])
ui8, ui16, ui32, ui64 = (IntegerType(n, Signedness.UNSIGNED) for n in (8, 16, 32, 64))


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


@pytest.mark.parametrize(
    ("fill", "element", "expected"),
    [
        (2.75, i32, 2),
        (-2.75, i64, -2),
        (-1, ui8, 255),
        (-1, ui64, 2**64 - 1),
        (300, i8, 44),
        (300.0, i8, 127),
        (-3.5, ui16, 0),
        (3e9, ui32, 3000000000),
        (inf, i32, 2**31 - 1),
        (nan, i32, 0),
        (-7, i1, True),
        (0.25, i1, True),
        (0, i1, False),
        (16777217, f32, 16777216.0),
        (16777217, f64, 16777217.0),
        (1e30, f16, inf),
        (-0.0, bf16, -0.0),
        (True, f32, 1.0),
    ],
)
@pytest.mark.parametrize("shape", [(), (2, 3), (0, 2)])
def test_fill_is_cast_to_the_element_type(
    fill: int | float, element: Attribute, expected: int | float, shape: tuple[int, ...]
) -> None:
    found = run(ttir.FullOp(shape, fill, element))
    assert found.flatten().tolist() == [expected] * math.prod(shape)
    assert all(math.copysign(1.0, v) == math.copysign(1.0, expected) for v in found.flatten().tolist())


@pytest.mark.parametrize("element", [i1, i8, ui16, ui32, ui64, f32, bf16, f64])
def test_zeros_and_ones_and_ranges(element: Attribute) -> None:
    assert run(ttir.ZerosOp([3], element)).tolist() == [0, 0, 0]
    assert run(ttir.OnesOp([3], element)).tolist() == [1, 1, 1]
    if element != i1:
        assert run(ttir.ArangeOp([2, 3], element, 3, 5, 1)).tolist() == [[3, 8, 13]] * 2


def test_ranges_wrap_and_round_once() -> None:
    assert run(ttir.ArangeOp([3], ui8, 254, 1)).tolist() == [254, 255, 0]
    start = 2**30 + 2**22 + 1  # just above the middle of two bf16 numbers
    assert run(ttir.ArangeOp([2], bf16, start, -1)).tolist() == [2.0**30 + 2**23, 2.0**30]


@pytest.mark.parametrize(
    ("element", "values"),
    [
        (i8, [-128, 127, 0]),
        (ui16, [0, 65535, 40000]),
        (ui32, [2**32 - 1, 0, 7]),
        (ui64, [2**64 - 1, 2**63, 1]),
        (i64, [-(2**63), 2**63 - 1, 0]),
        (f16, [0.5, -2.0, 65504.0]),
        (f64, [0.1, -0.0, 1e300]),
        (i1, [0, 1, 1]),
    ],
    ids=str,
)
def test_constants_have_the_numbers_written(element: Attribute, values: Sequence[int | float]) -> None:
    attribute = DenseIntOrFPElementsAttr.from_list(TensorType(element, [3]), list(values))  # pyright: ignore
    assert run(ttir.ConstantOp(attribute)).tolist() == list(values)
    splat = DenseIntOrFPElementsAttr.from_list(TensorType(element, [2, 2]), [values[1]])  # pyright: ignore
    assert run(ttir.ConstantOp(splat)).tolist() == [[values[1]] * 2] * 2


@given(
    shape=st.lists(st.integers(0, 3), max_size=3),
    element=st.sampled_from([i8, i32, i64, ui8, ui16, ui32, ui64, f16, bf16, f32, f64]),
    form=st.sampled_from(["elements", "splat", "resource"]),
    data=st.data(),
)
def test_constants_have_the_bits_written(shape: list[int], element: Attribute, form: str, data: st.DataObject) -> None:
    # Any bits: NaN of all kinds, infinities and subnormal numbers among floats.
    dtype, count = torch_dtype(element), 1 if form == "splat" else math.prod(shape)
    special, size = [nan, inf, -inf, -0.0] if dtype.is_floating_point else [0], dtype.itemsize
    known = [bytes(bits.tolist()) for bits in torch.tensor(special, dtype=dtype).view(torch.uint8).split(size)]
    one = st.binary(min_size=size, max_size=size) | st.sampled_from(known)
    raw = b"".join(data.draw(st.lists(one, min_size=count, max_size=count)))
    type = TensorType(element, shape)  # pyright: ignore
    attribute = (
        dense_resource("w", type, raw) if form == "resource" else DenseIntOrFPElementsAttr(type, BytesAttr(raw))  # pyright: ignore
    )

    found = run(ttir.ConstantOp(attribute))

    assert tuple(found.shape) == tuple(shape)
    stored = np.frombuffer(raw * (math.prod(shape) if form == "splat" else 1), np.uint8)
    assert np.array_equal(found.contiguous().flatten().view(torch.uint8).numpy(), stored)


@given(
    numbers=st.lists(st.sampled_from([nan, inf, -inf, -0.0, 1e30]) | st.floats(-300, 300), min_size=1, max_size=6),
    target=st.sampled_from([f64, f32, bf16, f16, i1, i8, i64, ui8, ui16]),
)
def test_constant_of_another_element_type_is_cast(typecast: Typecast, numbers: list[float], target: Attribute) -> None:
    attribute = DenseIntOrFPElementsAttr.from_list(TensorType(f64, [len(numbers)]), numbers)
    op = ttir.ConstantOp.create(properties={"value": attribute}, result_types=[tensor_type((len(numbers),), target)])
    found = run(op)
    assert list(map(repr, found.tolist())) == [repr(typecast(v, found.dtype)) for v in numbers]


@given(shape=st.lists(st.integers(0, 3), max_size=3), data=st.data())
def test_constants_of_booleans(shape: list[int], data: st.DataObject) -> None:
    count = math.prod(shape)
    numbers = data.draw(st.lists(st.integers(0, 1), min_size=count, max_size=count))
    attribute = DenseIntOrFPElementsAttr.from_list(TensorType(i1, shape), numbers)
    assert np.array_equal(run(ttir.ConstantOp(attribute)).numpy(), np.array(numbers, bool).reshape(shape))


def test_constant_of_no_elements() -> None:
    attribute = DenseIntOrFPElementsAttr.from_list(TensorType(f32, [0, 3]), [])
    assert run(ttir.ConstantOp(attribute)).shape == (0, 3)


def test_each_run_makes_a_new_tensor() -> None:
    for op in (ttir.FullOp([2], 1, i32), ttir.ArangeOp([2], i32), ttir.RandOp([2], f32)):
        step = INTERPRETER.step(op)
        (first,), (second,) = step(), step()
        assert isinstance(first, torch.Tensor)
        assert isinstance(second, torch.Tensor)
        first += 1
        assert not torch.equal(first, second)


def drawn(shape: tuple[int, ...], seed: int) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    """What is drawn from [0, 1) in steps of 2^-24: the lower 24 bits of what a Mersenne Twister draws."""
    words = np.random.RandomState(seed).randint(0, 2**32, math.prod(shape), dtype=np.uint32)
    return ((words % 2**24) / 2.0**24).reshape(shape)


@given(
    st.lists(st.integers(0, 5), max_size=3).map(tuple),
    st.sampled_from([(0.0, 1.0), (-3.0, 5.5), (1e30, 2e30)]),
    st.integers(0, 2**32 - 1),
    st.sampled_from([f32, bf16, i32]),
)
def test_rand(shape: tuple[int, ...], interval: tuple[float, float], seed: int, element: Attribute) -> None:
    low, high = (float(torch.tensor(bound, dtype=torch.float32)) for bound in interval)
    found = run(ttir.RandOp(shape, element, *interval, seed))
    exact = low + torch.from_numpy(drawn(shape, seed)) * (high - low)
    if element == i32:
        assert torch.equal(found.double(), exact.float().double().clamp(-(2.0**31), 2.0**31 - 1).trunc())
    else:
        eps = torch.finfo(torch_dtype(element)).eps
        assert bool(((found.double() - exact).abs() <= 2 * eps * max(abs(low), abs(high))).all())
    assert torch.equal(found, run(ttir.RandOp(shape, element, *interval, seed)))


def test_rand_stays_below_high() -> None:
    low, high = 1.0, float(torch.nextafter(torch.tensor(1.0), torch.tensor(2.0)))
    assert run(ttir.RandOp([1000], f32, low, high, 3)).unique().tolist() == [1.0]


def test_seeds_draw_different_numbers() -> None:
    first, second = (run(ttir.RandOp([64], f32, 0.0, 1.0, seed)) for seed in (1, 2))
    assert not torch.equal(first, second)
    assert abs(float(run(ttir.RandOp([100, 100], f32, 0.0, 1.0, 5)).mean()) - 0.5) < 0.01


@pytest.mark.parametrize("element", [f32, bf16, i32, ui16])
@pytest.mark.parametrize("prob", [0.0, 0.25, 1.0])
def test_dropout(element: Attribute, prob: float) -> None:
    x = torch.arange(1, 65).reshape(8, 8).to(torch_dtype(element))
    x[0, 0] = 0
    op = ttir.DropoutOp(value((8, 8), element), prob, 1.5, 42)
    drawn = run(ttir.RandOp([8, 8], f32, 0.0, 1.0, 42))
    expected = [0.0 if u < prob else float(v) * 1.5 for u, v in zip(drawn.flatten(), x.flatten(), strict=True)]
    if not x.dtype.is_floating_point:
        expected = [math.trunc(v) for v in expected]
    assert run(op, x).flatten().tolist() == torch.tensor(expected, dtype=torch.float64).to(x.dtype).tolist()


@given(
    shape=st.lists(st.integers(1, 5), min_size=2, max_size=4).map(tuple),
    element=st.sampled_from([f32, f64, bf16, f16, i8, i32, i64, ui8, ui16, ui32, ui64]),
    numbers=st.lists(
        st.sampled_from([nan, inf, -inf, 0.0, -0.0, 6e4]) | st.floats(-100, 100) | st.integers(-(2**63), 2**63),
        min_size=1,
        max_size=9,
    ),
    prob=st.sampled_from([0.0, 1.0]) | st.floats(0.0, 1.0, width=32),
    scale=st.sampled_from([1.0, 1.5, 2.0, 0.125, inf]) | st.floats(2.0**-10, 8.0, width=32),
    seed=st.integers(0, 2**32 - 1),
    own_seed=st.booleans(),
)
def test_dropout_of_any_numbers(
    typecast: Typecast,
    shape: tuple[int, ...],
    element: Attribute,
    numbers: list[int | float],
    prob: float,
    scale: float,
    seed: int,
    own_seed: bool,
) -> None:
    dtype = torch_dtype(element)
    elements = [typecast(numbers[i % len(numbers)], dtype) for i in range(math.prod(shape))]
    x = torch.tensor(elements, dtype=dtype).reshape(shape)
    op = ttir.DropoutOp(value(shape, element), prob, scale, seed, own_seed)

    found = run(op, x).flatten().tolist()

    places = drawn(shape, seed).flatten().tolist()
    # Integers as the nearest float64; 16 bits are multiplied in float32, in which such products are rounded once.
    working = torch.float32 if dtype.is_floating_point and dtype.itemsize <= 4 else torch.float64
    for number, before, place in zip(found, x.flatten().tolist(), places, strict=True):
        product = typecast(float(before) * scale, working)
        expected = typecast(0.0 if place < prob else product, dtype)
        assert repr(number) == repr(expected), (before, place)


def test_dropout_hides_nan() -> None:
    x = torch.full((4, 4), nan)
    assert run(ttir.DropoutOp(value((4, 4), f32), 1.0, 1.0), x).tolist() == [[0.0] * 4] * 4


def test_devices_drop_by_their_own_seed() -> None:
    x = torch.ones(4, 4)
    on_mesh = Interpreter(ModuleOp([]), [TtirFunctions()], Mesh((2, 2)))
    singles = [run(ttir.DropoutOp(value((4, 4), f32), 0.5, 2.0, 7 + d), x) for d in range(4)]

    (found,) = on_mesh.step(ttir.DropoutOp(value((4, 4), f32), 0.5, 2.0, 7))(x)

    assert isinstance(found, MeshValue)
    assert all(torch.equal(a, b) for a, b in zip(found.shards, singles, strict=True))
    (same,) = on_mesh.step(ttir.DropoutOp(value((4, 4), f32), 0.5, 2.0, 7, use_per_device_seed=False))(x)
    assert isinstance(same, torch.Tensor)
    assert torch.equal(same, singles[0])


DRAWS = """
!t = tensor<2x4xf32>
!v = tensor<4xf32>
func.func @f(%p : !t {ttcore.argument_type = #ttcore.argument_type<parameter>}) -> (!v, !v, !t, !t) {
  %a = "ttir.rand"() <{size = [4 : i32]}> : () -> tensor<4xf32>
  %b = "ttir.rand"() <{size = [4 : i32]}> : () -> tensor<4xf32>
  %c = "ttir.neg"(%a) : (tensor<4xf32>) -> tensor<4xf32>
  %d = "ttir.dropout"(%p) <{prob = 0.5 : f32}> : (!t) -> !t
  %e = "ttir.dropout"(%p) <{prob = 0.5 : f32}> : (!t) -> !t
  %unused = "ttir.rand"() <{size = [8 : i32]}> : () -> tensor<8xf32>
  func.return %c, %b, %d, %e : !v, !v, !t, !t
}
"""


def test_draws_are_not_merged_nor_computed_ahead() -> None:
    context = Context()
    for dialect in (Builtin, Func, TTCORE, TTIR):
        context.load_dialect(dialect)
    module = Parser(context, DRAWS).parse_module()
    fold = with_services(TtirFoldConstants, evaluator=TorchEvaluator)

    for transform in (CanonicalizePass(), CommonSubexpressionElimination(), fold(), TtcoreHoistConstEval()):
        transform.apply(context, module)

    names = [op.name for op in module.walk()]
    assert names.count("ttir.rand") == 2  # without the one that nothing uses
    assert names.count("ttir.dropout") == 2
    assert "ttcore.load_cached" not in names
    assert "ttir.neg" in names
