"""The meaning of `aten.call`: torch itself."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from typing import cast

import torch
from xdsl.dialects.builtin import (
    ArrayAttr,
    DenseArrayBase,
    FloatAttr,
    IntegerAttr,
    IntegerType,
    StringAttr,
    SymbolRefAttr,
)
from xdsl.ir import Attribute

from tilewright.dialects import aten
from tilewright.runtime.dtypes import dtype_named
from tilewright.runtime.functions.per_device import PerDeviceFunctions
from tilewright.runtime.interpreter import Interpreter, Step, Value, implements
from tilewright.support.aten_overloads import functional_overloads
from tilewright.support.errors import UnsupportedInputError
from tilewright.support.locations import describe_location
from tilewright.support.suggest import nearest_names

_LAYOUTS = {"strided": torch.strided, "sparse_coo": torch.sparse_coo, "sparse_csr": torch.sparse_csr}
_MEMORY_FORMATS = {
    "contiguous_format": torch.contiguous_format,
    "preserve_format": torch.preserve_format,
    "channels_last": torch.channels_last,
    "channels_last_3d": torch.channels_last_3d,
}

_OPERATORS: Mapping[str, Callable[..., object]] = {
    f"operator.{name}": getattr(operator, name)
    for name in (
        "add", "sub", "mul", "floordiv", "truediv", "mod", "neg", "pow", "eq", "ne", "lt", "le", "gt", "ge", "and_",
        "or_", "xor", "not_",
    )
}  # fmt: skip
"""Python operators on symbolic sizes."""

_Argument = Callable[[Sequence[Value]], Value]


class AtenFunctions(PerDeviceFunctions):
    """Calls overloads.

    Args:
        overloads: Callables that an importer met in the user's own process, by callee name; names that come from a file
            are looked up in the literal table alone.
    """

    def __init__(self, overloads: Mapping[str, Callable[..., object]] | None = None):
        self._overloads = overloads or {}

    def resolve(self, op: aten.CallOp) -> Callable[..., object]:
        """The callable for `op`.

        Raises:
            UnsupportedInputError: the callee is neither in the table nor known from an import.
        """
        name = op.callee.data
        found = self._overloads.get(name) or _OPERATORS.get(name)
        if found is not None:
            return found
        if name not in functional_overloads():
            raise UnsupportedInputError(
                f"'{name}' is not an operator that may be called from a file",
                where=describe_location(op),
                why="only functional ATen overloads of the literal table are run",
                hint="compile the model in this process, where its own operators are known",
            )
        _, packet, overload = name.split(".")
        return getattr(getattr(torch.ops.aten, packet), overload)

    @implements(aten.CallOp)
    def call(self, op: aten.CallOp, interpreter: Interpreter) -> Step:
        target = self.resolve(op)
        args = [_argument(a, interpreter) for a in op.args.data]
        kwargs = {k: _argument(a, interpreter) for k, a in op.keyword_arguments().items()}
        name, count = op.callee.data, len(op.results)

        def step(*values: Value) -> Sequence[Value]:
            try:
                out = target(*[a(values) for a in args], **{k: a(values) for k, a in kwargs.items()})
            except (RuntimeError, IndexError, ValueError, TypeError) as error:
                raise UnsupportedInputError(
                    f"torch refuses a call of '{name}'",
                    why=f"{type(error).__name__}: {error}",
                    hint="check the model's inputs, and the arguments in the IR",
                ) from error
            if count == 0:
                return ()
            results = [v for v in _flat([out]) if v is not None]
            if len(results) != count:
                raise UnsupportedInputError(f"'{name}' gives {len(results)} values, its call has {count} results")
            return results

        return step


def _flat(values: Sequence[object]) -> list[object]:
    flat: list[object] = []
    for value in values:
        if isinstance(value, tuple | list):
            flat.extend(_flat(cast("Sequence[object]", value)))
        else:
            flat.append(value)
    return flat


def _argument(argument: Attribute, interpreter: Interpreter) -> _Argument:
    """How to get an argument from the operand values, decoded once."""
    match argument:
        case aten.OperandAttr():
            index = argument.index.data
            return lambda values: values[index]
        case ArrayAttr():
            elements = [_argument(a, interpreter) for a in argument.data]
            return lambda values: [e(values) for e in elements]
        case SymbolRefAttr():
            name = argument.string_value()
            bare = aten.BARE_RESULT in interpreter.symbol(name).attributes

            def call(*arguments: Value) -> Value:
                results = interpreter.function(name).run(arguments)
                return results[0] if bare else results

            return lambda values: call
        case _:
            value = constant(argument)
            return lambda values: value


def constant(argument: Attribute) -> object:
    """The Python object that a constant argument stands for.

    Raises:
        UnsupportedInputError: the attribute is none that an importer writes.
    """
    match argument:
        case aten.NoneAttr():
            return None
        case IntegerAttr():
            is_bool = isinstance(argument.type, IntegerType) and argument.type.width.data == 1
            return bool(argument.value.data) if is_bool else argument.value.data
        case FloatAttr():
            return argument.value.data
        case StringAttr():
            return argument.data
        case DenseArrayBase():
            return list(argument.elt_type.iter_unpack(argument.data.data))
        case aten.DtypeAttr():
            return dtype_named(argument.value.data)
        case aten.DeviceAttr():
            return _device(argument.value.data)
        case aten.LayoutAttr():
            return _named(argument.value.data, _LAYOUTS, "layout")
        case aten.MemoryFormatAttr():
            return _named(argument.value.data, _MEMORY_FORMATS, "memory format")
        case aten.ComplexAttr():
            return complex(float(argument.real.data), float(argument.imag.data))
        case _:
            raise UnsupportedInputError(f"{argument} is no argument of an operator")


def _named(name: str, table: Mapping[str, object], kind: str) -> object:
    try:
        return table[name]
    except KeyError:
        raise UnsupportedInputError(f"torch has no {kind} '{name}'", hint=nearest_names(name, table)) from None


def _device(name: str) -> torch.device:
    try:
        return torch.device(name)
    except RuntimeError:
        raise UnsupportedInputError(f"torch has no device '{name}'") from None
