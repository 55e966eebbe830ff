"""Every conversion of an element-wise overload computes what torch computes."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tilewright.transforms.conversion import elementwise

FLOATS = (torch.float32, torch.float32, torch.bfloat16, torch.float16, torch.float64)
INTS = (torch.int64, torch.int32, torch.int8, torch.uint8)
NUMBERS = (*FLOATS, *INTS)
ALL = (*NUMBERS, torch.bool)

SPECIAL = (0.0, -0.0, 1.0, -1.0, 0.5, math.inf, -math.inf, math.nan)

SHAPES = st.lists(st.integers(1, 3), max_size=3).map(tuple)


@st.composite
def tensors(draw: st.DrawFn, dtypes: Sequence[torch.dtype], shape: tuple[int, ...] | None = None) -> torch.Tensor:
    """A tensor of one of `dtypes`; a few of its floats are special values."""
    shape = draw(SHAPES) if shape is None else shape
    dtype = draw(st.sampled_from(dtypes))
    generator = torch.Generator().manual_seed(draw(st.integers(0, 1 << 16)))
    if dtype is torch.bool:
        return torch.rand(shape, generator=generator) < 0.5
    if not dtype.is_floating_point:
        return torch.randint(0 if dtype is torch.uint8 else -5, 6, shape, generator=generator).to(dtype)
    values = torch.randn(shape, generator=generator, dtype=torch.float64) * 2
    special = torch.tensor(SPECIAL, dtype=torch.float64)[torch.randint(len(SPECIAL), shape, generator=generator)]
    return torch.where(torch.rand(shape, generator=generator) < 0.2, special, values).to(dtype)


@st.composite
def broadcastable(draw: st.DrawFn, shape: tuple[int, ...]) -> tuple[int, ...]:
    """A shape that broadcasts with `shape`."""
    kept = shape[draw(st.integers(0, len(shape))) :]
    return tuple(d if draw(st.booleans()) else 1 for d in kept)


SCALARS = st.one_of(
    st.sampled_from([0, 1, 2, -3, 5]), st.booleans(), st.sampled_from([0.5, 0.1, -2.0, 1.0, 2.7, 1e-3, math.inf])
)


@st.composite
def one(draw: st.DrawFn, dtypes: Sequence[torch.dtype]) -> Any:
    """One tensor."""
    return (draw(tensors(dtypes)),), {}


@st.composite
def pair(draw: st.DrawFn, dtypes: Sequence[torch.dtype], *, scalars: bool = True, only_scalars: bool = False) -> Any:
    """A tensor and one that broadcasts with it, of any of `dtypes`, or a number."""
    x = draw(tensors(dtypes))
    if only_scalars or (scalars and draw(st.booleans())):
        return (x, draw(SCALARS)), {}
    y = draw(tensors(dtypes, draw(broadcastable(tuple(x.shape)))))
    return ((x, y) if draw(st.booleans()) else (y, x)), {}


@st.composite
def scaled(draw: st.DrawFn, *, only_scalars: bool = False) -> Any:
    """A pair, perhaps with `alpha`."""
    args, _ = draw(pair(ALL, only_scalars=only_scalars))
    alpha = draw(st.sampled_from([None, 1, 2, 0.5, -3]))
    if alpha is None:
        return args, {}
    return ((*args, alpha), {}) if only_scalars else (args, {"alpha": alpha})


@st.composite
def divided(draw: st.DrawFn, *, mode: bool, only_scalars: bool) -> Any:
    """A pair to divide; with `mode`, also the roundings that are other operators."""
    args, _ = draw(pair(ALL, only_scalars=only_scalars))
    return args, {"rounding_mode": draw(st.sampled_from([None, "trunc", "floor"]))} if mode else {}


@st.composite
def powers(draw: st.DrawFn, *, only_scalars: bool) -> Any:
    """A base and an exponent."""
    if not only_scalars:
        return draw(pair(NUMBERS, scalars=False))
    exponent = st.sampled_from([0, 1, 2, 3, 4, -1, -2, 0.5, -0.5, 1.5, 2.0, -1.0, True])
    return (draw(tensors(ALL)), draw(exponent)), {}


BOUNDS = st.sampled_from([None, 0, -1, 1.5, -0.3, 0.1, math.inf, -math.inf, math.nan, 2])


@st.composite
def clamped(draw: st.DrawFn, names: tuple[str, ...], *, optional: bool) -> Any:
    """A tensor and bounds, perhaps the lower above the upper."""
    bounds = [draw(BOUNDS if optional else BOUNDS.filter(lambda b: b is not None)) for _ in names]
    x = draw(tensors(NUMBERS))
    return ((x, *bounds), {}) if draw(st.booleans()) else ((x,), dict(zip(names, bounds, strict=True)))


@st.composite
def chosen(draw: st.DrawFn, *, first_scalar: bool, second_scalar: bool) -> Any:
    """A condition and what to choose from."""
    shape = draw(SHAPES)
    condition = draw(tensors((torch.bool,), draw(broadcastable(shape))))
    sides = [
        draw(SCALARS) if scalar else draw(tensors(ALL, draw(broadcastable(shape))))
        for scalar in (first_scalar, second_scalar)
    ]
    return (condition, *sides), {}


@st.composite
def filled_where(draw: st.DrawFn, *, scalar: bool) -> Any:
    """A tensor, a mask that broadcasts either way, and a value."""
    x = draw(tensors(ALL))
    mask = draw(tensors((torch.bool,), draw(broadcastable(tuple(x.shape)))))
    return (x, mask, draw(SCALARS) if scalar else draw(tensors(ALL, ()))), {}


@st.composite
def cast(draw: st.DrawFn, form: str) -> Any:
    """A tensor and its new element type, as the overload `form` takes it."""
    x = draw(tensors(ALL)).nan_to_num(0.0, 3.0, -3.0)
    dtype = draw(st.sampled_from((*FLOATS, torch.int64, torch.int32, torch.int8, torch.bool)))
    match form:
        case "dtype":
            return (x, dtype, False, draw(st.booleans())), {}
        case "device":
            return (x, torch.device("cpu"), dtype), {}
        case "type_as":
            return (x, torch.zeros((2,), dtype=dtype)), {}
        case _:
            return (x,), {"dtype": dtype} if draw(st.booleans()) else {}


@st.composite
def dropped(draw: st.DrawFn) -> Any:
    """A dropout that drops nothing."""
    train = draw(st.booleans())
    return (draw(tensors(FLOATS)), 0.0 if train else 0.4, train), {}


@st.composite
def gelus(draw: st.DrawFn) -> Any:
    """Both forms of gelu."""
    return (draw(tensors(FLOATS)),), {"approximate": draw(st.sampled_from(["none", "tanh"]))}


CASES: dict[str, st.SearchStrategy[Any]] = {
    **{f"aten.{name}.default": one(ALL) for name in elementwise._UNARY},
    **{
        f"aten.{name}.{overload}": pair(ALL, only_scalars=overload == "Scalar")
        for name in elementwise._COMPARE
        for overload in ("Tensor", "Scalar")
    },
    "aten.add.Tensor": scaled(),
    "aten.add.Scalar": scaled(only_scalars=True),
    "aten.sub.Tensor": scaled(),
    "aten.sub.Scalar": scaled(only_scalars=True),
    "aten.rsub.Scalar": scaled(only_scalars=True),
    "aten.mul.Tensor": pair(ALL),
    "aten.mul.Scalar": pair(ALL, only_scalars=True),
    "aten.div.Tensor": divided(mode=False, only_scalars=False),
    "aten.div.Scalar": divided(mode=False, only_scalars=True),
    "aten.div.Tensor_mode": divided(mode=True, only_scalars=False),
    "aten.div.Scalar_mode": divided(mode=True, only_scalars=True),
    **{f"aten.{name}.default": pair(ALL, scalars=False) for name in ("maximum", "minimum")},
    **{f"aten.logical_{name}.default": pair(ALL, scalars=False) for name in ("and", "or", "xor")},
    "aten.logical_not.default": one(ALL),
    "aten.bitwise_not.default": one((*INTS, torch.bool, torch.bool)),
    **{
        f"aten.{name}.{o}": pair((*INTS, torch.bool), only_scalars=o == "Scalar", scalars=False)
        for name in ("bitwise_and", "__and__", "bitwise_or", "__or__")
        for o in ("Tensor", "Scalar")
    },
    "aten.gelu.default": gelus(),
    "aten.leaky_relu.default": st.tuples(st.tuples(tensors(FLOATS), st.sampled_from([0.01, 0.5, -1, 2])), st.just({}))
    | one(FLOATS),
    "aten.pow.Tensor_Scalar": powers(only_scalars=True),
    "aten.pow.Tensor_Tensor": powers(only_scalars=False),
    "aten.clamp.default": clamped(("min", "max"), optional=True),
    "aten.clamp_min.default": clamped(("min",), optional=False),
    "aten.clamp_max.default": clamped(("max",), optional=False),
    "aten.hardtanh.default": clamped(("min_val", "max_val"), optional=False),
    "aten.where.self": chosen(first_scalar=False, second_scalar=False),
    "aten.where.ScalarSelf": chosen(first_scalar=True, second_scalar=False),
    "aten.where.ScalarOther": chosen(first_scalar=False, second_scalar=True),
    "aten.where.Scalar": chosen(first_scalar=True, second_scalar=True),
    "aten.masked_fill.Scalar": filled_where(scalar=True),
    "aten.masked_fill.Tensor": filled_where(scalar=False),
    "aten.to.dtype": cast("dtype"),
    "aten.to.dtype_layout": cast("layout"),
    "aten.to.device": cast("device"),
    "aten._to_copy.default": cast("layout"),
    "aten.type_as.default": cast("type_as"),
    "aten.dropout.default": dropped(),
    "aten.feature_dropout.default": dropped(),
    **{
        f"aten.{name}.default": one(ALL)
        for name in ("alias", "clone", "contiguous", "detach", "detach_", "lift_fresh_copy")
    },
}

UNITS = {"aten.gelu.default": 8.0, "aten.pow.Tensor_Scalar": 8.0, "aten.pow.Tensor_Tensor": 8.0}
"""Tolerance in units of the type's epsilon: where the conversion rounds more often than torch; elsewhere 2."""


def test_every_conversion_has_a_case() -> None:
    assert set(CASES) == set(elementwise.CONVERSIONS)


@pytest.mark.parametrize("callee", sorted(CASES))
def test_conversion_computes_what_torch_does(callee: str, check_call: Callable[..., Any]) -> None:
    declined: list[tuple[str, ...]] = []

    @settings(max_examples=20, suppress_health_check=list(HealthCheck))
    @given(CASES[callee])
    def compare(arguments: Any) -> None:
        declined.append(check_call(callee, arguments, UNITS.get(callee, 2.0)).declined)

    compare()
    assert () in declined, f"never converted: {declined}"
