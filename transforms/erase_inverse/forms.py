"""What an op looks like when it computes on moved tensors.

For each kind of op a rule tells, from the movement at one operand or at the result, the movements at all of them. Only
rules that hold for every element are here; an op without a rule computes on its tensors as they are.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from xdsl.dialects.builtin import AnyFloat, IntegerType, NoneAttr
from xdsl.ir import Attribute, Operation, SSAValue
from xdsl.utils.hints import isa

from tilewright.dialects.ttir.shapes import Shape
from tilewright.dialects.types import is_tensor, shape_of, tensor_type
from tilewright.transforms.erase_inverse.movement import Movement, Tracked, identity, merged, track


@dataclass(frozen=True)
class Forms:
    """An op on moved tensors.

    Attributes:
        operands: For each operand the movement from what the new op takes to what the op takes now.
        result: The movement from the result of the new op to that of the op.
        properties: Properties of the new op that differ.
    """

    operands: tuple[Movement, ...]
    result: Movement
    properties: Mapping[str, Attribute] = field(default_factory=dict[str, Attribute])


Rule: TypeAlias = "Callable[[Operation, int | None, Movement], Forms | None]"
"""From an op, the index of an operand (None: the result) and the movement there to its forms; None if it has none."""


def is_movable(value: SSAValue) -> bool:
    """Whether movements of `value` are understood: a static shape with elements, of numbers, without an encoding."""
    type = value.type
    return (
        is_tensor(type)
        and all(extent > 0 for extent in type.get_shape())
        and isinstance(type.encoding, NoneAttr)
        and isa(type.element_type, IntegerType | AnyFloat)
    )


def rebuild(op: Operation, forms: Forms, operands: Sequence[SSAValue]) -> Operation:
    """`op` on moved operands."""
    (result,) = op.results
    assert is_tensor(result.type)  # what is_movable says
    made = type(op).create(
        operands=operands,
        result_types=[tensor_type(forms.result.source, result.type.element_type)],
        properties={**op.properties, **forms.properties},
        attributes=dict(op.attributes),
    )
    made.location = op.location
    made.results[0].name_hint = result.name_hint
    return made


def broadcast_form(form: Movement, shape: Shape) -> Movement | None:
    """The movement of an operand of `shape` that broadcasts with a value moved by `form`; of the same rank as that."""
    padded = (1,) * (len(form.target) - len(shape)) + shape
    repeated = tuple(have == 1 != want for have, want in zip(padded, form.target, strict=True))
    tracked = track(form, repeated)
    if tracked is None:
        return None
    source = tuple(1 if label is True else d for d, label in zip(form.source, tracked.source_labels, strict=True))
    return tracked.resized(source, shape, {True: 1})


def operand_form(form: Movement, shape: Shape) -> Movement | None:
    """As `broadcast_form`, but the operand stays as it is where it broadcasts in the same way without leading ones."""
    if shape == form.target:
        return form
    moved = broadcast_form(form, shape)
    if moved is None or len(moved.order) > 1 or len(shape) > len(form.source):
        return moved
    return identity(shape) if _without_ones(moved.source) == _without_ones(shape) else moved


def _without_ones(shape: Shape) -> Shape:
    """`shape` from its first extent that is not 1."""
    first = next((i for i, extent in enumerate(shape) if extent != 1), len(shape))
    return shape[first:]


def leading(form: Movement, count: int) -> Movement | None:
    """The movement of all but the last `count` dimensions; None unless these stay in their places."""
    rank = len(form.target)
    if count > min(rank, len(form.source)) or form.source[len(form.source) - count :] != form.target[rank - count :]:
        return None
    labels: tuple[Hashable, ...] = tuple("rest" if i < rank - count else i for i in range(rank))
    tracked = track(form, labels)
    if tracked is None:
        return None
    for i in range(rank - count, rank):
        if form.target[i] != 1 and tracked.axes(i) != [i - rank + len(form.source)]:
            return None
        if tracked.labels.count(i) > 1:
            return None
    kept: tuple[Hashable, ...] = tuple(range(rank - count, rank))
    return tracked.resized(form.source[: len(form.source) - count], form.target[: rank - count], dict.fromkeys(kept, 1))


def extended(form: Movement, extents: Shape) -> Movement:
    """The movement with more dimensions at the end, which stay in their places."""
    atoms = [extent for extent in extents if extent != 1]
    order = (*form.order, *range(len(form.atoms), len(form.atoms) + len(atoms)))
    return merged((*form.source, *extents), (*form.target, *extents), (*form.atoms, *atoms), order)


def replaced(shape: Shape, axis: int, extent: int) -> Shape:
    """`shape` with another extent at `axis`."""
    return (*shape[:axis], extent, *shape[axis + 1 :])


def one_axis(form: Movement, axis: int) -> tuple[Tracked, int] | None:
    """`form` with dimension `axis` of the result labelled "axis", and the dimension of the input that it is."""
    labels = tuple("axis" if i == axis else "rest" for i in range(len(form.target)))
    tracked = track(form, labels)
    if tracked is None or not tracked.is_whole("axis"):
        return None
    return tracked, tracked.axes("axis")[0]


def shapes_of(values: Sequence[SSAValue]) -> list[Shape]:
    """The shapes of tensors."""
    return [shape_of(value) for value in values]
