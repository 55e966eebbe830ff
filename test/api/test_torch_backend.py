"""`torch.compile(model, backend="tilewright")`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import torch
from torch import nn

from tilewright import torch_backend
from tilewright.dialects.ttcore import ArgumentType, argument_type_of
from tilewright.program import CompiledProgram, compile_imported
from tilewright.transforms.modules import CONST_EVAL


@pytest.fixture
def programs(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[CompiledProgram]]:
    """What the backend compiles during a test."""
    found: list[CompiledProgram] = []

    def compile_and_keep(*args: Any) -> CompiledProgram:
        found.append(compile_imported(*args))
        return found[-1]

    monkeypatch.setattr(torch_backend, "compile_imported", compile_and_keep)
    torch.compiler.reset()
    with torch.no_grad():
        yield found
    torch.compiler.reset()


def mlp() -> nn.Module:
    return nn.Sequential(nn.Linear(40, 30), nn.GELU(), nn.LayerNorm(30), nn.Linear(30, 7)).eval()


def test_results_are_the_modules(programs: list[CompiledProgram]) -> None:
    module, x = mlp(), torch.randn(2, 40)

    found = torch.compile(module, backend="tilewright", options={"default_format": "Float32"})(x)

    assert torch.allclose(found, module(x), atol=1e-2)
    assert len(programs) == 1
    assert programs[0].options.default_format == "Float32"


def test_parameters_stay_parameters(programs: list[CompiledProgram]) -> None:
    torch.compile(mlp(), backend="tilewright")(torch.randn(2, 40))

    (program,) = programs
    function = program.imported.entry
    kinds = [argument_type_of(function, i) for i in range(len(function.body.block.args))]
    assert kinds.count(ArgumentType.PARAMETER) == 6
    assert kinds.count(ArgumentType.INPUT) == 1
    assert set(program.imported.values) == {"0.weight", "0.bias", "2.weight", "2.bias", "3.weight", "3.bias"}
    text = str(program.modules["placed"])
    assert f'tt.function_type = "{CONST_EVAL}"' in text
    assert 'tile.queue ram @"0.weight"' in text


def test_changed_parameters_are_seen(programs: list[CompiledProgram]) -> None:
    module, x = nn.Linear(4, 3), torch.randn(2, 4)
    compiled = torch.compile(module, backend="tilewright", options={"default_format": "Float32"})
    before = compiled(x)

    module.weight.mul_(3)

    assert not torch.allclose(compiled(x), before, atol=0.1)
    assert torch.allclose(compiled(x), module(x), atol=1e-2)
    assert len(programs) == 1


def test_each_shape_computes_right(programs: list[CompiledProgram]) -> None:
    module = mlp()
    compiled = torch.compile(module, backend="tilewright", dynamic=False, options={"default_format": "Float32"})

    for rows in (2, 5, 2):
        x = torch.randn(rows, 40)
        assert torch.allclose(compiled(x), module(x), atol=1e-2)
    assert len(programs) == 2


def test_sizes_that_dynamo_leaves_open_compute_right(programs: list[CompiledProgram]) -> None:
    module = mlp()
    compiled = torch.compile(module, backend="tilewright", dynamic=True)

    for rows in (2, 5):
        x = torch.randn(rows, 40)
        assert torch.allclose(compiled(x), module(x), atol=1e-2)


def test_graph_breaks_and_several_results(programs: list[CompiledProgram]) -> None:
    def model(x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        y = torch.relu(x)
        torch._dynamo.graph_break()
        return y.cumsum(0), y.argmax(-1)

    x = torch.randn(3, 4)
    found = torch.compile(model, backend="tilewright", options={"default_format": "Float32"})(x)

    assert torch.allclose(found[0], model(x)[0], atol=1e-5)
    assert torch.equal(found[1], model(x)[1])
    assert len(programs) == 2


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"format": "Float32"}, "default_format"),
        ({"default_format": "Float99"}, "Float16"),
        ({"capabilities": {}}, "not available"),
    ],
)
def test_wrong_options_say_what_is_meant(
    options: dict[str, Any], message: str, programs: list[CompiledProgram]
) -> None:
    compiled = torch.compile(mlp(), backend="tilewright", options=options)

    # Dynamo wraps what a backend raises.
    with pytest.raises(torch._dynamo.exc.BackendCompilerFailed, match=message):
        compiled(torch.randn(2, 40))
