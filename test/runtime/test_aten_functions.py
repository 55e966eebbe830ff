"""`aten.call` is torch itself: arguments of every kind reach the overload, and nothing but known names is called."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import pytest
import torch
from xdsl.dialects import test as xdsl_test
from xdsl.dialects.builtin import (
    ArrayAttr,
    DenseArrayBase,
    FloatAttr,
    IntAttr,
    IntegerAttr,
    IntegerType,
    ModuleOp,
    StringAttr,
    SymbolRefAttr,
    TensorType,
    UnitAttr,
    f32,
    f64,
    i64,
)
from xdsl.dialects.func import FuncOp, ReturnOp
from xdsl.ir import Attribute, Block, Region

from tilewright.dialects import aten
from tilewright.runtime.functions.aten import AtenFunctions, constant
from tilewright.runtime.functions.builtin import CallFunctions
from tilewright.runtime.interpreter import Interpreter, Value
from tilewright.support.aten_overloads import functional_overloads
from tilewright.support.errors import TilewrightError, UnsupportedInputError

TENSOR = TensorType(f32, (2,))


def operand(index: int) -> aten.OperandAttr:
    """Stands for an operand."""
    return aten.OperandAttr(IntAttr(index))


def call(
    callee: str,
    args: Sequence[Attribute],
    kwargs: dict[str, Attribute] | None = None,
    *,
    inputs: int = 0,
    results: int = 1,
) -> aten.CallOp:
    """A verified call."""
    values = xdsl_test.TestOp(result_types=[TENSOR] * inputs).results
    op = aten.CallOp(callee, values, args, kwargs, [TENSOR] * results)
    op.verify()
    return op


def run(op: aten.CallOp, *inputs: Value, overloads: dict[str, Callable[..., object]] | None = None) -> Sequence[Value]:
    """Its results."""
    return Interpreter(ModuleOp([]), [AtenFunctions(overloads)]).step(op)(*inputs)


def i(number: int) -> Attribute:
    return IntegerAttr(number, i64)


def strings(kind: type[aten.DtypeAttr] | type[aten.DeviceAttr], name: str) -> Attribute:
    return kind(StringAttr(name))


CONSTANTS: dict[str, tuple[Attribute, object]] = {
    "none": (aten.NoneAttr(), None),
    "true": (IntegerAttr.from_bool(True), True),
    "false": (IntegerAttr.from_bool(False), False),
    "integer": (i(-(2**63)), -(2**63)),
    "wide integer": (IntegerAttr(2**64 - 1, IntegerType(128)), 2**64 - 1),
    "float": (FloatAttr(1 / 3, f64), 1 / 3),
    "infinity": (FloatAttr(math.inf, f64), math.inf),
    "string": (StringAttr("mean"), "mean"),
    "integers": (DenseArrayBase.from_list(i64, [1, -2]), [1, -2]),
    "dtype": (aten.DtypeAttr(StringAttr("bfloat16")), torch.bfloat16),
    "rare dtype": (aten.DtypeAttr(StringAttr("float8_e4m3fn")), torch.float8_e4m3fn),
    "device": (aten.DeviceAttr(StringAttr("cpu")), torch.device("cpu")),
    "layout": (aten.LayoutAttr(StringAttr("strided")), torch.strided),
    "memory format": (aten.MemoryFormatAttr(StringAttr("channels_last")), torch.channels_last),
    "complex": (aten.ComplexAttr(StringAttr("1.5"), StringAttr("-inf")), complex(1.5, -math.inf)),
}


@pytest.mark.parametrize(("attribute", "expected"), CONSTANTS.values(), ids=CONSTANTS)
def test_constant_argument(attribute: Attribute, expected: object) -> None:
    found = constant(attribute)
    assert found == expected
    assert type(found) is type(expected)


@pytest.mark.parametrize(
    ("attribute", "message"),
    [
        (aten.DtypeAttr(StringAttr("float33")), "torch has no element type 'float33'"),
        (aten.DeviceAttr(StringAttr("tpu:x")), "torch has no device 'tpu:x'"),
        (aten.LayoutAttr(StringAttr("stridden")), "torch has no layout 'stridden'\n  hint: did you mean 'strided'?"),
        (aten.MemoryFormatAttr(StringAttr("channels")), "torch has no memory format 'channels'"),
        (UnitAttr(), "unit is no argument of an operator"),
    ],
)
def test_constant_that_torch_does_not_have(attribute: Attribute, message: str) -> None:
    with pytest.raises(UnsupportedInputError) as raised:
        constant(attribute)
    assert message in raised.value.render()


def test_arguments_reach_the_overload_as_in_the_graph() -> None:
    seen: list[tuple[tuple[object, ...], dict[str, object]]] = []

    def spy(*args: object, **kwargs: object) -> tuple[object, ...]:
        seen.append((args, kwargs))
        return ()

    nested = ArrayAttr([operand(0), aten.NoneAttr(), ArrayAttr([operand(1), i(3)])])
    op = call(
        "mine.spy", [nested, i(1)], {"like": operand(2), "flag": IntegerAttr.from_bool(True)}, inputs=3, results=0
    )
    assert list(run(op, "a", "b", "c", overloads={"mine.spy": spy})) == []
    assert seen == [((["a", None, ["b", 3]], 1), {"like": "c", "flag": True})]


def test_overloads_of_the_table() -> None:
    x, y = torch.tensor([1.0, -2.0]), torch.tensor([0.5, 4.0])
    (added,) = run(call("aten.add.Tensor", [operand(0), operand(1)], {"alpha": i(2)}, inputs=2), x, y)
    assert isinstance(added, torch.Tensor)
    assert added.tolist() == [2.0, 6.0]
    values, indices = run(call("aten.max.dim", [operand(0), i(0)], inputs=1, results=2), x)
    assert isinstance(values, torch.Tensor)
    assert isinstance(indices, torch.Tensor)
    assert (values.item(), indices.item()) == (1.0, 0)
    parts = run(call("aten.split.Tensor", [operand(0), i(1)], inputs=1, results=2), x)
    assert [p.tolist() for p in parts if isinstance(p, torch.Tensor)] == [[1.0], [-2.0]]
    dtype = strings(aten.DtypeAttr, "int32")
    (full,) = run(call("aten.full.default", [ArrayAttr([i(2)]), i(7)], {"dtype": dtype}))
    assert isinstance(full, torch.Tensor)
    assert full.dtype is torch.int32
    assert full.tolist() == [7, 7]


@pytest.mark.parametrize(
    ("name", "numbers", "expected"),
    [
        ("operator.add", (7, 2), 9),
        ("operator.floordiv", (7, 2), 3),
        ("operator.truediv", (7, 2), 3.5),
        ("operator.mod", (7, 2), 1),
        ("operator.ge", (7, 2), True),
        ("operator.neg", (7,), -7),
    ],
)
def test_operators_on_symbolic_sizes(name: str, numbers: tuple[int, ...], expected: object) -> None:
    op = call(name, [operand(n) for n in range(len(numbers))], inputs=len(numbers))
    assert list(run(op, *numbers)) == [expected]


def test_results_that_are_none_are_left_out() -> None:
    op = call("mine.pair", [], results=2)
    assert list(run(op, overloads={"mine.pair": lambda: (1, None, [2])})) == [1, 2]


def test_function_of_the_module_as_an_argument() -> None:
    body = Block(arg_types=[i64])
    inner = aten.CallOp("operator.add", [body.args[0]], [operand(0), i(1)], None, [i64])
    body.add_ops([inner, ReturnOp(*inner.results)])
    function = FuncOp("plus_one", ([i64], [i64]), Region(body))
    op = call("mine.apply", [SymbolRefAttr("plus_one"), i(4)])
    interpreter = Interpreter(ModuleOp([function]), [CallFunctions(), AtenFunctions({"mine.apply": lambda f, x: f(x)})])
    assert list(interpreter.step(op)()) == [5]


@pytest.mark.parametrize(
    "name",
    [
        "aten.add_.Tensor",
        "aten.rand.default",
        "os.system",
        "aten.no_such.default",
        "aten.add",
        "",
        "a.b.c.d",
        "operator.x",
    ],
)
def test_name_that_is_not_in_the_table_is_not_called(name: str) -> None:
    with pytest.raises(UnsupportedInputError) as raised:
        run(call(name, []))
    assert raised.value.what == f"'{name}' is not an operator that may be called from a file"
    assert raised.value.where == "aten.call"


def test_table_holds_names_of_torch() -> None:
    functions = AtenFunctions()
    for name in sorted(functional_overloads())[::50]:
        resolved = functions.resolve(call(name, []))
        assert str(resolved) == name


@pytest.mark.parametrize(
    ("name", "inputs", "why"),
    [
        ("aten.mm.default", (torch.ones(2, 3), torch.ones(2, 3)), "RuntimeError"),
        ("aten.embedding.default", (torch.ones(2, 3), torch.tensor([5])), "IndexError"),
        ("aten.neg.default", (), "RuntimeError"),
    ],
    ids=["shapes", "index", "arguments"],
)
def test_call_that_torch_refuses(name: str, inputs: Sequence[Value], why: str) -> None:
    op = call(name, [operand(n) for n in range(len(inputs))], inputs=len(inputs))
    with pytest.raises(UnsupportedInputError) as raised:
        run(op, *inputs)
    assert raised.value.what == f"torch refuses a call of '{name}'"
    assert (raised.value.why or "").startswith(why)


def test_other_number_of_results() -> None:
    with pytest.raises(TilewrightError, match=r"'aten.neg.default' gives 1 values, its call has 2 results"):
        run(call("aten.neg.default", [operand(0)], inputs=1, results=2), torch.ones(2))
