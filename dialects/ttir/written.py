"""Which values ops change in place: caches, directly or through a function that is called."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from xdsl.dialects import func
from xdsl.ir import Block, Operation, SSAValue

from tilewright.dialects.ttcore import CompositeOp, LoadCachedOp
from tilewright.dialects.ttir.cache import CacheOp

FunctionNamed: TypeAlias = Callable[[str], func.FuncOp | None]
"""The function of a name; None if there is none."""


def callee_of(op: Operation) -> str | None:
    """The function that `op` runs on its operands; None if it runs none."""
    match op:
        case func.CallOp():
            return op.callee.string_value()
        case CompositeOp():
            return op.decomposition.string_value()
        case LoadCachedOp():
            return op.callee.string_value()
        case _:
            return None


class Writes:
    """What ops and functions change in place.

    Args:
        function_named: Finds the functions that are called.
    """

    def __init__(self, function_named: FunctionNamed):
        self._function_named = function_named
        self._arguments: dict[func.FuncOp, frozenset[int]] = {}

    def operands(self, op: Operation) -> frozenset[int]:
        """The operands that `op` changes in place, by number."""
        if isinstance(op, CacheOp):
            return frozenset((0,))
        name = callee_of(op)
        function = None if name is None else self._function_named(name)
        return frozenset() if function is None else self.arguments(function)

    def arguments(self, function: func.FuncOp) -> frozenset[int]:
        """The arguments that `function` changes in place, by number."""
        if function.is_declaration:
            return frozenset()
        known = self._arguments.get(function)
        if known is None:
            # What a function changes through itself is what it changes beside that.
            self._arguments[function] = frozenset()
            block = function.body.blocks[0]
            written = self.values(block)
            known = self._arguments[function] = frozenset(i for i, a in enumerate(block.args) if a in written)
        return known

    def values(self, block: Block) -> set[SSAValue]:
        """The values that ops of `block` change in place."""
        return {op.operands[i] for op in block.ops for i in self.operands(op) if i < len(op.operands)}
