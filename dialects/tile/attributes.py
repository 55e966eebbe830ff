"""Attributes of the `tile` dialect, and the type of a tensor of tiles.

A tensor of tiles is a builtin tensor whose elements are tiles and whose encoding is a layout:
`tensor<1x4x24x!ttcore.tile<32x32, bfp_bf8>, #tile.layout<[1, 100, 768], pad = undef, dram>>`. Its shape counts tiles;
the layout keeps the logical shape in datums, what stands in the padding, and the memory that holds it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from math import isnan
from typing import TypeAlias

from xdsl.dialects.builtin import ArrayAttr, FloatAttr, IntAttr, StringAttr, TensorType, f32
from xdsl.dialects.utils import EnumAttribute
from xdsl.ir import Attribute, ParametrizedAttribute, SpacedOpaqueSyntaxAttribute, SSAValue
from xdsl.irdl import irdl_attr_definition
from xdsl.parser import AttrParser
from xdsl.printer import Printer
from xdsl.utils.exceptions import VerifyException
from xdsl.utils.str_enum import StrEnum

from tilewright.dialects.tile.padding import check_pad, pad_text
from tilewright.dialects.ttcore import TileType
from tilewright.dialects.types import is_tensor
from tilewright.support.dataformat import TILE_DIM, DataFormat, MathFidelity, Rounding, format_of_type_name
from tilewright.support.suggest import nearest_names
from tilewright.support.tiling import matrix_shape, tile_grid_shape


class Memory(StrEnum):
    """Where a tensor of tiles lives."""

    DRAM = "dram"
    L1 = "l1"
    HOST = "host"


@irdl_attr_definition
class MemoryAttr(EnumAttribute[Memory], SpacedOpaqueSyntaxAttribute):
    """`#tile<memory dram>`."""

    name = "tile.memory"


@irdl_attr_definition
class IntsAttr(ParametrizedAttribute):
    """A list of integers: `#tile.ints[0, 2, 1]`, and `[0, 2, 1]` where an op's syntax calls for one."""

    name = "tile.ints"

    elements: ArrayAttr[IntAttr]

    @staticmethod
    @cache
    def of(*values: int) -> IntsAttr:
        """The attribute for `values`; cached."""
        return IntsAttr(ArrayAttr([IntAttr(v) for v in values]))

    @property
    def values(self) -> tuple[int, ...]:
        """The integers."""
        return tuple(e.data for e in self.elements.data)

    @classmethod
    def parse_parameters(cls, parser: AttrParser) -> Sequence[Attribute]:
        integers = parser.parse_comma_separated_list(parser.Delimiter.SQUARE, lambda: IntAttr(parser.parse_integer()))
        return [ArrayAttr(integers)]

    def print_parameters(self, printer: Printer) -> None:
        printer.print_string("[" + ", ".join(map(str, self.values)) + "]")


