"""Inputs for a function of any level, drawn from a seed.

The rule, for argument i of a function and seed s: a `torch.Generator` seeded with s * 2^16 + i draws

- floats from the standard normal distribution, in Float32, then converted to the argument's type (complex: both parts;
  the formats of tiles included),
- booleans as 0 or 1 with equal chance,
- integers uniformly from 0 to 9, within the range of the type,

so that an argument keeps its values when others are added. Where an argument reaches, through ops that move, cast or
select elements, an operand that cannot take any value, its range is narrowed: indices, positions, page numbers are
drawn from those that exist, slices begin at 0 (or end there, where steps go back), the experts of a mixture are spread
over the devices in blocks of equal size; variances, scales and probabilities are drawn uniformly from 0.5 to 1.
The weight of a convolution or matrix product is divided by the square root of the number of products in a sum, so that
deep models stay finite.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from math import prod

import torch
from xdsl.dialects.builtin import DYNAMIC_INDEX, AnyTensorType
from xdsl.dialects.func import FuncOp
from xdsl.ir import Operation, SSAValue

from tilewright.dialects import ttir
from tilewright.dialects.types import is_tensor, least_bytes, shape_of
from tilewright.runtime.dtypes import torch_dtype
from tilewright.runtime.functions.ttir.tile_values import rounding_to
from tilewright.support.errors import UnsupportedInputError
from tilewright.support.memory import require_memory

_LARGEST = 9
"""Integers are drawn up to this number; small, so that products and sums of many stay in the type's range."""


@dataclass(frozen=True, slots=True)
class _Range:
    """What an operand can take: integers from `low` up to and without `high`, positive floats, or certain values."""

    low: int = 0
    high: int | None = None
    positive: bool = False
    fan_in: int = 1
    values: tuple[int, ...] | None = None

    def meet(self, other: _Range) -> _Range:
        """What both take."""
        highs = [h for h in (self.high, other.high) if h is not None]
        return _Range(
            max(self.low, other.low),
            min(highs, default=None),
            self.positive or other.positive,
            max(self.fan_in, other.fan_in),
            other.values if self.values is None else self.values,
        )


def _shape(op: Operation, operand: str) -> tuple[int, ...]:
    """The shape of an operand by its name."""
    return shape_of(getattr(op, operand))


def _number(op: Operation, attribute: str) -> int:
    """The integer of a property by its name."""
    return int(getattr(op, attribute).value.data)


def _below(operand: str, axis: int | str) -> Callable[[Operation], _Range]:
    """Indices along `axis` (a number, or the attribute that holds it) of another operand."""

    def rule(op: Operation) -> _Range:
        shape = _shape(op, operand)
        at = axis if isinstance(axis, int) else _number(op, axis)
        return _Range(high=shape[at])

    return rule


def _positive(op: Operation) -> _Range:
    return _Range(positive=True)


def _begins(op: Operation) -> _Range:
    """The begins of a slice that has the shape of the result: 0, but beyond the last element where steps go back."""
    return _Range(values=tuple(_reach(*row) if row[2] < 0 else 0 for row in _slice_rows(op)))


def _ends(op: Operation) -> _Range:
    """The ends of such a slice: beyond the last element, but 0 where steps go back."""
    return _Range(values=tuple(_reach(*row) if row[2] > 0 else 0 for row in _slice_rows(op)))


def _slice_rows(op: Operation) -> list[tuple[int, int, int]]:
    """For each dimension of a slice, how many elements it takes, of how many, and the step."""
    assert isinstance(op, ttir.SliceDynamicOp)
    return list(zip(shape_of(op.result), shape_of(op.input), op.steps, strict=True))


def _reach(elements: int, extent: int, step: int) -> int:
    """The bound of a slice whose other bound is 0; of all elements if their number is not known."""
    if elements == DYNAMIC_INDEX:
        return extent if step > 0 else extent - 1
    return (elements - 1) * abs(step) + 1 if elements else 0


def _kernel(op: Operation) -> _Range:
    """A weight whose first dimension is that of the outputs."""
    return _Range(fan_in=prod(_shape(op, "weight")[1:]))


def _inner(op: Operation) -> _Range:
    """The right operand of a product over the last dimension of the left one, or over the one before it."""
    shape = _shape(op, "a")
    swapped = len(shape) > 1 and _number(op, "transpose_a") != 0
    return _Range(fan_in=shape[-2 if swapped else -1])


