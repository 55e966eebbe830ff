"""The `ttir` dialect: tensors and named ops that know nothing of hardware, as tt-mlir defines them.

Pinned to tt-mlir commit 19c86fca45 (2026-08-21): its ``include/ttmlir/Dialect/TTIR/IR/TTIROps.td`` is what an op here
follows in name, operands, kinds of attributes and conditions. Ops are printed in the generic form, but for `empty` and
`to_layout`.
"""

from __future__ import annotations

from xdsl.ir import Dialect

from tilewright.dialects.ttir.activations import (
    ACTIVATION_OPS,
    GeluOp,
    HardsigmoidOp,
    MishOp,
    Relu6Op,
    ReluOp,
    SigmoidOp,
    SiluOp,
    SoftsignOp,
    TanhshrinkOp,
)
from tilewright.dialects.ttir.attention import (
    ATTENTION_OPS,
    ScaledDotProductAttentionOp,
)
from tilewright.dialects.ttir.attention_decode import (
    ATTENTION_DECODE_OPS,
    ScaledDotProductAttentionDecodeOp,
)
from tilewright.dialects.ttir.attention_paged import (
    ATTENTION_PAGED_OPS,
    ChunkedScaledDotProductAttentionOp,
    PagedFlashMultiLatentAttentionDecodeOp,
    PagedScaledDotProductAttentionDecodeOp,
)
from tilewright.dialects.ttir.attention_training import (
    ATTENTION_TRAINING_OPS,
    SDPABackwardOp,
    SDPAForwardOp,
)
from tilewright.dialects.ttir.bases import (
    BinaryOp,
    ConditionOp,
    InferredShapeOp,
    MovementOp,
    PredicateOp,
    SegmentedOp,
    SingleResultOp,
    TTIROp,
    UnaryOp,
    Value,
    is_boolean,
)
from tilewright.dialects.ttir.batch_norm import (
    BATCH_NORM_OPS,
    BatchNormInferenceOp,
    BatchNormOp,
    BatchNormTrainingOp,
    GroupNormOp,
)
from tilewright.dialects.ttir.binary import (
    BINARY_OPS,
    AddOp,
    Atan2Op,
    DivOp,
    EqualOp,
    GeluBackwardOp,
    GreaterEqualOp,
    GreaterThanOp,
    LessEqualOp,
    LessThanOp,
    LogicalAndOp,
    LogicalOrOp,
    LogicalXorOp,
    MaximumOp,
    MinimumOp,
    MultiplyOp,
    NotEqualOp,
    PowOp,
    RemainderOp,
    SubtractOp,
    WhereOp,
)
from tilewright.dialects.ttir.binary_bitwise import (
    BITWISE_OPS,
    BitwiseAndOp,
    BitwiseOrOp,
    BitwiseXorOp,
    LogicalLeftShiftOp,
    LogicalRightShiftOp,
    RightShiftOp,
    ShiftOp,
)
from tilewright.dialects.ttir.cache import (
    CACHE_OPS,
    CacheOp,
    FillCacheOp,
    PagedFillCacheOp,
    PagedUpdateCacheOp,
    UpdateCacheOp,
)
from tilewright.dialects.ttir.collectives import (
    COLLECTIVE_OPS,
    AllGatherOp,
    AllReduceAsyncOp,
    AllReduceOp,
    AllToAllOp,
    CollectiveBroadcastOp,
    CollectivePermuteOp,
    ReduceScatterOp,
    ReducingCollectiveOp,
)
from tilewright.dialects.ttir.concatenation import (
    CONCATENATION_OPS,
    ConcatOp,
)
from tilewright.dialects.ttir.convolution import (
    CONVOLUTION_OPS,
    Conv1dOp,
    Conv2dOp,
    Conv3dOp,
    ConvolutionOp,
    ConvTranspose2dOp,
)
from tilewright.dialects.ttir.creation import (
    CREATION_OPS,
    ArangeOp,
    ConstantOp,
    FilledOp,
    FullOp,
    OnesOp,
    ZerosOp,
    fill_value_of,
)
from tilewright.dialects.ttir.data_movement import (
    DATA_MOVEMENT_OPS,
    BroadcastOp,
    PermuteOp,
    ReshapeOp,
    ReverseOp,
    SqueezeOp,
    TransposeOp,
    UnsqueezeOp,
)
from tilewright.dialects.ttir.dimension_size import (
    DIMENSION_SIZE_OPS,
    GetDimensionSizeOp,
)
from tilewright.dialects.ttir.distributed_norms import (
    DISTRIBUTED_NORM_OPS,
    DistributedLayerNormOp,
    DistributedNormOp,
    DistributedRMSNormOp,
)
from tilewright.dialects.ttir.dot_general import (
    DOT_GENERAL_OPS,
    DotGeneralOp,
)
from tilewright.dialects.ttir.embedding import (
    EMBEDDING_OPS,
    EmbeddingBackwardOp,
    EmbeddingOp,
)
from tilewright.dialects.ttir.flattened import (
    FlattenedCompatInfoAttr,
)
from tilewright.dialects.ttir.heads import (
    HEADS_OPS,
    ConcatenateHeadsOp,
    SplitQueryKeyValueAndSplitHeadsOp,
)
from tilewright.dialects.ttir.indexing import (
    INDEXING_OPS,
    GatherOp,
    ScatterOp,
)
from tilewright.dialects.ttir.layout import (
    LAYOUT_OPS,
    AllocOp,
    DeallocOp,
    EmptyOp,
    ToLayoutOp,
    TTNNMetalLayoutCastOp,
)
from tilewright.dialects.ttir.matmul import (
    MATMUL_OPS,
    LinearOp,
    MatmulOp,
)
from tilewright.dialects.ttir.mesh import (
    MESH_OPS,
    MeshPartitionOp,
    MeshShardOp,
)
from tilewright.dialects.ttir.moe import (
    MOE_OPS,
    AllToAllCombineOp,
    AllToAllDispatchMetadataOp,
    AllToAllDispatchOp,
    MoeExpertTokenRemapOp,
    SelectiveReduceCombineOp,
)
from tilewright.dialects.ttir.moe_kernels import (
    MOE_KERNEL_OPS,
    MoeComputeOp,
    MoeGptOp,
)
from tilewright.dialects.ttir.normalization import (
    NORMALIZATION_OPS,
    LayerNormOp,
    NormalizationOp,
    RMSNormOp,
    SoftmaxOp,
)
from tilewright.dialects.ttir.optimizer import (
    OPTIMIZER_OPS,
    AdamWOp,
)
from tilewright.dialects.ttir.padding import (
    PADDING_OPS,
    PadOp,
)
from tilewright.dialects.ttir.pooling import (
    POOLING_OPS,
    AvgPool2dOp,
    GlobalAvgPool2dOp,
    MaxPool2dOp,
    MaxPool2dWithIndicesOp,
    PoolingOp,
)
from tilewright.dialects.ttir.quantization import (
    QUANTIZATION_OPS,
    DequantizeOp,
    DequantizeUnrolledOp,
    QuantizeOp,
    QuantizeUnrolledOp,
    RequantizeOp,
    RequantizeUnrolledOp,
)
from tilewright.dialects.ttir.random import (
    RANDOM_OPS,
    DropoutOp,
    RandOp,
)
from tilewright.dialects.ttir.rearrange import (
    REARRANGE_OPS,
    RearrangeOp,
)
from tilewright.dialects.ttir.reductions import (
    REDUCTION_OPS,
    ArgMaxOp,
    MaxOp,
    MeanOp,
    MinOp,
    ProdOp,
    ReduceAndOp,
    ReduceOrOp,
    ReductionOp,
    SumOp,
)
from tilewright.dialects.ttir.repetition import (
    REPETITION_OPS,
    RepeatInterleaveOp,
    RepeatOp,
)
from tilewright.dialects.ttir.rotary import (
    ROTARY_OPS,
    RotaryEmbeddingOp,
)
from tilewright.dialects.ttir.router import (
    ROUTER_OPS,
    TopKRouterGptOp,
)
from tilewright.dialects.ttir.sampling import (
    SAMPLING_OPS,
    SamplingOp,
)
from tilewright.dialects.ttir.scans import (
    SCAN_OPS,
    CumProdOp,
    CumSumOp,
    ScanOp,
)
from tilewright.dialects.ttir.slicing import (
    SLICING_OPS,
    IndexOp,
    IndexSelectOp,
    SliceDynamicOp,
    SliceStaticOp,
)
from tilewright.dialects.ttir.sorting import (
    SORTING_OPS,
    SortOp,
    TopKOp,
)
from tilewright.dialects.ttir.sparse_matmul import (
    SPARSE_MATMUL_OPS,
    SparseMatmulOp,
)
from tilewright.dialects.ttir.trigonometric import (
    TRIGONOMETRIC_OPS,
    AcosOp,
    AsinhOp,
    AsinOp,
    AtanOp,
    CosOp,
    SinOp,
    TanhOp,
    TanOp,
)
from tilewright.dialects.ttir.tt_lang import (
    TT_LANG_OPS,
    TTLangOp,
)
from tilewright.dialects.ttir.unary import (
    UNARY_OPS,
    AbsOp,
    BitwiseNotOp,
    CbrtOp,
    CeilOp,
    ErfcOp,
    ErfOp,
    Exp2Op,
    Expm1Op,
    ExpOp,
    FloorOp,
    FracOp,
    IsFiniteOp,
    Log1pOp,
    LogicalNotOp,
    LogOp,
    NegOp,
    ReciprocalOp,
    RsqrtOp,
    SignbitOp,
    SignOp,
    SqrtOp,
    SquareOp,
    TruncOp,
)
from tilewright.dialects.ttir.unary_with_attributes import (
    UNARY_OPS_WITH_ATTRIBUTES,
    BitcastConvertOp,
    ClampScalarOp,
    ClampTensorOp,
    LeakyReluOp,
    SeluOp,
    TypecastOp,
)
from tilewright.dialects.ttir.upsampling import (
    UPSAMPLING_OPS,
    Upsample2dOp,
)

