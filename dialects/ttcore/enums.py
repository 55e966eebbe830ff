"""Attributes of `ttcore` that name one of several: memories, formats, generations of chips.

Source: tt-mlir ``TTCoreOpsEnums.td``.
"""

from __future__ import annotations

from xdsl.irdl import irdl_attr_definition
from xdsl.utils.str_enum import StrEnum

from tilewright.dialects.ttcore.attributes import BracketedEnumAttribute


class Arch(StrEnum):
    """A generation of chips."""

    WORMHOLE_B0 = "wormhole_b0"
    BLACKHOLE = "blackhole"
    QUASAR = "quasar"


class DataType(StrEnum):
    """The format of a datum, as TTCore spells it."""

    FLOAT32 = "f32"
    FLOAT16 = "f16"
    BFLOAT16 = "bf16"
    BFP_FLOAT8 = "bfp_f8"
    BFP_BFLOAT8 = "bfp_bf8"
    BFP_FLOAT4 = "bfp_f4"
    BFP_BFLOAT4 = "bfp_bf4"
    BFP_FLOAT2 = "bfp_f2"
    BFP_BFLOAT2 = "bfp_bf2"
    UINT32 = "u32"
    UINT16 = "u16"
    UINT8 = "u8"
    INT32 = "si32"
    BOOL = "i1"


class MemorySpace(StrEnum):
    """A memory of the host or of the device."""

    SYSTEM = "system"
    MMIO = "mmio"
    DRAM = "dram"
    L1 = "l1"
    DST = "dst"


class TensorMemoryLayout(StrEnum):
    """How a tensor lies in a memory: page by page over all banks, or a piece a core."""

    INTERLEAVED = "interleaved"
    SHARDED = "sharded"


class OutOfBoundsValue(StrEnum):
    """What stands where a tensor has no element."""

    UNDEF = "undef"
    ZERO = "zero"
    ONE = "one"
    INF = "inf"
    NEGINF = "neginf"


class IteratorType(StrEnum):
    """Whether a loop's iterations are independent, or combine what they compute."""

    PARALLEL = "parallel"
    REDUCTION = "reduction"


class Topology(StrEnum):
    """How the chips along an axis are linked."""

    RING = "ring"
    LINEAR = "linear"
    MESH = "mesh"
    TORUS = "torus"
    DISABLED = "disabled"


class NocIndex(StrEnum):
    """One of the two networks of a chip."""

    NOC0 = "noc0"
    NOC1 = "noc1"


class RoutingMode(StrEnum):
    """In which directions packets go between chips."""

    BIDIR_LINE_MESH = "bidir_line_mesh"
    UNIDIR_RING_TORUS = "unidir_ring_torus"


@irdl_attr_definition
class ArchAttr(BracketedEnumAttribute[Arch]):
    """A generation of chips."""

    name = "ttcore.arch"
    enum_type = Arch


@irdl_attr_definition
class DataTypeAttr(BracketedEnumAttribute[DataType]):
    """The format of a datum."""

    name = "ttcore.supportedDataTypes"
    enum_type = DataType


@irdl_attr_definition
class MemorySpaceAttr(BracketedEnumAttribute[MemorySpace]):
    """A memory; of a memref, that in which it lies."""

    name = "ttcore.memory_space"
    enum_type = MemorySpace


@irdl_attr_definition
class TensorMemoryLayoutAttr(BracketedEnumAttribute[TensorMemoryLayout]):
    """How a tensor lies in a memory."""

    name = "ttcore.tensor_memory_layout"
    enum_type = TensorMemoryLayout


@irdl_attr_definition
class OutOfBoundsValueAttr(BracketedEnumAttribute[OutOfBoundsValue]):
    """What stands where a tensor has no element."""

    name = "ttcore.oob_val"
    enum_type = OutOfBoundsValue


@irdl_attr_definition
class IteratorTypeAttr(BracketedEnumAttribute[IteratorType]):
    """The kind of a loop."""

    name = "ttcore.iterator_type"
    enum_type = IteratorType


@irdl_attr_definition
class TopologyAttr(BracketedEnumAttribute[Topology]):
    """How chips are linked."""

    name = "ttcore.topology"
    enum_type = Topology


ENUM_ATTRIBUTES = (
    ArchAttr,
    DataTypeAttr,
    IteratorTypeAttr,
    MemorySpaceAttr,
    OutOfBoundsValueAttr,
    TensorMemoryLayoutAttr,
    TopologyAttr,
)
