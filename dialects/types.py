"""Tensor types, cached: building one costs several microseconds, and a model has few distinct ones."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from math import prod
from typing import TypeGuard

from xdsl.dialects.builtin import DYNAMIC_INDEX, AnyTensorType, FixedBitwidthType, IntegerType, TensorType
from xdsl.ir import Attribute, SSAValue


@lru_cache(maxsize=1 << 16)
def _tensor_type(shape: tuple[int, ...], element_type: Attribute) -> AnyTensorType:
    return TensorType(element_type, shape)


def tensor_type(shape: Sequence[int], element_type: Attribute) -> AnyTensorType:
    """The ranked tensor type without encoding, e.g. `tensor<8x128xbf16>`; the same object for the same arguments."""
    return _tensor_type(tuple(shape), element_type)


def is_tensor(type: Attribute) -> TypeGuard[AnyTensorType]:
    """Whether `type` is a ranked tensor."""
    # What isinstance alone says leaves a type checker without the type's parameters.
    return isinstance(type, TensorType)


def is_integer_type(type: Attribute) -> TypeGuard[IntegerType]:
    """Whether `type` is an integer, booleans (i1) included."""
    return isinstance(type, IntegerType)


def least_bytes(type: Attribute) -> int:
    """The bytes of a tensor of this type, at least: an element takes one, and an extent that is not known is 0."""
    if not is_tensor(type) or DYNAMIC_INDEX in (shape := type.get_shape()):
        return 0
    element: Attribute = type.element_type
    return prod(shape) * (element.size if isinstance(element, FixedBitwidthType) else 1)


def tensor_of(value: SSAValue) -> AnyTensorType:
    """The type of `value`.

    Raises:
        TypeError: it is not a ranked tensor.
    """
    type = value.type
    if not is_tensor(type):
        raise TypeError(f"expected a ranked tensor, found {type}")
    return type


def shape_of(value: SSAValue) -> tuple[int, ...]:
    """The shape of the ranked tensor `value`; a TypeError if it is none."""
    return tensor_of(value).get_shape()


def element_type_of(value: SSAValue) -> Attribute:
    """The element type of the ranked tensor `value`; a TypeError if it is none."""
    return tensor_of(value).element_type
