"""Decompositions agree with the operator that they stand for, whatever the memory layout of its operands."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.utils import _pytree as pytree
from xdsl.dialects import test
from xdsl.dialects.builtin import IntegerAttr, IntegerType, TensorType
from xdsl.dialects.func import FuncOp

from tilewright.dialects.aten import CallOp
from tilewright.frontend.arguments import decode_argument, operand_attr
from tilewright.frontend.decompose import KEEP, TorchDecomposer
from tilewright.frontend.importer import import_module
from tilewright.frontend.overloads import resolve_overload
from tilewright.frontend.types import dtype_of, tensor_type

RunFunction = Callable[[FuncOp, Sequence[object]], list[object]]

X = torch.tensor([[0.5, -1.0, 2.0], [3.0, 0.25, -4.0]])
Y = torch.tensor([[1.5, 1.0, -2.0], [0.125, 4.0, 0.5]])
IMAGE = torch.linspace(-2, 2, 48).view(1, 3, 4, 4)

# A function that is one operator, its inputs, and an operator that its decomposition calls.
OPERATORS: dict[str, tuple[Callable[..., Any], tuple[torch.Tensor, ...], str]] = {
    "aten.type_as.default": (lambda x, i: x.type_as(i), (X, torch.ones(1, dtype=torch.int32)), "aten.to"),
    "aten.to.dtype": (lambda x: x.to(torch.float64), (X,), "aten._to_copy"),
    "aten.expand_as.default": (lambda x, y: x[0].expand_as(y), (X, Y), "aten.expand"),
    "aten.__and__.Tensor": (lambda x, y: x & y, (X > 0, Y > 0), "aten.bitwise_and"),
    "aten.new_ones.default": (lambda x: x.new_ones(2, 4), (X,), "aten.full"),
    "aten.zeros_like.default": (torch.zeros_like, (X,), "aten.full_like"),
    "aten.flatten.using_ints": (torch.flatten, (X,), "aten.reshape"),
    "aten.t.default": (torch.t, (X,), "aten.transpose"),
    "aten.movedim.intlist": (lambda x: x.movedim((0, 1), (1, 0)), (X,), "aten.permute"),
    "aten.diff.default": (torch.diff, (X,), "aten.sub"),
    "aten.addcmul.default": (lambda x, y: torch.addcmul(x, x, y, value=0.5), (X, Y), "aten.mul"),
    "aten.rsub.Scalar": (lambda x: torch.rsub(x, 1.5, alpha=2), (X,), "aten.sub"),
    "aten.clamp_min.default": (lambda x: x.clamp_min(0.5), (X,), "aten.clamp"),
    "aten.std.dim": (lambda x: x.std(1), (X,), "aten.std"),
    "aten.floor_divide.default": (lambda x, y: x // y, (X, Y), "aten.div"),
    "aten.where.ScalarOther": (lambda x: torch.where(x > 0, x, 2.0), (X,), "aten.where"),
    "aten.mse_loss.default": (F.mse_loss, (X, Y), "aten.mean"),
    "aten.cosine_similarity.default": (F.cosine_similarity, (X, Y), "aten.linalg_vector_norm"),
    "aten.baddbmm.default": (lambda x: torch.baddbmm(x, x, x), (IMAGE[0],), "aten.bmm"),
    "aten.softplus.default": (F.softplus, (X,), "aten.where"),
    "aten.hardswish.default": (F.hardswish, (X,), "aten.clamp"),
    "aten.glu.default": (lambda x: F.glu(x, 1), (IMAGE[0],), "aten.sigmoid"),
    "aten.rms_norm.default": (lambda x: F.rms_norm(x, (3,)), (X,), "aten._fused_rms_norm"),
    "aten.scaled_dot_product_attention.default": (
        lambda q: F.scaled_dot_product_attention(q, q, q),
        (IMAGE,),
        "aten._scaled_dot_product_attention_math",
    ),
    "aten.pixel_shuffle.default": (lambda x: F.pixel_shuffle(x.view(1, 12, 2, 2), 2), (IMAGE,), "aten.permute"),
    "aten.upsample_bilinear2d.vec": (
        lambda x: F.interpolate(x, scale_factor=2, mode="bilinear"),
        (IMAGE,),
        "aten._unsafe_index",
    ),
    "aten.grid_sampler.default": (
        lambda x: F.grid_sample(x, torch.zeros(1, 2, 2, 2), align_corners=False),
        (IMAGE,),
        "aten.grid_sampler_2d",
    ),
    "aten.lstm.input": (
        lambda x: torch.lstm(
            x, [torch.zeros(1, 1, 2)] * 2, [torch.ones(8, 4), torch.ones(8, 2)], False, 1, 0.0, False, False, True
        ),
        (IMAGE[0, :1],),
        "aten.linear",
    ),
    "aten.split.Tensor": (lambda x: torch.split(x, 2, 1), (X,), "aten.split_with_sizes"),
    "aten.layer_norm.default": (lambda x: F.layer_norm(x, (3,)), (X,), "aten.native_layer_norm"),
}


def call_in(name: str, model: Callable[..., Any], args: tuple[torch.Tensor, ...]) -> CallOp:
    """The call of `name` in an imported model."""
    for op in import_module(model, args).entry.body.block.ops:
        if isinstance(op, CallOp) and op.callee.data == name:
            return op
    raise AssertionError(f"the model does not call {name}")


def operands_for(call: CallOp) -> list[torch.Tensor]:
    """Values for the operands of a call, the same at every run."""
    generator = torch.Generator().manual_seed(0)
    values: list[torch.Tensor] = []
    for operand in call.operands:
        assert isinstance(operand.type, TensorType)
        value = torch.rand(operand.type.get_shape(), generator=generator) * 4 - 2
        dtype = dtype_of(operand.type.element_type)
        values.append(value > 0 if dtype is torch.bool else value.to(dtype))
    return values


def in_another_layout(value: torch.Tensor) -> torch.Tensor:
    """The same values in another order in memory."""
    return value.mT.contiguous().mT if value.dim() > 1 else value


def results_of(call: CallOp, operands: Sequence[torch.Tensor]) -> list[Any]:
    """What torch computes for a call."""
    overload = resolve_overload(call.callee.data)
    assert overload is not None
    kwargs = {name: decode_argument(argument, operands) for name, argument in call.keyword_arguments().items()}
    results = overload(*(decode_argument(argument, operands) for argument in call.args.data), **kwargs)
    return [leaf for leaf in pytree.tree_leaves(results) if leaf is not None]


def callees_in(function: FuncOp) -> set[str]:
    """The operators that a function calls, without their overloads."""
    return {op.callee.data.rpartition(".")[0] for op in function.body.block.ops if isinstance(op, CallOp)}


@pytest.mark.parametrize("name", OPERATORS)
def test_decompositions_agree(name: str, run_function: RunFunction) -> None:
    model, args, inner = OPERATORS[name]
    call = call_in(name, model, args)

    function = TorchDecomposer(keep=frozenset()).decompose(call)

    assert function is not None
    function.verify()
    assert list(function.function_type.inputs) == list(call.operand_types)
    assert list(function.function_type.outputs) == list(call.result_types)
    assert inner in callees_in(function)
    operands = operands_for(call)
    expected = results_of(call, operands)
    for values in (operands, [in_another_layout(operand) for operand in operands]):
        for actual, wanted in zip(run_function(function, values), expected, strict=True):
            torch.testing.assert_close(actual, wanted, rtol=1e-5, atol=1e-6, equal_nan=True)


@settings(max_examples=25)
@given(
    shape=st.lists(st.integers(1, 4), min_size=1, max_size=3),
    n=st.integers(0, 2),
    dtype=st.sampled_from([torch.float32, torch.int32, torch.float64]),
)
def test_a_composite_operator_on_many_shapes(shape: list[int], n: int, dtype: torch.dtype) -> None:
    type = tensor_type(dtype, tuple(shape))
    values = [torch.arange(math.prod(shape)).view(shape).to(dtype) ** 2]
    wanted = torch.diff(values[0], n, 0)
    operand = test.TestOp(result_types=[type]).results[0]
    constants = [operand_attr(0), IntegerAttr(n, 64), IntegerAttr(0, 64)]
    call = CallOp("aten.diff.default", [operand], constants, None, [tensor_type(dtype, tuple(wanted.shape))])

    function = TorchDecomposer().decompose(call)

    assert function is not None
    assert list(function.function_type.outputs) == list(call.result_types)
    assert "aten.diff" not in callees_in(function)


def test_decomposing_again_and_again_ends_in_few_operators() -> None:
    decomposer = TorchDecomposer()
    model, args, _ = OPERATORS["aten.lstm.input"]
    todo, reached = [call_in("aten.lstm.input", model, args)], set[str]()
    while todo:
        function = decomposer.decompose(call := todo.pop())
        if function is None:
            reached.add(call.callee.data)
        else:
            todo += [op for op in function.body.block.ops if isinstance(op, CallOp)]

    assert {"aten.linear.default", "aten.sigmoid.default", "aten.tanh.default"} <= reached
    assert len(reached) < 15


def test_kept_operators_stay_whole() -> None:
    linear = call_in("aten.linear.default", torch.nn.Linear(3, 3), (X,))
    add = call_in("aten.rsub.Scalar", lambda x: torch.rsub(x, 1.0), (X,))

    assert "aten.linear" in KEEP
    assert TorchDecomposer().decompose(linear) is None
    assert TorchDecomposer(keep=frozenset()).decompose(linear) is not None
    assert TorchDecomposer().decompose(add) is not None
    assert TorchDecomposer(keep=frozenset({"aten.rsub"})).decompose(add) is None
    assert TorchDecomposer(keep=frozenset({"aten.rsub.Scalar"})).decompose(add) is None


def test_equal_calls_share_one_function() -> None:
    decomposer = TorchDecomposer()
    first = call_in("aten.rsub.Scalar", lambda x: torch.rsub(x, 1.0), (X,))
    again = call_in("aten.rsub.Scalar", lambda x: torch.rsub(x * 2, 1.0), (Y,))
    other_constant = call_in("aten.rsub.Scalar", lambda x: torch.rsub(x, 2.0), (X,))
    other_type = call_in("aten.rsub.Scalar", lambda x: torch.rsub(x, 1.0), (X.double(),))

    function = decomposer.decompose(first)

    assert decomposer.decompose(again) is function
    assert decomposer.decompose(other_constant) is not function
    assert decomposer.decompose(other_type) is not function


@torch.library.custom_op("tilewright_test::opaque", mutates_args=())
def opaque(x: torch.Tensor) -> torch.Tensor:
    return x * 2


@opaque.register_fake
def _(x: torch.Tensor) -> torch.Tensor:
    return torch.empty_like(x)


NONE: dict[str, tuple[Callable[..., Any], tuple[torch.Tensor, ...]]] = {
    "aten.add.Tensor": (torch.add, (X, Y)),
    "aten.sort.default": (torch.sort, (X,)),
    "aten.dropout.default": (lambda x: F.dropout(x, 0.5, training=True), (X,)),
    "tilewright_test.opaque.default": (opaque, (X,)),
    "aten.scaled_dot_product_attention.default": (
        lambda q: F.scaled_dot_product_attention(q, q, q, dropout_p=0.5),
        (IMAGE,),
    ),
    "aten.unfold.default": (lambda x: x.unfold(1, 2, 1), (X,)),
}


@pytest.mark.parametrize("name", NONE)
def test_operators_without_decomposition(name: str) -> None:
    model, args = NONE[name]
    program = import_module(model, args)
    call = call_in(name, model, args)

    assert TorchDecomposer(program.overloads, keep=frozenset()).decompose(call) is None


def test_an_operator_of_the_program_is_decomposed_with_its_callable() -> None:
    library = torch.library.Library("tilewright_test_composite", "DEF")
    library.define("double(Tensor x) -> Tensor")
    library.impl("double", lambda x: x + x, "CompositeImplicitAutograd")
    program = import_module(torch.ops.tilewright_test_composite.double, (X,))
    (call,) = [op for op in program.entry.body.block.ops if isinstance(op, CallOp)]

    assert TorchDecomposer().decompose(call) is None
    function = TorchDecomposer(program.overloads).decompose(call)
    assert function is not None
    assert callees_in(function) == {"aten.add"}


def test_dynamic_operands_are_not_decomposed() -> None:
    dynamic = test.TestOp(result_types=[tensor_type(torch.float32, (None, 3)), IntegerType(64)]).results
    one = IntegerAttr(1, 64)
    tensor = CallOp("aten.rsub.Scalar", [dynamic[0]], [operand_attr(0), one], None, [dynamic[0].type])
    number = CallOp("operator.add", [dynamic[1]], [operand_attr(0), one], None, [IntegerType(64)])

    assert TorchDecomposer().decompose(tensor) is None
    assert TorchDecomposer().decompose(number) is None


def test_names_that_are_in_no_table_are_not_looked_up() -> None:
    operand = test.TestOp(result_types=[tensor_type(torch.float32, (3,))]).results[0]
    for name in ("aten.from_file.default", "aten.no_such_operator.default", "os.system", "aten.add_.Tensor"):
        call = CallOp(name, [operand], [operand_attr(0)], None, [operand.type])
        assert TorchDecomposer(keep=frozenset()).decompose(call) is None
