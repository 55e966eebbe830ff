"""StableHLO ops of host functions compute what its specification says."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest
import torch
from xdsl.context import Context
from xdsl.dialects.builtin import Builtin, ModuleOp, UnregisteredOp
from xdsl.ir import Operation
from xdsl.parser import Parser

from tilewright.runtime.functions.stablehlo import StablehloFunctions
from tilewright.runtime.interpreter import Interpreter
from tilewright.support.errors import UnsupportedInputError

INTERPRETER = Interpreter(ModuleOp([]), [StablehloFunctions()])

ONE: list[tuple[str, Callable[[float], float]]] = [
    ("abs", abs),
    ("ceil", math.ceil),
    ("cosine", math.cos),
    ("exponential", math.exp),
    ("exponential_minus_one", math.expm1),
    ("floor", math.floor),
    ("is_finite", lambda x: 1.0),
    ("log", math.log),
    ("log_plus_one", math.log1p),
    ("logistic", lambda x: 1 / (1 + math.exp(-x))),
    ("negate", lambda x: -x),
    ("round_nearest_even", round),
    ("rsqrt", lambda x: x**-0.5),
    ("sign", lambda x: 1.0),
    ("sine", math.sin),
    ("sqrt", math.sqrt),
    ("tan", math.tan),
    ("tanh", math.tanh),
]
TWO: list[tuple[str, Callable[[float, float], float]]] = [
    ("add", lambda a, b: a + b),
    ("atan2", math.atan2),
    ("divide", lambda a, b: a / b),
    ("maximum", max),
    ("minimum", min),
    ("multiply", lambda a, b: a * b),
    ("power", lambda a, b: a**b),
    ("remainder", math.fmod),
    ("subtract", lambda a, b: a - b),
]
BITS: list[tuple[str, Callable[[int, int], int]]] = [
    ("and", lambda a, b: a & b),
    ("divide", lambda a, b: int(a / b)),
    ("or", lambda a, b: a | b),
    ("xor", lambda a, b: a ^ b),
]


def parse(text: str, *operands: str) -> Operation:
    """The last op of a module with values of these types as `%0`, `%1`, .."""
    values = "".join(f'%{i} = "test.value"() : () -> {t}\n' for i, t in enumerate(operands))
    context = Context(allow_unregistered=True)
    context.load_dialect(Builtin)
    op = Parser(context, values + text).parse_module().body.block.last_op
    assert isinstance(op, UnregisteredOp)
    return op


def run(text: str, *inputs: tuple[str, torch.Tensor]) -> torch.Tensor:
    """The result of one op."""
    (result,) = INTERPRETER.step(parse(text, *(t for t, _ in inputs)))(*(x for _, x in inputs))
    assert isinstance(result, torch.Tensor)
    return result


@pytest.mark.parametrize(("name", "expected"), ONE, ids=[n for n, _ in ONE])
def test_unary(name: str, expected: Callable[[float], float]) -> None:
    x = torch.tensor([0.25, 1.5, 2.5, 3.75])

    found = run(f'%r = "stablehlo.{name}"(%0) : (tensor<4xf32>) -> tensor<4xf32>', ("tensor<4xf32>", x))

    torch.testing.assert_close(found, torch.tensor([float(expected(v)) for v in x.tolist()]))


@pytest.mark.parametrize(("name", "expected"), TWO, ids=[n for n, _ in TWO])
def test_binary(name: str, expected: Callable[[float, float], float]) -> None:
    a, b, t = torch.tensor([0.5, 1.5, 4.0]), torch.tensor([2.0, 0.75, 3.0]), "tensor<3xf32>"

    found = run(f'%r = "stablehlo.{name}"(%0, %1) : ({t}, {t}) -> {t}', (t, a), (t, b))

    torch.testing.assert_close(
        found, torch.tensor([expected(x, y) for x, y in zip(a.tolist(), b.tolist(), strict=True)])
    )


def test_remainder_of_a_quotient_that_overflows() -> None:
    # As many elements as vector instructions take.
    t, a, b = "tensor<16xf32>", torch.full((16,), -3e38), torch.full((16,), 3e-45)

    found = run(f'%r = "stablehlo.remainder"(%0, %1) : ({t}, {t}) -> {t}', (t, a), (t, b))

    assert found.tolist() == [math.fmod(a[0].item(), b[0].item())] * 16


@pytest.mark.parametrize(("name", "expected"), BITS, ids=[n for n, _ in BITS])
def test_integers(name: str, expected: Callable[[int, int], int]) -> None:
    a, b, t = [7, -7, 12], [2, 2, -5], "tensor<3xi32>"
    values = [(t, torch.tensor(v, dtype=torch.int32)) for v in (a, b)]

    found = run(f'%r = "stablehlo.{name}"(%0, %1) : ({t}, {t}) -> {t}', *values)

    assert found.tolist() == [expected(x, y) for x, y in zip(a, b, strict=True)]
    assert found.dtype is torch.int32


def test_not_select_clamp_and_convert() -> None:
    f, b = "tensor<3xf32>", "tensor<3xi1>"
    x, y, c = torch.tensor([1.0, 2.0, 3.0]), torch.tensor([9.0, 8.0, 7.0]), torch.tensor([True, False, True])

    assert run(f'%r = "stablehlo.not"(%0) : ({b}) -> {b}', (b, c)).tolist() == [False, True, False]
    chosen = run(f'%r = "stablehlo.select"(%0, %1, %2) : ({b}, {f}, {f}) -> {f}', (b, c), (f, x), (f, y))
    assert chosen.tolist() == [1, 8, 3]
    clamped = run(f'%r = "stablehlo.clamp"(%0, %1, %2) : ({f}, {f}, {f}) -> {f}', (f, x), (f, y), (f, x + 4))
    assert clamped.tolist() == [5, 6, 7]
    converted = run('%r = "stablehlo.convert"(%0) : (tensor<3xf32>) -> tensor<3xi32>', (f, x + 0.75))
    assert (converted.tolist(), converted.dtype) == ([1, 2, 3], torch.int32)


def test_movements() -> None:
    x, t = torch.arange(6.0).view(2, 3), "tensor<2x3xf32>"

    assert torch.equal(run(f'%r = "stablehlo.reshape"(%0) : ({t}) -> tensor<3x2xf32>', (t, x)), x.view(3, 2))
    swapped = run(
        f'%r = "stablehlo.transpose"(%0) {{permutation = array<i64: 1, 0>}} : ({t}) -> tensor<3x2xf32>', (t, x)
    )
    assert torch.equal(swapped, x.T)
    dims = "broadcast_dimensions = array<i64: 2, 0>"
    wide = run(f'%r = "stablehlo.broadcast_in_dim"(%0) {{{dims}}} : ({t}) -> tensor<3x4x2xf32>', (t, x))
    assert torch.equal(wide, torch.stack([x.T] * 4, dim=1))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('%r = "stablehlo.ad"(%0) : (tensor<3xf32>) -> tensor<3xf32>', "did you mean 'a"),
        ('%r = "linalg.add"(%0) : (tensor<3xf32>) -> tensor<3xf32>', "linalg.add cannot be executed"),
        ('%r = "stablehlo.transpose"(%0) : (tensor<3xf32>) -> tensor<3xf32>', "attribute 'permutation' is None"),
    ],
)
def test_other_ops_are_refused(text: str, message: str) -> None:
    with pytest.raises(UnsupportedInputError, match=message):
        INTERPRETER.step(parse(text, "tensor<3xf32>"))
