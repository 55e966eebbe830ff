"""Why an op runs on the host: a closed list, so that reports can be read by machines."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, unique


@unique
class ReasonCode(Enum):
    """The kind of a fallback reason."""

    NO_LOWERING = "no tile-level lowering exists for this op"
    DTYPE = "the device has no such element type"
    RANK = "the rank is not supported"
    DYNAMIC_SHAPE = "a shape is not known at compile time"
    CONSTRAINT = "a condition of the kernel does not hold"
    L1_OVERFLOW = "no placement fits the L1 of a core"
    COST = "supported, but cheaper on the host"
    USER = "an override asked for it"
    COLLATERAL = "dragged along by the partition policy"


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason of one op.

    Attributes:
        code: The kind.
        detail: The failing predicate with its values, e.g. ``dtype(operand 0) = f64``.
        nearest: The nearest configuration that would be accepted, if one is known.
    """

    code: ReasonCode
    detail: str
    nearest: str | None = None

    def render(self) -> str:
        """`CODE: detail (nearest accepted: ...)`."""
        tail = "" if self.nearest is None else f" (nearest accepted: {self.nearest})"
        return f"{self.code.name}: {self.detail}{tail}"
