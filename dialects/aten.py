"""The `aten` dialect: PyTorch's operators as they stand in an exported graph.

One op, :class:`CallOp`, calls one overload. Its positional and keyword arguments are kept exactly as in the graph:
values are SSA operands, everything else is an attribute. Nothing here knows an operator's schema, so every graph can be
represented; what a callee means is defined by torch.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeAlias

from xdsl.dialects.builtin import ArrayAttr, DictionaryAttr, IntAttr, StringAttr
from xdsl.ir import Attribute, Dialect, Operation, ParametrizedAttribute, SSAValue, TypeAttribute
from xdsl.irdl import (
    IRDLOperation,
    irdl_attr_definition,
    irdl_op_definition,
    opt_prop_def,
    param_def,
    prop_def,
    var_operand_def,
    var_result_def,
)
from xdsl.parser import AttrParser, Parser, UnresolvedOperand
from xdsl.printer import Printer
from xdsl.utils.exceptions import VerifyException

BARE_RESULT = "tilewright.bare_result"
"""Function attribute (unit): the Python callable returns its one result itself, not a tuple of results."""


@irdl_attr_definition
class OperandAttr(ParametrizedAttribute):
    """Stands in an argument list for the operand with this index."""

    name = "aten.operand"

    index: IntAttr

    @classmethod
    def parse_parameters(cls, parser: AttrParser) -> Sequence[Attribute]:
        with parser.in_angle_brackets():
            return [IntAttr(parser.parse_integer(allow_negative=False))]

    def print_parameters(self, printer: Printer) -> None:
        with printer.in_angle_brackets():
            printer.print_int(self.index.data)


@irdl_attr_definition
class NoneAttr(ParametrizedAttribute):
    """Python's None as an argument."""

    name = "aten.none"


class _NamedConstant(ParametrizedAttribute):
    """An enumerated constant of torch, by the name it has there without the `torch.` prefix."""

    value: StringAttr

    @classmethod
    def parse_parameters(cls, parser: AttrParser) -> Sequence[Attribute]:
        with parser.in_angle_brackets():
            return [StringAttr(parser.parse_str_literal())]

    def print_parameters(self, printer: Printer) -> None:
        with printer.in_angle_brackets():
            printer.print_string_literal(self.value.data)


@irdl_attr_definition
class DtypeAttr(_NamedConstant):
    """A `torch.dtype`, e.g. `#aten.dtype<"float32">`."""

    name = "aten.dtype"
    value: StringAttr = param_def()


@irdl_attr_definition
class DeviceAttr(_NamedConstant):
    """A `torch.device`, e.g. `#aten.device<"cpu">`."""

    name = "aten.device"
    value: StringAttr = param_def()


@irdl_attr_definition
class LayoutAttr(_NamedConstant):
    """A `torch.layout`, e.g. `#aten.layout<"strided">`."""

    name = "aten.layout"
    value: StringAttr = param_def()


@irdl_attr_definition
class MemoryFormatAttr(_NamedConstant):
    """A `torch.memory_format`, e.g. `#aten.memory_format<"contiguous_format">`."""

    name = "aten.memory_format"
    value: StringAttr = param_def()


@irdl_attr_definition
class ComplexAttr(ParametrizedAttribute):
    """A Python complex number; both parts print in full precision."""

    name = "aten.complex"

    real: StringAttr
    imag: StringAttr

    def verify(self) -> None:
        for role, part in (("real", self.real), ("imaginary", self.imag)):
            try:
                float(part.data)
            except ValueError:
                raise VerifyException(f"aten.complex: the {role} part must be a number, found '{part.data}'") from None


@irdl_attr_definition
class ElementType(_NamedConstant, TypeAttribute):
    """A torch element type that builtin MLIR types cannot spell here, e.g. `!aten.element<"float8_e4m3fn">`."""

    name = "aten.element"
    value: StringAttr = param_def()


Argument: TypeAlias = Attribute
"""An argument: OperandAttr, a constant, or an ArrayAttr of arguments."""


def _operand_indices(argument: Argument) -> Iterator[int]:
    match argument:
        case OperandAttr():
            yield argument.index.data
        case ArrayAttr():
            for element in argument.data:
                yield from _operand_indices(element)
        case _:
            pass


_Parsed: TypeAlias = "Attribute | UnresolvedOperand | list[_Parsed]"


