"""Which expert is on which device, and what tokens chose: shared by the ops of a mixture of experts."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

import torch
from xdsl.ir import SSAValue

from tilewright.dialects.types import shape_of
from tilewright.runtime.mesh import Mesh, MeshTensor, MeshValue
from tilewright.support.errors import NumericsError, UnsupportedInputError

Shards = Sequence[torch.Tensor]
"""The tensor of each device, by its number."""


def misfit(value: SSAValue, why: str) -> UnsupportedInputError:
    """That `value` has a shape on which its op cannot be executed."""
    return UnsupportedInputError(f"an operand or result has the shape {shape_of(value)}", why=why)


def require_shape(value: SSAValue, expected: tuple[int, ...]) -> None:
    """Check the shape of an operand or result.

    Raises:
        UnsupportedInputError: it is another one.
    """
    if shape_of(value) != expected:
        raise misfit(value, f"expected {expected}")


def tokens_of(value: SSAValue, width: int) -> int:
    """The number of tokens of an operand (.., width).

    Raises:
        UnsupportedInputError: its last extent is another one.
    """
    *tokens, last = shape_of(value)
    if last != width:
        raise misfit(value, f"expected the last extent {width}")
    return prod(tokens)


def require_choices(tokens: int, indices: SSAValue, scores: SSAValue) -> int:
    """The number of choices of a token, of operands (.., choices).

    Raises:
        UnsupportedInputError: one of them is of another number of tokens, or of choices.
    """
    choices = shape_of(indices)[-1]
    for value in (indices, scores):
        if tokens_of(value, choices) != tokens:
            raise misfit(value, f"expected {choices} choices of {tokens} tokens")
    return choices


def checked_choices(choices: torch.Tensor, experts: int) -> torch.Tensor:
    """The numbers of experts, as torch takes indices.

    Raises:
        NumericsError: one is not below `experts`.
    """
    numbers = choices.to(torch.int64)
    if numbers.numel() and (int(numbers.min()) < 0 or int(numbers.max()) >= experts):
        raise NumericsError(
            "a token chose an expert that does not exist",
            why=f"numbers from {int(numbers.min())} to {int(numbers.max())}, {experts} experts",
            hint="check the indices of experts that the router gives",
        )
    return numbers


def experts_of(mapping: torch.Tensor, device: int, held: int, mesh: Mesh) -> torch.Tensor:
    """The numbers of the experts on `device`, ascending, by a mapping (.., experts) to the numbers of devices.

    tt-metal's kernels read one row of the mapping for each device, and its tests give all rows alike. Which row says
    what of a device's own experts where they differ is not documented, so that they may not.

    Raises:
        NumericsError: the rows differ, a device is not on the mesh, or more than `held` experts are on this one.
    """
    rows = mapping.reshape(-1, mapping.shape[-1]).to(torch.int64)
    if bool((rows != rows[0]).any()):
        raise NumericsError(
            "the rows of the mapping of experts to devices differ", hint="give the same mapping in each row"
        )
    if bool(((rows < 0) | (rows >= mesh.size)).any()):
        raise NumericsError(
            f"the mapping of experts to devices has the numbers from {int(rows.min())} to {int(rows.max())}",
            why=f"{mesh} has {mesh.size} devices",
        )
    numbers = (rows[0] == device).nonzero().squeeze(1)
    if len(numbers) > held:
        raise NumericsError(
            f"the mapping has {len(numbers)} experts on a device", why=f"there are weights of {held} experts"
        )
    return numbers


def by_device(mesh: Mesh, results: dict[int, torch.Tensor]) -> MeshTensor:
    """The value of the tensors of the devices, by their numbers."""
    return MeshValue.of([results[d] for d in range(mesh.size)])
