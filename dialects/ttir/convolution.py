"""Convolutions."""

from __future__ import annotations

from abc import ABC
from typing import ClassVar

from xdsl.dialects.builtin import (
    AnyTensorTypeConstr,
    IntegerAttr,
    LocationAttr,
    StringAttr,
    i32,
    i64,
)
from xdsl.ir import Attribute
from xdsl.irdl import irdl_op_definition, operand_def, opt_operand_def, opt_prop_def, prop_def, traits_def
from xdsl.utils.exceptions import VerifyException

from tilewright.dialects.ttir.attributes import I32Attr, I64Attr, integer_attr
from tilewright.dialects.ttir.bases import SingleResultOp, Value
from tilewright.dialects.ttir.convolution_shapes import (
    Layout,
    convolution_shape,
    require_bias,
    transposed_convolution_shape,
)
from tilewright.dialects.ttir.flattened import FlattenedCompatInfoAttr, flattened, unflattened
from tilewright.dialects.ttir.shapes import Shape, may_be_equal, require
from tilewright.dialects.ttir.traits import Conv3dPatterns
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
from tilewright.dialects.types import shape_of

_NHWC = Layout.of("NHWC")


def _dim(index: int) -> IntegerAttr:
    return integer_attr(index, i64)


class ConvolutionOp(SingleResultOp, ABC):
    """A convolution; the attributes that end in `_dim` say which dimension of input and result is which."""

    SPATIAL: ClassVar[tuple[str, ...]] = ()
    """What the spatial dimensions are called, in the order of the weights."""

    input = operand_def(AnyTensorTypeConstr)
    weight = operand_def(AnyTensorTypeConstr)
    bias = opt_operand_def(AnyTensorTypeConstr)

    stride = prop_def(SIZES)
    padding = prop_def(SIZES)
    groups = prop_def(I32Attr)
    batch_dim = prop_def(I64Attr, default_value=_dim(0))

    def _set_up(
        self,
        input: Value,
        weight: Value,
        bias: Value | None,
        layout: str,
        properties: dict[str, Attribute],
        result_type: Attribute | None,
        location: LocationAttr | None,
    ) -> None:
        operands = tuple(v for v in (input, weight, bias) if v is not None)
        dims = ("batch_dim", *(f"{name}_dim" for name in self.SPATIAL), "channel_dim")
        for i, (name, dim) in enumerate(zip(dims, Layout.of(layout).dims, strict=True)):
            if i != dim:
                properties[name] = _dim(dim)
        self._init_inferred(operands, properties, result_type, location)

    @property
    def spatial_rank(self) -> int:
        """How many dimensions the window slides over."""
        return len(self.SPATIAL)

    @property
    def layout(self) -> Layout:
        """Which dimension of input and result is which; a VerifyException if the attributes do not say so."""
        names = ("batch_dim", *(f"{name}_dim" for name in self.SPATIAL), "channel_dim")
        dims = tuple(_integer(getattr(self, name)) for name in names)
        require(
            sorted(dims) == list(range(len(dims))),
            f"attributes {', '.join(map(repr, names))} are {list(dims)}, expected a permutation of 0..{len(dims) - 1}",
        )
        return Layout(dims[0], dims[1:-1], dims[-1])

    @property
    def dilations(self) -> tuple[int, ...]:
        """The distances between the elements of the kernel."""
        return (1,) * self.spatial_rank

    @property
    def window(self) -> Window:
        """The kernel and how it slides."""
        dims = self.spatial_rank
        return Window(
            shape_of(self.weight)[2:],
            sizes_of(self.stride, "stride", dims, least=1),
            self.dilations,
            sides_of(self.padding, "padding", dims),
        )

    @property
    def input_shape(self) -> Shape:
        """The shape of the input, unflattened."""
        return shape_of(self.input)

    def _require_ranks(self) -> None:
        rank = self.spatial_rank + 2
        for name, value in (("input", self.input), ("weight", self.weight), ("bias", self.bias)):
            if value is not None:
                shape = shape_of(value)
                require(len(shape) == rank, f"operand '{name}' has the shape {shape}, expected rank {rank}")

    def infer_shape(self) -> Shape:
        self._require_ranks()
        layout = self.layout
        bias = None if self.bias is None else shape_of(self.bias)
        groups = _integer(self.groups)
        return convolution_shape(self.input_shape, shape_of(self.weight), bias, self.window, groups, layout)

    def verify_semantics(self) -> None:
        expected = self.infer_shape()
        require_extents(shape_of(self.result), expected, self.layout.names(self.SPATIAL))


