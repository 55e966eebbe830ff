"""What a compiled model says of itself: where ops run and why, the IR of each level, the predicted time."""

from __future__ import annotations

import inspect
import json
from io import StringIO

import pytest
import torch
from torch import nn
from xdsl.parser import Parser
from xdsl.printer import Printer

import tilewright
from tilewright.model import CompiledModel
from tilewright.options import LEVELS
from tilewright.stages import make_context, run_passes


class Block(nn.Module):
    """A layer with a host op."""

    def __init__(self) -> None:
        super().__init__()
        self.linear = nn.Linear(40, 40)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.cumsum(torch.relu(self.linear(x)), 0)


class Model(nn.Module):
    """The same layer three times, and host ops of several reasons."""

    def __init__(self) -> None:
        super().__init__()
        self.blocks = nn.ModuleList([Block(), Block(), Block()])

    def forward(self, x: torch.Tensor, n: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        for block in self.blocks:
            x = block(x)
        return x.to(torch.float64) * 0.1, n.sum()


INPUTS = (torch.randn(3, 40), torch.arange(4))


@pytest.fixture(scope="module")
def model() -> CompiledModel:
    return tilewright.compile(Model().eval(), INPUTS)


def line_of(function: object, text: str) -> str:
    """`file:line` of the first line with `text` in a function of this file."""
    lines, first = inspect.getsourcelines(function)  # type: ignore[arg-type]
    (offset,) = [i for i, line in enumerate(lines) if text in line]
    return f"{__file__}:{first + offset}"


def test_report_counts_ops_and_transfers(model: CompiledModel) -> None:
    report = model.report.to_dict()

    assert {"ops_total", "ops_device", "ops_host", "transfers", "host_ops"} <= set(report)
    assert report["ops_total"] == report["ops_device"] + report["ops_host"]  # type: ignore[operator]
    assert len(report["host_ops"]) == report["ops_host"]  # type: ignore[arg-type]
    tiles = model.ir("tile")
    function = tiles[tiles.index("func.func @forward(") : tiles.index("ttcore.cpu_module")]
    assert report["transfers"] == function.count("tile.tilize") + function.count("tile.untilize")
    assert json.loads(json.dumps(report))["ops_total"] == report["ops_total"]


def test_host_ops_say_why_and_where_from(model: CompiledModel) -> None:
    ops = [op for op in model.report.host_ops if op.op == "aten.cumsum.default"]

    assert {op.location for op in ops} == {line_of(Block.forward, "cumsum")}
    assert [op.module_path for op in ops] == ["blocks.0", "blocks.1", "blocks.2"]
    assert ops[0].function == ops[1].function  # one function, called from two places
    assert {op.reasons for op in ops} == {("NO_LOWERING: aten.cumsum.default has no tile-level kernel",)}
    assert all(f"func.func @{op.function}(" in model.ir("partitioned") for op in model.report.host_ops)


def test_every_host_op_has_reasons_and_a_line(model: CompiledModel) -> None:
    ops = {op.op: op for op in model.report.host_ops}

    assert all(op.reasons and op.location for op in model.report.host_ops)
    assert any(r.startswith("DTYPE: dtype(result 0) = f64") for r in ops["ttir.typecast"].reasons)
    assert ops["aten.sum.default"].reasons == ("CONSTRAINT: aten.sum.default: dtype = i64, not a float type",)
    assert ops["aten.sum.default"].location == line_of(Model.forward, "n.sum()")
    text = str(model.report)
    assert all(op.op in text and str(op.location) in text for op in model.report.host_ops)


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("locations", [False, True], ids=["plain", "locations"])
def test_ir_parses_back_and_verifies(model: CompiledModel, level: str, locations: bool) -> None:
    text = model.ir(level, locations=locations)  # type: ignore[arg-type]

    context = make_context()
    module = Parser(context, text).parse_module()
    module.verify()
    run_passes(module, f"verify-{level}", context=context)

    out = StringIO()
    Printer(out, print_debuginfo=locations).print_op(module)
    assert out.getvalue() + "\n" == text
    assert (f'"{__file__}"' in text) is locations


def test_last_level_is_the_default(model: CompiledModel) -> None:
    assert model.ir() == model.ir("placed")


def test_estimate_adds_up(model: CompiledModel) -> None:
    estimate = model.estimate()
    fields = estimate.to_dict()

    assert {"latency_s", "throughput", "utilisation"} <= set(fields)
    assert estimate.latency_s == pytest.approx(sum(entry.seconds for entry in estimate.entries))
    assert estimate.throughput == pytest.approx(estimate.samples / estimate.latency_s)
    assert 0 < estimate.utilisation < 1
    assert estimate.samples == 3
    assert {entry.place for entry in estimate.entries} == {"device", "host", "transfer"}
    assert sum(entry.place == "host" for entry in estimate.entries) == model.report.host_functions
    assert sum(entry.place == "transfer" for entry in estimate.entries) == model.report.transfers


def test_larger_models_take_longer() -> None:
    def latency(width: int) -> float:
        layer = nn.Linear(width, width)
        return tilewright.compile(layer, (torch.randn(64, width),)).estimate().device_s

    assert latency(64) < latency(1024) < latency(4096)


def test_device_and_format_change_the_estimate() -> None:
    layer, x = nn.Linear(2048, 2048), torch.randn(512, 2048)

    def device_seconds(**options: str) -> float:
        return tilewright.compile(layer, (x,), **options).estimate().device_s  # type: ignore[arg-type]

    base = device_seconds()
    assert device_seconds(default_format="Float32") > base
    assert device_seconds(math_fidelity="LoFi") <= base
    assert device_seconds(device="blackhole_p150") < base


def test_comparison_is_plain_data_and_text(model: CompiledModel) -> None:
    comparison = model.compare(levels=("ttir", "placed"), mode="fast")

    assert [level["level"] for level in comparison.to_dict()["levels"]] == ["ttir", "placed"]  # type: ignore[index]
    assert comparison["placed"].pcc > 0.999
    assert "placed" in str(comparison)
    with pytest.raises(KeyError):
        comparison["tile"]


def test_comparison_takes_inputs() -> None:
    model = tilewright.compile(nn.Linear(4, 3), (torch.randn(2, 4),))
    first = model.compare()

    other = model.compare(torch.randn(2, 4) * 100)

    assert other["placed"].max_error > first["placed"].max_error
