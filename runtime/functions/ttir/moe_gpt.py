"""The functions of `ttir.moe_gpt`, the fused experts of GPT-OSS, and of the op that sends their results back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import prod

import torch
from xdsl.ir import SSAValue

from tilewright.dialects import ttir
from tilewright.dialects.types import element_type_of, shape_of
from tilewright.runtime.dtypes import torch_dtype
from tilewright.runtime.functions.ttir import moe_buffers as buffers
from tilewright.runtime.functions.ttir import moe_weights as packing
from tilewright.runtime.functions.ttir.common import dtype_of, operand_dtypes
from tilewright.runtime.functions.ttir.moe_experts import outputs, swiglu
from tilewright.runtime.functions.ttir.moe_routing import (
    Shards,
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


class MoeGptFunctions(DialectFunctions):
    """Fused experts compute in Float32 at least, and round once; the device's weights of four bits are not modelled."""

    @implements(ttir.MoeGptOp)
    def moe_gpt(self, op: ttir.MoeGptOp, interpreter: Interpreter) -> Step:
        """Each expert of a device on the tokens that chose it, in the buffers that `moe_buffers` describes.

        The results are counts, records, lists, and twice the blocks, of GPT-OSS's experts with the packed weights that
        `moe_weights` describes. Scores are handed on, and not applied. A token that chose an expert twice counts once,
        with its first choice, as in tt-mlir's golden function.

        On the device the two last results are one buffer, which the first one views as tiles; here, as in tt-mlir's
        golden function, both have the same numbers. The kernel knows one layer of weights, cores in 4 rows of 3, and
        2880 features and intermediate numbers; what else the attributes and shapes could say is published nowhere.
        """
        mesh = mesh_for(op, interpreter)
        _require_gpt(op)
        features, held = packing.FEATURES, shape_of(op.w0_w1_tensor)[2]
        tokens = tokens_of(op.input_tensor, features)
        choices = require_choices(tokens, op.expert_indices, op.expert_scores)
        _require_buffers(op.token_counts, op.activation_records, op.token_indices, held, tokens)
        for blocks in (op.tilize_out, op.tilize_out_rm):
            _require_blocks(blocks, held, tokens, features)
        cores = shape_of(op.tilize_out)[0]
        if shape_of(op.tilize_out_rm)[0] != cores:
            raise misfit(op.tilize_out_rm, f"expected {cores} cores, as 'tilize_out' has")
        dtypes = [torch_dtype(element_type_of(r)) for r in op.results]
        wide = working_dtype([*operand_dtypes(op), *dtypes])
        experts = shape_of(op.expert_mapping)[-1]

        def unpacked(gate_up: torch.Tensor, down: torch.Tensor) -> list[packing.Matrices]:
            return [*packing.unpacked_gate_up(gate_up[:, 0]), packing.unpacked_down(down[:, 0])]

        def compute(x: torch.Tensor, chosen: torch.Tensor, weights: Sequence[packing.Matrices]) -> torch.Tensor:
            made = [x.new_empty(0, features, dtype=wide)] * held
            for e in range(chosen.shape[1]):
                matrices = [m.weights[e].to(wide) for m in weights]
                biases = [None if m.biases is None else m.biases[e].to(wide) for m in weights]
                made[e] = outputs(x[chosen[:, e]].to(wide), matrices, biases, swiglu)
            used = buffers.written_blocks(made, tokens, features, wide)
            out = used.new_zeros(cores, prod(shape_of(op.tilize_out)[1:]))
            out[: buffers.CORES, : used.shape[1]] = used
            return out.reshape(shape_of(op.tilize_out))

        def step(*values: MeshTensor) -> Sequence[MeshTensor]:
            x, indices, scores, mapping, gate_up, down = map(mesh.shards, values)
            # Devices that share their weights share what is unpacked.
            weights: dict[tuple[int, int], list[packing.Matrices]] = {}
            columns: list[dict[int, torch.Tensor]] = [{} for _ in op.results]
            for d in range(mesh.size):
                key = (id(gate_up[d]), id(down[d]))
                if key not in weights:
                    weights[key] = unpacked(gate_up[d], down[d])
                numbers = experts_of(mapping[d], d, held, mesh)
                picked = checked_choices(indices[d].reshape(tokens, choices), experts)
                chosen, slots = buffers.chosen_slots(picked, numbers)
                blocks = compute(x[d].reshape(tokens, features), chosen, weights[key])
                results = (
                    buffers.written_counts(chosen, held),
                    buffers.written_records(chosen, slots, scores[d].reshape(tokens, choices), held),
                    buffers.written_lists(chosen, held),
                    blocks,
                    blocks.clone(),
                )
                for column, result, dtype in zip(columns, results, dtypes, strict=True):
                    column[d] = convert(result, dtype)
            return [by_device(mesh, column) for column in columns]

        return step

    @implements(ttir.SelectiveReduceCombineOp)
    def selective_reduce_combine(self, op: ttir.SelectiveReduceCombineOp, interpreter: Interpreter) -> Step:
        """Sends each row of the blocks to the device its token came from, as the row of the choice that it is.

        The operands are the buffers that `moe_buffers` describes, as `ttir.moe_gpt` writes them: blocks, records,
        lists, counts. The result (K, t_d, H) of a device has row (k, t) from the expert that its t-th token chose as
        the k-th, and zeros where no device of the group sends one, as in tt-mlir, which hands the kernel a result of
        zeros. Nothing is reduced and no score applied, whatever the name says.

        Sources: those of `moe_buffers`, and tt-mlir's runtime (``runtime/lib/ttnn/operations/ccl/
        selective_reduce_combine.cpp``), which has constants for what the op does not say: 4 by 3 cores, and axis 0 of
        the mesh, where no attribute `axis` says another one.
        """
        mesh = mesh_for(op, interpreter)
        groups = mesh.groups(0 if op.axis is None else op.axis.value.data)
        experts, choices = op.experts.value.data, op.select_experts_k.value.data
        hidden, tokens = op.hidden_size.value.data, op.batch_size.value.data * op.seq_size.value.data
        if experts % mesh.size:
            raise UnsupportedInputError(
                f"attribute 'experts' is {experts}", why=f"expected a multiple of {mesh.size}, the devices of {mesh}"
            )
        held, each = experts // mesh.size, tokens // len(groups[0])
        if tokens % len(groups[0]):
            raise misfit(op.result, f"{tokens} tokens cannot be those of {len(groups[0])} devices")
        _require_blocks(op.dense_input_tensor, held, tokens, hidden)
        _require_buffers(
            op.dense_token_counts_tensor, op.dense_activations_tensor, op.dense_token_maps_tensor, held, tokens
        )
        require_shape(op.result, (choices, each, hidden))
        dtype = dtype_of(op)

        def send(blocks: torch.Tensor, *words: torch.Tensor) -> Iterable[tuple[torch.Tensor, ...]]:
            """The choices, the tokens and the rows that one device sends, for each of its experts."""
            records, lists, counts = (w.to(torch.int64) & buffers.END for w in words)
            numbers = [int(count) for count in counts[0, :held]]
            if max(numbers) > tokens:
                raise NumericsError(f"{max(numbers)} tokens chose an expert", why=f"there are {tokens} tokens")
            records = records.reshape(tokens + 1, -1)
            # Behind the word that ends the records stands nothing.
            records = records[(records[:, 0] == buffers.END).cumsum(0) == 0]
            if bool((records[:, 0] >= tokens).any()):
                raise _unknown_token(tokens)
            made = buffers.read_blocks(blocks, numbers, tokens, hidden)
            for e, (count, rows) in enumerate(zip(numbers, made, strict=True)):
                token = lists[e].reshape(tokens + 1, -1)[:count, 0]
                if bool((token >= tokens).any()):
                    raise _unknown_token(tokens)
                choice_of = torch.full((tokens,), choices, dtype=torch.int64)
                choice_of[records[:, 0]] = records[:, 1 + e]
                choice = choice_of[token]
                if bool((choice >= choices).any()):
                    raise NumericsError(
                        "a token of an expert has no choice in the records", why=f"there are {choices} choices"
                    )
                yield choice, token, rows

        def step(*values: MeshTensor) -> Sequence[MeshTensor]:
            shards: tuple[Shards, ...] = tuple(map(mesh.shards, values))
            results: dict[int, torch.Tensor] = {}
            for group in groups:
                combined = torch.zeros(choices, tokens, hidden, dtype=dtype)
                for d in group:
                    for choice, token, rows in send(*(s[d] for s in shards)):
                        combined[choice, token] = convert(rows, dtype)
                results.update(zip(group, combined.tensor_split(len(group), 1), strict=True))
            return (by_device(mesh, results),)

        return step


