"""The placed level: queues, epochs and the program that runs them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from xdsl.dialects.builtin import (
    ArrayAttr,
    DictionaryAttr,
    FlatSymbolRefAttr,
    FunctionType,
    IntegerAttr,
    StringAttr,
    SymbolNameConstraint,
    SymbolRefAttr,
    UnitAttr,
    i64,
)
from xdsl.dialects.utils import EnumAttribute, parse_func_op_like, print_func_op_like
from xdsl.ir import Attribute, Operation, Region, SpacedOpaqueSyntaxAttribute, SSAValue
from xdsl.irdl import (
    IRDLOperation,
    irdl_attr_definition,
    irdl_op_definition,
    operand_def,
    opt_prop_def,
    prop_def,
    region_def,
    result_def,
    traits_def,
    var_operand_def,
)
from xdsl.parser import Parser
from xdsl.printer import Printer
from xdsl.traits import IsolatedFromAbove, IsTerminator, NoTerminator, SymbolOpInterface
from xdsl.utils.exceptions import VerifyException
from xdsl.utils.str_enum import StrEnum

from tilewright.dialects.tile.attributes import IntsAttr, MemoryAttr, tile_info
from tilewright.dialects.tile.bases import KernelOp, TileTensor, Value


class QueueKind(StrEnum):
    """A queue hands each entry over once; a ram keeps its entry (parameters, tied state)."""

    QUEUE = "queue"
    RAM = "ram"


@irdl_attr_definition
class QueueKindAttr(EnumAttribute[QueueKind], SpacedOpaqueSyntaxAttribute):
    """`#tile<queue_kind ram>`."""

    name = "tile.queue_kind"


@irdl_op_definition
class QueueOp(IRDLOperation):
    """A buffer between epochs, or between the host and an epoch.

    The entry's tiles are split over a grid of buffers; buffer i of `allocation` is (channel, byte address).
    """

    name = "tile.queue"

    sym_name = prop_def(SymbolNameConstraint())
    kind = prop_def(QueueKindAttr)
    entry = prop_def(TileTensor)
    """Type of an entry."""
    entries = prop_def(IntegerAttr)
    """Entries that fit at the same time."""
    grid = prop_def(IntsAttr)
    """Rows and columns of the grid of buffers."""
    memory = prop_def(MemoryAttr)
    allocation = prop_def(IntsAttr)
    """Channel and address of each buffer, in row-major order of the grid, flattened."""

    traits = traits_def(SymbolOpInterface())

    assembly_format = (
        "$kind $sym_name `entries` `=` $entries `grid` `=` $grid $memory `at` $allocation attr-dict `:` $entry"
    )

    def __init__(
        self,
        sym_name: str,
        kind: QueueKind,
        entry: Attribute,
        entries: int,
        grid: tuple[int, int],
        memory: MemoryAttr,
        allocation: Sequence[tuple[int, int]],
    ):
        super().__init__(
            properties={
                "sym_name": StringAttr(sym_name),
                "kind": QueueKindAttr(kind),
                "entry": entry,
                "entries": IntegerAttr(entries, i64),
                "grid": IntsAttr.of(*grid),
                "memory": memory,
                "allocation": IntsAttr.of(*(n for pair in allocation for n in pair)),
            }
        )

    @property
    def buffers(self) -> tuple[tuple[int, int], ...]:
        """(channel, address) of each buffer."""
        flat = self.allocation.values
        return tuple(zip(flat[::2], flat[1::2], strict=True))

    def verify_(self) -> None:
        name = self.sym_name.data
        if self.entries.value.data < 1:
            raise VerifyException(f"tile.queue @{name}: entries must be at least 1, found {self.entries.value.data}")
        grid = self.grid.values
        if len(grid) != 2 or min(grid) < 1:
            raise VerifyException(f"tile.queue @{name}: grid needs two positive numbers, found {grid}")
        if len(self.allocation.values) != 2 * grid[0] * grid[1]:
            raise VerifyException(
                f"tile.queue @{name}: a grid of {grid[0]}x{grid[1]} needs as many (channel, address) pairs, "
                f"found {len(self.allocation.values)} numbers"
            )
        if min(self.allocation.values) < 0:
            raise VerifyException(
                f"tile.queue @{name}: channels and addresses must be at least 0, found {list(self.allocation.values)}"
            )
        try:
            tile_info(self.entry)
        except VerifyException as error:
            raise VerifyException(f"tile.queue @{name}: {error}") from None


@irdl_op_definition
class PopOp(IRDLOperation):
    """The front entry of a queue. A queue gives it up, unless `keep` says that a later reader wants it too; a ram
    always keeps it."""

    name = "tile.pop"

    queue = prop_def(FlatSymbolRefAttr)
    keep = opt_prop_def(UnitAttr)
    result = result_def(TileTensor)

    assembly_format = "$queue (`keep` $keep^)? attr-dict `:` type($result)"

    def __init__(self, queue: str, result_type: Attribute, *, keep: bool = False):
        super().__init__(
            properties={"queue": SymbolRefAttr(queue), "keep": UnitAttr() if keep else None},
            result_types=[result_type],
        )


@irdl_op_definition
class PushOp(IRDLOperation):
    """Appends an entry to a queue, or sets a ram."""

    name = "tile.push"

    value = operand_def(TileTensor)
    queue = prop_def(FlatSymbolRefAttr)

    assembly_format = "$value `to` $queue attr-dict `:` type($value)"

    def __init__(self, value: Value, queue: str):
        super().__init__(operands=[value], properties={"queue": SymbolRefAttr(queue)})


@irdl_op_definition
class EpochOp(IRDLOperation):
    """Kernels that occupy the core grid at the same time, each on cores of its own.

    No SSA value enters or leaves: data come from pops and go to pushes.
    """

    name = "tile.epoch"

    sym_name = prop_def(SymbolNameConstraint())
    chip = prop_def(IntegerAttr)
    index = prop_def(IntegerAttr)
    body = region_def("single_block")

    traits = traits_def(SymbolOpInterface(), IsolatedFromAbove(), NoTerminator())

    assembly_format = "$sym_name `chip` `=` $chip `index` `=` $index attr-dict-with-keyword $body"

    def __init__(self, sym_name: str, chip: int, index: int, body: Region):
        super().__init__(
            properties={
                "sym_name": StringAttr(sym_name),
                "chip": IntegerAttr(chip, i64),
                "index": IntegerAttr(index, i64),
            },
            regions=[body],
        )

    def verify_(self) -> None:
        name = self.sym_name.data
        for role, number in (("chip", self.chip.value.data), ("index", self.index.value.data)):
            if number < 0:
                raise VerifyException(f"tile.epoch @{name}: {role} must be at least 0, found {number}")
        owner: dict[tuple[int, int], str] = {}
        for op in self.body.block.ops:
            if isinstance(op, PopOp | PushOp):
                continue
            if not isinstance(op, KernelOp):
                raise VerifyException(f"tile.epoch @{name}: {op.name} is no kernel, pop or push")
            if op.placement is None:
                raise VerifyException(f"tile.epoch @{name}: {op.name} has no placement")
            for core in sorted(op.placement.placement.cores):
                if core in owner:
                    raise VerifyException(f"tile.epoch @{name}: {op.name} and {owner[core]} both occupy core {core}")
                owner[core] = op.name


@irdl_op_definition
class ExecuteOp(IRDLOperation):
    """Runs an epoch once: each of its pops takes an entry, each of its pushes adds one."""

    name = "tile.execute"

    epoch = prop_def(FlatSymbolRefAttr)

    assembly_format = "$epoch attr-dict"

    def __init__(self, epoch: str):
        super().__init__(properties={"epoch": SymbolRefAttr(epoch)})


@irdl_op_definition
class ReturnOp(IRDLOperation):
    """Ends a program with its results."""

    name = "tile.return"

    arguments = var_operand_def()

    traits = traits_def(IsTerminator())

    assembly_format = "attr-dict ($arguments^ `:` type($arguments))?"

    def __init__(self, *arguments: Value):
        super().__init__(operands=[list(arguments)])


@irdl_op_definition
class ProgramOp(IRDLOperation):
    """What the host runs for one microbatch: fills queues, executes epochs, calls host functions, reads queues."""

    name = "tile.program"

    sym_name = prop_def(StringAttr)
    function_type = prop_def(FunctionType)
    arg_attrs = opt_prop_def(ArrayAttr[DictionaryAttr])
    res_attrs = opt_prop_def(ArrayAttr[DictionaryAttr])
    body = region_def("single_block")

    traits = traits_def(SymbolOpInterface(), IsolatedFromAbove())

    def __init__(
        self,
        sym_name: str,
        function_type: FunctionType,
        body: Region,
        *,
        arg_attrs: ArrayAttr[DictionaryAttr] | None = None,
        res_attrs: ArrayAttr[DictionaryAttr] | None = None,
    ):
        super().__init__(
            properties={
                "sym_name": StringAttr(sym_name),
                "function_type": function_type,
                "arg_attrs": arg_attrs,
                "res_attrs": res_attrs,
            },
            regions=[body],
        )

    @property
    def args(self) -> Sequence[SSAValue]:
        """The program's arguments."""
        return self.body.block.args

    def verify_(self) -> None:
        name = self.sym_name.data
        types = tuple(a.type for a in self.args)
        if types != self.function_type.inputs.data:
            raise VerifyException(
                f"tile.program @{name}: the block's arguments have the types ({_listed(types)}), "
                f"expected ({_listed(self.function_type.inputs)})"
            )
        terminator = self.body.block.last_op
        if not isinstance(terminator, ReturnOp):
            found = "nothing" if terminator is None else terminator.name
            raise VerifyException(f"tile.program @{name}: ends with {found}, expected tile.return")
        returned = tuple(a.type for a in terminator.arguments)
        if returned != self.function_type.outputs.data:
            raise VerifyException(
                f"tile.program @{name}: tile.return gives the types ({_listed(returned)}), "
                f"expected ({_listed(self.function_type.outputs)})"
            )

    def print(self, printer: Printer) -> None:
        reserved = ("sym_name", "function_type", "sym_visibility", "arg_attrs", "res_attrs")
        print_func_op_like(
            printer,
            self.sym_name,
            self.function_type,
            self.body,
            self.attributes,
            arg_attrs=self.arg_attrs,
            res_attrs=self.res_attrs,
            reserved_attr_names=reserved,
        )

    @classmethod
    def parse(cls, parser: Parser) -> ProgramOp:
        name, inputs, outputs, body, extra, arg_attrs, res_attrs = parse_func_op_like(
            parser, reserved_attr_names=("sym_name", "function_type", "sym_visibility", "arg_attrs", "res_attrs")
        )
        op = ProgramOp(name, FunctionType.from_lists(inputs, outputs), body, arg_attrs=arg_attrs, res_attrs=res_attrs)
        if extra is not None:
            op.attributes |= extra.data
        return op


def _listed(types: Iterable[Attribute]) -> str:
    return ", ".join(map(str, types))


PLACED_OPS: list[type[Operation]] = [QueueOp, PopOp, PushOp, EpochOp, ExecuteOp, ReturnOp, ProgramOp]
"""All ops of this family."""
