"""How far each level's results are from torch's."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import torch
from torch.utils import _pytree as pytree

from tilewright.options import Level, Mode

if TYPE_CHECKING:
    from tilewright.program import CompiledProgram


@dataclass(frozen=True, slots=True)
class LevelAccuracy:
    """One level against torch, over all floating-point outputs; others must be equal.

    Attributes:
        level: The level executed.
        pcc: Pearson correlation of all elements, the least over the outputs; one element alone has none.
        max_error: Largest absolute difference.
        equal: Whether every output is bit for bit torch's.
    """

    level: Level
    pcc: float
    max_error: float
    equal: bool


@dataclass(frozen=True, slots=True)
class Comparison:
    """The accuracy of each level that was executed, in order."""

    levels: tuple[LevelAccuracy, ...]

    def __getitem__(self, level: str) -> LevelAccuracy:
        for accuracy in self.levels:
            if accuracy.level == level:
                return accuracy
        raise KeyError(level)

    def to_dict(self) -> dict[str, object]:
        """The same as plain data."""
        return asdict(self)

    def __str__(self) -> str:
        rows = [f"{'level':<12} {'PCC':>12} {'max error':>12}"]
        rows += [f"{a.level:<12} {a.pcc:>12.8f} {a.max_error:>12.3e}" for a in self.levels]
        return "\n".join(rows)


def pearson(a: torch.Tensor, b: torch.Tensor) -> float:
    """Pearson correlation of the elements of two tensors, in float64.

    1.0 where they are equal; 0.0 where one is constant and they differ; NaN where one holds NaN or infinity that the
    other does not. Where both hold the same, the other elements count.
    """
    x, y = (t.detach().flatten().to(torch.float64) for t in (a, b))
    special = ~(x.isfinite() & y.isfinite())
    if not torch.equal(x[special].nan_to_num(), y[special].nan_to_num()) or not torch.equal(x.isnan(), y.isnan()):
        return math.nan
    x, y = x[~special], y[~special]
    if torch.equal(x, y):
        return 1.0
    x, y = x - x.mean(), y - y.mean()
    scale = float((x @ x).sqrt() * (y @ y).sqrt())
    return float(x @ y) / scale if scale else 0.0


def largest_error(a: torch.Tensor, b: torch.Tensor) -> float:
    """The largest absolute difference; infinite where one holds NaN or an infinity that the other does not."""
    x, y = (t.detach().flatten().to(torch.float64) for t in (a, b))
    same = (x == y) | (x.isnan() & y.isnan())
    difference = (x - y)[~same].abs().nan_to_num(math.inf, math.inf)
    return float(difference.max()) if difference.numel() else 0.0


def accuracy_of(level: Level, expected: object, found: object) -> LevelAccuracy:
    """Compare two results of the same structure."""
    correlations, errors, equal = [1.0], [0.0], True
    for e, f in zip(pytree.tree_leaves(expected), pytree.tree_leaves(found), strict=True):
        if not isinstance(e, torch.Tensor) or not isinstance(f, torch.Tensor):
            equal = equal and e == f
            continue
        equal = equal and torch.equal(e, f)
        if not e.is_complex():
            errors.append(largest_error(e, f))
            if e.numel() > 1:
                correlations.append(pearson(e, f))
    pcc = math.nan if any(math.isnan(c) for c in correlations) else min(correlations)
    return LevelAccuracy(level, pcc, max(errors), equal)


def compare_levels(
    expected: object, program: CompiledProgram, leaves: Sequence[object], levels: Sequence[Level], mode: Mode | None
) -> Comparison:
    """Run each level on the same inputs and compare with torch's result."""
    found: list[LevelAccuracy] = []
    for level in levels:
        copies = [leaf.clone() if isinstance(leaf, torch.Tensor) else leaf for leaf in leaves]
        kept = {
            m.target: program.imported.values[m.target].clone()
            for m in program.imported.mutations
            if isinstance(m.target, str)
        }
        found.append(accuracy_of(level, expected, program.run(copies, level, mode)))
        for name, value in kept.items():
            program.imported.values[name].copy_(value)
    return Comparison(tuple(found))
