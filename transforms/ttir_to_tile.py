"""Lowers the device's TTIR ops to kernels on tensors of tiles.

Everything comes out in the widest format of its element type (`tile-assign-formats` chooses narrower ones), tilized
where it enters the device's part of a function and untilized where it leaves.
"""

from __future__ import annotations

from dataclasses import dataclass

from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp
from xdsl.dialects.func import CallOp, FuncOp, ReturnOp
from xdsl.ir import Block, Operation
from xdsl.passes import ModulePass
from xdsl.traits import is_side_effect_free

from tilewright.dialects.ttcore import LoadCachedOp
from tilewright.support.errors import VerifyError
from tilewright.support.locations import describe_location
from tilewright.transforms.literals import is_literal
from tilewright.transforms.locations import at_location
from tilewright.transforms.lowering.context import Lowering
from tilewright.transforms.lowering.table import RULES
from tilewright.transforms.modules import forward_functions


@dataclass(frozen=True)
class TtirToTile(ModulePass):
    """Lowers TTIR to the tile level in every function of the device module."""

    name = "ttir-to-tile"

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        for function in list(forward_functions(op)):
            _lower(function)


def _lower(function: FuncOp) -> None:
    source = function.body.block
    target = Block(arg_types=[a.type for a in source.args])
    to = Lowering(target)
    for old, new in zip(source.args, target.args, strict=True):
        new.name_hint = old.name_hint
        new.location = old.location
        to.rows[old] = new
    for op in source.ops:
        to.source = op
        if isinstance(op, ReturnOp):
            target.add_op(at_location(op, ReturnOp(*[to.row_major(o) for o in op.operands])))
        elif isinstance(op, CallOp | LoadCachedOp) or is_literal(op):
            _keep(op, to)
        elif op.name in RULES:
            to.values[op.results[0]] = RULES[op.name].lower(op, to)
        else:
            raise VerifyError(
                f"{op.name} has no lowering to the tile level",
                where=describe_location(op),
                hint="run ttir-partition before ttir-to-tile: it moves such ops to the host",
            )
    _erase_unused(target)
    function.body.detach_block(source)
    function.body.add_block(target)
    source.erase(safe_erase=False)


def _keep(op: Operation, to: Lowering) -> None:
    """Take over an op on row-major tensors."""
    clone = op.clone({o: to.row_major(o) for o in op.operands})
    to.block.add_op(clone)
    for old, new in zip(op.results, clone.results, strict=True):
        to.rows[old] = new


def _erase_unused(block: Block) -> None:
    """Erase kernels that a fused one made superfluous."""
    for op in reversed(list(block.ops)):
        if op.results and all(not r.uses for r in op.results) and is_side_effect_free(op):
            block.erase_op(op)
