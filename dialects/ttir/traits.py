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


class DrawsNumbers(AllocatesResult):
    """Draws random numbers: as tt-mlir's NonCacheable, it is neither merged with an equal op nor computed ahead."""


class WritesFirstOperand(MemoryEffect):
    """Changes its first operand in place, and has no results: it stays, and in its order."""

    @classmethod
    def get_effects(cls, op: Operation) -> AbstractSet[EffectInstance]:
        return {EffectInstance(MemoryEffectKind.WRITE, op.operands[0])}


class AcrossMesh(OpTrait):
    """What a device gets depends on the other devices of the mesh, or on which one it is."""


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


class ClampPatterns(HasCanonicalizationPatternsTrait):
    @classmethod
    def get_canonicalization_patterns(cls) -> tuple[RewritePattern, ...]:
        from tilewright.dialects.ttir.canonicalization.clamp import CLAMP_SCALAR

        return CLAMP_SCALAR


class ClampTensorPatterns(HasCanonicalizationPatternsTrait):
    @classmethod
    def get_canonicalization_patterns(cls) -> tuple[RewritePattern, ...]:
        from tilewright.dialects.ttir.canonicalization.clamp import CLAMP_TENSOR

        return CLAMP_TENSOR


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


class MatmulPatterns(HasCanonicalizationPatternsTrait):
    @classmethod
    def get_canonicalization_patterns(cls) -> tuple[RewritePattern, ...]:
        from tilewright.dialects.ttir.canonicalization.matmul import MATMUL

        return MATMUL


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


class RequantizePatterns(HasCanonicalizationPatternsTrait):
    @classmethod
    def get_canonicalization_patterns(cls) -> tuple[RewritePattern, ...]:
        from tilewright.dialects.ttir.canonicalization.quantization import REQUANTIZE

        return REQUANTIZE


class LayoutCastPatterns(HasCanonicalizationPatternsTrait):
    @classmethod
    def get_canonicalization_patterns(cls) -> tuple[RewritePattern, ...]:
        from tilewright.dialects.ttir.canonicalization.layout import LAYOUT_CAST

        return LAYOUT_CAST


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


class UnitDimensionPatterns(HasCanonicalizationPatternsTrait):
    @classmethod
    def get_canonicalization_patterns(cls) -> tuple[RewritePattern, ...]:
        from tilewright.dialects.ttir.canonicalization.data_movement import UNIT_DIMENSION

        return UNIT_DIMENSION


class ReversePatterns(HasCanonicalizationPatternsTrait):
    @classmethod
    def get_canonicalization_patterns(cls) -> tuple[RewritePattern, ...]:
        from tilewright.dialects.ttir.canonicalization.data_movement import REVERSE

        return REVERSE


class RearrangePatterns(HasCanonicalizationPatternsTrait):
    @classmethod
    def get_canonicalization_patterns(cls) -> tuple[RewritePattern, ...]:
        from tilewright.dialects.ttir.canonicalization.data_movement import REARRANGE

        return REARRANGE


class RepeatPatterns(HasCanonicalizationPatternsTrait):
    @classmethod
    def get_canonicalization_patterns(cls) -> tuple[RewritePattern, ...]:
        from tilewright.dialects.ttir.canonicalization.repetition import REPEAT

        return REPEAT


class RepeatInterleavePatterns(HasCanonicalizationPatternsTrait):
    @classmethod
    def get_canonicalization_patterns(cls) -> tuple[RewritePattern, ...]:
        from tilewright.dialects.ttir.canonicalization.repetition import REPEAT_INTERLEAVE

        return REPEAT_INTERLEAVE


class PadPatterns(HasCanonicalizationPatternsTrait):
    @classmethod
    def get_canonicalization_patterns(cls) -> tuple[RewritePattern, ...]:
        from tilewright.dialects.ttir.canonicalization.padding import PAD

        return PAD


class SlicePatterns(HasCanonicalizationPatternsTrait):
    @classmethod
    def get_canonicalization_patterns(cls) -> tuple[RewritePattern, ...]:
        from tilewright.dialects.ttir.canonicalization.slicing import SLICE

        return SLICE


class SliceDynamicPatterns(HasCanonicalizationPatternsTrait):
    @classmethod
    def get_canonicalization_patterns(cls) -> tuple[RewritePattern, ...]:
        from tilewright.dialects.ttir.canonicalization.slicing import SLICE_DYNAMIC

        return SLICE_DYNAMIC


class IndexPatterns(HasCanonicalizationPatternsTrait):
    @classmethod
    def get_canonicalization_patterns(cls) -> tuple[RewritePattern, ...]:
        from tilewright.dialects.ttir.canonicalization.slicing import INDEX

        return INDEX


class IndexSelectPatterns(HasCanonicalizationPatternsTrait):
    @classmethod
    def get_canonicalization_patterns(cls) -> tuple[RewritePattern, ...]:
        from tilewright.dialects.ttir.canonicalization.slicing import INDEX_SELECT

        return INDEX_SELECT


class ScatterPatterns(HasCanonicalizationPatternsTrait):
    @classmethod
    def get_canonicalization_patterns(cls) -> tuple[RewritePattern, ...]:
        from tilewright.dialects.ttir.canonicalization.indexing import SCATTER

        return SCATTER


class ScanPatterns(HasCanonicalizationPatternsTrait):
    @classmethod
    def get_canonicalization_patterns(cls) -> tuple[RewritePattern, ...]:
        from tilewright.dialects.ttir.canonicalization.scans import SCAN

        return SCAN


class DimensionSizePatterns(HasCanonicalizationPatternsTrait):
    @classmethod
    def get_canonicalization_patterns(cls) -> tuple[RewritePattern, ...]:
        from tilewright.dialects.ttir.canonicalization.dimension_size import DIMENSION_SIZE

        return DIMENSION_SIZE


class Conv3dPatterns(HasCanonicalizationPatternsTrait):
    @classmethod
    def get_canonicalization_patterns(cls) -> tuple[RewritePattern, ...]:
        from tilewright.dialects.ttir.canonicalization.convolution import CONV3D

        return CONV3D


class PoolingPatterns(HasCanonicalizationPatternsTrait):
    @classmethod
    def get_canonicalization_patterns(cls) -> tuple[RewritePattern, ...]:
        from tilewright.dialects.ttir.canonicalization.pooling import POOLING

        return POOLING


class MeshShardPatterns(HasCanonicalizationPatternsTrait):
    @classmethod
    def get_canonicalization_patterns(cls) -> tuple[RewritePattern, ...]:
        from tilewright.dialects.ttir.canonicalization.mesh import MESH_SHARD

        return MESH_SHARD


class CollectiveBroadcastPatterns(HasCanonicalizationPatternsTrait):
    @classmethod
    def get_canonicalization_patterns(cls) -> tuple[RewritePattern, ...]:
        from tilewright.dialects.ttir.canonicalization.mesh import COLLECTIVE_BROADCAST

        return COLLECTIVE_BROADCAST
