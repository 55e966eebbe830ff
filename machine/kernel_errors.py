"""How far predictions of a core's cycles are from silicon, for each kernel that was measured.

Relative errors over all rows of the calibration half of tt-budabackend ``perf_lib/op_model/scripts/perf_data``;
``test/machine/test_costs_against_silicon.py`` recomputes this table from them.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class KernelError:
    """Distribution of \\|predicted - measured\\| / measured.

    Attributes:
        rows: Measurements.
        mean: Mean error, as a fraction.
        median: Median error.
        p90: 90th percentile.
    """

    rows: int
    mean: float
    median: float
    p90: float


ERRORS: dict[str, dict[str, KernelError]] = {
    "wormhole_b0": {
        "abs": KernelError(80, 0.0248, 0.028, 0.055),
        "add": KernelError(42, 0.0085, 0.0035, 0.0188),
        "add.int": KernelError(12, 0.0204, 0.0067, 0.0783),
        "copy": KernelError(64, 0.04, 0.0108, 0.0638),
        "copy.int": KernelError(9, 0.0318, 0.0251, 0.0529),
        "cosine": KernelError(76, 0.0018, 0.0013, 0.0036),
        "exp": KernelError(78, 0.0013, 0.0012, 0.0019),
        "gelu": KernelError(72, 0.0107, 0.0161, 0.0195),
        "log": KernelError(76, 0.0032, 0.0031, 0.0059),
        "matmul": KernelError(304, 0.0252, 0.0186, 0.0591),
        "matmul.int": KernelError(50, 0.1568, 0.1429, 0.315),
        "maximum": KernelError(43, 0.0083, 0.0064, 0.0212),
        "maximum.int": KernelError(13, 0.0636, 0.0588, 0.1076),
        "multiply": KernelError(46, 0.0223, 0.0099, 0.0593),
        "power": KernelError(44, 0.0535, 0.0251, 0.2028),
        "reciprocal": KernelError(74, 0.0023, 0.0023, 0.0046),
        "reduce": KernelError(31, 0.0698, 0.0556, 0.1554),
        "sigmoid": KernelError(75, 0.0313, 0.0172, 0.1249),
        "sine": KernelError(62, 0.0021, 0.0019, 0.0046),
        "splice": KernelError(48, 0.0839, 0.0674, 0.1415),
        "sqrt": KernelError(72, 0.0023, 0.0024, 0.0046),
        "square": KernelError(72, 0.0201, 0.0219, 0.0281),
        "subtract": KernelError(36, 0.0085, 0.0056, 0.0173),
        "tanh": KernelError(72, 0.0174, 0.0219, 0.0294),
    },
    "grayskull": {
        "add": KernelError(42, 0.0438, 0.025, 0.1122),
        "copy": KernelError(105, 0.0489, 0.0363, 0.1097),
        "exp": KernelError(39, 0.0032, 0.0018, 0.0092),
        "gelu": KernelError(148, 0.0211, 0.012, 0.0563),
        "log": KernelError(148, 0.0083, 0.0045, 0.0245),
        "matmul": KernelError(53, 0.0361, 0.0337, 0.0664),
        "maximum": KernelError(43, 0.0226, 0.0189, 0.0499),
        "multiply": KernelError(46, 0.0321, 0.032, 0.0665),
        "power": KernelError(91, 0.0593, 0.0349, 0.1802),
        "reciprocal": KernelError(148, 0.006, 0.0027, 0.0157),
        "sigmoid": KernelError(75, 0.0347, 0.0261, 0.0964),
        "sqrt": KernelError(147, 0.07, 0.0255, 0.1967),
        "subtract": KernelError(36, 0.0333, 0.0145, 0.0782),
    },
    "blackhole": {},
}
"""By architecture and measured pass; ``<name>.int`` is the same kernel on integers."""

MEASURED_AS: dict[str, str] = {
    **dict.fromkeys(("relu", "typecast", "reshape", "slice", "hslice", "hstack"), "copy"),
    "concat": "splice",
    **dict.fromkeys(("reduce_sum", "reduce_max", "reduce_min", "reduce_mean"), "reduce"),
}
"""Kernels that are measured under another name: plain copies, gathers and reductions."""


def error_of(arch: str, kernel: str) -> KernelError | None:
    """The error of `kernel` on `arch`; None where no measurement of it is at hand."""
    return ERRORS[arch].get(MEASURED_AS.get(kernel, kernel))
