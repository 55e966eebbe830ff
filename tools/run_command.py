"""What `tilewright run` does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tilewright.tools.console import Alignment, Steps, make_table, output_console
from tilewright.tools.json_output import to_json

if TYPE_CHECKING:
    from tilewright.file_run import FileRun, RunLevel


def run_and_print(
    file: Path,
    options: Mapping[str, Any],
    *,
    entry: str | None,
    seed: int,
    inputs: Path | None,
    outputs: Path | None,
    level: RunLevel,
    compare: bool,
    mesh: str | None,
    as_json: bool,
) -> None:
    """Execute a function of `file` and print what it returned.

    Args:
        file: IR as text.
        options: Options of `tilewright.compile`, for the tile level.
        entry: The function's name; may be left out where only one is public.
        seed: What the inputs are drawn from, if none are given.
        inputs: A safetensors file.
        outputs: Where the results are written, as safetensors.
        level: The level to execute.
        compare: Whether the results are compared with those of the file as it stands.
        mesh: Extents such as `2x4`.
        as_json: One JSON document instead of a table.

    Raises:
        TilewrightError: the file cannot be read or run.
    """
    with Steps(3) as steps:
        steps.begin("importing torch")
        from tilewright.file_run import find_entry, named_inputs, parse_mesh, read_modules, run_entry
        from tilewright.options import CompileOptions
        from tilewright.stages import make_context
        from tilewright.tensor_files import read_tensors, write_tensors

        chosen = CompileOptions(**options)
        chosen.check()
        extents = None if mesh is None else parse_mesh(mesh)
        steps.begin(f"reading {file}")
        context = make_context()
        context.allow_unregistered = True  # tt-mlir's CPU modules hold ops of other dialects
        module, function = find_entry(read_modules(file, context), entry)
        tensors = None if inputs is None else named_inputs(function, read_tensors(inputs))
        steps.begin(f"running @{function.sym_name.data}")
        run = run_entry(
            module, function, tensors, seed=seed, level=level, compare=compare, options=chosen, mesh=extents
        )
    if outputs is not None:
        write_tensors(outputs, run.outputs)
    if as_json:
        print(to_json(_document(file, run, outputs)))
    else:
        _print_table(run, outputs)


def _document(file: Path, run: FileRun, outputs: Path | None) -> dict[str, object]:
    return {
        "file": str(file),
        "entry": run.entry,
        "level": run.level,
        "seed": run.seed,
        "outputs": [asdict(summary) for summary in run.summaries],
        "written": None if outputs is None else str(outputs),
    }


_COMPARED: tuple[tuple[str, Alignment], ...] = (("PCC", "right"), ("error", "right"))


def _print_table(run: FileRun, outputs: Path | None) -> None:
    compared = any(s.pcc is not None for s in run.summaries)
    source = "given inputs" if run.seed is None else f"seed {run.seed}"
    table = make_table(
        f"@{run.entry} at level {run.level}, {source}",
        ("tensor", "fold"),
        ("shape", "left"),
        ("dtype", "left"),
        ("checksum", "left"),
        ("least", "right"),
        ("largest", "right"),
        *(_COMPARED if compared else ()),
    )
    for s in run.summaries:
        cells = [s.name, "x".join(map(str, s.shape)) or "scalar", s.dtype, s.checksum]
        cells += [f"{s.least:.4g}", f"{s.largest:.4g}"]
        if compared:
            cells += ["" if s.pcc is None else f"{s.pcc:.7f}", "" if s.max_error is None else f"{s.max_error:.2e}"]
        table.add_row(*cells)
    console = output_console()
    console.print(table)
    if outputs is not None:
        console.print(f"\nThe results are in {outputs}", soft_wrap=True)
