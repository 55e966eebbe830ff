"""The `quant` dialect of MLIR, in so far as TTIR's files use it: types of quantised elements."""

from __future__ import annotations

from xdsl.ir import Dialect

from tilewright.dialects.quant.types import UniformQuantizedType

__all__ = ["QUANT", "UniformQuantizedType"]

QUANT = Dialect("quant", [], [UniformQuantizedType])
