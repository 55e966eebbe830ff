"""TTIR ops that index, scan, sort and sample: against plain loops over elements, in exact numbers or float64."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from functools import cmp_to_key
from itertools import product
from math import inf, nan

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from xdsl.dialects import test as xdsl_test
from xdsl.dialects.builtin import IntegerType, ModuleOp, Signedness, bf16, f16, f32, f64, i1, i8, i16, i32, i64
from xdsl.ir import Attribute, Operation, SSAValue

from tilewright.dialects import ttir
from tilewright.dialects.ttcore import ReduceType
from tilewright.dialects.ttir.attributes import integer_attr, ui32
from tilewright.dialects.types import element_type_of, shape_of, tensor_type
from tilewright.runtime.dtypes import torch_dtype
from tilewright.runtime.functions.ttir import TtirFunctions
from tilewright.runtime.interpreter import Interpreter
from tilewright.support.errors import NumericsError, UnsupportedInputError

INTERPRETER = Interpreter(ModuleOp([]), [TtirFunctions()])
UNSIGNED = [IntegerType(width, Signedness.UNSIGNED) for width in (8, 16, 32, 64)]
FLOATS, INTEGERS = [f32, bf16, f16, f64], [i8, i16, i32, i64, *UNSIGNED]
ELEMENT = st.sampled_from([*FLOATS, *INTEGERS])
INDEX = st.sampled_from([i32, i64, *UNSIGNED, bf16])
SPECIAL = torch.tensor([0.0, -0.0, inf, -inf, nan, 1.0, -1.0], dtype=torch.float64)
SHAPE = st.lists(st.integers(1, 4), min_size=1, max_size=3).map(tuple)
SEED = st.integers(0, 99)


def value(shape: Sequence[int], element: Attribute = f32) -> SSAValue:
    """A value of a tensor type."""
    return xdsl_test.TestOp(result_types=[tensor_type(shape, element)]).results[0]


def elements(shape: Sequence[int], element: Attribute, seed: int, special: bool = False) -> torch.Tensor:
    """Numbers, of which several are equal; with NaN and infinities if `special`, and integers of all sizes."""
    generator, dtype, shape = torch.Generator().manual_seed(seed), torch_dtype(element), tuple(shape)
    if dtype.is_floating_point:
        plain = torch.randint(-8, 9, shape, generator=generator).double() / 3
        if special:
            chosen = SPECIAL[torch.randint(len(SPECIAL), shape, generator=generator)]
            plain = torch.where(torch.rand(shape, generator=generator) < 0.5, chosen, plain)
        return plain.to(dtype)
    small = torch.randint(-5, 6, shape, generator=generator)
    large = torch.randint(-(2**63), 2**63 - 1, shape, generator=generator)
    return torch.where(torch.rand(shape, generator=generator) < 0.5, small, large).to(dtype)


def indices(shape: Sequence[int], extent: int, element: Attribute, seed: int) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed + 1000)
    return torch.randint(0, extent, tuple(shape), generator=generator).to(torch_dtype(element))


def run(op: Operation, *inputs: torch.Tensor) -> list[torch.Tensor]:
    """The results of `op`, which have the shapes and element types that the op says."""
    op.verify()
    results = INTERPRETER.step(op)(*inputs)
    found: list[torch.Tensor] = []
    for result, declared in zip(results, op.results, strict=True):
        assert isinstance(result, torch.Tensor)
        assert tuple(result.shape) == shape_of(declared)
        assert result.dtype is torch_dtype(element_type_of(declared))
        found.append(result)
    return found


def assert_same(found: torch.Tensor, expected: torch.Tensor) -> None:
    """Equal elements, NaN included."""
    torch.testing.assert_close(found, expected, rtol=0, atol=0, equal_nan=True)


def assert_near(found: torch.Tensor, expected: torch.Tensor, scale: torch.Tensor, units: float = 2.0) -> None:
    """Within `units` of the roundoff of found's dtype relative to `scale`; where not finite, equal."""
    eps = torch.finfo(found.dtype).eps
    close = (found.double() - expected).abs() <= units * eps * scale + torch.finfo(found.dtype).tiny
    same = (found.double() == expected) | (found.isnan() & expected.isnan())
    assert bool((close | same).all()), (found, expected)


