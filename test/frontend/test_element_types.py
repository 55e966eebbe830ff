"""Element types and tensor types, there and back."""

from __future__ import annotations

import pytest
import torch
from torch._dynamo.source import ConstantSource
from torch._subclasses.fake_tensor import FakeTensorMode
from torch.fx.experimental.symbolic_shapes import DimDynamic, ShapeEnv, StatelessSymbolicContext
from xdsl.context import Context
from xdsl.dialects.builtin import Builtin, IndexType, IntegerType, Signedness, StringAttr
from xdsl.ir import Attribute
from xdsl.parser import Parser

from tilewright.dialects.aten import ATEN, ElementType
from tilewright.frontend.types import DTYPES, dtype_of, element_type_of, tensor_type, type_of
from tilewright.support.errors import UnsupportedInputError


@pytest.mark.parametrize("dtype", DTYPES.values(), ids=str)
def test_every_element_type_of_torch_has_one_type(dtype: torch.dtype) -> None:
    context = Context()
    context.load_dialect(Builtin)
    context.load_dialect(ATEN)
    element = element_type_of(dtype)

    assert dtype_of(element) is dtype
    assert Parser(context, str(element)).parse_type() == element
    assert len([other for other in set(DTYPES.values()) if element_type_of(other) == element]) == 1


@pytest.mark.parametrize(
    ("dtype", "text"),
    [
        (torch.float32, "f32"),
        (torch.bfloat16, "bf16"),
        (torch.int64, "i64"),
        (torch.uint8, "ui8"),
        (torch.bool, "i1"),
        (torch.complex64, "complex<f32>"),
        (torch.float8_e4m3fn, '!aten.element<"float8_e4m3fn">'),
        (torch.complex32, '!aten.element<"complex32">'),
    ],
)
def test_element_types_in_text(dtype: torch.dtype, text: str) -> None:
    assert str(element_type_of(dtype)) == text


def test_signed_integers_read_as_signless() -> None:
    assert dtype_of(IntegerType(32, Signedness.SIGNED)) is torch.int32


@pytest.mark.parametrize("element", [IntegerType(7), ElementType(StringAttr("ones")), IndexType()], ids=str)
def test_unknown_element_types(element: Attribute) -> None:
    with pytest.raises(UnsupportedInputError, match="torch has no element type"):
        dtype_of(element)


def test_tensor_types() -> None:
    assert str(type_of(torch.zeros(2, 0, 3, dtype=torch.int16))) == "tensor<2x0x3xi16>"
    assert str(type_of(torch.tensor(1.0))) == "tensor<f32>"
    assert tensor_type(torch.float32, (2,)) is tensor_type(torch.float32, (2,))


def test_symbolic_sizes_are_dynamic_and_add_no_guard() -> None:
    shapes = ShapeEnv()
    rows = StatelessSymbolicContext(dynamic_sizes=[DimDynamic.DYNAMIC, DimDynamic.STATIC])
    mode = FakeTensorMode(shape_env=shapes)
    tensor = mode.from_tensor(torch.zeros(4, 3), symbolic_context=rows, source=ConstantSource("x"))
    guards = len(shapes.guards)

    assert str(type_of(tensor)) == "tensor<?x3xf32>"
    assert len(shapes.guards) == guards
