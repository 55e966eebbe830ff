"""Convolutions: floats of 16 bits are summed in float32 and rounded once, integers exactly."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import prod
from typing import TypeAlias

import torch

from tilewright.dialects import ttir
from tilewright.dialects.types import element_type_of, shape_of
from tilewright.runtime.dtypes import torch_dtype
from tilewright.runtime.functions.ttir.common import dtype_of, result_shape
from tilewright.runtime.functions.ttir.numbers import convert
from tilewright.runtime.functions.ttir.windows import is_integer, padded, repeated_at_the_edge, working_dtype
from tilewright.runtime.interpreter import DialectFunctions, Interpreter, Step, implements
from tilewright.support.errors import UnsupportedInputError

_Product: TypeAlias = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]
"""A function linear in both tensors, of floats."""

_CONVOLVE: dict[int, Callable[..., torch.Tensor]] = {
    1: torch.nn.functional.conv1d,
    2: torch.nn.functional.conv2d,
    3: torch.nn.functional.conv3d,
}

_LIMB = 16
"""Bits of an integer that are multiplied at once."""

_EXACT = 1 << 53
"""Up to this, float64 holds all integers."""


class ConvolutionFunctions(DialectFunctions):
    """Convolutions of one, two and three dimensions, and the transposed one."""

    @implements(ttir.Conv1dOp, ttir.Conv2dOp, ttir.Conv3dOp)
    def convolution(self, op: ttir.ConvolutionOp, interpreter: Interpreter) -> Step:
        window, convolve = op.window, _CONVOLVE[op.spatial_rank]
        stride, dilation, groups = list(window.stride), list(window.dilation), op.groups.value.data
        at_the_edge = isinstance(op, ttir.Conv3dOp) and op.padding_mode.data == "replicate"

        def product(x: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
            x = repeated_at_the_edge(x, window.padding) if at_the_edge else padded(x, window.padding, 0.0)
            return convolve(x, weight, None, stride, 0, dilation, groups)

        return _step(op, product, terms=prod(shape_of(op.weight)[1:]))

    @implements(ttir.ConvTranspose2dOp)
    def transposed(self, op: ttir.ConvTranspose2dOp, interpreter: Interpreter) -> Step:
        window, groups = op.window, op.groups.value.data
        extents = tuple(op.image_shape[d] for d in op.layout.spatial)

        def product(x: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
            everywhere = torch.nn.functional.conv_transpose2d(
                x, weight, None, list(window.stride), groups=groups, dilation=list(window.dilation)
            )
            # The padding is cut off, and what there is beyond the last element is zero.
            sides = tuple(
                (-before, extent + before - reach)
                for (before, _), extent, reach in zip(window.padding, extents, everywhere.shape[2:], strict=True)
            )
            return padded(everywhere, sides, 0.0)

        inputs, _, *kernel = shape_of(op.weight)
        return _step(op, product, terms=inputs // groups * prod(kernel))


def _step(op: ttir.ConvolutionOp, product: _Product, terms: int) -> Step:
    """Applies `product` to input and weight, channels first, and adds the bias; `terms` go into each element."""
    layout, shape, dtype = op.layout, result_shape(op), dtype_of(op)
    input_shape = op.input_shape
    working = working_dtype(torch_dtype(element_type_of(v)) for v in op.operands)
    bits = 32 if is_integer(dtype) and dtype.itemsize <= 4 else 64
    if is_integer(working) and terms << 2 * _LIMB > _EXACT:
        raise UnsupportedInputError(
            f"{terms} products of integers go into each element of a convolution",
            why=f"at most {_EXACT >> 2 * _LIMB} are summed exactly",
        )

    def step(x: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor | None = None) -> Sequence[torch.Tensor]:
        x = x.reshape(input_shape).permute(layout.channels_first).to(working)
        weight = weight.to(working)
        out = _integer_product(product, x, weight, terms, bits) if is_integer(working) else product(x, weight)
        if bias is not None:
            out = out + bias.permute(layout.channels_first).to(working)
        return (convert(out.permute(layout.from_channels_first), dtype).reshape(shape),)

    return step


def _largest(x: torch.Tensor) -> int:
    """The largest magnitude of integers."""
    if x.numel() == 0:
        return 0
    least, most = torch.aminmax(x)
    return max(-int(least), int(most))


def _integer_product(product: _Product, x: torch.Tensor, weight: torch.Tensor, terms: int, bits: int) -> torch.Tensor:
    """`product` of int64, exact in the lower `bits`; `terms` products go into each element."""
    if _largest(x) * _largest(weight) * terms <= _EXACT:
        return product(x.double(), weight.double()).to(torch.int64)
    # In parts, the products of which float64 sums exactly; what lies above `bits` is not needed.
    mask, count = (1 << _LIMB) - 1, bits // _LIMB
    parts, weights = ([(t >> _LIMB * i & mask).double() for i in range(count)] for t in (x, weight))
    total = torch.zeros((), dtype=torch.int64)
    for i, part in enumerate(parts):
        for j, weight_part in enumerate(weights[: count - i]):
            total = total + (product(part, weight_part).to(torch.int64) << _LIMB * (i + j))
    return total
