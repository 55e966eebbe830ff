"""Writes into caches, against loops over elements, and what other values see of them."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from xdsl.dialects import test as xdsl_test
from xdsl.dialects.builtin import (
    BoolAttr,
    IntegerAttr,
    IntegerType,
    ModuleOp,
    Signedness,
    bf16,
    f32,
    f64,
    i1,
    i32,
    i64,
)
from xdsl.ir import Attribute, Operation, SSAValue

from tilewright.dialects import ttir
from tilewright.dialects.quant import UniformQuantizedType
from tilewright.dialects.text import parse_module
from tilewright.dialects.types import tensor_type
from tilewright.runtime.dtypes import torch_dtype
from tilewright.runtime.functions.ttir import TtirFunctions
from tilewright.runtime.interpreter import Interpreter
from tilewright.runtime.mesh import Mesh, MeshValue
from tilewright.stages import execute, make_context
from tilewright.support.errors import NumericsError, UnsupportedInputError

Tensor = torch.Tensor
INTERPRETER = Interpreter(ModuleOp([]), [TtirFunctions()])
UI32 = IntegerType(32, Signedness.UNSIGNED)
INTEGER = st.sampled_from([i32, i64, UI32])
UNSIGNED = [IntegerType(w, Signedness.UNSIGNED) for w in (8, 16, 32, 64)]
ELEMENT = st.sampled_from([f32, bf16, f64, i1, i32, *UNSIGNED])
EXTENT = st.integers(1, 3)
SEED = st.integers(0, 99)


def value(shape: Sequence[int], element: Attribute = f32) -> SSAValue:
    """A value of a tensor type."""
    return xdsl_test.TestOp(result_types=[tensor_type(shape, element)]).results[0]


def random(shape: Sequence[int], element: Attribute = f32, seed: int = 0) -> Tensor:
    """Normal numbers, a NaN and an infinity among them; integers of all magnitudes."""
    generator, dtype = torch.Generator().manual_seed(seed), torch_dtype(element)
    if not dtype.is_floating_point:
        return torch.randint(-(2**63), 2**63 - 1, tuple(shape), generator=generator).to(dtype)
    drawn = torch.randn(tuple(shape), generator=generator)
    drawn.view(-1)[:2] = torch.tensor([float("nan"), float("inf")])[: drawn.numel()]
    return drawn.to(dtype)


def indices(numbers: Sequence[int], element: Attribute) -> Tensor:
    """Indices; -1 as the largest unsigned integer, as tt-metal stores it."""
    return torch.tensor(numbers, dtype=torch.int64).to(torch_dtype(element))


def run(op: Operation, *inputs: Tensor) -> None:
    """Run `op`, after it was verified."""
    op.verify()
    assert not INTERPRETER.step(op)(*inputs)


def same(found: Tensor, expected: Tensor) -> bool:
    """Whether both have the same bits."""
    return found.dtype is expected.dtype and found.view(torch.uint8).equal(expected.view(torch.uint8))


def offset(number: int) -> dict[str, Attribute]:
    """The batch offset."""
    return {"batch_offset": IntegerAttr(number, i32)}


@given(EXTENT, EXTENT, EXTENT, st.integers(0, 2), st.integers(0, 2), st.integers(0, 2), ELEMENT, SEED)
def test_fill_cache(
    batches: int, heads: int, rows: int, before: int, after: int, free: int, element: Attribute, seed: int
) -> None:
    cache = random((before + batches + after, heads, rows + free, 2), element, seed)
    new = random((batches, heads, rows, 2), element, seed + 1)
    expected = cache.clone()
    for b in range(batches):
        for s in range(rows):
            expected[before + b, :, s] = new[b, :, s]
    op = ttir.FillCacheOp.build(
        operands=[value(cache.shape, element), value(new.shape, element)], properties=offset(before)
    )

    run(op, cache, new)

    assert same(cache, expected)


@given(EXTENT, EXTENT, EXTENT, st.integers(0, 2), INTEGER, ELEMENT, st.data())
def test_update_cache(
    users: int,
    heads: int,
    rows: int,
    before: int,
    integer: Attribute,
    element: Attribute,
    data: st.DataObject,
) -> None:
    shape = data.draw(st.sampled_from([(), (1,), (users,)]))
    count = users if shape == (users,) else 1
    positions = data.draw(st.lists(st.integers(0, rows - 1), min_size=count, max_size=count))
    cache, new = random((before + users, heads, rows, 2), element), random((1, heads, users, 2), element, 1)
    expected = cache.clone()
    for u in range(users):
        expected[before + u, :, positions[u if count > 1 else 0]] = new[0, :, u]
    operands = [value(cache.shape, element), value(new.shape, element), value(shape, integer)]
    op = ttir.UpdateCacheOp.build(operands=operands, properties=offset(before))

    run(op, cache, new, indices(positions, integer).reshape(shape))

    assert same(cache, expected)


@given(EXTENT, EXTENT, st.integers(0, 2), st.booleans(), INTEGER, ELEMENT, st.data())
def test_paged_update_cache_without_pages(
    users: int, heads: int, padding: int, shared: bool, integer: Attribute, element: Attribute, data: st.DataObject
) -> None:
    rows, batches = 4, 1 if shared else users + padding
    positions = data.draw(st.lists(st.integers(-1, rows - 1), min_size=users, max_size=users))
    cache = random((batches, heads, rows, 2), element)
    new = random((1, users, heads + padding, 2), element, 1)
    expected = cache.clone()
    for u, position in enumerate(positions):
        if position >= 0:
            expected[0 if shared else u, :, position] = new[0, u, :heads]
    operands = [value(cache.shape, element), value(new.shape, element), value((users,), integer), []]
    op = ttir.PagedUpdateCacheOp.build(operands=operands, properties={"share_cache": IntegerAttr(int(shared), i1)})

    run(op, cache, new, indices(positions, integer))

    assert same(cache, expected)


@given(EXTENT, EXTENT, st.integers(1, 3), INTEGER, ELEMENT, st.data())
def test_paged_update_cache(
    users: int, heads: int, pages_of_user: int, integer: Attribute, element: Attribute, data: st.DataObject
) -> None:
    pages, rows = 3, 32
    length = rows * pages_of_user
    positions = data.draw(st.lists(st.integers(-1, length - 1), min_size=users, max_size=users))
    numbers = st.lists(st.integers(0, pages - 1), min_size=pages_of_user, max_size=pages_of_user)
    table = data.draw(st.lists(numbers, min_size=users, max_size=users))
    cache, new = random((pages, heads, rows, 2), element), random((1, users, heads, 2), element, 1)
    expected = cache.clone()
    for u, position in enumerate(positions):
        if position >= 0:
            expected[table[u][position // rows], :, position % rows] = new[0, u]
    types = [(cache.shape, element), (new.shape, element), ((users,), integer), ((users, pages_of_user), integer)]
    op = ttir.PagedUpdateCacheOp.build(operands=[value(*t) for t in types])

    run(op, cache, new, indices(positions, integer), torch.tensor(table).to(torch_dtype(integer)))

    assert same(cache, expected)


@given(EXTENT, st.integers(1, 100), EXTENT, st.booleans(), INTEGER, st.sampled_from([f32, bf16, f64]), st.data())
def test_paged_fill_cache(
    heads: int, rows: int, users: int, named: bool, integer: Attribute, element: Attribute, data: st.DataObject
) -> None:
    pages, page_rows, pages_of_user = 5, 32, 4
    numbers = st.lists(st.integers(-1, pages - 1), min_size=pages_of_user, max_size=pages_of_user)
    table = data.draw(st.lists(numbers, min_size=users, max_size=users))
    chosen = data.draw(st.lists(st.integers(0, users - 1), min_size=1, max_size=3)) if named else [0]
    cache, new = random((pages, heads, page_rows, 2), element), random((len(chosen), heads, rows, 2), element, 1)
    expected = cache.clone()
    for i, user in enumerate(chosen):
        for s in range(rows):
            page = table[user][s // page_rows]
            if page >= 0:
                expected[page, :, s % page_rows] = new[i, :, s]
    batch = [value((len(chosen),), integer)] if named else []
    table_value = value((users, pages_of_user), integer)
    op = ttir.PagedFillCacheOp.build(
        operands=[value(cache.shape, element), value(new.shape, element), table_value, batch]
    )

    run(
        op,
        cache,
        new,
        indices([n for row in table for n in row], integer).view(users, -1),
        *[indices(chosen, integer)] * named,
    )

    assert same(cache, expected)


def test_quantised_cache_holds_the_stored_integers() -> None:
    type = UniformQuantizedType.of("i32", f32, 0.1)
    cache, new = torch.zeros(1, 1, 2, 1, dtype=torch.int32), torch.full((1, 1, 1, 1), 2_000_000_001, dtype=torch.int32)
    op = ttir.FillCacheOp.build(operands=[value(cache.shape, type), value(new.shape, type)], properties=offset(0))

    run(op, cache, new)

    assert cache.flatten().tolist() == [2_000_000_001, 0]


SHARE: BoolAttr = IntegerAttr(1, i1)
CACHE, USERS = random((2, 1, 4, 1)), random((1, 2, 1, 1))
PAGES = random((2, 1, 32, 1))


@pytest.mark.parametrize(
    ("op", "inputs", "error", "message"),
    [
        (
            ttir.FillCacheOp.build(operands=[value((2, 1, 4, 1)), value((2, 1, 4, 1))], properties=offset(1)),
            (CACHE, CACHE),
            UnsupportedInputError,
            "operand 'input' is for 2 batches from number 1",
        ),
        (
            ttir.FillCacheOp.build(operands=[value((2, 1, 4, 1)), value((1, 1, 4, 1))], properties=offset(-1)),
            (CACHE, CACHE[:1]),
            UnsupportedInputError,
            "operand 'input' is for 1 batches from number -1",
        ),
        (
            ttir.UpdateCacheOp.build(
                operands=[value((2, 1, 4, 1)), value((1, 1, 3, 1)), value((1,), i32)], properties=offset(0)
            ),
            (CACHE, random((1, 1, 3, 1)), indices([0], i32)),
            UnsupportedInputError,
            "operand 'input' is for 3 batches from number 0",
        ),
        (
            ttir.UpdateCacheOp.build(
                operands=[value((2, 1, 4, 1)), value((1, 1, 1, 1)), value((1,), i32)], properties=offset(0)
            ),
            (CACHE, random((1, 1, 1, 1)), indices([4], i32)),
            NumericsError,
            "a position does not exist",
        ),
        (
            ttir.UpdateCacheOp.build(
                operands=[value((2, 1, 4, 1)), value((1, 1, 1, 1)), value((1,), i32)], properties=offset(0)
            ),
            (CACHE, random((1, 1, 1, 1)), indices([-1], i32)),
            NumericsError,
            "a position does not exist",
        ),
        (
            ttir.PagedUpdateCacheOp.build(
                operands=[value((2, 1, 4, 1)), value((1, 2, 1, 1)), value((2,), i32), []],
                properties={"share_cache": SHARE},
            ),
            (CACHE, USERS, indices([0, 1], i32)),
            UnsupportedInputError,
            "operand 'cache' has 2 batches",
        ),
        (
            ttir.PagedUpdateCacheOp.build(
                operands=[value((1, 1, 4, 1)), value((1, 2, 1, 1)), value((2,), i32), []],
            ),
            (CACHE[:1], USERS, indices([0, 1], i32)),
            UnsupportedInputError,
            "operand 'input' is for 2 batches from number 0",
        ),
        (
            ttir.PagedUpdateCacheOp.build(
                operands=[value((2, 1, 32, 1)), value((1, 2, 1, 1)), value((2,), i32), value((2, 1), i32)],
            ),
            (PAGES, USERS, indices([0, 32], i32), torch.tensor([[0], [1]])),
            NumericsError,
            "a position does not exist",
        ),
        (
            ttir.PagedUpdateCacheOp.build(
                operands=[value((2, 1, 32, 1)), value((1, 2, 1, 1)), value((2,), i32), value((2, 1), i32)],
            ),
            (PAGES, USERS, indices([0, 1], i32), torch.tensor([[0], [2]])),
            NumericsError,
            "a page does not exist",
        ),
        (
            ttir.PagedFillCacheOp.build(
                operands=[value((2, 1, 32, 1)), value((1, 1, 33, 1)), value((2, 1), i32), []],
            ),
            (PAGES, random((1, 1, 33, 1)), torch.tensor([[0], [1]])),
            UnsupportedInputError,
            "operand 'input' has 33 rows",
        ),
        (
            ttir.PagedFillCacheOp.build(
                operands=[value((2, 1, 32, 1)), value((1, 2, 3, 1)), value((2, 1), i32), []],
            ),
            (PAGES, random((1, 2, 3, 1)), torch.tensor([[0], [1]])),
            UnsupportedInputError,
            "operand 'input' has 2 heads",
        ),
        (
            ttir.PagedFillCacheOp.build(
                operands=[value((2, 1, 32, 1)), value((1, 1, 3, 1)), value((2, 1), i32), value((1,), i32)],
            ),
            (PAGES, random((1, 1, 3, 1)), torch.tensor([[0], [1]]), torch.tensor([2])),
            NumericsError,
            "a user does not exist",
        ),
        (
            ttir.PagedFillCacheOp.build(
                operands=[value((2, 1, 32, 1)), value((1, 1, 3, 1)), value((2, 1), i32), []],
            ),
            (PAGES, random((1, 1, 3, 1)), torch.tensor([[-2], [1]])),
            NumericsError,
            "a page does not exist",
        ),
    ],
)
def test_what_has_no_place_is_refused(
    op: Operation, inputs: tuple[Tensor, ...], error: type[Exception], message: str
) -> None:
    cache = inputs[0].clone()

    with pytest.raises(error, match=message):
        run(op, *inputs)

    assert same(inputs[0], cache)


C, X, POSITION = "tensor<1x1x4x1xf32>", "tensor<1x1x1x1xf32>", "tensor<1xi32>"
UPDATE = f'"ttir.update_cache"(%c, %x, %i) <{{batch_offset = 0 : i32}}> : ({C}, {X}, {POSITION}) -> ()'


def rows_of(text: str, *, results: str = C) -> tuple[list[list[float]], list[float]]:
    """The rows of the results of a function of `%c`, `%x` and `%i`, and those of the cache that it was given."""
    arguments = f"%c: {C}, %x: {X}, %i: {POSITION}"
    source = f"""
    func.func private @write({arguments}) -> {C} {{
      {UPDATE}
      return %c : {C}
    }}
    func.func private @same(%c: {C}) -> {C} {{
      return %c : {C}
    }}
    func.func @main({arguments}) -> ({results}) {{
      {text}
    }}
    """
    module = parse_module(source, make_context(), "cache.mlir")
    module.verify()
    cache = torch.arange(4.0).view(1, 1, 4, 1)
    found = execute(module, [cache, torch.full((1, 1, 1, 1), 9.0), torch.tensor([2], dtype=torch.int32)], entry="main")
    return [r.flatten().tolist() for r in found if isinstance(r, Tensor)], cache.flatten().tolist()


def test_caller_sees_what_is_written_into_an_argument() -> None:
    assert rows_of(f"{UPDATE}\nreturn %c : {C}") == ([[0, 1, 9, 3]], [0, 1, 9, 3])


def test_value_computed_before_keeps_its_elements() -> None:
    # torch gives a view for each of these.
    text = f"""
      %a = "ttir.reshape"(%c) <{{shape = [4 : i32]}}> : ({C}) -> tensor<4xf32>
      %b = "ttir.permute"(%c) <{{permutation = array<i64: 0, 1, 3, 2>}}> : ({C}) -> tensor<1x1x1x4xf32>
      {UPDATE}
      %d = "ttir.reshape"(%c) <{{shape = [4 : i32]}}> : ({C}) -> tensor<4xf32>
      return %a, %b, %d : tensor<4xf32>, tensor<1x1x1x4xf32>, tensor<4xf32>
    """
    results = "tensor<4xf32>, tensor<1x1x1x4xf32>, tensor<4xf32>"
    old, new = [0.0, 1.0, 2.0, 3.0], [0.0, 1.0, 9.0, 3.0]

    assert rows_of(text, results=results) == ([old, old, new], new)


def test_writing_into_a_result_leaves_its_operand() -> None:
    type = "tensor<1x1x4x1xf32>"
    text = f"""
      %v = "ttir.reshape"(%c) <{{shape = [1 : i32, 1 : i32, 4 : i32, 1 : i32]}}> : ({C}) -> {type}
      "ttir.update_cache"(%v, %x, %i) <{{batch_offset = 0 : i32}}> : ({type}, {X}, {POSITION}) -> ()
      return %v : {type}
    """

    assert rows_of(text) == ([[0, 1, 9, 3]], [0, 1, 2, 3])


def test_writing_into_a_broadcast_result_writes_one_row() -> None:
    text = f"""
      %v = "ttir.broadcast"(%x) <{{broadcast_dimensions = array<i64: 1, 1, 4, 1>}}> : ({X}) -> {C}
      "ttir.update_cache"(%v, %one, %i) <{{batch_offset = 0 : i32}}> : ({C}, {X}, {POSITION}) -> ()
      return %v : {C}
    """
    one = f'%one = "ttir.ones"() <{{shape = array<i32: 1, 1, 1, 1>}}> : () -> {X}'

    assert rows_of(f"{one}\n{text}")[0] == [[9, 9, 1, 9]]


def test_function_that_is_called_writes_into_its_argument() -> None:
    text = f"""
      %a = "ttir.reshape"(%c) <{{shape = [4 : i32]}}> : ({C}) -> tensor<4xf32>
      %w = func.call @write(%c, %x, %i) : ({C}, {X}, {POSITION}) -> {C}
      return %a, %w : tensor<4xf32>, {C}
    """

    found = rows_of(text, results=f"tensor<4xf32>, {C}")

    assert found == ([[0, 1, 2, 3], [0, 1, 9, 3]], [0, 1, 9, 3])


def test_what_a_function_returned_before_keeps_its_elements() -> None:
    text = f"""
      %s = func.call @same(%c) : ({C}) -> {C}
      {UPDATE}
      return %s, %c : {C}, {C}
    """

    assert rows_of(text, results=f"{C}, {C}")[0] == [[0, 1, 2, 3], [0, 1, 9, 3]]


def test_each_device_writes_into_its_own_cache() -> None:
    interpreter = Interpreter(ModuleOp([]), [TtirFunctions()], Mesh((2,)))
    op = ttir.FillCacheOp.build(operands=[value((1, 1, 2, 1)), value((1, 1, 1, 1))], properties=offset(0))
    caches = MeshValue((torch.zeros(1, 1, 2, 1), torch.ones(1, 1, 2, 1)))

    assert not interpreter.step(op)(caches, torch.full((1, 1, 1, 1), 5.0))

    assert [shard.flatten().tolist() for shard in caches.shards] == [[5, 0], [5, 1]]
