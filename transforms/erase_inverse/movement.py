"""The algebra of permutes and reshapes.

Any chain of them is one :class:`Movement`: split the input's elements, in row-major order, into *atoms*, put the atoms
into another order, and read the result in another shape. With adjacent atoms merged wherever they stay adjacent, two
chains move elements in the same way exactly if their movements are equal.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from math import prod
from typing import TypeAlias

from tilewright.dialects.ttir.shapes import Shape

Permute: TypeAlias = "tuple[int, ...]"
"""An order of dimensions."""


@dataclass(frozen=True)
class Movement:
    """A bijection between the elements of two shapes.

    Attributes:
        source: The shape of the input.
        target: The shape of the result.
        atoms: The extents, none of them 1, into which the input is split.
        order: The atom of the input at each place of the result.
    """

    source: Shape
    target: Shape
    atoms: tuple[int, ...]
    order: tuple[int, ...]

    @property
    def moved_atoms(self) -> tuple[int, ...]:
        """The atoms in the order of the result."""
        return tuple(self.atoms[i] for i in self.order)

    @property
    def is_identity(self) -> bool:
        return self.source == self.target and len(self.order) <= 1

    @cached_property
    def elements(self) -> int:
        """How many elements are moved."""
        return prod(self.source)

    def inverse(self) -> Movement:
        """The movement back."""
        order = tuple(self.order.index(i) for i in range(len(self.order)))
        return Movement(self.target, self.source, self.moved_atoms, order)

    @cached_property
    def steps(self) -> tuple[tuple[str, tuple[int, ...]], ...]:
        """The fewest ops that do the same: `("permute", order)` and `("reshape", shape)`."""
        if len(self.order) <= 1:
            return () if self.source == self.target else (("reshape", self.target),)
        groups = _groups(self.source, self.atoms)
        if groups is not None:
            return _permute_first(self, groups)
        back_groups = _groups(self.target, self.moved_atoms)
        if back_groups is not None:
            (_, order), *rest = _permute_first(self.inverse(), back_groups)
            shape = tuple(self.target[i] for i in order)
            assert rest  # else the permute alone would have done in the first direction
            return (("reshape", shape), ("permute", tuple(order.index(i) for i in range(len(order)))))
        steps = (("reshape", self.atoms), ("permute", self.order), ("reshape", self.target))
        return steps if self.moved_atoms != self.target else steps[:2]


def _groups(shape: Shape, atoms: tuple[int, ...]) -> list[list[int]] | None:
    """For each atom the dimensions of `shape`, but for those of extent 1, that it consists of; None if they cut it."""
    axes = [i for i, extent in enumerate(shape) if extent != 1]
    groups: list[list[int]] = []
    at = 0
    for atom in atoms:
        group: list[int] = []
        extent = 1
        while extent < atom and at < len(axes):
            extent *= shape[axes[at]]
            group.append(axes[at])
            at += 1
        if extent != atom:
            return None
        groups.append(group)
    return groups


def _permute_first(movement: Movement, groups: list[list[int]]) -> tuple[tuple[str, tuple[int, ...]], ...]:
    """A permute of the input's dimensions, and a reshape where it does not yield the shape by itself."""
    moved = [axis for i in movement.order for axis in groups[i]]
    ones = [i for i, extent in enumerate(movement.source) if extent == 1]
    extents = [movement.source[i] for i in moved]
    wanted = [extent for extent in movement.target if extent != 1]
    if extents == wanted and len(movement.target) == len(movement.source):
        units, others = iter(ones), iter(moved)
        return (("permute", tuple(next(units) if extent == 1 else next(others) for extent in movement.target)),)
    # Dimensions of extent 1 stay where they are: they cost least there.
    others = iter(moved)
    order = tuple(i if extent == 1 else next(others) for i, extent in enumerate(movement.source))
    return (("permute", order), ("reshape", movement.target))


@lru_cache(maxsize=1 << 12)
def identity(shape: Shape) -> Movement:
    """No movement."""
    return reshape(shape, shape)


def reshape(source: Shape, target: Shape) -> Movement:
    """The same elements in another shape."""
    elements = prod(source)
    atoms = () if elements == 1 else (elements,)
    return Movement(source, target, atoms, tuple(range(len(atoms))))


def permute(source: Shape, order: Sequence[int]) -> Movement:
    """The dimensions in another order."""
    kept = [i for i, extent in enumerate(source) if extent != 1]
    places = tuple(kept.index(i) for i in order if source[i] != 1)
    target = tuple(source[i] for i in order)
    return merged(source, target, tuple(source[i] for i in kept), places)


def merged(source: Shape, target: Shape, atoms: Sequence[int], order: Sequence[int]) -> Movement:
    """A movement by atoms, those that stay adjacent merged."""
    runs: list[list[int]] = []
    for atom in order:
        if runs and runs[-1][-1] + 1 == atom:
            runs[-1].append(atom)
        else:
            runs.append([atom])
    in_order = sorted(runs)
    extents = tuple(prod(atoms[i] for i in run) for run in in_order)
    places = {run[0]: i for i, run in enumerate(in_order)}
    return Movement(source, target, extents, tuple(places[run[0]] for run in runs))