@irdl_attr_definition
class LayoutAttr(ParametrizedAttribute):
    """Logical shape in datums, value of the padding (`undef` where unknown) and memory of a tensor of tiles."""

    name = "tile.layout"

    logical: ArrayAttr[IntAttr]
    pad: FloatAttr | StringAttr
    memory: MemoryAttr

    @staticmethod
    @cache
    def of(logical: tuple[int, ...], pad: float | None = None, memory: Memory = Memory.DRAM) -> LayoutAttr:
        """The layout of `logical` (datums); `pad` None means that nothing is known of the padding."""
        return LayoutAttr(
            ArrayAttr([IntAttr(d) for d in logical]),
            StringAttr("undef") if pad is None else FloatAttr(pad, f32),
            MemoryAttr(memory),
        )

    def verify(self) -> None:
        if min(self.shape, default=1) < 1:
            raise VerifyException(f"tile.layout: logical extents must be at least 1, found {list(self.shape)}")
        if isinstance(self.pad, StringAttr) and self.pad.data != "undef":
            raise VerifyException(f"tile.layout: pad must be a number or undef, found '{self.pad.data}'")
        if self.pad_value is not None and isnan(self.pad_value):
            raise VerifyException("tile.layout: pad must be a number or undef, found nan")

    @property
    def shape(self) -> tuple[int, ...]:
        """The logical shape, in datums."""
        return tuple(d.data for d in self.logical.data)

    @property
    def pad_value(self) -> float | None:
        """What every padding datum holds; None where unknown."""
        return self.pad.value.data if isinstance(self.pad, FloatAttr) else None

    @classmethod
    def parse_parameters(cls, parser: AttrParser) -> Sequence[Attribute]:
        with parser.in_angle_brackets():
            logical = parser.parse_comma_separated_list(
                parser.Delimiter.SQUARE, lambda: IntAttr(parser.parse_integer(allow_negative=False))
            )
            parser.parse_punctuation(",")
            parser.parse_keyword("pad")
            parser.parse_punctuation("=")
            pad: FloatAttr | StringAttr
            if parser.parse_optional_keyword("undef"):
                pad = StringAttr("undef")
            elif parser.parse_optional_keyword("neg_inf"):
                pad = FloatAttr(float("-inf"), f32)
            elif parser.parse_optional_keyword("inf"):
                pad = FloatAttr(float("inf"), f32)
            else:
                pad = FloatAttr(float(parser.parse_number()), f32)
            parser.parse_punctuation(",")
            return [ArrayAttr(logical), pad, MemoryAttr(parser.parse_str_enum(Memory))]

    def print_parameters(self, printer: Printer) -> None:
        with printer.in_angle_brackets():
            shape = ", ".join(map(str, self.shape))
            printer.print_string(f"[{shape}], pad = {pad_text(self.pad_value)}, {self.memory.data.value}")


@irdl_attr_definition
class PrecisionAttr(ParametrizedAttribute):
    """How a kernel computes; its input and output formats are those of its operands and results.

    `accumulate` is the format of Dest, to which a sum rounds after each tile step; `intermediate` the format of what
    spills to L1 between blocks of the inner dimension.
    """

    name = "tile.precision"

    accumulate: StringAttr
    intermediate: StringAttr
    fidelity: StringAttr
    rounding: StringAttr

    @staticmethod
    @cache
    def of(
        accumulate: DataFormat = DataFormat.Float32,
        intermediate: DataFormat = DataFormat.Float32,
        fidelity: MathFidelity = MathFidelity.HiFi4,
        rounding: Rounding = Rounding.packer,
    ) -> PrecisionAttr:
        """The attribute for these choices; cached."""
        return PrecisionAttr(
            StringAttr(accumulate.type_name),
            StringAttr(intermediate.type_name),
            StringAttr(fidelity.name),
            StringAttr(rounding.value),
        )

    @property
    def choices(self) -> Precision:
        """The same as enums; cached."""
        return _precision(self.accumulate.data, self.intermediate.data, self.fidelity.data, self.rounding.data)

    def verify(self) -> None:
        for role, attr in (("accumulate", self.accumulate), ("intermediate", self.intermediate)):
            fmt = format_of_type_name(attr.data)
            if fmt is None:
                hint = nearest_names(attr.data, (f.type_name for f in DataFormat))
                raise VerifyException(f"tile.precision: {role} format '{attr.data}' does not exist; {hint}")
            if role == "accumulate" and fmt not in ACCUMULATE_FORMATS:
                names = ", ".join(f.type_name for f in ACCUMULATE_FORMATS)
                raise VerifyException(f"tile.precision: Dest cannot hold '{attr.data}', only {names}")
        if self.fidelity.data not in MathFidelity.__members__:
            hint = nearest_names(self.fidelity.data, MathFidelity.__members__)
            raise VerifyException(f"tile.precision: fidelity '{self.fidelity.data}' does not exist; {hint}")
        if self.rounding.data not in Rounding.__members__:
            hint = nearest_names(self.rounding.data, Rounding.__members__)
            raise VerifyException(f"tile.precision: rounding '{self.rounding.data}' does not exist; {hint}")

    @classmethod
    def parse_parameters(cls, parser: AttrParser) -> Sequence[Attribute]:
        values: list[Attribute] = []
        with parser.in_angle_brackets():
            for index, field in enumerate(("accumulate", "intermediate", "fidelity", "rounding")):
                if index:
                    parser.parse_punctuation(",")
                parser.parse_keyword(field)
                parser.parse_punctuation("=")
                values.append(StringAttr(parser.parse_identifier()))
        return values

    def print_parameters(self, printer: Printer) -> None:
        with printer.in_angle_brackets():
            printer.print_string(
                f"accumulate = {self.accumulate.data}, intermediate = {self.intermediate.data}, "
                f"fidelity = {self.fidelity.data}, rounding = {self.rounding.data}"
            )


