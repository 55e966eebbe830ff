"""Reading and printing textual IR as users of `mlir-opt` expect."""

from __future__ import annotations

from tilewright.dialects.text.dense import dense_splat
from tilewright.dialects.text.printer import print_module
from tilewright.dialects.text.reading import parse_file, parse_module
from tilewright.dialects.text.resources import dense_resource, resource_bytes
from tilewright.dialects.text.source import SourceError

__all__ = [
    "SourceError",
    "dense_resource",
    "dense_splat",
    "parse_file",
    "parse_module",
    "print_module",
    "resource_bytes",
]
