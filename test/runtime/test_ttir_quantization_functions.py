"""The quantisation ops against exact fractions, and other ops between quantised tensors."""

from __future__ import annotations

from fractions import Fraction
from math import inf, nan

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from xdsl.dialects import test as xdsl_test
from xdsl.dialects.builtin import IntegerAttr, ModuleOp, bf16, f16, f32, i32
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
STORAGES = ["i8", "u8", "i16", "u16", "i32", "u4"]
SCALE = st.floats(2.0**-10, 2.0**10, width=32)
NUMBER = st.floats(-1e4, 1e4, width=32) | st.sampled_from([0.0, -0.0, inf, -inf, 0.5, 1.5, 2.5, 3e38])


def value(shape: tuple[int, ...], element: Attribute) -> SSAValue:
    """A value of a tensor type."""
    return xdsl_test.TestOp(result_types=[tensor_type(shape, element)]).results[0]


def made(op_type: type[Operation], operands: list[SSAValue], result: Attribute, shape: tuple[int, ...]) -> Operation:
    """The op with a tensor of this shape for its result."""
    return op_type.create(operands=operands, result_types=[tensor_type(shape, result)])


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


def integers(type: UniformQuantizedType, shape: tuple[int, int], seed: int) -> torch.Tensor:
    """Integers of the range, its ends among them."""
    least, most = type.limits
    drawn = torch.randint(least, most + 1, shape, generator=torch.Generator().manual_seed(seed))
    drawn.view(-1)[:2] = torch.tensor([least, most])[: drawn.numel()]
    return drawn.to(torch_dtype(type))


def scale_index(type: UniformQuantizedType, column: int) -> int:
    """Which scale belongs to a column."""
    return 0 if type.quantized_dimension is None else column


@given(st.data(), st.integers(1, 3), st.integers(1, 4))
def test_quantize(data: st.DataObject, rows: int, columns: int) -> None:
    type, shape = data.draw(quantized_types(columns)), (rows, columns)
    x = torch.tensor(data.draw(st.lists(NUMBER, min_size=rows * columns, max_size=rows * columns))).view(shape)
    op = made(ttir.QuantizeOp, [value(shape, f32)], type, shape)

    found = run(op, x).to(torch.int64)

    for r in range(rows):
        for c in range(columns):
            check_stored(int(found[r, c]), exact(float(x[r, c])), type, scale_index(type, c))


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


@given(st.data(), st.integers(1, 3), st.integers(1, 4), st.sampled_from([f32, bf16, f16]))
def test_dequantize(data: st.DataObject, rows: int, columns: int, element: Attribute) -> None:
    type, shape = data.draw(quantized_types(columns)), (rows, columns)
    q = integers(type, shape, data.draw(st.integers(0, 99)))
    op = made(ttir.DequantizeOp, [value(shape, type)], element, shape)

    found = run(op, q)

    for r in range(rows):
        for c in range(columns):
            index = scale_index(type, c)
            number = (int(q[r, c]) - type.zero_point_values[index]) * Fraction(type.scale_values[index])
            assert found[r, c] == torch.tensor(float(number), dtype=torch.float64).to(found.dtype)


@given(st.data(), st.integers(1, 3), st.integers(1, 4))
def test_requantize(data: st.DataObject, rows: int, columns: int) -> None:
    source, target = data.draw(quantized_types(columns)), data.draw(quantized_types(columns))
    shape = (rows, columns)
    q = integers(source, shape, data.draw(st.integers(0, 99)))
    op = made(ttir.RequantizeOp, [value(shape, source)], target, shape)

    found = run(op, q)

    for r in range(rows):
        for c in range(columns):
            before, after = scale_index(source, c), scale_index(target, c)
            number = (int(q[r, c]) - source.zero_point_values[before]) * Fraction(source.scale_values[before])
            check_stored(int(found[r, c]), number, target, after)


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
    axis = {"axis": IntegerAttr(1, i32)} if along else {}

    def parameters(of: UniformQuantizedType) -> tuple[torch.Tensor, torch.Tensor]:
        return torch.tensor(of.scale_values), torch.tensor(of.zero_point_values, dtype=torch.int32)

    def operands(first: Attribute, *types: UniformQuantizedType) -> list[SSAValue]:
        counts = [(len(t.scales),) for t in types]
        return [value(shape, first), *(v for c in counts for v in (value(c, f32), value(c, i32)))]

    def unrolled(op_type: type[Operation], values: list[SSAValue], result: Attribute) -> Operation:
        return op_type.create(operands=values, result_types=[tensor_type(shape, result)], properties=dict(axis))

    x = torch.randn(shape, generator=torch.Generator().manual_seed(seed)) * 10
    q = run(made(ttir.QuantizeOp, [value(shape, f32)], type, shape), x)
    assert run(unrolled(ttir.QuantizeUnrolledOp, operands(f32, type), type), x, *parameters(type)).equal(q)
    plain = run(made(ttir.DequantizeOp, [value(shape, type)], f32, shape), q)
    op = unrolled(ttir.DequantizeUnrolledOp, operands(type, type), f32)
    assert run(op, q, *parameters(type)).equal(plain)
    if both:
        expected = run(made(ttir.RequantizeOp, [value(shape, type)], other, shape), q)
        op = unrolled(ttir.RequantizeUnrolledOp, operands(type, type, other), other)
        assert run(op, q, *parameters(type), *parameters(other)).equal(expected)


def test_nan_is_refused() -> None:
    op = made(ttir.QuantizeOp, [value((2,), f32)], UniformQuantizedType.of("i8", f32, 1.0), (2,))

    with pytest.raises(NumericsError, match="NaN cannot be quantised"):
        run(op, torch.tensor([1.0, nan]))


@pytest.mark.parametrize("scale", [0.0, -1.0, inf, nan])
def test_scale_from_data_is_checked(scale: float) -> None:
    operands = [value((2,), f32), value((1,), f32), value((1,), i32)]
    op = made(ttir.QuantizeUnrolledOp, operands, UniformQuantizedType.of("i8", f32, 1.0), (2,))

    with pytest.raises(NumericsError, match="a scale is not a finite number > 0"):
        run(op, torch.ones(2), torch.tensor([scale]), torch.zeros(1, dtype=torch.int32))


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


def test_result_that_is_not_quantised_is_not_rounded() -> None:
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
