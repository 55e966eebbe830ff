"""Matmul, linear, attention, normalisation: where sums over a dimension are formed."""

from __future__ import annotations

from math import sqrt
from typing import cast

from xdsl.dialects.builtin import ArrayAttr, DenseArrayBase, IntegerAttr, IntegerType
from xdsl.ir import Attribute, Operation, SSAValue

from tilewright.dialects import tile, ttir
from tilewright.dialects.tile import tile_info
from tilewright.dialects.ttir.shapes import Shape, matmul_shape
from tilewright.dialects.types import shape_of
from tilewright.support.dataformat import TILE_DIM
from tilewright.support.reasons import Reason, ReasonCode
from tilewright.transforms.lowering.context import Lowering, Rule, is_boolean, is_integer
from tilewright.transforms.lowering.elementwise import number


def flag(op: Operation, name: str) -> bool:
    """A boolean property that is false where absent."""
    attribute = op.properties.get(name)
    return isinstance(attribute, IntegerAttr) and bool(attribute.value.data)


def integers(attribute: Attribute | None) -> tuple[int, ...]:
    """The integers of a list attribute of either kind; empty where it is absent."""
    match attribute:
        case None:
            return ()
        case DenseArrayBase():
            # TTIR has no list property of floats.
            return cast("DenseArrayBase[IntegerType]", attribute).get_values()
        case ArrayAttr():
            return tuple(int(number(a)) for a in attribute.data)
        case _:
            return (int(number(attribute)),)


def floats_only(op: Operation) -> list[Reason]:
    """A reason for each operand that holds no floats."""
    return [
        Reason(ReasonCode.DTYPE, f"dtype(operand {i}) is an integer or boolean", "a float type")
        for i, v in enumerate(op.operands)
        if is_integer(v) or is_boolean(v)
    ]


def multiply_matrices(
    to: Lowering, a: SSAValue, b: SSAValue, bias: SSAValue | None, transposed: bool, shape: Shape
) -> SSAValue:
    """A matmul kernel on tile values, with a result of that shape; zero in the padding of the inner dimension is
    provided for."""
    if tile_info(a).matrix[-1] % TILE_DIM:
        a, b = to.padded_with(a, 0.0), to.padded_with(b, 0.0)
    kind = to.result_type(shape, tile_info(a).format)
    # in1's and in0's batch dimensions broadcast; what TTIR gives as rank 1 is a row or column of rank 2 here.
    return to.add(tile.MatmulOp(a, b, to.precision, kind, bias=bias, transpose_in1=transposed))


def _matmul(op: Operation, to: Lowering) -> SSAValue:
    assert isinstance(op, ttir.MatmulOp | ttir.LinearOp)
    a, b = to.tiles(op.a), to.tiles(op.b)
    if flag(op, "transpose_a"):
        info = tile_info(a)
        order = (*range(len(info.logical) - 2), len(info.logical) - 1, len(info.logical) - 2)
        swapped = tuple(info.logical[d] for d in order)
        a = to.add(tile.PermuteOp(a, order, to.precision, to.result_type(swapped, info.format, 0.0)))
    bias = op.bias if isinstance(op, ttir.LinearOp) else None
    shape = matmul_shape(shape_of(op.a), shape_of(op.b), flag(op, "transpose_a"), flag(op, "transpose_b"))
    # Other biases give the result more extents than the product has.
    fused = bias is not None and shape_of(bias) in ((shape[-1],), (1, shape[-1]))
    lowered = to.tiles(bias) if bias is not None else None
    product = multiply_matrices(to, a, b, lowered if fused else None, flag(op, "transpose_b"), shape)
    if lowered is not None and not fused:
        product = to.kernel(tile.AddOp, product, lowered, like=op.results[0])
    return product


def _matmul_check(op: Operation) -> list[Reason]:
    reasons = floats_only(op)
    for i, operand in enumerate(op.operands[:2]):
        if len(shape_of(operand)) < 2:
            reasons.append(Reason(ReasonCode.RANK, f"rank(operand {i}) = {len(shape_of(operand))}", "rank >= 2"))
    return reasons


