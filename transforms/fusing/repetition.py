"""Repetitions, written as a broadcast of a new dimension that is then joined with its neighbour."""

from __future__ import annotations

from collections.abc import Sequence

from xdsl.ir import Operation

from tilewright.dialects import ttir
from tilewright.dialects.types import element_type_of, shape_of
from tilewright.transforms.fusing.matching import RESHAPES, is_plain
from tilewright.transforms.fusing.rule import Rules


def repetition(op: ttir.ReshapeOp) -> Sequence[Operation] | None:
    """Each element again and again where the new dimension is behind the one it joins, else the whole tensor."""
    broadcast = op.input.owner
    inserted = broadcast.input.owner if isinstance(broadcast, ttir.BroadcastOp) else None
    if not isinstance(broadcast, ttir.BroadcastOp) or not isinstance(inserted, RESHAPES):
        return None
    values = (inserted.input, inserted.result, broadcast.result, op.result)
    if not all(is_plain(v) and element_type_of(v) == element_type_of(op.result) for v in values):
        return None
    factors = broadcast.broadcast_dimensions.get_values()
    repeated = [i for i, factor in enumerate(factors) if factor != 1]
    source, wide = shape_of(inserted.input), shape_of(broadcast.result)
    if len(repeated) != 1:
        return None
    (axis,) = repeated
    if (*wide[:axis], *wide[axis + 1 :]) != source:
        return None
    result, times = shape_of(op.result), factors[axis]
    for dim in (axis - 1, axis):
        if 0 <= dim < len(source) and result == (*source[:dim], source[dim] * times, *source[dim + 1 :]):
            if dim < axis:
                return [ttir.RepeatInterleaveOp(inserted.input, times, dim, op.result.type)]
            return [ttir.RepeatOp(inserted.input, [times if i == dim else 1 for i in range(len(source))])]
    return None


RULES: Rules = {ttir.ReshapeOp: (repetition,)}
