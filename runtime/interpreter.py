"""Executes functions of any level.

Each dialect has one class of functions (:class:`DialectFunctions`). For an op it returns a *step*: a callable on the
op's operand values, with everything that is known before the run already decoded. A function is compiled once into a
list of steps over numbered slots; running it is a plain loop that drops each value after its last use. (xDSL's own
interpreter looks every op up at every run and keeps every value until its region ends: about eight times the time and,
on a deep model, a multiple of the memory.)
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import TypeAlias, TypeVar

from xdsl.dialects.builtin import FlatSymbolRefAttr, ModuleOp, StringAttr, SymbolRefAttr, UnregisteredOp
from xdsl.dialects.func import FuncOp
from xdsl.ir import Block, Operation, SSAValue
from xdsl.traits import IsTerminator

from tilewright.dialects.ttir.written import Writes
from tilewright.dialects.types import least_bytes
from tilewright.runtime.in_place import with_memory_apart
from tilewright.runtime.mesh import Mesh, declared_mesh
from tilewright.support.errors import InternalError, TilewrightError, UnsupportedInputError
from tilewright.support.locations import describe_location
from tilewright.support.memory import is_refusal, require_memory, too_large
from tilewright.support.suggest import nearest_names

Value: TypeAlias = object
"""A torch tensor, a MeshValue, a TileValue, or a Python number for a symbolic size."""

Step: TypeAlias = Callable[..., "Sequence[Value]"]
"""Computes the results of one op from the values of its operands."""

Observer: TypeAlias = Callable[[Operation, "Sequence[Value]"], None]
"""Sees an op and the values of its results right after it ran."""

MOST_CALLS = 50
"""Functions that may be under way at the same time: far more than files have, and few enough for Python's own stack."""

_Method = TypeVar("_Method", bound=Callable[..., Step])


def implements(*op_types: type[Operation]) -> Callable[[_Method], _Method]:
    """Marks a method of a :class:`DialectFunctions` as the one that makes steps for these ops."""

    def mark(method: _Method) -> _Method:
        method.__dict__["implements"] = op_types
        return method

    return mark


class DialectFunctions:
    """The meaning of a dialect's ops. Subclasses mark methods `(self, op, interpreter) -> Step` with `implements`."""

    def table(self) -> dict[type[Operation], Callable[[Operation, Interpreter], Step]]:
        """Op type to the bound method that makes its steps; a subclass's methods win over its base's."""
        found: dict[type[Operation], Callable[[Operation, Interpreter], Step]] = {}
        for cls in reversed(type(self).__mro__):
            for name, member in vars(cls).items():
                for op_type in getattr(member, "implements", ()):
                    found[op_type] = getattr(self, name)
        return found

    def reset(self) -> None:
        """Forget what a run that failed has left behind; nothing by default."""


def _located(error: TilewrightError, op: Operation) -> TilewrightError:
    """`error` at `op`, unless it says already where it happened."""
    if error.where is not None:
        return error
    return type(error)(error.what, where=describe_location(op), why=error.why, hint=error.hint)


class _Freed:
    """Stands in a slot whose value is no longer needed."""


_FREED = _Freed()


