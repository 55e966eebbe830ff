"""What the rules look at: numbers, reductions, and values behind reshapes and broadcasts."""

from __future__ import annotations

from collections.abc import Iterator
from math import inf, isfinite
from struct import unpack

from xdsl.dialects.builtin import (
    DYNAMIC_INDEX,
    AnyFloat,
    BFloat16Type,
    DenseIntOrFPElementsAttr,
    Float16Type,
    Float64Type,
    NoneAttr,
)
from xdsl.ir import Attribute, Operation, SSAValue

from tilewright.dialects import ttir
from tilewright.dialects.ttir.canonicalization.creation import splat_of
from tilewright.dialects.ttir.shapes import Shape
from tilewright.dialects.types import element_type_of, shape_of, tensor_of

RESHAPES = (ttir.ReshapeOp, ttir.SqueezeOp, ttir.UnsqueezeOp)
"""Ops that keep the order of the elements."""

_MOVES_EQUAL_ELEMENTS = (*RESHAPES, ttir.BroadcastOp, ttir.PermuteOp, ttir.TransposeOp)


def is_plain(value: SSAValue) -> bool:
    """Whether `value` has a static shape and no encoding, as what rules make has."""
    type = tensor_of(value)
    return DYNAMIC_INDEX not in type.get_shape() and isinstance(type.encoding, NoneAttr)


def is_float(value: SSAValue) -> bool:
    """Whether the elements are floats."""
    return isinstance(element_type_of(value), AnyFloat)


def _keeps_elements(op: ttir.MovementOp) -> bool:
    return element_type_of(op.input) == element_type_of(op.result)


def number_of(value: SSAValue) -> int | float | None:
    """The number in every element, as it is written; None if there is no such number."""
    while isinstance(owner := value.owner, _MOVES_EQUAL_ELEMENTS) and _keeps_elements(owner):
        value = owner.input
    if isinstance(owner, ttir.ConstantOp):
        return _splat_of(owner.value) if isinstance(owner.value, DenseIntOrFPElementsAttr) else None
    return ttir.fill_value_of(value)


