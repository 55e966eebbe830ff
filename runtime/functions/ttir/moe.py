"""Functions of a mixture of experts: tokens go to the devices that hold their experts, and come back."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

import torch
from xdsl.ir import Operation, SSAValue

from tilewright.dialects import ttir
from tilewright.dialects.types import element_type_of, shape_of
from tilewright.runtime.dtypes import torch_dtype
from tilewright.runtime.functions.ttir.moe_routing import (
    Shards,
    by_device,
    checked_choices,
    misfit,
    require_shape,
)
from tilewright.runtime.functions.ttir.numbers import convert
from tilewright.runtime.interpreter import DialectFunctions, Interpreter, Step, implements
from tilewright.runtime.mesh import Mesh, MeshTensor, MeshValue, mesh_for
from tilewright.support.errors import NumericsError, UnsupportedInputError


class MoeFunctions(DialectFunctions):
    """Dispatch to experts and combination of their results."""

    @implements(ttir.AllToAllDispatchOp)
    def all_to_all_dispatch(self, op: ttir.AllToAllDispatchOp, interpreter: Interpreter) -> Step:
        mesh = mesh_for(op, interpreter)
        groups, devices = _groups(op, mesh), op.num_devices.value.data
        experts = _experts_by_device(op.expert_mapping, mesh)
        _, all_rows, columns, _ = shape_of(op.dispatched)
        dtypes = _dtypes(op)
        rows = all_rows // devices
        for operand, result in ((op.input_tensor, op.dispatched), (op.expert_indices, op.metadata)):
            require_shape(result, (1, devices * rows, columns, shape_of(operand)[-1]))
            _check_elements(operand, rows * columns)

        def gather(shards: Shards, group: Sequence[int]) -> torch.Tensor:
            return torch.cat([shards[d].reshape(1, rows, columns, -1) for d in group], 1)

        def step(*values: MeshTensor) -> Sequence[MeshTensor]:
            tokens, indices, mapping = map(mesh.shards, values)
            dispatched: dict[int, torch.Tensor] = {}
            metadata: dict[int, torch.Tensor] = {}
            for group in groups:
                everything, choices = gather(tokens, group), gather(indices, group)
                chosen = checked_choices(choices, experts)
                for d in group:
                    own = mapping[d][0, 0, :, d] != 0
                    dispatched[d] = convert(_only(everything, own[chosen].any(-1)), dtypes[0])
                metadata.update(dict.fromkeys(group, convert(choices, dtypes[1])))
            return [by_device(mesh, r) for r in (dispatched, metadata)]

        return step

    @implements(ttir.AllToAllDispatchMetadataOp)
    def all_to_all_dispatch_metadata(self, op: ttir.AllToAllDispatchMetadataOp, interpreter: Interpreter) -> Step:
        mesh = mesh_for(op, interpreter)
        groups, devices = _groups(op, mesh), op.num_devices.value.data
        _, _, rows, experts = shape_of(op.expert_mapping)
        if rows != mesh.size:
            raise misfit(op.expert_mapping, f"expected a row for each of the {mesh.size} devices of {mesh}")
        tokens_each = prod(shape_of(op.input_tensor)[:-1])
        dtypes = _dtypes(op)
        for operand, result in zip(op.operands, op.results, strict=False):
            require_shape(result, (1, devices * tokens_each, shape_of(operand)[-1]))
            _check_elements(operand, tokens_each)

        def gather(shards: Shards, group: Sequence[int]) -> torch.Tensor:
            return torch.cat([shards[d].reshape(1, tokens_each, -1) for d in group], 1)

        def step(*values: MeshTensor) -> Sequence[MeshTensor]:
            tokens, indices, scores, mapping = map(mesh.shards, values)
            results: tuple[dict[int, torch.Tensor], ...] = ({}, {}, {})
            for group in groups:
                everything = gather(tokens, group)
                chosen = [checked_choices(indices[d].reshape(1, tokens_each, -1), experts) for d in group]
                owners = torch.cat([mapping[d][0, 0, d].long()[c] for d, c in zip(group, chosen, strict=True)], 1)
                for d in group:
                    results[0][d] = convert(_only(everything, (owners == d).any(-1)), dtypes[0])
                for kept, shards, dtype in zip(results[1:], (indices, scores), dtypes[1:], strict=True):
                    kept.update(dict.fromkeys(group, convert(gather(shards, group), dtype)))
            return [by_device(mesh, r) for r in results]

        return step

    @implements(ttir.AllToAllCombineOp)
    def all_to_all_combine(self, op: ttir.AllToAllCombineOp, interpreter: Interpreter) -> Step:
        mesh = mesh_for(op, interpreter)
        groups, devices = _groups(op, mesh), op.num_devices.value.data
        experts = _experts_by_device(op.expert_mapping, mesh)
        held, rows, columns, width = shape_of(op.input_tensor)
        choices = shape_of(op.expert_metadata)[-1]
        require_shape(op.expert_metadata, (1, rows, columns, choices))
        (dtype,) = _dtypes(op)
        cut_rows = (choices, rows // devices, columns, width)
        cut_columns = (choices, rows, columns // devices, width)
        dim = 0 if shape_of(op.result) == cut_rows and rows % devices == 0 else 1
        if dim == 1 and (shape_of(op.result) != cut_columns or columns % devices):
            raise misfit(op.result, f"expected {cut_rows} or {cut_columns} on {mesh}")

        def combine(place: int, inputs: torch.Tensor, metadata: torch.Tensor, held_by: torch.Tensor) -> torch.Tensor:
            """Arguments: the place of the device in its group; the inputs of the group; the device's metadata; whether
            an expert (a row) is on a device of the group (a column)."""
            chosen = checked_choices(metadata[0], experts).tensor_split(devices, dim)[place]
            if bool((held_by.sum(1) > 1).any()):
                raise NumericsError(
                    "an expert is on several devices of a group", hint="check 'expert_mapping': each row has one 1"
                )
            somewhere, owner = held_by.any(1), held_by.int().argmax(1)
            local = (held_by.int().cumsum(0) - 1).gather(1, owner[:, None]).squeeze(1)
            if bool((somewhere & (local >= held)).any()):
                raise NumericsError(
                    f"'expert_mapping' has more than {held} experts on a device",
                    why=f"operand 'input_tensor' has the results of {held} experts",
                )
            grids = torch.meshgrid(*(torch.arange(n) for n in (rows, columns)), indexing="ij")
            row, column = (g.tensor_split(devices, dim)[place].unsqueeze(-1) for g in grids)
            known = somewhere[chosen]
            found = inputs[owner[chosen], torch.where(known, local[chosen], 0), row, column]
            return convert(_only(found, known).permute(2, 0, 1, 3), dtype)

        def step(*values: MeshTensor) -> Sequence[MeshTensor]:
            inputs, metadata, mapping = map(mesh.shards, values)
            results: dict[int, torch.Tensor] = {}
            for group in groups:
                of_group = torch.stack([inputs[d] for d in group])
                for place, d in enumerate(group):
                    results[d] = combine(place, of_group, metadata[d], mapping[d][0, 0][:, list(group)] != 0)
            return (by_device(mesh, results),)

        return step

    @implements(ttir.MoeExpertTokenRemapOp)
    def moe_expert_token_remap(self, op: ttir.MoeExpertTokenRemapOp, interpreter: Interpreter) -> Step:
        mesh = mesh_for(op, interpreter)
        experts = _experts_by_device(op.expert_mapping, mesh)
        size = op.reduction_size.value.data
        *tokens, held = shape_of(op.mapping)
        blocks = -(-prod(tokens) // size)
        rank = len(shape_of(op.topk_tensor))
        require_shape(op.topk_tensor, (*tokens, experts)[-rank:])
        require_shape(op.expert_metadata, (*tokens, shape_of(op.expert_metadata)[-1]))
        require_shape(op.reduced, (1, 1, blocks, held))
        dtypes = _dtypes(op)

        def remap(scores: torch.Tensor, own: torch.Tensor, metadata: torch.Tensor) -> Sequence[torch.Tensor]:
            numbers = own.nonzero().squeeze(1)
            if len(numbers) != held:
                raise NumericsError(
                    f"'expert_mapping' has {len(numbers)} experts on a device",
                    why=f"the result 'mapping' has the scores of {held} experts",
                )
            chosen = (checked_choices(metadata, experts).unsqueeze(-1) == numbers).any(-2)
            # Scores without a batch broadcast.
            mapping = torch.where(chosen, scores[..., numbers], torch.zeros((), dtype=scores.dtype))
            flat = mapping.reshape(-1, held) != 0
            padded = torch.nn.functional.pad(flat, (0, 0, 0, blocks * size - len(flat)))
            reduced = padded.reshape(1, 1, blocks, size, held).any(3)
            return convert(mapping, dtypes[0]), convert(reduced, dtypes[1])

        def step(*values: MeshTensor) -> Sequence[MeshTensor]:
            scores, mapping, metadata = map(mesh.shards, values)
            results = [remap(scores[d], mapping[d][0, 0, :, d] != 0, metadata[d]) for d in range(mesh.size)]
            return [MeshValue.of(column) for column in zip(*results, strict=True)]

        return step


Exchange = ttir.AllToAllDispatchOp | ttir.AllToAllDispatchMetadataOp | ttir.AllToAllCombineOp


def _groups(op: Exchange, mesh: Mesh) -> tuple[tuple[int, ...], ...]:
    groups = mesh.groups(op.cluster_axis.value.data)
    if (devices := op.num_devices.value.data) != len(groups[0]):
        raise UnsupportedInputError(
            f"attribute 'num_devices' is {devices}",
            why=f"{mesh} has {len(groups[0])} along axis {op.cluster_axis.value.data}",
            hint="give the mesh for which the module was written",
        )
    return groups


def _experts_by_device(mapping: SSAValue, mesh: Mesh) -> int:
    """The number of experts of a one-hot mapping (1, 1, experts, devices)."""
    _, _, experts, devices = shape_of(mapping)
    if devices != mesh.size:
        raise misfit(mapping, f"expected a column for each of the {mesh.size} devices of {mesh}")
    return experts


def _dtypes(op: Operation) -> tuple[torch.dtype, ...]:
    return tuple(torch_dtype(element_type_of(r)) for r in op.results)


def _check_elements(operand: SSAValue, tokens: int) -> None:
    if (found := prod(shape_of(operand)[:-1])) != tokens:
        raise misfit(operand, f"it has {found} tokens, expected {tokens}, as the results have of each device")


def _only(rows: torch.Tensor, kept: torch.Tensor) -> torch.Tensor:
    """`rows`, with zeros where not `kept`."""
    return torch.where(kept.unsqueeze(-1), rows, torch.zeros((), dtype=rows.dtype))
