"""Quantised tensors as operands and results of any op.

What an op other than the quantisation ops computes from quantised tensors is what it computes from the real numbers
that they mean: its operands are dequantised, it is computed in their expressed types, and a result of a quantised type
is quantised. An op that only moves elements, all of one quantised type with one scale, moves the stored integers, which
is the same and exact for integers of any width. So the functions of a family know nothing of quantised types.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from xdsl.ir import Attribute, Block, Operation, SSAValue

from tilewright.dialects import ttir
from tilewright.dialects.quant import UniformQuantizedType
from tilewright.dialects.types import is_tensor, shape_of, tensor_type
from tilewright.runtime.dtypes import torch_dtype
from tilewright.runtime.functions.ttir.quantization import Quantization, QuantizationFunctions
from tilewright.runtime.interpreter import DialectFunctions, Interpreter, Step, Value
from tilewright.runtime.mesh import MeshTensor, MeshValue

_QUANTIZATION_OPS = frozenset(QuantizationFunctions().table())
_MOVES = (
    ttir.CacheOp,
    ttir.ConcatOp,
    ttir.EmbeddingOp,
    ttir.EmptyOp,
    ttir.GatherOp,
    ttir.MovementOp,
    ttir.TTNNMetalLayoutCastOp,
    ttir.ToLayoutOp,
    ttir.WhereOp,
)
"""Ops whose results hold elements of their operands and no others."""

_Convert = Callable[[torch.Tensor], torch.Tensor]


class QuantizedValueFunctions(DialectFunctions):
    """Ops of all families between quantised tensors."""

    def table(self) -> dict[type[Operation], Callable[[Operation, Interpreter], Step]]:
        return {
            op_type: make if op_type in _QUANTIZATION_OPS else _with_quantized_values(make)
            for op_type, make in super().table().items()
        }


def _with_quantized_values(make: Callable[[Operation, Interpreter], Step]) -> Callable[[Operation, Interpreter], Step]:
    """Makes steps that take and give quantised tensors, out of `make`'s, which know of none."""

    def make_step(op: Operation, interpreter: Interpreter) -> Step:
        types = {t for v in (*op.operands, *op.results) if isinstance(t := _element_type(v), UniformQuantizedType)}
        if not types:
            return make(op, interpreter)
        if isinstance(op, _MOVES) and len(types) == 1 and next(iter(types)).quantized_dimension is None:
            return make(op, interpreter)
        return _through_expressed_types(op, make(_expressed(op), interpreter))

    return make_step


def _element_type(value: SSAValue) -> Attribute | None:
    return value.type.element_type if is_tensor(value.type) else None


def _expressed(op: Operation) -> Operation:
    """`op` between values of the expressed types."""

    def type_of(value: SSAValue) -> Attribute:
        element = _element_type(value)
        if not isinstance(element, UniformQuantizedType):
            return value.type
        return tensor_type(shape_of(value), element.expressed)

    operands = Block(arg_types=[type_of(v) for v in op.operands]).args
    return type(op).create(
        operands=operands,
        result_types=[type_of(r) for r in op.results],
        properties=op.properties,
        attributes=op.attributes,
        location=op.location,
    )


def _through_expressed_types(op: Operation, step: Step) -> Step:
    before, after = [_dequantizer(v) for v in op.operands], [_quantizer(r) for r in op.results]

    def run(*values: Value) -> Sequence[Value]:
        numbers = [_converted(v, convert) for v, convert in zip(values, before, strict=True)]
        return [_converted(r, convert) for r, convert in zip(step(*numbers), after, strict=True)]

    return run


def _dequantizer(value: SSAValue) -> _Convert | None:
    element = _element_type(value)
    if not isinstance(element, UniformQuantizedType):
        return None
    quantization, dtype = Quantization.of(element, shape_of(value)), torch_dtype(element.expressed)
    return lambda integers: quantization.dequantize(integers).to(dtype)


def _quantizer(value: SSAValue) -> _Convert | None:
    element = _element_type(value)
    return Quantization.of(element, shape_of(value)).quantize if isinstance(element, UniformQuantizedType) else None


def _converted(value: Value, convert: _Convert | None) -> Value:
    """`value` through `convert`, on each device that holds one."""
    if convert is None:
        return value
    if isinstance(value, MeshValue):
        return _on_devices(value, convert)
    assert isinstance(value, torch.Tensor)
    return convert(value)


def _on_devices(value: MeshValue, convert: _Convert) -> MeshTensor:
    done = {id(shard): convert(shard) for shard in value.shards}
    return MeshValue.of([done[id(shard)] for shard in value.shards])
