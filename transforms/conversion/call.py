"""A call as a conversion sees it: arguments by name, defaults filled in, and a place to put TTIR ops."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import isfinite
from struct import pack, unpack
from typing import TypeAlias

from xdsl.dialects.builtin import (
    DYNAMIC_INDEX,
    AnyFloat,
    AnyTensorType,
    ArrayAttr,
    BFloat16Type,
    Float16Type,
    Float32Type,
    Float64Type,
    FloatAttr,
    IntegerAttr,
    IntegerType,
    Signedness,
    StringAttr,
    i1,
)
from xdsl.ir import Attribute, Block, Operation, SSAValue

from tilewright.dialects import aten, ttir
from tilewright.dialects.types import is_integer_type, is_tensor, tensor_type
from tilewright.transforms.describe import describe_shape

Argument: TypeAlias = "SSAValue | bool | int | float | str | Attribute | list[Argument] | None"
"""An argument decoded: a tensor's SSA value, a Python constant, an enumerated constant's attribute, or a list."""


class Declined(Exception):
    """A conversion does not apply; the text says which condition does not hold, with its values."""


@dataclass(frozen=True)
class Call:
    """One `aten.call`.

    Attributes:
        op: The call.
        block: Where new ops go, before `op`.
        parameters: Names of the schema's parameters, in order.
    """

    op: aten.CallOp
    block: Block
    parameters: tuple[str, ...]

    @cached_property
    def arguments(self) -> Mapping[str, Argument]:
        """Arguments that the call gives, by name."""
        if len(self.op.args.data) > len(self.parameters):
            raise Declined(f"{len(self.op.args.data)} positional arguments, expected at most {len(self.parameters)}")
        found = {n: self._decode(a) for n, a in zip(self.parameters, self.op.args.data, strict=False)}
        return found | {k: self._decode(a) for k, a in self.op.keyword_arguments().items()}

    def _decode(self, argument: Attribute) -> Argument:
        match argument:
            case aten.OperandAttr():
                return self.op.operands[argument.index.data]
            case ArrayAttr():
                return [self._decode(a) for a in argument.data]
            case aten.NoneAttr():
                return None
            case IntegerAttr():
                return bool(argument.value.data) if argument.type == i1 else argument.value.data
            case FloatAttr():
                return argument.value.data
            case StringAttr():
                return argument.data
            case _:
                return argument

    def get(self, name: str, default: Argument = None) -> Argument:
        """An argument, or the schema's `default`."""
        return self.arguments.get(name, default)

    def tensor(self, name: str) -> SSAValue:
        """A tensor argument."""
        value = self.get(name)
        if not isinstance(value, SSAValue) or not is_tensor(value.type):
            raise Declined(f"{name} is no tensor")
        if not is_number(element := value.type.element_type):
            raise Declined(f"dtype({name}) = {element}")
        return value

    def optional_tensor(self, name: str) -> SSAValue | None:
        """A tensor argument that may be None."""
        return None if self.get(name) is None else self.tensor(name)

    def integer(self, name: str, default: int | None = None) -> int:
        """An integer argument known at compile time."""
        value = self.get(name, default)
        if isinstance(value, bool) or not isinstance(value, int):
            raise Declined(f"{name} is no integer known at compile time")
        return value

    def number(self, name: str, default: float | None = None) -> bool | int | float:
        """A number argument known at compile time."""
        value = self.get(name, default)
        if not isinstance(value, bool | int | float):
            raise Declined(f"{name} is no number known at compile time")
        return value

    def flag(self, name: str, default: bool = False) -> bool:
        """A boolean argument."""
        value = self.get(name, default)
        return default if value is None else bool(value)

    def integers(self, name: str, default: Sequence[int] | None = None) -> tuple[int, ...]:
        """A list of integers known at compile time; a single integer counts as a list of one."""
        value = self.get(name)
        if value is None and default is not None:
            return tuple(default)
        values = value if isinstance(value, list) else [value]
        if not all(isinstance(v, int) and not isinstance(v, bool) for v in values):
            raise Declined(f"{name} is no list of integers known at compile time")
        return tuple(v for v in values if isinstance(v, int))

    @property
    def result_type(self) -> AnyTensorType:
        """The type of the one result."""
        if len(self.op.results) != 1:
            raise Declined(f"{len(self.op.results)} results, expected 1")
        found = self.op.results[0].type
        if not is_tensor(found):
            raise Declined(f"the result is no tensor but {found}")
        if DYNAMIC_INDEX in found.get_shape():
            raise Declined(f"the result's shape {describe_shape(found.get_shape())} is not known at compile time")
        if not is_number(found.element_type):
            raise Declined(f"dtype(result) = {found.element_type}")
        return found

    @property
    def result_shape(self) -> tuple[int, ...]:
        """The shape of the one result."""
        return self.result_type.get_shape()

    @property
    def result_element(self) -> Attribute:
        """The element type of the one result."""
        return self.result_type.element_type

    def add(self, op: Operation) -> SSAValue:
        """Insert `op` before the call, at its location; its first result.

        Raises:
            VerifyException: TTIR has no such op; what it allows is a condition of every conversion.
        """
        op.location = self.op.location
        self.block.insert_op_before(op, self.op)
        op.verify()
        return op.results[0]

    def cast(self, value: SSAValue, element: Attribute) -> SSAValue:
        """`value` with elements of type `element`."""
        if element_type(value) == element:
            return value
        return self.add(ttir.TypecastOp(value, element))

    def reshape(self, value: SSAValue, shape: Sequence[int]) -> SSAValue:
        """`value` in another shape."""
        if shape_of(value) == tuple(shape):
            return value
        return self.add(ttir.ReshapeOp(value, tuple(shape), tensor_type(shape, element_type(value))))

    def expand(self, value: SSAValue, shape: Sequence[int]) -> SSAValue:
        """`value` broadcast to `shape` by NumPy's rule."""
        padded = (1,) * (len(shape) - len(shape_of(value))) + shape_of(value)
        aligned = self.reshape(value, padded)
        factors = tuple(t if s == 1 else 1 for s, t in zip(padded, shape, strict=True))
        if all(f == 1 for f in factors):
            return aligned
        return self.add(ttir.BroadcastOp(aligned, factors, tensor_type(shape, element_type(value))))

    def fill(self, number: bool | int | float, element: Attribute, rank: int = 1) -> SSAValue:
        """A tensor of one element, which broadcasts.

        Raises:
            Declined: TTIR cannot write the number down.
        """
        return self.add(ttir.FullOp((1,) * rank, literal(number, element), element))

    def operand(self, name: str, element: Attribute, default: float | None = None) -> SSAValue:
        """A tensor or number argument as a tensor of `element`; a number becomes one element, which broadcasts."""
        value = self.get(name, default)
        if isinstance(value, bool | int | float):
            return self.fill(value, element, min(1, len(self.result_shape)))
        return self.cast(self.tensor(name), element)


