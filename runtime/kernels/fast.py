"""Kernels that leave the order of Float32 accumulation to the library.

Error bound, for an inner dimension of K and unit roundoff u = 2^-24: two ways of forming a sum of K products differ by
at most 2 * gamma * sum(|a| * |b|) with gamma = K * u / (1 - K * u) (Higham, Accuracy and Stability of Numerical
Algorithms, 2nd ed., section 3.1), before the result is packed; packing then adds at most one unit in the last place of
the format.
"""

from __future__ import annotations

import torch

from tilewright.dialects.tile import Precision
from tilewright.runtime.kernels.exact import accumulate, matmul_terms
from tilewright.runtime.kernels.values import TileValue

UNIT_ROUNDOFF = 2.0**-24
"""Largest relative error of one Float32 operation."""


def gamma(count: int) -> float:
    """Bound of the relative error of `count` Float32 operations in sequence, relative to the sum of magnitudes."""
    return count * UNIT_ROUNDOFF / (1.0 - count * UNIT_ROUNDOFF)


def matmul(
    in0: TileValue, in1: TileValue, bias: torch.Tensor | None, transposed: bool, precision: Precision
) -> torch.Tensor:
    """The product and the bias, a row, each fidelity term in one library call; rank 2 or 3 as in `matmul_terms`."""
    (x, y), *rest = matmul_terms(in0, in1, transposed, precision)
    if bias is None:
        total = torch.matmul(x, y)
    else:
        total = torch.addmm(bias, x, y) if x.dim() == 2 else torch.baddbmm(bias, x, y)
    for x, y in rest:
        accumulate(total, x, y)
    return total


def softmax_rows(x: torch.Tensor, columns: int) -> torch.Tensor:
    """Softmax along the last dimension, columns from `columns` on being padding; a row of -infinity becomes zeros."""
    if columns < x.shape[-1]:
        x[..., columns:] = float("-inf")
    out = torch.softmax(x, -1)
    if torch.isnan(out[..., 0]).any():
        out.masked_fill_((x == float("-inf")).all(-1, keepdim=True), 0.0)
    return out


def normalise_rows(
    x: torch.Tensor, columns: int, weight: torch.Tensor | None, bias: torch.Tensor | None, epsilon: float
) -> torch.Tensor:
    """Layer norm of the first `columns` columns; weight and bias hold one row of padded width, the rest is padding."""
    if columns == x.shape[-1]:
        return torch.nn.functional.layer_norm(x, (columns,), weight, bias, epsilon)
    weight = weight[:columns] if weight is not None else None
    bias = bias[:columns] if bias is not None else None
    out = torch.zeros_like(x)
    out[..., :columns] = torch.nn.functional.layer_norm(x[..., :columns], (columns,), weight, bias, epsilon)
    return out
