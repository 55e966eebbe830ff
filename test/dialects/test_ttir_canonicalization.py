"""Canonicalisation keeps what a function computes: random chains of ops, evaluated with NumPy before and after."""

from __future__ import annotations

from itertools import product

import ml_dtypes
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from xdsl.context import Context
from xdsl.dialects.builtin import (
    Builtin,
    FunctionType,
    IntegerType,
    ModuleOp,
    Signedness,
    bf16,
    f16,
    f32,
    f64,
    i1,
    i8,
    i16,
    i32,
    i64,
)
from xdsl.dialects.func import Func, FuncOp, ReturnOp
from xdsl.ir import Attribute, Block, Operation, Region, SSAValue
from xdsl.transforms.canonicalize import CanonicalizePass

from tilewright.dialects import ttir
from tilewright.dialects.ttir import TTIR
from tilewright.dialects.ttir.canonicalization.typecast import is_exact_cast
from tilewright.dialects.types import element_type_of, shape_of, tensor_type

ui8, ui16 = IntegerType(8, Signedness.UNSIGNED), IntegerType(16, Signedness.UNSIGNED)

DTYPES: dict[Attribute, np.dtype] = {
    i1: np.dtype(np.bool_),
    i8: np.dtype(np.int8),
    ui8: np.dtype(np.uint8),
    i16: np.dtype(np.int16),
    ui16: np.dtype(np.uint16),
    i32: np.dtype(np.int32),
    i64: np.dtype(np.int64),
    f16: np.dtype(np.float16),
    bf16: np.dtype(ml_dtypes.bfloat16),
    f32: np.dtype(np.float32),
    f64: np.dtype(np.float64),
}


def compute(op: Operation, operands: list[np.ndarray]) -> np.ndarray:
    """The result of `op`, on values that no op here rounds."""
    shape = shape_of(op.results[0])
    match op:
        case ttir.ReshapeOp() | ttir.SqueezeOp() | ttir.UnsqueezeOp():
            value = operands[0].reshape(shape)
        case ttir.PermuteOp() | ttir.TransposeOp():
            value = operands[0].transpose(op.order)
        case ttir.BroadcastOp():
            value = np.broadcast_to(operands[0], shape)
        case ttir.SliceStaticOp():
            picked = (list(range(*bounds)) for bounds in op.bounds)
            value = operands[0][np.ix_(*picked)]
        case ttir.IndexOp():
            value = np.take(operands[0], list(range(*op.bounds)), op.dim.value.data)
        case ttir.ReverseOp():
            value = np.flip(operands[0], op.axes)
        case ttir.RepeatOp():
            value = np.tile(operands[0], op.factors)
        case ttir.RepeatInterleaveOp():
            value = np.repeat(operands[0], op.repeats.value.data, op.axis)
        case ttir.PadOp():
            # Far more on every side, of which the right part is kept.
            wide = np.pad(operands[0], 9, constant_values=op.value.value.data)
            value = wide[tuple(slice(9 - low, 9 - low + d) for d, (low, _) in zip(shape, op.edges, strict=True))]
        case ttir.ConcatOp():
            value = np.concatenate(operands, op.axis)
        case ttir.AddOp():
            value = operands[0] + operands[1]
        case ttir.MultiplyOp():
            value = operands[0] * operands[1]
        case ttir.NegOp():
            value = -operands[0]
        case ttir.ReluOp():
            value = np.maximum(operands[0], 0)
        case ttir.GreaterThanOp():
            value = operands[0] > operands[1]
        case ttir.LogicalAndOp():
            value = np.logical_and(*operands)
        case ttir.LogicalOrOp():
            value = np.logical_or(*operands)
        case ttir.LogicalNotOp():
            value = np.logical_not(operands[0])
        case ttir.WhereOp():
            value = np.where(*operands)
        case ttir.TypecastOp():
            value = operands[0]
        case ttir.FullOp():
            value = np.full(shape, op.fill_value.value.data)
        case ttir.ZerosOp():
            value = np.zeros(shape)
        case ttir.OnesOp():
            value = np.ones(shape)
        case ttir.ConstantOp():
            value = np.array(op.value.get_values()).reshape(shape)
        case ttir.ArangeOp():
            values = op.start.value.data + op.step.value.data * np.arange(shape[op.dimension])
            value = np.broadcast_to(np.expand_dims(values, tuple(range(1, len(shape) - op.dimension))), shape)
        case _:
            raise NotImplementedError(op.name)
    assert value.shape == shape
    return value.astype(DTYPES[element_type_of(op.results[0])])


