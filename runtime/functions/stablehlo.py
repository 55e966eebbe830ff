"""StableHLO in host functions: tt-mlir hoists ops before it converts them, so its CPU modules hold this dialect.

The dialect is not registered: its ops are known by name. The elementwise ones and those that move elements have a
meaning here; source: the StableHLO specification.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

import torch
from xdsl.dialects.builtin import DenseArrayBase, UnregisteredOp, i64
from xdsl.ir import Attribute, Operation

from tilewright.dialects.types import element_type_of, shape_of
from tilewright.runtime.dtypes import torch_dtype
from tilewright.runtime.functions.per_device import PerDeviceFunctions
from tilewright.runtime.functions.ttir.real import truncated_remainder
from tilewright.runtime.interpreter import Interpreter, Step, implements
from tilewright.support.errors import UnsupportedInputError
from tilewright.support.locations import describe_location
from tilewright.support.suggest import nearest_names

_PREFIX = "stablehlo."


Tensor = torch.Tensor
Movement: TypeAlias = Callable[[Tensor], Tensor]


def _divide(a: Tensor, b: Tensor) -> Tensor:
    return torch.div(a, b) if a.is_floating_point() else torch.div(a, b, rounding_mode="trunc")


def _remainder(a: Tensor, b: Tensor) -> Tensor:
    return truncated_remainder(a, b) if a.is_floating_point() else torch.fmod(a, b)


def _clamp(low: Tensor, x: Tensor, high: Tensor) -> Tensor:
    return torch.minimum(torch.maximum(x, low), high)


def _same(x: Tensor) -> Tensor:
    return x


_ELEMENTWISE: Mapping[str, Callable[..., Tensor]] = {
    "abs": torch.abs,
    "add": torch.add,
    "and": torch.bitwise_and,
    "atan2": torch.atan2,
    "ceil": torch.ceil,
    "clamp": _clamp,
    "convert": _same,
    "cosine": torch.cos,
    "divide": _divide,
    "exponential": torch.exp,
    "exponential_minus_one": torch.expm1,
    "floor": torch.floor,
    "is_finite": torch.isfinite,
    "log": torch.log,
    "log_plus_one": torch.log1p,
    "logistic": torch.sigmoid,
    "maximum": torch.maximum,
    "minimum": torch.minimum,
    "multiply": torch.mul,
    "negate": torch.neg,
    "not": torch.bitwise_not,
    "or": torch.bitwise_or,
    "power": torch.pow,
    "remainder": _remainder,
    "round_nearest_even": torch.round,
    "rsqrt": torch.rsqrt,
    "select": torch.where,
    "sign": torch.sign,
    "sine": torch.sin,
    "sqrt": torch.sqrt,
    "subtract": torch.sub,
    "tan": torch.tan,
    "tanh": torch.tanh,
    "xor": torch.bitwise_xor,
}


class StablehloFunctions(PerDeviceFunctions):
    """Ops that no registered dialect defines; of them, those of StableHLO that have a meaning here."""

    @implements(UnregisteredOp)
    def unregistered(self, op: UnregisteredOp, interpreter: Interpreter) -> Step:
        full = op.op_name.data
        name = full.removeprefix(_PREFIX)
        if (
            not full.startswith(_PREFIX)
            or (name not in _ELEMENTWISE and name not in _MOVEMENTS)
            or len(op.results) != 1
        ):
            raise UnsupportedInputError(
                f"{full} cannot be executed",
                where=describe_location(op),
                why="none of the interpreter's dialects says what it means",
                hint=nearest_names(name, (*_ELEMENTWISE, *_MOVEMENTS)) if full.startswith(_PREFIX) else None,
            )
        shape, dtype = shape_of(op.results[0]), torch_dtype(element_type_of(op.results[0]))
        function = _ELEMENTWISE[name] if name in _ELEMENTWISE else _MOVEMENTS[name](op)

        def step(*values: Tensor) -> Sequence[Tensor]:
            return (function(*values).to(dtype).reshape(shape),)

        return step


def _reshape(op: Operation) -> Movement:
    return _same


def _transpose(op: Operation) -> Movement:
    order = _integers(op, "permutation")

    def transpose(x: Tensor) -> Tensor:
        return x.permute(order)

    return transpose


def _broadcast_in_dim(op: Operation) -> Movement:
    dimensions, shape = _integers(op, "broadcast_dimensions"), shape_of(op.results[0])

    # They may come in any order.
    def broadcast(x: Tensor) -> Tensor:
        view = [1] * len(shape)
        for at, extent in zip(dimensions, x.shape, strict=True):
            view[at] = extent
        order = sorted(range(len(dimensions)), key=lambda i: dimensions[i])
        return x.permute(order).reshape(view).expand(shape)

    return broadcast


_MOVEMENTS: Mapping[str, Callable[[Operation], Movement]] = {
    "broadcast_in_dim": _broadcast_in_dim,
    "reshape": _reshape,
    "transpose": _transpose,
}


def _integers(op: Operation, name: str) -> tuple[int, ...]:
    attribute: Attribute | None = op.properties.get(name) or op.attributes.get(name)
    if attribute is None or not DenseArrayBase.constr(i64).verifies(attribute):
        raise UnsupportedInputError(
            f"attribute '{name}' is {attribute}", where=describe_location(op), why="expected an array of i64"
        )
    return attribute.get_values()
