"""Chains of movements in the IR: where a value comes from, where it goes, and what that costs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

from xdsl.ir import Operation, SSAValue

from tilewright.dialects import ttir
from tilewright.dialects.types import element_type_of, shape_of
from tilewright.transforms.constant_values import ConstantValues
from tilewright.transforms.erase_inverse.forms import is_movable
from tilewright.transforms.erase_inverse.movement import Movement, compose, permute, reshape

OVERHEAD = 1024
"""What a movement costs beside its elements, in elements: it touches at least a tile of 32x32."""

Path: TypeAlias = "tuple[Movement, ...]"
"""Movements one after the other, none of them an identity, that do not compose to one."""

_MOVEMENTS = (ttir.PermuteOp, ttir.TransposeOp, ttir.ReshapeOp, ttir.SqueezeOp, ttir.UnsqueezeOp)


@dataclass(frozen=True)
class Use:
    """Where a value that is no movement's result is read, after the movements on the way.

    Attributes:
        user: The op that reads it, which is no movement.
        index: Which operand it is there.
        path: The movements.
    """

    user: Operation
    index: int
    path: Path


def movement_of(op: Operation) -> Movement | None:
    """What an op does, if it only permutes or reshapes; a permute that tt-mlir has split on purpose stays as it is."""
    if not isinstance(op, _MOVEMENTS) or "decomposed" in op.attributes:
        return None
    if not is_movable(op.input) or not is_movable(op.result) or element_type_of(op.input) != element_type_of(op.result):
        return None
    source = shape_of(op.input)
    return permute(source, op.order) if isinstance(op, _MOVEMENTS[:2]) else reshape(source, shape_of(op.result))


def then(path: Path, movement: Movement) -> Path:
    """`path` and one movement more."""
    if movement.is_identity:
        return path
    if not path:
        return (movement,)
    composed = compose(path[-1], movement)
    return (*path, movement) if composed is None else then(path[:-1], composed)


def cost_of(path: Path) -> int:
    """What a path costs: for each op that it takes, the elements moved and an overhead."""
    return sum(len(movement.steps) * (movement.elements + OVERHEAD) for movement in path)


@dataclass
class Chains:
    """What is known of the values of a function; stays true while it is rewritten, as values do not change."""

    _roots: dict[SSAValue, tuple[SSAValue, Path]] = field(default_factory=dict[SSAValue, "tuple[SSAValue, Path]"])
    _constants: ConstantValues = field(default_factory=ConstantValues)

    def root(self, value: SSAValue) -> tuple[SSAValue, Path]:
        """The value that is no movement's result from which `value` comes, and the movements on the way."""
        passed: list[tuple[SSAValue, Movement]] = []
        while value not in self._roots:
            op = value.owner
            movement = movement_of(op) if isinstance(op, Operation) else None
            if movement is None:
                self._roots[value] = (value, ())
                break
            passed.append((value, movement))
            assert isinstance(op, Operation)
            value = op.operands[0]
        root, path = self._roots[value]
        for moved, movement in reversed(passed):
            path = then(path, movement)
            self._roots[moved] = (root, path)
        return root, path

    def is_constant(self, value: SSAValue) -> bool:
        """Whether movements of `value` are free, as they are done once."""
        return value in self._constants


def uses_of(root: SSAValue) -> Iterator[Use]:
    """Where a value is read, directly or after movements."""
    pending: list[tuple[SSAValue, Path]] = [(root, ())]
    while pending:
        value, path = pending.pop()
        for use in value.uses:
            movement = movement_of(use.operation)
            if movement is None:
                yield Use(use.operation, use.index, path)
            else:
                pending.append((use.operation.results[0], then(path, movement)))
