"""Carrying out what was chosen: new ops, movements where forms differ, and nothing that is no longer used."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

from xdsl.dialects.builtin import LocationAttr
from xdsl.ir import Block, Operation, SSAValue

from tilewright.dialects import ttir
from tilewright.dialects.types import element_type_of
from tilewright.transforms.erase_inverse.chains import Chains, Path, Use, movement_of, then, uses_of
from tilewright.transforms.erase_inverse.forms import Forms, rebuild
from tilewright.transforms.erase_inverse.movement import Movement


@dataclass
class _Movements:
    """Movements of values, each made once, before the first op that needs it."""

    made: dict[tuple[SSAValue, Path], SSAValue] = field(default_factory=dict["tuple[SSAValue, Path]", SSAValue])

    def get(self, value: SSAValue, path: Path, before: Operation, location: LocationAttr | None) -> SSAValue:
        """`value` after the movements of `path`."""
        if not path:
            return value
        known = self.made.get((value, path))
        if known is None:
            known = self.made[value, path] = _emit(value, path, before, location)
        return known


def _emit(value: SSAValue, path: Path, before: Operation, location: LocationAttr | None) -> SSAValue:
    block = before.parent_block()
    assert block is not None  # the op was met in a block
    shape, element_type = path[-1].target, element_type_of(value)
    ops: list[ttir.SingleResultOp] = []
    match value.owner:
        case ttir.FullOp() as op:
            ops.append(ttir.FullOp(shape, op.fill_value, element_type, location=op.location))
        case ttir.ZerosOp() | ttir.OnesOp() as op:
            ops.append(type(op)(shape, element_type, location=op.location))
        case _:
            for kind, numbers in (step for movement in path for step in movement.steps):
                make = ttir.PermuteOp if kind == "permute" else ttir.ReshapeOp
                ops.append(make(ops[-1].result if ops else value, numbers, location=location))
    for op in ops:
        block.insert_op_before(op, before)
    return ops[-1].result


@dataclass
class Rewriter:
    """Rewrites the ops of a block.

    Attributes:
        block: The block.
        places: The place of each op that is no movement; a rewritten op takes over that of the old one.
    """

    block: Block
    places: dict[Operation, int] = field(init=False)

    def __post_init__(self) -> None:
        self.places = {op: i for i, op in enumerate(self.block.ops)}

    def apply(self, chains: Chains, forms: dict[Operation, Forms]) -> None:
        """Give ops their forms."""
        roots = dict.fromkeys(chains.root(v)[0] for op in forms for v in op.operands)
        roots.update(dict.fromkeys(op.results[0] for op in forms))
        self._resolve(roots, forms)

    def shorten(self) -> None:
        """Write each chain of movements with the fewest ops."""
        self._erase_unused(list(self.block.ops), frozenset())
        made = (r for op in self.block.ops if movement_of(op) is None for r in op.results)
        self._resolve([r for r in (*self.block.args, *made) if _ops_after(r) > _ops_needed(r)], {})

    def _resolve(self, roots: Iterable[SSAValue], forms: dict[Operation, Forms]) -> None:
        """Make the movements of `roots` anew, for ops in their forms where these have any."""
        reads: dict[Operation, list[tuple[SSAValue, Use]]] = {op: [] for op in forms}
        for root in roots:
            for use in uses_of(root):
                reads.setdefault(self._ancestor(use.user), []).append((root, use))
        movements = _Movements()
        moved: dict[SSAValue, tuple[SSAValue, Movement]] = {}
        unread: list[Operation] = list(forms)

        def operand(root: SSAValue, path: Path, before: Operation, read: SSAValue) -> SSAValue:
            value, base = moved.get(root, (root, None))
            whole: Path = () if base is None or base.is_identity else (base,)
            for movement in path:
                whole = then(whole, movement)
            location = before.location
            if isinstance(read.owner, Operation):
                location = read.owner.location
                unread.append(read.owner)
            return movements.get(value, whole, before, location)

        for op in sorted(reads, key=self.places.__getitem__):
            if op in forms:
                new = _rebuilt(op, forms[op], reads[op], operand)
                self.block.insert_op_before(new, op)
                self.places[new] = self.places[op]
                moved[op.results[0]] = (new.results[0], forms[op].result)
                continue
            for root, use in reads[op]:
                # A user in a region of `op` reads what is made before `op`.
                use.user.operands[use.index] = operand(root, use.path, op, use.user.operands[use.index])
        self._erase_unused(unread, forms.keys())

    def _ancestor(self, op: Operation) -> Operation:
        """The op of the block that is, or is around, `op`."""
        while op.parent is not self.block:
            parent = op.parent_op()
            assert parent is not None  # a value is visible in its block and in regions there
            op = parent
        return op

    def _erase_unused(self, ops: list[Operation], old: AbstractSet[Operation]) -> None:
        """Erase those of `ops` that have no uses, if they are in `old` or only move elements, and what they used."""
        pending = list(ops)
        while pending:
            op = pending.pop()
            if op.parent is not self.block or not op.results or any(result.uses for result in op.results):
                continue
            if op in old or isinstance(op, ttir.MovementOp | ttir.FilledOp):
                pending += [v.owner for v in op.operands if isinstance(v.owner, Operation)]
                self.block.erase_op(op)


def _rebuilt(
    op: Operation,
    forms: Forms,
    reads: list[tuple[SSAValue, Use]],
    operand: Callable[[SSAValue, Path, Operation, SSAValue], SSAValue],
) -> Operation:
    values = list(op.operands)
    for root, use in reads:
        path = then(use.path, forms.operands[use.index].inverse())
        values[use.index] = operand(root, path, op, values[use.index])
    return rebuild(op, forms, values)


def _ops_after(root: SSAValue) -> int:
    count, pending = 0, [root]
    while pending:
        for use in pending.pop().uses:
            if movement_of(use.operation) is not None:
                count += 1
                pending.append(use.operation.results[0])
    return count


def _ops_needed(root: SSAValue) -> int:
    return sum(len(m.steps) for path in {use.path for use in uses_of(root)} for m in path)
