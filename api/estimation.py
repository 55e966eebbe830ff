"""Predicted time of a compiled program, from its placed level."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xdsl.dialects.builtin import ModuleOp
from xdsl.dialects.func import CallOp, FuncOp, ReturnOp
from xdsl.ir import SSAValue

from tilewright.dialects.tile import EpochOp, ExecuteOp, KernelOp, ProgramOp, TilizeOp, UntilizeOp, tile_info
from tilewright.dialects.types import is_tensor
from tilewright.machine.catalog import load_device
from tilewright.machine.costs import Entry, Estimate, device_entry, estimate, host_entry, op_cost, transfer_entry
from tilewright.support.locations import source_line
from tilewright.transforms.kernel_shapes import kernel_shape, model_of
from tilewright.transforms.modules import cpu_module, device_module

if TYPE_CHECKING:
    from tilewright.machine.device import Device
    from tilewright.program import CompiledProgram


def estimate_program(program: CompiledProgram) -> Estimate:
    """The estimate of one call of a compiled program, its steps one after the other."""
    return estimate_placed(program.modules["placed"], program.options.device)


def estimate_placed(module: ModuleOp, device_name: str) -> Estimate:
    """The estimate of one run of the programs of a placed module.

    Samples are counted by the first dimension of the first user input that has one.
    """
    device = load_device(device_name)
    inner = device_module(module)
    epochs = {op.sym_name.data: op for op in inner.body.block.ops if isinstance(op, EpochOp)}
    host = cpu_module(module)
    functions = {f.sym_name.data: f for f in host.body.block.ops if isinstance(f, FuncOp)} if host is not None else {}
    entries: list[Entry] = []
    samples = 1
    for program in inner.body.block.ops:
        if not isinstance(program, ProgramOp):
            continue
        for op in program.body.block.ops:
            location = source_line(op.location)
            match op:
                case ExecuteOp():
                    entries += _epoch_entries(device, epochs[op.epoch.string_value()])
                case TilizeOp():
                    shape = tile_info(op.result).logical
                    samples = max(samples, shape[0]) if shape else samples
                    entries.append(
                        transfer_entry(device, "to device", _tile_bytes(device, op.result), location=location)
                    )
                case UntilizeOp():
                    entries.append(transfer_entry(device, "to host", _tile_bytes(device, op.input), location=location))
                case CallOp():
                    function = functions[op.callee.string_value()]
                    entries.append(_host_entry(device, function, location))
                case _:
                    pass
    return estimate(device, entries, samples=samples)


def _epoch_entries(device: Device, epoch: EpochOp) -> list[Entry]:
    entries: list[Entry] = []
    for op in epoch.body.block.ops:
        if isinstance(op, KernelOp) and op.placement is not None:
            cost = op_cost(device, kernel_shape(op), model_of(op.placement.placement))
            name = f"{epoch.sym_name.data}:{op.kernel}"
            entries.append(device_entry(device, name, op.kernel, cost, location=source_line(op.location)))
    return entries


def _tile_bytes(device: Device, value: SSAValue) -> int:
    info = tile_info(value)
    tiles = 1
    for extent in info.grid:
        tiles *= extent
    return tiles * device.tile_bytes(info.format)


def _host_entry(device: Device, function: FuncOp, location: str | None) -> Entry:
    """A host function: each op reads its operands and writes its results once, with one operation an element."""
    ops = [op for op in function.body.block.ops if not isinstance(op, ReturnOp)]
    elements = sum(_elements(r) for op in ops for r in op.results)
    moved = sum(_bytes(v) for op in ops for v in (*op.operands, *op.results))
    return host_entry(device, function.sym_name.data, flops=elements, bytes=moved, ops=len(ops), location=location)


def _elements(value: SSAValue) -> int:
    if not is_tensor(value.type) or not value.type.has_static_shape():
        return 1
    return value.type.element_count()


def _bytes(value: SSAValue) -> int:
    from tilewright.runtime.dtypes import torch_dtype

    if not is_tensor(value.type):
        return 8
    return _elements(value) * torch_dtype(value.type.element_type).itemsize
