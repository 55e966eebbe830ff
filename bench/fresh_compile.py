"""Exports and compiles once in this process; prints wall and user seconds of both as JSON."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from resource import RUSAGE_SELF, getrusage

import torch
from minilm import encoder_and_inputs

encoder, inputs = encoder_and_inputs()


def timed(run: Callable[[], object]) -> tuple[list[float], object]:
    user, start = getrusage(RUSAGE_SELF).ru_utime, time.perf_counter()
    result = run()
    return [time.perf_counter() - start, getrusage(RUSAGE_SELF).ru_utime - user], result


def compile_exported(exported: torch.export.ExportedProgram) -> object:
    from tilewright.options import CompileOptions
    from tilewright.program import compile_imported
    from tilewright.stages import import_exported

    return compile_imported(import_exported(exported), CompileOptions())


export, exported = timed(lambda: torch.export.export(encoder, inputs))
assert isinstance(exported, torch.export.ExportedProgram)
ours, _ = timed(lambda: compile_exported(exported))
sys.stdout.write(json.dumps({"export": export, "compile": ours}))
