"""Values at tile level."""

from __future__ import annotations

import torch

from tilewright.dialects.tile import Precision, TileInfo
from tilewright.runtime.formats import MantissaPart, SourceRegister, quantize, saturate_integer, src_operand
from tilewright.runtime.formats.integers import integer_dtype
from tilewright.support.dataformat import FACE_DIM, DataFormat
from tilewright.support.tiling import padded_shape


def storage_dtype(fmt: DataFormat) -> torch.dtype:
    """The torch type that holds every value of `fmt` exactly: float32 for floats, a signed integer for integers."""
    return torch.float32 if fmt.is_float else integer_dtype(fmt)


class TileValue:
    """A tensor of tiles.

    Attributes:
        data: Values on the format's grid, shape `padded_shape(logical)`, in :func:`storage_dtype`; row-major rather
            than tile by tile, so that whole-tensor operations apply. Never written to once the value exists.
        info: Logical shape, format and padding.
    """

    __slots__ = ("_registers", "data", "info")

    def __init__(self, data: torch.Tensor, info: TileInfo):
        self.data = data
        self.info = info
        self._registers: dict[tuple[SourceRegister, MantissaPart], torch.Tensor] = {}

    @property
    def logical(self) -> torch.Tensor:
        """The elements without padding, in the logical shape; a view of `data` where that is possible."""
        return logical_part(self.data, self.info)

    def register(self, register: SourceRegister, part: MantissaPart) -> torch.Tensor:
        """`data` as a source register of the matrix engine holds it; kept, since operands are often read again.

        Args:
            register: `SrcA` or `SrcB`.
            part: `full`, `high` or `low` bits of the mantissa.
        """
        key = (register, part)
        found = self._registers.get(key)
        if found is None:
            found = self._registers[key] = src_operand(self.data, self.info.format, register, part)
        return found


def logical_part(data: torch.Tensor, info: TileInfo) -> torch.Tensor:
    """The part of padded `data` that is no padding, in the logical shape."""
    rows, cols = info.matrix[-2:]
    if data.shape[-2] != rows or data.shape[-1] != cols:
        data = data[..., :rows, :cols]
    return data.reshape(info.logical) if len(info.logical) < 2 else data


def pad_to_tiles(logical: torch.Tensor, info: TileInfo, fill: float) -> torch.Tensor:
    """Logical elements in a new or the same tensor of shape `padded_shape`, with `fill` in the padding."""
    matrix = logical.reshape(info.matrix)
    shape = padded_shape(info.logical)
    if tuple(matrix.shape) == shape:
        return matrix.contiguous()
    out = matrix.new_full(shape, fill)
    out[..., : info.matrix[-2], : info.matrix[-1]] = matrix
    return out


def blank_face_row_tail(data: torch.Tensor, info: TileInfo, first_column: int = 0) -> None:
    """Zero, in place, the padding that would share a BFP exponent with logical elements.

    The packer of a block-float kernel masks these columns: what stands there must not move the shared exponent.

    Args:
        data: Padded columns `first_column ..` of a value described by `info`.
    """
    end = info.matrix[-1] - first_column
    if info.format.is_block_float and end % FACE_DIM and 0 < end < data.shape[-1]:
        data[..., end : end + (-end) % FACE_DIM] = 0.0


def pack(data: torch.Tensor, info: TileInfo, precision: Precision, *, first_column: int = 0) -> torch.Tensor:
    """What the packer writes: `data` (float32, ours to overwrite) converted to the format of `info`."""
    if not info.format.is_float:
        return saturate_integer(data, info.format)
    blank_face_row_tail(data, info, first_column)
    return quantize(data, info.format, precision.rounding, inplace=True)