@irdl_op_definition
class CallOp(IRDLOperation):
    """Calls an ATen overload (or a Python operator on symbolic sizes, or a higher-order operator).

    `aten.call "aten.transpose.int"(%x, 1 : i64, 2 : i64) : (tensor<2x3xf32>) -> tensor<3x2xf32>`

    Keyword arguments follow as `kwargs(name = argument, ..)`; a list is written in brackets and may mix values and
    constants.
    """

    name = "aten.call"

    callee = prop_def(StringAttr)
    """The overload as torch prints it, e.g. `aten.linear.default`."""
    args = prop_def(ArrayAttr[Attribute])
    """Positional arguments; `#aten.operand<i>` stands for operand i."""
    kwargs = opt_prop_def(DictionaryAttr)
    """Keyword arguments, in the same form; absent if there are none."""

    inputs = var_operand_def()
    outputs = var_result_def()

    def __init__(
        self,
        callee: str,
        inputs: Sequence[SSAValue | Operation],
        args: Sequence[Argument],
        kwargs: dict[str, Argument] | None,
        result_types: Sequence[Attribute],
    ):
        super().__init__(
            operands=[list(inputs)],
            result_types=[list(result_types)],
            properties={
                "callee": StringAttr(callee),
                "args": ArrayAttr(args),
                "kwargs": DictionaryAttr(kwargs) if kwargs else None,
            },
        )

    def keyword_arguments(self) -> dict[str, Argument]:
        """The keyword arguments; empty if there are none."""
        kwargs = self.properties.get("kwargs")
        return dict(kwargs.data) if isinstance(kwargs, DictionaryAttr) else {}

    def verify_(self) -> None:
        used = [i for a in self.args.data for i in _operand_indices(a)]
        used += [i for a in self.keyword_arguments().values() for i in _operand_indices(a)]
        # The custom form writes a value where an argument refers to it, so only this order can be read back.
        expected = list(range(len(self.operands)))
        if used != expected:
            raise VerifyException(
                f"aten.call {self.callee}: the arguments refer to operands {used}, "
                f"expected each once, in order: {expected}"
            )

    def print(self, printer: Printer) -> None:
        printer.print_string(" ")
        printer.print_string_literal(self.callee.data)
        with printer.in_parens():
            printer.print_list(self.args.data, lambda a: self._print_argument(printer, a))
        if keywords := self.keyword_arguments():
            printer.print_string(" kwargs")
            with printer.in_parens():
                printer.print_list(keywords.items(), lambda item: self._print_keyword(printer, *item))
        printer.print_op_attributes(self.attributes, reserved_attr_names=())
        printer.print_string(" : ")
        printer.print_function_type(self.operand_types, self.result_types)

    def _print_keyword(self, printer: Printer, key: str, argument: Argument) -> None:
        printer.print_identifier_or_string_literal(key)
        printer.print_string(" = ")
        self._print_argument(printer, argument)

    def _print_argument(self, printer: Printer, argument: Argument) -> None:
        match argument:
            case OperandAttr():
                printer.print_ssa_value(self.operands[argument.index.data])
            case ArrayAttr():
                with printer.in_square_brackets():
                    printer.print_list(argument.data, lambda a: self._print_argument(printer, a))
            case _:
                printer.print_attribute(argument)

    @classmethod
    def parse(cls, parser: Parser) -> CallOp:
        callee = parser.parse_str_literal()
        positional = parser.parse_comma_separated_list(Parser.Delimiter.PAREN, lambda: _parse_argument(parser))
        keyword: list[tuple[str, _Parsed]] = []
        if parser.parse_optional_keyword("kwargs"):
            keyword = parser.parse_comma_separated_list(Parser.Delimiter.PAREN, lambda: _parse_keyword(parser))
        attributes = parser.parse_optional_attr_dict()
        parser.parse_punctuation(":")
        position = parser.pos
        function_type = parser.parse_function_type()

        operands: list[UnresolvedOperand] = []
        args = [_collect(a, operands) for a in positional]
        kwargs = {k: _collect(a, operands) for k, a in keyword}
        resolved = parser.resolve_operands(operands, function_type.inputs.data, position)
        op = CallOp(callee, resolved, args, kwargs, function_type.outputs.data)
        op.attributes |= attributes
        return op


def _parse_keyword(parser: Parser) -> tuple[str, _Parsed]:
    key = parser.parse_optional_identifier_or_str_literal()
    if key is None:
        parser.raise_error("expected the name of a keyword argument")
    parser.parse_punctuation("=")
    return key, _parse_argument(parser)


def _parse_argument(parser: Parser) -> _Parsed:
    operand = parser.parse_optional_unresolved_operand()
    if operand is not None:
        return operand
    elements = parser.parse_optional_comma_separated_list(Parser.Delimiter.SQUARE, lambda: _parse_argument(parser))
    if elements is not None:
        return elements
    return parser.parse_attribute()


def _collect(argument: _Parsed, operands: list[UnresolvedOperand]) -> Argument:
    """Turn a parsed argument into its attribute, appending the operands met to `operands`, in order."""
    if isinstance(argument, UnresolvedOperand):
        operands.append(argument)
        return OperandAttr(IntAttr(len(operands) - 1))
    if isinstance(argument, list):
        return ArrayAttr([_collect(a, operands) for a in argument])
    return argument


ATEN = Dialect(
    "aten",
    [CallOp],
    [OperandAttr, NoneAttr, DtypeAttr, DeviceAttr, LayoutAttr, MemoryFormatAttr, ComplexAttr, ElementType],
)
