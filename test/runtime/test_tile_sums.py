"""Sums along rows, columns and batches are formed in the documented order (docs/execution.md), Dest rounding each time.

Reference and exact mode share the code that forms them, so that comparing both shows nothing; here it is NumPy's.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from xdsl.dialects import test as xdsl_test
from xdsl.ir import SSAValue

from tilewright.dialects import tile
from tilewright.dialects.tile import KernelOp, PrecisionAttr, tile_tensor
from tilewright.runtime.formats import quantize
from tilewright.runtime.kernels.values import TileValue
from tilewright.support.dataformat import TILE_DIM, DataFormat, Rounding

F = DataFormat
Array = np.ndarray[tuple[int, ...], np.dtype[np.float32]]
Round = Callable[[Array], Array]
RunKernel = Callable[..., TileValue]

ACCUMULATE = [(F.Float32, Rounding.packer), (F.Float16_b, Rounding.packer), (F.Float16_b, Rounding.golden)]


def rounding_to(fmt: DataFormat, rounding: Rounding) -> Round:
    """Rounds each element."""
    return lambda data: quantize(torch.from_numpy(np.ascontiguousarray(data)), fmt, rounding).numpy()


def sum_of_row(row: Array, round_dest: Round) -> np.float32:
    """The sum of one row: tile after tile into 32 columns, then halves onto each other."""
    padded = np.zeros(-(-len(row) // TILE_DIM) * TILE_DIM, np.float32)
    padded[: len(row)] = row
    columns, *others = padded.reshape(-1, TILE_DIM)
    for other in others:
        columns = round_dest(columns + other)
    while len(columns) > 1:
        half = len(columns) // 2
        columns = columns[:half] + columns[half:]
    return columns[0]


def sum_along(data: Array, dims: Sequence[int], round_dest: Round) -> Array:
    """Columns first, then rows, then batches from the last to the first; reduced dimensions stay."""
    for dim in sorted((d - data.ndim for d in dims), reverse=True):
        if dim >= -2:
            data = np.apply_along_axis(lambda row: np.array([sum_of_row(row, round_dest)]), dim, data)
        else:
            total, *others = np.split(data, data.shape[dim], dim)
            for other in others:
                total = round_dest(total + other)
            data = total
    return data.astype(np.float32)


def operand(x: Array) -> SSAValue:
    """An operand with the shape of `x`."""
    return xdsl_test.TestOp(result_types=[tile_tensor(x.shape, F.Float32)]).results[0]


def numbers(shape: Sequence[int], seed: int) -> Array:
    """Normal numbers."""
    return np.random.default_rng(seed).standard_normal(tuple(shape), np.float32)


def bits_of(op: KernelOp, run_kernel: RunKernel, **inputs: Array) -> list[int]:
    """The bits of the result of mode exact."""
    elements = {getattr(op, name): torch.from_numpy(x) for name, x in inputs.items()}
    return run_kernel("exact", op, elements).logical.contiguous().view(torch.int32).flatten().tolist()


SHAPE = st.lists(st.integers(1, 4), max_size=2).flatmap(
    lambda batch: st.tuples(st.sampled_from([1, 33, 96, 130]), st.sampled_from([1, 31, 64, 100])).map(
        lambda matrix: (*batch, *matrix)
    )
)


@pytest.mark.parametrize(("accumulate", "rounding"), ACCUMULATE)
@given(shape=SHAPE, which=st.integers(1, 15), seed=st.integers(0, 99))
@settings(max_examples=max(1, settings().max_examples // 5))
def test_reduction(
    accumulate: DataFormat, rounding: Rounding, shape: tuple[int, ...], which: int, seed: int, run_kernel: RunKernel
) -> None:
    dims = [d for d in range(len(shape)) if (which >> d) & 1] or [0]
    x = numbers(shape, seed)
    kept = tuple(1 if d in dims else extent for d, extent in enumerate(shape))
    round_dest = rounding_to(accumulate, rounding)
    precision = PrecisionAttr.of(accumulate, rounding=rounding)
    expected = sum_along(x, dims, round_dest)
    total = tile.ReduceSumOp(operand(x), dims, precision, tile_tensor(kept, F.Float32))
    assert bits_of(total, run_kernel, input=x) == expected.view(np.int32).flatten().tolist()
    mean = tile.ReduceMeanOp(operand(x), dims, precision, tile_tensor(kept, F.Float32))
    count = np.prod([shape[d] for d in dims])
    assert bits_of(mean, run_kernel, input=x) == (expected * np.float32(1.0 / count)).view(np.int32).flatten().tolist()


@pytest.mark.parametrize(("accumulate", "rounding"), ACCUMULATE)
@pytest.mark.parametrize("columns", [1, 20, 32, 100])
def test_softmax(accumulate: DataFormat, rounding: Rounding, columns: int, run_kernel: RunKernel) -> None:
    x, mask = numbers((40, columns), 1), numbers((1, columns), 2)
    x[3] = -np.inf
    mask[0, : columns // 2] = -200.0
    scale = np.float32(0.3)
    scaled = x * scale + mask
    top = scaled.max(-1, keepdims=True)
    top[top == -np.inf] = 0.0
    difference = torch.from_numpy(scaled - top)
    e = torch.where(difference > -87.0, torch.exp(difference), 0.0).numpy()
    total = sum_along(e, [1], rounding_to(accumulate, rounding))
    expected = e * (np.float32(1.0) / np.where(total == 0.0, np.float32(1.0), total))
    precision = PrecisionAttr.of(accumulate, rounding=rounding)
    op = tile.SoftmaxOp(operand(x), precision, tile_tensor(x.shape, F.Float32), mask=operand(mask), scale=float(scale))
    assert bits_of(op, run_kernel, input=x, mask=mask) == expected.view(np.int32).flatten().tolist()


@pytest.mark.parametrize(("accumulate", "rounding"), ACCUMULATE)
@pytest.mark.parametrize("columns", [1, 20, 32, 100])
def test_layer_norm(accumulate: DataFormat, rounding: Rounding, columns: int, run_kernel: RunKernel) -> None:
    x, weight, bias = numbers((40, columns), 1) + np.float32(2.0), numbers((columns,), 2), numbers((columns,), 3)
    round_dest, share = rounding_to(accumulate, rounding), np.float32(1.0 / columns)
    centred = x - sum_along(x, [1], round_dest) * share
    variance = sum_along(centred * centred, [1], round_dest) * share
    scale = torch.rsqrt(torch.from_numpy(variance + np.float32(1e-5))).numpy()
    expected = centred * scale * weight + bias
    precision = PrecisionAttr.of(accumulate, rounding=rounding)
    op = tile.LayerNormOp(
        operand(x),
        precision,
        tile_tensor(x.shape, F.Float32),
        weight=operand(weight),
        bias=operand(bias),
        epsilon=1e-5,
    )
    assert bits_of(op, run_kernel, input=x, weight=weight, bias=bias) == expected.view(np.int32).flatten().tolist()
