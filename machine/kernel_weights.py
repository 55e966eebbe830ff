"""Measured constants of each architecture's cores, and how well they predict the measurements.

Source of all constants unless said otherwise: least-squares fits of the terms of
:mod:`tilewright.machine.core_cycles` to tt-budabackend ``perf_lib/op_model/scripts/perf_data`` (cycles of one op on one
core). The terms are physical, and few constants serve all kernels, shapes and formats; no row is fitted by itself.
The error tables are in :mod:`tilewright.machine.kernel_errors`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tilewright.support.errors import UnsupportedInputError
from tilewright.support.suggest import nearest_names


@dataclass(frozen=True, slots=True)
class IssueCost:
    """Cycles to take a ublock through unpack, math and pack when no engine is busy for longer.

    Attributes:
        per_ublock: Waiting for operands and space, configuring, handing over.
        per_tile: Starting the engines for one tile.
    """

    per_ublock: float
    per_tile: float

    def cycles(self, tiles: int) -> float:
        """For a ublock of `tiles`."""
        return self.per_ublock + self.per_tile * tiles


@dataclass(frozen=True, slots=True)
class MatmulWeights:
    """Constants of the matmul kernel.

    Attributes:
        unpack_issue: Cycles to start the unpack of one tile, which the math does not hide. in0 or in1, whichever has
            more tiles in the ublock, is unpacked once per tile of it, the other once.
        reload: Cycles per ublock to switch to reloading partial results into dest and back.
        result: Handing a finished ublock to the output stream.
        partial: Packing a ublock of partial results into L1.
        out_bytes_per_clk: Of the output stream.
        in0_bytes_per_clk: Of the stream that brings in0 to a core.
        in1_bytes_per_clk: Of the stream that brings in1.
    """

    unpack_issue: float
    reload: float
    result: IssueCost
    partial: IssueCost
    out_bytes_per_clk: float
    in0_bytes_per_clk: float
    in1_bytes_per_clk: float


@dataclass(frozen=True, slots=True)
class ArchWeights:
    """Constants of one architecture.

    Attributes:
        unary: Issue cost of kernels with one streamed operand.
        binary: Issue cost of kernels with more.
        unary_bytes_per_clk: Of the stream of a single operand.
        binary_bytes_per_clk: Of each stream where there are several.
        gather_bytes_per_clk: Of a stream put together from several sources (concat).
        vector_ublock: Cycles of a vector kernel per ublock.
        vector_tile: Cycles of a vector kernel per tile beside its vectors: copy to dest, loop set-up.
        vector_cycles: Cycles per vector (of as many datums as there are lanes) of each measured function. On Wormhole
            they come out as whole numbers: the instructions issued, loads and stores included.
        int32_vector_cycles: The same, of an element-wise binary op on Int32, which the vector unit must do.
        reduce_bytes_per_clk: Of the stream that brings a reduction's operand.
        reduce_tile: Cycles per input tile of a reduction, by dimension.
        reduce_ublock: Least cycles per input ublock of a reduction.
        reduce_start: Cycles until the first ublock of a reduction is through.
        matmul: Constants of the matmul kernel.
    """

    unary: IssueCost
    binary: IssueCost
    unary_bytes_per_clk: float
    binary_bytes_per_clk: float
    gather_bytes_per_clk: float
    vector_ublock: float
    vector_tile: float
    vector_cycles: Mapping[str, float]
    int32_vector_cycles: float
    reduce_bytes_per_clk: float
    reduce_tile: Mapping[str, float]
    reduce_ublock: float
    reduce_start: float
    matmul: MatmulWeights


WORMHOLE_B0 = ArchWeights(
    unary=IssueCost(227, 28),
    binary=IssueCost(285, 27),
    unary_bytes_per_clk=14.0,
    binary_bytes_per_clk=13.4,
    gather_bytes_per_clk=12.4,
    vector_ublock=8,
    vector_tile=12,
    vector_cycles={
        "abs": 5,
        "cosine": 48,
        "exp": 55,
        "gelu": 8,
        "log": 22,
        "maximum": 10,
        "power": 6,
        "reciprocal": 28,
        "sigmoid": 8,
        "sine": 53,
        "sqrt": 28,
        "square": 6,
        "tanh": 6,
    },
    int32_vector_cycles=18,
    reduce_bytes_per_clk=19.6,
    reduce_tile={"c": 90, "r": 60},
    reduce_ublock=130,
    reduce_start=150,
    matmul=MatmulWeights(
        unpack_issue=4.2,
        reload=205,
        result=IssueCost(216, 29),
        partial=IssueCost(88, 34),
        out_bytes_per_clk=23.7,
        in0_bytes_per_clk=10.4,
        in1_bytes_per_clk=13.0,
    ),
)

GRAYSKULL = ArchWeights(
    unary=IssueCost(350, 25),
    binary=IssueCost(300, 42),
    unary_bytes_per_clk=11.6,
    binary_bytes_per_clk=12.4,
    # Not measured: Wormhole's share of the rate of a single operand.
    gather_bytes_per_clk=10.3,
    vector_ublock=22,
    vector_tile=12,
    vector_cycles={
        # Not measured on Grayskull: Wormhole's.
        **{name: WORMHOLE_B0.vector_cycles[name] for name in ("abs", "cosine", "sine", "square", "tanh")},
        "exp": 83,
        "gelu": 8.9,
        "log": 43.9,
        "maximum": 7.9,
        "power": 4,
        "reciprocal": 28.3,
        "sigmoid": 5.4,
        "sqrt": 5.6,
    },
    int32_vector_cycles=WORMHOLE_B0.int32_vector_cycles,
    # Not measured; tt-budabackend uses the same weights for both architectures.
    reduce_bytes_per_clk=WORMHOLE_B0.reduce_bytes_per_clk,
    reduce_tile=WORMHOLE_B0.reduce_tile,
    reduce_ublock=WORMHOLE_B0.reduce_ublock,
    reduce_start=WORMHOLE_B0.reduce_start,
    matmul=MatmulWeights(
        unpack_issue=3.55,
        reload=296,
        result=IssueCost(357, 28),
        partial=IssueCost(42, 115),
        out_bytes_per_clk=11.5,
        in0_bytes_per_clk=17.9,
        in1_bytes_per_clk=16.2,
    ),
)

_BY_ARCH = {
    "wormhole_b0": WORMHOLE_B0,
    "grayskull": GRAYSKULL,
    # Not measured; tt-budabackend's parameters of Blackhole are Wormhole's too (params/blackhole/params_v1.yaml).
    "blackhole": WORMHOLE_B0,
}


def weights_of(arch: str) -> ArchWeights:
    """The constants of `arch`.

    Raises:
        UnsupportedInputError: there are none; the nearest names are given.
    """
    try:
        return _BY_ARCH[arch]
    except KeyError:
        raise UnsupportedInputError(
            f"there are no kernel weights for architecture '{arch}'", hint=nearest_names(arch, _BY_ARCH)
        ) from None
