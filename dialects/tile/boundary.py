"""Where tensors enter and leave the tile level."""

from __future__ import annotations

from xdsl.dialects.builtin import AnyFloat, IntegerType, TensorType
from xdsl.ir import Attribute
from xdsl.irdl import IRDLOperation, irdl_op_definition, operand_def, prop_def, result_def, traits_def
from xdsl.traits import Pure
from xdsl.utils.exceptions import VerifyException

from tilewright.dialects.tile.attributes import PrecisionAttr, is_tile_tensor, tile_info
from tilewright.dialects.tile.bases import TileTensor, Value
from tilewright.dialects.types import element_type_of, is_tensor


def _check_boundary(name: str, row_major: Attribute, tiled: Attribute) -> None:
    if is_tile_tensor(row_major) or not is_tensor(row_major):
        raise VerifyException(f"{name}: the row-major side must be a tensor of scalars, found {row_major}")
    element = row_major.element_type
    if not isinstance(element, AnyFloat | IntegerType):
        raise VerifyException(f"{name}: the row-major side must hold floats or integers, found {element}")
    try:
        info = tile_info(tiled)
    except VerifyException as error:
        raise VerifyException(f"{name}: {error}") from None
    if row_major.get_shape() != info.logical:
        raise VerifyException(
            f"{name}: the row-major shape {row_major.get_shape()} differs from the logical shape {info.logical}"
        )


def _is_integer(element: Attribute) -> bool:
    """Whether `element` is an integer type; i1 is none, as tiles of any format hold booleans."""
    return isinstance(element, IntegerType) and element.bitwidth != 1


@irdl_op_definition
class TilizeOp(IRDLOperation):
    """A row-major tensor as tiles, converted to their format by the rounding rule of `precision`.

    The padding becomes the value that the result's layout names. Integers that do not fit the format are refused when
    the op runs, never wrapped.
    """

    name = "tile.tilize"

    input = operand_def(TensorType)
    precision = prop_def(PrecisionAttr)
    result = result_def(TileTensor)

    traits = traits_def(Pure())

    assembly_format = "$input `,` $precision attr-dict `:` type($input) `->` type($result)"

    def __init__(self, input: Value, precision: PrecisionAttr, result_type: Attribute):
        super().__init__(operands=[input], properties={"precision": precision}, result_types=[result_type])

    def verify_(self) -> None:
        _check_boundary(self.name, self.input.type, self.result.type)
        info = tile_info(self.result)
        if info.pad is None:
            raise VerifyException("tile.tilize: the padding of the result must have a value, found undef")
        if not info.format.is_float and isinstance(element := element_type_of(self.input), AnyFloat):
            raise VerifyException(
                f"tile.tilize: tiles of {info.format.type_name} need integers or booleans, found {element}"
            )


@irdl_op_definition
class UntilizeOp(IRDLOperation):
    """A tensor of tiles as a row-major tensor of torch's element type, padding removed.

    A float converts to the nearest value of a narrower element type; to i1, everything but 0 is true. Integers that do
    not fit the element type are refused when the op runs, never wrapped.
    """

    name = "tile.untilize"

    input = operand_def(TileTensor)
    result = result_def(TensorType)

    traits = traits_def(Pure())

    assembly_format = "$input attr-dict `:` type($input) `->` type($result)"

    def __init__(self, input: Value, result_type: Attribute):
        super().__init__(operands=[input], result_types=[result_type])

    def verify_(self) -> None:
        _check_boundary(self.name, self.result.type, self.input.type)
        fmt = tile_info(self.input).format
        if fmt.is_float and _is_integer(element := element_type_of(self.result)):
            raise VerifyException(
                f"tile.untilize: tiles of {fmt.type_name} cannot become {element}: tile.typecast converts to integers"
            )
