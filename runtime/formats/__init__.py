"""The number formats of the machine, bit for bit: conversion, operands of the matrix engine, memory layout."""

from __future__ import annotations

from tilewright.runtime.formats.fidelity import MantissaPart, SourceRegister, fidelity_terms, src_operand
from tilewright.runtime.formats.integers import saturate_integer
from tilewright.runtime.formats.pack import pack_tiles, unpack_tiles
from tilewright.runtime.formats.quantize import quantize

__all__ = [
    "MantissaPart",
    "SourceRegister",
    "fidelity_terms",
    "pack_tiles",
    "quantize",
    "saturate_integer",
    "src_operand",
    "unpack_tiles",
]
