"""The tile type, and that of dictionaries."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from xdsl.dialects.builtin import ArrayAttr, IntAttr, StringAttr
from xdsl.ir import Attribute, ParametrizedAttribute, TypeAttribute
from xdsl.irdl import irdl_attr_definition, param_def
from xdsl.parser import AttrParser
from xdsl.printer import Printer
from xdsl.utils.exceptions import VerifyException

from tilewright.dialects.ttcore.enums import DataType
from tilewright.support.dataformat import TILE_DIM, DataFormat, format_of_type_name
from tilewright.support.suggest import nearest_names

_TYPE_NAMES = tuple(dict.fromkeys((*(f.type_name for f in DataFormat), *(d.value for d in DataType))))


@irdl_attr_definition
class TileType(ParametrizedAttribute, TypeAttribute):
    """A tile of a tensor, `!ttcore.tile<32x32, bf16>`: its height and width in datums and the format of a datum.

    The format is spelled as TTCore spells it; `tf32`, `lf8`, `fp8_e4m3` and `si8` are ours. Files may hold `i1`, which
    is no format of the machine.
    """

    name = "ttcore.tile"

    shape: ArrayAttr[IntAttr] = param_def()
    data_type: StringAttr = param_def()

    @staticmethod
    @cache
    def of(format: DataFormat) -> TileType:
        """The 32x32 tile of `format`."""
        return TileType(ArrayAttr([IntAttr(TILE_DIM), IntAttr(TILE_DIM)]), StringAttr(format.type_name))

    @property
    def format(self) -> DataFormat:
        """The format of a datum.

        Raises:
            VerifyException: the machine has no such format.
        """
        found = format_of_type_name(self.data_type.data)
        if found is None:
            raise VerifyException(f"the machine has no format for {self}")
        return found

    def get_shape(self) -> tuple[int, ...]:
        """Height and width, in datums."""
        return tuple(d.data for d in self.shape)

    def verify(self) -> None:
        shape = self.get_shape()
        if len(shape) != 2 or min(shape) < 1:
            raise VerifyException(f"a tile has the shape {shape}, expected a positive height and width")
        data_type = self.data_type.data
        if data_type not in _TYPE_NAMES:
            hint = nearest_names(data_type, _TYPE_NAMES)
            raise VerifyException(f"a tile has no data type '{data_type}'; {hint}")

    @classmethod
    def parse_parameters(cls, parser: AttrParser) -> Sequence[Attribute]:
        with parser.in_angle_brackets():
            shape = ArrayAttr([IntAttr(d) for d in parser.parse_dimension_list()])
            parser.parse_punctuation(",")
            return [shape, StringAttr(parser.parse_identifier("data type"))]

    def print_parameters(self, printer: Printer) -> None:
        with printer.in_angle_brackets():
            printer.print_dimension_list(self.get_shape())
            printer.print_string(f", {self.data_type.data}")


@irdl_attr_definition
class DictType(ParametrizedAttribute, TypeAttribute):
    """A dictionary of values, `!ttcore.dict`."""

    name = "ttcore.dict"
