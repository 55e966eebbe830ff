"""`tilewright.compile`: the same results, structure and types as the module, and clear errors."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
import torch
from xdsl.parser import Parser

import tilewright
from tilewright.options import LEVELS
from tilewright.stages import execute, import_torch, make_context, run_passes
from tilewright.support.errors import NumericsError, UnsupportedInputError


class Mlp(torch.nn.Module):
    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.up = torch.nn.Linear(20, 50)
        self.down = torch.nn.Linear(50, 20)
        self.norm = torch.nn.LayerNorm(20)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.norm(x + self.down(torch.nn.functional.gelu(self.up(x))))


class SortsInTheMiddle(torch.nn.Module):
    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.linear = torch.nn.Linear(8, 8)

    def forward(self, x: torch.Tensor) -> dict[str, object]:
        y = self.linear(x).sort(-1).values
        return {"a": self.linear(y), "b": (y > 0, [y.argmax(-1)])}


class Counts(torch.nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("calls", torch.zeros(()))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        self.calls.add_(1)
        return x * self.calls


@pytest.fixture
def x() -> torch.Tensor:
    return torch.randn(7, 20, generator=torch.Generator().manual_seed(1))


@pytest.mark.parametrize("mode", ["reference", "exact", "fast"])
@pytest.mark.parametrize(("fmt", "pcc"), [("Float32", 0.99999), ("Float16_b", 0.999), ("Bfp8_b", 0.99)])
def test_every_level_agrees_with_torch(x: torch.Tensor, mode: str, fmt: str, pcc: float) -> None:
    model = tilewright.compile(Mlp(), (x,), default_format=fmt, mode=mode)
    found = model.compare(x)
    assert [a.level for a in found.levels] == list(LEVELS)
    assert all(a.pcc >= pcc for a in found.levels)


def test_structure_and_dtypes_are_those_of_the_module() -> None:
    module, value = SortsInTheMiddle(), torch.randn(5, 8, generator=torch.Generator().manual_seed(2))
    expected, found = module(value), tilewright.compile(module, default_format="Float32")(value)
    assert isinstance(found, dict)
    assert list(found) == ["a", "b"]
    positive, (largest,) = found["b"]
    assert (positive.dtype, largest.dtype) == (torch.bool, torch.int64)
    assert torch.equal(positive, expected["b"][0])
    torch.testing.assert_close(found["a"], expected["a"], rtol=1e-2, atol=1e-2)


def test_host_ops_say_why_and_where() -> None:
    model = tilewright.compile(SortsInTheMiddle(), (torch.randn(5, 8),))
    report = model.report.to_dict()
    assert {"ops_total", "ops_device", "ops_host", "transfers", "host_ops"} <= set(report)
    assert report["ops_total"] == report["ops_device"] + report["ops_host"]
    sort = next(op for op in model.report.host_ops if op.op.startswith("aten.sort"))
    assert sort.reasons == ("NO_LOWERING: aten.sort.default has no tile-level kernel",)
    assert sort.location is not None
    assert sort.location.split(":")[0].endswith("test_compiled_model.py")


def test_a_shape_is_compiled_once(x: torch.Tensor) -> None:
    model = tilewright.compile(Mlp())
    model(x)
    first = model.program
    model(x + 1)
    assert model.program is first
    assert model(x[:3]).shape == (3, 20)
    assert model.program is not first


def test_buffers_that_the_module_changes_change() -> None:
    module = Counts()
    model = tilewright.compile(module, (torch.ones(4),), default_format="Float32")
    assert [float(model(torch.ones(4))[0]) for _ in range(3)] == [1.0, 2.0, 3.0]
    assert float(module.calls) == 3.0


def test_a_parameter_changed_in_place_is_seen_at_the_next_call(x: torch.Tensor) -> None:
    module = torch.nn.Linear(20, 3)
    model = tilewright.compile(module, (x,), default_format="Float32")
    model(x)
    with torch.no_grad():
        module.weight.mul_(2.0)
    torch.testing.assert_close(model(x), module(x).detach(), rtol=1e-2, atol=1e-2)


def test_estimate_has_positive_times(x: torch.Tensor) -> None:
    estimate = tilewright.compile(Mlp(), (x,)).estimate()
    assert estimate.latency_s > 0
    assert estimate.throughput > 0
    assert 0 < estimate.utilisation <= 1


@pytest.mark.parametrize("level", LEVELS)
def test_the_ir_of_each_level_parses_verifies_and_executes(x: torch.Tensor, level: str) -> None:
    module = Mlp()
    model = tilewright.compile(module, (x,), default_format="Float32")
    parsed = Parser(make_context(), model.ir(level)).parse_module()
    parsed.verify()
    (found,) = execute(parsed, model.program.arguments([x]))
    torch.testing.assert_close(found, module(x).detach(), rtol=2e-2, atol=2e-2)


def test_stages_by_themselves(x: torch.Tensor) -> None:
    module = Mlp()
    program = import_torch(module, (x,))
    text = "ttir-fold-constants,aten-to-ttir,canonicalize,ttcore-hoist-const-eval,ttir-partition,ttir-to-tile"
    run_passes(program.module, text)
    (found,) = execute(program.module, [*program.values.values(), x])
    torch.testing.assert_close(found, module(x).detach(), rtol=1e-2, atol=1e-2)


def test_compiling_twice_gives_the_same_bytes(x: torch.Tensor) -> None:
    first, second = (tilewright.compile(SortsInTheMiddle(), (x[:, :8],)) for _ in range(2))
    assert [first.ir(level) for level in LEVELS] == [second.ir(level) for level in LEVELS]


def test_torch_compile_keeps_parameters_as_parameters(x: torch.Tensor, monkeypatch: pytest.MonkeyPatch) -> None:
    from tilewright import torch_backend

    programs: list[tilewright.program.CompiledProgram] = []
    compile_imported = torch_backend.compile_imported

    def remember(*args: object) -> object:
        programs.append(compile_imported(*args))
        return programs[-1]

    monkeypatch.setattr(torch_backend, "compile_imported", remember)
    torch._dynamo.reset()
    module = Mlp()
    found = torch.compile(module, backend="tilewright")(x)
    torch.testing.assert_close(found.detach(), module(x).detach(), rtol=5e-2, atol=5e-2)
    (program,) = programs
    assert len(program.imported.values) == 6
    assert "const_eval" in str(program.modules["tile"])


def test_an_exported_program_compiles(x: torch.Tensor) -> None:
    module = Mlp()
    model = tilewright.compile(torch.export.export(module, (x,)), default_format="Float32")
    torch.testing.assert_close(model(x), module(x).detach(), rtol=1e-2, atol=1e-2)
    with pytest.raises(UnsupportedInputError, match=r"has the shape \(3, 20\)"):
        model(x[:3])


@dataclass
class Wrong:
    options: dict[str, object]
    message: str


@pytest.mark.parametrize(
    "wrong",
    [
        Wrong({"device": "wormhole_n15"}, "did you mean 'wormhole_n150'"),
        Wrong({"default_format": "Float16b"}, "did you mean 'Float16_b'"),
        Wrong({"parameter_format": "Int8"}, "must be a float format"),
        Wrong({"accumulate_format": "Bfp8_b"}, "cannot accumulate in Bfp8_b"),
        Wrong({"math_fidelity": "HiFi5"}, "there is no math fidelity 'HiFi5'"),
        Wrong({"rounding": "nearest"}, "there is no rounding rule 'nearest'"),
        Wrong({"mode": "exakt"}, "did you mean 'exact'"),
        Wrong({"policy": "cost"}, "policy has no value 'cost'"),
        Wrong({"capabilities": {}}, "'capabilities' is not available"),
        Wrong({"overrides": {}}, "'overrides' is not available"),
        Wrong({"mixed_precision": {}}, "'mixed_precision' is not available"),
    ],
    ids=lambda wrong: next(iter(wrong.options)),
)
def test_options_that_do_not_exist_are_refused(wrong: Wrong) -> None:
    with pytest.raises(UnsupportedInputError) as error:
        tilewright.compile(Mlp(), **wrong.options)
    assert wrong.message in error.value.render()


class BranchesOnData(torch.nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if x.sum() > 0:
            return x
        return -x


def test_data_dependent_control_flow_is_one_clear_error(x: torch.Tensor) -> None:
    with pytest.raises(UnsupportedInputError) as error:
        tilewright.compile(BranchesOnData(), (x,))
    assert "test_compiled_model.py" in error.value.render()


@pytest.mark.parametrize(
    "inputs",
    [(torch.randn(7, 21),), (torch.zeros(7, 20, dtype=torch.int64),), (), (torch.randn(7, 20), torch.randn(1)), ("x",)],
    ids=["shape", "dtype", "too few", "too many", "no tensor"],
)
def test_wrong_inputs_are_one_clear_error(x: torch.Tensor, inputs: tuple[object, ...]) -> None:
    model = tilewright.compile(Mlp(), (x,))
    with pytest.raises(UnsupportedInputError):
        model(*inputs)


@pytest.mark.parametrize("index", [100, -1, 2**40])
def test_token_ids_outside_the_table_are_refused(index: int) -> None:
    model = tilewright.compile(torch.nn.Embedding(100, 32), (torch.tensor([1, 2, 3]),))
    with pytest.raises(NumericsError):
        model(torch.tensor([1, 2, index]))
