"""Wrong options, models and inputs each give one error that says what to do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import nn

import tilewright
from tilewright.support.errors import NumericsError, TilewrightError, UnsupportedInputError

X = torch.zeros(2, 4)
LINEAR = nn.Linear(4, 3).eval()

OPTIONS = {
    "device": ("wormhole_n15", "wormhole_n150"),
    "default_format": ("Float17", "Float16"),
    "parameter_format": ("Bfp9_b", "Bfp8_b"),
    "accumulate_format": ("Float33", "Float32"),
    "math_fidelity": ("HiFi5", "HiFi4"),
    "rounding": ("pack", "packer"),
    "mode": ("exakt", "exact"),
    "policy": ("ops", "op"),
}


@pytest.mark.parametrize("option", OPTIONS)
def test_option_that_does_not_exist_gets_the_nearest_names(option: str) -> None:
    value, nearest = OPTIONS[option]

    with pytest.raises(UnsupportedInputError, match=value) as caught:
        tilewright.compile(LINEAR, (X,), **{option: value})

    assert nearest in (caught.value.hint or "")


@pytest.mark.parametrize("option", OPTIONS)
def test_option_of_the_wrong_type_is_refused(option: str) -> None:
    with pytest.raises(UnsupportedInputError, match=f"{option} is a int"):
        tilewright.compile(LINEAR, (X,), **{option: 4})


@pytest.mark.parametrize(
    ("option", "value", "message"),
    [
        ("default_format", "Int32", "default_format must be a float format, found Int32"),
        ("parameter_format", "UInt8", "parameter_format must be a float format, found UInt8"),
        ("accumulate_format", "Bfp8_b", "Dest cannot accumulate in Bfp8_b"),
        ("device", "absent.yaml", "absent.yaml"),
    ],
)
def test_option_with_a_value_of_the_wrong_kind_is_refused(option: str, value: str, message: str) -> None:
    with pytest.raises(UnsupportedInputError, match=message):
        tilewright.compile(LINEAR, (X,), **{option: value})


@pytest.mark.parametrize("option", ["capabilities", "overrides", "mixed_precision"])
def test_option_that_is_not_available_is_refused(option: str) -> None:
    with pytest.raises(UnsupportedInputError, match=f"'{option}' is not available") as caught:
        tilewright.compile(LINEAR, (X,), **{option: {}})

    assert caught.value.hint == f"leave {option} out"


WRONG_EXAMPLES: dict[str, tuple[Any, tuple[Any, ...], str]] = {
    "no module": (3, ((X,),), "a int is neither a module nor a function"),
    "no tuple": (LINEAR, (X,), "args is a Tensor, not a tuple"),
    "no dictionary": (LINEAR, ((X,), [1]), "kwargs is a list, not a dictionary"),
    "too many": (LINEAR, ((X, X),), "too many positional arguments"),
    "unknown keyword": (LINEAR, ((X,), {"bias": X}), "unexpected keyword argument 'bias'"),
}


@pytest.mark.parametrize("case", WRONG_EXAMPLES)
def test_wrong_example_inputs_are_refused(case: str) -> None:
    module, inputs, message = WRONG_EXAMPLES[case]

    with pytest.raises(UnsupportedInputError, match=message):
        tilewright.compile(module, *inputs)


WRONG_CALLS: dict[str, tuple[tuple[Any, ...], dict[str, Any]]] = {
    "shape": ((torch.zeros(2, 5),), {}),
    "rank": ((torch.zeros(()),), {}),
    "dtype": ((X.to(torch.float64),), {}),
    "integers": ((X.to(torch.int64),), {}),
    "none": ((), {}),
    "two": ((X, X), {}),
    "keyword": ((), {"x": X}),
    "list": (([1.0, 2.0],), {}),
    "string": (("x",), {}),
    "number": ((1.0,), {}),
    "array": ((X.numpy(),), {}),
}


@pytest.mark.parametrize("case", WRONG_CALLS)
@pytest.mark.parametrize("exported", [False, True], ids=["module", "exported"])
def test_wrong_inputs_of_a_call_are_refused(case: str, exported: bool) -> None:
    args, kwargs = WRONG_CALLS[case]
    model = tilewright.compile(torch.export.export(LINEAR, (X,)) if exported else LINEAR, (X,))

    with pytest.raises(UnsupportedInputError):
        model(*args, **kwargs)

    assert model(X).shape == (2, 3)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("value", "why"),
    [
        (torch.zeros(3, 4), "2x4 is expected"),
        (torch.zeros(()), "2x4 is expected"),
        (X.to(torch.int32), "torch.float32 is expected"),
    ],
)
def test_input_of_an_exported_program_is_named_with_what_is_expected(value: torch.Tensor, why: str) -> None:
    model = tilewright.compile(torch.export.export(LINEAR, (X,)))

    with pytest.raises(UnsupportedInputError, match="input 'input' has the") as caught:
        model(value)

    assert caught.value.why == why


class Scaled(nn.Module):
    """Takes constants."""

    def forward(self, x: torch.Tensor, *, scale: float, flip: bool) -> torch.Tensor:
        return -x * scale if flip else x * scale


def test_constants_of_an_exported_program_are_fixed() -> None:
    model = tilewright.compile(torch.export.export(Scaled(), (X,), {"scale": 2.0, "flip": True}))

    assert torch.equal(model(X + 1, flip=True, scale=2.0), X - 2)  # type: ignore[arg-type]
    for wrong in ({"flip": False}, {"flip": 1}, {"scale": 3.0}, {"scale": X}):
        with pytest.raises(UnsupportedInputError, match=f"input '{next(iter(wrong))}' is"):
            model(X, **({"scale": 2.0, "flip": True} | wrong))
    with pytest.raises(UnsupportedInputError, match="structured otherwise") as caught:
        model(X, scale=2.0)
    assert "(scale, flip), not 1 positional arguments and the keywords (scale)" in (caught.value.why or "")


def test_data_dependent_control_flow_is_refused_with_its_line() -> None:
    class Branch(nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            if x.sum() > 0:
                return x
            return -x

    with pytest.raises(UnsupportedInputError, match="control flow") as caught:
        tilewright.compile(Branch(), (X,))

    line = Branch.forward.__code__.co_firstlineno + 1
    assert caught.value.where == f"{__file__}:{line}"
    assert "torch.where" in (caught.value.hint or "")


@pytest.mark.parametrize("index", [10, -1])
def test_index_outside_of_a_table_is_refused(index: int) -> None:
    good, bad = torch.tensor([[1, 2]]), torch.tensor([[1, index]])
    model = tilewright.compile(nn.Embedding(10, 4), (good,))

    with pytest.raises(NumericsError) as caught:
        model(bad)

    assert str(index) in caught.value.what
    assert model(good).shape == (1, 2, 4)  # type: ignore[attr-defined]


@pytest.mark.parametrize("value", [2**31, -(2**31) - 1, 2**62])
def test_integer_wider_than_the_device_is_refused(value: int) -> None:
    model = tilewright.compile(lambda i: i == 3, (torch.tensor([3, 4]),))

    with pytest.raises(NumericsError, match="does not fit the device's Int32") as caught:
        model(torch.tensor([3, value]))

    assert str(value) in caught.value.what
    assert caught.value.where is not None


def test_error_in_a_call_leaves_no_traces() -> None:
    table = nn.Embedding(10, 4)
    model = tilewright.compile(lambda i: torch.relu(table(i) + 1), (torch.tensor([1]),), default_format="Float32")
    expected = torch.relu(table(torch.tensor([2])) + 1)

    with pytest.raises(NumericsError):
        model(torch.tensor([99]))

    assert torch.allclose(model(torch.tensor([2])), expected, atol=1e-5)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "ask",
    [
        lambda m: m.report,
        lambda m: m.ir(),
        lambda m: m.estimate(),
        lambda m: m.compare(),
        lambda m: m.program,
    ],
    ids=["report", "ir", "estimate", "compare", "program"],
)
def test_model_that_was_never_called_says_so(ask: Callable[[tilewright.CompiledModel], object]) -> None:
    with pytest.raises(UnsupportedInputError, match="not been compiled"):
        ask(tilewright.compile(LINEAR))


@pytest.mark.parametrize(
    ("ask", "nearest"),
    [
        (lambda m: m.ir("tiles"), "'tile'"),
        (lambda m: m.compare(levels=("plced",)), "'placed'"),
        (lambda m: m.compare(mode="exat"), "'exact'"),
    ],
    ids=["level", "levels", "mode"],
)
def test_name_that_does_not_exist_gets_the_nearest(ask: Callable[..., object], nearest: str) -> None:
    with pytest.raises(TilewrightError) as caught:
        ask(tilewright.compile(LINEAR, (X,)))

    assert nearest in (caught.value.hint or "")
