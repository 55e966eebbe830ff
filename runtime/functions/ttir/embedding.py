"""Look-ups in a table."""

from __future__ import annotations

from collections.abc import Sequence

import torch

from tilewright.dialects import ttir
from tilewright.runtime.functions.ttir.common import dtype_of, result_shape
from tilewright.runtime.functions.ttir.numbers import (
    at_least_float32,
    convert,
    is_integer,
    widened,
    with_type,
)
from tilewright.runtime.functions.ttir.unsigned import moved
from tilewright.runtime.interpreter import DialectFunctions, Interpreter, Step, implements
from tilewright.support.errors import NumericsError


def _checked(indices: torch.Tensor, rows: int) -> torch.Tensor:
    """`indices` as a vector of int64, all of it in [0, rows)."""
    flat = indices.reshape(-1).to(torch.int64)
    if flat.numel() and (int(flat.min()) < 0 or int(flat.max()) >= rows):
        raise NumericsError(
            "an index is outside the table",
            why=f"indices from {int(flat.min())} to {int(flat.max())}, {rows} rows",
            hint="check the model's inputs, e.g. token ids against the vocabulary",
        )
    return flat


class EmbeddingFunctions(DialectFunctions):
    """Look-ups in a table."""

    @implements(ttir.EmbeddingOp)
    def embedding(self, op: ttir.EmbeddingOp, interpreter: Interpreter) -> Step:
        shape, dtype = result_shape(op), dtype_of(op)

        def step(indices: torch.Tensor, table: torch.Tensor) -> Sequence[torch.Tensor]:
            rows = table.reshape(table.shape[-2:])
            flat = _checked(indices, len(rows))
            return (convert(moved(rows, lambda bits: bits.index_select(0, flat)).reshape(shape), dtype),)

        return step

    @implements(ttir.EmbeddingBackwardOp)
    def embedding_backward(self, op: ttir.EmbeddingBackwardOp, interpreter: Interpreter) -> Step:
        dtype = dtype_of(op)

        def step(indices: torch.Tensor, table: torch.Tensor, gradient: torch.Tensor) -> Sequence[torch.Tensor]:
            flat = _checked(indices, len(table))
            rows = gradient.reshape(len(flat), table.shape[1])
            # Integers wrap, and short floats are rounded, after the sum.
            rows = widened(rows) if is_integer(dtype) else rows.to(at_least_float32(dtype))
            sums = torch.zeros(table.shape, dtype=rows.dtype).index_add(0, flat, rows)
            return (convert(with_type(sums, dtype) if is_integer(dtype) else sums, dtype),)

        return step
