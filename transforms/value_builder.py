"""Builds chains of TTIR ops of which most change shape or type only, leaving out what changes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from xdsl.dialects.builtin import LocationAttr, i32
from xdsl.ir import Attribute, Operation, SSAValue

from tilewright.dialects import ttir
from tilewright.dialects.types import element_type_of, shape_of


@dataclass
class ValueBuilder:
    """Collects ops.

    Args:
        location: That of the new ops.

    Attributes:
        ops: The new ops, in their order.
    """

    location: LocationAttr
    ops: list[Operation] = field(default_factory=list[Operation])

    def add(self, op: Operation) -> SSAValue:
        """The only result of `op`, which comes next."""
        self.ops.append(op)
        return op.results[0]

    def cast(self, value: SSAValue, element_type: Attribute) -> SSAValue:
        """`value` with elements of this type."""
        if element_type_of(value) == element_type:
            return value
        return self.add(ttir.TypecastOp(value, element_type, location=self.location))

    def reshaped(self, value: SSAValue, shape: Sequence[int], like: SSAValue | None = None) -> SSAValue:
        """`value` in this shape, and of the type of `like` if it is given."""
        if shape_of(value) == tuple(shape) and (like is None or value.type == like.type):
            return value
        return self.add(ttir.ReshapeOp(value, shape, None if like is None else like.type, location=self.location))

    def permuted(self, value: SSAValue, order: Sequence[int], like: SSAValue | None = None) -> SSAValue:
        """`value` with dimension `order[i]` at place i, and of the type of `like` if it is given."""
        return self.add(ttir.PermuteOp(value, order, None if like is None else like.type, location=self.location))

    def full(self, shape: Sequence[int], number: int) -> SSAValue:
        """A tensor of `i32` that are all `number`."""
        return self.add(ttir.FullOp(shape, number, i32, location=self.location))

    def range(self, shape: Sequence[int], dim: int, start: int = 0) -> SSAValue:
        """`start`, `start + 1`, .. along `dim`, as `i32`."""
        return self.add(ttir.ArangeOp(shape, i32, start, dimension=dim, location=self.location))

    def equal(self, left: SSAValue, right: SSAValue) -> SSAValue:
        """Whether elements are equal."""
        return self.add(ttir.EqualOp(left, right, location=self.location))

    def where(self, condition: SSAValue, yes: SSAValue, no: SSAValue, like: SSAValue | None = None) -> SSAValue:
        """`yes` where the condition holds, else `no`; of the type of `like` if it is given."""
        type = None if like is None else like.type
        return self.add(ttir.WhereOp(condition, yes, no, type, location=self.location))

    def part(self, value: SSAValue, dim: int, begin: int, end: int) -> SSAValue:
        """What stands from `begin` to `end` along `dim`, where there is something."""
        shape = shape_of(value)
        if (begin, end) == (0, shape[dim]):
            return value
        begins = [begin if i == dim else 0 for i in range(len(shape))]
        ends = [end if i == dim else d for i, d in enumerate(shape)]
        return self.add(ttir.SliceStaticOp(value, begins, ends, [1] * len(shape), location=self.location))

    def with_part(self, value: SSAValue, dim: int, begin: int, new: SSAValue) -> SSAValue:
        """`value` with `new` from `begin` on along `dim`."""
        extent, end = shape_of(value)[dim], begin + shape_of(new)[dim]
        if end - begin == extent and new.type == value.type:
            return new
        head = [self.part(value, dim, 0, begin)] if begin else []
        tail = [self.part(value, dim, end, extent)] if end < extent else []
        return self.add(ttir.ConcatOp([*head, new, *tail], dim, value.type, location=self.location))
