"""Copies of a tensor, or of its elements, beside each other."""

from __future__ import annotations

from collections.abc import Sequence

from xdsl.dialects.builtin import DenseArrayBase, IntegerType, LocationAttr
from xdsl.ir import Attribute
from xdsl.irdl import irdl_op_definition, prop_def, traits_def

from tilewright.dialects.ttir.attributes import DENSE_I64, SI32Attr, UI32Attr, dense_i64, integer_attr, si32, ui32
from tilewright.dialects.ttir.bases import MovementOp, Value
from tilewright.dialects.ttir.data_movement_shapes import interleaved_shape, repeated_shape
from tilewright.dialects.ttir.shapes import Shape, normalized_axis
from tilewright.dialects.ttir.traits import RepeatInterleavePatterns, RepeatPatterns
from tilewright.dialects.types import shape_of


@irdl_op_definition
class RepeatOp(MovementOp):
    """The whole input again and again along each dimension: index i of the result is index i mod extent of the input.

    Shapes: extent d of the input and factor f in `repeat_dimensions` give d * f.

    Conditions: there is a factor of at least 1 for each dimension.
    """

    name = "ttir.repeat"

    repeat_dimensions: DenseArrayBase[IntegerType] = prop_def(DENSE_I64)

    traits = traits_def(RepeatPatterns())

    def __init__(
        self,
        input: Value,
        factors: Sequence[int],
        result_type: Attribute | None = None,
        *,
        location: LocationAttr | None = None,
    ):
        self._init_inferred((input,), {"repeat_dimensions": dense_i64(factors)}, result_type, location)

    @property
    def factors(self) -> tuple[int, ...]:
        """How often the input is repeated along each dimension."""
        return tuple(self.repeat_dimensions.get_values())

    def infer_shape(self) -> Shape:
        return repeated_shape(shape_of(self.input), self.factors)


@irdl_op_definition
class RepeatInterleaveOp(MovementOp):
    """Each element `repeats` times along dimension `dim`: index i of the result is index i div repeats of the input.

    Shapes: extent `dim` of the input is multiplied by `repeats`.

    Conditions: the input has a dimension; `repeats` is at least 1; `dim` is in [-rank, rank).
    """

    name = "ttir.repeat_interleave"

    repeats = prop_def(UI32Attr)
    dim = prop_def(SI32Attr)

    traits = traits_def(RepeatInterleavePatterns())

    def __init__(
        self,
        input: Value,
        repeats: int,
        dim: int,
        result_type: Attribute | None = None,
        *,
        location: LocationAttr | None = None,
    ):
        properties = {"dim": integer_attr(dim, si32), "repeats": integer_attr(repeats, ui32)}
        self._init_inferred((input,), properties, result_type, location)

    @property
    def axis(self) -> int:
        """The dimension, counted from the front."""
        return normalized_axis(self.dim.value.data, len(shape_of(self.input)), "dim")

    def infer_shape(self) -> Shape:
        return interleaved_shape(shape_of(self.input), self.repeats.value.data, self.dim.value.data)


REPETITION_OPS = (RepeatInterleaveOp, RepeatOp)
