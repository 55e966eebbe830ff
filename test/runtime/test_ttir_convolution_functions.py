"""Convolutions of TTIR against sums written out in plain Python, over layouts, paddings, strides, groups and dtypes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import product
from math import inf, isnan, nan
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from xdsl.dialects import test as xdsl_test
from xdsl.dialects.builtin import IntegerType, ModuleOp, Signedness, bf16, f16, f32, f64, i8, i32, i64
from xdsl.ir import Attribute, Operation, SSAValue

from tilewright.dialects import ttir
from tilewright.dialects.types import element_type_of, shape_of, tensor_type
from tilewright.runtime.dtypes import torch_dtype
from tilewright.runtime.functions.ttir import TtirFunctions
from tilewright.runtime.interpreter import Interpreter
from tilewright.support.errors import UnsupportedInputError

Tensor = torch.Tensor
INTERPRETER = Interpreter(ModuleOp([]), [TtirFunctions()])
SEED = st.integers(0, 999)
FLOAT = st.sampled_from([f32, bf16, f16, f64])
SMALL = st.integers(1, 3)


def value(shape: Sequence[int], element: Attribute = f32) -> SSAValue:
    return xdsl_test.TestOp(result_types=[tensor_type(shape, element)]).results[0]


def random(shape: Sequence[int], element: Attribute, seed: int) -> Tensor:
    """Normal numbers; integers of the whole range of the type."""
    generator, dtype = torch.Generator().manual_seed(seed), torch_dtype(element)
    if dtype.is_floating_point:
        return torch.randn(tuple(shape), generator=generator).to(dtype)
    limits = torch.iinfo(dtype)
    low, high = max(limits.min, -(2**62)), min(limits.max, 2**62)
    return torch.randint(low, high, tuple(shape), generator=generator).to(dtype)


def run(op: Operation, *inputs: Tensor) -> Tensor:
    op.verify()
    before = [x.clone() for x in inputs]
    (result,) = INTERPRETER.step(op)(*inputs)
    assert isinstance(result, Tensor)
    assert tuple(result.shape) == shape_of(op.results[0])
    assert result.dtype is torch_dtype(element_type_of(op.results[0]))
    assert all(x.equal(y) or x.isnan().any() for x, y in zip(inputs, before, strict=True)), "an operand changed"
    return result


SPECIAL = st.lists(st.sampled_from([nan, inf, -inf]), min_size=1, max_size=3)

Grid = dict[tuple[int, ...], Any]
"""A number at each place: an int or a float."""


def grid(x: Tensor, letters: str, order: str) -> Grid:
    """The elements of `x`, whose dimensions are `letters`, by their places in `order`."""
    places = [letters.index(letter) for letter in order]
    flat, found = x.flatten().tolist(), Grid()
    for number, place in zip(flat, product(*map(range, x.shape)), strict=True):
        found[tuple(place[p] for p in places)] = number
    return found


def spatial(letters: str) -> str:
    return "".join(letter for letter in "LDHW" if letter in letters)


def assert_sums(found: Tensor, letters: str, sums: Callable[[tuple[int, ...]], list[Any]]) -> None:
    """Each element of `found` is the sum of what `sums` gives for its place (batch, channel, spatial).

    Integers are equal in the bits of the type. Floats are near it, relative to the sum of magnitudes.
    """
    for place, number in grid(found, letters, "NC" + spatial(letters)).items():
        terms = sums(place)
        expected = sum(terms)
        if not found.is_floating_point():
            bits = 8 * found.dtype.itemsize
            assert (expected - number) % (1 << bits) == 0, (place, number, expected)
        elif isnan(expected) or abs(expected) == inf:
            assert str(number) == str(expected), (place, number, expected)
        else:
            info = torch.finfo(found.dtype)
            summing = 2.0**-45 if found.dtype is torch.float64 else 2.0**-20
            bound = info.eps * (abs(expected) + info.tiny) + summing * sum(map(abs, terms))
            assert abs(number - expected) <= bound, (place, number, expected)


def convolved(
    x: Grid,
    w: Grid,
    place: tuple[int, ...],
    kernel: Sequence[int],
    per_group: int,
    group_size: int,
    at: Callable[[int, int, int], int],
    extents: Sequence[int],
    replicate: bool = False,
) -> list[Any]:
    """The products that make up one element; `at(dim, y, k)` is where the kernel's element k lies in the input."""
    batch, channel, *position = place
    terms: list[Any] = []
    for element in product(*map(range, kernel)):
        where = [at(d, y, k) for d, (y, k) in enumerate(zip(position, element, strict=True))]
        if replicate:
            where = [min(max(p, 0), e - 1) for p, e in zip(where, extents, strict=True)]
        inside = all(0 <= p < e for p, e in zip(where, extents, strict=True))
        for c in range(per_group):
            source = channel // group_size * per_group + c
            # Zeros of the padding are multiplied too.
            terms.append((x[(batch, source, *where)] if inside else 0) * w[(channel, c, *element)])
    return terms


