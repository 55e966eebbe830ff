"""Activation functions, softmax, norms and means, as they are written out, become the op that they should, and compute
what they did."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from xdsl.dialects.builtin import bf16, f32
from xdsl.ir import Attribute, SSAValue

from tilewright.dialects import ttir
from tilewright.dialects.types import shape_of


def examples(count: int) -> settings:
    return settings(max_examples=count)


SHAPES = st.lists(st.integers(1, 5), min_size=1, max_size=4).map(tuple)
ELEMENTS = st.sampled_from((f32, bf16))


@examples(60)
@given(st.data(), SHAPES, ELEMENTS)
def test_activations(
    build: Any, check_fused: Any, data: st.DataObject, shape: tuple[int, ...], element: Attribute
) -> None:
    b = build(data.draw, element)
    x = b.input(*shape)
    kind = data.draw(st.sampled_from(("relu", "relu6", "hardsigmoid", "sigmoid", "silu", "mish", "gelu")))
    match kind:
        case "relu":
            if b.either():
                out = b.binary(ttir.MaximumOp, x, b.number(0.0, x))
            else:
                out = b.op(ttir.ClampScalarOp(x, 0.0, math.inf))
        case "relu6":
            out = relu6(b, x)
        case "hardsigmoid":
            out = b.times(relu6(b, b.binary(ttir.AddOp, x, b.number(3.0, x))), 1 / 6)
        case "sigmoid":
            out = sigmoid(b, x)
        case "silu":
            out = b.binary(ttir.MultiplyOp, x, b.op(ttir.SigmoidOp(x)) if b.either() else sigmoid(b, x))
        case "mish":
            power = b.op(ttir.ExpOp(x))
            if b.either():
                softplus = b.op(ttir.Log1pOp(power))
            else:
                softplus = b.op(ttir.LogOp(b.binary(ttir.AddOp, power, b.number(1.0, x))))
            out = b.binary(ttir.MultiplyOp, x, b.op(ttir.TanhOp(softplus)))
        case _:
            out = gelu(b, x)
    check_fused(b, out, becomes=[kind])


def relu6(b: Any, x: SSAValue) -> SSAValue:
    match b.draw(st.integers(0, 3)):
        case 0:
            relu = b.binary(ttir.MaximumOp, x, b.number(0.0, x))
            return b.binary(ttir.MinimumOp, relu, b.number(6.0, x))
        case 1:
            least = b.binary(ttir.MinimumOp, x, b.number(6.0, x))
            return b.binary(ttir.MaximumOp, least, b.number(0.0, x))
        case 2:
            return b.op(ttir.ClampScalarOp(x, 0, 6))
        case _:
            return b.op(ttir.ClampTensorOp(x, b.number(0.0, x), b.number(6.0, x)))


def sigmoid(b: Any, x: SSAValue) -> SSAValue:
    total = b.binary(ttir.AddOp, b.op(ttir.ExpOp(b.op(ttir.NegOp(x)))), b.number(1.0, x))
    if b.either():
        return b.op(ttir.ReciprocalOp(total))
    one = b.op(ttir.FullOp(shape_of(x), 1.0, b.element))
    return b.op(ttir.DivOp(one, total))


def gelu(b: Any, x: SSAValue) -> SSAValue:
    root = math.sqrt(2.0)
    if b.either():
        last, half = b.op(ttir.ErfcOp(b.times(x, -1 / root))), 0.5
    else:
        erf, half = b.op(ttir.ErfOp(b.times(x, 1 / root))), 0.5
        if b.either():
            last, half = b.binary(ttir.AddOp, b.times(erf, 0.5), b.number(0.5, x)), 1.0
        else:
            last = b.binary(ttir.AddOp, erf, b.number(1.0, x))
    if half == 1.0:
        return b.binary(ttir.MultiplyOp, x, last)
    match b.draw(st.integers(0, 2)):
        case 0:
            return b.binary(ttir.MultiplyOp, b.times(x, half), last)
        case 1:
            return b.binary(ttir.MultiplyOp, x, b.times(last, half))
        case _:
            return b.times(b.binary(ttir.MultiplyOp, x, last), half)


@examples(60)
@given(st.data(), SHAPES, ELEMENTS)
def test_softmax(build: Any, check_fused: Any, data: st.DataObject, shape: tuple[int, ...], element: Attribute) -> None:
    b = build(data.draw, element)
    x = b.input(*shape)
    axis = data.draw(st.integers(0, len(shape) - 1))
    shifted = x
    if data.draw(st.booleans()):
        shifted = b.op(ttir.SubtractOp(x, b.repeated(b.reduced(ttir.MaxOp, x, [axis]), shape)))
    power = b.op(ttir.ExpOp(shifted))
    total = b.reduced(ttir.SumOp, power, [axis])
    if b.either():
        out = b.op(ttir.DivOp(power, b.repeated(total, shape)))
    else:
        out = b.binary(ttir.MultiplyOp, power, b.op(ttir.ReciprocalOp(b.repeated(total, shape))))
    check_fused(b, out, becomes=["softmax"])


@examples(120)
@given(st.data(), SHAPES, ELEMENTS, st.booleans())
def test_norms(
    build: Any, check_fused: Any, data: st.DataObject, shape: tuple[int, ...], element: Attribute, centred: bool
) -> None:
    b = build(data.draw, element)
    x = b.input(*shape)
    axes = list(range(data.draw(st.integers(0, len(shape) - 1)), len(shape)))
    last = shape[axes[0] :]
    if centred:
        x = b.op(ttir.SubtractOp(x, b.repeated(mean(b, x, axes), shape)))
    square = data.draw(st.integers(0, 2))
    if square == 0:
        squares = b.op(ttir.MultiplyOp(x, x))
    elif square == 1:
        squares = b.op(ttir.SquareOp(x))
    else:
        squares = b.op(ttir.PowOp(x, b.number(2.0, x)))
    # The epsilon is so large that rounding in 16 bits stays what it is.
    variance = mean(b, squares, axes)
    variance = b.binary(ttir.AddOp, variance, b.number(1.0, variance))
    w = b.input(*last) if b.either() else None
    factor = None if w is None else b.repeated(w, shape)
    if b.either():
        out = b.op(ttir.DivOp(x, b.repeated(b.op(ttir.SqrtOp(variance)), shape)))
        out = out if factor is None else b.binary(ttir.MultiplyOp, out, factor)
    else:
        root = b.repeated(b.op(ttir.RsqrtOp(variance)), shape)
        match data.draw(st.integers(0, 2)):
            case 0 if factor is not None:
                out = b.binary(ttir.MultiplyOp, b.binary(ttir.MultiplyOp, x, factor), root)
            case 1 if factor is not None:
                out = b.binary(ttir.MultiplyOp, x, b.binary(ttir.MultiplyOp, root, factor))
            case _:
                out = b.binary(ttir.MultiplyOp, x, root)
                out = out if factor is None else b.binary(ttir.MultiplyOp, out, factor)
    if b.either():
        out = b.binary(ttir.AddOp, out, b.repeated(b.input(*last), shape))
    check_fused(b, out, becomes=["layer_norm" if centred else "rms_norm"])


def mean(b: Any, x: SSAValue, axes: Sequence[int]) -> SSAValue:
    """A mean with its dimensions kept."""
    if b.either():
        return b.reduced(ttir.MeanOp, x, axes)
    return b.times(b.reduced(ttir.SumOp, x, axes), 1 / math.prod(shape_of(x)[i] for i in axes))


@examples(20)
@given(st.data(), st.booleans())
def test_norms_in_single_precision_between_casts(
    build: Any, check_fused: Any, data: st.DataObject, affine: bool
) -> None:
    b = build(data.draw, bf16)
    x = b.op(ttir.TypecastOp(b.input(3, 8), f32))
    variance = b.op(ttir.AddOp(b.op(ttir.MeanOp(b.op(ttir.SquareOp(x)), [1], True)), b.op(ttir.FullOp((1,), 1.0, f32))))
    out = b.op(ttir.MultiplyOp(x, b.op(ttir.RsqrtOp(variance))))
    if affine:
        out = b.op(ttir.MultiplyOp(out, b.op(ttir.TypecastOp(b.input(8), f32))))
    check_fused(b, b.op(ttir.TypecastOp(out, bf16)), becomes=["rms_norm"])


@examples(20)
@given(st.data(), st.booleans())
def test_means(build: Any, check_fused: Any, data: st.DataObject, globally: bool) -> None:
    b = build(data.draw)
    x = b.input(2, 3, 4, 5)
    check_fused(b, mean(b, x, [1, 2] if globally else [0, 3]), becomes=["global_avg_pool2d" if globally else "mean"])
