"""Moves permutes and reshapes up and down, so that inverse ones meet and vanish."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import Block, Operation
from xdsl.passes import ModulePass

from tilewright.transforms.erase_inverse.chains import Chains, movement_of
from tilewright.transforms.erase_inverse.forms import Forms
from tilewright.transforms.erase_inverse.movement import Movement
from tilewright.transforms.erase_inverse.region import cheapest, grow
from tilewright.transforms.erase_inverse.rewrite import Rewriter
from tilewright.transforms.erase_inverse.rules import rule_of
from tilewright.transforms.modules import tensor_functions


@dataclass(frozen=True)
class TtirEraseInverseOps(ModulePass):
    """Moves permutes and reshapes through other ops wherever fewer elements are moved then.

    A movement costs its elements and 1,024 more for the op itself; one of parameters and constants costs nothing, as
    it is done once. Each rewrite makes the sum less, so there is an end to them.
    """

    name = "ttir-erase-inverse-ops"

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        for function in tensor_functions(op):
            Rewriter(function.body.block).shorten()
            while _improve(function.body.block):
                pass


def _improve(block: Block) -> bool:
    """Whether there was a region in which other forms cost less; every movement is looked at."""
    chains, rewriter = Chains(), Rewriter(block)
    improved = False
    seen: set[tuple[Operation, Movement]] = set()
    for op in list(block.ops):
        for start, forms in _starts(chains, op):
            if (start, forms.result) in seen:
                continue
            region = grow(chains, start, forms)
            moved = cheapest(region)
            if moved:
                rewriter.apply(chains, {o: f for o, f in region.forms.items() if o in moved})
                improved = True
                seen.clear()
                break
            # From any other of these movements the same region would come.
            seen.update((o, f.result) for o, f in region.forms.items())
    return improved


def _starts(chains: Chains, op: Operation) -> Iterator[tuple[Operation, Forms]]:
    """The forms with which movements before an operand of `op` would move below it, or above what they come from."""
    if op.parent is None or movement_of(op) is not None:
        return
    rule = rule_of(op)
    for i, operand in enumerate(op.operands):
        if chains.is_constant(operand):
            continue
        root, path = chains.root(operand)
        if len(path) != 1:
            continue
        down = None if rule is None else rule(op, i, path[0])
        if down is not None:
            yield op, down
        owner = root.owner
        upper = rule_of(owner) if isinstance(owner, Operation) and owner.parent is op.parent else None
        up = None if upper is None or not isinstance(owner, Operation) else upper(owner, None, path[0].inverse())
        if up is not None and isinstance(owner, Operation):
            yield owner, up
