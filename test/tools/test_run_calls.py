"""`tilewright run` on functions that call others, and on what no machine can hold."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

CALLS = """
func.func @main(%x: tensor<32x64xf32>) -> tensor<32x64xf32> {
  %0:2 = call @parts(%x) : (tensor<32x64xf32>) -> (tensor<32x64xf32>, tensor<32x64xf32>)
  %1 = "ttcore.composite"(%0#0, %0#1) <{composite_name = "sum", decomposition = @sum, composite_attributes = {}}>
    : (tensor<32x64xf32>, tensor<32x64xf32>) -> tensor<32x64xf32>
  return %1 : tensor<32x64xf32>
}
func.func private @parts(%x: tensor<32x64xf32>) -> (tensor<32x64xf32>, tensor<32x64xf32>) {
  %0 = "ttir.relu"(%x) : (tensor<32x64xf32>) -> tensor<32x64xf32>
  return %0, %x : tensor<32x64xf32>, tensor<32x64xf32>
}
func.func private @sum(%a: tensor<32x64xf32>, %b: tensor<32x64xf32>) -> tensor<32x64xf32> {
  %0 = "ttir.add"(%a, %b) : (tensor<32x64xf32>, tensor<32x64xf32>) -> tensor<32x64xf32>
  return %0 : tensor<32x64xf32>
}
"""
ITSELF = """
func.func @main(%x: tensor<4xf32>) -> tensor<4xf32> {
  %0 = call @other(%x) : (tensor<4xf32>) -> tensor<4xf32>
  return %0 : tensor<4xf32>
}
func.func private @other(%x: tensor<4xf32>) -> tensor<4xf32> {
  %0 = call @main(%x) : (tensor<4xf32>) -> tensor<4xf32>
  return %0 : tensor<4xf32>
}
"""
LARGE_ARGUMENT = """
func.func @main(%x: tensor<1000000x1000000xf32>) -> tensor<1000000x1000000xf32> {
  return %x : tensor<1000000x1000000xf32>
}
"""
LARGE_RESULT = """
func.func @main() -> tensor<1000000x1000000xbf16> {
  %0 = "ttir.zeros"() <{shape = array<i32: 1000000, 1000000>}> : () -> tensor<1000000x1000000xbf16>
  return %0 : tensor<1000000x1000000xbf16>
}
"""


def chain(length: int) -> str:
    """A function that calls the first of so many that call each other."""
    type_ = "tensor<4xf32>"
    bodies = [f"%0 = call @f{i + 1}(%x) : ({type_}) -> {type_}" for i in range(length)]
    bodies.append(f'%0 = "ttir.neg"(%x) : ({type_}) -> {type_}')
    return "".join(
        f"func.func {'private ' if i else ''}@f{i}(%x: {type_}) -> {type_} {{\n  {body}\n  return %0 : {type_}\n}}\n"
        for i, body in enumerate(bodies)
    )


def run(tilewright: Any, folder: Path, text: str, *arguments: str) -> Any:
    """The command on a file with this text."""
    path = folder / "f.mlir"
    path.write_text(text, encoding="utf-8")
    return tilewright("run", str(path), *arguments)


@pytest.mark.parametrize("text", [CALLS, chain(20)])
def test_tile_level_has_the_bodies_of_what_is_called(tilewright: Any, tmp_path: Path, text: str) -> None:
    done = run(tilewright, tmp_path, text, "--level", "tile", "--compare", "--format", "json")

    assert done.code == 0, done.err
    (output,) = json.loads(done.out)["outputs"]
    assert output["pcc"] > 0.9999


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (ITSELF, "calls itself"),
        (LARGE_ARGUMENT, "argument 0 of the type tensor<1000000x1000000xf32> does not fit in memory"),
        (LARGE_RESULT, "ttir.zeros: error: the result of ttir.zeros does not fit in memory"),
    ],
)
@pytest.mark.parametrize("level", ["ttir", "tile"])
def test_what_cannot_run_is_diagnosed(tilewright: Any, tmp_path: Path, text: str, message: str, level: str) -> None:
    done = run(tilewright, tmp_path, text, "--level", level)

    assert (done.code, done.out) == (1, "")
    assert message in done.err


@pytest.mark.parametrize("level", ["ttir", "tile"])
def test_calls_are_nested_too_deeply_for_the_interpreter(tilewright: Any, tmp_path: Path, level: str) -> None:
    done = run(tilewright, tmp_path, chain(300), "--level", level)

    assert (done.code, done.out) == (1, "")
    assert "calls are nested more than 50 deep" in done.err
