"""Calls: `func` and the host functions and cached weights of `ttcore`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from xdsl.dialects import func

from tilewright.dialects import ttcore
from tilewright.runtime.interpreter import DialectFunctions, Interpreter, Step, Value, implements
from tilewright.runtime.mesh import tensors_of


class CallFunctions(DialectFunctions):
    """Ops that run a function with the same interpreter, or pass values on."""

    @implements(func.CallOp)
    def call(self, op: func.CallOp, interpreter: Interpreter) -> Step:
        return _call(op.callee.string_value(), interpreter)

    @implements(ttcore.CompositeOp)
    def composite(self, op: ttcore.CompositeOp, interpreter: Interpreter) -> Step:
        return _call(op.decomposition.string_value(), interpreter)

    @implements(ttcore.OptimizationBarrierOp)
    def barrier(self, op: ttcore.OptimizationBarrierOp, interpreter: Interpreter) -> Step:
        return lambda *values: values

    @implements(ttcore.TupleOp)
    def tuple(self, op: ttcore.TupleOp, interpreter: Interpreter) -> Step:
        return lambda *values: (values,)

    @implements(ttcore.GetTupleElementOp)
    def tuple_element(self, op: ttcore.GetTupleElementOp, interpreter: Interpreter) -> Step:
        index = op.index.value.data

        def step(values: Sequence[Value]) -> Sequence[Value]:
            return (values[index],)

        return step


def _call(name: str, interpreter: Interpreter) -> Step:
    plan = interpreter.function(name)

    def step(*values: Value) -> Sequence[Value]:
        return plan.run(values)

    return step


class CacheFunctions(DialectFunctions):
    """`ttcore.load_cached`: runs the const-eval function once for the same parameters and keeps its results.

    A parameter is the same if it is the same object, at the same address, and torch has counted no change in place. A
    change that torch does not count (through `.data`, or through memory shared with NumPy) is not seen. Results that
    somebody has changed in place are computed again too.
    """

    @implements(ttcore.LoadCachedOp)
    def load_cached(self, op: ttcore.LoadCachedOp, interpreter: Interpreter) -> Step:
        plan = interpreter.function(op.callee.string_value())
        kept: _Kept | None = None

        def step(*values: Value) -> Sequence[Value]:
            nonlocal kept
            if kept is not None and kept.holds_for(values):
                return kept.results
            kept = None  # its memory goes before the new results take theirs
            # Tensors made in inference mode would count no changes.
            with torch.inference_mode(mode=False), torch.no_grad():
                results = plan.run(values)
            kept = _Kept.of(values, results)
            return results

        return step


@dataclass(frozen=True, slots=True)
class _Kept:
    """What a const-eval function gave, for which parameters, and the state of both."""

    values: tuple[Value, ...]
    results: tuple[Value, ...]
    states: tuple[tuple[int, int], ...]

    @staticmethod
    def of(values: tuple[Value, ...], results: tuple[Value, ...]) -> _Kept | None:
        """None where a tensor of inference mode is among them: whether it changes cannot be told."""
        if any(t.is_inference() for v in (*values, *results) for t in tensors_of(v)):
            return None
        return _Kept(values, results, _states(values, results))

    def holds_for(self, values: tuple[Value, ...]) -> bool:
        """Whether the results are those for `values`."""
        same = all(a is b for a, b in zip(self.values, values, strict=True))
        return same and self.states == _states(self.values, self.results)


def _states(*groups: Sequence[Value]) -> tuple[tuple[int, int], ...]:
    """For each tensor a pair that is another one after a change in place."""
    tensors = [t for group in groups for v in group for t in tensors_of(v)]
    return tuple((t._version, t.data_ptr()) for t in tensors)  # pyright: ignore[reportPrivateUsage]
