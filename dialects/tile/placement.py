"""Where and in which blocks a kernel runs: the attribute that placement gives to every kernel of an epoch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from xdsl.dialects.builtin import ArrayAttr, IntAttr
from xdsl.ir import Attribute, ParametrizedAttribute
from xdsl.irdl import irdl_attr_definition
from xdsl.parser import AttrParser
from xdsl.printer import Printer
from xdsl.utils.exceptions import VerifyException

_PAIRS = ("origin", "grid", "mblock", "ublock")
_LISTS = (*_PAIRS, "resident")
_FIELDS = ("origin", "grid", "t", "mblock", "ublock", "m_k", "u_kt", "buffers", "resident", "l1")


@dataclass(frozen=True, slots=True)
class Placement:
    """The block structure of a placed kernel, in Buda's terms.

    Attributes:
        origin: Row and column of the first core.
        grid: Core rows and columns.
        t: Blocks that a core computes one after the other.
        mblock: Rows and columns of a block, in ublocks.
        ublock: Rows and columns of a ublock, in tiles; a ublock fits in Dest.
        m_k: Blocks of the inner dimension, between which an intermediate spills.
        u_kt: Inner tiles of a block.
        buffers: Output buffers a core keeps (2: double buffering).
        resident: Operands that stay in L1 while the kernel runs.
        l1: Bytes of L1 that the kernel needs on each of its cores.
    """

    origin: tuple[int, int]
    grid: tuple[int, int]
    t: int
    mblock: tuple[int, int]
    ublock: tuple[int, int]
    m_k: int
    u_kt: int
    buffers: int
    resident: tuple[int, ...]
    l1: int

    @property
    def cores(self) -> frozenset[tuple[int, int]]:
        """Coordinates of all cores."""
        (row, col), (rows, cols) = self.origin, self.grid
        return frozenset((r, c) for r in range(row, row + rows) for c in range(col, col + cols))

    @property
    def tiles(self) -> int:
        """Output tiles of all cores together."""
        (rows, cols), (m, n), (rt, ct) = self.grid, self.mblock, self.ublock
        return rows * cols * self.t * m * n * rt * ct


@irdl_attr_definition
class PlacementAttr(ParametrizedAttribute):
    """`#tile.placement<origin = [0, 0], grid = [8, 8], t = 1, mblock = [2, 1], ublock = [2, 4], m_k = 3, u_kt = 4,
    ..>`."""

    name = "tile.placement"

    fields: ArrayAttr[ArrayAttr[IntAttr]]

    @staticmethod
    @cache
    def of(placement: Placement) -> PlacementAttr:
        """The attribute for `placement`; cached."""

        def ints(value: int | tuple[int, ...]) -> ArrayAttr[IntAttr]:
            return ArrayAttr([IntAttr(v) for v in (value if isinstance(value, tuple) else (value,))])

        return PlacementAttr(ArrayAttr([ints(getattr(placement, field)) for field in _FIELDS]))

    @property
    def placement(self) -> Placement:
        """The same as numbers; cached."""
        return _placement(self)

    def verify(self) -> None:
        if len(self.fields.data) != len(_FIELDS):
            raise VerifyException(f"tile.placement: expected {len(_FIELDS)} fields, found {len(self.fields.data)}")
        for field, values in zip(_FIELDS, self.fields.data, strict=True):
            expected = 2 if field in _PAIRS else 1
            if field != "resident" and len(values.data) != expected:
                raise VerifyException(f"tile.placement: {field} needs {expected} numbers, found {len(values.data)}")
            least = 0 if field in ("origin", "resident", "l1") else 1
            for value in values.data:
                if value.data < least:
                    raise VerifyException(f"tile.placement: {field} must be at least {least}, found {value.data}")

    @classmethod
    def parse_parameters(cls, parser: AttrParser) -> Sequence[Attribute]:
        def integer() -> IntAttr:
            return IntAttr(parser.parse_integer(allow_negative=False))

        fields: list[ArrayAttr[IntAttr]] = []
        with parser.in_angle_brackets():
            for index, field in enumerate(_FIELDS):
                if index:
                    parser.parse_punctuation(",")
                parser.parse_keyword(field)
                parser.parse_punctuation("=")
                if field in _LISTS:
                    fields.append(ArrayAttr(parser.parse_comma_separated_list(parser.Delimiter.SQUARE, integer)))
                else:
                    fields.append(ArrayAttr([integer()]))
        return [ArrayAttr(fields)]

    def print_parameters(self, printer: Printer) -> None:
        parts: list[str] = []
        for field, values in zip(_FIELDS, self.fields.data, strict=True):
            numbers = ", ".join(str(v.data) for v in values.data)
            parts.append(f"{field} = [{numbers}]" if field in _LISTS else f"{field} = {numbers}")
        with printer.in_angle_brackets():
            printer.print_string(", ".join(parts))


@cache
def _placement(attr: PlacementAttr) -> Placement:
    values = [tuple(v.data for v in f.data) for f in attr.fields.data]
    (row, col), (rows, cols), (t,), (m, n), (rt, ct), (m_k,), (u_kt,), (buffers,), resident, (l1,) = values
    return Placement((row, col), (rows, cols), t, (m, n), (rt, ct), m_k, u_kt, buffers, resident, l1)
