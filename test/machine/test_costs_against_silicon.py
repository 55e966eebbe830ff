"""Predicted cycles against the calibration half of the measurements (Apache-2.0, tt-budabackend ``perf_data``)."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean, median, quantiles

import pytest

from tilewright.machine.blocks import KernelShape, Operand, OpModel
from tilewright.machine.catalog import load_device
from tilewright.machine.costs import op_cost
from tilewright.machine.device import Device
from tilewright.machine.kernel_errors import ERRORS, KernelError
from tilewright.machine.kernels import Kind
from tilewright.machine.opmodel import best_model
from tilewright.support.dataformat import DataFormat, MathFidelity

ROOT = Path(__file__).resolve().parents[2]
SILICON = ROOT.parent / "shared" / "silicon"
DEVICES = {"wormhole_b0": "wormhole_n150", "grayskull": "grayskull_e150"}

needs_silicon = pytest.mark.skipif(not SILICON.is_dir(), reason=f"the silicon measurements are not at {SILICON}")

Row = dict[str, str]


@dataclass(frozen=True)
class Source:
    """A file of measurements: the name its error is kept under, the kernel, and how rows become shapes."""

    name: str
    kernel: str
    kind: Kind
    file: str
    inputs: int = 1
    reduce_dim: str = "c"
    keep: Callable[[Row], bool] = lambda row: True


def _unary(*names: str) -> tuple[Source, ...]:
    return tuple(Source(name, name, "eltwise", f"{name}-op-performance") for name in names)


def _binary(*names: str) -> tuple[Source, ...]:
    return tuple(Source(name, name, "eltwise", f"{name}-op-performance", inputs=2) for name in names)


COMMON = (
    *_unary("exp", "log", "sqrt", "reciprocal", "gelu", "sigmoid", "power"),
    *_binary("add", "subtract", "multiply", "maximum"),
)
SOURCES = {
    "wormhole_b0": (
        *COMMON,
        *_unary("tanh", "abs", "square", "cosine"),
        # The file of sine holds the rows of cosine too.
        Source("sine", "sine", "eltwise", "sine-op-performance", keep=lambda row: row["Unary-Type"] == "sine"),
        Source("copy", "typecast", "movement", "nop-bfp8-op-performance"),
        Source("copy", "typecast", "movement", "nop-fp16-op-performance"),
        Source("copy.int", "typecast", "movement", "nop-int32-op-performance"),
        Source("add.int", "add", "eltwise", "add-int32-op-performance", inputs=2),
        Source("maximum.int", "maximum", "eltwise", "maximum-int32-op-performance", inputs=2),
        Source("splice", "concat", "movement", "whb0-splice-op-performance", inputs=2),
        Source("reduce", "reduce_sum", "reduce", "whb0-reduce-c-performance"),
        Source("reduce", "reduce_sum", "reduce", "whb0-reduce-r-performance", reduce_dim="r"),
        Source("matmul", "matmul", "matmul", "matmul-fp16-op-performance"),
        Source("matmul", "matmul", "matmul", "matmul-bfp8-op-performance"),
        Source("matmul.int", "matmul", "matmul", "matmul-int32-op-performance"),
    ),
    "grayskull": (
        *COMMON,
        Source("copy", "typecast", "movement", "nop-op-performance"),
        Source("matmul", "matmul", "matmul", "matmul-op-performance"),
    ),
}


def _number(row: Row, *names: str) -> int:
    return int(next(row[name] for name in names if name in row))


def _cycles(row: Row) -> float:
    if "runtime" in row:
        return float(row["runtime"])
    inputs = int(row["last-input-idx-recorded"]) - int(row["first-input-idx-recorded"]) + 1
    return float(row["total-runtime"]) / inputs


def _placed(source: Source, row: Row) -> tuple[KernelShape, OpModel]:
    """The one-core op that `row` measured."""
    t, m, n, rt, ct = (
        _number(row, *names)
        for names in (
            ("output_t", "t"),
            ("output_mb_r", "mblock_m"),
            ("output_mb_c", "mblock_n"),
            ("output_ub_r", "ublock_rt"),
            ("output_ub_c", "ublock_ct"),
        )
    )
    fmt = DataFormat[row["input0_df"] if "input0_df" in row else row["input0"]]
    rows, cols, inner, m_k, u_kt = m * rt, n * ct, 0, 1, 1
    tiles = [t * rows * cols] * source.inputs
    if source.kind == "matmul":
        m_k, u_kt = _number(row, "m_k", "mblock_k"), _number(row, "u_kt", "ublock_kt")
        inner = m_k * u_kt
        tiles = [t * rows * inner, t * inner * cols]
    elif source.kind == "reduce":
        # The file describes the blocks of the operand.
        if source.reduce_dim == "c":
            inner, m_k, u_kt, n, ct, cols = cols, n, ct, 1, 1, 1
        else:
            inner, m_k, u_kt, m, rt, rows = rows, m, rt, 1, 1, 1
    written = DataFormat.Int32 if source.kind == "matmul" and fmt is DataFormat.Int8 else fmt
    shape = KernelShape(
        kernel=source.kernel,
        kind=source.kind,
        batch=t,
        out_tiles=(rows, cols),
        inner_tiles=inner,
        inputs=tuple(Operand(fmt, count) for count in tiles),
        output_format=written,
        accumulate_format=DataFormat.Float16_b,
        intermediate_format=written,
        fidelity=MathFidelity[row["math_fidelity"]],
        reduce_dim="c" if source.reduce_dim == "c" else "r",
    )
    return shape, OpModel((1, 1), t, (m, n), (rt, ct), m_k, u_kt, (), 0)


def _relative_errors(device: Device, arch: str, source: Source) -> Iterator[float]:
    path = SILICON / "op_cycles" / arch / f"{source.file}.csv"
    with path.open(encoding="utf-8-sig", newline="") as stream:
        for row in filter(source.keep, csv.DictReader(stream)):
            shape, model = _placed(source, row)
            yield abs(op_cost(device, shape, model).compute_cycles / _cycles(row) - 1)


def _distribution(errors: list[float]) -> KernelError:
    return KernelError(
        len(errors),
        round(fmean(errors), 4),
        round(median(errors), 4),
        round(quantiles(errors, n=10, method="inclusive")[-1], 4),
    )


def measured_errors(arch: str) -> dict[str, KernelError]:
    """The table of :mod:`tilewright.machine.kernel_errors` for `arch`, computed anew."""
    device = load_device(DEVICES[arch])
    pooled: dict[str, list[float]] = defaultdict(list)
    for source in SOURCES[arch]:
        pooled[source.name] += _relative_errors(device, arch, source)
    return {name: _distribution(errors) for name, errors in sorted(pooled.items())}


@needs_silicon
@pytest.mark.parametrize("arch", sorted(SOURCES))
def test_the_recorded_errors_are_those_of_the_model(arch: str) -> None:
    assert measured_errors(arch) == ERRORS[arch]


BOUNDS = {
    ("wormhole_b0", "matmul"): (0.03, 0.02),
    ("wormhole_b0", "add"): (0.015, 0.01),
    ("wormhole_b0", "multiply"): (0.03, 0.015),
    ("wormhole_b0", "exp"): (0.005, 0.005),
    ("wormhole_b0", "gelu"): (0.015, 0.02),
    ("wormhole_b0", "reciprocal"): (0.005, 0.005),
    ("wormhole_b0", "sqrt"): (0.005, 0.005),
    ("wormhole_b0", "sine"): (0.005, 0.005),
    ("wormhole_b0", "copy"): (0.05, 0.02),
    ("wormhole_b0", "splice"): (0.09, 0.075),
    ("wormhole_b0", "reduce"): (0.08, 0.06),
    ("grayskull", "matmul"): (0.04, 0.04),
}
"""(mean, median) relative errors that the model keeps to. The formulas it replaces have, in the mean: Wormhole matmul
3.1 % in Float16 and 7.6 % in Bfp8, copy 30-40 %, sine 44 %, reduce 17-46 %, splice 13 %; Grayskull matmul 8.7 %."""


@pytest.mark.parametrize(("arch", "name"), sorted(BOUNDS))
def test_errors_stay_within_bounds(arch: str, name: str) -> None:
    mean, middle = BOUNDS[arch, name]
    assert ERRORS[arch][name].mean <= mean
    assert ERRORS[arch][name].median <= middle


FORMATS = {"bf16": DataFormat.Float16_b, "bfp8_b": DataFormat.Bfp8_b, "bfp4_b": DataFormat.Bfp4_b}


@needs_silicon
def test_whole_device_matmuls() -> None:
    """Latency of matmuls on all 64 cores, to which nothing was fitted: another software stack's, tuned by hand."""
    device = load_device("wormhole_n150")
    errors: list[float] = []
    with (SILICON / "device_calibration.csv").open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            if (row["device"], row["workload"], row["metric"]) != ("n150", "matmul/manual", "latency_trace"):
                continue
            rows, inner, cols = (int(row[name]) // 32 for name in ("m", "k", "n"))
            fmt = FORMATS[row["format"]]
            shape = KernelShape(
                "matmul",
                "matmul",
                1,
                (rows, cols),
                inner,
                (Operand(fmt, rows * inner), Operand(fmt, inner * cols, resident=True)),
                fmt,
                DataFormat.Float16_b,
                DataFormat.Float16_b,
                MathFidelity[row["fidelity"]],
            )
            predicted = device.seconds(op_cost(device, shape, best_model(device, shape)).total_cycles) * 1e6
            errors.append(abs(predicted / float(row["value"]) - 1))
    assert len(errors) == 48
    assert median(errors) < 0.12
