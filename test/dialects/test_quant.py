"""The types of quantised elements: MLIR's text, and what is refused."""

from __future__ import annotations

import re
from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st
from xdsl.context import Context
from xdsl.dialects.builtin import Builtin, bf16, f16, f32
from xdsl.ir import Attribute
from xdsl.parser import Parser
from xdsl.utils.exceptions import ParseError, VerifyException

from tilewright.dialects.quant import QUANT, UniformQuantizedType

CONTEXT = Context()
for dialect in (Builtin, QUANT):
    CONTEXT.load_dialect(dialect)


def parse(text: str) -> Attribute:
    """The attribute that `text` is."""
    return Parser(CONTEXT, text).parse_attribute()


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("i8:f32, 0.1:3", "i8:f32, 1.000000e-01:3"),
        ("i8:f32, 0.1", "i8:f32, 1.000000e-01"),
        ("i8:f32, 0.1:0", "i8:f32, 1.000000e-01"),
        ("u8:bf16, 2.0e-02:128", "u8:bf16, 2.000000e-02:128"),
        ("si32:f16, 1.0:-7", "i32:f16, 1.000000e+00:-7"),
        ("i8<-127:127>:f32, 1.0", "i8<-127:127>:f32, 1.000000e+00"),
        ("i8<-128:127>:f32, 1.0", "i8:f32, 1.000000e+00"),
        ("u4<1:14>:f32, 1.0", "u4<1:14>:f32, 1.000000e+00"),
        ("i32:f32:1, {0.1, 0.2:5, 0.3:-5}", "i32:f32:1, {1.000000e-01,2.000000e-01:5,3.000000e-01:-5}"),
        ("i8:f32, 0.30000000000000004", "i8:f32, 0.30000000000000004"),
        ("i8:f32, 0x412E848200000000", "i8:f32, 0x412E848200000000"),
        ("i8:f32, 0x3FF0000000000000", "i8:f32, 1.000000e+00"),
    ],
)
def test_text_is_that_of_mlir(text: str, printed: str) -> None:
    type = parse(f"tensor<2x3x!quant.uniform<{text}>>")

    assert str(type) == f"tensor<2x3x!quant.uniform<{printed}>>"
    assert parse(str(type)) == type


@given(st.data())
def test_text_is_read_back(data: st.DataObject) -> None:
    signed, width = data.draw(st.booleans()), data.draw(st.integers(1, 32))
    low, high = (-(1 << width - 1), (1 << width - 1) - 1) if signed else (0, (1 << width) - 1)
    least = data.draw(st.integers(low, high - 1))
    limits = data.draw(st.none() | st.just((least, data.draw(st.integers(least + 1, high)))))
    axis = data.draw(st.none() | st.integers(0, 5))
    count = 1 if axis is None else data.draw(st.integers(0, 4))
    scale = st.floats(min_value=0, exclude_min=True, allow_infinity=False)
    scales = data.draw(st.lists(scale, min_size=count, max_size=count))
    zero_points = data.draw(st.lists(st.integers(-(1 << 40), 1 << 40), min_size=count, max_size=count))
    name = f"{'i' if signed else 'u'}{width}"

    type = UniformQuantizedType.of(
        name, data.draw(st.sampled_from([f32, bf16, f16])), scales, zero_points, axis=axis, limits=limits
    )

    assert parse(str(type)) == type
    assert type.storage_name == name
    assert type.limits == (limits or (low, high))
    assert type.scale_values == tuple(scales)
    assert type.zero_point_values == tuple(zero_points)
    assert type.quantized_dimension == axis


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("i40:f32, 1.0", "the storage type has 40 bits, expected 1 to 32"),
        ("i0:f32, 1.0", "the storage type has 0 bits, expected 1 to 32"),
        ("f8:f32, 1.0", "the storage type is 'f8', expected one such as 'i8' or 'u8'"),
        ("i8:i32, 1.0", "the expressed type is i32, expected a float"),
        ("i8:f32, 0.0", "a scale is 0.0, expected a finite number > 0"),
        ("i8:f32, -1.5", "a scale is -1.5, expected a finite number > 0"),
        ("i8:f32:0, {1.0, 0.0}", "a scale is 0.0, expected a finite number > 0"),
        ("i8<5:3>:f32, 1.0", "the storage range is 5:3, expected one that is not empty within -128:127"),
        ("i8<-129:127>:f32, 1.0", "the storage range is -129:127, expected one"),
        ("u8<-1:127>:f32, 1.0", "the storage range is -1:127, expected one"),
        ("i8:f32:-1, {1.0}", "the axis is -1, expected a value >= 0"),
        ("i8:f32", "Expected ','"),
        ("i8:f32, {1.0}", "xpected"),
        ("i8:f32:1, 1.0", "xpected"),
    ],
)
def test_other_types_are_refused(text: str, message: str) -> None:
    with pytest.raises(ParseError, match=re.escape(message)):
        parse(f"!quant.uniform<{text}>")


def test_constructor_refuses_what_the_text_cannot_say() -> None:
    with pytest.raises(VerifyException, match="there are 2 scales, expected one without an axis"):
        UniformQuantizedType.of("i8", f32, [1.0, 2.0])
    with pytest.raises(VerifyException, match="there are 1 zero points, expected 2"):
        UniformQuantizedType.of("i8", f32, [1.0, 2.0], [0], axis=0)
    with pytest.raises(VerifyException, match="a scale is inf"):
        UniformQuantizedType.of("i8", f32, inf)
