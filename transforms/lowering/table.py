"""All rules by which TTIR ops become kernels."""

from __future__ import annotations

from tilewright.transforms.lowering import contractions, elementwise, movement
from tilewright.transforms.lowering.context import Rule

RULES: dict[str, Rule] = {**elementwise.RULES, **contractions.RULES, **movement.RULES}
"""Op name to its rule; an op without one has no lowering."""
