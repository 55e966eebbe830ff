"""Every conversion of an overload that moves, selects or makes elements gives exactly what torch gives."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tilewright.transforms.conversion import creation, movement

DTYPES = (torch.float32, torch.bfloat16, torch.float64, torch.int64, torch.int32, torch.uint8, torch.bool)


@st.composite
def shapes(draw: st.DrawFn, least: int = 0, most: int = 4) -> tuple[int, ...]:
    """A shape of `least` to `most` dimensions."""
    return tuple(draw(st.lists(st.integers(1, 4), min_size=least, max_size=most)))


@st.composite
def tensors(draw: st.DrawFn, shape: tuple[int, ...], dtype: torch.dtype | None = None) -> torch.Tensor:
    """Distinct numbers as far as the type has them."""
    chosen = draw(st.sampled_from(DTYPES)) if dtype is None else dtype
    return torch.arange(math.prod(shape)).reshape(shape).to(chosen)


def dims(draw: st.DrawFn, rank: int) -> int:
    """A dimension, counted from the front or the back."""
    return draw(st.integers(-rank, rank - 1))


@st.composite
def factors_of(draw: st.DrawFn, count: int) -> list[int]:
    """Extents whose product is `count`."""
    found: list[int] = []
    while count > 1:
        factor = draw(st.sampled_from([d for d in range(1, count + 1) if count % d == 0]))
        found.append(factor)
        count //= factor
        if len(found) > 4:
            found.append(count)
            break
    return found


@st.composite
def reshaped(draw: st.DrawFn) -> Any:
    """A tensor and a shape of as many elements, perhaps with -1."""
    x = draw(tensors(draw(shapes())))
    target = draw(factors_of(x.numel()))
    if target and draw(st.booleans()):
        target[draw(st.integers(0, len(target) - 1))] = -1
    return (x, target), {}


@st.composite
def with_dim(draw: st.DrawFn, *, new: bool = False) -> Any:
    """A tensor and one of its dimensions, or the place of a new one."""
    shape = draw(shapes(0 if new else 1))
    return (draw(tensors(shape)), dims(draw, len(shape) + new)), {}


@st.composite
def squeezed(draw: st.DrawFn) -> Any:
    """A tensor and some dimensions, not all of extent 1."""
    shape = draw(shapes(1))
    chosen = draw(st.sets(st.integers(0, len(shape) - 1)))
    return (draw(tensors(shape)), sorted(chosen)), {}


@st.composite
def flattened(draw: st.DrawFn) -> Any:
    """A tensor and a range of dimensions, which may be left out."""
    shape = draw(shapes())
    if not shape or draw(st.booleans()):
        return (draw(tensors(shape)),), {}
    first = draw(st.integers(0, len(shape) - 1))
    last = draw(st.integers(first, len(shape) - 1))
    return (draw(tensors(shape)), first, last - len(shape)), {}


@st.composite
def unflattened(draw: st.DrawFn) -> Any:
    """A tensor, a dimension and what it is split into."""
    shape = draw(shapes(1))
    dim = dims(draw, len(shape))
    return (draw(tensors(shape)), dim, draw(factors_of(shape[dim])) or [1]), {}


@st.composite
def permuted(draw: st.DrawFn) -> Any:
    """A tensor and an order, some dimensions counted from the back."""
    shape = draw(shapes())
    order = draw(st.permutations(range(len(shape))))
    return (draw(tensors(shape)), [d - len(shape) if draw(st.booleans()) else d for d in order]), {}


@st.composite
def swapped(draw: st.DrawFn) -> Any:
    """A tensor and two dimensions."""
    shape = draw(shapes())
    rank = max(1, len(shape))
    return (draw(tensors(shape)), dims(draw, rank), dims(draw, rank)), {}


@st.composite
def expanded(draw: st.DrawFn, form: str) -> Any:
    """A tensor and the shape it is repeated to."""
    target = draw(shapes())
    x = draw(tensors(tuple(d if draw(st.booleans()) else 1 for d in target[draw(st.integers(0, len(target))) :])))
    if form == "as":
        return (x, torch.zeros(target)), {}
    new = len(target) - x.dim()
    keep = form == "expand" and draw(st.booleans())
    return (x, [-1 if keep and i >= new and d == x.shape[i - new] else d for i, d in enumerate(target)]), {}


BOUNDS = st.one_of(st.none(), st.integers(-6, 6), st.sampled_from([2**63 - 1, -(2**63)]))


@st.composite
def sliced(draw: st.DrawFn) -> Any:
    """A tensor, a dimension and bounds inside and outside of it."""
    shape = draw(shapes(1))
    return (draw(tensors(shape)), dims(draw, len(shape)), draw(BOUNDS), draw(BOUNDS), draw(st.integers(1, 3))), {}


@st.composite
def selected(draw: st.DrawFn) -> Any:
    """A tensor, a dimension and an index."""
    shape = draw(shapes(1))
    dim = dims(draw, len(shape))
    return (draw(tensors(shape)), dim, dims(draw, shape[dim])), {}


@st.composite
def narrowed(draw: st.DrawFn) -> Any:
    """A tensor, a dimension, a start and a length, which may be 0."""
    shape = draw(shapes(1))
    dim = dims(draw, len(shape))
    start = draw(st.integers(0, shape[dim] - 1))
    length = draw(st.integers(0, shape[dim] - start))
    return (draw(tensors(shape)), dim, start - shape[dim] if draw(st.booleans()) else start, length), {}


@st.composite
def concatenated(draw: st.DrawFn) -> Any:
    """Tensors of any types that differ in one dimension, perhaps with legacy empty ones."""
    shape = draw(shapes(1))
    dim = dims(draw, len(shape))
    parts: list[torch.Tensor] = []
    for _ in range(draw(st.integers(1, 3))):
        extents = list(shape)
        extents[dim] = draw(st.integers(1, 3))
        parts.append(draw(tensors(tuple(extents))))
    if draw(st.booleans()):
        parts.insert(draw(st.integers(0, len(parts))), torch.zeros(0))
    return (parts, dim), {}


@st.composite
def stacked(draw: st.DrawFn) -> Any:
    """Tensors of one shape and any types."""
    shape = draw(shapes())
    parts = [draw(tensors(shape)) for _ in range(draw(st.integers(1, 3)))]
    return (parts, dims(draw, len(shape) + 1)), {}


@st.composite
def looked_up(draw: st.DrawFn) -> Any:
    """A table and indices of any rank."""
    rows = draw(st.integers(1, 5))
    table = draw(tensors((rows, draw(st.integers(1, 4)))))
    shape = draw(shapes())
    dtype = draw(st.sampled_from((torch.int64, torch.int32)))
    padding = () if draw(st.booleans()) else (0,)
    return (table, torch.arange(math.prod(shape)).reshape(shape).remainder(rows).to(dtype), *padding), {}


SHAPE = st.builds(list, shapes())
FILLS = st.sampled_from([0, 1, -3, 7, True, False, 0.5, 0.1, 2.0, -math.inf, math.nan, 2**40])
OPTIONAL_DTYPE = st.sampled_from([{}, *({"dtype": d} for d in DTYPES)])


def made(*positional: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Arguments of a creation function, perhaps with a dtype."""
    return st.tuples(st.tuples(*positional), OPTIONAL_DTYPE)


