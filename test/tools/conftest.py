"""A model for the command line, in a file."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

MODEL = """
import torch


class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.linear = torch.nn.Linear(40, 24)

    def forward(self, x, shift=None):
        y = torch.relu(self.linear(x))
        return y.cumsum(1) if shift is None else y + shift


def make():
    print("noise from the model")
    return Net(), (torch.randn(3, 40),)


def make_with_kwargs():
    return Net(), (torch.randn(3, 40),), {"shift": torch.ones(24)}


def make_branching():
    class Branching(torch.nn.Module):
        def forward(self, x):
            return x if x.sum() > 0 else -x

    return Branching(), (torch.randn(3, 40),)


def fail():
    raise KeyError("no such weight")


def leave():
    raise SystemExit(3)


def interrupt():
    raise KeyboardInterrupt


def give_nothing():
    return None


def give_one():
    return (Net(),)


def give_tensor_as_args():
    return Net(), torch.randn(3, 40)


def give_list_as_kwargs():
    return Net(), (torch.randn(3, 40),), ["shift"]


def give_numbered_kwargs():
    return Net(), (torch.randn(3, 40),), {0: "shift"}


def give_no_module():
    return 7, ()


number = 3
"""


@dataclass(frozen=True)
class Finished:
    """What a command did."""

    code: int
    out: str
    err: str


@pytest.fixture
def model_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The path of a file with models, relative to the working directory."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path])
    Path("models.py").write_text(MODEL, encoding="utf-8")
    return Path("models.py")


@pytest.fixture
def tilewright(capfd: pytest.CaptureFixture[str]) -> Callable[..., Finished]:
    """Runs `tilewright` in this process."""
    from tilewright.tools.main import main

    def run(*arguments: str) -> Finished:
        capfd.readouterr()
        code = main(arguments)
        captured = capfd.readouterr()
        return Finished(code, captured.out, captured.err)

    return run


@pytest.fixture
def tt_opt(capfd: pytest.CaptureFixture[str]) -> Callable[..., Finished]:
    """Runs `tt-opt` in this process."""
    from tilewright.tools.tt_opt import main

    def run(*arguments: str) -> Finished:
        capfd.readouterr()
        code = main(arguments)
        captured = capfd.readouterr()
        return Finished(code, captured.out, captured.err)

    return run
