"""Attention as formulas, in float32 or wider.

Keys and values have `groups` heads, each of which serves an equal number of consecutive heads of the queries.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import inf, nan

import torch

from tilewright.runtime.functions.ttir.numbers import widened
from tilewright.runtime.functions.ttir.windows import working_dtype
from tilewright.support.errors import NumericsError


def wide(*tensors: torch.Tensor) -> tuple[torch.Tensor, ...]:
    """The tensors in one type, in which attention is computed."""
    dtype = working_dtype([torch.float32, *(x.dtype for x in tensors)])
    return tuple(x.to(dtype) for x in tensors)


def optional_operands(given: Sequence[bool], values: Sequence[torch.Tensor]) -> Iterator[torch.Tensor | None]:
    """For each optional operand its value, or None; `values` are those that are given."""
    rest = iter(values)
    return (next(rest) if is_given else None for is_given in given)


def logits(query: torch.Tensor, key: torch.Tensor, scale: float) -> torch.Tensor:
    """scale * query @ key^T for each head: (B, Hq, Sq, D) and (B, groups, Sk, D) give (B, Hq, Sq, Sk)."""
    batch, heads, rows, depth = query.shape
    grouped = query.reshape(batch, key.shape[1], -1, depth)
    return (grouped @ key.transpose(-1, -2)).reshape(batch, heads, rows, key.shape[2]) * scale


def weighted_sums(weights: torch.Tensor, value: torch.Tensor, seen: torch.Tensor | None = None) -> torch.Tensor:
    """weights @ value for each head: (B, Hq, Sq, Sk) and (B, groups, Sk, Dv) give (B, Hq, Sq, Dv).

    Only what is seen is summed, where that is given: a weight of zero would make NaN of an infinite value.
    """
    if seen is None:
        return _products(weights, value)
    weights = weights.masked_fill(~seen, 0)
    if bool(value.isfinite().all()):
        return _products(weights, value)
    # What stands for a number that is not finite vanishes beside that.
    out = _products(weights, value.nan_to_num(1, 1, -1))
    for number, places in ((nan, value.isnan()), (inf, value == inf), (-inf, value == -inf)):
        for kept, product in ((weights > 0, number), (weights < 0, -number), (seen & (weights == 0), nan)):
            counts = _products(kept.to(weights.dtype), places.to(weights.dtype))
            out = out + torch.where(counts > 0, product, 0.0)
    return out


def _products(weights: torch.Tensor, value: torch.Tensor) -> torch.Tensor:
    batch, heads, rows, columns = weights.shape
    grouped = weights.reshape(batch, value.shape[1], -1, columns)
    return (grouped @ value).reshape(batch, heads, rows, value.shape[3])


def softmax(x: torch.Tensor) -> torch.Tensor:
    """The softmax of the last dimension; zeros where all logits are -infinity."""
    return torch.softmax(x, -1).masked_fill((x == -inf).all(-1, keepdim=True), 0)


def attend(
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    *,
    scale: float,
    mask: torch.Tensor | None = None,
    seen: torch.Tensor | None = None,
    sink: torch.Tensor | None = None,
) -> torch.Tensor:
    """softmax(scale * query @ key^T + mask) @ value over the keys that are seen; zeros for a query that sees none.

    What is not seen takes no part, whatever it is.

    Args:
        query: (B, Hq, Sq, D).
        key: (B, groups, Sk, D).
        value: (B, groups, Sk, Dv).
        scale: Of the products.
        mask: Is added; broadcasts to (B, Hq, Sq, Sk).
        seen: Booleans that broadcast likewise; all keys are seen where it is None.
        sink: (1, Hq, 1, 1), a logit without a value.
    """
    x = logits(query, key, scale)
    if mask is not None:
        x = x + mask.to(x.dtype)
    if seen is not None:
        x = x.masked_fill(~seen, -inf)
    if sink is None:
        return weighted_sums(softmax(x), value, seen)
    x = torch.cat([x, sink.to(x.dtype).expand(*x.shape[:-1], 1)], -1)
    return weighted_sums(softmax(x)[..., :-1], value, seen)


def visible(
    query_positions: torch.Tensor, key_positions: torch.Tensor, *, causal: bool, window: int | None
) -> torch.Tensor:
    """Which keys a query sees, by the positions of both, which broadcast.

    A causal window is that of the last keys up to the query; another one reaches as far before as behind it. tt-mlir
    decomposes its op so (``SDPADecompositionPattern.cpp``).
    """
    distance = query_positions - key_positions
    seen = distance >= 0 if causal else torch.ones_like(distance, dtype=torch.bool)
    if window is None:
        return seen
    return seen & (distance < window if causal else distance.abs() <= window // 2)


def decode(
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    *,
    scale: float,
    seen: torch.Tensor,
    mask: torch.Tensor | None,
    sink: torch.Tensor | None,
) -> torch.Tensor:
    """Attention of one query a user.

    Args:
        query: (1, users, heads, D).
        key: (users, groups, Sk, D).
        value: (users, groups, Sk, Dv).
        scale: Of the products and of the sink.
        seen: (users, Sk); what is not seen takes no part, whatever it is.
        mask: Is added; (1 or users, 1, 1 or heads, Sk).
        sink: (heads, 32), of which column 0 counts.
    """
    query, key, value = wide(query, key, value)
    out = attend(
        query.permute(1, 2, 0, 3),
        key,
        value.masked_fill(~seen[:, None, :, None], 0),
        scale=scale,
        mask=None if mask is None else mask.permute(0, 2, 1, 3),
        seen=seen[:, None, None, :],
        sink=None if sink is None else sink[None, :, :1, None].to(query.dtype) * scale,
    )
    return out.permute(2, 0, 1, 3)


def seen_by_users(
    cur_pos: torch.Tensor | None, users: int, positions: int, *, causal: bool, window: int | None = None
) -> torch.Tensor:
    """Which positions each user sees, (users, positions): none where its own is -1.

    Args:
        cur_pos: The position of each user; the last one if None. tt-metal stores -1 in an unsigned integer as the
            largest.
        users: How many there are.
        positions: How many there are in the cache.
        causal: Whether no position after the user's own is seen.
        window: Size of the sliding window.

    Raises:
        NumericsError: a position is beyond the cache.
    """
    if cur_pos is None:
        own = torch.full((users,), positions - 1)
    else:
        own = widened(cur_pos.view(torch.int32) if cur_pos.dtype is torch.uint32 else cur_pos)
    if users and (int(own.min()) < -1 or int(own.max()) >= positions):
        raise NumericsError(
            "a position is outside the cache",
            why=f"positions from {int(own.min())} to {int(own.max())}, {positions} positions in the cache",
            hint="check the positions among the model's inputs; -1 stands for a user without a query",
        )
    seen = visible(own[:, None], torch.arange(positions)[None, :], causal=causal, window=window)
    return seen & (own >= 0)[:, None]


def paged(cache: torch.Tensor, table: torch.Tensor, needed: torch.Tensor) -> torch.Tensor:
    """The pages of each user one after the other: (users, heads, N * P, D).

    Args:
        cache: (pages, heads, P, D).
        table: (users, N) numbers of pages.
        needed: (users, N) booleans; the numbers of other pages may be anything, and so what is read for them.

    Raises:
        NumericsError: the cache has no such page.
    """
    numbers = widened(table).masked_fill(~needed, 0)
    if numbers.numel() and (int(numbers.min()) < 0 or int(numbers.max()) >= len(cache)):
        raise NumericsError(
            "a page is outside the cache",
            why=f"pages from {int(numbers.min())} to {int(numbers.max())}, {len(cache)} pages in the cache",
            hint="check the page table among the model's inputs",
        )
    users, count = table.shape
    _, heads, rows, depth = cache.shape
    return cache[numbers].permute(0, 2, 1, 3, 4).reshape(users, heads, count * rows, depth)
