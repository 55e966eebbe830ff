"""Reference and exact mode give identical bits for every kernel.

Each example draws a kernel with shapes, formats, precision and a placement. Padding of unknown value holds NaN (or
large integers), so that a pad value that reaches a logical element shows up. A profile of hypothesis with more examples
scales the tests.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from xdsl.dialects import test as xdsl_test
from xdsl.dialects.builtin import ModuleOp, TensorType, f32
from xdsl.ir import SSAValue

from tilewright.dialects import tile
from tilewright.dialects.tile import KERNEL_OPS, KernelOp, PlacementAttr, PrecisionAttr, tile_tensor
from tilewright.machine.catalog import load_device
from tilewright.machine.opmodel import best_model
from tilewright.runtime.formats import quantize
from tilewright.runtime.functions.boundary import BoundaryFunctions
from tilewright.runtime.interpreter import Interpreter
from tilewright.runtime.kernels.exact import spill_of
from tilewright.runtime.kernels.values import TileValue, logical_part, pad_to_tiles
from tilewright.support.dataformat import DataFormat, MathFidelity, Rounding
from tilewright.transforms.kernel_shapes import kernel_shape, placement_of

pytestmark = pytest.mark.usefixtures("one_thread")

F = DataFormat
KernelExample = tuple[KernelOp, dict[SSAValue, torch.Tensor]]
DrawKernel = Callable[[st.DataObject, type[KernelOp]], KernelExample]
RunKernel = Callable[..., TileValue]
Bits = Callable[[torch.Tensor], torch.Tensor]

REORDERED = {tile.MatmulOp, tile.SoftmaxOp, tile.LayerNormOp}
"""The kernels that fast mode computes in another order."""


def test_every_kernel_is_drawn(drawn_kernels: frozenset[type[KernelOp]]) -> None:
    assert drawn_kernels == set(KERNEL_OPS)


@pytest.mark.parametrize("kernel", KERNEL_OPS, ids=[op.name.removeprefix("tile.") for op in KERNEL_OPS])
@given(data=st.data())
@settings(max_examples=max(1, settings().max_examples // 4))
def test_modes_agree(
    kernel: type[KernelOp], data: st.DataObject, draw_kernel: DrawKernel, run_kernel: RunKernel, bits: Bits
) -> None:
    op, elements = draw_kernel(data, kernel)
    exact = run_kernel("exact", op, elements)
    expected = bits(exact.logical)
    assert torch.equal(bits(run_kernel("reference", op, elements).logical), expected), "reference"
    assert torch.equal(bits(run_kernel("exact", op, elements, 0.0).logical), expected), "padding reached an element"
    if kernel not in REORDERED or op.precision.choices.accumulate is not F.Float32:
        assert torch.equal(bits(run_kernel("fast", op, elements).logical), expected), "fast"
    fmt, rounding = exact.info.format, op.precision.choices.rounding
    if fmt.is_float and rounding is Rounding.packer:
        repacked = quantize(pad_to_tiles(exact.logical, exact.info, 0.0), fmt, rounding)
        assert torch.equal(bits(logical_part(repacked, exact.info)), expected), "not on the format's grid"


def on_grid(shape: tuple[int, ...], fmt: DataFormat, seed: int) -> tuple[SSAValue, torch.Tensor]:
    """An operand, and random elements for it."""
    value = xdsl_test.TestOp(result_types=[tile_tensor(shape, fmt)]).results[0]
    source = xdsl_test.TestOp(result_types=[TensorType(f32, shape)]).results[0]
    tilize = tile.TilizeOp(source, PrecisionAttr.of(), tile_tensor(shape, fmt, 0.0))
    random = torch.Generator().manual_seed(seed)
    (tiles,) = Interpreter(ModuleOp([]), [BoundaryFunctions()]).step(tilize)(torch.randn(shape, generator=random))
    assert isinstance(tiles, TileValue)
    return value, tiles.logical.contiguous()


@pytest.mark.parametrize("rounding", Rounding)
@pytest.mark.parametrize("fidelity", MathFidelity)
@pytest.mark.parametrize("accumulate", [F.Float32, F.Float16_b])
@pytest.mark.parametrize("fmt", [F.Float32, F.Float16_b, F.Bfp8_b, F.Bfp4_b])
def test_modes_agree_on_a_matmul_that_spills(
    fmt: DataFormat,
    accumulate: DataFormat,
    fidelity: MathFidelity,
    rounding: Rounding,
    run_kernel: RunKernel,
    bits: Bits,
) -> None:
    """In every precision: three tiles along the inner dimension, each spilled in the format of the operands."""
    elements = dict(on_grid(shape, fmt, seed) for seed, shape in enumerate([(33, 96), (96, 40), (40,)]))
    a, b, bias = elements
    precision = PrecisionAttr.of(accumulate, fmt, fidelity, rounding)
    op = tile.MatmulOp(a, b, precision, tile_tensor((33, 40), fmt), bias=bias)
    best = placement_of(best_model(load_device("wormhole_n150"), kernel_shape(op)))
    op.properties["placement"] = PlacementAttr.of(replace(best, m_k=3, u_kt=1))
    op.verify()
    assert (spill_of(op) is None) == (fmt is F.Float32)
    expected = bits(run_kernel("exact", op, elements).logical)
    assert torch.equal(bits(run_kernel("reference", op, elements).logical), expected)
    assert torch.equal(bits(run_kernel("exact", op, elements, 0.0).logical), expected)
    if accumulate is not F.Float32 or fmt is not F.Float32:
        assert torch.equal(bits(run_kernel("fast", op, elements).logical), expected)


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_number_of_threads_changes_no_bit(threads: int, run_kernel: RunKernel, bits: Bits) -> None:
    elements = dict(on_grid(shape, F.Float32, seed) for seed, shape in enumerate([(2, 128, 384), (384, 512)]))
    op = tile.MatmulOp(*elements, PrecisionAttr.of(), tile_tensor((2, 128, 512), F.Float32))
    expected = bits(run_kernel("reference", op, elements).logical)
    torch.set_num_threads(threads)
    found = run_kernel("exact", op, elements)
    torch.set_num_threads(1)
    assert torch.equal(bits(found.logical), expected)


@pytest.mark.parametrize("mode", ["reference", "exact", "fast"])
@pytest.mark.parametrize("fmt", [F.Float32, F.Float16_b, F.Bfp8_b])
def test_slice_of_whole_tiles_leaves_its_operand_alone(mode: str, fmt: DataFormat, run_kernel: RunKernel) -> None:
    """Such a slice is a view of the operand, not at its start, so converting it in place would change the operand."""
    x, elements = on_grid((3, 32, 64), F.Float32, 1)
    bounds = (1, 0, 0), (3, 32, 64), (1, 1, 1)
    op = tile.SliceOp(x, *bounds, PrecisionAttr.of(), tile_tensor((2, 32, 64), fmt))
    op.verify()
    found = run_kernel(mode, op, {x: elements}).logical  # checks the operand too
    assert torch.equal(found, quantize(elements[1:], fmt, Rounding.packer))
