"""Products over any dimensions, of blocks, with a bias; heads, rotary embeddings, and steps of AdamW."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from math import cos, inf, nan, prod, sin

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from xdsl.dialects import test as xdsl_test
from xdsl.dialects.builtin import (
    IntegerAttr,
    IntegerType,
    ModuleOp,
    Signedness,
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
from tilewright.dialects.ttir.attributes import f32_attr
from tilewright.dialects.types import element_type_of, shape_of, tensor_type
from tilewright.runtime.dtypes import torch_dtype
from tilewright.runtime.functions.ttir import TtirFunctions
from tilewright.runtime.interpreter import Interpreter
from tilewright.support.errors import UnsupportedInputError

Tensor = torch.Tensor
INTERPRETER = Interpreter(ModuleOp([]), [TtirFunctions()])
UI16, UI32 = (IntegerType(width, Signedness.UNSIGNED) for width in (16, 32))
FLOAT = st.sampled_from([f32, bf16, f16, f64])
NUMBER = st.sampled_from([f32, bf16, f16, f64, i8, i32, UI16])
SMALL = st.integers(1, 3)
SEED = st.integers(0, 99)


def value(shape: Sequence[int], element: Attribute) -> SSAValue:
    """A value of a tensor type."""
    return xdsl_test.TestOp(result_types=[tensor_type(shape, element)]).results[0]


def random(shape: Sequence[int], element: Attribute, seed: int) -> Tensor:
    """Normal numbers, or integers of which products overflow 8 and 16 bits."""
    generator, dtype = torch.Generator().manual_seed(seed), torch_dtype(element)
    if dtype.is_floating_point:
        return torch.randn(tuple(shape), generator=generator).to(dtype)
    return torch.randint(-300, 300, tuple(shape), generator=generator).to(dtype)


def run(op: Operation, *inputs: Tensor) -> list[Tensor]:
    """The results of `op`, which have the shapes and the element types that the op says."""
    op.verify()
    found: list[Tensor] = []
    for result, tensor in zip(op.results, INTERPRETER.step(op)(*inputs), strict=True):
        assert isinstance(tensor, Tensor)
        assert tuple(tensor.shape) == shape_of(result)
        assert tensor.dtype is torch_dtype(element_type_of(result))
        found.append(tensor)
    return found


def assert_rounded_once(found: Tensor, exact: Tensor, size: Tensor | float = 1.0) -> None:
    """Integers are equal modulo 2^n; floats are the exact numbers but for errors of float32 sums, and one rounding.

    NaN and infinities are in the same places.
    """
    if not found.dtype.is_floating_point:
        assert torch.equal(found, exact.to(found.dtype))
        return
    finite = exact.isfinite()
    assert str(found[~finite].tolist()) == str(exact[~finite].tolist())
    sums = 1e-14 if found.dtype is torch.float64 else 1e-6
    rounding = 0.0 if found.dtype in (torch.float32, torch.float64) else 0.5 * torch.finfo(found.dtype).eps
    allowed = rounding * exact.abs() + sums * size + 1e-7 * (found.dtype is torch.float16)
    near = (found.double() - exact.double()).abs() <= allowed
    assert bool(near[finite].all()), (found, exact)


def numbers_at(x: Tensor) -> dict[tuple[int, ...], str]:
    """The numbers of `x` by their places; as text, in which NaN is equal to NaN, and 0.0 is not to -0.0."""
    return dict(zip(product(*map(range, x.shape)), map(repr, x.flatten().tolist()), strict=True))


def wide(x: Tensor) -> Tensor:
    """`x` in the widest type of its kind."""
    return x.double() if x.dtype.is_floating_point else x.to(torch.int64)


@given(st.data(), st.integers(0, 2), st.integers(0, 2), st.integers(0, 2), st.integers(0, 2), NUMBER, SEED)
@settings(max_examples=80)
def test_dot_general(
    data: st.DataObject, batches: int, contracted: int, rows: int, columns: int, element: Attribute, seed: int
) -> None:
    letters = "abcdefgh"[: batches + contracted + rows + columns]
    extent = {letter: data.draw(st.integers(1, 3)) for letter in letters}
    batch, rest = letters[:batches], letters[batches:]
    inner, rest = rest[:contracted], rest[contracted:]
    left = "".join(data.draw(st.permutations(batch + inner + rest[:rows])))
    right = "".join(data.draw(st.permutations(batch + inner + rest[rows:])))
    a, b = (random([extent[c] for c in names], element, seed + i) for i, names in enumerate((left, right)))
    free = [c for c in left if c in rest] + [c for c in right if c in rest]
    op = ttir.DotGeneralOp(
        value(tuple(a.shape), element),
        value(tuple(b.shape), element),
        batch_dims_lhs=[left.index(c) for c in batch],
        contract_dims_lhs=[left.index(c) for c in inner],
        batch_dims_rhs=[right.index(c) for c in batch],
        contract_dims_rhs=[right.index(c) for c in inner],
    )
    (found,) = run(op, a, b)
    subscripts = f"{left},{right}->{batch}{''.join(free)}"
    if element in (f32, bf16, f16, f64):
        exact, size = (torch.einsum(subscripts, x, y) for x, y in ((wide(a), wide(b)), (wide(a).abs(), wide(b).abs())))
        assert_rounded_once(found, exact, size)
        return
    exact = torch.zeros([extent[c] for c in (*batch, *free)], dtype=torch.int64)
    for at in product(*(range(extent[c]) for c in letters)):
        where = dict(zip(letters, at, strict=True))
        x, y = (int(t[tuple(where[c] for c in names)]) for t, names in ((a, left), (b, right)))
        exact[tuple(where[c] for c in (*batch, *free))] += x * y
    assert_rounded_once(found, exact)


@pytest.mark.parametrize(("operands", "result"), [(i8, i32), (bf16, f32), (i32, f32), (i64, i64), (i1, i32)])
def test_products_are_computed_in_the_type_of_the_result(operands: Attribute, result: Attribute) -> None:
    a, b = random((4, 64), operands, 0), random((64, 3), operands, 1)
    left, right = value((4, 64), operands), value((64, 3), operands)
    exact = torch.tensor([[sum(float(x) * float(y) for x, y in zip(r, c, strict=True)) for c in b.t()] for r in a])
    type = tensor_type((4, 3), result)
    dot = ttir.DotGeneralOp(left, right, contract_dims_lhs=[1], contract_dims_rhs=[0], result_type=type)
    for op in (dot, ttir.MatmulOp(left, right, result_type=type)):
        assert_rounded_once(*run(op, a, b), exact, 64.0)


@given(
    st.sampled_from([(2, 3), (3,), (1,), (2, 2, 3), (2, 1)]), st.sampled_from([(2, 40), (2, 2, 40), (40,)]),
    st.sampled_from([(40, 3), (2, 40, 3)]), NUMBER, SEED,
)  # fmt: skip
def test_linear_rounds_once(
    bias_shape: tuple[int, ...], a_shape: tuple[int, ...], b_shape: tuple[int, ...], element: Attribute, seed: int
) -> None:
    a, b, bias = (random(shape, element, seed + i) for i, shape in enumerate((a_shape, b_shape, bias_shape)))
    op = ttir.LinearOp(*(value(tuple(x.shape), element) for x in (a, b, bias)))
    (found,) = run(op, a, b, bias)
    rows = wide(a) if len(a_shape) > 1 else wide(a)[None]
    exact = (rows[..., :, :, None] * wide(b)[..., None, :, :]).sum(-2)
    exact = exact if len(a_shape) > 1 else exact[..., 0, :]
    size = (wide(a).abs().max() * wide(b).abs().max()) * 40 if found.is_floating_point() else 1.0
    assert_rounded_once(found, exact + wide(bias), size)


@pytest.mark.parametrize("mode", ["b", "a", "both"])
@given(
    SMALL, SMALL, SMALL, SMALL, SMALL, SMALL, NUMBER, st.sampled_from([bf16, f32, UI16]), st.booleans(), SEED
)  # fmt: skip
@settings(max_examples=40)
def test_sparse_matmul(
    mode: str,
    first: int,
    second: int,
    rows: int,
    inner: int,
    columns: int,
    blocks: int,
    element: Attribute,
    mask: Attribute,
    special: bool,
    seed: int,
) -> None:
    first = 1 if mode == "both" else first
    outer = (first, second) if mode == "b" else (first, blocks)
    a, b = random((*outer, rows, inner), element, seed), random((1, blocks, inner, columns), element, seed + 1)
    named = torch.randint(
        0, 2, (first, second if mode == "b" else 1, blocks), generator=torch.Generator().manual_seed(seed)
    )
    if special and a.is_floating_point():
        for i, (tensor, number) in enumerate(((a, inf), (b, -inf), (a, nan))):
            tensor.view(-1)[(seed + 5 * i) % tensor.numel()] = number
    if a.is_floating_point():
        # What no row names is not computed, whatever it is.
        b[0, ~named.bool().flatten(0, -2).any(0)] = nan
    shape = (first, second, 1, blocks) if mode == "b" else (1, 1, first, blocks)
    if seed % 2:  # Only the last extent of the mask is certain.
        shape = (1, 1, first * second, blocks) if mode == "b" else (first, 1, 1, blocks)
    sparsity = (named * 3).view(shape).to(torch_dtype(mask))
    flags = {"is_input_a_sparse": mode != "b", "is_input_b_sparse": mode != "a"}
    result = (first, second, 1, blocks, rows, columns) if mode == "b" else (first, blocks, rows, columns)
    op = ttir.SparseMatmulOp.create(
        operands=[value(tuple(a.shape), element), value(tuple(b.shape), element), value(shape, mask)],
        result_types=[tensor_type(result, element)],
        properties={name: IntegerAttr(int(flag), i1) for name, flag in flags.items()},
    )
    (found,) = run(op, a, b, sparsity)
    for i in range(first):
        for j in range(second if mode == "b" else 1):
            for e in range(blocks):
                block = found[i, j, 0, e] if mode == "b" else found[i, e]
                left = a[i, j] if mode == "b" else a[i, e]
                if named[i, j, e]:
                    exact = torch.einsum("mk,kn->mn", wide(left), wide(b[0, e]))
                    assert_rounded_once(block, exact, 30.0)
                else:
                    assert not bool(block.any())


@given(SMALL, SMALL, SMALL, SMALL, st.sampled_from([f32, bf16, i32, UI32]), SEED)
def test_concatenate_heads(batch: int, heads: int, rows: int, width: int, element: Attribute, seed: int) -> None:
    x = random((batch, heads, rows, width), element, seed)
    op = ttir.ConcatenateHeadsOp.create(
        operands=[value(tuple(x.shape), element)], result_types=[tensor_type((batch, rows, heads * width), element)]
    )
    (found,) = run(op, x)
    for b, h, s, d in product(*map(range, x.shape)):
        assert found[b, s, h * width + d] == x[b, h, s, d]


@given(
    batch=SMALL,
    rows=SMALL,
    key_heads=st.sampled_from([None, 1, 2]),
    heads=st.integers(1, 2),
    width=SMALL,
    apart=st.booleans(),
    swapped=st.booleans(),
    element=NUMBER,
    special=st.lists(st.sampled_from([nan, inf, -inf, -0.0]), max_size=3),
    seed=SEED,
)
def test_split_query_key_value_and_split_heads(
    batch: int,
    rows: int,
    key_heads: int | None,
    heads: int,
    width: int,
    apart: bool,
    swapped: bool,
    element: Attribute,
    special: list[float],
    seed: int,
) -> None:
    groups = heads if key_heads is None else key_heads
    key_batch, key_rows, key_width = (2, 4, width + 1) if apart else (batch, rows, width)
    x = random((batch, rows, heads * width if apart else (heads + 2 * groups) * width), element, seed)
    others = [random((key_batch, key_rows, 2 * groups * key_width), element, seed + 1)] if apart else []
    for i, number in enumerate(special if x.is_floating_point() else []):
        target = (x, *others)[i % (1 + len(others))].view(-1)
        target[(seed + 5 * i) % target.numel()] = number
    flat = (key_batch, groups, key_rows, key_width)
    results = ((batch, heads, rows, width), (*flat[:2], *flat[:1:-1]) if swapped else flat, flat)
    numbers = {"num_heads": heads} | ({} if key_heads is None else {"num_kv_heads": key_heads})
    op = ttir.SplitQueryKeyValueAndSplitHeadsOp.create(
        operands=[value(tuple(t.shape), element) for t in (x, *others)],
        result_types=[tensor_type(shape, element) for shape in results],
        properties={name: IntegerAttr(n, UI32) for name, n in numbers.items()}
        | {"transpose_key": IntegerAttr(int(swapped), i1)},
    )
    query, key, values = (numbers_at(t) for t in run(op, x, *others))
    source, start = (others[0], 0) if apart else (x, heads * width)
    before, source = numbers_at(x), numbers_at(source)
    for b, h, s, d in product(*map(range, results[0])):
        assert query[b, h, s, d] == before[b, s, h * width + d]
    for b, h, s, d in product(*map(range, flat)):
        at = start + h * key_width + d
        assert (key[b, h, d, s] if swapped else key[b, h, s, d]) == source[b, s, at]
        assert values[b, h, s, d] == source[b, s, at + groups * key_width]


@given(SMALL, SMALL, SMALL, SMALL, st.integers(0, 7), FLOAT, SEED)
def test_rotary_embedding(
    batch: int, heads: int, rows: int, half: int, ones: int, element: Attribute, seed: int
) -> None:
    full = (batch, heads, rows)
    x = random((*full, 2 * half), element, seed)
    shape = [*(1 if (ones >> i) & 1 else n for i, n in enumerate(full)), 2 * half]
    angles = torch.randn(shape, generator=torch.Generator().manual_seed(seed + 1), dtype=torch.float64)
    cosine, sine = (angles.apply_(f).to(x.dtype) for f in (cos, sin))
    op = ttir.RotaryEmbeddingOp(*(value(tuple(t.shape), element) for t in (x, cosine, sine)))
    (found,) = run(op, x, cosine, sine)
    turned = torch.empty(x.shape, dtype=torch.float64)
    for d in range(half):
        turned[..., d], turned[..., half + d] = -x[..., half + d].double(), x[..., d].double()
    exact = x.double() * cosine.double() + turned * sine.double()
    assert_rounded_once(found, exact, x.abs().max().double())


def test_rotary_embedding_of_other_numbers_than_finite_ones() -> None:
    x, one = torch.tensor([[[[nan, inf, 1.0, -inf]]]]), torch.ones(1, 1, 1, 4)
    op = ttir.RotaryEmbeddingOp(*[value((1, 1, 1, 4), f32)] * 3)
    (found,) = run(op, x, one, one)
    assert found.flatten().isnan().tolist() == [True, False, True, True]
    assert found[0, 0, 0, 1] == inf


def adamw(types: Sequence[Attribute], shape: Sequence[int], amsgrad: bool, **changes: float) -> Operation:
    """A step on a parameter, gradient and moments of these element types."""
    numbers = {
        "lr": 0.125, "beta1": 0.75, "beta2": 0.875, "beta1_pow": 0.5625, "beta2_pow": 0.765625, "epsilon": 0.0078125,
        "weight_decay": 0.25,
    } | changes  # fmt: skip
    stochastic = bool(numbers.pop("stochastic_rounding", False))
    operands = [*types, types[-1]] if amsgrad else list(types)
    results = [types[0], types[2], types[3], *[types[-1]] * amsgrad]
    return ttir.AdamWOp.create(
        operands=[value(shape, t) for t in operands],
        result_types=[tensor_type(shape, t) for t in results],
        properties={name: f32_attr(n) for name, n in numbers.items()}
        | {"stochastic_rounding": IntegerAttr(int(stochastic), i1)},
    )


@given(
    st.lists(SMALL, max_size=3),
    st.sampled_from([[f32] * 4, [bf16] * 4, [f32, bf16, f32, f32], [bf16, f32, f32, bf16]]),
    st.booleans(),
    SEED,
)
def test_adamw(shape: list[int], types: list[Attribute], amsgrad: bool, seed: int) -> None:
    param, grad, m, v, most = (random(shape, t, seed + i) for i, t in enumerate((*types, types[-1])))
    v, most = v.abs(), most.abs()
    results = run(adamw(types, shape, amsgrad), param, grad, m, v, *[most] * amsgrad)
    expected = [torch.empty(prod(shape), dtype=torch.float64) for _ in results]
    numbers = zip(*(t.double().flatten().tolist() for t in (param, grad, m, v, most)), strict=True)
    for i, (p, g, mean, square, most_before) in enumerate(numbers):
        first, second = 0.75 * mean + 0.25 * g, 0.875 * square + 0.125 * g * g
        largest = max(most_before, second)
        corrected = (largest if amsgrad else second) / (1 - 0.765625)
        moved = p - 0.125 * 0.25 * p - 0.125 * (first / (1 - 0.5625)) / (corrected**0.5 + 0.0078125)
        for tensor, number in zip(expected, (moved, first, second, largest), strict=False):
            tensor[i] = number
    for found, exact in zip(results, expected, strict=True):
        assert_rounded_once(found, exact.view(tuple(shape)), 10.0)


@given(
    shape=st.lists(SMALL, min_size=1, max_size=3),
    types=st.sampled_from([[f32] * 4, [bf16] * 4, [f64] * 4, [f16] * 4, [f32, bf16, f32, f32]]),
    amsgrad=st.booleans(),
    numbers=st.fixed_dictionaries(
        {
            "lr": st.sampled_from([0.0, 0.125]),
            "beta1": st.sampled_from([0.0, 0.75, 1.0]),
            "beta2": st.sampled_from([0.0, 0.875, 1.0]),
            "beta1_pow": st.sampled_from([0.5625, 1.0]),
            "beta2_pow": st.sampled_from([0.765625, 1.0]),
            "epsilon": st.sampled_from([0.0, 0.0078125]),
            "weight_decay": st.sampled_from([0.0, 0.25]),
        }
    ),
    share=st.sampled_from([0.1, 0.5]),
    seed=SEED,
)
@settings(max_examples=60)
def test_adamw_of_other_numbers_than_finite_ones(
    shape: list[int], types: list[Attribute], amsgrad: bool, numbers: dict[str, float], share: float, seed: int
) -> None:
    random_places = np.random.default_rng(seed)
    operands: list[Tensor] = []
    for i, element in enumerate([*types, types[-1]][: 4 + amsgrad]):
        x = random(shape, element, seed + i)
        x = x.abs() if i > 2 and random_places.random() < 0.7 else x  # a negative square has no root
        special = torch.from_numpy(random_places.choice([nan, inf, -inf, 0.0, -0.0], shape)).to(x.dtype)
        operands.append(torch.where(torch.from_numpy(random_places.random(shape) < share), special, x))

    results = run(adamw(types, shape, amsgrad, **numbers), *operands)

    p, g, mean, square, *most = (t.double().numpy() for t in operands)
    with np.errstate(all="ignore"):
        first = numbers["beta1"] * mean + (1 - numbers["beta1"]) * g
        second = numbers["beta2"] * square + (1 - numbers["beta2"]) * g * g
        most = [np.where(np.isnan(m) | np.isnan(second), nan, np.where(m > second, m, second)) for m in most]
        root = np.sqrt(np.divide(most[0] if most else second, 1 - numbers["beta2_pow"]))
        change = np.divide(first, 1 - numbers["beta1_pow"]) / (root + numbers["epsilon"])
        moved = (1 - numbers["lr"] * numbers["weight_decay"]) * p - numbers["lr"] * change
    for found, exact in zip(results, (moved, first, second, *most), strict=True):
        roundoff = max(2 * torch.finfo(found.dtype).eps, 1e-13 if found.dtype is torch.float64 else 1e-5)
        wanted = torch.from_numpy(exact).to(found.dtype).double()
        torch.testing.assert_close(found.double(), wanted, rtol=roundoff, atol=roundoff, equal_nan=True)


def test_adamw_agrees_with_torch_over_steps() -> None:
    mine = theirs = random((5, 3), f32, 0)
    theirs = theirs.clone().requires_grad_()
    optimizer = torch.optim.AdamW(
        [theirs], lr=0.125, betas=(0.75, 0.875), eps=0.0078125, weight_decay=0.25, amsgrad=True
    )
    moments = [torch.zeros(5, 3)] * 3
    for step in range(1, 5):
        gradient = random((5, 3), f32, step)
        theirs.grad = gradient
        optimizer.step()
        op = adamw([f32] * 4, (5, 3), True, beta1_pow=0.75**step, beta2_pow=0.875**step)
        mine, *moments = run(op, mine, gradient, *moments)
        torch.testing.assert_close(mine, theirs.detach(), rtol=1e-5, atol=1e-6)


def test_stochastic_rounding_is_refused_where_it_rounds() -> None:
    with pytest.raises(UnsupportedInputError, match="by chance"):
        INTERPRETER.step(adamw([bf16] * 4, (2,), False, stochastic_rounding=1))
    x = torch.ones(2)
    results = [run(adamw([f32] * 4, (2,), False, stochastic_rounding=flag), x, x, x, x) for flag in (0, 1)]
    assert all(torch.equal(a, b) for a, b in zip(*results, strict=True))