@st.composite
def convolutions(draw: st.DrawFn, letters: str, dilated: bool = True) -> dict[str, Any]:
    """The arguments of a convolution that fit together."""
    dims = len(letters) - 2
    per_dim = st.lists(SMALL, min_size=dims, max_size=dims)
    kernel, stride = draw(per_dim), draw(per_dim)
    dilation = draw(per_dim) if dilated else [1] * dims
    padding = draw(st.lists(st.integers(0, 2), min_size=2 * dims, max_size=2 * dims))
    least = [d * (k - 1) + 1 for k, d in zip(kernel, dilation, strict=True)]
    extents = [draw(st.integers(1, 4)) for _ in range(dims)]
    for d in range(dims):
        extents[d] = max(extents[d], least[d] - padding[d] - padding[dims + d], 1)
    groups = draw(st.integers(1, 2))
    return {
        "layout": "".join(draw(st.permutations(letters))), "kernel": kernel, "stride": stride, "dilation": dilation,
        "padding": padding, "extents": extents, "groups": groups, "per_group": draw(st.integers(1, 2)),
        "group_size": draw(st.integers(1, 2)), "batch": draw(st.integers(1, 2)), "bias": draw(st.booleans()),
        "seed": draw(SEED),
    }  # fmt: skip


def laid_out(case: dict[str, Any], channels: int, extents: Sequence[int], batch: int | None = None) -> list[int]:
    """A shape in the layout of the case."""
    by_letter = {"N": case["batch"] if batch is None else batch, "C": channels}
    by_letter.update(zip(spatial(case["layout"]), extents, strict=True))
    return [by_letter[letter] for letter in case["layout"]]