def _integer(attribute: IntegerAttr) -> int:
    return attribute.value.data


@irdl_op_definition
class Conv1dOp(ConvolutionOp):
    """result[n, l, o] = bias[o] + sum over c, k of input[n, l * stride + k * dilation - left, c] * weight[o, c, k].

    The input is zero where it is padded. With groups, the channels of input and result are that many equal blocks,
    and each block of the result sees its block of the input.

    Shapes: input (N, L, C), weight (O, C / groups, K), bias (1, 1, O), result (N, L', O) with
    L' = floor((L + left + right - dilation * (K - 1) - 1) / stride) + 1. Input, bias and result are in the order that
    `batch_dim`, `length_dim` and `channel_dim` say. A bias may have more extents of the result.

    Conditions: stride and dilation are positive, the padding is not negative (an integer for both sides, one in an
    array, or left and right); the dilated kernel is no larger than the padded input; `groups` divides C and O.
    """

    name = "ttir.conv1d"

    SPATIAL: ClassVar[tuple[str, ...]] = ("length",)

    dilation = prop_def(SIZES)
    length_dim = prop_def(I64Attr, default_value=_dim(1))
    channel_dim = prop_def(I64Attr, default_value=_dim(2))

    def __init__(
        self,
        input: Value,
        weight: Value,
        bias: Value | None = None,
        *,
        stride: Sizes = 1,
        padding: Sizes = 0,
        dilation: Sizes = 1,
        groups: int = 1,
        layout: str = "NLC",
        result_type: Attribute | None = None,
        location: LocationAttr | None = None,
    ):
        properties: dict[str, Attribute] = {
            "stride": sizes_attr(stride),
            "padding": sizes_attr(padding),
            "dilation": sizes_attr(dilation),
            "groups": integer_attr(groups, i32),
        }
        self._set_up(input, weight, bias, layout, properties, result_type, location)

    @property
    def dilations(self) -> tuple[int, ...]:
        return sizes_of(self.dilation, "dilation", 1, least=1)


class FlattenableConvolutionOp(ConvolutionOp, ABC):
    """A convolution of images, which may be flattened."""

    SPATIAL: ClassVar[tuple[str, ...]] = ("height", "width")

    dilation = prop_def(SIZES)
    height_dim = prop_def(I64Attr, default_value=_dim(1))
    width_dim = prop_def(I64Attr, default_value=_dim(2))
    channel_dim = prop_def(I64Attr, default_value=_dim(3))
    flattened_compat_info = opt_prop_def(FlattenedCompatInfoAttr)

    @property
    def dilations(self) -> tuple[int, ...]:
        return sizes_of(self.dilation, "dilation", 2, least=1)

    @property
    def input_shape(self) -> Shape:
        shape = shape_of(self.input)
        return shape if self.flattened_compat_info is None else unflattened(shape, self.flattened_compat_info)

    @property
    def image_shape(self) -> Shape:
        """The shape of the result, unflattened."""
        return super().infer_shape()

    def infer_shape(self) -> Shape:
        if self.flattened_compat_info is None:
            return self.image_shape
        require(
            self.layout == _NHWC,
            f"attribute 'flattened_compat_info' is given with the dimensions {list(self.layout.dims)}, "
            "expected the default ones",
        )
        return flattened(self.image_shape)

    def verify_semantics(self) -> None:
        if self.flattened_compat_info is None:
            super().verify_semantics()
        else:
            require_extents(shape_of(self.result), self.infer_shape(), FLATTENED_NAMES)


