"""Names of Tilewright's own attributes on functions and ops of other dialects, where several layers use them."""

from __future__ import annotations

TIED = "tilewright.tied"
"""On a result of a function: index of the argument that holds this state before the call (`i64`)."""