@dataclass(frozen=True, slots=True)
class _PlannedStep:
    op: Operation
    run: Step
    operands: tuple[int, ...]
    results: tuple[int, ...]
    frees: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class CompiledBlock:
    """A block as steps over slots. Slots 0.. hold the arguments.

    Attributes:
        arguments: Number of arguments.
        slots: Number of slots.
        steps: The block's ops in order, the terminator left out.
        outputs: Slots of the terminator's operands; none where the block has no terminator.
    """

    arguments: int
    slots: int
    steps: tuple[_PlannedStep, ...]
    outputs: tuple[int, ...]

    def run(self, values: Sequence[Value], observer: Observer | None = None) -> tuple[Value, ...]:
        """The values that the terminator returns, for these arguments.

        Raises:
            TilewrightError: an op failed; its location is added.
            ResourceError: there is no memory for what an op computes.
            InternalError: torch failed where the compiler should have refused.
        """
        env: list[Value] = [*values, *[_FREED] * (self.slots - len(values))]
        step = None
        try:
            for step in self.steps:
                results = step.run(*[env[i] for i in step.operands])
                for slot, result in zip(step.results, results, strict=True):
                    env[slot] = result
                if observer is not None:
                    observer(step.op, results)
                result = results = None  # the slots alone hold values, so that these are freed with them
                for slot in step.frees:
                    env[slot] = _FREED
        except TilewrightError as error:
            assert step is not None
            raise _located(error, step.op) from error
        except (MemoryError, RuntimeError, IndexError, ValueError, TypeError) as error:
            assert step is not None
            if is_refusal(error):
                raise _located(too_large(f"what {step.op.name} computes", str(error)), step.op) from error
            raise InternalError(
                f"{step.op.name} failed while it ran",
                where=describe_location(step.op),
                why=f"{type(error).__name__}: {error}",
                hint="this is a fault of Tilewright: please report it with the model",
            ) from error
        return tuple(env[i] for i in self.outputs)


