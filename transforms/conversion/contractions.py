"""Matmuls, attention, normalisation and reductions."""

from __future__ import annotations

from xdsl.dialects.builtin import f32, i1
from xdsl.ir import SSAValue

from tilewright.dialects import ttir
from tilewright.dialects.ttir.reductions import ReductionOp
from tilewright.dialects.types import tensor_type
from tilewright.transforms.conversion.call import (
    Call,
    Conversion,
    Convert,
    Declined,
    conversion,
    element_type,
    is_float,
    literal,
    shape_of,
)
from tilewright.transforms.conversion.promotion import promoted

_MINUS_INFINITY = float("-inf")


def computed_alike(call: Call, *names: str) -> None:
    """Check that these tensors, where given, have the result's element type: torch multiplies no others.

    Raises:
        Declined: one has not.
    """
    for name in names:
        value = call.optional_tensor(name)
        if value is not None and element_type(value) != call.result_element:
            raise Declined(f"dtype({name}) = {element_type(value)}, not {call.result_element} as the result")


def linear(call: Call) -> SSAValue:
    """`input @ weight^T + bias`."""
    computed_alike(call, "input", "weight", "bias")
    x, weight = call.tensor("input"), call.tensor("weight")
    if len(shape_of(weight)) != 2:
        raise Declined(f"rank(weight) = {len(shape_of(weight))}, expected 2")
    rows = call.reshape(x, (1, *shape_of(x))) if len(shape_of(x)) == 1 else x
    shape = (*shape_of(rows)[:-1], shape_of(weight)[0])
    result = tensor_type(shape, call.result_element)
    product = call.add(ttir.LinearOp(rows, weight, call.optional_tensor("bias"), transpose_b=True, result_type=result))
    return call.reshape(product, call.result_shape)


def matmul(call: Call) -> SSAValue:
    """NumPy's matmul: a vector counts as a row on the left, as a column on the right."""
    computed_alike(call, *call.parameters[:2])
    a, b = call.tensor(call.parameters[0]), call.tensor(call.parameters[1])
    if not is_float(call.result_element):
        raise Declined(f"dtype = {call.result_element}, not a float type")
    rows = call.reshape(a, (1, *shape_of(a))) if len(shape_of(a)) == 1 else a
    cols = call.reshape(b, (*shape_of(b), 1)) if len(shape_of(b)) == 1 else b
    return call.reshape(call.add(ttir.MatmulOp(rows, cols)), call.result_shape)


def addmm(call: Call) -> SSAValue:
    """`self + mat1 @ mat2`."""
    if call.number("beta", 1) != 1 or call.number("alpha", 1) != 1:
        raise Declined("beta or alpha is not 1")
    bias, a, b = call.tensor("self"), call.tensor("mat1"), call.tensor("mat2")
    product = call.add(ttir.MatmulOp(a, b))
    return call.add(ttir.AddOp(product, bias, call.result_type))


def softmax(call: Call) -> SSAValue:
    """Along one dimension, computed in the result's type."""
    x = call.cast(call.tensor("self"), call.result_element)
    rank = len(shape_of(x))
    if rank == 0:
        raise Declined("rank(self) = 0")
    dim = call.integer("dim") % rank
    return call.add(ttir.SoftmaxOp(x, dim, numeric_stable=True, result_type=call.result_type))


def layer_norm(call: Call) -> SSAValue:
    """Over the last dimensions."""
    computed_alike(call, "input", "weight", "bias")
    return call.add(
        ttir.LayerNormOp(
            call.tensor("input"),
            call.integers("normalized_shape"),
            call.optional_tensor("weight"),
            call.optional_tensor("bias"),
            float(literal(call.number("eps", 1e-5), call.result_element)),
            call.result_type,
        )
    )


def rms_norm(call: Call) -> SSAValue:
    """Over the last dimensions; torch's default epsilon is that of the element type."""
    if call.get("eps") is None:
        raise Declined("eps is not given: it depends on the element type")
    return call.add(
        ttir.RMSNormOp(
            call.tensor("input"),
            call.integers("normalized_shape"),
            call.optional_tensor("weight"),
            None,
            float(literal(call.number("eps"), call.result_element)),
            call.result_type,
        )
    )


def attention(call: Call) -> SSAValue:
    """scaled_dot_product_attention; a boolean mask becomes one that is added."""
    if call.number("dropout_p", 0.0) != 0:
        raise Declined(f"dropout_p = {call.number('dropout_p')}: the result is random")
    computed_alike(call, "query", "key", "value")
    query, key, value = call.tensor("query"), call.tensor("key"), call.tensor("value")
    q_shape, k_shape, v_shape = shape_of(query), shape_of(key), shape_of(value)
    ranks = {len(q_shape), len(k_shape), len(v_shape)}
    if ranks - {3, 4} or len(ranks) != 1:
        raise Declined(f"ranks of query, key and value = {sorted(ranks)}, expected 3 or 4")
    if v_shape != k_shape:
        raise Declined(f"shape(value) = {v_shape} differs from shape(key) = {k_shape}")
    if len(q_shape) == 3:
        query, key, value = (call.reshape(t, (shape_of(t)[0], 1, *shape_of(t)[1:])) for t in (query, key, value))
        q_shape, k_shape = shape_of(query), shape_of(key)
    if q_shape[0] != k_shape[0]:
        raise Declined(f"batch of query {q_shape[0]} differs from batch of key {k_shape[0]}")
    if q_shape[1] % k_shape[1]:
        raise Declined(f"{q_shape[1]} query heads are no multiple of {k_shape[1]} key heads")
    causal = call.flag("is_causal")
    if causal and q_shape[2] != k_shape[2]:
        raise Declined("is_causal with different numbers of queries and keys")
    mask = call.optional_tensor("attn_mask")
    scale = call.get("scale")
    result = call.add(
        ttir.ScaledDotProductAttentionOp(
            query,
            key,
            value,
            None if mask is None else additive_mask(call, mask, (*q_shape[:3], k_shape[2])),
            is_causal=causal,
            scale=None if scale is None else float(literal(call.number("scale"), call.result_element)),
            result_type=tensor_type(q_shape, call.result_element),
        )
    )
    return call.reshape(result, call.result_shape)


