"""TTIR ops that combine or move whole tensors, against einsum, indexing and other independent forms in float64."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf, nan, prod
from random import Random

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from xdsl.dialects import test as xdsl_test
from xdsl.dialects.builtin import (
    DenseIntOrFPElementsAttr,
    DenseResourceAttr,
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
from xdsl.ir import Attribute, Operation, SSAValue

from tilewright.dialects import ttir
from tilewright.dialects.types import tensor_type
from tilewright.runtime.dtypes import torch_dtype
from tilewright.runtime.functions.ttir import TtirFunctions
from tilewright.runtime.interpreter import Interpreter
from tilewright.support.errors import NumericsError, UnsupportedInputError

Tensor = torch.Tensor
INTERPRETER = Interpreter(ModuleOp([]), [TtirFunctions()])
FLOAT = st.sampled_from([f32, bf16, f16, f64])
EXTENT = st.integers(1, 5)
OUTER = st.lists(EXTENT, max_size=2)
SEED = st.integers(0, 99)
EPSILON = float(torch.tensor(1e-3))


def value(shape: Sequence[int], element: Attribute = f32) -> SSAValue:
    """A value of a tensor type."""
    return xdsl_test.TestOp(result_types=[tensor_type(shape, element)]).results[0]


def random(shape: Sequence[int], element: Attribute, seed: int) -> Tensor:
    """Normal numbers, or whole ones from -9 to 9."""
    generator, dtype = torch.Generator().manual_seed(seed + 100 * len(shape)), torch_dtype(element)
    if dtype.is_floating_point:
        return torch.randn(tuple(shape), generator=generator).to(dtype)
    return torch.randint(-9, 10, tuple(shape), generator=generator).to(dtype)


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


def assert_near(found: Tensor, expected: Tensor, scale: Tensor | float = 1.0, units: float = 8.0) -> None:
    """`found` is within `units` of its dtype's roundoff, relative to `scale`."""
    assert found.shape == expected.shape
    eps = torch.finfo(found.dtype).eps if found.is_floating_point() else 0.0
    difference = (found.double() - expected.double()).abs()
    assert bool((difference <= units * eps * scale).all()), (found, expected)


def shape_of_operand(shape: tuple[int, ...], swapped: bool) -> tuple[int, ...]:
    return (*shape[:-2], shape[-1], shape[-2]) if swapped else shape


@given(
    st.lists(EXTENT, max_size=2), st.integers(0, 3), EXTENT, EXTENT, EXTENT, st.booleans(), st.booleans(), FLOAT, SEED,
    st.booleans(),
)  # fmt: skip
def test_matmul_and_linear(
    batch: list[int],
    ones: int,
    m: int,
    k: int,
    n: int,
    swap_a: bool,
    swap_b: bool,
    element: Attribute,
    seed: int,
    with_bias: bool,
) -> None:
    left = (*(1 if (ones >> i) & 1 else d for i, d in enumerate(batch)), m, k)
    right = (*batch[:-1], *(1 if (ones >> 1) & 1 and not (ones & 1) else d for d in batch[-1:]), k, n)
    a = random(shape_of_operand(left, swap_a), element, seed)
    b = random(shape_of_operand(right, swap_b), element, seed + 1)
    wide = [(t.transpose(-1, -2) if s else t).double() for t, s in ((a, swap_a), (b, swap_b))]
    expected, sums = (torch.einsum("...mk,...kn->...mn", *ts) for ts in (wide, [t.abs() for t in wide]))
    operands = value(tuple(a.shape), element), value(tuple(b.shape), element)
    if not with_bias:
        assert_near(run(ttir.MatmulOp(*operands, swap_a, swap_b), a, b), expected, sums)
        assert_near(run(ttir.LinearOp(*operands, None, swap_a, swap_b), a, b), expected, sums)
    bias = random((n,), element, seed + 2)
    op = ttir.LinearOp(*operands, value((n,), element), swap_a, swap_b)
    assert_near(run(op, a, b, bias), expected + bias.double(), sums + bias.double().abs())


