"""The options of `tt-opt`: those of `mlir-opt` and `xdsl-opt` that it has a use for, under the names of both."""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable, Collection, Mapping, Sequence

from xdsl.xdsl_opt_main import VersionAction

from tilewright.support.errors import UnsupportedInputError

_READING: tuple[tuple[tuple[str, ...], str], ...] = (
    (("--split-input-file",), "Process each part of the input between lines `// -----` by itself"),
    (("--allow-unregistered-dialect",), "Accept operations, attributes and types of unknown dialects"),
    (("--no-implicit-module",), "Do not put operations that stand outside a module into one"),
    (("--disable-verify",), "Verify nothing, neither attributes nor operations"),
    (
        ("--verify-diagnostics",),
        "Compare the errors with the comments `// expected-error @+1 {{part of the message}}` of the input",
    ),
    (("--verify-roundtrip",), "Check that the input, printed, reads back as itself"),
)

_PRINTING: tuple[tuple[tuple[str, ...], str], ...] = (
    (("--print-debuginfo", "--mlir-print-debuginfo"), "Print the locations of operations and arguments"),
    (("--print-op-generic", "--mlir-print-op-generic"), "Print operations in the generic form"),
    (("--print-no-properties",), "Print properties between plain braces, as attributes"),
    (("--syntax-highlight",), "Print with colours"),
    (("--print-ir-before-all", "--mlir-print-ir-before-all"), "Print the IR to stderr before each pass"),
    (("--print-ir-after-all", "--mlir-print-ir-after-all"), "Print the IR to stderr after each pass"),
    (("--print-between-passes",), "The same as --print-ir-after-all"),
    (("--time-passes", "--mlir-timing"), "Print to stderr how long each pass took"),
)

_PRINTING_OF_PASSES: tuple[tuple[tuple[str, ...], str], ...] = (
    (("--print-ir-before", "--mlir-print-ir-before"), "Print the IR to stderr before these passes"),
    (("--print-ir-after", "--mlir-print-ir-after"), "Print the IR to stderr after these passes"),
)

_LIMITS: tuple[tuple[str, str], ...] = (
    ("--mlir-elide-elementsattrs-if-larger", "Leave out the elements of tensors of more than N, unless all are equal"),
    ("--mlir-elide-resource-strings-if-larger", "Leave out resources of more than N hexadecimal digits"),
)

_TRUTH = {"true": True, "1": True, "false": False, "0": False}


def _truth(text: str) -> bool:
    try:
        return _TRUTH[text.lower()]
    except KeyError:
        raise argparse.ArgumentTypeError(f"'{text}' is neither true nor false") from None


def _pass_names(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]


def _count(text: str) -> int:
    number = int(text)
    if number < 0:
        raise argparse.ArgumentTypeError(f"{number} is less than 0")
    return number


def _passes_of(pipeline: str) -> str:
    """What stands between the parentheses of `builtin.module(..)`."""
    inner = pipeline.strip().removeprefix("builtin.module(")
    if inner == pipeline.strip() or not inner.endswith(")"):
        raise UnsupportedInputError(
            f"the pipeline '{pipeline}' is not understood",
            hint='write --pass-pipeline="builtin.module(canonicalize,ttir-fuse)"',
        )
    if nested := re.search(r"([\w.]+)\(", inner):
        raise UnsupportedInputError(
            f"the pipeline has passes for '{nested[1]}'",
            why="all passes are for the whole module",
            hint="write them without it: they do their work in each function by themselves",
        )
    parts = re.split(r'("[^"]*")', inner[:-1].strip())
    return "".join(part if part.startswith('"') else re.sub(r"\s*,\s*", ",", part) for part in parts)


def with_joined_passes(arguments: Sequence[str], passes: Collection[str]) -> list[str]:
    """`arguments` with one `-p`: passes may also be given as flags, `--canonicalize` or `--ttir-partition="device=x"`,
    or as `mlir-opt` has them, `--pass-pipeline="builtin.module(canonicalize)"`.

    Args:
        arguments: Those of the command line.
        passes: The names of all passes.

    Raises:
        UnsupportedInputError: the pipeline is not one of passes for a module.
    """
    others: list[str] = []
    pipeline: list[str] = []
    waiting = iter(arguments)
    for argument in waiting:
        flag, assigned, value = argument.partition("=")
        name = flag.removeprefix("--")
        if argument in _PIPELINES:
            following = next(waiting, None)
            if following is None:
                others.append(argument)
            else:
                pipeline.append(_PIPELINES[argument](following))
        elif assigned and flag in _PIPELINES:
            pipeline.append(_PIPELINES[flag](value))
        elif argument == "--verify-each":
            others.append("--verify-each=true")  # it has no value of its own, and the file may come next
        elif flag.startswith("--") and name in passes:
            pipeline.append(f"{name}{{{value}}}" if assigned else name)
        else:
            others.append(argument)
    return [*others, "-p", ",".join(pipeline)] if pipeline else others


_PIPELINES: Mapping[str, Callable[[str], str]] = {
    "-p": str,
    "--passes": str,
    "--pass-pipeline": _passes_of,
    "-pass-pipeline": _passes_of,
}
"""The options that give passes, and what makes a list of theirs."""


def add_options(parser: argparse.ArgumentParser, passes: Sequence[str]) -> None:
    """Add all options to a parser.

    Args:
        parser: Has none but `--help`.
        passes: The names of all passes, for the help.
    """
    parser.add_argument("input_file", nargs="?", help="The input; stdin if it is absent or `-`")
    parser.add_argument("-o", "--output-file", metavar="FILE", help="Where to print; stdout if absent")
    parser.add_argument(
        "-p",
        "--passes",
        default="",
        metavar="PIPELINE",
        help="Passes with commas between them, or each as a flag of its name, or "
        f'--pass-pipeline="builtin.module(..)", of: {",".join(passes)}',
    )
    parser.add_argument(
        "--verify-each",
        type=_truth,
        default=True,
        metavar="BOOL",
        help="Whether to verify the IR after each pass (default: true)",
    )
    for names, text in (*_READING, *_PRINTING):
        destination = names[0].removeprefix("--").replace("-", "_")
        parser.add_argument(*names, dest=destination, action="store_true", help=text)
        # `mlir-opt` takes a single dash as well.
        for name in names:
            parser.add_argument(name[1:], dest=destination, action="store_true", help=argparse.SUPPRESS)
    for name, text in _LIMITS:
        parser.add_argument(name, type=_count, metavar="N", help=text)
    for names, text in _PRINTING_OF_PASSES:
        parser.add_argument(*names, type=_pass_names, action="extend", default=[], metavar="PASS,..", help=text)
    parser.add_argument("-t", "--target", default="mlir", help="What to print: `mlir`, with its options in braces")
    parser.add_argument(
        "-v", "--version", action=VersionAction, version_format="tt-opt of Tilewright, with xDSL {xdsl_version}"
    )
