"""What goes wrong inside `torch.export`, as errors that name the user's line and say what to do."""

from __future__ import annotations

import contextlib
import inspect
import io
import logging
import re
import sys
import textwrap
import traceback
from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Any, TextIO, cast

import torch
from torch._dynamo.exc import UncapturedHigherOrderOpError, Unsupported, UserError, UserErrorType
from torch._export.verifier import SpecViolationError
from torch._subclasses.fake_tensor import (
    DataDependentOutputException,
    DynamicOutputShapeException,
    UnsupportedOperatorException,
)
from torch.fx.experimental.symbolic_shapes import ConstraintViolationError, GuardOnDataDependentSymNode

from tilewright.frontend.locations import is_user_file
from tilewright.support.errors import UnsupportedInputError

EXPORT_FAILURES = (
    # All errors that torch itself defines for tracing derive from RuntimeError, except the last one below. The others
    # come out of the model's own code, or of assertions in torch.
    RuntimeError,
    TypeError,
    ValueError,
    LookupError,
    AttributeError,
    AssertionError,
    ArithmeticError,
    SpecViolationError,
)
"""What export raises where the model or its inputs are at fault."""

_REASON_LINES = 2
_REASON_WIDTH = 300
_NOISE = re.compile(r"\s*(For (more )?information, .*|\(unhinted: .*|\(Size-like symbols: .*)$")


@dataclass(frozen=True, slots=True)
class _Diagnosis:
    what: str
    hint: str


_DATA_DEPENDENT = _Diagnosis(
    "the model's control flow or shapes depend on the values of tensors",
    "compute both sides and select with torch.where, use torch.cond, or pass the decision as a Python argument",
)
_DYNAMIC_SHAPES = _Diagnosis(
    "the model does not work for all sizes that dynamic_shapes allows",
    "give the dimension a fixed size or narrower bounds, as torch's reason says",
)
_INPUTS = _Diagnosis(
    "the inputs of the model, or their dynamic_shapes, are not supported",
    "pass tensors, numbers, strings and containers of them; args is a tuple, kwargs a dict",
)
_OUTPUTS = _Diagnosis(
    "the outputs of the model are not supported",
    "return tensors, numbers and containers of them; register other classes with torch.utils._pytree",
)
_CONSTRUCT = _Diagnosis(
    "the model uses a construct that torch.export does not support",
    "move it out of forward, or wrap it in a custom operator (torch.library.custom_op)",
)
_NO_SHAPE_FUNCTION = _Diagnosis(
    "an operator of the model has no shape function",
    "register one with torch.library.register_fake",
)
_MODEL = _Diagnosis(
    "the model fails on the example inputs",
    "call the module with them; if that works, torch's reason says what tracing cannot do",
)

_OF_USER_ERROR: dict[UserErrorType, _Diagnosis] = {
    UserErrorType.DYNAMIC_CONTROL_FLOW: _DATA_DEPENDENT,
    UserErrorType.CONSTRAINT_VIOLATION: _DYNAMIC_SHAPES,
    UserErrorType.DYNAMIC_DIM: _DYNAMIC_SHAPES,
    UserErrorType.INVALID_INPUT: _INPUTS,
    UserErrorType.INVALID_OUTPUT: _OUTPUTS,
    UserErrorType.UNSUPPORTED_ALIASED_MUTATED_DYNAMIC_INPUTS: _INPUTS,
}

_OF_CLASS: tuple[tuple[type[Exception], _Diagnosis], ...] = (
    (GuardOnDataDependentSymNode, _DATA_DEPENDENT),
    (DataDependentOutputException, _DATA_DEPENDENT),
    (DynamicOutputShapeException, _DATA_DEPENDENT),
    (ConstraintViolationError, _DYNAMIC_SHAPES),
    (UnsupportedOperatorException, _NO_SHAPE_FUNCTION),
    (Unsupported, _CONSTRUCT),
    (UncapturedHigherOrderOpError, _CONSTRUCT),
    (SpecViolationError, _CONSTRUCT),
)

