"""Graphs that write to memory become functional: by renaming where that is safe, else with torch's help."""

from __future__ import annotations

import copy
import io
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import nn
from torch.export import ExportedProgram

from tilewright.frontend import exported
from tilewright.frontend.importer import import_exported, import_module
from tilewright.frontend.program import ImportedProgram

CheckImport = Callable[..., ImportedProgram]


@torch.library.custom_op("tilewright_test::bump", mutates_args=("x",))
def bump(x: torch.Tensor) -> None:
    x.add_(1)


class WithState(nn.Module):
    """A function of a module that has a buffer `state`, a buffer `table` and a linear layer."""

    def __init__(self, function: Callable[..., Any]):
        super().__init__()
        self.function = function
        self.linear = nn.Linear(3, 3)
        self.embedding = nn.Embedding(5, 3)
        self.register_buffer("state", torch.zeros(3))
        self.register_buffer("volatile", torch.ones(3), persistent=False)

    def forward(self, *args: Any) -> Any:
        return self.function(self, *args)


def chained(m: WithState, x: torch.Tensor) -> Any:
    y = torch.relu_(m.linear(x))
    y += 1
    y.mul_(2).sub_(x)
    return y


def changes_input(m: WithState, x: torch.Tensor) -> Any:
    x.add_(1)
    return x * 2


def returns_changed_input(m: WithState, x: torch.Tensor) -> Any:
    return x.add_(1)


def changes_buffer(m: WithState, x: torch.Tensor) -> Any:
    m.state += 1
    m.volatile.mul_(3)
    return x + m.state


def assigns_buffer(m: WithState, x: torch.Tensor) -> Any:
    m.state = x * 2
    m.state.add_(1)
    return m.state + x


def copies_with_broadcast(m: WithState, x: torch.Tensor) -> Any:
    m.state.copy_(x.sum())
    return m.state.half().copy_(x)


def through_conversion_that_does_nothing(m: WithState, x: torch.Tensor) -> Any:
    y = x.float().contiguous().view(3)
    y += 1
    return y


def through_conversion_that_copies(m: WithState, x: torch.Tensor) -> Any:
    y = x.double()
    y += 1
    return y, x


def through_dropout(m: WithState, x: torch.Tensor) -> Any:
    y = nn.functional.dropout(x, 0.5, training=False)
    y += 1
    return y


def keeps_element_type_of_comparison(m: WithState, x: torch.Tensor) -> Any:
    return x.clone().gt_(0)


def keeps_element_type_of_sum(m: WithState, x: torch.Tensor) -> Any:
    return x.half().add_(x)


def equal_views(m: WithState, x: torch.Tensor) -> Any:
    a = x.clone()
    b, c = a[:], a.detach()
    b.mul_(3)
    return a, b, c


def changes_copy_of_constant(m: WithState, x: torch.Tensor) -> Any:
    y = torch.tensor([1.0, 2.0, 3.0])
    y += x
    return y, torch.tensor([1.0, 2.0, 3.0])


def without_gradients(m: WithState, x: torch.Tensor) -> Any:
    with torch.no_grad():
        y = m.linear(x)
        m.state.add_(1)
        y.mul_(2)
    with torch.autocast("cpu", enabled=False):
        return m.linear(y) + m.state


def renormalises_weights(m: WithState, x: torch.Tensor) -> Any:
    return nn.functional.embedding(x.long().clamp(0, 4), m.embedding.weight, max_norm=0.5)


def python_operator(m: WithState, x: torch.Tensor) -> Any:
    mask = x > 0
    mask |= x < -1
    return mask


RENAMED: dict[str, tuple[Callable[..., Any], set[int | str]]] = {
    "a chain": (chained, set()),
    "an input": (changes_input, {0}),
    "an input that is returned": (returns_changed_input, {0}),
    "buffers": (changes_buffer, {"state", "volatile"}),
    "an assigned buffer": (assigns_buffer, {"state"}),
    "a copy that broadcasts and converts": (copies_with_broadcast, {"state"}),
    "an alias by conversion": (through_conversion_that_does_nothing, {0}),
    "a copy by conversion": (through_conversion_that_copies, set()),
    "an alias by dropout": (through_dropout, {0}),
    "a comparison": (keeps_element_type_of_comparison, set()),
    "a sum of two types": (keeps_element_type_of_sum, set()),
    "equal views": (equal_views, set()),
    "a constant's copy": (changes_copy_of_constant, set()),
    "inside no_grad": (without_gradients, {"state"}),
    "a parameter": (renormalises_weights, {"embedding.weight"}),
    "an augmented assignment": (python_operator, set()),
}


def writes_to_a_row(m: WithState, x: torch.Tensor) -> Any:
    y = torch.stack([x, x])
    y[0] = 3.0
    return y


def fills_a_cache(m: WithState, x: torch.Tensor) -> Any:
    m.state[1:] = x[:2]
    return m.state * 2


def reads_a_stale_view(m: WithState, x: torch.Tensor) -> Any:
    y = x * 1
    view = y.view(3, 1)
    y += 1
    return view


def changes_the_shape(m: WithState, x: torch.Tensor) -> Any:
    return x.clone().unsqueeze_(0)


def calls_an_operator_that_writes(m: WithState, x: torch.Tensor) -> Any:
    y = x * 2
    bump(y)
    bump(m.state)
    return y


def writes_to_a_list(m: WithState, x: torch.Tensor) -> Any:
    xs = [x + 1, x * 2]
    torch._foreach_add_(xs, 1.0)
    return xs


