"""The `ttcore` dialect: what all levels share with tt-mlir's files.

Pinned to tt-mlir commit 19c86fca45. Attributes of tt-mlir that no level here uses are read as unregistered ones.
"""

from __future__ import annotations

from xdsl.ir import Dialect

from tilewright.dialects.ttcore.attributes import (
    ArgumentType,
    ArgumentTypeAttr,
    AttentionMaskType,
    AttentionMaskTypeAttr,
    LocalShapeAttr,
    MeshAttr,
    MeshesAttr,
    ReduceType,
    ReduceTypeAttr,
    ShardDirection,
    ShardDirectionAttr,
    ShardStatus,
    ShardStatusAttr,
    ShardType,
    ShardTypeAttr,
    TensorMeshAttr,
    argument_type_of,
)
from tilewright.dialects.ttcore.ops import CpuModuleOp, DeviceModuleOp, LoadCachedOp, ModuleWrapperOp
from tilewright.dialects.ttcore.types import TileType

__all__ = [
    "TTCORE",
    "ArgumentType",
    "ArgumentTypeAttr",
    "AttentionMaskType",
    "AttentionMaskTypeAttr",
    "CpuModuleOp",
    "DeviceModuleOp",
    "LoadCachedOp",
    "LocalShapeAttr",
    "MeshAttr",
    "MeshesAttr",
    "ModuleWrapperOp",
    "ReduceType",
    "ReduceTypeAttr",
    "ShardDirection",
    "ShardDirectionAttr",
    "ShardStatus",
    "ShardStatusAttr",
    "ShardType",
    "ShardTypeAttr",
    "TensorMeshAttr",
    "TileType",
    "argument_type_of",
]

TTCORE = Dialect(
    "ttcore",
    [DeviceModuleOp, CpuModuleOp, LoadCachedOp],
    [
        ArgumentTypeAttr,
        AttentionMaskTypeAttr,
        LocalShapeAttr,
        MeshAttr,
        MeshesAttr,
        ReduceTypeAttr,
        ShardDirectionAttr,
        ShardStatusAttr,
        ShardTypeAttr,
        TensorMeshAttr,
        TileType,
    ],
)
