"""PyTorch models as level 1 (`aten` in `func`): the entry points of the frontend."""

from __future__ import annotations

import contextlib
import inspect
from collections.abc import Callable
from types import FunctionType, MethodType
from typing import Any

import torch
from torch.export import ExportedProgram

from tilewright.frontend.dynamo import import_dynamo_graph
from tilewright.frontend.export_errors import check_call, diagnosed
from tilewright.frontend.exported import import_program
from tilewright.frontend.program import ImportedProgram
from tilewright.support.errors import UnsupportedInputError

__all__ = ["import_dynamo_graph", "import_exported", "import_module"]


def import_module(
    module: torch.nn.Module | Callable[..., Any],
    args: tuple[Any, ...] = (),
    kwargs: dict[str, Any] | None = None,
    *,
    dynamic_shapes: Any = None,
) -> ImportedProgram:
    """Export a module and import the result.

    The module is exported as it is: in training or evaluation mode, with gradients recorded or not.

    Args:
        module: A module; another callable is taken as the `forward` of one.
        args: Example inputs by position.
        kwargs: Example inputs by name.
        dynamic_shapes: As for `torch.export.export`.

    Raises:
        UnsupportedInputError: the inputs do not fit the module, or the module cannot be exported; the message has the
            line of the model and torch's reason.
    """
    keywords = kwargs or {}
    if not isinstance(args, tuple):  # pyright: ignore[reportUnnecessaryIsInstance]  # what users write is not checked
        raise UnsupportedInputError(f"args is a {type(args).__name__}, not a tuple", hint="write (x,) for one input x")
    if not callable(module):
        raise UnsupportedInputError(f"a {type(module).__name__} is neither a module nor a function")
    exported = module if isinstance(module, torch.nn.Module) else _FunctionModule(module)
    check_call(exported.forward, args, keywords)
    with diagnosed():
        program = torch.export.export(exported, args, keywords, dynamic_shapes=dynamic_shapes, strict=False)
    return import_program(program)


def import_exported(program: ExportedProgram) -> ImportedProgram:
    """Import an exported program, of any of torch's export dialects.

    Raises:
        UnsupportedInputError: the program computes gradients, has objects other than tensors and numbers flow through
            it, or writes to memory in a way that torch cannot make functional.
    """
    return import_program(program)


class _FunctionModule(torch.nn.Module):
    """A module whose forward is a function; of a bound method, the module it belongs to is the part `module`."""

    def __init__(self, function: Callable[..., Any]):
        super().__init__()
        owner = getattr(function, "__self__", None)
        if isinstance(owner, torch.nn.Module):
            self.module = owner
        self.forward = function if isinstance(function, FunctionType | MethodType) else _as_function(function)


def _as_function(callable: Callable[..., Any]) -> FunctionType:
    """A function with the arguments of `callable`: export asks for them and for its code."""

    def forward(*args: Any, **kwargs: Any) -> Any:
        return callable(*args, **kwargs)

    forward.__name__ = getattr(callable, "__name__", type(callable).__name__)
    # Python knows the arguments of most callables, but not of torch's builtins.
    with contextlib.suppress(ValueError):
        forward.__signature__ = inspect.signature(callable)
    return forward
