"""The rules of ops that movements commute with."""

from __future__ import annotations

from xdsl.ir import Operation

from tilewright.dialects import ttir
from tilewright.dialects.ttir.attributes import dense_i32, dense_i64, i32_array, integer_attr, si32
from tilewright.dialects.types import shape_of
from tilewright.transforms.erase_inverse.forms import (
    Forms,
    Rule,
    broadcast_form,
    extended,
    is_movable,
    leading,
    one_axis,
    operand_form,
    replaced,
    shapes_of,
)
from tilewright.transforms.erase_inverse.movement import Movement, identity, track


def elementwise(op: Operation, slot: int | None, form: Movement) -> Forms | None:
    """All operands move like the result; of one that broadcasts, what it has of the dimensions moves."""
    if form.target != shape_of(op.results[0]):
        return None
    operands = [operand_form(form, shape) for shape in shapes_of(op.operands)]
    found = tuple(o for o in operands if o is not None)
    return Forms(found, form) if len(found) == len(operands) else None


def broadcast(op: Operation, slot: int | None, form: Movement) -> Forms | None:
    """From the result, to which dimensions to repeat before the movement. (The other way it would move more.)"""
    assert isinstance(op, ttir.BroadcastOp)
    if slot is not None:
        return None
    operand = broadcast_form(form, shape_of(op.input))
    if operand is None:
        return None
    factors = [want // have for want, have in zip(form.source, operand.source, strict=True)]
    return Forms((operand,), form, {"broadcast_dimensions": dense_i64(factors)})


def reduction(op: Operation, slot: int | None, form: Movement) -> Forms | None:
    """From the operand, if no dimension is reduced in part."""
    assert isinstance(op, ttir.ReductionOp)
    if slot is None:
        return None
    axes = frozenset(op.axes)
    tracked = track(form, tuple(i in axes for i in range(len(form.target))))
    if tracked is None:
        return None
    # A dimension of extent 1 does as well as another, but there has to be one to reduce.
    reduced = tracked.axes(True) or [i for i, extent in enumerate(form.source) if extent == 1][:1]
    if not reduced:
        return None
    source = tuple(
        1 if i in reduced else extent for i, extent in enumerate(form.source) if op.keep_dim or i not in reduced
    )
    result = tracked.resized(source, shape_of(op.result), {True: 1})
    return Forms((form,), result, {"dim_arg": i32_array(reduced)})


def softmax(op: Operation, slot: int | None, form: Movement) -> Forms | None:
    """If the dimension of the softmax stays one."""
    assert isinstance(op, ttir.SoftmaxOp)
    found = one_axis(form, op.axis)
    return None if found is None else Forms((form,), form, {"dimension": integer_attr(found[1], si32)})


def normalization(op: Operation, slot: int | None, form: Movement) -> Forms | None:
    """If the dimensions that are normalised stay where they are."""
    assert isinstance(op, ttir.NormalizationOp)
    if slot or leading(form, len(op.axes)) is None:
        return None
    return Forms((form, *(identity(shape) for shape in shapes_of(op.operands[1:]))), form)


def slice_static(op: Operation, slot: int | None, form: Movement) -> Forms | None:
    """If each dimension that is sliced stays one."""
    assert isinstance(op, ttir.SliceStaticOp)
    shape, result = shape_of(op.input), shape_of(op.result)
    bounds = op.bounds
    sliced = [i for i, extent in enumerate(shape) if bounds[i] != (0, extent, 1)]
    tracked = track(form, tuple(i if i in sliced else "rest" for i in range(len(shape))))
    if tracked is None or not all(tracked.is_whole(i) for i in sliced):
        return None
    new_bounds: list[tuple[int, int, int]] = [(0, extent, 1) for extent in form.source]
    other = form.source
    wanted = shape if slot is None else result
    for i in sliced:
        (axis,) = tracked.axes(i)
        new_bounds[axis] = bounds[i]
        other = replaced(other, axis, wanted[i])
    moved = tracked.resized(other, wanted, {i: wanted[i] for i in sliced})
    begins, ends, steps = zip(*new_bounds, strict=True)
    properties = {"begins": i32_array(begins), "ends": i32_array(ends), "step": i32_array(steps)}
    return Forms((moved,), form, properties) if slot is None else Forms((form,), moved, properties)


def pad(op: Operation, slot: int | None, form: Movement) -> Forms | None:
    """If each dimension that is padded stays one."""
    assert isinstance(op, ttir.PadOp)
    shape, result = shape_of(op.input), shape_of(op.result)
    edges = op.edges
    padded = [i for i, edge in enumerate(edges) if edge != (0, 0)]
    tracked = track(form, tuple(i if i in padded else "rest" for i in range(len(shape))))
    if tracked is None or not all(tracked.is_whole(i) for i in padded):
        return None
    new_edges = [(0, 0)] * len(form.source)
    other = form.source
    wanted = shape if slot is None else result
    for i in padded:
        (axis,) = tracked.axes(i)
        new_edges[axis] = edges[i]
        other = replaced(other, axis, wanted[i])
    moved = tracked.resized(other, wanted, {i: wanted[i] for i in padded})
    properties = {"padding": dense_i32(number for edge in new_edges for number in edge)}
    return Forms((moved,), form, properties) if slot is None else Forms((form,), moved, properties)


def concat(op: Operation, slot: int | None, form: Movement) -> Forms | None:
    """If the dimension along which the operands lie stays one."""
    assert isinstance(op, ttir.ConcatOp)
    axis = op.axis
    found = one_axis(form, axis)
    if found is None:
        return None
    tracked, new_axis = found

    def resized(shape: tuple[int, ...]) -> Movement:
        return tracked.resized(replaced(form.source, new_axis, shape[axis]), shape, {"axis": shape[axis]})

    operands = tuple(resized(shape) for shape in shapes_of(op.operands))
    return Forms(operands, resized(shape_of(op.result)), {"dim": integer_attr(new_axis, si32)})


def matmul(op: Operation, slot: int | None, form: Movement) -> Forms | None:
    """Batch dimensions move together, in `a` also with the rows if `b` has none; inner ones stay where they are."""
    assert isinstance(op, ttir.MatmulOp | ttir.LinearOp)
    a, b, *bias = shapes_of(op.operands)
    result = shape_of(op.result)
    if len(a) < 2 or len(b) < 2 or bool(op.transpose_a):
        return None
    found = _rows(slot, form, a, b, result) if len(b) == 2 else _batches(form, a, b, result)
    if found is None:
        return None
    if not bias:
        return found
    addend = operand_form(found.result, bias[0])
    if addend is None or len(bias[0]) > len(result) or len(addend.source) > len(found.result.source):
        return None
    return Forms((*found.operands, addend), found.result)


def _rows(
    slot: int | None, form: Movement, a: tuple[int, ...], b: tuple[int, ...], result: tuple[int, ...]
) -> Forms | None:
    rows = leading(form, 1) if slot in (None, 0) else None
    if rows is None or len(rows.source) < 1 or a[:-1] != result[:-1]:
        return None
    return Forms((extended(rows, a[-1:]), identity(b)), extended(rows, result[-1:]))


def _batches(form: Movement, a: tuple[int, ...], b: tuple[int, ...], result: tuple[int, ...]) -> Forms | None:
    if form.target[:-2] != result[:-2]:
        return None
    batch = leading(form, 2)
    if batch is None or len(b) != len(a):
        return None
    left, right = broadcast_form(batch, a[:-2]), broadcast_form(batch, b[:-2])
    if left is None or right is None:
        return None
    return Forms((extended(left, a[-2:]), extended(right, b[-2:])), extended(batch, result[-2:]))


def embedding(op: Operation, slot: int | None, form: Movement) -> Forms | None:
    """Indices move like their rows of the table."""
    assert isinstance(op, ttir.EmbeddingOp)
    table = shape_of(op.weight)
    indices = form if slot == 0 else leading(form, 1) if slot is None else None
    if indices is None or len(indices.source) not in (1, 2):
        return None
    return Forms((indices, identity(table)), extended(indices, table[-1:]))


_RULES: dict[type[Operation], Rule] = {
    ttir.BinaryOp: elementwise,
    ttir.BroadcastOp: broadcast,
    ttir.ClampTensorOp: elementwise,
    ttir.ConcatOp: concat,
    ttir.EmbeddingOp: embedding,
    ttir.LinearOp: matmul,
    ttir.MatmulOp: matmul,
    ttir.MaxOp: reduction,
    ttir.MeanOp: reduction,
    ttir.MinOp: reduction,
    ttir.NormalizationOp: normalization,
    ttir.PadOp: pad,
    ttir.ProdOp: reduction,
    ttir.ReduceAndOp: reduction,
    ttir.ReduceOrOp: reduction,
    ttir.SliceStaticOp: slice_static,
    ttir.SoftmaxOp: softmax,
    ttir.SumOp: reduction,
    ttir.UnaryOp: elementwise,
    ttir.WhereOp: elementwise,
}
"""By type of op or a base of it."""


def rule_of(op: Operation) -> Rule | None:
    """The rule of `op`, which holds for every movement of its operands and its only result."""
    if len(op.results) != 1:
        return None
    rule = next((_RULES[base] for base in type(op).__mro__ if base in _RULES), None)
    if rule is None or not all(is_movable(value) for value in (*op.operands, *op.results)):
        return None
    return rule
