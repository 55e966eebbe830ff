"""`aten.index.Tensor` is converted where its indices are whole ranges that only spread dimensions out."""

from __future__ import annotations

import pytest
import torch
from xdsl.context import Context

from tilewright.stages import execute, import_torch, run_passes
from tilewright.transforms.aten_to_ttir import AtenToTtir

X = torch.arange(12).reshape(3, 4)


def ranges(*shapes: tuple[int, ...]) -> list[torch.Tensor]:
    """A range in each shape, along its one dimension that is not 1."""
    return [torch.arange(max(shape)).reshape(shape) for shape in shapes]


class Gather(torch.nn.Module):
    """Indexes with ranges that the graph itself makes."""

    def __init__(self, *shapes: tuple[int, ...], start: int = 0, flip: bool = False):
        super().__init__()
        self.shapes, self.start, self.flip = shapes, start, flip

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        indices = [torch.arange(self.start, max(s)).reshape(s) for s in self.shapes]
        return x[tuple(i.flip(0) if self.flip else i for i in indices)]


def converted(module: torch.nn.Module) -> tuple[torch.Tensor, list[str]]:
    """What the module gives after folding and conversion, and the names of the ops left."""
    imported = import_torch(module, (X,))
    run_passes(imported.module, "ttir-fold-constants")
    AtenToTtir().apply(Context(), imported.module)
    run_passes(imported.module, "canonicalize,dce")
    (found,) = execute(imported.module, (X,))
    return found, [op.name for op in imported.module.walk() if op.name.startswith(("ttir.", "aten."))]


@pytest.mark.parametrize("shapes", [((3, 1), (1, 4)), ((3, 1), (4,)), ((1, 3, 1), (4,)), ((3, 1, 1), (1, 1, 4))])
def test_ranges_that_spread_out_are_a_reshape(shapes: tuple[tuple[int, ...], ...]) -> None:
    found, ops = converted(Gather(*shapes))

    assert torch.equal(found, X[tuple(ranges(*shapes))])
    assert set(ops) <= {"ttir.reshape"}


@pytest.mark.parametrize(
    "module",
    [Gather((1, 3), (4, 1)), Gather((3,)), Gather((3, 1), (1, 2)), Gather((3,), (3,)), Gather((3, 1), (4,), flip=True)],
    ids=["transposes", "one dimension", "part of a range", "diagonal", "backwards"],
)
def test_other_indices_stay_calls(module: torch.nn.Module) -> None:
    found, ops = converted(module)

    assert torch.equal(found, module(X))
    assert "aten.call" in ops
