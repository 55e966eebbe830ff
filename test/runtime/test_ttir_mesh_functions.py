"""Collectives and mesh ops of TTIR, against messages that NumPy's index arithmetic sends from device to device."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf, nan

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from xdsl.dialects import test as xdsl_test
from xdsl.dialects.builtin import (
    DenseIntOrFPElementsAttr,
    IntegerType,
    ModuleOp,
    Signedness,
    TensorType,
    bf16,
    f16,
    f32,
    f64,
    i1,
    i8,
    i32,
    i64,
)
from xdsl.ir import Attribute, Operation, SSAValue

from tilewright.dialects import ttir
from tilewright.dialects.ttcore import (
    ReduceType,
    ReduceTypeAttr,
    ShardDirection,
    ShardDirectionAttr,
    ShardType,
    ShardTypeAttr,
)
from tilewright.dialects.ttir.attributes import dense_i64, integer_attr, si32, ui32
from tilewright.dialects.types import tensor_type
from tilewright.runtime.dtypes import torch_dtype
from tilewright.runtime.functions.ttir import TtirFunctions
from tilewright.runtime.interpreter import Interpreter
from tilewright.runtime.mesh import Mesh, MeshValue
from tilewright.support.errors import UnsupportedInputError

Tensor = torch.Tensor
Shards = list[Tensor]
UNSIGNED = [IntegerType(w, Signedness.UNSIGNED) for w in (8, 16, 32, 64)]
MESH = st.sampled_from([(2, 4), (1, 2), (3, 1), (1, 1), (2, 2), (4,)])
EXTENTS = st.lists(st.integers(1, 5), min_size=1, max_size=3).map(tuple)
ELEMENT = st.sampled_from([f32, bf16, f16, f64, i32, i64, i8, i1, *UNSIGNED])
SEED = st.integers(0, 99)
SPECIAL = torch.tensor([0.0, -0.0, inf, -inf, nan, 1.0, 1e-40, 6e4], dtype=torch.float64)


def value(shape: Sequence[int], element: Attribute) -> SSAValue:
    """A value of a tensor type."""
    return xdsl_test.TestOp(result_types=[tensor_type(shape, element)]).results[0]


def shards_of(mesh: tuple[int, ...], shape: Sequence[int], element: Attribute, seed: int) -> Shards:
    """A random tensor for each device, special numbers among them; sometimes devices share one."""
    generator, dtype = torch.Generator().manual_seed(seed), torch_dtype(element)
    count = int(np.prod(mesh))
    tensors: Shards = []
    for _ in range(count):
        if dtype.is_floating_point:
            data = torch.randn(tuple(shape), generator=generator, dtype=torch.float64)
            chosen = SPECIAL[torch.randint(len(SPECIAL), tuple(shape), generator=generator)]
            data = torch.where(torch.rand(tuple(shape), generator=generator) < 0.3, chosen, data)
            tensors.append(data.to(dtype))
        else:
            numbers = torch.randint(-(2**63), 2**63 - 1, tuple(shape), generator=generator)
            tensors.append(numbers.to(dtype))
    if seed % 3 == 0:
        return [tensors[d % 2] for d in range(count)]
    return tensors


def run(op: Operation, mesh: tuple[int, ...], *operands: Shards) -> Shards:
    """What each device gets of the one result of `op`."""
    op.verify()
    of_mesh = Mesh(mesh)
    step = Interpreter(ModuleOp([]), [TtirFunctions()], of_mesh).step(op)
    (result,) = step(*(MeshValue.of(shards) for shards in operands))
    assert isinstance(result, Tensor | MeshValue)
    type = op.results[0].type
    assert isinstance(type, TensorType)
    results = list(of_mesh.shards(result))
    for tensor in results:
        assert tuple(tensor.shape) == type.get_shape()
        assert tensor.dtype is torch_dtype(type.get_element_type())
    return results


def groups_along(mesh: tuple[int, ...], axis: int) -> list[list[int]]:
    """The devices of each group along an axis."""
    numbers = np.arange(int(np.prod(mesh))).reshape(mesh)
    return np.moveaxis(numbers, axis, -1).reshape(-1, mesh[axis]).tolist()


def equal(found: Tensor, expected: Tensor) -> bool:
    """The same numbers; NaN where the other is NaN."""
    if found.dtype.is_floating_point:
        return torch.equal(*(t.double().nan_to_num(7.25, inf, -inf) for t in (found, expected)))
    return found.tolist() == expected.tolist()


def with_extent(shape: tuple[int, ...], axis: int, extent: int) -> tuple[int, ...]:
    return (*shape[:axis], extent, *shape[axis + 1 :])


def cluster(axis: int) -> dict[str, Attribute]:
    return {"cluster_axis": integer_attr(axis, ui32)}


@given(MESH, EXTENTS, st.integers(0, 1), st.integers(0, 2), st.booleans(), ELEMENT, SEED)
def test_all_gather(
    mesh: tuple[int, ...], shape: tuple[int, ...], axis: int, dim: int, back: bool, element: Attribute, seed: int
) -> None:
    axis, dim = axis % len(mesh), dim % len(shape)
    devices = mesh[axis]
    written = dim - len(shape) if back else dim
    op = ttir.AllGatherOp(
        operands=[value(shape, element)],
        result_types=[tensor_type(with_extent(shape, dim, shape[dim] * devices), element)],
        properties={"all_gather_dim": integer_attr(written, si32), **cluster(axis)},
    )
    shards = shards_of(mesh, shape, element, seed)
    found = run(op, mesh, shards)
    for group in groups_along(mesh, axis):
        for place, source in enumerate(group):
            for d in group:
                part = found[d].narrow(dim, place * shape[dim], shape[dim])
                assert equal(part, shards[source])
    if devices == 1:
        assert all(equal(f, s) for f, s in zip(found, shards, strict=True))


def reduced(kind: ReduceType, tensors: Shards) -> Tensor:
    """Exactly, in Python's numbers or float64."""
    dtype = tensors[0].dtype
    if dtype.is_floating_point:
        stack = torch.stack([t.double() for t in tensors])
        if kind is ReduceType.SUM:
            return stack.sum(0)
        bad = stack.isnan().any(0)
        extreme = stack.nan_to_num(0.0, inf, -inf).sort(0).values[-1 if kind is ReduceType.MAX else 0]
        return torch.where(bad, nan, extreme)
    columns = zip(*(t.flatten().tolist() for t in tensors), strict=True)
    function = {ReduceType.SUM: sum, ReduceType.MAX: max, ReduceType.MIN: min}[kind]
    numbers = [int(function(c)) for c in columns]
    if dtype is torch.bool:
        return torch.tensor([n != 0 for n in numbers]).reshape(tensors[0].shape)
    bits = torch.iinfo(dtype).bits
    low = torch.iinfo(dtype).min
    wrapped = [(n - low) % (1 << bits) + low for n in numbers]
    return torch.tensor(wrapped, dtype=dtype).reshape(tensors[0].shape)