@irdl_op_definition
class Conv2dOp(FlattenableConvolutionOp):
    """result[n, y, x, o] = bias[o] + sum of input * weight over the window at (y, x) and the channels.

    The window's element (i, j) is at (y * stride + i * dilation - top, x * stride + j * dilation - left) of the input,
    which is zero where it is padded. With groups, the channels of input and result are that many equal blocks, and
    each block of the result sees its block of the input.

    Shapes: input (N, H, W, C), weight (O, C / groups, KH, KW), bias (1, 1, 1, O), result (N, H', W', O) with
    H' = floor((H + top + bottom - dilation * (KH - 1) - 1) / stride) + 1, W' likewise. Input, bias and result are in
    the order that `batch_dim`, `height_dim`, `width_dim` and `channel_dim` say. A bias may have more extents of the
    result. With `flattened_compat_info` input and result are (1, 1, N * H * W, C) and (1, 1, N * H' * W', O).

    Conditions: stride and dilation (an integer, or height and width) are positive, the padding (an integer, height
    and width, or top, left, bottom and right) is not negative; the dilated kernel is no larger than the padded input;
    `groups` divides C and O.
    """

    name = "ttir.conv2d"

    def __init__(
        self,
        input: Value,
        weight: Value,
        bias: Value | None = None,
        *,
        stride: Sizes = 1,
        padding: Sizes = 0,
        dilation: Sizes = 1,
        groups: int = 1,
        layout: str = "NHWC",
        flattened_compat_info: FlattenedCompatInfoAttr | None = None,
        result_type: Attribute | None = None,
        location: LocationAttr | None = None,
    ):
        properties: dict[str, Attribute] = {
            "stride": sizes_attr(stride),
            "padding": sizes_attr(padding),
            "dilation": sizes_attr(dilation),
            "groups": integer_attr(groups, i32),
        }
        if flattened_compat_info is not None:
            properties["flattened_compat_info"] = flattened_compat_info
        self._set_up(input, weight, bias, layout, properties, result_type, location)


@irdl_op_definition
class ConvTranspose2dOp(FlattenableConvolutionOp):
    """What carries the gradient of a conv2d from its result back to its input: each element spreads over a window.

    Element (y, x) of the input times the weights is added at (y * stride + i * dilation - top,
    x * stride + j * dilation - left) for each (i, j) of the kernel; what falls outside of the result is dropped. The
    bias is added last. With groups, each block of the input's channels spreads over its block of the result's.

    Shapes: input (N, H, W, C), weight (C, O / groups, KH, KW), bias (1, 1, 1, O), result (N, H', W', O) with
    H' = (H - 1) * stride - top - bottom + dilation * (KH - 1) + output_padding + 1, W' likewise. Input, bias and
    result are in the order that `batch_dim`, `height_dim`, `width_dim` and `channel_dim` say. A bias may have more
    extents of the result. With `flattened_compat_info` input and result are (1, 1, N * H * W, C) and
    (1, 1, N * H' * W', O).

    Conditions: stride and dilation (an integer, or height and width) are positive; the padding (an integer, height
    and width, or top, left, bottom and right) and the output padding (an integer, or height and width) are not
    negative, nor are H' and W'; `groups` divides C.
    """

    name = "ttir.conv_transpose2d"

    output_padding = prop_def(SIZES)

    def __init__(
        self,
        input: Value,
        weight: Value,
        bias: Value | None = None,
        *,
        stride: Sizes = 1,
        padding: Sizes = 0,
        output_padding: Sizes = 0,
        dilation: Sizes = 1,
        groups: int = 1,
        layout: str = "NHWC",
        flattened_compat_info: FlattenedCompatInfoAttr | None = None,
        result_type: Attribute | None = None,
        location: LocationAttr | None = None,
    ):
        properties: dict[str, Attribute] = {
            "stride": sizes_attr(stride),
            "padding": sizes_attr(padding),
            "output_padding": sizes_attr(output_padding),
            "dilation": sizes_attr(dilation),
            "groups": integer_attr(groups, i32),
        }
        if flattened_compat_info is not None:
            properties["flattened_compat_info"] = flattened_compat_info
        self._set_up(input, weight, bias, layout, properties, result_type, location)

    @property
    def image_shape(self) -> Shape:
        self._require_ranks()
        return transposed_convolution_shape(
            self.input_shape,
            shape_of(self.weight),
            self.window,
            sizes_of(self.output_padding, "output_padding", 2, least=0),
            _integer(self.groups),
            self.layout,
        )

    def verify_semantics(self) -> None:
        # Only the result says how many channels there should be, so it comes before the bias.
        shape, axis, groups = self.image_shape, self.layout.channel, _integer(self.groups)
        found = shape_of(self.result)
        if len(found) == len(shape) and not may_be_equal((found[axis],), (shape[axis],)):
            raise VerifyException(
                f"the result has {found[axis]} channels, expected {shape[axis]}, "
                f"the {shape_of(self.weight)[1]} of 'weight' in each of {groups} groups"
            )
        super().verify_semantics()
        if self.bias is not None:
            require_bias(shape_of(self.bias), shape, self.layout)


