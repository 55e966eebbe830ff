"""Which values are the same at every call."""

from __future__ import annotations

from dataclasses import dataclass, field

from xdsl.dialects.func import FuncOp
from xdsl.ir import BlockArgument, Operation, SSAValue
from xdsl.traits import is_side_effect_free

from tilewright.dialects.ttcore import ArgumentType, LoadCachedOp, argument_type_of


@dataclass
class ConstantValues:
    """The values of a function that depend on its parameters and constants alone: what is done to them is done once.

    What is known of a value stays true while others are made and erased.
    """

    _known: dict[SSAValue, bool] = field(default_factory=dict[SSAValue, bool])

    def __contains__(self, value: SSAValue) -> bool:
        pending = [value]
        while pending:
            found = self._known.get(pending[-1])
            if found is None:
                found = self._decide(pending[-1], pending)
            if found is not None:
                self._known[pending.pop()] = found
        return self._known[value]

    def _decide(self, value: SSAValue, pending: list[SSAValue]) -> bool | None:
        """Whether `value` is constant; None if `pending` got a value that decides it."""
        if isinstance(value, BlockArgument):
            function = value.block.parent_op()
            kinds = (ArgumentType.PARAMETER, ArgumentType.CONSTANT)
            return isinstance(function, FuncOp) and argument_type_of(function, value.index) in kinds
        op = value.owner
        assert isinstance(op, Operation)  # all other values are arguments
        if isinstance(op, LoadCachedOp):
            return True
        if not op.name.startswith("ttir.") or op.regions or not is_side_effect_free(op):
            return False
        for operand in op.operands:
            known = self._known.get(operand)
            if known is False:
                return False
            if known is None:
                pending.append(operand)
                return None
        return True