ACCUMULATE_FORMATS = (DataFormat.Float32, DataFormat.Float16_b, DataFormat.Float16, DataFormat.Int32)
"""What Dest can hold (tt-isa-documentation, Dst)."""


@dataclass(frozen=True, slots=True)
class Precision:
    """The choices of a :class:`PrecisionAttr`, as enums."""

    accumulate: DataFormat
    intermediate: DataFormat
    fidelity: MathFidelity
    rounding: Rounding


@cache
def _precision(accumulate: str, intermediate: str, fidelity: str, rounding: str) -> Precision:
    formats = [format_of_type_name(n) for n in (accumulate, intermediate)]
    known = [f for f in formats if f is not None]
    assert len(known) == len(formats)  # the verifier of the attribute has checked both
    return Precision(known[0], known[1], MathFidelity[fidelity], Rounding[rounding])


TileTensorType: TypeAlias = TensorType[TileType]


@cache
def tile_tensor(
    logical: tuple[int, ...], fmt: DataFormat, pad: float | None = None, memory: Memory = Memory.DRAM
) -> TileTensorType:
    """The type of a tensor of tiles with the logical shape `logical` (datums)."""
    return TensorType(TileType.of(fmt), tile_grid_shape(logical), LayoutAttr.of(logical, pad, memory))


@dataclass(frozen=True, slots=True)
class TileInfo:
    """What a tensor-of-tiles type says.

    Attributes:
        logical: Shape in datums.
        matrix: `logical` with leading ones up to rank 2.
        grid: Shape in tiles.
        format: Number format of every tile.
        pad: Value of the padding; None where unknown.
        memory: Where it lives.
    """

    logical: tuple[int, ...]
    matrix: tuple[int, ...]
    grid: tuple[int, ...]
    format: DataFormat
    pad: float | None
    memory: Memory


@cache
def _info(type: Attribute) -> TileInfo:
    if not is_tensor(type):
        raise VerifyException(f"expected a tensor of tiles, found {type}")
    element, layout = type.element_type, type.encoding
    if not isinstance(element, TileType):
        raise VerifyException(f"expected elements of type !ttcore.tile, found {element}")
    if not isinstance(layout, LayoutAttr):
        raise VerifyException(f"expected a #tile.layout encoding, found {layout}")
    logical = layout.shape
    grid = type.get_shape()
    if grid != tile_grid_shape(logical):
        raise VerifyException(
            f"{grid} tiles cannot hold the logical shape {logical}: expected {tile_grid_shape(logical)}"
        )
    if element.get_shape() != (TILE_DIM, TILE_DIM):
        raise VerifyException(f"expected tiles of {(TILE_DIM, TILE_DIM)} datums, found {element.get_shape()}")
    check_pad(element.format, layout.pad_value)
    return TileInfo(logical, matrix_shape(logical), grid, element.format, layout.pad_value, layout.memory.data)


def tile_info(value: SSAValue | Attribute) -> TileInfo:
    """What the tile type of `value` (or `value`, a type) says; cached.

    Raises:
        VerifyException: it is no tensor of tiles, or its tile counts do not fit its logical shape.
    """
    return _info(value.type if isinstance(value, SSAValue) else value)


def is_tile_tensor(type: Attribute) -> bool:
    """Whether `type` is a tensor of tiles with a layout.

    In `ttir`, tensors without one may have tiles as elements; they are row-major, and a tile stands for its data type.
    """
    return is_tensor(type) and isinstance(type.element_type, TileType) and isinstance(type.encoding, LayoutAttr)
