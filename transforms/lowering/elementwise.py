"""Element-wise ops: mostly one kernel each."""

from __future__ import annotations

from xdsl.dialects.builtin import FloatAttr, IntegerAttr, Signedness
from xdsl.ir import Attribute, Operation, SSAValue

from tilewright.dialects import tile
from tilewright.dialects.tile import tile_info
from tilewright.dialects.types import element_type_of, is_integer_type, shape_of
from tilewright.support.reasons import Reason, ReasonCode
from tilewright.transforms.lowering.context import Lowering, Rule, device_format, is_boolean, is_integer

_UNARY: dict[str, type[tile.UnaryOp]] = {
    "ttir.abs": tile.AbsOp,
    "ttir.neg": tile.NegOp,
    "ttir.exp": tile.ExpOp,
    "ttir.log": tile.LogOp,
    "ttir.sqrt": tile.SqrtOp,
    "ttir.rsqrt": tile.RsqrtOp,
    "ttir.reciprocal": tile.ReciprocalOp,
    "ttir.tanh": tile.TanhOp,
    "ttir.sigmoid": tile.SigmoidOp,
    "ttir.gelu": tile.GeluOp,
    "ttir.relu": tile.ReluOp,
    "ttir.silu": tile.SiluOp,
    "ttir.erf": tile.ErfOp,
    "ttir.sin": tile.SineOp,
    "ttir.cos": tile.CosineOp,
}

_BINARY: dict[str, type[tile.BinaryOp]] = {
    "ttir.add": tile.AddOp,
    "ttir.subtract": tile.SubtractOp,
    "ttir.multiply": tile.MultiplyOp,
    "ttir.maximum": tile.MaximumOp,
    "ttir.minimum": tile.MinimumOp,
}

_COMPARE: dict[str, type[tile.BinaryOp]] = {
    "ttir.eq": tile.EqOp,
    "ttir.ne": tile.NeOp,
    "ttir.lt": tile.LtOp,
    "ttir.le": tile.LeOp,
    "ttir.gt": tile.GtOp,
    "ttir.ge": tile.GeOp,
}

# On 0 and 1 these kernels are the logical operations.
_LOGICAL: dict[str, type[tile.BinaryOp]] = {
    "ttir.logical_and": tile.MinimumOp,
    "ttir.logical_or": tile.MaximumOp,
    "ttir.logical_xor": tile.NeOp,
}


_ON_BOOLEANS = frozenset({"ttir.multiply", "ttir.maximum", "ttir.minimum"})
"""Arithmetic that makes 0 and 1 of 0 and 1, as which the device holds booleans."""


def _floats_only(op: Operation) -> list[Reason]:
    """The vector and matrix units' arithmetic is lowered for floats; integer kernels differ."""
    return [
        Reason(ReasonCode.DTYPE, f"dtype(operand {i}) = {element_type_of(v)}", "a float type")
        for i, v in enumerate(op.operands)
        if is_integer(v) or (is_boolean(v) and op.name not in _ON_BOOLEANS)
    ]


def _unary(op: Operation, to: Lowering) -> SSAValue:
    return to.kernel(_UNARY[op.name], to.tiles(op.operands[0]), like=op.results[0])


def _binary(op: Operation, to: Lowering) -> SSAValue:
    kernel = (_BINARY | _COMPARE)[op.name]
    return to.kernel(kernel, to.tiles(op.operands[0]), to.tiles(op.operands[1]), like=op.results[0])


def _div(op: Operation, to: Lowering) -> SSAValue:
    """The machine has no division: multiply by the reciprocal."""
    lhs, rhs = op.operands
    inverse = to.kernel(tile.ReciprocalOp, to.tiles(rhs), like=rhs)
    return to.kernel(tile.MultiplyOp, to.tiles(lhs), inverse, like=op.results[0])


