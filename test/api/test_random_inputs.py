"""Random inputs follow their documented rule."""

from __future__ import annotations

import pytest
import torch
from xdsl.dialects import test as xdsl_test
from xdsl.dialects.builtin import DYNAMIC_INDEX, FunctionType, bf16, f32, i1, i32, i64
from xdsl.dialects.func import FuncOp, ReturnOp
from xdsl.ir import Attribute, Block, Operation, Region, SSAValue

from tilewright.dialects import ttir
from tilewright.dialects.ttcore import TileType
from tilewright.dialects.ttir.attributes import i32_array, integer_attr
from tilewright.dialects.types import tensor_type
from tilewright.random_inputs import random_inputs
from tilewright.runtime.functions.ttir.tile_values import rounding_to
from tilewright.support.dataformat import DataFormat
from tilewright.support.errors import UnsupportedInputError


def function(*types: Attribute) -> FuncOp:
    """A function that takes these and returns nothing."""
    return FuncOp("main", FunctionType.from_lists(list(types), []), Region(Block(arg_types=types)))


def finished(made: FuncOp, *ops: Operation) -> FuncOp:
    """`made` with this body."""
    made.body.block.add_ops([*ops, ReturnOp()])
    return made


def test_same_seed_gives_the_same_bits_and_another_seed_others() -> None:
    main = finished(function(tensor_type((4, 5), f32), tensor_type((3,), i32)))

    a, b, c = random_inputs(main, 3), random_inputs(main, 3), random_inputs(main, 4)

    assert all(torch.equal(x, y) for x, y in zip(a, b, strict=True))
    assert not torch.equal(a[0], c[0])


def test_an_argument_keeps_its_values_when_others_are_added() -> None:
    one, two = finished(function(tensor_type((4,), f32))), finished(function(*[tensor_type((4,), f32)] * 2))

    assert torch.equal(random_inputs(one, 9)[0], random_inputs(two, 9)[0])
    assert not torch.equal(random_inputs(two, 9)[0], random_inputs(two, 9)[1])


def test_rule_is_the_documented_one() -> None:
    main = finished(function(*(tensor_type((64,), e) for e in (f32, bf16, i1, i32))))

    drawn = random_inputs(main, 5)

    expected = torch.randn(64, generator=torch.Generator().manual_seed(5 << 16))
    assert torch.equal(drawn[0], expected)
    assert [d.dtype for d in drawn] == [torch.float32, torch.bfloat16, torch.bool, torch.int32]
    assert set(drawn[2].tolist()) == {False, True}
    assert set(drawn[3].tolist()) == set(range(10))


def test_indices_are_drawn_from_the_table_they_reach() -> None:
    main = function(tensor_type((2, 50), i32), tensor_type((3, 8), f32))
    ids, table = main.body.block.args
    moved = ttir.ReshapeOp(ids, (100,))
    finished(main, moved, ttir.EmbeddingOp(moved, table))

    assert set(random_inputs(main)[0].flatten().tolist()) == {0, 1, 2}


def test_indices_of_a_float_type_are_whole_numbers() -> None:
    main = function(tensor_type((30,), bf16), tensor_type((4, 8), f32))
    finished(main, ttir.EmbeddingOp(*main.body.block.args))

    assert set(random_inputs(main)[0].tolist()) == {0.0, 1.0, 2.0, 3.0}


def test_gathered_indices_stay_below_the_extent_of_their_axis() -> None:
    main = function(tensor_type((5, 40), f32), tensor_type((5, 40), i32))
    source, index = main.body.block.args
    gather = ttir.GatherOp.build(
        operands=[source, index], result_types=[source.type], properties={"dim": integer_attr(0, i32)}
    )
    finished(main, gather)

    assert int(random_inputs(main)[1].max()) == 4


def test_bounds_of_a_slice_fit_its_result() -> None:
    bounds = tensor_type((2,), i32)
    main = function(tensor_type((6, 7), f32), bounds, bounds)
    steps = {"step": i32_array((1, 3))}
    types = [tensor_type((4, 3), f32)]
    finished(main, ttir.SliceDynamicOp.build(operands=[*main.body.block.args], result_types=types, properties=steps))

    drawn = random_inputs(main)

    assert drawn[1].tolist() == [0, 0]
    assert drawn[2].tolist() == [4, 7]


def test_slice_with_steps_backward_ends_at_0() -> None:
    bounds = tensor_type((2,), i32)
    main = function(tensor_type((6, 7), f32), bounds, bounds)
    op = ttir.SliceDynamicOp.build(
        operands=[*main.body.block.args],
        result_types=[tensor_type((2, 4), f32)],
        properties={"step": i32_array((-3, 2))},
    )
    finished(main, op)

    drawn = random_inputs(main)

    assert drawn[1].tolist() == [4, 0]
    assert drawn[2].tolist() == [0, 7]


def expert_op(cls: type[Operation], mapping: SSAValue, indices: SSAValue) -> Operation:
    """An op that sends tokens to the experts that they chose, by a mapping of experts to devices."""
    tokens = tensor_type((1, 1, 4, 8), f32)
    free = xdsl_test.TestOp(result_types=[tokens])
    operands = [free.results[0], indices, mapping]
    results = [tensor_type((1, 2, 4, 8), f32), tensor_type((1, 2, 4, 3), i32)]
    if cls is ttir.AllToAllDispatchMetadataOp:
        operands.insert(2, free.results[0])
        results.append(tokens)
    numbers = {"num_devices": integer_attr(2, i64), "cluster_axis": integer_attr(0, i64)}
    return cls.build(operands=operands, result_types=results, properties=numbers)