@given(SHAPE, ELEMENT, INDEX, SEED, st.data())
def test_gather(shape: tuple[int, ...], element: Attribute, index: Attribute, seed: int, data: st.DataObject) -> None:
    index = i32 if index == bf16 else index
    dim = data.draw(st.integers(-len(shape), len(shape) - 1))
    axis = dim % len(shape)
    taken = tuple(data.draw(st.integers(0, 6 if d == axis else shape[d])) for d in range(len(shape)))
    x, where = elements(shape, element, seed, special=True), indices(taken, shape[axis], index, seed)
    (found,) = run(ttir.GatherOp(value(shape, element), value(taken, index), dim), x, where)
    expected = torch.empty(taken, dtype=x.dtype)
    for place in product(*map(range, taken)):
        expected[place] = x[(*place[:axis], int(where[place]), *place[axis + 1 :])]
    assert_same(found, expected)


@pytest.mark.parametrize("index", [-1, 3])
def test_indices_outside_of_the_tensor(index: int) -> None:
    x, where = torch.zeros(3, 2), torch.tensor([[0, index]])
    with pytest.raises(NumericsError, match="an index is outside the tensor") as raised:
        run(ttir.GatherOp(value((3, 2)), value((1, 2), i64), 0), x, where)
    assert raised.value.why == f"indices from {min(0, index)} to {max(0, index)}, an extent of 3"
    with pytest.raises(NumericsError, match="an index is outside the tensor"):
        run(ttir.ScatterOp(value((3, 2)), value((1, 2), i64), value((1, 2)), 0), x, where, torch.zeros(1, 2))
    backward = ttir.EmbeddingBackwardOp.build(
        operands=[value((1, 2), i64), value((3, 4)), value((2, 4))], result_types=[tensor_type((3, 4), f32)]
    )
    with pytest.raises(NumericsError, match="an index is outside the table"):
        run(backward, where, torch.zeros(3, 4), torch.zeros(2, 4))


def combined(how: ReduceType, old: int | Fraction | float, new: int | Fraction | float) -> int | Fraction | float:
    """Exact for whole numbers and fractions."""
    if isinstance(old, float) or isinstance(new, float):
        if math.isnan(old) or math.isnan(new):
            return nan if how is not ReduceType.INVALID else new
        with np.errstate(invalid="ignore"):
            pair = np.float64(old), np.float64(new)
            return {
                ReduceType.SUM: float(pair[0] + pair[1]),
                ReduceType.PROD: float(pair[0] * pair[1]),
                ReduceType.MIN: min(old, new),
                ReduceType.MAX: max(old, new),
                ReduceType.INVALID: new,
            }[how]
    match how:
        case ReduceType.SUM:
            return old + new
        case ReduceType.PROD:
            return old * new
        case ReduceType.MIN:
            return min(old, new)
        case ReduceType.MAX:
            return max(old, new)
        case _:
            return new


def exact(x: torch.Tensor) -> list[int | Fraction | float]:
    """The elements: whole numbers, fractions, and floats where these are not finite."""
    if not x.dtype.is_floating_point:
        return [int(n) for n in x.flatten().tolist()]
    return [Fraction(n) if math.isfinite(n) else float(n) for n in x.double().flatten().tolist()]


def rounded(numbers: Sequence[int | Fraction | float], like: torch.Tensor) -> torch.Tensor:
    """`numbers` in the shape and dtype of `like`: whole ones wrapped, others rounded once."""
    dtype = like.dtype
    if dtype.is_floating_point:
        return torch.tensor([float(n) for n in numbers], dtype=torch.float64).view(like.shape)
    size = 8 * dtype.itemsize
    wrapped = [int(n) % 2**size for n in numbers]
    signed = [n - 2**size if n >= 2 ** (size - 1) and dtype.is_signed else n for n in wrapped]
    return torch.tensor(signed, dtype=dtype).view(like.shape)


