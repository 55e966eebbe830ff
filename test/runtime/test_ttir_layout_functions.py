"""Buffers and layouts: elements stay, but for their type."""

from __future__ import annotations

import pytest
import torch
from xdsl.dialects import test as xdsl_test
from xdsl.dialects.builtin import IntegerAttr, ModuleOp, StringAttr, bf16, f32, i32, i64
from xdsl.ir import Attribute, Operation, SSAValue
from xdsl.parser import Parser

from tilewright.dialects import ttir
from tilewright.dialects.text import parse_module
from tilewright.dialects.ttcore import MemorySpace, MemorySpaceAttr
from tilewright.dialects.types import tensor_type
from tilewright.runtime.functions.ttir import TtirFunctions
from tilewright.runtime.interpreter import Interpreter
from tilewright.stages import execute, make_context
from tilewright.support.errors import UnsupportedInputError

INTERPRETER = Interpreter(ModuleOp([]), [TtirFunctions()])
CONTEXT = make_context()


def type_of(text: str) -> Attribute:
    """The type that `text` is."""
    return Parser(CONTEXT, text).parse_attribute()


def spread(element: str) -> Attribute:
    """A tensor of 64 x 128 that is spread over two cores."""
    layout = (
        "#ttcore.metal_layout<logical_shape = 64x128, dim_alignments = 32x32, "
        "collapsed_intervals = dense<[[0, 1], [1, 2]]> : tensor<2x2xi64>, l1, sharded>"
    )
    return type_of(f"tensor<1x2x2x2x!ttcore.tile<32x32, {element}>, {layout}>")


TTNN = type_of("tensor<64x128xbf16, #ttnn.ttnn_layout<(d0, d1) -> (d0, d1), <1x1>, memref<64x128xbf16>>>")


def value(type: Attribute) -> SSAValue:
    """A value of this type."""
    return xdsl_test.TestOp(result_types=[type]).results[0]


def run(op: Operation, *inputs: torch.Tensor) -> torch.Tensor:
    """The result of `op`, after it was verified."""
    op.verify()
    (result,) = INTERPRETER.step(op)(*inputs)
    assert isinstance(result, torch.Tensor)
    return result


def numbers() -> torch.Tensor:
    """All kinds of numbers."""
    drawn = torch.randn(64, 128, generator=torch.Generator().manual_seed(1)) * 100
    drawn[0, :4] = torch.tensor([float("nan"), float("inf"), -0.0, 1e-40])
    return drawn


@pytest.mark.parametrize(
    ("element", "dtype"),
    [
        ("f32", torch.float32),
        ("f16", torch.float16),
        ("bf16", torch.bfloat16),
        ("si32", torch.int32),
        ("u8", torch.uint8),
    ],
)
def test_to_layout_casts_elements(element: str, dtype: torch.dtype) -> None:
    x = numbers().nan_to_num(0, 0, 0).abs().clamp(max=255)
    there = ttir.ToLayoutOp(value(tensor_type((64, 128), f32)), value(spread(element)))
    back = ttir.ToLayoutOp(value(spread(element)), value(tensor_type((64, 128), f32)))

    found = run(there, x, x)

    assert found.dtype is dtype
    assert found.equal(x.to(dtype))
    assert run(back, found, x).equal(x.to(dtype).to(torch.float32))


def test_to_layout_keeps_bits() -> None:
    x = numbers()
    found = run(ttir.ToLayoutOp(value(tensor_type((64, 128), f32)), value(spread("f32"))), x, x)

    assert found.view(torch.int32).equal(x.view(torch.int32))


def test_to_layout_may_have_no_result() -> None:
    plain = value(tensor_type((2,), f32))
    op = ttir.ToLayoutOp.build(operands=[plain, plain], result_types=[[]])

    assert not INTERPRETER.step(op)(torch.zeros(2), torch.ones(2))


def test_layout_cast_keeps_elements() -> None:
    x = numbers().to(torch.bfloat16)
    there = ttir.TTNNMetalLayoutCastOp.build(operands=[value(TTNN)], result_types=[spread("bf16")])
    back = ttir.TTNNMetalLayoutCastOp.build(operands=[value(spread("bf16"))], result_types=[TTNN])

    assert run(back, run(there, x)).view(torch.int16).equal(x.view(torch.int16))


