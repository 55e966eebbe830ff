"""Functions of each element.

Floats are computed in the widest float type among operands and result, or in float32 where torch would round 16 bits
badly; integers are computed exactly, those of uint64 modulo 2^64. Then the result is converted to its element type, as
by `ttir.typecast`. A function that gives fractions takes integers in the result's float type, or else in float64.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial

import torch
from xdsl.ir import Operation

from tilewright.dialects import ttir
from tilewright.dialects.ttir import BinaryOp, ConditionOp, ShiftOp, UnaryOp
from tilewright.runtime.functions.ttir import real
from tilewright.runtime.functions.ttir.common import dtype_of, operand_dtypes, result_shape, unary_step
from tilewright.runtime.functions.ttir.integers import power, quotient, remainder, shift
from tilewright.runtime.functions.ttir.numbers import (
    at_least_float32,
    convert,
    has_kernels,
    is_integer,
    is_unsigned,
    ordered,
    promoted,
    real_dtype,
    reordered,
    widened,
    with_type,
)
from tilewright.runtime.interpreter import DialectFunctions, Interpreter, Step, implements
from tilewright.support.errors import UnsupportedInputError

Unary = Callable[[torch.Tensor], torch.Tensor]
Binary = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]


def _same(x: torch.Tensor) -> torch.Tensor:
    return x


_REAL_UNARY: Mapping[type[Operation], Unary] = {
    ttir.AcosOp: torch.acos,
    ttir.AsinOp: torch.asin,
    ttir.AsinhOp: torch.asinh,
    ttir.AtanOp: torch.atan,
    ttir.CbrtOp: real.cube_root,
    ttir.CosOp: torch.cos,
    ttir.ErfOp: torch.erf,
    ttir.ErfcOp: torch.erfc,
    ttir.ExpOp: torch.exp,
    ttir.Exp2Op: torch.exp2,
    ttir.Expm1Op: torch.expm1,
    ttir.GeluOp: torch.nn.functional.gelu,
    ttir.HardsigmoidOp: torch.nn.functional.hardsigmoid,
    ttir.LogOp: torch.log,
    ttir.Log1pOp: torch.log1p,
    ttir.MishOp: torch.nn.functional.mish,
    ttir.ReciprocalOp: torch.reciprocal,
    ttir.RsqrtOp: torch.rsqrt,
    ttir.SigmoidOp: torch.sigmoid,
    ttir.SiluOp: torch.nn.functional.silu,
    ttir.SinOp: torch.sin,
    ttir.SoftsignOp: real.softsign,
    ttir.SqrtOp: torch.sqrt,
    ttir.TanOp: torch.tan,
    ttir.TanhOp: torch.tanh,
    ttir.TanhshrinkOp: real.tanhshrink,
}
"""Functions that give fractions, of floats."""

_EXACT_UNARY: Mapping[type[Operation], Unary] = {
    ttir.AbsOp: torch.abs,
    ttir.CeilOp: torch.ceil,
    ttir.FloorOp: torch.floor,
    ttir.FracOp: lambda x: torch.zeros_like(x) if is_integer(x.dtype) else torch.frac(x),
    ttir.NegOp: torch.neg,
    ttir.ReluOp: torch.relu,
    ttir.Relu6Op: lambda x: x.clamp(0, 6),
    ttir.SignOp: torch.sign,
    ttir.SquareOp: torch.square,
    ttir.TruncOp: torch.trunc,
}
"""Functions that give integers of integers: of floats and signed integers."""

_UNSIGNED_UNARY: Mapping[type[Operation], Unary] = {
    ttir.AbsOp: _same,
    ttir.CeilOp: _same,
    ttir.FloorOp: _same,
    ttir.FracOp: torch.zeros_like,
    ttir.NegOp: torch.neg,
    ttir.ReluOp: _same,
    ttir.Relu6Op: lambda x: torch.where((x < 0) | (x > 6), 6, x),
    ttir.SignOp: lambda x: (x != 0).to(x.dtype),
    ttir.SquareOp: torch.square,
    ttir.TruncOp: _same,
}
"""The same of unsigned integers, as int64; from 2^63 on, this is negative."""

_PREDICATES: Mapping[type[Operation], Unary] = {
    ttir.IsFiniteOp: lambda x: torch.isfinite(x) if x.is_floating_point() or x.is_complex() else x == x,
    ttir.LogicalNotOp: lambda x: x == 0,
    ttir.SignbitOp: lambda x: x != x if is_integer(x.dtype) and is_unsigned(x.dtype) else torch.signbit(x),
}

_REAL_BINARY: Mapping[type[Operation], Binary] = {
    ttir.AddOp: torch.add,
    ttir.Atan2Op: torch.atan2,
    ttir.DivOp: torch.div,
    ttir.MaximumOp: torch.maximum,
    ttir.MinimumOp: torch.minimum,
    ttir.MultiplyOp: torch.mul,
    ttir.PowOp: torch.pow,
    ttir.RemainderOp: real.floored_remainder,
    ttir.SubtractOp: torch.sub,
}

_KERNELS: Mapping[type[Operation], Binary] = {
    ttir.AddOp: torch.add,
    ttir.BitwiseAndOp: torch.bitwise_and,
    ttir.BitwiseOrOp: torch.bitwise_or,
    ttir.BitwiseXorOp: torch.bitwise_xor,
    ttir.MaximumOp: torch.maximum,
    ttir.MinimumOp: torch.minimum,
    ttir.MultiplyOp: torch.mul,
    ttir.SubtractOp: torch.sub,
}
"""What torch's kernels do right on integers of each type that they take."""

