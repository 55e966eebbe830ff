"""Norms over the shards of a mesh, against NumPy's of the whole rows in float64."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf, nan

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from xdsl.dialects import test as xdsl_test
from xdsl.dialects.builtin import DenseArrayBase, ModuleOp, bf16, f16, f32, f64
from xdsl.ir import Attribute, Operation, SSAValue

from tilewright.dialects import ttir
from tilewright.dialects.ttir.attributes import f32_attr, integer_attr, ui32
from tilewright.dialects.types import tensor_type
from tilewright.runtime.dtypes import torch_dtype
from tilewright.runtime.functions.ttir import TtirFunctions
from tilewright.runtime.interpreter import Interpreter
from tilewright.runtime.mesh import Mesh, MeshTensor, MeshValue
from tilewright.support.errors import UnsupportedInputError

Shards = list[torch.Tensor]
MESH = st.sampled_from([(2, 4), (1, 2), (3, 1), (1, 1), (4,)])
EXTENTS = st.lists(st.integers(1, 5), min_size=1, max_size=4).map(tuple)
SPECIAL = torch.tensor([nan, inf, -inf, 0.0, -0.0])
SEED = st.integers(0, 99)


def value(shape: Sequence[int], element: Attribute) -> SSAValue:
    """A value of a tensor type."""
    return xdsl_test.TestOp(result_types=[tensor_type(shape, element)]).results[0]


def shards_of(mesh: tuple[int, ...], shape: Sequence[int], element: Attribute, seed: int, share: float) -> Shards:
    """A random tensor for each device, a `share` of whose numbers are special."""
    generator, dtype, shape = torch.Generator().manual_seed(seed), torch_dtype(element), tuple(shape)

    def numbers() -> torch.Tensor:
        plain = torch.randn(shape, generator=generator)
        chosen = SPECIAL[torch.randint(len(SPECIAL), shape, generator=generator)]
        return torch.where(torch.rand(shape, generator=generator) < share, chosen, plain).to(dtype)

    return [numbers() for _ in range(Mesh(mesh).size)]


def run(op: Operation, mesh: tuple[int, ...], *operands: Shards) -> Shards:
    """What each device gets of the one result of `op`."""
    op.verify()
    (result,) = Interpreter(ModuleOp([]), [TtirFunctions()], Mesh(mesh)).step(op)(*map(MeshValue.of, operands))
    assert isinstance(result, MeshTensor)
    assert all(t.dtype is operands[0][0].dtype for t in Mesh(mesh).shards(result))
    return list(Mesh(mesh).shards(result))


def groups_along(mesh: tuple[int, ...], axis: int) -> list[list[int]]:
    """The devices of each group along an axis."""
    return torch.arange(Mesh(mesh).size).reshape(mesh).movedim(axis, -1).reshape(-1, mesh[axis]).tolist()


@pytest.mark.parametrize("kind", [ttir.DistributedRMSNormOp, ttir.DistributedLayerNormOp])
@pytest.mark.parametrize("element", [f32, bf16, f16, f64])
@given(MESH, st.integers(0, 1), EXTENTS, st.integers(0, 7), SEED, st.sampled_from([0.0, 0.0, 0.03, 0.3]))
def test_distributed_norms(
    kind: type[ttir.DistributedNormOp],
    element: Attribute,
    mesh: tuple[int, ...],
    axis: int,
    shape: tuple[int, ...],
    given_operands: int,
    seed: int,
    share: float,
) -> None:
    """As NumPy normalises the whole rows in float64, cut into shards afterwards."""
    axis %= len(mesh)
    columns = shape[-1:]
    has_weight, has_bias, has_residual = (bool(given_operands >> i & 1) for i in range(3))
    has_bias = has_bias and kind is ttir.DistributedLayerNormOp
    present = [(shape, True), (columns, has_weight), (columns, has_bias), (shape, has_residual)]
    sizes = [1, int(has_weight), *([int(has_bias)] if kind is ttir.DistributedLayerNormOp else []), int(has_residual)]
    op = kind(
        operands=[
            [value(s, element)] if there else []
            for s, there in (present if kind is ttir.DistributedLayerNormOp else [present[0], present[1], present[3]])
        ],
        result_types=[tensor_type(shape, element)],
        properties={"cluster_axis": integer_attr(axis, ui32), "epsilon": f32_attr(1e-3)},
    )
    segments = op.properties["operandSegmentSizes"]
    assert isinstance(segments, DenseArrayBase)
    assert list(segments.get_values()) == sizes
    operands = [shards_of(mesh, s, element, seed + 7 * i, share) for i, (s, there) in enumerate(present) if there]
    found = run(op, mesh, *operands)
    every = iter(operands)
    x = next(every)
    weight = next(every) if has_weight else None
    bias = next(every) if has_bias else None
    residual = next(every) if has_residual else None
    for group in groups_along(mesh, axis):
        with np.errstate(all="ignore"):
            shards = [x[d].double().numpy() + (residual[d].double().numpy() if residual else 0.0) for d in group]
            rows = np.concatenate(shards, -1)
            if kind is ttir.DistributedLayerNormOp:
                rows = rows - rows.mean(-1, keepdims=True)
            rows = rows / np.sqrt((rows * rows).mean(-1, keepdims=True) + float(np.float32(1e-3)))
        for place, d in enumerate(group):
            expected = torch.from_numpy(rows[..., place * columns[0] : (place + 1) * columns[0]])
            expected = expected * (weight[d].double() if weight else 1) + (bias[d].double() if bias else 0)
            assert_near(found[d], expected)


def assert_near(found: torch.Tensor, expected: torch.Tensor) -> None:
    """Rounded once from what float32 (or float64) makes of it; NaN and infinities in the same places."""
    finite, wide = expected.isfinite(), torch.finfo(torch.promote_types(found.dtype, torch.float32))
    assert str(found[~finite].tolist()) == str(expected[~finite].tolist())
    slack = 480 * wide.eps * (1 + expected.abs())
    allowed = torch.finfo(found.dtype).eps * expected.abs() + slack
    assert bool(((found.double() - expected).abs() <= allowed)[finite].all()), (found, expected)


def test_a_weight_of_several_rows_is_refused() -> None:
    op = ttir.DistributedRMSNormOp(
        operands=[value((2, 4), f32), value((2, 4), f32), []],
        result_types=[tensor_type((2, 4), f32)],
        properties={"cluster_axis": integer_attr(0, ui32)},
    )
    op.verify()
    with pytest.raises(UnsupportedInputError, match="'weight' has the shape"):
        Interpreter(ModuleOp([]), [TtirFunctions()], Mesh((1, 1))).step(op)