def run(function: FuncOp, arguments: list[np.ndarray]) -> list[np.ndarray]:
    values: dict[SSAValue, np.ndarray] = dict(zip(function.args, arguments, strict=True))
    for op in function.body.block.ops:
        operands = [values[v] for v in op.operands]
        if isinstance(op, ReturnOp):
            return operands
        values[op.results[0]] = compute(op, operands)
    raise AssertionError("no return")


def canonicalized(function: FuncOp) -> FuncOp:
    context = Context()
    for dialect in (Builtin, Func, TTIR):
        context.load_dialect(dialect)
    module = ModuleOp([function.clone()])
    CanonicalizePass().apply(context, module)
    module.verify()
    result = module.body.block.first_op
    assert isinstance(result, FuncOp)
    return result


@st.composite
def next_ops(draw: st.DrawFn, known: list[SSAValue]) -> Operation:
    """An op on some of the values in `known`, or one without operands."""
    x = draw(st.sampled_from(known))
    shape, element = shape_of(x), element_type_of(x)
    rank = len(shape)
    same_type = [v for v in known if v.type == x.type]
    other = draw(st.sampled_from(same_type))
    axes = st.integers(0, rank - 1)
    small = draw(st.sampled_from((shape, (1,), shape[-1:])))
    kinds = ["unsqueeze", "permute", "transpose", "reshape", "slice", "concat", "cast", "condition", "logical", "not"]
    kinds += ["index", "reverse", "repeat", "interleave", "pad"]
    kinds += ["constant", "arange", "identity", "binary", "unary", "where", "broadcast"]
    match draw(st.sampled_from(kinds)):
        case "unsqueeze" if rank < 4:
            return ttir.UnsqueezeOp(x, draw(st.integers(0, rank)))
        case "permute":
            return ttir.PermuteOp(x, draw(st.permutations(range(rank))))
        case "transpose" if rank >= 2:
            return ttir.TransposeOp(x, draw(axes), draw(axes))
        case "reshape":
            first = draw(st.sampled_from([d for d in (1, 2, 3, 4, 6) if int(np.prod(shape)) % d == 0]))
            return ttir.ReshapeOp(x, [first, -1])
        case "slice":
            begins = [draw(st.integers(0, d - 1)) if draw(st.booleans()) else 0 for d in shape]
            return ttir.SliceStaticOp(x, begins, shape, [draw(st.sampled_from((1, 1, 2))) for _ in shape])
        case "concat" if max(shape) < 6:
            return ttir.ConcatOp([x, *([other] if draw(st.booleans()) else [])], draw(axes))
        case "index":
            axis = draw(axes)
            if shape[axis] == 0:
                return ttir.ReverseOp(x, [axis])
            begin = draw(st.integers(0, shape[axis] - 1))
            if draw(st.booleans()):
                return ttir.IndexOp(x, axis, begin, draw(st.integers(begin, shape[axis])), draw(st.integers(1, 2)))
            return ttir.IndexOp(x, axis, begin, draw(st.integers(0, begin)), -draw(st.integers(1, 2)))
        case "reverse":
            return ttir.ReverseOp(x, draw(st.lists(axes, unique=True)))
        case "repeat" if max(shape) < 6:
            return ttir.RepeatOp(x, [draw(st.sampled_from((1, 1, 2))) for _ in shape])
        case "interleave" if max(shape) < 6:
            return ttir.RepeatInterleaveOp(x, draw(st.integers(1, 2)), draw(axes))
        case "pad" if max(shape) < 6 and element != i1:
            lows = [draw(st.integers(-d, 2)) for d in shape]
            highs = [draw(st.integers(-(d + low), 1)) for d, low in zip(shape, lows, strict=True)]
            padding = [n for edge in zip(lows, highs, strict=True) for n in edge]
            return ttir.PadOp(x, padding, draw(st.sampled_from((0.0, 0.0, 1.0))))
        case "broadcast":
            return ttir.BroadcastOp(x, [draw(st.integers(1, 3)) if d == 1 else 1 for d in shape])
        case "cast":
            return ttir.TypecastOp(x, draw(st.sampled_from((i1, i64, f32, f64))))
        case "condition":
            return ttir.GreaterThanOp(x, other)
        case "logical":
            op = draw(st.sampled_from((ttir.LogicalAndOp, ttir.LogicalOrOp)))
            return op(x, other, x.type)
        case "not":
            return ttir.LogicalNotOp(x, x.type)
        case "constant":
            fill = draw(st.sampled_from((0, 1, 2)))
            return ttir.FullOp(small, fill, element)
        case "arange":
            return ttir.ArangeOp(shape, element, 0, 1, draw(axes)) if element != i1 else ttir.OnesOp(small, element)
        case "identity" if element != i1:
            op = draw(st.sampled_from((ttir.AddOp, ttir.MultiplyOp)))
            operands = [x, draw(st.sampled_from((ttir.ZerosOp, ttir.OnesOp)))(small, element)]
            return op(*(operands if draw(st.booleans()) else operands[::-1]))
        case "binary" if element != i1:
            return ttir.AddOp(x, other)
        case "unary" if element != i1:
            return draw(st.sampled_from((ttir.NegOp, ttir.ReluOp)))(x)
        case "where":
            return ttir.WhereOp(draw(st.sampled_from(same_type)), x, other)
        case _:
            return ttir.ReshapeOp(x, shape)


