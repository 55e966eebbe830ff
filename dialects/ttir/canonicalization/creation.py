"""Patterns of creation ops."""

from __future__ import annotations

from xdsl.dialects.builtin import (
    BFloat16Type,
    DenseIntOrFPElementsAttr,
    Float16Type,
    Float32Type,
    IntegerType,
    i1,
)
from xdsl.pattern_rewriter import PatternRewriter, RewritePattern, op_type_rewrite_pattern

from tilewright.dialects.ttir.canonicalization.common import has_encoding
from tilewright.dialects.ttir.creation import ConstantOp, FullOp

_I32_RANGE = range(-(2**31), 2**31)


def splat_of(value: DenseIntOrFPElementsAttr) -> int | float | None:
    """The number in every element; None if they differ, if there are none, or if f32 or i32 cannot hold it."""
    data = value.data.data
    element_type = value.get_element_type()
    if not data or not isinstance(element_type, IntegerType | Float32Type | Float16Type | BFloat16Type):
        return None
    size = element_type.compile_time_size
    first = data[:size]
    # Most constants differ at once between the first and the last element.
    if data[-size:] != first or data != first * (len(data) // size):
        return None
    (number,) = element_type.unpack(first, 1)
    if isinstance(number, float):
        return number
    # As a signed number, the one bit of `true` is -1.
    number = abs(number) if element_type == i1 else number
    return number if number in _I32_RANGE else None


class ConstantToFull(RewritePattern):
    """A constant of equal numbers becomes a `full`."""

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: ConstantOp, rewriter: PatternRewriter) -> None:
        if not isinstance(op.value, DenseIntOrFPElementsAttr) or op.value.type != op.result.type or has_encoding(op):
            return
        if (number := splat_of(op.value)) is not None:
            type_ = op.result.type
            rewriter.replace(op, FullOp(type_.get_shape(), number, type_.element_type, location=op.location))


CONSTANT = (ConstantToFull(),)