def assert_sum_rounded_once(found: Tensor, expected: Tensor, tensors: Shards) -> None:
    """`found` is `expected` up to errors of Float32 sums and one rounding."""
    if not found.dtype.is_floating_point:
        assert found.tolist() == expected.tolist()
        return
    finite = expected.isfinite() & (expected.abs() <= torch.finfo(found.dtype).max)
    size = torch.stack([t.double().nan_to_num(0.0, 0.0, 0.0).abs() for t in tensors]).sum(0)
    allowed = torch.finfo(found.dtype).eps * expected.abs() + 2.0**-20 * size * (found.dtype is not torch.float64)
    allowed = allowed + torch.finfo(found.dtype).tiny + 2.0**-48 * size
    close = (found.double() - expected).abs() <= allowed
    assert bool((close | ~finite).all())
    assert equal(found.isnan(), expected.isnan())
    infinite = expected.isinf()
    assert equal(found.double()[infinite], expected[infinite])


REDUCES = [ttir.AllReduceOp, ttir.AllReduceAsyncOp]


@given(MESH, EXTENTS, st.integers(0, 1), st.sampled_from(REDUCES), ELEMENT, SEED)
def test_all_reduce(
    mesh: tuple[int, ...],
    shape: tuple[int, ...],
    axis: int,
    kind: type[ttir.AllReduceOp | ttir.AllReduceAsyncOp],
    element: Attribute,
    seed: int,
) -> None:
    axis %= len(mesh)
    op = kind(
        operands=[value(shape, element)],
        result_types=[tensor_type(shape, element)],
        properties={"reduce_type": ReduceTypeAttr(ReduceType.SUM), **cluster(axis)},
    )
    shards = shards_of(mesh, shape, element, seed)
    found = run(op, mesh, shards)
    for group in groups_along(mesh, axis):
        expected = reduced(ReduceType.SUM, [shards[d] for d in group])
        for d in group:
            assert_sum_rounded_once(found[d], expected, [shards[s] for s in group])


