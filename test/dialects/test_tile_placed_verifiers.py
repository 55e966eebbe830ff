"""Every condition of the ops of the placed level."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from xdsl.dialects import test as xdsl_test
from xdsl.dialects.builtin import FunctionType, TensorType, f32, i32, i64
from xdsl.ir import Attribute, Block, Operation, Region
from xdsl.utils.exceptions import VerifyException

from tilewright.dialects import tile
from tilewright.dialects.tile import (
    LayoutAttr,
    Memory,
    MemoryAttr,
    Placement,
    PlacementAttr,
    PrecisionAttr,
    tile_tensor,
)
from tilewright.dialects.tile.placed import QueueKind
from tilewright.dialects.ttcore import TileType
from tilewright.support.dataformat import DataFormat

ENTRY = tile_tensor((20, 40), DataFormat.Float32)


def queue(
    entries: int = 1,
    grid: tuple[int, ...] = (1, 1),
    allocation: tuple[tuple[int, ...], ...] = ((0, 64),),
    entry: Attribute = ENTRY,
) -> tile.QueueOp:
    """The queue @q."""
    op = tile.QueueOp("q", QueueKind.QUEUE, entry, entries, (1, 1), MemoryAttr(Memory.DRAM), [(0, 64)])
    op.properties["grid"] = tile.IntsAttr.of(*grid)
    op.properties["allocation"] = tile.IntsAttr.of(*(n for pair in allocation for n in pair))
    return op


def exp(placed_at: tuple[int, int] | None, source: Operation) -> tile.ExpOp:
    """A kernel on one core."""
    op = tile.ExpOp(source, PrecisionAttr.of(), ENTRY)
    if placed_at is not None:
        place = Placement(placed_at, (1, 1), 1, (1, 1), (1, 2), 1, 1, 2, (), 4096)
        op.properties["placement"] = PlacementAttr.of(place)
    return op


def epoch(*cores: tuple[int, int] | None, chip: int = 0, index: int = 0) -> tile.EpochOp:
    """The epoch @e: a chain of kernels on these cores."""
    ops: list[Operation] = [tile.PopOp("q", ENTRY)]
    for core in cores:
        ops.append(exp(core, ops[-1]))
    return tile.EpochOp("e", chip, index, Region(Block([*ops, tile.PushOp(ops[-1], "q")])))


def with_other_op() -> tile.EpochOp:
    """An epoch with an op that is no kernel."""
    return tile.EpochOp("e", 0, 0, Region(Block([tile.ExecuteOp("f")])))


def with_value_from_outside() -> tile.EpochOp:
    """An epoch that uses a value of the program."""
    return tile.EpochOp("e", 0, 0, Region(Block([exp((0, 0), xdsl_test.TestOp(result_types=[ENTRY]))])))


def program(argument: Attribute, inputs: list[Attribute], outputs: list[Attribute], end: str = "return") -> Operation:
    """The program @p, which returns its argument."""
    block = Block(arg_types=[argument])
    block.add_op(tile.ReturnOp(*block.args) if end == "return" else xdsl_test.TestTermOp())
    return tile.ProgramOp("p", FunctionType.from_lists(inputs, outputs), Region(block))


REFUSED: dict[str, tuple[Callable[[], Operation], str]] = {
    "entries": (lambda: queue(entries=0), "tile.queue @q: entries must be at least 1, found 0"),
    "grid of three": (lambda: queue(grid=(1, 1, 1)), "tile.queue @q: grid needs two positive numbers, found (1, 1, 1)"),
    "empty grid": (lambda: queue(grid=(1, 0)), "tile.queue @q: grid needs two positive numbers, found (1, 0)"),
    "allocation": (
        lambda: queue(grid=(2, 1)),
        "tile.queue @q: a grid of 2x1 needs as many (channel, address) pairs, found 2 numbers",
    ),
    "address": (
        lambda: queue(allocation=((0, -32),)),
        "tile.queue @q: channels and addresses must be at least 0, found [0, -32]",
    ),
    "entry": (
        lambda: queue(entry=TensorType(TileType.of(DataFormat.Float32), (1, 1), LayoutAttr.of((20, 40)))),
        "tile.queue @q: (1, 1) tiles cannot hold the logical shape (20, 40): expected (1, 2)",
    ),
    "chip": (lambda: epoch(chip=-1), "tile.epoch @e: chip must be at least 0, found -1"),
    "index": (lambda: epoch(index=-2), "tile.epoch @e: index must be at least 0, found -2"),
    "no kernel": (with_other_op, "tile.epoch @e: tile.execute is no kernel, pop or push"),
    "no placement": (lambda: epoch(None), "tile.epoch @e: tile.exp has no placement"),
    "same core": (
        lambda: epoch((0, 1), (1, 1), (0, 1)),
        "tile.epoch @e: tile.exp and tile.exp both occupy core (0, 1)",
    ),
    "value from outside": (
        with_value_from_outside,
        "Operation using value defined out of its IsolatedFromAbove parent",
    ),
    "arguments": (
        lambda: program(i64, [i32], [i64]),
        "tile.program @p: the block's arguments have the types (i64), expected (i32)",
    ),
    "end": (
        lambda: program(i64, [i64], [], end="other"),
        "tile.program @p: ends with test.termop, expected tile.return",
    ),
    "results": (
        lambda: program(i64, [i64], [f32, f32]),
        "tile.program @p: tile.return gives the types (i64), expected (f32, f32)",
    ),
}


@pytest.mark.parametrize(("make", "message"), REFUSED.values(), ids=REFUSED)
def test_op_is_refused(make: Callable[[], Operation], message: str) -> None:
    with pytest.raises(VerifyException) as error:
        make().verify()
    assert message in str(error.value)


@pytest.mark.parametrize(
    "make",
    [
        pytest.param(lambda: queue(entries=2, grid=(1, 2), allocation=((0, 64), (5, 0))), id="queue"),
        pytest.param(lambda: epoch((0, 0), (0, 1)), id="epoch"),
        pytest.param(lambda: program(i64, [i64], [i64]), id="program"),
    ],
)
def test_op_is_accepted(make: Callable[[], Operation]) -> None:
    make().verify()


def test_buffers_are_pairs() -> None:
    assert queue(grid=(1, 2), allocation=((0, 64), (5, 0))).buffers == ((0, 64), (5, 0))
