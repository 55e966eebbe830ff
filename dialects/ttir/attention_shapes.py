"""Conditions that attention ops share. All raise VerifyException.

Source of the rules: the verifiers of the attention ops in tt-mlir ``TTIROps.cpp``; those that are not there follow the
documentation of the ops in ``TTIROps.td``.
"""

from __future__ import annotations

from collections.abc import Collection

from xdsl.dialects.builtin import DYNAMIC_INDEX, AnyFloat, IntegerType
from xdsl.ir import SSAValue
from xdsl.utils.exceptions import VerifyException

from tilewright.dialects.ttir.shapes import Shape, may_be_equal, require
from tilewright.dialects.types import element_type_of, shape_of, tensor_of

TILE_WIDTH = 32
"""Columns of a tile, in which the device keeps one number a row."""


def ranked_shape(value: SSAValue, name: str, rank: int) -> Shape:
    """The shape of operand `name`, which has `rank` dimensions."""
    shape = shape_of(value)
    require(len(shape) == rank, f"operand '{name}' has the shape {shape}, expected rank {rank}")
    return shape


def require_shape(value: SSAValue, name: str, expected: Shape, role: str = "operand") -> None:
    """Operand (or another `role`) `name` has the shape `expected`."""
    found = shape_of(value)
    require(may_be_equal(found, expected), f"{role} '{name}' has the shape {found}, expected {expected}")


def require_broadcast(value: SSAValue, name: str, full: Shape, ones: Collection[int], where: str) -> None:
    """Operand `name` has the shape `full`, where the extents of the dimensions `ones` may be 1 instead."""
    found = shape_of(value)
    fits = len(found) == len(full) and all(
        may_be_equal((x,), (y,)) or (x == 1 and axis in ones)
        for axis, (x, y) in enumerate(zip(found, full, strict=True))
    )
    require(fits, f"operand '{name}' has the shape {found}, expected {full}, where {where} may be 1")


def require_same_type(value: SSAValue, name: str, other: SSAValue, other_name: str, role: str = "operand") -> None:
    """Both have one type, but for extents that are not known."""
    if value.type == other.type:
        return
    left, right = tensor_of(value), tensor_of(other)
    fits = (
        may_be_equal(left.get_shape(), right.get_shape())
        and left.element_type == right.element_type
        and left.encoding == right.encoding
    )
    subject = f"{role} '{name}'" if name else role
    require(fits, f"{subject} has the type {left}, expected that of '{other_name}', {right}")


def require_integers(value: SSAValue, name: str) -> None:
    """Operand `name` holds integers."""
    found = element_type_of(value)
    require(isinstance(found, IntegerType), f"operand '{name}' has the element type {found}, expected an integer")


def require_floats(value: SSAValue, name: str, role: str = "operand") -> None:
    """Operand (or another `role`) `name` holds floats."""
    found = element_type_of(value)
    require(isinstance(found, AnyFloat), f"{role} '{name}' has the element type {found}, expected a float")


def require_same_elements(value: SSAValue, name: str, other: SSAValue, other_name: str) -> None:
    """Both operands have one element type."""
    found, expected = element_type_of(value), element_type_of(other)
    if found != expected:
        raise VerifyException(
            f"operand '{name}' has the element type {found}, expected that of '{other_name}', {expected}"
        )


def require_groups(heads: int, key_heads: int) -> None:
    """Each head of the keys serves an equal number of those of the queries."""
    if DYNAMIC_INDEX in (heads, key_heads):
        return
    require(
        key_heads > 0 and heads % key_heads == 0,
        f"operand 'key' has {key_heads} heads, expected a divisor of the {heads} of 'query'",
    )


def require_head_size(found: int, expected: int) -> None:
    """The vectors of keys and queries have one length."""
    require(
        may_be_equal((found,), (expected,)),
        f"operand 'key' has the head size {found}, expected {expected}, that of 'query'",
    )


def times(*extents: int) -> int:
    """Their product; not known if one of them is not."""
    product = 1
    for extent in extents:
        product *= extent
    return DYNAMIC_INDEX if DYNAMIC_INDEX in extents else product
