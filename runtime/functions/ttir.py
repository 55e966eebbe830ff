"""The meaning of the `ttir` dialect: torch operations, with each result in its op's element type."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import torch
from xdsl.dialects.builtin import DenseIntOrFPElementsAttr, FloatAttr, IntegerAttr
from xdsl.ir import Attribute, Operation

from tilewright.dialects import ttir
from tilewright.dialects.ttir import BinaryOp, ConditionOp, UnaryOp
from tilewright.dialects.ttir.creation import fill_value_of
from tilewright.dialects.ttir.reductions import ReductionOp
from tilewright.dialects.types import element_type_of, shape_of
from tilewright.runtime.dtypes import torch_dtype
from tilewright.runtime.interpreter import DialectFunctions, Interpreter, Step, implements
from tilewright.support.errors import NumericsError, UnsupportedInputError


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

_REDUCE: Mapping[type[Operation], Callable[[torch.Tensor, tuple[int, ...], bool], torch.Tensor]] = {
    ttir.SumOp: lambda x, dims, keep: x.sum(dims, keepdim=keep),
    ttir.MeanOp: lambda x, dims, keep: x.mean(dims, keepdim=keep),
    ttir.MaxOp: lambda x, dims, keep: x.amax(dims, keepdim=keep),
    ttir.MinOp: lambda x, dims, keep: x.amin(dims, keepdim=keep),
}


def _dtype(op: Operation) -> torch.dtype:
    return torch_dtype(element_type_of(op.results[0]))


def _shape(op: Operation) -> tuple[int, ...]:
    return shape_of(op.results[0])


def _number(attribute: Attribute) -> int | float:
    assert isinstance(attribute, FloatAttr | IntegerAttr)
    return attribute.value.data


def _unary_step(step: Callable[[torch.Tensor], Sequence[torch.Tensor]]) -> Step:
    """`step`, whose operand is thereby typed."""
    return step


class TtirFunctions(DialectFunctions):
    """One method a family of ops."""

    @implements(*_UNARY)
    def unary(self, op: UnaryOp, interpreter: Interpreter) -> Step:
        function, dtype = _UNARY[type(op)], _dtype(op)
        return _unary_step(lambda x: (function(x).to(dtype),))

    @implements(*_BINARY)
    def binary(self, op: BinaryOp | ConditionOp, interpreter: Interpreter) -> Step:
        function, dtype = _BINARY[type(op)], _dtype(op)

        def step(a: torch.Tensor, b: torch.Tensor) -> Sequence[torch.Tensor]:
            return (function(a, b).to(dtype),)

        return step

    @implements(*_REDUCE)
    def reduce(self, op: ReductionOp, interpreter: Interpreter) -> Step:
        function, dtype, axes, keep = _REDUCE[type(op)], _dtype(op), op.axes, bool(op.keep_dim)
        # torch takes no dimensions for all of them.
        return _unary_step(lambda x: ((function(x, axes, keep) if axes else x).to(dtype),))

    @implements(ttir.ProdOp)
    def prod(self, op: ttir.ProdOp, interpreter: Interpreter) -> Step:
        dtype, axes, keep = _dtype(op), op.axes, bool(op.keep_dim)

        def step(x: torch.Tensor) -> Sequence[torch.Tensor]:
            for axis in sorted(axes, reverse=True):
                x = x.prod(axis, keepdim=keep)
            return (x.to(dtype),)

        return step

    @implements(ttir.TypecastOp)
    def typecast(self, op: ttir.TypecastOp, interpreter: Interpreter) -> Step:
        dtype = _dtype(op)
        return _unary_step(lambda x: (x.to(dtype),))

    @implements(ttir.ClampScalarOp)
    def clamp(self, op: ttir.ClampScalarOp, interpreter: Interpreter) -> Step:
        low, high, dtype = _number(op.min), _number(op.max), _dtype(op)

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
        slope, dtype = float(_number(op.parameter)), _dtype(op)
        return _unary_step(lambda x: (torch.nn.functional.leaky_relu(x, slope).to(dtype),))

    @implements(ttir.WhereOp)
    def where(self, op: ttir.WhereOp, interpreter: Interpreter) -> Step:
        dtype, shape = _dtype(op), _shape(op)

        def step(condition: torch.Tensor, a: torch.Tensor, b: torch.Tensor) -> Sequence[torch.Tensor]:
            return (torch.where(condition != 0, a, b).to(dtype).expand(shape),)

        return step

    @implements(ttir.MatmulOp, ttir.LinearOp)
    def matmul(self, op: ttir.MatmulOp | ttir.LinearOp, interpreter: Interpreter) -> Step:
        dtype, shape = _dtype(op), _shape(op)
        # As in tt-mlir, the flags do not apply to a vector.
        swap_a = bool(op.transpose_a) and len(shape_of(op.a)) > 1
        swap_b = bool(op.transpose_b) and len(shape_of(op.b)) > 1

        def step(a: torch.Tensor, b: torch.Tensor, bias: torch.Tensor | None = None) -> Sequence[torch.Tensor]:
            product = torch.matmul(a.transpose(-1, -2) if swap_a else a, b.transpose(-1, -2) if swap_b else b)
            # Two vectors give a scalar in torch, one element in TTIR.
            return ((product if bias is None else product + bias).to(dtype).reshape(shape),)

        return step

    @implements(ttir.SoftmaxOp)
    def softmax(self, op: ttir.SoftmaxOp, interpreter: Interpreter) -> Step:
        axis, dtype = op.axis, _dtype(op)
        return _unary_step(lambda x: (torch.softmax(x, axis).to(dtype),))

    @implements(ttir.LayerNormOp)
    def layer_norm(self, op: ttir.LayerNormOp, interpreter: Interpreter) -> Step:
        shape, epsilon, dtype = tuple(op.normalized_shape.get_values()), float(_number(op.epsilon)), _dtype(op)
        has_weight, has_bias = op.weight is not None, op.bias is not None

        def step(x: torch.Tensor, *affine: torch.Tensor) -> Sequence[torch.Tensor]:
            given = iter(affine)
            weight = next(given) if has_weight else None
            bias = next(given) if has_bias else None
            return (torch.nn.functional.layer_norm(x, shape, weight, bias, epsilon).to(dtype),)

        return step

    @implements(ttir.RMSNormOp)
    def rms_norm(self, op: ttir.RMSNormOp, interpreter: Interpreter) -> Step:
        axes, epsilon, dtype = op.axes, float(_number(op.epsilon)), _dtype(op)
        has_weight, has_bias = op.weight is not None, op.bias is not None

        def step(x: torch.Tensor, *affine: torch.Tensor) -> Sequence[torch.Tensor]:
            given = iter(affine)
            out = torch.nn.functional.rms_norm(x, [x.shape[a] for a in axes], None, epsilon)
            out = out * next(given) if has_weight else out
            return ((out + next(given) if has_bias else out).to(dtype),)

        return step

    @implements(ttir.ScaledDotProductAttentionOp)
    def attention(self, op: ttir.ScaledDotProductAttentionOp, interpreter: Interpreter) -> Step:
        if op.attention_sink is not None or op.sliding_window_size is not None:
            raise UnsupportedInputError(f"{op.name} with a sink or a sliding window cannot be executed yet")
        causal, scale = bool(op.is_causal), None if op.scale is None else float(op.scale.value.data)

        def step(
            q: torch.Tensor, k: torch.Tensor, v: torch.Tensor, mask: torch.Tensor | None = None
        ) -> Sequence[torch.Tensor]:
            return (
                torch.nn.functional.scaled_dot_product_attention(
                    q, k, v, mask, is_causal=causal, scale=scale, enable_gqa=q.shape[1] != k.shape[1]
                ),
            )

        return step

    @implements(ttir.EmbeddingOp)
    def embedding(self, op: ttir.EmbeddingOp, interpreter: Interpreter) -> Step:
        shape, dtype = _shape(op), _dtype(op)

        def step(indices: torch.Tensor, table: torch.Tensor) -> Sequence[torch.Tensor]:
            flat, rows = indices.reshape(-1).to(torch.int64), table.reshape(table.shape[-2:])
            if flat.numel() and (int(flat.min()) < 0 or int(flat.max()) >= len(rows)):
                raise NumericsError(
                    "an index is outside the table",
                    why=f"indices from {int(flat.min())} to {int(flat.max())}, {len(rows)} rows",
                    hint="check the model's inputs, e.g. token ids against the vocabulary",
                )
            return (rows.index_select(0, flat).reshape(shape).to(dtype),)

        return step

    @implements(ttir.ReshapeOp, ttir.SqueezeOp, ttir.UnsqueezeOp)
    def reshape(self, op: Operation, interpreter: Interpreter) -> Step:
        shape, dtype = _shape(op), _dtype(op)
        return _unary_step(lambda x: (x.reshape(shape).to(dtype),))

    @implements(ttir.PermuteOp, ttir.TransposeOp)
    def permute(self, op: ttir.PermuteOp | ttir.TransposeOp, interpreter: Interpreter) -> Step:
        order, dtype = op.order, _dtype(op)
        return _unary_step(lambda x: (x.permute(order).to(dtype),))

    @implements(ttir.BroadcastOp)
    def broadcast(self, op: ttir.BroadcastOp, interpreter: Interpreter) -> Step:
        shape, dtype = _shape(op), _dtype(op)
        return _unary_step(lambda x: (x.to(dtype).expand(shape),))

    @implements(ttir.ConcatOp)
    def concat(self, op: ttir.ConcatOp, interpreter: Interpreter) -> Step:
        axis, dtype = op.axis, _dtype(op)
        return lambda *xs: (torch.cat(xs, axis).to(dtype),)

    @implements(ttir.SliceStaticOp)
    def slice_static(self, op: ttir.SliceStaticOp, interpreter: Interpreter) -> Step:
        # torch slices forwards alone: what goes backwards is reversed first.
        reversed_dims = [dim for dim, (_, _, stride) in enumerate(op.bounds) if stride < 0]
        slices = tuple(
            slice(begin, end, stride) if stride > 0 else slice(extent - 1 - begin, extent - 1 - end, -stride)
            for extent, (begin, end, stride) in zip(shape_of(op.input), op.bounds, strict=True)
        )
        return _unary_step(lambda x: ((x.flip(reversed_dims) if reversed_dims else x)[slices],))

    @implements(ttir.FullOp, ttir.OnesOp, ttir.ZerosOp)
    def filled(self, op: ttir.FullOp | ttir.OnesOp | ttir.ZerosOp, interpreter: Interpreter) -> Step:
        number = fill_value_of(op.result)
        assert number is not None  # these ops have one
        shape, dtype = _shape(op), _dtype(op)
        return lambda: (torch.full(shape, number, dtype=dtype),)

    @implements(ttir.ArangeOp)
    def arange(self, op: ttir.ArangeOp, interpreter: Interpreter) -> Step:
        shape, dtype = _shape(op), _dtype(op)
        start, stride, length = op.start.value.data, op.step.value.data, shape[op.dimension]
        view = [1] * len(shape)
        view[op.dimension] = -1
        # By its length, since TTIR rounds a last partial step away and torch does not.
        return lambda: ((torch.arange(length) * stride + start).to(dtype).view(view).expand(shape).contiguous(),)

    @implements(ttir.ConstantOp)
    def constant(self, op: ttir.ConstantOp, interpreter: Interpreter) -> Step:
        if not isinstance(op.value, DenseIntOrFPElementsAttr):
            raise UnsupportedInputError("the numbers of a dense_resource are not in the IR")
        shape, dtype = _shape(op), _dtype(op)
        values = list(op.value.get_values())
        data = torch.tensor(values, dtype=dtype)
        data = data.expand(shape) if data.numel() == 1 else data.view(shape)
        return lambda: (data.clone(memory_format=torch.contiguous_format),)