LIKE = shapes().flatmap(tensors)

CASES: dict[str, st.SearchStrategy[Any]] = {
    **{f"aten.{n}.default": reshaped() for n in ("view", "reshape", "_unsafe_view", "view_copy")},
    "aten.unsqueeze.default": with_dim(new=True),
    "aten.squeeze.default": st.tuples(st.tuples(LIKE), st.just({})),
    "aten.squeeze.dim": with_dim(),
    "aten.squeeze.dims": squeezed(),
    "aten.flatten.using_ints": flattened(),
    "aten.unflatten.int": unflattened(),
    "aten.permute.default": permuted(),
    "aten.transpose.int": swapped(),
    "aten.swapaxes.default": swapped(),
    "aten.t.default": st.tuples(st.tuples(shapes(most=2).flatmap(tensors)), st.just({})),
    "aten.expand.default": expanded("expand"),
    "aten.expand_as.default": expanded("as"),
    "aten.broadcast_to.default": expanded("broadcast"),
    "aten.slice.Tensor": sliced(),
    "aten.select.int": selected(),
    "aten.narrow.default": narrowed(),
    "aten.cat.default": concatenated(),
    "aten.concat.default": concatenated(),
    "aten.stack.default": stacked(),
    "aten.embedding.default": looked_up(),
    "aten.full.default": made(SHAPE, FILLS),
    "aten.full_like.default": made(LIKE, FILLS),
    "aten.new_full.default": made(LIKE, SHAPE, FILLS),
    "aten.zeros.default": made(SHAPE),
    "aten.ones.default": made(SHAPE),
    "aten.zeros_like.default": made(LIKE),
    "aten.ones_like.default": made(LIKE),
    "aten.new_zeros.default": made(LIKE, SHAPE),
    "aten.new_ones.default": made(LIKE, SHAPE),
    "aten.scalar_tensor.default": made(FILLS),
}

ELSEWHERE = {"aten.index.Tensor"}
"""Converted only with ranges as indices: `test_convert_index.py`."""


def test_every_conversion_has_a_case() -> None:
    assert set(CASES) | ELSEWHERE == set(movement.CONVERSIONS) | set(creation.CONVERSIONS)


@pytest.mark.parametrize("callee", sorted(CASES))
def test_conversion_gives_what_torch_gives(callee: str, check_call: Callable[..., Any]) -> None:
    declined: list[tuple[str, ...]] = []

    @settings(max_examples=25, suppress_health_check=list(HealthCheck))
    @given(CASES[callee])
    def compare(arguments: Any) -> None:
        declined.append(check_call(callee, arguments).declined)

    compare()
    assert () in declined, f"never converted: {declined}"
