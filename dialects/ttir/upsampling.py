"""Enlarging images."""

from __future__ import annotations

from xdsl.dialects.builtin import (
    DYNAMIC_INDEX,
    AnyTensorTypeConstr,
    IntegerAttr,
    LocationAttr,
    StringAttr,
)
from xdsl.ir import Attribute
from xdsl.irdl import AttrConstraint, irdl_op_definition, operand_def, prop_def

from tilewright.dialects.ttir.attributes import DENSE_I32, dense_i32, integer_attr, si32
from tilewright.dialects.ttir.bases import SingleResultOp, Value
from tilewright.dialects.ttir.shapes import Shape, require
from tilewright.dialects.ttir.windows import Sizes, SizesAttr, require_extents
from tilewright.dialects.types import shape_of

_FACTORS: AttrConstraint[SizesAttr] = IntegerAttr.constr(si32) | DENSE_I32
_MODES = ("nearest", "bilinear")


@irdl_op_definition
class Upsample2dOp(SingleResultOp):
    """Enlarges each image by whole factors.

    `nearest` repeats each pixel. `bilinear` takes the mean of the four pixels around the place
    ((y + 0.5) / factor - 0.5, (x + 0.5) / factor - 0.5) of the input, weighted by how near they are; beyond the edge
    is the pixel at the edge.

    Shapes: input (N, H, W, C), result (N, H * factor, W * factor, C).

    Conditions: `scale_factor` (an integer, or height and width) is positive; `mode` is `nearest` or `bilinear`.
    """

    name = "ttir.upsample2d"

    input = operand_def(AnyTensorTypeConstr)

    scale_factor = prop_def(_FACTORS)
    mode = prop_def(StringAttr, default_value=StringAttr("nearest"))

    def __init__(
        self,
        input: Value,
        scale_factor: Sizes,
        mode: str = "nearest",
        result_type: Attribute | None = None,
        *,
        location: LocationAttr | None = None,
    ):
        factor = integer_attr(scale_factor, si32) if isinstance(scale_factor, int) else dense_i32(scale_factor)
        properties: dict[str, Attribute] = {"scale_factor": factor, "mode": StringAttr(mode)}
        self._init_inferred((input,), properties, result_type, location)

    @property
    def factors(self) -> tuple[int, int]:
        """Those of height and width; a VerifyException if the attribute holds none."""
        attribute = self.scale_factor
        if isinstance(attribute, IntegerAttr):
            numbers = (attribute.value.data,) * 2
        else:
            numbers = tuple(attribute.get_values())
            require(
                len(numbers) == 2, f"attribute 'scale_factor' is {list(numbers)}, expected an integer or a pair of them"
            )
        require(min(numbers) >= 1, f"attribute 'scale_factor' is {list(numbers)}, expected values >= 1")
        return numbers[0], numbers[1]

    def infer_shape(self) -> Shape:
        shape = shape_of(self.input)
        require(len(shape) == 4, f"operand 'input' has the shape {shape}, expected rank 4")
        vertical, horizontal = self.factors
        batch, height, width, channels = shape
        return (batch, _times(height, vertical), _times(width, horizontal), channels)

    def verify_semantics(self) -> None:
        require_extents(
            shape_of(self.result), self.infer_shape(), ("batch size", "height", "width", "number of channels")
        )
        mode = self.mode.data
        require(mode in _MODES, f"attribute 'mode' is '{mode}', expected one of {', '.join(map(repr, _MODES))}")


def _times(extent: int, factor: int) -> int:
    return extent if extent == DYNAMIC_INDEX else extent * factor


UPSAMPLING_OPS = (Upsample2dOp,)