def refinement(first: Sequence[int], second: Sequence[int]) -> tuple[list[int], list[int], list[int]] | None:
    """The coarsest extents into which two splits of the same elements can both be split, and into how many pieces each
    extent of the first and of the second is; None if there are none, as for (2, 3) and (3, 2)."""
    pieces: list[int] = []
    counts: tuple[list[int], list[int]] = ([0] * len(first), [0] * len(second))
    rest: list[int] = [1, 1]
    at: list[int] = [-1, -1]
    extents = (first, second)
    while True:
        for side in (0, 1):
            if rest[side] == 1:
                at[side] += 1
                rest[side] = extents[side][at[side]] if at[side] < len(extents[side]) else 0
        if not rest[0] or not rest[1]:
            return (pieces, *counts) if not rest[0] and not rest[1] else None
        piece = min(rest)
        if rest[0] % piece or rest[1] % piece:
            return None
        pieces.append(piece)
        for side in (0, 1):
            counts[side][at[side]] += 1
            rest[side] //= piece


def _split(order: Sequence[int], counts: Sequence[int]) -> list[int]:
    """`order` of atoms when atom i is split into `counts[i]` pieces."""
    starts = [sum(counts[:i]) for i in range(len(counts))]
    return [starts[i] + k for i in order for k in range(counts[i])]


@lru_cache(maxsize=1 << 12)
def compose(first: Movement, second: Movement) -> Movement | None:
    """First one movement, then the other; None if no atoms serve both."""
    assert first.target == second.source
    refined = refinement(first.moved_atoms, second.atoms)
    if refined is None:
        return None
    pieces, first_counts, second_counts = refined
    # How often each atom of the input is split, in the order of the input.
    counts = [0] * len(first.atoms)
    for place, atom in enumerate(first.order):
        counts[atom] = first_counts[place]
    first_order = _split(first.order, counts)
    second_order = _split(second.order, second_counts)
    atoms = [0] * len(pieces)
    for place, atom in enumerate(first_order):
        atoms[atom] = pieces[place]
    return merged(first.source, second.target, atoms, [first_order[i] for i in second_order])


@dataclass(frozen=True)
class Tracked:
    """A movement whose result's dimensions carry labels, followed back into the input.

    Attributes:
        movement: The movement, its atoms split so that each has one label.
        labels: The label of each atom of the input.
        source_labels: The label of each dimension of the input.
    """

    movement: Movement
    labels: tuple[Hashable, ...]
    source_labels: tuple[Hashable, ...]

    def axes(self, label: Hashable) -> list[int]:
        """The input's dimensions, but for those of extent 1, with this label."""
        return [i for i, found in enumerate(self.source_labels) if found == label and self.movement.source[i] != 1]

    def is_whole(self, label: Hashable) -> bool:
        """Whether a dimension of the result is one of the input, in the same order."""
        return self.labels.count(label) == 1 and len(self.axes(label)) == 1

    def resized(self, source: Shape, target: Shape, extents: dict[Hashable, int]) -> Movement:
        """The movement between two other shapes, where atoms of some labels have another extent (1: they vanish)."""
        sizes = [extents.get(label, atom) for atom, label in zip(self.movement.atoms, self.labels, strict=True)]
        kept = [i for i, size in enumerate(sizes) if size != 1]
        order = [kept.index(i) for i in self.movement.order if sizes[i] != 1]
        return merged(source, target, [sizes[i] for i in kept], order)


@lru_cache(maxsize=1 << 12)
def track(movement: Movement, labels: tuple[Hashable, ...]) -> Tracked | None:
    """Follow labels of the result's dimensions; None where a dimension of the input would have two.

    Args:
        movement: The movement.
        labels: One for each dimension of the result. Dimensions of equal label are one group.
    """
    runs: list[tuple[int, Hashable]] = []
    for extent, label in zip(movement.target, labels, strict=True):
        if extent == 1:
            continue
        if runs and runs[-1][1] == label:
            runs[-1] = (runs[-1][0] * extent, label)
        else:
            runs.append((extent, label))
    refined = refinement(movement.moved_atoms, [extent for extent, _ in runs])
    if refined is None:
        return None
    pieces, atom_counts, run_counts = refined
    counts = [0] * len(movement.atoms)
    for place, atom in enumerate(movement.order):
        counts[atom] = atom_counts[place]
    order = _split(movement.order, counts)
    moved_labels = [label for (_, label), count in zip(runs, run_counts, strict=True) for _ in range(count)]
    atoms, atom_labels = [0] * len(order), [None] * len(order)
    for place, atom in enumerate(order):
        atoms[atom], atom_labels[atom] = pieces[place], moved_labels[place]  # type: ignore[call-overload]
    source_labels = _labels_of(movement.source, atoms, atom_labels)
    if source_labels is None:
        return None
    split = Movement(movement.source, movement.target, tuple(atoms), tuple(order))
    return Tracked(split, tuple(atom_labels), source_labels)


def _labels_of(shape: Shape, atoms: list[int], labels: Sequence[Hashable]) -> tuple[Hashable, ...] | None:
    """The label of each dimension that the atoms form; None where one would have two."""
    runs: list[tuple[int, Hashable]] = []
    for atom, label in zip(atoms, labels, strict=True):
        if runs and runs[-1][1] == label:
            runs[-1] = (runs[-1][0] * atom, label)
        else:
            runs.append((atom, label))
    found: list[Hashable] = []
    rest, label = 1, None
    pending = iter(runs)
    for extent in shape:
        if extent == 1:
            found.append(None)
            continue
        if rest == 1:
            rest, label = next(pending)
        if rest % extent:
            return None
        rest //= extent
        found.append(label)
    return tuple(found)
