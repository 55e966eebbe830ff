"""Arguments as attributes: what goes in comes out, through text as well."""

from __future__ import annotations

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from xdsl.context import Context
from xdsl.dialects.builtin import Builtin, StringAttr, UnitAttr
from xdsl.parser import Parser

from tilewright.dialects.aten import ATEN, DeviceAttr, DtypeAttr, LayoutAttr, MemoryFormatAttr
from tilewright.frontend.arguments import NoAttributeFormError, decode_argument, encode_argument
from tilewright.frontend.types import DTYPES
from tilewright.support.errors import UnsupportedInputError

numbers = st.one_of(
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.floats(allow_nan=True, allow_infinity=True, width=64),
    st.complex_numbers(allow_nan=False),
)
constants = st.one_of(
    st.none(),
    numbers,
    st.text(st.characters(codec="ascii", exclude_categories=["Cc"])),
    st.sampled_from(list(DTYPES.values())),
    st.sampled_from([torch.device("cpu"), torch.device("meta"), torch.device("cuda", 1)]),
    st.sampled_from([torch.strided, torch.sparse_coo, torch.channels_last, torch.contiguous_format]),
)
arguments = st.recursive(constants, lambda items: st.lists(items, max_size=3), max_leaves=6)


def same(a: object, b: object) -> bool:
    """Equality that tells apart True and 1, 0.0 and -0.0, and takes NaN for equal to itself."""
    if type(a) is not type(b):
        return False
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(same(x, y) for x, y in zip(a, b, strict=True))
    if isinstance(a, float) and isinstance(b, float):
        return (math.isnan(a) and math.isnan(b)) or (a == b and math.copysign(1, a) == math.copysign(1, b))
    return a == b


@given(arguments)
def test_arguments_survive_encoding_and_text(argument: object) -> None:
    context = Context()
    context.load_dialect(Builtin)
    context.load_dialect(ATEN)

    encoded = encode_argument(argument, lambda _: None)
    read = Parser(context, str(encoded)).parse_attribute()

    assert same(decode_argument(encoded, ()), argument)
    assert read == encoded
    assert same(decode_argument(read, ()), argument)


def test_tuples_and_lists_are_one() -> None:
    assert encode_argument((1, [2, ()]), lambda _: None) == encode_argument([1, (2, [])], lambda _: None)


@pytest.mark.parametrize("argument", [object(), slice(1, 2), torch.add, {"a": 1}, [1, {2}], b"bytes", torch.ones(1)])
def test_what_has_no_attribute_form(argument: object) -> None:
    with pytest.raises(NoAttributeFormError):
        encode_argument(argument, lambda _: None)


@pytest.mark.parametrize(
    "attribute",
    [
        UnitAttr(),
        DtypeAttr(StringAttr("ones")),
        LayoutAttr(StringAttr("float32")),
        MemoryFormatAttr(StringAttr("strided")),
        DeviceAttr(StringAttr("toaster")),
    ],
    ids=str,
)
def test_what_is_no_argument(attribute: UnitAttr) -> None:
    with pytest.raises(UnsupportedInputError):
        decode_argument(attribute, ())
