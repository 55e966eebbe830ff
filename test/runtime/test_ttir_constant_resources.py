"""Constants whose elements are resources run, with all their bits."""

from __future__ import annotations

import pytest
import torch
from xdsl.dialects.builtin import TensorType, bf16, f32, i1, i32
from xdsl.ir import Attribute

from tilewright.dialects import ttir
from tilewright.dialects.text import dense_resource, parse_module
from tilewright.stages import execute, make_context
from tilewright.support.errors import UnsupportedInputError

TEXT = """
func.func @f() -> tensor<2x1xf32> {
  %0 = "ttir.constant"() <{value = dense_resource<w> : tensor<2x1xf32>}> : () -> tensor<2x1xf32>
  return %0 : tensor<2x1xf32>
}
{-# dialect_resources: { builtin: { w: "0x040000000000803F0100807F" } } #-}
"""


def constant(data: bytes, shape: tuple[int, ...], element: Attribute) -> ttir.ConstantOp:
    return ttir.ConstantOp(dense_resource("w", TensorType(element, shape), data))


def run(op: ttir.ConstantOp) -> torch.Tensor:
    from xdsl.dialects.builtin import ModuleOp

    from tilewright.runtime.functions.ttir import TtirFunctions
    from tilewright.runtime.interpreter import Interpreter

    (result,) = Interpreter(ModuleOp([]), [TtirFunctions()]).step(op)()
    assert isinstance(result, torch.Tensor)
    return result


def test_resource_of_a_file() -> None:
    (result,) = execute(parse_module(TEXT, make_context()), [])
    assert isinstance(result, torch.Tensor)
    assert result.shape == (2, 1)
    assert result.view(torch.int32).flatten().tolist() == [0x3F800000, 0x7F800001]


@pytest.mark.parametrize(
    ("data", "shape", "element", "expected"),
    [
        (b"\x01\x00\x01", (3,), i1, torch.tensor([True, False, True])),
        (b"\x01\x00\x00\x00\xff\xff\xff\xff", (1, 2), i32, torch.tensor([[1, -1]], dtype=torch.int32)),
        (b"\x80\x3f\xc0\x7f", (2,), bf16, torch.tensor([1.0, float("nan")], dtype=torch.bfloat16)),
        (b"\x00\x00\x80\x3f", (), f32, torch.tensor(1.0)),
        (b"", (0, 3), f32, torch.empty(0, 3)),
    ],
)
def test_elements(data: bytes, shape: tuple[int, ...], element: Attribute, expected: torch.Tensor) -> None:
    torch.testing.assert_close(run(constant(data, shape, element)), expected, rtol=0, atol=0, equal_nan=True)


def test_wrong_number_of_bytes_is_an_error() -> None:
    with pytest.raises(UnsupportedInputError, match="has 4 bytes, expected 8"):
        run(constant(b"\x00" * 4, (2,), f32))
