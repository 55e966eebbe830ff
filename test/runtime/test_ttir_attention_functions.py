"""Attention of sequences, chunks and single tokens, against loops over users, heads and queries in float64."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf, nan

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from xdsl.dialects import test as xdsl_test
from xdsl.dialects.builtin import (
    Float32Type,
    FloatAttr,
    IntegerAttr,
    IntegerType,
    ModuleOp,
    Signedness,
    bf16,
    f16,
    f32,
    f64,
    i1,
    i32,
    i64,
)
from xdsl.ir import Attribute, Operation, SSAValue

from tilewright.dialects import ttir
from tilewright.dialects.ttir.attributes import dense_i32
from tilewright.dialects.types import shape_of, tensor_type
from tilewright.runtime.dtypes import torch_dtype
from tilewright.runtime.functions.ttir import TtirFunctions
from tilewright.runtime.interpreter import Interpreter
from tilewright.support.errors import NumericsError

Tensor = torch.Tensor
INTERPRETER = Interpreter(ModuleOp([]), [TtirFunctions()])
UI32 = IntegerType(32, Signedness.UNSIGNED)
ELEMENT = st.sampled_from([f32, bf16, f16, f64])
INTEGER = st.sampled_from([i32, i64, UI32])
SEED = st.integers(0, 99)
SMALL = st.integers(1, 3)
SCALE = st.sampled_from([None, 0.375])
WINDOW = st.sampled_from([None, 1, 2, 5])
PAGE = 32
DEPTH = st.integers(1, 5)
SHARE = st.sampled_from([0.0, 0.0, 0.01, 0.1])
"""How many numbers are NaN, infinite or zero."""
SPECIAL = torch.tensor([nan, inf, -inf, 0.0, -0.0])


def value(tensor: Tensor, element: Attribute) -> SSAValue:
    """A value of the type of `tensor`."""
    return xdsl_test.TestOp(result_types=[tensor_type(tuple(tensor.shape), element)]).results[0]


def random(shape: Sequence[int], element: Attribute, seed: int, share: float) -> Tensor:
    """Normal numbers, a `share` of them special."""
    generator, shape = torch.Generator().manual_seed(seed), tuple(shape)
    plain = torch.randn(shape, generator=generator)
    chosen = SPECIAL[torch.randint(len(SPECIAL), shape, generator=generator)]
    return torch.where(torch.rand(shape, generator=generator) < share, chosen, plain).to(torch_dtype(element))


def integers(numbers: Sequence[int], element: Attribute) -> Tensor:
    """Integers; -1 as the largest unsigned one."""
    return torch.tensor(numbers, dtype=torch.int64).to(torch_dtype(element))


def properties(
    sizes: Sequence[int] | None = None,
    causal: bool | None = None,
    scale: float | None = None,
    window: int | None = None,
    width: int | None = None,
) -> dict[str, Attribute]:
    """Properties of an attention op; those that are None are left out."""
    given: dict[str, Attribute | None] = {
        "operandSegmentSizes": None if sizes is None else dense_i32(sizes),
        "is_causal": None if causal is None else IntegerAttr(int(causal), i1),
        "scale": None if scale is None else FloatAttr(scale, Float32Type()),
        "sliding_window_size": None if window is None else IntegerAttr(window, UI32),
        "head_dim_v": None if width is None else IntegerAttr(width, UI32),
    }
    return {name: attribute for name, attribute in given.items() if attribute is not None}


def build(
    op_type: type[Operation],
    operands: Sequence[tuple[Tensor | None, Attribute]],
    shape: Sequence[int],
    element: Attribute,
    attributes: dict[str, Attribute],
) -> Operation:
    """An op on those of the operands that are there."""
    values = [value(tensor, type) for tensor, type in operands if tensor is not None]
    return op_type.create(operands=values, result_types=[tensor_type(shape, element)], properties=attributes)


def run(op: Operation, *inputs: Tensor | None) -> Tensor:
    """The one result of `op`, which has the shape and the element type that the op says."""
    op.verify()
    (result,) = INTERPRETER.step(op)(*[x for x in inputs if x is not None])
    assert isinstance(result, Tensor)
    assert tuple(result.shape) == shape_of(op.results[0])
    return result


def one_query(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    scale: float,
    seen: Sequence[int],
    bias: Tensor | None,
    sink: float | None,
) -> Tensor:
    """Attention of one query: vectors (D), (Sk, D) and (Sk, Dv); positions that are seen; what is added to logits."""
    q, k, v = (x.double().numpy() for x in (query, key[seen], value[seen]))
    with np.errstate(all="ignore"):
        logits = scale * (q * k).sum(-1)
        if bias is not None:
            logits = logits + bias[seen].double().numpy()
        every = np.append(logits, [] if sink is None else sink)
        if len(seen) == 0 or (every == -inf).all():
            weights = np.zeros(len(seen))
        else:
            weights = np.exp(logits - every.max()) / np.exp(every - every.max()).sum()
        return torch.from_numpy((weights[:, None] * v).sum(0))


def assert_near(found: Tensor, expected: Tensor, element: Attribute) -> None:
    """Within rounding of float32, and then once of the element type."""
    dtype = torch_dtype(element)
    assert found.dtype is dtype
    eps, finite = torch.finfo(dtype).eps, expected.isfinite()
    allowed = 0.51 * eps * expected.abs() + (1e-12 if dtype is torch.float64 else 5e-6)
    assert str(found[~finite].tolist()) == str(expected[~finite].tolist())
    assert bool(((found.double() - expected).abs() <= allowed)[finite].all()), (found, expected)


def seen_from(position: int, count: int, causal: bool, window: int | None) -> list[int]:
    """The positions that a query at `position` sees."""
    if causal:
        first = 0 if window is None else position - window + 1
        return [j for j in range(count) if first <= j <= position]
    return [j for j in range(count) if window is None or abs(j - position) <= window // 2]


@given(
    st.sampled_from(["causal", "plain", "mask"]), WINDOW, st.booleans(), SMALL, st.integers(1, 2), SMALL, SMALL,
    st.integers(1, 5), DEPTH, SCALE, ELEMENT, SEED, SHARE, st.integers(0, 3),
)  # fmt: skip
@settings(max_examples=150)
def test_scaled_dot_product_attention(
    kind: str,
    window: int | None,
    has_sink: bool,
    batch: int,
    groups: int,
    group: int,
    rows: int,
    columns: int,
    depth: int,
    scale: float | None,
    element: Attribute,
    seed: int,
    share: float,
    ones: int,
) -> None:
    columns = rows if kind == "causal" else columns
    heads = groups * group
    q = random((batch, heads, rows, depth), element, seed, share)
    k, v = (random((batch, groups, columns, depth), element, seed + i, share) for i in (1, 2))
    mask_shape = (batch if ones & 1 else 1, heads if ones & 2 else 1, rows, columns)
    mask = random(mask_shape, element, seed + 3, share) if kind == "mask" else None
    if mask is not None and seed % 2:
        mask[0, 0, 0] = -inf
    sink = random((1, heads, 1, 1), element, seed + 4, share) if has_sink else None
    op = build(
        ttir.ScaledDotProductAttentionOp,
        [(x, element) for x in (q, k, v, mask, sink)],
        q.shape,
        element,
        properties((1, 1, 1, int(mask is not None), int(has_sink)), kind == "causal", scale, window),
    )
    found, expected = run(op, q, k, v, mask, sink), torch.empty(q.shape, dtype=torch.float64)
    factor = depth**-0.5 if scale is None else scale
    for b in range(batch):
        for h in range(heads):
            for i in range(rows):
                seen = seen_from(i, columns, kind == "causal", window)
                bias = None if mask is None else mask.expand(batch, heads, rows, columns)[b, h, i]
                number = None if sink is None else float(sink[0, h, 0, 0])
                expected[b, h, i] = one_query(
                    q[b, h, i], k[b, h // group], v[b, h // group], factor, seen, bias, number
                )
    assert_near(found, expected, element)


def test_attention_with_other_numbers_than_finite_ones() -> None:
    q, k = torch.tensor([[[[1.0, 0.0]]]]), torch.tensor([[[[1.0, 0.0], [nan, 0.0]]]])
    v = torch.tensor([[[[2.0, inf], [3.0, 4.0]]]])
    op = build(
        ttir.ScaledDotProductAttentionOp,
        [(x, f32) for x in (q, k, v)],
        q.shape,
        f32,
        properties((1, 1, 1, 0, 0), False),
    )
    assert bool(run(op, q, k, v).isnan().all())
    k[0, 0, 1, 0] = -inf
    assert run(op, q, k, v).flatten().tolist() == pytest.approx([2.0, inf], nan_ok=False)


@pytest.mark.parametrize("number", [nan, inf, -inf])
def test_values_that_a_query_does_not_see_take_no_part(number: float) -> None:
    q, k = (random((1, 1, 1000, 2), f32, i, 0.0) for i in range(2))
    v = torch.ones(1, 1, 1000, 2)
    v[0, 0, 999, 1] = number
    op = build(
        ttir.ScaledDotProductAttentionOp, [(x, f32) for x in (q, k, v)], q.shape, f32, properties((1, 1, 1, 0, 0))
    )
    found = run(op, q, k, v)[0, 0]
    assert_near(found[:999], torch.ones(999, 2, dtype=torch.float64), f32)
    assert str(found[999, 1].item()) == str(number)


@given(
    st.booleans(), st.booleans(), st.booleans(), SMALL, st.integers(1, 2), SMALL, st.integers(1, 6), DEPTH, SCALE,
    ELEMENT, INTEGER, SEED, SHARE, st.data(),
)  # fmt: skip
@settings(max_examples=100)
def test_decode(
    causal: bool,
    has_mask: bool,
    has_sink: bool,
    users: int,
    groups: int,
    group: int,
    positions: int,
    depth: int,
    scale: float | None,
    element: Attribute,
    integer: Attribute,
    seed: int,
    share: float,
    data: st.DataObject,
) -> None:
    heads, has_mask = groups * group, has_mask and not causal
    q = random((1, users, heads, depth), element, seed, share)
    k, v = (random((users, groups, positions, depth), element, seed + i, share) for i in (1, 2))
    own = data.draw(st.lists(st.integers(-1, positions - 1), min_size=users, max_size=users))
    cur_pos = integers(own, integer)
    if causal:
        for b, position in enumerate(own):
            # What lies after the position is not there yet, so it may be anything.
            k[b, :, position + 1 :], v[b, :, position + 1 :] = nan, inf
    mask_shape = (data.draw(st.sampled_from([1, users])), 1, data.draw(st.sampled_from([1, heads])), positions)
    mask = random(mask_shape, element, seed + 3, share) if has_mask else None
    sink = random((heads, 32), element, seed + 4, share) if has_sink else None
    op = build(
        ttir.ScaledDotProductAttentionDecodeOp,
        [(q, element), (k, element), (v, element), (mask, element), (cur_pos, integer), (sink, element)],
        q.shape,
        element,
        properties((1, 1, 1, int(has_mask), 1, int(has_sink)), causal, scale),
    )
    found, expected = run(op, q, k, v, mask, cur_pos, sink), torch.zeros(q.shape, dtype=torch.float64)
    for b, position in enumerate(own):
        for h in range(heads):
            seen = seen_from(position, positions, causal, None) if position >= 0 else []
            bias = None if mask is None else mask.expand(users, 1, heads, positions)[b, 0, h]
            factor = depth**-0.5 if scale is None else scale
            number = None if sink is None else factor * float(sink[h, 0])
            expected[0, b, h] = one_query(q[0, b, h], k[b, h // group], v[b, h // group], factor, seen, bias, number)
    assert_near(found, expected, element)


@pytest.mark.parametrize("integer", [i32, i64, UI32])
def test_a_user_may_be_skipped(integer: Attribute) -> None:
    q, k, positions = torch.ones(1, 2, 1, 2), torch.ones(2, 1, 3, 2), integers([-1, 1], integer)
    op = build(
        ttir.ScaledDotProductAttentionDecodeOp,
        [(q, f32), (k, f32), (k, f32), (positions, integer)],
        q.shape,
        f32,
        properties((1, 1, 1, 0, 1, 0)),
    )
    assert run(op, q, k, k, positions).tolist() == [[[[0.0, 0.0]], [[1.0, 1.0]]]]


@pytest.mark.parametrize("position", [-2, 3])
def test_a_position_outside_of_the_cache_is_refused(position: int) -> None:
    q, k = torch.zeros(1, 1, 1, 2), torch.zeros(1, 1, 3, 2)
    op = build(
        ttir.ScaledDotProductAttentionDecodeOp,
        [(q, f32), (k, f32), (k, f32), (integers([position], i32), i32)],
        q.shape,
        f32,
        properties((1, 1, 1, 0, 1, 0)),
    )
    with pytest.raises(NumericsError, match="a position is outside the cache"):
        run(op, q, k, k, integers([position], i32))


def contiguous(cache: Tensor, pages: Sequence[int]) -> Tensor:
    """The pages of one user, (heads, positions, D)."""
    return torch.cat([cache[p] for p in pages], 1)


@pytest.mark.parametrize("latent", [False, True])
@given(
    st.sampled_from(["causal", "mask", "both"]), WINDOW, st.booleans(), st.booleans(), SMALL, SMALL, SMALL, DEPTH,
    st.integers(1, 2), SCALE, ELEMENT, INTEGER, SEED, SHARE, st.data(),
)  # fmt: skip
@settings(max_examples=60)
def test_paged_decode_and_latent_decode(
    latent: bool,
    kind: str,
    window: int | None,
    has_position: bool,
    has_sink: bool,
    users: int,
    groups: int,
    group: int,
    depth: int,
    pages: int,
    scale: float | None,
    element: Attribute,
    integer: Attribute,
    seed: int,
    share: float,
    data: st.DataObject,
) -> None:
    # Only latent attention may have both a mask and a causal one.
    causal, has_mask = kind == "causal" or (kind == "both" and latent), kind != "causal"
    groups, window = (1, None) if latent else (groups, window)
    has_value = data.draw(st.booleans()) or not latent
    width = data.draw(st.integers(1, 6 if has_value else depth)) if latent else depth
    heads, positions = groups * group, pages * PAGE
    q = random((1, users, heads, depth), element, seed, share)
    k = random((5, groups, PAGE, depth), element, seed + 1, share)
    v = random((5, groups, PAGE, width), element, seed + 2, share) if has_value else None
    numbers = [data.draw(st.permutations(range(5)))[:pages] for _ in range(users)]
    table = integers(numbers, integer)
    own = data.draw(st.lists(st.integers(-1, positions - 1), min_size=users, max_size=users))
    cur_pos = integers(own, integer) if has_position else None
    own = own if has_position else [positions - 1] * users
    if causal:
        for b, position in enumerate(own):
            for page in range(position // PAGE + 1, pages):
                table[b, page] = integers([99], integer)[0]  # not read
    heads_first = latent and data.draw(st.booleans())
    of_users = data.draw(st.sampled_from([1, users]))
    of_heads = (heads, 1) if heads_first else (1, data.draw(st.sampled_from([1, heads])))
    mask = random((of_users, *of_heads, positions), element, seed + 3, share) if has_mask else None
    sink = random((heads,) if heads_first else (heads, 32), element, seed + 4, share) if has_sink else None
    present = (int(mask is not None), int(has_position), int(has_sink))
    output = None if latent else torch.full(q.shape, nan).to(q.dtype)
    first = [(q, element), (k, element), (v, element), (table, integer), (output, element)]
    op = build(
        ttir.PagedFlashMultiLatentAttentionDecodeOp if latent else ttir.PagedScaledDotProductAttentionDecodeOp,
        [*first, (mask, element), (cur_pos, integer), (sink, element)],
        (1, users, heads, width),
        element,
        properties(
            (1, 1, int(has_value), 1, *present) if latent else (1, 1, 1, 1, 1, *present),
            causal,
            scale,
            window,
            width if latent else None,
        ),
    )
    found = run(op, *(x for x, _ in first), mask, cur_pos, sink)
    expected = torch.zeros((1, users, heads, width), dtype=torch.float64)
    for b, position in enumerate(own):
        keys = contiguous(k, numbers[b])
        values = keys[..., :width] if v is None else contiguous(v, numbers[b])
        for h in range(heads):
            seen = seen_from(position, positions, causal, window) if position >= 0 else []
            bias = None if mask is None else mask.flatten(1, 2).expand(users, heads, positions)[b, h]
            factor = depth**-0.5 if scale is None else scale
            number = None if sink is None else factor * float(sink[h].flatten()[0])
            expected[0, b, h] = one_query(q[0, b, h], keys[h // group], values[h // group], factor, seen, bias, number)
    assert_near(found, expected, element)


@given(
    st.integers(1, 2), st.integers(1, 2), SMALL, DEPTH, st.integers(1, 3), SCALE, ELEMENT, INTEGER, SEED, SHARE,
    st.data(),
)  # fmt: skip
@settings(max_examples=60)
def test_chunked(
    users: int,
    groups: int,
    group: int,
    depth: int,
    pages: int,
    scale: float | None,
    element: Attribute,
    integer: Attribute,
    seed: int,
    share: float,
    data: st.DataObject,
) -> None:
    heads, rows = groups * group, data.draw(st.integers(1, 5))
    start = data.draw(st.integers(0, pages * PAGE - rows))
    q = random((users, heads, rows, depth), element, seed, share)
    k, v = (random((5, groups, PAGE, depth), element, seed + i, share) for i in (1, 2))
    numbers = [data.draw(st.permutations(range(5)))[:pages] for _ in range(users)]
    table = integers(numbers, integer)
    last = start + rows - 1
    if share:
        # Queries before the last one do not see it.
        k[numbers[0][last // PAGE], :, last % PAGE], v[numbers[0][last // PAGE], :, last % PAGE] = nan, inf
    needed = -(-(start + rows) // PAGE)
    table[:, needed:] = integers([99], integer)[0]  # not read
    inputs = [
        (q, element), (k, element), (v, element), (table, integer), (integers([start], integer), integer),
        (torch.full(q.shape, nan).to(q.dtype), element),
    ]  # fmt: skip
    op = build(ttir.ChunkedScaledDotProductAttentionOp, inputs, q.shape, element, properties(scale=scale))
    found, expected = run(op, *(x for x, _ in inputs)), torch.empty(q.shape, dtype=torch.float64)
    for b in range(users):
        keys, values = (contiguous(cache, numbers[b]) for cache in (k, v))
        for h in range(heads):
            for i in range(rows):
                factor = depth**-0.5 if scale is None else scale
                seen = range(start + i + 1)
                expected[b, h, i] = one_query(
                    q[b, h, i], keys[h // group], values[h // group], factor, seen, None, None
                )
    assert_near(found, expected, element)


@pytest.mark.parametrize(
    ("page", "start", "message"),
    [(5, 0, "a page is outside the cache"), (-1, 0, "a page is"), (0, 31, "a chunk of queries"), (0, -1, "a chunk of")],
)
def test_pages_and_chunks_outside_of_the_cache_are_refused(page: int, start: int, message: str) -> None:
    q, k = torch.zeros(1, 1, 2, 4), torch.zeros(5, 1, PAGE, 4)
    inputs = [(q, f32), (k, f32), (k, f32), (integers([[page]], i32), i32), (integers([start], i32), i32), (q, f32)]
    op = build(ttir.ChunkedScaledDotProductAttentionOp, inputs, q.shape, f32, {})
    with pytest.raises(NumericsError, match=message):
        run(op, *(x for x, _ in inputs))