HOW = st.sampled_from([ReduceType.INVALID, ReduceType.SUM, ReduceType.PROD, ReduceType.MIN, ReduceType.MAX])


@given(SHAPE, ELEMENT, INDEX, SEED, HOW, st.booleans(), st.data())
def test_scatter(
    shape: tuple[int, ...],
    element: Attribute,
    index: Attribute,
    seed: int,
    how: ReduceType,
    special: bool,
    data: st.DataObject,
) -> None:
    dim = data.draw(st.integers(-len(shape), len(shape) - 1))
    axis = dim % len(shape)
    put = tuple(data.draw(st.integers(0, 5 if d == axis else shape[d])) for d in range(len(shape)))
    x, where = elements(shape, element, seed, special), indices(put, shape[axis], index, seed)
    source = elements(put, element, seed + 1, special)
    op = ttir.ScatterOp(value(shape, element), value(put, index), value(put, element), dim, how)
    (found,) = run(op, x, where, source)

    strides = x.stride()
    numbers, scale, news = exact(x), [abs(n) for n in exact(x)], exact(source)
    for number, place in zip(news, product(*map(range, put)), strict=True):
        at = (*place[:axis], int(where[place]), *place[axis + 1 :])
        flat = sum(i * s for i, s in zip(at, strides, strict=True))
        numbers[flat] = combined(how, numbers[flat], number)
        scale[flat] = combined(how, scale[flat], abs(number)) if how is ReduceType.SUM else abs(numbers[flat])
    expected = rounded(numbers, x)
    if x.dtype.is_floating_point and how in (ReduceType.SUM, ReduceType.PROD):
        assert_near(found, expected, rounded(scale, x), units=1.0 if x.dtype.itemsize < 4 else 8.0)
    else:
        assert_same(found, expected.to(x.dtype))


@pytest.mark.parametrize(("rows", "columns"), [(4000, 1), (1, 4000), (300, 300)])
@pytest.mark.parametrize("axis", [0, 1])
def test_last_one_stays_where_several_are_scattered(rows: int, columns: int, axis: int) -> None:
    shape = (rows, columns)
    where = torch.randint(0, 2 if shape[axis] > 1 else 1, shape, generator=torch.Generator().manual_seed(1))
    source = torch.arange(rows * columns).view(shape)
    op = ttir.ScatterOp(value(shape, i64), value(shape, i64), value(shape, i64), axis)
    (found,) = run(op, torch.full(shape, -1), where, source)
    places = np.moveaxis(where.numpy(), axis, 0)
    expected = np.full(places.shape, -1)
    for step, line in zip(np.moveaxis(source.numpy(), axis, 0), places, strict=True):
        np.put_along_axis(expected, line[None], step[None], axis=0)
    np.testing.assert_array_equal(found.numpy(), np.moveaxis(expected, 0, axis))


def test_scatter_of_booleans() -> None:
    x, where, source = torch.tensor([True, False]), torch.tensor([1, 0]), torch.tensor([True, False])
    for how, expected in (
        (ReduceType.INVALID, [False, True]),
        (ReduceType.SUM, [True, True]),
        (ReduceType.PROD, [False, False]),
        (ReduceType.MIN, [False, False]),
        (ReduceType.MAX, [True, True]),
    ):
        op = ttir.ScatterOp(value((2,), i1), value((2,), i64), value((2,), i1), 0, how)
        assert run(op, x, where, source)[0].tolist() == expected


