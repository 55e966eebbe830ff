"""Buffers and layouts: elements stay, but for their type."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import inf, nan, prod

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
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

Typecast = Callable[[float, torch.dtype], float]
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


TILES = {
    "f32": torch.float32,
    "f16": torch.float16,
    "bf16": torch.bfloat16,
    "u32": torch.uint32,
    "u16": torch.uint16,
    "u8": torch.uint8,
    "si32": torch.int32,
    "i1": torch.bool,
}
"""Elements of tiles."""

PLAIN = {
    "f64": torch.float64,
    "f32": torch.float32,
    "f16": torch.float16,
    "bf16": torch.bfloat16,
    "i1": torch.bool,
    "i8": torch.int8,
    "i64": torch.int64,
    "si32": torch.int32,
    "ui8": torch.uint8,
    "ui16": torch.uint16,
    "ui32": torch.uint32,
}
"""Elements of other tensors."""

SHAPE = st.lists(st.integers(1, 2), max_size=2).flatmap(
    lambda batch: st.tuples(st.sampled_from([1, 2, 3, 33]), st.integers(1, 3)).map(lambda matrix: (*batch, *matrix))
)
NUMBERS = st.lists(
    st.one_of(
        st.sampled_from([nan, inf, -inf, 0.0, -0.0, 1e-40, 65520.0, -3e9, 2.0**31, 1 + 2.0**-8 + 2.0**-40]),
        st.floats(-300, 300),
        st.floats(width=64),
        st.integers(-300, 300),
    ),
    min_size=1,
    max_size=12,
)


@dataclass(frozen=True)
class Typed:
    """A type of tensors and what holds its elements."""

    type: Attribute
    dtype: torch.dtype


def shape_text(shape: Sequence[int]) -> str:
    return "x".join(map(str, shape))


@st.composite
def metal_types(draw: st.DrawFn, shape: tuple[int, ...], memory: str = "l1") -> Typed:
    """Tensors of this shape that are spread over one core or several: rows of cores, elements or tiles."""
    *batch, columns = shape
    rows, cores = prod(batch), draw(st.integers(1, 2))
    intervals = f"collapsed_intervals = dense<[[0, -1], [-1, {len(shape)}]]> : tensor<2x2xi64>"
    layout = (
        f"#ttcore.metal_layout<logical_shape = {shape_text(shape)}, dim_alignments = "
        f"{shape_text([1] * (len(shape) - 2) + [32, 32])}, {intervals}, {memory}, sharded>"
    )
    if draw(st.booleans()):
        element = draw(st.sampled_from(list(TILES)))
        piece = [-(-rows // (32 * cores)), -(-columns // 32)]
        return Typed(
            type_of(f"tensor<{cores}x1x{shape_text(piece)}x!ttcore.tile<32x32, {element}>, {layout}>"), TILES[element]
        )
    element = draw(st.sampled_from(list(PLAIN)))
    piece = [-(-rows // (32 * cores)) * 32, -(-columns // 32) * 32]
    return Typed(type_of(f"tensor<{cores}x1x{shape_text(piece)}x{element}, {layout}>"), PLAIN[element])


@st.composite
def plain_types(draw: st.DrawFn, shape: tuple[int, ...]) -> Typed:
    """Tensors of this shape without a layout."""
    element = draw(st.sampled_from(list(PLAIN)))
    return Typed(type_of(f"tensor<{''.join(f'{n}x' for n in shape)}{element}>"), PLAIN[element])


@st.composite
def ttnn_types(draw: st.DrawFn, shape: tuple[int, ...]) -> Typed:
    """Tensors of this shape with a layout of TTNN."""
    element, text = draw(st.sampled_from(list(PLAIN))), shape_text(shape)
    dims = ", ".join(f"d{i}" for i in range(len(shape)))
    layout = f"#ttnn.ttnn_layout<({dims}) -> ({dims}), <1x1>, memref<{text}x{element}>>"
    return Typed(type_of(f"tensor<{text}x{element}, {layout}>"), PLAIN[element])


def filled(shape: tuple[int, ...], numbers: Sequence[float], dtype: torch.dtype, typecast: Typecast) -> torch.Tensor:
    """The numbers one after another, as elements of this type."""
    elements = [typecast(number, dtype) for number in numbers]
    return torch.tensor([elements[i % len(elements)] for i in range(prod(shape))], dtype=dtype).reshape(shape)


def assert_cast(found: torch.Tensor, x: torch.Tensor, target: Typed, typecast: Typecast) -> None:
    """Each element is that of `x` as the target's, signs of zeros included."""
    assert found.dtype is target.dtype
    assert found.shape == x.shape
    assert list(map(repr, found.flatten().tolist())) == [repr(typecast(v, found.dtype)) for v in x.flatten().tolist()]


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