def autocasts(m: WithState, x: torch.Tensor) -> Any:
    with torch.autocast("cpu", dtype=torch.bfloat16):
        return m.linear(x)


def maps_over_a_batch(m: WithState, x: torch.Tensor) -> Any:
    return torch.vmap(lambda row: row * 2 + m.state.sum())(x)


FUNCTIONALISED: dict[str, tuple[Callable[..., Any], set[int | str]]] = {
    "a part of a tensor": (writes_to_a_row, set()),
    "a part of a buffer": (fills_a_cache, {"state"}),
    "a view read later": (reads_a_stale_view, set()),
    "a shape": (changes_the_shape, set()),
    "an operator of one's own": (calls_an_operator_that_writes, {"state"}),
    "a list": (writes_to_a_list, set()),
    "autocast": (autocasts, set()),
    "vmap": (maps_over_a_batch, set()),
}


@pytest.fixture
def functionalised(monkeypatch: pytest.MonkeyPatch) -> list[ExportedProgram]:
    """The programs that went through torch's functionalisation."""
    seen: list[ExportedProgram] = []
    original = exported.functionalise

    def functionalise(program: ExportedProgram) -> ExportedProgram:
        seen.append(program)
        return original(program)

    monkeypatch.setattr(exported, "functionalise", functionalise)
    return seen


X = torch.tensor([0.5, -2.0, 3.0])


@pytest.mark.parametrize("name", RENAMED)
def test_renaming(name: str, check_import: CheckImport, functionalised: list[ExportedProgram]) -> None:
    function, changed = RENAMED[name]

    program = check_import(WithState(function), (X,))

    assert {mutation.target for mutation in program.mutations} == changed
    assert functionalised == []


@pytest.mark.parametrize("name", FUNCTIONALISED)
def test_functionalisation(name: str, check_import: CheckImport, functionalised: list[ExportedProgram]) -> None:
    function, changed = FUNCTIONALISED[name]

    program = check_import(WithState(function), (X,))

    assert {mutation.target for mutation in program.mutations} == changed
    assert len(functionalised) == 1


class Normalised(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.batch = nn.BatchNorm1d(3)
        self.instance = nn.InstanceNorm1d(3, track_running_stats=True)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.batch(x) + self.instance(x)


def test_norms_in_training_update_their_statistics(check_import: CheckImport) -> None:
    program = check_import(Normalised(), (torch.rand(4, 3, 5),), tolerance=1e-6)

    statistics = {"running_mean", "running_var", "num_batches_tracked"}
    changed = {mutation.target for mutation in program.mutations}
    assert {f"batch.{s}" for s in statistics} | {"instance.running_mean", "instance.running_var"} <= changed


def test_norms_in_evaluation_change_nothing(
    check_import: CheckImport, callees: Callable[[ImportedProgram], list[str]], functionalised: list[ExportedProgram]
) -> None:
    program = check_import(Normalised().eval(), (torch.rand(4, 3, 5),))

    assert program.mutations == ()
    assert callees(program) == ["aten.batch_norm.default", "aten.instance_norm.default", "aten.add.Tensor"]
    assert functionalised == []


def test_a_changed_state_is_a_result_tied_to_its_argument(check_import: CheckImport) -> None:
    program = check_import(WithState(changes_buffer), (X,))

    text = str(program.module)
    arguments = program.entry.arg_attrs
    assert arguments is not None
    names = [attributes.data["ttir.name"].data for attributes in arguments]
    for mutation in program.mutations:
        index = names.index(mutation.target)
        assert str(arguments.data[index].data["ttcore.argument_type"]) == "#ttcore.argument_type<input>"
        assert program.entry.res_attrs is not None
        (tie,) = program.entry.res_attrs.data[mutation.result].data.items()
        assert (tie[0], tie[1].value.data) == ("tilewright.tied", index)
    assert text.count("tilewright.tied") == 2


def test_overlapping_buffers_are_one_memory(check_import: CheckImport) -> None:
    class Overlapping(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            whole = torch.zeros(4)
            self.register_buffer("whole", whole)
            self.register_buffer("again", whole)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            self.whole.add_(x)
            return self.again * 2

    program = check_import(Overlapping(), (torch.ones(4),))

    assert len(program.values) == 1


def test_an_input_given_twice_is_one_memory(run_program: Callable[..., Any]) -> None:
    def model(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        x.add_(1)
        return y * 2

    program = import_module(model, (X, X))

    torch.testing.assert_close(run_program(program, (X, X))[0], (X + 1) * 2)


def test_a_stored_program_does_not_say_what_shares_memory(
    functionalised: list[ExportedProgram], run_program: Callable[..., Any]
) -> None:
    module = WithState(chained)
    stored = io.BytesIO()
    torch.export.save(torch.export.export(module, (X,), strict=False), stored)
    stored.seek(0)

    program = import_exported(torch.export.load(stored))

    assert len(functionalised) == 1
    torch.testing.assert_close(run_program(program, (X,))[0], copy.deepcopy(module)(X.clone()).detach())


def test_a_functional_program_is_imported_as_it_is(
    functionalised: list[ExportedProgram], run_program: Callable[..., Any]
) -> None:
    module = WithState(changes_buffer)
    program = import_exported(torch.export.export(module, (X,), strict=False).run_decompositions({}))

    assert functionalised == []
    assert {mutation.target for mutation in program.mutations} == {"state", "volatile"}
    result, changes = run_program(program, (X,))
    torch.testing.assert_close(result, X + 1)
    torch.testing.assert_close(changes["volatile"], torch.full((3,), 3.0))