@given(
    st.lists(st.integers(0, 4), max_size=2), st.integers(1, 4), st.integers(1, 4), ELEMENT, INDEX, SEED, st.booleans(),
    st.booleans(),
)  # fmt: skip
def test_embedding_backward(
    shape: list[int], rows: int, width: int, element: Attribute, index: Attribute, seed: int, flat: bool, special: bool
) -> None:
    where = indices(shape, rows, index, seed)
    table = FLOATS[seed % len(FLOATS)]
    gradient = elements((where.numel(), width) if flat else (*shape, width), element, seed, special)
    op = ttir.EmbeddingBackwardOp.build(
        operands=[value(shape, index), value((rows, width), table), value(tuple(gradient.shape), element)],
        result_types=[tensor_type((rows, width), element)],
    )
    (found,) = run(op, where, torch.full((rows, width), nan).to(torch_dtype(table)), gradient)
    sums: list[list[int | Fraction | float]] = [[Fraction(0)] * width for _ in range(rows)]
    news = exact(gradient)
    for i, row in enumerate(where.flatten().tolist()):
        for j in range(width):
            sums[int(row)][j] = combined(ReduceType.SUM, sums[int(row)][j], news[i * width + j])
    expected = rounded([n for row in sums for n in row], found)
    if found.dtype.itemsize >= 4 and found.dtype.is_floating_point:
        assert_near(found, expected, torch.full_like(expected, 40.0))
    else:
        # Sums of so few short numbers are exact in float32.
        assert_same(found, expected.to(found.dtype))


def test_gradient_of_a_row_rounds_once() -> None:
    gradient = torch.tensor([[256.0], [1.0], [1.0], [2.0]], dtype=torch.bfloat16)
    op = ttir.EmbeddingBackwardOp.build(
        operands=[value((4,), i32), value((2, 1), bf16), value((4, 1), bf16)],
        result_types=[tensor_type((2, 1), bf16)],
    )
    (found,) = run(op, torch.zeros(4, dtype=torch.int32), torch.zeros(2, 1), gradient)
    assert found.tolist() == [[260.0], [0.0]]


def compared(a: float, b: float) -> int:
    """Below, equal or above, where NaN is above all numbers."""
    if math.isnan(a) or math.isnan(b):
        return int(math.isnan(a)) - int(math.isnan(b))
    return int(a > b) - int(a < b)


def ranking(line: Sequence[float], descending: bool) -> list[int]:
    """The places of the elements in their order; equal ones keep theirs, as Python's sort is stable."""
    sign = -1 if descending else 1
    return sorted(range(len(line)), key=cmp_to_key(lambda i, j: sign * compared(line[i], line[j])))


@given(SHAPE, st.sampled_from([*FLOATS, *INTEGERS, i1]), INDEX, SEED, st.booleans(), st.booleans(), st.data())
def test_sort_and_topk(
    shape: tuple[int, ...],
    element: Attribute,
    index: Attribute,
    seed: int,
    descending: bool,
    flag: bool,
    data: st.DataObject,
) -> None:
    dim = data.draw(st.integers(-len(shape), len(shape) - 1))
    k = data.draw(st.integers(1, shape[dim]))
    x = elements(shape, element, seed, special=True)
    order = torch.tensor([ranking(line.tolist(), descending) for line in x.movedim(dim, -1).reshape(-1, shape[dim])])
    places = order.view(x.movedim(dim, -1).shape).movedim(-1, dim)
    expected = torch.empty_like(x)
    for place in product(*map(range, shape)):
        source = list(place)
        source[dim] = int(places[place])
        expected[place] = x[tuple(source)]
    sort = ttir.SortOp(value(shape, element), index, dim, descending, stable=flag)
    places_of_top = index if isinstance(index, IntegerType) else i32
    top = ttir.TopKOp(value(shape, element), k, places_of_top, dim, largest=descending, sorted=flag)
    for op, kept in ((sort, shape[dim]), (top, k)):
        values, found = run(op, x)
        assert_same(values, expected.narrow(dim, 0, kept))
        assert torch.equal(found.to(torch.int64), places.narrow(dim, 0, kept))


@pytest.mark.parametrize("descending", [False, True])
def test_equal_elements_keep_their_order(descending: bool) -> None:
    x = torch.randint(0, 3, (2, 500), generator=torch.Generator().manual_seed(2)).float()
    expected = [ranking(line.tolist(), descending) for line in x]
    _, places = run(ttir.SortOp(value((2, 500)), i32, descending=descending), x)
    assert places.tolist() == expected
    _, places = run(ttir.TopKOp(value((2, 500)), 400, i32, largest=descending), x)
    assert places.tolist() == [line[:400] for line in expected]


