"""The function of `ttir.moe_compute`, the fused experts of a mixture of experts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import torch

from tilewright.dialects import ttir
from tilewright.dialects.types import shape_of
from tilewright.runtime.functions.ttir.common import dtype_of, operand_dtypes
from tilewright.runtime.functions.ttir.moe_experts import ACTIVATIONS, outputs
from tilewright.runtime.functions.ttir.moe_routing import (
    by_device,
    checked_choices,
    experts_of,
    misfit,
    require_choices,
    require_shape,
    tokens_of,
)
from tilewright.runtime.functions.ttir.numbers import convert
from tilewright.runtime.functions.ttir.windows import working_dtype
from tilewright.runtime.interpreter import DialectFunctions, Interpreter, Step, implements
from tilewright.runtime.mesh import MeshTensor, mesh_for
from tilewright.support.errors import NumericsError, UnsupportedInputError


class MoeComputeFunctions(DialectFunctions):
    """Fused experts compute in Float32 at least, and round once; the device's weights of four bits are not modelled."""

    @implements(ttir.MoeComputeOp)
    def moe_compute(self, op: ttir.MoeComputeOp, interpreter: Interpreter) -> Step:
        """What the chosen experts make of each token of a device, one row for each choice, not weighted.

        Row (k, t) of device d is expert `indices[t', k]` on the t-th token of d, which is token t' = p t_d + t of its
        group if d is the p-th of the group and each has t_d tokens. The e-th weights are those of the e-th expert of
        the device, in the order of their numbers; which experts it has says the mapping (.., experts) to numbers of
        devices. A choice whose expert is on no device of the group gives zeros: the device does not write that row.

        Sources: the definition of the op in tt-mlir's ``TTIROps.td`` (formula, operands), its golden function (merged
        with tt-mlir's pull request 8795), and the reference of tt-metal's ``test_moe_compute_6U.py`` (formulas,
        biases, the places of rows). tt-metal's documentation speaks of scores that are applied and of a reduction;
        neither its kernel (``selective_reduce_combine/.../writer.cpp``) nor any reference multiplies by a score or
        adds rows, and the shape of the result has a row for each choice.

        Left open, and chosen here: a token that chose an expert twice gets its result in both rows, as in tt-mlir's
        golden function, where the kernel fills the first one.
        """
        mesh = mesh_for(op, interpreter)
        groups = mesh.groups(op.cluster_axis.value.data)
        if len(shape_of(op.w0)) != 4:
            raise misfit(op.w0, "expected (layers, experts, H, N)")
        layers, held, width, inner = shape_of(op.w0)
        layer = op.layer_id.value.data
        if layer >= layers:
            raise UnsupportedInputError(f"attribute 'layer_id' is {layer}", why=f"there are weights of {layers} layers")
        if op.intermediate_size.value.data != inner:
            raise misfit(op.w0, f"expected the last extent {op.intermediate_size.value.data}, 'intermediate_size'")
        tokens = tokens_of(op.tilize_input_tensor, width)
        choices = require_choices(tokens, op.tilize_expert_indices_tensor, op.tilize_expert_scores_tensor)
        if tokens % len(groups[0]):
            raise misfit(op.tilize_input_tensor, f"{tokens} tokens cannot be those of {len(groups[0])} devices")
        require_shape(op.w1, (layers, held, width, inner))
        require_shape(op.w2, (layers, held, inner, width))
        for bias, extent in ((op.bias_0, inner), (op.bias_1, inner), (op.bias_2, width)):
            if bias is not None:
                require_shape(bias, (layers, held, extent))
        require_shape(op.result, (choices, tokens // len(groups[0]), width))
        dtype, wide = dtype_of(op), working_dtype([*operand_dtypes(op), dtype_of(op)])
        activation = ACTIVATIONS[op.activation_function.data]
        experts = shape_of(op.tilize_expert_mapping_tensor)[-1]
        given = [bias is not None for bias in (op.bias_0, op.bias_1, op.bias_2)]

        def step(*values: MeshTensor) -> Sequence[MeshTensor]:
            x, indices, _, mapping, *weights = map(mesh.shards, values)
            results: dict[int, torch.Tensor] = {}
            for group in groups:
                made = torch.zeros(choices, tokens, width, dtype=dtype)
                taken = torch.zeros(experts, dtype=torch.bool)
                for d in group:
                    numbers = experts_of(mapping[d], d, held, mesh)
                    _require_new(numbers, taken)
                    chosen = checked_choices(indices[d].reshape(tokens, choices), experts)
                    rows = x[d].reshape(tokens, width)
                    for e, number in enumerate(numbers):
                        token, choice = (chosen == number).nonzero(as_tuple=True)
                        matrices = [w[d][layer, e].to(wide) for w in weights[:3]]
                        biases = _optional((w[d][layer, e].to(wide) for w in weights[3:]), given)
                        out = outputs(rows[token].to(wide), matrices, biases, activation)
                        made[choice, token] = convert(out, dtype)
                results.update(zip(group, made.tensor_split(len(group), 1), strict=True))
            return (by_device(mesh, results),)

        return step


def _optional(values: Iterable[torch.Tensor], given: Sequence[bool]) -> list[torch.Tensor | None]:
    """The values at the places that are given."""
    found = iter(values)
    return [next(found) if is_given else None for is_given in given]


def _require_new(numbers: torch.Tensor, taken: torch.Tensor) -> None:
    """Check that no other device of the group has these experts, and mark them as `taken`."""
    if bool(taken[numbers].any()):
        raise NumericsError(
            "an expert is on several devices of a group", hint="give all devices the same mapping of experts"
        )
    taken[numbers] = True
