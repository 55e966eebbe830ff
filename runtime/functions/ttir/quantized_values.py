"""Quantised tensors as operands and results of any op.

What an op other than the quantisation ops computes from quantised tensors is what it computes from the real numbers
that they mean: its operands are dequantised, it is computed in their expressed types, and a result of a quantised type
is quantised. An op that only moves elements, all of one quantised type with one scale, moves the stored integers, which
is the same and exact for integers of any width. So the functions of a family know nothing of quantised types.
"""

from __future__ import annotations

from collections.abc import Callable

from xdsl.ir import Attribute, Operation, SSAValue

from tilewright.dialects import ttir
from tilewright.dialects.quant import UniformQuantizedType
from tilewright.dialects.types import shape_of, tensor_type
from tilewright.runtime.dtypes import torch_dtype
from tilewright.runtime.functions.ttir.numbers import convert
from tilewright.runtime.functions.ttir.quantization import Quantization, QuantizationFunctions
from tilewright.runtime.functions.ttir.retyped import Convert, between, element_type_or_none, retyped
from tilewright.runtime.interpreter import DialectFunctions, Interpreter, Step

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
        types = {
            t for v in (*op.operands, *op.results) if isinstance(t := element_type_or_none(v), UniformQuantizedType)
        }
        if not types:
            return make(op, interpreter)
        if isinstance(op, _MOVES) and len(types) == 1 and next(iter(types)).quantized_dimension is None:
            return make(op, interpreter)
        step = make(retyped(op, _expressed_type), interpreter)
        return between(step, [_dequantizer(v) for v in op.operands], [_quantizer(r) for r in op.results])

    return make_step


def _expressed_type(value: SSAValue) -> Attribute:
    element = element_type_or_none(value)
    return tensor_type(shape_of(value), element.expressed) if isinstance(element, UniformQuantizedType) else value.type


def _dequantizer(value: SSAValue) -> Convert | None:
    element = element_type_or_none(value)
    if not isinstance(element, UniformQuantizedType):
        return None
    quantization, dtype = Quantization.of(element, shape_of(value)), torch_dtype(element.expressed)
    return lambda integers: convert(quantization.dequantize(integers), dtype)


def _quantizer(value: SSAValue) -> Convert | None:
    element = element_type_or_none(value)
    return Quantization.of(element, shape_of(value)).quantize if isinstance(element, UniformQuantizedType) else None
