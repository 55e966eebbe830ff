"""Operators that make tensors of equal numbers or ranges; most are folded before they come here."""

from __future__ import annotations

from xdsl.ir import SSAValue

from tilewright.dialects import ttir
from tilewright.transforms.conversion.call import Call, Conversion, Convert, conversion, literal


def filled(call: Call, number: bool | int | float) -> SSAValue:
    """A tensor of equal numbers of the result's type."""
    element = call.result_element
    return call.add(ttir.FullOp(call.result_shape, literal(number, element), element))


def full(call: Call) -> SSAValue:
    """A tensor of `fill_value`."""
    return filled(call, call.number("fill_value"))


def constant(number: int) -> Convert:
    """A tensor of `number`."""
    return lambda call: filled(call, number)


_OPTIONS = "dtype layout device pin_memory"

CONVERSIONS: dict[str, Conversion] = {
    "aten.full.default": conversion(f"size fill_value {_OPTIONS}", full),
    "aten.full_like.default": conversion(f"self fill_value {_OPTIONS} memory_format", full),
    "aten.new_full.default": conversion(f"self size fill_value {_OPTIONS}", full),
    "aten.zeros.default": conversion(f"size {_OPTIONS}", constant(0)),
    "aten.ones.default": conversion(f"size {_OPTIONS}", constant(1)),
    "aten.zeros_like.default": conversion(f"self {_OPTIONS} memory_format", constant(0)),
    "aten.ones_like.default": conversion(f"self {_OPTIONS} memory_format", constant(1)),
    "aten.new_zeros.default": conversion(f"self size {_OPTIONS}", constant(0)),
    "aten.new_ones.default": conversion(f"self size {_OPTIONS}", constant(1)),
    "aten.scalar_tensor.default": conversion(f"s {_OPTIONS}", lambda call: filled(call, call.number("s"))),
}
"""Conversions of this family, by callee."""
