"""The quantisation ops against exact fractions, and other ops between quantised tensors."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from itertools import product
from math import inf, nan, prod

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from xdsl.dialects import test as xdsl_test
from xdsl.dialects.builtin import IntegerAttr, ModuleOp, bf16, f16, f32, f64, i32
from xdsl.ir import Attribute, Operation, SSAValue

from tilewright.dialects import ttir
from tilewright.dialects.quant import UniformQuantizedType
from tilewright.dialects.types import tensor_type
from tilewright.runtime.dtypes import torch_dtype
from tilewright.runtime.functions.ttir import TtirFunctions
from tilewright.runtime.interpreter import Interpreter
from tilewright.runtime.mesh import Mesh, MeshValue
from tilewright.support.errors import NumericsError, UnsupportedInputError

INTERPRETER = Interpreter(ModuleOp([]), [TtirFunctions()])
Typecast = Callable[[Fraction | float, torch.dtype], float]
STORAGES = ["i8", "u8", "i16", "u16", "i32", "u4"]
SCALE = st.floats(2.0**-10, 2.0**10, width=32)
NUMBER = st.floats(-1e4, 1e4, width=32) | st.sampled_from([0.0, -0.0, inf, -inf, 0.5, 1.5, 2.5, 3e38])


def value(shape: tuple[int, ...], element: Attribute) -> SSAValue:
    """A value of a tensor type."""
    return xdsl_test.TestOp(result_types=[tensor_type(shape, element)]).results[0]


def made(op_type: type[Operation], operands: list[SSAValue], result: Attribute, shape: tuple[int, ...]) -> Operation:
    """The op with a tensor of this shape for its result."""
    return op_type.create(operands=operands, result_types=[tensor_type(shape, result)])


def unrolled(
    op_type: type[Operation], values: list[SSAValue], result: Attribute, shape: tuple[int, ...], axis: int | None
) -> Operation:
    """The op with scales and zero points from operands, along `axis` if there is one."""
    return op_type.create(
        operands=values,
        result_types=[tensor_type(shape, result)],
        properties={} if axis is None else {"axis": IntegerAttr(axis, i32)},
    )


def run(op: Operation, *inputs: object) -> torch.Tensor:
    """The result of `op`, after it was verified."""
    op.verify()
    (result,) = INTERPRETER.step(op)(*inputs)
    assert isinstance(result, torch.Tensor)
    assert result.dtype is torch_dtype(op.results[0].type.element_type)
    return result


def exact(x: float) -> Fraction:
    """The number, infinities as one that is larger than all others."""
    return Fraction(10**60 if x == inf else -(10**60) if x == -inf else x)


def check_stored(found: int, x: Fraction, type: UniformQuantizedType, index: int) -> None:
    """Check x / scale, ties to even, plus the zero point, in the range; the nearest to a tie may go either way."""
    scale, zero = type.scale_values[index], type.zero_point_values[index]
    least, most = type.limits
    quotient = x / Fraction(scale)
    expected = min(max(round(quotient) + zero, least), most)
    from_tie = abs(abs(quotient - round(quotient)) - Fraction(1, 2))
    assert found == expected or (0 < from_tie < Fraction(1, 2**18) and abs(found - expected) == 1)


@st.composite
def quantized_types(draw: st.DrawFn, count: int) -> UniformQuantizedType:
    """A type with one scale, or with `count` along dimension 1."""
    storage = draw(st.sampled_from(STORAGES))
    axis = draw(st.sampled_from([None, 1]))
    entries = 1 if axis is None else count
    # Powers of two and their multiples by 3 keep quotients exact often enough for ties to occur.
    scale = SCALE | st.sampled_from([0.5, 0.25, 1.0, 2.0, 0.75])
    scales = draw(st.lists(scale, min_size=entries, max_size=entries))
    zeros = draw(st.lists(st.integers(0, 15), min_size=entries, max_size=entries))
    return UniformQuantizedType.of(storage, f32, scales, zeros, axis=axis)


def integers(type: UniformQuantizedType, shape: tuple[int, ...], seed: int) -> torch.Tensor:
    """Integers of the range, its ends among them."""
    least, most = type.limits
    drawn = torch.randint(least, most + 1, shape, generator=torch.Generator().manual_seed(seed))
    drawn.view(-1)[:2] = torch.tensor([least, most])[: drawn.numel()]
    return drawn.to(torch_dtype(type))


def scale_index(type: UniformQuantizedType, column: int) -> int:
    """Which scale belongs to a column."""
    return 0 if type.quantized_dimension is None else column


SHAPE = st.lists(st.integers(1, 3), min_size=2, max_size=4).map(tuple)


@given(st.data(), SHAPE, st.sampled_from([f32, bf16, f16]))
def test_quantize(data: st.DataObject, shape: tuple[int, ...], element: Attribute) -> None:
    type, count = data.draw(quantized_types(shape[1])), prod(shape)
    x = torch.tensor(data.draw(st.lists(NUMBER, min_size=count, max_size=count))).view(shape).to(torch_dtype(element))
    op = made(ttir.QuantizeOp, [value(shape, element)], type, shape)

    found = run(op, x).to(torch.int64)

    for place in product(*map(range, shape)):
        check_stored(int(found[place]), exact(float(x[place])), type, scale_index(type, place[1]))


def test_quantize_rounds_ties_to_even_and_clamps() -> None:
    type = UniformQuantizedType.of("i8", f32, 0.5, 3)
    op = made(ttir.QuantizeOp, [value((9,), f32)], type, (9,))
    x = torch.tensor([0.25, 0.75, -0.25, -0.75, 1.25, 1e9, -1e9, inf, -inf])

    assert run(op, x).tolist() == [3, 5, 3, 1, 5, 127, -128, 127, -128]


@pytest.mark.parametrize("element", [f32, bf16, f16])
def test_range_of_the_type_is_kept(element: Attribute) -> None:
    type = UniformQuantizedType.of("u8", f32, 1.0, 10, limits=(5, 20))
    op = made(ttir.QuantizeOp, [value((4,), element)], type, (4,))

    assert run(op, torch.tensor([-100.0, 0.0, 3.4, 100.0]).to(torch_dtype(element))).tolist() == [5, 10, 13, 20]


@given(
    data=st.data(), rows=st.integers(1, 3), columns=st.integers(1, 4), element=st.sampled_from([f32, f64, bf16, f16])
)
def test_dequantize(typecast: Typecast, data: st.DataObject, rows: int, columns: int, element: Attribute) -> None:
    type, shape = data.draw(quantized_types(columns)), (rows, columns)
    q = integers(type, shape, data.draw(st.integers(0, 99)))
    op = made(ttir.DequantizeOp, [value(shape, type)], element, shape)

    found = run(op, q)

    for r in range(rows):
        for c in range(columns):
            index = scale_index(type, c)
            number = (int(q[r, c]) - type.zero_point_values[index]) * Fraction(type.scale_values[index])
            assert float(found[r, c]) == typecast(typecast(number, torch.float64), found.dtype)


@given(st.data(), SHAPE)
def test_requantize(data: st.DataObject, shape: tuple[int, ...]) -> None:
    source, target = data.draw(quantized_types(shape[1])), data.draw(quantized_types(shape[1]))
    q = integers(source, shape, data.draw(st.integers(0, 99)))
    op = made(ttir.RequantizeOp, [value(shape, source)], target, shape)

    found = run(op, q)

    for place in product(*map(range, shape)):
        before, after = scale_index(source, place[1]), scale_index(target, place[1])
        number = (int(q[place]) - source.zero_point_values[before]) * Fraction(source.scale_values[before])
        check_stored(int(found[place]), number, target, after)


def test_requantize_rounds_the_quotient_once() -> None:
    source, target = UniformQuantizedType.of("i32", f32, 0.25, 1), UniformQuantizedType.of("i8", f32, 0.5, -3)
    op = made(ttir.RequantizeOp, [value((5,), source)], target, (5,))

    assert run(op, torch.tensor([1, 2, 4, 6, 2_000_000_000], dtype=torch.int32)).tolist() == [-3, -3, -1, -1, 127]


@given(st.data(), st.integers(1, 3), st.integers(1, 4))
def test_unrolled_ops_are_those_of_types_with_these_parameters(data: st.DataObject, rows: int, columns: int) -> None:
    type, other = data.draw(quantized_types(columns)), data.draw(quantized_types(columns))
    shape, seed = (rows, columns), data.draw(st.integers(0, 99))
    along = type.quantized_dimension is not None or other.quantized_dimension is not None
    both = (type.quantized_dimension is None) == (other.quantized_dimension is None)
    axis = 1 if along else None

    def written(of: UniformQuantizedType) -> tuple[torch.Tensor, torch.Tensor]:
        return torch.tensor(of.scale_values), torch.tensor(of.zero_point_values, dtype=torch.int32)

    def operands(first: Attribute, *types: UniformQuantizedType) -> list[SSAValue]:
        counts = [(len(t.scales),) for t in types]
        return [value(shape, first), *(v for c in counts for v in (value(c, f32), value(c, i32)))]

    x = torch.randn(shape, generator=torch.Generator().manual_seed(seed)) * 10
    q = run(made(ttir.QuantizeOp, [value(shape, f32)], type, shape), x)
    assert run(unrolled(ttir.QuantizeUnrolledOp, operands(f32, type), type, shape, axis), x, *written(type)).equal(q)
    plain = run(made(ttir.DequantizeOp, [value(shape, type)], f32, shape), q)
    op = unrolled(ttir.DequantizeUnrolledOp, operands(type, type), f32, shape, axis)
    assert run(op, q, *written(type)).equal(plain)
    if both:
        expected = run(made(ttir.RequantizeOp, [value(shape, type)], other, shape), q)
        op = unrolled(ttir.RequantizeUnrolledOp, operands(type, type, other), other, shape, axis)
        assert run(op, q, *written(type), *written(other)).equal(expected)


def test_nan_is_refused() -> None:
    op = made(ttir.QuantizeOp, [value((2,), f32)], UniformQuantizedType.of("i8", f32, 1.0), (2,))

    with pytest.raises(NumericsError, match="NaN cannot be quantised"):
        run(op, torch.tensor([1.0, nan]))


@st.composite
def parameters(draw: st.DrawFn, count: int) -> tuple[torch.Tensor, torch.Tensor, Attribute]:
    """So many scales and zero points, and the element type of the scales."""
    element = draw(st.sampled_from([f32, f64, bf16, f16]))
    smallest = [torch.finfo(torch_dtype(element)).tiny, torch.finfo(torch_dtype(element)).max]
    scales = draw(st.lists(SCALE | st.sampled_from([0.5, 0.75, *smallest]), min_size=count, max_size=count))
    zeros = draw(st.lists(st.integers(0, 15), min_size=count, max_size=count))
    return torch.tensor(scales, dtype=torch_dtype(element)), torch.tensor(zeros, dtype=torch.int32), element


@given(
    data=st.data(), rows=st.integers(1, 3), columns=st.integers(1, 4), element=st.sampled_from([f32, f64, bf16, f16])
)
def test_dequantize_unrolled(
    typecast: Typecast, data: st.DataObject, rows: int, columns: int, element: Attribute
) -> None:
    type, shape, axis = data.draw(quantized_types(columns)), (rows, columns), data.draw(st.sampled_from([None, 0, 1]))
    count = 1 if axis is None else shape[axis]
    scale, zero, wide = data.draw(parameters(count))
    q = integers(type, shape, data.draw(st.integers(0, 99)))
    values = [value(shape, type), value((count,), wide), value((count,), i32)]

    found = run(unrolled(ttir.DequantizeUnrolledOp, values, element, shape, axis), q, scale, zero)

    for place in product(range(rows), range(columns)):
        entry = 0 if axis is None else place[axis]
        number = (int(q[place]) - int(zero[entry])) * Fraction(float(scale[entry]))
        assert float(found[place]) == typecast(typecast(number, torch.float64), found.dtype)


@given(data=st.data(), rows=st.integers(1, 3), columns=st.integers(1, 4))
def test_requantize_unrolled(data: st.DataObject, rows: int, columns: int) -> None:
    storage, target = (data.draw(st.sampled_from(STORAGES)) for _ in range(2))
    source_type, type = (UniformQuantizedType.of(s, f32, 1.0) for s in (storage, target))
    shape, axis = (rows, columns), data.draw(st.sampled_from([None, 0, 1]))
    count = 1 if axis is None else shape[axis]
    in_scale, in_zero, in_element = data.draw(parameters(count))
    out_scale, out_zero, out_element = data.draw(parameters(count))
    q = integers(source_type, shape, data.draw(st.integers(0, 99)))
    elements = [in_element, i32, out_element, i32]
    values = [value(shape, source_type), *(value((count,), element) for element in elements)]
    op = unrolled(ttir.RequantizeUnrolledOp, values, type, shape, axis)

    found = run(op, q, in_scale, in_zero, out_scale, out_zero)

    for place in product(range(rows), range(columns)):
        entry = 0 if axis is None else place[axis]
        number = (int(q[place]) - int(in_zero[entry])) * Fraction(float(in_scale[entry]))
        own = UniformQuantizedType.of(target, f64, float(out_scale[entry]), int(out_zero[entry]))
        check_stored(int(found[place]), number, own, 0)


def test_dequantized_number_is_rounded_once() -> None:
    # 1 + 2^-8 + 2^-40: just above the middle of two bf16 numbers, which float32 would round it to.
    type = UniformQuantizedType.of("i8", f64, 1 + 2.0**-8 + 2.0**-40)
    one = torch.ones(1, dtype=torch.int8)
    values = [value((1,), type), value((1,), f64), value((1,), i32)]

    assert run(made(ttir.DequantizeOp, [value((1,), type)], bf16, (1,)), one).item() == 1 + 2.0**-7
    op = unrolled(ttir.DequantizeUnrolledOp, values, bf16, (1,), None)
    scale = torch.tensor([1 + 2.0**-8 + 2.0**-40], dtype=torch.float64)
    assert run(op, one, scale, torch.zeros(1, dtype=torch.int32)).item() == 1 + 2.0**-7


def test_quotient_of_scales_may_overflow() -> None:
    source, target = UniformQuantizedType.of("i8", f64, 1e300, 5), UniformQuantizedType.of("i8", f64, 1e-300, 7)
    op = made(ttir.RequantizeOp, [value((3,), source)], target, (3,))

    assert run(op, torch.tensor([4, 5, 6], dtype=torch.int8)).tolist() == [-128, 7, 127]


@given(
    data=st.data(),
    kind=st.sampled_from([ttir.QuantizeUnrolledOp, ttir.DequantizeUnrolledOp, ttir.RequantizeUnrolledOp]),
    bad=st.sampled_from([nan, inf, -inf, 0.0, -0.0, -1.0, -1e-30]),
    shape=st.tuples(st.integers(1, 3), st.integers(1, 4)),
    element=st.sampled_from([f32, f64, bf16]),
)
def test_scale_from_data_is_checked(
    data: st.DataObject, kind: type[Operation], bad: float, shape: tuple[int, int], element: Attribute
) -> None:
    axis = data.draw(st.sampled_from([None, 0, 1]))
    count = 1 if axis is None else shape[axis]
    type = UniformQuantizedType.of("i8", f32, 1.0)
    quantizes, pairs = kind is ttir.QuantizeUnrolledOp, 2 if kind is ttir.RequantizeUnrolledOp else 1
    scales = [torch.ones(count, dtype=torch_dtype(element)) for _ in range(pairs)]
    scales[data.draw(st.integers(0, pairs - 1))][data.draw(st.integers(0, count - 1))] = bad
    first = torch.ones(shape, dtype=torch.float32 if quantizes else torch.int8)
    rest = [t for scale in scales for t in (scale, torch.zeros(count, dtype=torch.int32))]
    values = [value(shape, f32 if quantizes else type)]
    values += [value((count,), e) for _ in range(pairs) for e in (element, i32)]
    op = unrolled(kind, values, f32 if kind is ttir.DequantizeUnrolledOp else type, shape, axis)

    with pytest.raises(NumericsError, match="a scale is not a finite number > 0"):
        run(op, first, *rest)


def test_as_many_scales_as_entries_are_needed() -> None:
    op = made(ttir.QuantizeOp, [value((2, 3), f32)], UniformQuantizedType.of("i8", f32, [1.0, 2.0], axis=1), (2, 3))

    with pytest.raises(UnsupportedInputError, match=r"a tensor of the shape \(2, 3\) cannot have the elements"):
        run(op, torch.ones(2, 3))


A, B = UniformQuantizedType.of("i8", f32, 0.5, 3), UniformQuantizedType.of("i8", f32, 0.25, -1)
WIDE = UniformQuantizedType.of("i32", f32, 0.125)


def test_op_between_quantised_tensors_computes_with_their_numbers() -> None:
    op = made(ttir.AddOp, [value((3,), A), value((3,), B)], WIDE, (3,))
    a, b = torch.tensor([3, 5, -128], dtype=torch.int8), torch.tensor([-1, 7, 127], dtype=torch.int8)

    # (q - zero) * scale: 0, 1, -65.5 and 0, 2, 32; their sums in steps of 0.125.
    assert run(op, a, b).tolist() == [0, 24, -268]


def test_result_that_is_not_quantised_is_not_typecast() -> None:
    op = made(ttir.MultiplyOp, [value((2,), A), value((2,), f32)], f32, (2,))

    assert run(op, torch.tensor([4, 1], dtype=torch.int8), torch.tensor([0.1, 2.0])).equal(torch.tensor([0.05, -2.0]))


def test_matmul_of_quantised_tensors_with_scales_along_an_axis() -> None:
    weights = UniformQuantizedType.of("i8", f32, [0.5, 2.0], [0, 1], axis=1)
    result = UniformQuantizedType.of("i32", f32, [0.25, 1.0], axis=1)
    op = ttir.MatmulOp(value((1, 2), A), value((2, 2), weights), result_type=tensor_type((1, 2), result))
    a, w = torch.tensor([[5, 7]], dtype=torch.int8), torch.tensor([[2, 3], [4, 0]], dtype=torch.int8)

    # [1, 2] @ [[1, 4], [2, -2]] = [5, 0]
    assert run(op, a, w).tolist() == [[20, 0]]


def test_movement_keeps_the_stored_integers() -> None:
    # Numbers that Float32 does not hold.
    q = torch.tensor([[2_000_000_001, -2_000_000_003], [7, 2**31 - 1]], dtype=torch.int32)
    permute = ttir.PermuteOp(value((2, 2), WIDE), (1, 0))
    concat = ttir.ConcatOp([value((2, 2), WIDE), value((2, 2), WIDE)], 0)

    assert run(permute, q).equal(q.t())
    assert run(concat, q, q).equal(torch.cat([q, q]))


def test_movement_into_another_quantisation_goes_by_the_numbers() -> None:
    op = ttir.ReshapeOp(value((2, 2), A), (4,), tensor_type((4,), B))
    q = torch.tensor([[3, 4], [5, 2]], dtype=torch.int8)

    assert run(op, q).tolist() == [-1, 1, 3, -3]


def test_filled_tensor_holds_quantised_numbers() -> None:
    assert run(ttir.FullOp((2,), 1.5, A)).tolist() == [6, 6]
    assert run(ttir.ZerosOp((1,), A)).tolist() == [3]


def test_devices_of_a_mesh_hold_quantised_tensors() -> None:
    interpreter = Interpreter(ModuleOp([]), [TtirFunctions()], Mesh((2,)))
    op = made(ttir.NegOp, [value((1,), A)], B, (1,))
    shards = tuple(torch.tensor([q], dtype=torch.int8) for q in (3, 5))

    (result,) = interpreter.step(op)(MeshValue(shards))

    assert isinstance(result, MeshValue)
    assert [shard.tolist() for shard in result.shards] == [[-1], [-5]]
