"""What TTIR's ops share: how they are built and verified, and the shapes of whole families."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import TypeAlias

from xdsl.dialects.builtin import (
    AnyFloat,
    AnyTensorType,
    AnyTensorTypeConstr,
    ComplexType,
    IntegerType,
    LocationAttr,
    i1,
)
from xdsl.ir import Attribute, Operation, SSAValue
from xdsl.irdl import AttrSizedOperandSegments, IRDLOperation, operand_def, result_def, traits_def
from xdsl.traits import Pure
from xdsl.utils.exceptions import VerifyException

from tilewright.dialects.quant import UniformQuantizedType
from tilewright.dialects.ttcore import MetalLayoutAttr, TileType
from tilewright.dialects.ttir.attributes import dense_i32
from tilewright.dialects.ttir.shapes import Shape, broadcast_shapes, may_be_equal
from tilewright.dialects.ttir.traits import BinaryPatterns, MovementPatterns, UnaryPatterns
from tilewright.dialects.types import element_type_of, is_tensor, shape_of, tensor_of, tensor_type

Value: TypeAlias = SSAValue | Operation
"""An operand, or the op whose only result it is."""


_SEGMENTS = AttrSizedOperandSegments.attribute_name


def value_of(value: Value) -> SSAValue:
    """The value itself, or the only result of the op."""
    return value if isinstance(value, SSAValue) else SSAValue.get(value)


class TTIROp(IRDLOperation, ABC):
    """An op whose operands and results are tensors of numbers.

    Every constructor takes the location of the new op; a rewrite passes on the location of the op it replaces.
    """

    def _init(
        self,
        operands: Sequence[SSAValue],
        result_types: Sequence[Attribute],
        properties: Mapping[str, Attribute],
        location: LocationAttr | None,
    ) -> None:
        """Set up an op whose parts are known to fit: half the time of IRDL's own constructor."""
        Operation.__init__(self, operands=operands, result_types=result_types, properties=properties, location=location)

    def verify_(self) -> None:
        for role, values in (("operand", self.operands), ("result", self.results)):
            for i, value in enumerate(values):
                if not self.takes(value.type):
                    raise VerifyException(
                        f"{self.name}: {role} {i} has the type {value.type}, expected a tensor of numbers"
                    )
        try:
            self.verify_semantics()
        except VerifyException as error:
            raise VerifyException(f"{self.name}: {error}") from None

    def takes(self, type: Attribute) -> bool:
        """Whether operands and results may have this type: a tensor of numbers, in general.

        A tile stands for its data type, such as block floats, which MLIR lacks. Tensors spread over cores are for
        layout ops alone.
        """
        if not is_tensor(type):
            return False
        element = type.element_type
        if isinstance(element, TileType):
            return not isinstance(type.encoding, MetalLayoutAttr)
        return isinstance(element, IntegerType | AnyFloat | ComplexType | UniformQuantizedType)

    def verify_semantics(self) -> None:
        """Check what the types of operands, results and properties do not say; nothing by default."""


class SegmentedOp(TTIROp, ABC):
    """An op with several optional operands; `operandSegmentSizes` says which are there."""

    irdl_options = (AttrSizedOperandSegments(as_property=True),)

    def _init_segments(
        self,
        operands: Sequence[Value | None],
        result_types: Sequence[Attribute],
        properties: Mapping[str, Attribute],
        location: LocationAttr | None,
    ) -> None:
        """Set up an op; None for an operand that is not there."""
        sizes = dense_i32(int(v is not None) for v in operands)
        values = tuple(value_of(v) for v in operands if v is not None)
        self._init(values, result_types, {**properties, _SEGMENTS: sizes}, location)

    def __post_init__(self) -> None:
        # Inherent attributes may stand among the others in the generic form. xDSL moves all but this one.
        if (sizes := self.attributes.pop(_SEGMENTS, None)) is not None:
            self.properties.setdefault(_SEGMENTS, sizes)
        super().__post_init__()


