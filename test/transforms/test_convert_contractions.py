"""Every conversion of a matmul, an attention, a normalisation or a reduction computes what torch computes."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tilewright.transforms.conversion import contractions

FLOATS = (torch.float32, torch.float32, torch.bfloat16, torch.float16, torch.float64)
EXTENT = st.integers(1, 4)


def random(seed: int, shape: Sequence[int], dtype: torch.dtype) -> torch.Tensor:
    """Normal numbers, or integers around 0."""
    generator = torch.Generator().manual_seed(seed)
    if dtype.is_floating_point:
        return torch.randn(tuple(shape), generator=generator, dtype=torch.float64).to(dtype)
    return torch.randint(-3, 4, tuple(shape), generator=generator).to(dtype)


@st.composite
def tensors(draw: st.DrawFn, shape: Sequence[int], dtype: torch.dtype) -> torch.Tensor:
    """A tensor of this shape and type."""
    return random(draw(st.integers(0, 1 << 16)), shape, dtype)


@st.composite
def shapes(draw: st.DrawFn, least: int = 0, most: int = 3) -> tuple[int, ...]:
    """A shape of `least` to `most` dimensions."""
    return tuple(draw(st.lists(EXTENT, min_size=least, max_size=most)))


@st.composite
def linears(draw: st.DrawFn) -> Any:
    """An input of any rank, a weight of rank 1 or 2, perhaps a bias."""
    dtype = draw(st.sampled_from((*FLOATS, torch.int64)))
    inner, outer = draw(EXTENT), draw(EXTENT)
    x = draw(tensors((*draw(shapes()), inner), dtype))
    if draw(st.integers(0, 9)) == 0:
        return (x, draw(tensors((inner,), dtype))), {}
    weight = draw(tensors((outer, inner), dtype))
    return (x, weight, *([draw(tensors((outer,), dtype))] if draw(st.booleans()) else [])), {}


@st.composite
def products(draw: st.DrawFn, batch: int | None) -> Any:
    """Two matrices with `batch` dimensions in front; None: of any ranks, vectors included, whose batches broadcast."""
    dtype = draw(st.sampled_from((*FLOATS, torch.int64)))
    rows, inner, cols = draw(EXTENT), draw(EXTENT), draw(EXTENT)
    if batch is not None:
        common = tuple(draw(EXTENT) for _ in range(batch))
        return (draw(tensors((*common, rows, inner), dtype)), draw(tensors((*common, inner, cols), dtype))), {}
    common = draw(shapes(most=2))
    left = tuple(d if draw(st.booleans()) else 1 for d in common[draw(st.integers(0, len(common))) :])
    a = (inner,) if draw(st.booleans()) else (*left, rows, inner)
    b = (inner,) if draw(st.booleans()) else (*common, inner, cols)
    return (draw(tensors(a, dtype)), draw(tensors(b, dtype))), {}


@st.composite
def added_products(draw: st.DrawFn) -> Any:
    """`self + mat1 @ mat2` with factors that are mostly 1."""
    (a, b), _ = draw(products(0))
    shape = draw(st.sampled_from([(a.shape[0], b.shape[1]), (b.shape[1],), (a.shape[0], 1), (1, 1), ()]))
    factors = draw(st.sampled_from([{}, {"beta": 1, "alpha": 1.0}, {"alpha": 2}, {"beta": 0}]))
    if not a.dtype.is_floating_point:
        factors = {}
    return (draw(tensors(shape, a.dtype)), a, b), factors


@st.composite
def softmaxes(draw: st.DrawFn, *, composite: bool) -> Any:
    """A tensor, a dimension, and the type to compute in."""
    dtype = draw(st.sampled_from(FLOATS))
    shape = draw(shapes(most=4))
    x = draw(tensors(shape, dtype)) * 3
    if draw(st.booleans()) and x.dim():
        x[..., 0] = -math.inf
    rank = max(1, len(shape))
    dim = draw(st.integers(-rank, rank - 1))
    if composite:
        return (x, dim, *draw(st.sampled_from([(), (torch.float32,), (torch.float64,)]))), {}
    return (x, dim, False), {}


@st.composite
def normalised(draw: st.DrawFn, *, rms: bool) -> Any:
    """A tensor normalised over its last dimensions, with or without weights, which may be wider."""
    dtype = draw(st.sampled_from(FLOATS))
    shape = draw(shapes(1, 4))
    last = shape[draw(st.integers(0, len(shape) - 1)) :]
    wide = dtype if rms else draw(st.sampled_from((dtype, torch.promote_types(dtype, torch.float32))))
    weight = draw(tensors(last, wide)) if draw(st.booleans()) else None
    epsilon = draw(st.sampled_from([1e-5, 1e-12, 0.25]))
    x = draw(tensors(shape, dtype))
    if rms:
        return (x, list(last), weight, draw(st.sampled_from([None, epsilon]))), {}
    bias = draw(tensors(last, wide)) if draw(st.booleans()) else None
    return (x, list(last), weight, bias, epsilon, draw(st.booleans())), {}


@st.composite
def masks(draw: st.DrawFn, scores: tuple[int, ...], dtype: torch.dtype) -> torch.Tensor | None:
    """A mask of rank 2 to that of the scores, boolean or added, that broadcasts with them; rows may see nothing."""
    if draw(st.booleans()):
        return None
    kept = scores[draw(st.integers(0, len(scores) - 2)) :]
    shape = (*(d if draw(st.booleans()) else 1 for d in kept[:-1]), kept[-1])
    seen = random(draw(st.integers(0, 99)), shape, torch.float64) > -0.5
    if draw(st.booleans()):
        return seen
    return torch.where(seen, 0.5, draw(st.sampled_from([-math.inf, -4.0]))).to(dtype)


@st.composite
def attentions(draw: st.DrawFn) -> Any:
    """Query, key and value of rank 3 or 4, with all that the overload takes."""
    dtype = draw(st.sampled_from((torch.float32, torch.float32, torch.bfloat16, torch.float64)))
    batch, heads, groups = draw(EXTENT), draw(st.integers(1, 2)), draw(st.integers(1, 2))
    rows, columns, depth = draw(EXTENT), draw(EXTENT), draw(EXTENT)
    if draw(st.booleans()):
        q, k, groups = (batch, rows, depth), (batch, columns, depth), 1
    else:
        q, k = (batch, heads * groups, rows, depth), (batch, heads, columns, depth)
    kwargs: dict[str, Any] = {}
    if draw(st.integers(0, 3)) == 0:
        kwargs["is_causal"] = True
    else:
        kwargs["attn_mask"] = draw(masks((*q[:-1], columns), dtype))
    if draw(st.booleans()):
        kwargs["scale"] = draw(st.sampled_from([0.5, 0.3]))
    if groups > 1:
        kwargs["enable_gqa"] = True
    value = (*k[:-1], draw(st.sampled_from([depth, depth, depth + 1])))
    return (draw(tensors(q, dtype)), draw(tensors(k, dtype)), draw(tensors(value, dtype))), kwargs


@st.composite
def reduced(draw: st.DrawFn, *, dtype_option: bool = False, whole: bool = False, order: bool = False) -> Any:
    """A tensor and the dimensions to reduce: none, an empty list, one or several, from the front or the back."""
    dtype = draw(st.sampled_from((*FLOATS, *(() if order else (torch.int64, torch.bool)))))
    shape = draw(shapes(most=4))
    x = draw(tensors(shape, dtype))
    if dtype.is_floating_point and x.numel() and draw(st.integers(0, 4)) == 0:
        x.view(-1)[0] = draw(st.sampled_from([math.nan, math.inf]))
    kwargs: dict[str, Any] = {}
    if dtype_option:
        kwargs = draw(st.sampled_from([{}, {}, {"dtype": torch.float32}, {"dtype": torch.float64}]))
    if whole:
        return (x,), kwargs
    chosen = sorted(draw(st.sets(st.integers(0, len(shape) - 1)))) if shape else []
    dims = [d - len(shape) if draw(st.booleans()) else d for d in chosen]
    return (x, *([draw(st.sampled_from([2, 2.0, 1, math.inf]))] if order else []), dims, draw(st.booleans())), kwargs


CASES: dict[str, st.SearchStrategy[Any]] = {
    "aten.linear.default": linears(),
    "aten.matmul.default": products(None),
    "aten.mm.default": products(0),
    "aten.bmm.default": products(1),
    "aten.addmm.default": added_products(),
    "aten.softmax.int": softmaxes(composite=True),
    "aten._softmax.default": softmaxes(composite=False),
    "aten.layer_norm.default": normalised(rms=False),
    "aten.rms_norm.default": normalised(rms=True),
    "aten.scaled_dot_product_attention.default": attentions(),
    "aten.sum.dim_IntList": reduced(dtype_option=True),
    "aten.sum.default": reduced(dtype_option=True, whole=True),
    "aten.mean.dim": reduced(dtype_option=True),
    "aten.mean.default": reduced(dtype_option=True, whole=True),
    "aten.amax.default": reduced(),
    "aten.amin.default": reduced(),
    "aten.max.default": reduced(whole=True),
    "aten.min.default": reduced(whole=True),
    "aten.linalg_vector_norm.default": reduced(dtype_option=True, order=True),
}

UNITS = 16.0
"""Tolerance in units of the type's epsilon: sums may be formed in another order, and attention mid-way in the type."""


def test_every_conversion_has_a_case() -> None:
    assert set(CASES) == set(contractions.CONVERSIONS)


@pytest.mark.parametrize("callee", sorted(CASES))
def test_conversion_computes_what_torch_does(callee: str, check_call: Callable[..., Any]) -> None:
    declined: list[tuple[str, ...]] = []

    @settings(max_examples=40, suppress_health_check=list(HealthCheck))
    @given(CASES[callee])
    def compare(arguments: Any) -> None:
        declined.append(check_call(callee, arguments, UNITS).declined)

    compare()
    assert () in declined, f"never converted: {declined}"
