"""Writes into caches in place: what the caller gave as the cache has the new rows afterwards."""

from __future__ import annotations

from collections.abc import Sequence

import torch

from tilewright.dialects import ttir
from tilewright.dialects.ttir.cache_shapes import check_batches, check_pages, check_shared
from tilewright.runtime.functions.ttir.numbers import convert
from tilewright.runtime.functions.ttir.unsigned import as_movable, moved
from tilewright.runtime.interpreter import DialectFunctions, Interpreter, Step, implements
from tilewright.support.errors import NumericsError

_SKIPPED = -1
"""The position of a user, or the page of rows, that is left out (tt-metal, kernels of `paged_cache`)."""


class CacheWriteFunctions(DialectFunctions):
    """Writes into caches in place."""

    @implements(ttir.FillCacheOp)
    def fill_cache(self, op: ttir.FillCacheOp, interpreter: Interpreter) -> Step:
        offset = op.batch_offset.value.data

        def step(cache: torch.Tensor, rows: torch.Tensor) -> Sequence[torch.Tensor]:
            check_batches(offset, rows.shape[0], cache.shape[0])
            cache[offset : offset + rows.shape[0], :, : rows.shape[2]] = rows
            return ()

        return step

    @implements(ttir.UpdateCacheOp)
    def update_cache(self, op: ttir.UpdateCacheOp, interpreter: Interpreter) -> Step:
        offset = op.batch_offset.value.data

        def step(cache: torch.Tensor, rows: torch.Tensor, index: torch.Tensor) -> Sequence[torch.Tensor]:
            users = rows.shape[2]
            check_batches(offset, users, cache.shape[0])
            positions = _integers(index, "a position", cache.shape[2], "positions").expand(users)
            _write_rows(cache, offset + torch.arange(users), positions, rows[0].transpose(0, 1))
            return ()

        return step

    @implements(ttir.PagedUpdateCacheOp)
    def paged_update_cache(self, op: ttir.PagedUpdateCacheOp, interpreter: Interpreter) -> Step:
        shared = bool(op.share_cache)

        def step(
            cache: torch.Tensor, rows: torch.Tensor, index: torch.Tensor, table: torch.Tensor | None = None
        ) -> Sequence[torch.Tensor]:
            users, page_rows = rows.shape[1], cache.shape[2]
            length = page_rows * (table.shape[1] if table is not None else 1)
            positions = _integers(index, "a position", length, "positions", skippable=True)
            kept = positions != _SKIPPED
            user, position = torch.arange(users)[kept], positions[kept]
            new = convert(moved(rows, lambda r: r[0, kept, : cache.shape[1]]), cache.dtype)
            if table is not None:
                pages = table.to(torch.int64)[user, position // page_rows]
                _write_rows(cache, _in_range(pages, "a page", cache.shape[0], "pages"), position % page_rows, new)
                return ()
            if shared:
                check_shared(cache.shape[0])
            else:
                check_batches(0, users, cache.shape[0])
            _write_rows(cache, torch.zeros_like(user) if shared else user, position, new)
            return ()

        return step

    @implements(ttir.PagedFillCacheOp)
    def paged_fill_cache(self, op: ttir.PagedFillCacheOp, interpreter: Interpreter) -> Step:
        def step(
            cache: torch.Tensor, rows: torch.Tensor, table: torch.Tensor, batch: torch.Tensor | None = None
        ) -> Sequence[torch.Tensor]:
            page_rows = cache.shape[2]
            check_pages(rows.shape[1], cache.shape[1], rows.shape[2], page_rows, table.shape[1])
            users = _integers(torch.zeros(1) if batch is None else batch, "a user", table.shape[0], "users")
            chosen = moved(table, lambda t: t.index_select(0, users))
            pages = _integers(chosen, "a page", cache.shape[0], "pages", skippable=True)
            position = torch.arange(rows.shape[2])
            page = pages[:, position // page_rows].flatten()
            row = (position % page_rows).repeat(len(users))
            kept = page != _SKIPPED
            new = moved(rows, lambda r: r.transpose(1, 2).flatten(0, 1)[kept])
            _write_rows(cache, page[kept], row[kept], new)
            return ()

        return step


def _write_rows(cache: torch.Tensor, page: torch.Tensor, row: torch.Tensor, new: torch.Tensor) -> None:
    """`cache[page[i], :, row[i]] = new[i]`, in the order of i."""
    slot = page * cache.shape[2] + row
    # torch leaves open which of several writes to one place stays: only the last is made.
    last = torch.full((cache.shape[0] * cache.shape[2],), -1)
    last.scatter_reduce_(0, slot, torch.arange(len(slot)), "amax")
    slots = (last >= 0).nonzero().squeeze(1)
    written = as_movable(cache).transpose(1, 2)
    written[slots // cache.shape[2], slots % cache.shape[2]] = as_movable(new)[last[slots]]


def _integers(values: torch.Tensor, what: str, limit: int, many: str, *, skippable: bool = False) -> torch.Tensor:
    """Indices below `limit` as int64; -1 may stand among them if `skippable`."""
    # tt-metal stores -1 in an unsigned integer as the largest.
    signed = values.view(torch.int32) if values.dtype is torch.uint32 else values
    return _in_range(signed.to(torch.int64), what, limit, many, _SKIPPED if skippable else 0)


def _in_range(indices: torch.Tensor, what: str, limit: int, many: str, least: int = 0) -> torch.Tensor:
    if indices.numel():
        low, high = (int(v) for v in torch.aminmax(indices))
        if low < least or high >= limit:
            raise NumericsError(
                f"{what} does not exist",
                why=f"found {low if low < least else high}, there are {limit} {many}",
                hint="check the model's inputs",
            )
    return indices
