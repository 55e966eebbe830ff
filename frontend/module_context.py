"""What the functions of one imported module share."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from xdsl.dialects.func import FuncOp

from tilewright.frontend.aliasing import NeedsFunctionalisationError
from tilewright.frontend.callees import CalleeTable
from tilewright.frontend.functional_forms import ResultTypes
from tilewright.frontend.locations import Locations


@dataclass
class ModuleContext:
    """What the functions of one module share.

    Attributes:
        is_functional: Torch has made the graph functional: what renaming cannot express now is an error.
    """

    is_functional: bool
    locations: Locations = field(default_factory=Locations)
    callees: CalleeTable = field(default_factory=CalleeTable)
    result_types: ResultTypes = field(default_factory=ResultTypes)
    bodies: list[FuncOp] = field(default_factory=list[FuncOp])
    _symbols: Counter[str] = field(default_factory=Counter[str])

    def new_symbol(self, name: str) -> str:
        """A function name made of `name` that no other function has."""
        self._symbols[name] += 1
        count = self._symbols[name]
        return name if count == 1 else f"{name}__{count}"

    def require_functional(self, why: str) -> None:
        """Give up on renaming, unless torch has made the graph functional already."""
        if not self.is_functional:
            raise NeedsFunctionalisationError(why)