def _splat_of(constant: DenseIntOrFPElementsAttr) -> int | float | None:
    """As `splat_of`, and of f64, which `full` does not hold."""
    data = constant.data.data
    if not isinstance(constant.get_element_type(), Float64Type):
        return splat_of(constant)
    return unpack("<d", data[:8])[0] if data and data == data[:8] * (len(data) // 8) else None


def is_number(value: SSAValue, expected: float) -> bool:
    """Whether every element is `expected`, but for its rounding to the element type."""
    found = number_of(value)
    return found is not None and is_close(found, expected, element_type_of(value))


def is_close(found: float, expected: float, type: Attribute) -> bool:
    """Whether `found` may be `expected` rounded to `type`: half a unit in the last place away at most."""
    if not isfinite(expected):
        return found == expected
    match type:
        case BFloat16Type():
            bits = 8
        case Float16Type():
            bits = 11
        case Float64Type():
            # A number of a graph in double precision often comes from single precision.
            bits = 24
        case _:
            bits = 24
    return abs(found - expected) <= 2.0**-bits * abs(expected)


def is_lowest(value: SSAValue) -> bool:
    """Whether every element is minus infinity."""
    return number_of(value) == -inf


def without_reshapes(value: SSAValue) -> SSAValue:
    """What `value` is a reshape of."""
    while isinstance(owner := value.owner, RESHAPES) and _keeps_elements(owner):
        value = owner.input
    return value


def without_broadcasts(value: SSAValue) -> SSAValue:
    """What `value` is a broadcast of. It broadcasts to the same elements wherever `value` does."""
    while isinstance(owner := value.owner, ttir.BroadcastOp) and _keeps_elements(owner):
        value = owner.input
    return value


def padded(shape: Shape, rank: int) -> Shape:
    """`shape` with ones before it."""
    return (1,) * (rank - len(shape)) + shape


def per_row(value: SSAValue, shape: Shape, axes: tuple[int, ...]) -> SSAValue | None:
    """The value with one element for each index of the dimensions that are not in `axes`, in their order, of which
    `value` is a reshape or a broadcast that fits `shape`; None if it is nothing of the kind."""
    inner = without_broadcasts(value)
    found = shape_of(inner)
    expected = tuple(1 if i in axes else extent for i, extent in enumerate(shape))
    if len(found) > len(shape) or padded(found, len(shape)) != expected:
        return None
    return without_reshapes(inner)


def per_last(value: SSAValue, shape: Shape, count: int) -> SSAValue | None:
    """The value without broadcasts that fits `shape` and depends on its last `count` dimensions alone, all of which it
    has; None if there is none."""
    inner = without_broadcasts(value)
    found = shape_of(inner)
    if len(found) > len(shape):
        return None
    expected = (1,) * (len(shape) - count) + shape[len(shape) - count :]
    return inner if padded(found, len(shape)) == expected else None


def in_shape(value: SSAValue, shape: Shape) -> tuple[list[Operation], SSAValue]:
    """`value` in another shape with the same elements in order, and the op that this takes, if any."""
    source = without_reshapes(value)
    if shape_of(source) == shape:
        return [], source
    if shape_of(value) == shape:
        return [], value
    op = ttir.ReshapeOp(source, shape)
    return [op], op.result


def equivalent(a: SSAValue, b: SSAValue, depth: int = 4) -> bool:
    """Whether both are the same value, or computed by equal ops from the same values."""
    if a is b:
        return True
    left, right = a.owner, b.owner
    return (
        depth > 0
        and isinstance(left, Operation)
        and isinstance(right, Operation)
        and type(left) is type(right)
        and a.type == b.type
        and left.properties == right.properties
        and len(left.operands) == len(right.operands)
        and isinstance(left, ttir.SingleResultOp)
        and all(equivalent(x, y, depth - 1) for x, y in zip(left.operands, right.operands, strict=True))
    )


def mean_of(value: SSAValue) -> tuple[SSAValue, tuple[int, ...]] | None:
    """What `value`, but for its shape, is the mean of, and along which dimensions."""
    owner = without_reshapes(value).owner
    if isinstance(owner, ttir.MeanOp):
        return owner.input, owner.axes
    return None


def other_operand(op: ttir.BinaryOp, kind: type[Operation]) -> tuple[Operation, SSAValue] | None:
    """The operand that an op of `kind` makes, if one is, and the other one."""
    for operand, other in ((op.lhs, op.rhs), (op.rhs, op.lhs)):
        if isinstance(operand.owner, kind):
            return operand.owner, other
    return None


def with_number(op: ttir.BinaryOp, expected: float) -> SSAValue | None:
    """The operand beside `expected` on either side; None if there is none."""
    if is_number(op.rhs, expected):
        return op.lhs
    return op.rhs if is_number(op.lhs, expected) else None


def scalings(value: SSAValue) -> Iterator[tuple[SSAValue, float]]:
    """`value` without its outermost factors that are numbers, first none of them, and their product."""
    scale = 1.0
    while True:
        yield value, scale
        match value.owner:
            case ttir.MultiplyOp() as op if (c := number_of(op.rhs)) is not None and _same_type(op, op.lhs):
                value, scale = op.lhs, scale * c
            case ttir.MultiplyOp() as op if (c := number_of(op.lhs)) is not None and _same_type(op, op.rhs):
                value, scale = op.rhs, scale * c
            case ttir.DivOp() as op if (c := number_of(op.rhs)) and _same_type(op, op.lhs):
                value, scale = op.lhs, scale / c
            case ttir.NegOp() as op if _same_type(op, op.input):
                value, scale = op.input, -scale
            case _:
                return


def scaled(value: SSAValue) -> tuple[SSAValue, float]:
    """`value` without any factors that are numbers, and their product."""
    *_, last = scalings(value)
    return last


def _same_type(op: ttir.SingleResultOp, operand: SSAValue) -> bool:
    return operand.type == op.result.type and is_float(operand)


def factors_of(value: SSAValue, whole: SSAValue | None = None) -> tuple[list[SSAValue], float]:
    """The factors of a product that are no numbers, and the product of those that are; `whole` is not taken apart."""
    inner, scale = value, 1.0
    for inner, scale in scalings(value):
        if inner is whole:
            return [inner], scale
    if isinstance(inner.owner, ttir.MultiplyOp) and is_float(inner):
        left, a = factors_of(inner.owner.lhs, whole)
        right, b = factors_of(inner.owner.rhs, whole)
        return [*left, *right], scale * a * b
    return [inner], scale
