"""NaN and infinities go through ops of floats as NumPy has them: moved as they are, spread by sums as IEEE says."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from xdsl.dialects import test as xdsl_test
from xdsl.dialects.builtin import AnyFloat, ModuleOp, bf16, f32, f64, i32
from xdsl.ir import Operation, SSAValue

from tilewright.dialects import ttir
from tilewright.dialects.ttir.attributes import dense_i64
from tilewright.dialects.types import tensor_type
from tilewright.runtime.dtypes import torch_dtype
from tilewright.runtime.functions.ttir import TtirFunctions
from tilewright.runtime.interpreter import Interpreter

INTERPRETER = Interpreter(ModuleOp([]), [TtirFunctions()])
SPECIAL = np.array([math.nan, math.inf, -math.inf, 0.0, -0.0])
Array = Any
Case = tuple[str, Sequence[tuple[int, ...]], Callable[..., Operation], Callable[..., Array]]


def normalized(x: Array, centred: bool) -> Array:
    """x over its root mean square along the last dimension, without its mean if `centred`."""
    x = x - x.mean(-1, keepdims=True) if centred else x
    return x / np.sqrt((x * x).mean(-1, keepdims=True) + 1e-5)


MOVED: list[Case] = [
    ("broadcast", [(3, 1)], lambda x: ttir.BroadcastOp(x, (1, 4)), lambda x: np.repeat(x, 4, 1)),
    ("concat", [(2, 3), (2, 2)], lambda *x: ttir.ConcatOp(x, 1), lambda *x: np.concatenate(x, 1)),
    ("permute", [(2, 3, 4)], lambda x: ttir.PermuteOp(x, (2, 0, 1)), lambda x: np.transpose(x, (2, 0, 1))),
    ("reshape", [(2, 6)], lambda x: ttir.ReshapeOp(x, (3, 4)), lambda x: np.reshape(x, (3, 4))),
    ("squeeze", [(2, 1, 3)], lambda x: ttir.SqueezeOp(x, 1), lambda x: np.squeeze(x, 1)),
    ("transpose", [(2, 3, 4)], lambda x: ttir.TransposeOp(x, 0, 2), lambda x: np.swapaxes(x, 0, 2)),
    ("unsqueeze", [(2, 3)], lambda x: ttir.UnsqueezeOp(x, 1), lambda x: np.expand_dims(x, 1)),
    (
        "concatenate_heads",
        [(2, 3, 4, 2)],
        lambda x: ttir.ConcatenateHeadsOp.build(
            operands=[x], result_types=[tensor_type((2, 4, 6), x.type.element_type)]
        ),
        lambda x: np.transpose(x, (0, 2, 1, 3)).reshape(2, 4, 6),
    ),
    ("maximum", [(3, 4), (3, 4)], ttir.MaximumOp, np.maximum),
    ("minimum", [(3, 4), (3, 4)], ttir.MinimumOp, np.minimum),
]
"""Elements come out as they went in."""

COMPUTED: list[Case] = [
    ("sum", [(3, 5)], lambda x: ttir.SumOp(x, (1,)), lambda x: x.sum(1)),
    ("mean", [(3, 5)], lambda x: ttir.MeanOp(x, (0,)), lambda x: x.mean(0)),
    ("prod", [(3, 5)], lambda x: ttir.ProdOp(x, (1,)), lambda x: x.prod(1)),
    ("pow", [(3, 4), (3, 4)], ttir.PowOp, np.power),
    ("matmul", [(3, 4), (4, 2)], ttir.MatmulOp, lambda a, b: (a[:, :, None] * b[None]).sum(1)),
    (
        "linear",
        [(3, 4), (4, 2), (2,)],
        ttir.LinearOp,
        lambda a, b, bias: (a[:, :, None] * b[None]).sum(1) + bias,
    ),
    (
        "dot_general",
        [(3, 4), (2, 4)],
        lambda a, b: ttir.DotGeneralOp.build(
            operands=[a, b],
            result_types=[tensor_type((3, 2), a.type.element_type)],
            properties={
                "batch_dims_lhs": dense_i64(()),
                "contract_dims_lhs": dense_i64((1,)),
                "batch_dims_rhs": dense_i64(()),
                "contract_dims_rhs": dense_i64((1,)),
            },
        ),
        lambda a, b: (a[:, None] * b[None]).sum(2),
    ),
    ("leaky_relu", [(3, 4)], lambda x: ttir.LeakyReluOp(x, 0.5), lambda x: np.where(x > 0, x, x * 0.5)),
    ("layer_norm", [(3, 4)], lambda x: ttir.LayerNormOp(x, (4,)), lambda x: normalized(x, centred=True)),
    ("rms_norm", [(3, 4)], lambda x: ttir.RMSNormOp(x, (4,)), lambda x: normalized(x, centred=False)),
]


def check(case: Case, element: AnyFloat, seed: int, share: float, tolerance: float) -> None:
    """Run `case` on random numbers, `share` of them special."""
    _, shapes, build, expected = case
    random = np.random.default_rng(seed)
    arrays = [np.where(random.random(s) < share, random.choice(SPECIAL, s), random.normal(size=s)) for s in shapes]
    tensors = [torch.from_numpy(a).to(torch_dtype(element)) for a in arrays]
    operands: list[SSAValue] = [xdsl_test.TestOp(result_types=[tensor_type(s, element)]).results[0] for s in shapes]
    op = build(*operands)
    op.verify()
    (found,) = INTERPRETER.step(op)(*tensors)
    assert isinstance(found, torch.Tensor)
    with np.errstate(all="ignore"):
        wanted = torch.from_numpy(np.ascontiguousarray(expected(*(t.double().numpy() for t in tensors))))
    assert found.dtype is torch_dtype(element)
    torch.testing.assert_close(found.double(), wanted, rtol=tolerance, atol=tolerance, equal_nan=True)


@pytest.mark.parametrize("case", MOVED, ids=[c[0] for c in MOVED])
@given(st.sampled_from([f32, f64, bf16]), st.integers(0, 999), st.sampled_from([0.1, 0.5, 1.0]))
def test_elements_are_kept(case: Case, element: AnyFloat, seed: int, share: float) -> None:
    check(case, element, seed, share, 0.0)


@pytest.mark.parametrize("case", COMPUTED, ids=[c[0] for c in COMPUTED])
@given(st.sampled_from([f32, f64]), st.integers(0, 999), st.sampled_from([0.02, 0.1, 0.5]))
def test_special_values_spread(case: Case, element: AnyFloat, seed: int, share: float) -> None:
    check(case, element, seed, share, 1e-4)


@given(st.integers(0, 999))
def test_rows_of_a_table_are_kept(seed: int) -> None:
    random = np.random.default_rng(seed)
    table = torch.from_numpy(random.choice(SPECIAL, (5, 3)))
    ids = torch.from_numpy(random.integers(0, 5, (4,))).int()
    types = [tensor_type((4,), i32), tensor_type((5, 3), f64)]
    op = ttir.EmbeddingOp(*(xdsl_test.TestOp(result_types=[t]).results[0] for t in types))
    (found,) = INTERPRETER.step(op)(ids, table)
    assert isinstance(found, torch.Tensor)
    np.testing.assert_array_equal(found.numpy(), table.numpy()[ids.numpy()])
