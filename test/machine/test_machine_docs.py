from __future__ import annotations

import re
from pathlib import Path

import pytest

from tilewright.machine.catalog import load_device
from tilewright.machine.device import Device
from tilewright.machine.kernel_errors import ERRORS
from tilewright.machine.kernel_weights import WORMHOLE_B0

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "machine.md").read_text(encoding="utf-8")


def test_the_error_table_is_the_recorded_one() -> None:
    expected = [
        f"| {arch} | {name} | {e.rows} | {e.mean * 100:.1f} | {e.median * 100:.1f} | {e.p90 * 100:.1f} |"
        for arch, table in ERRORS.items()
        for name, e in table.items()
    ]
    assert [line for line in PAGE.splitlines() if line.startswith(tuple(f"| {arch} |" for arch in ERRORS))] == expected


def test_the_example_runs(capsys: pytest.CaptureFixture[str]) -> None:
    example = re.search(r"```python\n(.*?)```", PAGE, re.DOTALL)
    assert example is not None
    exec(compile(example[1], "docs/machine.md", "exec"), {})  # noqa: S102 - our own page
    assert capsys.readouterr().out.startswith("(8, 8) ")


def test_every_section_of_the_descriptor_is_named() -> None:
    for field in set(Device.model_fields) - {"name", "arch", "sources"}:
        assert f"`{field}`" in PAGE


def test_the_constants_are_those_of_the_weights() -> None:
    by_cycles: dict[int, list[str]] = {}
    for name, cycles in WORMHOLE_B0.vector_cycles.items():
        by_cycles.setdefault(int(cycles), []).append(name)
    text = " ".join(PAGE.split())
    for cycles, names in by_cycles.items():
        listed = re.search(rf"([a-z ,]+?) {cycles}[,;]", text.split("number of cycles:")[1])
        assert listed is not None
        assert all(name in listed[1] for name in names)
    matmul = WORMHOLE_B0.matmul
    assert f"{matmul.unpack_issue} for each tile unpacked" in text
    assert f"plus {matmul.reload} cycles a ublock" in text
    assert load_device("wormhole_n150").core.macs_per_clk == 2048
