"""`dense_resource` and the section that holds its data."""

from __future__ import annotations

import struct

import pytest
from xdsl.dialects.builtin import DenseResourceAttr, ModuleOp, TensorType, f32, i8

from tilewright.dialects.text import SourceError, dense_resource, parse_module, print_module, resource_bytes
from tilewright.stages import make_context

CONTEXT = make_context()

TEXT = """module attributes {a = dense_resource<w> : tensor<2xf32>, b = dense_resource<"x y"> : tensor<1xi8>} {
}

{-#
  dialect_resources: {
    builtin: {
      w: "0x040000000000803F00000040",
      "x y": "0x0100000005"
    }
  }
#-}
"""


def resource(module: ModuleOp, name: str) -> DenseResourceAttr:
    found = module.attributes[name]
    assert isinstance(found, DenseResourceAttr)
    return found


def test_data_are_read_and_printed() -> None:
    module = parse_module(TEXT, CONTEXT)

    assert resource_bytes(resource(module, "a")) == struct.pack("<2f", 1.0, 2.0)
    assert resource_bytes(resource(module, "b")) == b"\x05"
    printed = print_module(module)
    assert printed == "builtin." + TEXT
    again = parse_module(printed, CONTEXT)
    assert again.is_structurally_equivalent(module)
    assert resource_bytes(resource(again, "a")) == resource_bytes(resource(module, "a"))


def test_section_may_come_first() -> None:
    body, section = TEXT.split("\n\n")
    module = parse_module(f"{section}\n{body}", CONTEXT)
    assert resource_bytes(resource(module, "b")) == b"\x05"


def test_data_may_be_absent() -> None:
    module = parse_module("module attributes {a = dense_resource<__elided__> : tensor<2xf32>} {}", CONTEXT)
    assert resource_bytes(resource(module, "a")) is None
    assert resource_bytes(DenseResourceAttr.from_params("plain", TensorType(f32, [2]))) is None
    assert "{-#" not in print_module(module)


def test_files_with_the_same_names_do_not_disturb_each_other() -> None:
    first = parse_module(TEXT, CONTEXT)
    second = parse_module(TEXT.replace("00000005", "00000006"), CONTEXT)

    assert resource_bytes(resource(first, "b")) == b"\x05"
    assert resource(first, "b").resource_handle.data == resource(second, "b").resource_handle.data[:]
    assert resource(first, "b") != resource(second, "b")
    assert resource(first, "a") == resource(second, "a")

    # As when a pass joins two files.
    first.attributes["c"] = resource(second, "b")
    joined = parse_module(print_module(first), CONTEXT)
    assert resource_bytes(resource(joined, "b")) == b"\x05"
    assert resource_bytes(resource(joined, "c")) == b"\x06"


def test_attribute_is_made_with_its_data() -> None:
    module = parse_module("module {}", CONTEXT)
    module.attributes["a"] = dense_resource("t", TensorType(i8, [3]), b"\x01\x02\x03", alignment=16)
    printed = print_module(module)
    assert 't: "0x10000000010203"' in printed
    assert resource_bytes(resource(parse_module(printed, CONTEXT), "a")) == b"\x01\x02\x03"


def test_external_resources_are_skipped() -> None:
    text = '{-# external_resources: {mlir_reproducer: {pipeline: "p", threads: true, "a b": "c"}} #-}'
    assert "reproducer" not in print_module(parse_module(text, CONTEXT))


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("0x04000000", "0x03000000", "alignment, a power of 2; found 3"),
        ("0x0100000005", "0x010000", "begin with 4 bytes"),
        ("0x0100000005", "0100000005", "begins with 0x"),
        ("0x0100000005", "0x010000000g", "hexadecimal"),
        ("0x0100000005", "0x01 00000005", "hexadecimal"),
        ('"0x0100000005"', "5", "string literal expected of hexadecimal digits"),
        ('"x y": ', "w: ", "given twice"),
        ("builtin:", "func:", "the dialect 'func' has no resources"),
        ("dialect_resources", "resources", "unknown section 'resources'"),
        ("#-}", "", "expected"),
        ("tensor<1xi8>", "i8", "found i8"),
    ],
)
def test_bad_resource_is_an_error(old: str, new: str, message: str) -> None:
    assert old in TEXT
    with pytest.raises(SourceError, match=message):
        parse_module(TEXT.replace(old, new), CONTEXT)