@st.composite
def functions(draw: st.DrawFn) -> FuncOp:
    shape = tuple(draw(st.lists(st.sampled_from((1, 1, 2, 3)), min_size=1, max_size=3)))
    block = Block(arg_types=[tensor_type(shape, f64), tensor_type(shape, f64), tensor_type(shape, i1)])
    known: list[SSAValue] = list(block.args)
    for _ in range(draw(st.integers(1, 8))):
        op = draw(next_ops(known))
        # A constant operand is not in the block yet.
        block.add_ops(v.owner for v in op.operands if isinstance(v.owner, Operation) and v.owner.parent is None)
        block.add_op(op)
        known.append(op.results[0])
    results = known[3:]
    block.add_op(ReturnOp(*results))
    return FuncOp("f", FunctionType.from_lists(block.arg_types, [v.type for v in results]), Region(block))


@settings(max_examples=200)
@given(functions(), st.integers(0, 2**32 - 1))
def test_canonicalization_keeps_values(function: FuncOp, seed: int) -> None:
    function.verify()
    rng = np.random.default_rng(seed)
    x, y, c = (shape_of(a) for a in function.args)
    arguments = [
        rng.integers(-2, 3, x).astype(np.float64),
        rng.integers(-2, 3, y).astype(np.float64),
        rng.random(c) < 0.5,
    ]

    after = canonicalized(function)

    for expected, found in zip(run(function, arguments), run(after, arguments), strict=True):
        assert found.dtype == expected.dtype
        np.testing.assert_array_equal(found, expected)
    assert str(canonicalized(after)) == str(after)


SMALL_TYPES = (i1, i8, ui8, i16, ui16, f16, bf16)


def every_value(element_type: Attribute) -> np.ndarray:
    """All finite numbers of a type of at most 16 bits."""
    dtype = DTYPES[element_type]
    if dtype == np.bool_:
        return np.array([False, True])
    bits = np.arange(2 ** (8 * dtype.itemsize), dtype=np.dtype(f"u{dtype.itemsize}"))
    values = bits.view(dtype)
    with np.errstate(all="ignore"):
        return values[np.isfinite(values.astype(np.float64))]


@pytest.mark.parametrize(("source", "target"), list(product(SMALL_TYPES, (*SMALL_TYPES, i32, f32))), ids=str)
def test_cast_is_exact_if_it_keeps_every_number(source: Attribute, target: Attribute) -> None:
    numbers = every_value(source).astype(np.float64)
    with np.errstate(all="ignore"):
        kept = numbers.astype(DTYPES[target]).astype(np.float64) == numbers

    assert is_exact_cast(source, target) == bool(kept.all())


@pytest.mark.parametrize(
    ("source", "target", "exact"),
    [(i32, f32, False), (i32, f64, True), (i64, f64, False), (f32, f64, True), (f64, f32, False), (i32, i64, True)],
    ids=str,
)
def test_exactness_of_wide_types(source: Attribute, target: Attribute, exact: bool) -> None:
    assert is_exact_cast(source, target) is exact