def test_defaults_of_sort_and_topk() -> None:
    x = torch.tensor([[2.0, 3.0, 1.0], [5.0, 4.0, 6.0]])
    values, places = run(ttir.SortOp(value((2, 3)), i16), x)
    assert values.tolist() == [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]
    assert places.tolist() == [[2, 0, 1], [1, 0, 2]]
    values, places = run(ttir.TopKOp(value((2, 3)), 1, UNSIGNED[1]), x)
    assert values.tolist() == [[3.0], [6.0]]
    assert places.tolist() == [[1], [2]]


@pytest.mark.parametrize(("index", "fits"), [(i8, 128), (UNSIGNED[0], 256), (i1, 2), (bf16, 257), (f16, 2049)])
def test_indices_that_do_not_fit(index: Attribute, fits: int) -> None:
    values, places = run(ttir.SortOp(value((fits,)), index), torch.arange(float(fits)))
    assert places.to(torch.int64).tolist() == list(range(fits))
    assert values.tolist() == list(range(fits))
    ops: list[Operation] = [ttir.SortOp(value((fits + 1,)), index)]
    if isinstance(index, IntegerType):
        ops.append(ttir.TopKOp(value((fits + 1,)), 1, index))
    for op in ops:
        with pytest.raises(UnsupportedInputError, match=f"indices up to {fits} do not fit"):
            run(op, torch.zeros(fits + 1))


