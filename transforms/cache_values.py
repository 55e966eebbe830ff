"""The value of a cache after one of TTIR's cache ops, as TTIR ops on values.

Indices are computed as `i32`. One that does not exist matches no place, so its row is not written.
"""

from __future__ import annotations

from math import prod

from xdsl.dialects.builtin import i32
from xdsl.ir import Operation, SSAValue

from tilewright.dialects import ttir
from tilewright.dialects.ttir.cache_shapes import check_batches, check_pages, check_shared
from tilewright.dialects.types import element_type_of, shape_of
from tilewright.transforms.value_builder import ValueBuilder


def cache_after(op: ttir.CacheOp) -> tuple[list[Operation], SSAValue]:
    """New ops, at the location of `op`, and the one of their results (or operands of `op`) that is the cache after it.

    Raises:
        UnsupportedInputError: there is no place for what is written.
    """
    build = ValueBuilder(op.location)
    match op:
        case ttir.FillCacheOp():
            value = _fill(build, op)
        case ttir.UpdateCacheOp():
            new = build.permuted(op.input, (2, 1, 0, 3))
            value = _update_rows(build, op.cache, op.update_index, new, op.batch_offset.value.data)
        case ttir.PagedUpdateCacheOp():
            value = _paged_update(build, op)
        case ttir.PagedFillCacheOp():
            value = _paged_fill(build, op)
        case _:
            raise TypeError(f"no rule for {op.name}")
    return build.ops, value


def _fill(build: ValueBuilder, op: ttir.FillCacheOp) -> SSAValue:
    batches, _, rows, _ = shape_of(op.input)
    first = op.batch_offset.value.data
    check_batches(first, batches, shape_of(op.cache)[0])
    before = build.part(op.cache, 0, first, first + batches)
    filled = build.with_part(before, 2, 0, op.input) if rows else before
    return build.with_part(op.cache, 0, first, filled)


def _update_rows(build: ValueBuilder, cache: SSAValue, index: SSAValue, new: SSAValue, first: int) -> SSAValue:
    """`cache[first + u, :, index[u]] = new[u, :, 0]` for each user u."""
    users, shape = shape_of(new)[0], shape_of(cache)
    check_batches(first, users, shape[0])
    before = build.part(cache, 0, first, first + users)
    position = build.reshaped(build.cast(index, i32), (prod(shape_of(index)), 1, 1, 1))
    hit = build.equal(build.range((1, 1, shape[2], 1), 2), position)
    return build.with_part(cache, 0, first, build.where(hit, new, before, like=before))


def _paged_update(build: ValueBuilder, op: ttir.PagedUpdateCacheOp) -> SSAValue:
    batches, heads, page_rows, _ = shape_of(op.cache)
    users = shape_of(op.update_index)[0]
    new = build.cast(build.part(op.input, 2, 0, heads), element_type_of(op.cache))
    if op.page_table is None and not bool(op.share_cache):
        return _update_rows(build, op.cache, op.update_index, build.permuted(new, (1, 2, 0, 3)), 0)
    position = build.cast(op.update_index, i32)
    if op.page_table is None:
        check_shared(batches)
        slot = position
    else:
        at, rows = op.location, build.full((1,), page_rows)
        row = build.add(ttir.RemainderOp(position, rows, location=at))
        start = build.add(ttir.SubtractOp(position, row, location=at))
        number = build.reshaped(build.add(ttir.DivOp(start, rows, location=at)), (users, 1))
        begin = build.add(ttir.MultiplyOp(_looked_up(build, op.page_table, number, 1), rows, location=at))
        place = build.add(ttir.AddOp(begin, row, location=at))
        exists = build.add(ttir.GreaterEqualOp(position, build.full((1,), 0), location=at))
        slot = build.where(exists, place, build.full((1,), -1), like=place)
    by_row = build.permuted(op.cache, (0, 2, 1, 3))
    rows_of_users = build.reshaped(new, shape_of(new)[1:])
    return build.permuted(_written(build, by_row, slot, rows_of_users, 2), (0, 2, 1, 3), like=op.cache)


