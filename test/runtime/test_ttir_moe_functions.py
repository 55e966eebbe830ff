"""The ops of a mixture of experts, against loops over devices, tokens and choices."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf, nan

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from xdsl.dialects import test as xdsl_test
from xdsl.dialects.builtin import IntegerType, ModuleOp, Signedness, bf16, f16, f32, f64, i32, i64
from xdsl.ir import Attribute, Operation, SSAValue

from tilewright.dialects import ttir
from tilewright.dialects.ttir.attributes import integer_attr
from tilewright.dialects.types import shape_of, tensor_type
from tilewright.runtime.functions.ttir import TtirFunctions
from tilewright.runtime.interpreter import Interpreter
from tilewright.runtime.mesh import Mesh, MeshTensor, MeshValue
from tilewright.support.errors import NumericsError, UnsupportedInputError

Tensor = torch.Tensor
ui16 = IntegerType(16, Signedness.UNSIGNED)
MESH = st.sampled_from([(2, 2), (1, 3), (2, 1), (1, 1)])
SIZE = st.integers(1, 3)
SEED = st.integers(0, 99)
INDEX = st.sampled_from([(i64, torch.int64), (ui16, torch.uint16), (i32, torch.int32)])
FLOAT = st.sampled_from([(f32, torch.float32), (bf16, torch.bfloat16), (f16, torch.float16), (f64, torch.float64)])
SPECIAL = torch.tensor([nan, inf, -inf, 0.0, -0.0])
BITS = {2: torch.int16, 4: torch.int32, 8: torch.int64}
H = 2


def value(shape: Sequence[int], element: Attribute) -> SSAValue:
    """A value of a tensor type."""
    return xdsl_test.TestOp(result_types=[tensor_type(shape, element)]).results[0]


def run(op: Operation, mesh: tuple[int, ...], *operands: Sequence[Tensor]) -> list[list[Tensor]]:
    """What each device gets, for each result of `op`."""
    op.verify()
    devices = Mesh(mesh)
    results = Interpreter(ModuleOp([]), [TtirFunctions()], devices).step(op)(*(MeshValue.of(o) for o in operands))
    found: list[list[Tensor]] = []
    for result, declared in zip(results, op.results, strict=True):
        assert isinstance(result, MeshTensor)
        found.append(list(devices.shards(result)))
        assert all(tuple(t.shape) == shape_of(declared) for t in found[-1])
    return found


def same(found: Tensor, expected: Tensor) -> bool:
    """Whether both have the same bits."""
    bits = BITS[found.element_size()]
    return found.dtype is expected.dtype and torch.equal(*(t.contiguous().view(bits) for t in (found, expected)))


class Routing:
    """Experts on the devices of a mesh, and what tokens chose."""

    def __init__(self, mesh: tuple[int, ...], axis: int, experts_each: int, seed: int):
        self.random = torch.Generator().manual_seed(seed)
        self.devices = mesh[0] * mesh[1]
        self.experts = experts_each * self.devices
        self.owner = torch.arange(self.experts)[torch.randperm(self.experts, generator=self.random)] // experts_each
        self.group_of = [
            [d for d in range(self.devices) if d % mesh[1] == own % mesh[1]]
            if axis == 0
            else [d for d in range(self.devices) if d // mesh[1] == own // mesh[1]]
            for own in range(self.devices)
        ]
        self.size = mesh[axis]

    def local(self, device: int) -> list[int]:
        """The experts of a device."""
        return [e for e in range(self.experts) if self.owner[e] == device]

    def one_hot(self, dtype: torch.dtype) -> list[Tensor]:
        """The mapping (1, 1, experts, devices) that every device has."""
        mapping = torch.zeros(1, 1, self.experts, self.devices, dtype=torch.int64)
        for e in range(self.experts):
            mapping[0, 0, e, self.owner[e]] = 1
        return [mapping.to(dtype)] * self.devices

    def choices(self, shape: Sequence[int]) -> Tensor:
        """Numbers of experts."""
        return torch.randint(self.experts, tuple(shape), generator=self.random)

    def numbers(self, shape: Sequence[int], dtype: torch.dtype) -> Tensor:
        """Random numbers, of which every third is special."""
        plain = torch.randn(tuple(shape), generator=self.random)
        chosen = SPECIAL[torch.randint(len(SPECIAL), tuple(shape), generator=self.random)]
        return torch.where(torch.rand(tuple(shape), generator=self.random) < 0.3, chosen, plain).to(dtype)


def exchange(routing: Routing, axis: int) -> dict[str, Attribute]:
    return {"num_devices": integer_attr(routing.size, i64), "cluster_axis": integer_attr(axis, i64)}


@given(MESH, st.integers(0, 1), SIZE, SIZE, SIZE, SIZE, SIZE, st.booleans(), INDEX, FLOAT, SEED)
def test_all_to_all_dispatch(
    mesh: tuple[int, int],
    axis: int,
    experts_each: int,
    batch: int,
    tokens: int,
    chosen: int,
    width: int,
    batch_first: bool,
    index: tuple[Attribute, torch.dtype],
    number: tuple[Attribute, torch.dtype],
    seed: int,
) -> None:
    routing = Routing(mesh, axis, experts_each, seed)
    middle = (batch, tokens, 1) if batch_first else (batch, 1, tokens)
    rows = routing.size * batch
    op = ttir.AllToAllDispatchOp(
        operands=[
            value((*middle, width), number[0]),
            value((*middle, chosen), index[0]),
            value((1, 1, routing.experts, routing.devices), index[0]),
        ],
        result_types=[
            tensor_type((1, rows, tokens, width), number[0]),
            tensor_type((1, rows, tokens, chosen), index[0]),
        ],
        properties=exchange(routing, axis),
    )
    x = [routing.numbers((*middle, width), number[1]) for _ in range(routing.devices)]
    c = [routing.choices((*middle, chosen)).to(index[1]) for _ in range(routing.devices)]
    dispatched, metadata = run(op, mesh, x, c, routing.one_hot(index[1]))
    for d in range(routing.devices):
        for place, source in enumerate(routing.group_of[d]):
            for b in range(batch):
                for t in range(tokens):
                    at = (b, t, 0) if batch_first else (b, 0, t)
                    wanted = c[source].tolist()[at[0]][at[1]][at[2]]
                    row = dispatched[d][0, place * batch + b, t]
                    here = any(int(routing.owner[e]) == d for e in wanted)
                    assert same(row, x[source][at] if here else torch.zeros_like(row))
                    assert metadata[d][0, place * batch + b, t].tolist() == wanted


@given(MESH, st.integers(0, 1), SIZE, SIZE, SIZE, SIZE, INDEX, FLOAT, SEED)
def test_all_to_all_dispatch_metadata(
    mesh: tuple[int, int],
    axis: int,
    experts_each: int,
    tokens: int,
    chosen: int,
    width: int,
    index: tuple[Attribute, torch.dtype],
    number: tuple[Attribute, torch.dtype],
    seed: int,
) -> None:
    routing = Routing(mesh, axis, experts_each, seed)
    total = routing.size * tokens
    op = ttir.AllToAllDispatchMetadataOp(
        operands=[
            value((1, 1, tokens, width), number[0]),
            value((1, 1, tokens, chosen), index[0]),
            value((1, 1, tokens, chosen), number[0]),
            value((1, 1, routing.devices, routing.experts), index[0]),
        ],
        result_types=[
            tensor_type((1, total, width), number[0]),
            tensor_type((1, total, chosen), index[0]),
            tensor_type((1, total, chosen), number[0]),
        ],
        properties=exchange(routing, axis),
    )
    x = [routing.numbers((1, 1, tokens, width), number[1]) for _ in range(routing.devices)]
    c = [routing.choices((1, 1, tokens, chosen)).to(index[1]) for _ in range(routing.devices)]
    w = [routing.numbers((1, 1, tokens, chosen), number[1]) for _ in range(routing.devices)]
    mapping = routing.owner.to(index[1]).expand(1, 1, routing.devices, -1)
    dispatched, indices, scores = run(op, mesh, x, c, w, [mapping] * routing.devices)
    for d in range(routing.devices):
        for place, source in enumerate(routing.group_of[d]):
            for t in range(tokens):
                row, wanted = place * tokens + t, c[source].tolist()[0][0][t]
                here = any(int(routing.owner[e]) == d for e in wanted)
                expected = x[source][0, 0, t] if here else torch.zeros(width, dtype=number[1])
                assert same(dispatched[d][0, row], expected)
                assert indices[d][0, row].tolist() == wanted
                assert same(scores[d][0, row], w[source][0, 0, t])


@given(MESH, st.integers(0, 1), SIZE, SIZE, SIZE, SIZE, SIZE, st.booleans(), INDEX, FLOAT, SEED)
def test_all_to_all_combine(
    mesh: tuple[int, int],
    axis: int,
    experts_each: int,
    batch: int,
    tokens: int,
    chosen: int,
    width: int,
    cut_tokens: bool,
    index: tuple[Attribute, torch.dtype],
    number: tuple[Attribute, torch.dtype],
    seed: int,
) -> None:
    routing = Routing(mesh, axis, experts_each, seed)
    n = routing.size
    rows, columns = (batch, n * tokens) if cut_tokens else (n * batch, tokens)
    op = ttir.AllToAllCombineOp(
        operands=[
            value((experts_each, rows, columns, width), number[0]),
            value((1, rows, columns, chosen), index[0]),
            value((1, 1, routing.experts, routing.devices), index[0]),
        ],
        result_types=[tensor_type((chosen, batch, tokens, width), number[0])],
        properties={**exchange(routing, axis), "num_experts_per_tok": integer_attr(chosen, i64)},
    )
    x = [routing.numbers((experts_each, rows, columns, width), number[1]) for _ in range(routing.devices)]
    c = [routing.choices((1, rows, columns, chosen)).to(index[1]) for _ in range(routing.devices)]
    (found,) = run(op, mesh, x, c, routing.one_hot(index[1]))
    for d in range(routing.devices):
        group = routing.group_of[d]
        place = group.index(d)
        for b in range(batch):
            for t in range(tokens):
                row, column = (b, place * tokens + t) if cut_tokens else (place * batch + b, t)
                for k, e in enumerate(c[d].tolist()[0][row][column]):
                    owner = int(routing.owner[e])
                    if owner in group:
                        expected = x[owner][routing.local(owner).index(e), row, column]
                    else:
                        expected = torch.zeros(width, dtype=number[1])
                    assert same(found[d][k, b, t], expected)


@given(MESH, SIZE, SIZE, SIZE, SIZE, st.integers(1, 4), INDEX, FLOAT, st.sampled_from([ui16, bf16]), SEED)
def test_moe_expert_token_remap(
    mesh: tuple[int, int],
    experts_each: int,
    batch: int,
    tokens: int,
    chosen: int,
    block: int,
    index: tuple[Attribute, torch.dtype],
    number: tuple[Attribute, torch.dtype],
    flags: Attribute,
    seed: int,
) -> None:
    routing = Routing(mesh, 0, experts_each, seed)
    blocks = (batch * tokens + block - 1) // block
    op = ttir.MoeExpertTokenRemapOp(
        operands=[
            value((1, batch, tokens, routing.experts), number[0]),
            value((1, 1, routing.experts, routing.devices), index[0]),
            value((1, batch, tokens, chosen), index[0]),
        ],
        result_types=[
            tensor_type((1, batch, tokens, experts_each), number[0]),
            tensor_type((1, 1, blocks, experts_each), flags),
        ],
        properties={"reduction_size": integer_attr(block, i64)},
    )
    scores = [routing.numbers((1, batch, tokens, routing.experts), number[1]) for _ in range(routing.devices)]
    for s in scores:
        s[..., 0] = 0.0  # a score of nothing is no reason to compute a block
    c = [routing.choices((1, batch, tokens, chosen)).to(index[1]) for _ in range(routing.devices)]
    mapping, reduced = run(op, mesh, scores, routing.one_hot(index[1]), c)
    for d in range(routing.devices):
        some = [[False] * experts_each for _ in range(blocks)]
        for b in range(batch):
            for t in range(tokens):
                for j, e in enumerate(routing.local(d)):
                    wanted = e in c[d].tolist()[0][b][t]
                    expected = scores[d][0, b, t, e] if wanted else torch.zeros((), dtype=number[1])
                    assert same(mapping[d][0, b, t, j], expected)
                    some[(b * tokens + t) // block][j] |= float(expected) != 0  # as NaN is
        assert [[bool(v) for v in row] for row in reduced[d][0, 0].tolist()] == some


def test_operands_may_come_without_a_batch() -> None:
    routing = Routing((2, 1), 0, 2, 3)
    tokens, chosen = 4, 2
    x = [routing.numbers((1, tokens, H), torch.float32) for _ in range(2)]
    c = [routing.choices((tokens, chosen)) for _ in range(2)]
    s = [routing.numbers((tokens, routing.experts), torch.float32) for _ in range(2)]
    found: list[list[list[Tensor]]] = []
    for flat in (True, False):
        middle, batches = (() if flat else (1, tokens, 1)), (() if flat else (1, 2, tokens))
        mapping = value((1, 1, routing.experts, 2), i64)
        dispatch = ttir.AllToAllDispatchOp(
            operands=[
                value((1, tokens, H) if flat else (*middle, H), f32),
                value((tokens, chosen) if flat else (*middle, chosen), i64),
                mapping,
            ],
            result_types=[tensor_type((1, 2, tokens, H), f32), tensor_type((1, 2, tokens, chosen), i64)],
            properties=exchange(routing, 0),
        )
        operands = [[t.reshape(shape_of(o)) for t in ts] for o, ts in zip(dispatch.operands, (x, c), strict=False)]
        results = run(dispatch, (2, 1), *operands, routing.one_hot(torch.int64))
        remap = ttir.MoeExpertTokenRemapOp(
            operands=[
                value((*batches, routing.experts) if batches else (tokens, routing.experts), f32),
                mapping,
                value((1, 2, tokens, chosen), i64),
            ],
            result_types=[tensor_type((1, 2, tokens, 2), f32), tensor_type((1, 1, 2, 2), f32)],
            properties={"reduction_size": integer_attr(4, i64)},
        )
        scores = [t.expand(shape_of(remap.topk_tensor)) for t in s]
        found.append([*results, *run(remap, (2, 1), scores, routing.one_hot(torch.int64), results[1])])
    for ours, theirs in zip(*found, strict=True):
        assert all(same(a, b) for a, b in zip(ours, theirs, strict=True))


def test_a_model_of_experts_over_a_mesh_is_the_model_on_one_device() -> None:
    """Dispatched, doubled by expert e to (e + 1) x, combined and weighted, tokens are what one device computes."""
    routing = Routing((1, 2), 1, 2, 5)
    tokens, chosen = 3, 2
    x = [routing.numbers((1, tokens, 1, H), torch.float32) for _ in range(2)]
    c = [routing.choices((1, tokens, 1, chosen)) for _ in range(2)]
    dispatch = ttir.AllToAllDispatchOp(
        operands=[
            value((1, tokens, 1, H), f32),
            value((1, tokens, 1, chosen), i64),
            value((1, 1, routing.experts, 2), i64),
        ],
        result_types=[tensor_type((1, 2, tokens, H), f32), tensor_type((1, 2, tokens, chosen), i64)],
        properties=exchange(routing, 1),
    )
    dispatched, metadata = run(dispatch, (1, 2), x, c, routing.one_hot(torch.int64))
    made = [torch.cat([(e + 1) * dispatched[d] for e in routing.local(d)]) for d in range(2)]
    combine = ttir.AllToAllCombineOp(
        operands=[
            value((2, 2, tokens, H), f32),
            value((1, 2, tokens, chosen), i64),
            value((1, 1, routing.experts, 2), i64),
        ],
        result_types=[tensor_type((chosen, 1, tokens, H), f32)],
        properties={**exchange(routing, 1), "num_experts_per_tok": integer_attr(chosen, i64)},
    )
    (combined,) = run(combine, (1, 2), made, metadata, routing.one_hot(torch.int64))
    for d in range(2):
        expected = (c[d] + 1).squeeze(2).permute(2, 0, 1).unsqueeze(-1) * x[d].squeeze(2)
        torch.testing.assert_close(combined[d], expected, equal_nan=True)


def remap(experts: int, held: int, devices: int) -> ttir.MoeExpertTokenRemapOp:
    return ttir.MoeExpertTokenRemapOp(
        operands=[value((1, 1, 2, experts), f32), value((1, 1, experts, devices), i64), value((1, 1, 2, 1), i64)],
        result_types=[tensor_type((1, 1, 2, held), f32), tensor_type((1, 1, 1, held), f32)],
        properties={"reduction_size": integer_attr(2, i64)},
    )


def test_data_that_no_router_gives() -> None:
    one_hot = torch.eye(2, dtype=torch.int64).reshape(1, 1, 2, 2)
    scores = torch.ones(1, 1, 2, 2)
    with pytest.raises(NumericsError, match="expert that does not exist"):
        run(remap(2, 1, 2), (1, 2), [scores] * 2, [one_hot] * 2, [torch.tensor([0, 2]).reshape(1, 1, 2, 1)] * 2)
    with pytest.raises(NumericsError, match="has 2 experts on a device"):
        run(remap(2, 1, 2), (1, 2), [scores] * 2, [torch.ones_like(one_hot)] * 2, [torch.zeros(1, 1, 2, 1)] * 2)
    with pytest.raises(UnsupportedInputError, match="expected a column for each of the 4 devices of the mesh 2x2"):
        run(remap(2, 1, 2), (2, 2), [scores] * 4, [one_hot] * 4, [torch.zeros(1, 1, 2, 1)] * 4)


def test_an_expert_on_two_devices_is_refused() -> None:
    routing = Routing((1, 2), 1, 1, 0)
    op = ttir.AllToAllCombineOp(
        operands=[value((1, 2, 1, H), f32), value((1, 2, 1, 1), i64), value((1, 1, 2, 2), i64)],
        result_types=[tensor_type((1, 1, 1, H), f32)],
        properties={**exchange(routing, 1), "num_experts_per_tok": integer_attr(1, i64)},
    )
    inputs, metadata = torch.ones(1, 2, 1, H), torch.zeros(1, 2, 1, 1, dtype=torch.int64)
    with pytest.raises(NumericsError, match="an expert is on several devices of a group"):
        run(op, (1, 2), [inputs] * 2, [metadata] * 2, [torch.ones(1, 1, 2, 2)] * 2)
    with pytest.raises(UnsupportedInputError, match="'num_devices' is 2"):
        run(op, (2, 1), [inputs] * 2, [metadata] * 2, [torch.ones(1, 1, 2, 2)] * 2)
