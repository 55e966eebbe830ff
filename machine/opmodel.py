"""The legal ways to place one op on a device, and the one to take.

Source of the search: tt-buda's legalizer: factors of the tile extents as grid and t, the ublock the largest factor that
dest holds, u_kt the largest factor of the inner dimension that L1 holds.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import groupby
from typing import TYPE_CHECKING

from tilewright.machine.blocks import KernelShape, Operand, OpModel
from tilewright.machine.costs import op_cost
from tilewright.machine.l1 import with_buffers
from tilewright.support.dataformat import DataFormat
from tilewright.support.errors import ResourceError, UnsupportedInputError

if TYPE_CHECKING:
    from tilewright.machine.device import Device

__all__ = ["KernelShape", "OpModel", "Operand", "best_model", "legal_models", "max_ublock_tiles"]


def max_ublock_tiles(accumulate_format: DataFormat) -> int:
    """Tiles of a ublock that half the dest register holds: 8, or 4 where its datums have 32 bits (rule of netlists)."""
    return 4 if accumulate_format.value.datum_bits == 32 else 8


def best_model(device: Device, shape: KernelShape, *, where: str | None = None, spread_rows: bool = False) -> OpModel:
    """The model on the largest core grid that divides the op's blocks; among those, the one predicted fastest.

    Args:
        device: The chip.
        shape: The kernel and its extents.
        where: The op and its source line, for errors.
        spread_rows: As for :func:`legal_models`.

    Raises:
        ResourceError: nothing fits L1; the error says by how much, which buffers take it, and what would help.
        UnsupportedInputError: the device does not have one of the formats.
    """
    model = _best_model(device, shape, spread_rows)
    if model is None:
        raise _does_not_fit(device, shape, where, spread_rows)
    return model


@lru_cache(maxsize=4096)
def _best_model(device: Device, shape: KernelShape, spread_rows: bool) -> OpModel | None:
    """Cached, since the layers of a model repeat the same shapes."""
    models = legal_models(device, shape, spread_rows=spread_rows)
    for _, largest in groupby(models, key=lambda model: model.cores):
        return min(largest, key=lambda model: (op_cost(device, shape, model).total_cycles, model.t, model.l1_bytes))
    return None


def legal_models(device: Device, shape: KernelShape, *, spread_rows: bool = False) -> Iterator[OpModel]:
    """All models of `shape` that fit `device`, those on most cores first; u_kt and ublock as large as they can be.

    For each core grid, t and choice of resident parameters there is at most one: with a double-buffered output if that
    fits, else with a single one.

    Args:
        device: The chip.
        shape: The kernel and its extents.
        spread_rows: Whether a kernel that keeps whole rows on a core may use the columns of the grid for further rows.
            A netlist cannot say that, and without it such a kernel gets one column of cores.

    Raises:
        UnsupportedInputError: the device does not have one of the formats.
    """
    _check_formats(device, shape)
    for model in _candidates(device, shape, spread_rows):
        if model.l1_bytes <= device.l1_bytes_per_core:
            yield model


def _candidates(device: Device, shape: KernelShape, spread_rows: bool) -> Iterator[OpModel]:
    """One model for each grid, t and residency: the largest that fits L1, or the smallest if none does."""
    spread = spread_rows and shape.kind == "fused_row"
    for grid in _grids(device, shape, spread):
        parts = (grid[0] * grid[1], 1) if spread else grid
        for t in _time_factors(shape, parts[0]):
            for resident in _residencies(shape):
                yield _largest_fitting(device, shape, grid, t, resident, spread)


def _largest_fitting(
    device: Device,
    shape: KernelShape,
    grid: tuple[int, int],
    t: int,
    resident: tuple[int, ...],
    spread: bool,
) -> OpModel:
    """The model with the largest output buffer, then u_kt, that fits L1; the smallest one if none does."""
    row_parts, col_parts = (grid[0] * grid[1], 1) if spread else grid
    rows = shape.batch * shape.out_tiles[0] // (row_parts * t)
    cols = shape.out_tiles[1] // col_parts
    rt, ct = _ublock(rows, cols, max_ublock_tiles(shape.accumulate_format))
    blocks = (rows // rt, cols // ct)
    inner = max(shape.inner_tiles, 1) if shape.walks_inner else 1
    choices = [(buf_size_mb, u_kt) for buf_size_mb in (2, 1) for u_kt in _divisors(inner)[::-1]]
    models = (
        with_buffers(
            device,
            shape,
            OpModel(grid, t, blocks, (rt, ct), inner // u_kt, u_kt, (), 0, buf_size_mb, resident, spread),
        )
        for buf_size_mb, u_kt in choices
    )
    smallest: OpModel | None = None
    for model in models:
        if model.l1_bytes <= device.l1_bytes_per_core:
            return model
        if smallest is None or model.l1_bytes < smallest.l1_bytes:
            smallest = model
    assert smallest is not None
    return smallest


def _grids(device: Device, shape: KernelShape, spread: bool) -> Sequence[tuple[int, int]]:
    """Core grids that divide the blocks, most cores first; a fused_row kernel keeps whole rows on a core."""
    rows = shape.batch * shape.out_tiles[0] if shape.folds_batch else shape.out_tiles[0]
    cols = 1 if shape.kind == "fused_row" else shape.out_tiles[1]
    grids = [
        (r, c)
        for r in range(1, device.grid.rows + 1)
        for c in range(1, device.grid.cols + 1)
        if (rows % (r * c) == 0 if spread else rows % r == 0 and cols % c == 0)
    ]
    return sorted(grids, key=lambda grid: (-grid[0] * grid[1], -grid[0]))


def _time_factors(shape: KernelShape, row_parts: int) -> Sequence[int]:
    """Values of t: divisors of the rows left to a core, times the batch where that cannot be folded into the rows."""
    if shape.folds_batch:
        return _divisors(shape.batch * shape.out_tiles[0] // row_parts)
    return [shape.batch * t for t in _divisors(shape.out_tiles[0] // row_parts)]


def _residencies(shape: KernelShape) -> Sequence[tuple[int, ...]]:
    """Which parameters stay in L1: all or none. Data movement reads what it needs from where it lies."""
    if shape.kind == "movement":
        return ((),)
    resident = tuple(index for index, operand in enumerate(shape.inputs) if operand.resident)
    return (resident, ()) if resident else ((),)


def _ublock(rows: int, cols: int, limit: int) -> tuple[int, int]:
    """The largest (rt, ct) that divides rows x cols with rt * ct <= limit; the widest of equals."""
    fitting = [(rt, ct) for rt in _divisors(rows) for ct in _divisors(cols) if rt * ct <= limit]
    return max(fitting, key=lambda ublock: (ublock[0] * ublock[1], ublock[1]))


def _divisors(number: int) -> list[int]:
    low = [d for d in range(1, int(number**0.5) + 1) if number % d == 0]
    return low + [number // d for d in low[::-1] if d * d != number]


def _check_formats(device: Device, shape: KernelShape) -> None:
    stored = {operand.format for operand in shape.inputs} | {shape.output_format, shape.intermediate_format}
    for role, used, known in (
        ("holds", stored, device.formats),
        ("accumulates in", {shape.accumulate_format}, device.accumulate_formats),
    ):
        missing = sorted(fmt.name for fmt in used - set(known))
        if missing:
            raise UnsupportedInputError(
                f"{device.name} has no format {', '.join(missing)}",
                why=f"kernel '{shape.kernel}' asks for it",
                hint=f"{device.name} {role}: " + ", ".join(fmt.name for fmt in known),
            )


def _does_not_fit(device: Device, shape: KernelShape, where: str | None, spread_rows: bool) -> ResourceError:
    nearest = min(_candidates(device, shape, spread_rows), key=lambda model: model.l1_bytes)
    excess = nearest.l1_bytes - device.l1_bytes_per_core
    parts = ", ".join(f"{name} {size:,}" for name, size in nearest.buffers)
    largest = max(nearest.buffers, key=lambda buffer: buffer[1])[0]
    rows, cols = nearest.block_tiles
    hints = [f"the largest buffer is {largest}: a narrower format for it helps"]
    if nearest.grid[1] < device.grid.cols and shape.kind != "fused_row":
        hints.append(
            f"its {shape.out_tiles[1]} tile columns spread over {nearest.grid[1]} of {device.grid.cols} core columns, "
            f"since only divisors count: pad them to a multiple of {device.grid.cols}, or split the op"
        )
    elif shape.kind == "fused_row":
        hints.append(f"a core keeps whole rows of {shape.inner_tiles} tiles: split the row")
    return ResourceError(
        f"no placement of kernel '{shape.kernel}' fits the L1 of {device.name}",
        where=where,
        why=(
            f"the smallest (grid {nearest.grid[0]}x{nearest.grid[1]}, t={nearest.t}, block {rows}x{cols} tiles) needs "
            f"{nearest.l1_bytes:,} bytes per core ({parts}) of {device.l1_bytes_per_core:,}: {excess:,} too many"
        ),
        hint="; ".join(hints),
    )
