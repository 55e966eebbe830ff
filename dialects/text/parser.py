"""The parser of textual IR: xDSL's, with MLIR's aliases, locations, literals and resources.

An op without a location gets that of its name in the text, as `mlir-opt` does.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from xdsl.context import Context
from xdsl.dialects.builtin import (
    FileLineColLoc,
    IntAttr,
    ModuleOp,
    StringAttr,
    UnknownLoc,
    UnregisteredAttr,
    UnregisteredOp,
)
from xdsl.ir import Attribute, Block, Data, Operation, ParametrizedAttribute, SSAValue
from xdsl.parser import AttrParser, UnresolvedOperand
from xdsl.parser.generic_parser import ParserState
from xdsl.utils.exceptions import VerifyException
from xdsl.utils.lexer import Position, Span
from xdsl.utils.mlir_lexer import MLIRTokenKind

from tilewright.dialects.text.aliases import AliasParser
from tilewright.dialects.text.dense import DenseParser
from tilewright.dialects.text.destinations import drop_destinations
from tilewright.dialects.text.lexer import TextLexer
from tilewright.dialects.text.locations import LocationParser, file_location
from tilewright.dialects.text.numbers import NumberParser
from tilewright.dialects.text.properties import discard_unknown_properties
from tilewright.dialects.text.resources import ResourceParser
from tilewright.dialects.text.source import Source
from tilewright.support.suggest import nearest_names

_OP_BEGINNINGS = (MLIRTokenKind.PERCENT_IDENT, MLIRTokenKind.BARE_IDENT, MLIRTokenKind.STRING_LIT)
_ALIASES = (MLIRTokenKind.HASH_IDENT, MLIRTokenKind.EXCLAMATION_IDENT)


class TextParser(AliasParser, LocationParser, DenseParser, NumberParser, ResourceParser):
    """Parses one source.

    Attributes:
        positions: Where the name of each op stands.
    """

    positions: dict[Operation, int]

    def __init__(self, context: Context, source: Source):
        self._source = source
        lexer = TextLexer(source)
        lexer.pos = source.begin
        # Not xDSL's own constructor, which takes a whole text and its own lexer.
        AttrParser.__init__(self, ParserState(lexer), context)
        self.ssa_values = {}
        self.blocks = {}
        self.forward_block_references = defaultdict(list)
        self.forward_ssa_references = {}
        self.positions = {}
        self._op_names: list[int] = []
        self._first_uses: dict[str, Span] = {}
        self._file = StringAttr(source.name)
        self._init_aliases(source.begin)
        self._init_numbers()
        self._init_resources()

    def parse_module(self, allow_implicit_module: bool = True) -> ModuleOp:
        """The module of the text; one around its ops if they are not a single module.

        Args:
            allow_implicit_module: Whether ops may stand outside a module.
        """
        ops: list[Operation] = []
        while (kind := self._current_token.kind) is not MLIRTokenKind.EOF:
            if kind in _ALIASES:
                self._parse_alias_def()
            elif kind is MLIRTokenKind.FILE_METADATA_BEGIN:
                self._parse_file_metadata_dictionary()
            elif kind in _OP_BEGINNINGS:
                ops.append(self.parse_operation())
            else:
                self.raise_error("expected an operation")
        if self.forward_ssa_references:
            name = next(iter(self.forward_ssa_references))
            self.raise_error(f"use of undeclared SSA value name '%{name}'", self._first_uses[name])
        if len(ops) == 1 and isinstance(module := ops[0], ModuleOp):
            return module
        if not allow_implicit_module:
            self.raise_error("builtin.module operation expected", self._source.begin, self._source.begin)
        module = ModuleOp(ops)
        module.location = file_location(self._source.name, 0, 0)
        return module

    def _parse_block(self) -> Block:
        if self._current_token.kind is not MLIRTokenKind.CARET_IDENT:
            self.raise_error("expected an operation, a block or '}'")
        return super()._parse_block()

    def _parse_op_result_list(self) -> list[tuple[Span, int]]:
        results = super()._parse_op_result_list()
        self._op_names.append(self.pos)
        return results

    def _get_op_by_name(self, name: str) -> type[Operation]:
        position = self._op_names[-1]
        if self._source.content[position] == '"':
            found = self.ctx.get_optional_op(name)
        else:
            found = self._op_with_own_format(name)
        if found is None:
            dialect = name.partition(".")[0] + "."
            near = nearest_names(name, (op.name for op in self.ctx.loaded_ops if op.name.startswith(dialect)))
            hint = f"; {near}" if near.startswith("did") else ""
            self.raise_error(f"operation '{name}' is not registered{hint}", position, position + len(name))
        return found

    def _op_with_own_format(self, name: str) -> type[Operation] | None:
        """The op of that name, which may leave out the dialect of an op around it."""
        names = [name] if "." in name else [f"{d}.{name}" for d in reversed(self._parser_state.dialect_stack)]
        accepted = self.ctx.allow_unregistered
        # Else xDSL registers `return` as an op of no dialect, which is then found for every `return`.
        self.ctx.allow_unregistered = False
        try:
            found = next((op for op in map(self.ctx.get_optional_op, names) if op is not None), None)
        finally:
            self.ctx.allow_unregistered = accepted
        return None if found is None or issubclass(found, UnregisteredOp) else found

    def _parse_dialect_type_or_attribute_body(
        self, attr_name: str, is_type: bool, is_opaque: bool, starting_opaque_pos: Position | None
    ) -> UnregisteredAttr | ParametrizedAttribute | Data[Any]:
        start = self.pos
        try:
            return super()._parse_dialect_type_or_attribute_body(attr_name, is_type, is_opaque, starting_opaque_pos)
        except VerifyException as error:
            # Else the fault would be reported where parsing has got to, which may be lines below.
            self.raise_error(str(error).rstrip(), start, start)

    def parse_operation(self) -> Operation:
        op = super().parse_operation()
        drop_destinations(op)
        discard_unknown_properties(op)
        self.positions[op] = position = self._op_names.pop()
        # A location that was read ends where the op does.
        if isinstance(op.location, UnknownLoc) and self._unknown_end != self.pos:
            line, column = self._source.line_and_column(position)
            op.location = FileLineColLoc(self._file, IntAttr(line), IntAttr(column))
        return op

    def resolve_operand(self, operand: UnresolvedOperand, type: Attribute) -> SSAValue:  # pyright: ignore[reportIncompatibleMethodOverride]
        if operand.operand_name not in self.ssa_values:
            self._first_uses.setdefault(operand.operand_name, operand.span)
        return super().resolve_operand(operand, type)
