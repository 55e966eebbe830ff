"""Every kind of call, argument and result that a graph may have, each compared with eager PyTorch."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
import torch
from torch.export import Dim
from torch.utils import _pytree as pytree
from xdsl.dialects.builtin import ComplexType, Float64Type, IntegerType, TensorType

from tilewright.dialects.aten import ElementType
from tilewright.frontend.importer import import_exported
from tilewright.frontend.program import ImportedProgram

CheckImport = Callable[..., ImportedProgram]


@torch.library.custom_op("tilewright_test::scale", mutates_args=())
def scale(x: torch.Tensor, factor: float) -> torch.Tensor:
    return x * factor


@scale.register_fake
def _(x: torch.Tensor, factor: float) -> torch.Tensor:
    return torch.empty_like(x)


@torch.library.custom_op("tilewright_test::add_one_to_all", mutates_args=())
def add_one_to_all(xs: list[torch.Tensor]) -> list[torch.Tensor]:
    return [x + 1 for x in xs]


@add_one_to_all.register_fake
def _(xs: list[torch.Tensor]) -> list[torch.Tensor]:
    return [torch.empty_like(x) for x in xs]


@dataclass
class Pair:
    first: torch.Tensor
    second: list[Any]


pytree.register_dataclass(Pair, serialized_type_name="tilewright_test.Pair")

X = torch.tensor([[0.5, -1.0, 2.0], [3.0, 0.25, -4.0]])
INTEGERS = torch.tensor([3, 1, 2, 3])

FEATURES: dict[str, tuple[Callable[..., Any], tuple[Any, ...]]] = {
    "keyword arguments": (lambda x: torch.sum(x, dim=1, keepdim=True, dtype=torch.float64), (X,)),
    "numbers of all types": (lambda x: torch.clamp(x * 2 + 1.5, min=-1, max=2.5).add(x, alpha=3), (X,)),
    "infinity and nan": (lambda x: x.masked_fill(x > 0, float("-inf")) * float("nan") + float("inf"), (X,)),
    "negative zero": (lambda x: torch.copysign(x, torch.full_like(x, -0.0)), (X,)),
    "large integers": (lambda: torch.full((2,), 2**63 - 1) - torch.full((2,), -(2**63)), ()),
    "unsigned 64-bit": (lambda: torch.full((2,), 2**64 - 1, dtype=torch.uint64), ()),
    "complex": (lambda x: torch.view_as_complex(x[:, :2].contiguous()) * (1 + 2j), (X,)),
    "boolean": (lambda x: (x > 0) & ~(x > 1), (X,)),
    "no dimensions": (lambda x: x.sum() * x[0, 0], (X,)),
    "no elements": (lambda x: (x.sum(), x + 1, torch.cat([x, x])), (torch.empty(0, 3),)),
    "element type, device and layout": (
        lambda x: torch.zeros_like(x, dtype=torch.float64, device="cpu", layout=torch.strided),
        (X,),
    ),
    "memory format": (lambda x: x[None, None].contiguous(memory_format=torch.channels_last), (X,)),
    "string": (lambda x: torch.div(x, 0.3, rounding_mode="floor"), (X,)),
    "einsum": (lambda x: torch.einsum("ij,kj->ik", x, x), (X,)),
    "optional tensors in a list": (lambda x: x[:, torch.tensor([0, 2])] + x[None, ..., 1::2].sum(), (X,)),
    "a list of tensors": (lambda x: torch.cat([x, x * 2, x], dim=1), (X,)),
    "an empty list": (lambda x: x.sum(()), (X,)),
    "several results": (lambda x: torch.split(x, 2, dim=1), (X,)),
    "an unused result": (lambda x: x.topk(2)[0], (X,)),
    "named results": (lambda x: x.max(dim=1).values - x.sort(dim=1).values[:, 0], (X,)),
    "all results as one argument": (lambda x: torch.stack(x.unbind(1)[::-1]), (X,)),
    "results of a list function": (lambda x: torch._foreach_add([x, x * 2], 1.0), (X,)),
    "a recurrent network": (
        lambda x: torch.lstm(
            x[None], [torch.zeros(1, 1, 2)] * 2, [torch.ones(8, 3), torch.ones(8, 2)], False, 1, 0.0, False, False, True
        ),
        (X,),
    ),
    "attention": (
        lambda q: torch.nn.functional.scaled_dot_product_attention(q, q, q, is_causal=True, scale=0.3),
        (torch.linspace(-1, 1, 24).view(1, 2, 3, 4),),
    ),
    "an operator of one's own": (lambda x: scale(x, 2.0) - scale(x, 0.5), (X,)),
    "lists of tensors both ways": (lambda x: add_one_to_all([x, x * 2]), (X,)),
    "bfloat16 and float16": (lambda x: (x.to(torch.bfloat16) * 3, x.half() + 1), (X,)),
    "float8": (lambda x: (x.to(torch.float8_e4m3fn), x.to(torch.float8_e5m2).to(torch.float32)), (X,)),
    "all integer types": (
        lambda i: [i.to(t) for t in (torch.int8, torch.int16, torch.int32, torch.uint8, torch.bool)],
        (INTEGERS,),
    ),
    "an input as output": (lambda x: (x, x + 1, x), (X,)),
    "Python values as outputs": (lambda x, n: (x * n, n, None, [3, "three", True], {"pi": 3.25}), (X, 2.5)),
    "nested inputs and outputs": (
        lambda batch: {"a": [batch["x"][0] + batch["y"], (batch["n"],)]},
        ({"x": [X, "unused"], "y": X * 2, "n": None},),
    ),
    "a dataclass": (lambda pair: Pair(pair.first * 2, [pair.second[0], 1]), (Pair(X, [X + 1]),)),
    "a constant tensor": (lambda x: x + torch.tensor([1.0, 2.0, 3.0]), (X,)),
    "sizes that depend on values": (lambda x: ((x > 0).nonzero(), x[x > 0]), (X,)),
    "unique": (lambda i: torch.unique(i, return_inverse=True, return_counts=True), (INTEGERS,)),
    "a number out of a tensor": (lambda x, i: x * i.sum().item() + x.sum().item(), (X, INTEGERS)),
    "a size out of a tensor": (lambda i: torch.zeros(i.tolist()), (torch.tensor([2, 3]),)),
    "no computation": (lambda x: x, (X,)),
    "sparse": (lambda x: torch.sparse.mm(x.to_sparse(), x.t()), (X,)),
}


@pytest.mark.parametrize("name", FEATURES)
def test_feature_computes_what_eager_computes(name: str, check_import: CheckImport) -> None:
    function, args = FEATURES[name]

    check_import(function, args)


def test_dynamic_sizes_are_values(check_import: CheckImport, callees: Callable[[ImportedProgram], list[str]]) -> None:
    def model(x: torch.Tensor, y: torch.Tensor) -> Any:
        n = x.shape[0]
        flat, joined = x.reshape(-1), torch.cat([x, y]) * n
        return flat, joined, n * 2, n // 2, n / 3, -n, max(n, 4), n > 3, x[:, :1], torch.arange(n)

    rows = {0: Dim("rows", min=2, max=64)}
    program = check_import(
        model,
        (torch.ones(5, 3), torch.zeros(5, 3)),
        dynamic_shapes=(rows, rows),
        then=(torch.rand(7, 3), torch.rand(7, 3)),
    )

    assert program.inputs[0].shape == (None, 3)
    assert str(program.entry.body.block.args[0].type) == "tensor<?x3xf32>"
    integer, real, boolean = IntegerType(64), Float64Type(), IntegerType(1)
    assert [type for type in program.entry.function_type.outputs if not isinstance(type, TensorType)] == [
        integer, integer, real, integer, integer, boolean
    ]  # fmt: skip
    assert {"operator.mul", "operator.floordiv", "operator.truediv", "torch.sym_max"} <= set(callees(program))


def test_a_symbolic_number_is_an_input(check_import: CheckImport) -> None:
    program = check_import(lambda x, n: x * n, (X, 4), dynamic_shapes=(None, Dim.DYNAMIC), then=(X, 9))

    number = program.inputs[1]
    assert number.argument == 1
    assert number.dtype is None
    assert program.entry.body.block.args[1].type == IntegerType(64)


def test_element_types_without_a_builtin_type(check_import: CheckImport) -> None:
    program = check_import(lambda x: x.to(torch.float8_e4m3fn), (X,))

    (result,) = program.entry.function_type.outputs
    assert isinstance(result, TensorType)
    assert isinstance(result.element_type, ElementType)
    assert result.element_type.value.data == "float8_e4m3fn"


def test_complex_types_are_builtin(check_import: CheckImport) -> None:
    program = check_import(torch.view_as_complex, (torch.ones(2, 2),))

    (result,) = program.entry.function_type.outputs
    assert isinstance(result, TensorType)
    assert isinstance(result.element_type, ComplexType)


def test_assertions_on_sizes_stay_and_those_on_types_go(
    check_import: CheckImport, callees: Callable[[ImportedProgram], list[str]]
) -> None:
    program = check_import(lambda x: x.to(torch.float64)[x[0] > 0], (torch.ones(3, 3),))

    assert "aten._assert_scalar.default" in callees(program)
    assert "aten._assert_tensor_metadata.default" not in callees(program)


def test_what_only_hands_its_argument_on_is_no_call(
    check_import: CheckImport, callees: Callable[[ImportedProgram], list[str]]
) -> None:
    def model(x: torch.Tensor) -> torch.Tensor:
        return torch.nn.functional.dropout(x.detach(), 0.5, training=False) + torch.tensor(2.0)

    assert callees(check_import(model, (X,))) == ["aten.add.Tensor"]


@pytest.mark.parametrize("dialect", ["strict", "core"])
def test_every_export_dialect(
    dialect: str, run_program: Callable[..., Any], assert_equal_results: Callable[..., None]
) -> None:
    module = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.BatchNorm1d(4), torch.nn.ReLU(inplace=True)).eval()
    exported = torch.export.export(module, (X,), strict=dialect == "strict")
    program = import_exported(exported if dialect == "strict" else exported.run_decompositions())

    result, changes = run_program(program, (X,))

    assert not changes
    assert_equal_results(result, module(X).detach(), tolerance=1e-6)
    assert {"0.weight", "1.running_var"} <= set(program.values)
