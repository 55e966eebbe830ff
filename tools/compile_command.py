"""What `tilewright compile` does."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tilewright.tools.console import Steps, output_console
from tilewright.tools.ir_files import make_folder, write_levels
from tilewright.tools.json_output import to_json
from tilewright.tools.model_source import load_model
from tilewright.tools.tables import accuracy_table, print_estimate, print_report

if TYPE_CHECKING:
    from tilewright.comparison import Comparison
    from tilewright.model import CompiledModel


def compile_and_print(
    source: str,
    options: Mapping[str, Any],
    *,
    output: Path | None,
    locations: bool,
    pcc: bool,
    as_json: bool,
) -> None:
    """Compile the model that `source` names and print what is known of it.

    Args:
        source: `file.py:function`.
        options: Options of `tilewright.compile`.
        output: Folder for the IR of each level.
        locations: Whether the IR says where each op comes from.
        pcc: Whether every level is executed and compared with torch.
        as_json: One JSON document instead of tables.

    Raises:
        TilewrightError: the model cannot be loaded or compiled.
    """
    from tilewright.options import CompileOptions

    # Wrong options are told before the model is loaded, which may take long.
    CompileOptions(**options).check()
    comparison: Comparison | None = None
    files: dict[str, Path] = {}
    # What the user's code prints must not get between the lines of a JSON document.
    with Steps(2 + pcc) as steps, contextlib.redirect_stdout(sys.stderr):
        if output is not None:
            make_folder(output)
        steps.begin(f"loading {source}")
        loaded = load_model(source)
        steps.begin("compiling")
        model = _compile(loaded.module, loaded.args, loaded.kwargs, options)
        if output is not None:
            files = write_levels(model, output, locations=locations)
        if pcc:
            steps.begin("comparing every level with torch")
            comparison = model.compare()
    if as_json:
        print(to_json(document(source, model, comparison, files)))
    else:
        _print_tables(model, comparison, output)


def _compile(
    module: Any, args: tuple[object, ...], kwargs: dict[str, object], options: Mapping[str, Any]
) -> CompiledModel:
    import tilewright

    model = tilewright.compile(module, **options)
    # A model without inputs is compiled here too.
    model.compile_for(args, kwargs)
    return model


def document(
    source: str, model: CompiledModel, comparison: Comparison | None, files: Mapping[str, Path]
) -> dict[str, object]:
    """Everything as plain data; accuracy is null without `--pcc`, ir has the file of each level that was written."""
    return {
        "model": source,
        "options": asdict(model.options),
        "report": model.report.to_dict(),
        "accuracy": None if comparison is None else [asdict(accuracy) for accuracy in comparison.levels],
        "estimate": model.estimate().to_dict(),
        "ir": {level: str(path) for level, path in files.items()},
    }


def _print_tables(model: CompiledModel, comparison: Comparison | None, output: Path | None) -> None:
    console = output_console()
    print_report(console, model.report)
    console.print()
    if comparison is not None:
        console.print(accuracy_table(comparison.levels))
        console.print()
    print_estimate(console, model.estimate())
    if output is not None:
        console.print(f"\nThe IR of each level is in {output}", soft_wrap=True)
