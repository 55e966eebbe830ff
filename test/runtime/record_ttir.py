"""A pytest plugin that records on what the drawn (hypothesis) tests execute each op.

    PYTHONPATH=test/runtime python -m pytest -p record_ttir --record-ttir FILE test/runtime

writes one JSON object: op name to the number of different shapes, the dtypes, whether an operand was of floats, and
whether one held NaN or an infinity. A few examples of each test show that, so the plugin asks for fewer than usual.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Generator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import torch
from hypothesis import is_hypothesis_test, settings
from xdsl.ir import Operation

from tilewright.runtime.interpreter import Interpreter, Step, Value
from tilewright.runtime.mesh import tensors_of

EXAMPLES = 40


@dataclass
class Met:
    """What one op was executed on."""

    shapes: set[str] = field(default_factory=set[str])
    dtypes: set[str] = field(default_factory=set[str])
    floats_in: bool = False
    special: bool = False

    def add(self, operands: Sequence[Value], results: Sequence[Value]) -> None:
        """Count one execution."""
        tensors = [t for v in operands for t in tensors_of(v)]
        floats = [t for t in tensors if t.is_floating_point()]
        self.floats_in |= bool(floats)
        self.special |= any(not torch.isfinite(t).all() for t in floats)
        tensors += [t for v in results for t in tensors_of(v)]
        self.shapes.add(str([tuple(t.shape) for t in tensors]))
        self.dtypes.update(str(t.dtype).removeprefix("torch.") for t in tensors)


class Recorder:
    """Looks over the interpreter's shoulder while drawn tests run."""

    def __init__(self, target: Path) -> None:
        self.target = target
        self.met: defaultdict[str, Met] = defaultdict(Met)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Generator[None]:
        """Record the steps of a drawn test."""
        if not (isinstance(item, pytest.Function) and is_hypothesis_test(item.obj)):
            return (yield)
        make = Interpreter.step

        def recorded(interpreter: Interpreter, op: Operation) -> Step:
            run = make(interpreter, op)

            def step(*values: Value) -> Sequence[Value]:
                results: Sequence[Value] = ()
                try:
                    results = run(*values)
                finally:  # a diagnosis, say of a scale that is NaN, is an answer too
                    self.met[op.name].add(values, results)
                return results

            return step

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Interpreter, "step", recorded)
            return (yield)

    def pytest_sessionfinish(self) -> None:
        """Write what was met."""
        found = {
            name: {**vars(met), "shapes": len(met.shapes), "dtypes": sorted(met.dtypes)}
            for name, met in sorted(self.met.items())
        }
        self.target.write_text(json.dumps(found), encoding="utf-8")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Where to write."""
    parser.addoption("--record-ttir", type=Path, required=True, help="the JSON file to write")


def pytest_configure(config: pytest.Config) -> None:
    """Record, with few examples a test."""
    config.pluginmanager.register(Recorder(config.getoption("--record-ttir")))


def pytest_collection() -> None:
    """Conftest has chosen its profile by now."""
    settings.register_profile("recorded", settings(), max_examples=EXAMPLES)
    settings.load_profile("recorded")
