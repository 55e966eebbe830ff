"""Elements in the order of their size."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from xdsl.ir import SSAValue

from tilewright.dialects import ttir
from tilewright.dialects.types import element_type_of
from tilewright.runtime.dtypes import torch_dtype
from tilewright.runtime.functions.ttir.common import dtype_of, unary_step
from tilewright.runtime.functions.ttir.numbers import convert
from tilewright.runtime.interpreter import DialectFunctions, Interpreter, Step, implements
from tilewright.support.errors import UnsupportedInputError


def _index_dtype(indices: SSAValue, extent: int) -> torch.dtype:
    """The dtype of `indices`, which can hold every index below `extent`.

    Raises:
        UnsupportedInputError: it cannot.
    """
    dtype = torch_dtype(element_type_of(indices))
    if dtype is torch.bool:
        largest = 1
    elif dtype.is_floating_point:
        largest = int(2 / torch.finfo(dtype).eps)
    else:
        largest = torch.iinfo(dtype).max
    if extent - 1 > largest:
        raise UnsupportedInputError(
            f"indices up to {extent - 1} do not fit into elements of the type {element_type_of(indices)}",
            why=f"whole numbers up to {largest} do",
        )
    return dtype


class SortingFunctions(DialectFunctions):
    """Sort and top-k."""

    @implements(ttir.SortOp)
    def sort(self, op: ttir.SortOp, interpreter: Interpreter) -> Step:
        axis, descending, dtype = op.axis, bool(op.descending), dtype_of(op)

        def step(x: torch.Tensor) -> Sequence[torch.Tensor]:
            index_dtype = _index_dtype(op.indices, x.shape[axis])
            values, indices = torch.sort(x, stable=True, dim=axis, descending=descending)
            return convert(values, dtype), indices.to(index_dtype)

        return unary_step(step)

    @implements(ttir.TopKOp)
    def topk(self, op: ttir.TopKOp, interpreter: Interpreter) -> Step:
        axis, k, largest, dtype = op.axis, op.k.value.data, bool(op.largest), dtype_of(op)

        def step(x: torch.Tensor) -> Sequence[torch.Tensor]:
            index_dtype = _index_dtype(op.indices, x.shape[axis])
            # torch.topk leaves open which of equal elements it takes.
            values, indices = torch.sort(x, stable=True, dim=axis, descending=largest)
            return convert(values.narrow(axis, 0, k), dtype), indices.narrow(axis, 0, k).to(index_dtype)

        return unary_step(step)
