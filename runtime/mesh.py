"""A mesh of logical devices in one process.

A function of several devices runs once, not once a device: a value is one tensor for each device
(:class:`MeshValue`; between kernels :class:`MeshTiles`), or a plain one where all devices hold the same. An op that
concerns one device alone is run for each of them (:func:`for_each_device`); the ops with the trait `AcrossMesh` see the
values of all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from math import prod
from typing import TYPE_CHECKING, TypeAlias

import torch
from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import Operation

from tilewright.dialects.ttcore import MeshesAttr, ModuleWrapperOp
from tilewright.runtime.kernels.values import TileValue
from tilewright.support.errors import UnsupportedInputError

if TYPE_CHECKING:
    from tilewright.runtime.interpreter import Interpreter, Step, Value


@dataclass(frozen=True, slots=True, eq=False)
class MeshValue:
    """What each device holds, in the order of their numbers. Devices that hold the same may share one tensor."""

    shards: tuple[torch.Tensor, ...]

    @staticmethod
    def of(shards: Sequence[torch.Tensor]) -> MeshTensor:
        """The value of these tensors; a plain one where all are the same object."""
        first = shards[0]
        return first if all(s is first for s in shards) else MeshValue(tuple(shards))


@dataclass(frozen=True, slots=True, eq=False)
class MeshTiles:
    """What each device holds between kernels."""

    shards: tuple[TileValue, ...]


MeshTensor: TypeAlias = torch.Tensor | MeshValue


def on_each_device(value: MeshTensor, compute: Callable[[torch.Tensor], torch.Tensor]) -> MeshTensor:
    """What `compute` makes of each device's tensor; devices that share one share the result."""
    if isinstance(value, torch.Tensor):
        return compute(value)
    done = {id(shard): compute(shard) for shard in value.shards}
    return MeshValue.of([done[id(shard)] for shard in value.shards])


def tensors_of(value: Value) -> tuple[torch.Tensor, ...]:
    """The tensors in a value."""
    match value:
        case torch.Tensor():
            return (value,)
        case MeshValue():
            return value.shards
        case _:
            return ()


@dataclass(frozen=True, slots=True)
class Mesh:
    """Devices on a grid, numbered row-major."""

    shape: tuple[int, ...]

    @property
    def size(self) -> int:
        """The number of devices."""
        return prod(self.shape)

    def shards(self, value: MeshTensor) -> tuple[torch.Tensor, ...]:
        """The tensor of each device."""
        return value.shards if isinstance(value, MeshValue) else (value,) * self.size

    def groups(self, axis: int | None) -> tuple[tuple[int, ...], ...]:
        """The devices along `axis`, for each position on the other axes; all in one group for None.

        Raises:
            UnsupportedInputError: the mesh has no such axis.
        """
        if axis is None:
            return (tuple(range(self.size)),)
        if not 0 <= axis < len(self.shape):
            raise UnsupportedInputError(
                f"attribute 'cluster_axis' is {axis}",
                why=f"{self} has {len(self.shape)} axes",
                hint="give another mesh",
            )
        stride, extent = prod(self.shape[axis + 1 :]), self.shape[axis]
        firsts = (d for d in range(self.size) if d // stride % extent == 0)
        return tuple(tuple(first + i * stride for i in range(extent)) for first in firsts)

    def coordinates(self, device: int) -> tuple[int, ...]:
        """The position of a device on the grid."""
        return tuple(device // prod(self.shape[a + 1 :]) % extent for a, extent in enumerate(self.shape))

    def __str__(self) -> str:
        return f"the mesh {'x'.join(map(str, self.shape))}"


def declared_mesh(module: ModuleOp) -> Mesh | None:
    """The mesh that `#ttcore.meshes` of `module`, or of a module in it, names; None if it names none, or several."""
    shapes = {
        tuple(extent.data for extent in mesh.shape)
        for inner in _modules(module)
        if isinstance(meshes := inner.attributes.get(MeshesAttr.name), MeshesAttr)
        for mesh in meshes.meshes
    }
    return Mesh(shapes.pop()) if len(shapes) == 1 else None


def _modules(module: ModuleOp) -> Iterable[ModuleOp]:
    yield module
    for op in module.body.ops:
        if isinstance(op, ModuleWrapperOp):
            yield from _modules(op.module)
        elif isinstance(op, ModuleOp):
            yield from _modules(op)


def mesh_for(op: Operation, interpreter: Interpreter) -> Mesh:
    """The mesh on which `op` runs.

    Raises:
        UnsupportedInputError: there is none.
    """
    if interpreter.mesh is None:
        raise UnsupportedInputError(
            f"{op.name} needs a mesh of devices",
            why="the module has no attribute 'ttcore.meshes' that names one mesh",
            hint='add it, e.g. `module attributes {ttcore.meshes = #ttcore.meshes<[<"mesh" = 2x4>]>}`, or give a mesh',
        )
    return interpreter.mesh


def for_each_device(make: Callable[[Operation, Interpreter], Step]) -> Callable[[Operation, Interpreter], Step]:
    """Makes steps that run once a device where devices hold different tensors, out of `make`'s, which know of none."""

    def make_step(op: Operation, interpreter: Interpreter) -> Step:
        step = make(op, interpreter)
        mesh = interpreter.mesh
        return step if mesh is None or mesh.size == 1 else _per_device(op, step)

    return make_step


def _per_device(op: Operation, step: Step) -> Step:
    in_place = not op.results

    def run(*values: Value) -> Sequence[Value]:
        spread = next((v for v in values if isinstance(v, MeshValue | MeshTiles)), None)
        if spread is None:
            return step(*values)
        operands = [
            [v.shards[device] if isinstance(v, MeshValue | MeshTiles) else v for v in values]
            for device in range(len(spread.shards))
        ]
        # Devices that share their operands share the results, and an op in place happens once for them.
        keys = [tuple(map(id, own)) for own in operands]
        distinct = dict(zip(keys, operands, strict=True))
        if in_place and len({key[0] for key in distinct}) != len(distinct):
            raise UnsupportedInputError(
                f"{op.name} changes a tensor that several devices share, for each in another way",
                hint="distribute the tensor with a `ttir.mesh_shard` of type `devices`",
            )
        computed = {key: step(*own) for key, own in distinct.items()}
        return [_joined(column) for column in zip(*(computed[key] for key in keys), strict=True)]

    return run


def _joined(values: Sequence[Value]) -> Value:
    """What devices computed, as one value."""
    first = values[0]
    if all(v is first for v in values):
        return first
    if tensors := tuple(v for v in values if isinstance(v, torch.Tensor)):
        return MeshValue(tensors)
    if tiles := tuple(v for v in values if isinstance(v, TileValue)):
        return MeshTiles(tiles)
    return first  # the size of a dimension, which all devices have
