"""Reductions that are written with more ops than they need."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

from xdsl.ir import Operation

from tilewright.dialects import ttir
from tilewright.dialects.ttir.shapes import reduced_shape
from tilewright.dialects.types import element_type_of, shape_of
from tilewright.transforms.fusing.matching import is_close, is_float, is_plain, scaled
from tilewright.transforms.fusing.rule import Rules


def kept_dimensions(op: ttir.ReshapeOp | ttir.UnsqueezeOp) -> Sequence[Operation] | None:
    """A reduction whose dimensions come back with extent 1 keeps them."""
    inner = op.input.owner
    if not isinstance(inner, ttir.ReductionOp) or bool(inner.keep_dim) or not inner.axes or not is_plain(op.result):
        return None
    if shape_of(op.result) != reduced_shape(shape_of(inner.input), inner.dims, True):
        return None
    if element_type_of(inner.result) != element_type_of(op.result):
        return None
    return [type(inner)(inner.input, inner.axes, True, op.result.type)]


def mean(op: ttir.MultiplyOp | ttir.DivOp) -> Sequence[Operation] | None:
    """The sum divided by the number of elements."""
    inner, scale = scaled(op.result)
    total = inner.owner
    if not isinstance(total, ttir.SumOp) or not is_float(total.input):
        return None
    count = prod(shape_of(total.input)[i] for i in total.axes)
    if count < 1 or not is_close(scale, 1 / count, element_type_of(inner)) or not total.axes:
        return None
    return [ttir.MeanOp(total.input, total.axes, bool(total.keep_dim), op.result.type)]


def global_avg_pool2d(op: ttir.MeanOp) -> Sequence[Operation] | None:
    """The mean over height and width, which stay as dimensions, of channel-last images."""
    if len(shape_of(op.input)) != 4 or op.axes != (1, 2) or not bool(op.keep_dim) or not is_float(op.input):
        return None
    if not is_plain(op.input) or element_type_of(op.input) != element_type_of(op.result):
        return None
    return [ttir.GlobalAvgPool2dOp(op.input)]


RULES: Rules = {
    ttir.DivOp: (mean,),
    ttir.MeanOp: (global_avg_pool2d,),
    ttir.MultiplyOp: (mean,),
    ttir.ReshapeOp: (kept_dimensions,),
    ttir.UnsqueezeOp: (kept_dimensions,),
}
