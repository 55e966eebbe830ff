"""Calls at the edge of a conversion: what must be converted, what must be declined and why."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from typing import Any

import pytest
import torch
from xdsl.dialects.builtin import FloatAttr
from xdsl.ir import Block

from tilewright.dialects import ttir
from tilewright.frontend.types import element_type_of, type_of
from tilewright.transforms.conversion.call import Declined, literal
from tilewright.transforms.conversion.promotion import common_type

SCALAR, VECTOR = torch.tensor(2.0), torch.tensor([1.0, -2.0, 3.0])
HALF = torch.tensor([300.0, 400.0], dtype=torch.float16)
DOUBLE = VECTOR.to(torch.float64)
INTEGERS = torch.tensor([1, 2, 3])
MATRIX = torch.eye(3)
QUERY = torch.ones(1, 2, 3, 4)
COMPLEX = torch.ones(3, dtype=torch.complex64)
NARROW = VECTOR.to(torch.float8_e4m3fn)

CONVERTED: dict[str, tuple[str, tuple[Any, ...], dict[str, Any], float]] = {
    "number beside no dimensions": ("aten.add.Tensor", (SCALAR, 1.5), {}, 0),
    "scaled by alpha, no dimensions": ("aten.add.Tensor", (VECTOR, SCALAR), {"alpha": 3}, 0),
    "compared, no dimensions": ("aten.gt.Scalar", (SCALAR, 1.5), {}, 0),
    "chosen, no dimensions": ("aten.where.Scalar", (torch.tensor(True), 1.0, 2.0), {}, 0),
    "filled, no dimensions": ("aten.masked_fill.Scalar", (SCALAR, torch.tensor(True), 1.0), {}, 0),
    "clamped, no dimensions": ("aten.clamp.default", (SCALAR, 0.0, 1.0), {}, 0),
    "tanh form, no dimensions": ("aten.gelu.default", (SCALAR,), {"approximate": "tanh"}, 4),
    "power, no dimensions": ("aten.pow.Tensor_Scalar", (SCALAR, 2.5), {}, 4),
    "norm, no dimensions": ("aten.linalg_vector_norm.default", (-SCALAR,), {}, 0),
    "norm beyond its type": ("aten.linalg_vector_norm.default", (HALF,), {}, 2),
    "tanh form below its precision": (
        "aten.gelu.default",
        (torch.tensor([-3.0, -2.5], dtype=torch.bfloat16),),
        {"approximate": "tanh"},
        0.01,
    ),
    "integers against a fraction": ("aten.gt.Scalar", (INTEGERS, 1.5), {}, 0),
    "booleans against an integer": ("aten.eq.Tensor", (torch.tensor([True, False]), torch.tensor(2)), {}, 0),
    "f16 against bf16": (
        "aten.eq.Tensor",
        (torch.tensor([1.0009765625], dtype=torch.float16), torch.tensor([1.0], dtype=torch.bfloat16)),
        {},
        0,
    ),
    "ui8 against i8": (
        "aten.lt.Tensor",
        (torch.tensor([200], dtype=torch.uint8), torch.tensor([-1], dtype=torch.int8)),
        {},
        0,
    ),
    "integers divided": ("aten.div.Tensor", (INTEGERS, INTEGERS + 1), {}, 1),
    "infinite literal": ("aten.masked_fill.Scalar", (VECTOR, VECTOR > 0, -math.inf), {}, 0),
    "exact literal of f64": ("aten.mul.Tensor", (DOUBLE, 0.5), {}, 0),
    "indices of rank 3": ("aten.embedding.default", (MATRIX, INTEGERS.view(1, 3, 1) - 1), {}, 0),
    "no dimensions reduced": ("aten.sum.dim_IntList", (MATRIX, []), {}, 0),
    "mask of rank 2": (
        "aten.scaled_dot_product_attention.default",
        (QUERY, QUERY, QUERY, torch.ones(3, 3).tril().bool()),
        {},
        4,
    ),
    "row that sees nothing": (
        "aten.scaled_dot_product_attention.default",
        (QUERY, QUERY, QUERY, torch.zeros(3, 3).bool()),
        {},
        4,
    ),
}


@pytest.mark.parametrize("case", CONVERTED)
def test_edge_is_converted(case: str, check_call: Callable[..., Any]) -> None:
    callee, args, kwargs, units = CONVERTED[case]

    converted = check_call(callee, (args, kwargs), units)

    assert not converted.declined, converted.declined
    assert all(name.startswith("ttir.") for name in converted.ops)


BIG = 2**40

DECLINED: dict[str, tuple[str, tuple[Any, ...], dict[str, Any], str]] = {
    "inexact literal of f64": ("aten.mul.Tensor", (DOUBLE, 0.1), {}, "the constant 0.1 is no f32"),
    "inexact bound of f64": ("aten.clamp.default", (DOUBLE, 0.1), {}, "the constant 0.1 is no f32"),
    "inexact epsilon of f64": ("aten.layer_norm.default", (DOUBLE, [3]), {}, "the constant 1e-05 is no f32"),
    "inexact fill of f64": ("aten.full_like.default", (DOUBLE, 0.1), {}, "the constant 0.1 is no f32"),
    "literal beyond f16": ("aten.mul.Tensor", (HALF, 70000.0), {}, "the constant 70000.0 is beyond f16"),
    "literal beyond f32": ("aten.mul.Tensor", (VECTOR, 1e300), {}, "the constant 1e+300 is beyond f32"),
    "literal beyond 32 bits": (
        "aten.add.Tensor",
        (INTEGERS, BIG),
        {},
        f"the constant {BIG} does not fit 32 bits of i64",
    ),
    "literal beyond its type": (
        "aten.eq.Scalar",
        (INTEGERS.to(torch.uint8), -3),
        {},
        "the constant -3 does not fit 32 bits of ui8",
    ),
    "complex operand": ("aten.abs.default", (COMPLEX,), {}, "dtype(self) = complex<f32>"),
    "complex result": ("aten.full.default", ([2], 0.5), {"dtype": torch.complex64}, "dtype(result) = complex<f32>"),
    "complex moved": ("aten.view.default", (COMPLEX, [3, 1]), {}, "dtype(self) = complex<f32>"),
    "8-bit floats": ("aten.to.dtype", (NARROW, torch.float32), {}, "float8_e4m3fn"),
    "to 8-bit floats": ("aten.to.dtype", (VECTOR, torch.float8_e4m3fn), {}, "float8_e4m3fn"),
    "sum of booleans": ("aten.add.Tensor", (VECTOR > 0, VECTOR > 1), {}, "booleans are added by logical_or in torch"),
    "rounded division": ("aten.div.Tensor_mode", (VECTOR, 2.0), {"rounding_mode": "floor"}, "rounding_mode = floor"),
    "scaled sum": ("aten.addmm.default", (VECTOR, MATRIX, MATRIX), {"alpha": 2}, "beta or alpha is not 1"),
    "integer bounds": ("aten.clamp.default", (INTEGERS, 1, 2), {}, "dtype(self) = i64, not a float type"),
    "integer sum": ("aten.sum.default", (INTEGERS,), {}, "dtype = i64, not a float type"),
    "other norm": ("aten.linalg_vector_norm.default", (VECTOR, 1), {}, "ord = 1"),
    "empty slice": ("aten.slice.Tensor", (VECTOR, 0, 3), {}, "an empty slice [3:3]"),
    "vector of weights": ("aten.linear.default", (VECTOR, VECTOR), {}, "rank(weight) = 1, expected 2"),
    "default epsilon": ("aten.rms_norm.default", (VECTOR, [3]), {}, "eps is not given: it depends on the element type"),
    "attention of rank 5": (
        "aten.scaled_dot_product_attention.default",
        (QUERY[None], QUERY[None], QUERY[None]),
        {},
        "ranks of query, key and value = [5], expected 3 or 4",
    ),
    "value of another width": (
        "aten.scaled_dot_product_attention.default",
        (QUERY, QUERY, QUERY[..., :2]),
        {},
        "shape(value) = (1, 2, 3, 2) differs from shape(key) = (1, 2, 3, 4)",
    ),
    "causal with more keys": (
        "aten.scaled_dot_product_attention.default",
        (QUERY[:, :, :2], QUERY, QUERY),
        {"is_causal": True},
        "is_causal with different numbers of queries and keys",
    ),
    "expanded to nothing": ("aten.expand.default", (torch.zeros(1, 3), [0, 3]), {}, "broadcast_dimensions"),
}


@pytest.mark.parametrize("case", DECLINED)
def test_edge_is_declined(case: str, check_call: Callable[..., Any]) -> None:
    callee, args, kwargs, text = DECLINED[case]

    converted = check_call(callee, (args, kwargs))

    assert converted.ops == ("aten.call",)
    assert len(converted.declined) == 1
    assert text in converted.declined[0]


def test_lower_bound_above_the_upper_gives_the_upper(check_call: Callable[..., Any]) -> None:
    converted = check_call("aten.clamp.default", ((VECTOR, 2.0, 1.0), {}))

    (clamp,) = (op for op in converted.module.walk() if isinstance(op, ttir.ClampScalarOp))
    assert isinstance(clamp.min, FloatAttr)
    assert clamp.min == clamp.max == FloatAttr(1.0, 32)


DTYPES = (
    torch.bool,
    torch.uint8,
    torch.int8,
    torch.int16,
    torch.int32,
    torch.int64,
    torch.float16,
    torch.bfloat16,
    torch.float32,
    torch.float64,
)
NUMBERS = (True, 2, 0.5)


def operands() -> list[Any]:
    """A tensor with and one without dimensions of each type, and a number of each kind."""
    return [*(torch.ones(3, dtype=d) for d in DTYPES), *(torch.ones((), dtype=d) for d in DTYPES), *NUMBERS]


def test_common_type_is_torchs() -> None:
    for a, b in itertools.product(operands(), operands()):
        if not isinstance(a, torch.Tensor) and not isinstance(b, torch.Tensor):
            continue
        block = Block(arg_types=[type_of(v) for v in (a, b) if isinstance(v, torch.Tensor)])
        values = iter(block.args)
        arguments = [next(values) if isinstance(v, torch.Tensor) else v for v in (a, b)]

        assert common_type(arguments) == element_type_of(torch.result_type(a, b)), (a, b)


@pytest.mark.parametrize(
    ("number", "dtype", "expected"),
    [
        (2, torch.bool, True),
        (0.0, torch.bool, False),
        (True, torch.int32, 1),
        (2.7, torch.int64, 2),
        (255, torch.uint8, 255),
        (-128, torch.int8, -128),
        (2**31 - 1, torch.int64, 2**31 - 1),
        (-(2**31), torch.int64, -(2**31)),
        (3, torch.float16, 3.0),
        (65504.0, torch.float16, 65504.0),
        (math.inf, torch.bfloat16, math.inf),
        (16777217, torch.float32, 16777217.0),
        (2.0**-149, torch.float64, 2.0**-149),
    ],
)
def test_literal_holds_the_number(number: float, dtype: torch.dtype, expected: float) -> None:
    found = literal(number, element_type_of(dtype))

    assert (type(found), found) == (type(expected), expected)


@pytest.mark.parametrize(
    ("number", "dtype"),
    [
        (256, torch.uint8),
        (-1, torch.uint8),
        (128, torch.int8),
        (2**31, torch.int64),
        (2**31, torch.uint32),
        (math.inf, torch.int32),
        (math.nan, torch.int32),
        (65505.0, torch.float16),
        (1e39, torch.float32),
        (1e39, torch.float64),
        (0.1, torch.float64),
        (16777217, torch.float64),
    ],
)
def test_literal_that_would_change_is_declined(number: float, dtype: torch.dtype) -> None:
    with pytest.raises(Declined, match="the constant"):
        literal(number, element_type_of(dtype))
