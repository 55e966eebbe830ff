"""What the tests of dialects share."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from xdsl.context import Context
from xdsl.dialects.builtin import Builtin
from xdsl.dialects.test import Test
from xdsl.parser import Parser

from tilewright.dialects.ttcore import TTCORE
from tilewright.dialects.ttir import TTIR

VerifyOp = Callable[[str, str, str], None]


@pytest.fixture
def verify_op() -> VerifyOp:
    """Parses and verifies one op, e.g. `add`, with operands of the types given, separated by semicolons."""

    def verify(op: str, operands: str, result: str) -> None:
        context = Context()
        for dialect in (Builtin, Test, TTCORE, TTIR):
            context.load_dialect(dialect)
        types = [t.strip() for t in operands.split(";") if t.strip()]
        name, _, properties = op.partition(" ")
        names = [f"%{i}" for i in range(len(types))]
        sources = "".join(f'{n} = "test.op"() : () -> {t}\n' for n, t in zip(names, types, strict=True))
        text = f'{sources}%r = "ttir.{name}"({", ".join(names)}) {properties} : ({", ".join(types)}) -> {result}'
        Parser(context, text).parse_module().verify()

    return verify
