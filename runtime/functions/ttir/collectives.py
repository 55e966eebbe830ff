"""Functions that combine or move the tensors of several devices."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import torch
from xdsl.ir import Operation

from tilewright.dialects import ttir
from tilewright.dialects.ttcore import ReduceType
from tilewright.dialects.types import shape_of
from tilewright.runtime.functions.ttir.common import dtype_of, result_shape, unary_step
from tilewright.runtime.functions.ttir.numbers import convert, with_type
from tilewright.runtime.interpreter import DialectFunctions, Interpreter, Step, implements
from tilewright.runtime.mesh import Mesh, MeshTensor, MeshValue, mesh_for
from tilewright.support.errors import UnsupportedInputError

_UINT64_SIGN = torch.iinfo(torch.int64).min

_REDUCE: Mapping[ReduceType, Callable[[torch.Tensor], torch.Tensor]] = {
    ReduceType.SUM: lambda x: x.sum(0),
    ReduceType.MAX: lambda x: x.amax(0),
    ReduceType.MIN: lambda x: x.amin(0),
}
"""Of a stack of tensors, in Float32, Float64 or whole numbers of 64 bits."""


def reduce_tensors(tensors: Sequence[torch.Tensor], kind: ReduceType, dtype: torch.dtype) -> torch.Tensor:
    """The tensors combined element by element: floats in at least Float32, rounded once; integers modulo 2^width."""
    first = tensors[0].dtype
    if first.is_floating_point or first.is_complex:
        wide = torch.promote_types(first, torch.float32)
        return convert(_REDUCE[kind](torch.stack([t.to(wide) for t in tensors])), dtype)
    stack = torch.stack([t.to(torch.int64) for t in tensors])
    # As signed numbers, the upper half of the unsigned ones would be below the lower half.
    flip = _UINT64_SIGN if first is torch.uint64 and kind is not ReduceType.SUM else 0
    return convert(with_type(_REDUCE[kind](stack ^ flip) ^ flip, first), dtype)


def check_extents(op: Operation, mesh: Mesh, devices: int, expected: tuple[int, ...]) -> None:
    """Check that the result of `op` has the shape that follows from the number of devices in a group.

    Raises:
        UnsupportedInputError: the op was written for another mesh.
    """
    if (found := result_shape(op)) != expected:
        raise UnsupportedInputError(
            f"{op.name} is not written for {mesh}",
            why=f"its result has the shape {found}, expected {expected} for groups of {devices} devices",
            hint="give the mesh for which the module was written",
        )


def cut_along(shape: tuple[int, ...], axis: int, parts: int) -> tuple[int, ...] | None:
    """`shape` with a `parts`-th of its extent along `axis`; None if that is no whole number."""
    if shape[axis] % parts:
        return None
    return (*shape[:axis], shape[axis] // parts, *shape[axis + 1 :])


def in_groups(
    mesh: Mesh,
    groups: Sequence[Sequence[int]],
    compute: Callable[[Sequence[torch.Tensor]], Sequence[torch.Tensor]],
) -> Step:
    """A step that gives the tensors of each group to `compute`, which gives back one for each device of the group."""
    return in_groups_with_all(mesh, groups, compute)


def in_groups_with_all(
    mesh: Mesh,
    groups: Sequence[Sequence[int]],
    compute: Callable[..., Sequence[torch.Tensor]],
) -> Step:
    """A step that gives the tensors of each group, a list for each operand, to `compute`; that gives back one tensor
    for each device of the group."""

    def step(*values: MeshTensor) -> Sequence[MeshTensor]:
        operands = [mesh.shards(v) for v in values]
        # Groups that share their operands share the results.
        known: dict[tuple[int, ...], Sequence[torch.Tensor]] = {}
        results: dict[int, torch.Tensor] = {}
        for group in groups:
            given = [[shards[d] for d in group] for shards in operands]
            key = tuple(id(shard) for shards in given for shard in shards)
            if key not in known:
                known[key] = compute(*given)
            results.update(zip(group, known[key], strict=True))
        return (MeshValue.of([results[d] for d in range(mesh.size)]),)

    return step


class CollectiveFunctions(DialectFunctions):
    """Collectives among the devices of a mesh."""

    @implements(ttir.AllGatherOp)
    def all_gather(self, op: ttir.AllGatherOp, interpreter: Interpreter) -> Step:
        mesh, axis, dtype = mesh_for(op, interpreter), op.axis, dtype_of(op)
        groups, shape = mesh.groups(op.cluster_axis.value.data), shape_of(op.input)
        devices = len(groups[0])
        check_extents(op, mesh, devices, (*shape[:axis], shape[axis] * devices, *shape[axis + 1 :]))
        return in_groups(mesh, groups, lambda shards: [convert(torch.cat(tuple(shards), axis), dtype)] * devices)

    @implements(ttir.AllReduceOp, ttir.AllReduceAsyncOp)
    def all_reduce(self, op: ttir.AllReduceOp | ttir.AllReduceAsyncOp, interpreter: Interpreter) -> Step:
        mesh, kind, dtype = mesh_for(op, interpreter), op.reduce_type.data, dtype_of(op)
        groups = mesh.groups(op.cluster_axis.value.data)
        return in_groups(mesh, groups, lambda shards: [reduce_tensors(shards, kind, dtype)] * len(shards))

    @implements(ttir.ReduceScatterOp)
    def reduce_scatter(self, op: ttir.ReduceScatterOp, interpreter: Interpreter) -> Step:
        mesh, kind, dtype, axis = mesh_for(op, interpreter), op.reduce_type.data, dtype_of(op), op.axis
        groups, shape = mesh.groups(op.cluster_axis.value.data), shape_of(op.input)
        devices = len(groups[0])
        check_extents(op, mesh, devices, cut_along(shape, axis, devices) or shape)
        return in_groups(mesh, groups, lambda shards: reduce_tensors(shards, kind, dtype).tensor_split(devices, axis))

    @implements(ttir.CollectivePermuteOp)
    def collective_permute(self, op: ttir.CollectivePermuteOp, interpreter: Interpreter) -> Step:
        mesh, pairs, dtype = mesh_for(op, interpreter), op.pairs, dtype_of(op)
        source_of = {target: source for source, target in pairs}
        if unknown := [d for pair in pairs for d in pair if not 0 <= d < mesh.size]:
            raise UnsupportedInputError(
                f"attribute 'source_target_pairs' has the device {unknown[0]}", why=f"{mesh} has {mesh.size} devices"
            )

        def step(value: MeshTensor) -> Sequence[MeshTensor]:
            shards = mesh.shards(value)
            zeros = torch.zeros_like(shards[0], dtype=dtype)
            received = [convert(shards[source_of[d]], dtype) if d in source_of else zeros for d in range(mesh.size)]
            return (MeshValue.of(received),)

        return step

    @implements(ttir.AllToAllOp)
    def all_to_all(self, op: ttir.AllToAllOp, interpreter: Interpreter) -> Step:
        mesh = mesh_for(op, interpreter)
        split, concat = op.split_dim.value.data, op.concat_dim.value.data
        count = op.split_count.value.data

        def exchange(shards: Sequence[torch.Tensor]) -> Sequence[torch.Tensor]:
            parts = [shard.tensor_split(count, split) for shard in shards]
            return [torch.cat([sent[place] for sent in parts], concat) for place in range(count)]

        return in_groups(mesh, _groups_of_all(op, mesh), exchange)

    @implements(ttir.CollectiveBroadcastOp)
    def collective_broadcast(self, op: ttir.CollectiveBroadcastOp, interpreter: Interpreter) -> Step:
        if op.replica_groups.get_shape()[0] == 0:
            return unary_step(lambda x: (x,))
        mesh = mesh_for(op, interpreter)
        return in_groups(mesh, _groups_of_all(op, mesh), lambda shards: [shards[0]] * len(shards))


def _groups_of_all(op: ttir.AllToAllOp | ttir.CollectiveBroadcastOp, mesh: Mesh) -> tuple[tuple[int, ...], ...]:
    groups = op.groups
    if (devices := sum(map(len, groups))) != mesh.size:
        raise UnsupportedInputError(
            f"attribute 'replica_groups' has {devices} devices",
            why=f"{mesh} has {mesh.size}",
            hint="give the mesh for which the module was written",
        )
    return groups
