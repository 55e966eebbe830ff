"""The contract of each level, as a check that names the op, the rule and the pass to blame."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import prod
from typing import TYPE_CHECKING, ClassVar

from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp
from xdsl.dialects.func import CallOp, FuncOp, ReturnOp
from xdsl.ir import Operation
from xdsl.passes import ModulePass

from tilewright.dialects import aten, tile
from tilewright.dialects.tile import tile_info
from tilewright.dialects.ttcore import CpuModuleOp, DeviceModuleOp, LoadCachedOp
from tilewright.machine.catalog import load_device
from tilewright.support.errors import ResourceError, VerifyError
from tilewright.support.locations import describe_location
from tilewright.transforms.host_outlining import REASONS
from tilewright.transforms.literals import is_literal
from tilewright.transforms.modules import FORWARD_CPU, cpu_module, device_module, forward_functions, function_kind

if TYPE_CHECKING:
    from tilewright.machine.device import Device


def _refuse(op: Operation, rule: str, blame: str) -> VerifyError:
    return VerifyError(
        f"{op.name} breaks the contract of its level", where=describe_location(op), why=rule, hint=f"look at {blame}"
    )


def _bodies(module: ModuleOp) -> Iterator[Operation]:
    """The ops of forward functions, terminators left out."""
    for function in forward_functions(module):
        for op in function.body.block.ops:
            if not isinstance(op, ReturnOp):
                yield op


@dataclass(frozen=True)
class VerifyAten(ModulePass):
    """Level 1: calls of operators in functions, nothing else."""

    name = "verify-aten"

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        for inner in _bodies(op):
            if not isinstance(inner, aten.CallOp):
                raise _refuse(inner, "level 1 holds aten.call alone", "the importer")


@dataclass(frozen=True)
class VerifyTtir(ModulePass):
    """Level 2: TTIR ops, calls of operators without a TTIR equivalent, and loads of cached values."""

    name = "verify-ttir"

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        for inner in _bodies(op):
            if not (isinstance(inner, aten.CallOp | LoadCachedOp | CallOp) or inner.name.startswith("ttir.")):
                raise _refuse(inner, "level 2 holds ttir ops, aten.call and ttcore.load_cached", "aten-to-ttir")


@dataclass(frozen=True)
class VerifyPartitioned(ModulePass):
    """Level 3: device and host modules; each host op with its reasons, no operator call left on the device."""

    name = "verify-partitioned"

    blame: ClassVar[str] = "ttir-partition"

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        for inner in op.body.block.ops:
            if not isinstance(inner, DeviceModuleOp | CpuModuleOp):
                raise _refuse(inner, "the root holds a device module and a cpu module", self.blame)
        for inner in _bodies(op):
            if isinstance(inner, aten.CallOp):
                raise _refuse(inner, "the device module calls no operators", self.blame)
        host = cpu_module(op)
        for function in host.body.block.ops if host is not None else ():
            if isinstance(function, FuncOp) and function_kind(function) == FORWARD_CPU:
                for inner in function.body.block.ops:
                    if not isinstance(inner, ReturnOp) and not is_literal(inner) and REASONS not in inner.attributes:
                        raise _refuse(inner, "every host op carries its reasons", self.blame)


_TILE_LEVEL_OPS = (tile.KernelOp, tile.TilizeOp, tile.UntilizeOp, CallOp, LoadCachedOp)


@dataclass(frozen=True)
class VerifyTile(ModulePass):
    """Level 4: kernels, tilize, untilize, host calls and loads; no ttir op on the device."""

    name = "verify-tile"

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        for inner in _bodies(op):
            if not isinstance(inner, _TILE_LEVEL_OPS):
                raise _refuse(inner, "level 4 holds kernels, tilize, untilize, calls and loads", "ttir-to-tile")


@dataclass(frozen=True)
class VerifyPlaced(ModulePass):
    """Level 5: cores inside the grid and disjoint, L1 within its budget, DRAM within its channels, queues defined."""

    name = "verify-placed"

    device: str = "wormhole_n150"
    """Name of a device descriptor, or the path of one."""

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        device = load_device(self.device)
        queues: dict[str, tile.QueueOp] = {}
        epochs: set[str] = set()
        for inner in device_module(op).body.block.ops:
            if isinstance(inner, tile.QueueOp):
                queues[inner.sym_name.data] = inner
                if inner.memory.data is tile.Memory.DRAM:
                    _check_dram(inner, device)
            elif isinstance(inner, tile.EpochOp):
                epochs.add(inner.sym_name.data)
        for inner in device_module(op).walk():
            if isinstance(inner, tile.PopOp | tile.PushOp):
                name = inner.queue.string_value()
                if name not in queues:
                    raise _refuse(inner, f"queue @{name} does not exist", "tile-place-ops")
                value = inner.results[0] if isinstance(inner, tile.PopOp) else inner.operands[0]
                if value.type != queues[name].entry:
                    raise _refuse(inner, f"its value is no entry of queue @{name}", "tile-place-ops")
            elif isinstance(inner, tile.ExecuteOp) and inner.epoch.string_value() not in epochs:
                raise _refuse(inner, f"epoch @{inner.epoch.string_value()} does not exist", "tile-place-ops")
            elif isinstance(inner, tile.KernelOp) and isinstance(inner.parent_op(), tile.EpochOp):
                _check_kernel(inner, device)


_AGAIN = "run tile-place-ops for this device"


def _check_dram(queue: tile.QueueOp, device: Device) -> None:
    rows, cols = queue.grid.values
    info = tile_info(queue.entry)
    size = prod(info.grid) // (rows * cols) * device.tile_bytes(info.format) * queue.entries.value.data
    channels, capacity = device.dram.channels, device.dram.bytes_per_channel
    for channel, address in queue.buffers:
        if channel >= channels or address + size > capacity:
            raise ResourceError(
                f"queue @{queue.sym_name.data} lies outside of DRAM",
                where=describe_location(queue),
                why=f"channel {channel} of {channels}, bytes {address} to {address + size} of {capacity}",
                hint=_AGAIN,
            )


def _check_kernel(kernel: tile.KernelOp, device: Device) -> None:
    if kernel.placement is None:
        raise _refuse(kernel, "every kernel of an epoch has a placement", "tile-place-ops")
    place = kernel.placement.placement
    rows, cols = place.origin[0] + place.grid[0], place.origin[1] + place.grid[1]
    if rows > device.grid.rows or cols > device.grid.cols:
        raise ResourceError(
            f"{kernel.name} lies outside of the core grid",
            where=describe_location(kernel),
            why=f"it reaches row {rows} and column {cols} of {device.grid.rows}x{device.grid.cols}",
            hint=_AGAIN,
        )
    if place.l1 > device.l1_bytes_per_core:
        raise ResourceError(
            f"{kernel.name} does not fit L1",
            where=describe_location(kernel),
            why=f"it needs {place.l1} bytes on each core, {device.l1_bytes_per_core} are available",
            hint=_AGAIN,
        )
