"""Python arguments of a call as attributes, and back.

A value becomes an operand and `#aten.operand<i>`; a list or a tuple becomes an array; None, numbers, strings and
torch's enumerated constants become attributes. What else Python may pass has no attribute form, and
:func:`encode_argument` says so.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache

import torch
from xdsl.dialects.builtin import ArrayAttr, FloatAttr, IntAttr, IntegerAttr, IntegerType, StringAttr
from xdsl.ir import Attribute

from tilewright.dialects.aten import (
    ComplexAttr,
    DeviceAttr,
    DtypeAttr,
    LayoutAttr,
    MemoryFormatAttr,
    NoneAttr,
    OperandAttr,
)
from tilewright.frontend.narrowing import is_sequence
from tilewright.frontend.types import DTYPES
from tilewright.support.errors import UnsupportedInputError

LAYOUTS: dict[str, torch.layout] = {
    str(value).removeprefix("torch."): value for value in vars(torch).values() if isinstance(value, torch.layout)
}
MEMORY_FORMATS: dict[str, torch.memory_format] = {
    str(value).removeprefix("torch."): value for value in vars(torch).values() if isinstance(value, torch.memory_format)
}

_NONE = NoneAttr()
_TRUE = IntegerAttr.from_bool(True)
_FALSE = IntegerAttr.from_bool(False)
_INT64 = range(-(2**63), 2**63)


class NoAttributeFormError(Exception):
    """A Python object that cannot stand in an argument list; the importer binds it to the callee instead."""


@lru_cache(maxsize=1024)
def operand_attr(index: int) -> OperandAttr:
    """`#aten.operand<index>`."""
    return OperandAttr(IntAttr(index))


@lru_cache(maxsize=4096)
def _integer(value: int) -> Attribute:
    # An unsigned 64-bit constant (`full(.., 2**64 - 1)`) does not fit i64.
    width = 64 if value in _INT64 else 64 * (value.bit_length() // 64 + 1)
    return IntegerAttr(value, IntegerType(width))


def _none(_: None) -> Attribute:
    return _NONE


def _boolean(value: bool) -> Attribute:
    return _TRUE if value else _FALSE


def _float(value: float) -> Attribute:
    # By its text: 0.0 and -0.0 are equal as keys, NaN is not equal to itself.
    return _float_of_text(repr(value))


@lru_cache(maxsize=1024)
def _float_of_text(text: str) -> Attribute:
    return FloatAttr(float(text), 64)


def _complex(value: complex) -> Attribute:
    return ComplexAttr(StringAttr(repr(value.real)), StringAttr(repr(value.imag)))


@lru_cache(maxsize=1024)
def _string(value: str) -> Attribute:
    return StringAttr(value)


@lru_cache(maxsize=256)
def _enumerated(value: torch.dtype | torch.device | torch.layout | torch.memory_format) -> Attribute:
    name = StringAttr(str(value).removeprefix("torch."))
    if isinstance(value, torch.dtype):
        return DtypeAttr(name)
    if isinstance(value, torch.device):
        return DeviceAttr(name)
    return LayoutAttr(name) if isinstance(value, torch.layout) else MemoryFormatAttr(name)


_LEAVES: dict[type, Callable[..., Attribute]] = {
    type(None): _none,
    bool: _boolean,
    int: _integer,
    float: _float,
    complex: _complex,
    str: _string,
    torch.dtype: _enumerated,
    torch.device: _enumerated,
    torch.layout: _enumerated,
    torch.memory_format: _enumerated,
}


def encode_constant(value: object) -> Attribute:
    """The attribute of a Python constant that is not a container.

    Raises:
        NoAttributeFormError: there is none.
    """
    leaf = _LEAVES.get(type(value))
    if leaf is None:
        raise NoAttributeFormError(type(value).__name__)
    return leaf(value)


def has_attribute_form(value: object) -> bool:
    """Whether :func:`encode_constant` knows the type of `value`."""
    return type(value) in _LEAVES


def encode_argument(value: object, encode_value: Callable[[object], Attribute | None]) -> Attribute:
    """The attribute of an argument.

    Args:
        value: The argument, as it stands in the graph.
        encode_value: Encodes what stands for a value of the graph; None for anything else.

    Raises:
        NoAttributeFormError: some part of `value` has no attribute form.
    """
    encoded = encode_value(value)
    if encoded is not None:
        return encoded
    if is_sequence(value):
        return ArrayAttr([encode_argument(item, encode_value) for item in value])
    return encode_constant(value)


def decode_argument(argument: Attribute, operands: Sequence[object]) -> object:
    """The Python argument that `argument` stands for; arrays become lists.

    Raises:
        UnsupportedInputError: the attribute stands for no Python value, or names what torch does not have.
    """
    match argument:
        case OperandAttr():
            return operands[argument.index.data]
        case ArrayAttr():
            items: Sequence[Attribute] = argument.data  # pyright: ignore[reportUnknownVariableType]
            return [decode_argument(item, operands) for item in items]
        case NoneAttr():
            return None
        case IntegerAttr():
            number = argument.value.data
            return bool(number) if argument.type == IntegerType(1) else number
        case FloatAttr():
            return argument.value.data
        case StringAttr():
            return argument.data
        case ComplexAttr():
            return complex(float(argument.real.data), float(argument.imag.data))
        case DtypeAttr():
            return _named(argument.value.data, DTYPES, "element type")
        case LayoutAttr():
            return _named(argument.value.data, LAYOUTS, "layout")
        case MemoryFormatAttr():
            return _named(argument.value.data, MEMORY_FORMATS, "memory format")
        case DeviceAttr():
            return _device(argument.value.data)
        case _:
            raise UnsupportedInputError(f"{argument} is not an argument of an operator")


def _named(name: str, table: Mapping[str, object], kind: str) -> object:
    try:
        return table[name]
    except KeyError:
        raise UnsupportedInputError(f"torch has no {kind} '{name}'") from None


def _device(name: str) -> torch.device:
    try:
        return torch.device(name)
    except RuntimeError as error:
        raise UnsupportedInputError(f"torch has no device '{name}'", why=str(error).splitlines()[0]) from error
