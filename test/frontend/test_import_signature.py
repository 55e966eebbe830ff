"""Arguments: names, kinds and values; inputs and outputs as the caller sees them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import nn

from tilewright.dialects.ttcore import ArgumentType, argument_type_of
from tilewright.frontend.importer import import_module
from tilewright.frontend.program import ConstantOutput, ImportedProgram, InputOutput, InputSpec, ResultOutput

CheckImport = Callable[..., ImportedProgram]


def kinds_of(program: ImportedProgram) -> dict[str, str]:
    """The kind of each argument by its name."""
    attributes = program.entry.arg_attrs
    assert attributes is not None
    return {
        entry.data["ttir.name"].data: str(argument_type_of(program.entry, index))
        for index, entry in enumerate(attributes.data)
    }


class Everything(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.ModuleList([nn.Linear(3, 3), nn.Linear(3, 3, bias=False)])
        self.unused = nn.Linear(3, 3)
        self.register_buffer("scale", torch.ones(3))
        self.register_buffer("volatile", torch.full((3,), 2.0), persistent=False)
        self.plain = torch.full((3,), 3.0)

    def forward(self, x: torch.Tensor, scale: torch.Tensor | None = None, times: int = 1) -> torch.Tensor:
        y = self.layers[1](self.layers[0](x)) * self.scale * self.volatile * self.plain
        return y * torch.tensor([1.0, 2.0, 3.0]) * (1.0 if scale is None else scale) * times


def test_every_argument_has_a_name_and_a_kind(check_import: CheckImport) -> None:
    program = check_import(Everything(), (torch.ones(2, 3),), {"scale": torch.ones(3), "times": 2})

    assert kinds_of(program) == {
        "layers.0.weight": "parameter",
        "layers.0.bias": "parameter",
        "layers.1.weight": "parameter",
        "scale": "constant",
        "volatile": "constant",
        "plain": "constant",
        "lifted_tensor_0": "constant",
        "x": "input",
        "scale_2": "input",
    }
    assert ArgumentType.PARAMETER == "parameter"


def test_values_are_the_models_own_tensors() -> None:
    module = Everything()
    program = import_module(module, (torch.ones(2, 3),))

    assert set(program.values) == {name for name, kind in kinds_of(program).items() if kind != "input"}
    assert program.values["layers.0.weight"].data_ptr() == module.layers[0].weight.data_ptr()
    assert not any(value.requires_grad for value in program.values.values())
    text = str(program.module)
    assert "dense" not in text


def test_inputs_say_where_each_leaf_goes(check_import: CheckImport) -> None:
    def model(batch: dict[str, torch.Tensor], flag: bool, *, mask: torch.Tensor | None, unused: torch.Tensor) -> object:
        return batch["ids"] + (1 if flag else 2)

    ids = torch.zeros(2, 5, dtype=torch.int64)
    program = check_import(model, ({"ids": ids}, True), {"mask": None, "unused": torch.ones(1)})

    assert program.inputs == (
        InputSpec("batch_ids", 0, 0, (2, 5), torch.int64),
        InputSpec("flag", 1, None, constant=True),
        InputSpec("mask", 2, None, constant=None),
        InputSpec("unused", 3, 1, (1,), torch.float32),
    )
    assert program.outputs == (ResultOutput(0),)


def test_outputs_say_what_each_leaf_is(check_import: CheckImport) -> None:
    class Outputs(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.weight = nn.Parameter(torch.ones(3))

        def forward(self, x: torch.Tensor, y: torch.Tensor) -> object:
            return {"y": y, "none": None, "n": 3, "sum": x + y, "weight": self.weight, "sums": [x + y, x]}

    program = check_import(Outputs(), (torch.ones(3), torch.ones(3)))

    assert program.outputs == (
        InputOutput(1),
        ConstantOutput(None),
        ConstantOutput(3),
        ResultOutput(0),
        ResultOutput(1),
        ResultOutput(2),
        InputOutput(0),
    )


class Tied(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.embedding = nn.Embedding(5, 4)
        self.head = nn.Linear(4, 5, bias=False)
        self.head.weight = self.embedding.weight

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        return self.head(self.embedding(ids))


def test_a_shared_parameter_is_one_argument_with_both_names(check_import: CheckImport) -> None:
    program = check_import(Tied(), (torch.tensor([1, 2]),))

    assert kinds_of(program) == {"embedding.weight": "parameter", "ids": "input"}
    assert 'tilewright.shared_names = ["head.weight"]' in str(program.module)


def test_a_function_and_a_bound_method_are_models(check_import: CheckImport) -> None:
    linear = nn.Linear(3, 3)

    method = check_import(linear.forward, (torch.ones(2, 3),))
    function = check_import(lambda x, y: x @ y, (torch.ones(2, 3), torch.ones(3, 2)))
    builtin = check_import(torch.add, (torch.ones(2), torch.ones(2)))

    assert list(method.values) == ["module.weight", "module.bias"]
    assert [spec.name for spec in function.inputs] == ["x", "y"]
    assert len(builtin.inputs) == 2


@pytest.mark.parametrize("training", [True, False])
def test_the_mode_of_the_module_is_respected(training: bool, callees: Callable[[ImportedProgram], list[str]]) -> None:
    module = nn.Sequential(nn.Linear(3, 3), nn.Dropout(0.5)).train(training)

    program = import_module(module, (torch.ones(2, 3),))

    assert ("aten.dropout.default" in callees(program)) is training
    assert module.training is training


def test_importing_twice_gives_the_same_text() -> None:
    module, args = Everything(), (torch.ones(2, 3),)

    assert str(import_module(module, args).module) == str(import_module(module, args).module)
