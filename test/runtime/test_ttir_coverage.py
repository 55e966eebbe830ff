"""Every TTIR op that the interpreter executes is named in a differential test of its family."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from xdsl.ir import Operation

from tilewright.dialects.ttir import TTIR
from tilewright.runtime.functions.ttir import TtirFunctions

TESTS = "\n".join(
    path.read_text(encoding="utf-8")
    for path in sorted(Path(__file__).parent.glob("test_ttir_*.py"))
    if path != Path(__file__)
)


@pytest.mark.parametrize("op_type", sorted(TtirFunctions().table(), key=lambda op: op.name), ids=lambda op: op.name)
def test_function_has_a_test(op_type: type[Operation]) -> None:
    assert f"ttir.{op_type.__name__}" in TESTS


def test_families_do_not_hide_each_others_methods() -> None:
    # One method name in two families would give the ops of one to the other.
    names = Counter(
        name for cls in TtirFunctions.__mro__ for name, member in vars(cls).items() if getattr(member, "implements", ())
    )
    assert [name for name, times in names.items() if times > 1] == []


def test_every_op_has_a_function() -> None:
    assert {op.name for op in TTIR.operations} - {op.name for op in TtirFunctions().table()} == set()
