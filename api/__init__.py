"""Tilewright: what of a PyTorch model runs on a tile-grid accelerator, how accurately and how fast, before silicon.

import tilewright
model = tilewright.compile(module, (example,))
model(example); print(model.report); print(model.estimate())
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tilewright.compiler import compile as compile
    from tilewright.model import CompiledModel as CompiledModel
    from tilewright.stages import execute as execute
    from tilewright.stages import import_exported as import_exported
    from tilewright.stages import import_torch as import_torch
    from tilewright.stages import run_passes as run_passes

__all__ = ["CompiledModel", "compile", "execute", "import_exported", "import_torch", "run_passes"]

_HOME = {
    "CompiledModel": "tilewright.model",
    "compile": "tilewright.compiler",
    "execute": "tilewright.stages",
    "import_exported": "tilewright.stages",
    "import_torch": "tilewright.stages",
    "run_passes": "tilewright.stages",
}


def __getattr__(name: str) -> object:
    # Imported when first used, so that `tt-opt` starts without torch.
    if name in _HOME:
        return getattr(import_module(_HOME[name]), name)
    if name == "__version__":
        from importlib.metadata import version

        return version("tilewright")
    raise AttributeError(f"module 'tilewright' has no attribute '{name}'")
