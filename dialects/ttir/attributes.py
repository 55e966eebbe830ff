"""The kinds of attributes that TTIR's ops take, and cached constructors for them.

tt-mlir tells signless, signed and unsigned integers apart, and lists of `i32` from dense arrays: an op accepts one
kind.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from math import copysign
from typing import Annotated, TypeAlias

from xdsl.dialects.builtin import (
    I32,
    I64,
    ArrayAttr,
    BoolAttr,
    DenseArrayBase,
    Float32Type,
    FloatAttr,
    IntegerAttr,
    IntegerType,
    Signedness,
    f32,
    i1,
    i32,
    i64,
)

si32 = IntegerType(32, Signedness.SIGNED)
si64 = IntegerType(64, Signedness.SIGNED)
ui32 = IntegerType(32, Signedness.UNSIGNED)

SI32: TypeAlias = Annotated[IntegerType, si32]
SI64: TypeAlias = Annotated[IntegerType, si64]
UI32: TypeAlias = Annotated[IntegerType, ui32]

I64Attr: TypeAlias = IntegerAttr[I64]
I32Attr: TypeAlias = IntegerAttr[I32]
SI32Attr: TypeAlias = IntegerAttr[SI32]
SI64Attr: TypeAlias = IntegerAttr[SI64]
UI32Attr: TypeAlias = IntegerAttr[UI32]
F32Attr: TypeAlias = FloatAttr[Float32Type]

I32ArrayAttr: TypeAlias = ArrayAttr[I32Attr]
"""A list such as `[1 : i32, 2 : i32]`."""

DENSE_I32 = DenseArrayBase.constr(i32)
"""A dense array such as `array<i32: 1, 2>`."""

DENSE_I64 = DenseArrayBase.constr(i64)
"""A dense array such as `array<i64: 1, 2>`."""

FALSE: BoolAttr = IntegerAttr(0, i1)
TRUE: BoolAttr = IntegerAttr(1, i1)

_cached = lru_cache(maxsize=1 << 12)


def bool_attr(value: bool) -> BoolAttr:
    """`true` or `false`."""
    return TRUE if value else FALSE


@_cached
def integer_attr(value: int, type: IntegerType) -> IntegerAttr[IntegerType]:
    """`value : type`; a VerifyException if it does not fit."""
    return IntegerAttr(value, type)


@_cached
def _f32(value: float, sign: float) -> F32Attr:
    return FloatAttr(copysign(value, sign), f32)


def f32_attr(value: float) -> F32Attr:
    """`value : f32`, rounded to f32."""
    # 0.0 and -0.0 are equal, and would be one key without the sign.
    return _f32(value, copysign(1.0, value))


@_cached
def _i32_array(values: tuple[int, ...]) -> I32ArrayAttr:
    return ArrayAttr([IntegerAttr(v, i32) for v in values])


def i32_array(values: Iterable[int]) -> I32ArrayAttr:
    """`[1 : i32, 2 : i32]`."""
    return _i32_array(tuple(values))


@_cached
def _dense(values: tuple[int, ...], type: IntegerType) -> DenseArrayBase[IntegerType]:
    return DenseArrayBase.from_list(type, values)


def dense_i32(values: Iterable[int]) -> DenseArrayBase[IntegerType]:
    """`array<i32: 1, 2>`."""
    return _dense(tuple(values), i32)


def dense_i64(values: Iterable[int]) -> DenseArrayBase[IntegerType]:
    """`array<i64: 1, 2>`."""
    return _dense(tuple(values), i64)


def integers(array: ArrayAttr[I32Attr] | Sequence[I32Attr]) -> tuple[int, ...]:
    """The numbers of a list attribute."""
    return tuple(element.value.data for element in array)


def scalar_attr(value: bool | int | float) -> F32Attr | IntegerAttr[IntegerType]:
    """A Python number as TTIR holds scalars: `f32` for a float, `i32` for an int or a bool.

    Raises:
        VerifyException: an int does not fit into 32 bits.
    """
    return f32_attr(value) if isinstance(value, float) else integer_attr(int(value), i32)
