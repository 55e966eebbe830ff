"""Ops between tensors of the data types of tiles, against rounding by exact fractions."""

from __future__ import annotations

from fractions import Fraction
from math import copysign, frexp

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from xdsl.dialects import test as xdsl_test
from xdsl.dialects.builtin import ModuleOp, bf16, f32, i32
from xdsl.ir import Attribute, Operation, SSAValue

from tilewright.dialects import ttir
from tilewright.dialects.ttcore import TileType
from tilewright.dialects.ttir.attributes import integer_attr
from tilewright.dialects.types import tensor_type
from tilewright.runtime.dtypes import torch_dtype
from tilewright.runtime.functions.ttir import TtirFunctions
from tilewright.runtime.interpreter import Interpreter
from tilewright.runtime.mesh import Mesh, MeshValue
from tilewright.support.dataformat import DataFormat as F

INTERPRETER = Interpreter(ModuleOp([]), [TtirFunctions()])
BFP8, BFP4 = TileType.of(F.Bfp8_b), TileType.of(F.Bfp4_b)
NUMBER = st.floats(-1e4, 1e4, width=16) | st.sampled_from([0.0, 1.0, -1.0, 0.5, 127.5, 255.0, 2.0**-10])


def value(shape: tuple[int, ...], element: Attribute) -> SSAValue:
    """A value of a tensor type."""
    return xdsl_test.TestOp(result_types=[tensor_type(shape, element)]).results[0]


def cast(shape: tuple[int, ...], source: Attribute, target: Attribute) -> Operation:
    """A typecast between tensors of a shape."""
    return ttir.TypecastOp.create(operands=[value(shape, source)], result_types=[tensor_type(shape, target)])


def run(op: Operation, *values: torch.Tensor) -> torch.Tensor:
    """The one result of `op`."""
    (result,) = INTERPRETER.step(op)(*values)
    assert isinstance(result, torch.Tensor)
    return result


def block(group: list[float], bits: int) -> list[tuple[float, float]]:
    """16 numbers that share the exponent of the largest, and the step between two of their format."""
    peak = max(map(abs, group))
    step = 2.0 ** (frexp(peak)[1] - bits) if peak else 0.0
    found: list[tuple[float, float]] = []
    for x in group:
        steps = min(int(Fraction(abs(x)) / Fraction(step) + Fraction(1, 2)), 2**bits - 1) if step else 0
        found.append((copysign(steps * step, x), step))
    return found


@given(rows=st.integers(1, 3), data=st.data(), bits=st.sampled_from([7, 3]))
def test_typecast_rounds_groups_of_a_row(rows: int, data: st.DataObject, bits: int) -> None:
    columns = data.draw(st.sampled_from([16, 32, 1, 5, 17, 40]))
    numbers = data.draw(st.lists(st.lists(NUMBER, min_size=columns, max_size=columns), min_size=rows, max_size=rows))
    x = torch.tensor(numbers)

    result = run(cast((rows, columns), f32, BFP8 if bits == 7 else BFP4), x)

    groups = [block(row[i : i + 16], bits) for row in x.tolist() for i in range(0, columns, 16)]
    expected, step = torch.tensor([pair for group in groups for pair in group]).reshape(rows, columns, 2).unbind(-1)
    assert result.dtype is torch.float32
    # The packer rounds to bfloat16 first, which may bring a number to the middle between two.
    assert bool(((result - expected).abs() <= step).all())
    assert bool(((result - x).abs() <= step * 1.01).all())
    assert torch.equal(run(cast((rows, columns), f32, BFP8 if bits == 7 else BFP4), result), result)


def test_rounding_of_known_numbers() -> None:
    x = torch.tensor([1.0, 0.5 + 1 / 128, 1 / 64, 1 / 256, -3 / 128])

    assert run(cast((5,), f32, BFP8), x).tolist() == [1.0, 0.5 + 1 / 64, 1 / 64, 0.0, -2 / 64]
    assert run(cast((5,), f32, BFP4), x).tolist() == [1.0, 0.5, 0.0, 0.0, 0.0]


@pytest.mark.parametrize("fmt", [F.Float16, F.Float16_b, F.Int32, F.UInt16, F.UInt8, F.Int8, F.UInt32, F.Float32])
def test_types_that_torch_has_are_computed_in_them(fmt: F) -> None:
    element = TileType.of(fmt)
    a, b = value((3,), element), value((3,), element)
    op = ttir.AddOp.create(operands=[a, b], result_types=[tensor_type((3,), element)])
    x = torch.tensor([1, 2, 100]).to(torch_dtype(element))

    result = run(op, x, x)

    assert result.dtype is torch_dtype(element)
    assert result.tolist() == ([2, 4, -56] if fmt is F.Int8 else [2, 4, 200])


def test_weights_in_blocks() -> None:
    a, b = value((32, 64), bf16), value((64, 48), BFP8)
    op = ttir.MatmulOp(a, b, result_type=tensor_type((32, 48), f32))
    x, w = torch.randn(32, 64).bfloat16(), torch.randn(64, 48)

    rounded = run(cast((64, 48), f32, BFP8), w)

    assert torch.equal(run(op, x, w), run(op, x, rounded))
    torch.testing.assert_close(run(op, x, w), x.float() @ rounded)


def test_results_in_blocks() -> None:
    op = ttir.ExpOp.create(operands=[value((2, 16), BFP4)], result_types=[tensor_type((2, 16), BFP4)])
    x = run(cast((2, 16), f32, BFP4), torch.randn(2, 16))

    assert torch.equal(run(op, x), run(cast((2, 16), f32, BFP4), x.exp()))


def test_cache_in_blocks_is_written_in_place() -> None:
    cache, new, at = value((1, 1, 8, 16), BFP8), value((1, 1, 1, 16), bf16), value((1,), i32)
    op = ttir.UpdateCacheOp.create(
        operands=[cache, new, at], properties={"batch_offset": integer_attr(0, i32)}, result_types=[]
    )
    held, row = torch.zeros(1, 1, 8, 16), torch.randn(1, 1, 1, 16).bfloat16()

    assert not INTERPRETER.step(op)(held, row, torch.tensor([3], dtype=torch.int32))

    assert torch.equal(held[:, :, 3:4], run(cast((1, 1, 1, 16), f32, BFP8), row.float()))
    assert not held[:, :, 4:].any()


def test_each_device_rounds_its_own() -> None:
    interpreter = Interpreter(ModuleOp([]), [TtirFunctions()], Mesh((2,)))
    shards = [torch.randn(2, 16), torch.randn(2, 16)]

    (result,) = interpreter.step(cast((2, 16), f32, BFP8))(MeshValue(shards))

    assert isinstance(result, MeshValue)
    assert all(torch.equal(r, run(cast((2, 16), f32, BFP8), s)) for r, s in zip(result.shards, shards, strict=True))
