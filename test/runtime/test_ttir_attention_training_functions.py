"""Attention of a training step, against the formula in float64, and its gradients against autograd's."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf, nan

import numpy as np
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from xdsl.dialects import test as xdsl_test
from xdsl.dialects.builtin import IntegerAttr, ModuleOp, bf16, f16, f32, f64, i1
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
ELEMENT = st.sampled_from([f32, bf16, f16, f64])
SMALL = st.integers(1, 3)
DEPTH = st.integers(1, 5)
SEED = st.integers(0, 99)
SPECIAL = torch.tensor([nan, inf, -inf, 0.0, -0.0])


def value(shape: Sequence[int], element: Attribute) -> SSAValue:
    """A value of a tensor type."""
    return xdsl_test.TestOp(result_types=[tensor_type(shape, element)]).results[0]


def random(shape: Sequence[int], element: Attribute, seed: int, share: float = 0.0) -> Tensor:
    """Normal numbers, a `share` of them special."""
    generator, shape = torch.Generator().manual_seed(seed), tuple(shape)
    plain = torch.randn(shape, generator=generator)
    chosen = SPECIAL[torch.randint(len(SPECIAL), shape, generator=generator)]
    return torch.where(torch.rand(shape, generator=generator) < share, chosen, plain).to(torch_dtype(element))


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
    """Within rounding of float32 sums, and then once of the element type; NaN and infinities in the same places."""
    eps, finite = torch.finfo(found.dtype).eps, expected.isfinite()
    absolute *= 1e-7 if found.dtype is torch.float64 else 1.0
    near = (found.double() - expected).abs() <= units * eps * expected.abs() + absolute
    assert str(found[~finite].tolist()) == str(expected[~finite].tolist())
    assert bool(near[finite].all()), (found, expected)


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


@given(MASK_TYPE, st.booleans(), SMALL, st.integers(1, 2), SMALL, SMALL, SMALL, DEPTH, ELEMENT, SEED)
@settings(max_examples=60)
def test_forward_and_backward(
    kind: AttentionMaskType,
    batched: bool,
    batch: int,
    groups: int,
    group: int,
    rows: int,
    width: int,
    depth: int,
    element: Attribute,
    seed: int,
) -> None:
    lead, heads = ([batch] if batched else []), groups * group
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


@given(MASK_TYPE, SMALL, st.integers(1, 2), SMALL, SMALL, SMALL, DEPTH, ELEMENT, SEED, st.sampled_from([0.02, 0.1]))
def test_special_values(
    kind: AttentionMaskType,
    batch: int,
    groups: int,
    group: int,
    rows: int,
    width: int,
    depth: int,
    element: Attribute,
    seed: int,
    share: float,
) -> None:
    """Sums over the pairs of a query and a key that it sees, of which others take no part."""
    heads = groups * group
    shapes = ((batch, heads, rows, depth), (batch, groups, rows, depth), (batch, groups, rows, width))
    inputs = [random(shape, element, seed + i, share) for i, shape in enumerate(shapes)]
    masks = [random((1, 1, rows, rows), element, seed + 3, share)] if kind is AttentionMaskType.ARBITRARY else []
    output_shape, saved_shape = (*shapes[0][:-1], width), (*shapes[0][:-1], 32)
    operands = [value(tuple(x.shape), element) for x in (*inputs, *masks)]
    properties = {"mask_type": AttentionMaskTypeAttr(kind), "dropout_probability": NO_DROPOUT}
    forward = ttir.SDPAForwardOp.create(
        operands=operands,
        result_types=[tensor_type(output_shape, element), tensor_type(saved_shape, f32)],
        properties=properties | {"return_intermediates": IntegerAttr(1, i1)},
    )
    output, saved = run(forward, *inputs, *masks)
    gradient, given_output = (random(output_shape, element, seed + i, share) for i in (4, 5))
    given_saved = random(saved_shape, f32, seed + 6, share)
    backward = ttir.SDPABackwardOp.create(
        operands=[*[value(output_shape, element)] * 2, *operands[:3], value(saved_shape, f32), *operands[3:]],
        result_types=[tensor_type(shape, element) for shape in shapes],
        properties=properties,
    )
    gradients = run(backward, gradient, given_output, *inputs, given_saved, *masks)

    wide = [x.double().numpy() for x in (*inputs, gradient, given_output, given_saved)]
    q, k, v, g, o, log_sums = wide
    expected_output, expected_sums = np.zeros(output_shape), np.zeros(saved_shape)
    expected = [np.zeros(shape) for shape in shapes]
    with np.errstate(all="ignore"):
        for b, h, i in np.ndindex(batch, heads, rows):
            seen = range(i + 1 if kind is AttentionMaskType.CAUSAL else rows)
            logits = {j: (q[b, h, i] * k[b, h // group, j]).sum() * depth**-0.5 for j in seen}
            logits = {j: x + (masks[0][0, 0, i, j].item() if masks else 0.0) for j, x in logits.items()}
            most, every = np.max(list(logits.values())), np.logaddexp.reduce(list(logits.values()))
            total = sum(np.exp(x - most) for x in logits.values())
            known = log_sums[b, h, i, 0]
            expected_sums[b, h, i, 0] = every
            for j, x in logits.items():
                weight = 0.0 if most == -inf else np.exp(x - most) / total
                expected_output[b, h, i] += weight * v[b, h // group, j]
                weight = 0.0 if known == -inf else np.exp(x - known)
                change = weight * ((g[b, h, i] * v[b, h // group, j]).sum() - (g[b, h, i] * o[b, h, i]).sum())
                expected[0][b, h, i] += change * k[b, h // group, j] * depth**-0.5
                expected[1][b, h // group, j] += change * q[b, h, i] * depth**-0.5
                expected[2][b, h // group, j] += weight * g[b, h, i]
    assert_near(output, torch.from_numpy(expected_output))
    assert_near(saved, torch.from_numpy(expected_sums), units=4.0)
    for found, exact in zip(gradients, expected, strict=True):
        assert_near(found, torch.from_numpy(exact), absolute=1e-3)


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