def additive_mask(call: Call, mask: SSAValue, scores: tuple[int, ...]) -> SSAValue:
    """A mask that is added to the scores [B, H, Sq, Sk]: 0 where a boolean mask holds, else -infinity."""
    shape = shape_of(mask)
    if len(shape) == 3 and call.get("query") is not None and len(scores) == 4 and scores[1] == 1:
        mask = call.reshape(mask, (shape[0], 1, *shape[1:]))
    shape = shape_of(mask)
    mask = call.reshape(mask, (1,) * (4 - len(shape)) + shape)
    element = call.result_element
    if element_type(mask) == i1:
        keep, drop = call.fill(0.0, element, 4), call.fill(_MINUS_INFINITY, element, 4)
        mask = call.add(ttir.WhereOp(mask, keep, drop, tensor_type(shape_of(mask), element)))
    else:
        mask = call.cast(mask, element)
    batch, heads = shape_of(mask)[:2]
    return call.expand(mask, (batch, heads, *scores[2:]))


def reduction(op: type[ReductionOp], *, whole: bool = False) -> Convert:
    """A reduction over dimensions, all of them if none are named."""

    def convert(call: Call) -> SSAValue:
        x = call.cast(call.tensor("self"), call.result_element)
        rank = len(shape_of(x))
        if rank == 0:
            return x
        dims = () if whole else call.integers("dim", ())
        axes = tuple(sorted({d % rank for d in dims})) or tuple(range(rank))
        if not is_float(call.result_element):
            raise Declined(f"dtype = {call.result_element}, not a float type")
        return call.add(op(x, axes, call.flag("keepdim"), call.result_type))

    return convert


def vector_norm(call: Call) -> SSAValue:
    """The Euclidean norm, in Float32 for narrower types, as torch computes it; other orders are decomposed by torch."""
    if call.number("ord", 2) != 2:
        raise Declined(f"ord = {call.get('ord')}")
    x = call.cast(call.cast(call.tensor("self"), call.result_element), promoted(call.result_element, f32))
    rank = len(shape_of(x))
    dims = tuple(sorted({d % rank for d in call.integers("dim", ())})) or tuple(range(rank))
    squares = call.add(ttir.MultiplyOp(x, x, x.type))
    total = call.add(ttir.SumOp(squares, dims, call.flag("keepdim")))
    return call.cast(call.add(ttir.SqrtOp(total)), call.result_element)


_SDPA = "query key value attn_mask dropout_p is_causal scale enable_gqa"

CONVERSIONS: dict[str, Conversion] = {
    "aten.linear.default": conversion("input weight bias", linear),
    "aten.matmul.default": conversion("self other", matmul),
    "aten.mm.default": conversion("self mat2", matmul),
    "aten.bmm.default": conversion("self mat2", matmul),
    "aten.addmm.default": conversion("self mat1 mat2 beta alpha", addmm),
    "aten.softmax.int": conversion("self dim dtype", softmax),
    "aten._softmax.default": conversion("self dim half_to_float", softmax),
    "aten.layer_norm.default": conversion("input normalized_shape weight bias eps cudnn_enable", layer_norm),
    "aten.rms_norm.default": conversion("input normalized_shape weight eps", rms_norm),
    "aten.scaled_dot_product_attention.default": conversion(_SDPA, attention),
    "aten.sum.dim_IntList": conversion("self dim keepdim dtype", reduction(ttir.SumOp)),
    "aten.sum.default": conversion("self dtype", reduction(ttir.SumOp, whole=True)),
    "aten.mean.dim": conversion("self dim keepdim dtype", reduction(ttir.MeanOp)),
    "aten.mean.default": conversion("self dtype", reduction(ttir.MeanOp, whole=True)),
    "aten.amax.default": conversion("self dim keepdim", reduction(ttir.MaxOp)),
    "aten.amin.default": conversion("self dim keepdim", reduction(ttir.MinOp)),
    "aten.max.default": conversion("self", reduction(ttir.MaxOp, whole=True)),
    "aten.min.default": conversion("self", reduction(ttir.MinOp, whole=True)),
    "aten.linalg_vector_norm.default": conversion("self ord dim keepdim dtype", vector_norm),
}
"""Conversions of this family, by callee."""
