"""Exported programs as level 1."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from torch._ops import OperatorBase
from torch.export import ExportedProgram, default_decompositions
from xdsl.dialects.builtin import ModuleOp

from tilewright.frontend.aliasing import Identity, NeedsFunctionalisationError
from tilewright.frontend.bindings import Literal
from tilewright.frontend.entry import EntryImporter
from tilewright.frontend.export_errors import diagnosed
from tilewright.frontend.functional_forms import writes_statistics
from tilewright.frontend.graph_queries import calls_in
from tilewright.frontend.module_context import ModuleContext
from tilewright.frontend.program import ENTRY_POINT, ImportedProgram
from tilewright.frontend.signature import BoundValue, UserInput, outputs_of, placeholders_of, unique_name
from tilewright.support.errors import UnsupportedInputError


def import_program(
    program: ExportedProgram, bound: Mapping[int, BoundValue] | None = None, names: Sequence[str] | None = None
) -> ImportedProgram:
    """Import an exported program.

    Args:
        bound: Leaves of the inputs that are in truth part of the model, by position.
        names: Names for the leaves of the inputs; None takes those of the placeholders.

    Raises:
        UnsupportedInputError: the program computes gradients, has objects other than tensors and numbers flow through
            it, or writes to memory in a way that torch cannot make functional.
    """
    try:
        return _import(program, bound or {}, names, ModuleContext(is_functional=False))
    except NeedsFunctionalisationError:
        functional = functionalise(program)
    try:
        return _import(functional, bound or {}, names, ModuleContext(is_functional=True))
    except NeedsFunctionalisationError as error:
        raise UnsupportedInputError("torch cannot make this program functional", why=str(error)) from error


def functionalise(program: ExportedProgram) -> ExportedProgram:
    """The same program without writes to memory; no op is decomposed that need not be.

    This traces the program once more, which takes longer than the export did.
    """
    # Torch believes the schema of instance_norm, which hides the write, unless it looks inside.
    looked_into = {node.target for node in calls_in(program.graph_module) if writes_statistics(node.target, node.args)}
    defaults: dict[OperatorBase, Callable[..., Any]] = {**default_decompositions()} if looked_into else {}
    table = {op: decomposition for op, decomposition in defaults.items() if op in looked_into}
    with diagnosed(), warnings.catch_warnings():
        # Copying a program trips over torch's own deprecation of LeafSpec.
        warnings.simplefilter("ignore", FutureWarning)
        return program.run_decompositions(table)


def _import(
    program: ExportedProgram, bound: Mapping[int, BoundValue], names: Sequence[str] | None, context: ModuleContext
) -> ImportedProgram:
    context.new_symbol(ENTRY_POINT)
    placeholders = placeholders_of(program, bound, names)
    outputs = outputs_of(program)
    entry = EntryImporter(program.graph_module, context)
    names_of = _names_of_tensors(p for _, p in placeholders if isinstance(p, BoundValue))
    taken = {name for shared in names_of.values() for name in shared}
    for node, placeholder in placeholders:
        match placeholder:
            case Literal():
                entry.declare_literal(node, placeholder)
            case UserInput():
                name = unique_name(placeholder.name, taken)
                taken.add(name)
                entry.declare_user_input(node, placeholder, name)
            case BoundValue():
                # What the graph neither reads nor writes is no part of the function.
                if node.users or node.name in outputs.mutations:
                    entry.declare_model_value(node, placeholder, names_of[placeholder.identity])
    function = entry.run(outputs)
    in_spec, out_spec = program.call_spec.in_spec, program.call_spec.out_spec
    if in_spec is None or out_spec is None:
        raise UnsupportedInputError("the exported program does not know the structure of its inputs and outputs")
    return ImportedProgram(
        module=ModuleOp([function, *context.bodies]),
        values=entry.values,
        in_spec=in_spec,
        out_spec=out_spec,
        inputs=tuple(entry.inputs),
        outputs=tuple(entry.outputs),
        mutations=tuple(entry.mutations),
        overloads=context.callees.callables,
    )


def _names_of_tensors(values: Iterable[BoundValue]) -> dict[Identity, list[str]]:
    """All names of each tensor, in the order of the placeholders."""
    names: dict[Identity, list[str]] = {}
    for value in values:
        names.setdefault(value.identity, []).append(value.name)
    return names
