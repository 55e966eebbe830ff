"""Shape rules of TTIR's ops: each gives the shape of the result, or says which operand or attribute does not fit.

All raise VerifyException. Source of the rules: the verifiers in tt-mlir ``TTIROps.cpp`` and ``TTIRTraits.cpp``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from xdsl.dialects.builtin import DYNAMIC_INDEX
from xdsl.utils.exceptions import VerifyException

Shape: TypeAlias = tuple[int, ...]


def require(holds: bool, message: str) -> None:
    """Raise a VerifyException with `message` unless `holds`."""
    if not holds:
        raise VerifyException(message)


def may_be_equal(found: Shape, expected: Shape) -> bool:
    """Whether the shapes are equal but for extents that are not known."""
    return len(found) == len(expected) and all(
        x == y or DYNAMIC_INDEX in (x, y) for x, y in zip(found, expected, strict=True)
    )


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
    if not may_be_equal(left[-1:], right[-2:-1]):
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
