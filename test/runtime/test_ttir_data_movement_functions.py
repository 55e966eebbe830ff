"""TTIR ops that only move elements: NumPy says which element goes where, and every bit of it must arrive."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import inf, nan, prod

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from xdsl.dialects import test as xdsl_test
from xdsl.dialects.builtin import (
    DYNAMIC_INDEX,
    IntegerType,
    ModuleOp,
    Signedness,
    StringAttr,
    bf16,
    f16,
    f32,
    f64,
    i1,
    i8,
    i16,
    i32,
    i64,
)
from xdsl.ir import Attribute, Operation, SSAValue

from tilewright.dialects import ttir
from tilewright.dialects.ttir.attributes import i32_array, integer_attr, si32
from tilewright.dialects.types import element_type_of, tensor_type
from tilewright.runtime.dtypes import torch_dtype
from tilewright.runtime.functions.ttir import TtirFunctions
from tilewright.runtime.interpreter import Interpreter
from tilewright.support.errors import NumericsError, UnsupportedInputError

INTERPRETER = Interpreter(ModuleOp([]), [TtirFunctions()])
UNSIGNED = [IntegerType(width, Signedness.UNSIGNED) for width in (8, 16, 32, 64)]
FLOATS = [f32, bf16, f16, f64]
ELEMENT = st.sampled_from([*FLOATS, i1, i8, i16, i32, i64, *UNSIGNED])
SPECIAL = torch.tensor([0.0, -0.0, inf, -inf, nan, 1e-40, 6e4, -1.5], dtype=torch.float64)
SHAPE = st.lists(st.integers(0, 4) | st.integers(1, 4), min_size=1, max_size=4).map(tuple)
SEED = st.integers(0, 99)
BITS = {1: torch.int8, 2: torch.int16, 4: torch.int32, 8: torch.int64}


def value(shape: Sequence[int], element: Attribute = f32) -> SSAValue:
    """A value of a tensor type."""
    return xdsl_test.TestOp(result_types=[tensor_type(shape, element)]).results[0]


def elements(shape: Sequence[int], element: Attribute, seed: int) -> torch.Tensor:
    """Any elements: NaN, infinities and zeros of both signs among floats, the whole range of integers."""
    generator, dtype, shape = torch.Generator().manual_seed(seed), torch_dtype(element), tuple(shape)
    if dtype.is_floating_point:
        plain = torch.randn(shape, generator=generator, dtype=torch.float64)
        chosen = SPECIAL[torch.randint(len(SPECIAL), shape, generator=generator)]
        return torch.where(torch.rand(shape, generator=generator) < 0.4, chosen, plain).to(dtype)
    if dtype is torch.bool:
        return torch.rand(shape, generator=generator) < 0.5
    return torch.randint(-(2**63), 2**63 - 1, shape, generator=generator).to(dtype)


def run(op: Operation, *inputs: torch.Tensor) -> torch.Tensor:
    """The one result of `op`."""
    op.verify()
    (result,) = INTERPRETER.step(op)(*inputs)
    assert isinstance(result, torch.Tensor)
    return result


def assert_moved(op: Operation, x: torch.Tensor, places: np.ndarray, *others: torch.Tensor) -> None:
    """`op` gives the elements of `x` whose numbers, in row-major order, are `places`."""
    found = run(op, x, *others)
    assert found.dtype is x.dtype
    assert tuple(found.shape) == places.shape
    bits = BITS[x.dtype.itemsize]
    expected = x.contiguous().view(bits).flatten()[torch.from_numpy(places.flatten().copy())]
    assert torch.equal(found.contiguous().view(bits).flatten(), expected)


def numbered(shape: Sequence[int]) -> np.ndarray:
    return np.arange(prod(shape)).reshape(shape)


@given(SHAPE, ELEMENT, SEED, st.lists(st.integers(1, 3), min_size=4, max_size=4))
def test_repeat(shape: tuple[int, ...], element: Attribute, seed: int, factors: list[int]) -> None:
    factors = factors[: len(shape)]
    op = ttir.RepeatOp(value(shape, element), factors)
    assert_moved(op, elements(shape, element, seed), np.tile(numbered(shape), factors))


@given(SHAPE, ELEMENT, SEED, st.integers(1, 3), st.data())
def test_repeat_interleave(
    shape: tuple[int, ...], element: Attribute, seed: int, repeats: int, data: st.DataObject
) -> None:
    dim = data.draw(st.integers(-len(shape), len(shape) - 1))
    op = ttir.RepeatInterleaveOp(value(shape, element), repeats, dim)
    assert_moved(op, elements(shape, element, seed), np.repeat(numbered(shape), repeats, axis=dim))


@given(SHAPE, ELEMENT, SEED, st.data())
def test_reverse(shape: tuple[int, ...], element: Attribute, seed: int, data: st.DataObject) -> None:
    axes = data.draw(st.lists(st.integers(0, len(shape) - 1), unique=True))
    op = ttir.ReverseOp(value(shape, element), axes)
    assert_moved(op, elements(shape, element, seed), np.flip(numbered(shape), tuple(axes)))


@given(SHAPE, ELEMENT, SEED, st.data())
def test_rearrange(shape: tuple[int, ...], element: Attribute, seed: int, data: st.DataObject) -> None:
    names = ["b", "head", "x1", "c"][: len(shape)]
    order = data.draw(st.permutations(range(len(shape))))
    cut = data.draw(st.integers(0, len(shape)))
    merged = " ".join(names[d] for d in order[cut:])
    target = [*(names[d] for d in order[:cut]), *([f"({merged})"] if merged else [])]
    result = [*(shape[d] for d in order[:cut]), *([prod(shape[d] for d in order[cut:])] if merged else [])]
    op = ttir.RearrangeOp.build(
        operands=[value(shape, element)],
        properties={"pattern": StringAttr(f"{' '.join(names)} -> {' '.join(target)}")},
        result_types=[tensor_type(result, element)],
    )
    assert_moved(op, elements(shape, element, seed), np.transpose(numbered(shape), order).reshape(result))


def test_rearrange_merges_in_the_middle() -> None:
    op = ttir.RearrangeOp.build(
        operands=[value((2, 3, 4, 5))],
        properties={"pattern": StringAttr("b h w c -> h (b w) c")},
        result_types=[tensor_type((3, 8, 5), f32)],
    )
    x = torch.randn(2, 3, 4, 5)
    expected = torch.empty(3, 8, 5)
    for b in range(2):
        for w in range(4):
            expected[:, b * 4 + w] = x[b, :, w]
    assert torch.equal(run(op, x), expected)


def test_movement_into_another_element_type() -> None:
    x = torch.tensor([1.0, 2.00390625, 3.0])
    for op, expected in (
        (ttir.RepeatOp(value((3,)), [2], tensor_type((6,), bf16)), [1.0, 2.0, 3.0, 1.0, 2.0, 3.0]),
        (ttir.ReverseOp(value((3,)), [0], tensor_type((3,), i32)), [3, 2, 1]),
        (ttir.PadOp(value((3,)), [0, 1], 9.0, tensor_type((4,), bf16)), [1.0, 2.0, 3.0, 9.0]),
    ):
        found = run(op, x)
        assert found.dtype is torch_dtype(element_type_of(op.results[0]))
        assert found.tolist() == expected


@given(SHAPE, st.sampled_from([*FLOATS, i8, i32, i64, i1, *UNSIGNED]), SEED, st.data())
def test_pad(shape: tuple[int, ...], element: Attribute, seed: int, data: st.DataObject) -> None:
    edges: list[tuple[int, int]] = []
    for extent in shape:
        low = data.draw(st.integers(-extent, 3))
        edges.append((low, data.draw(st.integers(-(extent + low), 3))))
    dtype = torch_dtype(element)
    fill = data.draw(st.sampled_from([0.1, -inf, nan, -0.0] if dtype.is_floating_point else [0.0, 1.0]))
    x = elements(shape, element, seed)
    op = ttir.PadOp(value(shape, element), [n for edge in edges for n in edge], fill)
    found = run(op, x)
    padded = torch.tensor(fill, dtype=torch.float32).to(dtype)
    # Element by element, by the definition.
    target = tuple(d + low + high for d, (low, high) in zip(shape, edges, strict=True))
    expected = torch.empty(target, dtype=dtype)
    for place in np.ndindex(*target):
        source = tuple(i - low for i, (low, _) in zip(place, edges, strict=True))
        inside = all(0 <= i < d for i, d in zip(source, shape, strict=True))
        expected[place] = x[source] if inside else padded
    bits = BITS[dtype.itemsize]
    assert found.dtype is dtype
    assert torch.equal(found.view(bits), expected.view(bits))


@pytest.mark.parametrize(
    ("edge", "expected"),
    [
        ((2, -4), [9.0]),
        ((-4, 2), [9.0]),
        ((1, -2), [9.0, 1.0]),
        ((-3, 3), [9.0, 9.0, 9.0]),
        ((5, -8), []),
    ],
)
def test_edge_that_takes_away_what_the_other_adds(edge: tuple[int, int], expected: list[float]) -> None:
    assert run(ttir.PadOp(value((3,)), edge, 9.0), torch.tensor([1.0, 2.0, 3.0])).tolist() == expected


def test_pad_of_a_scalar() -> None:
    assert run(ttir.PadOp(value(()), [], 1.0), torch.tensor(3.0)).tolist() == 3.0


@pytest.mark.parametrize(
    ("element", "fill"),
    [(i32, 0.5), (i32, inf), (i64, nan), (i8, 128.0), (UNSIGNED[1], -1.0), (i1, 2.0), (i32, 2.0**31)],
)
def test_integers_are_padded_with_what_they_can_be(element: Attribute, fill: float) -> None:
    op = ttir.PadOp(value((2,), element), [1, 0], fill)
    with pytest.raises(UnsupportedInputError, match="cannot be padded"):
        INTERPRETER.step(op)


def bounds(data: st.DataObject, extent: int) -> tuple[int, int, int]:
    """A slice of a dimension that the verifier takes."""
    step = data.draw(st.integers(-3, 3).filter(bool))
    if extent == 0:
        return 0, 0, step
    begin = data.draw(st.integers(0, extent - 1))
    end = data.draw(st.integers(begin, extent) if step > 0 else st.integers(0, begin))
    return begin, end, step


def from_back(data: st.DataObject, number: int, extent: int) -> int:
    """`number`, or the same place counted from the back where that can be said."""
    return number - extent if number < extent and data.draw(st.booleans()) else number


def picked(shape: Sequence[int], rows: Sequence[tuple[int, int, int]]) -> np.ndarray:
    return numbered(shape)[np.ix_(*(list(range(*row)) for row in rows))]


@given(SHAPE, ELEMENT, SEED, st.data())
def test_slices(shape: tuple[int, ...], element: Attribute, seed: int, data: st.DataObject) -> None:
    rows = [bounds(data, extent) for extent in shape]
    x, places = elements(shape, element, seed), picked(shape, rows)
    begins = [from_back(data, row[0], d) for row, d in zip(rows, shape, strict=True)]
    ends = [from_back(data, row[1], d) for row, d in zip(rows, shape, strict=True)]
    steps = [row[2] for row in rows]
    assert_moved(ttir.SliceStaticOp(value(shape, element), begins, ends, steps), x, places)
    declared = [DYNAMIC_INDEX if data.draw(st.booleans()) else d for d in places.shape]
    index = data.draw(st.sampled_from([i32, i64, UNSIGNED[2] if min(begins + ends) >= 0 else i64]))
    dynamic = ttir.SliceDynamicOp.build(
        operands=[value(shape, element), value((len(shape),), index), value((len(shape),), index)],
        properties={} if steps == [1] * len(steps) else {"step": i32_array(steps)},
        result_types=[tensor_type(declared, element)],
    )
    first, last = (torch.tensor(n).to(torch_dtype(index)) for n in (begins, ends))
    assert_moved(dynamic, x, places, first, last)


def dynamic_slice(shape: Sequence[int], result: Sequence[int]) -> Operation:
    rank = len(shape)
    return ttir.SliceDynamicOp.build(
        operands=[value(shape), value((rank,), i32), value((rank,), i32)],
        properties={},
        result_types=[tensor_type(result, f32)],
    )


def test_dynamic_slice_of_another_shape() -> None:
    with pytest.raises(NumericsError, match=r"a slice has the shape \(3,\), expected \(2,\)") as raised:
        run(dynamic_slice((4,), (2,)), torch.zeros(4), torch.tensor([1]), torch.tensor([4]))
    assert raised.value.why == "begins [1], ends [4], steps [1], input of the shape (4,)"


def test_dynamic_slice_outside_of_the_tensor() -> None:
    with pytest.raises(NumericsError, match="a slice is outside the tensor") as raised:
        run(dynamic_slice((4,), (2,)), torch.zeros(4), torch.tensor([3]), torch.tensor([5]))
    assert raised.value.why is not None
    assert "'ends' is 5 at 0, expected a value in [-4, 4]; begins [3], ends [5]" in raised.value.why


@given(SHAPE, ELEMENT, SEED, st.data())
def test_index(shape: tuple[int, ...], element: Attribute, seed: int, data: st.DataObject) -> None:
    dim = data.draw(st.sampled_from([d for d, extent in enumerate(shape) if extent] or [None]))
    if dim is None:
        return
    begin, end, step = bounds(data, shape[dim])
    given_begin, given_end = from_back(data, begin, shape[dim]), from_back(data, end, shape[dim])
    op = ttir.IndexOp(value(shape, element), dim, given_begin, given_end, step)
    places = np.take(numbered(shape), list(range(begin, end, step)), axis=dim)
    assert_moved(op, elements(shape, element, seed), places)


@given(SHAPE, ELEMENT, SEED, st.data())
def test_index_select(shape: tuple[int, ...], element: Attribute, seed: int, data: st.DataObject) -> None:
    dim = data.draw(st.integers(-len(shape), len(shape) - 1))
    extent = shape[dim]
    if extent == 0:
        return
    begin, stride = data.draw(st.integers(0, extent - 1)), data.draw(st.integers(0, extent))
    length = data.draw(st.integers(1, min(stride or extent, extent - begin)))
    # An index is selected if it is less than `length` after the begin of its window.
    places = [i for i in range(begin, extent) if (i - begin) % (stride or extent) < length]
    properties = {"dim": dim, "begin": begin, "length": length, "stride": stride}
    axis = dim % len(shape)
    op = ttir.IndexSelectOp.build(
        operands=[value(shape, element)],
        properties={name: integer_attr(n, si32) for name, n in properties.items()},
        result_types=[tensor_type((*shape[:axis], len(places), *shape[axis + 1 :]), element)],
    )
    assert_moved(op, elements(shape, element, seed), np.take(numbered(shape), places, axis=dim))


@given(
    shape=st.lists(st.integers(0, 3), max_size=3),
    # The small types of integers and floats do not hold all of these.
    extent=st.integers(0, 5) | st.sampled_from([127, 128, 255, 257, 2049, 65521]),
    data=st.data(),
    source=ELEMENT,
    target=ELEMENT,
    ones=st.integers(0, 2),
    special=st.sampled_from([1.0, nan, inf, -inf]),
)
def test_dimension_size(
    typecast: Callable[[int, torch.dtype], float],
    shape: list[int],
    extent: int,
    data: st.DataObject,
    source: Attribute,
    target: Attribute,
    ones: int,
    special: float,
) -> None:
    dim, dtype = data.draw(st.integers(0, len(shape))), torch_dtype(source)
    shape.insert(dim, extent)
    # One element, seen everywhere.
    x = torch.tensor(typecast(special, dtype), dtype=dtype).expand(shape)
    op = ttir.GetDimensionSizeOp.build(
        operands=[value(shape, source)],
        properties={"dimension": integer_attr(dim, i32)},
        result_types=[tensor_type((1,) * ones, target)],
    )
    found = run(op, x)
    assert (found.dtype, tuple(found.shape)) == (torch_dtype(target), (1,) * ones)
    assert found.item() == typecast(extent, found.dtype)
