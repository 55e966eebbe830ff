"""Which arguments functions change in place, through whatever they call."""

from __future__ import annotations

from xdsl.dialects.func import FuncOp

from tilewright.dialects.text import parse_module
from tilewright.dialects.ttir.written import Writes
from tilewright.stages import make_context

CACHE, NEW, AT = "tensor<1x2x8x4xf32>", "tensor<1x2x1x4xf32>", "tensor<1xi32>"
UPDATE = f'"ttir.update_cache"(%cache, %new, %at) <{{batch_offset = 0 : i32}}> : ({CACHE}, {NEW}, {AT}) -> ()'


def function(name: str, body: str) -> str:
    """A function of two caches, what is written, and where."""
    return f"func.func @{name}(%cache: {CACHE}, %new: {NEW}, %at: {AT}, %other: {CACHE}) {{\n  {body}\n  return\n}}\n"


def call(name: str, first: str, second: str) -> str:
    """A call of such a function."""
    return f"call @{name}({first}, %new, %at, {second}) : ({CACHE}, {NEW}, {AT}, {CACHE}) -> ()"


def written(text: str, name: str) -> frozenset[int]:
    """What the function of that name changes."""
    functions = {f.sym_name.data: f for f in parse_module(text, make_context()).walk() if isinstance(f, FuncOp)}
    return Writes(functions.get).arguments(functions[name])


def test_cache_op_changes_its_cache() -> None:
    assert written(function("f", UPDATE), "f") == {0}
    assert written(function("f", ""), "f") == set()


def test_call_changes_what_the_callee_changes() -> None:
    text = function("f", call("g", "%other", "%cache")) + function("g", UPDATE)

    assert written(text, "f") == {3}


def test_functions_that_call_each_other() -> None:
    # f hands its caches to g the other way round, and so does g to f: in the end, both change both.
    f = function("f", call("g", "%other", "%cache"))
    g = function("g", f"{UPDATE}\n  {call('f', '%other', '%cache')}")
    h = function("h", call("f", "%other", "%cache"))

    assert written(f + g, "f") == {3}
    assert written(f + g, "g") == {0}
    assert written(f + g + h, "h") == {0}

    crossed = function("f", f"{UPDATE}\n  {call('f', '%other', '%cache')}")
    assert written(crossed, "f") == {0, 3}


def test_calls_may_be_nested_more_deeply_than_python_calls() -> None:
    count = 400
    chain = (function(f"f{i}", call(f"f{i + 1}", "%other", "%cache")) for i in range(count))

    assert written("".join(chain) + function(f"f{count}", UPDATE), "f0") == {0}