@settings(max_examples=80)
@given(data=st.data(), shape=SHAPE, numbers=NUMBERS)
def test_to_layout(typecast: Typecast, data: st.DataObject, shape: tuple[int, ...], numbers: list[float]) -> None:
    source, target = (data.draw(metal_types(shape) | plain_types(shape) | ttnn_types(shape)) for _ in range(2))
    x, before = (filled(shape, numbers, source.dtype, typecast) for _ in range(2))
    output = filled(shape, [1.0, nan, inf], target.dtype, typecast)

    found = run(ttir.ToLayoutOp(value(source.type), value(target.type)), x, output)

    assert_cast(found, x, target, typecast)
    assert list(map(repr, x.flatten().tolist())) == list(map(repr, before.flatten().tolist())), "the operand changed"


def test_to_layout_may_have_no_result() -> None:
    plain = value(tensor_type((2,), f32))
    op = ttir.ToLayoutOp.build(operands=[plain, plain], result_types=[[]])

    assert not INTERPRETER.step(op)(torch.zeros(2), torch.ones(2))


def test_layout_cast_keeps_elements() -> None:
    x = numbers().to(torch.bfloat16)
    there = ttir.TTNNMetalLayoutCastOp.build(operands=[value(TTNN)], result_types=[spread("bf16")])
    back = ttir.TTNNMetalLayoutCastOp.build(operands=[value(spread("bf16"))], result_types=[TTNN])

    assert run(back, run(there, x)).view(torch.int16).equal(x.view(torch.int16))


@settings(max_examples=60)
@given(data=st.data(), shape=SHAPE, numbers=NUMBERS, to_metal=st.booleans())
def test_layout_cast(
    typecast: Typecast, data: st.DataObject, shape: tuple[int, ...], numbers: list[float], to_metal: bool
) -> None:
    metal, ttnn = data.draw(metal_types(shape)), data.draw(ttnn_types(shape))
    source, target = (ttnn, metal) if to_metal else (metal, ttnn)
    x = filled(shape, numbers, source.dtype, typecast)
    op = ttir.TTNNMetalLayoutCastOp.build(operands=[value(source.type)], result_types=[target.type])

    assert_cast(run(op, x), x, target, typecast)


def alloc(type: Attribute, memory: MemorySpace, size: int) -> Operation:
    """A buffer, at an address where the memory has them."""
    address = 0 if memory in (MemorySpace.SYSTEM, MemorySpace.MMIO) else 64
    return ttir.AllocOp.build(
        properties={
            "address": IntegerAttr(address, i64),
            "size": IntegerAttr(size, i64),
            "memory_space": MemorySpaceAttr(memory),
        },
        result_types=[type],
    )


@settings(max_examples=60)
@given(data=st.data(), shape=SHAPE, memory=st.sampled_from([*MemorySpace][:4]), size=st.integers(1, 1 << 20))
def test_buffers(data: st.DataObject, shape: tuple[int, ...], memory: MemorySpace, size: int) -> None:
    metal = data.draw(metal_types(shape, memory.value))
    anything = data.draw(st.just(metal) | plain_types(shape) | plain_types(()) | plain_types((0, 3)))
    for op, type in ((alloc(metal.type, memory, size), metal), (ttir.EmptyOp(anything.type), anything)):
        first, second = run(op), run(op)
        wanted = shape if type is metal else anything.type.get_shape()
        assert (tuple(first.shape), first.dtype) == (tuple(wanted), type.dtype)
        # The elements are not defined, but the same in every run, and nobody else's.
        assert np.array_equal(first.float().numpy(), second.float().numpy())
        first.fill_(1)
        assert not second.float().numpy().any()


@settings(max_examples=40)
@given(data=st.data(), shape=SHAPE, numbers=NUMBERS)
def test_what_lies_in_memory_that_is_given_back_has_no_meaning(
    typecast: Typecast, data: st.DataObject, shape: tuple[int, ...], numbers: list[float]
) -> None:
    kind = data.draw(metal_types(shape) | plain_types(shape) | ttnn_types(shape))
    x, before = (filled(shape, numbers, kind.dtype, typecast) for _ in range(2))
    op = ttir.DeallocOp.build(operands=[value(kind.type)])
    op.verify()

    assert not INTERPRETER.step(op)(x)
    # What was computed from it before is still there.
    assert list(map(repr, x.flatten().tolist())) == list(map(repr, before.flatten().tolist()))


def test_buffers_have_the_logical_shape() -> None:
    for op in (ttir.EmptyOp(spread("bf16")), alloc(spread("bf16"), MemorySpace.L1, 4096)):
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
