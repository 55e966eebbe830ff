"""Steps of an optimiser."""

from __future__ import annotations

from collections.abc import Sequence

import torch

from tilewright.dialects import ttir
from tilewright.dialects.types import element_type_of
from tilewright.runtime.dtypes import torch_dtype
from tilewright.runtime.functions.ttir.common import operand_dtypes
from tilewright.runtime.functions.ttir.numbers import convert
from tilewright.runtime.functions.ttir.windows import working_dtype
from tilewright.runtime.interpreter import DialectFunctions, Interpreter, Step, implements
from tilewright.support.errors import UnsupportedInputError


class OptimizerFunctions(DialectFunctions):
    """Steps of an optimiser, computed in float32 or wider; each result is rounded once."""

    @implements(ttir.AdamWOp)
    def adamw(self, op: ttir.AdamWOp, interpreter: Interpreter) -> Step:
        dtypes = [torch_dtype(element_type_of(r)) for r in op.results]
        wide = working_dtype(operand_dtypes(op))
        if bool(op.stochastic_rounding) and dtypes[0] is not wide:
            raise UnsupportedInputError(
                f"a step of AdamW rounds its parameter to {dtypes[0]} by chance",
                why="the op has no seed, so its result is not defined",
                hint="set 'stochastic_rounding' to false, or keep the parameter in float32",
            )
        rate, decay = float(op.lr.value.data), float(op.weight_decay.value.data)
        beta1, beta2 = float(op.beta1.value.data), float(op.beta2.value.data)
        beta1_pow, beta2_pow = float(op.beta1_pow.value.data), float(op.beta2_pow.value.data)
        epsilon = float(op.epsilon.value.data)

        def step(
            param: torch.Tensor,
            grad: torch.Tensor,
            exp_avg: torch.Tensor,
            exp_avg_sq: torch.Tensor,
            *largest: torch.Tensor,
        ) -> Sequence[torch.Tensor]:
            gradient = grad.to(wide)
            first = beta1 * exp_avg.to(wide) + (1 - beta1) * gradient
            second = beta2 * exp_avg_sq.to(wide) + (1 - beta2) * gradient.square()
            most = [torch.maximum(x.to(wide), second) for x in largest]
            denominator = (most[0] if most else second).div(_tensor(1 - beta2_pow, wide)).sqrt() + epsilon
            update = first / _tensor(1 - beta1_pow, wide) / denominator
            parameter = (1 - rate * decay) * param.to(wide) - rate * update
            return [convert(r, d) for r, d in zip((parameter, first, second, *most), dtypes, strict=True)]

        return step


def _tensor(number: float, dtype: torch.dtype) -> torch.Tensor:
    """A divisor that may be zero."""
    return torch.tensor(number, dtype=dtype)
