"""Erasing inverse movements keeps what a function computes, never makes movements cost more, and has an end."""

from __future__ import annotations

from math import prod

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from xdsl.context import Context
from xdsl.dialects.builtin import FileLineColLoc, FunctionType, IntAttr, ModuleOp, StringAttr, f32
from xdsl.dialects.func import FuncOp, ReturnOp
from xdsl.ir import Attribute, Block, Operation, Region, SSAValue

from tilewright.dialects import ttir
from tilewright.dialects.types import shape_of, tensor_type
from tilewright.stages import execute
from tilewright.transforms.erase_inverse.chains import Chains, cost_of, uses_of
from tilewright.transforms.erase_inverse.movement import Movement, compose, identity, permute, reshape, track
from tilewright.transforms.ttir_erase_inverse_ops import TtirEraseInverseOps


class Program:
    """A module whose representation is its text."""

    def __init__(self, module: ModuleOp):
        self.module = module

    def __repr__(self) -> str:
        return f"\n{self.module}"


def carried_out(movement: Movement, x: torch.Tensor) -> torch.Tensor:
    """The movement by its definition."""
    inner = x.reshape(movement.atoms).permute(movement.order)
    return inner.reshape(movement.target)


def stepwise(movement: Movement, x: torch.Tensor) -> torch.Tensor:
    """The movement by its ops."""
    for kind, numbers in movement.steps:
        x = x.permute(numbers) if kind == "permute" else x.reshape(numbers)
    return x


@st.composite
def splits(draw: st.DrawFn, elements: int) -> tuple[int, ...]:
    """A shape with that many elements."""
    shape: list[int] = []
    while elements > 1:
        extent = draw(st.sampled_from([d for d in range(2, elements + 1) if elements % d == 0]))
        shape.append(extent)
        elements //= extent
    for _ in range(draw(st.integers(0, 2))):
        shape.insert(draw(st.integers(0, len(shape))), 1)
    return tuple(shape)


@st.composite
def movements(draw: st.DrawFn, source: tuple[int, ...]) -> Movement:
    if draw(st.booleans()):
        return permute(source, draw(st.permutations(range(len(source)))))
    return reshape(source, draw(splits(prod(source))))


@given(st.data())
def test_composed_movements_move_alike(data: st.DataObject) -> None:
    shape = data.draw(splits(data.draw(st.sampled_from((1, 6, 8, 12, 24)))))
    x = torch.arange(prod(shape)).reshape(shape)
    whole, expected = identity(shape), x
    for _ in range(data.draw(st.integers(1, 4))):
        part = data.draw(movements(whole.target))
        expected = carried_out(part, expected)
        composed = compose(whole, part)
        if composed is None:
            return
        whole = composed

    assert torch.equal(carried_out(whole, x), expected)
    assert torch.equal(stepwise(whole, x), expected)
    assert torch.equal(carried_out(whole.inverse(), expected), x)
    assert compose(whole, whole.inverse()) == identity(shape)
    assert whole.is_identity == (x.shape == expected.shape and torch.equal(x, expected))
    assert len(whole.steps) <= 3


def test_shapes_without_common_splits_do_not_compose() -> None:
    first = permute((2, 3), (1, 0))

    assert compose(first, reshape((3, 2), (2, 3))) is not None
    assert compose(compose(first, reshape((3, 2), (2, 3))) or first, permute((2, 3), (1, 0))) is None


@given(st.data())
def test_tracked_dimensions_hold_the_elements_of_their_label(data: st.DataObject) -> None:
    shape = data.draw(splits(data.draw(st.sampled_from((6, 8, 12, 24)))))
    movement = data.draw(movements(shape))
    labels = tuple(data.draw(st.sampled_from("ab")) for _ in movement.target)
    tracked = track(movement, labels)
    if tracked is None:
        return
    # The elements whose index is 0 in all dimensions of label "a" are the same on both sides.
    x = torch.arange(prod(shape)).reshape(shape)
    of_target = carried_out(movement, x)[tuple(0 if label == "a" else slice(None) for label in labels)]
    of_source = x[tuple(0 if label == "a" else slice(None) for label in tracked.source_labels)]

    assert sorted(of_source.flatten().tolist()) == sorted(of_target.flatten().tolist())