@pytest.mark.parametrize("moved", [False, True])
def test_experts_are_on_one_device_each_and_as_many_on_every_device(moved: bool) -> None:
    main = function(tensor_type((1, 1, 6, 3), i32), tensor_type((1, 1, 4, 3), i32))
    mapping, indices = main.body.block.args
    cast = ttir.TypecastOp(mapping, i64)
    op = expert_op(ttir.AllToAllDispatchOp, cast.results[0] if moved else mapping, indices)
    finished(main, cast, op)

    drawn = random_inputs(main)

    assert drawn[0][0, 0].tolist() == [[1, 0, 0]] * 2 + [[0, 1, 0]] * 2 + [[0, 0, 1]] * 2
    assert set(drawn[1].flatten().tolist()) <= set(range(6))


def test_all_devices_know_where_experts_are() -> None:
    main = function(tensor_type((1, 1, 2, 5), i32), tensor_type((1, 1, 4, 3), i32))
    mapping, indices = main.body.block.args
    finished(main, expert_op(ttir.AllToAllDispatchMetadataOp, mapping, indices))

    drawn = random_inputs(main)

    assert drawn[0][0, 0].tolist() == [[0, 0, 0, 1, 1]] * 2
    assert set(drawn[1].flatten().tolist()) <= set(range(5))


@pytest.mark.parametrize(
    ("kind", "weights"),
    [
        (ttir.MoeGptOp, [(12, 1, 2, 4, 64, 128), (12, 1, 2, 2, 64, 128)]),
        (ttir.MoeComputeOp, [(1, 2, 8, 16), (1, 2, 8, 16), (1, 2, 16, 8)]),
    ],
)
def test_fused_experts_are_as_many_on_every_device_as_there_are_weights(
    kind: type[Operation], weights: list[tuple[int, ...]]
) -> None:
    main = function(tensor_type((2, 6), i32), tensor_type((40, 3), i32))
    mapping, indices = main.body.block.args
    shapes = [(40, 8), (40, 3), *weights]
    x, scores, *packed = xdsl_test.TestOp(result_types=[tensor_type(s, f32) for s in shapes]).results
    groups = [[x], [indices], [scores], [mapping], *([w] for w in packed)]
    # Biases are left out; what comes out is of no interest.
    if kind is ttir.MoeComputeOp:
        op = kind.build(operands=[*groups, [], [], []], result_types=[x.type])
    else:
        op = kind.build(operands=groups, result_types=[x.type] * 5)
    finished(main, op)

    drawn = random_inputs(main)

    assert drawn[0].tolist() == [[0, 0, 1, 1, 2, 2]] * 2
    assert set(drawn[1].flatten().tolist()) == set(range(6))


def test_variances_are_positive() -> None:
    channels = tensor_type((6,), f32)
    main = function(tensor_type((2, 3, 4, 6), f32), *[channels] * 4)
    x, scale, offset, mean, variance = main.body.block.args
    finished(main, ttir.BatchNormInferenceOp(x, scale, offset, mean, variance, epsilon=1e-5, dimension=3))

    drawn = random_inputs(main)

    assert bool(((drawn[4] >= 0.5) & (drawn[4] <= 1)).all())
    assert bool((drawn[3] < 0).any())


def test_weights_are_scaled_by_the_length_of_their_sums() -> None:
    wide = tensor_type((64, 64), f32)
    main = function(wide, wide)
    x, weight = main.body.block.args
    finished(main, ttir.MatmulOp(x, weight))

    drawn = random_inputs(main, 2)

    assert torch.equal(drawn[0], torch.randn(64, 64, generator=torch.Generator().manual_seed(2 << 16)))
    expected = torch.randn(64, 64, generator=torch.Generator().manual_seed((2 << 16) + 1)) / 8
    torch.testing.assert_close(drawn[1], expected)


@pytest.mark.parametrize("seed", [-1, 1 << 47])
def test_seed_out_of_range_is_refused(seed: int) -> None:
    with pytest.raises(UnsupportedInputError, match="the seed is"):
        random_inputs(finished(function()), seed)


def test_unknown_shape_is_refused() -> None:
    with pytest.raises(UnsupportedInputError, match="its shape is not known"):
        random_inputs(finished(function(tensor_type((DYNAMIC_INDEX, 4), f32))))


def test_other_types_are_refused() -> None:
    with pytest.raises(UnsupportedInputError, match="only tensors are drawn"):
        random_inputs(finished(function(i32)))


def test_arguments_in_formats_of_tiles_are_on_their_grid() -> None:
    block_float = TileType.of(DataFormat.Bfp4_b)
    main = finished(function(tensor_type((5, 40), block_float)))

    (found,) = random_inputs(main, 3)

    rounded = rounding_to(block_float)
    assert rounded is not None
    assert found.unique().numel() > 5
    assert torch.equal(found, rounded(found))
