"""Functions over a mesh of logical devices: what is cut and collected is what one device computes."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
import torch
from xdsl.dialects import test as xdsl_test
from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import Operation

from tilewright.dialects import tile, ttir
from tilewright.dialects.text import parse_module
from tilewright.runtime.functions.builtin import CacheFunctions, CallFunctions
from tilewright.runtime.functions.ttir import TtirFunctions
from tilewright.runtime.interpreter import Interpreter, Step, Value, implements
from tilewright.runtime.mesh import Mesh, MeshValue, declared_mesh
from tilewright.stages import execute, make_context, run_passes
from tilewright.support.errors import UnsupportedInputError
from tilewright.transforms.pipeline import TilewrightPipeline

MESH = 'module attributes {ttcore.meshes = #ttcore.meshes<[<"mesh" = 2x4>]>}'


def shard(value: str, dims: Sequence[int], source: str, target: str, back: bool = False) -> str:
    """A `mesh_shard` of type `devices`."""
    direction = "shard_to_full" if back else "full_to_shard"
    return (
        f'"ttir.mesh_shard"({value}) <{{shard_dims = array<i64: {", ".join(map(str, dims))}>, '
        f"shard_direction = #ttcore.shard_direction<{direction}>, shard_shape = array<i64: 1, 1>, "
        f"shard_type = #ttcore.shard_type<devices>}}> : ({source}) -> {target}"
    )


def interpreter(text: str, mesh: Mesh | None = None) -> Interpreter:
    module = parse_module(text, make_context(), "test.mlir")
    module.verify()
    return Interpreter(module, [CallFunctions(), CacheFunctions(), TtirFunctions()], mesh)


LINEAR = f"""
func.func @main(%x: tensor<4x8xf32>, %w: tensor<8x6xf32>) -> tensor<4x6xf32> {{
  %0 = {shard("%x", (0, 1), "tensor<4x8xf32>", "tensor<2x2xf32>")}
  %1 = {shard("%w", (-1, 0), "tensor<8x6xf32>", "tensor<2x6xf32>")}
  %2 = func.call @partial(%0, %1) : (tensor<2x2xf32>, tensor<2x6xf32>) -> tensor<2x6xf32>
  %3 = {shard("%2", (0, -1), "tensor<2x6xf32>", "tensor<4x6xf32>", back=True)}
  return %3 : tensor<4x6xf32>
}}
func.func private @partial(%x: tensor<2x2xf32>, %w: tensor<2x6xf32>) -> tensor<2x6xf32> {{
  %0 = "ttir.matmul"(%x, %w) : (tensor<2x2xf32>, tensor<2x6xf32>) -> tensor<2x6xf32>
  %1 = "ttir.all_reduce"(%0) <{{cluster_axis = 1 : ui32, reduce_type = #ttcore.reduce_type<sum>}}>
    : (tensor<2x6xf32>) -> tensor<2x6xf32>
  return %1 : tensor<2x6xf32>
}}
"""


def test_a_linear_layer_over_rows_and_columns() -> None:
    """Rows of the input over one axis, its columns over the other; the calls see the values of all devices."""
    x, w = torch.randn(4, 8), torch.randn(8, 6)
    (found,) = interpreter(f"{MESH} {{ {LINEAR} }}").run("main", [x, w])
    torch.testing.assert_close(found, x @ w)


def test_the_mesh_may_come_from_the_caller() -> None:
    with pytest.raises(UnsupportedInputError, match=r"ttir.mesh_shard needs a mesh of devices(.|\n)*or give a mesh"):
        interpreter(LINEAR).function("main")
    x, w = torch.randn(4, 8), torch.randn(8, 6)
    (found,) = interpreter(LINEAR, Mesh((2, 4))).run("main", [x, w])
    torch.testing.assert_close(found, x @ w)


def test_declared_mesh() -> None:
    context = make_context()
    two = 'module attributes {ttcore.meshes = #ttcore.meshes<[<"a" = 1x2>, <"b" = 2x4>]>} {}'
    inner = f"ttcore.device_module {{ builtin.{MESH} {{}} }}"
    assert declared_mesh(parse_module(f"{MESH} {{}}", context, "a")) == Mesh((2, 4))
    assert declared_mesh(parse_module(inner, context, "b")) == Mesh((2, 4))
    assert declared_mesh(parse_module(two, context, "c")) is None
    assert declared_mesh(ModuleOp([])) is None


@pytest.mark.parametrize("mesh", [(2, 4), (3,), (2, 1, 3)])
def test_numbers_of_devices(mesh: tuple[int, ...]) -> None:
    numbers = torch.arange(Mesh(mesh).size).reshape(mesh)
    for axis in range(len(mesh)):
        expected = numbers.movedim(axis, -1).reshape(-1, mesh[axis])
        assert sorted(map(list, Mesh(mesh).groups(axis))) == sorted(expected.tolist())
    for device in range(Mesh(mesh).size):
        assert numbers[Mesh(mesh).coordinates(device)] == device


class CountingTtir(TtirFunctions):
    """TTIR, with `exp` counted."""

    def __init__(self) -> None:
        self.runs = 0

    @implements(ttir.ExpOp)
    def counted_exp(self, op: Operation, interpreter: Interpreter) -> Step:
        def step(x: torch.Tensor) -> Sequence[Value]:
            self.runs += 1
            return (x.exp(),)

        return step


EXP = f"""{MESH} {{
func.func @main(%x: tensor<4x8xf32>) -> (tensor<4x8xf32>, tensor<4x8xf32>) {{
  %0 = {shard("%x", (0, -1), "tensor<4x8xf32>", "tensor<2x8xf32>")}
  %1 = "ttir.exp"(%0) : (tensor<2x8xf32>) -> tensor<2x8xf32>
  %2 = {shard("%1", (0, -1), "tensor<2x8xf32>", "tensor<4x8xf32>", back=True)}
  %3 = "ttir.exp"(%x) : (tensor<4x8xf32>) -> tensor<4x8xf32>
  return %2, %3 : tensor<4x8xf32>, tensor<4x8xf32>
}} }}
"""


def test_devices_that_hold_the_same_compute_once() -> None:
    module = parse_module(EXP, make_context(), "test.mlir")
    functions = CountingTtir()
    x = torch.randn(4, 8)
    found = Interpreter(module, [functions]).run("main", [x])
    assert all(torch.equal(f, x.exp()) for f in found if isinstance(f, torch.Tensor))
    assert functions.runs == 2 + 1


def test_kernels_run_on_each_device() -> None:
    """The module at the tile level: distribution on the host, tilize, kernels and untilize for each device."""
    context = make_context()
    module = parse_module(EXP, context, "test.mlir")
    for level, passes in TilewrightPipeline().stages():
        module = run_passes(module, passes, context=context)
        if level == "tile":
            break
    assert any(isinstance(op, tile.ExpOp) for op in module.walk())
    x = torch.randn(4, 8)
    found = execute(module, [x])
    for result in found:
        torch.testing.assert_close(result, x.exp(), rtol=0.02, atol=0.02)


GATHER = """
func.func @main(%x: tensor<2x3xf32>) -> tensor<8x3xf32> {
  %0 = "ttir.all_gather"(%x) <{all_gather_dim = 0 : si32, cluster_axis = 1 : ui32}>
    : (tensor<2x3xf32>) -> tensor<8x3xf32>
  return %0 : tensor<8x3xf32>
}
"""


def test_arguments_and_results_may_be_local() -> None:
    run = interpreter(GATHER, Mesh((2, 4)))
    x = torch.randn(2, 3)
    (same,) = run.run("main", [x])
    assert isinstance(same, torch.Tensor)
    assert torch.equal(same, torch.cat([x] * 4))
    shards = torch.randn(8, 2, 3)
    (found,) = run.run("main", [MeshValue(tuple(shards))])
    assert isinstance(found, MeshValue)
    for device, tensor in enumerate(found.shards):
        assert torch.equal(tensor, shards[device // 4 * 4 : device // 4 * 4 + 4].flatten(0, 1))


CACHED = f"""{MESH} {{
func.func @main(%w: tensor<4x8xf32>, %x: tensor<4x8xf32>) -> tensor<4x8xf32> {{
  %0 = ttcore.load_cached(@weights, [%w]) : (tensor<4x8xf32>) -> tensor<2x2xf32>
  %1 = {shard("%x", (0, 1), "tensor<4x8xf32>", "tensor<2x2xf32>")}
  %2 = "ttir.add"(%0, %1) : (tensor<2x2xf32>, tensor<2x2xf32>) -> tensor<2x2xf32>
  %3 = {shard("%2", (0, 1), "tensor<2x2xf32>", "tensor<4x8xf32>", back=True)}
  return %3 : tensor<4x8xf32>
}}
func.func private @weights(%w: tensor<4x8xf32>) -> tensor<2x2xf32> attributes {{tt.function_type = "const_eval"}} {{
  %0 = {shard("%w", (0, 1), "tensor<4x8xf32>", "tensor<2x2xf32>")}
  %1 = "ttir.neg"(%0) : (tensor<2x2xf32>) -> tensor<2x2xf32>
  return %1 : tensor<2x2xf32>
}} }}
"""


def test_weights_of_several_devices_are_cached() -> None:
    run = interpreter(CACHED)
    w, x = torch.randn(4, 8), torch.randn(4, 8)
    for _ in range(2):
        (found,) = run.run("main", [w, x])
        torch.testing.assert_close(found, x - w)
    w += 1
    (found,) = run.run("main", [w, x])
    torch.testing.assert_close(found, x - w)


class InPlaceTtir(TtirFunctions):
    """TTIR and an op without results that adds its second operand to its first."""

    @implements(xdsl_test.TestOp)
    def add_in_place(self, op: Operation, interpreter: Interpreter) -> Step:
        def step(x: torch.Tensor, y: torch.Tensor) -> Sequence[Value]:
            x += y
            return ()

        return step


def test_ops_in_place() -> None:
    """Each device changes its own part; devices that share a tensor may not change it in different ways."""
    step = Interpreter(ModuleOp([]), [InPlaceTtir()], Mesh((1, 2))).step(xdsl_test.TestOp())
    full = torch.zeros(4)
    step(MeshValue((full[:2], full[2:])), MeshValue((torch.ones(2), 2 * torch.ones(2))))
    assert full.tolist() == [1.0, 1.0, 2.0, 2.0]
    shared, one = torch.zeros(2), torch.ones(2)
    step(MeshValue((shared, shared)), MeshValue((one, one)))
    assert shared.tolist() == [1.0, 1.0]
    with pytest.raises(UnsupportedInputError, match="changes a tensor that several devices share"):
        step(shared, MeshValue((one, torch.ones(2))))
    assert shared.tolist() == [1.0, 1.0]
