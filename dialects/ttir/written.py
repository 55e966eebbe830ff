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
        function = self._callee(op)
        return frozenset() if function is None else self.arguments(function)

    def arguments(self, function: func.FuncOp) -> frozenset[int]:
        """The arguments that `function` changes in place, by number."""
        if function not in self._arguments:
            self._solve(function)
        return self._arguments[function]

    def _callee(self, op: Operation) -> func.FuncOp | None:
        name = callee_of(op)
        return None if name is None else self._function_named(name)

    def _solve(self, root: func.FuncOp) -> None:
        """Find what `root`, and what it calls at any depth, change: nothing, until an op shows more."""
        self._arguments[root] = frozenset()
        found = [root]
        for function in found:  # which grows
            for op in () if function.is_declaration else function.body.blocks[0].ops:
                callee = self._callee(op)
                if callee is not None and callee not in self._arguments:
                    self._arguments[callee] = frozenset()
                    found.append(callee)
        defined = [f for f in reversed(found) if not f.is_declaration]
        changed = True
        while changed:
            changed = False
            for function in defined:
                changed |= self._add(function)

    def _add(self, function: func.FuncOp) -> bool:
        """Add what is known now that `function` changes; whether that is more than before."""
        block = function.body.blocks[0]
        written = self.values(block)
        now = frozenset(i for i, a in enumerate(block.args) if a in written)
        changed, self._arguments[function] = now != self._arguments[function], now
        return changed

    def values(self, block: Block) -> set[SSAValue]:
        """The values that ops of `block` change in place."""
        return {op.operands[i] for op in block.ops for i in self.operands(op) if i < len(op.operands)}
