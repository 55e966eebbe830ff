"""Integer formats."""

from __future__ import annotations

import torch

from tilewright.support.dataformat import DataFormat
from tilewright.support.errors import NumericsError, UnsupportedInputError


def integer_range(fmt: DataFormat) -> tuple[int, int]:
    """The least and the largest value of an integer format.

    Signed formats are sign and magnitude, so their range is symmetric (tt-isa-documentation, Packers/FormatConversion).
    """
    layout = fmt.value
    largest = (1 << layout.mantissa_bits) - 1
    return (0 if layout.mantissa_bits == layout.datum_bits else -largest), largest


def integer_dtype(fmt: DataFormat) -> torch.dtype:
    """The torch type that holds the values of an integer format: int32, or int64 for UInt32."""
    return torch.int32 if integer_range(fmt)[1] < 1 << 31 else torch.int64


def saturate_integer(data: torch.Tensor, fmt: DataFormat) -> torch.Tensor:
    """Convert to an integer format: round half away from zero, then saturate; the same by both rules.

    Args:
        data: Float32, or integers, which only saturate.
        fmt: An integer format.

    Returns:
        The same shape, in :func:`integer_dtype`.

    Raises:
        UnsupportedInputError: `fmt` is no integer format, or `data` has another dtype.
        NumericsError: `data` holds NaN, which no integer stands for.
    """
    if fmt.is_float:
        raise UnsupportedInputError(f"{fmt.name} is no integer format", hint="use quantize for float formats")
    least, largest = integer_range(fmt)
    if data.dtype is torch.float32:
        wide = data.to(torch.float64)
        if bool(torch.isnan(wide).any()):
            raise NumericsError(f"cannot convert to {fmt.name}", why="the data holds NaN")
        # A float32 plus a half is exact in float64 wherever the half matters.
        whole = (wide + torch.copysign(wide.new_tensor(0.5), wide)).trunc_()
    elif data.dtype.is_floating_point or data.dtype.is_complex:
        raise UnsupportedInputError(
            f"cannot convert to {fmt.name}", why=f"dtype(data) = {data.dtype}, neither float32 nor an integer"
        )
    else:
        whole = data.to(torch.int64)
    return whole.clamp(least, largest).to(integer_dtype(fmt))
