"""Properties that the definition of an op does not know, which files of tt-mlir hold from its former versions."""

from __future__ import annotations

from functools import cache

from xdsl.ir import Operation
from xdsl.irdl import AttrSizedOperandSegments, AttrSizedResultSegments, IRDLOperation

_DIALECTS = ("ttir.", "ttcore.")
_SEGMENTS = (AttrSizedOperandSegments, AttrSizedResultSegments)


def discard_unknown_properties(op: Operation) -> None:
    """Make properties of a TTIR or TTCore op that have no meaning to it discardable attributes.

    MLIR reads them without an error, and forgets them; here they stay in sight.
    """
    if not op.properties or not op.name.startswith(_DIALECTS):
        return
    known = _known(type(op))
    for name in [n for n in op.properties if n not in known]:
        op.attributes.setdefault(name, op.properties.pop(name))


@cache
def _known(op_type: type[Operation]) -> frozenset[str]:
    assert issubclass(op_type, IRDLOperation)  # as all ops of these dialects
    definition = op_type.get_irdl_definition()
    sizes = {o.attribute_name for o in definition.options if isinstance(o, _SEGMENTS)}
    return frozenset(definition.properties.keys() | sizes)