_INTEGER_BINARY: Mapping[type[Operation], Callable[[torch.dtype], Binary]] = {
    **{kind: lambda dtype, kernel=kernel: kernel for kind, kernel in _KERNELS.items()},
    ttir.DivOp: lambda dtype: partial(quotient, unsigned=dtype is torch.uint64),
    ttir.PowOp: lambda dtype: partial(power, unsigned=dtype is torch.uint64),
    ttir.RemainderOp: lambda dtype: partial(remainder, unsigned=dtype is torch.uint64),
}
"""Functions of integers as int64; they are told the type."""

_ORDER = {ttir.MaximumOp, ttir.MinimumOp}
"""Of these, the order of the integers matters, not their bits."""

_COMPARISONS: Mapping[type[Operation], Binary] = {
    ttir.EqualOp: torch.eq,
    ttir.GreaterEqualOp: torch.ge,
    ttir.GreaterThanOp: torch.gt,
    ttir.LessEqualOp: torch.le,
    ttir.LessThanOp: torch.lt,
    ttir.NotEqualOp: torch.ne,
}

_LOGICAL: Mapping[type[Operation], Binary] = {
    ttir.LogicalAndOp: torch.logical_and,
    ttir.LogicalOrOp: torch.logical_or,
    ttir.LogicalXorOp: torch.logical_xor,
}

_SHIFTS: Mapping[type[Operation], Binary] = {
    ttir.LogicalLeftShiftOp: partial(shift, left=True),
    ttir.LogicalRightShiftOp: partial(shift, left=False),
    ttir.RightShiftOp: partial(shift, left=False, arithmetic=True),
}


_BITS_OF = {1: torch.uint8, 2: torch.int16, 4: torch.int32, 8: torch.int64}
"""The integers that hold the bits of a float of so many bytes."""


def _needs_integers(op: Operation, dtype: torch.dtype) -> UnsupportedInputError:
    return UnsupportedInputError(
        f"{op.name} of elements of {dtype}", why="it takes integers, or operands and a result of one type of floats"
    )


def _unary_function(op: UnaryOp, source: torch.dtype, target: torch.dtype) -> Unary:
    """The function of `op`, before its result is converted to `target`."""
    kind = type(op)
    if not is_integer(source) or kind in _REAL_UNARY:
        dtype = real_dtype(target, source)
        if (exact_function := _EXACT_UNARY.get(kind)) is not None:
            return lambda x: exact_function(convert(x, dtype))
        real_function, dtype = _REAL_UNARY[kind], at_least_float32(dtype)
        return lambda x: real_function(convert(x, dtype))
    if source is target and has_kernels(source) and not is_unsigned(source):
        return _EXACT_UNARY[kind]
    function = (_UNSIGNED_UNARY if is_unsigned(source) else _EXACT_UNARY)[kind]
    return lambda x: with_type(function(widened(x)), source)


def _binary_function(kind: type[Operation], operands: Sequence[torch.dtype], target: torch.dtype) -> Binary:
    """The arithmetic function of elements of these types, before its result is converted to `target`."""
    common = promoted(*operands)
    if not is_integer(common) or kind not in _INTEGER_BINARY:
        real_function, dtype = _REAL_BINARY[kind], real_dtype(target, common)
        return lambda a, b: real_function(convert(a, dtype), convert(b, dtype))
    booleans = common is torch.bool and kind not in (ttir.AddOp, ttir.MultiplyOp, ttir.SubtractOp)
    if kind in _KERNELS and all(d is target for d in operands) and (has_kernels(common) or booleans):
        return _KERNELS[kind]
    function = _INTEGER_BINARY[kind](common)
    if kind in _ORDER:
        return lambda a, b: reordered(function(ordered(convert(a, common)), ordered(convert(b, common))), common)
    return lambda a, b: with_type(function(widened(a), widened(b)), common)