_OF_MESSAGE: tuple[tuple[str, _Diagnosis], ...] = (
    # Torch has no class of its own for these.
    ("Unsupported input type", _INPUTS),
    ("in output, which is not a known type", _OUTPUTS),
    ("is not supported for tensor subclasses", _CONSTRUCT),
    ("Cannot access data pointer", _CONSTRUCT),
    ("no fake impl registered", _NO_SHAPE_FUNCTION),
)


def diagnose(error: Exception) -> UnsupportedInputError:
    """The error to raise from one of :data:`EXPORT_FAILURES`."""
    if isinstance(error, UserError):
        diagnosis = _OF_USER_ERROR.get(error.error_type, _CONSTRUCT)
    else:
        text = str(error)
        diagnosis = next(
            (found for kind, found in _OF_CLASS if isinstance(error, kind)),
            next((found for part, found in _OF_MESSAGE if part in text), _MODEL),
        )
    return UnsupportedInputError(diagnosis.what, where=_users_line(error), why=_reason(error), hint=diagnosis.hint)


@contextlib.contextmanager
def diagnosed() -> Generator[None]:
    """Run torch's tracing: what fails there is diagnosed.

    Raises:
        UnsupportedInputError: the model or its inputs are at fault.
    """
    with _held_back_stderr() as output:
        try:
            yield
        except EXPORT_FAILURES as error:
            output.drop()
            raise diagnose(error) from error


def check_call(function: Callable[..., Any], args: tuple[object, ...], kwargs: dict[str, object]) -> None:
    """Check that `function` can be called with these arguments.

    Raises:
        UnsupportedInputError: arguments are missing, unknown or too many.
    """
    signature = inspect.signature(function)
    try:
        signature.bind(*args, **kwargs)
    except TypeError as error:
        code = inspect.unwrap(function)
        place = getattr(code, "__code__", None)
        raise UnsupportedInputError(
            f"the example inputs do not fit {getattr(code, '__name__', 'forward')}{signature}",
            where=None if place is None else f"{place.co_filename}:{place.co_firstlineno}",
            why=str(error),
            hint="give args and kwargs as in a call of the module",
        ) from error


class _HeldBackOutput:
    """Text for stderr, to be written later or dropped."""

    def __init__(self) -> None:
        self.stream = io.StringIO()

    def drop(self) -> None:
        """Forget the text."""
        self.stream.seek(0)
        self.stream.truncate()


@contextlib.contextmanager
def _held_back_stderr() -> Generator[_HeldBackOutput]:
    """Hold back what is written to stderr until the end.

    A failing export prints the graph so far and logs a traceback, which the error that follows makes superfluous.
    """
    held = _HeldBackOutput()
    loggers = [logger for logger in logging.root.manager.loggerDict.values() if isinstance(logger, logging.Logger)]
    handlers = [
        cast("logging.StreamHandler[TextIO]", handler)
        for logger in loggers
        if logger.name.split(".")[0] == torch.__name__
        for handler in logger.handlers
        # Torch's own: those that write to files or collect for a test are subclasses.
        if type(handler) is logging.StreamHandler
    ]
    streams = [(handler, handler.stream) for handler in handlers]
    for handler, original in streams:
        if original.closed:  # by somebody who had redirected stderr when torch made the handler; nothing to flush
            handler.stream = held.stream
        else:
            handler.setStream(held.stream)
    try:
        with contextlib.redirect_stderr(held.stream):
            yield held
    finally:
        for handler, original in streams:
            handler.setStream(original)
        sys.stderr.write(held.stream.getvalue())


def _users_line(error: Exception) -> str | None:
    """The innermost line of the user's code on the way to the error."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if is_user_file(frame.filename)]
    return f"{frames[-1].filename}:{frames[-1].lineno}" if frames else None


def _reason(error: Exception) -> str:
    """Torch's reason in a line or two, with the class of the error if it is not torch's own."""
    paragraph, *_ = str(error).strip().split("\n\n")
    lines = [_NOISE.sub("", line).strip() for line in paragraph.splitlines()]
    text = textwrap.shorten(" ".join(lines[:_REASON_LINES]), _REASON_WIDTH)
    if type(error).__module__.split(".")[0] == torch.__name__:
        return text
    return f"{type(error).__name__}: {text}" if text else type(error).__name__
