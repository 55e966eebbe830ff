"""`tilewright` itself: usage, exit codes, start time."""

from __future__ import annotations

import ast
import subprocess
import sys
from importlib.metadata import version
from typing import Any

import pytest

SLOW = {"torch", "numpy", "transformers", "xdsl", "rich"}


def test_version(tilewright: Any) -> None:
    done = tilewright("--version")

    assert (done.code, done.out, done.err) == (0, f"tilewright {version('tilewright')}\n", "")


@pytest.mark.parametrize(
    "arguments", [["--help"], ["-h"], ["compile", "--help"], ["demo", "-h"], ["devices", "--help"]]
)
def test_help_goes_to_stdout_and_has_an_example(tilewright: Any, arguments: list[str]) -> None:
    done = tilewright(*arguments)

    assert (done.code, done.err) == (0, "")
    assert "Example: tilewright" in done.out


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["compil"],
        ["compile"],
        ["compile", "a.py:f", "b.py:f"],
        ["compile", "a.py:f", "--format", "xml"],
        ["compile", "a.py:f", "--pc"],
        ["compile", "a.py:f", "--device"],
        ["demo", "extra"],
    ],
)
def test_wrong_usage(tilewright: Any, arguments: list[str]) -> None:
    done = tilewright(*arguments)

    assert done.code == 2
    assert done.out == ""
    assert done.err.startswith(("Usage: tilewright", "Error: "))


def test_devices_are_listed(tilewright: Any) -> None:
    from tilewright.machine.catalog import device_names

    done = tilewright("devices")

    assert done.code == 0
    for name in device_names():
        assert name in done.out


def test_fault_of_ours_is_told_with_a_traceback(tilewright: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> tuple[str, ...]:
        raise ZeroDivisionError("division")

    monkeypatch.setattr("tilewright.machine.catalog.device_names", fail)
    done = tilewright("devices")

    assert done.code == 70
    assert "Traceback" in done.err
    assert "internal error: ZeroDivisionError" in done.err


def test_error_classes_set_the_exit_code(tilewright: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from tilewright.support.errors import InternalError

    def fail() -> tuple[str, ...]:
        raise InternalError("it broke")

    monkeypatch.setattr("tilewright.machine.catalog.device_names", fail)
    done = tilewright("devices")

    assert done.code == 70
    assert done.err.endswith("internal error: it broke\n")


def test_output_that_cannot_be_written_is_an_error(tilewright: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> tuple[str, ...]:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("tilewright.machine.catalog.device_names", fail)
    done = tilewright("devices")

    assert (done.code, done.err) == (1, "error: [Errno 28] No space left on device\n")


def test_help_loads_nothing_slow() -> None:
    script = """
import sys
from tilewright.tools.main import main
code = main(["compile", "--help"])
print(sorted({name.partition(".")[0] for name in sys.modules}))
sys.exit(code)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
    loaded = set(ast.literal_eval(done.stdout.splitlines()[-1]))
    assert "typer" in loaded
    assert not loaded & SLOW


def test_module_runs_as_a_process_with_its_exit_code() -> None:
    command = [sys.executable, "-m", "tilewright.tools.main", "compile", "none.py:f"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("error: there is no file 'none.py'")
