"""Splits a function between device and host.

What the tile level can run stays on the device; the rest goes to host functions, each with its reasons. Ops are
scheduled in alternating phases, as many as possible in each, so that the number of times that control changes sides is
the least for this policy ("op": only the ops that must go, go).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from xdsl.context import Context
from xdsl.dialects.builtin import ArrayAttr, ModuleOp, StringAttr
from xdsl.dialects.func import CallOp, FuncOp, ReturnOp
from xdsl.ir import Block, Operation
from xdsl.passes import ModulePass

from tilewright.dialects.ttcore import CompositeOp, CpuModuleOp, DeviceModuleOp, LoadCachedOp
from tilewright.dialects.ttir.written import callee_of
from tilewright.support.errors import UnsupportedInputError
from tilewright.support.locations import describe_location
from tilewright.support.reasons import Reason, ReasonCode
from tilewright.transforms.host_outlining import REASONS, HostOutliner
from tilewright.transforms.literals import is_literal
from tilewright.transforms.modules import FORWARD_CPU, forward_functions, function_kind
from tilewright.transforms.tile_legality import TileLegality

_GIVEN = Reason(ReasonCode.USER, "it stands in a cpu module")


@dataclass(frozen=True)
class TtirPartition(ModulePass):
    """Moves the ops that the device cannot run into functions of a cpu module."""

    name = "ttir-partition"

    device: str = "wormhole_n150"
    """Name of a device descriptor, or the path of one."""
    default_format: str = "Float16_b"
    """Number format in which the fit of an op is judged."""
    accumulate_format: str = "Float32"
    """Format of Dest in which the fit of an op is judged."""

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        given = _taken_out(op)
        _unwrap(op)
        legality = TileLegality(self.device, self.default_format, self.accumulate_format)
        device, host = ModuleOp([]), given.module if given is not None else ModuleOp([])
        outliner = HostOutliner(device, host)
        for function in list(forward_functions(op)):
            _refuse_calls(function, op)
            _partition(function, legality, outliner)
        contents = list(op.body.block.ops)
        for inner in contents:
            inner.detach()
        device.body.block.add_ops(contents)
        outliner.finish()
        op.body.block.add_op(DeviceModuleOp(device))
        if given is not None:
            op.body.block.add_op(given)
        elif host.body.block.first_op is not None:
            op.body.block.add_op(CpuModuleOp(host))


def _taken_out(root: ModuleOp) -> CpuModuleOp | None:
    """The module of host functions that the file has, taken out of `root`; its ops get that for their reason."""
    for op in root.body.block.ops:
        if isinstance(op, CpuModuleOp):
            op.detach()
            for function in op.module.body.block.ops:
                if isinstance(function, FuncOp) and function_kind(function) == FORWARD_CPU:
                    for inner in function.body.block.ops:
                        if not isinstance(inner, ReturnOp) and not is_literal(inner):
                            inner.attributes.setdefault(REASONS, ArrayAttr([StringAttr(_GIVEN.render())]))
            return op
    return None


def _refuse_calls(function: FuncOp, root: ModuleOp) -> None:
    """A function of the module would be on one side, and its callers on the other."""
    defined = {f.sym_name.data for f in root.body.block.ops if isinstance(f, FuncOp) and not f.is_declaration}
    for op in function.walk():
        if isinstance(op, CallOp | CompositeOp) and (name := callee_of(op)) in defined:
            raise UnsupportedInputError(
                f"@{name} is called", where=describe_location(op), hint="run the pass `inline` before this one"
            )


def _unwrap(root: ModuleOp) -> None:
    """Take functions out of a device module: tt-mlir wraps them in one before it looks for host ops."""
    for wrapper in [o for o in root.body.block.ops if isinstance(o, DeviceModuleOp)]:
        inner = wrapper.module
        contents = list(inner.body.block.ops)
        for op in contents:
            op.detach()
        root.body.block.insert_ops_before(contents, wrapper)
        root.attributes |= inner.attributes
        wrapper.detach()
        wrapper.erase()


def _partition(function: FuncOp, legality: TileLegality, outliner: HostOutliner) -> None:
    block = function.body.block
    *body, terminator = block.ops
    assert isinstance(terminator, ReturnOp)  # the verifier of func.func demands it
    reasons: dict[Operation, Sequence[Reason]] = {}
    free = {op for op in body if _runs_anywhere(op)}
    for op in body:
        # A call is one of a function that is on the host already.
        if op not in free and not isinstance(op, CallOp) and (found := legality.reasons_against(op)):
            reasons[op] = found
    for op, found in reasons.items():
        op.attributes[REASONS] = ArrayAttr([StringAttr(r.render()) for r in found])
    for phase in _phases([op for op in body if op not in free], reasons, free):
        for group in _connected(phase):
            outliner.outline(group, block)
    _restore_order(block)


def _runs_anywhere(op: Operation) -> bool:
    """Whether `op` belongs to neither side: a literal, or a value that a const-eval function made."""
    return isinstance(op, LoadCachedOp) or is_literal(op)


def _phases(ops: Sequence[Operation], on_host: Iterable[Operation], free: set[Operation]) -> list[list[Operation]]:
    """The host ops in phases, each as early and as large as the ops of the other side before it allow."""
    host = set(on_host)
    remaining = list(ops)
    done: set[Operation] = set(free)
    phases: list[list[Operation]] = []
    host_turn = True
    while remaining:
        phase: list[Operation] = []
        waiting: list[Operation] = []
        for op in remaining:
            ready = all(not isinstance(o.owner, Operation) or o.owner in done for o in op.operands)
            if ready and (op in host) is host_turn:
                phase.append(op)
                done.add(op)
            else:
                waiting.append(op)
        if host_turn and phase:
            phases.append(phase)
        remaining = waiting
        host_turn = not host_turn
    return phases


def _connected(phase: Sequence[Operation]) -> list[list[Operation]]:
    """The ops of a phase in groups that share values, each in order."""
    group_of: dict[Operation, list[Operation]] = {}
    inside = set(phase)
    for op in phase:
        groups = [group_of[o.owner] for o in op.operands if isinstance(o.owner, Operation) and o.owner in inside]
        merged: list[Operation] = []
        for group in groups:
            merged += [member for member in group if member not in merged]
        merged.append(op)
        for member in merged:
            group_of[member] = merged
    order = {op: i for i, op in enumerate(phase)}
    unique = {id(group): group for group in group_of.values()}
    return sorted((sorted(g, key=order.__getitem__) for g in unique.values()), key=lambda g: order[g[0]])


def _restore_order(block: Block) -> None:
    """Sort the ops of `block` so that each stands after what it uses, otherwise in the order they have."""
    *remaining, terminator = block.ops
    placed: set[Operation] = set()
    ordered: list[Operation] = []
    while remaining:
        waiting: list[Operation] = []
        for op in remaining:
            if all(not isinstance(o.owner, Operation) or o.owner in placed for o in op.operands):
                ordered.append(op)
                placed.add(op)
            else:
                waiting.append(op)
        remaining = waiting
    ordered.append(terminator)
    for op in ordered:
        op.detach()
    block.add_ops(ordered)