__all__ = [
    "TTIR", "AbsOp", "AcosOp", "AdamWOp", "AddOp", "AllGatherOp", "AllReduceAsyncOp", "AllReduceOp",
    "AllToAllCombineOp", "AllToAllDispatchMetadataOp", "AllToAllDispatchOp", "AllToAllOp", "AllocOp", "ArangeOp",
    "ArgMaxOp", "AsinOp", "AsinhOp", "Atan2Op", "AtanOp", "AvgPool2dOp", "BatchNormInferenceOp", "BatchNormOp",
    "BatchNormTrainingOp", "BinaryOp", "BitcastConvertOp", "BitwiseAndOp", "BitwiseNotOp", "BitwiseOrOp",
    "BitwiseXorOp", "BroadcastOp", "CacheOp", "CbrtOp", "CeilOp", "ChunkedScaledDotProductAttentionOp", "ClampScalarOp",
    "ClampTensorOp", "CollectiveBroadcastOp", "CollectivePermuteOp", "ConcatOp", "ConcatenateHeadsOp", "ConditionOp",
    "ConstantOp", "Conv1dOp", "Conv2dOp", "Conv3dOp", "ConvTranspose2dOp", "ConvolutionOp", "CosOp", "CumProdOp",
    "CumSumOp", "DeallocOp", "DequantizeOp", "DequantizeUnrolledOp", "DistributedLayerNormOp", "DistributedNormOp",
    "DistributedRMSNormOp", "DivOp", "DotGeneralOp", "DropoutOp", "EmbeddingBackwardOp", "EmbeddingOp", "EmptyOp",
    "EqualOp", "ErfOp", "ErfcOp", "Exp2Op", "ExpOp", "Expm1Op", "FillCacheOp", "FilledOp", "FlattenedCompatInfoAttr",
    "FloorOp", "FracOp", "FullOp", "GatherOp", "GeluBackwardOp", "GeluOp", "GetDimensionSizeOp", "GlobalAvgPool2dOp",
    "GreaterEqualOp", "GreaterThanOp", "GroupNormOp", "HardsigmoidOp", "IndexOp", "IndexSelectOp", "InferredShapeOp",
    "IsFiniteOp", "LayerNormOp", "LeakyReluOp", "LessEqualOp", "LessThanOp", "LinearOp", "Log1pOp", "LogOp",
    "LogicalAndOp", "LogicalLeftShiftOp", "LogicalNotOp", "LogicalOrOp", "LogicalRightShiftOp", "LogicalXorOp",
    "MatmulOp", "MaxOp", "MaxPool2dOp", "MaxPool2dWithIndicesOp", "MaximumOp", "MeanOp", "MeshPartitionOp",
    "MeshShardOp", "MinOp", "MinimumOp", "MishOp", "MoeComputeOp", "MoeExpertTokenRemapOp", "MoeGptOp", "MovementOp",
    "MultiplyOp", "NegOp", "NormalizationOp", "NotEqualOp", "OnesOp", "PadOp", "PagedFillCacheOp",
    "PagedFlashMultiLatentAttentionDecodeOp", "PagedScaledDotProductAttentionDecodeOp", "PagedUpdateCacheOp",
    "PermuteOp", "PoolingOp", "PowOp", "PredicateOp", "ProdOp", "QuantizeOp", "QuantizeUnrolledOp", "RMSNormOp",
    "RandOp", "RearrangeOp", "ReciprocalOp", "ReduceAndOp", "ReduceOrOp", "ReduceScatterOp", "ReducingCollectiveOp",
    "ReductionOp", "Relu6Op", "ReluOp", "RemainderOp", "RepeatInterleaveOp", "RepeatOp", "RequantizeOp",
    "RequantizeUnrolledOp", "ReshapeOp", "ReverseOp", "RightShiftOp", "RotaryEmbeddingOp", "RsqrtOp", "SDPABackwardOp",
    "SDPAForwardOp", "SamplingOp", "ScaledDotProductAttentionDecodeOp", "ScaledDotProductAttentionOp", "ScanOp",
    "ScatterOp", "SegmentedOp", "SelectiveReduceCombineOp", "SeluOp", "ShiftOp", "SigmoidOp", "SignOp", "SignbitOp",
    "SiluOp", "SinOp", "SingleResultOp", "SliceDynamicOp", "SliceStaticOp", "SoftmaxOp", "SoftsignOp", "SortOp",
    "SparseMatmulOp", "SplitQueryKeyValueAndSplitHeadsOp", "SqrtOp", "SquareOp", "SqueezeOp", "SubtractOp", "SumOp",
    "TTIROp", "TTLangOp", "TTNNMetalLayoutCastOp", "TanOp", "TanhOp", "TanhshrinkOp", "ToLayoutOp", "TopKOp",
    "TopKRouterGptOp", "TransposeOp", "TruncOp", "TypecastOp", "UnaryOp", "UnsqueezeOp", "UpdateCacheOp",
    "Upsample2dOp", "Value", "WhereOp", "ZerosOp", "fill_value_of", "is_boolean",
]  # fmt: skip

