"""The fused experts of a mixture of experts, against loops over devices, tokens and choices in NumPy."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf, nan

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from xdsl.dialects import test as xdsl_test
from xdsl.dialects.builtin import IntegerType, ModuleOp, Signedness, bf16, f16, f32, f64, i32, i64
from xdsl.ir import Attribute, SSAValue

from tilewright.dialects import ttir
from tilewright.dialects.ttcore import MoeActivationFunction, MoeActivationFunctionAttr
from tilewright.dialects.ttir.attributes import integer_attr, ui32
from tilewright.dialects.types import element_type_of, shape_of, tensor_type
from tilewright.runtime.dtypes import torch_dtype
from tilewright.runtime.functions.ttir import TtirFunctions
from tilewright.runtime.interpreter import Interpreter
from tilewright.runtime.mesh import Mesh, MeshTensor, MeshValue
from tilewright.support.errors import NumericsError, UnsupportedInputError

Tensor = torch.Tensor
Numbers = NDArray[np.float64]

ui16 = IntegerType(16, Signedness.UNSIGNED)
SPECIAL = torch.tensor([nan, inf, -inf, 0.0, -0.0])
TOLERANCE = {torch.float64: 1e-10, torch.float32: 1e-4, torch.float16: 2e-3, torch.bfloat16: 1e-2}
SILU, SWIGLU = MoeActivationFunction.SILU, MoeActivationFunction.SWIGLU

MESH = st.sampled_from([(2, 2), (1, 3), (2, 1), (1, 1)])
SIZE = st.integers(1, 3)
EXTENT = st.sampled_from([32, 64])
INDEX = st.sampled_from([i64, ui16, i32])
FLOAT = st.sampled_from([f32, bf16, f16, f64])


class Case:
    """A mixture of experts on a mesh, drawn from a seed. Each device has tokens and weights of its own."""

    layers = 2

    def __init__(
        self,
        mesh: tuple[int, int],
        axis: int = 1,
        held: int = 2,
        each: int = 2,
        choices: int = 2,
        extents: tuple[int, int] = (32, 64),
        biases: tuple[bool, bool] = (True, True),
        activation: MoeActivationFunction = SILU,
        elements: tuple[Attribute, Attribute, Attribute] = (f32, i64, f32),
        seed: int = 0,
    ) -> None:
        self.mesh, self.axis, self.held, self.each, self.choices = mesh, axis, held, each, choices
        self.devices = mesh[0] * mesh[1]
        self.experts = held * self.devices
        self.activation = activation
        self.layer = seed % self.layers
        self.random = torch.Generator().manual_seed(seed)
        self.owner = torch.randperm(self.experts, generator=self.random) // held
        self.tokens = mesh[axis] * each
        self.width, self.inner = extents
        number, index, self.result = elements
        row = (self.devices, 1)[seed % 2], self.experts
        shapes: list[tuple[tuple[int, ...], Attribute] | None] = [
            ((1, self.tokens, self.width), number),
            ((1, self.tokens, choices), index),
            ((self.tokens, choices), number),
            ((1, 1, *row) if seed % 3 else row, index),
            ((self.layers, held, self.width, self.inner), number),
            ((self.layers, held, self.width, self.inner), number),
            ((self.layers, held, self.inner, self.width), number),
            ((self.layers, held, self.inner), number) if biases[0] else None,
            ((self.layers, held, self.inner), number) if biases[0] else None,
            ((self.layers, held, self.width), number) if biases[1] else None,
        ]
        self.values = [None if s is None else value(*s) for s in shapes]
        self.operands = [[self.draw(i, v, d) for d in range(self.devices)] for i, v in enumerate(self.values) if v]
        for group in self.groups():
            self.operands[1] = [self.operands[1][group[0]] if d in group else t for d, t in enumerate(self.operands[1])]

    def groups(self) -> list[list[int]]:
        """The devices along the axis."""
        grid = np.arange(self.devices).reshape(self.mesh)
        return (grid.T if self.axis == 0 else grid).tolist()

    def draw(self, place: int, of: SSAValue, device: int) -> Tensor:
        """The i-th operand on a device."""
        shape, dtype = shape_of(of), torch_dtype(element_type_of(of))
        if place == 1:
            return torch.randint(self.experts, shape, generator=self.random).to(dtype)
        if place == 3:
            return self.owner.expand(shape).to(dtype)
        drawn = torch.randn(shape, generator=self.random) * (4.0 if place == 0 else 0.25)
        if place == 0:
            chosen = SPECIAL[torch.randint(len(SPECIAL), shape, generator=self.random)]
            drawn = torch.where(torch.rand(shape, generator=self.random) < 0.01, chosen, drawn)
        return drawn.to(dtype)

    def op(self, result: tuple[int, ...] | None = None, **attributes: int) -> ttir.MoeComputeOp:
        """The op, with some attributes replaced."""
        numbers = {
            "layer_id": self.layer,
            "output_height_shard_dim": 4,
            "intermediate_size": self.inner,
            "cluster_axis": self.axis,
            **attributes,
        }
        return ttir.MoeComputeOp(
            operands=[*self.values[:7], *([] if v is None else [v] for v in self.values[7:])],
            result_types=[tensor_type(result or (self.choices, self.each, self.width), self.result)],
            properties={
                **{name: integer_attr(n, ui32) for name, n in numbers.items()},
                "activation_function": MoeActivationFunctionAttr(self.activation),
            },
        )

    def run(self, op: ttir.MoeComputeOp | None = None) -> list[Tensor]:
        """What each device gets."""
        op = op or self.op()
        op.verify()
        devices = Mesh(self.mesh)
        step = Interpreter(ModuleOp([]), [TtirFunctions()], devices).step(op)
        (result,) = step(*(MeshValue.of(o) for o in self.operands))
        assert isinstance(result, MeshTensor)
        return list(devices.shards(result))

    def expected(self, device: int) -> Numbers:
        """What a device should get, token by token."""
        group = next(g for g in self.groups() if device in g)
        wide = [[t.double().numpy() for t in o] for o in self.operands]
        out = np.zeros((self.choices, self.each, self.width))
        for t in range(self.each):
            token = group.index(device) * self.each + t
            for k in range(self.choices):
                number = int(wide[1][device].reshape(self.tokens, -1)[token, k])
                source = int(self.owner[number])
                if source in group:
                    local = [e for e in range(self.experts) if self.owner[e] == source].index(number)
                    weights = [
                        None if v is None else w for v, w in zip(self.values[4:], self.spread(wide), strict=True)
                    ]
                    own = [None if w is None else w[source][self.layer, local] for w in weights]
                    out[k, t] = expert(wide[0][source][0, token], own, self.activation)
        return out

    def spread(self, wide: list[list[Numbers]]) -> list[list[Numbers] | None]:
        """The weights and biases, None for what is not given."""
        rest = iter(wide[4:])
        return [None if v is None else next(rest) for v in self.values[4:]]


def value(shape: Sequence[int], element: Attribute) -> SSAValue:
    """A value of a tensor type."""
    return xdsl_test.TestOp(result_types=[tensor_type(shape, element)]).results[0]


def expert(x: Numbers, weights: Sequence[Numbers | None], activation: MoeActivationFunction) -> Numbers:
    """What an expert makes of one token."""
    w0, w1, w2, b0, b1, b2 = weights
    assert w0 is not None
    assert w1 is not None
    assert w2 is not None
    with np.errstate(all="ignore"):
        gate = x @ w0 + (0 if b0 is None else b0)
        up = x @ w1 + (0 if b1 is None else b1)
        if activation is SWIGLU:
            gate, up = np.minimum(gate, 7.0), np.clip(up, -7.0, 7.0)
            inner = (up + 1) * (gate / (1 + np.exp(-1.702 * gate)))
        else:
            inner = gate / (1 + np.exp(-gate)) * up
        return inner @ w2 + (0 if b2 is None else b2)


@given(
    MESH,
    st.integers(0, 1),
    SIZE,
    SIZE,
    SIZE,
    st.tuples(EXTENT, EXTENT),
    st.tuples(st.booleans(), st.booleans()),
    st.sampled_from([SILU, SWIGLU]),
    st.tuples(FLOAT, INDEX, FLOAT),
    st.integers(0, 99),
)
def test_moe_compute(
    mesh: tuple[int, int],
    axis: int,
    held: int,
    each: int,
    choices: int,
    extents: tuple[int, int],
    biases: tuple[bool, bool],
    activation: MoeActivationFunction,
    elements: tuple[Attribute, Attribute, Attribute],
    seed: int,
) -> None:
    case = Case(mesh, axis, held, each, choices, extents, biases, activation, elements, seed)
    found = case.run()
    for d in range(case.devices):
        expected = torch.tensor(case.expected(d)).to(found[d].dtype)
        tolerance = max(TOLERANCE[t.dtype] for t in (found[d], case.operands[0][d]))
        torch.testing.assert_close(found[d], expected, rtol=tolerance, atol=tolerance * 4, equal_nan=True)


def test_what_moe_compute_gives_is_not_weighted() -> None:
    case = Case((1, 2))
    first = case.run()
    case.operands[2] = [torch.full_like(t, nan) for t in case.operands[2]]
    torch.testing.assert_close(case.run(), first, rtol=0.0, atol=0.0, equal_nan=True)
    assert any(bool(t.isfinite().any()) for t in first)


def test_rows_of_tokens_that_were_not_dispatched_are_not_read() -> None:
    case = Case((1, 2), seed=4)
    case.operands[0] = [torch.ones_like(t) for t in case.operands[0]]
    first = case.run()
    for d, x in enumerate(case.operands[0]):
        for t in range(case.tokens):
            if not bool((case.owner[case.operands[1][d][0, t]] == d).any()):
                x[0, t] = nan
    assert any(bool(x.isnan().any()) for x in case.operands[0])
    assert all(torch.equal(a, b) for a, b in zip(first, case.run(), strict=True))


def test_data_that_no_router_gives() -> None:
    case = Case((1, 2))
    case.operands[1][1][0, 0, 0] = 4
    with pytest.raises(NumericsError, match="expert that does not exist"):
        case.run()
    case = Case((1, 2))
    case.operands[3] = [t + 1 for t in case.operands[3]]
    with pytest.raises(NumericsError, match="numbers from 1 to 2"):
        case.run()
    case.operands[3] = [torch.zeros_like(t) for t in case.operands[3]]
    with pytest.raises(NumericsError, match="has 4 experts on a device"):
        case.run()


def test_mappings_that_contradict_each_other_are_refused() -> None:
    case = Case((1, 2), seed=2)
    assert case.operands[3][0].shape[-2] == 2
    own = case.operands[3][1].clone()
    case.operands[3][1] = own.flip(-2)
    case.operands[3][1][..., 0, :] = 1 - own[..., 0, :]
    with pytest.raises(NumericsError, match="rows of the mapping of experts to devices differ"):
        case.run()
    case.operands[3][1] = 1 - own
    with pytest.raises(NumericsError, match="an expert is on several devices of a group"):
        case.run()


@pytest.mark.parametrize(
    ("place", "shape", "message"),
    [
        (0, (1, 4, 64), "expected the last extent 32"),
        (0, (1, 6, 32), "expected 2 choices of 6 tokens"),
        (1, (1, 4, 3), "expected the last extent 3"),
        (4, (2, 32, 64), r"expected \(layers, experts, H, N\)"),
        (4, (2, 2, 32, 96), "expected the last extent 64, 'intermediate_size'"),
        (5, (2, 2, 64, 32), r"expected \(2, 2, 32, 64\)"),
        (6, (2, 2, 32, 64), r"expected \(2, 2, 64, 32\)"),
        (7, (2, 2, 32), r"expected \(2, 2, 64\)"),
        (9, (2, 2, 64), r"expected \(2, 2, 32\)"),
    ],
)
def test_shapes_that_do_not_fit(place: int, shape: tuple[int, ...], message: str) -> None:
    case = Case((1, 2))
    case.values[place] = value(shape, f32)
    with pytest.raises(UnsupportedInputError, match=message):
        case.run()


def test_attributes_that_do_not_fit() -> None:
    case = Case((1, 2))
    with pytest.raises(UnsupportedInputError, match="'layer_id' is 2"):
        case.run(case.op(layer_id=2))
    with pytest.raises(UnsupportedInputError, match=r"expected \(2, 4, 32\)"):
        case.run(case.op(cluster_axis=0))
    with pytest.raises(UnsupportedInputError, match="4 tokens cannot be those of 3 devices"):
        Interpreter(ModuleOp([]), [TtirFunctions()], Mesh((1, 3))).step(case.op())
