"""All conversions of ATen overloads to TTIR."""

from __future__ import annotations

from tilewright.transforms.conversion import contractions, creation, elementwise, movement
from tilewright.transforms.conversion.call import Conversion

CONVERSIONS: dict[str, Conversion] = {
    **elementwise.CONVERSIONS,
    **movement.CONVERSIONS,
    **contractions.CONVERSIONS,
    **creation.CONVERSIONS,
}
"""Callee to its conversion; a callee without one is decomposed, or stays a call."""
