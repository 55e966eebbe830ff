"""The options of `tt-opt` that concern reading, printing and errors."""

from __future__ import annotations

import io
import sys
from pathlib import Path
from typing import Any

import pytest
from xdsl.dialects.builtin import AnyFloat

from tilewright.dialects.text.printer import TextPrinter
from tilewright.tools.tt_opt import all_pass_names
from tilewright.tools.tt_opt_options import with_joined_passes

GOOD = """func.func @f(%x: tensor<32x64xf32>) -> tensor<32x64xf32> {
  %y = "ttir.relu"(%x) : (tensor<32x64xf32>) -> tensor<32x64xf32>
  return %y : tensor<32x64xf32>
}
"""
BAD = GOOD.replace(") -> tensor<32x64xf32>\n", ") -> tensor<32x65xf32>\n").replace(
    "%y : tensor<32x64", "%y : tensor<32x65"
)


def file(folder: Path, text: str, name: str = "f.mlir") -> str:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_error_has_place_line_and_caret(tt_opt: Any, tmp_path: Path) -> None:
    path = file(tmp_path, BAD)

    done = tt_opt(path)

    assert done.code == 1
    assert done.err == (
        f"{path}:2:8: error: 'ttir.relu' op the result has the shape (32, 65), expected (32, 64)\n"
        f"{BAD.splitlines()[1]}\n       ^\n"
    )


def test_parts_are_processed_one_by_one(tt_opt: Any, tmp_path: Path) -> None:
    path = file(tmp_path, f"{GOOD}// -----\n{BAD}// -----\n{GOOD.replace('@f', '@g')}")

    done = tt_opt(path, "--split-input-file")

    assert done.code == 1
    assert done.out.count("// -----\n") == 2
    assert "@f" in done.out
    assert "@g" in done.out
    assert f"{path}:7:8: error: 'ttir.relu' op" in done.err
    assert done.err.count("error: ") == 1
    assert tt_opt(path).code == 1


@pytest.mark.parametrize("option", ["--verify-diagnostics", "-verify-diagnostics"])
def test_expected_errors(tt_opt: Any, tmp_path: Path, option: str) -> None:
    expected = BAD.replace(
        "\n  %y", "\n  // expected-error @+1 {{'ttir.relu' op the result has the shape (32, 65)}}\n  %y"
    )
    done = tt_opt(file(tmp_path, f"{expected}// -----\n{GOOD}"), option, "-split-input-file")
    assert (done.code, done.err) == (0, "")
    assert "@f" in done.out

    done = tt_opt(file(tmp_path, expected.replace("(32, 65)", "(32, 66)")), option)
    assert done.code == 1
    assert ":3:8: error: unexpected error: 'ttir.relu' op the result has the shape (32, 65)" in done.err
    assert (
        ":2:6: error: expected error \"'ttir.relu' op the result has the shape (32, 66)\" was not produced" in done.err
    )

    done = tt_opt(file(tmp_path, "modul // expected-error {{'modul' is not registered}}"), option)
    assert (done.code, done.err) == (0, "")


def test_errors_of_passes_can_be_expected(tt_opt: Any, tmp_path: Path) -> None:
    done = tt_opt(file(tmp_path, GOOD), "-p", "verify-tile")
    assert done.code == 1
    text = "// expected-error-re @below {{{{.*}}}}\n" + GOOD
    found = [tt_opt(file(tmp_path, form), "-p", "verify-tile", "--verify-diagnostics").code for form in (GOOD, text)]
    assert found[0] == 1


def test_ir_between_passes_goes_to_stderr(tt_opt: Any, tmp_path: Path) -> None:
    path = file(tmp_path, GOOD)

    done = tt_opt(path, "-p", "canonicalize,cse", "--print-ir-after-all")
    headers = [line for line in done.err.splitlines() if line.startswith("// -----//")]
    assert headers == [f"// -----// IR Dump After {name} //----- //" for name in ("canonicalize", "cse")]
    assert done.err.count("ttir.relu") == 2
    assert done.out.count("ttir.relu") == 1

    done = tt_opt(path, "-p", "canonicalize,cse", "-mlir-print-ir-before-all", "--print-ir-after=cse")
    headers = [
        line.split("Dump ")[1][: -len(" //----- //")] for line in done.err.splitlines() if line.startswith("// -----//")
    ]
    assert headers == ["Before canonicalize", "Before cse", "After cse"]

    done = tt_opt(path, "-p", "cse", "--print-ir-after", "csee")
    assert done.code == 1
    assert "there is no pass 'csee'" in done.err