@irdl_op_definition
class Conv3dOp(ConvolutionOp):
    """result[n, z, y, x, o] = bias[o] + sum of input * weight over the window at (z, y, x) and the channels.

    Where it is padded, the input is zero, or what it is at the nearest position inside (`padding_mode` `replicate`).
    With groups, the channels of input and result are that many equal blocks, and each block of the result sees its
    block of the input.

    Shapes: input (N, D, H, W, C), weight (O, C / groups, KD, KH, KW), bias (1, 1, 1, 1, O), result (N, D', H', W', O)
    with D' = floor((D + 2 * padding - KD) / stride) + 1, H' and W' likewise. Input, bias and result are in the order
    that `batch_dim`, `depth_dim`, `height_dim`, `width_dim` and `channel_dim` say. A bias may have more extents of
    the result.

    Conditions: the stride (an integer, or depth, height and width) is positive, the padding likewise is not negative;
    `padding_mode` is `zeros` or `replicate`; the kernel is no larger than the padded input; `groups` divides C and O.
    """

    name = "ttir.conv3d"

    SPATIAL: ClassVar[tuple[str, ...]] = ("depth", "height", "width")

    depth_dim = prop_def(I64Attr, default_value=_dim(1))
    height_dim = prop_def(I64Attr, default_value=_dim(2))
    width_dim = prop_def(I64Attr, default_value=_dim(3))
    channel_dim = prop_def(I64Attr, default_value=_dim(4))
    padding_mode = prop_def(StringAttr, default_value=StringAttr("zeros"))

    traits = traits_def(Conv3dPatterns())

    def __init__(
        self,
        input: Value,
        weight: Value,
        bias: Value | None = None,
        *,
        stride: Sizes = 1,
        padding: Sizes = 0,
        groups: int = 1,
        padding_mode: str = "zeros",
        layout: str = "NDHWC",
        result_type: Attribute | None = None,
        location: LocationAttr | None = None,
    ):
        properties: dict[str, Attribute] = {
            "stride": sizes_attr(stride),
            "padding": sizes_attr(padding),
            "groups": integer_attr(groups, i32),
            "padding_mode": StringAttr(padding_mode),
        }
        self._set_up(input, weight, bias, layout, properties, result_type, location)

    @property
    def window(self) -> Window:
        # Unlike the others, it is padded alike on both sides.
        sizes = sizes_of(self.padding, "padding", 3, least=0)
        stride = sizes_of(self.stride, "stride", 3, least=1)
        return Window(shape_of(self.weight)[2:], stride, self.dilations, tuple((n, n) for n in sizes))

    def infer_shape(self) -> Shape:
        mode = self.padding_mode.data
        require(
            mode in ("zeros", "replicate"), f"attribute 'padding_mode' is '{mode}', expected 'zeros' or 'replicate'"
        )
        return super().infer_shape()


CONVOLUTION_OPS = (Conv1dOp, Conv2dOp, Conv3dOp, ConvTranspose2dOp)