def test_sum_in_bf16_rounds_once() -> None:
    """256 + 1 + 1 + 1 in bf16 would stay 256 if each sum rounded."""
    shards = [torch.tensor([x], dtype=torch.bfloat16) for x in (256.0, 1.0, 1.0, 1.0)]
    op = ttir.AllReduceOp(
        operands=[value((1,), bf16)],
        result_types=[tensor_type((1,), bf16)],
        properties={"reduce_type": ReduceTypeAttr(ReduceType.SUM), **cluster(0)},
    )
    assert [t.item() for t in run(op, (4, 1), shards)] == [260.0] * 4


@given(
    MESH,
    EXTENTS,
    st.integers(0, 1),
    st.integers(0, 2),
    st.sampled_from([ReduceType.SUM, ReduceType.MAX, ReduceType.MIN]),
    ELEMENT,
    SEED,
)
def test_reduce_scatter(
    mesh: tuple[int, ...], part: tuple[int, ...], axis: int, dim: int, kind: ReduceType, element: Attribute, seed: int
) -> None:
    axis, dim = axis % len(mesh), dim % len(part)
    shape = with_extent(part, dim, part[dim] * mesh[axis])
    op = ttir.ReduceScatterOp(
        operands=[value(shape, element)],
        result_types=[tensor_type(part, element)],
        properties={
            "reduce_type": ReduceTypeAttr(kind),
            "scatter_dim": integer_attr(dim - len(part), si32),
            **cluster(axis),
        },
    )
    shards = shards_of(mesh, shape, element, seed)
    found = run(op, mesh, shards)
    for group in groups_along(mesh, axis):
        tensors = [shards[d] for d in group]
        expected = reduced(kind, tensors)
        for place, d in enumerate(group):
            parts = [t.narrow(dim, place * part[dim], part[dim]) for t in (*tensors, expected)]
            if kind is ReduceType.SUM:
                assert_sum_rounded_once(found[d], parts[-1], parts[:-1])
            else:
                assert equal(found[d], parts[-1])


@given(MESH, EXTENTS, ELEMENT, SEED, st.data())
def test_collective_permute(
    mesh: tuple[int, ...], shape: tuple[int, ...], element: Attribute, seed: int, data: st.DataObject
) -> None:
    devices = list(range(int(np.prod(mesh))))
    count = data.draw(st.integers(0, len(devices)))
    sources = data.draw(st.permutations(devices))[:count]
    targets = data.draw(st.permutations(devices))[:count]
    flat = [d for pair in zip(sources, targets, strict=True) for d in pair]
    op = ttir.CollectivePermuteOp(
        operands=[value(shape, element)],
        result_types=[tensor_type(shape, element)],
        properties={"source_target_pairs": DenseIntOrFPElementsAttr.from_list(TensorType(i64, [count, 2]), flat)},
    )
    shards = shards_of(mesh, shape, element, seed)
    found = run(op, mesh, shards)
    for d in devices:
        if d in targets:
            assert equal(found[d], shards[sources[targets.index(d)]])
        else:
            assert not any(found[d].flatten().tolist())