@pytest.mark.parametrize("kind", [ttir.CumSumOp, ttir.CumProdOp])
@given(SHAPE, ELEMENT, SEED, st.booleans(), st.data())
@settings(max_examples=max(1, settings().max_examples // 2))
def test_scan(
    kind: type[ttir.ScanOp], shape: tuple[int, ...], element: Attribute, seed: int, special: bool, data: st.DataObject
) -> None:
    dim = data.draw(st.integers(-len(shape), len(shape) - 1))
    x = elements(shape, element, seed, special)
    (found,) = run(kind(value(shape, element), dim), x)
    how = ReduceType.SUM if kind is ttir.CumSumOp else ReduceType.PROD
    lines = x.movedim(dim, -1).reshape(-1, shape[dim])
    numbers: list[int | Fraction | float] = []
    scales: list[int | Fraction | float] = []
    for line in map(exact, lines):
        for i in range(len(line)):
            total, scale = line[0], abs(line[0])
            for number in line[1 : i + 1]:
                total, scale = combined(how, total, number), combined(how, scale, abs(number))
            numbers.append(total)
            scales.append(scale)
    expected = rounded(numbers, lines).view(x.movedim(dim, -1).shape).movedim(-1, dim)
    if x.dtype.is_floating_point:
        weight = rounded(scales, lines).view(x.movedim(dim, -1).shape).movedim(-1, dim)
        assert_near(found, expected, weight, units=1.0 if x.dtype.itemsize < 4 else 4.0)
    else:
        assert_same(found, expected)


def test_scan_rounds_once() -> None:
    x = torch.tensor([256.0, 1.0, 1.0, 1.0], dtype=torch.bfloat16)
    assert run(ttir.CumSumOp(value((4,), bf16), 0), x)[0].tolist() == [256.0, 256.0, 258.0, 260.0]
    (wide,) = run(ttir.CumSumOp(value((4,), bf16), 0, tensor_type((4,), f32)), x)
    assert wide.tolist() == [256.0, 257.0, 258.0, 259.0]


def sampling(batch: int, candidates: int, seed: int | None, element: Attribute = bf16) -> Operation:
    shape = (batch, candidates)
    operands = [value(shape, element), value(shape, i32), value((batch,), UNSIGNED[2])]
    return ttir.SamplingOp.build(
        operands=[*operands, value((batch,), element), value((batch,), element)],
        properties={} if seed is None else {"seed": integer_attr(seed, ui32)},
        result_types=[tensor_type((batch,), i32)],
    )


@given(st.integers(1, 4), st.integers(1, 6), st.none() | SEED, SEED, st.sampled_from(FLOATS), st.data())
def test_sampling(
    batch: int, candidates: int, seed: int | None, numbers: int, element: Attribute, data: st.DataObject
) -> None:
    logits = elements((batch, candidates), element, numbers)
    # A candidate of no probability; the first one keeps its own.
    logits[:, 1:] = logits[:, 1:].masked_fill(elements((batch, candidates - 1), f32, numbers + 1) > 1, -inf)
    names = torch.arange(batch * candidates, dtype=torch.int32).view(batch, candidates) * 7
    k = data.draw(st.lists(st.integers(1, candidates + 1), min_size=batch, max_size=batch))
    p = data.draw(st.lists(st.sampled_from([0.0, 0.25, 0.5, 0.75, 1.0]), min_size=batch, max_size=batch))
    heat = data.draw(st.lists(st.sampled_from([0.0, 0.5, 1.0, 4.0]), min_size=batch, max_size=batch))
    dtype = torch_dtype(element)
    given_k = torch.tensor(k).to(torch.uint32)
    op = sampling(batch, candidates, seed, element)
    (found,) = run(op, logits, names, given_k, torch.tensor(p, dtype=dtype), torch.tensor(heat, dtype=dtype))

    drawn = torch.rand(batch, dtype=torch.float64, generator=torch.Generator().manual_seed(seed or 0)).tolist()
    for row, line in enumerate(logits.double().tolist()):
        order = ranking(line, descending=True)[: k[row] if heat[row] else 1]
        weights = [math.exp((line[i] - line[order[0]]) / (heat[row] or 1.0)) for i in order]
        chances = [w / math.fsum(weights) for w in weights]
        kept = [i for i in range(len(order)) if i == 0 or math.fsum(chances[:i]) < p[row]]
        target = drawn[row] * math.fsum(chances[i] for i in kept)
        choice = next(i for i in kept if math.fsum(chances[: i + 1]) > target)
        assert int(found[row]) == int(names[row, order[choice]])


def test_sampling_follows_the_probabilities() -> None:
    batch, chances = 4000, torch.tensor([0.5, 0.25, 0.125, 0.125])
    logits, names = chances.log().expand(batch, 4), torch.arange(4, dtype=torch.int32).expand(batch, 4)
    ones = torch.ones(batch)
    (found,) = run(sampling(batch, 4, 3, f32), logits, names, (4 * ones).to(torch.uint32), ones, ones)
    shares = found.bincount(minlength=4) / batch
    # Four standard deviations of a share of a half.
    assert bool(((shares - chances).abs() < 4 * 0.5 / batch**0.5).all())


@pytest.mark.parametrize(("k", "p", "kept"), [(4, 0.5, 2), (4, 0.500001, 3), (3, 1.0, 3), (4, 0.0, 1), (9, 7.0, 4)])
def test_candidates_that_sampling_keeps(k: int, p: float, kept: int) -> None:
    batch = 200
    names, ones = torch.arange(4, dtype=torch.int32).expand(batch, 4), torch.ones(batch)
    (found,) = run(sampling(batch, 4, 1, f32), torch.zeros(batch, 4), names, k * ones, p * ones, ones)
    assert set(found.tolist()) == set(range(kept))


@pytest.mark.parametrize(
    ("k", "heat", "logits", "message"),
    [
        (0, 1.0, [0.0, 1.0], "operand 'k' is [0.0], expected values >= 1"),
        (1, -1.0, [0.0, 1.0], "operand 'temp' is [-1.0], expected values >= 0"),
        (1, nan, [0.0, 1.0], "operand 'temp' is [nan]"),
        (2, 1.0, [nan, 1.0], "the probabilities of a request are no numbers"),
        (2, 1.0, [-inf, -inf], "the probabilities of a request are no numbers"),
    ],
)
def test_sampling_of_what_is_no_distribution(k: int, heat: float, logits: list[float], message: str) -> None:
    names, one = torch.zeros(1, 2, dtype=torch.int32), torch.ones(1)
    with pytest.raises(NumericsError) as raised:
        run(sampling(1, 2, 0, f32), torch.tensor([logits]), names, torch.tensor([k]), one, torch.tensor([heat]))
    assert message in str(raised.value)
