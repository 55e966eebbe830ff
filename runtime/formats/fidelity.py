"""Operands as the matrix engine sees them, and which parts of them a math fidelity multiplies.

The multiplier takes 5 bits of one significand and 7 of the other, so a product of wider ones runs in up to four phases
that accumulate (tt-isa-documentation, SrcASrcB and ELWMUL). In real numbers the phases of one fidelity add up to one or
two products of operands, which :func:`fidelity_terms` names and :func:`src_operand` makes.
"""

from __future__ import annotations

from typing import Final, Literal

import torch

from tilewright.runtime.formats.float32_bits import LARGEST_DENORMAL, keep_mantissa
from tilewright.support.dataformat import DataFormat, MathFidelity
from tilewright.support.errors import UnsupportedInputError

SourceRegister = Literal["SrcA", "SrcB"]
MantissaPart = Literal["full", "high", "low"]

MATMUL_REGISTERS: Final[tuple[SourceRegister, SourceRegister]] = ("SrcB", "SrcA")
"""Where the two inputs of a matmul go, by the convention of the low-level kernels: Dest += SrcB @ SrcA."""

# Explicit mantissa bits that any phase consumes, and those of the phases that take the high part. SrcA holds a tenth
# bit, but no phase consumes it.
_CONSUMED: Final[dict[SourceRegister, int]] = {"SrcA": 9, "SrcB": 10}
_HIGH: Final[dict[SourceRegister, int]] = {"SrcA": 4, "SrcB": 6}

_TERMS: Final[dict[MathFidelity, tuple[tuple[MantissaPart, MantissaPart], ...]]] = {
    MathFidelity.LoFi: (("high", "high"),),
    MathFidelity.HiFi2: (("full", "high"),),
    MathFidelity.HiFi3: (("full", "high"), ("high", "low")),
    MathFidelity.HiFi4: (("full", "full"),),
}


def fidelity_terms(fidelity: MathFidelity) -> tuple[tuple[MantissaPart, MantissaPart], ...]:
    """The products that add up to the phases of `fidelity`: for each, the parts of the operands in SrcA and in SrcB.

    Phase 0 is high * high, phase 1 low * high, phase 2 high * low, phase 3 low * low; LoFi runs the first, HiFi2 two,
    HiFi3 three, HiFi4 all.
    """
    return _TERMS[fidelity]


def src_operand(data: torch.Tensor, fmt: DataFormat, register: SourceRegister, part: MantissaPart) -> torch.Tensor:
    """`data` as `register` gives it to the multiplier; `high` and `low` add up to `full` exactly.

    Float32 is truncated to what the register holds, its denormals (and -0) become zero; other formats are taken to hold
    none, as the packer leaves them. Infinities stay as they are, with a `low` of 0: the engine has no IEEE infinity, so
    what their products give is torch's.

    Args:
        data: Float32 values on the grid of `fmt`, any shape; never written to.
        fmt: A float format.

    Returns:
        The same shape; `data` itself where nothing changes.

    Raises:
        UnsupportedInputError: `fmt` is no float format.
    """
    if not fmt.is_float:
        raise UnsupportedInputError(
            f"{fmt.name} operands have no mantissa to split",
            hint="integers need all four phases: multiply them as they are",
        )
    explicit = fmt.value.mantissa_bits - (1 if fmt.is_block_float else 0)
    high = _truncated(data, fmt, explicit, _HIGH[register])
    if part == "high":
        return high
    full = _truncated(data, fmt, explicit, _CONSUMED[register])
    if part == "full":
        return full
    return torch.zeros_like(data) if high is full else (full - high).nan_to_num_(nan=0.0)


def _truncated(data: torch.Tensor, fmt: DataFormat, explicit: int, kept: int) -> torch.Tensor:
    if explicit <= kept:
        return data
    mask = keep_mantissa(kept)
    if fmt is DataFormat.Float32:
        flushed = torch.hardshrink(data, LARGEST_DENORMAL)
        flushed.view(torch.int32).bitwise_and_(mask)
        return flushed
    return data.view(torch.int32).bitwise_and(mask).view(torch.float32)
