"""Tiles as they lie in memory (tt-budabackend, `model/tile.cpp`; tt-isa-documentation, Packers/FormatConversion).

A tile is, in little-endian order:

- 16 bytes of header: its size in units of 16 bytes as a 32-bit word, then zeros;
- for a block-float format 64 bytes of shared exponents, one a face row, faces in order; of the A formats biased by 15;
- 1024 datums, face after face (F0 top left, F1 top right, F2 bottom left, F3 bottom right), each face row by row; of
  formats narrower than a byte, the first datum is in the lowest bits;
- zeros up to the alignment.

Signed integers and block-float datums are sign and magnitude.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch

from tilewright.machine.sizes import EXPONENTS_PER_TILE, TILE_HEADER_BYTES, tile_bytes
from tilewright.runtime.formats.codes import decode_floats, decode_integers, encode_floats, encode_integers
from tilewright.runtime.formats.integers import integer_range
from tilewright.support.dataformat import FACE_DIM, TILE_DIM, DataFormat
from tilewright.support.errors import UnsupportedInputError

_DATUMS = TILE_DIM * TILE_DIM
_FACES = TILE_DIM // FACE_DIM
_SIZE_UNIT = 16
_BYTE = torch.uint8
_WORDS = {8: torch.uint8, 16: torch.int16, 32: torch.int32}


def pack_tiles(data: torch.Tensor, fmt: DataFormat, *, alignment: int = 32) -> bytes:
    """The bytes of the tiles of `data`, tile after tile in row-major order.

    Args:
        data: [..., R * 32, C * 32]: float32 values on the grid of `fmt` (what quantize returns), or for an integer
            format integers in its range.
        alignment: A tile's size is rounded up to this many bytes: 32, or 64 on Blackhole.

    Raises:
        UnsupportedInputError: the shape is not one of whole tiles, the dtype is wrong, a value is not on the grid, or
            the alignment is no multiple of 16.
    """
    _check_shape(data.shape)
    size, start = _size(fmt, alignment), _data_start(fmt)
    values = _to_tiles(data.detach())
    packed = torch.zeros((len(values), size), dtype=_BYTE)
    header = torch.tensor([size // _SIZE_UNIT], dtype=torch.int32)
    packed[:, : header.element_size()] = header.view(_BYTE)
    if fmt.is_float:
        exponents, codes = _encode_checked(values.view(-1), fmt)
        packed[:, TILE_HEADER_BYTES:start] = exponents.view(len(values), start - TILE_HEADER_BYTES)
    else:
        _check_integers(values, fmt)
        codes = encode_integers(values.view(-1), fmt)
    end = start + _data_bytes(fmt)
    packed[:, start:end] = _join_bits(codes, fmt.value.datum_bits).view(len(values), end - start)
    return packed.numpy().tobytes()


def unpack_tiles(
    packed: bytes | bytearray | memoryview, shape: Sequence[int], fmt: DataFormat, *, alignment: int = 32
) -> torch.Tensor:
    """The values in `packed`, the inverse of :func:`pack_tiles`.

    Args:
        shape: [..., R * 32, C * 32].

    Returns:
        Float32, or for an integer format :func:`tilewright.runtime.formats.integers.integer_dtype`.

    Raises:
        UnsupportedInputError: the shape is not one of whole tiles, the number of bytes is not that of its tiles, a
            tile's header gives another size, or the alignment is no multiple of 16.
    """
    _check_shape(shape)
    size, start = _size(fmt, alignment), _data_start(fmt)
    count = math.prod(shape) // _DATUMS
    if len(packed) != count * size:
        raise UnsupportedInputError(
            f"cannot unpack {fmt.name} tiles of shape {tuple(shape)}",
            why=f"{count} tiles of {size} bytes are {count * size} bytes, got {len(packed)}",
        )
    tiles = torch.frombuffer(bytearray(packed), dtype=_BYTE) if count else torch.zeros(0, dtype=_BYTE)
    tiles = tiles.view(count, size)
    if bool((tiles[:, :4].contiguous().view(torch.int32) != size // _SIZE_UNIT).any()):
        raise UnsupportedInputError(
            f"cannot unpack {fmt.name} tiles of shape {tuple(shape)}",
            why=f"a header gives another size than {size} bytes",
        )
    datums = tiles[:, start : start + _data_bytes(fmt)].contiguous()
    codes = _split_bits(datums, fmt.value.datum_bits)
    if fmt.is_float:
        values = decode_floats(tiles[:, TILE_HEADER_BYTES:start].contiguous(), codes, fmt)
    else:
        values = decode_integers(codes, fmt)
    return _from_tiles(values, shape)


def _size(fmt: DataFormat, alignment: int) -> int:
    if alignment < 1 or alignment % _SIZE_UNIT:
        raise UnsupportedInputError(
            f"tiles cannot be aligned to {alignment} bytes",
            why=f"the header counts a tile's size in {_SIZE_UNIT} bytes",
        )
    return tile_bytes(fmt, alignment=alignment)


def _data_start(fmt: DataFormat) -> int:
    return TILE_HEADER_BYTES + (EXPONENTS_PER_TILE if fmt.is_block_float else 0)


def _data_bytes(fmt: DataFormat) -> int:
    return _DATUMS * fmt.value.datum_bits // 8


def _check_shape(shape: Sequence[int]) -> None:
    if len(shape) < 2 or shape[-1] % TILE_DIM or shape[-2] % TILE_DIM:
        raise UnsupportedInputError(
            f"shape {tuple(shape)} is not one of whole tiles",
            why=f"its last two dimensions must be multiples of {TILE_DIM}",
        )


def _to_tiles(data: torch.Tensor) -> torch.Tensor:
    """[..., R * 32, C * 32] as [tiles, 1024], in the order of memory."""
    rows, cols = (d // TILE_DIM for d in data.shape[-2:])
    batch = math.prod(data.shape[:-2])
    faces = data.reshape(batch, rows, _FACES, FACE_DIM, cols, _FACES, FACE_DIM)
    return faces.permute(0, 1, 4, 2, 5, 3, 6).reshape(batch * rows * cols, _DATUMS)


def _from_tiles(tiles: torch.Tensor, shape: Sequence[int]) -> torch.Tensor:
    """The inverse of :func:`_to_tiles`."""
    rows, cols = (d // TILE_DIM for d in shape[-2:])
    faces = tiles.view(math.prod(shape[:-2]), rows, cols, _FACES, _FACES, FACE_DIM, FACE_DIM)
    return faces.permute(0, 1, 3, 5, 2, 4, 6).reshape(tuple(shape))


def _encode_checked(values: torch.Tensor, fmt: DataFormat) -> tuple[torch.Tensor, torch.Tensor]:
    if values.dtype is not torch.float32:
        raise UnsupportedInputError(f"cannot pack as {fmt.name}", why=f"dtype(data) = {values.dtype}, not float32")
    exponents, codes = encode_floats(values, fmt)
    if not torch.equal(decode_floats(exponents, codes, fmt).view(torch.int32), values.view(torch.int32)):
        raise UnsupportedInputError(
            f"cannot pack as {fmt.name}: a value is not on the format's grid", hint="quantize the data first"
        )
    return exponents, codes


def _check_integers(values: torch.Tensor, fmt: DataFormat) -> None:
    if values.dtype.is_floating_point or values.dtype.is_complex:
        raise UnsupportedInputError(
            f"cannot pack as {fmt.name}",
            why=f"dtype(data) = {values.dtype}, no integer",
            hint="use saturate_integer first",
        )
    least, largest = integer_range(fmt)
    wide = values.to(torch.int64)
    if bool(((wide < least) | (wide > largest)).any()):
        raise UnsupportedInputError(
            f"cannot pack as {fmt.name}: a value is out of range",
            why=f"values must be {least} .. {largest}",
            hint="use saturate_integer first",
        )


def _join_bits(codes: torch.Tensor, width: int) -> torch.Tensor:
    """Codes of `width` bits [n] as bytes [n * width / 8]."""
    if width >= 8:
        return codes.to(_WORDS[width]).view(_BYTE)
    shifts = torch.arange(0, 8, width, dtype=torch.int32)
    return (codes.view(-1, 8 // width) << shifts).sum(dim=1).to(_BYTE)


def _split_bits(datums: torch.Tensor, width: int) -> torch.Tensor:
    """The inverse of :func:`_join_bits`, of bytes of any shape; bits above `width` are zero, except for 32."""
    if width >= 8:
        return datums.view(-1).view(_WORDS[width]).to(torch.int32) & (-1 if width == 32 else (1 << width) - 1)
    shifts = torch.arange(0, 8, width, dtype=torch.int32)
    return ((datums.view(-1, 1).to(torch.int32) >> shifts) & ((1 << width) - 1)).view(-1)