@pytest.mark.parametrize(
    ("left", "right", "swap", "subscripts"),
    [
        ((3,), (3,), False, "k,k->"),
        ((3,), (3,), True, "k,k->"),
        ((3,), (2, 3, 4), False, "k,bkn->bn"),
        ((2, 5, 3), (3,), False, "bmk,k->bm"),
    ],
)
def test_products_with_vectors(left: tuple[int, ...], right: tuple[int, ...], swap: bool, subscripts: str) -> None:
    a, b = random(left, f32, 1), random(right, f32, 2)
    op = ttir.MatmulOp(value(left), value(right), swap, swap)
    expected = torch.einsum(subscripts, a.double(), b.double())
    assert_near(run(op, a, b), expected.reshape(expected.shape or (1,)), 10.0)


def test_product_in_another_element_type() -> None:
    a, b = random((2, 3), bf16, 1), random((3, 4), bf16, 2)
    op = ttir.MatmulOp(value((2, 3), bf16), value((3, 4), bf16), result_type=tensor_type((2, 4), f32))
    assert_near(run(op, a, b), a.double() @ b.double(), 2.0**17)


def test_bias_that_widens_the_product() -> None:
    a, b, bias = random((2, 3), f32, 1), random((3, 4), f32, 2), random((5, 1, 4), f32, 3)
    op = ttir.LinearOp(value((2, 3)), value((3, 4)), value((5, 1, 4)))
    assert_near(run(op, a, b, bias), a.double() @ b.double() + bias.double(), 10.0)


@given(st.lists(EXTENT, min_size=1, max_size=3), st.integers(0, 5), FLOAT, SEED, st.sampled_from([None, f32, bf16]))
def test_softmax(shape: list[int], dim: int, element: Attribute, seed: int, result: Attribute | None) -> None:
    x = random(shape, element, seed) * 5
    dim = dim % (2 * len(shape)) - len(shape)
    type = tensor_type(shape, result) if result is not None else None
    e = torch.exp(x.double() - x.double().amax(dim, keepdim=True))
    assert_near(run(ttir.SoftmaxOp(value(shape, element), dim, False, type), x), e / e.sum(dim, keepdim=True), 2.0**17)


def test_softmax_of_infinities_and_nan() -> None:
    x = torch.tensor([[-inf, 0.0, 0.0], [nan, 0.0, 0.0], [inf, 0.0, -inf]])
    found = run(ttir.SoftmaxOp(value((3, 3)), 1), x)
    assert found[0].tolist() == [0.0, 0.5, 0.5]
    assert found[1:].isnan().all()


@pytest.mark.parametrize("kind", [ttir.LayerNormOp, ttir.RMSNormOp])
@given(
    st.lists(EXTENT, max_size=2), st.lists(EXTENT, min_size=1, max_size=2), st.booleans(), st.booleans(), FLOAT, SEED
)
def test_normalization(
    kind: type[ttir.NormalizationOp],
    outer: list[int],
    inner: list[int],
    has_weight: bool,
    has_bias: bool,
    element: Attribute,
    seed: int,
) -> None:
    shape = (*outer, *inner)
    x = random(shape, element, seed)
    affine = [random(inner, element, seed + 1) if given_ else None for given_ in (has_weight, has_bias)]
    values = [None if t is None else value(inner, element) for t in affine]
    found = run(kind(value(shape, element), inner, *values, 1e-3), x, *(t for t in affine if t is not None))
    rows = x.double().reshape(*outer, prod(inner))
    if kind is ttir.LayerNormOp:
        rows = rows - rows.sum(-1, keepdim=True) / prod(inner)
    y = (rows / torch.sqrt((rows * rows).sum(-1, keepdim=True) / prod(inner) + EPSILON)).reshape(shape)
    weight, bias = (t.double() if t is not None else None for t in affine)
    expected = y * (weight if weight is not None else 1.0) + (bias if bias is not None else 0.0)
    assert_near(found, expected, 4.0 + 30.0 * y.abs())


