"""Patterns of convolutions."""

from __future__ import annotations

from math import prod

from xdsl.dialects.builtin import DYNAMIC_INDEX, AnyFloat, IntegerType, NoneAttr
from xdsl.pattern_rewriter import PatternRewriter, RewritePattern, op_type_rewrite_pattern

from tilewright.dialects.ttir.convolution import Conv3dOp
from tilewright.dialects.ttir.convolution_shapes import Layout
from tilewright.dialects.ttir.data_movement import ReshapeOp
from tilewright.dialects.ttir.matmul import LinearOp, MatmulOp
from tilewright.dialects.types import element_type_of, shape_of, tensor_of, tensor_type

_CHANNELS_LAST = Layout.of("NDHWC")


class PointwiseConv3dToMatmul(RewritePattern):
    """A convolution whose windows are single elements is a product with the weights, for which devices are best.

    The only pattern here that may sum in another order, as its counterpart in tt-mlir does.
    """

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: Conv3dOp, rewriter: PatternRewriter) -> None:
        if not op.window.is_identity or op.layout != _CHANNELS_LAST or op.groups.value.data != 1 or not _is_plain(op):
            return
        shape = shape_of(op.result)
        channels, outputs = shape_of(op.input)[-1], shape[-1]
        rows = prod(shape[:-1])
        pixels = ReshapeOp(op.input, (rows, channels), location=op.location)
        weight = ReshapeOp(op.weight, (outputs, channels), location=op.location)
        new: list[ReshapeOp | MatmulOp | LinearOp] = [pixels, weight]
        type_ = tensor_type((rows, outputs), element_type_of(op.result))
        if op.bias is None:
            new.append(MatmulOp(pixels, weight, False, True, type_, location=op.location))
        else:
            bias = ReshapeOp(op.bias, (outputs,), location=op.location)
            new += [bias, LinearOp(pixels, weight, bias, False, True, type_, location=op.location)]
        new.append(ReshapeOp(new[-1], shape, op.result.type, location=op.location))
        rewriter.replace(op, new)


def _is_plain(op: Conv3dOp) -> bool:
    """Whether all tensors are of known shape and hold numbers that a product takes, in no special layout.

    And the bias has one number a channel.
    """
    types = [tensor_of(v) for v in (*op.operands, op.result)]
    return (op.bias is None or prod(shape_of(op.bias)[:-1]) == 1) and all(
        isinstance(t.element_type, AnyFloat | IntegerType)
        and isinstance(t.encoding, NoneAttr)
        and DYNAMIC_INDEX not in t.get_shape()
        for t in types
    )


CONV3D = (PointwiseConv3dToMatmul(),)
