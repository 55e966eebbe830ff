"""`tilewright compile`: what it prints and writes, and how it fails."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

LEVELS = ["aten", "ttir", "partitioned", "tile", "placed"]
FILES = ["1-aten.mlir", "2-ttir.mlir", "3-partitioned.mlir", "4-tile.mlir", "5-placed.mlir"]


def test_text_has_report_accuracy_and_estimate(tilewright: Any, model_file: Path) -> None:
    done = tilewright("compile", f"{model_file}:make", "--pcc")

    assert done.code == 0, done.err
    assert "3 ops: 2 on the device, 1 on the host; 2 tensors cross" in done.out
    assert "aten.cumsum.default" in done.out
    assert "NO_LOWERING" in done.out
    assert "models.py:12" in done.out
    for level in LEVELS:
        assert f"\n{level} " in done.out
    assert "Predicted on wormhole_n150" in done.out
    assert "matmul" in done.out
    assert "against silicon" in done.out
    assert max(map(len, done.out.splitlines())) <= 100
    assert done.err == "noise from the model\n"


def test_without_pcc_no_level_is_executed(tilewright: Any, model_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from tilewright.program import CompiledProgram

    monkeypatch.delattr(CompiledProgram, "run")
    done = tilewright("compile", f"{model_file}:make")

    assert done.code == 0, done.err
    assert "Accuracy" not in done.out


def test_json_is_one_document_and_nothing_else(tilewright: Any, model_file: Path) -> None:
    done = tilewright(
        "compile", f"{model_file}:make", "--pcc", "--format", "json", "-o", "ir", "--default-format=Bfp8_b"
    )

    assert done.code == 0, done.err
    document = json.loads(done.out)
    assert list(document) == ["model", "options", "report", "accuracy", "estimate", "ir"]
    assert document["model"] == "models.py:make"
    assert document["options"]["default_format"] == "Bfp8_b"
    report = document["report"]
    assert (report["ops_total"], report["ops_device"], report["ops_host"], report["transfers"]) == (3, 2, 1, 2)
    (op,) = report["host_ops"]
    assert op["op"] == "aten.cumsum.default"
    assert op["reasons"][0].startswith("NO_LOWERING: ")
    assert op["location"].endswith("models.py:12")
    assert op["module_path"] is None
    assert [level["level"] for level in document["accuracy"]] == LEVELS
    assert all(0.99 < level["pcc"] <= 1 for level in document["accuracy"])
    estimate = document["estimate"]
    assert estimate["samples"] == 3
    assert estimate["latency_s"] == pytest.approx(
        sum(estimate[f"{place}_s"] for place in ("device", "host", "transfer"))
    )
    assert {"name", "place", "seconds"} <= set(estimate["entries"][0])
    assert document["ir"] == {level: f"ir/{file}" for level, file in zip(LEVELS, FILES, strict=True)}


def test_accuracy_is_null_and_ir_empty_where_not_asked_for(tilewright: Any, model_file: Path) -> None:
    document = json.loads(tilewright("compile", f"{model_file}:make", "--format", "json").out)

    assert document["accuracy"] is None
    assert document["ir"] == {}


def test_values_that_json_lacks_are_null() -> None:
    from tilewright.tools.json_output import to_json

    assert json.loads(to_json({"a": [float("nan"), (1.5, float("-inf"))], "b": "nan"})) == {
        "a": [None, [1.5, None]],
        "b": "nan",
    }


def test_keyword_arguments_are_used(tilewright: Any, model_file: Path) -> None:
    done = tilewright("compile", f"{model_file}:make_with_kwargs", "--pcc")

    assert done.code == 0, done.err
    assert "3 ops: 3 on the device, 0 on the host" in done.out


@pytest.mark.parametrize("options", [[], ["--locations"]])
def test_files_of_every_level_are_read_by_tt_opt(
    tilewright: Any, tt_opt: Any, model_file: Path, options: list[str]
) -> None:
    done = tilewright("compile", f"{model_file}:make", "-o", "build/ir", *options)

    assert done.code == 0, done.err
    assert "The IR of each level is in build/ir" in done.out
    files = sorted(Path("build/ir").iterdir())
    assert [file.name for file in files] == FILES
    for file, level in zip(files, LEVELS, strict=True):
        read = tt_opt(str(file), "-p", f"verify-{level}")
        assert read.code == 0, read.err
        if not options:
            assert read.out.split() == file.read_text(encoding="utf-8").split()
        assert ("models.py" in file.read_text(encoding="utf-8")) == bool(options)


def test_pipeline_on_the_first_file_gives_the_last(tilewright: Any, tt_opt: Any, model_file: Path) -> None:
    tilewright("compile", f"{model_file}:make", "-o", "ir", "--default-format", "Float32")

    read = tt_opt("ir/1-aten.mlir", "-p", 'tilewright{default_format="Float32"}')

    assert read.code == 0, read.err
    assert read.out.split() == Path("ir/5-placed.mlir").read_text(encoding="utf-8").split()


@pytest.mark.parametrize(
    ("model", "message"),
    [
        ("models.py", "'models.py' does not name a model"),
        ("models:make", "'models:make' does not name a model"),
        ("models.py:", "does not name a model"),
        ("models.py:a.b", "does not name a model"),
        ("other.py:make", "there is no file 'other.py'"),
        ("models.py:mak", "hint: did you mean 'make'"),
        ("models.py:number", "there is no function 'number'"),
        ("models.py:fail", "why: KeyError: 'no such weight'"),
        ("models.py:leave", "why: SystemExit: 3"),
        ("models.py:give_nothing", "it returned a NoneType"),
        ("models.py:give_one", "it returned a tuple of 1"),
        ("models.py:give_tensor_as_args", "it returned a Tensor as args"),
        ("models.py:give_list_as_kwargs", "it returned a list as kwargs"),
        ("models.py:give_numbered_kwargs", "it returned kwargs whose keys are not all names"),
        ("models.py:give_no_module", "it returned a int as the module"),
        ("models.py:make_branching", "models.py:27"),
    ],
)
def test_bad_models_are_one_error(tilewright: Any, model_file: Path, model: str, message: str) -> None:
    done = tilewright("compile", model)

    assert done.code == 1
    assert message in done.err
    assert "Traceback" not in done.err
    assert done.out == ""


def test_error_names_the_line_that_raised(tilewright: Any, model_file: Path) -> None:
    assert tilewright("compile", "models.py:fail").err.startswith(f"{model_file.absolute()}:33: error: fail() raised")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("import torch\ndef make(:\n", "file.py:2: error: the file is not Python"),
        ("import no_such_package\n", "why: ModuleNotFoundError: No module named 'no_such_package'"),
        ("1 / 0\n", "why: ZeroDivisionError"),
    ],
)
def test_files_that_cannot_be_loaded_are_one_error(tilewright: Any, model_file: Path, text: str, message: str) -> None:
    Path("file.py").write_text(text, encoding="utf-8")

    done = tilewright("compile", "file.py:make")

    assert done.code == 1
    assert message in done.err
    assert "Traceback" not in done.err


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--device", "wormhole"], "did you mean 'wormhole_n"),
        (["--device", "none.yaml"], "the device descriptor cannot be read"),
        (["--default-format", "Float16b"], "did you mean 'Float16_b'"),
        (["--parameter-format", "Bfp9_b"], "did you mean 'Bfp"),
        (["--accumulate-format", "Bfp8_b"], "Bfp8_b"),
        (["--math-fidelity", "HiFi5"], "did you mean 'HiFi"),
        (["--rounding", "pack"], "did you mean 'packer'"),
        (["--mode", "exakt"], "did you mean 'exact'"),
        (["-o", "models.py"], "the output folder cannot be made"),
    ],
)
def test_bad_options_are_told_before_the_model_is_loaded(
    tilewright: Any, model_file: Path, options: list[str], message: str
) -> None:
    done = tilewright("compile", f"{model_file}:make", *options)

    assert done.code == 1
    assert message in done.err
    assert "Traceback" not in done.err
    assert "noise" not in done.err


def test_interrupt_is_told_by_the_exit_code(tilewright: Any, model_file: Path) -> None:
    assert tilewright("compile", f"{model_file}:interrupt").code == 130


def test_model_may_be_named_like_a_module_in_use(tilewright: Any, model_file: Path) -> None:
    import json as before

    model_file.rename("json.py")
    done = tilewright("compile", "json.py:make", "--format", "json")

    assert done.code == 0, done.err
    assert __import__("json") is before