Convert: TypeAlias = Callable[[Call], SSAValue]
"""Inserts the TTIR ops of a call and returns the value of its one result.

Raises:
    Declined: a condition does not hold.
    VerifyException: a condition of TTIR does not hold.
"""


@dataclass(frozen=True, slots=True)
class Conversion:
    """How one overload is converted.

    Attributes:
        parameters: Names of its schema's parameters, in order.
        convert: Makes the TTIR ops.
    """

    parameters: tuple[str, ...]
    convert: Convert


def conversion(parameters: str, convert: Convert) -> Conversion:
    """A conversion whose schema's parameters are written as one string, separated by blanks."""
    return Conversion(tuple(parameters.split()), convert)


def shape_of(value: SSAValue) -> tuple[int, ...]:
    """The shape of a tensor value.

    Raises:
        Declined: it is no tensor, or the shape is not known at compile time.
    """
    if not is_tensor(value.type):
        raise Declined(f"{value.type} is no tensor")
    shape = value.type.get_shape()
    if DYNAMIC_INDEX in shape:
        raise Declined(f"the shape {describe_shape(shape)} is not known at compile time")
    return shape


def element_type(value: SSAValue) -> Attribute:
    """The element type of a tensor value."""
    if not is_tensor(value.type):
        raise Declined(f"{value.type} is no tensor")
    return value.type.element_type


def is_number(element: Attribute) -> bool:
    """Whether `element` is a type that conversions know: neither complex, nor quantised, nor a float of 8 bits."""
    return isinstance(element, IntegerType | Float32Type | BFloat16Type | Float16Type | Float64Type)


_MAX_FLOAT: dict[type[Attribute], float] = {
    Float16Type: 65504.0,
    BFloat16Type: 3.3895313892515355e38,
    Float32Type: 3.4028234663852886e38,
}
"""The largest finite numbers (IEEE 754; bfloat16 is the upper half of binary32)."""


def literal(number: bool | int | float, element: Attribute) -> bool | int | float:
    """`number` as an attribute of TTIR holds it for elements of type `element`: in 32 bits.

    Raises:
        Declined: it does not fit, or would be another number in 32 bits.
    """
    if (why := misfit(number, element)) is not None:
        raise Declined(why)
    if isinstance(element, IntegerType):
        return bool(number) if element == i1 else int(number)
    return float(number)


def misfit(number: bool | int | float, element: Attribute) -> str | None:
    """Why no 32-bit attribute holds `number` for elements of type `element`; None if one does."""
    if element == i1:
        return None
    if is_integer_type(element):
        width, unsigned = element.width.data, element.signedness.data is Signedness.UNSIGNED
        low, high = (0, (1 << width) - 1) if unsigned else (-(1 << (width - 1)), (1 << (width - 1)) - 1)
        fits = isfinite(number) and max(low, -(1 << 31)) <= int(number) <= min(high, (1 << 31) - 1)
        return None if fits else f"the constant {number} does not fit 32 bits of {element}"
    value = float(number)
    if not isfinite(value):
        return None
    if abs(value) > _MAX_FLOAT.get(type(element), _MAX_FLOAT[Float32Type]):
        return f"the constant {value} is beyond {element}"
    if isinstance(element, Float64Type) and unpack("f", pack("f", value)) != (value,):
        return f"the constant {value} is no f32, as which TTIR would hold it"
    return None


def is_float(element: Attribute) -> bool:
    """Whether `element` is a floating-point type."""
    return isinstance(element, AnyFloat)
