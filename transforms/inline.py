"""Puts the bodies of functions where they are called."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from xdsl.context import Context
from xdsl.dialects.builtin import ArrayAttr, CallSiteLoc, DictionaryAttr, ModuleOp, SymbolRefAttr, UnknownLoc
from xdsl.dialects.func import CallOp, FuncOp, ReturnOp
from xdsl.ir import Attribute, Operation, SSAValue
from xdsl.passes import ModulePass
from xdsl.rewriter import Rewriter

from tilewright.dialects.ttcore import CompositeOp
from tilewright.dialects.ttir.written import callee_of
from tilewright.support.errors import ResourceError, UnsupportedInputError
from tilewright.support.locations import describe_location
from tilewright.transforms.modules import device_module, is_forward, is_private, separate_modules

MOST_OPS = 1_000_000
"""Ops in a function; calls of calls of calls could make any number of them."""


@dataclass(frozen=True)
class Inline(ModulePass):
    """Replaces calls of device functions, and composites, by what they do.

    A private function that nobody calls any more vanishes.
    """

    name = "inline"

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        for module in separate_modules(op):
            _Inliner(device_module(module)).run()


@dataclass
class _Inliner:
    """Works on one module.

    Attributes:
        bodies: The functions that may be inlined, by name.
        done: Those without calls of others, and how many ops they have.
    """

    module: ModuleOp
    bodies: dict[str, FuncOp] = field(default_factory=dict[str, FuncOp])
    done: dict[FuncOp, int] = field(default_factory=dict[FuncOp, int])

    def run(self) -> None:
        functions = [op for op in self.module.body.block.ops if isinstance(op, FuncOp) and not op.is_declaration]
        self.bodies = {f.sym_name.data: f for f in functions if is_forward(f) and _returns_at_its_end(f)}
        for function in functions:
            self._inline_into(function)
        self._drop_unused()

    def _inline_into(self, root: FuncOp) -> None:
        """Make `root` and what it calls free of calls, callees first; not by recursion, as calls may be nested."""
        under_way: dict[FuncOp, None] = {}
        waiting = [root]
        while waiting:
            function = waiting[-1]
            if function in self.done:
                waiting.pop()
                continue
            calls = list(self._calls(function))
            open_callees = [callee for _, callee in calls if callee not in self.done]
            if function in under_way and not open_callees:
                waiting.pop()
                del under_way[function]
                self._replace(function, calls)
                continue
            under_way[function] = None
            for op, callee in calls:
                if callee in under_way:
                    raise UnsupportedInputError(
                        f"@{callee.sym_name.data} calls itself",
                        where=describe_location(op),
                        why="no op decides whether it does, so that it would never end",
                    )
            waiting += open_callees

    def _calls(self, function: FuncOp) -> Iterator[tuple[Operation, FuncOp]]:
        for op in function.walk():
            if isinstance(op, CallOp | CompositeOp):
                callee = self.bodies.get(callee_of(op) or "")
                if callee is not None:
                    yield op, callee

    def _replace(self, function: FuncOp, calls: list[tuple[Operation, FuncOp]]) -> None:
        size = sum(1 for _ in function.walk()) + sum(self.done[callee] for _, callee in calls)
        if size > MOST_OPS:
            raise ResourceError(
                f"@{function.sym_name.data} is too large to be inlined into",
                where=describe_location(function),
                why=f"with what it calls it has {size} ops, at most {MOST_OPS} are allowed",
            )
        for op, callee in calls:
            _replace_by_body(op, callee)
        self.done[function] = size

    def _drop_unused(self) -> None:
        """Erase private functions that nothing names, and then those that only they named."""
        candidates = [f for f in self.done if is_private(f) and f.sym_name.data in self.bodies]
        named = {name for op in self.module.walk() for name in _named_by(op)}
        for function in candidates:
            if function.sym_name.data not in named:
                function.detach()
                function.erase()


def _returns_at_its_end(function: FuncOp) -> bool:
    return len(function.body.blocks) == 1 and isinstance(function.body.block.last_op, ReturnOp)


def _replace_by_body(call: Operation, callee: FuncOp) -> None:
    """Put a copy of the body of `callee` in the place of `call`."""
    values: dict[SSAValue, SSAValue] = dict(zip(callee.body.block.args, call.operands, strict=True))
    *body, terminator = callee.body.block.ops
    copies = [op.clone(values) for op in body]
    for copy in copies:
        for op in copy.walk():
            if not isinstance(call.location, UnknownLoc) and not isinstance(op.location, UnknownLoc):
                op.location = CallSiteLoc(op.location, call.location)
    Rewriter.replace_op(call, copies, [values.get(v, v) for v in terminator.operands])


def _named_by(op: Operation) -> Iterator[str]:
    """The symbols that an op names."""
    for attribute in (*op.properties.values(), *op.attributes.values()):
        yield from _symbols(attribute)


def _symbols(attribute: Attribute) -> Iterator[str]:
    match attribute:
        case SymbolRefAttr():
            yield attribute.root_reference.data
        case ArrayAttr(data=parts):
            for part in parts:
                yield from _symbols(part)
        case DictionaryAttr(data=named):
            for part in named.values():
                yield from _symbols(part)
        case _:
            pass
