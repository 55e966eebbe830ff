"""Poolings and upsampling of TTIR against plain Python over each window."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import product
from math import inf, isnan, nan, prod
from typing import Any

import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from xdsl.dialects import test as xdsl_test
from xdsl.dialects.builtin import IntegerType, ModuleOp, Signedness, bf16, f16, f32, f64, i1, i8, i32, i64
from xdsl.ir import Attribute, Operation, SSAValue

from tilewright.dialects import ttir
from tilewright.dialects.types import element_type_of, shape_of, tensor_type
from tilewright.runtime.dtypes import torch_dtype
from tilewright.runtime.functions.ttir import TtirFunctions
from tilewright.runtime.interpreter import Interpreter
from tilewright.support.errors import NumericsError, UnsupportedInputError

Tensor = torch.Tensor
INTERPRETER = Interpreter(ModuleOp([]), [TtirFunctions()])
SEED = st.integers(0, 999)
FLOAT = st.sampled_from([f32, bf16, f16, f64])
U16, U32, U64 = (IntegerType(width, Signedness.UNSIGNED) for width in (16, 32, 64))
INTEGER = st.sampled_from([i1, i8, i32, i64, U16, U32, U64])
SPECIAL = st.sampled_from([(), (nan,), (inf,), (-inf,), (inf, -inf), (-inf,) * 40])


def value(shape: Sequence[int], element: Attribute = f32) -> SSAValue:
    return xdsl_test.TestOp(result_types=[tensor_type(shape, element)]).results[0]


def random(shape: Sequence[int], element: Attribute, seed: int, special: Sequence[float] = ()) -> Tensor:
    """Numbers of few values, so that some are equal, with `special` ones among them; integers of the whole range."""
    generator, dtype = torch.Generator().manual_seed(seed), torch_dtype(element)
    size = tuple(shape)
    if dtype.is_floating_point:
        x = (torch.randn(size, generator=generator) * 2).round() / 2 + (seed % 2) * torch.randn(
            size, generator=generator
        )
        x = x.to(dtype)
        for i, number in enumerate(special):
            x.view(-1)[(seed + 7 * i) % x.numel()] = number
        return x
    if dtype is torch.bool:
        return torch.randint(2, size, generator=generator).bool()
    limits = torch.iinfo(dtype)
    wide = torch.randint(max(limits.min, -(2**62)), min(limits.max, 2**62), size, generator=generator)
    return (wide * (3 if dtype.itemsize == 8 else 1)).to(dtype)


def run(op: Operation, *inputs: Tensor) -> tuple[Tensor, ...]:
    op.verify()
    found: list[Tensor] = []
    for result, type_of in zip(INTERPRETER.step(op)(*inputs), op.results, strict=True):
        assert isinstance(result, Tensor)
        assert tuple(result.shape) == shape_of(type_of)
        assert result.dtype is torch_dtype(element_type_of(type_of))
        found.append(result)
    return tuple(found)


@st.composite
def poolings(draw: st.DrawFn) -> dict[str, Any]:
    """The attributes of a pooling and an input that it fits."""
    pair = st.lists(st.integers(1, 3), min_size=2, max_size=2)
    kernel, stride, dilation = draw(pair), draw(pair), draw(pair)
    padding = draw(st.lists(st.integers(0, 2), min_size=4, max_size=4))
    extents = [draw(st.integers(1, 6)) for _ in range(2)]
    for d in (0, 1):
        least = dilation[d] * (kernel[d] - 1) + 1
        extents[d] = max(extents[d], least - padding[d] - padding[2 + d])
    return {
        "kernel": kernel, "stride": stride, "dilation": dilation, "padding": padding, "extents": extents,
        "ceil_mode": draw(st.booleans()), "batch": draw(st.integers(1, 2)), "channels": draw(st.integers(1, 3)),
        "seed": draw(SEED),
    }  # fmt: skip


def positions(case: dict[str, Any], d: int) -> int:
    """How many windows there are: in ceil mode until all is seen, but for a last one behind the input."""
    before, after = case["padding"][d], case["padding"][2 + d]
    span, padded = case["dilation"][d] * (case["kernel"][d] - 1) + 1, case["extents"][d] + before + after
    starts = [0]
    while starts[-1] + span < padded:
        starts.append(starts[-1] + case["stride"][d])
    if case["ceil_mode"]:
        return len(starts) - (starts[-1] >= case["extents"][d] + before)
    return sum(start + span <= padded for start in starts)


def places(case: dict[str, Any], d: int, y: int) -> list[int]:
    """Where the elements of window `y` are, of the input without padding."""
    return [y * case["stride"][d] + k * case["dilation"][d] - case["padding"][d] for k in range(case["kernel"][d])]


def options(case: dict[str, Any]) -> dict[str, Any]:
    return {name: case[name] for name in ("kernel", "stride", "dilation", "padding", "ceil_mode")}


def shape_for(case: dict[str, Any]) -> tuple[int, ...]:
    return (case["batch"], *case["extents"], case["channels"])


def has_empty_window(case: dict[str, Any]) -> bool:
    return any(
        not any(0 <= p < case["extents"][d] for p in places(case, d, y))
        for d in (0, 1)
        for y in range(positions(case, d))
    )


@settings(max_examples=150)
@given(poolings(), FLOAT, SPECIAL, st.booleans())
def test_avg_pool2d(case: dict[str, Any], element: Attribute, special: Sequence[float], with_padding: bool) -> None:
    assume(with_padding or not has_empty_window(case))
    check_average(case, element, special, with_padding)


@settings(max_examples=50)
@given(poolings(), INTEGER, st.booleans())
def test_avg_pool2d_of_integers(case: dict[str, Any], element: Attribute, with_padding: bool) -> None:
    assume(with_padding or not has_empty_window(case))
    check_average(case, element, (), with_padding)


def check_average(case: dict[str, Any], element: Attribute, special: Sequence[float], with_padding: bool) -> None:
    shape = shape_for(case)
    x = random(shape, element, case["seed"], special)
    (found,) = run(ttir.AvgPool2dOp(value(shape, element), **options(case), count_include_pad=with_padding), x)
    assert found.shape[1:3] == (positions(case, 0), positions(case, 1))
    for n, y, z, c in product(*map(range, found.shape)):
        inside: list[float] = []
        count = 0
        for h, w in product(places(case, 0, y), places(case, 1, z)):
            height, width = case["extents"]
            if 0 <= h < height and 0 <= w < width:
                inside.append(x[n, h, w, c].item())
                count += 1
            elif with_padding and h < height + case["padding"][2] and w < width + case["padding"][3]:
                count += 1
        number = found[n, y, z, c].item()
        if not x.is_floating_point():
            total = int(sum(inside))
            assert int(number) == int(bool(total // count)) if element == i1 else int(number) == truncated(total, count)
            continue
        expected = sum(inside) / count
        if isnan(expected) or abs(expected) == inf:
            assert str(number) == str(expected)
        else:
            info = torch.finfo(found.dtype)
            bound = info.eps * (abs(expected) + info.tiny) + 1e-6 * sum(map(abs, inside)) * (element != f64)
            assert abs(number - expected) <= bound + 1e-14


def truncated(total: int, count: int) -> int:
    return abs(total) // count * (1 if total >= 0 else -1)


@settings(max_examples=150)
@given(poolings(), FLOAT | INTEGER, SPECIAL)
def test_max_pool2d_and_indices(case: dict[str, Any], element: Attribute, special: Sequence[float]) -> None:
    shape = shape_for(case)
    x = random(shape, element, case["seed"], special)
    (found,) = run(ttir.MaxPool2dOp(value(shape, element), **options(case)), x)
    assert found.shape[1:3] == (positions(case, 0), positions(case, 1))
    dtype = x.dtype
    least = -inf if dtype.is_floating_point else 0 if dtype is torch.bool else torch.iinfo(dtype).min
    first: dict[tuple[int, ...], int] = {}
    for place in product(*map(range, found.shape)):
        n, y, z, c = place
        best: Any = least
        for h, w in product(places(case, 0, y), places(case, 1, z)):
            if not (0 <= h < case["extents"][0] and 0 <= w < case["extents"][1]):
                continue
            number = x[n, h, w, c].item()
            if place not in first or number > best or (isnan(number) and not isnan(best)):
                best, first[place] = number, h * case["extents"][1] + w
        number = found[place].item()
        assert number == best or (isnan(number) and isnan(best))
    indexed = ttir.MaxPool2dWithIndicesOp(value(shape, element), **options(case), index_type=i32)
    if has_empty_window(case):
        with pytest.raises(UnsupportedInputError, match="lies in the padding alone, so that it has no index"):
            INTERPRETER.step(indexed)
        return
    again, indices = run(indexed, x)
    assert str(again.tolist()) == str(found.tolist())
    for place, index in first.items():
        assert indices[place].item() == index


@pytest.mark.parametrize("element", [i8, i32, U16])
def test_indices_count_within_their_own_image_and_channel(element: IntegerType) -> None:
    # The documentation's example, in the second of two images and of two channels.
    x = torch.zeros(2, 3, 3, 2)
    x[1, :, :, 1] = torch.arange(1.0, 10.0).view(3, 3)
    op = ttir.MaxPool2dWithIndicesOp(value((2, 3, 3, 2)), 2, 1, index_type=element)
    largest, indices = run(op, x)
    assert largest[1, :, :, 1].tolist() == [[5.0, 6.0], [8.0, 9.0]]
    assert indices[1, :, :, 1].tolist() == [[4, 5], [7, 8]]
    assert indices[0, :, :, 0].tolist() == [[0, 1], [3, 4]]


def test_operands_for_the_results_have_no_meaning() -> None:
    op = ttir.MaxPool2dWithIndicesOp(value((1, 4, 4, 1)), 2, index_type=i32)
    with_outputs = type(op).create(
        operands=[value((1, 4, 4, 1)), value((1, 2, 2, 1)), value((1, 2, 2, 1), i32)],
        result_types=[r.type for r in op.results],
        properties=op.properties,
    )
    x = torch.arange(16.0).view(1, 4, 4, 1)
    outputs = torch.full((1, 2, 2, 1), 99.0), torch.full((1, 2, 2, 1), 99)
    assert str(run(with_outputs, x, *outputs)) == str(run(op, x))
    assert outputs[0].eq(99).all()


def test_windows_that_end_in_the_padding_before() -> None:
    # One window of one element, two elements before the only one of the input.
    case: dict[str, Any] = {"kernel": 1, "stride": (1, 3), "padding": (0, 2, 0, 0)}
    x = torch.full((1, 1, 1, 1), 5.0)
    assert run(ttir.MaxPool2dOp(value((1, 1, 1, 1)), **case), x)[0].tolist() == [[[[-inf]]]]
    assert run(ttir.AvgPool2dOp(value((1, 1, 1, 1)), **case), x)[0].tolist() == [[[[0.0]]]]


def test_indices_that_do_not_fit() -> None:
    op = ttir.MaxPool2dWithIndicesOp(value((1, 12, 11, 1)), 2, index_type=i8)
    with pytest.raises(NumericsError, match=r"an index up to 131 does not fit into torch\.int8"):
        INTERPRETER.step(op)


def test_mean_of_nothing() -> None:
    op = ttir.AvgPool2dOp(value((1, 4, 4, 1)), 1, padding=1, count_include_pad=False)
    with pytest.raises(UnsupportedInputError, match="lies in the padding alone, so that it has no mean"):
        INTERPRETER.step(op)
    (found,) = run(ttir.AvgPool2dOp(value((1, 4, 4, 1)), 1, padding=1), torch.ones(1, 4, 4, 1))
    assert found[0, 0, 0, 0] == 0.0


def test_flattened_images() -> None:
    x, info = random((2, 4, 5, 3), f32, 1), ttir.FlattenedCompatInfoAttr.of(2, 4, 5)
    for op_type in (ttir.AvgPool2dOp, ttir.MaxPool2dOp):
        (whole,) = run(op_type(value((2, 4, 5, 3)), 2, 1), x)
        flat_op = op_type(value((1, 1, 40, 3)), 2, 1, flattened_compat_info=info)
        (flat,) = run(flat_op, x.reshape(1, 1, 40, 3))
        assert flat.equal(whole.reshape(1, 1, -1, 3))
    wholes = run(ttir.MaxPool2dWithIndicesOp(value((2, 4, 5, 3)), 2, 1, index_type=i64), x)
    flat_op = ttir.MaxPool2dWithIndicesOp(value((1, 1, 40, 3)), 2, 1, index_type=i64, flattened_compat_info=info)
    for whole, flat in zip(wholes, run(flat_op, x.reshape(1, 1, 40, 3)), strict=True):
        assert flat.equal(whole.reshape(1, 1, -1, 3))


@given(st.lists(st.integers(1, 4), min_size=0, max_size=3), FLOAT | INTEGER, SEED, SPECIAL)
def test_global_avg_pool2d(inner: list[int], element: Attribute, seed: int, special: Sequence[float]) -> None:
    shape = (2, *inner, 3)
    x = random(shape, element, seed, special)
    (found,) = run(ttir.GlobalAvgPool2dOp(value(shape, element)), x)
    for n, c in product(range(2), range(3)):
        numbers = [x[(n, *place, c)].item() for place in product(*map(range, inner))]
        number = found.view(2, 3)[n, c].item()
        if not x.is_floating_point():
            assert int(number) == (truncated(int(sum(numbers)), prod(inner)) if element != i1 else int(all(numbers)))
            continue
        expected = sum(numbers) / prod(inner)
        if isnan(expected) or abs(expected) == inf:
            assert str(number) == str(expected)
        else:
            info = torch.finfo(found.dtype)
            bound = info.eps * (abs(expected) + info.tiny) + 1e-6 * sum(map(abs, numbers)) * (element != f64)
            assert abs(number - expected) <= bound + 1e-14


@given(
    st.tuples(st.integers(1, 2), st.integers(1, 4), st.integers(1, 4), st.integers(1, 2)),
    st.tuples(st.integers(1, 4), st.integers(1, 4)), FLOAT | INTEGER, SEED, SPECIAL,
)  # fmt: skip
def test_upsample2d_nearest(
    shape: tuple[int, ...], factors: tuple[int, int], element: Attribute, seed: int, special: Sequence[float]
) -> None:
    x = random(shape, element, seed, special)
    (found,) = run(ttir.Upsample2dOp(value(shape, element), factors), x)
    for n, y, z, c in product(*map(range, found.shape)):
        assert str(found[n, y, z, c].item()) == str(x[n, y // factors[0], z // factors[1], c].item())


@given(
    st.tuples(st.integers(1, 2), st.integers(1, 5), st.integers(1, 5), st.integers(1, 2)),
    st.tuples(st.integers(1, 4), st.integers(1, 4)), FLOAT, SEED, SPECIAL,
)  # fmt: skip
def test_upsample2d_bilinear(
    shape: tuple[int, ...], factors: tuple[int, int], element: Attribute, seed: int, special: Sequence[float]
) -> None:
    x = random(shape, element, seed, special)
    (found,) = run(ttir.Upsample2dOp(value(shape, element), factors, "bilinear"), x)

    def neighbours(d: int, place: int) -> list[tuple[int, float]]:
        """The places in the input, and their shares; one without a share does not count."""
        extent, factor = shape[1 + d], factors[d]
        at = min(max(Fraction(2 * place + 1, 2 * factor) - Fraction(1, 2), Fraction(0)), Fraction(extent - 1))
        first, share = int(at), float(at - int(at))
        return [(first, 1 - share), *([(first + 1, share)] if share else [])]

    eps = torch.finfo(found.dtype).eps
    for n, y, z, c in product(*map(range, found.shape)):
        rows = [sum(share * x[n, p, q, c].item() for p, share in neighbours(0, y)) for q, _ in neighbours(1, z)]
        expected = sum(share * row for row, (_, share) in zip(rows, neighbours(1, z), strict=True))
        number = found[n, y, z, c].item()
        if isnan(expected) or abs(expected) == inf:
            assert str(number) == str(expected)
        else:
            assert abs(number - expected) <= eps * abs(expected) + 2e-6 * (element != f64) + 1e-14


def test_bilinear_neighbours_without_a_share_do_not_count() -> None:
    x = torch.tensor([1.0, inf, 3.0, nan]).view(1, 1, 4, 1)
    (found,) = run(ttir.Upsample2dOp(value((1, 1, 4, 1)), (1, 3), "bilinear"), x)
    assert str(found.flatten().tolist()) == "[1.0, 1.0, inf, inf, inf, inf, inf, 3.0, nan, nan, nan, nan]"


def test_bilinear_of_integers() -> None:
    with pytest.raises(UnsupportedInputError, match="integers are upsampled 'bilinear'"):
        INTERPRETER.step(ttir.Upsample2dOp(value((1, 2, 2, 1), i32), 2, "bilinear"))
