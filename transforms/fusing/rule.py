"""What a rule is, and how it is applied."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from xdsl.ir import Block, Operation, SSAValue
from xdsl.traits import is_side_effect_free

from tilewright.dialects import ttir

Rule: TypeAlias = "Callable[..., Sequence[Operation] | None]"
"""From the last op of a pattern to new ops, the last of which replaces it; None where the pattern does not match."""

Rules: TypeAlias = "Mapping[type[Operation], tuple[Rule, ...]]"
"""The rules of a family by the type of the last op of their patterns."""

_CHEAP = (
    ttir.BroadcastOp,
    ttir.ConstantOp,
    ttir.FilledOp,
    ttir.PermuteOp,
    ttir.ReshapeOp,
    ttir.SqueezeOp,
    ttir.TransposeOp,
    ttir.TypecastOp,
    ttir.UnsqueezeOp,
)
"""Ops that may stay for other users: what is fused does not do their work again."""


def joined(families: Iterable[Rules]) -> dict[type[Operation], tuple[Rule, ...]]:
    """The rules of all families, those of the first ones first."""
    found: dict[type[Operation], tuple[Rule, ...]] = {}
    for family in families:
        for op_type, rules in family.items():
            found[op_type] = (*found.get(op_type, ()), *rules)
    return found


@dataclass(frozen=True)
class Fuser:
    """Applies rules to the ops of a block."""

    rules: Rules

    def fuse(self, block: Block) -> None:
        """Apply rules until none matches. What a rule makes is seen by the rules of the ops that follow."""
        while sum(self._fuse_at(op, block) for op in list(block.ops)):
            pass

    def _fuse_at(self, op: Operation, block: Block) -> bool:
        fused = False
        while op.parent is block and (new := self._match(op)) is not None:
            block.insert_ops_before(new, op)
            last = new[-1]
            for made in new:
                made.location = op.location
            for old, result in zip(op.results, last.results, strict=True):
                result.name_hint = old.name_hint
                old.replace_all_uses_with(result)
            _erase_unused(op, block)
            op, fused = last, True
        return fused

    def _match(self, op: Operation) -> Sequence[Operation] | None:
        for rule in self.rules.get(type(op), ()):
            new = rule(op)
            if new is not None:
                # An encoding, or an element type that tt-mlir does not demand, is not what rules make.
                if [r.type for r in new[-1].results] == [r.type for r in op.results] and _vanishes(op, new):
                    return new
                for made in reversed(new):
                    made.erase()
        return None


def _vanishes(op: Operation, new: Sequence[Operation]) -> bool:
    """Whether all that `new` computes again is used by nothing else, so that no work is done twice."""
    kept = {operand for made in new for operand in made.operands if operand.owner not in new}
    inside: set[Operation] = {op}
    pending = [op]
    while pending:
        for operand in pending.pop().operands:
            owner = operand.owner
            if operand in kept or not isinstance(owner, Operation) or owner in inside:
                continue
            inside.add(owner)
            pending.append(owner)
    for part in inside - {op}:
        if isinstance(part, _CHEAP):
            continue
        if any(use.operation not in inside for result in part.results for use in result.uses):
            return False
    return True


def _erase_unused(op: Operation, block: Block) -> None:
    """Erase `op`, and what it was the last to use."""
    pending: list[Operation] = [op]
    while pending:
        dead = pending.pop()
        if dead.parent is not block or any(r.uses for r in dead.results):
            continue
        if dead is not op and not is_side_effect_free(dead):
            continue
        owners: list[SSAValue] = list(dead.operands)
        block.erase_op(dead)
        pending += [v.owner for v in owners if isinstance(v.owner, Operation)]
