"""Convolutions with what follows on each channel. (TTIR's convolutions have no activation.)"""

from __future__ import annotations

from collections.abc import Sequence

from xdsl.ir import Operation, SSAValue

from tilewright.dialects import ttir
from tilewright.dialects.ttir.shapes import Shape
from tilewright.dialects.types import element_type_of, shape_of
from tilewright.transforms.constant_values import ConstantValues
from tilewright.transforms.fusing.matching import in_shape, is_float, is_plain, padded, without_broadcasts
from tilewright.transforms.fusing.rule import Rules

_CONVOLUTIONS = (ttir.Conv1dOp, ttir.Conv2dOp, ttir.Conv3dOp, ttir.ConvTranspose2dOp)


def _per_channel(value: SSAValue, channel: int, shape: Shape) -> SSAValue | None:
    """`value` without broadcasts, if it has one element for each channel."""
    inner = without_broadcasts(value)
    found = shape_of(inner)
    wide = tuple(extent if i == channel else 1 for i, extent in enumerate(shape))
    return inner if len(found) <= len(shape) and padded(found, len(shape)) == wide else None


def _in_rank(value: SSAValue, rank: int, new: list[Operation]) -> SSAValue:
    shape = padded(shape_of(value), rank)
    if shape == shape_of(value):
        return value
    new.append(ttir.ReshapeOp(value, shape))
    return new[-1].results[0]


def _with_operands(conv: ttir.ConvolutionOp, weight: SSAValue, bias: SSAValue | None) -> Operation:
    operands = [conv.input, weight] if bias is None else [conv.input, weight, bias]
    return type(conv).create(
        operands=operands,
        result_types=[conv.result.type],
        properties=conv.properties,
        attributes=dict(conv.attributes),
    )


def bias(op: ttir.AddOp) -> Sequence[Operation] | None:
    """A convolution plus one number a channel."""
    for value, addend in ((op.lhs, op.rhs), (op.rhs, op.lhs)):
        conv = value.owner
        if not isinstance(conv, _CONVOLUTIONS) or value.type != op.result.type or not is_plain(value):
            continue
        channel = conv.layout.channel
        vector = _per_channel(addend, channel, shape_of(value))
        if vector is None or element_type_of(addend) != element_type_of(value):
            continue
        new: list[Operation] = []
        vector = _in_rank(vector, len(shape_of(value)), new)
        if conv.bias is not None:
            if shape_of(conv.bias) != shape_of(vector):
                continue
            new.append(ttir.AddOp(conv.bias, vector))
            vector = new[-1].results[0]
        return [*new, _with_operands(conv, conv.weight, vector)]
    return None


def scale(op: ttir.MultiplyOp) -> Sequence[Operation] | None:
    """A convolution times one number a channel: the weights are multiplied instead, once, if both are constant."""
    constants = ConstantValues()
    for value, factor in ((op.lhs, op.rhs), (op.rhs, op.lhs)):
        conv = value.owner
        if not isinstance(conv, _CONVOLUTIONS) or value.type != op.result.type or not is_plain(value):
            continue
        if element_type_of(factor) != element_type_of(value) or element_type_of(conv.weight) != element_type_of(value):
            continue
        vector = _per_channel(factor, conv.layout.channel, shape_of(value))
        parts = [conv.weight, factor, *([] if conv.bias is None else [conv.bias])]
        if vector is None or not is_float(value) or not all(part in constants for part in parts):
            continue
        return _scaled(conv, vector)
    return None


def _scaled(conv: ttir.ConvolutionOp, vector: SSAValue) -> Sequence[Operation] | None:
    rank = len(shape_of(conv.result))
    channels = shape_of(conv.result)[conv.layout.channel]
    # The channels of the result are the first dimension of the weights, in a transposed convolution the second.
    axis = 1 if isinstance(conv, ttir.ConvTranspose2dOp) else 0
    if shape_of(conv.weight)[axis] != channels:
        return None
    new: list[Operation] = [ttir.ReshapeOp(vector, tuple(channels if i == axis else 1 for i in range(rank)))]
    new.append(ttir.MultiplyOp(conv.weight, new[-1]))
    weight = new[-1].results[0]
    bias: SSAValue | None = None
    if conv.bias is not None:
        new.append(ttir.MultiplyOp(conv.bias, _in_rank(vector, rank, new)))
        bias = new[-1].results[0]
    return [*new, _with_operands(conv, weight, bias)]