class ElementwiseFunctions(DialectFunctions):
    """Unary, binary and ternary functions of elements."""

    @implements(*_REAL_UNARY, *_EXACT_UNARY)
    def unary(self, op: UnaryOp, interpreter: Interpreter) -> Step:
        dtype = dtype_of(op)
        (source,) = operand_dtypes(op)
        function = _unary_function(op, source, dtype)
        return unary_step(lambda x: (convert(function(x), dtype),))

    @implements(*_PREDICATES)
    def predicate(self, op: UnaryOp, interpreter: Interpreter) -> Step:
        function, dtype = _PREDICATES[type(op)], dtype_of(op)
        return unary_step(lambda x: (convert(function(x), dtype),))

    @implements(ttir.BitwiseNotOp)
    def bitwise_not(self, op: ttir.BitwiseNotOp, interpreter: Interpreter) -> Step:
        (source,), dtype = operand_dtypes(op), dtype_of(op)
        if not is_integer(source):
            if source is not dtype:
                raise _needs_integers(op, source)
            bits = _BITS_OF[dtype.itemsize]
            return unary_step(lambda x: ((~x.view(bits)).view(dtype),))
        if has_kernels(source) or source is torch.bool:
            return unary_step(lambda x: (convert(~x, dtype),))
        return unary_step(lambda x: (convert(convert(~widened(x), source), dtype),))

    @implements(*_REAL_BINARY, *_INTEGER_BINARY)
    def binary(self, op: BinaryOp, interpreter: Interpreter) -> Step:
        kind, operands, dtype = type(op), operand_dtypes(op), dtype_of(op)
        if kind not in _REAL_BINARY and not is_integer(promoted(*operands)):
            if kind not in _KERNELS or any(d is not dtype for d in operands):
                raise _needs_integers(op, promoted(*operands))
            kernel, bits = _KERNELS[kind], _BITS_OF[dtype.itemsize]

            def of_bits(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
                return kernel(a.view(bits), b.view(bits)).view(dtype)

            function = of_bits
        else:
            function = _binary_function(kind, operands, dtype)

        def step(a: torch.Tensor, b: torch.Tensor) -> Sequence[torch.Tensor]:
            return (convert(function(a, b), dtype),)

        return step

    @implements(*_COMPARISONS)
    def comparison(self, op: ConditionOp, interpreter: Interpreter) -> Step:
        function, operands, dtype = _COMPARISONS[type(op)], operand_dtypes(op), dtype_of(op)
        common = promoted(*operands)
        if is_integer(common) and not has_kernels(common):

            def step(a: torch.Tensor, b: torch.Tensor) -> Sequence[torch.Tensor]:
                return (convert(function(ordered(convert(a, common)), ordered(convert(b, common))), dtype),)

        else:

            def step(a: torch.Tensor, b: torch.Tensor) -> Sequence[torch.Tensor]:
                return (convert(function(convert(a, common), convert(b, common)), dtype),)

        return step

    @implements(*_LOGICAL)
    def logical(self, op: ConditionOp, interpreter: Interpreter) -> Step:
        function, dtype = _LOGICAL[type(op)], dtype_of(op)

        def step(a: torch.Tensor, b: torch.Tensor) -> Sequence[torch.Tensor]:
            return (convert(function(a != 0, b != 0), dtype),)

        return step

    @implements(*_SHIFTS)
    def shift(self, op: ShiftOp, interpreter: Interpreter) -> Step:
        function, dtype = _SHIFTS[type(op)], dtype_of(op)

        def step(a: torch.Tensor, b: torch.Tensor) -> Sequence[torch.Tensor]:
            return (convert(function(a, b), dtype),)

        return step

    @implements(ttir.WhereOp)
    def where(self, op: ttir.WhereOp, interpreter: Interpreter) -> Step:
        dtype, shape = dtype_of(op), result_shape(op)

        def step(condition: torch.Tensor, a: torch.Tensor, b: torch.Tensor) -> Sequence[torch.Tensor]:
            return (torch.where(condition != 0, convert(a, dtype), convert(b, dtype)).expand(shape),)

        return step
