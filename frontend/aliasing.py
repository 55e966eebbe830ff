"""Which values of a graph share memory, so that an in-place op can become a renaming.

A :class:`Cell` is a tensor as the program sees it; cells on one memory are views of each other. Writing to one puts the
new SSA value into all cells with the same view, and marks the others stale: a graph that reads a stale cell needs more
than renaming, and the importer then asks torch to make the graph functional.

Memory is known by the storage of the fake tensors that torch keeps with each node, not by the schema: operators such as
`reshape`, `to` or `einsum` return a view or a copy depending on their input.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeAlias

import torch
from torch._subclasses.fake_tensor import FakeTensor
from xdsl.ir import SSAValue


class NeedsFunctionalisationError(Exception):
    """Renaming cannot express this graph; the message says why."""


class Memory:
    """What some cells share."""

    __slots__ = ("cells", "storages")

    def __init__(self, storages: Iterable[int] = ()):
        self.cells: list[Cell] = []
        self.storages: set[int] = set(storages)

    def also_known_as(self, tensor: torch.Tensor) -> None:
        """Let the storage of `tensor` stand for this memory too, as where a graph is entered or left."""
        if is_tracked(tensor):
            self.storages.add(storage_of(tensor))


class Cell:
    """A value of the graph; `value` is None once it is stale. Without writes in the graph, `memory` is None.

    Attributes:
        tensor: The fake tensor that tells how the cell sees its memory.
    """

    __slots__ = ("memory", "tensor", "value")

    def __init__(self, value: SSAValue, memory: Memory | None = None, tensor: torch.Tensor | None = None):
        self.value: SSAValue | None = value
        self.memory = memory
        self.tensor = tensor
        if memory is not None:
            memory.cells.append(self)

    def read(self) -> SSAValue:
        """The value at this point of the program.

        Raises:
            NeedsFunctionalisationError: another view of the same memory was written to.
        """
        if self.value is None:
            raise NeedsFunctionalisationError("a tensor is read after another view of its memory was written to")
        return self.value

    def write(self, value: SSAValue) -> None:
        """Let this cell, and what sees the same memory in the same way, have a new value."""
        if self.memory is not None:
            for cell in self.memory.cells:
                if cell is not self:
                    cell.value = value if _same_view(cell.tensor, self.tensor) else None
        self.value = value


def storage_of(tensor: torch.Tensor) -> int:
    """Identity of a tensor's storage; only good while the tensor lives."""
    return tensor.untyped_storage()._cdata  # pyright: ignore[reportPrivateUsage]


def _same_view(a: torch.Tensor | None, b: torch.Tensor | None) -> bool:
    """Whether two strided tensors of one storage are element by element the same."""
    return a is not None and b is not None and _view_of(a) == _view_of(b)


def _view_of(tensor: torch.Tensor) -> tuple[object, ...]:
    sizes = (*tensor.shape, *tensor.stride(), tensor.storage_offset())
    # Symbolic sizes count by their expression: comparing them would add a guard.
    geometry = tuple(size if type(size) is int else str(size) for size in sizes)
    return (tensor.dtype, tensor.is_conj(), tensor.is_neg(), *geometry)


Identity: TypeAlias = tuple[object, ...]


def identity_of(tensor: torch.Tensor) -> Identity:
    """Equal for real tensors that are the same memory seen in the same way: a parameter under two names."""
    if isinstance(tensor, FakeTensor) or not is_tracked(tensor) or tensor.numel() == 0:
        return (id(tensor),)
    return (tensor.data_ptr(), tensor.shape, tensor.stride(), tensor.dtype)


def is_tracked(tensor: torch.Tensor) -> bool:
    """Whether the tensor has one storage to speak of (a sparse one has several)."""
    return tensor.layout is torch.strided


def new_cell(value: SSAValue, tensor: torch.Tensor, sources: Iterable[Cell]) -> Cell:
    """The cell of an op's result: on the memory of the source that it shares its storage with, else on its own."""
    if not is_tracked(tensor):
        return Cell(value)
    storage = storage_of(tensor)
    for source in sources:
        if source.memory is not None and storage in source.memory.storages:
            return Cell(value, source.memory, tensor)
    return Cell(value, Memory([storage]), tensor)
