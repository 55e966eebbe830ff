"""Normalisation of channels over a batch, and of groups of channels: in float32, rounded once."""

from __future__ import annotations

from collections.abc import Sequence

import torch

from tilewright.dialects import ttir
from tilewright.dialects.types import element_type_of, shape_of
from tilewright.runtime.dtypes import torch_dtype
from tilewright.runtime.functions.ttir.common import dtype_of, number_of
from tilewright.runtime.functions.ttir.numbers import convert
from tilewright.runtime.functions.ttir.windows import working_dtype
from tilewright.runtime.interpreter import DialectFunctions, Interpreter, Step, implements
from tilewright.support.errors import UnsupportedInputError


class BatchNormFunctions(DialectFunctions):
    """Batch and group normalisation."""

    @implements(ttir.BatchNormInferenceOp)
    def inference(self, op: ttir.BatchNormInferenceOp, interpreter: Interpreter) -> Step:
        dtype, working, wide = dtype_of(op), _working(op), _wide_shape(op, op.axis)
        epsilon = float(number_of(op.epsilon))

        def step(x: torch.Tensor, *parameters: torch.Tensor) -> Sequence[torch.Tensor]:
            scale, offset, mean, variance = (p.to(working).reshape(wide) for p in parameters)
            return (convert(_normalized(x.to(working), mean, variance, epsilon) * scale + offset, dtype),)

        return step

    @implements(ttir.BatchNormTrainingOp)
    def training(self, op: ttir.BatchNormTrainingOp, interpreter: Interpreter) -> Step:
        dtype, working, wide = dtype_of(op), _working(op), _wide_shape(op, op.axis)
        epsilon = float(number_of(op.epsilon))
        statistics = [(torch_dtype(element_type_of(r)), shape_of(r)) for r in (op.batch_mean, op.batch_variance)]
        others = [d for d in range(len(wide)) if d != op.axis]

        def step(x: torch.Tensor, *parameters: torch.Tensor) -> Sequence[torch.Tensor]:
            x = x.to(working)
            scale, offset = (p.to(working).reshape(wide) for p in parameters[:2])
            mean, variance = _statistics(x, others)
            result = convert(_normalized(x, mean, variance, epsilon) * scale + offset, dtype)
            (mean_dtype, mean_shape), (variance_dtype, variance_shape) = statistics
            mean, variance = convert(mean, mean_dtype), convert(variance, variance_dtype)
            return result, mean.reshape(mean_shape), variance.reshape(variance_shape)

        return step

    @implements(ttir.GroupNormOp)
    def group_norm(self, op: ttir.GroupNormOp, interpreter: Interpreter) -> Step:
        dtype, working, axis = dtype_of(op), _working(op), op.axis
        groups, epsilon = op.num_groups.value.data, float(number_of(op.epsilon))
        has_mask, has_weight, has_bias = op.input_mask is not None, op.weight is not None, op.bias is not None

        def step(x: torch.Tensor, *others: torch.Tensor) -> Sequence[torch.Tensor]:
            given = iter(others[has_mask:])
            x = x.to(working).movedim(axis, 1)
            wide = (-1, *[1] * (x.dim() - 2))
            weight = next(given).to(working).reshape(wide) if has_weight else None
            bias = next(given).to(working).reshape(wide) if has_bias else None
            blocks = x.reshape(x.shape[0], groups, -1)
            out = _normalized(blocks, *_statistics(blocks, [-1]), epsilon).reshape(x.shape)
            out = out if weight is None else out * weight
            out = out if bias is None else out + bias
            return (convert(out.movedim(1, axis), dtype),)

        return step


def _working(op: ttir.BatchNormOp | ttir.GroupNormOp) -> torch.dtype:
    working = working_dtype(torch_dtype(element_type_of(v)) for v in op.operands)
    if not working.is_floating_point:
        raise UnsupportedInputError(f"{op.name} of {element_type_of(op.operands[0])}", why="it divides by a root")
    return working


def _wide_shape(op: ttir.BatchNormOp, axis: int) -> tuple[int, ...]:
    """The shape of one number a channel that broadcasts with the operand."""
    shape = shape_of(op.operands[0])
    return tuple(d if i == axis else 1 for i, d in enumerate(shape))


def _statistics(x: torch.Tensor, dims: list[int]) -> tuple[torch.Tensor, torch.Tensor]:
    """Mean and variance over `dims`, which keep an extent of 1."""
    mean = x.mean(dims, keepdim=True)
    return mean, (x - mean).square().mean(dims, keepdim=True)


def _normalized(x: torch.Tensor, mean: torch.Tensor, variance: torch.Tensor, epsilon: float) -> torch.Tensor:
    return (x - mean) / torch.sqrt(variance + epsilon)
