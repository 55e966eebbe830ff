"""Constructors: what they build verifies, reads back as itself, and keeps its location."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from xdsl.context import Context
from xdsl.dialects import test
from xdsl.dialects.builtin import (
    Builtin,
    DenseIntOrFPElementsAttr,
    FileLineColLoc,
    IntAttr,
    LocationAttr,
    ModuleOp,
    StringAttr,
    TensorType,
    UnknownLoc,
    bf16,
    f32,
    i1,
    i16,
    i32,
    i64,
)
from xdsl.ir import Attribute, Operation, SSAValue
from xdsl.parser import Parser
from xdsl.utils.exceptions import VerifyException

from tilewright.dialects import ttir
from tilewright.dialects.ttcore import TTCORE, ReduceType
from tilewright.dialects.ttir import TTIR, fill_value_of
from tilewright.dialects.types import element_type_of, shape_of, tensor_type

Build = Callable[..., Operation]


def tensor(*shape: int, of: Attribute = f32) -> SSAValue:
    return test.TestOp(result_types=[tensor_type(shape, of)]).results[0]


X = tensor(2, 3, 4)
ROW = tensor(4)
COLUMN = tensor(3, 1)
COLUMNS = tensor(1, 3, 1)
CONDITION = tensor(3, 1, of=i1)
INTEGERS = tensor(2, 3, of=i32)
QUERY = tensor(1, 8, 4, 16)
KEY = tensor(1, 2, 6, 16)
MASK = tensor(1, 1, 4, 6)
SINK = tensor(1, 8, 1, 1)

WITH_ATTRIBUTES = (ttir.ClampScalarOp, ttir.LeakyReluOp, ttir.TypecastOp)
UNARY = [op for op in TTIR.operations if issubclass(op, ttir.UnaryOp) and op not in WITH_ATTRIBUTES]
BINARY = [op for op in TTIR.operations if issubclass(op, ttir.BinaryOp) and not issubclass(op, ttir.ShiftOp)]
SHIFTS = [op for op in TTIR.operations if issubclass(op, ttir.ShiftOp)]
REDUCTIONS = [op for op in TTIR.operations if issubclass(op, ttir.ReductionOp)]


def reduced_element(op: type[Operation]) -> Attribute:
    """The elements of the result of a reduction of f32, unless its type is given."""
    return i32 if op is ttir.ArgMaxOp else f32


CASES: list[tuple[Build, tuple[object, ...], dict[str, object], tuple[int, ...], Attribute]] = [
    *((op, (X,), {}, (2, 3, 4), i1 if issubclass(op, ttir.PredicateOp) else f32) for op in UNARY),
    *((op, (X, COLUMNS), {}, (2, 3, 4), i1 if issubclass(op, ttir.ConditionOp) else f32) for op in BINARY),
    *((op, (INTEGERS, INTEGERS), {}, (2, 3), i32) for op in SHIFTS),
    *((op, (X,), {}, (), reduced_element(op)) for op in REDUCTIONS),
    *((op, (X, [-1, 0]), {}, (3,), reduced_element(op)) for op in REDUCTIONS),
    *((op, (X, [1]), {"keep_dim": True}, (2, 1, 4), reduced_element(op)) for op in REDUCTIONS),
    (ttir.AddOp, (X, X, tensor_type((2, 3, 4), bf16)), {}, (2, 3, 4), bf16),
    (ttir.AddOp, (COLUMN, X), {}, (2, 3, 4), f32),
    (ttir.ClampScalarOp, (X, -1, 1.5), {}, (2, 3, 4), f32),
    (ttir.ClampTensorOp, (ROW, X, COLUMN), {}, (2, 3, 4), f32),
    (ttir.SeluOp, (X, 1.5, 0.5), {}, (2, 3, 4), f32),
    (ttir.RandOp, ([2, 3], bf16, -1.0, 2.0, 2**32 - 1), {}, (2, 3), bf16),
    (ttir.DropoutOp, (X, 0.5, 2.0, 7, False), {}, (2, 3, 4), f32),
    (ttir.LeakyReluOp, (X, 0.01), {}, (2, 3, 4), f32),
    (ttir.TypecastOp, (X, bf16), {"conservative_folding": True}, (2, 3, 4), bf16),
    (ttir.WhereOp, (CONDITION, X, ROW), {}, (2, 3, 4), f32),
    (ttir.MatmulOp, (X, tensor(4, 5)), {}, (2, 3, 5), f32),
    (ttir.MatmulOp, (X, tensor(5, 4)), {"transpose_b": True}, (2, 3, 5), f32),
    (ttir.LinearOp, (X, tensor(5, 4), tensor(5)), {"transpose_b": True}, (2, 3, 5), f32),
    (ttir.LinearOp, (X, tensor(4, 5)), {}, (2, 3, 5), f32),
    (ttir.EmbeddingOp, (tensor(2, 3, of=i64), tensor(10, 4, of=bf16)), {}, (2, 3, 4), bf16),
    (ttir.SoftmaxOp, (X, -1, True), {}, (2, 3, 4), f32),
    (ttir.LayerNormOp, (X, [4], ROW, ROW, 1e-12), {}, (2, 3, 4), f32),
    (ttir.LayerNormOp, (X, [4]), {"bias": ROW}, (2, 3, 4), f32),
    (ttir.RMSNormOp, (X, [3, 4]), {}, (2, 3, 4), f32),
    (ttir.ScaledDotProductAttentionOp, (QUERY, QUERY, QUERY), {}, (1, 8, 4, 16), f32),
    (
        ttir.ScaledDotProductAttentionOp,
        (QUERY, KEY, KEY, MASK, SINK),
        {"is_causal": False, "scale": 0.125, "sliding_window_size": 3},
        (1, 8, 4, 16),
        f32,
    ),
    (ttir.ReshapeOp, (X, [4, -1]), {}, (4, 6), f32),
    (ttir.PermuteOp, (X, [2, 0, 1]), {}, (4, 2, 3), f32),
    (ttir.TransposeOp, (X, -1, 0), {}, (4, 3, 2), f32),
    (ttir.BroadcastOp, (COLUMN, [1, 5]), {}, (3, 5), f32),
    (ttir.ConcatOp, ([X, X, X], -2), {}, (2, 9, 4), f32),
    (ttir.SliceStaticOp, (X, [0, -2, 3], [2, 3, 0], [1, 1, -2]), {}, (2, 2, 2), f32),
    (ttir.IndexOp, (X, 1, -1, 0, -1), {}, (2, 2, 4), f32),
    (ttir.RepeatOp, (X, [1, 2, 3]), {}, (2, 6, 12), f32),
    (ttir.RepeatInterleaveOp, (X, 3, -1), {}, (2, 3, 12), f32),
    (ttir.ReverseOp, (X, [2, 0]), {}, (2, 3, 4), f32),
    (ttir.PadOp, (COLUMN, [1, 0, -1, 2], -1.5), {}, (4, 2), f32),
    (ttir.CumSumOp, (X, -1), {}, (2, 3, 4), f32),
    (ttir.CumProdOp, (X, 0, tensor_type((2, 3, 4), bf16)), {}, (2, 3, 4), bf16),
    (ttir.GatherOp, (X, tensor(1, 3, 9, of=i32), 2), {}, (1, 3, 9), f32),
    (ttir.ScatterOp, (X, tensor(1, 3, 9, of=i32), tensor(1, 3, 9), -1), {}, (2, 3, 4), f32),
    (ttir.ScatterOp, (X, X, X, 0, ReduceType.SUM), {}, (2, 3, 4), f32),
    (ttir.SortOp, (X, i16, 1, True), {"stable": True}, (2, 3, 4), f32),
    (ttir.TopKOp, (X, 2, i32, 1, False), {"sorted": True}, (2, 2, 4), f32),
    (ttir.SqueezeOp, (COLUMN, -1), {}, (3,), f32),
    (ttir.UnsqueezeOp, (X, -1), {}, (2, 3, 4, 1), f32),
    (ttir.FullOp, ([2, 3], 7, bf16), {}, (2, 3), bf16),
    (ttir.FullOp, ([], -0.5, f32), {}, (), f32),
    (ttir.FullOp, ([4], True, i1), {}, (4,), i1),
    (ttir.ZerosOp, ([2, 3], i64), {}, (2, 3), i64),
    (ttir.OnesOp, ((4,), i1), {}, (4,), i1),
    (ttir.ConstantOp, (DenseIntOrFPElementsAttr.from_list(TensorType(i32, [2]), [1, 2]),), {}, (2,), i32),
    (ttir.ArangeOp, ([2, 5], i64), {"start": 3, "step": -2, "dimension": -1}, (2, 5), i64),
    (ttir.EmptyOp, (tensor_type((4,), f32),), {}, (4,), f32),
    (ttir.ToLayoutOp, (X, tensor(2, 3, 4, of=bf16)), {}, (2, 3, 4), bf16),
]

LOCATION = FileLineColLoc(StringAttr("model.py"), IntAttr(7), IntAttr(1))


def reparsed(module: ModuleOp) -> ModuleOp:
    context = Context()
    for dialect in (Builtin, test.Test, TTCORE, TTIR):
        context.load_dialect(dialect)
    return Parser(context, str(module)).parse_module()


@pytest.mark.parametrize(
    ("op_type", "args", "kwargs", "shape", "element_type"),
    CASES,
    ids=[f"{i}-{case[0].__name__}" for i, case in enumerate(CASES)],
)
def test_built_op_verifies_and_reads_back(
    op_type: Build,
    args: tuple[object, ...],
    kwargs: dict[str, object],
    shape: tuple[int, ...],
    element_type: Attribute,
) -> None:
    op = op_type(*args, **kwargs, location=LOCATION)

    op.verify()
    assert shape_of(op.results[0]) == shape
    assert element_type_of(op.results[0]) == element_type
    assert op.location == LOCATION
    sources = [test.TestOp(result_types=[v.type]) for v in op.operands]
    op.operands = [source.results[0] for source in sources]
    module = ModuleOp([*sources, op])
    assert reparsed(module).is_structurally_equivalent(module)


def test_every_op_with_a_constructor_is_built_here() -> None:
    own = {op for op in TTIR.operations if op.__init__.__module__.startswith("tilewright.")}
    tests = "\n".join(path.read_text(encoding="utf-8") for path in Path(__file__).parents[1].rglob("test_*.py"))
    missing = own - {case[0] for case in CASES}
    assert [op.__name__ for op in missing if f"ttir.{op.__name__}(" not in tests] == []


def test_every_op_says_what_it_computes() -> None:
    assert [op.name for op in TTIR.operations if not (op.__doc__ or "").strip()] == []


def test_location_is_unknown_if_not_given() -> None:
    location: LocationAttr = ttir.ExpOp(X).location
    assert location == UnknownLoc()


def test_operand_may_be_an_op() -> None:
    op = ttir.AddOp(ttir.ExpOp(X), ttir.ZerosOp([4], f32))

    op.verify()
    assert isinstance(op.lhs.owner, ttir.ExpOp)


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: ttir.AddOp(tensor(2), tensor(3)), "operand 'rhs' has the shape"),
        (lambda: ttir.MatmulOp(tensor(2, 3), tensor(4, 5)), "inner extent 4"),
        (lambda: ttir.ReshapeOp(X, [5, -1]), "expected the 24 elements"),
        (lambda: ttir.SumOp(X, [3]), "attribute 'dim_arg' is 3"),
        (lambda: ttir.ArangeOp([4], i32, dimension=1), "attribute 'arange_dimension' is 1"),
        (lambda: ttir.FullOp([4], 2**40, i64), "outside|range|fit"),
    ],
)
def test_arguments_that_do_not_fit_are_refused(build: Callable[[], Operation], message: str) -> None:
    with pytest.raises(VerifyException, match=message):
        build()


def test_accessors_count_from_the_front() -> None:
    assert ttir.SumOp(X, [-1, 0]).axes == (0, 2)
    assert ttir.SumOp(X).axes == (0, 1, 2)
    assert ttir.SoftmaxOp(X, -1).axis == 2
    assert ttir.ConcatOp([X, X], -3).axis == 0
    assert ttir.TransposeOp(X, -1, 0).order == (2, 1, 0)
    assert ttir.PermuteOp(X, [2, 0, 1]).order == (2, 0, 1)
    assert ttir.LayerNormOp(X, [3, 4]).axes == (1, 2)
    assert ttir.SliceStaticOp(X, [0, -2, 3], [2, 3, 0], [1, 1, -2]).bounds == ((0, 2, 1), (1, 3, 1), (3, 0, -2))


def test_arange_ends_after_its_last_value() -> None:
    op = ttir.ArangeOp([5], i64, start=3, step=-2)

    assert (op.start.value.data, op.end.value.data, op.step.value.data) == (3, -7, -2)


@pytest.mark.parametrize(
    ("op", "fill"),
    [
        (ttir.FullOp([2], 0.5, bf16), 0.5),
        (ttir.FullOp([2], 3, f32), 3),
        (ttir.ZerosOp([2], f32), 0),
        (ttir.OnesOp([2], i1), 1),
        (ttir.ArangeOp([2], i64), None),
    ],
)
def test_fill_value(op: Operation, fill: float | None) -> None:
    assert fill_value_of(op.results[0]) == fill


def test_negative_zero_keeps_its_sign() -> None:
    first, second = ttir.FullOp([1], 0.0, f32), ttir.FullOp([1], -0.0, f32)

    assert str(second).count("-0.0") == 1
    assert "-0.0" not in str(first)