@given(st.sampled_from([(2, 4), (1, 2), (1, 1), (2, 3)]), EXTENTS, st.integers(0, 2), st.integers(0, 2), ELEMENT, SEED)
def test_all_to_all(
    mesh: tuple[int, ...], part: tuple[int, ...], split: int, concat: int, element: Attribute, seed: int
) -> None:
    split, concat, count = split % len(part), concat % len(part), mesh[1]
    shape = with_extent(part, split, part[split] * count)
    gathered = with_extent(part, concat, part[concat] * count)
    # Groups in which the devices are not in the order of their numbers.
    groups = [group[::-1] for group in groups_along(mesh, 1)]
    flat = [d for group in groups for d in group]
    op = ttir.AllToAllOp(
        operands=[value(shape, element)],
        result_types=[tensor_type(gathered, element)],
        properties={
            "split_dim": integer_attr(split, si32),
            "concat_dim": integer_attr(concat, si32),
            "split_count": integer_attr(count, si32),
            "replica_groups": DenseIntOrFPElementsAttr.from_list(TensorType(i64, [len(groups), count]), flat),
        },
    )
    shards = shards_of(mesh, shape, element, seed)
    found = run(op, mesh, shards)
    for group in groups:
        for i, receiver in enumerate(group):
            for j, sender in enumerate(group):
                sent = shards[sender].narrow(split, i * part[split], part[split])
                assert equal(found[receiver].narrow(concat, j * part[concat], part[concat]), sent)


@given(MESH, EXTENTS, ELEMENT, SEED, st.data())
def test_collective_broadcast(
    mesh: tuple[int, ...], shape: tuple[int, ...], element: Attribute, seed: int, data: st.DataObject
) -> None:
    count = int(np.prod(mesh))
    size = data.draw(st.sampled_from([n for n in range(1, count + 1) if count % n == 0]))
    devices = data.draw(st.permutations(range(count)))
    groups = [devices[i : i + size] for i in range(0, count, size)] if data.draw(st.integers(0, 9)) else []
    type = TensorType(i64, [len(groups), len(groups[0]) if groups else 1])
    op = ttir.CollectiveBroadcastOp(
        operands=[value(shape, element)],
        result_types=[tensor_type(shape, element)],
        properties={"replica_groups": DenseIntOrFPElementsAttr.from_list(type, [d for g in groups for d in g])},
    )
    shards = shards_of(mesh, shape, element, seed)
    found = run(op, mesh, shards)
    source = {d: group[0] for group in groups for d in group}
    assert all(equal(found[d], shards[source.get(d, d)]) for d in range(count))


@given(MESH, EXTENTS, st.none() | st.integers(0, 1), st.integers(0, 2), ELEMENT, SEED)
def test_mesh_partition(
    mesh: tuple[int, ...], part: tuple[int, ...], axis: int | None, dim: int, element: Attribute, seed: int
) -> None:
    dim %= len(part)
    axis = None if axis is None else axis % len(mesh)
    groups = [list(range(int(np.prod(mesh))))] if axis is None else groups_along(mesh, axis)
    shape = with_extent(part, dim, part[dim] * len(groups[0]))
    op = ttir.MeshPartitionOp(
        operands=[value(shape, element)],
        result_types=[tensor_type(part, element)],
        properties={"dim": integer_attr(dim, si32), **({} if axis is None else cluster(axis))},
    )
    shards = shards_of(mesh, shape, element, seed)
    found = run(op, mesh, shards)
    for group in groups:
        for place, d in enumerate(group):
            assert equal(found[d], shards[d].narrow(dim, place * part[dim], part[dim]))


def mesh_shard(
    input: Sequence[int],
    result: Sequence[int],
    to_shard: bool,
    kind: ShardType,
    dims: Sequence[int],
    element: Attribute,
) -> ttir.MeshShardOp:
    direction = ShardDirection.FULL_TO_SHARD if to_shard else ShardDirection.SHARD_TO_FULL
    op = ttir.MeshShardOp(
        operands=[value(input, element)],
        result_types=[tensor_type(result, element)],
        properties={
            "shard_type": ShardTypeAttr(kind),
            "shard_direction": ShardDirectionAttr(direction),
            "shard_shape": dense_i64([1] * len(input)),
            "shard_dims": dense_i64(dims),
        },
    )
    op.verify()
    return op


