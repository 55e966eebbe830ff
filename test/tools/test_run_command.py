"""`tilewright run`: what it prints and writes, and how it fails."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file

TYPE = "tensor<32x64xf32>"
FILE = f"""
func.func @main(%x: {TYPE} {{ttir.name = "activations"}}, %y: {TYPE}) -> {TYPE} {{
  %0 = "ttir.add"(%x, %y) : ({TYPE}, {TYPE}) -> {TYPE}
  return %0 : {TYPE}
}}
"""
IN_PLACE = """
func.func @main(%cache: tensor<1x2x8x4xf32>, %new: tensor<1x2x1x4xf32>, %at: tensor<1xi32>) -> tensor<1x2x8x4xf32> {
  "ttir.update_cache"(%cache, %new, %at) <{batch_offset = 0 : i32}>
    : (tensor<1x2x8x4xf32>, tensor<1x2x1x4xf32>, tensor<1xi32>) -> ()
  %0 = "ttir.neg"(%cache) : (tensor<1x2x8x4xf32>) -> tensor<1x2x8x4xf32>
  return %0 : tensor<1x2x8x4xf32>
}
"""
HOSTED = """
module {
  ttcore.device_module {
    builtin.module {
      func.func @main(%a: tensor<4xf32>) -> tensor<4xf32> {
        %0 = func.call @hoisted(%a) : (tensor<4xf32>) -> tensor<4xf32>
        return %0 : tensor<4xf32>
      }
      func.func private @hoisted(tensor<4xf32>) -> tensor<4xf32>
        attributes {tt.function_type = "forward_cpu_declaration"}
    }
  }
  ttcore.cpu_module {
    builtin.module {
      func.func @hoisted(%a: tensor<4xf32>) -> tensor<4xf32> attributes {tt.function_type = "forward_cpu"} {
        %0 = "stablehlo.add"(%a, %a) : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
        return %0 : tensor<4xf32>
      }
    }
  }
}
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working directory, with the file `main.mlir`."""
    monkeypatch.chdir(tmp_path)
    Path("main.mlir").write_text(FILE, encoding="utf-8")
    return tmp_path


def document(tilewright: Any, *arguments: str) -> dict[str, Any]:
    """The JSON that `tilewright run` prints."""
    done = tilewright("run", *arguments, "--format", "json")
    assert done.code == 0, done.err
    found: dict[str, Any] = json.loads(done.out)
    return found


@pytest.mark.usefixtures("folder")
def test_text_shows_shape_dtype_and_checksum(tilewright: Any) -> None:
    done = tilewright("run", "main.mlir", "--seed", "3")

    assert done.code == 0, done.err
    assert "@main at level ttir, seed 3" in done.out
    a, b = (torch.randn(32, 64, generator=torch.Generator().manual_seed((3 << 16) + i)) for i in (0, 1))
    checksum = hashlib.sha256((a + b).numpy().tobytes()).hexdigest()[:16]
    assert ["output", "0", "32x64", "float32", checksum] in [line.split()[:5] for line in done.out.splitlines()]
    assert max(map(len, done.out.splitlines())) <= 100
    assert done.err == ""


@pytest.mark.usefixtures("folder")
def test_json_is_one_document_and_the_same_each_time(tilewright: Any) -> None:
    first, again = (document(tilewright, "main.mlir") for _ in range(2))

    assert first == again
    assert list(first) == ["file", "entry", "level", "seed", "outputs", "written"]
    (output,) = first["outputs"]
    assert (output["name"], output["shape"], output["dtype"]) == ("output 0", [32, 64], "float32")
    assert document(tilewright, "main.mlir", "--seed", "1")["outputs"] != first["outputs"]


@pytest.mark.usefixtures("folder")
def test_tensors_come_from_a_file_and_go_to_one(tilewright: Any) -> None:
    x, y = torch.randn(32, 64), torch.randn(32, 64)
    save_file({"activations": x, "1": y}, "in.safetensors")

    found = document(tilewright, "main.mlir", "--inputs", "in.safetensors", "--outputs", "out.safetensors")

    assert found["seed"] is None
    assert found["written"] == "out.safetensors"
    assert torch.equal(load_file("out.safetensors")["output 0"], x + y)


@pytest.mark.usefixtures("folder")
def test_tile_level_is_compared_with_the_file(tilewright: Any) -> None:
    plain = document(tilewright, "main.mlir")["outputs"][0]

    lowered = document(tilewright, "main.mlir", "--level", "tile", "--compare")["outputs"][0]

    assert lowered["checksum"] != plain["checksum"]  # bfloat16 loses something
    assert 0.999 < lowered["pcc"] < 1
    assert 0 < lowered["max_error"] < 0.05
    exact = document(tilewright, "main.mlir", "--level", "tile", "--compare", "--default-format", "Float32")
    assert exact["outputs"][0]["checksum"] == plain["checksum"]


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("level", ["ttir", "tile"])
def test_arguments_changed_in_place_are_shown(tilewright: Any, level: str) -> None:
    Path("cache.mlir").write_text(IN_PLACE, encoding="utf-8")
    cache, new, at = (
        torch.randn(1, 2, 8, 4).bfloat16().float(),
        torch.ones(1, 2, 1, 4),
        torch.tensor([5], dtype=torch.int32),
    )
    save_file({"cache": cache, "new": new, "at": at}, "in.safetensors")

    arguments = ["--inputs", "in.safetensors", "--outputs", "out.safetensors", "--level", level]
    found = document(tilewright, "cache.mlir", *arguments)

    assert [o["name"] for o in found["outputs"]] == ["output 0", "argument 0 (cache)"]
    written = load_file("out.safetensors")
    expected = cache.clone()
    expected[:, :, 5] = 1
    assert torch.equal(written["argument 0 (cache)"], expected)
    assert torch.equal(written["output 0"], -expected)
    assert torch.equal(load_file("in.safetensors")["cache"], cache)


@pytest.mark.usefixtures("folder")
def test_host_functions_run(tilewright: Any) -> None:
    Path("host.mlir").write_text(HOSTED, encoding="utf-8")
    save_file({"a": torch.tensor([1.0, 2.0, 3.0, 4.0])}, "in.safetensors")

    document(tilewright, "host.mlir", "--inputs", "in.safetensors", "--outputs", "out.safetensors")

    assert load_file("out.safetensors")["output 0"].tolist() == [2, 4, 6, 8]
    (compared,) = document(tilewright, "host.mlir", "--level", "tile", "--compare")["outputs"]
    assert compared["max_error"] == 0


@pytest.mark.usefixtures("folder")
def test_entry_is_found_among_modules(tilewright: Any) -> None:
    Path("two.mlir").write_text(FILE + "\n// -----\n" + FILE.replace("@main", "@other"), encoding="utf-8")

    assert document(tilewright, "two.mlir", "--entry", "other")["entry"] == "other"
    done = tilewright("run", "two.mlir")
    assert (done.code, done.out) == (1, "")
    assert "@main, @other" in done.err
    assert "--entry" in done.err


@pytest.mark.usefixtures("folder")
def test_functions_of_one_name_are_numbered(tilewright: Any) -> None:
    other = FILE.replace("ttir.add", "ttir.subtract")
    Path("two.mlir").write_text(FILE + "\n// -----\n" + other, encoding="utf-8")

    plain = document(tilewright, "main.mlir")["outputs"]
    assert document(tilewright, "two.mlir", "--entry", "@main#1")["outputs"] == plain
    assert document(tilewright, "two.mlir", "--entry", "main#2")["outputs"] != plain
    done = tilewright("run", "two.mlir", "--entry", "main")
    assert (done.code, done.out) == (1, "")
    assert "name one by its number: @main#1, @main#2" in done.err


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("level", ["ttir", "tile"])
def test_entry_is_found_in_modules_side_by_side(tilewright: Any, level: str) -> None:
    modules = (f"module @m{i} {{{FILE.replace('@main', f'@f{i}')}}}\n" for i in range(2))
    Path("two.mlir").write_text("".join(modules), encoding="utf-8")

    assert document(tilewright, "two.mlir", "--entry", "f1", "--level", level)["entry"] == "f1"
    done = tilewright("run", "two.mlir")
    assert (done.code, done.out) == (1, "")
    assert "@f0, @f1" in done.err


@pytest.mark.usefixtures("folder")
def test_function_marked_as_device_code_is_an_entry(tilewright: Any) -> None:
    marked = FILE.replace(f"-> {TYPE} {{\n", f'-> {TYPE} attributes {{tt.function_type = "forward_device"}} {{\n')
    assert marked != FILE
    Path("marked.mlir").write_text(marked, encoding="utf-8")

    assert document(tilewright, "marked.mlir")["outputs"] == document(tilewright, "main.mlir")["outputs"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["missing.mlir"], "missing.mlir"),
        (["main.mlir", "--entry", "mian"], "did you mean 'main'"),
        (["main.mlir", "--inputs", "missing.safetensors"], "cannot be read"),
        (["main.mlir", "--inputs", "main.mlir"], "no safetensors file"),
        (["main.mlir", "--inputs", "short.safetensors"], "there is no tensor for argument 1"),
        (["main.mlir", "--inputs", "more.safetensors"], "'bias' belongs to no argument"),
        (["main.mlir", "--inputs", "wrong.safetensors"], "has the shape (64,)"),
        (["main.mlir", "--seed", "-1"], "the seed is -1"),
        (["main.mlir", "--mesh", "2xx"], "is no mesh"),
        (["main.mlir", "--outputs", "none/out.safetensors"], "cannot be written"),
        (["main.mlir", "--level", "tile", "--device", "wormhole"], "did you mean"),
        (["broken.mlir"], "broken.mlir:3:1: error: "),
    ],
)
def test_mistakes_are_diagnosed(tilewright: Any, folder: Path, arguments: list[str], message: str) -> None:
    x = torch.zeros(32, 64)
    save_file({"activations": x}, "short.safetensors")
    save_file({"activations": x, "y": x + 1, "bias": x + 2}, "more.safetensors")
    save_file({"activations": x, "y": torch.zeros(64)}, "wrong.safetensors")
    Path("broken.mlir").write_text('func.func @main() {\n  "ttir.add"(%x)\n}\n', encoding="utf-8")

    done = tilewright("run", *arguments)

    assert done.code == 1
    assert message in done.err
    assert "Traceback" not in done.err
    assert done.out == ""
