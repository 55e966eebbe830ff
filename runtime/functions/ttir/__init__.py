"""The meaning of the `ttir` dialect: torch operations, with each result in its op's element type."""

from __future__ import annotations

from tilewright.runtime.functions.ttir.attention import AttentionFunctions
from tilewright.runtime.functions.ttir.creation import CreationFunctions
from tilewright.runtime.functions.ttir.data_movement import DataMovementFunctions
from tilewright.runtime.functions.ttir.elementwise import ElementwiseFunctions
from tilewright.runtime.functions.ttir.embedding import EmbeddingFunctions
from tilewright.runtime.functions.ttir.matmul import MatmulFunctions
from tilewright.runtime.functions.ttir.normalization import NormalizationFunctions
from tilewright.runtime.functions.ttir.reductions import ReductionFunctions


class TtirFunctions(
    AttentionFunctions,
    CreationFunctions,
    DataMovementFunctions,
    ElementwiseFunctions,
    EmbeddingFunctions,
    MatmulFunctions,
    NormalizationFunctions,
    ReductionFunctions,
):
    """All families of ops."""
