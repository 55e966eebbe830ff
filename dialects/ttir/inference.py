"""Result types of ops under construction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from xdsl.dialects.builtin import AnyTensorType
from xdsl.ir import Attribute, SSAValue

from tilewright.dialects.ttir.bases import InferredShapeOp
from tilewright.dialects.types import element_type_of, tensor_type


def inferred_type(
    op_type: type[InferredShapeOp], operands: Sequence[SSAValue], properties: Mapping[str, Attribute], results: int = 1
) -> AnyTensorType:
    """The shape that the op says it has, with the elements of its first operand.

    Raises:
        VerifyException: the operands and attributes do not fit together.
    """
    probe = op_type.create(operands=operands, result_types=(operands[0].type,) * results, properties=dict(properties))
    try:
        return tensor_type(probe.infer_shape(), element_type_of(operands[0]))
    finally:
        probe.erase()
