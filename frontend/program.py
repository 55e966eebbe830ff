"""What an importer hands over: the IR of level 1, and beside it what IR must not or cannot hold."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

import torch
from torch.utils import _pytree as pytree
from xdsl.dialects.builtin import ModuleOp
from xdsl.dialects.func import FuncOp

from tilewright.support.errors import InternalError

ENTRY_POINT = "forward"
"""Name of the one public function."""

SHARED_NAMES = "tilewright.shared_names"
"""Argument attribute: further names of a parameter that the model has under several names (array of strings)."""


@dataclass(frozen=True, slots=True)
class InputSpec:
    """One leaf of the inputs that a caller gives.

    Attributes:
        name: As `ttir.name` of its argument.
        position: Index of the leaf among all leaves of :attr:`ImportedProgram.in_spec`.
        argument: Index of the function argument; None if the value is baked into the graph.
        shape: Of a tensor, None for a dimension unknown at compile time; `()` for a Python value.
        dtype: Of a tensor; None for a Python value.
        constant: The Python value that is baked in, if `argument` is None.
    """

    name: str
    position: int
    argument: int | None
    shape: tuple[int | None, ...] = ()
    dtype: torch.dtype | None = None
    constant: object = None


@dataclass(frozen=True, slots=True)
class ResultOutput:
    """An output leaf that is result `index` of the function."""

    index: int


@dataclass(frozen=True, slots=True)
class InputOutput:
    """An output leaf that is an input, unchanged: `index` counts :attr:`ImportedProgram.inputs`."""

    index: int


@dataclass(frozen=True, slots=True)
class ConstantOutput:
    """An output leaf that is a Python value known at compile time."""

    value: object


OutputSpec: TypeAlias = ResultOutput | InputOutput | ConstantOutput


@dataclass(frozen=True, slots=True)
class Mutation:
    """A state that a call changes.

    Attributes:
        result: Index of the function result that holds the new value.
        target: Index into :attr:`ImportedProgram.inputs`, or the name of the bound value.
    """

    result: int
    target: int | str


@dataclass(frozen=True)
class ImportedProgram:
    """A model at level 1.

    Attributes:
        module: One public function, `@forward`; the bodies of higher-order operators are private functions.
        values: Parameters, buffers and constants by the `ttir.name` of their argument; they share memory with the
            model.
        in_spec: Structure of `(args, kwargs)`.
        out_spec: Structure of what the model returns.
        inputs: The leaves of `in_spec` that are not bound values, in order.
        outputs: One for each leaf of `out_spec`.
        mutations: What a call writes to; their results follow those of the outputs.
        overloads: The callable behind each callee of this module; only good in this process.
    """

    module: ModuleOp
    values: dict[str, torch.Tensor]
    in_spec: pytree.TreeSpec
    out_spec: pytree.TreeSpec
    inputs: tuple[InputSpec, ...]
    outputs: tuple[OutputSpec, ...]
    mutations: tuple[Mutation, ...]
    overloads: dict[str, Callable[..., Any]]

    @property
    def entry(self) -> FuncOp:
        """The function `@forward`."""
        for op in self.module.ops:
            if isinstance(op, FuncOp) and op.sym_name.data == ENTRY_POINT:
                return op
        raise InternalError(f"the imported module has no function @{ENTRY_POINT}")
