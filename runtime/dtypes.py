"""MLIR element types and torch dtypes."""

from __future__ import annotations

import torch
from xdsl.dialects.builtin import (
    BFloat16Type,
    ComplexType,
    Float16Type,
    Float32Type,
    Float64Type,
    IndexType,
    IntegerType,
    Signedness,
)
from xdsl.ir import Attribute

from tilewright.dialects.aten import ElementType
from tilewright.dialects.quant import UniformQuantizedType
from tilewright.dialects.ttcore import DataType, TileType
from tilewright.support.dataformat import DataFormat
from tilewright.support.errors import UnsupportedInputError

_FLOATS: dict[type[Attribute], torch.dtype] = {
    Float32Type: torch.float32,
    BFloat16Type: torch.bfloat16,
    Float16Type: torch.float16,
    Float64Type: torch.float64,
    IndexType: torch.int64,
}

_INTEGERS: dict[tuple[int, bool], torch.dtype] = {
    (1, False): torch.bool,
    (1, True): torch.bool,
    (8, False): torch.int8,
    (16, False): torch.int16,
    (32, False): torch.int32,
    (64, False): torch.int64,
    (8, True): torch.uint8,
    (16, True): torch.uint16,
    (32, True): torch.uint32,
    (64, True): torch.uint64,
}
"""(width, unsigned) to dtype; signless integers are signed, except i1."""

TILE_DTYPES: dict[str, torch.dtype] = {
    DataFormat.Float32.type_name: torch.float32,
    DataFormat.Float16.type_name: torch.float16,
    DataFormat.Float16_b.type_name: torch.bfloat16,
    DataFormat.UInt32.type_name: torch.uint32,
    DataFormat.UInt16.type_name: torch.uint16,
    DataFormat.UInt8.type_name: torch.uint8,
    DataFormat.Int32.type_name: torch.int32,
    DataFormat.Int8.type_name: torch.int8,
    DataType.BOOL.value: torch.bool,
}
"""Data type of a tile to the dtype of the same numbers, where torch has it."""

_COMPLEX: dict[type[Attribute], torch.dtype] = {Float32Type: torch.complex64, Float64Type: torch.complex128}
"""Type of the parts to dtype."""

_NAMED: dict[str, torch.dtype] = {
    str(d).removeprefix("torch."): d
    for d in (
        torch.float8_e4m3fn, torch.float8_e5m2, torch.float8_e4m3fnuz, torch.float8_e5m2fnuz, torch.float8_e8m0fnu,
        torch.complex32, torch.complex64, torch.complex128, torch.float32, torch.float64, torch.float16, torch.bfloat16,
        torch.bool, torch.uint8, torch.uint16, torch.uint32, torch.uint64, torch.int8, torch.int16, torch.int32,
        torch.int64,
    )
}  # fmt: skip


def dtype_named(name: str) -> torch.dtype:
    """The dtype that torch calls `torch.<name>`.

    Raises:
        UnsupportedInputError: there is none.
    """
    try:
        return _NAMED[name]
    except KeyError:
        raise UnsupportedInputError(f"torch has no element type '{name}'") from None


def torch_dtype(element: Attribute) -> torch.dtype:
    """The dtype for the element type of a tensor.

    Of quantised elements it is the one in which they are stored; of a tile's data type that torch lacks, float32.

    Raises:
        UnsupportedInputError: torch has no such type.
    """
    found = _FLOATS.get(type(element))
    if found is not None:
        return found
    match element:
        case IntegerType():
            found = _INTEGERS.get((element.width.data, element.signedness.data is Signedness.UNSIGNED))
        case ComplexType():
            found = _COMPLEX.get(type(element.element_type))
        case UniformQuantizedType():
            width = next(w for w in (8, 16, 32) if element.width.data <= w)
            found = _INTEGERS[width, not element.is_signed]
        case TileType():
            found = TILE_DTYPES.get(element.data_type.data, torch.float32)
        case ElementType():
            found = dtype_named(element.value.data)
        case _:
            pass
    if found is None:
        raise UnsupportedInputError(f"torch has no element type for {element}")
    return found
