"""Places the kernels of the tile level on the core grid and gives queues their memory.

Each kernel gets the largest core grid that divides its blocks and an epoch of its own; values between epochs live in
DRAM queues. This is Buda's SingleOpPerEpoch policy: it never fails where an op fits at all, and it is the baseline
that any better balancing is measured against.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp, StringAttr
from xdsl.dialects.func import FuncOp, ReturnOp
from xdsl.ir import Block, BlockArgument, Operation, Region, SSAValue
from xdsl.passes import ModulePass

from tilewright.dialects import tile
from tilewright.dialects.tile import KernelOp, Memory, MemoryAttr, PlacementAttr, tile_info
from tilewright.dialects.tile.placed import QueueKind
from tilewright.dialects.ttcore import LoadCachedOp
from tilewright.machine.catalog import load_device
from tilewright.machine.dram import DramAllocator
from tilewright.machine.opmodel import best_model
from tilewright.support.locations import describe_location
from tilewright.transforms.kernel_shapes import kernel_shape, placement_of
from tilewright.transforms.locations import at_location
from tilewright.transforms.modules import argument_name, device_module, forward_functions, parent_module, symbol_names

if TYPE_CHECKING:
    from tilewright.machine.device import Device


@dataclass(frozen=True)
class TilePlaceOps(ModulePass):
    """Turns each function of tile kernels into queues, epochs and a program, one kernel an epoch."""

    name = "tile-place-ops"

    device: str = "wormhole_n150"
    """Name of a device descriptor, or the path of one."""

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        device = load_device(self.device)
        for function in forward_functions(op):
            _Placer(device, function).place()
        device_module(op).attributes["tilewright.device"] = StringAttr(self.device)


@dataclass
class _QueueUse:
    """A queue to be: who fills it, and which epochs read it."""

    name: str
    kind: QueueKind
    value: SSAValue
    grid: tuple[int, int]
    start: int
    end: int
    memory: Memory = Memory.DRAM
    reads_left: int = 0


@dataclass
class _Placer:
    device: Device
    function: FuncOp
    epochs: list[tile.EpochOp] = field(default_factory=list[tile.EpochOp])
    queues: dict[SSAValue, _QueueUse] = field(default_factory=dict[SSAValue, _QueueUse])
    names: set[str] = field(default_factory=set[str])

    def place(self) -> None:
        self.names |= symbol_names(parent_module(self.function))
        source = self.function.body.block
        body = Block(arg_types=[a.type for a in source.args])
        mapping: dict[SSAValue, SSAValue] = dict(zip(source.args, body.args, strict=True))
        for old, new in zip(source.args, body.args, strict=True):
            new.name_hint = old.name_hint
            new.location = old.location
        for op in source.ops:
            self._place_op(op, body, mapping)
        program = tile.ProgramOp(
            self.function.sym_name.data,
            self.function.function_type,
            Region(body),
            arg_attrs=self.function.arg_attrs,
            res_attrs=self.function.res_attrs,
        )
        program.attributes.update(self.function.attributes)
        program.location = self.function.location
        module_block = self.function.parent_block()
        assert module_block is not None  # functions to place were found in a module
        module_block.insert_ops_before([*self._allocate(), *self.epochs, program], self.function)
        module_block.erase_op(self.function)

    def _place_op(self, op: Operation, body: Block, mapping: dict[SSAValue, SSAValue]) -> None:
        if isinstance(op, KernelOp):
            body.add_op(at_location(op, self._epoch(op)))
            return
        operands = [self._operand(o, op, body, mapping) for o in op.operands]
        if isinstance(op, ReturnOp):
            body.add_op(at_location(op, tile.ReturnOp(*operands)))
            return
        clone = op.clone(dict(zip(op.operands, operands, strict=True)))
        body.add_op(clone)
        for old, new in zip(op.results, clone.results, strict=True):
            mapping[old] = new
            if tile.is_tile_tensor(old.type):
                kind = QueueKind.RAM if isinstance(op, LoadCachedOp) else QueueKind.QUEUE
                queue = self._new_queue(self._name_of_source(op), kind, old, self._spread(old))
                body.add_op(at_location(op, tile.PushOp(new, queue.name)))

    def _operand(self, value: SSAValue, op: Operation, body: Block, mapping: dict[SSAValue, SSAValue]) -> SSAValue:
        """What `op`, outside of any epoch, uses for `value`: a tensor of tiles comes out of its queue, on the host."""
        queue = self.queues.get(value)
        if queue is None:
            return mapping[value]
        if queue.kind is QueueKind.QUEUE and isinstance(value.owner, KernelOp):
            queue.memory = (
                Memory.HOST if all(not isinstance(u.operation, KernelOp) for u in value.uses) else queue.memory
            )
        pop = at_location(op, self._pop(queue))
        body.add_op(pop)
        return pop.results[0]

    def _epoch(self, op: KernelOp) -> tile.ExecuteOp:
        """Make the epoch of `op`."""
        index = len(self.epochs)
        model = best_model(self.device, kernel_shape(op), where=describe_location(op))
        block = Block()
        pops: dict[SSAValue, SSAValue] = {}
        for operand in op.operands:
            if operand not in pops:
                queue = self.queues[operand]
                queue.end = index
                pop = at_location(op, self._pop(queue))
                block.add_op(pop)
                pops[operand] = pop.results[0]
        kernel = op.clone(pops)
        kernel.properties["placement"] = PlacementAttr.of(placement_of(model))
        block.add_op(kernel)
        queue = self._new_queue(f"e2e_{op.kernel}_{index}", QueueKind.QUEUE, op.output, model.grid)
        queue.start = index
        block.add_op(at_location(op, tile.PushOp(kernel.results[0], queue.name)))
        name = f"{self.function.sym_name.data}_epoch_{index}"
        epoch = tile.EpochOp(name, 0, index, Region(block))
        epoch.location = op.location
        self.epochs.append(epoch)
        return tile.ExecuteOp(name)

    def _pop(self, queue: _QueueUse) -> tile.PopOp:
        queue.reads_left -= 1
        queue.end = max(queue.end, len(self.epochs))
        return tile.PopOp(queue.name, queue.value.type, keep=queue.kind is QueueKind.QUEUE and queue.reads_left > 0)

    def _new_queue(self, name: str, kind: QueueKind, value: SSAValue, grid: tuple[int, int]) -> _QueueUse:
        unique, number = name, 1
        while unique in self.names:
            number += 1
            unique = f"{name}_{number}"
        self.names.add(unique)
        readers = {use.operation for use in value.uses}
        outside = sum(1 for use in value.uses if not isinstance(use.operation, KernelOp))
        reads = sum(1 for r in readers if isinstance(r, KernelOp)) + outside
        # A ram keeps its entry over all epochs and calls.
        start = 0 if kind is QueueKind.RAM else len(self.epochs)
        queue = _QueueUse(unique, kind, value, grid, start, start, reads_left=reads)
        self.queues[value] = queue
        return queue

    def _name_of_source(self, op: Operation) -> str:
        """A queue's name after the argument that fills it."""
        arguments = [o for o in op.operands if isinstance(o, BlockArgument)]
        if len(arguments) == 1 and (name := argument_name(self.function, arguments[0].index)):
            return re.sub(r"[^A-Za-z0-9_.]", "_", name)
        if isinstance(op, LoadCachedOp):
            return op.callee.string_value()
        return f"input_{arguments[0].index}" if arguments else "host"

    def _spread(self, value: SSAValue) -> tuple[int, int]:
        """A grid of buffers that spreads the rows of a host-filled queue evenly over as many channels as divide
        them."""
        *batch, rows, _ = tile_info(value).grid
        for extent in batch:
            rows *= extent
        channels = self.device.dram.channels
        return (max(d for d in range(1, channels + 1) if rows % d == 0), 1)

    def _allocate(self) -> list[tile.QueueOp]:
        """Give every queue its addresses: rams for the whole program, others from their first to their last epoch."""
        allocator = DramAllocator(self.device)
        ops: list[tile.QueueOp] = []
        last = max(0, len(self.epochs) - 1)
        for queue in sorted(self.queues.values(), key=lambda q: q.start):
            info = tile_info(queue.value)
            tiles = 1
            for extent in info.grid:
                tiles *= extent
            rows, cols = queue.grid
            size = tiles // (rows * cols) * self.device.tile_bytes(info.format)
            if queue.memory is Memory.HOST:
                buffers = [(0, 0)] * (rows * cols)
            else:
                end = last if queue.kind is QueueKind.RAM else queue.end
                regions = allocator.allocate_grid(queue.name, size, queue.grid, queue.start, max(queue.start, end))
                buffers = [(r.channel, r.address) for r in regions]
            op = tile.QueueOp(
                queue.name, queue.kind, queue.value.type, 1, queue.grid, MemoryAttr(queue.memory), buffers
            )
            owner = queue.value.owner
            op.location = owner.location if isinstance(owner, Operation) else op.location
            ops.append(op)
        return ops
