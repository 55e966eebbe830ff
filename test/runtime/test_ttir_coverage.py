"""Every TTIR op that the interpreter executes is named in a differential test of its family."""

from __future__ import annotations

from pathlib import Path

import pytest
from xdsl.ir import Operation

from tilewright.runtime.functions.ttir import TtirFunctions

TESTS = "\n".join(
    path.read_text(encoding="utf-8")
    for path in sorted(Path(__file__).parent.glob("test_ttir_*.py"))
    if path != Path(__file__)
)


@pytest.mark.parametrize("op_type", sorted(TtirFunctions().table(), key=lambda op: op.name), ids=lambda op: op.name)
def test_function_has_a_test(op_type: type[Operation]) -> None:
    assert f"ttir.{op_type.__name__}" in TESTS