def check_convolution(case: dict[str, Any], element: Attribute, special: Sequence[float] = ()) -> None:
    letters, dims = case["layout"], len(case["kernel"])
    padding, stride, dilation = case["padding"], case["stride"], case["dilation"]
    inputs, outputs = case["groups"] * case["per_group"], case["groups"] * case["group_size"]
    x = random(laid_out(case, inputs, case["extents"]), element, case["seed"])
    w = random((outputs, case["per_group"], *case["kernel"]), element, case["seed"] + 1)
    bias = random(laid_out(case, outputs, [1] * dims, 1), element, case["seed"] + 2) if case["bias"] else None
    operands = [t for t in (x, w, bias) if t is not None]
    for i, number in enumerate(special):
        target = operands[(case["seed"] // 3 + i) % len(operands)].view(-1)
        target[(case["seed"] + 7 * i) % target.numel()] = number
    values = [value(tuple(t.shape), element) for t in operands]
    options: dict[str, Any] = {"stride": stride, "groups": case["groups"], "layout": letters}
    replicate = case.get("replicate", False)
    if dims == 3:
        op: Operation = ttir.Conv3dOp(
            *values, padding=padding[:3], padding_mode="replicate" if replicate else "zeros", **options
        )
    else:
        kind = ttir.Conv1dOp if dims == 1 else ttir.Conv2dOp
        op = kind(*values, padding=padding, dilation=dilation, **options)
    found = run(op, *operands)
    gx, gw = grid(x, letters, "NC" + spatial(letters)), grid(w, "OI" + "xyz"[:dims], "OI" + "xyz"[:dims])
    gb = None if bias is None else grid(bias, letters, "C")
    assert_sums(
        found,
        letters,
        lambda place: [
            *convolved(
                gx, gw, place, case["kernel"], case["per_group"], case["group_size"],
                lambda d, y, k: y * stride[d] + k * dilation[d] - padding[d], case["extents"], replicate,
            ),
            *([] if gb is None else [gb[(place[1],)]]),
        ],
    )  # fmt: skip


INTEGERS = st.sampled_from([i8, i32, i64, IntegerType(16, Signedness.UNSIGNED), IntegerType(32, Signedness.UNSIGNED)])


@settings(max_examples=60)
@given(convolutions("NLC"), FLOAT | INTEGERS)
def test_conv1d(case: dict[str, Any], element: Attribute) -> None:
    check_convolution(case, element)


@settings(max_examples=80)
@given(convolutions("NHWC"), FLOAT)
def test_conv2d(case: dict[str, Any], element: Attribute) -> None:
    check_convolution(case, element)


@settings(max_examples=40)
@given(convolutions("NHWC"), INTEGERS)
def test_conv2d_of_integers_is_exact(case: dict[str, Any], element: Attribute) -> None:
    check_convolution(case, element)


@settings(max_examples=80)
@given(convolutions("NLC"), FLOAT, SPECIAL)
def test_conv1d_of_numbers_that_are_none(case: dict[str, Any], element: Attribute, special: Sequence[float]) -> None:
    check_convolution(case, element, special)


@settings(max_examples=80)
@given(convolutions("NHWC"), FLOAT, SPECIAL)
def test_conv2d_of_numbers_that_are_none(case: dict[str, Any], element: Attribute, special: Sequence[float]) -> None:
    check_convolution(case, element, special)


@st.composite
def volumes(draw: st.DrawFn) -> dict[str, Any]:
    """The arguments of a convolution in three dimensions."""
    case = draw(convolutions("NDHWC", dilated=False))
    # It is padded alike on both sides, by what comes first.
    case["padding"][3:] = case["padding"][:3]
    case["extents"] = [max(e, k) for e, k in zip(case["extents"], case["kernel"], strict=True)]
    return {**case, "replicate": draw(st.booleans())}


@settings(max_examples=40)
@given(volumes(), st.sampled_from([f32, bf16, i32]))
def test_conv3d(case: dict[str, Any], element: Attribute) -> None:
    check_convolution(case, element)


@settings(max_examples=40)
@given(volumes(), FLOAT, SPECIAL)
def test_conv3d_of_numbers_that_are_none(case: dict[str, Any], element: Attribute, special: Sequence[float]) -> None:
    check_convolution(case, element, special)


NUMBER = st.floats() | st.sampled_from([nan, inf, -inf, -0.0, 2.5, -2.5, 255.5, 3e9, -1e30]) | st.integers(-300, 300)


@pytest.mark.parametrize("dims", [1, 2, 3])
@given(numbers=st.lists(NUMBER, min_size=1, max_size=6), source=FLOAT, target=FLOAT | INTEGERS)
def test_sums_become_elements_as_by_a_cast(
    typecast: Callable[[float, torch.dtype], float],
    dims: int,
    numbers: list[float],
    source: Attribute,
    target: Attribute,
) -> None:
    # Each sum is an element of the input times 1.
    kind = {1: ttir.Conv1dOp, 2: ttir.Conv2dOp, 3: ttir.Conv3dOp}[dims]
    shape = (1, len(numbers), *[1] * dims)
    x = torch.tensor(numbers, dtype=torch.float64).to(torch_dtype(source)).view(shape)
    weight = torch.ones([1] * (dims + 2), dtype=x.dtype)
    op = kind(value(shape, source), value(weight.shape, source), result_type=tensor_type(shape, target))

    found = run(op, x, weight)

    # A sum has no sign where it is zero.
    expected = [typecast(v, found.dtype) + 0 for v in x.flatten().tolist()]
    assert list(map(repr, (v + 0 for v in found.flatten().tolist()))) == list(map(repr, expected))


@settings(max_examples=80)
@given(convolutions("NHWC"), st.lists(st.integers(0, 3), min_size=2, max_size=2), FLOAT | INTEGERS, st.booleans())
def test_conv_transpose2d(case: dict[str, Any], output_padding: list[int], element: Attribute, special: bool) -> None:
    letters, kernel, stride, dilation = case["layout"], case["kernel"], case["stride"], case["dilation"]
    padding, extents, groups = case["padding"], case["extents"], case["groups"]
    inputs, outputs = groups * case["group_size"], groups * case["per_group"]
    reach = [(e - 1) * s + d * (k - 1) + 1 for e, s, d, k in zip(extents, stride, dilation, kernel, strict=True)]
    if any(r + o < padding[d] + padding[2 + d] for d, (r, o) in enumerate(zip(reach, output_padding, strict=True))):
        return
    x = random(laid_out(case, inputs, extents), element, case["seed"])
    w = random((inputs, case["per_group"], *kernel), element, case["seed"] + 1)
    bias = random(laid_out(case, outputs, [1, 1], 1), element, case["seed"] + 2) if case["bias"] else None
    if special and x.is_floating_point():
        x.view(-1)[case["seed"] % x.numel()] = (inf, -inf, nan)[case["seed"] % 3]
    operands = [t for t in (x, w, bias) if t is not None]
    op = ttir.ConvTranspose2dOp(
        *(value(tuple(t.shape), element) for t in operands), stride=stride, padding=padding,
        output_padding=output_padding, dilation=dilation, groups=groups, layout=letters,
    )  # fmt: skip
    found = run(op, *operands)
    gx, gw = grid(x, letters, "NCHW"), grid(w, "IOHW", "IOHW")
    gb = None if bias is None else grid(bias, letters, "C")

    def sums(place: tuple[int, ...]) -> list[Any]:
        batch, channel, *position = place
        group, within = divmod(channel, case["per_group"])
        terms: list[Any] = [] if gb is None else [gb[(channel,)]]
        for i, j in product(*map(range, kernel)):
            # Which element of the input puts its (i, j) here?
            rows, columns = (divmod(position[d] + padding[d] - (i, j)[d] * dilation[d], stride[d]) for d in (0, 1))
            if rows[1] or columns[1] or not (0 <= rows[0] < extents[0] and 0 <= columns[0] < extents[1]):
                continue
            for c in range(case["group_size"]):
                source = group * case["group_size"] + c
                terms.append(gx[(batch, source, rows[0], columns[0])] * gw[(source, within, i, j)])
        return terms or [0]

    assert_sums(found, letters, sums)


def test_output_padding_beyond_all_elements() -> None:
    # The padding cuts off the only element and more; what is left is zero and the bias.
    op = ttir.ConvTranspose2dOp(
        value((1, 1, 1, 1)), value((1, 1, 1, 1)), value((1, 1, 1, 1)), padding=(3, 0, 0, 0), output_padding=(4, 0)
    )
    found = run(op, *(torch.full((1, 1, 1, 1), n) for n in (5.0, 7.0, 0.5)))
    assert found.flatten().tolist() == [0.5, 0.5]


@pytest.mark.parametrize("op_type", [ttir.Conv2dOp, ttir.ConvTranspose2dOp])
def test_flattened_images(op_type: type[ttir.Conv2dOp] | type[ttir.ConvTranspose2dOp]) -> None:
    x, w, bias = random((2, 4, 5, 3), f32, 1), random((3, 3, 2, 2), f32, 2), random((1, 1, 1, 3), f32, 3)
    rest = value((3, 3, 2, 2)), value((1, 1, 1, 3))
    info = ttir.FlattenedCompatInfoAttr.of(2, 4, 5)
    whole = run(op_type(value((2, 4, 5, 3)), *rest, padding=(1, 0, 1, 2)), x, w, bias)
    flat_op = op_type(value((1, 1, 40, 3)), *rest, padding=(1, 0, 1, 2), flattened_compat_info=info)
    flat = run(flat_op, x.reshape(1, 1, 40, 3), w, bias)
    assert flat.equal(whole.reshape(1, 1, -1, 3))


def test_large_integers_are_exact_in_all_bits() -> None:
    x = torch.tensor([2**31 - 1, -(2**31), 2**31 - 1, 12345]).view(1, 4, 1).to(torch.int32)
    w = torch.tensor([2**31 - 1, 2**31 - 1, -(2**31)]).view(1, 1, 3).to(torch.int32)
    numbers, weights = x.flatten().tolist(), w.flatten().tolist()
    sums = [sum(numbers[i + k] * weights[k] for k in range(3)) for i in range(2)]
    op = ttir.Conv1dOp(value((1, 4, 1), i32), value((1, 1, 3), i32), result_type=tensor_type((1, 2, 1), i64))
    wrapped = [(s + 2**63) % 2**64 - 2**63 for s in sums]
    assert run(op, x, w).flatten().tolist() == wrapped
    narrow = ttir.Conv1dOp(value((1, 4, 1), i32), value((1, 1, 3), i32))
    assert run(narrow, x, w).flatten().tolist() == [(s + 2**31) % 2**32 - 2**31 for s in sums]


def test_half_precision_is_rounded_once() -> None:
    # 1 + 2^-9 three times: each sum in bf16 would lose what the others bring.
    x = torch.tensor([1.0, 2.0**-9, 2.0**-9, 2.0**-9]).view(1, 1, 1, 4).to(torch.bfloat16)
    op = ttir.Conv2dOp(value((1, 1, 1, 4), bf16), value((1, 4, 1, 1), bf16), value((1, 1, 1, 1), bf16))
    bias = torch.full((1, 1, 1, 1), 2.0**-9, dtype=torch.bfloat16)
    assert run(op, x, torch.ones(1, 4, 1, 1, dtype=torch.bfloat16), bias).item() == 1.0078125


def test_operands_of_several_types() -> None:
    x, w, bias = random((1, 4, 4, 2), bf16, 1), random((3, 2, 2, 2), f32, 2), random((1, 3, 3, 3), f32, 3)
    result = tensor_type((1, 3, 3, 3), f32)
    op = ttir.Conv2dOp(value((1, 4, 4, 2), bf16), value((3, 2, 2, 2)), value((1, 3, 3, 3)), result_type=result)
    patches = torch.stack([x[:, i : i + 3, j : j + 3].double() for i in (0, 1) for j in (0, 1)], -1)
    expected = torch.einsum("nyxck,ock->nyxo", patches, w.double().flatten(2)) + bias.double()
    assert torch.allclose(run(op, x, w, bias).double(), expected, atol=1e-5)


def test_too_many_integers_to_sum_exactly() -> None:
    op = ttir.Conv1dOp(value((1, 2**21 + 1, 1), i32), value((1, 1, 2**21 + 1), i32))
    with pytest.raises(UnsupportedInputError, match="2097153 products of integers"):
        INTERPRETER.step(op)
