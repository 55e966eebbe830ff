"""Traits of TTIR's ops: algebraic ones, and which canonicalisation patterns an op has."""

from __future__ import annotations

from collections.abc import Set as AbstractSet

from xdsl.ir import Operation
from xdsl.pattern_rewriter import RewritePattern
from xdsl.traits import EffectInstance, HasCanonicalizationPatternsTrait, MemoryEffect, MemoryEffectKind, OpTrait


class Idempotent(OpTrait):
    """`f(f(x)) == f(x)` for every x, bit for bit."""


class Involution(OpTrait):
    """`f(f(x)) == x` for every x, bit for bit."""


class AllocatesResult(MemoryEffect):
    """A fresh buffer: two equal ops are not the same value, but one without users can go."""

    @classmethod
    def get_effects(cls, op: Operation) -> AbstractSet[EffectInstance]:
        return {EffectInstance(MemoryEffectKind.ALLOC, op.results[0])}


class UnaryPatterns(HasCanonicalizationPatternsTrait):
    @classmethod
    def get_canonicalization_patterns(cls) -> tuple[RewritePattern, ...]:
        from tilewright.dialects.ttir.canonicalization.elementwise import UNARY

        return UNARY


class BinaryPatterns(HasCanonicalizationPatternsTrait):
    @classmethod
    def get_canonicalization_patterns(cls) -> tuple[RewritePattern, ...]:
        from tilewright.dialects.ttir.canonicalization.elementwise import BINARY

        return BINARY


class WherePatterns(HasCanonicalizationPatternsTrait):
    @classmethod
    def get_canonicalization_patterns(cls) -> tuple[RewritePattern, ...]:
        from tilewright.dialects.ttir.canonicalization.elementwise import WHERE

        return WHERE


class TypecastPatterns(HasCanonicalizationPatternsTrait):
    @classmethod
    def get_canonicalization_patterns(cls) -> tuple[RewritePattern, ...]:
        from tilewright.dialects.ttir.canonicalization.typecast import TYPECAST

        return TYPECAST


class ConstantPatterns(HasCanonicalizationPatternsTrait):
    @classmethod
    def get_canonicalization_patterns(cls) -> tuple[RewritePattern, ...]:
        from tilewright.dialects.ttir.canonicalization.creation import CONSTANT

        return CONSTANT


class LinearPatterns(HasCanonicalizationPatternsTrait):
    @classmethod
    def get_canonicalization_patterns(cls) -> tuple[RewritePattern, ...]:
        from tilewright.dialects.ttir.canonicalization.matmul import LINEAR

        return LINEAR


class ReshapePatterns(HasCanonicalizationPatternsTrait):
    @classmethod
    def get_canonicalization_patterns(cls) -> tuple[RewritePattern, ...]:
        from tilewright.dialects.ttir.canonicalization.data_movement import RESHAPE

        return RESHAPE


class PermutePatterns(HasCanonicalizationPatternsTrait):
    @classmethod
    def get_canonicalization_patterns(cls) -> tuple[RewritePattern, ...]:
        from tilewright.dialects.ttir.canonicalization.data_movement import PERMUTE

        return PERMUTE


class TransposePatterns(HasCanonicalizationPatternsTrait):
    @classmethod
    def get_canonicalization_patterns(cls) -> tuple[RewritePattern, ...]:
        from tilewright.dialects.ttir.canonicalization.data_movement import TRANSPOSE

        return TRANSPOSE


class BroadcastPatterns(HasCanonicalizationPatternsTrait):
    @classmethod
    def get_canonicalization_patterns(cls) -> tuple[RewritePattern, ...]:
        from tilewright.dialects.ttir.canonicalization.data_movement import BROADCAST

        return BROADCAST


class MovementPatterns(HasCanonicalizationPatternsTrait):
    """For ops that move data and have no more rules than what holds of all of them."""

    @classmethod
    def get_canonicalization_patterns(cls) -> tuple[RewritePattern, ...]:
        from tilewright.dialects.ttir.canonicalization.data_movement import MOVEMENT

        return MOVEMENT


class ToLayoutPatterns(HasCanonicalizationPatternsTrait):
    @classmethod
    def get_canonicalization_patterns(cls) -> tuple[RewritePattern, ...]:
        from tilewright.dialects.ttir.canonicalization.data_movement import TO_LAYOUT

        return TO_LAYOUT


class ConcatPatterns(HasCanonicalizationPatternsTrait):
    @classmethod
    def get_canonicalization_patterns(cls) -> tuple[RewritePattern, ...]:
        from tilewright.dialects.ttir.canonicalization.data_movement import CONCAT

        return CONCAT
