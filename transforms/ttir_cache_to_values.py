"""Turns ops that write into caches in place into values.

Everything below this level is values; the runtime keeps a cache on the device by tying a result to an argument. Writing
back what is returned is the same as writing in place, since nobody else sees the cache while the function runs.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

from xdsl.context import Context
from xdsl.dialects import func
from xdsl.dialects.builtin import (
    DYNAMIC_INDEX,
    ArrayAttr,
    DictionaryAttr,
    FunctionType,
    IntegerAttr,
    ModuleOp,
    i64,
)
from xdsl.ir import Block, Operation, SSAValue
from xdsl.passes import ModulePass
from xdsl.rewriter import InsertPoint, Rewriter

from tilewright.dialects import ttir
from tilewright.dialects.discardable import TIED
from tilewright.dialects.ttir.written import Writes, callee_of
from tilewright.dialects.types import is_tensor
from tilewright.support.errors import UnsupportedInputError
from tilewright.support.locations import describe_location
from tilewright.transforms.cache_values import cache_after
from tilewright.transforms.locations import at_location


@dataclass(frozen=True)
class TtirCacheToValues(ModulePass):
    """Each cache op becomes a computation of the cache's new value, which later uses get.

    Where the cache is an argument, its last value is one more result, tied to the argument; a call of such a function
    takes the new values from there.
    """

    name = "ttir-cache-to-values"

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        functions = [f for f in op.walk() if isinstance(f, func.FuncOp)]
        named: dict[str, func.FuncOp] = {}
        for function in functions:
            known = named.get(function.sym_name.data)
            if known is None or known.is_declaration:
                named[function.sym_name.data] = function
        writes = Writes(named.get)
        for function in functions:
            writes.arguments(function)  # kept, so that it says how functions were before they are converted
        conversion = _Conversion(named, writes)
        for function in functions:
            conversion.convert(function)


@dataclass
class _Conversion:
    """Converts functions, each after those that it calls.

    Attributes:
        named: The functions of the module.
        writes: What they changed in place.
        tied: The arguments that functions have been found to change, by number.
        open: Functions that are being converted.
    """

    named: dict[str, func.FuncOp]
    writes: Writes
    tied: dict[func.FuncOp, tuple[int, ...]] = field(default_factory=dict[func.FuncOp, "tuple[int, ...]"])
    open: list[func.FuncOp] = field(default_factory=list[func.FuncOp])

    def convert(self, function: func.FuncOp) -> tuple[int, ...]:
        """The arguments that `function` changed in place; now it returns their last values."""
        if function in self.tied or function.is_declaration:
            return self.tied.get(function, ())
        if function in self.open:
            return ()  # what it writes is refused at the call
        self.open.append(function)
        callees = [self.named.get(name) for op in function.walk() if (name := callee_of(op)) is not None]
        for callee in callees:
            if callee is not None:
                self.convert(callee)
        writers = list(self._writers(function))
        self.open.pop()
        tied: tuple[int, ...] = ()
        if writers:
            values = self._replace(function, frozenset(writers))
            arguments = function.body.block.args
            tied = tuple(i for i, argument in enumerate(arguments) if argument in values)
            _return_too(function, tied, [values[arguments[i]] for i in tied])
        self.tied[function] = tied
        return tied

    def _writers(self, function: func.FuncOp) -> Iterator[Operation]:
        """The ops of `function` that change an operand in place, each of which can be expressed."""
        for op in function.walk():
            written = self.writes.operands(op)
            if not written:
                continue
            if op.parent_op() is not function or len(function.body.blocks) != 1:
                raise _refused(op, "it stands in a loop or branch, which has no results to give the new value to")
            if isinstance(op, ttir.CacheOp):
                if any(DYNAMIC_INDEX in t.get_shape() for t in op.operand_types if is_tensor(t)):
                    raise _refused(op, "a shape is not known")
            elif not isinstance(op, func.CallOp) or self.named[op.callee.string_value()] in self.open:
                raise _refused(op, "the function that it runs changes an argument in place")
            elif any(op.operands.count(op.operands[i]) > 1 for i in written):
                raise _refused(op, "the function that it runs changes an argument that it gets twice")
            yield op

    def _replace(self, function: func.FuncOp, writers: AbstractSet[Operation]) -> dict[SSAValue, SSAValue]:
        """Give every use the value at its place; the last values of what was changed."""
        values: dict[SSAValue, SSAValue] = {}
        for op in list(function.body.block.ops):
            caches = [op.operands[i] for i in sorted(self.writes.operands(op))] if op in writers else []
            for each in op.walk():
                for i, operand in enumerate(each.operands):
                    if operand in values:
                        each.operands[i] = values[operand]
            if caches:
                values.update(zip(caches, self._expressed(op), strict=True))
        return values

    def _expressed(self, op: Operation) -> Sequence[SSAValue]:
        """Replace `op` by values: what those that it changed are then."""
        if isinstance(op, ttir.CacheOp):
            try:
                ops, value = cache_after(op)
            except UnsupportedInputError as error:
                where = describe_location(op)
                raise UnsupportedInputError(error.what, where=where, why=error.why, hint=error.hint) from error
            Rewriter.insert_op(ops, InsertPoint.before(op))
            Rewriter.erase_op(op)
            return [value]
        assert isinstance(op, func.CallOp)
        types = [op.operands[i].type for i in self.tied[self.named[op.callee.string_value()]]]
        call = at_location(op, func.CallOp(op.callee, op.operands, [*op.result_types, *types]))
        call.attributes |= op.attributes
        kept = len(op.results)
        Rewriter.replace_op(op, call, call.results[:kept])
        return call.results[kept:]


def _refused(op: Operation, why: str) -> UnsupportedInputError:
    return UnsupportedInputError(
        f"{op.name} changes a cache in a way that cannot be expressed with values",
        where=describe_location(op),
        why=why,
        hint="write into the cache in the function itself, and outside of loops and branches",
    )


def _return_too(function: func.FuncOp, tied: Sequence[int], values: Sequence[SSAValue]) -> None:
    """Let `function` return `values` too, each tied to the argument of that number."""
    if not tied:
        return
    block: Block = function.body.block
    end = block.last_op
    assert isinstance(end, func.ReturnOp)
    Rewriter.replace_op(end, at_location(end, func.ReturnOp(*end.arguments, *values)))
    outputs = function.function_type.outputs.data
    attributes = function.res_attrs.data if function.res_attrs is not None else [DictionaryAttr({})] * len(outputs)
    ties = [DictionaryAttr({TIED: IntegerAttr(i, i64)}) for i in tied]
    function.res_attrs = ArrayAttr([*attributes, *ties])
    types = [*outputs, *(v.type for v in values)]
    function.function_type = FunctionType.from_lists(list(function.function_type.inputs.data), types)
