"""Functions of floats that torch lacks."""

from __future__ import annotations

import torch


def cube_root(x: torch.Tensor) -> torch.Tensor:
    """The real cube root."""
    size = x.double().abs()
    root = size ** (1 / 3)
    # 1 / 3 is rounded; a step of Newton's method makes up for that.
    step = (root * root * root - size) / (3 * root * root)
    return torch.where(step.isfinite(), root - step, root).copysign(x).to(x.dtype)


def selu(x: torch.Tensor, scale: float, alpha: float) -> torch.Tensor:
    """`scale * x` where x > 0, else `scale * alpha * (e^x - 1)`."""
    return scale * torch.where(x > 0, x, alpha * torch.expm1(x))


def softsign(x: torch.Tensor) -> torch.Tensor:
    """x / (1 + |x|)."""
    return x / (1 + x.abs())


def tanhshrink(x: torch.Tensor) -> torch.Tensor:
    """x - tanh(x)."""
    return x - x.tanh()


def truncated_remainder(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    """a - b * trunc(a / b), exact, with the sign of a; NaN where b is 0 or a is infinite."""
    rest, divisor = a.double(), b.double()
    mantissa, exponent = torch.frexp(divisor)
    # torch gives NaN where a / b overflows. A multiple of b is taken first, which leaves the same rest.
    for place in (512, -100):
        multiple = torch.where(exponent < place, torch.ldexp(mantissa, torch.tensor(place)), divisor)
        rest = torch.fmod(rest, multiple)
    return torch.fmod(rest, divisor).to(torch.promote_types(a.dtype, b.dtype))


def floored_remainder(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    """a - b * floor(a / b), with the sign of b; NaN where b is 0 or a is infinite."""
    rest, divisor = truncated_remainder(a, b).double(), b.double()
    crossed = (rest != 0) & (rest.signbit() != divisor.signbit())
    return torch.where(crossed, rest + divisor, rest).to(torch.promote_types(a.dtype, b.dtype))
