"""What `tilewright devices` does."""

from __future__ import annotations

from tilewright.tools.console import make_table, output_console


def print_devices() -> None:
    """Print the descriptors that come with Tilewright."""
    from tilewright.machine.catalog import device_names, load_device

    table = make_table(
        "Devices",
        ("name", "left"),
        ("arch", "left"),
        ("cores", "right"),
        ("clock", "right"),
        ("L1 a core", "right"),
        ("DRAM", "right"),
        ("DRAM rate", "right"),
        ("peak (LoFi)", "right"),
    )
    for name in device_names():
        device = load_device(name)
        peak = 2 * device.core.macs_per_clk * device.cores * device.clock_hz
        table.add_row(
            name,
            device.arch,
            f"{device.grid.rows}x{device.grid.cols}",
            f"{device.clock_hz / 1e9:.2f} GHz",
            f"{device.l1_bytes_per_core / 2**10:.0f} KiB",
            f"{device.dram.channels * device.dram.bytes_per_channel / 2**30:.0f} GiB",
            f"{device.dram.bytes_per_second / 1e9:.0f} GB/s",
            f"{peak / 1e12:.0f} TFLOP/s",
        )
    output_console().print(table)
