"""The interpreter: when values are freed, what errors say, calls, cached weights, queues."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Sequence

import pytest
import torch
from xdsl.context import Context
from xdsl.dialects import test as xdsl_test
from xdsl.dialects.builtin import Builtin, FileLineColLoc, IntAttr, ModuleOp, StringAttr
from xdsl.dialects.func import Func
from xdsl.ir import Operation
from xdsl.parser import Parser

from tilewright.dialects.aten import ATEN
from tilewright.dialects.tile import TILE
from tilewright.dialects.ttcore import TTCORE
from tilewright.dialects.ttir import TTIR
from tilewright.runtime.functions.aten import AtenFunctions
from tilewright.runtime.functions.builtin import CacheFunctions, CallFunctions
from tilewright.runtime.functions.placed import PlacedFunctions
from tilewright.runtime.functions.tile import TileFunctions
from tilewright.runtime.functions.ttir import TtirFunctions
from tilewright.runtime.interpreter import DialectFunctions, Interpreter, Step, Value, implements
from tilewright.support.errors import (
    InternalError,
    NumericsError,
    ResourceError,
    UnsupportedInputError,
    VerifyError,
)


class TestFunctions(DialectFunctions):
    """`test.op` does what the test says."""

    __test__ = False

    def __init__(self, run: Callable[..., Sequence[Value]]):
        self.run = run

    @implements(xdsl_test.TestOp)
    def test_op(self, op: Operation, interpreter: Interpreter) -> Step:
        return self.run


def parsed(text: str) -> ModuleOp:
    """The verified module of `text`."""
    context = Context()
    for dialect in (Builtin, Func, xdsl_test.Test, ATEN, TTCORE, TTIR, TILE):
        context.load_dialect(dialect)
    module = Parser(context, text).parse_module()
    module.verify()
    return module


def interpreter_of(text: str, test_op: Callable[..., Sequence[Value]] = lambda *values: values) -> Interpreter:
    """An interpreter of `text` with all dialects."""
    functions = [
        CallFunctions(),
        CacheFunctions(),
        AtenFunctions(),
        TtirFunctions(),
        TileFunctions(),
        PlacedFunctions(),
    ]
    return Interpreter(parsed(text), [*functions, TestFunctions(test_op)])


def at_line(op: Operation, line: int) -> None:
    """Give `op` a source line."""
    op.location = FileLineColLoc(StringAttr("model.py"), IntAttr(line), IntAttr(1))


CHAIN = """
func.func @f(%x : tensor<4xf32>) -> tensor<4xf32> {
  %a = "test.op"(%x) : (tensor<4xf32>) -> tensor<4xf32>
  %b = "test.op"(%a) : (tensor<4xf32>) -> tensor<4xf32>
  %dead = "test.op"(%b) : (tensor<4xf32>) -> tensor<4xf32>
  "test.op"() : () -> ()
  %c = "test.op"(%b) : (tensor<4xf32>) -> tensor<4xf32>
  func.return %c : tensor<4xf32>
}
"""


class Liveness:
    """Makes a new tensor for each op, and notes which ones live when the next op runs."""

    def __init__(self) -> None:
        self.made: list[weakref.ref[torch.Tensor]] = []
        self.alive: list[list[int]] = []

    def __call__(self, *values: Value) -> Sequence[Value]:
        self.alive.append([i for i, made in enumerate(self.made) if made() is not None])
        if not values:
            return ()
        assert isinstance(values[0], torch.Tensor)
        result = values[0] + 1
        self.made.append(weakref.ref(result))
        return (result,)


def test_values_are_freed_after_their_last_use() -> None:
    liveness = Liveness()
    (result,) = interpreter_of(CHAIN, liveness).run("f", [torch.zeros(4)])
    # a; b; the dead one; nothing new; c. The result of an op that nobody reads goes at once, b stays for c.
    assert liveness.alive == [[], [0], [1], [1], [1]]
    assert isinstance(result, torch.Tensor)
    assert result.tolist() == [3.0] * 4
    assert [made() is not None for made in liveness.made] == [False, False, False, True]


def test_peak_of_a_deep_chain_is_two_values() -> None:
    ops = "".join(f'%{i + 1} = "test.op"(%{i}) : (tensor<4xf32>) -> tensor<4xf32>\n' for i in range(50))
    text = f"func.func @f(%0 : tensor<4xf32>) -> tensor<4xf32> {{\n{ops} func.return %50 : tensor<4xf32>\n}}"
    liveness = Liveness()
    interpreter_of(text, liveness).run("f", [torch.zeros(4)])
    assert max(map(len, liveness.alive)) == 1  # and the one that is being made


def test_observer_sees_each_op_and_its_results() -> None:
    seen: list[tuple[str, list[float]]] = []

    def observe(op: Operation, results: Sequence[Value]) -> None:
        seen.append((op.results[0].name_hint or "" if op.results else "none", [float(r[0]) for r in results]))  # type: ignore[index]

    interpreter_of(CHAIN, Liveness()).run("f", [torch.zeros(4)], observe)
    assert seen == [("a", [1.0]), ("b", [2.0]), ("dead", [3.0]), ("none", []), ("c", [3.0])]


TWO = """
func.func @forward(%x : tensor<4xf32>) -> tensor<4xf32> {
  %a = "test.op"(%x) : (tensor<4xf32>) -> tensor<4xf32>
  func.return %a : tensor<4xf32>
}
func.func private @declared(tensor<4xf32>)
"""


def fail_with(error: Exception) -> Callable[..., Sequence[Value]]:
    def run(*values: Value) -> Sequence[Value]:
        raise error

    return run


@pytest.mark.parametrize("error", [RuntimeError("r"), IndexError("i"), ValueError("v"), TypeError("t")])
def test_failure_of_torch_is_ours_and_names_the_op(error: Exception) -> None:
    interpreter = interpreter_of(TWO, fail_with(error))
    at_line(next(op for op in interpreter.module.walk() if op.name == "test.op"), 12)
    with pytest.raises(InternalError) as raised:
        interpreter.run("forward", [torch.zeros(4)])
    assert raised.value.what == "test.op failed while it ran"
    assert raised.value.where == "model.py:12: test.op"
    assert raised.value.why == f"{type(error).__name__}: {error}"


def test_wrong_number_of_results_is_ours() -> None:
    with pytest.raises(InternalError, match=r"test\.op failed while it ran"):
        interpreter_of(TWO, lambda x: (x, x)).run("forward", [torch.zeros(4)])


def test_diagnosed_error_gets_the_location_of_its_op() -> None:
    interpreter = interpreter_of(TWO, fail_with(NumericsError("too large", why="5 > 4", hint="smaller")))
    at_line(next(op for op in interpreter.module.walk() if op.name == "test.op"), 7)
    with pytest.raises(NumericsError) as raised:
        interpreter.run("forward", [torch.zeros(4)])
    error = raised.value
    assert (error.what, error.where, error.why, error.hint) == ("too large", "model.py:7: test.op", "5 > 4", "smaller")


def test_location_that_an_error_has_stays() -> None:
    with pytest.raises(NumericsError) as raised:
        interpreter_of(TWO, fail_with(NumericsError("too large", where="elsewhere"))).run("forward", [torch.zeros(4)])
    assert raised.value.where == "elsewhere"


def test_error_while_an_op_is_decoded_gets_its_location() -> None:
    text = 'func.func @f() {\n aten.call "aten.full.default"([], #aten.layout<"stridde">) : () -> ()\n func.return\n}'
    interpreter = interpreter_of(text)
    at_line(next(op for op in interpreter.module.walk() if op.name == "aten.call"), 3)
    with pytest.raises(UnsupportedInputError) as raised:
        interpreter.run("f", [])
    assert raised.value.where == "model.py:3: aten.call"
    assert raised.value.hint == "did you mean 'strided'?"


def test_op_without_meaning() -> None:
    interpreter = Interpreter(parsed(TWO), [CallFunctions()])
    with pytest.raises(UnsupportedInputError) as raised:
        interpreter.run("forward", [torch.zeros(4)])
    assert raised.value.what == "test.op cannot be executed"
    assert raised.value.where == "test.op"


@pytest.mark.parametrize(
    ("name", "count", "message"),
    [
        ("foward", 1, "the module has no symbol @foward\n  hint: did you mean 'forward'?"),
        ("zzz", 0, "the module has no symbol @zzz\n  hint: known names: declared, forward"),
        ("declared", 1, "@declared is only declared, so it cannot be executed"),
        ("forward", 2, "@forward takes 1 arguments, 2 were given"),
    ],
)
def test_function_that_cannot_be_run(name: str, count: int, message: str) -> None:
    with pytest.raises(UnsupportedInputError) as raised:
        interpreter_of(TWO).run(name, [torch.zeros(4)] * count)
    assert message in raised.value.render()


NESTED = """
ttcore.device_module {
  builtin.module {
    func.func @forward(%x : tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>) {
      %a, %b = func.call @hoisted(%x, %x) : (tensor<4xf32>, tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>)
      %c = func.call @one(%a) : (tensor<4xf32>) -> tensor<4xf32>
      func.return %c, %b : tensor<4xf32>, tensor<4xf32>
    }
    func.func private @hoisted(tensor<4xf32>, tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>)
    func.func private @one(%x : tensor<4xf32>) -> tensor<4xf32> {
      %a = "ttir.exp"(%x) : (tensor<4xf32>) -> tensor<4xf32>
      func.return %a : tensor<4xf32>
    }
  }
}
ttcore.cpu_module {
  builtin.module {
    func.func @hoisted(%x : tensor<4xf32>, %y : tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>) {
      %a = aten.call "aten.neg.default"(%x) : (tensor<4xf32>) -> tensor<4xf32>
      %b = aten.call "aten.add.Tensor"(%x, %y) kwargs(alpha = 2 : i64) : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
      func.return %a, %b : tensor<4xf32>, tensor<4xf32>
    }
  }
}
"""


def test_calls_reach_functions_of_other_modules() -> None:
    x = torch.tensor([0.0, 1.0, -2.0, 3.0])
    first, second = interpreter_of(NESTED).run("forward", [x])
    assert isinstance(first, torch.Tensor)
    assert isinstance(second, torch.Tensor)
    assert torch.equal(first, torch.exp(-x))
    assert torch.equal(second, 3 * x)


def test_error_in_a_callee_names_the_op_in_it() -> None:
    interpreter = interpreter_of(NESTED)
    at_line(next(op for op in interpreter.module.walk() if op.name == "aten.call"), 99)
    with pytest.raises(UnsupportedInputError) as raised:
        interpreter.run("forward", ["no tensor"])
    assert raised.value.where == "model.py:99: aten.call"


CACHED = """
func.func @forward(%w : tensor<4xf32>, %b : tensor<4xf32>) -> tensor<4xf32> {
  %a = ttcore.load_cached(@const_eval, [%w, %b]) : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  func.return %a : tensor<4xf32>
}
func.func private @const_eval(%w : tensor<4xf32>, %b : tensor<4xf32>) -> tensor<4xf32> {
  %a = "test.op"(%w, %b) : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  func.return %a : tensor<4xf32>
}
"""


class Counted:
    """Adds its arguments; counts how often."""

    def __init__(self) -> None:
        self.runs = 0

    def __call__(self, w: torch.Tensor, b: torch.Tensor) -> Sequence[Value]:
        self.runs += 1
        return (w + b,)


class CachedModel:
    """Runs CACHED on parameters that stay or change."""

    def __init__(self) -> None:
        self.counted = Counted()
        self.interpreter = interpreter_of(CACHED, self.counted)
        self.w = torch.nn.Parameter(torch.zeros(4))
        self.b = torch.nn.Parameter(torch.ones(4))

    def __call__(self) -> torch.Tensor:
        (result,) = self.interpreter.run("forward", [self.w, self.b])
        assert isinstance(result, torch.Tensor)
        return result


def test_cached_function_runs_once() -> None:
    model = CachedModel()
    first = model()
    assert model() is first
    assert model.counted.runs == 1
    assert not first.requires_grad


def test_cached_function_runs_again_for_another_parameter() -> None:
    model = CachedModel()
    model()
    model.b = torch.nn.Parameter(model.b.detach().clone())
    assert model().tolist() == [1.0] * 4
    assert model.counted.runs == 2
    model()
    assert model.counted.runs == 2


def load_state(model: CachedModel) -> None:
    module = torch.nn.Module()
    module.register_parameter("w", model.w)
    module.load_state_dict({"w": torch.full((4,), 2.0)})


def change_in_place(model: CachedModel) -> None:
    with torch.no_grad():
        model.w[:] = 2.0


def new_data(model: CachedModel) -> None:
    model.w.data = torch.full((4,), 2.0)


@pytest.mark.parametrize("change", [load_state, change_in_place, new_data])
def test_cached_function_runs_again_after_a_change_in_place(change: Callable[[CachedModel], None]) -> None:
    model = CachedModel()
    model()
    change(model)
    assert model().tolist() == [3.0] * 4
    model()
    assert model.counted.runs == 2


def test_result_that_the_caller_changes_is_computed_again() -> None:
    model = CachedModel()
    model().fill_(9.0)
    assert model().tolist() == [1.0] * 4


def test_inference_mode_caches_too() -> None:
    model = CachedModel()
    with torch.inference_mode():
        model()
        model()
        assert model.counted.runs == 1
        model.w.add_(1.0)
        assert model().tolist() == [2.0] * 4


def test_nothing_is_kept_of_tensors_that_count_no_changes() -> None:
    model = CachedModel()
    with torch.inference_mode():
        model.w = torch.zeros(4)  # type: ignore[assignment]
        model()
        model.w.add_(1.0)
        assert model().tolist() == [2.0] * 4


def test_old_results_go_before_new_ones_are_made() -> None:
    model = CachedModel()
    old = weakref.ref(model())
    alive: list[bool] = []
    add = model.counted.__call__

    def watch(w: torch.Tensor, b: torch.Tensor) -> Sequence[Value]:
        alive.append(old() is not None)
        return add(w, b)

    model.interpreter = interpreter_of(CACHED, watch)
    old = weakref.ref(model())
    change_in_place(model)
    model()
    assert alive[1:] == [False]


def queues(kind: str, entries: int, body: str) -> str:
    """A program with the queue @q, whose body is `body`; %x is a tensor of tiles."""
    tiles = "tensor<1x1x!ttcore.tile<32x32, f32>, #tile.layout<[2], pad = 0.0, dram>>"
    precision = "<accumulate = f32, intermediate = f32, fidelity = HiFi4, rounding = packer>"
    return f"""
