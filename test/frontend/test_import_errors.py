"""What cannot be exported is one clear error: what, the user's line, torch's reason, and what to do."""

from __future__ import annotations

import inspect
import logging
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn
from torch._dynamo.exc import UserError
from torch.export import Dim
from torch.fx.experimental.symbolic_shapes import GuardOnDataDependentSymNode

from tilewright.frontend.importer import import_exported, import_module
from tilewright.support.errors import UnsupportedInputError


@torch.library.custom_op("tilewright_test::without_shape_function", mutates_args=())
def without_shape_function(x: torch.Tensor) -> torch.Tensor:
    return x * 2


def branches_on_a_value(x: torch.Tensor) -> torch.Tensor:
    if x.sum() > 0:  # branches here
        return x
    return -x


def loops_over_a_value(x: torch.Tensor) -> torch.Tensor:
    for _ in range(int(x.sum().item())):  # loops here
        x = x + 1
    return x


def branches_on_a_size(x: torch.Tensor) -> torch.Tensor:
    found = x.nonzero()
    return found if found.shape[0] > 2 else found + 1  # branches on the size here


def adds_unequal_shapes(x: torch.Tensor) -> torch.Tensor:
    return x + torch.ones(7)  # adds here


def raises_an_error(x: torch.Tensor) -> torch.Tensor:
    raise ValueError("no such mode")  # raises here


def looks_up_a_key(x: torch.Tensor) -> torch.Tensor:
    return {"a": x}["b"]  # looks up here


def misspells_a_method(x: torch.Tensor) -> torch.Tensor:
    return x.sofmax(-1)  # misspells here


def uses_numpy(x: torch.Tensor) -> torch.Tensor:
    return torch.from_numpy(x.numpy() + 1)  # uses numpy here


def reads_an_address(x: torch.Tensor) -> torch.Tensor:
    return x + x.data_ptr()  # reads here


def calls_unknown_operator(x: torch.Tensor) -> torch.Tensor:
    return without_shape_function(x)  # calls here


X = torch.ones(3)

# The model, what the error says, the line it names, a part of torch's reason, and what it was raised from.
IN_THE_MODEL: dict[str, tuple[Callable[..., Any], str, str, str, type[Exception]]] = {
    "a branch": (
        branches_on_a_value,
        "depend on the values",
        "# branches here",
        "Could not guard on data-dependent expression",
        GuardOnDataDependentSymNode,
    ),
    "a loop": (
        loops_over_a_value,
        "depend on the values",
        "# loops here",
        "specialized integer",
        GuardOnDataDependentSymNode,
    ),
    "a size": (branches_on_a_size, "depend on the values", "# branches on the size", "u0 > 2", RuntimeError),
    "shapes": (adds_unequal_shapes, "fails on the example inputs", "# adds here", "broadcast", RuntimeError),
    "an error": (raises_an_error, "fails on the example inputs", "# raises here", "ValueError: no such", ValueError),
    "a key": (looks_up_a_key, "fails on the example inputs", "# looks up here", "KeyError: 'b'", KeyError),
    "a method": (misspells_a_method, "fails on the example inputs", "# misspells", "sofmax", AttributeError),
    "numpy": (uses_numpy, "construct that torch.export does not support", "# uses numpy", "numpy", RuntimeError),
    "an address": (reads_an_address, "construct that torch.export", "# reads here", "data pointer", RuntimeError),
    "an operator": (calls_unknown_operator, "no shape function", "# calls here", "register_fake", RuntimeError),
}


@pytest.mark.parametrize("name", IN_THE_MODEL)
def test_errors_of_the_model_name_its_line(name: str, capfd: pytest.CaptureFixture[str]) -> None:
    model, what, line, why, cause = IN_THE_MODEL[name]

    with pytest.raises(UnsupportedInputError) as raised:
        import_module(model, (X,))

    error = raised.value
    lines = inspect.getsource(sys.modules[__name__]).splitlines()
    number = next(number for number, text in enumerate(lines, 1) if line in text)
    assert what in error.what
    assert error.where == f"{__file__}:{number}"
    assert why in (error.why or "")
    assert error.hint
    assert len(error.render().splitlines()) == 3
    assert isinstance(error.__cause__, cause)
    # Torch prints its graph so far and logs tracebacks.
    assert capfd.readouterr() == ("", "")


