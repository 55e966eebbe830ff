"""The fused experts of GPT-OSS and the way back of their results, against buffers written word by word in loops."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from math import inf, nan
from typing import NamedTuple

import numpy as np
import pytest
import torch
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from xdsl.dialects import test as xdsl_test
from xdsl.dialects.builtin import IntegerType, ModuleOp, Signedness, bf16, f16, f32, f64, i32, i64
from xdsl.ir import Attribute, Operation, SSAValue

from tilewright.dialects import ttir
from tilewright.dialects.ttcore import MoeActivationFunction, MoeActivationFunctionAttr
from tilewright.dialects.ttir.attributes import integer_attr, ui32
from tilewright.dialects.types import shape_of, tensor_type
from tilewright.runtime.dtypes import torch_dtype
from tilewright.runtime.functions.ttir import TtirFunctions
from tilewright.runtime.interpreter import Interpreter
from tilewright.runtime.mesh import Mesh, MeshTensor, MeshValue
from tilewright.support.errors import NumericsError, UnsupportedInputError

Tensor = torch.Tensor

ui16 = IntegerType(16, Signedness.UNSIGNED)
word = IntegerType(32, Signedness.UNSIGNED)
END = 2**32 - 1
GPT = 2880
TILES = [8, 8, 7, 7, 8, 8, 7, 7, 8, 8, 7, 7]
SPECIAL = torch.tensor([nan, inf, -inf, 0.0, -0.0])

MESH = st.sampled_from([(2, 2), (1, 3), (2, 1), (1, 1)])
INDEX = st.sampled_from([(i64, torch.int64), (ui16, torch.uint16)])
WORD = st.sampled_from([word, i32, i64])
SEED = st.integers(0, 99)


class Buffers(NamedTuple):
    """What `moe_gpt` writes on one device, apart from the blocks."""

    counts: list[int]
    records: list[int]
    lists: list[list[int]]
    tokens: list[list[int]]
    """The tokens of each expert."""


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


def padded(numbers: list[int], size: int = 4) -> list[int]:
    """`numbers` with zeros up to a multiple of `size`."""
    return numbers + [0] * (-len(numbers) % size)


def bits(score: Tensor) -> int:
    """The bits of a score as a bfloat16."""
    return int(score.to(torch.bfloat16).view(torch.int16)) & 0xFFFF


def written(choices: Tensor, scores: Tensor, experts: list[int], held: int) -> Buffers:
    """The buffers of a device with these `experts`."""
    tokens: list[list[int]] = [[] for _ in range(held)]
    records: list[int] = []
    for t, row in enumerate(choices.tolist()):
        slots = [row.index(e) if e in row else None for e in experts] + [None] * (held - len(experts))
        if any(k is not None for k in slots):
            own = [0 if k is None else bits(scores[t, k]) for k in slots]
            records += padded([t, *(len(row) + 1 if k is None else k for k in slots), *own])
        for e, k in enumerate(slots):
            tokens[e] += [] if k is None else [t]
    size = len(choices) + 1
    stride = len(padded([0] * (2 * held + 1)))
    lists = [[w for t in [*of, END] for w in (t, 0, 0, 0)] for of in tokens]
    return Buffers(
        padded([len(of) for of in tokens]),
        [*records, END, *[0] * (size * stride)][: size * stride],
        [(of + [0] * (4 * size))[: 4 * size] for of in lists],
        tokens,
    )


def places(tokens: list[list[int]], total: int, hidden: int) -> list[tuple[int, int, int, int, int]]:
    """For each expert, each of its tokens and each third of the columns: expert, token, third, core, start in its
    buffer."""
    found: list[tuple[int, int, int, int, int]] = []
    for e, of in enumerate(tokens):
        parts = [[] for _ in range(4)] if not of else [list(p) for p in np.array_split(np.array(of), 4)]
        for part, own in enumerate(parts):
            for row, token in enumerate(own):
                start = (e * (total // 4) + row) * (hidden // 3)
                found += [(e, int(token), third, part * 3 + third, start) for third in range(3)]
    return found


class Routing:
    """Experts on the devices of a mesh, and what tokens chose."""

    def __init__(self, mesh: tuple[int, int], axis: int, held: int, each: int, choices: int, seed: int) -> None:
        self.random = torch.Generator().manual_seed(seed)
        self.mesh, self.held, self.devices = mesh, held, mesh[0] * mesh[1]
        self.experts = held * self.devices
        self.owner = torch.randperm(self.experts, generator=self.random) // held
        grid = np.arange(self.devices).reshape(mesh)
        self.groups: list[list[int]] = (grid.T if axis == 0 else grid).tolist()
        self.each, self.tokens = each, each * mesh[axis]
        of_group = [
            torch.randint(self.experts, (self.tokens, choices), generator=self.random) for _ in range(len(self.groups))
        ]
        self.choices = [
            next(c for c, g in zip(of_group, self.groups, strict=True) if d in g) for d in range(self.devices)
        ]
        self.scores = [torch.rand(self.tokens, choices, generator=self.random) for _ in range(self.devices)]

    def local(self, device: int) -> list[int]:
        """The experts of a device."""
        return [e for e in range(self.experts) if self.owner[e] == device]

    def buffers(self, device: int) -> Buffers:
        """What a device writes."""
        return written(self.choices[device], self.scores[device], self.local(device), self.held)


def combine(
    routing: Routing,
    hidden: int,
    choices: int,
    element: Attribute = f32,
    words: Attribute = word,
    axis: int | None = 0,
    cores: int = 12,
    experts: int | None = None,
) -> ttir.SelectiveReduceCombineOp:
    held, size = routing.held, routing.tokens + 1
    numbers = {
        "hidden_size": hidden,
        "batch_size": routing.tokens // 2,
        "seq_size": 2,
        "select_experts_k": choices,
        "experts": routing.experts if experts is None else experts,
        **({} if axis is None else {"axis": axis}),
    }
    return ttir.SelectiveReduceCombineOp(
        operands=[
            value((cores, 2, 32, hidden), element),
            value((1, size * len(padded([0] * (2 * held + 1)))), words),
            value((held, size * 4), words),
            value((1, len(padded([0] * held))), words),
        ],
        result_types=[tensor_type((choices, routing.each, hidden), element)],
        properties={name: integer_attr(n, ui32) for name, n in numbers.items()},
    )


def sent(routing: Routing, hidden: int, dtype: torch.dtype, words: torch.dtype, cores: int) -> list[list[Tensor]]:
    """Operands of a combine op. What `moe_gpt` does not write is NaN, or a number that is no token."""
    operands: list[list[Tensor]] = [[], [], [], []]
    for d in range(routing.devices):
        own = routing.buffers(d)
        blocks = torch.full((cores, 64 * hidden), nan)
        for _, _, _, core, start in places(own.tokens, routing.tokens, hidden):
            drawn = torch.randn(hidden // 3, generator=routing.random)
            drawn[torch.rand(hidden // 3, generator=routing.random) < 0.2] = SPECIAL[d % 5]
            blocks[core, start : start + hidden // 3] = drawn
        records = torch.tensor(own.records)
        records[own.records.index(END) + 1 :] = 7
        lists = torch.tensor(own.lists)
        for row, of in zip(lists, own.tokens, strict=True):
            row[4 * len(of) + 1 :] = END
        operands[0].append(blocks.reshape(cores, 2, 32, hidden).to(dtype))
        operands[1].append(records[None].to(words))
        operands[2].append(lists.to(words))
        operands[3].append(torch.tensor([own.counts]).to(words))
    return operands


@given(
    MESH,
    st.integers(0, 1),
    st.integers(1, 3),
    st.sampled_from([4, 8]),
    st.integers(1, 3),
    st.sampled_from([3, 9]),
    st.sampled_from([12, 14]),
    st.sampled_from([f32, bf16, f16, f64]),
    WORD,
    SEED,
)
def test_selective_reduce_combine(
    mesh: tuple[int, int],
    axis: int,
    held: int,
    each: int,
    choices: int,
    hidden: int,
    cores: int,
    element: Attribute,
    words: Attribute,
    seed: int,
) -> None:
    routing = Routing(mesh, axis, held, each, choices, seed)
    operands = sent(routing, hidden, torch_dtype(element), torch_dtype(words), cores)
    op = combine(routing, hidden, choices, element, words, None if axis == 0 and seed % 2 else axis, cores)
    (found,) = run(op, mesh, *operands)
    expected = [torch.zeros(choices, each, hidden, dtype=torch_dtype(element)) for _ in range(routing.devices)]
    for group in routing.groups:
        for d in group:
            blocks = operands[0][d].reshape(cores, -1)
            for e, token, third, core, start in places(routing.buffers(d).tokens, routing.tokens, hidden):
                choice = routing.choices[d][token].tolist().index(routing.local(d)[e])
                target = expected[group[token // each]][choice, token % each]
                target[third * hidden // 3 : (third + 1) * hidden // 3] = blocks[core, start : start + hidden // 3]
    for a, b in zip(found, expected, strict=True):
        torch.testing.assert_close(a, b, rtol=0.0, atol=0.0, equal_nan=True)


def test_buffers_that_no_kernel_writes() -> None:
    routing = Routing((1, 1), 0, 1, 4, 1, 0)
    op = combine(routing, 3, 1)
    good = [
        o[0].long() if o[0].dtype is torch.uint32 else o[0] for o in sent(routing, 3, torch.float32, torch.uint32, 12)
    ]
    assert good[3][0, 0] == 4

    def broken(operand: int, place: tuple[int, int], number: int) -> list[list[Tensor]]:
        operands = [o.clone() for o in good]
        operands[operand][place] = number
        return [[operands[0]], *([o.to(torch.uint32)] for o in operands[1:])]

    with pytest.raises(NumericsError, match="5 tokens chose an expert"):
        run(op, (1, 1), *broken(3, (0, 0), 5))
    for operand, place in ((1, (0, 0)), (2, (0, 4))):
        with pytest.raises(NumericsError, match="name a token that does not exist"):
            run(op, (1, 1), *broken(operand, place, 4))
    for place, number in (((0, 1), 2), ((0, 0), END)):
        with pytest.raises(NumericsError, match="a token of an expert has no choice in the records"):
            run(op, (1, 1), *broken(1, place, number))


def refusal(op: Operation, mesh: tuple[int, int] = (1, 2)) -> str:
    op.verify()
    with pytest.raises(UnsupportedInputError) as raised:
        Interpreter(ModuleOp([]), [TtirFunctions()], Mesh(mesh)).step(op)
    return str(raised.value)


def test_shapes_that_are_not_those_of_the_buffers() -> None:
    routing = Routing((1, 2), 1, 2, 4, 1, 0)
    assert "'experts' is 3" in refusal(combine(routing, 3, 1, experts=3, axis=1))
    assert "expected (1, 12)" not in refusal(combine(routing, 3, 1, experts=2, axis=1))
    assert "8 tokens cannot be those of 3 devices" in refusal(combine(routing, 3, 1, experts=3, axis=1), (1, 3))
    assert "expected (1, 8, 3)" in refusal(combine(routing, 3, 1, axis=0))
    assert "8 tokens and 4 columns cannot be cut into 4 and 3 parts" in refusal(combine(routing, 4, 1, axis=1))
    assert "expected (12 or more, 2, 32, 3)" in refusal(combine(routing, 3, 1, axis=1, cores=11))
    many = Routing((1, 1), 1, 4, 256, 1, 0)
    assert "a core's buffer has 192 numbers, 4 experts need 256" in refusal(combine(many, 3, 1, axis=1), (1, 1))
    tokens = [value((4, 2, 128, 96), bf16)] * 2 + [value((1, 2, 128, 4), i64), value((1, 2, 128, 1), i64)]
    named = ("hidden_size", "batch_size", "seq_size", "select_experts_k", "experts")
    numbers = dict(zip(named, (96, 1, 128, 4, 32), strict=True))
    as_in_files = ttir.SelectiveReduceCombineOp(
        operands=tokens,
        result_types=[tensor_type((4, 1, 128, 96), bf16)],
        properties={name: integer_attr(n, ui32) for name, n in numbers.items()},
    )
    assert "the buffers of the cores" in refusal(as_in_files)


@cache
def raw_weights() -> list[Tensor]:
    """Gate, up, down (2, 2880, 2880), and their biases (2, 2880), of two experts."""
    random = torch.Generator().manual_seed(0)
    matrices = [torch.randint(-8, 9, (2, GPT, GPT), generator=random, dtype=torch.int8) for _ in range(3)]
    biases = [torch.randn(2, GPT, generator=random) for _ in range(3)]
    return [(m.to(torch.bfloat16) / 128) for m in matrices] + [b.to(torch.bfloat16) for b in biases]


@cache
def packed_weights(held: int, biased: bool) -> tuple[Tensor, Tensor]:
    """The weights as the kernel takes them, tile by tile."""
    gate, up, down, *biases = (w[:held] for w in raw_weights())
    rows = GPT + 32 * biased
    tall = [torch.zeros(held, rows, GPT, dtype=torch.bfloat16) for _ in range(3)]
    starts = [32 * sum(TILES[:core]) for core in range(13)]
    for whole, part, bias in zip(tall, (gate, up, down), biases, strict=True):
        whole[:, :GPT] = part
        if biased:
            whole[:, GPT] = bias
    gates_ups = torch.zeros(12, 1, held, 4, rows, 128, dtype=torch.bfloat16)
    downs = torch.zeros(12, 1, held, 2, rows, 128, dtype=torch.bfloat16)
    for core, count in enumerate(TILES):
        sources = [(core - step) % 12 for step in range(12)]
        order = [row for source in sources for row in range(starts[source], starts[source + 1])]
        order += range(GPT, rows)
        for slot in range(count):
            columns = slice(starts[core] + 32 * slot, starts[core] + 32 * slot + 32)
            at = 64 * (slot % 2)
            gates_ups[core, 0, :, slot // 2, :, at : at + 32] = tall[0][:, :, columns]
            gates_ups[core, 0, :, slot // 2, :, at + 32 : at + 64] = tall[1][:, :, columns]
            at = 32 * (slot % 4)
            downs[core, 0, :, slot // 4, :, at : at + 32] = tall[2][:, order, columns]
    return gates_ups, downs


def gpt(routing: Routing, choices: int, biased: bool, elements: Sequence[Attribute], cores: int) -> ttir.MoeGptOp:
    held, tokens, (number, index, words, result) = routing.held, routing.tokens, elements
    rows = GPT + 32 * biased
    return ttir.MoeGptOp(
        operands=[
            value((tokens, GPT), number),
            value((1, tokens, choices), index),
            value((tokens, choices), number),
            value((1, routing.experts), index),
            value((12, 1, held, 4, rows, 128), bf16),
            value((12, 1, held, 2, rows, 128), bf16),
        ],
        result_types=[
            tensor_type((1, len(padded([0] * held))), words),
            tensor_type((1, (tokens + 1) * len(padded([0] * (2 * held + 1)))), words),
            tensor_type((held, (tokens + 1) * 4), words),
            tensor_type((cores, 2, 32, GPT), result),
            tensor_type((cores, 2, 32, GPT), result),
        ],
    )


def expert(x: Tensor, e: int, biased: bool) -> Tensor:
    """What an expert of GPT-OSS makes of some tokens."""
    gate_weight, up_weight, down_weight, *biases = (w[e].float().numpy() for w in raw_weights())
    gate_bias, up_bias, down_bias = biases if biased else [np.float32(0)] * 3
    with np.errstate(all="ignore"):
        gate = np.minimum(x.float().numpy() @ gate_weight + gate_bias, 7.0)
        up = np.clip(x.float().numpy() @ up_weight + up_bias, -7.0, 7.0)
        return torch.from_numpy((up + 1) * (gate / (1 + np.exp(-1.702 * gate))) @ down_weight + down_bias)


# An example takes a second: too long to look for the smallest one that fails.
@settings(max_examples=8, phases=[Phase.generate])
@given(
    st.sampled_from([(1, 1), (1, 2), (2, 1)]),
    st.integers(1, 2),
    st.sampled_from([4, 8]),
    st.integers(1, 2),
    st.booleans(),
    st.sampled_from([12, 14]),
    st.sampled_from([(bf16, torch.bfloat16), (f32, torch.float32)]),
    INDEX,
    WORD,
    st.sampled_from([bf16, f32]),
    SEED,
)
def test_moe_gpt(
    mesh: tuple[int, int],
    held: int,
    each: int,
    choices: int,
    biased: bool,
    cores: int,
    number: tuple[Attribute, torch.dtype],
    index: tuple[Attribute, torch.dtype],
    words: Attribute,
    result: Attribute,
    seed: int,
) -> None:
    routing = Routing(mesh, int(mesh[1] > 1), held, each, choices, seed)
    op = gpt(routing, choices, biased, (number[0], index[0], words, result), cores)
    x = [torch.randn(routing.tokens, GPT, generator=routing.random) for _ in range(routing.devices)]
    for d, tokens in enumerate(x):
        tokens[seed % len(tokens), seed] = SPECIAL[(seed + d) % 5]
    x = [t.to(number[1]) for t in x]
    found = run(
        op,
        mesh,
        x,
        [c[None].to(index[1]) for c in routing.choices],
        [s.to(number[1]) for s in routing.scores],
        [routing.owner[None].to(index[1])] * routing.devices,
        *([w] * routing.devices for w in packed_weights(held, biased)),
    )
    for d in range(routing.devices):
        scores = routing.scores[d].to(number[1])
        own = written(routing.choices[d], scores, routing.local(d), held)
        for buffer, expected in zip(found[:3], (own.counts, own.records, own.lists), strict=False):
            assert (buffer[d].long() & END).flatten().tolist() == np.array(expected).flatten().tolist()
        made = [expert(x[d][of], e, biased) for e, of in enumerate(own.tokens)]
        blocks = torch.zeros(cores, 64 * GPT)
        for e, token, third, core, start in places(own.tokens, routing.tokens, GPT):
            row = made[e][own.tokens[e].index(token)]
            blocks[core, start : start + GPT // 3] = row[third * GPT // 3 : (third + 1) * GPT // 3]
        tolerance = 1e-2 if found[3][d].dtype is torch.bfloat16 else 1e-4
        for buffer in found[3:]:
            assert buffer[d].dtype is torch_dtype(result)
            torch.testing.assert_close(
                buffer[d].reshape(cores, -1).float(), blocks, rtol=tolerance, atol=tolerance, equal_nan=True
            )


def test_combined_results_are_those_of_the_kernel_that_combines_itself() -> None:
    routing = Routing((2, 1), 0, 1, 4, 2, 3)
    routing.choices = [torch.tensor([[0, 1], [1, 0]] * 4)] * 2
    x = [torch.randn(routing.tokens, GPT, generator=routing.random) for _ in range(2)]
    mapping = [routing.owner[None]] * 2
    choices = [c[None] for c in routing.choices]
    made = run(
        gpt(routing, 2, True, (f32, i64, word, f32), 12),
        (2, 1),
        x,
        choices,
        routing.scores,
        mapping,
        *([w] * 2 for w in packed_weights(1, True)),
    )
    (combined,) = run(combine(routing, GPT, 2), (2, 1), made[4], made[1], made[2], made[0])
    names = {"layer_id": 0, "output_height_shard_dim": 4, "intermediate_size": GPT, "cluster_axis": 0}
    weights = [w[None, :1].float() for w in raw_weights()]
    tensors = [x[0], choices[0], routing.scores[0], mapping[0], *weights]
    operands = [value(t.shape, i64 if t.dtype is torch.int64 else f32) for t in tensors]
    compute = ttir.MoeComputeOp(
        operands=[*operands[:7], *([v] for v in operands[7:])],
        result_types=[tensor_type((2, 4, GPT), f32)],
        properties={
            **{name: integer_attr(n, ui32) for name, n in names.items()},
            "activation_function": MoeActivationFunctionAttr(MoeActivationFunction.SWIGLU),
        },
    )
    (expected,) = run(compute, (2, 1), x, choices, routing.scores, mapping, *([w] * 2 for w in weights))
    assert all(bool((t != 0).any(-1).all()) for t in expected)
    torch.testing.assert_close(combined, expected)


@pytest.mark.parametrize(
    ("name", "number", "message"),
    [
        ("output_height_shard_dim", 2, "'output_width_shard_dim' are 2 and 3"),
        ("output_width_shard_dim", 4, "'output_width_shard_dim' are 4 and 4"),
        ("hidden_size", 2048, "'hidden_size' is 2048"),
    ],
)
def test_attributes_of_another_kernel_are_refused(name: str, number: int, message: str) -> None:
    op = gpt(Routing((1, 2), 1, 1, 4, 1, 0), 1, False, (bf16, i64, word, bf16), 12)
    op.properties[name] = integer_attr(number, ui32)
    assert message in refusal(op)


@pytest.mark.parametrize(
    ("place", "shape", "message"),
    [
        (0, (8, 64), "expected the last extent 2880"),
        (1, (1, 6, 1), "expected 1 choices of 8 tokens"),
        (2, (8, 2), "expected the last extent 1"),
        (4, (12, 2, 1, 4, GPT, 128), "weights are packed as (12, 1, 1, 4, 2880, 128), or (12, 1, 1, 4, 2912, 128)"),
        (5, (12, 1, 2, 2, GPT, 128), "weights are packed as (12, 1, 1, 2, 2880, 128)"),
    ],
)
def test_operands_of_another_kernel_are_refused(place: int, shape: tuple[int, ...], message: str) -> None:
    op = gpt(Routing((1, 2), 1, 1, 4, 1, 0), 1, False, (bf16, i64, word, bf16), 12)
    op.operands[place] = value(shape, bf16)
    assert message in refusal(op)


@pytest.mark.parametrize(
    ("place", "shape", "message"),
    [
        (0, (1, 16), "expected (1, 4)"),
        (1, (1, 512), "expected (1, 36)"),
        (2, (1, 129), "expected (1, 36)"),
        (3, (11, 2, 32, GPT), "expected (12 or more, 2, 32, 2880)"),
        (4, (13, 2, 32, GPT), "expected 12 cores, as 'tilize_out' has"),
    ],
)
def test_results_of_another_kernel_are_refused(place: int, shape: tuple[int, ...], message: str) -> None:
    good = gpt(Routing((1, 2), 1, 1, 4, 1, 0), 1, False, (bf16, i64, word, bf16), 12)
    types = [r.type for r in good.results]
    types[place] = tensor_type(shape, word)
    op = ttir.MoeGptOp(operands=list(good.operands), result_types=types)
    assert message in refusal(op)