def _as_boolean(value: SSAValue, to: Lowering, like: SSAValue) -> SSAValue:
    """0 where `value` is 0, else 1; `like` gives shape and type."""
    tiles = to.tiles(value)
    if is_boolean(value):
        return tiles
    info = tile_info(tiles)
    element = device_format(element_type_of(like))
    assert element is not None  # legality has checked every result
    kind = to.result_type(info.logical, element)
    negated = to.add(tile.LogicalNotOp(tiles, to.precision, kind))
    return to.add(tile.LogicalNotOp(negated, to.precision, kind))


def _logical(op: Operation, to: Lowering) -> SSAValue:
    lhs, rhs = (_as_boolean(o, to, op.results[0]) for o in op.operands)
    return to.kernel(_LOGICAL[op.name], lhs, rhs, like=op.results[0])


def _logical_not(op: Operation, to: Lowering) -> SSAValue:
    return to.kernel(tile.LogicalNotOp, to.tiles(op.operands[0]), like=op.results[0])


def _typecast(op: Operation, to: Lowering) -> SSAValue:
    (source,), (result,) = op.operands, op.results
    if is_boolean(result):
        return _as_boolean(source, to, result)
    tiles = to.tiles(source)
    if device_format(element_type_of(result)) is tile_info(tiles).format:
        return tiles
    return to.kernel(tile.TypecastOp, tiles, like=result)


def _typecast_check(op: Operation) -> list[Reason]:
    """Integers keep their value on the device, where all signed ones are Int32: no cast may have to wrap one."""
    (source,), (result,) = op.operands, op.results
    if not is_integer(source) or not is_integer(result):
        return []
    (low, high), (least, most) = (_range_on_device(element_type_of(v)) for v in (source, result))
    if least <= low and high <= most:
        return []
    wraps = f"{element_type_of(source)} to {element_type_of(result)} wraps"
    return [Reason(ReasonCode.CONSTRAINT, wraps, "a type that holds every value")]


def _range_on_device(element: Attribute) -> tuple[int, int]:
    """The least and the largest integer of a type that the device holds."""
    assert is_integer_type(element)
    bits = min(32, element.bitwidth)
    if element.signedness.data is Signedness.UNSIGNED:
        return 0, (1 << bits) - 1
    return -(1 << (bits - 1)), (1 << (bits - 1)) - 1


def _where(op: Operation, to: Lowering) -> SSAValue:
    condition, lhs, rhs = op.operands
    lowered = (_as_boolean(condition, to, condition), to.tiles(lhs), to.tiles(rhs))
    kind = to.result_type(shape_of(op.results[0]), tile_info(lowered[1]).format)
    return to.add(tile.WhereOp(*lowered, to.precision, kind))


def number(attribute: Attribute | None) -> float:
    """The value of a number attribute."""
    assert isinstance(attribute, FloatAttr | IntegerAttr)
    return float(attribute.value.data)


def _clamp(op: Operation, to: Lowering) -> SSAValue:
    tiles = to.tiles(op.operands[0])
    info = tile_info(tiles)
    low, high = number(op.properties["min"]), number(op.properties["max"])
    kind = to.result_type(info.logical, info.format)
    return to.add(tile.ClampOp(tiles, low, high, to.precision, kind))


def _clamp_check(op: Operation) -> list[Reason]:
    low, high = number(op.properties["min"]), number(op.properties["max"])
    reasons = _floats_only(op)
    if not low <= high:  # NaN is neither
        reasons.append(Reason(ReasonCode.CONSTRAINT, f"min = {low}, max = {high}", "min <= max"))
    return reasons


RULES: dict[str, Rule] = {
    **{name: Rule(_unary, _floats_only) for name in _UNARY},
    **{name: Rule(_binary, _floats_only) for name in _BINARY},
    **{name: Rule(_binary) for name in _COMPARE},
    **{name: Rule(_logical) for name in _LOGICAL},
    "ttir.div": Rule(_div, _floats_only),
    "ttir.logical_not": Rule(_logical_not),
    "ttir.typecast": Rule(_typecast, _typecast_check),
    "ttir.where": Rule(_where),
    "ttir.clamp_scalar": Rule(_clamp, _clamp_check),
}
"""Rules of this family, by op name."""
