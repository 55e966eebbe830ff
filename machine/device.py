"""The device descriptor: everything the compiler knows about a chip, as checked and frozen data.

Imports pydantic, so nothing on the path of ``tt-opt --help`` imports this module; :mod:`tilewright.machine.catalog`
does when a descriptor is asked for.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from tilewright.machine.sizes import tile_bytes
from tilewright.support.dataformat import DataFormat


def _format_named(name: object) -> DataFormat:
    if isinstance(name, DataFormat):
        return name
    if not isinstance(name, str) or name not in DataFormat.__members__:
        raise ValueError(f"{name!r} is not a number format; known: {', '.join(DataFormat.__members__)}")
    return DataFormat[name]


Count = Annotated[int, Field(gt=0)]
Rate = Annotated[float, Field(gt=0)]
Time = Annotated[float, Field(ge=0)]
Format = Annotated[DataFormat, BeforeValidator(_format_named)]


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


class Grid(_Section):
    """Rows and columns of cores that ops may be placed on."""

    rows: Annotated[int, Field(gt=0, le=64)]
    cols: Annotated[int, Field(gt=0, le=64)]


class Core(_Section):
    """One core: rates per clock of its engines.

    Attributes:
        macs_per_clk: Multiply-adds of the matrix engine per clock at LoFi; a fidelity of F phases divides it by F.
        eltwise_per_clk: Datums of an element-wise FPU op per clock.
        vector_lanes: Lanes of the vector unit (SFPU).
        unpack_bytes_per_clk: One unpacker alone, L1 to source registers.
        pack_bytes_per_clk: All packers together, dest to L1.
    """

    macs_per_clk: Count
    eltwise_per_clk: Count
    vector_lanes: Count
    unpack_bytes_per_clk: Rate
    pack_bytes_per_clk: Rate


class Noc(_Section):
    """The network on chip.

    Attributes:
        link_bytes_per_clk: Of one link in one direction.
        latency_cycles: Of a write before its first hop.
        hop_cycles: Of each router passed.
        transfer_bytes_per_clk: (bytes of a transfer, achieved bytes per clock), ascending in bytes.
    """

    link_bytes_per_clk: Rate
    latency_cycles: Time
    hop_cycles: Time
    transfer_bytes_per_clk: Annotated[tuple[tuple[Count, Rate], ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _ascending(self) -> Noc:
        sizes = [size for size, _ in self.transfer_bytes_per_clk]
        if sizes != sorted(set(sizes)):
            raise ValueError(f"transfer_bytes_per_clk must ascend in bytes, found {sizes}")
        return self

    def achieved_bytes_per_clk(self, transfer_bytes: int) -> float:
        """Bytes per clock that transfers of `transfer_bytes` reach: linear between the measured sizes."""
        points = self.transfer_bytes_per_clk
        if transfer_bytes <= points[0][0]:
            return points[0][1] * transfer_bytes / points[0][0]
        for (low, slow), (high, fast) in pairwise(points):
            if transfer_bytes <= high:
                return slow + (fast - slow) * (transfer_bytes - low) / (high - low)
        return points[-1][1]


class Dram(_Section):
    """Device memory.

    Attributes:
        channels: Channels that queues are spread over.
        bytes_per_channel: Capacity of each.
        base_address: First address of a channel that queues may use; below it is the runtime's.
        bytes_per_second: Achieved by all channels together.
    """

    channels: Count
    bytes_per_channel: Count
    base_address: Annotated[int, Field(ge=0)]
    bytes_per_second: Rate

    @model_validator(mode="after")
    def _has_room(self) -> Dram:
        if self.base_address >= self.bytes_per_channel:
            raise ValueError(f"base_address {self.base_address} leaves no room in {self.bytes_per_channel} bytes")
        return self


class Host(_Section):
    """The machine the card sits in.

    Attributes:
        flops_per_second: Float32 operations, achieved.
        bytes_per_second: Of main memory, achieved.
        op_overhead_s: Fixed time of one host op.
        link_bytes_per_second: Between host and device, achieved.
        link_latency_s: Fixed time of one transfer.
    """

    flops_per_second: Rate
    bytes_per_second: Rate
    op_overhead_s: Time
    link_bytes_per_second: Rate
    link_latency_s: Time


class Device(_Section):
    """One chip and its host.

    Attributes:
        name: The descriptor's name.
        arch: Selects the kernel weights (:mod:`tilewright.machine.kernel_weights`).
        grid: Cores usable for compute.
        clock_hz: Of the cores.
        l1_bytes_per_core: What an op may use; the runtime's part is subtracted.
        alignment: Of tiles and queues, in bytes.
        op_overhead_cycles: Fixed cost of an epoch that holds one op.
        formats: Formats that tensors may have in memory.
        accumulate_formats: Formats of the dest register.
        sources: (dotted field, where its value comes from).
    """

    name: Annotated[str, Field(min_length=1)]
    arch: Literal["grayskull", "wormhole_b0", "blackhole"]
    grid: Grid
    clock_hz: Rate
    l1_bytes_per_core: Count
    alignment: Count
    op_overhead_cycles: Annotated[int, Field(ge=0)]
    formats: Annotated[tuple[Format, ...], Field(min_length=1)]
    accumulate_formats: Annotated[tuple[Format, ...], Field(min_length=1)]
    core: Core
    noc: Noc
    dram: Dram
    host: Host
    sources: tuple[tuple[str, str], ...]

    @model_validator(mode="after")
    def _aligned(self) -> Device:
        if self.alignment & (self.alignment - 1):
            raise ValueError(f"alignment must be a power of two, found {self.alignment}")
        return self

    def __hash__(self) -> int:
        return hash((self.name, self.arch, self.clock_hz, self.l1_bytes_per_core, self.sources))

    @property
    def cores(self) -> int:
        """Cores usable for compute."""
        return self.grid.rows * self.grid.cols

    def tile_bytes(self, fmt: DataFormat) -> int:
        """Bytes of one tile of `fmt` in this device's memory."""
        return tile_bytes(fmt, alignment=self.alignment)

    def seconds(self, cycles: float) -> float:
        """Time of `cycles` of the core clock."""
        return cycles / self.clock_hz

    def source_of(self, field: str) -> str | None:
        """Where the value of the dotted `field` comes from, e.g. ``dram.channels``; None for a field without one."""
        return dict(self.sources).get(field)
