"""What a graph calls: names of callees, and callables with parts that have no attribute form bound to them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from torch._ops import HigherOrderOperator
from torch.utils import _pytree as pytree

from tilewright.frontend.narrowing import is_overload, is_sequence

_PYTHON_NAMES = {"_operator": "operator"}


def callee_name(target: object) -> str:
    """How the IR names a callable: `aten.add.Tensor`, `higher_order.cond`, `operator.mul`, `torch.sym_max`."""
    if is_overload(target):
        return str(target)
    if isinstance(target, HigherOrderOperator):
        return f"higher_order.{target.name()}"
    module = getattr(target, "__module__", None) or "python"
    name = getattr(target, "__qualname__", None) or type(target).__qualname__
    return f"{_PYTHON_NAMES.get(module, module)}.{name}"


class Hole:
    """Stands in a bound argument list for an argument of the call."""


HOLE = Hole()


@dataclass(frozen=True, eq=False)
class BoundCallable:
    """A callable some of whose arguments have no attribute form; the others are passed flat, in order.

    Attributes:
        target: What is called.
        structure: Of `(args, kwargs)`.
        leaves: The leaves of `structure`: a bound object, or :data:`HOLE` for an argument of the call.
    """

    target: Callable[..., Any]
    structure: pytree.TreeSpec
    leaves: tuple[object, ...]

    @property
    def name(self) -> str:
        """The callee's name with what is bound to it, e.g. `higher_order.auto_functionalized_v2[mylib.foo.default]`."""
        return f"{callee_name(self.target)}[{', '.join(_describe(leaf) for leaf in self.leaves if leaf is not HOLE)}]"

    def __call__(self, *arguments: object) -> Any:
        given = iter(arguments)
        leaves = [next(given) if leaf is HOLE else leaf for leaf in self.leaves]
        args, kwargs = pytree.tree_unflatten(leaves, self.structure)
        return self.target(*args, **kwargs)


@dataclass(frozen=True)
class HigherOrderCallable:
    """A higher-order operator that takes lists for tuples: `while_loop` insists on tuples, no other on lists."""

    target: Callable[..., Any]

    def __call__(self, *args: object, **kwargs: object) -> Any:
        return self.target(*(tuple(a) if is_sequence(a) else a for a in args), **kwargs)


def _describe(bound: object) -> str:
    if callable(bound):
        return callee_name(bound)
    return type(bound).__qualname__


class CalleeTable:
    """The callables of one module by the names given to them.

    Attributes:
        callables: What a runtime calls for each name.
    """

    def __init__(self) -> None:
        self.callables: dict[str, Callable[..., Any]] = {}
        self._targets: dict[str, Callable[..., Any]] = {}
        self._names: dict[int, str] = {}

    def add(self, target: Callable[..., Any]) -> str:
        """The name of `target`; another callable of equal name gets a number, so that no two share one."""
        if isinstance(target, BoundCallable):
            return self._register(target, target.name)
        # The identity of what `_targets` keeps alive is a sound key.
        name = self._names.get(id(target))
        if name is None:
            name = self._names[id(target)] = self._register(target, callee_name(target))
        return name

    def _register(self, target: Callable[..., Any], base: str) -> str:
        name, count = base, 1
        while name in self._targets and not _same(self._targets[name], target):
            count += 1
            name = f"{base}#{count}"
        if name not in self._targets:
            self._targets[name] = target
            is_higher_order = isinstance(target, HigherOrderOperator)
            self.callables[name] = HigherOrderCallable(target) if is_higher_order else target
        return name


def _same(known: Callable[..., Any], target: Callable[..., Any]) -> bool:
    if isinstance(known, BoundCallable) and isinstance(target, BoundCallable):
        return (
            known.target is target.target
            and known.structure == target.structure
            and all(a is b for a, b in zip(known.leaves, target.leaves, strict=True))
        )
    return known is target
