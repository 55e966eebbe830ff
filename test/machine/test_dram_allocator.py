from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tilewright.machine.catalog import load_device
from tilewright.machine.dram import Allocation, DramAllocator
from tilewright.support.errors import ResourceError, UnsupportedInputError

DEVICE = load_device("wormhole_n150")
ROOM = DEVICE.dram.bytes_per_channel - DEVICE.dram.base_address

requests = st.lists(
    st.tuples(st.integers(1, ROOM // 4), st.integers(0, 6), st.integers(0, 6)).map(
        lambda request: (request[0], min(request[1:]), max(request[1:]))
    ),
    max_size=30,
)


def _allocate(asked: list[tuple[int, int, int]]) -> list[tuple[Allocation, int, int]]:
    allocator = DramAllocator(DEVICE)
    given_out: list[tuple[Allocation, int, int]] = []
    # Queues come in the order in which they begin to live.
    for index, (size, start, end) in enumerate(sorted(asked, key=lambda request: request[1])):
        try:
            given_out.append((allocator.allocate(f"q{index}", size, start, end), start, end))
        except ResourceError:
            # Full is an answer too; what was given out before must still be right.
            break
    return given_out


@given(requests)
def test_no_two_living_queues_share_a_byte(asked: list[tuple[int, int, int]]) -> None:
    given_out = _allocate(asked)
    for index, (a, a_start, a_end) in enumerate(given_out):
        assert a.bytes == sorted(asked, key=lambda request: request[1])[index][0]
        assert a.address % DEVICE.alignment == 0
        assert DEVICE.dram.base_address <= a.address
        assert a.address + a.bytes <= DEVICE.dram.bytes_per_channel
        for b, b_start, b_end in given_out[:index]:
            if a.channel == b.channel and a_start <= b_end and b_start <= a_end:
                assert a.address + a.bytes <= b.address or b.address + b.bytes <= a.address


@given(requests)
def test_the_same_calls_give_the_same_addresses(asked: list[tuple[int, int, int]]) -> None:
    assert _allocate(asked) == _allocate(asked)


def test_channels_are_used_in_turn() -> None:
    allocator = DramAllocator(DEVICE)
    cells = allocator.allocate_grid("q", 2080, (2, 4), 0, 0)
    assert [cell.channel for cell in cells] == [0, 1, 2, 3, 4, 5, 0, 1]
    assert cells[6].address == cells[0].address + 2080


def test_addresses_are_aligned_to_the_device() -> None:
    allocator = DramAllocator(load_device("blackhole_p150"))
    cells = allocator.allocate_grid("q", 1, (3, 8), 0, 0)
    assert {cell.address % 64 for cell in cells} == {0}


def test_queues_that_never_live_together_share_addresses() -> None:
    allocator = DramAllocator(DEVICE)
    first = allocator.allocate_grid("a", ROOM, (1, 6), 0, 1)
    second = allocator.allocate_grid("b", ROOM, (1, 6), 2, 3)
    assert first == second
    assert allocator.used_bytes(1) == (ROOM,) * 6
    assert allocator.used_bytes(4) == (0,) * 6


def test_a_full_channel_is_passed_over() -> None:
    allocator = DramAllocator(DEVICE)
    allocator.allocate("big", ROOM, 0, 9)
    for _ in range(5):
        allocator.allocate("small", 32, 0, 9)
    assert allocator.allocate("next", 32, 0, 9).channel == 1


def test_a_freed_hole_is_taken_again() -> None:
    allocator = DramAllocator(DEVICE)
    allocator.allocate_grid("a", 64, (1, 6), 0, 0)
    allocator.allocate_grid("b", 64, (1, 6), 0, 5)
    assert allocator.allocate("c", 64, 1, 5).address == DEVICE.dram.base_address
    assert allocator.allocate("d", 65, 1, 5).address == DEVICE.dram.base_address + 128


def test_when_full_the_error_says_who_has_it() -> None:
    allocator = DramAllocator(DEVICE)
    allocator.allocate_grid("weights", ROOM - 64, (1, 6), 0, 9)
    with pytest.raises(ResourceError) as caught:
        allocator.allocate("late", 4096, 3, 4)
    message = caught.value.render()
    assert "no room for queue 'late'" in message
    assert "4,096 bytes" in message
    assert "largest free piece has 64" in message
    assert f"weights[0,0] ({ROOM - 64:,})" in message
    assert "hint:" in message


@pytest.mark.parametrize(("size", "start", "end"), [(0, 0, 0), (-1, 0, 0), (32, 2, 1), (32, -1, 0)])
def test_impossible_requests(size: int, start: int, end: int) -> None:
    with pytest.raises(UnsupportedInputError, match="queue 'q' cannot be allocated"):
        DramAllocator(DEVICE).allocate("q", size, start, end)


def test_an_empty_grid() -> None:
    with pytest.raises(UnsupportedInputError, match="grid = 0x4"):
        DramAllocator(DEVICE).allocate_grid("q", 32, (0, 4), 0, 0)


def test_a_queue_that_begins_earlier_than_one_before_is_refused() -> None:
    allocator = DramAllocator(DEVICE)
    allocator.allocate("late", 32, 3, 4)
    with pytest.raises(UnsupportedInputError, match="begins in epoch 2, but a queue that begins in epoch 3"):
        allocator.allocate("early", 32, 2, 4)
