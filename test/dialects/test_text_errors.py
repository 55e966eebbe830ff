"""Whatever is wrong with a text is one error at its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from tilewright.dialects.text import SourceError, parse_file, parse_module, reading
from tilewright.dialects.text.reading import decode_source, split_source
from tilewright.dialects.text.source import Source, SourceVerifyError
from tilewright.stages import make_context
from tilewright.support.errors import UnsupportedInputError, VerifyError

CONTEXT = make_context()


def error_of(text: str) -> SourceError:
    with pytest.raises(SourceError) as raised:
        parse_module(text, CONTEXT, "f.mlir")
    return raised.value


def test_error_shows_its_place() -> None:
    assert error_of('\n  "other.op"() : () -> ()').render() == (
        "f.mlir:2:3: error: operation 'other.op' is not registered\n  \"other.op\"() : () -> ()\n  ^"
    )
    assert "is not registered; did you mean 'ttir.relu'" in error_of('"ttir.rely"() : () -> ()').message


def test_verifier_error_is_at_the_op() -> None:
    error = error_of(
        "func.func @f(%a: tensor<2xf32>) {\n"
        '  %b = "ttir.relu"(%a) : (tensor<2xf32>) -> tensor<3xf32> loc("elsewhere":7:8)\n  return\n}'
    )
    assert isinstance(error, SourceVerifyError)
    assert isinstance(error, VerifyError)
    assert error.render() == (
        "f.mlir:2:8: error: 'ttir.relu' op the result has the shape (3,), expected (2,)\n"
        '  %b = "ttir.relu"(%a) : (tensor<2xf32>) -> tensor<3xf32> loc("elsewhere":7:8)\n'
        "       ^"
    )


def test_error_of_an_attribute_is_at_the_attribute() -> None:
    error = error_of("#a = #ttcore.core_range<(3, 1), (1, 4)>\n\nmodule {}")
    assert (error.line, error.column) == (1, 24)
    assert "the range ends at (1, 4)" in error.message


def test_error_has_notes() -> None:
    assert error_of("func.func @f() {\n ^a: return\n ^a: return }").render() == (
        "f.mlir:3:2: error: re-declaration of block 'a'\n ^a: return }\n ^\n"
        "f.mlir:2:2: note: originally declared here:\n ^a: return\n ^"
    )


def test_tabs_and_long_lines_keep_the_caret_below_its_character() -> None:
    source = Source("\tx\n" + "a" * 1000 + "Z" + "b" * 1000, "f")
    assert source.excerpt(1, 2) == "\tx\n\t^"
    line, caret = source.excerpt(2, 1001).split("\n")
    assert line.startswith("...a")
    assert line.endswith("b...")
    assert line[caret.index("^")] == "Z"
    assert source.excerpt(3, 1) == "\n^"
    assert Source("\x1b[31m", "f").excerpt(1, 1) == "?[31m\n^"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("}", "expected an operation"),
        ("func.func @f() {", "expected an operation, a block or '}'"),
        ('"abc', "unterminated string"),
        ('module attributes {a = "' + "a" * 100_000 + "\n", "unterminated string"),
        ('module attributes {a = "\\q"} {}', "unknown escape"),
        ("@", "expected an identifier after '@'"),
        ("%", "expected an identifier after '%'"),
        ("\x00", "Unexpected character: \\x00"),
        ("²", "Unexpected character: ²"),
        ("module attributes {a = 1 : i16777216} {}", "the widest integer type has 16777215 bits"),
        ("module attributes {a = 1 : i99999999999} {}", "the widest integer type has 16777215 bits"),
        (f"module attributes {{a = {'9' * 5000} : i64}} {{}}", "too many digits"),
        (f"module attributes {{a = tensor<{'9' * 5000}xf32>}} {{}}", "too many digits"),
        ("module attributes {a = 300 : i8} {}", "out of range"),
        ("module attributes {a = 1.0 : i8} {}", "not valid for integer type"),
        ("module attributes {a = 1 : none} {}", "Invalid type"),
        ("module attributes {a = 0x1FFFFFFFF : f32} {}", "no bits of f32"),
        ("module attributes {a = -0x1 : f32} {}", "cannot be negated"),
        ("module attributes {a = 0x1 : f80} {}", "no bits of f80"),
        ("module attributes {a = array<f80: 1.0>} {}", "of up to 64 bits"),
        ("module attributes {a = array<i65: 1>} {}", "of up to 64 bits"),
        ("module attributes {a = array<i8: 300>} {}", "out of range"),
        ("module attributes {a = " + "[" * 5000 + "} {}", "nested too deeply"),
        ("module {" * 3000, "nested too deeply"),
        ("func.func @f() { func.return %x : i32 }", "use of undeclared SSA value name '%x'"),
        (
            'func.func @f(%a: tensor<2xf32>) { %c = "ttir.relu"(%b) : (tensor<2xf32>) -> tensor<2xf32>\n'
            '%b = "ttir.relu"(%a) : (tensor<2xf32>) -> tensor<2xf32>\n return }',
            "operand #0 does not dominate this use",
        ),
        (
            'func.func @f(%x: tensor<2xf32>) { %c = "ttir.relu"(%a) : (tensor<2xf32>) -> tensor<2xf32>\n return }\n'
            "func.func @g(%a: tensor<2xf32>) { return }",
            "does not dominate",
        ),
        ("func.func @f() { ^a: }", "empty block"),
        ("func.func @f() { %0 = arith.constant 1 : i32 }", "no terminator"),
        ("func.func @f() { return\n return }", "last operation"),
    ],
)
def test_bad_text_is_one_error(text: str, message: str) -> None:
    error = error_of(text)
    assert message in error.message
    assert error.line is not None
    assert len(error.render()) < 2000


def test_module_may_be_asked_for() -> None:
    with pytest.raises(SourceError, match=r"builtin\.module operation expected"):
        reading.parse_source(Source("func.func private @f()", "f"), CONTEXT, allow_implicit_module=False)
    assert not parse_module("// nothing\n", CONTEXT).body.block.ops


def test_op_made_by_a_pass_is_found_by_its_location() -> None:
    text = 'func.func @f(%a: tensor<2xf32>) {\n  %b = "ttir.relu"(%a) : (tensor<2xf32>) -> tensor<2xf32>\n return }'
    parsed = reading.parse_source(Source(text, "f"), CONTEXT)
    relu = next(op for op in parsed.module.walk() if op.name == "ttir.relu")
    clone = relu.clone()
    block = relu.parent_block()
    assert block is not None
    block.insert_op_before(clone, relu)
    clone.properties["a"] = clone.operands[0].type

    with pytest.raises(SourceVerifyError) as raised:
        parsed.verify()
    assert (raised.value.line, raised.value.column) == (2, 8)


def test_parts_keep_their_lines(tmp_path: Path) -> None:
    text = "// first\nmodule @a {}\n// -----\nmodule @b {}\n  // ----- \nmodule @c {\n}\n// -----// not a line\n"
    path = tmp_path / "f.mlir"
    path.write_text(text, encoding="utf-8")
    names = [m.sym_name.data for m in parse_file(path, CONTEXT) if m.sym_name is not None]
    assert names == ["a", "b", "c"]

    path.write_text(text.replace("module @c", "modul @c"), encoding="utf-8")
    with pytest.raises(SourceError, match=r"f\.mlir:6:1: error: operation 'modul' is not registered"):
        parse_file(path, CONTEXT)
    assert [source.begin for source in split_source(Source(text, "f"))] == [0, 30, 55]


def test_part_ends_where_the_next_begins(tmp_path: Path) -> None:
    path = tmp_path / "f.mlir"
    path.write_text('module attributes {a = #t.x<"\n// -----\n">} {}', encoding="utf-8")
    with pytest.raises(SourceError):
        parse_file(path, CONTEXT)


def test_unreadable_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UnsupportedInputError, match=r"none\.mlir: error: cannot be read\n  why: No such file"):
        parse_file(tmp_path / "none.mlir", CONTEXT)
    with pytest.raises(UnsupportedInputError, match="Is a directory"):
        parse_file(tmp_path, CONTEXT)
    with pytest.raises(SourceError, match="f:2:2: error: the text is not UTF-8: byte 0xFF"):
        decode_source("é\né".encode() + b"\xff", "f")
    monkeypatch.setattr(reading, "LARGEST_FILE", 10)
    large = tmp_path / "large.mlir"
    large.write_bytes(b" " * 11)
    with pytest.raises(UnsupportedInputError, match="10 bytes are read at most"):
        parse_file(large, CONTEXT)
