"""Poolings: what the windows that slide over images hold, in one number each."""

from __future__ import annotations

from abc import ABC

from xdsl.dialects.builtin import DYNAMIC_INDEX, AnyTensorTypeConstr, BoolAttr, IntegerType, LocationAttr
from xdsl.ir import Attribute
from xdsl.irdl import (
    irdl_op_definition,
    operand_def,
    opt_prop_def,
    prop_def,
    result_def,
    traits_def,
    var_operand_def,
)

from tilewright.dialects.ttir.attributes import TRUE, bool_attr
from tilewright.dialects.ttir.bases import SingleResultOp, Value, inferred_type, value_of
from tilewright.dialects.ttir.flattened import FlattenedCompatInfoAttr, flattened, unflattened
from tilewright.dialects.ttir.shapes import Shape, require
from tilewright.dialects.ttir.traits import PoolingPatterns
from tilewright.dialects.ttir.windows import (
    FLATTENED_NAMES,
    SIZES,
    Sizes,
    Window,
    require_extents,
    sides_of,
    sizes_attr,
    sizes_of,
)
from tilewright.dialects.types import element_type_of, shape_of, tensor_type

_NAMES = ("batch size", "height", "width", "number of channels")


class PoolingOp(SingleResultOp, ABC):
    """Combines the elements of each window, each channel by itself."""

    input = operand_def(AnyTensorTypeConstr)

    kernel = prop_def(SIZES)
    stride = prop_def(SIZES)
    dilation = prop_def(SIZES)
    padding = prop_def(SIZES)
    ceil_mode = prop_def(BoolAttr)
    flattened_compat_info = opt_prop_def(FlattenedCompatInfoAttr)

    @property
    def window(self) -> Window:
        """The kernel and how it slides."""
        return Window(
            sizes_of(self.kernel, "kernel", 2, least=1),
            sizes_of(self.stride, "stride", 2, least=1),
            sizes_of(self.dilation, "dilation", 2, least=1),
            sides_of(self.padding, "padding", 2),
            bool(self.ceil_mode),
        )

    @property
    def input_shape(self) -> Shape:
        """The shape (N, H, W, C) of the input, unflattened."""
        shape = shape_of(self.input)
        require(len(shape) == 4, f"operand 'input' has the shape {shape}, expected rank 4")
        return shape if self.flattened_compat_info is None else unflattened(shape, self.flattened_compat_info)

    def infer_shape(self) -> Shape:
        batch, height, width, channels = self.input_shape
        shape = (batch, *self.window.positions((height, width)), channels)
        return shape if self.flattened_compat_info is None else flattened(shape)

    def verify_semantics(self) -> None:
        expected = self.infer_shape()
        names = _NAMES if self.flattened_compat_info is None else FLATTENED_NAMES
        require_extents(shape_of(self.result), expected, names)


def _properties(
    kernel: Sizes,
    stride: Sizes | None,
    padding: Sizes,
    dilation: Sizes,
    ceil_mode: bool,
    flattened_compat_info: FlattenedCompatInfoAttr | None,
) -> dict[str, Attribute]:
    properties: dict[str, Attribute] = {
        "kernel": sizes_attr(kernel),
        "stride": sizes_attr(kernel if stride is None else stride),
        "padding": sizes_attr(padding),
        "dilation": sizes_attr(dilation),
        "ceil_mode": bool_attr(ceil_mode),
    }
    if flattened_compat_info is not None:
        properties["flattened_compat_info"] = flattened_compat_info
    return properties


@irdl_op_definition
class AvgPool2dOp(PoolingOp):
    """The mean of each window; of integers, rounded towards zero.

    Padding is zero and counts as elements unless `count_include_pad` is false. What a window sees beyond the padding,
    as it may with `ceil_mode`, never counts.

    Shapes: input (N, H, W, C), result (N, H', W', C) with
    H' = floor((H + top + bottom - dilation * (kernel - 1) - 1) / stride) + 1, W' likewise. With `ceil_mode` it is the
    ceiling instead of the floor, and one less if the last window would start beyond the input and the padding before
    it. With `flattened_compat_info` input and result are (1, 1, N * H * W, C) and (1, 1, N * H' * W', C).

    Conditions: kernel, stride and dilation (an integer, or height and width) are positive, the padding (an integer,
    height and width, or top, left, bottom and right) is not negative; the dilated kernel is no larger than the padded
    input.
    """

    name = "ttir.avg_pool2d"

    count_include_pad = prop_def(BoolAttr, default_value=TRUE)

    traits = traits_def(PoolingPatterns())

    def __init__(
        self,
        input: Value,
        kernel: Sizes,
        stride: Sizes | None = None,
        padding: Sizes = 0,
        dilation: Sizes = 1,
        *,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
        flattened_compat_info: FlattenedCompatInfoAttr | None = None,
        result_type: Attribute | None = None,
        location: LocationAttr | None = None,
    ):
        properties = _properties(kernel, stride, padding, dilation, ceil_mode, flattened_compat_info)
        properties["count_include_pad"] = bool_attr(count_include_pad)
        self._init_inferred((input,), properties, result_type, location)


