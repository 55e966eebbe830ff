"""Converts calls of operators to TTIR.

A call with a conversion becomes TTIR ops. One without is expressed through simpler operators where torch knows how, if
all of those convert in turn: a call that would only half convert stays whole, so that the host gets one op with one
reason and not the debris of several.
"""

from __future__ import annotations

from dataclasses import dataclass

from xdsl.context import Context
from xdsl.dialects.builtin import ArrayAttr, ModuleOp, StringAttr
from xdsl.dialects.func import FuncOp, ReturnOp
from xdsl.ir import Block, Operation, SSAValue
from xdsl.traits import is_side_effect_free
from xdsl.utils.exceptions import VerifyException

from tilewright.dialects import aten
from tilewright.support.evaluator import Decomposer
from tilewright.transforms.conversion.call import Call, Declined
from tilewright.transforms.conversion.table import CONVERSIONS
from tilewright.transforms.modules import forward_functions
from tilewright.transforms.services import NeedsDecomposer
from tilewright.transforms.tile_legality import DECLINED

_MAX_DEPTH = 8
"""Decompositions inside decompositions; torch's need three."""


@dataclass(frozen=True)
class AtenToTtir(NeedsDecomposer):
    """Converts what has a TTIR equivalent; the rest stays, with the conditions that did not hold."""

    name = "aten-to-ttir"

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        decomposer = self.decomposer()
        for function in list(forward_functions(op)):
            block = function.body.block
            for call in list(block.ops):
                if isinstance(call, aten.CallOp):
                    _convert(call, block, decomposer, 0)
            _erase_unused(block)


def _convert(op: aten.CallOp, block: Block, decomposer: Decomposer | None, depth: int) -> bool:
    """Replace `op`; False where it stays."""
    known = CONVERSIONS.get(op.callee.data)
    if known is not None:
        call = Call(op, block, known.parameters)
        before = op.prev_op
        try:
            value = known.convert(call)
        except (Declined, VerifyException) as declined:
            _erase_between(before, op, block)
            op.attributes[DECLINED] = ArrayAttr([StringAttr(str(declined))])
        else:
            _replace(op, [value], block)
            return True
    if decomposer is None or depth >= _MAX_DEPTH:
        return False
    function = decomposer.decompose(op)
    return function is not None and _inline(op, function, block, decomposer, depth)


def _inline(op: aten.CallOp, function: FuncOp, block: Block, decomposer: Decomposer, depth: int) -> bool:
    """Replace `op` by the converted body of its decomposition; False, and nothing changed, where a part stays."""
    source = function.body.block
    trial = Block(arg_types=[a.type for a in source.args])
    mapping: dict[SSAValue, SSAValue] = dict(zip(source.args, trial.args, strict=True))
    for inner in source.ops:
        clone = inner.clone(mapping)
        clone.location = op.location
        trial.add_op(clone)
    for inner in list(trial.ops):
        if isinstance(inner, aten.CallOp) and not _convert(inner, trial, decomposer, depth + 1):
            trial.erase(safe_erase=False)
            return False
    terminator = trial.last_op
    assert isinstance(terminator, ReturnOp)  # a decomposition is a function
    for argument, operand in zip(trial.args, op.operands, strict=True):
        argument.replace_all_uses_with(operand)
    results = list(terminator.operands)
    trial.erase_op(terminator)
    for inner in list(trial.ops):
        inner.detach()
        block.insert_op_before(inner, op)
    _replace(op, results, block)
    return True


def _replace(op: Operation, values: list[SSAValue], block: Block) -> None:
    for old, new in zip(op.results, values, strict=True):
        if new.name_hint is None:
            new.name_hint = old.name_hint
        old.replace_all_uses_with(new)
    block.erase_op(op)


def _erase_between(before: Operation | None, op: Operation, block: Block) -> None:
    """Erase what a conversion inserted before it declined."""
    while (last := op.prev_op) is not None and last is not before:
        block.erase_op(last)


def _erase_unused(block: Block) -> None:
    for op in reversed(list(block.ops)):
        if op.name.startswith("ttir.") and all(not r.uses for r in op.results) and is_side_effect_free(op):
            block.erase_op(op)
