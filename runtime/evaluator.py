"""The evaluator that constant folding gets: ops computed by the interpreter's functions on torch tensors."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import cast

import torch
from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import Attribute, Operation
from xdsl.traits import is_side_effect_free

from tilewright.dialects import aten
from tilewright.dialects.ttir.traits import AcrossMesh
from tilewright.runtime.functions.aten import AtenFunctions
from tilewright.runtime.functions.ttir import TtirFunctions
from tilewright.runtime.interpreter import Interpreter
from tilewright.support.aten_overloads import functional_overloads
from tilewright.support.errors import InternalError
from tilewright.support.evaluator import Elements, Iota, Splat, Value


class TorchEvaluator:
    """Implements `support.evaluator.Evaluator` with torch.

    Args:
        overloads: Callables met by an importer in this process, by callee name.
    """

    def __init__(self, overloads: Mapping[str, Callable[..., object]] | None = None):
        self._interpreter = Interpreter(ModuleOp([]), [AtenFunctions(overloads), TtirFunctions()])

    def can_evaluate(self, op: Operation) -> bool:
        """Whether `op` is known to be functional and deterministic: a TTIR op or an overload of the literal table.

        An op that draws random numbers or changes an operand is not, nor is one that needs a mesh of devices.
        """
        if isinstance(op, aten.CallOp):
            return op.callee.data in functional_overloads()
        if op.has_trait(AcrossMesh):
            return False
        return op.name.startswith("ttir.") and self._interpreter.knows(op) and is_side_effect_free(op)

    def evaluate(self, op: Operation, operands: Sequence[Value]) -> Sequence[Value]:
        """The results of `op`.

        Raises:
            TilewrightError: the op has no meaning here.
        """
        with torch.no_grad():
            return self._interpreter.step(op)(*operands)

    def describe(self, value: Value, type: Attribute, max_elements: int) -> Splat | Iota | Elements | None:
        """How `value` can be written down; None for more than `max_elements` irregular elements."""
        if isinstance(value, bool | int | float):
            return Splat(value)
        if not isinstance(value, torch.Tensor):
            raise InternalError(f"cannot describe a {value.__class__.__name__}")
        if value.is_complex():
            return None
        if value.numel() == 0:
            return Elements(())
        first = value.flatten()[0]
        # NaN equals nothing, itself included, so a splat of it is recognised on its own.
        if bool((value == first).all()) or (value.is_floating_point() and bool(value.isnan().all())):
            return Splat(first.item())
        if iota := _iota(value):
            return iota
        if value.numel() > max_elements:
            return None
        return Elements(tuple(cast("list[bool | int | float]", value.flatten().tolist())))


def _iota(value: torch.Tensor) -> Iota | None:
    if value.dtype is torch.bool or value.is_floating_point():
        return None
    changing = [d for d, extent in enumerate(value.shape) if extent > 1]
    for dim in changing:
        line = value[tuple(slice(None) if d == dim else 0 for d in range(value.dim()))].to(torch.int64)
        start, step = int(line[0]), int(line[1] - line[0])
        if step <= 0:
            continue
        ramp = torch.arange(start, start + step * line.numel(), step)
        shape = [1] * value.dim()
        shape[dim] = -1
        if torch.equal(ramp.view(shape).expand(value.shape), value.to(torch.int64)):
            return Iota(start, step, dim)
    return None
