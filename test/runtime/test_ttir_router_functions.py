"""The router of a mixture of experts, against Python's order of logits that NumPy computes."""

from __future__ import annotations

from functools import cmp_to_key
from math import inf, isnan, nan

import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as st
from xdsl.dialects import test as xdsl_test
from xdsl.dialects.builtin import IntegerAttr, IntegerType, ModuleOp, Signedness, bf16, f16, f32, f64, i32, i64
from xdsl.ir import Attribute

from tilewright.dialects import ttir
from tilewright.dialects.types import tensor_type
from tilewright.runtime.dtypes import torch_dtype
from tilewright.runtime.functions.ttir import TtirFunctions
from tilewright.runtime.interpreter import Interpreter

INTERPRETER = Interpreter(ModuleOp([]), [TtirFunctions()])
FLOAT = st.sampled_from([bf16, f32, f16, f64])
INDEX = st.sampled_from([i32, i64, *(IntegerType(width, Signedness.UNSIGNED) for width in (16, 32))])
EXTENT = st.integers(1, 5)
NUMBERS = np.array([-1.0, -0.5, -0.0, 0.0, 0.5, 1.0])
"""Their products and sums are exact in all types, so that many logits are equal."""
SPECIAL = np.array([nan, inf, -inf])


def compared(a: float, b: float) -> int:
    """Below, equal or above, where NaN is above all numbers."""
    return int(isnan(a)) - int(isnan(b)) or int(a > b) - int(a < b)


@given(
    EXTENT, EXTENT, st.integers(1, 9), FLOAT, FLOAT, INDEX, st.integers(0, 999), st.sampled_from([0.0, 0.05, 0.3]),
    st.data(),
)  # fmt: skip
def test_topk_router(
    tokens: int,
    inner: int,
    experts: int,
    element: Attribute,
    of_weights: Attribute,
    index: Attribute,
    seed: int,
    share: float,
    data: st.DataObject,
) -> None:
    k, random = data.draw(st.integers(1, experts)), np.random.default_rng(seed)
    shapes = ((tokens, inner), (inner, experts), (tokens, experts))
    arrays = [np.where(random.random(s) < share, random.choice(SPECIAL, s), random.choice(NUMBERS, s)) for s in shapes]
    op = ttir.TopKRouterGptOp.create(
        operands=[xdsl_test.TestOp(result_types=[tensor_type(s, element)]).results[0] for s in shapes],
        result_types=[tensor_type((tokens, k), index), tensor_type((tokens, k), of_weights)],
        properties={"k": IntegerAttr(k, i32), "num_experts": IntegerAttr(experts, i32)},
    )
    op.verify()
    indices, weights = INTERPRETER.step(op)(*(torch.from_numpy(a).to(torch_dtype(element)) for a in arrays))
    assert isinstance(indices, torch.Tensor)
    assert isinstance(weights, torch.Tensor)
    assert indices.dtype is torch_dtype(index)
    assert weights.dtype is torch_dtype(of_weights)
    x, weight, bias = arrays
    with np.errstate(all="ignore"):
        logits = (x[:, :, None] * weight).sum(1) + bias
        for t, row in enumerate(logits.tolist()):
            order = sorted(range(experts), key=cmp_to_key(lambda a, b, row=row: compared(row[b], row[a]) or a - b))[:k]
            assert indices[t].tolist() == order
            e = np.exp(logits[t, order] - logits[t, order].max())
            expected = torch.from_numpy(e / e.sum())
            eps = max(torch.finfo(weights.dtype).eps, 1e-15 if element == f64 else 1e-6)
            torch.testing.assert_close(weights[t].double(), expected, rtol=eps, atol=1e-7, equal_nan=True)