class InferredShapeOp(TTIROp, ABC):
    """An op with one result, whose shape follows from operands and attributes."""

    result = result_def(AnyTensorTypeConstr)

    @abstractmethod
    def infer_shape(self) -> Shape:
        """The shape of the result.

        Raises:
            VerifyException: the operands and attributes do not fit together.
        """

    def _init_inferred(
        self,
        operands: Sequence[Value],
        properties: Mapping[str, Attribute],
        result_type: Attribute | None,
        location: LocationAttr | None,
        *,
        like: int = 0,
    ) -> None:
        """Set up an op; without a result type it has the shape that it infers, and the elements of operand `like`."""
        values = tuple(value_of(v) for v in operands)
        if result_type is None:
            result_type = inferred_type(type(self), values, properties, like)
        self._init(values, (result_type,), properties, location)

    def verify_semantics(self) -> None:
        expected = self.infer_shape()
        found = shape_of(self.result)
        if found != expected and not may_be_equal(found, expected):
            raise VerifyException(f"the result has the shape {found}, expected {expected}")


def inferred_type(
    op_type: type[InferredShapeOp],
    operands: Sequence[SSAValue],
    properties: Mapping[str, Attribute],
    like: int = 0,
    results: int = 1,
) -> AnyTensorType:
    """The shape that an op under construction says it has, with the elements of its operand `like`.

    Raises:
        VerifyException: the operands and attributes do not fit together.
    """
    probe = op_type.create(operands=operands, result_types=(operands[0].type,) * results, properties=dict(properties))
    try:
        return tensor_type(probe.infer_shape(), element_type_of(operands[like]))
    finally:
        probe.erase()


class SingleResultOp(InferredShapeOp, ABC):
    """An op without side effects and with one result, whose shape follows from operands and attributes."""

    traits = traits_def(Pure())


class UnaryOp(SingleResultOp, ABC):
    """A function of each element.

    Shapes: the result has that of the operand.
    """

    input = operand_def(AnyTensorTypeConstr)

    traits = traits_def(UnaryPatterns())

    def __init__(self, input: Value, result_type: Attribute | None = None, *, location: LocationAttr | None = None):
        operand = value_of(input)
        self._init((operand,), (result_type or operand.type,), {}, location)

    def infer_shape(self) -> Shape:
        return shape_of(self.input)


class PredicateOp(UnaryOp, ABC):
    """A condition on each element: 1 where it holds, else 0."""

    def __init__(self, input: Value, result_type: Attribute | None = None, *, location: LocationAttr | None = None):
        operand = value_of(input)
        super().__init__(operand, result_type or tensor_type(shape_of(operand), i1), location=location)


class BinaryOp(SingleResultOp, ABC):
    """A function of pairs of elements; the operands broadcast.

    Without a result type, the elements of the result are those of `lhs`.

    Shapes: aligned at the last dimension, the extents of the operands are equal or 1; the result has the larger ones.
    """

    lhs = operand_def(AnyTensorTypeConstr)
    rhs = operand_def(AnyTensorTypeConstr)

    traits = traits_def(BinaryPatterns())

    def __init__(
        self, lhs: Value, rhs: Value, result_type: Attribute | None = None, *, location: LocationAttr | None = None
    ):
        left, right = value_of(lhs), value_of(rhs)
        self._init((left, right), (result_type or broadcast_type(left, right),), {}, location)

    def infer_shape(self) -> Shape:
        return broadcast_shapes(shape_of(self.lhs), shape_of(self.rhs), names=("lhs", "rhs"))


class ConditionOp(BinaryOp, ABC):
    """A condition on pairs of elements: 1 where it holds, else 0."""

    def __init__(
        self, lhs: Value, rhs: Value, result_type: Attribute | None = None, *, location: LocationAttr | None = None
    ):
        left, right = value_of(lhs), value_of(rhs)
        super().__init__(left, right, result_type or broadcast_type(left, right, i1), location=location)


class MovementOp(SingleResultOp, ABC):
    """Moves elements of one tensor and computes nothing."""

    input = operand_def(AnyTensorTypeConstr)

    traits = traits_def(MovementPatterns())


def broadcast_type(left: SSAValue, right: SSAValue, element_type: Attribute | None = None) -> AnyTensorType:
    """The type of an elementwise result: the broadcast shape, with the elements of `left` unless given."""
    left_type = tensor_of(left)
    if element_type is None and left_type == right.type:
        return left_type
    shape = broadcast_shapes(left_type.get_shape(), shape_of(right), names=("lhs", "rhs"))
    return tensor_type(shape, element_type or left_type.element_type)


def is_boolean(value: SSAValue) -> bool:
    """Whether every element of `value` is 0 or 1."""
    return element_type_of(value) == i1 or isinstance(value.owner, ConditionOp | PredicateOp)