@st.composite
def operands_like(draw: st.DrawFn, x: SSAValue, known: list[SSAValue]) -> SSAValue:
    """A value that broadcasts to the shape of `x`."""
    shape = shape_of(x)
    fitting = [
        v for v in known if len(shape_of(v)) <= len(shape)
        and all(a in (1, b) for a, b in zip(shape_of(v), shape[len(shape) - len(shape_of(v)) :], strict=True))
    ]  # fmt: skip
    return draw(st.sampled_from(fitting))


@st.composite
def next_ops(draw: st.DrawFn, known: list[SSAValue], exact: bool) -> Operation:
    """An op on some of the values in `known`; movements often undo one."""
    x = draw(st.sampled_from(known[-4:]))
    shape = shape_of(x)
    rank = len(shape)
    axis = draw(st.integers(0, max(rank - 1, 0)))
    kinds = ["permute", "permute", "reshape", "reshape", "undo", "undo", "undo", "unary", "unary", "binary", "binary"]
    kinds += ["where", "reduce", "slice", "concat", "broadcast", "matmul", "linear", "unsqueeze"]
    kinds += [] if exact else ["softmax", "softmax", "norm", "norm"]
    match draw(st.sampled_from(kinds)):
        case "permute":
            return ttir.PermuteOp(x, draw(st.permutations(range(rank))))
        case "transpose" if rank >= 2:
            return ttir.TransposeOp(x, axis, -1)
        case "unsqueeze" if rank < 5:
            return ttir.UnsqueezeOp(x, axis)
        case "reshape":
            return ttir.ReshapeOp(x, draw(splits(prod(shape))))
        case "undo":
            moved = [v.owner for v in known if isinstance(v.owner, ttir.PermuteOp | ttir.ReshapeOp)]
            fitting = [op for op in moved if shape_of(op.result) == shape]
            if not fitting:
                return ttir.NegOp(x)
            op = draw(st.sampled_from(fitting))
            if isinstance(op, ttir.PermuteOp):
                return ttir.PermuteOp(x, [op.order.index(i) for i in range(rank)])
            return ttir.ReshapeOp(x, shape_of(op.input))
        case "binary":
            operands = [x, draw(operands_like(x, known))]
            if draw(st.booleans()):
                operands.reverse()
            return draw(st.sampled_from((ttir.AddOp, ttir.SubtractOp)))(*operands)
        case "where":
            return ttir.WhereOp(x, draw(operands_like(x, known)), draw(operands_like(x, known)))
        case "reduce":
            axes = draw(st.lists(st.integers(0, rank - 1), unique=True, min_size=1)) if rank else None
            kind = draw(st.sampled_from((ttir.SumOp, ttir.MaxOp)))
            return kind(x, axes, draw(st.booleans()))
        case "slice" if rank:
            begins = [draw(st.integers(0, d - 1)) if i == axis else 0 for i, d in enumerate(shape)]
            return ttir.SliceStaticOp(x, begins, shape, [draw(st.sampled_from((1, 1, 2))) for _ in shape])
        case "concat" if rank:
            return ttir.ConcatOp([x, draw(st.sampled_from([v for v in known if v.type == x.type]))], axis)
        case "broadcast":
            return ttir.BroadcastOp(x, [draw(st.integers(1, 3)) if d == 1 else 1 for d in shape])
        case "matmul" if rank >= 2:
            other = ttir.PermuteOp(x, (*range(rank - 2), rank - 1, rank - 2))
            return ttir.MatmulOp(x, other)
        case "linear" if rank >= 2:
            weight = ttir.FullOp((shape[-1], 2), 1, f32)
            return ttir.LinearOp(x, weight, ttir.FullOp((2,), 2, f32))
        case "softmax" if rank:
            return ttir.SoftmaxOp(x, axis)
        case "norm" if rank:
            return ttir.LayerNormOp(x, shape[rank - draw(st.integers(1, rank)) :], epsilon=1.0)
        case _:
            return draw(st.sampled_from((ttir.NegOp, ttir.ReluOp, ttir.AbsOp)))(x)


def add_with_operands(block: Block, op: Operation) -> None:
    """Add an op and what it reads."""
    for operand in op.operands:
        if isinstance(operand.owner, Operation) and operand.owner.parent is None:
            add_with_operands(block, operand.owner)
    block.add_op(op)


