"""Tensors made of attributes."""

from __future__ import annotations

from typing import cast

import torch
from xdsl.dialects.builtin import AnyDenseElement, BytesAttr, DenseIntOrFPElementsAttr, DenseResourceAttr, TensorType

from tilewright.dialects import ttir
from tilewright.dialects.text import resource_bytes
from tilewright.dialects.ttir.creation import fill_value_of
from tilewright.dialects.types import is_tensor
from tilewright.runtime.dtypes import torch_dtype
from tilewright.runtime.functions.ttir.common import dtype_of, result_shape
from tilewright.runtime.functions.ttir.numbers import convert
from tilewright.runtime.interpreter import DialectFunctions, Interpreter, Step, implements
from tilewright.support.errors import InternalError, UnsupportedInputError


def _repeated(data: torch.Tensor, shape: tuple[int, ...]) -> torch.Tensor:
    """A new tensor of this shape, with the elements of `data` broadcast."""
    return data.expand(shape).clone(memory_format=torch.contiguous_format)


def elements_of(value: DenseIntOrFPElementsAttr) -> torch.Tensor:
    """The numbers of a dense attribute, in its shape, or a single one if all are equal.

    Raises:
        InternalError: the attribute holds neither one number nor all of them.
    """
    assert is_tensor(value.type)  # the verifier asks for it
    shape, dtype = value.type.get_shape(), torch_dtype(value.type.element_type)
    data = value.data.data
    if not data:
        return torch.empty(shape, dtype=dtype)
    # Booleans take a byte each, all of whose bits may be set.
    stored = torch.frombuffer(bytearray(data), dtype=torch.uint8 if dtype is torch.bool else dtype)
    numbers = convert(stored, dtype)
    if numbers.numel() == 1:
        return numbers.reshape(())
    if numbers.numel() != value.type.element_count():
        raise InternalError(f"{numbers.numel()} numbers are stored for {value.type}")
    return numbers.reshape(shape)


def dense_of_resource(value: DenseResourceAttr) -> DenseIntOrFPElementsAttr:
    """The dense attribute with the elements of a resource.

    Raises:
        UnsupportedInputError: the elements are not in the IR, or not as many as the type has.
    """
    assert is_tensor(value.type)  # the verifier asks for it
    data = resource_bytes(value)
    if data is None:
        raise UnsupportedInputError(f"the elements of dense_resource<{value.resource_handle.data}> are not in the IR")
    expected = value.type.element_count() * torch_dtype(value.type.element_type).itemsize
    if len(data) != expected:
        raise UnsupportedInputError(
            f"dense_resource<{value.resource_handle.data}> has {len(data)} bytes, expected {expected} for {value.type}"
        )
    # Whatever torch has a type for, a dense attribute can hold.
    return DenseIntOrFPElementsAttr(cast("TensorType[AnyDenseElement]", value.type), BytesAttr(data))


class CreationFunctions(DialectFunctions):
    """Constants, ranges and filled tensors."""

    @implements(ttir.FullOp, ttir.OnesOp, ttir.ZerosOp)
    def filled(self, op: ttir.FullOp | ttir.OnesOp | ttir.ZerosOp, interpreter: Interpreter) -> Step:
        number = fill_value_of(op.result)
        assert number is not None  # these ops have one
        wide = torch.tensor(number, dtype=torch.float64 if isinstance(number, float) else torch.int64)
        shape, element = result_shape(op), convert(wide, dtype_of(op))
        return lambda: (_repeated(element, shape),)

    @implements(ttir.ArangeOp)
    def arange(self, op: ttir.ArangeOp, interpreter: Interpreter) -> Step:
        shape, dtype = result_shape(op), dtype_of(op)
        start, stride, length = op.start.value.data, op.step.value.data, shape[op.dimension]
        view = [1] * len(shape)
        view[op.dimension] = -1
        # By its length, since TTIR rounds a last partial step away and torch does not.
        return lambda: (_repeated(convert(torch.arange(length) * stride + start, dtype).view(view), shape),)

    @implements(ttir.ConstantOp)
    def constant(self, op: ttir.ConstantOp, interpreter: Interpreter) -> Step:
        value = op.value if isinstance(op.value, DenseIntOrFPElementsAttr) else dense_of_resource(op.value)
        shape, data = result_shape(op), convert(elements_of(value), dtype_of(op))
        return lambda: (_repeated(data, shape),)
