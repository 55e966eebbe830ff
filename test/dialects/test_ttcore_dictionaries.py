"""Ops on dictionaries: their text, and what they need."""

from __future__ import annotations

import pytest

from tilewright.dialects.text import SourceError, parse_module, print_module
from tilewright.dialects.ttcore import GetKeyValueOp, SetKeyValueOp
from tilewright.stages import make_context

CONTEXT = make_context()

TEXTS = [
    'ttcore.set_key_value %dict["key"] = %a : !ttcore.dict, tensor<4xf32>',
    "ttcore.set_key_value %dict[3 : index] = %a, %b : !ttcore.dict, tensor<4xf32>, tensor<2xf32>",
    'ttcore.set_key_value %dict["key"] = %a {note = "n"} : !ttcore.dict, tensor<4xf32>',
    '%0 = ttcore.get_key_value %dict["key"] : (!ttcore.dict) -> tensor<4xf32>',
    "%0, %1 = ttcore.get_key_value %dict[3 : index] : (!ttcore.dict) -> (tensor<4xf32>, tensor<2xf32>)",
]

REFUSED = [
    ('"ttcore.set_key_value"(%dict) <{key = "k"}> : (!ttcore.dict) -> ()', "requires at least one value"),
    ('ttcore.get_key_value %dict["k"] : (!ttcore.dict) -> ()', "requires at least one result"),
    (
        '"ttcore.set_key_value"(%a, %b) <{key = ""}> : (tensor<4xf32>, tensor<2xf32>) -> ()',
        "should be of base attribute",
    ),
    (
        "%0 = ttcore.get_key_value %dict[3 : i32] : (!ttcore.dict) -> tensor<4xf32>",
        "Expected attribute index but got i32",
    ),
    ('%0 = "ttcore.get_key_value"(%dict) : (!ttcore.dict) -> tensor<4xf32>', "'key'"),
]


def function(body: str) -> str:
    """The text of a function with `body`."""
    return f"func.func @f(%dict: !ttcore.dict, %a: tensor<4xf32>, %b: tensor<2xf32>) {{\n  {body}\n  func.return\n}}"


@pytest.mark.parametrize("text", TEXTS)
def test_text_reads_back_as_it_was_written(text: str) -> None:
    printed = print_module(parse_module(function(text), CONTEXT))

    assert text in printed
    assert print_module(parse_module(printed, CONTEXT)) == printed


@pytest.mark.parametrize(("text", "message"), REFUSED)
def test_other_use_is_refused(text: str, message: str) -> None:
    with pytest.raises(SourceError) as raised:
        parse_module(function(text), CONTEXT)
    assert message in str(raised.value)


def test_what_is_put_in_is_not_removed_as_unused() -> None:
    for op, reads in ((SetKeyValueOp, False), (GetKeyValueOp, True)):
        effects = {trait.__class__.__name__ for trait in op.traits}
        assert effects == ({"MemoryReadEffect"} if reads else {"MemoryWriteEffect"})
