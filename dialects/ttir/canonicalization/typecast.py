"""Patterns of `typecast`."""

from __future__ import annotations

from xdsl.dialects.builtin import BFloat16Type, Float16Type, Float32Type, Float64Type, IntegerType, Signedness, i1
from xdsl.ir import Attribute
from xdsl.pattern_rewriter import PatternRewriter, RewritePattern, op_type_rewrite_pattern
from xdsl.utils.hints import isa

from tilewright.dialects.ttir.canonicalization.common import has_encoding
from tilewright.dialects.ttir.canonicalization.numbers import filled_with, number_in
from tilewright.dialects.ttir.unary_with_attributes import TypecastOp
from tilewright.dialects.types import element_type_of

_FLOATS: dict[type[Attribute], tuple[int, int]] = {
    BFloat16Type: (8, 7),
    Float16Type: (5, 10),
    Float32Type: (8, 23),
    Float64Type: (11, 52),
}
"""Bits of exponent and explicit mantissa (IEEE 754; bfloat16 is the upper half of binary32)."""


def _integer_bits(type: Attribute) -> tuple[int, bool] | None:
    """Magnitude bits and whether there is a sign, but for `i1`, which is 0 or 1; None if it is no integer."""
    if not isa(type, IntegerType):
        return None
    width = type.width.data
    # Signless integers count as signed.
    unsigned = type.signedness.data is Signedness.UNSIGNED or width == 1
    return (width, False) if unsigned else (width - 1, True)


def is_exact_cast(source: Attribute, target: Attribute) -> bool:
    """Whether every number of element type `source` is one of `target`."""
    if source == target:
        return True
    source_integer, target_integer = _integer_bits(source), _integer_bits(target)
    source_float, target_float = _FLOATS.get(type(source)), _FLOATS.get(type(target))
    if source_float is not None and target_float is not None:
        return source_float[0] <= target_float[0] and source_float[1] <= target_float[1]
    if source_integer is None:
        return False
    bits, signed = source_integer
    if target_integer is not None:
        target_bits, target_signed = target_integer
        return bits <= target_bits and (target_signed or not signed)
    # All integers of up to 12 bits are below the largest f16, so the mantissa alone decides.
    return target_float is not None and bits <= target_float[1] + 1


class FoldIdentityCast(RewritePattern):
    """A cast to the type that the input has is the input."""

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: TypecastOp, rewriter: PatternRewriter) -> None:
        if op.input.type == op.result.type:
            rewriter.replace(op, (), (op.input,))


def _merges(source: Attribute, middle: Attribute, target: Attribute) -> bool:
    """Whether a cast by way of `middle` is the direct one."""
    if not is_exact_cast(source, middle):
        return False
    # An integer that does not fit wraps, but as a float it saturates.
    by_float = isa(source, IntegerType) and not isa(middle, IntegerType) and isa(target, IntegerType)
    return not by_float or target == i1 or is_exact_cast(source, target)


class MergeExactCasts(RewritePattern):
    """The first of two casts goes if it is exact; tt-mlir merges others too."""

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: TypecastOp, rewriter: PatternRewriter) -> None:
        inner = op.input.owner
        if not isinstance(inner, TypecastOp) or has_encoding(op):
            return
        if _merges(*map(element_type_of, (inner.input, inner.result, op.result))):
            conservative = bool(op.conservative_folding) and bool(inner.conservative_folding)
            element_type = element_type_of(op.result)
            merged = TypecastOp(inner.input, element_type, conservative_folding=conservative, location=op.location)
            rewriter.replace(op, merged)


class CastFilledTensor(RewritePattern):
    """A tensor of equal numbers is made in the type it is cast to, if that holds the number."""

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: TypecastOp, rewriter: PatternRewriter) -> None:
        number = number_in(op.input)
        if number is not None and (filled := filled_with(number, op)) is not None:
            rewriter.replace(op, filled)


TYPECAST = (FoldIdentityCast(), MergeExactCasts(), CastFilledTensor())
