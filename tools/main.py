"""`tilewright`: the command line.

Exit code 0 ok, 1 a diagnosed failure, 2 wrong usage, 70 a fault of ours, 130 interrupted. Results go to stdout,
messages to stderr.
"""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

import tilewright
from tilewright.support.errors import InternalError, TilewrightError

app = typer.Typer(
    name="tilewright",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)


class Format(StrEnum):
    """How results are printed."""

    TEXT = "text"
    JSON = "json"


def _print_version(wanted: bool) -> None:
    if wanted:
        print(f"tilewright {tilewright.__version__}")
        raise typer.Exit


@app.callback()
def describe(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version and exit.", callback=_print_version, is_eager=True)
    ] = False,
) -> None:
    """What of a PyTorch model runs on a tile-grid accelerator, how accurately and how fast, before silicon.

    Example: tilewright compile model.py:make --pcc
    """


@app.command("compile", short_help="Compile a model and print what is known of it.")
def compile_command(
    model: Annotated[
        str, typer.Argument(metavar="MODEL", help="file.py:function, the function returning (module, args, kwargs).")
    ],
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="DIR", help="Write the IR of each level there: 1-aten.mlir, ..."),
    ] = None,
    locations: Annotated[
        bool, typer.Option("--locations", help="With -o: the IR says where in the model each op comes from.")
    ] = False,
    pcc: Annotated[bool, typer.Option("--pcc", help="Execute every level and compare it with torch.")] = False,
    output_format: Annotated[
        Format, typer.Option("--format", help="Tables, or one JSON document.", show_default=True)
    ] = Format.TEXT,
    device: Annotated[
        str, typer.Option(metavar="NAME|FILE", help="A device, or the path of a .yaml descriptor.", show_default=True)
    ] = "wormhole_n150",
    default_format: Annotated[
        str, typer.Option(metavar="FORMAT", help="Of activations: Float32, Float16_b, Bfp8_b, ...", show_default=True)
    ] = "Float16_b",
    parameter_format: Annotated[
        str | None, typer.Option(metavar="FORMAT", help="Of matmul weights.  [default: the default format]")
    ] = None,
    accumulate_format: Annotated[
        str,
        typer.Option(metavar="FORMAT", help="Of sums in a matmul: Float32, Float16_b or Float16.", show_default=True),
    ] = "Float32",
    math_fidelity: Annotated[
        str, typer.Option(metavar="FIDELITY", help="LoFi, HiFi2, HiFi3 or HiFi4.", show_default=True)
    ] = "HiFi4",
    rounding: Annotated[
        str, typer.Option(metavar="RULE", help="packer or golden, see docs/formats.md.", show_default=True)
    ] = "packer",
    mode: Annotated[
        str, typer.Option(metavar="MODE", help="How --pcc executes: reference, exact or fast.", show_default=True)
    ] = "exact",
) -> None:
    """Compile a model; print where its ops run, its accuracy and its predicted time.

    Example: tilewright compile model.py:make --pcc -o build/ir
    """
    from tilewright.tools.compile_command import compile_and_print

    options = {
        "device": device,
        "default_format": default_format,
        "parameter_format": parameter_format,
        "accumulate_format": accumulate_format,
        "math_fidelity": math_fidelity,
        "rounding": rounding,
        "mode": mode,
    }
    compile_and_print(model, options, output=output, locations=locations, pcc=pcc, as_json=output_format is Format.JSON)


@app.command("demo", short_help="Compile a sentence encoder in three formats.")
def demo_command(
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="DIR", help="Where the IR is written.", show_default=True)
    ] = Path("build/demo"),
    device: Annotated[
        str, typer.Option(metavar="NAME|FILE", help="A device, or the path of a .yaml descriptor.", show_default=True)
    ] = "wormhole_n150",
) -> None:
    """Compile all-MiniLM-L6-v2 with its real weights in three formats and compare it with torch.

    Example: tilewright demo -o build/demo
    """
    from tilewright.tools.demo_command import run_and_print

    run_and_print(output, device)


@app.command("devices")
def devices_command() -> None:
    """List the devices that can be compiled for.

    Example: tilewright devices
    """
    from tilewright.tools.devices_command import print_devices

    print_devices()


class RunLevel(StrEnum):
    """At which level a file is executed."""

    TTIR = "ttir"
    TILE = "tile"


@app.command("run", short_help="Execute a function of an IR file.")
def run_command(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="IR as text, e.g. a .mlir file of tt-mlir.")],
    entry: Annotated[
        str | None, typer.Option(metavar="NAME", help="The function.  [default: the only public one]")
    ] = None,
    seed: Annotated[
        int, typer.Option(metavar="N", help="What the inputs are drawn from, see docs/running.md.", show_default=True)
    ] = 0,
    inputs: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Tensors by argument name or number, as .safetensors.")
    ] = None,
    outputs: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write the results there, as .safetensors.")
    ] = None,
    level: Annotated[
        RunLevel, typer.Option(help="ttir: the file as it is; tile: what is made of it.", show_default=True)
    ] = RunLevel.TTIR,
    compare: Annotated[
        bool, typer.Option("--compare", help="Execute the file as it is, too, and compare the results.")
    ] = False,
    mesh: Annotated[
        str | None, typer.Option(metavar="AxB", help="Devices, such as 2x4.  [default: the file's #ttcore.meshes]")
    ] = None,
    output_format: Annotated[
        Format, typer.Option("--format", help="A table, or one JSON document.", show_default=True)
    ] = Format.TEXT,
    device: Annotated[
        str, typer.Option(metavar="NAME|FILE", help="For --level tile: the device.", show_default=True)
    ] = "wormhole_n150",
    default_format: Annotated[
        str, typer.Option(metavar="FORMAT", help="For --level tile: format of activations.", show_default=True)
    ] = "Float16_b",
    mode: Annotated[
        str, typer.Option(metavar="MODE", help="For --level tile: reference, exact or fast.", show_default=True)
    ] = "exact",
) -> None:
    """Execute a function of an IR file and print shape, element type and checksum of its results.

    Example: tilewright run model.mlir --seed 1 --level tile --compare
    """
    from tilewright.tools.run_command import run_and_print

    options = {"device": device, "default_format": default_format, "mode": mode}
    run_and_print(
        file,
        options,
        entry=entry,
        seed=seed,
        inputs=inputs,
        outputs=outputs,
        level=level.value,
        compare=compare,
        mesh=mesh,
        as_json=output_format is Format.JSON,
    )


def main(argv: Sequence[str] | None = None) -> int:
    """Run `tilewright` on `argv` (the process's arguments if None); returns the exit code."""
    # Torch's threads sleep while they wait for one another: on a machine with other work, spinning triples the time.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    try:
        app(args=None if argv is None else list(argv), prog_name="tilewright")
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else 0 if stop.code is None else 1
    except InternalError as error:
        traceback.print_exception(error)
        return error.exit_code
    except TilewrightError as error:
        print(error.render(), file=sys.stderr)
        return error.exit_code
    except OSError as error:
        print(f"error: {error}", file=sys.stderr)
        return TilewrightError.exit_code
    except Exception as error:  # noqa: BLE001 - the boundary of the process: what is not diagnosed is our fault
        traceback.print_exception(error)
        fault = InternalError(f"{type(error).__name__} was not expected", hint="please report it")
        print(fault.render(), file=sys.stderr)
        return InternalError.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
