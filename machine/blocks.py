"""What an op asks of the machine, and how it is cut into blocks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from tilewright.machine.kernels import Kind, kernel_named
from tilewright.support.dataformat import DataFormat, MathFidelity
from tilewright.support.errors import UnsupportedInputError


@dataclass(frozen=True, slots=True)
class Operand:
    """One input of a kernel.

    Attributes:
        format: Of its datums.
        tiles: Of the whole tensor.
        resident: A parameter, which may stay in L1 while the op runs.
        broadcast: Whether it is smaller than the output and repeated over it.
    """

    format: DataFormat
    tiles: int
    resident: bool = False
    broadcast: bool = False


@dataclass(frozen=True, slots=True)
class KernelShape:
    """A kernel with its extents, in tiles.

    Attributes:
        kernel: Name of the kernel in the tile dialect.
        kind: How it walks over its operands: matmul, eltwise, reduce, movement or fused_row.
        batch: Product of the batch dimensions of the output.
        out_tiles: (rows, cols) of the output, per batch.
        inner_tiles: K of a matmul; tiles reduced per output tile; row width of a fused_row kernel; 0 otherwise.
        inputs: In order of the op's operands. A matmul has in0, in1 and perhaps a bias.
        output_format: Of the result in memory.
        accumulate_format: Of the dest register.
        intermediate_format: Of partial results that leave dest.
        fidelity: Phases of the multiplier.
        reduce_dim: For reduce: "c" sums along a row of tiles (the last dimension), "r" along a column.

    Raises:
        UnsupportedInputError: the kernel is unknown, is not of that kind, or an extent is not positive.
    """

    kernel: str
    kind: Kind
    batch: int
    out_tiles: tuple[int, int]
    inner_tiles: int
    inputs: tuple[Operand, ...]
    output_format: DataFormat
    accumulate_format: DataFormat
    intermediate_format: DataFormat
    fidelity: MathFidelity
    reduce_dim: Literal["r", "c"] = "c"

    def __post_init__(self) -> None:
        kinds = kernel_named(self.kernel).kinds
        if self.kind not in kinds:
            raise UnsupportedInputError(
                f"kernel '{self.kernel}' cannot be used as '{self.kind}'",
                hint="its kind is " + " or ".join(kinds),
            )
        extents = {"batch": self.batch, "out rows": self.out_tiles[0], "out cols": self.out_tiles[1]}
        extents |= {f"tiles of input {i}": operand.tiles for i, operand in enumerate(self.inputs)}
        needs_inner = self.kind in ("matmul", "reduce", "fused_row")
        if needs_inner:
            extents["inner tiles"] = self.inner_tiles
        wrong = [f"{name} = {extent}" for name, extent in extents.items() if extent < 1]
        if not needs_inner and self.inner_tiles != 0:
            wrong.append(f"inner tiles = {self.inner_tiles} (a {self.kind} kernel has none: 0)")
        if self.kind == "fused_row" and self.inner_tiles != self.out_tiles[1]:
            wrong.append(f"inner tiles = {self.inner_tiles} but a row is {self.out_tiles[1]} tiles wide")
        if self.kind == "matmul" and len(self.inputs) < 2:
            wrong.append(f"{len(self.inputs)} inputs (a matmul has two, and perhaps a bias)")
        if wrong:
            raise UnsupportedInputError(f"kernel '{self.kernel}' has an impossible shape", why="; ".join(wrong))

    @property
    def tiles(self) -> int:
        """Tiles of the output."""
        return self.batch * self.out_tiles[0] * self.out_tiles[1]

    @property
    def folds_batch(self) -> bool:
        """Whether the batch dimensions can be seen as more rows: not so where in1 of a matmul changes with them."""
        if self.kind != "matmul":
            return True
        return self.batch == 1 or self.inputs[1].tiles == self.inner_tiles * self.out_tiles[1]

    @property
    def walks_inner(self) -> bool:
        """Whether the kernel accumulates over an inner dimension that may be cut into m_k steps of u_kt tiles."""
        return self.kind in ("matmul", "reduce")


@dataclass(frozen=True, slots=True)
class OpModel:
    """How an op lies on the cores.

    With R = batch * rows seen as one dimension, output tile (i, j) of the R x cols tiles belongs to the core of part
    (p, q) of :attr:`parts` at time step s, where ``i = ((s * parts[0] + p) * mblock[0] + m) * ublock[0] + y`` and
    ``j = (q * mblock[1] + n) * ublock[1] + x``: so R = t * parts[0] * mblock[0] * ublock[0], and
    cols = parts[1] * mblock[1] * ublock[1]. Part (p, q) is on core (p, q) of the grid; with ``spread_rows``, part
    (p, 0) is on core (p // grid[1], p % grid[1]).

    Attributes:
        grid: Core rows and columns.
        t: Blocks that each core works on, one after the other.
        mblock: (m, n), ublocks per block.
        ublock: (rt, ct), tiles per ublock: what dest holds at once.
        m_k: Steps over the inner dimension; 1 where the kernel has none.
        u_kt: Tiles of the inner dimension per step; 1 where the kernel has none.
        buffers: (name, bytes) of each L1 buffer of a core.
        l1_bytes: Their sum.
        buf_size_mb: Blocks that the output buffer holds; 2 lets a block be sent while the next is computed.
        resident: Indices of the inputs that stay in L1 while the op runs.
        spread_rows: Whether the columns of the grid hold further rows of tiles, not columns.
    """

    grid: tuple[int, int]
    t: int
    mblock: tuple[int, int]
    ublock: tuple[int, int]
    m_k: int
    u_kt: int
    buffers: tuple[tuple[str, int], ...]
    l1_bytes: int
    buf_size_mb: int = 2
    resident: tuple[int, ...] = ()
    spread_rows: bool = False

    @property
    def cores(self) -> int:
        """Cores in use."""
        return self.grid[0] * self.grid[1]

    @property
    def parts(self) -> tuple[int, int]:
        """Into how many parts the rows and the columns of tiles are cut over the cores."""
        return (self.cores, 1) if self.spread_rows else self.grid

    @property
    def block_tiles(self) -> tuple[int, int]:
        """Rows and columns in tiles of the block that a core works on at a time."""
        return self.mblock[0] * self.ublock[0], self.mblock[1] * self.ublock[1]

    @property
    def tiles_per_core(self) -> int:
        """Output tiles that each core produces."""
        rows, cols = self.block_tiles
        return self.t * rows * cols
