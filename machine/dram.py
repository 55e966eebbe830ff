"""Places queues in DRAM: round-robin over channels, sharing addresses between queues that never live together."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, field
from heapq import heappop, heappush
from typing import TYPE_CHECKING

from tilewright.machine.sizes import align_up
from tilewright.support.errors import ResourceError, UnsupportedInputError

if TYPE_CHECKING:
    from tilewright.machine.device import Device


@dataclass(frozen=True, slots=True)
class Allocation:
    """A region of one DRAM channel.

    Attributes:
        channel: Its channel.
        address: Of its first byte in the channel, aligned.
        bytes: Its length, as asked for.
    """

    channel: int
    address: int
    bytes: int


@dataclass(frozen=True, slots=True)
class _Region:
    name: str
    address: int
    end: int
    start_epoch: int
    end_epoch: int


@dataclass
class _Channel:
    """Free pieces of one channel, by address, and the regions that live, by the epoch in which they end."""

    free: list[tuple[int, int]]
    living: list[tuple[int, int, int]] = field(default_factory=list[tuple[int, int, int]])

    def release_before(self, epoch: int) -> None:
        """Give back what ended before `epoch`."""
        while self.living and self.living[0][0] < epoch:
            _, address, end = heappop(self.living)
            place = bisect_left(self.free, (address, end))
            if place < len(self.free) and self.free[place][0] == end:
                end = self.free.pop(place)[1]
            if place > 0 and self.free[place - 1][1] == address:
                address = self.free.pop(place - 1)[0]
                place -= 1
            self.free.insert(place, (address, end))

    def take(self, size: int, end_epoch: int) -> int | None:
        """The lowest address with `size` free bytes, now taken until `end_epoch`; None if there is none."""
        for place, (address, end) in enumerate(self.free):
            if end - address >= size:
                if end - address == size:
                    del self.free[place]
                else:
                    self.free[place] = (address + size, end)
                heappush(self.living, (end_epoch, address, address + size))
                return address
        return None


class DramAllocator:
    """Gives out regions of a device's DRAM; the same calls in the same order give the same addresses.

    Queues are allocated in the order in which they begin to live, so that what has ended is known to be free for good.

    Args:
        device: Its channels, their size, the first usable address and the alignment are used.
    """

    def __init__(self, device: Device):
        self._device = device
        base = align_up(device.dram.base_address, device.alignment)
        self._channels = [_Channel([(base, device.dram.bytes_per_channel)]) for _ in range(device.dram.channels)]
        self._regions: list[list[_Region]] = [[] for _ in self._channels]
        self._next_channel = 0
        self._epoch = 0

    def allocate(self, name: str, bytes: int, start_epoch: int, end_epoch: int) -> Allocation:
        """A region for `name`, alive from `start_epoch` to `end_epoch`, both included.

        The channel after the last one used comes first; if it has no room, the others follow in order. The lowest
        address that is free is taken.

        Raises:
            ResourceError: no channel has room; the error says how much is needed, available and taken by whom.
            UnsupportedInputError: `bytes` is not positive, the epochs are not in order, or an earlier call began later.
        """
        if bytes < 1 or not 0 <= start_epoch <= end_epoch:
            raise UnsupportedInputError(
                f"queue '{name}' cannot be allocated",
                why=f"bytes = {bytes}, epochs {start_epoch} to {end_epoch}: "
                "a queue has at least one byte and lives from an epoch to the same or a later one",
            )
        if start_epoch < self._epoch:
            raise UnsupportedInputError(
                f"queue '{name}' cannot be allocated",
                why=f"it begins in epoch {start_epoch}, but a queue that begins in epoch {self._epoch} has its place",
                hint="allocate queues in the order in which they begin to live",
            )
        if start_epoch > self._epoch:
            self._epoch = start_epoch
            for each in self._channels:
                each.release_before(start_epoch)
        size = align_up(bytes, self._device.alignment)
        count = len(self._channels)
        for offset in range(count):
            channel = (self._next_channel + offset) % count
            address = self._channels[channel].take(size, end_epoch)
            if address is not None:
                self._regions[channel].append(_Region(name, address, address + bytes, start_epoch, end_epoch))
                self._next_channel = (channel + 1) % count
                return Allocation(channel, address, bytes)
        raise self._is_full(name, bytes, start_epoch, end_epoch)

    def allocate_grid(
        self, name: str, bytes: int, grid: tuple[int, int], start_epoch: int, end_epoch: int
    ) -> tuple[Allocation, ...]:
        """One region of `bytes` for each cell of a queue's `grid` (rows, cols), in row-major order.

        Raises:
            ResourceError: there is no room for all of them.
            UnsupportedInputError: the grid is empty, or as for :meth:`allocate`.
        """
        rows, cols = grid
        if rows < 1 or cols < 1:
            raise UnsupportedInputError(f"queue '{name}' has no cells", why=f"grid = {rows}x{cols}")
        return tuple(
            self.allocate(f"{name}[{row},{col}]", bytes, start_epoch, end_epoch)
            for row in range(rows)
            for col in range(cols)
        )

    def used_bytes(self, epoch: int) -> tuple[int, ...]:
        """Bytes in use in each channel during `epoch`."""
        return tuple(
            sum(r.end - r.address for r in regions if r.start_epoch <= epoch <= r.end_epoch)
            for regions in self._regions
        )

    def _is_full(self, name: str, bytes: int, start_epoch: int, end_epoch: int) -> ResourceError:
        largest = max((end - address for channel in self._channels for address, end in channel.free), default=0)
        living = [r for regions in self._regions for r in regions if r.end_epoch >= start_epoch]
        biggest = sorted(living, key=lambda region: (region.address - region.end, region.name))[:3]
        holders = ", ".join(f"{region.name} ({region.end - region.address:,})" for region in biggest)
        taken = f"; the largest queues alive then: {holders}" if holders else ""
        return ResourceError(
            f"the DRAM of {self._device.name} has no room for queue '{name}'",
            why=(
                f"{bytes:,} bytes in one channel are needed in epochs {start_epoch} to {end_epoch}, the largest free "
                f"piece has {largest:,}{taken}"
            ),
            hint="use narrower formats, fewer queue entries or smaller batches, or spread the queue over a larger grid",
        )