@st.composite
def programs(draw: st.DrawFn, exact: bool) -> Program:
    shape = draw(splits(draw(st.sampled_from((4, 6, 12, 24)))))
    block = Block(arg_types=[tensor_type(shape, f32), tensor_type(shape[-1:], f32)])
    known: list[SSAValue] = list(block.args)
    for _ in range(draw(st.integers(2, 12))):
        op = draw(next_ops(known, exact))
        if prod(shape_of(op.results[0])) > 200:
            continue
        add_with_operands(block, op)
        known.append(op.results[0])
    unused = [v for v in known if not v.uses]
    block.add_op(ReturnOp(*unused))
    function = FuncOp("f", FunctionType.from_lists(block.arg_types, [v.type for v in unused]), Region(block))
    return Program(ModuleOp([function]))


def movement_cost(module: ModuleOp) -> int:
    """What the pass makes smaller."""
    (function,) = module.body.block.ops
    assert isinstance(function, FuncOp)
    chains, block = Chains(), function.body.block
    roots = {chains.root(v)[0] for op in block.ops for v in op.operands}
    return sum(cost_of(path) for r in roots if not chains.is_constant(r) for path in {use.path for use in uses_of(r)})


def erased(module: ModuleOp) -> ModuleOp:
    after = module.clone()
    TtirEraseInverseOps().apply(Context(), after)
    after.verify()
    return after


def run_both(before: ModuleOp, after: ModuleOp, seed: int) -> list[tuple[torch.Tensor, torch.Tensor]]:
    (function,) = before.body.block.ops
    assert isinstance(function, FuncOp)
    generator = torch.Generator().manual_seed(seed)
    inputs = [torch.randint(-3, 4, shape_of(a), generator=generator).float() for a in function.args]
    return list(zip(execute(before, inputs), execute(after, inputs), strict=True))  # type: ignore[arg-type]


@settings(max_examples=250)
@given(programs(exact=True), st.integers(0, 2**31))
def test_values_stay_and_movements_cost_no_more(program: Program, seed: int) -> None:
    module = program.module
    after = erased(module)

    # All numbers are integers that are exact in f32, in whatever order they are added.
    for expected, found in run_both(module, after, seed):
        assert torch.equal(found, expected)
    assert movement_cost(after) <= movement_cost(module)
    assert str(erased(after)) == str(after)


@settings(max_examples=100)
@given(programs(exact=False), st.integers(0, 2**31))
def test_values_stay_where_sums_round(program: Program, seed: int) -> None:
    for expected, found in run_both(program.module, erased(program.module), seed):
        assert torch.allclose(found, expected, rtol=1e-5, atol=1e-4, equal_nan=True)


def test_same_input_gives_the_same_text() -> None:
    texts = {str(erased(resnet_like(8))) for _ in range(2)}

    assert len(texts) == 1


def resnet_like(blocks: int) -> ModuleOp:
    """Blocks of elementwise ops between a permute and its inverse, with residual connections."""
    type: Attribute = tensor_type((2, 3, 4, 5), f32)
    block = Block(arg_types=[type])
    value: SSAValue = block.args[0]
    for _ in range(blocks):
        down = ttir.PermuteOp(value, (0, 2, 3, 1))
        inner = ttir.ReluOp(down)
        up = ttir.PermuteOp(inner, (0, 3, 1, 2))
        total = ttir.AddOp(up, value)
        block.add_ops([down, inner, up, total])
        value = total.result
    block.add_op(ReturnOp(value))
    return ModuleOp([FuncOp("f", FunctionType.from_lists([type], [type]), Region(block))])


@pytest.mark.parametrize("blocks", [1, 200])
def test_pairs_vanish_however_many_there_are(blocks: int) -> None:
    after = erased(resnet_like(blocks))

    assert not any(isinstance(op, ttir.PermuteOp) for op in after.walk())


def test_new_ops_have_locations_of_old_ones() -> None:
    module = resnet_like(1)
    (function,) = module.body.block.ops
    assert isinstance(function, FuncOp)
    for line, op in enumerate(function.body.block.ops, start=1):
        op.location = FileLineColLoc(StringAttr("model.py"), IntAttr(line), IntAttr(1))

    TtirEraseInverseOps().apply(Context(), module)

    lines = {op.name: str(op.location) for op in function.body.block.ops}
    assert lines["ttir.relu"] == 'loc("model.py":2:1)'
    assert lines["ttir.add"] == 'loc("model.py":4:1)'
