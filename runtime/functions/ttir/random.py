"""Random numbers: the same seed gives the same bits, in every run."""

from __future__ import annotations

from collections.abc import Sequence

import torch

from tilewright.dialects import ttir
from tilewright.runtime.functions.ttir.common import dtype_of, number_of, result_shape, unary_step
from tilewright.runtime.functions.ttir.numbers import convert, is_integer
from tilewright.runtime.interpreter import DialectFunctions, Interpreter, Step, implements
from tilewright.runtime.mesh import MeshTensor, MeshValue


def drawn(shape: Sequence[int], seed: int) -> torch.Tensor:
    """Float32 numbers in [0, 1): the first that torch's CPU generator draws after it is seeded."""
    return torch.rand(tuple(shape), generator=torch.Generator().manual_seed(seed), dtype=torch.float32)


class RandomFunctions(DialectFunctions):
    """Ops that draw numbers."""

    @implements(ttir.RandOp)
    def rand(self, op: ttir.RandOp, interpreter: Interpreter) -> Step:
        shape, dtype, seed = result_shape(op), dtype_of(op), op.seed.value.data
        low, high = (torch.tensor(number_of(bound), dtype=torch.float32) for bound in (op.low, op.high))
        last = torch.nextafter(high, low)
        return lambda: (convert(torch.minimum(low + drawn(shape, seed) * (high - low), last), dtype),)

    @implements(ttir.DropoutOp)
    def dropout(self, op: ttir.DropoutOp, interpreter: Interpreter) -> Step:
        dtype, seed, mesh = dtype_of(op), op.seed.value.data, interpreter.mesh
        prob, scale = float(number_of(op.prob)), float(number_of(op.scale))

        def dropped(x: torch.Tensor, seed: int) -> torch.Tensor:
            wide = convert(x, torch.float64) if is_integer(dtype) else x
            return torch.where(drawn(x.shape, seed) < prob, torch.zeros((), dtype=dtype), convert(wide * scale, dtype))

        if mesh is None or mesh.size == 1:
            return unary_step(lambda x: (dropped(x, seed),))
        seeds = [(seed + device * bool(op.use_per_device_seed)) % 2**32 for device in range(mesh.size)]

        def step(x: MeshTensor) -> Sequence[MeshTensor]:
            # Devices that share tensor and seed share the result.
            shards = mesh.shards(x)
            keys = [(id(shard), own_seed) for shard, own_seed in zip(shards, seeds, strict=True)]
            distinct = dict(zip(keys, shards, strict=True))
            results = {key: dropped(shard, key[1]) for key, shard in distinct.items()}
            return (MeshValue.of([results[key] for key in keys]),)

        return step
