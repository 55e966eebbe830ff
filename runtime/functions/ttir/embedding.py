"""Look-ups in a table."""

from __future__ import annotations

from collections.abc import Sequence

import torch

from tilewright.dialects import ttir
from tilewright.runtime.functions.ttir.common import dtype_of, result_shape
from tilewright.runtime.interpreter import DialectFunctions, Interpreter, Step, implements
from tilewright.support.errors import NumericsError


class EmbeddingFunctions(DialectFunctions):
    """Look-ups in a table."""

    @implements(ttir.EmbeddingOp)
    def embedding(self, op: ttir.EmbeddingOp, interpreter: Interpreter) -> Step:
        shape, dtype = result_shape(op), dtype_of(op)

        def step(indices: torch.Tensor, table: torch.Tensor) -> Sequence[torch.Tensor]:
            flat, rows = indices.reshape(-1).to(torch.int64), table.reshape(table.shape[-2:])
            if flat.numel() and (int(flat.min()) < 0 or int(flat.max()) >= len(rows)):
                raise NumericsError(
                    "an index is outside the table",
                    why=f"indices from {int(flat.min())} to {int(flat.max())}, {len(rows)} rows",
                    hint="check the model's inputs, e.g. token ids against the vocabulary",
                )
            return (rows.index_select(0, flat).reshape(shape).to(dtype),)

        return step
