"""What the tests of dialects share."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from xdsl.context import Context
from xdsl.dialects.builtin import Builtin
from xdsl.dialects.test import Test
from xdsl.ir import Operation
from xdsl.parser import Parser

from tilewright.dialects.quant import QUANT
from tilewright.dialects.ttcore import TTCORE
from tilewright.dialects.ttir import TTIR
from tilewright.dialects.ttnn import TTNN

VerifyOp = Callable[[str, str, str], None]
ParseOp = Callable[[str, str, str, str, str], Operation]


@pytest.fixture
def verify_op() -> VerifyOp:
    """Parses and verifies one op, e.g. `add`, with operands of the types given, separated by semicolons.

    Several results stand in parentheses, and `()` for none.
    """

    def verify(op: str, operands: str, result: str) -> None:
        context = Context()
        for dialect in (Builtin, Test, QUANT, TTCORE, TTIR, TTNN):
            context.load_dialect(dialect)
        types = [t.strip() for t in operands.split(";") if t.strip()]
        name, _, properties = op.partition(" ")
        names = [f"%{i}" for i in range(len(types))]
        sources = "".join(f'{n} = "test.op"() : () -> {t}\n' for n, t in zip(names, types, strict=True))
        bound = f"%r:{result.count('tensor<')} =" if result.startswith("(") else "%r ="
        bound = "" if result == "()" else bound
        text = f'{sources}{bound} "ttir.{name}"({", ".join(names)}) {properties} : ({", ".join(types)}) -> {result}'
        Parser(context, text).parse_module().verify()

    return verify


def _tensor(shape: str) -> str:
    """`2x3xi32` as a tensor type, and `2x3` as one of f32."""
    return f"tensor<{shape}>" if re.search(r"[a-z]\d+$", shape.replace("x", " ")) else f"tensor<{shape}xf32>"


@pytest.fixture
def parse_op() -> ParseOp:
    """Parses an op with the properties of `defaults` but for `changes`; operands and results are shapes in a row."""

    def parse(op: str, defaults: str, changes: str, operands: str, results: str) -> Operation:
        context = Context()
        for dialect in (Builtin, Test, QUANT, TTCORE, TTIR, TTNN):
            context.load_dialect(dialect)
        kept = [p for p in re.split(r", (?=\w+ = )", defaults) if not re.search(rf"\b{p.split(' ')[0]} = ", changes)]
        properties = ", ".join(p for p in (*kept, changes) if p)
        inputs, outputs = ([_tensor(shape) for shape in shapes.split()] for shapes in (operands, results))
        names = [f"%{i}" for i in range(len(inputs))]
        sources = "".join(f'{n} = "test.op"() : () -> {t}\n' for n, t in zip(names, inputs, strict=True))
        text = f'"ttir.{op}"({", ".join(names)}) <{{{properties}}}> : ({", ".join(inputs)}) -> ({", ".join(outputs)})'
        *_, last = Parser(context, sources + text).parse_module().body.block.ops
        return last

    return parse
