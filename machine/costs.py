"""Predicted time: of an op on the device, of work on the host, of a transfer, and of a whole program."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING, Literal

from tilewright.machine.blocks import KernelShape, OpModel
from tilewright.machine.core_cycles import core_cycles
from tilewright.machine.kernel_errors import KernelError, error_of
from tilewright.machine.traffic import input_traffic, output_traffic
from tilewright.support.dataformat import TILE_DIM
from tilewright.support.errors import UnsupportedInputError

if TYPE_CHECKING:
    from tilewright.machine.device import Device


@dataclass(frozen=True, slots=True)
class OpCost:
    """Predicted cost of one op for one input.

    Attributes:
        compute_cycles: One core's unpack, math and pack, with the streams that feed it.
        dram_cycles: Bytes streamed while computing, at the achieved bandwidth of DRAM.
        noc_cycles: Bytes streamed to or from one core while computing, at the achieved rate of its links.
        overhead_cycles: Launch, NoC latency, loading parameters that stay in L1, the first strips' way in, the last
            block's way out.
        total_cycles: max(compute, dram, noc) + overhead.
        dram_bytes: Read and written, all cores together.
        noc_bytes: That arrive at or leave cores, all cores together.
        macs: Multiply-adds of a matmul.
        ideal_cycles: The multiply-adds at the peak rate of all cores of the device.
    """

    compute_cycles: int
    dram_cycles: int
    noc_cycles: int
    overhead_cycles: int
    total_cycles: int
    dram_bytes: int
    noc_bytes: int
    macs: int
    ideal_cycles: int


def op_cost(
    device: Device,
    shape: KernelShape,
    model: OpModel,
    *,
    on_chip_inputs: frozenset[int] = frozenset(),
    on_chip_output: bool = False,
) -> OpCost:
    """Predicts what `shape` costs when placed as `model`.

    Args:
        device: The chip.
        shape: The kernel and its extents.
        model: Its placement.
        on_chip_inputs: Inputs that come from an op of the same epoch, not from DRAM.
        on_chip_output: Whether the result goes to an op of the same epoch, not to DRAM.
    """
    inputs = [input_traffic(device, shape, model, index) for index in range(len(shape.inputs))]
    output = output_traffic(device, shape, model)
    dram_rate = device.dram.bytes_per_second / device.clock_hz

    def read_and_arriving(indices: Iterable[int]) -> tuple[float, float]:
        """Cycles of DRAM and of one core's links to bring the inputs `indices`."""
        chosen = [(index, inputs[index]) for index in indices]
        read = sum(traffic.dram for index, traffic in chosen if index not in on_chip_inputs) / dram_rate
        return read, sum(t.core / device.noc.achieved_bytes_per_clk(t.transfer) for _, t in chosen)

    read, arriving = read_and_arriving(index for index in range(len(inputs)) if index not in model.resident)
    written_bytes = 0 if on_chip_output else output.dram
    dram = read + written_bytes / dram_rate
    leaving = output.core / device.noc.achieved_bytes_per_clk(output.transfer)
    # Each of the two NoCs runs in one direction, so arriving and leaving do not share links.
    noc = max(arriving, leaving)

    compute = core_cycles(device, shape, model)
    strips = model.t * (model.m_k if shape.walks_inner else model.mblock[0] * model.mblock[1])
    # Nothing starts before the parameters that stay in L1 are there, and the first strips.
    prologue = max(read_and_arriving(model.resident)) + max(read, arriving) / strips
    drain = max(written_bytes / dram_rate, leaving) / model.t
    if model.buf_size_mb == 1:
        # A block must have left before the next may be written.
        drain *= model.t
    latency = device.noc.latency_cycles + device.noc.hop_cycles * sum(model.grid)
    overhead = ceil(device.op_overhead_cycles + latency + prologue + drain)

    macs = shape.tiles * shape.inner_tiles * TILE_DIM**3 if shape.kind == "matmul" else 0
    compute_cycles, dram_cycles, noc_cycles = ceil(compute), ceil(dram), ceil(noc)
    return OpCost(
        compute_cycles=compute_cycles,
        dram_cycles=dram_cycles,
        noc_cycles=noc_cycles,
        overhead_cycles=overhead,
        total_cycles=max(compute_cycles, dram_cycles, noc_cycles) + overhead,
        dram_bytes=sum(t.dram for index, t in enumerate(inputs) if index not in on_chip_inputs) + written_bytes,
        noc_bytes=(sum(t.core for t in inputs) + output.core) * model.cores,
        macs=macs,
        ideal_cycles=ceil(macs * shape.fidelity.value / (device.core.macs_per_clk * device.cores)),
    )


def host_cost(device: Device, flops: float, bytes: float, ops: int) -> float:
    """Seconds of `ops` host ops that together do `flops` operations and touch `bytes` of main memory.

    Raises:
        UnsupportedInputError: an argument is negative.
    """
    _require_non_negative(flops=flops, bytes=bytes, ops=ops)
    host = device.host
    return ops * host.op_overhead_s + max(flops / host.flops_per_second, bytes / host.bytes_per_second)


