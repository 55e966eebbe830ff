"""The same model gives the same bytes: in one process, and in another that hashes strings differently."""

from __future__ import annotations

import os
import subprocess
import sys
from hashlib import sha256

import torch
from torch import nn

import tilewright
from tilewright.options import LEVELS

SCRIPT = """
import importlib.util, sys
spec = importlib.util.spec_from_file_location("model", sys.argv[1])
module = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)
print("\\n".join(module.digests()))
"""


class Model(nn.Module):
    """Parameters, host groups of several ops, constants, several results."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.ModuleList([nn.Linear(40, 40) for _ in range(3)])
        self.norm = nn.LayerNorm(40)

    def forward(self, x: torch.Tensor, *, scale: float) -> dict[str, torch.Tensor]:
        position = torch.arange(x.shape[0]).unsqueeze(1) * scale
        sums = []
        for layer in self.layers:
            x = self.norm(torch.relu(layer(x)))
            sums.append(torch.cumsum(x, 0) + position)
            sums.append(torch.fmod(sums[-1], 2.0))
        return {"x": x, "sums": torch.cat(sums), "top": torch.topk(x, 3).indices}


def digests() -> list[str]:
    """A digest of the IR of every level, with locations, and of the results."""
    torch.manual_seed(0)
    x = torch.randn(5, 40)
    model = tilewright.compile(Model().eval(), (x,), {"scale": 0.5})
    texts = [model.ir(level, locations=True) for level in LEVELS] + [str(model.report), str(model.estimate())]
    results = model(x, scale=0.5)
    assert isinstance(results, dict)
    return [sha256(text.encode()).hexdigest() for text in texts] + [
        sha256(value.numpy().tobytes()).hexdigest() for value in results.values()
    ]


def test_compiling_twice_gives_the_same_bytes() -> None:
    assert digests() == digests()


def test_another_process_gives_the_same_bytes() -> None:
    seed = "2" if os.environ.get("PYTHONHASHSEED") == "1" else "1"

    child = subprocess.run(
        [sys.executable, "-c", SCRIPT, __file__],
        env=os.environ | {"PYTHONHASHSEED": seed},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )

    assert child.stdout.split() == digests()
