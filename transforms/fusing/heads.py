"""Heads of attention."""

from __future__ import annotations

from collections.abc import Sequence

from xdsl.ir import Operation

from tilewright.dialects import ttir
from tilewright.dialects.types import element_type_of, shape_of, tensor_type
from tilewright.transforms.fusing.matching import is_plain
from tilewright.transforms.fusing.rule import Rules


def concatenate_heads(op: ttir.ReshapeOp) -> Sequence[Operation] | None:
    """Heads and positions swapped, then the heads of each position joined; batches and positions may be joined too."""
    permute = op.input.owner
    if not isinstance(permute, ttir.PermuteOp) or permute.order != (0, 2, 1, 3) or not is_plain(permute.input):
        return None
    element_type = element_type_of(permute.input)
    if element_type != element_type_of(permute.result) or element_type != element_type_of(op.result):
        return None
    batch, heads, positions, width = shape_of(permute.input)
    joined = (batch, positions, heads * width)
    flat = (batch * positions, heads * width)
    if shape_of(op.result) not in (joined, flat):
        return None
    new = ttir.ConcatenateHeadsOp.create(operands=[permute.input], result_types=[tensor_type(joined, element_type)])
    return [new] if shape_of(op.result) == joined else [new, ttir.ReshapeOp(new, flat, op.result.type)]


RULES: Rules = {ttir.ReshapeOp: (concatenate_heads,)}
