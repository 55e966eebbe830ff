"""`tt-opt` on bad input: one clear error, the right exit code, never a traceback."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

GOOD = """
func.func @f(%x: tensor<32x64xf32>) -> tensor<32x64xf32> {
  %y = "ttir.relu"(%x) : (tensor<32x64xf32>) -> tensor<32x64xf32>
  func.return %y : tensor<32x64xf32>
}
"""

OTHER = "%y : tensor<32x65"


@pytest.fixture
def ir(tmp_path: Path) -> Path:
    path = tmp_path / "model.mlir"
    path.write_text(GOOD, encoding="utf-8")
    return path


def test_good_input_is_printed(tt_opt: Any, ir: Path) -> None:
    done = tt_opt(str(ir))

    assert (done.code, done.err) == (0, "")
    assert '"ttir.relu"(%x)' in done.out


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (GOOD.replace(")\n  func", "\n  func").replace("-> tensor<32x64xf32>\n", "-> tensor<32x64xf32\n"), "expected"),
        (GOOD.replace("ttir.relu", "ttir.rely"), "ttir.rely"),
        (GOOD.replace("%y : tensor", "%z : tensor"), "%z"),
        (GOOD.replace("(%x) : (tensor<32x64xf32>)", "(%x) : (tensor<32x65xf32>)"), "32x65xf32"),
        (
            GOOD.replace(") -> tensor<32x64xf32>\n", ") -> tensor<32x65xf32>\n").replace("%y : tensor<32x64", OTHER),
            "ttir.relu",
        ),
        ("func.func @f() {\n" * 3, "block"),
        ("\x00\x01", "Unexpected"),
    ],
    ids=["syntax", "unknown op", "unknown value", "other type", "does not verify", "open", "binary"],
)
def test_bad_ir_is_one_error(tt_opt: Any, tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "bad.mlir"
    path.write_text(text, encoding="utf-8")

    done = tt_opt(str(path))

    assert done.code == 1
    assert done.out == ""
    assert message.lower() in done.err.lower()
    assert "error" in done.err
    assert "Traceback" not in done.err


@pytest.mark.parametrize(
    ("pipeline", "message"),
    [
        ("ttir-to-tiles", "did you mean 'ttir-to-tile'"),
        ("canonicalise", "did you mean 'canonicalize'"),
        ('ttir-partition{device="wormhole"}', "did you mean 'wormhole_n"),
        ('tilewright{default_format="bf16"}', "bf16"),
        ('tile-assign-formats{math_fidelity="HiFi5"}', "HiFi5"),
        ("ttir-partition{devise=3}", "devise"),
        ("ttir-partition{device=3}", "ttir-partition{device=3}"),
        ("ttir-partition{", "ttir-partition{"),
        ("mlir-opt", "there is no pass 'mlir-opt'"),
    ],
)
def test_bad_pipelines_are_one_error(tt_opt: Any, ir: Path, pipeline: str, message: str) -> None:
    done = tt_opt(str(ir), "-p", pipeline)

    assert done.code == 1
    assert done.out == ""
    assert message in done.err
    assert "error" in done.err
    assert "Traceback" not in done.err


def test_contract_of_a_level_is_told(tt_opt: Any, ir: Path) -> None:
    done = tt_opt(str(ir), "-p", "verify-tile")

    assert done.code == 1
    assert "error: " in done.err
    assert "Traceback" not in done.err


def test_missing_file_is_one_error(tt_opt: Any, tmp_path: Path) -> None:
    done = tt_opt(str(tmp_path / "none.mlir"))

    assert done.code == 1
    assert "none.mlir" in done.err
    assert "Traceback" not in done.err


def test_unknown_option_is_wrong_usage(tt_opt: Any, ir: Path) -> None:
    assert tt_opt(str(ir), "--no-such-option").code == 2
