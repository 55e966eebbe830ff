"""Patterns of slices: all become `slice_static` where that can say the same, and two of these one."""

from __future__ import annotations

from xdsl.dialects.builtin import DYNAMIC_INDEX, DenseIntOrFPElementsAttr
from xdsl.ir import SSAValue
from xdsl.pattern_rewriter import PatternRewriter, RewritePattern, op_type_rewrite_pattern
from xdsl.utils.exceptions import VerifyException

from tilewright.dialects.ttir.concatenation import ConcatOp
from tilewright.dialects.ttir.creation import ConstantOp, fill_value_of
from tilewright.dialects.ttir.shapes import may_be_equal
from tilewright.dialects.ttir.slicing import IndexOp, IndexSelectOp, SliceDynamicOp, SliceStaticOp
from tilewright.dialects.ttir.slicing_shapes import Bounds, sliced_shape
from tilewright.dialects.types import element_type_of, shape_of


def _sliced(op: IndexOp | IndexSelectOp | SliceStaticOp, input: SSAValue, bounds: list[Bounds]) -> SliceStaticOp:
    """The slice of `input` in the place of `op`."""
    begins, ends, steps = zip(*bounds, strict=True)
    return SliceStaticOp(input, begins, ends, steps, op.result.type, location=op.location)


def _whole(input: SSAValue) -> list[Bounds]:
    return [(0, extent, 1) for extent in shape_of(input)]


def _progression(first: int, step: int, count: int) -> Bounds:
    """The bounds of `count` indices, which come from slices; no such slice runs backwards as far as index 0."""
    if count == 0:
        return 0, 0, 1
    if count == 1:
        return first, first + 1, 1
    last = first + step * (count - 1)
    return first, last + 1 if step > 0 else last - 1, step


class IndexToSlice(RewritePattern):
    """`index` slices one dimension."""

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: IndexOp, rewriter: PatternRewriter) -> None:
        if DYNAMIC_INDEX in shape_of(op.input):
            return
        bounds = _whole(op.input)
        bounds[op.dim.value.data] = op.bounds
        rewriter.replace(op, _sliced(op, op.input, bounds))


class IndexSelectToSlice(RewritePattern):
    """Windows that are one, that touch each other, or that hold one element each, are a slice."""

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: IndexSelectOp, rewriter: PatternRewriter) -> None:
        if DYNAMIC_INDEX in shape_of(op.input):
            return
        axis, windows = op.windows
        indices = [i for window in windows for i in range(*window)]
        step = indices[1] - indices[0] if len(indices) > 1 else 1
        if indices == list(range(indices[0], indices[0] + step * len(indices), step)):
            bounds = _whole(op.input)
            bounds[axis] = (indices[0], indices[-1] + 1, step)
            rewriter.replace(op, _sliced(op, op.input, bounds))


class MergeSlices(RewritePattern):
    """A slice of a slice is a slice."""

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: SliceStaticOp, rewriter: PatternRewriter) -> None:
        inner = op.input.owner
        if not isinstance(inner, SliceStaticOp) or DYNAMIC_INDEX in shape_of(inner.input):
            return
        counts = shape_of(op.result)
        if DYNAMIC_INDEX in counts or DYNAMIC_INDEX in shape_of(op.input):
            return
        merged = [
            _progression(start + stride * begin, stride * step, count)
            for (start, _, stride), (begin, _, step), count in zip(inner.bounds, op.bounds, counts, strict=True)
        ]
        rewriter.replace(op, _sliced(op, inner.input, merged))


class SliceOfConcat(RewritePattern):
    """A slice that lies in one operand of a concatenation is a slice of that operand."""

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: SliceStaticOp, rewriter: PatternRewriter) -> None:
        source = op.input.owner
        if not isinstance(source, ConcatOp) or DYNAMIC_INDEX in shape_of(op.input):
            return
        bounds = list(op.bounds)
        begin, end, step = bounds[source.axis]
        if step < 0 or begin == end:
            return
        offset = 0
        for operand in source.operands:
            extent = shape_of(operand)[source.axis]
            if extent == DYNAMIC_INDEX:
                return
            if offset <= begin and end <= offset + extent:
                if element_type_of(operand) == element_type_of(op.result):
                    bounds[source.axis] = (begin - offset, end - offset, step)
                    rewriter.replace(op, _sliced(op, operand, bounds))
                return
            offset += extent


def _known_integers(value: SSAValue) -> tuple[int, ...] | None:
    """The whole numbers in a vector, if they are known."""
    fill = fill_value_of(value)
    if isinstance(fill, int):
        return (fill,) * shape_of(value)[0]
    source = value.owner
    if isinstance(source, ConstantOp) and isinstance(source.value, DenseIntOrFPElementsAttr):
        numbers = source.value.get_values()
        whole = tuple(n for n in numbers if isinstance(n, int))
        return whole if len(whole) == len(numbers) else None
    return None


class StaticSlice(RewritePattern):
    """A slice whose bounds are constants is a static one, if they are in range and give the shape of the result."""

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: SliceDynamicOp, rewriter: PatternRewriter) -> None:
        begins, ends = _known_integers(op.begins), _known_integers(op.ends)
        if begins is None or ends is None or DYNAMIC_INDEX in shape_of(op.input):
            return
        try:
            shape = sliced_shape(shape_of(op.input), begins, ends, op.steps)
        except VerifyException:
            return
        if may_be_equal(shape, shape_of(op.result)):
            rewriter.replace(op, SliceStaticOp(op.input, begins, ends, op.steps, op.result.type, location=op.location))


SLICE: tuple[RewritePattern, ...] = (MergeSlices(), SliceOfConcat())
SLICE_DYNAMIC = (StaticSlice(),)
INDEX = (IndexToSlice(),)
INDEX_SELECT = (IndexSelectToSlice(),)
