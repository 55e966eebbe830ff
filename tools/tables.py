"""Reports, accuracies and estimates as tables for a terminal."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from tilewright.tools.console import make_table, short_location

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from tilewright.comparison import LevelAccuracy
    from tilewright.machine.costs import Entry, Estimate
    from tilewright.report import Report

SLOWEST = 10
"""How many of the slowest ops are listed."""


def print_report(console: Console, report: Report) -> None:
    """Where the ops run, and each op on the host with its reasons."""
    console.print(
        f"{report.ops_total} ops: {report.ops_device} on the device, {report.ops_host} on the host; "
        f"{report.transfers} tensors cross between them"
    )
    if report.host_ops:
        console.print()
        console.print(host_table(report))


def host_table(report: Report) -> Table:
    """The ops on the host: reasons, source line, module path."""
    table = make_table("Ops on the host", ("op", "fold"), ("source line (module)", "fold"), ("reasons", "fold"))
    for op in report.host_ops:
        module = f" ({op.module_path})" if op.module_path else ""
        where = short_location(op.location) or "unknown"
        table.add_row(op.op, f"{where}{module}", "\n".join(op.reasons))
    return table


def accuracy_table(levels: Iterable[LevelAccuracy]) -> Table:
    """PCC and largest error of each level."""
    table = make_table(
        "Accuracy against torch", ("level", "left"), ("PCC", "right"), ("largest error", "right"), ("same bits", "left")
    )
    for accuracy in levels:
        equal = "yes" if accuracy.equal else "no"
        table.add_row(accuracy.level, f"{accuracy.pcc:.8f}", f"{accuracy.max_error:.3e}", equal)
    return table


def print_estimate(console: Console, estimate: Estimate) -> None:
    """Latency and where it is spent, by kernel and by op, and how good the prediction is."""
    console.print(
        f"Predicted on {estimate.device}: {milliseconds(estimate.latency_s)} for {plural(estimate.samples, 'sample')}, "
        f"{estimate.throughput:.1f} samples/s, utilisation {estimate.utilisation:.1%}"
    )
    console.print(
        f"  device {milliseconds(estimate.device_s)}, host {milliseconds(estimate.host_s)}, "
        f"transfers {milliseconds(estimate.transfer_s)}"
    )
    console.print(f"  {error_line(estimate)}")
    if estimate.entries:
        console.print()
        console.print(kernel_table(estimate))
    if any(entry.cost is not None for entry in estimate.entries):
        console.print()
        console.print(slowest_table(estimate))


def error_line(estimate: Estimate) -> str:
    """How far such predictions were from silicon."""
    if estimate.error_median is None or estimate.error_p90 is None:
        return "error of the prediction: not known, none of these kernels was measured on silicon"
    return (
        f"error of a core's cycles against silicon: median {estimate.error_median:.1%}, 90th percentile "
        f"{estimate.error_p90:.1%}; measured kernels are {estimate.measured_fraction:.0%} of the compute cycles"
    )


def kernel_table(estimate: Estimate) -> Table:
    """Time by kernel, host and transfers."""
    groups: dict[str, list[Entry]] = {}
    for entry in estimate.entries:
        groups.setdefault(entry.kernel or entry.place, []).append(entry)
    table = make_table(
        "Time by kernel",
        ("kernel", "left"),
        ("ops", "right"),
        ("cycles", "right"),
        ("DRAM bytes", "right"),
        ("time", "right"),
        ("share", "right"),
    )
    for name, entries in sorted(groups.items(), key=lambda item: (-sum(e.seconds for e in item[1]), item[0])):
        seconds = sum(entry.seconds for entry in entries)
        costs = [entry.cost for entry in entries if entry.cost is not None]
        table.add_row(
            name,
            str(len(entries)),
            f"{sum(cost.total_cycles for cost in costs):,}" if costs else "",
            f"{sum(cost.dram_bytes for cost in costs):,}" if costs else "",
            milliseconds(seconds),
            f"{seconds / estimate.latency_s:.1%}" if estimate.latency_s else "",
        )
    return table


def slowest_table(estimate: Estimate) -> Table:
    """The ops with the most cycles, and what bounds them."""
    table = make_table(
        f"Slowest ops (of {sum(entry.cost is not None for entry in estimate.entries)}): cycles, and DRAM bytes",
        ("op", "fold"),
        ("total", "right"),
        ("compute", "right"),
        ("DRAM", "right"),
        ("NoC", "right"),
        ("overhead", "right"),
        ("bytes", "right"),
        ("source line", "fold"),
    )
    costs = [(entry, entry.cost) for entry in estimate.entries if entry.cost is not None]
    for entry, cost in sorted(costs, key=lambda pair: -pair[1].total_cycles)[:SLOWEST]:
        table.add_row(
            entry.name,
            f"{cost.total_cycles:,}",
            f"{cost.compute_cycles:,}",
            f"{cost.dram_cycles:,}",
            f"{cost.noc_cycles:,}",
            f"{cost.overhead_cycles:,}",
            f"{cost.dram_bytes:,}",
            short_location(entry.location),
        )
    return table


def milliseconds(seconds: float) -> str:
    """A time as it is printed everywhere."""
    return f"{seconds * 1e3:.3f} ms"


def plural(count: int, noun: str) -> str:
    """`1 sample`, `2 samples`."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