!t = {tiles}
tile.queue {kind} @q entries = {entries} : i64 grid = [1, 1] dram at [0, 64] : !t
tile.epoch @pass chip = 0 : i64 index = 0 : i64 {{
  %y = tile.pop @q : !t
  tile.push %y to @q : !t
}}
tile.program @p(%i : tensor<2xf32>, %j : tensor<2xf32>) -> (tensor<2xf32>, tensor<2xf32>) {{
  %x = tile.tilize %i, {precision} : tensor<2xf32> -> !t
  %z = tile.tilize %j, {precision} : tensor<2xf32> -> !t
  {body}
  %o = tile.untilize %a : !t -> tensor<2xf32>
  %l = tile.untilize %b : !t -> tensor<2xf32>
  tile.return %o, %l : tensor<2xf32>, tensor<2xf32>
}}
""".replace("PUSH_X", "tile.push %x to @q : !t").replace("PUSH_Z", "tile.push %z to @q : !t")


POP_A, POP_B = "%a = tile.pop @q : !t\n", "%b = tile.pop @q : !t\n"


def run_queues(interpreter: Interpreter) -> list[list[float]]:
    results = interpreter.run("p", [torch.tensor([1.0, 1.5]), torch.tensor([2.0, 2.5])])
    return [r.tolist() for r in results if isinstance(r, torch.Tensor)]


@pytest.mark.parametrize(
    ("kind", "entries", "body", "expected"),
    [
        ("queue", 2, "PUSH_X\nPUSH_Z\n" + POP_A + POP_B, [[1.0, 1.5], [2.0, 2.5]]),
        ("queue", 2, "PUSH_X\nPUSH_Z\ntile.execute @pass\n" + POP_A + POP_B, [[2.0, 2.5], [1.0, 1.5]]),
        ("queue", 1, "PUSH_X\n%a = tile.pop @q keep : !t\n" + POP_B, [[1.0, 1.5], [1.0, 1.5]]),
        ("ram", 1, "PUSH_X\nPUSH_Z\n" + POP_A + "tile.execute @pass\n" + POP_B, [[2.0, 2.5], [2.0, 2.5]]),
    ],
    ids=["first in first out", "epoch", "keep", "ram"],
)
def test_queues_hand_values_over(kind: str, entries: int, body: str, expected: list[list[float]]) -> None:
    interpreter = interpreter_of(queues(kind, entries, body))
    for _ in range(2):
        assert run_queues(interpreter) == expected


@pytest.mark.parametrize(
    ("entries", "body", "what", "where"),
    [
        (1, "PUSH_X\nPUSH_Z\n" + POP_A + POP_B, "queue @q is full", "tile.push"),
        (2, "PUSH_X\n" + POP_A + POP_B, "queue @q is empty", "tile.pop"),
        (1, "tile.execute @pass\n" + POP_A + POP_B, "queue @q is empty", "tile.pop"),
    ],
    ids=["full", "empty", "empty in an epoch"],
)
def test_queue_that_overflows_or_is_empty(entries: int, body: str, what: str, where: str) -> None:
    interpreter = interpreter_of(queues("queue", entries, body))
    for _ in range(2):  # the first failure leaves nothing behind
        with pytest.raises(ResourceError) as raised:
            run_queues(interpreter)
        assert raised.value.what == what
        assert raised.value.where == where


def test_run_after_a_failed_run_starts_with_empty_queues() -> None:
    body = 'PUSH_X\n"test.op"() : () -> ()\n' + POP_A + "PUSH_Z\n" + POP_B
    failing = [True]

    def maybe_fail() -> Sequence[Value]:
        if failing.pop():
            raise NumericsError("once")
        return ()

    interpreter = interpreter_of(queues("queue", 1, body), maybe_fail)
    with pytest.raises(NumericsError, match="once"):
        run_queues(interpreter)
    failing.append(False)
    assert run_queues(interpreter) == [[1.0, 1.5], [2.0, 2.5]]


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("PUSH_X\n" + POP_A + "%b = tile.pop @pass : !t", "@pass is no queue"),
        ("PUSH_X\n" + POP_A + "tile.push %x to @p : !t\n" + POP_B, "@p is no queue"),
        ("tile.execute @q\n" + POP_A + POP_B, "@q is no epoch"),
    ],
)
def test_symbol_of_another_kind(body: str, message: str) -> None:
    with pytest.raises(VerifyError, match=message):
        run_queues(interpreter_of(queues("queue", 2, body)))


def test_queue_that_does_not_exist() -> None:
    with pytest.raises(UnsupportedInputError, match="the module has no symbol @queu"):
        run_queues(interpreter_of(queues("queue", 2, POP_A + "%b = tile.pop @queu : !t")))
