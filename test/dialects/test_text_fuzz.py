"""Damaged texts: whatever they hold, reading them succeeds or is one error, soon."""

from __future__ import annotations

import random
import re
import time

import pytest

from tilewright.dialects.text import SourceError, parse_module, print_module
from tilewright.stages import make_context

TEXT = """
module @m attributes {ttcore.meshes = #ttcore.meshes<[<"mesh" = 1x2>]>} {
  func.func @f(%a: tensor<2x2xf32> {ttcore.argument_type = #ttcore.argument_type<input>} loc("a"), %b: !t loc(#l)) -> !t {
    %0 = "ttir.constant"() <{value = dense<[[1.0, 0x7FC00000], [-2.5, 3.0]]> : tensor<2x2xf32>}> : () -> tensor<2x2xf32>
    %1 = "ttir.constant"() <{value = dense_resource<w> : !t}> : () -> !t loc(fused<"m">["a", callsite("x" at "y":1:2 to 3:4)])
    %2 = "ttir.reshape"(%1) <{shape = [2 : i32, 2 : i32]}> : (!t) -> !t
    %3 = "ttir.matmul"(%a, %2) <{transpose_a = false, transpose_b = true}> : (tensor<2x2xf32>, !t) -> !t
    %4 = "ttir.full"() <{fill_value = 0xFF800000 : f32, shape = array<i32: 2, 2>}> : () -> !t
    %5 = ttir.empty() : !t
    %6 = "ttir.softmax"(%0) <{dimension = 1 : si32}> {t.note = affine_map<(d0) -> (d0)>} : (!t) -> !t
    return %6 : !t loc(#l)
  } loc("f")
} loc("m")
!t = tensor<2x2xf32>
#l = loc("x"(#m))
#m = loc("g":7:8)
{-# dialect_resources: { builtin: { w: "0x040000000000803F000000400000803F00000040" } } #-}
"""  # noqa: E501

TOKEN = re.compile(r'"[^"\n]*"|[\w.$]+|[%#!^@][\w.$]+|\S|\s+')
ODD = (
    "999999999999999999999", "-1", "?", "0x7FC00000", "1.0e400", "dense<>", "loc(#l)", "#m", "!t", '"', "{", "}",
    "true", "i4294967296", "@x", "9" * 5000, "{-#", "#-}", "// -----", "\x00", "é", "[" * 2000, "tensor<2x!t>", "^bb0:",
)  # fmt: skip


def damaged_by_byte(random_: random.Random) -> str:
    data = bytearray(TEXT.encode())
    for _ in range(random_.randint(1, 4)):
        at = random_.randrange(len(data))
        match random_.randrange(4):
            case 0:
                data[at] = random_.randrange(256)
            case 1:
                data[at] = ord(random_.choice('{}()[]<>,:="%#!@^-0123456789xX/*?. \n'))
            case 2:
                del data[at : at + random_.randint(1, 8)]
            case _:
                data[at:at] = data[at : at + random_.randint(1, 30)]
    return data.decode("utf-8", "replace")


def damaged_by_token(random_: random.Random) -> str:
    tokens = TOKEN.findall(TEXT)
    for _ in range(random_.randint(1, 3)):
        at, other = random_.randrange(len(tokens)), random_.randrange(len(tokens))
        match random_.randrange(4):
            case 0:
                tokens[at] = tokens[other]
            case 1:
                del tokens[at]
            case 2:
                tokens[at], tokens[other] = tokens[other], tokens[at]
            case _:
                tokens[at] = random_.choice(ODD)
    return "".join(tokens)


def test_text_is_valid() -> None:
    parse_module(TEXT, make_context())


@pytest.mark.parametrize("unregistered", [False, True])
@pytest.mark.parametrize("damage", [damaged_by_byte, damaged_by_token])
def test_damaged_text(damage: object, unregistered: bool) -> None:
    assert callable(damage)
    context = make_context()
    context.allow_unregistered = unregistered
    random_ = random.Random(20)
    read, places = 0, set[tuple[int | None, int]]()
    for _ in range(500):
        text = damage(random_)
        start = time.process_time()
        try:
            module = parse_module(text, context, "f.mlir")
        except SourceError as error:
            places.add((error.line, error.column))
        else:
            again = parse_module(print_module(module, locations=True), context, "f.mlir")
            assert again.is_structurally_equivalent(module)
            read += 1
        assert time.process_time() - start < 5
    assert read > 4
    assert len(places) > 100
    assert None not in {line for line, _ in places}
