"""Ops that make tensors of attributes, for random shapes, element types and numbers."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from xdsl.dialects.builtin import IntegerType, ModuleOp, Signedness, bf16, f16, f32, f64, i1, i8, i16, i32, i64
from xdsl.ir import Attribute, Operation

from tilewright.dialects import ttir
from tilewright.dialects.types import tensor_type
from tilewright.runtime.dtypes import torch_dtype
from tilewright.runtime.functions.ttir import TtirFunctions
from tilewright.runtime.interpreter import Interpreter

INTERPRETER = Interpreter(ModuleOp([]), [TtirFunctions()])
UNSIGNED = [IntegerType(width, Signedness.UNSIGNED) for width in (8, 16, 32, 64)]
SHAPE = st.lists(st.integers(1, 5), max_size=4).map(tuple)
NUMBER = (
    st.tuples(st.sampled_from([f32, f64, f16, bf16, i8, i16, i32, i64]), st.integers(-100, 100))
    | st.tuples(st.sampled_from(UNSIGNED), st.integers(0, 200))
    | st.tuples(st.just(i1), st.integers(0, 1))
)
"""An element type and a number that it holds."""


def elements(op: Operation, element: Attribute) -> torch.Tensor:
    """The result of `op`, which has the element type and the shape that it says."""
    op.verify()
    (found,) = INTERPRETER.step(op)()
    assert isinstance(found, torch.Tensor)
    assert found.dtype is torch_dtype(element)
    assert op.results[0].type == tensor_type(tuple(found.shape), element)
    return found


@given(SHAPE, NUMBER)
def test_equal_numbers(shape: tuple[int, ...], filled: tuple[Attribute, int]) -> None:
    element, number = filled
    full = elements(ttir.FullOp(shape, number, element), element)
    ones = elements(ttir.OnesOp(shape, element), element)
    zeros = elements(ttir.ZerosOp(shape, element), element)

    assert [set(t.flatten().tolist()) for t in (full, ones, zeros)] == [{number}, {1}, {0}]
    assert tuple(full.shape) == tuple(ones.shape) == tuple(zeros.shape) == shape


@given(
    st.sampled_from([f32, f64, bf16, f16, i8, i16, i32, i64]),
    st.integers(-9, 9),
    st.sampled_from([-3, -1, 1, 2]),
    st.integers(1, 6),
)
@pytest.mark.parametrize("dimension", [0, 1])
def test_ranges(dimension: int, element: Attribute, start: int, step: int, length: int) -> None:
    shape = (length, 2) if dimension == 0 else (2, length)

    found = elements(ttir.ArangeOp(shape, element, start, step, dimension), element)

    lines = found.T.tolist() if dimension == 0 else found.tolist()
    assert lines == [[start + step * i for i in range(length)]] * 2