@irdl_op_definition
class MaxPool2dOp(PoolingOp):
    """The largest element of each window; padding is less than all others, and NaN is larger.

    Shapes: input (N, H, W, C), result (N, H', W', C) with
    H' = floor((H + top + bottom - dilation * (kernel - 1) - 1) / stride) + 1, W' likewise. With `ceil_mode` it is the
    ceiling instead of the floor, and one less if the last window would start beyond the input and the padding before
    it. With `flattened_compat_info` input and result are (1, 1, N * H * W, C) and (1, 1, N * H' * W', C).

    Conditions: kernel, stride and dilation (an integer, or height and width) are positive, the padding (an integer,
    height and width, or top, left, bottom and right) is not negative; the dilated kernel is no larger than the padded
    input.
    """

    name = "ttir.max_pool2d"

    traits = traits_def(PoolingPatterns())

    def __init__(
        self,
        input: Value,
        kernel: Sizes,
        stride: Sizes | None = None,
        padding: Sizes = 0,
        dilation: Sizes = 1,
        *,
        ceil_mode: bool = False,
        flattened_compat_info: FlattenedCompatInfoAttr | None = None,
        result_type: Attribute | None = None,
        location: LocationAttr | None = None,
    ):
        properties = _properties(kernel, stride, padding, dilation, ceil_mode, flattened_compat_info)
        self._init_inferred((input,), properties, result_type, location)


@irdl_op_definition
class MaxPool2dWithIndicesOp(PoolingOp):
    """The largest element of each window, and where it is.

    An index is h * W + w, the place of the element in its own image and channel, without the padding: the first place
    in that order if there are several. Padding is less than all elements, NaN larger. The operands `output` have the
    shapes of the results and no meaning.

    Shapes: input (N, H, W, C), both results (N, H', W', C) with
    H' = floor((H + top + bottom - dilation * (kernel - 1) - 1) / stride) + 1, W' likewise. With `ceil_mode` it is the
    ceiling instead of the floor, and one less if the last window would start beyond the input and the padding before
    it. With `flattened_compat_info` input and results are (1, 1, N * H * W, C) and (1, 1, N * H' * W', C).

    Conditions: kernel, stride and dilation (an integer, or height and width) are positive, the padding (an integer,
    height and width, or top, left, bottom and right) is not negative; the dilated kernel is no larger than the padded
    input; the indices are integers.
    """

    name = "ttir.max_pool2d_with_indices"

    input = operand_def(AnyTensorTypeConstr)
    output = var_operand_def(AnyTensorTypeConstr)

    result = result_def(AnyTensorTypeConstr)
    result_indices = result_def(AnyTensorTypeConstr)

    def __init__(
        self,
        input: Value,
        kernel: Sizes,
        stride: Sizes | None = None,
        padding: Sizes = 0,
        dilation: Sizes = 1,
        *,
        ceil_mode: bool = False,
        flattened_compat_info: FlattenedCompatInfoAttr | None = None,
        index_type: IntegerType,
        location: LocationAttr | None = None,
    ):
        operand = value_of(input)
        properties = _properties(kernel, stride, padding, dilation, ceil_mode, flattened_compat_info)
        type_ = inferred_type(type(self), (operand,), properties, results=2)
        self._init((operand,), (type_, tensor_type(type_.get_shape(), index_type)), properties, location)

    def verify_semantics(self) -> None:
        super().verify_semantics()
        found, expected = shape_of(self.result_indices), shape_of(self.result)
        require(
            found == expected,
            f"the result 'result_indices' has the shape {found}, expected {expected}, that of 'result'",
        )
        element = element_type_of(self.result_indices)
        require(
            isinstance(element, IntegerType),
            f"the result 'result_indices' has the element type {element}, expected an integer type",
        )


@irdl_op_definition
class GlobalAvgPool2dOp(SingleResultOp):
    """The mean of each channel of each image; of integers, rounded towards zero.

    Shapes: input (N, H, W, C), result (N, 1, 1, C). There may be other than two dimensions between N and C, all of
    which become 1.
    """

    name = "ttir.global_avg_pool2d"

    input = operand_def(AnyTensorTypeConstr)

    def __init__(self, input: Value, result_type: Attribute | None = None, *, location: LocationAttr | None = None):
        self._init_inferred((input,), {}, result_type, location)

    @property
    def axes(self) -> tuple[int, ...]:
        """The dimensions between batch and channels."""
        return tuple(range(1, len(shape_of(self.input)) - 1))

    def infer_shape(self) -> Shape:
        shape = shape_of(self.input)
        require(len(shape) >= 2, f"operand 'input' has the shape {shape}, expected at least 2 dimensions")
        return (shape[0], *[1] * (len(shape) - 2), shape[-1])

    def verify_semantics(self) -> None:
        expected = self.infer_shape()
        names = ("batch size", *(f"extent of dimension {i}" for i in self.axes), "number of channels")
        found = shape_of(self.result)
        if len(found) == len(expected):
            # The other conditions are of no interest where batch or channels do not fit.
            ends = (0, -1)
            for i in ends:
                require(
                    found[i] == expected[i] or DYNAMIC_INDEX in (found[i], expected[i]),
                    f"the result has the shape {found}, expected {expected[i]} as the {names[i]}, that of 'input'",
                )
        require_extents(found, expected, names)


POOLING_OPS = (AvgPool2dOp, GlobalAvgPool2dOp, MaxPool2dOp, MaxPool2dWithIndicesOp)
