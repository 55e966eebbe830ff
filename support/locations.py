"""Where an op comes from, for messages."""

from __future__ import annotations

from xdsl.dialects.builtin import ArrayAttr, CallSiteLoc, FileLineColLoc, FusedLoc, NameLoc
from xdsl.ir import Attribute, Operation


def _fused(location: FusedLoc) -> tuple[Attribute, ...]:
    match location.locations:
        case ArrayAttr(data=locations):
            return locations
        case _:
            return ()


def source_line(location: Attribute) -> str | None:
    """`file:line` of the innermost file location in `location`; None if there is none."""
    if isinstance(location, FileLineColLoc):
        return f"{location.filename.data}:{location.line.data}"
    if isinstance(location, NameLoc):
        return source_line(location.location)
    if isinstance(location, CallSiteLoc):
        return source_line(location.callee)
    if isinstance(location, FusedLoc):
        return next((s for s in map(source_line, _fused(location)) if s is not None), None)
    return None


def module_path(location: Attribute) -> str | None:
    """The name in `location`, which importers set to the path of the torch module; None if there is none."""
    if isinstance(location, NameLoc):
        return location.desc.data
    if isinstance(location, CallSiteLoc):
        return module_path(location.callee)
    if isinstance(location, FusedLoc):
        return next((s for s in map(module_path, _fused(location)) if s is not None), None)
    return None


def describe_location(op: Operation) -> str:
    """Source line, module path and name of `op`, as far as they are known: `model.py:12 (encoder.0): ttir.add`."""
    line, path = source_line(op.location), module_path(op.location)
    parts = [p for p in (line, f"({path})" if path else None) if p is not None]
    return f"{' '.join(parts)}: {op.name}" if parts else op.name
