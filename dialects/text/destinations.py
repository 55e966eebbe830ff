"""Files of tt-mlir from before November 2025, in which an op has its destinations as last operands."""

from __future__ import annotations

import sys
from functools import cache

from xdsl.dialects.builtin import DenseArrayBase, i32
from xdsl.ir import Operation, SSAValue
from xdsl.irdl import AttrSizedOperandSegments, IRDLOperation, OptionalDef, VariadicDef

_DIALECT, _EMPTY = "ttir.", "ttir.empty"
_I32_ARRAY = DenseArrayBase.constr(i32)
_SEGMENTS = AttrSizedOperandSegments.attribute_name


def drop_destinations(op: Operation) -> None:
    """Take away operands of a TTIR op that its definition has no place for, if they are empty tensors for its results.

    What else is too much is left for the verifier.
    """
    operands, most = op.operands, _most_operands(type(op))
    sizes = _segment_sizes(op)
    segments = len(sizes)
    if len(operands) <= most and segments <= most:
        return
    kept = len(operands) - len(op.results)
    pairs = zip(operands[kept:], op.results, strict=True)
    if not 0 <= kept <= most or not all(_is_empty(o) and o.type == r.type for o, r in pairs):
        return
    op.operands = operands[:kept]
    if sizes:
        op.properties[_SEGMENTS] = DenseArrayBase.from_list(i32, sizes[:most])


def _segment_sizes(op: Operation) -> tuple[int, ...]:
    sizes = op.properties.get(_SEGMENTS)
    return sizes.get_values() if sizes is not None and _I32_ARRAY.verifies(sizes) else ()


@cache
def _most_operands(op_type: type[Operation]) -> int:
    if not op_type.name.startswith(_DIALECT) or not issubclass(op_type, IRDLOperation):
        return sys.maxsize
    defined = [definition for _, definition in op_type.get_irdl_definition().operands]
    unlimited = any(isinstance(d, VariadicDef) and not isinstance(d, OptionalDef) for d in defined)
    return sys.maxsize if unlimited else len(defined)


def _is_empty(value: SSAValue) -> bool:
    return isinstance(value.owner, Operation) and value.owner.name == _EMPTY
