"""Checking tensors against the arguments they are for."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from xdsl.dialects.builtin import DYNAMIC_INDEX
from xdsl.ir import Attribute, Operation

from tilewright.dialects.types import is_tensor
from tilewright.runtime.dtypes import torch_dtype
from tilewright.support.errors import UnsupportedInputError


def check_arguments(args: object, kwargs: object) -> None:
    """Check that example arguments come as a tuple and a dictionary.

    Raises:
        UnsupportedInputError: they do not.
    """
    if not isinstance(args, tuple):
        raise UnsupportedInputError(f"args is a {type(args).__name__}, not a tuple", hint="write (x,) for one input x")
    if not isinstance(kwargs, dict):
        raise UnsupportedInputError(f"kwargs is a {type(kwargs).__name__}, not a dictionary")


def check_inputs(function: Operation, inputs: Sequence[object]) -> None:
    """Check `inputs` against the arguments of a function or program.

    Raises:
        UnsupportedInputError: their number, a shape or an element type differs.
    """
    arguments = function.regions[0].block.args if function.regions and function.regions[0].blocks else ()
    if len(inputs) != len(arguments):
        raise UnsupportedInputError(
            f"{len(inputs)} inputs were given", why=f"the function takes {len(arguments)} arguments"
        )
    for index, (value, argument) in enumerate(zip(inputs, arguments, strict=True)):
        check_input(argument.name_hint or str(index), value, argument.type)


def check_input(name: str, value: object, type: Attribute) -> None:
    """Check one value against the type of its argument.

    Raises:
        UnsupportedInputError: it is no tensor, or its shape or element type differs.
    """
    if not is_tensor(type):
        return
    if not isinstance(value, torch.Tensor):
        raise UnsupportedInputError(f"input '{name}' is a {value.__class__.__name__}", hint="give a tensor")
    shape = type.get_shape()
    fits = len(shape) == value.dim() and all(e in (DYNAMIC_INDEX, f) for e, f in zip(shape, value.shape, strict=True))
    if not fits:
        expected = "x".join("?" if d == DYNAMIC_INDEX else str(d) for d in shape) or "scalar"
        raise UnsupportedInputError(
            f"input '{name}' has the shape {tuple(value.shape)}", why=f"{expected} is expected", hint="reshape it"
        )
    dtype = torch_dtype(type.element_type)
    if value.dtype is not dtype:
        raise UnsupportedInputError(
            f"input '{name}' has the dtype {value.dtype}", why=f"{dtype} is expected", hint=f"convert it: .to({dtype})"
        )
