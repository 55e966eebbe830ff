"""Functions that distribute tensors over a mesh, or collect them."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

import torch

from tilewright.dialects import ttir
from tilewright.dialects.ttcore import ShardType
from tilewright.dialects.types import shape_of
from tilewright.runtime.functions.ttir.collectives import check_extents, cut_along, in_groups
from tilewright.runtime.functions.ttir.common import dtype_of
from tilewright.runtime.functions.ttir.numbers import convert
from tilewright.runtime.interpreter import DialectFunctions, Interpreter, Step, implements
from tilewright.runtime.mesh import Mesh, MeshTensor, MeshValue, mesh_for, on_each_device
from tilewright.support.errors import UnsupportedInputError

Window = tuple[tuple[int, int], ...]
"""First index and length in each dimension."""


class MeshFunctions(DialectFunctions):
    """Shards and partitions."""

    @implements(ttir.MeshPartitionOp)
    def mesh_partition(self, op: ttir.MeshPartitionOp, interpreter: Interpreter) -> Step:
        mesh, axis, dtype = mesh_for(op, interpreter), op.axis, dtype_of(op)
        groups = mesh.groups(None if op.cluster_axis is None else op.cluster_axis.value.data)
        devices, shape = len(groups[0]), shape_of(op.input)
        check_extents(op, mesh, devices, cut_along(shape, axis, devices) or shape)
        return in_groups(
            mesh,
            groups,
            lambda shards: [convert(s.tensor_split(devices, axis)[i], dtype) for i, s in enumerate(shards)],
        )

    @implements(ttir.MeshShardOp)
    def mesh_shard(self, op: ttir.MeshShardOp, interpreter: Interpreter) -> Step:
        dtype = dtype_of(op)
        same_shape = shape_of(op.input) == shape_of(op.result)
        if same_shape and (op.to_shard or op.shard_type.data is ShardType.IDENTITY):
            # Each device holds the whole tensor, whatever the mesh.

            def pass_on(value: MeshTensor) -> Sequence[MeshTensor]:
                return (_converted(value, dtype),)

            return pass_on
        if same_shape:

            def first_shard(value: MeshTensor) -> Sequence[torch.Tensor]:
                return (convert(value.shards[0] if isinstance(value, MeshValue) else value, dtype),)

            return first_shard
        mesh = mesh_for(op, interpreter)
        full, shard = (op.input, op.result) if op.to_shard else (op.result, op.input)
        windows = _windows(op, mesh, shape_of(full), shape_of(shard))
        if op.to_shard:
            local = shape_of(shard)

            def distribute(value: MeshTensor) -> Sequence[MeshTensor]:
                if isinstance(value, MeshValue) and value.shards[0].shape == local:
                    return (_converted(value, dtype),)  # the caller gave what each device holds
                shards = mesh.shards(value)
                parts = {(id(s), w): convert(_part(s, w), dtype) for s, w in zip(shards, windows, strict=True)}
                return (MeshValue.of([parts[id(s), w] for s, w in zip(shards, windows, strict=True)]),)

            return distribute

        def collect(value: MeshTensor) -> Sequence[torch.Tensor]:
            out = torch.empty(shape_of(full), dtype=dtype)
            # Of devices that hold the same part, the first one counts: it comes last.
            for piece, window in reversed(list(zip(mesh.shards(value), windows, strict=True))):
                _part(out, window).copy_(convert(piece, dtype))
            return (out,)

        return collect


def _converted(value: MeshTensor, dtype: torch.dtype) -> MeshTensor:
    """`value` in another type."""
    return on_each_device(value, lambda shard: convert(shard, dtype))


def _part(tensor: torch.Tensor, window: Window) -> torch.Tensor:
    return tensor[tuple(slice(first, first + length) for first, length in window)]


def _windows(op: ttir.MeshShardOp, mesh: Mesh, full: tuple[int, ...], shard: tuple[int, ...]) -> tuple[Window, ...]:
    """The part of the full tensor that each device holds."""
    dims = op.dims
    if len(dims) != len(mesh.shape):
        raise UnsupportedInputError(
            f"attribute 'shard_dims' is {list(dims)}",
            why=f"{mesh} has {len(mesh.shape)} axes, expected a value for each",
        )
    axes_of = [[axis for axis, cut in enumerate(dims) if cut == dim] for dim in range(len(full))]
    for dim, (whole, part, axes) in enumerate(zip(full, shard, axes_of, strict=True)):
        parts = prod(mesh.shape[a] for a in axes)
        if whole != part * parts:
            raise UnsupportedInputError(
                f"a shard has the extent {part} in dimension {dim}, the full tensor {whole}",
                why=f"attribute 'shard_dims' is {list(dims)}, which cuts dimension {dim} into {parts} on {mesh}",
                hint="give the mesh for which the module was written, or correct 'shard_dims'",
            )
    windows: list[Window] = []
    for device in range(mesh.size):
        position = mesh.coordinates(device)
        window: list[tuple[int, int]] = []
        for length, axes in zip(shard, axes_of, strict=True):
            place = 0
            for axis in axes:
                place = place * mesh.shape[axis] + position[axis]
            window.append((place * length, length))
        windows.append(tuple(window))
    return tuple(windows)
