"""Ops as if their values had other types, with conversions around them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

import torch
from xdsl.ir import Attribute, Block, Operation, SSAValue

from tilewright.dialects.types import is_tensor
from tilewright.runtime.interpreter import Step, Value
from tilewright.runtime.mesh import MeshValue, on_each_device

Convert: TypeAlias = Callable[[torch.Tensor], torch.Tensor]
"""What becomes of one tensor."""


def element_type_or_none(value: SSAValue) -> Attribute | None:
    """The element type of a tensor; None of any other value."""
    return value.type.element_type if is_tensor(value.type) else None


def retyped(op: Operation, type_of: Callable[[SSAValue], Attribute]) -> Operation:
    """`op` between values of the types that `type_of` gives its operands and results."""
    return type(op).create(
        operands=Block(arg_types=[type_of(v) for v in op.operands]).args,
        result_types=[type_of(r) for r in op.results],
        properties=op.properties,
        attributes=op.attributes,
        location=op.location,
    )


def between(step: Step, before: Sequence[Convert | None], after: Sequence[Convert | None]) -> Step:
    """`step` on converted operands, with converted results; None where nothing is converted."""

    def run(*values: Value) -> Sequence[Value]:
        numbers = [_converted(v, convert) for v, convert in zip(values, before, strict=True)]
        return [_converted(r, convert) for r, convert in zip(step(*numbers), after, strict=True)]

    return run


def _converted(value: Value, convert: Convert | None) -> Value:
    """`value` through `convert`, on each device that holds one."""
    if convert is None:
        return value
    assert isinstance(value, torch.Tensor | MeshValue)
    return on_each_device(value, convert)
