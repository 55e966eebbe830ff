"""How many bytes a tile takes in memory."""

from __future__ import annotations

from tilewright.support.dataformat import TILE_DIM, DataFormat
from tilewright.support.errors import UnsupportedInputError

TILE_HEADER_BYTES = 16
"""Header in front of every tile in memory (tt-budabackend ``common/size_lib.cpp``)."""

EXPONENTS_PER_TILE = 64
"""One shared exponent byte for each of the 64 face rows of a block-float tile (tt-budabackend ``model/tile.cpp``)."""


def align_up(count: int, alignment: int) -> int:
    """`count` rounded up to a multiple of `alignment`, both in bytes.

    Raises:
        UnsupportedInputError: `alignment` is not positive.
    """
    if alignment < 1:
        raise UnsupportedInputError("an alignment must be positive", why=f"alignment = {alignment}")
    return -(-count // alignment) * alignment


def tile_bytes(fmt: DataFormat, *, alignment: int = 32) -> int:
    """Bytes of one 32x32 tile of `fmt`: header, shared exponents if it has them, datums, padded to `alignment`.

    Args:
        fmt: The number format of the datums.
        alignment: Of tiles in memory, in bytes: 32 on Grayskull and Wormhole, 64 on Blackhole.

    Raises:
        UnsupportedInputError: `alignment` is not positive.
    """
    layout = fmt.value
    exponents = EXPONENTS_PER_TILE if layout.shared_exponent else 0
    data = TILE_DIM * TILE_DIM * layout.datum_bits // 8
    return align_up(TILE_HEADER_BYTES + exponents + data, alignment)