TTIR = Dialect(
    "ttir",
    [
        *ACTIVATION_OPS,
        *ATTENTION_DECODE_OPS,
        *ATTENTION_OPS,
        *ATTENTION_PAGED_OPS,
        *ATTENTION_TRAINING_OPS,
        *BATCH_NORM_OPS,
        *BINARY_OPS,
        *BITWISE_OPS,
        *CACHE_OPS,
        *COLLECTIVE_OPS,
        *CONCATENATION_OPS,
        *CONVOLUTION_OPS,
        *CREATION_OPS,
        *DATA_MOVEMENT_OPS,
        *DIMENSION_SIZE_OPS,
        *DISTRIBUTED_NORM_OPS,
        *DOT_GENERAL_OPS,
        *EMBEDDING_OPS,
        *HEADS_OPS,
        *INDEXING_OPS,
        *LAYOUT_OPS,
        *MATMUL_OPS,
        *MESH_OPS,
        *MOE_KERNEL_OPS,
        *MOE_OPS,
        *NORMALIZATION_OPS,
        *OPTIMIZER_OPS,
        *PADDING_OPS,
        *POOLING_OPS,
        *QUANTIZATION_OPS,
        *RANDOM_OPS,
        *REARRANGE_OPS,
        *REDUCTION_OPS,
        *REPETITION_OPS,
        *ROTARY_OPS,
        *ROUTER_OPS,
        *SAMPLING_OPS,
        *SCAN_OPS,
        *SLICING_OPS,
        *SORTING_OPS,
        *SPARSE_MATMUL_OPS,
        *TRIGONOMETRIC_OPS,
        *TT_LANG_OPS,
        *UNARY_OPS,
        *UNARY_OPS_WITH_ATTRIBUTES,
        *UPSAMPLING_OPS,
    ],
    [FlattenedCompatInfoAttr],
)
