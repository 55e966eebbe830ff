"""Torch's element types and tensors as MLIR types, and back."""

from __future__ import annotations

import torch
from xdsl.dialects.builtin import (
    DYNAMIC_INDEX,
    AnyTensorType,
    BFloat16Type,
    ComplexType,
    Float16Type,
    Float32Type,
    Float64Type,
    IntegerType,
    Signedness,
    StringAttr,
)
from xdsl.ir import Attribute

from tilewright.dialects import types
from tilewright.dialects.aten import ElementType
from tilewright.support.errors import UnsupportedInputError

Dimension = int | None
"""An extent; None if it is not known at compile time."""

_BUILTIN: dict[torch.dtype, Attribute] = {
    torch.float64: Float64Type(),
    torch.float32: Float32Type(),
    torch.float16: Float16Type(),
    torch.bfloat16: BFloat16Type(),
    torch.complex64: ComplexType(Float32Type()),
    torch.complex128: ComplexType(Float64Type()),
    torch.bool: IntegerType(1),
    torch.int8: IntegerType(8),
    torch.int16: IntegerType(16),
    torch.int32: IntegerType(32),
    torch.int64: IntegerType(64),
    torch.uint8: IntegerType(8, Signedness.UNSIGNED),
    torch.uint16: IntegerType(16, Signedness.UNSIGNED),
    torch.uint32: IntegerType(32, Signedness.UNSIGNED),
    torch.uint64: IntegerType(64, Signedness.UNSIGNED),
}

_SIGNLESS: dict[Attribute, Attribute] = {
    IntegerType(width, Signedness.SIGNED): IntegerType(width) for width in (8, 16, 32, 64)
}

DTYPES: dict[str, torch.dtype] = {
    str(value).removeprefix("torch."): value for value in vars(torch).values() if isinstance(value, torch.dtype)
}
"""Every element type of torch by its name without `torch.`."""

_DTYPE_OF: dict[Attribute, torch.dtype] = {element: dtype for dtype, element in _BUILTIN.items()}

SCALAR_TYPES: dict[type, Attribute] = {bool: IntegerType(1), int: IntegerType(64), float: Float64Type()}
"""Types of Python numbers that are SSA values: symbolic sizes and what is computed from them."""


def dtype_name(dtype: torch.dtype) -> str:
    """The name without `torch.`, e.g. `float32`."""
    return str(dtype).removeprefix("torch.")


def element_type_of(dtype: torch.dtype) -> Attribute:
    """The MLIR element type; `!aten.element<..>` for those of eight bits and less, half-precision complex and quantised
    ones."""
    builtin = _BUILTIN.get(dtype)
    return ElementType(StringAttr(dtype_name(dtype))) if builtin is None else builtin


def dtype_of(element: Attribute) -> torch.dtype:
    """The inverse of :func:`element_type_of`; a signed integer type reads as the signless one.

    Raises:
        UnsupportedInputError: torch has no such element type.
    """
    if isinstance(element, ElementType):
        found = DTYPES.get(element.value.data)
    else:
        found = _DTYPE_OF.get(_SIGNLESS.get(element, element))
    if found is None:
        raise UnsupportedInputError(f"torch has no element type {element}")
    return found


def tensor_type(dtype: torch.dtype, shape: tuple[Dimension, ...]) -> AnyTensorType:
    """`tensor<2x?xf32>` for `(float32, (2, None))`."""
    return types.tensor_type([DYNAMIC_INDEX if d is None else d for d in shape], element_type_of(dtype))


def shape_of(tensor: torch.Tensor) -> tuple[Dimension, ...]:
    """The shape, None for each symbolic dimension (even one that has a hint)."""
    # Deciding whether a symbolic size equals something would add a guard, hence the test by type.
    return tuple(d if type(d) is int else None for d in tensor.shape)


def type_of(tensor: torch.Tensor) -> AnyTensorType:
    """The MLIR type of a real or fake tensor."""
    return tensor_type(tensor.dtype, shape_of(tensor))
