"""Attention of a training step, against the formula in float64, and its gradients against autograd's."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf

import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from xdsl.dialects import test as xdsl_test
from xdsl.dialects.builtin import IntegerAttr, ModuleOp, bf16, f32, f64, i1
from xdsl.ir import Attribute, Operation, SSAValue

from tilewright.dialects import ttir
from tilewright.dialects.ttcore import AttentionMaskType, AttentionMaskTypeAttr
from tilewright.dialects.ttir.attributes import f32_attr
from tilewright.dialects.types import element_type_of, shape_of, tensor_type
from tilewright.runtime.dtypes import torch_dtype
from tilewright.runtime.functions.ttir import TtirFunctions
from tilewright.runtime.interpreter import Interpreter

Tensor = torch.Tensor
INTERPRETER = Interpreter(ModuleOp([]), [TtirFunctions()])
NO_DROPOUT = f32_attr(0.0)
MASK_TYPE = st.sampled_from(list(AttentionMaskType))
ELEMENT = st.sampled_from([f32, bf16])
SMALL = st.integers(1, 3)
SEED = st.integers(0, 99)


def value(shape: Sequence[int], element: Attribute) -> SSAValue:
    """A value of a tensor type."""
    return xdsl_test.TestOp(result_types=[tensor_type(shape, element)]).results[0]


def random(shape: Sequence[int], element: Attribute, seed: int) -> Tensor:
    """Normal numbers."""
    return torch.randn(tuple(shape), generator=torch.Generator().manual_seed(seed)).to(torch_dtype(element))


def run(op: Operation, *inputs: Tensor) -> list[Tensor]:
    """The results of `op`, which have the shapes and the element types that the op says."""
    op.verify()
    found: list[Tensor] = []
    for result, tensor in zip(op.results, INTERPRETER.step(op)(*inputs), strict=True):
        assert isinstance(tensor, Tensor)
        assert tuple(tensor.shape) == shape_of(result)
        assert tensor.dtype is torch_dtype(element_type_of(result))
        found.append(tensor)
    return found


def assert_near(found: Tensor, expected: Tensor, units: float = 0.51, absolute: float = 1e-5) -> None:
    """Within rounding of float32 sums, and then once of the element type."""
    eps = torch.finfo(found.dtype).eps
    assert bool(((found.double() - expected).abs() <= units * eps * expected.abs() + absolute).all()), (found, expected)


def reference(
    query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None, kind: AttentionMaskType
) -> tuple[Tensor, Tensor]:
    """Output and log-sum-exp in float64, with heads in dimension -3."""
    group = query.shape[-3] // key.shape[-3]
    wide_key, wide_value = (x.repeat_interleave(group, -3) for x in (key, value))
    logits = torch.einsum("...id,...jd->...ij", query, wide_key) / query.shape[-1] ** 0.5
    if mask is not None:
        logits = logits + mask[0, 0]
    if kind is AttentionMaskType.CAUSAL:
        logits = logits + torch.full_like(logits, -inf).triu(1)
    log_sum = torch.log(torch.exp(logits).sum(-1, keepdim=True))
    return torch.einsum("...ij,...jd->...id", torch.exp(logits - log_sum), wide_value), log_sum


@given(MASK_TYPE, st.booleans(), SMALL, st.integers(1, 2), SMALL, SMALL, SMALL, ELEMENT, SEED)
@settings(max_examples=60)
def test_forward_and_backward(
    kind: AttentionMaskType,
    batched: bool,
    batch: int,
    groups: int,
    group: int,
    rows: int,
    width: int,
    element: Attribute,
    seed: int,
) -> None:
    lead, heads, depth = ([batch] if batched else []), groups * group, 4
    shapes = ((*lead, heads, rows, depth), (*lead, groups, rows, depth), (*lead, groups, rows, width))
    inputs = [random(shape, element, seed + i) for i, shape in enumerate(shapes)]
    masks = [random((1, 1, rows, rows), element, seed + 3)] if kind is AttentionMaskType.ARBITRARY else []
    output_shape, saved_shape = (*shapes[0][:-1], width), (*shapes[0][:-1], 32)
    operands = [value(tuple(x.shape), element) for x in (*inputs, *masks)]
    forward = ttir.SDPAForwardOp.create(
        operands=operands,
        result_types=[tensor_type(output_shape, element), tensor_type(saved_shape, f32)],
        properties={"mask_type": AttentionMaskTypeAttr(kind), "return_intermediates": IntegerAttr(1, i1)}
        | {"dropout_probability": NO_DROPOUT},
    )
    output, saved = run(forward, *inputs, *masks)
    exact = [x.double().requires_grad_() for x in inputs]
    expected, log_sum = reference(*exact, masks[0].double() if masks else None, kind)
    assert_near(output, expected.detach())
    assert_near(saved[..., :1], log_sum.detach(), units=4.0)
    assert not bool(saved[..., 1:].any())

    gradient = random(output_shape, element, seed + 4)
    backward = ttir.SDPABackwardOp.create(
        operands=[
            value(output_shape, element),
            value(output_shape, f64),
            *operands[:3],
            value(saved_shape, f64),
            *operands[3:],
        ],
        result_types=[tensor_type(shape, element) for shape in shapes],
        properties={"mask_type": AttentionMaskTypeAttr(kind), "dropout_probability": NO_DROPOUT},
    )
    padded = torch.cat([log_sum, torch.full((*log_sum.shape[:-1], 31), 7.0)], -1).detach()
    found = run(backward, gradient, expected.detach(), *inputs, padded, *masks)
    for mine, exact_gradient in zip(found, torch.autograd.grad(expected, exact, gradient.double()), strict=True):
        assert_near(mine, exact_gradient)


def test_a_query_that_sees_no_key() -> None:
    q, mask = random((1, 1, 2, 4), f32, 0), torch.tensor([[[[-inf, -inf], [0.0, 0.0]]]])
    kind = AttentionMaskTypeAttr(AttentionMaskType.ARBITRARY)
    operands = [*[value((1, 1, 2, 4), f32)] * 3, value((1, 1, 2, 2), f32)]
    forward = ttir.SDPAForwardOp.create(
        operands=operands,
        result_types=[tensor_type((1, 1, 2, 4), f32), tensor_type((1, 1, 2, 32), f32)],
        properties={"mask_type": kind, "return_intermediates": IntegerAttr(1, i1)}
        | {"dropout_probability": NO_DROPOUT},
    )
    output, saved = run(forward, q, q, q, mask)
    assert output[0, 0, 0].tolist() == [0.0] * 4
    assert saved[0, 0, 0, 0] == -inf

    backward = ttir.SDPABackwardOp.create(
        operands=[*operands[:1] * 5, value((1, 1, 2, 32), f32), operands[3]],
        result_types=[tensor_type((1, 1, 2, 4), f32)] * 3,
        properties={"mask_type": kind, "dropout_probability": NO_DROPOUT},
    )
    gradients = run(backward, torch.ones(1, 1, 2, 4), output, q, q, q, saved, mask)
    assert gradients[0][0, 0, 0].tolist() == [0.0] * 4
    assert all(bool(g.isfinite().all()) for g in gradients)
