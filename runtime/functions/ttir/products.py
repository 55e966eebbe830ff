"""Products of matrices in the types that ops ask for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import prod

import torch
from xdsl.ir import Operation, SSAValue

from tilewright.dialects.types import element_type_of
from tilewright.runtime.dtypes import torch_dtype
from tilewright.runtime.functions.ttir.common import dtype_of, operand_dtypes
from tilewright.runtime.functions.ttir.numbers import is_integer, widened
from tilewright.runtime.functions.ttir.windows import working_dtype


def has_one_float_type(op: Operation) -> bool:
    """Whether operands and result are floats of one type that torch multiplies fast.

    Of 16 bits it does only where the processor has instructions for them: elsewhere Float32, rounded once as torch's
    own product is, takes a fraction of the time (measured: 1/14 to 1/50).
    """
    dtypes = {*operand_dtypes(op), dtype_of(op)}
    return len(dtypes) == 1 and all(d.is_floating_point and d.itemsize >= 4 for d in dtypes)


def working(op: Operation, factors: Sequence[SSAValue] = ()) -> Callable[[torch.Tensor], torch.Tensor]:
    """A conversion into the type in which sums of products of the operands are computed before they are rounded.

    That is int64 for integers, which wrap, and otherwise the widest of operands and result, float32 at least. Where
    not all operands are multiplied or added, those that are must be given as `factors`.
    """
    dtypes = [torch_dtype(element_type_of(v)) for v in factors or op.operands]
    if all(is_integer(d) for d in dtypes):
        return widened
    dtype = working_dtype([*dtypes, dtype_of(op)])
    return lambda x: x.to(dtype)


def for_product(op: Operation) -> Callable[[torch.Tensor], torch.Tensor]:
    """A conversion of the operands of `op`, a product of matrices, after which torch's rounds each sum once."""
    return _unchanged if has_one_float_type(op) else working(op)


def _unchanged(x: torch.Tensor) -> torch.Tensor:
    return x


def with_dims_joined(x: torch.Tensor, *parts: Sequence[int]) -> torch.Tensor:
    """`x` with one dimension for each list of dimensions, in their order."""
    order = [dim for part in parts for dim in part]
    return x.permute(order).reshape([prod(x.shape[dim] for dim in part) for part in parts])
