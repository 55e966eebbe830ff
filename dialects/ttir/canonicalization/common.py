"""What patterns share."""

from __future__ import annotations

from xdsl.dialects.builtin import DYNAMIC_INDEX, NoneAttr

from tilewright.dialects.ttir.bases import MovementOp, SingleResultOp
from tilewright.dialects.ttir.creation import FilledOp, FullOp, OnesOp, ZerosOp
from tilewright.dialects.types import element_type_of, shape_of


def has_encoding(op: SingleResultOp) -> bool:
    """Whether the type of the result has an encoding, which ops made by shape and element type lack."""
    return not isinstance(op.result.type.encoding, NoneAttr)


def is_static(op: SingleResultOp) -> bool:
    """Whether every extent of the result is known, as attributes that hold a shape need it."""
    return DYNAMIC_INDEX not in shape_of(op.result)


def keeps_elements(op: MovementOp) -> bool:
    """Whether the result has the element type of the input; no verifier of tt-mlir demands it."""
    return element_type_of(op.input) == element_type_of(op.result)


def filled_like(source: object, op: SingleResultOp) -> FilledOp | None:
    """What fills the result of `op` with the number that `source` fills its own with; None if it does no such thing."""
    if has_encoding(op) or not is_static(op):
        return None
    shape, element_type = shape_of(op.result), element_type_of(op.result)
    match source:
        case ZerosOp():
            return ZerosOp(shape, element_type, location=op.location)
        case OnesOp():
            return OnesOp(shape, element_type, location=op.location)
        case FullOp():
            return FullOp(shape, source.fill_value, element_type, location=op.location)
        case _:
            return None
