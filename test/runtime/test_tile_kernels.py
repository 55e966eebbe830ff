"""Each kernel in mode exact and Float32 computes what its name says: torch in float64, written another way."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import inf

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from xdsl.ir import SSAValue

from tilewright.dialects import tile
from tilewright.dialects.tile import KERNEL_OPS, KernelOp, PrecisionAttr, tile_info
from tilewright.runtime.kernels.fast import UNIT_ROUNDOFF, gamma
from tilewright.runtime.kernels.values import TileValue
from tilewright.support.dataformat import DataFormat

pytestmark = pytest.mark.usefixtures("one_thread")

F = DataFormat
Tensor = torch.Tensor
Expected = tuple[Tensor, Tensor | float]
"""The real result in float64, and how far Float32 may be from it."""

FEW = 8 * UNIT_ROUNDOFF
"""Relative error of a function of the library: four units in the last place."""
SOURCES = 2.0**-9 + 2.0**-10 + 2.0**-19
"""Relative error of a product of operands that are truncated to the source registers: 9 and 10 mantissa bits."""
TINY = 2.0**-126
"""What is below may be lost."""


def exactly(function: Callable[..., Tensor]) -> Callable[[KernelOp, Sequence[Tensor]], Expected]:
    """A kernel that rounds nothing."""
    return lambda op, xs: (function(*xs).double(), 0.0)


def nearly(function: Callable[..., Tensor]) -> Callable[[KernelOp, Sequence[Tensor]], Expected]:
    """A function with a small relative error."""

    def expected(op: KernelOp, xs: Sequence[Tensor]) -> Expected:
        real = function(*xs)
        return real, FEW * real.abs() + TINY

    return expected


def around_one(function: Callable[[Tensor], Tensor]) -> Callable[[KernelOp, Sequence[Tensor]], Expected]:
    """A function with an error relative to 1, or to its argument where that is larger."""
    return lambda op, xs: (function(xs[0]), FEW * xs[0].abs().clamp(min=1.0))


def sigmoid(x: Tensor) -> Tensor:
    return 1.0 / (1.0 + torch.exp(-x))


def multiply(op: KernelOp, xs: Sequence[Tensor]) -> Expected:
    a, b = (torch.where(x.abs() < TINY, 0.0, x) for x in xs)  # the source registers hold no denormals
    return a * b, SOURCES * (a * b).abs() + TINY


def clamp(op: KernelOp, xs: Sequence[Tensor]) -> Expected:
    assert isinstance(op, tile.ClampOp)
    low, high = (torch.tensor(b.value.data, dtype=torch.float64) for b in (op.low, op.high))
    return torch.minimum(torch.maximum(xs[0], low), high), 0.0


def typecast(op: KernelOp, xs: Sequence[Tensor]) -> Expected:
    if not tile_info(op.output).format.is_float:
        return xs[0].trunc().clamp(-(2.0**31) + 1, 2.0**31 - 1), 0.0
    return xs[0], UNIT_ROUNDOFF * xs[0].abs()


def matmul(op: KernelOp, xs: Sequence[Tensor]) -> Expected:
    assert isinstance(op, tile.MatmulOp)
    subscripts = "...mk,...nk->...mn" if op.transposed else "...mk,...kn->...mn"
    real, sums = (torch.einsum(subscripts, a, b) for a, b in (xs[:2], [x.abs() for x in xs[:2]]))
    count = xs[0].shape[-1] + 1
    if op.bias is not None:
        real, sums = real + xs[2], sums + xs[2].abs()
    return real, (SOURCES + gamma(count)) * sums


def total(op: KernelOp, xs: Sequence[Tensor]) -> Expected:
    assert isinstance(op, tile.ReduceOp)
    real, sums, count = xs[0], xs[0].abs(), 1
    for dim in op.axes:
        count *= xs[0].shape[dim]
        real, sums = (torch.stack(torch.unbind(t, dim)).sum(0).unsqueeze(dim) for t in (real, sums))
    return real, gamma(count) * sums


def mean(op: KernelOp, xs: Sequence[Tensor]) -> Expected:
    real, tolerance = total(op, xs)
    count = xs[0].numel() / real.numel()
    return real / count, tolerance / count + 2 * UNIT_ROUNDOFF * real.abs() / count


def largest(op: KernelOp, xs: Sequence[Tensor]) -> Expected:
    assert isinstance(op, tile.ReduceOp)
    real = xs[0]
    for dim in op.axes:
        real = real.sort(dim).values.narrow(dim, -1, 1)
    return real, 0.0


def smallest(op: KernelOp, xs: Sequence[Tensor]) -> Expected:
    real, _ = largest(op, [-xs[0]])
    return -real, 0.0


def softmax(op: KernelOp, xs: Sequence[Tensor]) -> Expected:
    assert isinstance(op, tile.SoftmaxOp)
    x = xs[0] * op.scale.value.data + (xs[1] if op.mask is not None else 0.0)
    e = torch.exp(x - x.amax(-1, keepdim=True).clamp(min=-1e300))
    real = e / e.sum(-1, keepdim=True).clamp(min=1e-300)  # a row of -infinity gives zeros
    # The argument of exp is rounded in Float32, three times.
    arguments = 3 * UNIT_ROUNDOFF * x.masked_fill(x == -inf, 0.0).abs().amax(-1, keepdim=True)
    return real, (gamma(x.shape[-1] + 82) + 2 * arguments) * real + 1.7e-38


def layer_norm(op: KernelOp, xs: Sequence[Tensor]) -> Expected:
    assert isinstance(op, tile.LayerNormOp)
    x, columns = xs[0], xs[0].shape[-1]
    centred = x - x.sum(-1, keepdim=True) / columns
    r = 1.0 / torch.sqrt((centred * centred).sum(-1, keepdim=True) / columns + op.epsilon.value.data)
    y = centred * r
    w = xs[1] if op.weight is not None else torch.ones(columns, dtype=torch.float64)
    b = xs[-1] if op.bias is not None else torch.zeros(columns, dtype=torch.float64)
    error = gamma(columns + 9) * (x.abs().amax(-1, keepdim=True) * r * (1 + 2 * y.abs()) + y.abs())
    return y * w + b, w.abs() * error + 3 * UNIT_ROUNDOFF * ((y * w).abs() + b.abs())


def reshape(op: KernelOp, xs: Sequence[Tensor]) -> Expected:
    return torch.tensor(xs[0].flatten().tolist(), dtype=torch.float64).view(tile_info(op.output).logical), 0.0


def broadcast(op: KernelOp, xs: Sequence[Tensor]) -> Expected:
    return xs[0] + torch.zeros(tile_info(op.output).logical, dtype=torch.float64) * 0.0, 0.0


def permute(op: KernelOp, xs: Sequence[Tensor]) -> Expected:
    assert isinstance(op, tile.PermuteOp)
    letters = "abcd"[: xs[0].dim()]
    return torch.einsum(f"{letters}->{''.join(letters[d] for d in op.permutation)}", xs[0]), 0.0


def slice_(op: KernelOp, xs: Sequence[Tensor]) -> Expected:
    assert isinstance(op, tile.SliceOp)
    real = xs[0]
    for dim, (begin, end, step) in enumerate(zip(op.begins.values, op.ends.values, op.steps.values, strict=True)):
        real = real.index_select(dim, torch.arange(begin, end, step))
    return real, 0.0


def concat(op: KernelOp, xs: Sequence[Tensor]) -> Expected:
    assert isinstance(op, tile.ConcatOp)
    dim = op.dim.value.data
    return torch.stack([part for x in xs for part in x.unbind(dim)], dim), 0.0


def hslice(op: KernelOp, xs: Sequence[Tensor]) -> Expected:
    assert isinstance(op, tile.SplitHeadsOp)
    return torch.stack(xs[0].chunk(op.count.value.data, -1), 1), 0.0


def hstack(op: KernelOp, xs: Sequence[Tensor]) -> Expected:
    return torch.cat(xs[0].unbind(1), -1), 0.0


def embedding(op: KernelOp, xs: Sequence[Tensor]) -> Expected:
    indices, table = xs
    one_hot = indices.long().unsqueeze(-1) == torch.arange(len(table))
    return torch.where(one_hot.unsqueeze(-1), table, 0.0).sum(-2), 0.0


def comparison(function: Callable[[Tensor, Tensor], Tensor]) -> Callable[[KernelOp, Sequence[Tensor]], Expected]:
    return exactly(lambda a, b: torch.where(function(a, b), 1.0, 0.0))


EXPECTED: dict[type[KernelOp], Callable[[KernelOp, Sequence[Tensor]], Expected]] = {
    tile.AbsOp: exactly(lambda x: torch.where(x < 0, -x, x)),
    tile.NegOp: exactly(lambda x: 0.0 - x),
    tile.ExpOp: nearly(torch.exp),
    tile.LogOp: nearly(torch.log),
    tile.SqrtOp: nearly(lambda x: torch.where(x < 0, torch.nan, x.abs() ** 0.5)),
    tile.RsqrtOp: nearly(lambda x: 1.0 / torch.sqrt(x)),
    tile.ReciprocalOp: nearly(lambda x: 1.0 / x),
    tile.TanhOp: nearly(torch.tanh),
    tile.SigmoidOp: nearly(sigmoid),
    tile.GeluOp: around_one(lambda x: x * torch.special.ndtr(x)),
    tile.ReluOp: exactly(lambda x: torch.where(x < 0, 0.0, x)),
    tile.SiluOp: around_one(lambda x: x * sigmoid(x)),
    tile.ErfOp: nearly(torch.erf),
    tile.SineOp: around_one(torch.sin),
    tile.CosineOp: around_one(torch.cos),
    tile.LogicalNotOp: exactly(lambda x: torch.where(x == 0, 1.0, 0.0)),
    tile.TypecastOp: typecast,
    tile.ClampOp: clamp,
    tile.AddOp: nearly(lambda a, b: b + a),
    tile.SubtractOp: nearly(lambda a, b: a + -b),
    tile.MultiplyOp: multiply,
    tile.MaximumOp: exactly(lambda a, b: torch.where((a > b) | a.isnan(), a, b)),
    tile.MinimumOp: exactly(lambda a, b: torch.where((a < b) | a.isnan(), a, b)),
    tile.EqOp: comparison(lambda a, b: (a <= b) & (a >= b)),
    tile.NeOp: comparison(lambda a, b: ~((a <= b) & (a >= b))),
    tile.LtOp: comparison(lambda a, b: b > a),
    tile.LeOp: comparison(lambda a, b: b >= a),
    tile.GtOp: comparison(lambda a, b: b < a),
    tile.GeOp: comparison(lambda a, b: b <= a),
    tile.WhereOp: exactly(lambda c, a, b: torch.where(c == 0, b, a)),
    tile.MatmulOp: matmul,
    tile.ReduceSumOp: total,
    tile.ReduceMeanOp: mean,
    tile.ReduceMaxOp: largest,
    tile.ReduceMinOp: smallest,
    tile.SoftmaxOp: softmax,
    tile.LayerNormOp: layer_norm,
    tile.ReshapeOp: reshape,
    tile.BroadcastOp: broadcast,
    tile.FillPadOp: exactly(lambda x: x),
    tile.PermuteOp: permute,
    tile.SliceOp: slice_,
    tile.ConcatOp: concat,
    tile.SplitHeadsOp: hslice,
    tile.ConcatHeadsOp: hstack,
    tile.EmbeddingOp: embedding,
}


def test_every_kernel_has_an_expectation() -> None:
    assert set(EXPECTED) == set(KERNEL_OPS)


@pytest.mark.parametrize("kernel", KERNEL_OPS, ids=[op.name.removeprefix("tile.") for op in KERNEL_OPS])
@given(data=st.data())
@settings(max_examples=max(1, settings().max_examples // 4))
def test_kernel_computes_what_torch_does(
    kernel: type[KernelOp],
    data: st.DataObject,
    draw_kernel: Callable[..., tuple[KernelOp, dict[SSAValue, Tensor]]],
    run_kernel: Callable[..., TileValue],
) -> None:
    op, elements = draw_kernel(data, kernel, [F.Float32], [F.Int32])
    op.properties["precision"] = PrecisionAttr.of()
    found = run_kernel("exact", op, elements).logical
    expected, tolerance = EXPECTED[kernel](op, [elements[v].double() for v in op.operands])
    assert found.shape == expected.shape
    narrowed = expected.to(found.dtype)  # past the largest Float32 it is infinity
    same = (found == narrowed) | (found.isnan() & narrowed.isnan())
    near = (found.double() - expected).abs() <= tolerance
    assert bool((same | near).all()), (found[~(same | near)], expected[~(same | near)])
