"""Functions of each element."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import torch
from xdsl.ir import Operation

from tilewright.dialects import ttir
from tilewright.dialects.ttir import BinaryOp, ConditionOp, UnaryOp
from tilewright.runtime.functions.ttir.common import dtype_of, number_of, result_shape, unary_step
from tilewright.runtime.interpreter import DialectFunctions, Interpreter, Step, implements
from tilewright.support.errors import NumericsError


def _divide(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    """a / b; of integers, towards zero."""
    if a.is_floating_point() or b.is_floating_point():
        return torch.div(a, b)
    return torch.div(a, _without_zeros(b), rounding_mode="trunc")


def _remainder(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    """What is left of a / b, with the sign of a."""
    return torch.fmod(a, b if a.is_floating_point() or b.is_floating_point() else _without_zeros(b))


def _without_zeros(divisor: torch.Tensor) -> torch.Tensor:
    if bool((divisor == 0).any()):
        raise NumericsError("an integer is divided by zero", hint="check the model's inputs")
    return divisor


_UNARY: Mapping[type[Operation], Callable[[torch.Tensor], torch.Tensor]] = {
    ttir.AbsOp: torch.abs,
    ttir.NegOp: torch.neg,
    ttir.ExpOp: torch.exp,
    ttir.LogOp: torch.log,
    ttir.Log1pOp: torch.log1p,
    ttir.SqrtOp: torch.sqrt,
    ttir.RsqrtOp: torch.rsqrt,
    ttir.ReciprocalOp: torch.reciprocal,
    ttir.TanhOp: torch.tanh,
    ttir.SigmoidOp: torch.sigmoid,
    ttir.GeluOp: torch.nn.functional.gelu,
    ttir.ReluOp: torch.relu,
    ttir.SiluOp: torch.nn.functional.silu,
    ttir.ErfOp: torch.erf,
    ttir.SinOp: torch.sin,
    ttir.CosOp: torch.cos,
    ttir.FloorOp: torch.floor,
    ttir.CeilOp: torch.ceil,
    ttir.SignOp: torch.sign,
    ttir.LogicalNotOp: torch.logical_not,
    ttir.IsFiniteOp: torch.isfinite,
}

_BINARY: Mapping[type[Operation], Callable[[torch.Tensor, torch.Tensor], torch.Tensor]] = {
    ttir.AddOp: torch.add,
    ttir.SubtractOp: torch.sub,
    ttir.MultiplyOp: torch.mul,
    ttir.DivOp: _divide,
    ttir.MaximumOp: torch.maximum,
    ttir.MinimumOp: torch.minimum,
    ttir.PowOp: torch.pow,
    ttir.RemainderOp: _remainder,
    ttir.LogicalAndOp: torch.logical_and,
    ttir.LogicalOrOp: torch.logical_or,
    ttir.LogicalXorOp: torch.logical_xor,
    ttir.BitwiseAndOp: torch.bitwise_and,
    ttir.BitwiseOrOp: torch.bitwise_or,
    ttir.EqualOp: torch.eq,
    ttir.NotEqualOp: torch.ne,
    ttir.LessThanOp: torch.lt,
    ttir.LessEqualOp: torch.le,
    ttir.GreaterThanOp: torch.gt,
    ttir.GreaterEqualOp: torch.ge,
}


class ElementwiseFunctions(DialectFunctions):
    """Unary, binary and ternary functions of elements."""

    @implements(*_UNARY)
    def unary(self, op: UnaryOp, interpreter: Interpreter) -> Step:
        function, dtype = _UNARY[type(op)], dtype_of(op)
        return unary_step(lambda x: (function(x).to(dtype),))

    @implements(*_BINARY)
    def binary(self, op: BinaryOp | ConditionOp, interpreter: Interpreter) -> Step:
        function, dtype = _BINARY[type(op)], dtype_of(op)

        def step(a: torch.Tensor, b: torch.Tensor) -> Sequence[torch.Tensor]:
            return (function(a, b).to(dtype),)

        return step

    @implements(ttir.TypecastOp)
    def typecast(self, op: ttir.TypecastOp, interpreter: Interpreter) -> Step:
        dtype = dtype_of(op)
        return unary_step(lambda x: (x.to(dtype),))

    @implements(ttir.ClampScalarOp)
    def clamp(self, op: ttir.ClampScalarOp, interpreter: Interpreter) -> Step:
        low, high, dtype = number_of(op.min), number_of(op.max), dtype_of(op)

        def step(x: torch.Tensor) -> Sequence[torch.Tensor]:
            if x.is_floating_point() or dtype.is_floating_point:
                return (x.clamp(low, high).to(dtype),)
            # A float bound would make floats of integers that are too large for them; truncation keeps the order.
            limits = torch.iinfo(x.dtype)
            least, most = (int(min(max(bound, limits.min), limits.max)) for bound in (low, high))
            return (x.clamp(least, most).to(dtype),)

        return step

    @implements(ttir.LeakyReluOp)
    def leaky_relu(self, op: ttir.LeakyReluOp, interpreter: Interpreter) -> Step:
        slope, dtype = float(number_of(op.parameter)), dtype_of(op)
        return unary_step(lambda x: (torch.nn.functional.leaky_relu(x, slope).to(dtype),))

    @implements(ttir.WhereOp)
    def where(self, op: ttir.WhereOp, interpreter: Interpreter) -> Step:
        dtype, shape = dtype_of(op), result_shape(op)

        def step(condition: torch.Tensor, a: torch.Tensor, b: torch.Tensor) -> Sequence[torch.Tensor]:
            return (torch.where(condition != 0, a, b).to(dtype).expand(shape),)

        return step
