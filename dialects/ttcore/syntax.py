"""Pieces of the syntax that TTCore's attributes share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeGuard, TypeVar

from xdsl.dialects.builtin import ArrayAttr, DenseIntOrFPElementsAttr, IntAttr, IntegerAttr, StringAttr
from xdsl.ir import Attribute
from xdsl.parser import AttrParser
from xdsl.printer import Printer

from tilewright.dialects.bracketed import parse_bracketed

_T = TypeVar("_T")

IntArray = ArrayAttr[IntAttr]
"""Integers that are parameters of an attribute."""


def int_array(values: Sequence[int]) -> IntArray:
    """`values` as a parameter."""
    return ArrayAttr([IntAttr(v) for v in values])


def ints(array: IntArray) -> tuple[int, ...]:
    """The numbers of a parameter."""
    return tuple(v.data for v in array)


def is_dense(attribute: Attribute) -> TypeGuard[DenseIntOrFPElementsAttr]:
    """Whether `attribute` is a dense one."""
    # What isinstance alone says leaves a type checker without the attribute's parameters.
    return isinstance(attribute, DenseIntOrFPElementsAttr)


def is_integer(attribute: Attribute) -> TypeGuard[IntegerAttr]:
    """Whether `attribute` is an integer with a type."""
    return isinstance(attribute, IntegerAttr)


def parse_dims(parser: AttrParser) -> IntArray:
    """Extents such as `8x128`; there may be none."""
    return int_array(parser.parse_dimension_list())


def print_dims(printer: Printer, dims: IntArray) -> None:
    """Extents such as `8x128`."""
    printer.print_dimension_list(ints(dims))


def parse_int(parser: AttrParser) -> IntAttr:
    """An integer."""
    return IntAttr(parser.parse_integer(allow_boolean=False))


def parse_key(parser: AttrParser, key: str, *, first: bool = False) -> None:
    """`key =`, after a comma unless it is the first."""
    if not first:
        parser.parse_punctuation(",")
    parser.parse_keyword(key)
    parser.parse_punctuation("=")


def parse_list(parser: AttrParser, item: Callable[[], _T]) -> list[_T]:
    """Items in square brackets."""
    return parser.parse_comma_separated_list(parser.Delimiter.SQUARE, item)


def parse_map(parser: AttrParser) -> StringAttr:
    """An affine map without a name before it, as its text: `(d0, d1)[s0] -> (d1, d0 * s0)`.

    The maps of devices multiply by symbols, which xDSL's own maps cannot.
    """
    dimensions = parse_bracketed(parser)
    symbols = parse_bracketed(parser) if parser.parse_optional_punctuation("->") is None else None
    if symbols is None:
        return StringAttr(f"{dimensions} -> {parse_bracketed(parser)}")
    parser.parse_punctuation("->")
    return StringAttr(f"{dimensions}{symbols} -> {parse_bracketed(parser)}")
