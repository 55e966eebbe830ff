"""Parts of a tensor."""

from __future__ import annotations

from abc import ABC
from collections.abc import Sequence

from xdsl.dialects.builtin import DYNAMIC_INDEX, AnyTensorTypeConstr, LocationAttr
from xdsl.ir import Attribute
from xdsl.irdl import irdl_op_definition, operand_def, opt_prop_def, prop_def, traits_def
from xdsl.utils.exceptions import VerifyException

from tilewright.dialects.ttir.attributes import (
    I32ArrayAttr,
    I32Attr,
    SI32Attr,
    i32,
    i32_array,
    integer_attr,
    integers,
    si32,
)
from tilewright.dialects.ttir.bases import MovementOp, SingleResultOp, Value
from tilewright.dialects.ttir.shapes import Shape, require
from tilewright.dialects.ttir.slicing_shapes import (
    Bounds,
    extent_of,
    index_bounds,
    selected_windows,
    slice_bounds,
    sliced_shape,
)
from tilewright.dialects.ttir.traits import IndexPatterns, IndexSelectPatterns, SliceDynamicPatterns, SlicePatterns
from tilewright.dialects.types import element_type_of, shape_of


class PartOp(MovementOp, ABC):
    """A part of the input, with its element type."""

    def verify_semantics(self) -> None:
        expected, found = element_type_of(self.input), element_type_of(self.result)
        if found != expected:
            raise VerifyException(f"the result has the element type {found}, expected {expected}, that of 'input'")
        super().verify_semantics()


@irdl_op_definition
class SliceStaticOp(PartOp):
    """Every `step`-th element from `begins` to `ends`, which are not included, in each dimension.

    Shapes: extent i of the result is ceil((ends[i] - begins[i]) / step[i]).

    Conditions: there are as many values as dimensions. Negative begins and ends count from the back; after that they
    are in [0, extent) and [0, extent], unless they are equal. A step is not 0, and leads from the begin to the end.
    """

    name = "ttir.slice_static"

    begins = prop_def(I32ArrayAttr)
    ends = prop_def(I32ArrayAttr)
    step = prop_def(I32ArrayAttr)

    traits = traits_def(SlicePatterns())

    def __init__(
        self,
        input: Value,
        begins: Sequence[int],
        ends: Sequence[int],
        step: Sequence[int],
        result_type: Attribute | None = None,
        *,
        location: LocationAttr | None = None,
    ):
        properties = {"begins": i32_array(begins), "ends": i32_array(ends), "step": i32_array(step)}
        self._init_inferred((input,), properties, result_type, location)

    @property
    def bounds(self) -> tuple[Bounds, ...]:
        """Begin, end and step of each dimension, counted from the front."""
        begins, ends, steps = integers(self.begins), integers(self.ends), integers(self.step)
        return slice_bounds(shape_of(self.input), begins, ends, steps)

    def infer_shape(self) -> Shape:
        begins, ends, steps = integers(self.begins), integers(self.ends), integers(self.step)
        return sliced_shape(shape_of(self.input), begins, ends, steps)


@irdl_op_definition
class SliceDynamicOp(SingleResultOp):
    """Every `step`-th element from `begins` to `ends`, which are not included and known when the op runs.

    Without `step`, every element. Values are counted and bounded as those of `slice_static`; at run time the slice
    must have the shape that the result type says.

    Shapes: `begins` (rank), `ends` (rank); the result has the rank of the input.

    Conditions: no step is 0; the element type of the result is that of the input.
    """

    name = "ttir.slice_dynamic"

    input = operand_def(AnyTensorTypeConstr)
    begins = operand_def(AnyTensorTypeConstr)
    ends = operand_def(AnyTensorTypeConstr)

    step = opt_prop_def(I32ArrayAttr)

    traits = traits_def(SliceDynamicPatterns())

    @property
    def steps(self) -> tuple[int, ...]:
        """The step of each dimension."""
        return (1,) * len(shape_of(self.input)) if self.step is None else integers(self.step)

    def infer_shape(self) -> Shape:
        return (DYNAMIC_INDEX,) * len(shape_of(self.input))

    def verify_semantics(self) -> None:
        shape = shape_of(self.input)
        require(len(shape) >= 1, f"operand 'input' has the shape {shape}, expected rank >= 1")
        for name, value in (("begins", self.begins), ("ends", self.ends)):
            if shape_of(value) not in ((len(shape),), (DYNAMIC_INDEX,)):
                raise VerifyException(
                    f"operand '{name}' has the shape {shape_of(value)}, "
                    f"expected ({len(shape)},), the rank of 'input' with the shape {shape}"
                )
        if len(self.steps) != len(shape):
            raise VerifyException(
                f"attribute 'step' is {list(self.steps)}, expected {len(shape)} values, "
                f"the rank of 'input' with the shape {shape}"
            )
        for i, step in enumerate(self.steps):
            require(step != 0, f"attribute 'step' is 0 at {i}, expected another value")
        expected, found = element_type_of(self.input), element_type_of(self.result)
        if found != expected:
            raise VerifyException(f"the result has the element type {found}, expected {expected}, that of 'input'")
        rank = len(shape_of(self.result))
        require(rank == len(shape), f"the result has rank {rank}, expected {len(shape)}, that of 'input'")