def test_buffers_have_the_logical_shape() -> None:
    alloc = ttir.AllocOp.build(
        properties={
            "address": IntegerAttr(64, i64),
            "size": IntegerAttr(4096, i64),
            "memory_space": MemorySpaceAttr(MemorySpace.L1),
        },
        result_types=[spread("bf16")],
    )
    for op in (ttir.EmptyOp(spread("bf16")), alloc):
        found = run(op)
        assert (tuple(found.shape), found.dtype) == ((64, 128), torch.bfloat16)
    assert run(ttir.EmptyOp(tensor_type((3,), i32))).shape == (3,)
    assert not INTERPRETER.step(ttir.DeallocOp.build(operands=[value(spread("bf16"))]))(torch.zeros(64, 128))


def test_buffer_of_an_unknown_shape_is_refused() -> None:
    with pytest.raises(UnsupportedInputError, match="cannot be made") as raised:
        INTERPRETER.step(ttir.EmptyOp(type_of("tensor<2x?xf32>")))
    assert raised.value.why == "its shape is not known"


def test_what_torch_has_no_type_for_is_refused() -> None:
    with pytest.raises(UnsupportedInputError, match="torch has no element type for tiles of bfp_bf8"):
        INTERPRETER.step(ttir.ToLayoutOp(value(tensor_type((64, 128), f32)), value(spread("bfp_bf8"))))
    memref = value(type_of("memref<64x128xbf16>"))
    with pytest.raises(UnsupportedInputError, match="a memref cannot be executed"):
        INTERPRETER.step(ttir.ToLayoutOp.build(operands=[memref, memref], result_types=[[]]))
    cast = ttir.TTNNMetalLayoutCastOp.build(operands=[memref], result_types=[TTNN])
    with pytest.raises(UnsupportedInputError, match="a memref cannot be executed"):
        INTERPRETER.step(cast)


def test_kernels_of_users_are_refused() -> None:
    x = value(tensor_type((2,), bf16))
    names = {"kernel_id": "pkg.softmax::v1", "version_tag": "1", "arg_roles": "out"}
    op = ttir.TTLangOp.build(
        operands=[[x]], result_types=[[x.type]], properties={k: StringAttr(v) for k, v in names.items()}
    )

    with pytest.raises(UnsupportedInputError, match=r"the kernel 'pkg\.softmax::v1' cannot be executed"):
        INTERPRETER.step(op)


def test_composites_barriers_and_tuples_pass_values_on() -> None:
    text = """
    func.func @main(%x: tensor<2xf32>, %y: tensor<3xf32>) -> (tensor<2xf32>, tensor<3xf32>) {
      %c = "ttcore.composite"(%x) <{composite_name = "n", decomposition = @n}> : (tensor<2xf32>) -> tensor<2xf32>
      %b:2 = "ttcore.optimization_barrier"(%c, %y) : (tensor<2xf32>, tensor<3xf32>) -> (tensor<2xf32>, tensor<3xf32>)
      %t = ttcore.tuple %b#1, %b#0 : tuple<tensor<3xf32>, tensor<2xf32>>
      %1 = ttcore.get_tuple_element %t[0] : (tuple<tensor<3xf32>, tensor<2xf32>>) -> tensor<3xf32>
      %0 = ttcore.get_tuple_element %t[1] : (tuple<tensor<3xf32>, tensor<2xf32>>) -> tensor<2xf32>
      return %0, %1 : tensor<2xf32>, tensor<3xf32>
    }
    func.func private @n(%x: tensor<2xf32>) -> tensor<2xf32> {
      %0 = "ttir.neg"(%x) : (tensor<2xf32>) -> tensor<2xf32>
      return %0 : tensor<2xf32>
    }
    """
    module = parse_module(text, CONTEXT, "values.mlir")
    module.verify()

    first, second = execute(module, [torch.tensor([1.0, -2.0]), torch.arange(3.0)], entry="main")

    assert isinstance(first, torch.Tensor)
    assert isinstance(second, torch.Tensor)
    assert first.tolist() == [-1, 2]
    assert second.tolist() == [0, 1, 2]
