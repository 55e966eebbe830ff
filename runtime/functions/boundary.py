"""Where tensors enter and leave the tile level: tilize and untilize."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from xdsl.dialects.builtin import TensorType

from tilewright.dialects import tile
from tilewright.dialects.tile import tile_info
from tilewright.runtime.dtypes import torch_dtype
from tilewright.runtime.formats.integers import integer_range
from tilewright.runtime.functions.per_device import PerDeviceFunctions
from tilewright.runtime.interpreter import Interpreter, Step, implements
from tilewright.runtime.kernels.values import TileValue, pack, pad_to_tiles, storage_dtype
from tilewright.support.dataformat import DataFormat
from tilewright.support.errors import NumericsError


class BoundaryFunctions(PerDeviceFunctions):
    """tilize and untilize; the same in every mode."""

    @implements(tile.TilizeOp)
    def tilize(self, op: tile.TilizeOp, interpreter: Interpreter) -> Step:
        info, precision = tile_info(op.result), op.precision.choices
        fill = info.pad if info.pad is not None else 0.0

        def step(x: torch.Tensor) -> Sequence[TileValue]:
            if info.format.is_float:
                elements = x.to(torch.float32)
            else:
                place = f"the device's {info.format.name}"
                elements = checked_integers(x, *integer_range(info.format), place).to(storage_dtype(info.format))
            data = pad_to_tiles(elements, info, fill)
            if data.data_ptr() == x.data_ptr():
                data = data.clone()
            return (TileValue(pack(data, info, precision) if info.format.is_float else data, info),)

        return step

    @implements(tile.UntilizeOp)
    def untilize(self, op: tile.UntilizeOp, interpreter: Interpreter) -> Step:
        assert isinstance(op.result.type, TensorType)
        dtype = torch_dtype(op.result.type.get_element_type())
        narrows = _narrows(tile_info(op.input).format, dtype)

        def step(x: TileValue) -> Sequence[torch.Tensor]:
            logical = x.logical
            if narrows:
                limits = torch.iinfo(dtype)
                checked_integers(logical, limits.min, limits.max, str(dtype))
            out = logical != 0 if dtype is torch.bool else logical.to(dtype)
            # The caller owns what it gets: a view of a value that lives on (a parameter) must not reach it.
            return (out.clone() if out.data_ptr() == x.data.data_ptr() else out.contiguous(),)

        return step


def _narrows(fmt: DataFormat, dtype: torch.dtype) -> bool:
    """Whether some integer of `fmt` does not fit the integer type `dtype`; booleans take any."""
    if fmt.is_float or dtype.is_floating_point or dtype is torch.bool:
        return False
    low, high = integer_range(fmt)
    limits = torch.iinfo(dtype)
    return low < limits.min or high > limits.max


def checked_integers(x: torch.Tensor, low: int, high: int, place: str) -> torch.Tensor:
    """Integers or booleans `x`, all of them from `low` to `high`.

    Raises:
        NumericsError: one does not fit `place`; it is never wrapped.
    """
    if x.numel() and x.dtype is not torch.bool:
        smallest, largest = _least_and_largest(x)
        if smallest < low or largest > high:
            raise NumericsError(
                f"the integer {smallest if smallest < low else largest} does not fit {place}",
                why=f"{low} <= value <= {high} does not hold",
                hint="keep such values on the host, or make them smaller",
            )
    return x


def _least_and_largest(x: torch.Tensor) -> tuple[int, int]:
    if x.dtype is torch.uint64:
        # torch orders no unsigned integers of 64 bits; with the top bit flipped, they are ordered as signed ones.
        least, largest = torch.aminmax(x.view(torch.int64) ^ -(1 << 63))
        return int(least) + (1 << 63), int(largest) + (1 << 63)
    least, largest = torch.aminmax(x.to(torch.int64))
    return int(least), int(largest)