def _contracted(op: Operation) -> _Range:
    assert isinstance(op, ttir.DotGeneralOp)
    shape = shape_of(op.rhs)
    return _Range(fan_in=prod(shape[d] for d in op.contract_dims_rhs.get_values()))


def _zero(op: Operation) -> _Range:
    return _Range(high=1)


def _count(operand: str, axis: int) -> Callable[[Operation], _Range]:
    """Counts from 1 to the extent of another operand's axis."""
    return lambda op: _Range(low=1, high=_shape(op, operand)[axis] + 1)


def _experts_to_columns(op: Operation) -> _Range:
    """A mapping (1, 1, E, D) whose row of an expert has a one at its device: the experts in blocks of equal size."""
    *_, experts, devices = _shape(op, "expert_mapping")
    return _Range(values=tuple(int(e * devices // experts == d) for e in range(experts) for d in range(devices)))


def _last(operand: str) -> Callable[[Operation], _Range]:
    """Indices along the last axis of another operand, if it has one."""
    return lambda op: _Range(high=prod(_shape(op, operand)[-1:]))


def _experts_to_numbers(mapping: str, held: Callable[[Operation], int]) -> Callable[[Operation], _Range]:
    """A mapping (.., E) to the number of an expert's device, alike in all rows; `held`: experts of a device."""

    def rule(op: Operation) -> _Range:
        shape = _shape(op, mapping)
        return _Range(values=tuple(e // max(held(op), 1) for e in range(prod(shape[-1:]))) * prod(shape[:-1]))

    return rule


def _experts_by_rows(op: Operation) -> int:
    """Experts of a device where the mapping (1, 1, D, E) has a row for each device."""
    *_, devices, experts = _shape(op, "expert_mapping")
    return -(-experts // max(devices, 1))


_RULES: Mapping[str, Mapping[str, Callable[[Operation], _Range]]] = {
    "ttir.embedding": {"input": _below("weight", -2)},
    "ttir.embedding_backward": {"input": _below("weight", -2)},
    "ttir.gather": {"index": _below("input", "dim")},
    "ttir.scatter": {"index": _below("input", "dim")},
    "ttir.update_cache": {"update_index": _below("cache", -2)},
    "ttir.paged_update_cache": {"update_index": _below("cache", -2), "page_table": _below("cache", 0)},
    "ttir.paged_fill_cache": {"page_table": _below("cache", 0), "batch_idx_tensor": _below("page_table", 0)},
    "ttir.scaled_dot_product_attention_decode": {"cur_pos_tensor": _below("key", -2)},
    "ttir.paged_scaled_dot_product_attention_decode": {
        "page_table": _below("key", 0),
        "cur_pos_tensor": _below("key", -2),
    },
    "ttir.paged_flash_multi_latent_attention_decode": {
        "page_table": _below("key", 0),
        "cur_pos_tensor": _below("key", -2),
    },
    "ttir.chunked_scaled_dot_product_attention": {"page_table": _below("key", 0), "chunk_start_idx": _zero},
    "ttir.batch_norm_inference": {"variance": _positive},
    "ttir.batch_norm_training": {"running_variance": _positive},
    "ttir.conv1d": {"weight": _kernel},
    "ttir.conv2d": {"weight": _kernel},
    "ttir.conv3d": {"weight": _kernel},
    "ttir.matmul": {"b": _inner},
    "ttir.linear": {"b": _inner},
    "ttir.dot_general": {"rhs": _contracted},
    "ttir.slice_dynamic": {"begins": _begins, "ends": _ends},
    "ttir.sampling": {"k": _count("input_values", -1), "p": _positive, "temp": _positive},
    "ttir.all_to_all_dispatch": {
        "expert_indices": _below("expert_mapping", -2),
        "expert_mapping": _experts_to_columns,
    },
    "ttir.all_to_all_dispatch_metadata": {
        "expert_indices": _last("expert_mapping"),
        "expert_mapping": _experts_to_numbers("expert_mapping", _experts_by_rows),
    },
    "ttir.all_to_all_combine": {
        "expert_metadata": _below("expert_mapping", -2),
        "expert_mapping": _experts_to_columns,
    },
    "ttir.moe_expert_token_remap": {
        "expert_metadata": _below("expert_mapping", -2),
        "expert_mapping": _experts_to_columns,
    },
    "ttir.moe_gpt": {
        "expert_indices": _last("expert_mapping"),
        "expert_mapping": _experts_to_numbers("expert_mapping", lambda op: _shape(op, "w0_w1_tensor")[2]),
    },
    "ttir.moe_compute": {
        "tilize_expert_indices_tensor": _last("tilize_expert_mapping_tensor"),
        "tilize_expert_mapping_tensor": _experts_to_numbers(
            "tilize_expert_mapping_tensor", lambda op: prod(_shape(op, "w0")[1:2])
        ),
    },
    "ttir.adamw": {"exp_avg_sq": _positive, "max_exp_avg_sq": _positive},
    "ttir.quantize_unrolled": {"scale": _positive},
    "ttir.dequantize_unrolled": {"scale": _positive},
    "ttir.requantize_unrolled": {"in_scale": _positive, "out_scale": _positive},
}
"""Op name, operand, range."""

_PASSES_ON = frozenset(
    f"ttir.{name}"
    for name in (
        "reshape", "squeeze", "unsqueeze", "permute", "transpose", "broadcast", "concat", "slice_static", "index",
        "index_select", "repeat", "repeat_interleave", "reverse", "rearrange", "typecast", "to_layout", "abs",
        "where", "clamp_scalar", "maximum", "minimum", "mesh_shard", "mesh_partition", "all_gather",
    )
)  # fmt: skip
"""Ops whose results hold elements of their operands (or bounds) and no others."""


def random_inputs(function: FuncOp, seed: int = 0) -> list[torch.Tensor]:
    """A tensor for each argument of `function`, by this module's rule.

    Args:
        function: Its arguments are tensors of known shape.
        seed: From 0 to 2^47 - 1.

    Raises:
        UnsupportedInputError: an argument is no tensor, or its shape or element type is not known.
        ResourceError: this machine has less memory than an argument takes.
    """
    if not 0 <= seed < 1 << 47:
        raise UnsupportedInputError(f"the seed is {seed}", why="expected a number from 0 to 2^47 - 1")
    return [_random(argument, seed, i) for i, argument in enumerate(function.body.block.args)]


def _random(argument: SSAValue, seed: int, index: int) -> torch.Tensor:
    if not is_tensor(argument.type):
        raise UnsupportedInputError(f"argument {index} has the type {argument.type}", why="only tensors are drawn")
    drawn, rounded = _drawn(argument, argument.type, seed, index), rounding_to(argument.type.element_type)
    return drawn if rounded is None else rounded(drawn)


def _drawn(argument: SSAValue, type: AnyTensorType, seed: int, index: int) -> torch.Tensor:
    shape = type.get_shape()
    if DYNAMIC_INDEX in shape:
        raise UnsupportedInputError(
            f"argument {index} has the type {type}", why="its shape is not known", hint="give it by --inputs"
        )
    dtype, limits = torch_dtype(type.element_type), _range_of(argument)
    require_memory(least_bytes(type), f"argument {index} of the type {type}")
    if limits.values is not None and prod(shape) == len(limits.values):
        return torch.tensor(limits.values).reshape(shape).to(dtype)
    generator = torch.Generator().manual_seed((seed << 16) + index)
    if dtype.is_complex:
        pair = torch.randn((*shape, 2), generator=generator)
        return torch.view_as_complex(pair).to(dtype)
    if dtype.is_floating_point and limits.high is None:
        if limits.positive:
            return (0.5 + 0.5 * torch.rand(shape, generator=generator)).to(dtype)
        values = torch.randn(shape, generator=generator)
        return (values if limits.fan_in == 1 else values / math.sqrt(limits.fan_in)).to(dtype)
    if dtype is torch.bool:
        return torch.randint(2, shape, generator=generator, dtype=torch.uint8).to(dtype)
    # Indices may be floats that hold whole numbers.
    low = limits.low
    high = max(low + 1, _LARGEST + 1 if limits.high is None else limits.high)
    return torch.randint(low, high, shape, generator=generator).to(dtype)


def _range_of(argument: SSAValue) -> _Range:
    """What all operands that `argument` reaches can take."""
    found, seen, waiting = _Range(), {argument}, [argument]
    while waiting:
        value = waiting.pop()
        for use in value.uses:
            for limit in _limits(use.operation, value):
                found = found.meet(limit)
            if use.operation.name in _PASSES_ON:
                fresh = [r for r in use.operation.results if r not in seen]
                seen.update(fresh)
                waiting += fresh
    return found


def _limits(op: Operation, value: SSAValue) -> Iterator[_Range]:
    for operand, rule in _RULES.get(op.name, {}).items():
        if getattr(op, operand) is value:
            yield rule(op)