def _softmax(op: Operation, to: Lowering) -> SSAValue:
    x = to.tiles(op.operands[0])
    info = tile_info(x)
    return to.add(tile.SoftmaxOp(x, to.precision, to.result_type(info.logical, info.format)))


def _softmax_check(op: Operation) -> list[Reason]:
    rank = len(shape_of(op.operands[0]))
    dim = int(number(op.properties["dimension"]))
    reasons = floats_only(op)
    if rank == 0 or dim % rank != rank - 1:
        reasons.append(Reason(ReasonCode.CONSTRAINT, f"dimension = {dim} of rank {rank}", f"dimension = {rank - 1}"))
    return reasons


def _layer_norm(op: Operation, to: Lowering) -> SSAValue:
    assert isinstance(op, ttir.LayerNormOp)
    x = to.tiles(op.input)
    info = tile_info(x)
    return to.add(
        tile.LayerNormOp(
            x,
            to.precision,
            to.result_type(info.logical, info.format),
            weight=None if op.weight is None else to.tiles(op.weight),
            bias=None if op.bias is None else to.tiles(op.bias),
            epsilon=number(op.properties.get("epsilon")),
        )
    )


def _layer_norm_check(op: Operation) -> list[Reason]:
    normalized = integers(op.properties["normalized_shape"])
    reasons = floats_only(op)
    if len(normalized) != 1:
        reasons.append(
            Reason(ReasonCode.CONSTRAINT, f"normalized_shape = {list(normalized)}", "one dimension, the last")
        )
    return reasons


def _attention(op: Operation, to: Lowering) -> SSAValue:
    """softmax(q @ k^T * scale + mask) @ v, scale and mask inside the softmax kernel."""
    assert isinstance(op, ttir.ScaledDotProductAttentionOp)
    query, key, value = to.tiles(op.query), to.tiles(op.key), to.tiles(op.value)
    fmt = tile_info(query).format
    q_shape, k_shape = shape_of(op.query), shape_of(op.key)
    scale_attr = op.properties.get("scale")
    scale = number(scale_attr) if scale_attr is not None else 1.0 / sqrt(q_shape[-1])
    if q_shape[-1] % TILE_DIM:
        query, key = to.padded_with(query, 0.0), to.padded_with(key, 0.0)
    scores_shape = (*q_shape[:-1], k_shape[-2])
    scores = to.add(tile.MatmulOp(query, key, to.precision, to.result_type(scores_shape, fmt), transpose_in1=True))
    mask = None if op.attention_mask is None else to.tiles(op.attention_mask)
    weights = to.add(tile.SoftmaxOp(scores, to.precision, to.result_type(scores_shape, fmt), mask=mask, scale=scale))
    return multiply_matrices(to, weights, value, None, False, shape_of(op.result))


def _attention_check(op: Operation) -> list[Reason]:
    assert isinstance(op, ttir.ScaledDotProductAttentionOp)
    reasons = floats_only(op)
    if flag(op, "is_causal"):
        reasons.append(Reason(ReasonCode.CONSTRAINT, "is_causal = true", "an explicit attention mask"))
    if op.properties.get("sliding_window_size") is not None:
        reasons.append(Reason(ReasonCode.CONSTRAINT, "sliding_window_size is given", "an explicit attention mask"))
    heads = {shape_of(v)[1] for v in (op.query, op.key, op.value)}
    if len(heads) > 1:
        reasons.append(Reason(ReasonCode.CONSTRAINT, f"heads = {sorted(heads)} differ", "as many key as query heads"))
    return reasons


RULES: dict[str, Rule] = {
    "ttir.matmul": Rule(_matmul, _matmul_check),
    "ttir.linear": Rule(_matmul, _matmul_check),
    "ttir.softmax": Rule(_softmax, _softmax_check),
    "ttir.layer_norm": Rule(_layer_norm, _layer_norm_check),
    "ttir.scaled_dot_product_attention": Rule(_attention, _attention_check),
}
"""Rules of this family, by op name."""