@pytest.mark.parametrize("option", ["--print-debuginfo", "--mlir-print-debuginfo", "-mlir-print-debuginfo"])
def test_locations_are_printed(tt_opt: Any, tmp_path: Path, option: str) -> None:
    path = file(
        tmp_path,
        GOOD.replace("return %y : tensor<32x64xf32>", "return %y : tensor<32x64xf32> loc(#a)") + '#a = loc("x")',
    )

    done = tt_opt(path, option)

    assert f'-> tensor<32x64xf32> loc("{path}":2:8)' in done.out
    assert 'func.return %y : tensor<32x64xf32> loc("x")' in done.out
    assert "loc" not in tt_opt(path).out


def test_verify_each(tt_opt: Any, tmp_path: Path) -> None:
    path = file(tmp_path, GOOD)
    for option in ("--verify-each", "--verify-each=true", "--verify-each=false"):
        assert tt_opt(path, "-p", "cse", option).code == 0
    done = tt_opt(path, "--verify-each=maybe")
    assert done.code == 2
    assert "'maybe' is neither true nor false" in done.err


def test_unregistered_dialects(tt_opt: Any, tmp_path: Path) -> None:
    path = file(tmp_path, '"a.b"() {c = #d.e<f>} : () -> !g.h\n')
    assert "operation 'a.b' is not registered" in tt_opt(path).err
    for option in ("--allow-unregistered-dialect", "-allow-unregistered-dialect"):
        assert '"a.b"() {c = #d.e<f>} : () -> !g.h' in tt_opt(path, option).out


def test_forms_of_printing(tt_opt: Any, tmp_path: Path) -> None:
    path = file(tmp_path, GOOD.replace('"ttir.relu"(%x)', '"ttir.softmax"(%x) <{dimension = 1 : si32}>'))
    assert '"func.func"() <{' in tt_opt(path, "--print-op-generic").out
    assert '"func.func"() <{' in tt_opt(path, "-t", "mlir{print_generic_format=true}").out
    assert "(%x) {dimension = 1 : si32" in tt_opt(path, "--print-no-properties").out
    assert "\x1b[" in tt_opt(path, "--syntax-highlight").out


def test_output_file_is_written_on_success_only(tt_opt: Any, tmp_path: Path) -> None:
    out = tmp_path / "out.mlir"
    assert tt_opt(file(tmp_path, BAD), "-o", str(out)).code == 1
    assert not out.exists()
    assert tt_opt(file(tmp_path, f"{GOOD}\n// -----\n"), "--split-input-file", "-o", str(out)).code == 0
    assert out.read_text(encoding="utf-8").count("// -----\n") == 1
    assert tt_opt(file(tmp_path, GOOD), "-o", str(tmp_path)).code == 1


def test_stdin(tt_opt: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    for arguments in ((), ("-",)):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(BAD.encode())))
        assert tt_opt(*arguments).err.startswith("<stdin>:2:8: error: 'ttir.relu' op")


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"module {\xff}", "1:9: error: the text is not UTF-8: byte 0xFF"),
        (b"module {" * 500, "nested too deeply"),
        (b'module attributes {a = "x} {}', "unterminated string"),
        (b"module attributes {a = " + b"9" * 5000 + b"} {}", "too many digits"),
        (b"module attributes {a = 0x" + b"F" * 6000 + b" : i30000} {}", "too many digits"),
    ],
)
def test_hostile_input_is_one_error(tt_opt: Any, tmp_path: Path, data: bytes, message: str) -> None:
    path = tmp_path / "f.mlir"
    path.write_bytes(data)
    done = tt_opt(str(path))
    assert done.code == 1
    assert message in done.err
    assert "Traceback" not in done.err
    assert done.out == ""


def test_version_and_directory(tt_opt: Any, tmp_path: Path) -> None:
    assert "xDSL 0.74" in tt_opt("--version").out
    done = tt_opt(str(tmp_path))
    assert (done.code, done.err) == (1, f"{tmp_path}: error: cannot be read\n  why: Is a directory\n")


