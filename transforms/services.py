"""How a pass gets what it must not import: an evaluator of values, a decomposer of operators.

A pass names what it needs by deriving from one of the classes here. The universe, which may import everything, hands
out subclasses with the service set (:func:`with_services`); the service itself is made when the pass first asks for
it, so that registering a pass imports nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar, cast

from xdsl.passes import ModulePass

from tilewright.support.errors import InternalError
from tilewright.support.evaluator import Decomposer, Evaluator


class NeedsEvaluator(ModulePass):
    """A pass that computes values."""

    @classmethod
    def evaluator(cls) -> Evaluator:
        """The injected evaluator.

        Raises:
            InternalError: the pass was made without one.
        """
        raise InternalError(f"pass {cls.name} was made without an evaluator", hint="take it from the universe")


class NeedsDecomposer(ModulePass):
    """A pass that may express an operator through simpler ones; without a decomposer it does not."""

    @classmethod
    def decomposer(cls) -> Decomposer | None:
        """The injected decomposer, if there is one."""
        return None


PassT = TypeVar("PassT", bound=ModulePass)


def with_services(
    pass_type: type[PassT],
    *,
    evaluator: Callable[[], Evaluator] | None = None,
    decomposer: Callable[[], Decomposer | None] | None = None,
) -> type[PassT]:
    """A subclass of `pass_type` whose methods `evaluator` and `decomposer` are these, where they are given."""
    members: dict[str, object] = {"__doc__": pass_type.__doc__, "__module__": pass_type.__module__}
    if evaluator is not None:
        members["evaluator"] = staticmethod(evaluator)
    if decomposer is not None:
        members["decomposer"] = staticmethod(decomposer)
    return cast("type[PassT]", type(pass_type.__name__, (pass_type,), members))