@dataclass
class Interpreter:
    """Compiles functions of a module on first use and runs them.

    Args:
        module: Any level; functions in nested modules are found by name, definitions before declarations.
        functions: The dialects' meanings.
        mesh: The devices on which `ttir` runs; without it, those that the module names, if it does.
    """

    module: ModuleOp
    functions: Sequence[DialectFunctions]
    mesh: Mesh | None = None
    _steps: Mapping[type[Operation], Callable[[Operation, Interpreter], Step]] = field(init=False)
    _symbols: dict[str, Operation] = field(init=False)
    _compiled: dict[Block, CompiledBlock] = field(init=False)
    _planning: set[Block] = field(init=False)
    _writes: Writes = field(init=False)

    def __post_init__(self) -> None:
        steps: dict[type[Operation], Callable[[Operation, Interpreter], Step]] = {}
        for functions in self.functions:
            steps.update(functions.table())
        self._steps = steps
        self.mesh = self.mesh or declared_mesh(self.module)
        self._symbols = {}
        self._compiled = {}
        self._planning = set()
        self._writes = Writes(self._function_op)
        for name, op in _symbol_ops(self.module):
            known = self._symbols.get(name)
            if known is None or (isinstance(known, FuncOp) and known.is_declaration):
                self._symbols[name] = op

    def symbol(self, name: str | FlatSymbolRefAttr) -> Operation:
        """The op that defines symbol `name`.

        Raises:
            UnsupportedInputError: there is none; the nearest names are given.
        """
        text = name.string_value() if isinstance(name, SymbolRefAttr) else name
        try:
            return self._symbols[text]
        except KeyError:
            raise UnsupportedInputError(
                f"the module has no symbol @{text}", hint=nearest_names(text, self._symbols)
            ) from None

    def _function_op(self, name: str) -> FuncOp | None:
        function = self._symbols.get(name)
        return function if isinstance(function, FuncOp) else None

    def knows(self, op: Operation) -> bool:
        """Whether a dialect says what `op` means."""
        return type(op) in self._steps

    def step(self, op: Operation) -> Step:
        """The step of one op.

        Raises:
            UnsupportedInputError: no dialect says what the op means.
            ResourceError: a result is larger than the memory of this machine.
        """
        # Each name of an unregistered op has a class of its own.
        make = self._steps.get(UnregisteredOp if isinstance(op, UnregisteredOp) else type(op))
        if make is None:
            raise UnsupportedInputError(
                f"{op.name} cannot be executed",
                where=describe_location(op),
                why="none of the interpreter's dialects says what it means",
            )
        try:
            for result in op.results:
                # The operating system may promise memory that it does not have.
                require_memory(least_bytes(result.type), f"the result of {op.name}")
            return make(op, self)
        except TilewrightError as error:
            raise _located(error, op) from error

    def compile(self, block: Block) -> CompiledBlock:
        """The plan of `block`; cached.

        Raises:
            UnsupportedInputError: an op has no meaning, a function that it calls calls it again, or calls are nested
                too deeply.
        """
        plan = self._compiled.get(block)
        if plan is None:
            if block in self._planning:
                raise UnsupportedInputError(
                    "a function calls itself", why="no op decides whether it does, so that it would never end"
                )
            if len(self._planning) >= MOST_CALLS:
                raise UnsupportedInputError(f"calls are nested more than {MOST_CALLS} deep")
            self._planning.add(block)
            try:
                plan = self._compiled[block] = self._plan(block)
            finally:
                self._planning.remove(block)
        return plan

    def function(self, name: str) -> CompiledBlock:
        """The plan of the body of function or program `name`.

        Raises:
            UnsupportedInputError: there is no such symbol, or it has no body.
        """
        op = self.symbol(name)
        if not op.regions or not op.regions[0].blocks:
            raise UnsupportedInputError(f"@{name} is only declared, so it cannot be executed")
        return self.compile(op.regions[0].block)

    def run(self, name: str, values: Sequence[Value], observer: Observer | None = None) -> tuple[Value, ...]:
        """Results of function or program `name` on `values`, one for each of its arguments.

        Raises:
            TilewrightError: there is no such function, or an op failed; what dialects keep between ops is reset.
        """
        plan = self.function(name)
        if len(values) != plan.arguments:
            raise UnsupportedInputError(f"@{name} takes {plan.arguments} arguments, {len(values)} were given")
        done = False
        try:
            results = plan.run(values, observer)
            done = True
        finally:
            if not done:
                for functions in self.functions:
                    functions.reset()
        return results

    def _plan(self, block: Block) -> CompiledBlock:
        slot_of: dict[SSAValue, int] = {a: i for i, a in enumerate(block.args)}
        last_use: dict[int, int] = {}
        ops, written = list(block.ops), self._writes.values(block)
        if not ops:
            raise UnsupportedInputError("an empty block cannot be executed")
        *body, terminator = ops
        if not terminator.has_trait(IsTerminator):
            body, terminator = ops, None
        for index, op in enumerate(body):
            for operand in op.operands:
                last_use[slot_of[operand]] = index
            for result in op.results:
                slot = slot_of[result] = len(slot_of)
                last_use[slot] = index
        outputs = () if terminator is None else tuple(slot_of[v] for v in terminator.operands)
        for slot in outputs:
            last_use[slot] = len(body)
        frees: list[list[int]] = [[] for _ in range(len(body) + 1)]
        for slot, index in last_use.items():
            frees[index].append(slot)
        steps = tuple(
            _PlannedStep(
                op,
                with_memory_apart(self.step(op)) if _touches(op, written) else self.step(op),
                tuple(slot_of[v] for v in op.operands),
                tuple(slot_of[r] for r in op.results),
                tuple(frees[index]),
            )
            for index, op in enumerate(body)
        )
        return CompiledBlock(len(block.args), len(slot_of), steps, outputs)


def _touches(op: Operation, written: AbstractSet[SSAValue]) -> bool:
    """Whether a result of `op` must not share memory with an operand, as one of them is changed in place."""
    return bool(written and op.results) and not written.isdisjoint((*op.operands, *op.results))


def _symbol_ops(module: ModuleOp) -> Iterable[tuple[str, Operation]]:
    """Names and ops of the symbols of `module` and of the modules nested in it, kernels' regions left out."""
    for op in module.body.ops:
        name = op.properties.get("sym_name")
        if isinstance(name, StringAttr) and not isinstance(op, ModuleOp):
            yield name.data, op
        elif len(op.regions) == 1:
            nested = op if isinstance(op, ModuleOp) else next(iter(op.regions[0].ops), None)
            if isinstance(nested, ModuleOp):
                yield from _symbol_ops(nested)
