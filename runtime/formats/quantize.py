"""Conversion of Float32 values to a float format and back: what memory in that format would return."""

from __future__ import annotations

import torch

from tilewright.runtime.formats.block_floats import quantize_groups
from tilewright.runtime.formats.floats import narrow, round_mantissa, truncate_mantissa
from tilewright.support.dataformat import FACE_DIM, DataFormat, Rounding
from tilewright.support.errors import UnsupportedInputError


def quantize(data: torch.Tensor, fmt: DataFormat, rounding: Rounding, *, inplace: bool = False) -> torch.Tensor:
    """Convert `data` to `fmt` and back to float32, by the rule `rounding` (docs/formats.md).

    Args:
        data: Float32 of any shape and strides; for a block-float format the last dimension is a multiple of 16, and 16
            consecutive datums of it share an exponent, as a row of a face does.
        fmt: A float format; for an integer format see :func:`tilewright.runtime.formats.integers.saturate_integer`.
        rounding: `packer`, what the silicon's packer does, or `golden`, Buda's model of it.
        inplace: Overwrite `data` and return it. Without it `data` is never written to.

    Returns:
        Float32 of the same shape. For Float32, `data` itself.

    Raises:
        UnsupportedInputError: `data` is not float32 or has a wrong last dimension, `fmt` is no float format, or the
            rule does not define it.
    """
    _check(data, fmt, rounding)
    if fmt is DataFormat.Float32 or data.numel() == 0:
        return data
    source = data.detach()
    if fmt.is_block_float:
        result = _quantize_blocks(source, fmt, rounding, inplace=inplace)
    else:
        result = source if inplace else torch.empty_like(source)
        _quantize_each(source, result, fmt, rounding)
    return data if inplace else result


def _quantize_blocks(source: torch.Tensor, fmt: DataFormat, rounding: Rounding, *, inplace: bool) -> torch.Tensor:
    rows = source.contiguous()
    target = rows if inplace or rows is not source else torch.empty_like(rows)
    quantize_groups(rows.view(-1, FACE_DIM), target.view(-1, FACE_DIM), fmt, rounding)
    if inplace and rows is not source:
        source.copy_(rows)
    return target


def _quantize_each(source: torch.Tensor, out: torch.Tensor, fmt: DataFormat, rounding: Rounding) -> None:
    layout = fmt.value
    golden = rounding is Rounding.golden
    if layout.exponent_bits < 8:
        narrow(source, out, layout.exponent_bits, layout.mantissa_bits, keep_sign_of_zero=golden)
    elif golden:
        truncate_mantissa(source, out, layout.mantissa_bits)
    else:
        round_mantissa(source, out, layout.mantissa_bits)


def _check(data: torch.Tensor, fmt: DataFormat, rounding: Rounding) -> None:
    if not fmt.is_float:
        raise UnsupportedInputError(
            f"cannot quantize to {fmt.name}, which is no float format", hint="use saturate_integer for integers"
        )
    if data.dtype is not torch.float32:
        raise UnsupportedInputError(f"cannot quantize to {fmt.name}", why=f"dtype(data) = {data.dtype}, not float32")
    if fmt.is_block_float and (data.dim() == 0 or data.shape[-1] % FACE_DIM):
        raise UnsupportedInputError(
            f"cannot quantize to {fmt.name}",
            why=f"shape(data) = {tuple(data.shape)}: the last dimension is no multiple of {FACE_DIM}",
            hint="pad the last dimension to whole tiles first",
        )
    if fmt is DataFormat.Fp8_e4m3 and rounding is Rounding.golden:
        raise UnsupportedInputError(
            "the golden rule does not define Fp8_e4m3",
            why="Buda's model has no such format",
            hint="use rounding=packer",
        )