def _unknown_token(tokens: int) -> NumericsError:
    return NumericsError(
        "the buffers of the experts name a token that does not exist", why=f"there are {tokens} tokens"
    )


def _require_gpt(op: ttir.MoeGptOp) -> None:
    """Check that the packing of the weights is the one that is published."""
    grid = (op.output_height_shard_dim.value.data, op.output_width_shard_dim.value.data)
    if grid != (buffers.HEIGHT, buffers.WIDTH):
        raise UnsupportedInputError(
            f"attributes 'output_height_shard_dim' and 'output_width_shard_dim' are {grid[0]} and {grid[1]}",
            why=f"what reads the results takes {buffers.HEIGHT} and {buffers.WIDTH}",
        )
    if (features := op.hidden_size.value.data) != packing.FEATURES:
        raise UnsupportedInputError(
            f"attribute 'hidden_size' is {features}", why=f"weights are packed for {packing.FEATURES}, those of GPT-OSS"
        )
    held = shape_of(op.w0_w1_tensor)[2]
    for value, groups in (
        (op.w0_w1_tensor, packing.GROUPS_OF_GATE_UP),
        (op.w2_tensor, packing.GROUPS_OF_DOWN),
    ):
        expected = [(packing.CORES, 1, held, groups, rows, 4 * 32) for rows in packing.ROWS]
        if shape_of(value) not in expected:
            raise misfit(value, f"weights are packed as {expected[0]}, or {expected[1]} with biases")


