"""What the functions of several families share."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from xdsl.dialects.builtin import FloatAttr, IntegerAttr
from xdsl.ir import Attribute, Operation

from tilewright.dialects.types import element_type_of, shape_of
from tilewright.runtime.dtypes import torch_dtype
from tilewright.runtime.interpreter import Step


def dtype_of(op: Operation) -> torch.dtype:
    """The dtype of the first result."""
    return torch_dtype(element_type_of(op.results[0]))


def operand_dtypes(op: Operation) -> list[torch.dtype]:
    """The dtypes of the operands."""
    return [torch_dtype(element_type_of(v)) for v in op.operands]


def result_shape(op: Operation) -> tuple[int, ...]:
    """The shape of the first result."""
    return shape_of(op.results[0])


def number_of(attribute: Attribute) -> int | float:
    """The number that an attribute holds."""
    assert isinstance(attribute, FloatAttr | IntegerAttr)
    return attribute.value.data


def unary_step(step: Callable[[torch.Tensor], Sequence[torch.Tensor]]) -> Step:
    """`step`, whose operand is thereby typed."""
    return step
