"""The meaning of the `ttir` dialect: torch operations, with each result in its op's element type."""

from __future__ import annotations

from tilewright.runtime.functions.per_device import PerDeviceFunctions
from tilewright.runtime.functions.ttir.attention import AttentionFunctions
from tilewright.runtime.functions.ttir.attention_training import AttentionTrainingFunctions
from tilewright.runtime.functions.ttir.batch_norm import BatchNormFunctions
from tilewright.runtime.functions.ttir.cache import CacheWriteFunctions
from tilewright.runtime.functions.ttir.collectives import CollectiveFunctions
from tilewright.runtime.functions.ttir.convolution import ConvolutionFunctions
from tilewright.runtime.functions.ttir.creation import CreationFunctions
from tilewright.runtime.functions.ttir.data_movement import DataMovementFunctions
from tilewright.runtime.functions.ttir.distributed_norms import DistributedNormFunctions
from tilewright.runtime.functions.ttir.elementwise import ElementwiseFunctions
from tilewright.runtime.functions.ttir.elementwise_with_attributes import AttributedElementwiseFunctions
from tilewright.runtime.functions.ttir.embedding import EmbeddingFunctions
from tilewright.runtime.functions.ttir.heads import HeadsFunctions
from tilewright.runtime.functions.ttir.indexing import IndexingFunctions
from tilewright.runtime.functions.ttir.layout import LayoutFunctions
from tilewright.runtime.functions.ttir.matmul import MatmulFunctions
from tilewright.runtime.functions.ttir.mesh import MeshFunctions
from tilewright.runtime.functions.ttir.moe import MoeFunctions
from tilewright.runtime.functions.ttir.moe_compute import MoeComputeFunctions
from tilewright.runtime.functions.ttir.moe_gpt import MoeGptFunctions
from tilewright.runtime.functions.ttir.normalization import NormalizationFunctions
from tilewright.runtime.functions.ttir.optimizer import OptimizerFunctions
from tilewright.runtime.functions.ttir.padding import PaddingFunctions
from tilewright.runtime.functions.ttir.pooling import PoolingFunctions
from tilewright.runtime.functions.ttir.quantization import QuantizationFunctions
from tilewright.runtime.functions.ttir.quantized_values import QuantizedValueFunctions
from tilewright.runtime.functions.ttir.random import RandomFunctions
from tilewright.runtime.functions.ttir.reductions import ReductionFunctions
from tilewright.runtime.functions.ttir.rotary import RotaryFunctions
from tilewright.runtime.functions.ttir.router import RouterFunctions
from tilewright.runtime.functions.ttir.sampling import SamplingFunctions
from tilewright.runtime.functions.ttir.scans import ScanFunctions
from tilewright.runtime.functions.ttir.slicing import SlicingFunctions
from tilewright.runtime.functions.ttir.sorting import SortingFunctions
from tilewright.runtime.functions.ttir.tile_values import TileValueFunctions
from tilewright.runtime.functions.ttir.upsampling import UpsamplingFunctions


class TtirFunctions(
    PerDeviceFunctions,
    TileValueFunctions,
    QuantizedValueFunctions,
    AttentionFunctions,
    AttentionTrainingFunctions,
    AttributedElementwiseFunctions,
    BatchNormFunctions,
    CacheWriteFunctions,
    CollectiveFunctions,
    ConvolutionFunctions,
    CreationFunctions,
    DataMovementFunctions,
    DistributedNormFunctions,
    ElementwiseFunctions,
    EmbeddingFunctions,
    HeadsFunctions,
    IndexingFunctions,
    LayoutFunctions,
    MatmulFunctions,
    MeshFunctions,
    MoeComputeFunctions,
    MoeFunctions,
    MoeGptFunctions,
    NormalizationFunctions,
    OptimizerFunctions,
    PaddingFunctions,
    PoolingFunctions,
    QuantizationFunctions,
    RandomFunctions,
    ReductionFunctions,
    RotaryFunctions,
    RouterFunctions,
    SamplingFunctions,
    ScanFunctions,
    SlicingFunctions,
    SortingFunctions,
    UpsamplingFunctions,
):
    """All families of ops."""