@pytest.mark.parametrize("kind", [ttir.LayerNormOp, ttir.RMSNormOp, ttir.SoftmaxOp])
@given(st.sampled_from([f32, bf16, f16, i32]), FLOAT, st.sampled_from([f32, bf16, f16]), SEED)
def test_element_types_may_differ_and_are_rounded_to_once(
    kind: type[Operation], element: Attribute, of_affine: Attribute, result: Attribute, seed: int
) -> None:
    x, type = random((4, 9), element, seed), tensor_type((4, 9), result)
    rows = x.double()
    if kind is ttir.SoftmaxOp:
        found = run(ttir.SoftmaxOp(value((4, 9), element), 1, False, type), x)
        expected = rows.exp() / rows.exp().sum(1, keepdim=True)
    else:
        assert issubclass(kind, ttir.NormalizationOp)
        weight, bias = (random((9,), of_affine, seed + i) for i in (1, 2))
        op = kind(value((4, 9), element), (9,), *[value((9,), of_affine)] * 2, 1e-3, type)
        found = run(op, x, weight, bias)
        rows = rows - rows.mean(1, keepdim=True) if kind is ttir.LayerNormOp else rows
        expected = rows / (rows.square().mean(1, keepdim=True) + 1e-3).sqrt() * weight.double() + bias.double()
    units = 8.0 if result is f32 else 0.51
    assert_near(found, expected, expected.abs() + (0.01 if units < 1 else 1.0), units)


@given(
    EXTENT, st.integers(1, 2), st.integers(1, 3), EXTENT, EXTENT, EXTENT, st.sampled_from([None, 0.3]),
    st.sampled_from(["none", "mask", "causal"]), SEED,
)  # fmt: skip
def test_attention(
    batch: int,
    kv_heads: int,
    group: int,
    rows: int,
    columns: int,
    depth: int,
    scale: float | None,
    kind: str,
    seed: int,
) -> None:
    columns = rows if kind == "causal" else columns
    heads = kv_heads * group
    q = random((batch, heads, rows, depth), f32, seed)
    k, v = (random((batch, kv_heads, columns, depth), f32, seed + i) for i in (1, 2))
    mask = random((1, heads, rows, columns), f32, seed + 3) if kind == "mask" else None
    op = ttir.ScaledDotProductAttentionOp(
        *(value(tuple(t.shape)) for t in (q, k, v)),
        None if mask is None else value(tuple(mask.shape)),
        is_causal=kind == "causal",
        scale=scale,
    )
    found = run(op, q, k, v, *([] if mask is None else [mask]))
    wide_k, wide_v = (t.double().repeat_interleave(group, 1) for t in (k, v))
    scores = torch.einsum("bhmd,bhnd->bhmn", q.double(), wide_k) * (depth**-0.5 if scale is None else scale)
    if mask is not None:
        scores = scores + mask.double()
    if kind == "causal":
        scores = scores.masked_fill(torch.arange(columns) > torch.arange(rows).unsqueeze(-1), -inf)
    e = torch.exp(scores - scores.amax(-1, keepdim=True))
    assert_near(found, torch.einsum("bhmn,bhnd->bhmd", e / e.sum(-1, keepdim=True), wide_v), 30.0)


def test_attention_of_a_row_that_is_masked_out_is_zero() -> None:
    q, v = random((1, 1, 2, 4), f32, 1), random((1, 1, 3, 4), f32, 2)
    mask = torch.zeros(1, 1, 2, 3)
    mask[0, 0, 1] = -inf
    op = ttir.ScaledDotProductAttentionOp(
        value((1, 1, 2, 4)), value((1, 1, 3, 4)), value((1, 1, 3, 4)), value((1, 1, 2, 3)), is_causal=False
    )
    assert run(op, q, v, v, mask)[0, 0, 1].tolist() == [0.0] * 4


@given(st.lists(EXTENT, max_size=2), EXTENT, EXTENT, st.sampled_from([i32, i64, bf16]), FLOAT, SEED, st.integers(0, 2))
def test_embedding(
    shape: list[int], rows: int, width: int, index: Attribute, element: Attribute, seed: int, ones: int
) -> None:
    indices = random(shape, i64, seed).remainder(rows).to(torch_dtype(index))
    table = random((*[1] * ones, rows, width), element, seed)
    op = ttir.EmbeddingOp(value(shape, index), value(tuple(table.shape), element))
    picked = [table.view(rows, width)[int(i)] for i in indices.flatten()]
    assert torch.equal(run(op, indices, table), torch.stack(picked).view(*shape, width))


