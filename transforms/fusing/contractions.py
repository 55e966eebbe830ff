"""Products in their simplest form, and products with a bias."""

from __future__ import annotations

from collections.abc import Sequence

from xdsl.ir import Operation, SSAValue

from tilewright.dialects import ttir
from tilewright.dialects.ttir.attributes import FALSE, bool_attr
from tilewright.dialects.types import element_type_of, shape_of
from tilewright.transforms.constant_values import ConstantValues
from tilewright.transforms.fusing.matching import RESHAPES, in_shape, is_plain, padded, without_broadcasts
from tilewright.transforms.fusing.rule import Rules


def matmul(op: ttir.DotGeneralOp) -> Sequence[Operation] | None:
    """A product over one dimension, whose batch dimensions are in front, is a matmul, with its operands transposed."""
    batch_lhs, contract_lhs, batch_rhs, contract_rhs = op.dims
    left, right = len(shape_of(op.lhs)), len(shape_of(op.rhs))
    count = len(batch_lhs)
    if len(contract_lhs) != 1 or batch_lhs != tuple(range(count)) or batch_rhs != batch_lhs or right != count + 2:
        return None
    if not is_plain(op.lhs) or not is_plain(op.rhs) or not is_plain(op.result):
        return None
    # Without batch dimensions, `a` may have any number of rows' dimensions.
    if left != count + 2 and not (count == 0 and left > 2 and contract_lhs[0] == left - 1):
        return None
    flags = contract_lhs[0] == left - 2, contract_rhs[0] == right - 1
    new = ttir.MatmulOp(op.lhs, op.rhs, *flags, op.result.type)
    new.attributes.update(op.attributes)
    return [new]


def transposed(op: ttir.MatmulOp | ttir.LinearOp) -> Sequence[Operation] | None:
    """A product transposes its operands by itself. (A constant operand is transposed once anyway.)"""
    constants = ConstantValues()
    for i, name in enumerate(("transpose_a", "transpose_b")):
        permute = op.operands[i].owner
        if not isinstance(permute, ttir.PermuteOp | ttir.TransposeOp) or permute.input in constants:
            continue
        rank = len(permute.order)
        swap = (*range(rank - 2), rank - 1, rank - 2)
        if permute.order != swap or element_type_of(permute.input) != element_type_of(permute.result):
            continue
        flag = op.properties[name] == FALSE
        new = type(op).create(
            operands=[permute.input if j == i else operand for j, operand in enumerate(op.operands)],
            result_types=[op.result.type],
            properties={**op.properties, name: bool_attr(flag)},
            attributes=dict(op.attributes),
        )
        return [new]
    return None


def linear(op: ttir.AddOp) -> Sequence[Operation] | None:
    """A product plus one number a column; between them the rows may be reshaped."""
    for value, addend in ((op.lhs, op.rhs), (op.rhs, op.lhs)):
        if value.type != op.result.type or element_type_of(addend) != element_type_of(op.result):
            continue
        reshape = value.owner if isinstance(value.owner, RESHAPES) else None
        product = value if reshape is None else reshape.input
        matmul = product.owner
        if not isinstance(matmul, ttir.MatmulOp) or not is_plain(op.result) or not is_plain(matmul.result):
            continue
        made = _linear(matmul, addend, shape_of(op.result))
        if made is None or element_type_of(product) != element_type_of(value):
            continue
        return made if reshape is None else [*made, ttir.ReshapeOp(made[-1], shape_of(op.result), op.result.type)]
    return None


def _linear(matmul: ttir.MatmulOp, addend: SSAValue, shape: tuple[int, ...]) -> list[Operation] | None:
    product = shape_of(matmul.result)
    columns = product[-1]
    bias = without_broadcasts(addend)
    if (
        not shape_of(bias)
        or shape[-1] != columns
        or padded(shape_of(bias), len(shape)) != padded((columns,), len(shape))
    ):
        return None
    if len(shape_of(matmul.a)) < 2 or len(shape_of(matmul.b)) < 2:
        return None
    ops, vector = in_shape(bias, (columns,))
    flags = bool(matmul.transpose_a), bool(matmul.transpose_b)
    new = ttir.LinearOp(matmul.a, matmul.b, vector, *flags, matmul.result.type)
    # Among them is tt-mlir's choice of a format for the weights.
    new.attributes.update(matmul.attributes)
    return [*ops, new]


RULES: Rules = {
    ttir.DotGeneralOp: (matmul,),
    ttir.LinearOp: (transposed,),
    ttir.MatmulOp: (transposed,),
}

LATE_RULES: Rules = {ttir.AddOp: (linear,)}
"""To be applied when products are in no larger pattern: to one, scores of attention plus a mask look like a bias."""
