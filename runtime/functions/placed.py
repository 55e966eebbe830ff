"""The meaning of the placed level: queues, epochs and programs. The kernels of an epoch are those of `tile`."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

from tilewright.dialects import tile
from tilewright.dialects.tile.placed import QueueKind
from tilewright.runtime.interpreter import DialectFunctions, Interpreter, Step, implements
from tilewright.runtime.kernels.values import TileValue
from tilewright.support.errors import ResourceError, VerifyError
from tilewright.support.locations import describe_location


class PlacedFunctions(DialectFunctions):
    """Queues hold values between epochs; they belong to this object, as they belong to one machine."""

    def __init__(self) -> None:
        self._queues: dict[str, deque[TileValue]] = {}

    def reset(self) -> None:
        """Empty every queue and ram: after a run that failed, queues hold entries that nothing will take."""
        for queue in self._queues.values():  # steps hold on to the queues themselves
            queue.clear()

    def _queue(self, name: str, interpreter: Interpreter) -> tuple[deque[TileValue], tile.QueueOp]:
        op = interpreter.symbol(name)
        if not isinstance(op, tile.QueueOp):
            raise VerifyError(f"@{name} is no queue", where=describe_location(op))
        return self._queues.setdefault(name, deque()), op

    @implements(tile.PushOp)
    def push(self, op: tile.PushOp, interpreter: Interpreter) -> Step:
        name = op.queue.string_value()
        queue, declaration = self._queue(name, interpreter)
        is_ram = declaration.kind.data is QueueKind.RAM
        entries = declaration.entries.value.data

        def step(value: TileValue) -> Sequence[TileValue]:
            if is_ram:
                queue.clear()
            elif len(queue) >= entries:
                raise ResourceError(
                    f"queue @{name} is full", why=f"it holds {entries} entries", hint="give it more entries"
                )
            queue.append(value)
            return ()

        return step

    @implements(tile.PopOp)
    def pop(self, op: tile.PopOp, interpreter: Interpreter) -> Step:
        name = op.queue.string_value()
        queue, declaration = self._queue(name, interpreter)
        keeps = declaration.kind.data is QueueKind.RAM or op.keep is not None

        def step() -> Sequence[TileValue]:
            if not queue:
                raise ResourceError(f"queue @{name} is empty", why="no epoch before this one pushed an entry")
            return (queue[0] if keeps else queue.popleft(),)

        return step

    @implements(tile.ExecuteOp)
    def execute(self, op: tile.ExecuteOp, interpreter: Interpreter) -> Step:
        epoch = interpreter.symbol(op.epoch.string_value())
        if not isinstance(epoch, tile.EpochOp):
            raise VerifyError(f"@{op.epoch.string_value()} is no epoch", where=describe_location(op))
        plan = interpreter.compile(epoch.body.block)

        def step() -> Sequence[TileValue]:
            plan.run(())
            return ()

        return step
