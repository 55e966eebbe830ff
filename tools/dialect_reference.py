"""The reference page of the `ttir` dialect, from its definitions."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Collection, Iterable, Iterator, Sequence

from xdsl.dialects.builtin import ArrayOfConstraint, DenseArrayBase
from xdsl.ir import Dialect, Operation
from xdsl.irdl import (
    AllOf,
    AnyAttr,
    AnyOf,
    AttrConstraint,
    BaseAttr,
    EqAttrConstraint,
    IRDLOperation,
    OpDef,
    OptionalDef,
    OptOperandDef,
    OptPropertyDef,
    OptResultDef,
    ParamAttrConstraint,
    RangeOf,
    VariadicDef,
    VarOperandDef,
    VarResultDef,
)

_SEGMENTS = ("operandSegmentSizes", "resultSegmentSizes")


def reference(dialect: Dialect, lowered: Collection[str]) -> str:
    """A page in Markdown: every op of `dialect` by family, with what it takes, gives and checks.

    Families are the modules that define the ops; meaning, shapes and conditions are the ops' docstrings.

    Args:
        dialect: The dialect.
        lowered: Names of the ops that the tile level supports.
    """
    families: dict[str, list[type[Operation]]] = {}
    for op in dialect.operations:
        families.setdefault(op.__module__, []).append(op)
    lines = [_introduction(dialect, families, lowered)]
    for module in sorted(families):
        lines += _family(module, sorted(families[module], key=lambda op: op.name), lowered)
    return "\n".join(lines).rstrip() + "\n"


def _introduction(dialect: Dialect, families: dict[str, list[type[Operation]]], lowered: Collection[str]) -> str:
    ops = list(dialect.operations)
    supported = sum(op.name in lowered for op in ops)
    rows = [
        "| family | ops |",
        "|---|---|",
        *(
            f"| {_title(module)} | {', '.join(f'[{_short(op)}](#{_anchor(op)})' for op in sorted(found, key=_short))} |"
            for module, found in sorted(families.items())
        ),
    ]
    return "\n".join(
        [
            f"# The `{dialect.name}` dialect",
            "",
            "Made from the definitions in `dialects/ttir/` by `tools/dialect_reference.py`; do not edit. Pinned to",
            "tt-mlir commit 19c86fca45 (2026-08-21). Ops stand in MLIR's generic form unless an own form is given.",
            "",
            f"{len(ops)} ops, of which {supported} are supported at the tile level; the others run on the host.",
            "",
            *rows,
            "",
        ]
    )


def _family(module: str, ops: Sequence[type[Operation]], lowered: Collection[str]) -> Iterator[str]:
    yield f"## {_title(module)}"
    yield ""
    yield (inspect.getdoc(sys.modules[module]) or "").partition("\n\n")[0]
    yield ""
    for op in ops:
        yield from _op(op, op.name in lowered)


def _op(op: type[Operation], supported: bool) -> Iterator[str]:
    assert issubclass(op, IRDLOperation)
    definition = op.get_irdl_definition()
    yield f"### {_short(op)}"
    yield ""
    for paragraph in docstring_paragraphs(op):
        yield paragraph
        yield ""
    if definition.assembly_format is not None:
        yield f"Form: `{op.name} {' '.join(str(definition.assembly_format).split())}`"
        yield ""
    rows = [
        *_rows("operand", ((n, _kind(d, VarOperandDef, OptOperandDef)) for n, d in definition.operands)),
        *_rows("property", _properties(definition)),
        *_rows("result", ((n, _kind(d, VarResultDef, OptResultDef)) for n, d in definition.results)),
    ]
    if rows:
        yield from ("| | name | |", "|---|---|---|", *rows, "")
    yield f"Tile level: {'supported' if supported else 'not supported'}."
    yield ""


def docstring_paragraphs(op: type[Operation]) -> list[str]:
    """The paragraphs of the op's docstring; the shapes and conditions of its family where it has none of its own."""
    found = _paragraphs(op)
    for rule in ("Shapes:", "Conditions:"):
        if any(p.startswith(rule) for p in found):
            continue
        for base in op.__mro__[1:]:
            inherited = [p for p in _paragraphs(base) if p.startswith(rule)]
            if inherited:
                found += inherited
                break
    return found


def _paragraphs(cls: type) -> list[str]:
    text = inspect.cleandoc(cls.__dict__.get("__doc__") or "")
    return [paragraph for paragraph in text.split("\n\n") if paragraph]


def _rows(role: str, entries: Iterable[tuple[str, str]]) -> Iterator[str]:
    for name, note in entries:
        yield f"| {role} | `{name}` | {note} |"


def _kind(definition: object, variadic: type[VariadicDef], optional: type[OptionalDef]) -> str:
    if isinstance(definition, optional):
        return "optional"
    return "any number" if isinstance(definition, variadic) else ""


def _properties(definition: OpDef) -> Iterator[tuple[str, str]]:
    for name, found in definition.properties.items():
        if name in _SEGMENTS:
            continue
        notes = [_constraint(found.constr)]
        if isinstance(found, OptPropertyDef) and found.default_value is None:
            notes.append("optional")
        if found.default_value is not None:
            notes.append(f"default `{found.default_value}`")
        yield name, ", ".join(notes)


def _constraint(constraint: AttrConstraint) -> str:
    """What an attribute of this kind is called."""
    match constraint:
        case AnyOf():
            return " or ".join(dict.fromkeys(_constraint(c) for c in constraint.attr_constrs))
        case AllOf():
            return _constraint(constraint.attr_constrs[-1])
        case EqAttrConstraint():
            return str(constraint.attr)
        case BaseAttr():
            return constraint.attr.name
        case ArrayOfConstraint():
            return f"list of {_constraint(_element(constraint))}"
        case ParamAttrConstraint():
            parameters = [_constraint(c) for c in constraint.param_constrs]
            if constraint.base_attr is DenseArrayBase:
                return f"array<{parameters[0]}>"
            return "bool" if parameters[-1] == "i1" else parameters[-1]
        case _:
            return "any attribute"


def _element(constraint: ArrayOfConstraint) -> AttrConstraint:
    elements = constraint.elem_range_constraint
    return elements.constr if isinstance(elements, RangeOf) else AnyAttr()


def _short(op: type[Operation]) -> str:
    return op.name.partition(".")[2]


def _anchor(op: type[Operation]) -> str:
    return _short(op)


def _title(module: str) -> str:
    return module.rpartition(".")[2].replace("_", " ").capitalize()
