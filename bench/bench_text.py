"""Reading and printing IR: a model's file against xDSL's bare parser, and a splat of 10^8 elements."""

from __future__ import annotations

import tracemalloc
from pathlib import Path

import pytest
from pytest_benchmark.fixture import BenchmarkFixture
from ratio_table import Ratios
from xdsl.context import Context
from xdsl.dialects.builtin import Builtin, ModuleOp
from xdsl.dialects.func import Func
from xdsl.parser import Parser

from tilewright.dialects.text import parse_module, print_module
from tilewright.stages import make_context

MODEL = Path(__file__).parents[2] / "shared" / "ttir" / "models" / "resnet_hf.mlir"
SPLAT = """
!t = tensor<10000x10000xf32>
%0 = "ttir.constant"() <{value = dense<0.5> : !t}> : () -> !t
"""


def aliases_first(text: str) -> str:
    """The text with its aliases at the beginning, which xDSL needs."""
    lines = text.splitlines()
    return "\n".join([*(x for x in lines if x.startswith("#")), *(x for x in lines if not x.startswith("#"))])


@pytest.mark.skipif(not MODEL.is_file(), reason=f"there is no {MODEL}")
def test_parse_model(benchmark: BenchmarkFixture, ratios: Ratios) -> None:
    """The parser with all dialects, and with the verifier, against xDSL's with unregistered dialects."""
    text = MODEL.read_text(encoding="utf-8")
    hoisted = aliases_first(text)

    def bare() -> ModuleOp:
        context = Context(allow_unregistered=True)
        for dialect in (Builtin, Func):
            context.load_dialect(dialect)
        return Parser(context, hoisted).parse_module()

    def ours(verify: bool) -> ModuleOp:
        return parse_module(text, make_context(), "resnet_hf.mlir", verify=verify)

    subjects = {"parse": (lambda: ours(False), 1.2), "parse and verify": (lambda: ours(True), None)}
    benchmark.pedantic(ratios.compare, args=("resnet_hf.mlir against bare xDSL", bare, subjects), rounds=1)


def test_splat(benchmark: BenchmarkFixture, ratios: Ratios) -> None:
    """Parsing and printing a tensor of 10^8 equal elements, against the 50 ms and 10 MB that are aimed at."""
    context = make_context()

    def once() -> str:
        return print_module(parse_module(SPLAT, context))

    assert "dense<5.000000e-01> : tensor<10000x10000xf32>" in once()
    benchmark(once)
    assert benchmark.stats is not None
    ratios.add("splat of 10^8 elements", "s wall", 0.05, float(benchmark.stats["min"]), 1.0)
    tracemalloc.start()
    once()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    ratios.add("splat of 10^8 elements", "MB peak", 10.0, peak / 1e6, 1.0)
