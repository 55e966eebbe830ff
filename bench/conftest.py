"""Benchmarks print one table of ratios, each measured against its baseline in the same run: the machines are noisy."""

from __future__ import annotations

import pytest
from ratio_table import Ratios
from rich.console import Console
from rich.table import Table

_RATIOS = Ratios()


@pytest.fixture(scope="session")
def ratios() -> Ratios:
    """The table that is printed when the session ends."""
    return _RATIOS


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the table."""
    table = Table(title="Ratios, measured in one run (best of interleaved rounds)")
    for heading in ("what", "unit", "baseline", "ours", "ratio", "target"):
        table.add_column(heading, justify="left" if heading in ("what", "unit") else "right")
    for name, unit, baseline, subject, target in _RATIOS.rows:
        ratio = subject / baseline
        goal = "" if target is None else f"<= {target:g}{' ok' if ratio <= target else ' MISSED'}"
        table.add_row(name, unit, f"{baseline:.3f}", f"{subject:.3f}", f"{ratio:.2f}", goal)
    console = Console(width=100)
    with console.capture() as capture:
        console.print(table)
    terminalreporter.write_line(capture.get())
