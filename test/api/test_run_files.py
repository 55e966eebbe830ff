"""Every function for one device in the files of tt-mlir runs on random inputs."""

from __future__ import annotations

import re
from itertools import islice
from pathlib import Path

import pytest
import torch
from xdsl.dialects.func import FuncOp

from tilewright.dialects.text import SourceError, parse_module
from tilewright.dialects.ttir.traits import AcrossMesh
from tilewright.dialects.types import element_type_of, shape_of
from tilewright.file_run import find_entry, run_entry
from tilewright.runtime.dtypes import torch_dtype
from tilewright.runtime.mesh import declared_mesh
from tilewright.stages import make_context, run_passes
from tilewright.transforms.modules import forward_functions, separate_modules, tensor_functions

FILES = Path(__file__).parents[3] / "shared" / "ttir"
SEPARATOR = re.compile(r"^// -----.*$", re.MULTILINE)
SEVERAL_DEVICES = re.compile(r"mesh-shape=(?!1,1\b)|#ttcore\.meshes<\[<\"[^\"]*\" = (?!1x1>)")
DISABLED = "UNSUPPORTED: true"
"""What tt-mlir writes in files that its own tool does not read any more."""


def chunks() -> list[tuple[str, str]]:
    """Name and text of each module that is valid and for one device."""
    found: list[tuple[str, str]] = []
    for path in sorted(FILES.rglob("*.mlir")):
        text = path.read_text(encoding="utf-8")
        if re.search(r"RUN: *not|RUN:.*--verify-diagnostics", text) or SEVERAL_DEVICES.search(text):
            continue
        parts = SEPARATOR.split(text)
        found += [(f"{path.relative_to(FILES)}-{i}", part) for i, part in enumerate(parts) if "func.func" in part]
    return found


@pytest.mark.skipif(not FILES.is_dir(), reason=f"no files of tt-mlir in {FILES}")
def test_files_are_found() -> None:
    assert len(chunks()) > 100


@pytest.mark.parametrize(("name", "text"), [pytest.param(n, t, id=n) for n, t in chunks()])
def test_functions_run(name: str, text: str) -> None:
    context = make_context()
    context.allow_unregistered = True  # ops of CPU modules
    try:
        module = parse_module(text, context, name)
    except SourceError:
        assert DISABLED in text
        pytest.skip("tt-mlir has disabled the file, and it is not valid")
    if declared_mesh(module) is None and any(op.has_trait(AcrossMesh) for op in module.walk()):
        pytest.skip("it is for several devices, and does not say for how many")
    for function in list(tensor_functions(module)):
        inner, found = find_entry([module], function.sym_name.data)
        assert found is function

        run = run_entry(inner, function, seed=1)

        check_types(function, run.outputs)


@pytest.mark.parametrize(("name", "text"), [pytest.param(n, t, id=n) for n, t in chunks()])
def test_modules_are_lowered_and_placed(name: str, text: str) -> None:
    context = make_context()
    context.allow_unregistered = True
    try:
        whole = parse_module(text, context, name)
    except SourceError:
        assert DISABLED in text
        pytest.skip("tt-mlir has disabled the file, and it is not valid")
    for number, module in enumerate(separate_modules(whole)):
        if not any(forward_functions(module)):
            continue
        # Passes change what stands beside a module, so each one is read anew.
        (chosen,) = islice(separate_modules(parse_module(text, context, name)), number, number + 1)
        run_passes(chosen, "tilewright", context=context)


def check_types(function: FuncOp, outputs: dict[str, torch.Tensor]) -> None:
    """The results have the types that the function declares."""
    terminator = function.body.block.last_op
    assert terminator is not None
    for index, value in enumerate(terminator.operands):
        result = outputs[f"output {index}"]
        assert tuple(result.shape) == shape_of(value)
        assert result.dtype is torch_dtype(element_type_of(value))