def transfer_cost(device: Device, bytes: float) -> float:
    """Seconds to move `bytes` between host and device in one transfer; nothing to move takes no time.

    Raises:
        UnsupportedInputError: `bytes` is negative.
    """
    _require_non_negative(bytes=bytes)
    if bytes == 0:
        return 0.0
    return device.host.link_latency_s + bytes / device.host.link_bytes_per_second


@dataclass(frozen=True, slots=True)
class Entry:
    """One step of a program: an op on the device, work on the host, or a transfer.

    Attributes:
        name: Of the op, host function or tensor.
        place: Where the time is spent.
        seconds: How long it takes.
        kernel: The kernel, on the device.
        cost: Its terms, on the device.
        location: Source line, if known.
    """

    name: str
    place: Literal["device", "host", "transfer"]
    seconds: float
    kernel: str | None = None
    cost: OpCost | None = None
    location: str | None = None


def device_entry(device: Device, name: str, kernel: str, cost: OpCost, *, location: str | None = None) -> Entry:
    """The entry of an op on the device."""
    return Entry(name, "device", device.seconds(cost.total_cycles), kernel, cost, location)


def host_entry(
    device: Device, name: str, *, flops: float, bytes: float, ops: int = 1, location: str | None = None
) -> Entry:
    """The entry of work on the host."""
    return Entry(name, "host", host_cost(device, flops, bytes, ops), location=location)


def transfer_entry(device: Device, name: str, bytes: float, *, location: str | None = None) -> Entry:
    """The entry of a transfer between host and device."""
    return Entry(name, "transfer", transfer_cost(device, bytes), location=location)


@dataclass(frozen=True, slots=True)
class Estimate:
    """Predicted time of a program whose steps run one after the other.

    Attributes:
        device: Name of the descriptor.
        samples: Samples that one run processes.
        entries: The steps, in order.
        latency_s: Of one run: the sum of the three below.
        device_s: Of its device ops.
        host_s: Of its host work.
        transfer_s: Of its transfers.
        throughput: Samples per second.
        utilisation: Ideal cycles of the multiply-adds, over all cycles of the device ops.
        error_median: Median error of the kernels' cycles against silicon, weighted by the ops' compute cycles.
        error_p90: 90th percentile of it, weighted alike.
        measured_fraction: Share of the compute cycles that such errors are known for.
    """

    device: str
    samples: int
    entries: tuple[Entry, ...]
    latency_s: float
    device_s: float
    host_s: float
    transfer_s: float
    throughput: float
    utilisation: float
    error_median: float | None
    error_p90: float | None
    measured_fraction: float

    def to_dict(self) -> dict[str, object]:
        """As plain data, for JSON: seconds, cycles, bytes, fractions of one."""
        fields: dict[str, object] = {name: getattr(self, name) for name in self.__slots__ if name != "entries"}
        fields["entries"] = [_entry_dict(entry) for entry in self.entries]
        return fields


def estimate(device: Device, entries: Iterable[Entry], *, samples: int = 1) -> Estimate:
    """Adds up the steps of a program that processes `samples` samples per run.

    Raises:
        UnsupportedInputError: `samples` is not positive.
    """
    if samples < 1:
        raise UnsupportedInputError("a run must process at least one sample", why=f"samples = {samples}")
    steps = tuple(entries)
    seconds = {place: sum(e.seconds for e in steps if e.place == place) for place in ("device", "host", "transfer")}
    latency = sum(seconds.values())
    ops = [(entry.kernel, entry.cost) for entry in steps if entry.cost is not None]
    cycles = sum(cost.total_cycles for _, cost in ops)
    compute = sum(cost.compute_cycles for _, cost in ops)
    known: list[tuple[int, KernelError]] = []
    for kernel, cost in ops:
        error = error_of(device.arch, kernel) if kernel is not None else None
        if error is not None:
            known.append((cost.compute_cycles, error))
    measured = sum(weight for weight, _ in known)
    return Estimate(
        device=device.name,
        samples=samples,
        entries=steps,
        latency_s=latency,
        device_s=seconds["device"],
        host_s=seconds["host"],
        transfer_s=seconds["transfer"],
        throughput=samples / latency if latency else 0.0,
        utilisation=sum(cost.ideal_cycles for _, cost in ops) / cycles if cycles else 0.0,
        error_median=sum(weight * error.median for weight, error in known) / measured if measured else None,
        error_p90=sum(weight * error.p90 for weight, error in known) / measured if measured else None,
        measured_fraction=measured / compute if compute else 0.0,
    )


def _entry_dict(entry: Entry) -> dict[str, object]:
    fields: dict[str, object] = {"name": entry.name, "place": entry.place, "seconds": entry.seconds}
    if entry.location is not None:
        fields["location"] = entry.location
    if entry.kernel is not None:
        fields["kernel"] = entry.kernel
    if entry.cost is not None:
        cost = entry.cost
        fields |= {name: getattr(cost, name) for name in cost.__slots__}
    return fields


def _require_non_negative(**amounts: float) -> None:
    negative = [f"{name} = {amount}" for name, amount in amounts.items() if amount < 0]
    if negative:
        raise UnsupportedInputError("a cost needs amounts that are not negative", why=", ".join(negative))