@pytest.mark.parametrize("index", [-1, 3])
def test_embedding_outside_of_the_table(index: int) -> None:
    with pytest.raises(NumericsError, match="an index is outside the table"):
        run(ttir.EmbeddingOp(value((2,), i32), value((3, 4))), torch.tensor([0, index]), torch.zeros(3, 4))


SHAPE = st.lists(EXTENT, min_size=1, max_size=4)
ELEMENT = st.sampled_from(
    [f32, bf16, f16, f64, i1, i8, i32, i64, *(IntegerType(width, Signedness.UNSIGNED) for width in (8, 16, 32, 64))]
)


@given(SHAPE, ELEMENT, SEED, st.randoms(use_true_random=False), st.booleans())
def test_permute_and_transpose(shape: list[int], element: Attribute, seed: int, order_of: Random, swap: bool) -> None:
    x = random(shape, element, seed)
    order = list(range(len(shape)))
    if swap and len(shape) > 1:
        a, b = order_of.sample(order, 2)
        order[a], order[b] = b, a
        op: Operation = ttir.TransposeOp(value(shape, element), a - len(shape), b)
    else:
        order_of.shuffle(order)
        op = ttir.PermuteOp(value(shape, element), order)
    letters = "abcd"[: len(shape)]
    assert torch.equal(run(op, x), torch.einsum(f"{letters}->{''.join(letters[d] for d in order)}", x))


@given(SHAPE, ELEMENT, SEED, st.integers(0, 3), st.booleans())
def test_reshape_squeeze_unsqueeze(shape: list[int], element: Attribute, seed: int, at: int, wild: bool) -> None:
    x, at = random(shape, element, seed), at % (len(shape) + 1)
    wider = [*shape[:at], 1, *shape[at:]]
    flat = x.flatten().tolist()
    target = [-1, *shape[1:]] if wild else [prod(shape)]
    for op, expected in (
        (ttir.ReshapeOp(value(shape, element), target), list(shape) if wild else target),
        (ttir.UnsqueezeOp(value(shape, element), at), wider),
    ):
        found = run(op, x)
        assert list(found.shape) == expected
        assert found.flatten().tolist() == flat
    found = run(ttir.SqueezeOp(value(wider, element), at), x.reshape(wider))
    assert torch.equal(found, x)


@given(SHAPE, ELEMENT, SEED, st.integers(0, 15))
def test_broadcast(shape: list[int], element: Attribute, seed: int, which: int) -> None:
    source = [1 if (which >> i) & 1 else d for i, d in enumerate(shape)]
    factors = [d if s == 1 else 1 for s, d in zip(source, shape, strict=True)]
    x = random(source, element, seed)
    assert torch.equal(run(ttir.BroadcastOp(value(source, element), factors), x), x.repeat(factors))


@given(SHAPE, ELEMENT, SEED, st.integers(0, 3), st.lists(EXTENT, min_size=1, max_size=3))
def test_concat(shape: list[int], element: Attribute, seed: int, dim: int, extents: list[int]) -> None:
    dim %= len(shape)
    shapes = [[*shape[:dim], e, *shape[dim + 1 :]] for e in extents]
    xs = [random(s, element, seed + i) for i, s in enumerate(shapes)]
    op = ttir.ConcatOp([value(s, element) for s in shapes], dim - len(shape))
    expected = torch.stack([part for x in xs for part in x.unbind(dim)], dim)
    assert torch.equal(run(op, *xs), expected)


@given(SHAPE, ELEMENT, SEED, st.data())
def test_slice(shape: list[int], element: Attribute, seed: int, data: st.DataObject) -> None:
    x = random(shape, element, seed)
    bounds: list[tuple[int, int, int]] = []
    for extent in shape:
        begin, end = sorted(data.draw(st.tuples(st.integers(0, extent - 1), st.integers(0, extent - 1))))
        step = data.draw(st.integers(1, 3))
        if data.draw(st.booleans()):
            bounds.append((end, begin, -step))  # backwards, begin left out
        else:
            bounds.append((begin, end + 1, step))
    begins, ends, steps = (list(column) for column in zip(*bounds, strict=True))
    bits = {1: torch.int8, 2: torch.int16, 4: torch.int32, 8: torch.int64}[x.itemsize]
    expected = x.view(bits)
    for dim, (begin, end, step) in enumerate(bounds):
        expected = expected.index_select(dim, torch.tensor(list(range(begin, end, step)), dtype=torch.int64))
    begins = [b - d if data.draw(st.booleans()) else b for b, d in zip(begins, shape, strict=True)]
    found = run(ttir.SliceStaticOp(value(shape, element), begins, ends, steps), x)
    assert torch.equal(found.view(bits), expected)


