"""Fast mode stays inside the bounds that `tilewright.runtime.kernels.fast` states."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from xdsl.dialects import test as xdsl_test
from xdsl.ir import SSAValue

from tilewright.dialects import tile
from tilewright.dialects.tile import KernelOp, PrecisionAttr, tile_tensor
from tilewright.runtime.kernels.fast import UNIT_ROUNDOFF, gamma
from tilewright.runtime.kernels.values import TileValue, logical_part, pad_to_tiles
from tilewright.support.dataformat import FACE_DIM, DataFormat, MathFidelity

pytestmark = pytest.mark.usefixtures("one_thread")

F = DataFormat
Elements = dict[SSAValue, torch.Tensor]
DrawKernel = Callable[[st.DataObject, type[KernelOp]], tuple[KernelOp, Elements]]
RunKernel = Callable[..., TileValue]


def matmul_bound(op: tile.MatmulOp, elements: Sequence[torch.Tensor]) -> torch.Tensor:
    """2 gamma(n) (sum(|a| |b|) + |bias|)."""
    a, b = (e.abs() for e in elements[:2])
    sums = a @ (b.transpose(-1, -2) if op.transposed else b)
    if op.bias is not None:
        sums = sums + elements[2].abs()
    terms = 2 if op.precision.choices.fidelity is MathFidelity.HiFi3 else 1
    return 2 * gamma(terms * a.shape[-1] + 1) * sums


def softmax_bound(op: tile.SoftmaxOp, elements: Sequence[torch.Tensor]) -> torch.Tensor:
    """2 gamma(C + 82) p + 1.7e-38."""
    x = elements[0].float() * op.scale.value.data
    if op.mask is not None:
        x = x + elements[1].float()
    p = torch.softmax(x.double(), -1).nan_to_num(nan=0.0)  # NaN is a row of -infinity, which gives zeros
    return 2 * gamma(x.shape[-1] + 82) * p + 1.7e-38


def layer_norm_bound(op: tile.LayerNormOp, elements: Sequence[torch.Tensor]) -> torch.Tensor:
    """2 (|w| gamma(C + 9) (S r (1 + 2 |y|) + |y|) + 3 u (|w y| + |b|))."""
    x, *affine = elements
    columns = x.shape[-1]
    variance, mean = torch.var_mean(x, -1, correction=0, keepdim=True)
    r = (variance + op.epsilon.value.data).rsqrt()
    y = (x - mean) * r
    w = affine[0] if op.weight is not None else torch.ones(columns, dtype=torch.float64)
    b = affine[-1] if op.bias is not None else torch.zeros(columns, dtype=torch.float64)
    s = x.abs().amax(-1, keepdim=True)
    normalised = gamma(columns + 9) * (s * r * (1 + 2 * y.abs()) + y.abs())
    return 2 * (w.abs() * normalised + 3 * UNIT_ROUNDOFF * ((w * y).abs() + b.abs()))


BOUNDS: dict[type[KernelOp], Callable[..., torch.Tensor]] = {
    tile.MatmulOp: matmul_bound,
    tile.SoftmaxOp: softmax_bound,
    tile.LayerNormOp: layer_norm_bound,
}


def packing(*results: TileValue) -> torch.Tensor:
    """How far packing may set two near values apart: units in the last place of the larger one."""
    info = results[0].info
    layout = info.format.value
    if info.format is F.Float32:
        return torch.zeros(())
    data = torch.stack([pad_to_tiles(r.logical, info, 0.0).abs() for r in results]).amax(0)
    units, digits = 1.0, layout.mantissa_bits
    if layout.shared_exponent:
        groups = data.unflatten(-1, (-1, FACE_DIM))
        data = groups.amax(-1, keepdim=True).expand(groups.shape).flatten(-2)
        units, digits = 2.0, digits - 1  # there is no hidden one
    last_place = units * torch.exp2((torch.frexp(data).exponent - 1 - digits).double())
    smallest = 2.0 ** (2 - (1 << (layout.exponent_bits - 1)))
    return logical_part(last_place, info).clamp(min=smallest)


def excess(op: KernelOp, elements: Elements, run_kernel: RunKernel) -> tuple[float, float]:
    """The largest difference between fast and exact mode in terms of the bound, and the largest difference."""
    exact, fast = run_kernel("exact", op, elements), run_kernel("fast", op, elements)
    bound = BOUNDS[type(op)](op, [elements[v].double() for v in op.operands]) + packing(exact, fast)
    difference = (exact.logical.double() - fast.logical.double()).abs()
    difference[exact.logical == fast.logical] = 0.0  # infinities too
    return float((difference / bound).nan_to_num(nan=0.0).max()), float(difference.max())


@pytest.mark.parametrize("kernel", BOUNDS, ids=[op.name.removeprefix("tile.") for op in BOUNDS])
@given(data=st.data())
def test_fast_mode_is_inside_its_bound(
    kernel: type[KernelOp], data: st.DataObject, draw_kernel: DrawKernel, run_kernel: RunKernel
) -> None:
    op, elements = draw_kernel(data, kernel)
    choices = op.precision.choices
    op.properties["precision"] = PrecisionAttr.of(F.Float32, F.Float32, choices.fidelity, choices.rounding)
    relative, _ = excess(op, elements, run_kernel)
    assert relative <= 1.0


def operand(shape: tuple[int, ...], scale: float = 1.0, offset: float = 0.0) -> tuple[SSAValue, torch.Tensor]:
    """A Float32 operand with random elements."""
    value = xdsl_test.TestOp(result_types=[tile_tensor(shape, F.Float32, 0.0)]).results[0]
    random = torch.Generator().manual_seed(len(shape))
    return value, torch.randn(shape, generator=random) * scale + offset


def long_matmul() -> tuple[KernelOp, Elements]:
    elements = dict([operand((64, 2048)), operand((1, 2048, 64))])
    a, b = elements
    return tile.MatmulOp(a, b, PrecisionAttr.of(), tile_tensor((1, 64, 64), F.Float32)), elements


def long_softmax() -> tuple[KernelOp, Elements]:
    elements = dict([operand((64, 2048), 10.0)])
    return tile.SoftmaxOp(*elements, PrecisionAttr.of(), tile_tensor((64, 2048), F.Float32)), elements


def layer_norm_of_large_mean() -> tuple[KernelOp, Elements]:
    elements = dict([operand((64, 2048), 1.0, 300.0)])
    return tile.LayerNormOp(*elements, PrecisionAttr.of(), tile_tensor((64, 2048), F.Float32), epsilon=1e-5), elements


@pytest.mark.parametrize("make", [long_matmul, long_softmax, layer_norm_of_large_mean])
def test_another_order_gives_other_bits_inside_the_bound(
    make: Callable[[], tuple[KernelOp, Elements]], run_kernel: RunKernel
) -> None:
    """Where fast mode gave the same bits, the test above would show nothing."""
    relative, difference = excess(*make(), run_kernel)
    assert difference > 0.0
    assert relative <= 1.0
