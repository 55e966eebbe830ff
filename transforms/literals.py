"""Ops that make a value of nothing."""

from __future__ import annotations

from xdsl.ir import Operation


def is_literal(op: Operation) -> bool:
    """Whether `op` is a TTIR op without operands; it belongs to neither side, and is copied where it is used."""
    return not op.operands and op.name.startswith("ttir.")
