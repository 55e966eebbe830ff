"""Where each op of a compiled model runs, and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from xdsl.dialects.builtin import ArrayAttr, FusedLoc, ModuleOp, StringAttr
from xdsl.dialects.func import CallOp, FuncOp, ReturnOp
from xdsl.ir import Attribute, Operation

from tilewright.dialects import aten, tile
from tilewright.dialects.ttcore import LoadCachedOp
from tilewright.support.locations import module_path, source_line
from tilewright.transforms.host_outlining import REASONS
from tilewright.transforms.modules import FORWARD_CPU, cpu_module, forward_functions, function_kind

if TYPE_CHECKING:
    from tilewright.program import CompiledProgram


@dataclass(frozen=True, slots=True)
class HostOp:
    """An op on the host.

    Attributes:
        op: The operator, as torch or TTIR names it.
        reasons: Every reason, `CODE: detail`.
        location: Source line, `file:line`; None if unknown.
        module_path: Path of the torch module; None if unknown.
        function: The host function that holds it.
    """

    op: str
    reasons: tuple[str, ...]
    location: str | None
    module_path: str | None
    function: str


@dataclass(frozen=True, slots=True)
class Report:
    """Counts of one call; what const-eval functions compute once is not in them.

    Attributes:
        ops_total: Ops after canonicalisation, literals left out.
        ops_device: Of these, on the device.
        ops_host: Of these, on the host.
        transfers: Tensors that cross between host and device, inputs and outputs included.
        host_functions: Calls of host functions.
        host_ops: The ops on the host.
    """

    ops_total: int
    ops_device: int
    ops_host: int
    transfers: int
    host_functions: int
    host_ops: tuple[HostOp, ...]

    def to_dict(self) -> dict[str, object]:
        """The same as plain data."""
        return asdict(self)

    def __str__(self) -> str:
        lines = [
            f"{self.ops_total} ops: {self.ops_device} on the device, {self.ops_host} on the host; "
            f"{self.transfers} transfers"
        ]
        for op in self.host_ops:
            where = " ".join(p for p in (op.location, f"({op.module_path})" if op.module_path else None) if p)
            lines.append(f"  host: {op.op} at {where or 'unknown location'}")
            lines += [f"    {reason}" for reason in op.reasons]
        return "\n".join(lines)


def report_of(program: CompiledProgram) -> Report:
    """The report of a compiled program."""
    partitioned, tiles = program.modules["partitioned"], program.modules["tile"]
    bodies = [op for function in forward_functions(partitioned) for op in function.body.block.ops]
    on_device = [op for op in bodies if _counts(op) and not isinstance(op, CallOp)]
    calls = [op for op in bodies if isinstance(op, CallOp)]
    host_ops = [h for call in calls for h in _host_ops(partitioned, call)]
    crossing = [
        op
        for function in forward_functions(tiles)
        for op in function.body.block.ops
        if isinstance(op, tile.TilizeOp | tile.UntilizeOp)
    ]
    return Report(
        ops_total=len(on_device) + len(host_ops),
        ops_device=len(on_device),
        ops_host=len(host_ops),
        transfers=len(crossing),
        host_functions=len(calls),
        host_ops=tuple(host_ops),
    )


def _counts(op: Operation) -> bool:
    literal = not op.operands and op.name.startswith("ttir.")
    return not literal and not isinstance(op, ReturnOp | LoadCachedOp)


def _host_ops(partitioned: ModuleOp, call: CallOp) -> list[HostOp]:
    """The ops of the host function that `call` calls, where the call says they come from: other calls may share it."""
    host = cpu_module(partitioned)
    name = call.callee.string_value()
    found: list[HostOp] = []
    for function in host.body.block.ops if host is not None else ():
        if isinstance(function, FuncOp) and function.sym_name.data == name and function_kind(function) == FORWARD_CPU:
            ops = [op for op in function.body.block.ops if _counts(op)]
            found.extend(
                HostOp(
                    op.callee.data if isinstance(op, aten.CallOp) else op.name,
                    _reasons(op),
                    source_line(place),
                    module_path(place),
                    name,
                )
                for op, place in zip(ops, _places(call, len(ops)), strict=True)
            )
    return found


def _places(call: CallOp, count: int) -> Sequence[Attribute]:
    """Where the `count` ops behind `call` come from."""
    match call.location:
        case FusedLoc(locations=ArrayAttr(data=places)) if count > 1:
            return places
        case location:
            return [location] * count


def _reasons(op: Operation) -> tuple[str, ...]:
    match op.attributes.get(REASONS):
        case ArrayAttr(data=reasons):
            return tuple(r.data for r in reasons if isinstance(r, StringAttr))
        case _:
            return ()
