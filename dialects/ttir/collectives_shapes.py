"""Shape and attribute rules of the ops that span a mesh. All raise VerifyException.

Source: the verifiers in tt-mlir ``TTIROps.cpp``. How many devices an axis of the mesh has is not known to an op, so
that only the interpreter can tell whether a gathered extent is the right multiple.
"""

from __future__ import annotations

from collections.abc import Sequence

from xdsl.dialects.builtin import DYNAMIC_INDEX, DenseIntOrFPElementsAttr, i64
from xdsl.utils.exceptions import VerifyException

from tilewright.dialects.ttir.shapes import Shape, normalized_axis, require


def _is_multiple(whole: int, part: int) -> bool:
    return DYNAMIC_INDEX in (whole, part) or (whole % part == 0 if part else whole == 0)


def verify_axis_of_mesh(axis: int, name: str = "cluster_axis") -> None:
    """A mesh has two axes."""
    require(axis in (0, 1), f"attribute '{name}' is {axis}, expected 0 or 1")


def verify_positive(value: int, name: str) -> None:
    """`value` of attribute `name` is at least 1."""
    require(value >= 1, f"attribute '{name}' is {value}, expected a value >= 1")


def verify_rank(shape: Shape, rank: int, name: str, extents: str) -> None:
    """The operand or result `name` has as many dimensions as `extents` lists."""
    require(len(shape) == rank, f"{name} has the shape {shape}, expected rank {rank}, {extents}")


def gathered_shape(shape: Shape, result: Shape, dim: int) -> Shape:
    """`shape` with a multiple of its extent along `dim`: the one that `result` has."""
    axis = normalized_axis(dim, len(shape), "all_gather_dim")
    if len(result) != len(shape):
        return shape
    if not _is_multiple(result[axis], shape[axis]):
        raise VerifyException(
            f"the result has the extent {result[axis]} in dimension {axis}, "
            f"expected a multiple of {shape[axis]}, that of 'input'"
        )
    return (*shape[:axis], result[axis], *shape[axis + 1 :])


def scattered_shape(shape: Shape, result: Shape, dim: int, name: str) -> Shape:
    """`shape` with a divisor of its extent along `dim`, attribute `name`: the one that `result` has."""
    axis = normalized_axis(dim, len(shape), name)
    if len(result) != len(shape):
        return shape
    if not _is_multiple(shape[axis], result[axis]):
        raise VerifyException(
            f"the result has the extent {result[axis]} in dimension {axis}, "
            f"expected a divisor of {shape[axis]}, that of 'input'"
        )
    return (*shape[:axis], result[axis], *shape[axis + 1 :])


def sharded_shape(full: Shape, shard: Shape, shard_name: str) -> None:
    """Each extent of the shard divides that of the full tensor; `shard_name` says which value the shard is."""
    require(
        len(full) == len(shard) and all(_is_multiple(f, s) for f, s in zip(full, shard, strict=True)),
        f"{shard_name} has the shape {shard}, expected a divisor of each extent of the full shape {full}",
    )


def exchanged_shape(shape: Shape, split_dim: int, concat_dim: int, count: int) -> Shape:
    """`shape` cut into `count` parts along `split_dim`, which are put one after the other along `concat_dim`."""
    rank = len(shape)
    for name, dim in (("split_dim", split_dim), ("concat_dim", concat_dim)):
        require(0 <= dim < rank, f"attribute '{name}' is {dim}, expected a value in [0, {rank}) for rank {rank}")
    verify_positive(count, "split_count")
    if not _is_multiple(shape[split_dim], count):
        raise VerifyException(
            f"attribute 'split_count' is {count}, expected a divisor of {shape[split_dim]}, "
            f"the extent of 'input' in dimension {split_dim}"
        )
    out = list(shape)
    out[split_dim] = out[split_dim] if out[split_dim] == DYNAMIC_INDEX else out[split_dim] // count
    out[concat_dim] = out[concat_dim] if out[concat_dim] == DYNAMIC_INDEX else out[concat_dim] * count
    return tuple(out)


def rows_of(attribute: DenseIntOrFPElementsAttr, name: str) -> tuple[tuple[int, ...], ...]:
    """The rows of a matrix of 64-bit integers."""
    shape = attribute.get_shape()
    require(attribute.get_element_type() == i64, f"attribute '{name}' is {attribute}, expected elements of type i64")
    require(len(shape) == 2, f"attribute '{name}' has the shape {shape}, expected rank 2")
    values = [v for v in attribute.get_values() if isinstance(v, int)] if shape[0] and shape[1] else []
    return tuple(tuple(values[i * shape[1] : (i + 1) * shape[1]]) for i in range(shape[0]))


def replica_groups_of(attribute: DenseIntOrFPElementsAttr) -> tuple[tuple[int, ...], ...]:
    """The devices of each group; each number from 0 on occurs once."""
    groups = rows_of(attribute, "replica_groups")
    devices = [d for group in groups for d in group]
    for device in devices:
        require(
            0 <= device < len(devices),
            f"attribute 'replica_groups' has the device {device}, expected a value in [0, {len(devices)})",
        )
    if repeated := first_repeated(devices):
        raise VerifyException(f"attribute 'replica_groups' has the device {repeated[0]} twice, expected it once")
    return groups


def source_target_pairs_of(attribute: DenseIntOrFPElementsAttr) -> tuple[tuple[int, int], ...]:
    """Pairs of a sending and a receiving device; none sends twice or receives twice."""
    rows = rows_of(attribute, "source_target_pairs")
    if attribute.get_shape()[1] != 2:
        raise VerifyException(
            f"attribute 'source_target_pairs' has the shape {attribute.get_shape()}, expected two columns"
        )
    pairs = tuple((source, target) for source, target in rows)
    for role, devices in (("source", [s for s, _ in pairs]), ("target", [t for _, t in pairs])):
        if repeated := first_repeated(devices):
            raise VerifyException(
                f"attribute 'source_target_pairs' has the {role} {repeated[0]} twice, expected it once"
            )
    return pairs


def first_repeated(values: Sequence[int]) -> tuple[int, ...]:
    """The first value that occurred before; empty if there is none."""
    seen: set[int] = set()
    for value in values:
        if value in seen:
            return (value,)
        seen.add(value)
    return ()
