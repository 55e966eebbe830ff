"""Normalisations over a dimension of which each device holds a part."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from xdsl.ir import SSAValue

from tilewright.dialects import ttir
from tilewright.dialects.types import shape_of
from tilewright.runtime.functions.ttir.collectives import in_groups_with_all
from tilewright.runtime.functions.ttir.common import dtype_of, number_of
from tilewright.runtime.functions.ttir.numbers import convert
from tilewright.runtime.interpreter import DialectFunctions, Interpreter, Step, implements
from tilewright.runtime.mesh import mesh_for
from tilewright.support.errors import UnsupportedInputError

Normalize = Callable[[list[torch.Tensor], float], list[torch.Tensor]]
"""Normalises the shards of a group, in Float32 or Float64; with epsilon."""


def _mean(shards: list[torch.Tensor]) -> torch.Tensor:
    """The mean over the last dimension of all shards, which have the same shape."""
    return sum((s.mean(-1, keepdim=True) for s in shards), torch.zeros(())) / len(shards)


def _rms_norm(shards: list[torch.Tensor], epsilon: float) -> list[torch.Tensor]:
    scale = torch.rsqrt(_mean([s * s for s in shards]) + epsilon)
    return [s * scale for s in shards]


def _layer_norm(shards: list[torch.Tensor], epsilon: float) -> list[torch.Tensor]:
    mean = _mean(shards)
    centred = [s - mean for s in shards]
    return _rms_norm(centred, epsilon)


class DistributedNormFunctions(DialectFunctions):
    """RMS and layer normalisation over the shards of a group."""

    @implements(ttir.DistributedRMSNormOp)
    def distributed_rms_norm(self, op: ttir.DistributedRMSNormOp, interpreter: Interpreter) -> Step:
        return _normalization(op, interpreter, _rms_norm, op.weight, None, op.residual)

    @implements(ttir.DistributedLayerNormOp)
    def distributed_layer_norm(self, op: ttir.DistributedLayerNormOp, interpreter: Interpreter) -> Step:
        return _normalization(op, interpreter, _layer_norm, op.weight, op.bias, op.residual)


def _normalization(
    op: ttir.DistributedNormOp,
    interpreter: Interpreter,
    normalize: Normalize,
    weight: SSAValue | None,
    bias: SSAValue | None,
    residual: SSAValue | None,
) -> Step:
    mesh, dtype, epsilon = mesh_for(op, interpreter), dtype_of(op), float(number_of(op.epsilon))
    wide = torch.promote_types(dtype, torch.float32)
    for name, affine in (("weight", weight), ("bias", bias)):
        # Only the last extent is verified.
        if affine is not None and any(extent != 1 for extent in shape_of(affine)[:-1]):
            raise UnsupportedInputError(
                f"operand '{name}' has the shape {shape_of(affine)}", why="expected a value for each column"
            )

    def compute(*operands: list[torch.Tensor]) -> Sequence[torch.Tensor]:
        given = iter([[s.to(wide) for s in shards] for shards in operands])
        inputs = next(given)
        scales = next(given) if weight is not None else None
        offsets = next(given) if bias is not None else None
        if residual is not None:
            inputs = [x + r for x, r in zip(inputs, next(given), strict=True)]
        results = normalize(inputs, epsilon)
        if scales is not None:
            results = [x * s.reshape(-1) for x, s in zip(results, scales, strict=True)]
        if offsets is not None:
            results = [x + s.reshape(-1) for x, s in zip(results, offsets, strict=True)]
        return [convert(x, dtype) for x in results]

    return in_groups_with_all(mesh, mesh.groups(op.cluster_axis.value.data), compute)
