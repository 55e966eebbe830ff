from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tilewright.machine import catalog
from tilewright.machine.catalog import device_names, load_device
from tilewright.machine.costs import (
    Estimate,
    OpCost,
    device_entry,
    estimate,
    host_cost,
    host_entry,
    op_cost,
    transfer_cost,
    transfer_entry,
)
from tilewright.machine.kernel_errors import ERRORS, MEASURED_AS, error_of
from tilewright.machine.kernel_weights import weights_of
from tilewright.machine.kernels import KERNELS
from tilewright.machine.opmodel import KernelShape, Operand, best_model
from tilewright.support.dataformat import DataFormat, MathFidelity
from tilewright.support.errors import UnsupportedInputError

N150 = load_device("wormhole_n150")
F16 = DataFormat.Float16_b


def matmul_shape(
    rows: int = 32, inner: int = 32, cols: int = 32, fidelity: MathFidelity = MathFidelity.HiFi4
) -> KernelShape:
    operands = (Operand(F16, rows * inner), Operand(F16, inner * cols))
    return KernelShape("matmul", "matmul", 1, (rows, cols), inner, operands, F16, F16, F16, fidelity)


def eltwise_shape(kernel: str, rows: int = 32, cols: int = 32, fmt: DataFormat = F16) -> KernelShape:
    return KernelShape(
        kernel, "eltwise", 1, (rows, cols), 0, (Operand(fmt, rows * cols),), fmt, F16, F16, MathFidelity.HiFi4
    )


def cost_of(shape: KernelShape, device_name: str = "wormhole_n150") -> OpCost:
    device = load_device(device_name)
    return op_cost(device, shape, best_model(device, shape))


@pytest.fixture
def edited(tmp_path: Path) -> Callable[[str, str], str]:
    """The n150 with one piece of text replaced, as the path of a descriptor."""

    def write(old: str, new: str) -> str:
        text = (Path(catalog.__file__).parent / "devices" / "wormhole_n150.yaml").read_text(encoding="utf-8")
        assert old in text
        path = tmp_path / "mine.yaml"
        path.write_text(text.replace(old, new), encoding="utf-8")
        return str(path)

    return write