def _require_buffers(counts: SSAValue, records: SSAValue, lists: SSAValue, held: int, tokens: int) -> None:
    """Check the shapes of the buffers of words."""
    require_shape(counts, (1, buffers.align(held)))
    require_shape(records, (1, (tokens + 1) * buffers.align(2 * held + 1)))
    require_shape(lists, (held, (tokens + 1) * buffers.align(1)))


def _require_blocks(value: SSAValue, held: int, tokens: int, hidden: int) -> None:
    """Check that the blocks fit into buffers (cores, 2, 32, hidden)."""
    shape = shape_of(value)
    if len(shape) != 4 or shape[0] < buffers.CORES or shape[1:] != (2, 32, hidden):
        raise misfit(value, f"expected ({buffers.CORES} or more, 2, 32, {hidden}), the buffers of the cores")
    if tokens % buffers.HEIGHT or hidden % buffers.WIDTH:
        raise misfit(
            value,
            f"{tokens} tokens and {hidden} columns cannot be cut into {buffers.HEIGHT} and {buffers.WIDTH} parts",
        )
    if (needed := held * (tokens // buffers.HEIGHT) * (hidden // buffers.WIDTH)) > prod(shape[1:]):
        raise misfit(value, f"a core's buffer has {prod(shape[1:])} numbers, {held} experts need {needed}")
