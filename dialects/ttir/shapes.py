"""Shape rules of TTIR's ops: each gives the shape of the result, or says which operand or attribute does not fit.

All raise VerifyException. Source of the rules: the verifiers in tt-mlir ``TTIROps.cpp`` and ``TTIRTraits.cpp``.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import TypeAlias

from xdsl.dialects.builtin import DYNAMIC_INDEX
from xdsl.utils.exceptions import VerifyException

Shape: TypeAlias = tuple[int, ...]


def require(holds: bool, message: str) -> None:
    """Raise a VerifyException with `message` unless `holds`."""
    if not holds:
        raise VerifyException(message)


def normalized_axis(axis: int, rank: int, name: str) -> int:
    """`axis` counted from the front, for a tensor of `rank`; `name` is the attribute that holds it."""
    if not -rank <= axis < rank:
        raise VerifyException(f"attribute '{name}' is {axis}, expected a value in [{-rank}, {rank}) for rank {rank}")
    return axis + rank if axis < 0 else axis


def _broadcast(a: Shape, b: Shape) -> Shape | None:
    if len(a) < len(b):
        a, b = b, a
    tail = len(a) - len(b)
    out = list(a)
    for i, (x, y) in enumerate(zip(a[tail:], b, strict=True), tail):
        if x == y or y == 1:
            continue
        if x == 1 or x == DYNAMIC_INDEX:
            out[i] = y
        elif y != DYNAMIC_INDEX:
            return None
    return tuple(out)


def broadcast_shapes(*shapes: Shape, names: Sequence[str] = ()) -> Shape:
    """The shape to which all `shapes` broadcast: aligned at the last dimension, extents equal or 1.

    Args:
        shapes: Those of the operands.
        names: Their names, for messages.
    """
    result = shapes[0]
    for i, shape in enumerate(shapes[1:], 1):
        if shape == result:
            continue
        joined = _broadcast(result, shape)
        if joined is None:
            operand = f"operand '{names[i]}'" if names else f"operand {i}"
            raise VerifyException(f"{operand} has the shape {shape}, expected one that broadcasts with {result}")
        result = joined
    return result


def matmul_shape(a: Shape, b: Shape, transpose_a: bool = False, transpose_b: bool = False) -> Shape:
    """`a @ b` with broadcast batch dimensions; a vector loses its dimension, and two of them give `(1,)`.

    As in tt-mlir, the flags do not apply to a vector.
    """
    require(len(a) >= 1, f"operand 'a' has the shape {a}, expected rank >= 1")
    require(len(b) >= 1, f"operand 'b' has the shape {b}, expected rank >= 1")
    left = (1, *a) if len(a) == 1 else (*a[:-2], a[-1], a[-2]) if transpose_a else a
    right = (*b, 1) if len(b) == 1 else (*b[:-2], b[-1], b[-2]) if transpose_b else b
    if left[-1] != right[-2]:
        raise VerifyException(
            f"operand 'b' has the shape {b} with the inner extent {right[-2]}, "
            f"expected {left[-1]}, that of 'a' with the shape {a}"
        )
    batch = _broadcast(left[:-2], right[:-2])
    if batch is None:
        raise VerifyException(
            f"operand 'b' has the batch dimensions {right[:-2]}, expected ones that broadcast with {left[:-2]} of 'a'"
        )
    result = (*batch, *left[-2:-1][: len(a) > 1], *right[-1:][: len(b) > 1])
    return result or (1,)


def linear_shape(a: Shape, b: Shape, bias: Shape | None, transpose_a: bool = False, transpose_b: bool = False) -> Shape:
    """`a @ b + bias`, where the bias broadcasts with the product."""
    product = matmul_shape(a, b, transpose_a, transpose_b)
    if bias is None:
        return product
    require(len(bias) >= 1, f"operand 'bias' has the shape {bias}, expected rank >= 1")
    joined = _broadcast(product, bias)
    if joined is None:
        raise VerifyException(
            f"operand 'bias' has the shape {bias}, expected one that broadcasts with the product {product}"
        )
    return joined


def reduced_axes(rank: int, dims: Sequence[int] | None) -> tuple[int, ...]:
    """The axes that `dims` name, counted from the front and sorted; all of them for None."""
    if dims is None:
        return tuple(range(rank))
    axes = sorted(normalized_axis(d, rank, "dim_arg") for d in dims)
    if len(set(axes)) != len(axes):
        raise VerifyException(f"attribute 'dim_arg' is {list(dims)}, expected each dimension once")
    return tuple(axes)


def reduced_shape(shape: Shape, dims: Sequence[int] | None, keep_dim: bool) -> Shape:
    """`shape` without the dimensions `dims` (all for None), or with extent 1 there if `keep_dim`."""
    axes = frozenset(reduced_axes(len(shape), dims))
    return tuple(1 if i in axes else d for i, d in enumerate(shape) if keep_dim or i not in axes)


def reshaped_shape(shape: Shape, target: Sequence[int]) -> Shape:
    """`target` with its -1, if it has one, replaced by what is left of the elements of `shape`."""
    wildcards = sum(d == -1 for d in target)
    if wildcards > 1 or any(d < -1 for d in target):
        raise VerifyException(f"attribute 'shape' is {list(target)}, expected extents >= 0 and at most one -1")
    known = prod(d for d in target if d != -1)
    elements = prod(shape)
    if (wildcards and (known == 0 or elements % known)) or (not wildcards and known != elements):
        raise VerifyException(
            f"attribute 'shape' is {list(target)}, expected the {elements} elements of 'input' with the shape {shape}"
        )
    return tuple(elements // known if d == -1 else d for d in target)


def permuted_shape(shape: Shape, permutation: Sequence[int]) -> Shape:
    """`shape` with dimension `permutation[i]` at place i."""
    if sorted(permutation) != list(range(len(shape))):
        raise VerifyException(
            f"attribute 'permutation' is {list(permutation)}, expected a permutation of 0..{len(shape) - 1}"
        )
    return tuple(shape[i] for i in permutation)


def transposed_shape(shape: Shape, dim0: int, dim1: int) -> Shape:
    """`shape` with the dimensions `dim0` and `dim1` swapped."""
    require(len(shape) >= 2, f"operand 'input' has the shape {shape}, expected rank >= 2")
    a, b = normalized_axis(dim0, len(shape), "dim0"), normalized_axis(dim1, len(shape), "dim1")
    out = list(shape)
    out[a], out[b] = shape[b], shape[a]
    return tuple(out)


def repeated_shape(shape: Shape, factors: Sequence[int]) -> Shape:
    """`shape` broadcast by a factor a dimension: 1 where it stays, the extent where it was 1."""
    if len(factors) != len(shape):
        raise VerifyException(
            f"attribute 'broadcast_dimensions' is {list(factors)}, "
            f"expected {len(shape)} values, the rank of 'input' with the shape {shape}"
        )
    for i, (extent, factor) in enumerate(zip(shape, factors, strict=True)):
        if factor < 1 or (factor != 1 and extent != 1):
            raise VerifyException(
                f"attribute 'broadcast_dimensions' is {factor} at {i}, "
                f"expected 1, as the extent of 'input' is {extent} there"
                if factor >= 1
                else f"attribute 'broadcast_dimensions' is {factor} at {i}, expected a value >= 1"
            )
    return tuple(d * f for d, f in zip(shape, factors, strict=True))


def concatenated_shape(shapes: Sequence[Shape], dim: int) -> Shape:
    """The tensors one after the other along `dim`; all other extents are equal."""
    require(len(shapes) >= 1, "operand 'inputs' is empty, expected at least one tensor")
    first = shapes[0]
    axis = normalized_axis(dim, len(first), "dim")
    for i, shape in enumerate(shapes[1:], 1):
        if len(shape) != len(first) or any(
            x != y for j, (x, y) in enumerate(zip(shape, first, strict=True)) if j != axis
        ):
            raise VerifyException(
                f"operand 'inputs' {i} has the shape {shape}, expected {first}, that of the first, "
                f"but for dimension {axis}"
            )
    return (*first[:axis], sum(s[axis] for s in shapes), *first[axis + 1 :])


def slice_bounds(
    shape: Shape, begins: Sequence[int], ends: Sequence[int], steps: Sequence[int]
) -> tuple[tuple[int, int, int], ...]:
    """Begin, end and step of each dimension, with negative begins and ends counted from the back."""
    require(len(shape) >= 1, f"operand 'input' has the shape {shape}, expected rank >= 1")
    for name, values in (("begins", begins), ("ends", ends), ("step", steps)):
        if len(values) != len(shape):
            raise VerifyException(
                f"attribute '{name}' is {list(values)}, expected {len(shape)} values, "
                f"the rank of 'input' with the shape {shape}"
            )
    bounds: list[tuple[int, int, int]] = []
    for i, (extent, begin, end, step) in enumerate(zip(shape, begins, ends, steps, strict=True)):
        first = begin + extent if begin < 0 else begin
        last = end + extent if end < 0 else end
        if first != last and not 0 <= first < extent:
            raise VerifyException(f"attribute 'begins' is {begin} at {i}, expected a value in [{-extent}, {extent})")
        if first != last and not 0 <= last <= extent:
            raise VerifyException(f"attribute 'ends' is {end} at {i}, expected a value in [{-extent}, {extent}]")
        if step == 0:
            raise VerifyException(f"attribute 'step' is 0 at {i}, expected another value")
        if (last - first) * step < 0:
            order = "at least" if step > 0 else "at most"
            raise VerifyException(
                f"attribute 'ends' is {end} at {i}, expected {order} the begin {begin}, as the step is {step}"
            )
        bounds.append((first, last, step))
    return tuple(bounds)


def sliced_shape(shape: Shape, begins: Sequence[int], ends: Sequence[int], steps: Sequence[int]) -> Shape:
    """`ceil((end - begin) / step)` in each dimension."""
    return tuple(-(-abs(end - begin) // abs(step)) for begin, end, step in slice_bounds(shape, begins, ends, steps))


def squeezed_shape(shape: Shape, dim: int) -> Shape:
    """`shape` without dimension `dim`, whose extent is 1. The result has a dimension left."""
    axis = normalized_axis(dim, len(shape), "dim")
    require(shape[axis] == 1, f"operand 'input' has the extent {shape[axis]} in dimension {axis}, expected 1")
    require(len(shape) > 1, f"operand 'input' has the shape {shape}, expected rank >= 2, as the result has rank >= 1")
    return (*shape[:axis], *shape[axis + 1 :])


def unsqueezed_shape(shape: Shape, dim: int) -> Shape:
    """`shape` with an extent of 1 inserted as dimension `dim` of the result."""
    axis = normalized_axis(dim, len(shape) + 1, "dim")
    return (*shape[:axis], 1, *shape[axis:])


def embedding_shape(indices: Shape, weight: Shape) -> Shape:
    """A row of the table for each index: `indices + (embedding size,)`."""
    require(len(indices) <= 2, f"operand 'input' has the shape {indices}, expected rank <= 2")
    if len(weight) < 2 or any(d != 1 for d in weight[:-2]):
        raise VerifyException(f"operand 'weight' has the shape {weight}, expected (rows, embedding size) after ones")
    return (*indices, weight[-1])


def arange_length(start: int, end: int, step: int) -> int:
    """The values from `start` towards `end`, which is not one of them; tt-mlir rounds a last partial step away."""
    require(step != 0, "attribute 'step' is 0, expected another value")
    span = end - start
    length = abs(span) // abs(step) if span * step > 0 else 0
    if length == 0:
        raise VerifyException(f"attribute 'end' is {end}, expected at least one step of {step} from the start {start}")
    return length
