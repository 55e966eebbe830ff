"""Keeping locations through rewrites: constructors take none, and rewriters drop them."""

from __future__ import annotations

from typing import TypeVar

from xdsl.ir import Operation

OpT = TypeVar("OpT", bound=Operation)


def at_location(source: Operation, op: OpT) -> OpT:
    """`op`, at the location of `source`, which it replaces or serves."""
    op.location = source.location
    return op
