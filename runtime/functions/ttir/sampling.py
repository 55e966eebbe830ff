"""Random choices."""

from __future__ import annotations

from collections.abc import Sequence

import torch

from tilewright.dialects import ttir
from tilewright.runtime.functions.ttir.common import dtype_of
from tilewright.runtime.functions.ttir.numbers import convert
from tilewright.runtime.interpreter import DialectFunctions, Interpreter, Step, implements
from tilewright.support.errors import NumericsError


def _probabilities(logits: torch.Tensor, k: torch.Tensor, p: torch.Tensor, temperature: torch.Tensor) -> torch.Tensor:
    """Of sorted logits (batch, candidates), largest first, in float64; 0 where top-k or top-p leaves one out."""
    place = torch.arange(logits.shape[1])
    # At temperature 0 all but the first have no chance.
    left = torch.where(temperature > 0, k, 1).unsqueeze(1)
    scaled = logits / torch.where(temperature > 0, temperature, 1.0).unsqueeze(1)
    probabilities = torch.softmax(scaled.masked_fill(place >= left, -torch.inf), 1)
    before = probabilities.cumsum(1) - probabilities
    return torch.where((before < p.unsqueeze(1)) | (place == 0), probabilities, 0.0)


class SamplingFunctions(DialectFunctions):
    """Sampling."""

    @implements(ttir.SamplingOp)
    def sampling(self, op: ttir.SamplingOp, interpreter: Interpreter) -> Step:
        dtype, seed = dtype_of(op), 0 if op.seed is None else op.seed.value.data

        def step(
            logits: torch.Tensor, candidates: torch.Tensor, k: torch.Tensor, p: torch.Tensor, temperature: torch.Tensor
        ) -> Sequence[torch.Tensor]:
            for name, values, least in (("k", k, 1), ("temp", temperature, 0)):
                wide = values.to(torch.float64)
                if not bool((wide >= least).all()):
                    raise NumericsError(
                        f"operand '{name}' is {wide.tolist()}, expected values >= {least}",
                        hint="check the model's inputs",
                    )
            ranked, order = torch.sort(logits.to(torch.float64), stable=True, dim=1, descending=True)
            chances = _probabilities(ranked, k.to(torch.int64), p.to(torch.float64), temperature.to(torch.float64))
            if bool(chances.isnan().any()):
                raise NumericsError(
                    "the probabilities of a request are no numbers",
                    why="its logits contain NaN or infinity, or all are minus infinity",
                    hint="check the model's inputs",
                )
            sums = chances.cumsum(1)
            generator = torch.Generator().manual_seed(seed)
            drawn = torch.rand(len(sums), dtype=torch.float64, generator=generator).unsqueeze(1)
            # Less than the whole sum, also where the product is rounded up to it.
            target = torch.minimum(
                drawn * sums[:, -1:], torch.nextafter(sums[:, -1:], torch.zeros(1, dtype=sums.dtype))
            )
            place = (sums <= target).sum(1, keepdim=True)
            return (convert(candidates.to(torch.int64).gather(1, order.gather(1, place)).squeeze(1), dtype),)

        return step