def batch_norm(op: ttir.BatchNormInferenceOp) -> Sequence[Operation] | None:
    """The batch norm of a convolution, all of them with constants, is one factor and one addend a channel."""
    conv = op.operand.owner
    if not isinstance(conv, _CONVOLUTIONS) or op.axis != conv.layout.channel or op.operand.type != op.result.type:
        return None
    constants = ConstantValues()
    vectors = op.operands[1:]
    parts = [conv.weight, *vectors, *([] if conv.bias is None else [conv.bias])]
    if not all(part in constants for part in parts) or not is_plain(op.result) or not is_float(op.result):
        return None
    if len({element_type_of(v) for v in (*vectors, conv.weight, op.result)}) != 1:
        return None
    if isinstance(conv, ttir.ConvTranspose2dOp) and conv.groups.value.data != 1:
        return None
    shape = shape_of(op.result)
    wide = tuple(extent if i == op.axis else 1 for i, extent in enumerate(shape))
    new: list[Operation] = []
    at_rank: list[SSAValue] = []
    for vector in vectors:
        ops, value = in_shape(vector, wide)
        new += ops
        at_rank.append(value)
    factor, offset, mean, variance = at_rank
    epsilon = ttir.FullOp((1,) * len(shape), op.epsilon.value.data, element_type_of(op.result))
    shifted = ttir.AddOp(variance, epsilon)
    root = ttir.RsqrtOp(shifted)
    whole = ttir.MultiplyOp(factor, root)
    moved = ttir.MultiplyOp(mean, whole)
    addend = ttir.SubtractOp(offset, moved)
    product = ttir.MultiplyOp(op.operand, whole, op.result.type)
    return [*new, epsilon, shifted, root, whole, moved, addend, product, ttir.AddOp(product, addend, op.result.type)]


def parallel(op: ttir.AddOp) -> Sequence[Operation] | None:
    """The sum of two convolutions of one input that see the same windows, but for a smaller kernel of one of them: as
    sums of weights and of biases, where the smaller kernel gets a rim of zeros."""
    first, second = op.lhs.owner, op.rhs.owner
    if not isinstance(first, ttir.Conv2dOp) or not isinstance(second, ttir.Conv2dOp) or first is second:
        return None
    if shape_of(first.weight)[2:] < shape_of(second.weight)[2:]:
        first, second = second, first
    if first.input is not second.input or not first.result.type == second.result.type == op.result.type:
        return None
    if (first.bias is None) != (second.bias is None) or element_type_of(first.weight) != element_type_of(second.weight):
        return None
    left, right = first.properties, second.properties
    if {k: v for k, v in left.items() if k != "padding"} != {k: v for k, v in right.items() if k != "padding"}:
        return None
    rims = _rims(first, second)
    if rims is None or not is_float(op.result):
        return None
    padded_weight = ttir.PadOp(second.weight, (0, 0, 0, 0, *rims))
    weight = ttir.AddOp(padded_weight, first.weight)
    new: list[Operation] = [padded_weight, weight]
    bias: SSAValue | None = None
    if first.bias is not None and second.bias is not None:
        if first.bias.type != second.bias.type:
            return None
        new.append(ttir.AddOp(first.bias, second.bias))
        bias = new[-1].results[0]
    return [*new, _with_operands(first, weight.result, bias)]


def _rims(first: ttir.Conv2dOp, second: ttir.Conv2dOp) -> tuple[int, int, int, int] | None:
    """Low and high zeros in height and width with which the second kernel sees what the first one does."""
    large, small = first.window, second.window
    rims: list[int] = []
    for i in (0, 1):
        low = large.padding[i][0] - small.padding[i][0]
        step = large.dilation[i]
        rest = large.kernel[i] - small.kernel[i] - low // step
        if low < 0 or low % step or rest < 0:
            return None
        rims += [low // step, rest]
    return (rims[0], rims[1], rims[2], rims[3])


RULES: Rules = {
    ttir.AddOp: (bias, parallel),
    ttir.BatchNormInferenceOp: (batch_norm,),
    ttir.MultiplyOp: (scale,),
}
