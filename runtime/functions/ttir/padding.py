"""Edges of equal elements."""

from __future__ import annotations

from collections.abc import Sequence

import torch

from tilewright.dialects import ttir
from tilewright.runtime.functions.ttir.common import dtype_of, number_of, unary_step
from tilewright.runtime.functions.ttir.numbers import convert
from tilewright.runtime.interpreter import DialectFunctions, Interpreter, Step, implements
from tilewright.support.errors import UnsupportedInputError


def _element(value: float, dtype: torch.dtype) -> torch.Tensor:
    """`value` as an element.

    Raises:
        UnsupportedInputError: it is none of the integers of `dtype`.
    """
    if not dtype.is_floating_point:
        low, high = (0, 1) if dtype is torch.bool else (torch.iinfo(dtype).min, torch.iinfo(dtype).max)
        if not (low <= value <= high and value == int(value)):
            raise UnsupportedInputError(
                f"{value} cannot be padded to elements of the type {str(dtype).removeprefix('torch.')}",
                why=f"the elements are whole numbers from {low} to {high}",
            )
        return torch.tensor(int(value), dtype=dtype)
    return convert(torch.tensor(value, dtype=torch.float32), dtype)


class PaddingFunctions(DialectFunctions):
    """Pads."""

    @implements(ttir.PadOp)
    def pad(self, op: ttir.PadOp, interpreter: Interpreter) -> Step:
        edges, dtype = op.edges, dtype_of(op)
        value = _element(float(number_of(op.value)), dtype)

        def step(x: torch.Tensor) -> Sequence[torch.Tensor]:
            shape = [d + low + high for d, (low, high) in zip(x.shape, edges, strict=True)]
            # What is left of the input: an edge may take away more than there is, and then of the other edge.
            kept = [
                (max(-low, 0), max(d + min(high, 0), -low, 0)) for d, (low, high) in zip(x.shape, edges, strict=True)
            ]
            source = tuple(slice(begin, end) for begin, end in kept)
            target = tuple(slice(begin + low, end + low) for (begin, end), (low, _) in zip(kept, edges, strict=True))
            out = value.expand(shape).clone(memory_format=torch.contiguous_format)
            out[target] = convert(x[source], dtype)
            return (out,)

        return unary_step(step)