@pytest.mark.parametrize(
    ("given", "joined"),
    [
        (["a.mlir"], ["a.mlir"]),
        (["--canonicalize", "a.mlir", "--cse"], ["a.mlir", "-p", "canonicalize,cse"]),
        (["--cse", "-p", "dce,cse", "a.mlir"], ["a.mlir", "-p", "cse,dce,cse"]),
        (["--passes=cse", "--canonicalize"], ["-p", "cse,canonicalize"]),
        (["--ttir-partition=device=x default-format=y"], ["-p", "ttir-partition{device=x default-format=y}"]),
        (["-p"], ["-p"]),
        (["--canonicalise", "a.mlir"], ["--canonicalise", "a.mlir"]),
    ],
)
def test_passes_may_be_flags(given: list[str], joined: list[str]) -> None:
    assert with_joined_passes(given, all_pass_names()) == joined


def test_flags_run_in_their_order(tt_opt: Any, tmp_path: Path) -> None:
    done = tt_opt(file(tmp_path, GOOD), "--cse", "--print-ir-after-all", "--canonicalize")

    assert done.code == 0, done.err
    assert done.err.index("IR Dump After cse") < done.err.index("IR Dump After canonicalize")


@pytest.mark.parametrize("flag", ["--pass-pipeline=", "-pass-pipeline="])
def test_pipeline_of_mlir_opt(tt_opt: Any, tmp_path: Path, flag: str) -> None:
    path = file(tmp_path, GOOD)

    done = tt_opt(path, f"{flag}builtin.module(canonicalize, ttir-partition{{device=wormhole_n150}},ttir-to-tile)")

    assert (done.code, done.err) == (0, "")
    assert done.out == tt_opt(path, "-p", "canonicalize,ttir-partition{device=wormhole_n150},ttir-to-tile").out
    assert "tile.relu" in done.out


@pytest.mark.parametrize(
    ("pipeline", "message"),
    [
        ("canonicalize", "the pipeline 'canonicalize' is not understood"),
        ("builtin.module(canonicalize", "is not understood"),
        ("builtin.module(func.func(canonicalize))", "the pipeline has passes for 'func.func'"),
        ("builtin.module(canonicalise)", "there is no pass 'canonicalise'"),
    ],
)
def test_pipeline_that_is_refused(tt_opt: Any, tmp_path: Path, pipeline: str, message: str) -> None:
    done = tt_opt(file(tmp_path, GOOD), "--pass-pipeline", pipeline)

    assert (done.code, done.out) == (1, "")
    assert message in done.err


def test_verify_each_takes_no_file_for_its_value(tt_opt: Any, tmp_path: Path) -> None:
    assert tt_opt("--verify-each", file(tmp_path, GOOD)).code == 0
    assert tt_opt("--verify-each=perhaps", file(tmp_path, GOOD)).code == 2


def test_round_trip_is_checked(tt_opt: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = file(tmp_path, GOOD)
    assert tt_opt(path, "--verify-roundtrip").code == 0

    def print_wrong(printer: TextPrinter, value: float, type: AnyFloat) -> None:
        printer.print_string("2.0")

    constant = GOOD.replace('"ttir.relu"(%x)', '"ttir.leaky_relu"(%x) <{parameter = 1.0 : f32}>')
    monkeypatch.setattr(TextPrinter, "print_float", print_wrong)
    done = tt_opt(file(tmp_path, constant), "--verify-roundtrip")
    assert (done.code, done.out) == (1, "")
    assert "the IR does not read back as itself from its own form" in done.err


ELEMENTS = """%0 = "ttir.constant"() <{value = dense<[1, 2, 3]> : tensor<3xi8>}> : () -> tensor<3xi8>
%1 = "ttir.constant"() <{value = dense<7> : tensor<900xi8>}> : () -> tensor<900xi8>
%2 = "ttir.constant"() <{value = dense_resource<big> : tensor<4xi8>}> : () -> tensor<4xi8>
{-#
  dialect_resources: { builtin: { big: "0x0400000001020304" } }
#-}
"""


def test_long_constants_are_left_out(tt_opt: Any, tmp_path: Path) -> None:
    path = file(tmp_path, ELEMENTS)
    elements, resources = "--mlir-elide-elementsattrs-if-larger", "--mlir-elide-resource-strings-if-larger"

    assert tt_opt(path, f"{elements}=3", f"{resources}=18").out == tt_opt(path).out
    done = tt_opt(path, f"{elements}=2", f"{resources}=17")
    assert "dense_resource<__elided__> : tensor<3xi8>" in done.out
    assert "dense<7> : tensor<900xi8>" in done.out
    assert "dense_resource<big>" in done.out
    assert "0x04" not in done.out
    assert tt_opt(file(tmp_path, done.out, "left_out.mlir")).out == done.out
    assert tt_opt(path, f"{elements}=-1").code == 2
