"""Shape rules of the ops that move elements; a dynamic extent fits every number.

All raise VerifyException. Source of the rules: the verifiers in tt-mlir ``TTIROps.cpp``.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

from xdsl.dialects.builtin import DYNAMIC_INDEX
from xdsl.utils.exceptions import VerifyException

from tilewright.dialects.ttir.shapes import Shape, normalized_axis, require


def _scaled(extent: int, factor: int) -> int:
    return extent if extent == DYNAMIC_INDEX else extent * factor


def reshaped_shape(shape: Shape, target: Sequence[int]) -> Shape:
    """`target` with its -1, if it has one, replaced by what is left of the elements of `shape`."""
    wildcards = sum(d == -1 for d in target)
    if wildcards > 1 or any(d < -1 for d in target):
        raise VerifyException(f"attribute 'shape' is {list(target)}, expected extents >= 0 and at most one -1")
    if DYNAMIC_INDEX in shape:
        return tuple(DYNAMIC_INDEX if d == -1 else d for d in target)
    known = prod(d for d in target if d != -1)
    elements = prod(shape)
    if elements % known if wildcards and known else known != elements:
        raise VerifyException(
            f"attribute 'shape' is {list(target)}, expected the {elements} elements of 'input' with the shape {shape}"
        )
    # Without elements, any extent is left.
    rest = elements // known if known else DYNAMIC_INDEX
    return tuple(rest if d == -1 else d for d in target)


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


def repeated_shape(shape: Shape, factors: Sequence[int], name: str = "repeat_dimensions") -> Shape:
    """`shape` times a factor a dimension; `name` is the attribute that holds the factors."""
    if len(factors) != len(shape):
        raise VerifyException(
            f"attribute '{name}' is {list(factors)}, "
            f"expected {len(shape)} values, the rank of 'input' with the shape {shape}"
        )
    for i, factor in enumerate(factors):
        require(factor >= 1, f"attribute '{name}' is {factor} at {i}, expected a value >= 1")
    return tuple(_scaled(d, f) for d, f in zip(shape, factors, strict=True))


def broadcast_shape(shape: Shape, factors: Sequence[int]) -> Shape:
    """`shape` broadcast by a factor a dimension: 1 where it stays, the new extent where it was 1."""
    result = repeated_shape(shape, factors, "broadcast_dimensions")
    for i, (extent, factor) in enumerate(zip(shape, factors, strict=True)):
        if factor != 1 and extent not in (1, DYNAMIC_INDEX):
            raise VerifyException(
                f"attribute 'broadcast_dimensions' is {factor} at {i}, "
                f"expected 1, as the extent of 'input' is {extent} there"
            )
    return result


def interleaved_shape(shape: Shape, repeats: int, dim: int) -> Shape:
    """`shape` with the extent of dimension `dim` times `repeats`."""
    require(len(shape) >= 1, f"operand 'input' has the shape {shape}, expected rank >= 1")
    require(repeats >= 1, f"attribute 'repeats' is {repeats}, expected a value >= 1")
    axis = normalized_axis(dim, len(shape), "dim")
    return (*shape[:axis], _scaled(shape[axis], repeats), *shape[axis + 1 :])


def concatenated_shape(shapes: Sequence[Shape], dim: int) -> Shape:
    """The tensors one after the other along `dim`; all other extents are equal."""
    require(len(shapes) >= 1, "operand 'inputs' is empty, expected at least one tensor")
    first = shapes[0]
    axis = normalized_axis(dim, len(first), "dim")
    joined = list(first)
    for i, shape in enumerate(shapes[1:], 1):
        if len(shape) != len(first) or any(
            x != y and DYNAMIC_INDEX not in (x, y)
            for j, (x, y) in enumerate(zip(shape, joined, strict=True))
            if j != axis
        ):
            raise VerifyException(
                f"operand 'inputs' {i} has the shape {shape}, expected {first}, that of the first, "
                f"but for dimension {axis}"
            )
        joined = [y if x == DYNAMIC_INDEX else x for x, y in zip(joined, shape, strict=True)]
    extents = [s[axis] for s in shapes]
    joined[axis] = DYNAMIC_INDEX if DYNAMIC_INDEX in extents else sum(extents)
    return tuple(joined)


def squeezed_shape(shape: Shape, dim: int) -> Shape:
    """`shape` without dimension `dim`, whose extent is 1. The result has a dimension left."""
    axis = normalized_axis(dim, len(shape), "dim")
    if shape[axis] not in (1, DYNAMIC_INDEX):
        raise VerifyException(f"operand 'input' has the extent {shape[axis]} in dimension {axis}, expected 1")
    require(len(shape) > 1, f"operand 'input' has the shape {shape}, expected rank >= 2, as the result has rank >= 1")
    return (*shape[:axis], *shape[axis + 1 :])


def unsqueezed_shape(shape: Shape, dim: int) -> Shape:
    """`shape` with an extent of 1 inserted as dimension `dim` of the result."""
    axis = normalized_axis(dim, len(shape) + 1, "dim")
    return (*shape[:axis], 1, *shape[axis:])


def reversed_axes(rank: int, dimensions: Sequence[int]) -> tuple[int, ...]:
    """`dimensions`, each from 0 to `rank` - 1 and there once."""
    if len(set(dimensions)) != len(dimensions):
        raise VerifyException(f"attribute 'dimensions' is {list(dimensions)}, expected each dimension once")
    for dim in dimensions:
        require(0 <= dim < rank, f"attribute 'dimensions' has {dim}, expected values in [0, {rank})")
    return tuple(dimensions)


def padded_shape(shape: Shape, padding: Sequence[int]) -> Shape:
    """`shape` with what `padding` (low, high of each dimension in turn) adds, or takes where it is negative."""
    if len(padding) != 2 * len(shape):
        raise VerifyException(
            f"attribute 'padding' is {list(padding)}, "
            f"expected {2 * len(shape)} values, two for each dimension of 'input' with the shape {shape}"
        )
    padded: list[int] = []
    for i, extent in enumerate(shape):
        added = padding[2 * i] + padding[2 * i + 1]
        if extent != DYNAMIC_INDEX and extent + added < 0:
            raise VerifyException(
                f"attribute 'padding' is {list(padding[2 * i : 2 * i + 2])} for dimension {i}, "
                f"expected to take no more than the extent {extent}"
            )
        padded.append(extent if extent == DYNAMIC_INDEX else extent + added)
    return tuple(padded)