@given(
    MESH, st.lists(st.integers(1, 3), min_size=2, max_size=3).map(tuple),
    st.sampled_from([ShardType.DEVICES, ShardType.IDENTITY]), ELEMENT, SEED, st.data(),
)  # fmt: skip
def test_mesh_shard(
    mesh: tuple[int, ...], part: tuple[int, ...], kind: ShardType, element: Attribute, seed: int, data: st.DataObject
) -> None:
    """Device by device, an element's index in the full tensor follows from the device's position on the mesh."""
    dims = [data.draw(st.integers(-1, len(part) - 1)) for _ in mesh]
    full = tuple(
        p * int(np.prod([m for m, cut in zip(mesh, dims, strict=True) if cut == d])) for d, p in enumerate(part)
    )
    (tensor,) = shards_of((1,), full, element, seed)
    shards = run(mesh_shard(full, part, True, kind, dims, element), mesh, [tensor])
    positions = list(np.ndindex(*mesh))
    for shard, position in zip(shards, positions, strict=True):
        place = tensor
        for axis, dim in enumerate(dims):
            if dim >= 0:  # the first axis of the mesh cuts coarsely, the next one cuts what is left
                length = place.shape[dim] // mesh[axis]
                place = place.narrow(dim, position[axis] * length, length)
        assert equal(shard, place)
    collected = run(mesh_shard(part, full, False, kind, dims, element), mesh, shards)
    assert all(equal(c, tensor) for c in collected)


def test_mesh_shard_replicates_and_passes_on() -> None:
    x = torch.arange(6.0).reshape(2, 3)
    assert all(t is x for t in run(mesh_shard((2, 3), (2, 3), True, ShardType.REPLICATE, [-1], f32), (2, 2), [x]))
    own = [x + d for d in range(4)]
    # All devices say that they hold the same: the first one is believed.
    (first, *_) = run(mesh_shard((2, 3), (2, 3), False, ShardType.REPLICATE, [-1], f32), (2, 2), own)
    assert first is own[0]
    # What the caller has distributed already.
    cut = mesh_shard((4, 3), (2, 3), True, ShardType.IDENTITY, [0, -1], f32)
    assert all(a is b for a, b in zip(run(cut, (2, 2), own), own, strict=True))


def test_of_devices_that_should_hold_the_same_the_first_counts() -> None:
    """The rows of the mesh hold copies, its columns the halves."""
    shards = [torch.full((2, 1), float(d)) for d in range(6)]
    collect = mesh_shard((2, 1), (2, 2), False, ShardType.DEVICES, [-1, 1], f32)
    (found, *_) = run(collect, (3, 2), shards)
    assert found.tolist() == [[0.0, 1.0]] * 2


@pytest.mark.parametrize(("kind", "expected"), [(ReduceType.MAX, 2**64 - 1), (ReduceType.MIN, 5)])
def test_unsigned_numbers_of_64_bits_are_compared_as_such(kind: ReduceType, expected: int) -> None:
    shards = [torch.tensor([n], dtype=torch.uint64) for n in (5, 2**64 - 1, 2**63)]
    op = ttir.ReduceScatterOp(
        operands=[value((3,), UNSIGNED[-1])],
        result_types=[tensor_type((1,), UNSIGNED[-1])],
        properties={"reduce_type": ReduceTypeAttr(kind), "scatter_dim": integer_attr(0, si32), **cluster(0)},
    )
    assert [t.item() for t in run(op, (3, 1), [s.repeat(3) for s in shards])] == [expected] * 3


def text_of(op: Operation, mesh: Mesh | None) -> str:
    with pytest.raises(UnsupportedInputError) as raised:
        Interpreter(ModuleOp([]), [TtirFunctions()], mesh).step(op)
    return str(raised.value)


def gather(axis: int, extent: int) -> ttir.AllGatherOp:
    return ttir.AllGatherOp(
        operands=[value((2, 3), f32)],
        result_types=[tensor_type((extent, 3), f32)],
        properties={"all_gather_dim": integer_attr(0, si32), **cluster(axis)},
    )