def sums(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    return x + y


IN_THE_CALL: dict[str, tuple[Callable[..., Any], Any, dict[str, Any], str, str]] = {
    "a missing argument": (sums, (X,), {}, "do not fit sums(x", "missing a required argument: 'y'"),
    "an unknown argument": (sums, (X, X), {"z": X}, "do not fit", "unexpected keyword argument 'z'"),
    "too many arguments": (sums, (X, X, X), {}, "do not fit", "too many positional arguments"),
    "a list of arguments": (sums, [X, X], {}, "args is a list", ""),
    "a strange argument": (sums, (X, object()), {}, "inputs of the model", "Unsupported input type"),
    "a strange result": (lambda x: object(), (X,), {}, "outputs of the model", "not a known type"),
}


@pytest.mark.parametrize("name", IN_THE_CALL)
def test_errors_of_the_call(name: str) -> None:
    model, args, kwargs, what, why = IN_THE_CALL[name]

    with pytest.raises(UnsupportedInputError) as raised:
        import_module(model, args, kwargs)

    assert what in raised.value.what
    assert why in (raised.value.why or "")


def test_a_wrong_call_names_the_definition() -> None:
    class Model(nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return x

    with pytest.raises(UnsupportedInputError) as raised:
        import_module(Model(), ())

    assert raised.value.where == f"{__file__}:{Model.forward.__code__.co_firstlineno}"
    assert "forward(x: 'torch.Tensor')" in raised.value.what


def test_what_is_no_model() -> None:
    with pytest.raises(UnsupportedInputError, match="a int is neither a module nor a function"):
        import_module(5)  # type: ignore[arg-type]


def test_dynamic_shapes_that_the_model_does_not_allow() -> None:
    with pytest.raises(UnsupportedInputError, match="does not work for all sizes") as raised:
        import_module(lambda x: x + torch.ones(4), (torch.ones(4),), dynamic_shapes=({0: Dim("rows")},))

    assert "specialized it to be a constant (4)" in (raised.value.why or "")
    assert isinstance(raised.value.__cause__, UserError)


def test_a_graph_of_other_calls() -> None:
    program = torch.export.export(nn.Linear(3, 3), (X,), strict=False)
    node = program.graph.find_nodes(op="placeholder")[-1]
    with program.graph.inserting_after(node):
        program.graph.call_method("relu", (node,))

    with pytest.raises(UnsupportedInputError, match="call_method of 'relu'"):
        import_exported(program)


def test_a_fault_of_the_importer_is_no_fault_of_the_model(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise KeyError("a fault of ours")

    monkeypatch.setattr("tilewright.frontend.exported.outputs_of", broken)

    with pytest.raises(KeyError, match="a fault of ours"):
        import_module(nn.ReLU(), (X,))


def test_what_a_model_writes_to_stderr_comes_through(capfd: pytest.CaptureFixture[str]) -> None:
    def model(x: torch.Tensor) -> torch.Tensor:
        sys.stderr.write("tracing\n")
        return x * 2

    import_module(model, (X,))

    assert "tracing" in capfd.readouterr().err


def test_a_handler_whose_stream_is_closed_does_no_harm(tmp_path: Path) -> None:
    stream = (tmp_path / "log").open("w", encoding="utf-8")
    handler = logging.StreamHandler(stream)
    logger = logging.getLogger("torch.closed")
    logger.addHandler(handler)
    stream.close()
    try:
        program = import_module(nn.Linear(4, 4), (torch.zeros(2, 4),))
    finally:
        logger.removeHandler(handler)

    assert program.module.body.block.first_op is not None
    assert handler.stream is stream
