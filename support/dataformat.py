"""The number formats of the machine: names and bit layout, the one definition that all layers share.

Sources: tt-buda ``docs/public/dataformats.rst`` (names), tt-isa-documentation ``FloatBitPatterns`` (layouts),
tt-mlir ``TTCoreOpsEnums.td`` (tile type names).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, unique

from tilewright.support.errors import UnsupportedInputError
from tilewright.support.suggest import nearest_names


@dataclass(frozen=True, slots=True)
class FormatLayout:
    """Bit layout of one datum.

    Attributes:
        type_name: How TTCore's tile type spells the format; ours where it has no spelling.
        exponent_bits: Width of the exponent; 0 for integers.
        mantissa_bits: Explicit mantissa bits; for BFP the magnitude bits, for integers the magnitude bits.
        datum_bits: Bits of one datum in memory, the shared exponent of BFP not counted.
        shared_exponent: Whether the 16 datums of a face row share one exponent (BFP).
    """

    type_name: str
    exponent_bits: int
    mantissa_bits: int
    datum_bits: int
    shared_exponent: bool = False


@unique
class DataFormat(Enum):
    """A number format, named as Buda names it."""

    Float32 = FormatLayout("f32", 8, 23, 32)
    Tf32 = FormatLayout("tf32", 8, 10, 32)
    Float16_b = FormatLayout("bf16", 8, 7, 16)
    Float16 = FormatLayout("f16", 5, 10, 16)
    Lf8 = FormatLayout("lf8", 5, 2, 8)
    Fp8_e4m3 = FormatLayout("fp8_e4m3", 4, 3, 8)
    Bfp8_b = FormatLayout("bfp_bf8", 8, 7, 8, shared_exponent=True)
    Bfp4_b = FormatLayout("bfp_bf4", 8, 3, 4, shared_exponent=True)
    Bfp2_b = FormatLayout("bfp_bf2", 8, 1, 2, shared_exponent=True)
    Bfp8 = FormatLayout("bfp_f8", 5, 7, 8, shared_exponent=True)
    Bfp4 = FormatLayout("bfp_f4", 5, 3, 4, shared_exponent=True)
    Bfp2 = FormatLayout("bfp_f2", 5, 1, 2, shared_exponent=True)
    Int32 = FormatLayout("si32", 0, 31, 32)
    UInt32 = FormatLayout("u32", 0, 32, 32)
    UInt16 = FormatLayout("u16", 0, 16, 16)
    UInt8 = FormatLayout("u8", 0, 8, 8)
    Int8 = FormatLayout("si8", 0, 7, 8)

    @property
    def type_name(self) -> str:
        """How a tile type spells this format, e.g. ``bfp_bf8``."""
        return self.value.type_name

    @property
    def is_float(self) -> bool:
        """Whether the format holds floating-point values."""
        return self.value.exponent_bits > 0

    @property
    def is_block_float(self) -> bool:
        """Whether the 16 datums of a face row share one exponent."""
        return self.value.shared_exponent

    @property
    def exponent_family(self) -> str | None:
        """``"b"`` for 8-bit exponents, ``"a"`` for 5-bit ones, None for Float32, Tf32, Fp8_e4m3 and integers."""
        if self in (DataFormat.Float32, DataFormat.Tf32):
            return None
        return {8: "b", 5: "a"}.get(self.value.exponent_bits)


_BY_TYPE_NAME = {f.type_name: f for f in DataFormat}


def format_named(name: str) -> DataFormat:
    """The format that Buda calls `name`, e.g. ``Float16_b``.

    Raises:
        UnsupportedInputError: there is no such format; the nearest names are given.
    """
    try:
        return DataFormat[name]
    except KeyError:
        raise UnsupportedInputError(
            f"there is no number format '{name}'", hint=nearest_names(name, DataFormat.__members__)
        ) from None


def format_of_type_name(type_name: str) -> DataFormat | None:
    """The format that tile types spell `type_name`, e.g. ``bf16``; None where there is none."""
    return _BY_TYPE_NAME.get(type_name)


@unique
class MathFidelity(Enum):
    """How many phases the multiplier runs; the value is the number of phases (tt-isa-documentation, ELWMUL)."""

    LoFi = 1
    HiFi2 = 2
    HiFi3 = 3
    HiFi4 = 4


@unique
class Rounding(Enum):
    """The rule by which a float32 value becomes a narrower format (docs/formats.md)."""

    packer = "packer"
    golden = "golden"


TILE_DIM = 32
"""Rows and columns of a tile, in datums."""

FACE_DIM = 16
"""Rows and columns of a face, a quarter of a tile; one face row shares a BFP exponent."""
