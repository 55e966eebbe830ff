"""Torch's rule for the element type in which operands of different types are computed.

Source: `torch.promote_types` and `torch.result_type`.
"""

from __future__ import annotations

from collections.abc import Iterable

from xdsl.dialects.builtin import AnyFloat, IntegerType, Signedness, f32, i1, i64
from xdsl.ir import Attribute, SSAValue

from tilewright.dialects.types import is_integer_type
from tilewright.transforms.conversion.call import Argument, element_type, shape_of


def promoted(a: Attribute, b: Attribute) -> Attribute:
    """The narrowest type, by torch's table, for the numbers of two types."""
    if a == b:
        return a
    floats = [t for t in (a, b) if isinstance(t, AnyFloat)]
    if len(floats) == 2:
        # f16 and bf16 hold different numbers: only f32 holds those of both.
        return f32 if floats[0].bitwidth == floats[1].bitwidth else max(floats, key=lambda t: t.bitwidth)
    if floats:
        return floats[0]
    if i1 in (a, b):
        return b if a == i1 else a
    integers = [t for t in (a, b) if is_integer_type(t)]
    signed = [t for t in integers if t.signedness.data is not Signedness.UNSIGNED]
    if len(signed) == 2:
        return max(signed, key=lambda t: t.width.data)
    # torch mixes no unsigned type but that of 8 bits with others.
    return IntegerType(max(16, signed[0].width.data))


def common_type(values: Iterable[Argument]) -> Attribute:
    """The type in which tensors and numbers are computed together.

    Floats win over integers, these over booleans; among equals, tensors with dimensions over those without, these over
    numbers.
    """
    groups: list[Attribute | None] = [None, None, None]
    for value in values:
        match value:
            case SSAValue():
                group, kind = 0 if shape_of(value) else 1, element_type(value)
            case bool():
                group, kind = 2, i1
            case int():
                group, kind = 2, i64
            case _:
                group, kind = 2, f32
        known = groups[group]
        groups[group] = kind if known is None else promoted(known, kind)
    found = [t for t in groups if t is not None]
    # The first of the highest kind.
    return max(found, key=_kind)


def _kind(element: Attribute) -> int:
    return 2 if isinstance(element, AnyFloat) else 0 if element == i1 else 1
