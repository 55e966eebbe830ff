"""Graphs of `torch.compile`: parameters stay parameters, and what the graph changes is reported."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import nn

from tilewright.frontend.importer import import_dynamo_graph
from tilewright.frontend.program import ImportedProgram


class Model(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.ModuleList([nn.Linear(3, 3), nn.Linear(3, 3)])
        self.norm = nn.BatchNorm1d(3)
        self.register_buffer("offset", torch.full((3,), 0.5))
        self.register_buffer("calls", torch.zeros(()))
        self.plain = torch.full((3,), 2.0)
        self.relu = nn.ReLU(inplace=True)

    def forward(self, x: torch.Tensor, times: int = 1, others: list[torch.Tensor] | None = None) -> Any:
        with torch.no_grad():
            self.calls += 1
        y = self.norm(self.layers[1](self.layers[0](x) + self.offset * self.plain))
        y = self.relu(y) * torch.tensor([1.0, 2.0, 3.0])
        for other in others or []:
            y = y + other
        return {"y": y * times, "parts": torch.split(y, 1, dim=1), "n": x.shape[0] * times}


class WritesToAPart(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("cache", torch.zeros(4, 3))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        self.cache[1:3] = x[:2]
        x[0] = 3.0
        return self.cache * 2


class Autocasts(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.linear = nn.Linear(3, 3)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        with torch.autocast("cpu", dtype=torch.bfloat16):
            return self.linear(x)


class Disables(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        with torch.autocast("cpu", enabled=False), torch.no_grad():
            return x * 2


class Backend:
    """A backend that runs the imported programs and keeps them."""

    def __init__(self, run_program: Callable[..., Any], assert_well_formed: Callable[..., None]):
        self.programs: list[ImportedProgram] = []
        self._run_program = run_program
        self._assert_well_formed = assert_well_formed

    def __call__(self, graph: torch.fx.GraphModule, example_inputs: list[Any]) -> Callable[..., Any]:
        program = import_dynamo_graph(graph, example_inputs)
        self._assert_well_formed(program.module)
        self.programs.append(program)

        def run(*inputs: Any) -> Any:
            outputs, changes = self._run_program(program, inputs)
            for target, value in changes.items():
                state = program.values[target] if isinstance(target, str) else inputs[program.inputs[target].position]
                state.copy_(value)
            return outputs

        return run


@pytest.fixture
def backend(run_program: Callable[..., Any], assert_well_formed: Callable[..., None]) -> Backend:
    torch._dynamo.reset()
    return Backend(run_program, assert_well_formed)


CASES: dict[str, tuple[Callable[[], nn.Module], dict[str, Any]]] = {
    "evaluation": (lambda: Model().eval(), {"times": 3}),
    "training": (lambda: Model().train(), {}),
    "several inputs": (lambda: Model().eval(), {"others": [torch.ones(3), torch.zeros(4, 3)]}),
    "a part of a buffer and of an input": (WritesToAPart, {}),
    "autocast": (Autocasts, {}),
    "no autocast": (Disables, {}),
}


@pytest.mark.parametrize(
    ("name", "dynamic"),
    [*((name, False) for name in CASES), ("evaluation", True), ("a part of a buffer and of an input", True)],
)
def test_compiled_models_compute_what_eager_computes(
    name: str, dynamic: bool, backend: Backend, assert_equal_results: Callable[..., None]
) -> None:
    make, kwargs = CASES[name]
    module, x = make(), torch.linspace(-1, 1, 12).view(4, 3)
    eager, y = copy.deepcopy(module), x.clone()

    with torch.no_grad():
        actual = torch.compile(module, backend=backend, dynamic=dynamic)(x, **kwargs)
        expected = eager(y, **kwargs)

    assert backend.programs
    assert_equal_results(actual, expected, tolerance=1e-6)
    torch.testing.assert_close(x, y)
    for name, value in eager.state_dict().items():
        torch.testing.assert_close(module.state_dict()[name], value)


def test_parameters_are_bound_by_their_names(backend: Backend) -> None:
    module = Model().eval()
    torch.compile(module, backend=backend)(torch.ones(4, 3))

    (program,) = backend.programs
    text = str(program.module)
    parameters = {name for name, _ in module.named_parameters()}
    assert parameters <= set(program.values)
    assert {"offset", "plain", "calls", "norm.running_mean"} <= set(program.values)
    for name in parameters:
        assert f'#ttcore.argument_type<parameter>, ttir.name = "{name}"' in text
    assert '#ttcore.argument_type<constant>, ttir.name = "norm.running_var"' in text
    assert [mutation.target for mutation in program.mutations] == ["calls"]
    assert program.values["layers.0.weight"].data_ptr() == module.layers[0].weight.data_ptr()


def test_positions_count_what_the_compiled_function_is_called_with(backend: Backend) -> None:
    def model(x: torch.Tensor, weight: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        return x * weight + y

    torch.compile(model, backend=backend)(torch.ones(3), nn.Parameter(torch.ones(3)), torch.ones(3))

    (program,) = backend.programs
    assert [(spec.name, spec.position, spec.argument) for spec in program.inputs] == [("x", 0, 0), ("y", 2, 2)]
    assert list(program.values) == ["weight"]


def test_two_modules_with_equal_names(backend: Backend) -> None:
    first, second = nn.Linear(3, 3, bias=False), nn.Linear(3, 3, bias=False)

    def model(x: torch.Tensor) -> torch.Tensor:
        return second(first(x))

    x = torch.ones(2, 3)
    with torch.no_grad():
        torch.testing.assert_close(torch.compile(model, backend=backend)(x), model(x))

    assert list(backend.programs[0].values) == ["weight", "weight_2"]
