"""Kernels that leave the order of Float32 accumulation to the library.

How far a result may be from that of mode exact before it is packed, where nothing over- or underflows. The unit
roundoff is u = 2^-24; gamma(n) = n u / (1 - n u) bounds the relative error of n operations in sequence (Higham,
Accuracy and Stability of Numerical Algorithms, 2nd ed., section 3.1). Each of the two modes takes up at most half:

- matmul with an inner dimension of K: 2 gamma(n) (sum(|a| |b|) + |bias|), where n = K + 1, or 2 K + 1 for the two
  terms of HiFi3. Products are exact: the source registers hold 10 and 11 significant bits.
- softmax of C columns: 2 gamma(C + 82) p + 1.7e-38, where p is the real result. An exponential may be off by 20 units
  in the last place, 40 u, and counts twice, in the numerator and in the sum. Mode exact gives 0 below 1.7e-38.
- layer_norm of C columns: 2 (|weight| gamma(C + 9) (S r (1 + 2 |y|) + |y|) + 3 u (|weight y| + |bias|)), where y is
  the real result before weight and bias, r = 1 / sqrt(variance + epsilon), and S the largest |x| of the row. The mean
  is off by gamma(C) S; for the variance see Chan, Golub and LeVeque, Algorithms for Computing the Sample Variance
  (1983).

Packing sets two near values apart by at most one unit in the last place of the format; in a block float, whose packer
rounds twice, by two units of the larger shared exponent; and by at most the smallest normal number, below which it
gives 0. All other kernels, those that accumulate in 16 bits, and matmuls that spill have the bits of mode exact.
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