@pytest.mark.parametrize("element", [f32, bf16, i64, i1])
@pytest.mark.parametrize("number", [0, 1, 2.5, inf])
def test_filled(element: Attribute, number: float) -> None:
    if not torch_dtype(element).is_floating_point and number not in (0, 1):
        return
    found = run(ttir.FullOp((2, 3), number, element))
    assert torch.equal(found, torch.tensor([[number] * 3] * 2).to(found.dtype))
    assert run(ttir.OnesOp((2,), element)).tolist() == [1, 1]
    assert run(ttir.ZerosOp((2,), element)).tolist() == [0, 0]


@pytest.mark.parametrize(
    ("start", "end", "step", "expected"),
    [(0, 4, 1, [0, 1, 2, 3]), (3, -3, -2, [3, 1, -1]), (0, 5, 2, [0, 2]), (2**40, 2**40 + 2, 1, [2**40, 2**40 + 1])],
)
def test_arange(start: int, end: int, step: int, expected: list[int]) -> None:
    op = ttir.ArangeOp((2, len(expected)), i64, start, step, 1)
    op.properties["end"] = ttir.ArangeOp((1,), i64, end).start
    assert run(op).tolist() == [expected, expected]


def test_arange_of_floats_along_the_first_dimension() -> None:
    assert run(ttir.ArangeOp((3, 2), f32, 1, 2, 0)).tolist() == [[1.0, 1.0], [3.0, 3.0], [5.0, 5.0]]


@pytest.mark.parametrize(
    ("element", "numbers"),
    [
        (f32, [1.5, -0.0, inf, nan]),
        (f64, [1 / 3, 1e300, -1.0, 0.0]),
        (bf16, [1.5, -2.0, 3e38, 0.0]),
        (f16, [1.5, -2.0, 6e4, 0.0]),
        (i1, [1, 0, 1, 1]),
        (i8, [-128, 127, 0, 1]),
        (i32, [-(2**31), 2**31 - 1, 0, 1]),
        (i64, [-(2**63), 2**63 - 1, 0, 1]),
        (IntegerType(8, Signedness.UNSIGNED), [0, 255, 1, 2]),
        (IntegerType(64, Signedness.UNSIGNED), [0, 2**64 - 1, 1, 2]),
    ],
)
def test_constant(element: Attribute, numbers: list[float]) -> None:
    type = TensorType(element, (2, 2))
    found = run(ttir.ConstantOp(DenseIntOrFPElementsAttr.from_list(type, numbers)))
    flat = found.flatten().tolist()
    for x, y in zip(flat, numbers, strict=True):
        assert x == y or (x != x and y != y) or abs(x - y) <= abs(y) * torch.finfo(found.dtype).eps
    splat = run(ttir.ConstantOp(DenseIntOrFPElementsAttr.from_list(type, numbers[:1])))
    assert splat.flatten().tolist() == flat[:1] * 4


def test_constant_without_numbers() -> None:
    op = ttir.ConstantOp(DenseResourceAttr.from_params("weights", TensorType(f32, (2,))))
    with pytest.raises(UnsupportedInputError) as raised:
        INTERPRETER.step(op)
    assert raised.value.where == "ttir.constant"


@pytest.mark.parametrize(
    "op",
    [
        ttir.ConstantOp(DenseIntOrFPElementsAttr.from_list(TensorType(f32, (2,)), [1.0, 2.0])),
        ttir.FullOp((2,), 1.0, f32),
        ttir.ArangeOp((2,), f32),
    ],
    ids=lambda op: op.name,
)
def test_what_an_op_creates_is_new_each_time(op: Operation) -> None:
    step = INTERPRETER.step(op)
    (first,) = step()
    assert isinstance(first, Tensor)
    before = first.tolist()
    first.fill_(9.0)
    (second,) = step()
    assert isinstance(second, Tensor)
    assert second.tolist() == before
