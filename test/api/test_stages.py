"""Each stage by itself: import, passes given as text or as objects, execution at every level."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
import torch
from torch import nn
from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp
from xdsl.dialects.func import ReturnOp
from xdsl.parser import Parser
from xdsl.passes import ModulePass
from xdsl.transforms.canonicalize import CanonicalizePass
from xdsl.utils.exceptions import VerifyException

import tilewright
from tilewright.frontend.program import ImportedProgram
from tilewright.stages import make_context, parse_passes, public_entry
from tilewright.support.errors import UnsupportedInputError
from tilewright.transforms.aten_to_ttir import AtenToTtir
from tilewright.transforms.tile_assign_formats import TileAssignFormats
from tilewright.transforms.ttir_partition import TtirPartition
from tilewright.transforms.ttir_to_tile import TtirToTile


class Model(nn.Module):
    """A device op, a host op, a device op."""

    def __init__(self) -> None:
        super().__init__()
        self.linear = nn.Linear(40, 8)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.relu(torch.cumsum(self.linear(x), 0))


X = torch.randn(3, 40, generator=torch.Generator().manual_seed(0))


@pytest.fixture
def imported() -> ImportedProgram:
    return tilewright.import_torch(Model().eval(), (X,))


def arguments(program: ImportedProgram) -> list[torch.Tensor]:
    """Values for all arguments: parameters, then the input."""
    return [*program.values.values(), X]


LEVELS = [
    (),
    ("ttir-fold-constants,aten-to-ttir,canonicalize,ttir-decompose-for-tile,ttcore-hoist-const-eval", "verify-ttir"),
    ("ttir-partition", "verify-partitioned"),
    ("ttir-to-tile,tile-assign-formats{default-format=Float32},ttcore-hoist-const-eval", "verify-tile"),
    ("tile-place-ops", "verify-placed"),
]


def test_every_level_is_executed_after_passes_as_text(imported: ImportedProgram) -> None:
    (expected,) = tilewright.execute(imported.module, arguments(imported))
    for passes in LEVELS:
        for text in passes:
            assert tilewright.run_passes(imported.module, text) is imported.module
        (found,) = tilewright.execute(imported.module, arguments(imported))
        assert isinstance(found, torch.Tensor)
        assert torch.allclose(found, expected, atol=2e-2)  # type: ignore[arg-type]


def test_text_and_objects_give_the_same(imported: ImportedProgram) -> None:
    other = imported.module.clone()
    objects = [AtenToTtir(), CanonicalizePass(), TtirPartition(), TtirToTile(), TileAssignFormats("Bfp8_b")]

    tilewright.run_passes(imported.module, objects)
    tilewright.run_passes(
        other, "aten-to-ttir,canonicalize,ttir-partition,ttir-to-tile,tile-assign-formats{default-format=Bfp8_b}"
    )

    assert str(imported.module) == str(other)


def test_named_pipeline_does_all(imported: ImportedProgram) -> None:
    tilewright.run_passes(imported.module, "tilewright{default-format=Float32},verify-placed")

    (found,) = tilewright.execute(imported.module, arguments(imported), entry="forward", mode="reference")
    (fast,) = tilewright.execute(imported.module, arguments(imported), mode="fast")

    assert isinstance(found, torch.Tensor)
    assert torch.allclose(found, fast, atol=1e-4)  # type: ignore[arg-type]


def test_exported_program_is_imported() -> None:
    module = Model().eval()

    program = tilewright.import_exported(torch.export.export(module, (X,)))

    (found,) = tilewright.execute(program.module, arguments(program))
    assert torch.equal(found, module(X))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("aten-to-tir", "'aten-to-ttir'"),
        ("ttir-partition{divice=grayskull}", "divice"),
        ("ttir-partition{device=}", None),
        ("ttir-partition{", None),
        ("tile-assign-formats{default-format=3}", "3"),
    ],
)
def test_wrong_pipeline_is_refused(text: str, hint: str | None, imported: ImportedProgram) -> None:
    with pytest.raises(UnsupportedInputError) as caught:
        tilewright.run_passes(imported.module, text)

    assert hint is None or hint in str(caught.value)


class Break(ModulePass):
    """Puts an op where none may be."""

    name = "break"

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        (function,) = op.ops
        function.regions[0].block.add_op(ReturnOp())


def test_result_that_does_not_verify_is_refused(imported: ImportedProgram) -> None:
    with pytest.raises(VerifyException, match=r"func\.return"):
        tilewright.run_passes(imported.module, (Break(),))


def parse(text: str) -> ModuleOp:
    return Parser(make_context(), text).parse_module()


TWO = """
func.func @f(%x : tensor<4xf32>) -> tensor<4xf32> { func.return %x : tensor<4xf32> }
func.func @g(%x : tensor<4xf32>) -> tensor<4xf32> { func.return %x : tensor<4xf32> }
func.func private @h(%x : tensor<4xf32>) -> tensor<4xf32> { func.return %x : tensor<4xf32> }
"""


def test_entry_is_named_where_it_is_not_clear() -> None:
    module = parse(TWO)

    with pytest.raises(UnsupportedInputError, match="public functions: f, g"):
        tilewright.execute(module, (torch.zeros(4),))
    with pytest.raises(UnsupportedInputError, match="public functions: none"):
        public_entry(ModuleOp([]))
    assert torch.equal(tilewright.execute(module, (torch.ones(4),), entry="g")[0], torch.ones(4))  # type: ignore[arg-type]
    with pytest.raises(UnsupportedInputError, match="no symbol @k"):
        tilewright.execute(module, (torch.ones(4),), entry="k")


@pytest.mark.parametrize(
    "inputs",
    [(), (torch.zeros(4), torch.zeros(4)), (torch.zeros(5),), (torch.zeros(4, dtype=torch.int32),), ("x",)],
    ids=["none", "two", "shape", "dtype", "string"],
)
def test_wrong_inputs_are_refused(inputs: Sequence[torch.Tensor]) -> None:
    with pytest.raises(UnsupportedInputError):
        tilewright.execute(parse(TWO), inputs, entry="f")


def test_wrong_mode_is_refused() -> None:
    with pytest.raises(UnsupportedInputError, match="mode has no value 'exat'"):
        tilewright.execute(parse(TWO), (torch.zeros(4),), entry="f", mode="exat")  # type: ignore[arg-type]


def test_operators_of_a_file_come_from_the_table_alone() -> None:
    text = """
    func.func @f(%x : tensor<4xf32>) -> tensor<4xf32> {
      %0 = aten.call "aten.set_.source_Tensor"(%x, %x) : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
      func.return %0 : tensor<4xf32>
    }
    """

    with pytest.raises(UnsupportedInputError, match="not an operator that may be called from a file"):
        tilewright.execute(parse(text), (torch.zeros(4),))


def test_passes_of_a_pipeline_have_their_options() -> None:
    (formats, partition) = parse_passes("tile-assign-formats{rounding=golden},ttir-partition{device=grayskull_e150}")

    assert (formats.name, formats.rounding) == ("tile-assign-formats", "golden")  # type: ignore[attr-defined]
    assert (partition.name, partition.device) == ("ttir-partition", "grayskull_e150")  # type: ignore[attr-defined]