@settings(max_examples=40)
@given(st.integers(1, 64), st.integers(1, 64), st.integers(1, 64), st.sampled_from(MathFidelity))
def test_the_total_of_a_matmul(rows: int, inner: int, cols: int, fidelity: MathFidelity) -> None:
    cost = cost_of(matmul_shape(rows, inner, cols, fidelity))
    assert cost.total_cycles == max(cost.compute_cycles, cost.dram_cycles, cost.noc_cycles) + cost.overhead_cycles
    assert cost.macs == rows * inner * cols * 32**3
    # 16 cycles a tile and phase on each of 64 cores (tt-isa-documentation: 2048 multiply-adds a clock).
    assert cost.ideal_cycles == -(-rows * inner * cols * 16 * fidelity.value // 64)
    assert 0 < cost.ideal_cycles <= cost.compute_cycles
    assert cost.dram_bytes >= (rows * inner + inner * cols + rows * cols) * 2080
    assert cost.overhead_cycles >= N150.op_overhead_cycles


def test_one_core_by_hand() -> None:
    """A core doing 2x2 ublocks of 2x2 tiles with u_kt = 4, m_k = 1: the math of HiFi4 hides all else."""
    shape = matmul_shape(4, 4, 4)
    model = replace(best_model(N150, shape), grid=(1, 1), t=1, mblock=(2, 2), ublock=(2, 2), m_k=1, u_kt=4)
    # Each ublock: 4 steps of (16 cycles * 4 phases * 4 tiles + 4.2 * 6 unpacked tiles).
    by_hand = 4 * 4 * (16 * 4 * 4 + 4.2 * 6)
    # In0 comes at 10.4 B/clk: 16 tiles of 2080 bytes.
    assert op_cost(N150, shape, model).compute_cycles == pytest.approx(max(by_hand, 16 * 2080 / 10.4), rel=0.01)


def test_fidelity_and_format_cost() -> None:
    lofi = cost_of(matmul_shape(fidelity=MathFidelity.LoFi))
    hifi4 = cost_of(matmul_shape(fidelity=MathFidelity.HiFi4))
    assert lofi.compute_cycles < hifi4.compute_cycles
    assert cost_of(eltwise_shape("exp")).compute_cycles > 6 * cost_of(eltwise_shape("gelu")).compute_cycles
    assert cost_of(eltwise_shape("abs", fmt=DataFormat.Bfp8_b)).dram_bytes < cost_of(eltwise_shape("abs")).dram_bytes


@pytest.mark.parametrize(
    ("old", "new", "changed"),
    [
        ("value: 1_600", "value: 0", "overhead_cycles"),
        ("value: 267_000_000_000.0", "value: 26_700_000_000.0", "dram_cycles"),
        ("[2048, 30.0]", "[2048, 15.0]", "noc_cycles"),
        ("value: 2_048\n", "value: 512\n", "compute_cycles"),
        ("value: 2_048\n", "value: 4_096\n", "ideal_cycles"),
    ],
)
def test_an_edited_descriptor_shows(old: str, new: str, changed: str, edited: Callable[[str, str], str]) -> None:
    shape = matmul_shape()
    model = best_model(N150, shape)
    before = op_cost(N150, shape, model)
    after = op_cost(load_device(edited(old, new)), shape, model)
    assert getattr(before, changed) != getattr(after, changed)


def test_what_stays_on_the_chip_does_not_touch_dram() -> None:
    shape = matmul_shape()
    model = best_model(N150, shape)
    from_dram = op_cost(N150, shape, model)
    chained = op_cost(N150, shape, model, on_chip_inputs=frozenset({0}), on_chip_output=True)
    assert from_dram.dram_bytes - chained.dram_bytes == 2 * 32 * 32 * 2080
    assert op_cost(N150, shape, model, on_chip_inputs=frozenset({0, 1}), on_chip_output=True).dram_cycles == 0
    assert chained.noc_bytes == from_dram.noc_bytes


def test_a_looked_up_table_is_not_read_whole() -> None:
    out, table = 4 * 12, 954 * 12
    operands = (Operand(DataFormat.UInt32, 1), Operand(F16, table, resident=True))
    shape = KernelShape("embedding", "movement", 1, (4, 12), 0, operands, F16, F16, F16, MathFidelity.HiFi4)
    assert cost_of(shape).dram_bytes < 3 * out * 2080


def test_a_power_by_a_tensor_costs_more_than_an_integer_power() -> None:
    one = eltwise_shape("power")
    two = replace(one, inputs=one.inputs * 2)
    assert cost_of(two).compute_cycles > 5 * cost_of(one).compute_cycles


@pytest.mark.parametrize("arch", ["wormhole_b0", "grayskull", "blackhole"])
def test_every_function_of_the_vector_unit_has_a_weight(arch: str) -> None:
    known = weights_of(arch).vector_cycles
    for kernel in KERNELS.values():
        for step in (*kernel.steps, *kernel.per_extra_input, *(kernel.binary_steps or ())):
            assert set(step.vector_functions) <= set(known)


def test_there_are_no_weights_for_an_unknown_architecture() -> None:
    with pytest.raises(UnsupportedInputError, match="wormhole_b0"):
        weights_of("wormhole_b1")


def test_errors_belong_to_kernels() -> None:
    measured = {name.removesuffix(".int") for table in ERRORS.values() for name in table}
    assert measured <= set(KERNELS) | set(MEASURED_AS.values())
    assert set(MEASURED_AS) <= set(KERNELS)
    assert error_of("wormhole_b0", "reduce_mean") is error_of("wormhole_b0", "reduce_sum")
    # A sum of measured steps was not itself measured.
    assert error_of("wormhole_b0", "softmax") is None


def test_host_and_transfer() -> None:
    host = N150.host
    assert host_cost(N150, 0, 0, 3) == pytest.approx(3 * host.op_overhead_s)
    assert host_cost(N150, host.flops_per_second, 1, 0) == pytest.approx(1.0)
    assert host_cost(N150, 1, host.bytes_per_second, 0) == pytest.approx(1.0)
    assert transfer_cost(N150, 0) == 0
    assert transfer_cost(N150, host.link_bytes_per_second) == pytest.approx(1.0 + host.link_latency_s)
    with pytest.raises(UnsupportedInputError, match="bytes = -1"):
        transfer_cost(N150, -1)
    with pytest.raises(UnsupportedInputError, match="flops = -1"):
        host_cost(N150, -1, 0, 0)


def make_estimate() -> Estimate:
    matmul, softmax = cost_of(matmul_shape()), cost_of(eltwise_shape("silu"))
    return estimate(
        N150,
        [
            transfer_entry(N150, "input", 4096),
            host_entry(N150, "positions", flops=0, bytes=1024, ops=2),
            device_entry(N150, "fc", "matmul", matmul, location="model.py:3"),
            device_entry(N150, "act", "silu", softmax),
        ],
        samples=8,
    )


def test_an_estimate_adds_up() -> None:
    total = make_estimate()
    matmul, silu = (entry.cost for entry in total.entries[2:])
    assert matmul is not None
    assert silu is not None
    assert total.latency_s == pytest.approx(total.device_s + total.host_s + total.transfer_s)
    assert total.device_s == pytest.approx((matmul.total_cycles + silu.total_cycles) / N150.clock_hz)
    assert total.throughput == pytest.approx(8 / total.latency_s)
    assert total.utilisation == pytest.approx(matmul.ideal_cycles / (matmul.total_cycles + silu.total_cycles))
    # silu was not measured: the error is that of the matmul, and says for how much of the compute it holds.
    assert total.error_median == ERRORS["wormhole_b0"]["matmul"].median
    share = matmul.compute_cycles / (matmul.compute_cycles + silu.compute_cycles)
    assert total.measured_fraction == pytest.approx(share)


def test_an_estimate_as_data() -> None:
    data = json.loads(json.dumps(make_estimate().to_dict()))
    assert data["device"] == "wormhole_n150"
    assert [entry["place"] for entry in data["entries"]] == ["transfer", "host", "device", "device"]
    assert data["entries"][2]["location"] == "model.py:3"
    assert data["entries"][2]["macs"] == 32**6
    assert "cost" not in data["entries"][0]


def test_an_empty_program() -> None:
    nothing = estimate(N150, [])
    assert nothing.latency_s == nothing.throughput == nothing.utilisation == 0
    assert nothing.error_median is None
    with pytest.raises(UnsupportedInputError, match="samples = 0"):
        estimate(N150, [], samples=0)


@pytest.mark.parametrize("name", device_names())
def test_every_device_predicts(name: str) -> None:
    assert cost_of(matmul_shape(), name).total_cycles > 0
