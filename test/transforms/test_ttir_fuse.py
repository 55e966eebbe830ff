"""Attention, products, convolutions and what is around them become the op that they should, with the same results."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from xdsl.context import Context
from xdsl.dialects.builtin import FileLineColLoc, IntAttr, StringAttr, TensorType, f32
from xdsl.ir import SSAValue

from tilewright.dialects import ttir
from tilewright.dialects.types import shape_of
from tilewright.transforms.ttir_fuse import TtirFuse


def examples(count: int) -> settings:
    return settings(max_examples=count)


@examples(120)
@given(st.data(), st.integers(2, 4), st.integers(1, 2), st.integers(1, 3))
def test_attention(build: Any, check_fused: Any, data: st.DataObject, rank: int, batches: int, heads: int) -> None:
    b = build(data.draw)
    rows, columns, depth = (data.draw(st.integers(1, 4)) for _ in range(3))
    outer = {2: (), 3: (heads,), 4: (batches, heads)}[rank]
    query, value = b.input(*outer, rows, depth), b.input(*outer, columns, depth)
    scale = 1.0
    if b.either():
        query, scale = b.times(query, 0.5), 0.5
    if b.either():
        key = b.input(*outer, columns, depth)
        if b.either():
            key = b.times(key, 0.5)
        scores = b.op(ttir.MatmulOp(query, key, False, True))
    else:
        swap = (*range(rank - 2), rank - 1, rank - 2)
        key = b.op(ttir.PermuteOp(b.input(*outer, columns, depth), swap))
        if b.either():
            key = b.times(key, 0.5)
        scores = b.op(ttir.MatmulOp(query, key))
    if b.either():
        scores = b.times(scores, scale * 0.25)
    if b.either():
        full = shape_of(scores)
        mask = b.input(*(data.draw(st.sampled_from((1, d))) for d in full))
        scores = b.binary(ttir.AddOp, scores, b.repeated(mask, full))
    probabilities = b.op(ttir.SoftmaxOp(scores, rank - 1, b.either()))
    check_fused(b, b.op(ttir.MatmulOp(probabilities, value)), becomes=["scaled_dot_product_attention"])


@examples(20)
@given(st.data(), st.booleans())
def test_attention_with_shared_heads(build: Any, check_fused: Any, data: st.DataObject, one_head: bool) -> None:
    b = build(data.draw)
    query = b.input(2, 4, 3, 8)

    def spread(value: SSAValue) -> SSAValue:
        if one_head:
            return b.op(ttir.BroadcastOp(value, (1, 4, 1, 1)))
        wide = b.op(ttir.BroadcastOp(b.op(ttir.UnsqueezeOp(value, 2)), (1, 1, 2, 1, 1)))
        return b.op(ttir.ReshapeOp(wide, (2, 4, 5, 8)))

    heads = 1 if one_head else 2
    key, value = spread(b.input(2, heads, 5, 8)), spread(b.input(2, heads, 5, 8))
    probabilities = b.op(ttir.SoftmaxOp(b.op(ttir.MatmulOp(query, key, False, True)), -1))
    check_fused(b, b.op(ttir.MatmulOp(probabilities, value)), becomes=["scaled_dot_product_attention"])


@pytest.mark.parametrize("hidden", [False, True])
def test_attention_with_the_guard_of_torch(build: Any, check_fused: Any, hidden: bool) -> None:
    """torch replaces the softmax of a row that is all minus infinity by zeros."""
    b = build(lambda _: False)  # type: ignore[arg-type, return-value]
    query, key, value = b.input(1, 2, 3, 4), b.input(1, 2, 3, 4), b.input(1, 2, 3, 4)
    scores = b.op(ttir.MatmulOp(query, key, False, True))
    if hidden:
        row = b.op(ttir.FullOp((1, 1, 1, 3), -math.inf, f32))
        scores = b.op(ttir.AddOp(scores, row))
    lowest = b.op(ttir.FullOp((1, 2, 3, 3), -math.inf, f32))
    seen = b.op(ttir.LogicalNotOp(b.op(ttir.EqualOp(scores, lowest))))
    unseen = b.op(ttir.LogicalNotOp(b.op(ttir.ReduceOrOp(seen, [3], True))))
    zero = b.op(ttir.FullOp((1, 2, 3, 3), 0.0, f32))
    probabilities = b.op(ttir.WhereOp(unseen, zero, b.op(ttir.SoftmaxOp(scores, 3)), zero.type))
    check_fused(b, b.op(ttir.MatmulOp(probabilities, value)), becomes=["scaled_dot_product_attention"])


@examples(60)
@given(st.data(), st.lists(st.integers(1, 3), max_size=2).map(tuple), st.booleans(), st.booleans())
def test_linear(
    build: Any, check_fused: Any, data: st.DataObject, batch: tuple[int, ...], transpose_b: bool, reshaped: bool
) -> None:
    b = build(data.draw)
    rows, inner, columns = 2, 3, 4
    weight = b.input(*((columns, inner) if transpose_b else (inner, columns)))
    out = b.op(ttir.MatmulOp(b.input(*batch, rows, inner), weight, False, transpose_b))
    if reshaped:
        out = b.op(ttir.ReshapeOp(out, (math.prod(batch) * rows, 1, columns)))
    shape = shape_of(out)
    bias = b.input(*(1,) * data.draw(st.integers(0, len(shape) - 1)), columns)
    check_fused(b, b.binary(ttir.AddOp, out, b.repeated(bias, shape)), becomes=["linear"])


@examples(20)
@given(st.data(), st.booleans(), st.booleans(), st.booleans())
def test_transposed_operands(
    build: Any, check_fused: Any, data: st.DataObject, left: bool, right: bool, biased: bool
) -> None:
    b = build(data.draw)
    a = b.op(ttir.PermuteOp(b.input(2, 4, 3) if left else b.input(2, 3, 4), (0, 2, 1)))
    rows, inner = shape_of(a)[1:] if not left else shape_of(a)[:0:-1]
    other = b.op(ttir.TransposeOp(b.input(2, inner, 5) if right else b.input(2, 5, inner), -1, 1))
    if biased:
        out = b.op(ttir.LinearOp(a, other, b.input(5), left, right))
    else:
        out = b.op(ttir.MatmulOp(a, other, left, right))
    assert shape_of(out) == (2, rows, 5)
    check_fused(b, out, becomes=["linear" if biased else "matmul"])


@examples(40)
@given(st.data(), st.integers(0, 2), st.booleans(), st.booleans())
def test_products_of_stablehlo(
    build: Any, check_fused: Any, data: st.DataObject, batch: int, left: bool, right: bool
) -> None:
    b = build(data.draw)
    outer = tuple(data.draw(st.integers(1, 3)) for _ in range(batch))
    lhs = b.input(*outer, *((2, 3) if left else (3, 2)))
    rhs = b.input(*outer, *((4, 3) if right else (3, 4)))
    dims = tuple(range(batch))
    product = ttir.DotGeneralOp(
        lhs,
        rhs,
        batch_dims_lhs=dims,
        batch_dims_rhs=dims,
        contract_dims_lhs=(batch + left,),
        contract_dims_rhs=(batch + right,),
    )
    check_fused(b, b.op(product), becomes=["matmul"])


@examples(30)
@given(st.data(), st.integers(1, 2), st.integers(1, 3), st.integers(1, 3), st.integers(1, 3), st.booleans())
def test_rotary_embedding(
    build: Any,
    check_fused: Any,
    data: st.DataObject,
    batches: int,
    heads: int,
    positions: int,
    pairs: int,
    halves: bool,
) -> None:
    b = build(data.draw)
    shape = (batches, heads, positions, 2 * pairs)
    x = b.input(*shape)
    width = pairs if halves else 2 * pairs
    cache = data.draw(st.sampled_from(((1, 1, positions, width), (1, positions, width), (positions, width))))
    wide = (*shape[:3], width)
    cosine, sine = b.repeated(b.input(*cache), wide), b.repeated(b.input(*cache), wide)
    steps = (1, 1, 1, 1)
    first = b.op(ttir.SliceStaticOp(x, (0, 0, 0, 0), (*shape[:3], pairs), steps))
    second = b.op(ttir.SliceStaticOp(x, (0, 0, 0, pairs), shape, steps))
    if halves:
        left = b.op(ttir.SubtractOp(b.binary(ttir.MultiplyOp, first, cosine), b.binary(ttir.MultiplyOp, second, sine)))
        right = b.binary(ttir.AddOp, b.binary(ttir.MultiplyOp, second, cosine), b.binary(ttir.MultiplyOp, first, sine))
        out = b.op(ttir.ConcatOp([left, right], -1))
        check_fused(b, out, becomes=["concat", "concat", "rotary_embedding"])
    else:
        rotated = b.op(ttir.ConcatOp([b.op(ttir.NegOp(second)), first], 3))
        out = b.binary(ttir.AddOp, b.binary(ttir.MultiplyOp, x, cosine), b.binary(ttir.MultiplyOp, rotated, sine))
        check_fused(b, out, becomes=["rotary_embedding"])


@examples(20)
@given(st.data(), st.integers(1, 2), st.integers(1, 3), st.booleans())
def test_concatenate_heads(
    build: Any, check_fused: Any, data: st.DataObject, batches: int, heads: int, flat: bool
) -> None:
    b = build(data.draw)
    swapped = b.op(ttir.PermuteOp(b.input(batches, heads, 3, 4), (0, 2, 1, 3)))
    shape = (batches * 3, heads * 4) if flat else (batches, 3, heads * 4)
    check_fused(b, b.op(ttir.ReshapeOp(swapped, shape)), becomes=["concatenate_heads"])


@examples(30)
@given(st.data(), st.lists(st.integers(2, 3), min_size=1, max_size=3).map(tuple), st.booleans())
def test_repetition(build: Any, check_fused: Any, data: st.DataObject, shape: tuple[int, ...], behind: bool) -> None:
    b = build(data.draw)
    axis = data.draw(st.integers(0, len(shape) - 1))
    at = axis + behind
    wide = b.op(ttir.UnsqueezeOp(b.input(*shape), at))
    wide = b.op(ttir.BroadcastOp(wide, [4 if i == at else 1 for i in range(len(shape) + 1)]))
    out = b.op(ttir.ReshapeOp(wide, (*shape[:axis], 4 * shape[axis], *shape[axis + 1 :])))
    check_fused(b, out, becomes=["repeat_interleave" if behind else "repeat"])


@examples(60)
@given(st.data(), st.sampled_from(("NHWC", "NCHW")), st.booleans())
def test_convolutions(build: Any, check_fused: Any, data: st.DataObject, layout: str, with_norm: bool) -> None:
    b = build(data.draw)
    channel = layout.index("C")
    extents = {"N": 2, "H": 5, "W": 4, "C": 4}
    groups = data.draw(st.sampled_from((1, 2)))
    x, weight = b.input(*(extents[c] for c in layout)), b.input(6, 4 // groups, 3, 2, constant=True)
    wide = tuple(6 if i == channel else 1 for i in range(4))
    bias = b.input(*wide, constant=True) if b.either() else None
    out = b.op(ttir.Conv2dOp(x, weight, bias, padding=1, groups=groups, layout=layout))
    shape = shape_of(out)
    if with_norm:
        vectors = [b.input(*data.draw(st.sampled_from((wide, (6,)))), constant=True) for _ in range(3)]
        variance = b.op(ttir.SquareOp(b.input(*wide, constant=True)))
        out = b.op(ttir.BatchNormInferenceOp(out, *vectors, variance, 1.0, channel))
        folded = ["square", "add", "rsqrt", "multiply", "multiply", "subtract"]
        folded += ["multiply"] + (["multiply"] if bias is not None else []) + (["add"] if bias is not None else [])
    else:
        folded = []
        if b.either():
            out = b.binary(ttir.MultiplyOp, out, b.repeated(b.input(*wide, constant=True), shape))
            folded += ["multiply"] + (["multiply"] if bias is not None else [])
        if b.either():
            out = b.binary(ttir.AddOp, out, b.repeated(b.input(*wide), shape))
            folded += ["add"] if bias is not None else []
    check_fused(b, out, becomes=[*folded, "conv2d"])


@examples(30)
@given(st.data(), st.integers(1, 3), st.integers(0, 2), st.booleans())
def test_parallel_convolutions(
    build: Any, check_fused: Any, data: st.DataObject, small: int, shift: int, biased: bool
) -> None:
    b = build(data.draw)
    large = small + shift
    x = b.input(1, 6, 6, 2)
    low = data.draw(st.integers(0, shift))
    convs = []
    for kernel, padding in ((large, (low + 1,) * 2 + (shift - low + 1,) * 2), (small, (1, 1, 1, 1))):
        weight, bias = b.input(3, 2, kernel, kernel), b.input(1, 1, 1, 3) if biased else None
        convs.append(b.op(ttir.Conv2dOp(x, weight, bias, padding=padding)))
    out = b.binary(ttir.AddOp, *convs)
    check_fused(b, out, becomes=["pad", "add", *(["add"] if biased else []), "conv2d"])


def test_what_others_use_is_not_computed_twice(build: Any, check_fused: Any) -> None:
    b = build(lambda _: False)  # type: ignore[arg-type, return-value]
    x = b.input(2, 3)
    power = b.op(ttir.ExpOp(x))
    total = b.op(ttir.SumOp(power, [1], True))
    out = b.op(ttir.DivOp(power, total))

    check_fused(b, out, power, becomes=["exp", "sum", "div"])


def test_result_with_an_encoding_stays(build: Any) -> None:
    b = build(lambda _: False)  # type: ignore[arg-type, return-value]
    swapped = b.op(ttir.PermuteOp(b.input(1, 2, 3, 4), (0, 2, 1, 3)))
    type_ = TensorType(f32, (1, 3, 8), StringAttr("in its own layout"))
    b.op(ttir.ReshapeOp(swapped, (1, 3, 8), type_))
    before = b.module(swapped)
    after = before.clone()

    TtirFuse().apply(Context(), after)

    assert str(after) == str(before)


def test_new_ops_have_the_location_of_the_last_old_one(build: Any) -> None:
    b = build(lambda _: False)  # type: ignore[arg-type, return-value]
    product = b.op(ttir.MatmulOp(b.input(2, 3), b.input(3, 4)))
    reshaped = b.op(ttir.ReshapeOp(product, (2, 1, 4)))
    out = b.op(ttir.AddOp(reshaped, b.input(1, 1, 4)))
    for line, op in enumerate(b.block.ops, start=1):
        op.location = FileLineColLoc(StringAttr("model.py"), IntAttr(line), IntAttr(1))
    module = b.module(out)

    TtirFuse().apply(Context(), module)

    made = [op for op in module.walk() if op.name.startswith("ttir.")]
    assert [op.name for op in made] == ["ttir.reshape", "ttir.linear", "ttir.reshape"]
    assert {str(op.location) for op in made} == {'loc("model.py":3:1)'}


def test_chain_of_patterns_is_fused_in_one_run(build: Any, check_fused: Any) -> None:
    """A whole attention, its softmax written out, whose heads are joined for a projection with a bias."""
    b = build(lambda _: False)  # type: ignore[arg-type, return-value]
    query, key, value = b.input(1, 2, 3, 4), b.input(1, 2, 3, 4), b.input(1, 2, 3, 4)
    scores = b.op(ttir.MatmulOp(query, b.op(ttir.PermuteOp(key, (0, 1, 3, 2)))))
    scores = b.op(ttir.MultiplyOp(scores, b.op(ttir.FullOp((1,), 0.5, f32))))
    power = b.op(ttir.ExpOp(b.op(ttir.SubtractOp(scores, b.op(ttir.MaxOp(scores, [3], True))))))
    probabilities = b.op(ttir.DivOp(power, b.op(ttir.SumOp(power, [3], True))))
    heads = b.op(ttir.PermuteOp(b.op(ttir.MatmulOp(probabilities, value)), (0, 2, 1, 3)))
    joined = b.op(ttir.ReshapeOp(heads, (3, 8)))
    out = b.op(ttir.AddOp(b.op(ttir.MatmulOp(joined, b.input(8, 5))), b.input(5)))

    check_fused(b, out, becomes=["scaled_dot_product_attention", "concatenate_heads", "linear"])
