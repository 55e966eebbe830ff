"""Verification that says which op is at fault.

xDSL's own prints the whole module into the exception, and does not look at the order of values.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from xdsl.dialects.builtin import CallSiteLoc, FileLineColLoc, FusedLoc, ModuleOp, NameLoc, UnregisteredOp
from xdsl.ir import Attribute, Block, Operation, OpResult, Region
from xdsl.irdl.dominance import DominanceInfo
from xdsl.traits import IsTerminator, NoTerminator
from xdsl.utils.exceptions import DiagnosticException, PyRDLError

_FAULTS = (
    DiagnosticException,
    PyRDLError,
    ValueError,
    TypeError,
    AttributeError,
    AssertionError,
    LookupError,
    ArithmeticError,
    NotImplementedError,
    struct.error,
)
"""What verifiers raise, those of xDSL's dialects included, which convert and assert what they have not checked."""


@dataclass(frozen=True)
class Fault:
    """What is wrong with an op."""

    op: Operation
    message: str

    def place_in(self, file: str) -> tuple[int | None, int]:
        """The line, None if it is not known, and the column of the op's location in `file`."""
        found = next((p for p in _places(self.op.location) if p.filename.data == file and p.line.data > 0), None)
        return (None, 1) if found is None else (found.line.data, max(1, found.column.data))


def _places(location: Attribute) -> Iterator[FileLineColLoc]:
    match location:
        case FileLineColLoc():
            yield location
        case NameLoc():
            yield from _places(location.location)
        case CallSiteLoc():
            yield from _places(location.callee)
            yield from _places(location.caller)
        case FusedLoc():
            inner: tuple[Attribute, ...] = getattr(location.locations, "data", ())
            for each in inner:
                yield from _places(each)
        case _:
            pass


def first_fault(module: ModuleOp) -> Fault | None:
    """The first fault, of an op in a region before that of the op with the region; None if the module verifies."""
    dominance = _Dominance()
    for op in module.walk(region_first=True):
        message = _structure_fault(op) or dominance.fault(op) or _own_fault(op)
        if message is not None:
            return Fault(op, message)
    return None


def _own_fault(op: Operation) -> str | None:
    """What the verifier of the op says."""
    try:
        # Not `verify`, which prints the whole module when this fails.
        op.verify_()
    except DiagnosticException as error:
        return str(error).removeprefix(op.name).lstrip(": ")
    except _FAULTS as error:
        return f"does not verify ({error!r})"
    return None


def _structure_fault(op: Operation) -> str | None:
    """What is wrong with the blocks and the successors of an op."""
    block = op.parent
    region = None if block is None else block.parent
    if op.successors:
        if block is None or region is None:
            return "has successors but is in no block of a region"
        if block.last_op is not op:
            return "has successors but is not the last of its block"
        if any(successor.parent is not region for successor in op.successors):
            return "branches to a block of another region"
    if block is not None and region is not None and block.last_op is op:
        owner = region.parent
        alone = len(region.blocks) == 1
        free = owner is None or (alone and owner.has_trait(NoTerminator))
        if not free and not op.has_trait(IsTerminator):
            return "is the last of its block, but no terminator"
    for inner in op.regions:
        for each in inner.blocks:
            if not each.ops and not (len(inner.blocks) == 1 and op.has_trait(NoTerminator)):
                return "has an empty block, which should end with a terminator"
    return None


class _Dominance:
    """Whether values are defined before they are used."""

    def __init__(self) -> None:
        self._order: dict[Block, dict[Operation, int]] = {}
        self._blocks: dict[Region, DominanceInfo] = {}

    def fault(self, op: Operation) -> str | None:
        """The first operand whose definition does not come before `op`."""
        for number, operand in enumerate(op.operands):
            block = operand.owner.parent if isinstance(operand, OpResult) else operand.owner
            assert not isinstance(block, Operation)
            if block is None or not self._reaches(operand.owner, block, op):
                return f"operand #{number} does not dominate this use"
        return None

    def _reaches(self, definition: Operation | Block, block: Block, op: Operation) -> bool:
        """Whether what is defined in `block` is known at `op`."""
        user: Operation | None = op
        while user is not None and (user.parent is None or user.parent.parent is not block.parent):
            user = user.parent_op()
        if user is None or user.parent is None or block.parent is None:
            return False
        if _has_no_order(block.parent.parent):
            return True
        if user.parent is not block:
            dominance = self._blocks.get(block.parent)
            if dominance is None:
                dominance = self._blocks[block.parent] = DominanceInfo(block.parent)
            return dominance.dominates(block, user.parent)
        if isinstance(definition, Block):
            return True
        order = self._order.get(block)
        if order is None:
            order = self._order[block] = {each: i for i, each in enumerate(block.ops)}
        return order[definition] < order[user]


def _has_no_order(owner: Operation | None) -> bool:
    """Whether the ops in the regions of `owner` may use what is defined after them."""
    return owner is None or isinstance(owner, ModuleOp | UnregisteredOp)