@irdl_op_definition
class IndexOp(PartOp):
    """Every `step`-th element from `begin` to `end`, which is not included, along dimension `dim`.

    Shapes: extent `dim` becomes ceil((end - begin) / step).

    Conditions: `dim` is in [0, rank), `begin` in [-extent, extent), `end` in [-extent, extent]; negative ones count
    from the back. `step` is not 0, and leads from the begin to the end.
    """

    name = "ttir.index"

    dim = prop_def(I32Attr)
    begin = prop_def(I32Attr)
    end = prop_def(I32Attr)
    step = prop_def(I32Attr)

    traits = traits_def(IndexPatterns())

    def __init__(
        self,
        input: Value,
        dim: int,
        begin: int,
        end: int,
        step: int = 1,
        result_type: Attribute | None = None,
        *,
        location: LocationAttr | None = None,
    ):
        values = {"dim": dim, "begin": begin, "end": end, "step": step}
        self._init_inferred((input,), {k: integer_attr(v, i32) for k, v in values.items()}, result_type, location)

    @property
    def bounds(self) -> Bounds:
        """Begin, end and step, counted from the front."""
        begin, end, step = self.begin.value.data, self.end.value.data, self.step.value.data
        return index_bounds(shape_of(self.input), self.dim.value.data, begin, end, step)

    def infer_shape(self) -> Shape:
        begin, end, step = self.begin.value.data, self.end.value.data, self.step.value.data
        return _indexed_shape(shape_of(self.input), self.dim.value.data, begin, end, step)


def _indexed_shape(shape: Shape, dim: int, begin: int, end: int, step: int) -> Shape:
    extent = extent_of(shape[dim] if 0 <= dim < len(shape) else 0, index_bounds(shape, dim, begin, end, step))
    return (*shape[:dim], extent, *shape[dim + 1 :])


@irdl_op_definition
class IndexSelectOp(PartOp):
    """Windows along dimension `dim`, one after the other.

    A window has `length` elements and begins at `begin` and at every `stride` after that; the last one ends with the
    dimension at the latest. A stride of 0 is the extent, so that there is one window.

    Shapes: extent `dim` becomes the sum of the lengths of the windows.

    Conditions: `dim` is in [-rank, rank), `begin` in [0, extent), `stride` in [0, extent]; `length` is at least 1,
    at most the stride, and the first window ends within the dimension.
    """

    name = "ttir.index_select"

    dim = prop_def(SI32Attr)
    begin = prop_def(SI32Attr)
    length = prop_def(SI32Attr)
    stride = prop_def(SI32Attr, default_value=integer_attr(0, si32))

    traits = traits_def(IndexSelectPatterns())

    @property
    def windows(self) -> tuple[int, list[tuple[int, int]]]:
        """The axis, and begin and end of each window."""
        dim, begin, length = self.dim.value.data, self.begin.value.data, self.length.value.data
        return selected_windows(shape_of(self.input), dim, begin, length, self.stride.value.data)

    def infer_shape(self) -> Shape:
        shape = shape_of(self.input)
        axis, windows = self.windows
        extent = sum(end - begin for begin, end in windows) if windows else DYNAMIC_INDEX
        return (*shape[:axis], extent, *shape[axis + 1 :])


SLICING_OPS = (IndexOp, IndexSelectOp, SliceDynamicOp, SliceStaticOp)