@pytest.mark.parametrize(
    ("kind", "full", "to_shard"),
    [(ShardType.REPLICATE, (2,), True), (ShardType.REPLICATE, (2,), False), (ShardType.DEVICES, (4,), True),
     (ShardType.DEVICES, (4,), False), (ShardType.IDENTITY, (2,), False)],
)  # fmt: skip
def test_a_shard_has_the_element_type_of_the_result(kind: ShardType, full: tuple[int, ...], to_shard: bool) -> None:
    ends = [value(full if to_shard else (2,), f32), tensor_type((2,) if to_shard else full, i8)]
    like = mesh_shard((2,), (2,), to_shard, kind, [-1 if full == (2,) else 0], f32)
    op = ttir.MeshShardOp(operands=ends[:1], result_types=ends[1:], properties=like.properties)
    numbers = torch.tensor([2.75, nan, -1e9, 1e9])[: full[0]]
    whole = [2, 0, -128, 127]
    shards = [numbers] * 2 if to_shard or full == (2,) else [numbers[:2], numbers[2:]]
    for device, found in enumerate(run(op, (2,), shards)):
        place = 2 * device if to_shard and full == (4,) else 0
        assert found.tolist() == whole[: full[0]][place : place + len(found)]


def test_results_of_collectives_are_converted_as_by_a_typecast() -> None:
    shards, kind = [torch.tensor([1e9, nan]), torch.tensor([1e9, 1.0])], ReduceTypeAttr(ReduceType.SUM)
    reduce = ttir.AllReduceOp(
        operands=[value((2,), f32)],
        result_types=[tensor_type((2,), i8)],
        properties={"reduce_type": kind, **cluster(0)},
    )
    assert run(reduce, (2,), shards)[0].tolist() == [127, 0]
    large = [torch.tensor([2**63], dtype=torch.uint64), torch.tensor([5], dtype=torch.uint64)]
    reduce = ttir.AllReduceOp(
        operands=[value((1,), UNSIGNED[3])],
        result_types=[tensor_type((1,), f32)],
        properties={"reduce_type": kind, **cluster(0)},
    )
    assert run(reduce, (2,), large)[0].tolist() == [2.0**63]
    gather = ttir.AllGatherOp(
        operands=[value((2,), f32)],
        result_types=[tensor_type((4,), i8)],
        properties={"all_gather_dim": integer_attr(0, si32), **cluster(0)},
    )
    assert run(gather, (2,), shards)[1].tolist() == [127, 0, 127, 1]


def test_what_does_not_fit_the_mesh_is_refused() -> None:
    assert "needs a mesh of devices" in text_of(gather(1, 8), None)
    message = text_of(gather(0, 8), Mesh((2, 4)))
    assert "is not written for the mesh 2x4" in message
    assert "the result has the shape (8, 3), expected (4, 3)" in message.replace("its result", "the result")
    assert "the mesh 8 has 1 axes" in text_of(gather(1, 8), Mesh((8,)))
    halves = mesh_shard((4, 3), (2, 3), True, ShardType.DEVICES, [0, -1], f32)
    assert "cuts dimension 0 into 4 on the mesh 4x1" in text_of(halves, Mesh((4, 1)))
    assert "the mesh 2 has 1 axes, expected a value for each" in text_of(halves, Mesh((2,)))
    pairs = DenseIntOrFPElementsAttr.from_list(TensorType(i64, [1, 2]), [0, 5])
    permute = ttir.CollectivePermuteOp(
        operands=[value((2,), f32)],
        result_types=[tensor_type((2,), f32)],
        properties={"source_target_pairs": pairs},
    )
    assert "has the device 5" in text_of(permute, Mesh((1, 2)))
    groups = DenseIntOrFPElementsAttr.from_list(TensorType(i64, [1, 2]), [0, 1])
    broadcast = ttir.CollectiveBroadcastOp(
        operands=[value((2,), f32)], result_types=[tensor_type((2,), f32)], properties={"replica_groups": groups}
    )
    assert "'replica_groups' has 2 devices" in text_of(broadcast, Mesh((2, 2)))