def _paged_fill(build: ValueBuilder, op: ttir.PagedFillCacheOp) -> SSAValue:
    _, heads, page_rows, _ = shape_of(op.cache)
    batches, heads_of_input, rows, _ = shape_of(op.input)
    user_pages = shape_of(op.page_table)[1]
    check_pages(heads_of_input, heads, rows, page_rows, user_pages)
    if op.batch_idx_tensor is None:
        pages = build.reshaped(build.cast(build.part(op.page_table, 0, 0, 1), i32), (user_pages,))
        return _fill_pages(build, op.cache, op.input, pages)
    users = build.cast(op.batch_idx_tensor, i32)
    cache: SSAValue = op.cache
    for i in range(batches):
        user = build.reshaped(build.part(users, 0, i, i + 1), (1, 1))
        pages = _looked_up(build, op.page_table, user, 0)
        cache = _fill_pages(build, cache, build.part(op.input, 0, i, i + 1), pages)
    return cache


def _fill_pages(build: ValueBuilder, cache: SSAValue, rows_of_user: SSAValue, pages: SSAValue) -> SSAValue:
    """`cache[pages[s // P], :, s % P] = rows_of_user[0, :, s]` for all s."""
    count, heads, page_rows, depth = shape_of(cache)
    rows = shape_of(rows_of_user)[2]
    whole, rest = divmod(rows, page_rows)
    end = whole * page_rows
    if whole:
        by_page = build.reshaped(build.part(rows_of_user, 2, 0, end), (heads, whole, page_rows, depth))
        new = build.permuted(by_page, (1, 0, 2, 3))
        cache = _written(build, cache, build.part(pages, 0, 0, whole), new, 1)
    if rest:
        page = build.reshaped(build.part(pages, 0, whole, whole + 1), (1, 1, 1, 1))
        hit = build.equal(build.range((count, 1, 1, 1), 0), page)
        before = build.part(cache, 2, 0, rest)
        top = build.where(hit, build.part(rows_of_user, 2, end, rows), before, like=before)
        cache = build.with_part(cache, 2, 0, top)
    return cache


def _written(build: ValueBuilder, table: SSAValue, slots: SSAValue, new: SSAValue, leading: int) -> SSAValue:
    """`table` with `new[i]` in slot `slots[i]`, in the order of i; slots number the first `leading` dimensions."""
    at, shape, count = build.location, shape_of(table), shape_of(slots)[0]
    places, items = prod(shape[:leading]), prod(shape[leading:])
    match = build.equal(build.range((places, 1), 0), build.reshaped(slots, (1, count)))
    ordinals, none = build.range((1, count), 1, start=1), build.full((1, 1), 0)
    last = build.add(ttir.MaxOp(build.where(match, ordinals, none), [1], location=at))
    zero, one = build.full((1,), 0), build.full((1,), 1)
    hit = build.reshaped(build.add(ttir.GreaterThanOp(last, zero, location=at)), (places, 1))
    # Where nothing is written, any row will do.
    index = build.add(ttir.MaximumOp(build.add(ttir.SubtractOp(last, one, location=at)), zero, location=at))
    chosen = build.add(ttir.EmbeddingOp(index, build.reshaped(new, (count, items)), location=at))
    before = build.reshaped(table, (places, items))
    return build.reshaped(build.where(hit, chosen, before, like=before), shape, like=table)


def _looked_up(build: ValueBuilder, table: SSAValue, number: SSAValue, dim: int) -> SSAValue:
    """The integers of a table of rank 2 at `number` along `dim`; 0 where there is no such place."""
    extents = [d if i == dim else 1 for i, d in enumerate(shape_of(table))]
    match = build.equal(build.range(extents, dim), number)
    found = build.where(match, build.cast(table, i32), build.full((1, 1), 0))
    return build.add(ttir.SumOp(found, [dim], location=build.location))
