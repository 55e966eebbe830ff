"""`tt-opt`: reads textual IR, runs passes, prints the result; `xdsl-opt` with Tilewright's dialects and errors.

    tt-opt model.mlir -p ttir-partition,ttir-to-tile

Exit code 0 ok, 1 a diagnosed failure, 2 wrong usage. The result goes to stdout, messages to stderr.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from xdsl.dialects.builtin import ModuleOp
from xdsl.passes import ModulePass
from xdsl.utils.exceptions import ArgSpecParseError, DiagnosticException
from xdsl.xdsl_opt_main import xDSLOptMain

from tilewright.support.errors import TilewrightError, UnsupportedInputError
from tilewright.support.suggest import nearest_names

if TYPE_CHECKING:
    from tilewright.dialects.text.reading import ParsedModule
    from tilewright.dialects.text.source import Source

_KEPT_XDSL_PASSES = frozenset({"canonicalize", "cse", "dce"})
"""Passes of xDSL that work on any dialect. The others are not offered: `mlir-opt{executable=..}` would start any
program that a pipeline names."""

_KEPT_XDSL_DIALECTS = frozenset({"builtin", "func", "arith", "tensor", "scf", "ml_program"})

_STDIN = "<stdin>"


class TTOptMain(xDSLOptMain):
    """The driver; what it registers, how it reads and prints, and its errors are the differences to xDSL's."""

    def register_all_dialects(self) -> None:
        from xdsl.dialects import get_all_dialects

        from tilewright.universe import TILEWRIGHT_UNIVERSE

        for name, factory in get_all_dialects().items():
            if name in _KEPT_XDSL_DIALECTS:
                self.ctx.register_dialect(name, factory)
        for name, factory in TILEWRIGHT_UNIVERSE.all_dialects.items():
            self.ctx.register_dialect(name, factory)

    def register_all_passes(self) -> None:
        from xdsl.transforms import get_all_passes

        from tilewright.universe import TILEWRIGHT_UNIVERSE

        offered = all_pass_names()
        for name, factory in {**get_all_passes(), **TILEWRIGHT_UNIVERSE.all_passes}.items():
            if name in offered:
                self.register_pass(name, factory)

    def register_all_targets(self) -> None:
        from xdsl.targets import get_all_targets

        self.available_targets["mlir"] = get_all_targets()["mlir"]

    def register_all_arguments(self, arg_parser: argparse.ArgumentParser) -> None:
        from tilewright.tools.tt_opt_options import add_options

        add_options(arg_parser, list(self.available_passes))

    def setup_pipeline(self) -> None:
        check_passes(self.args.passes, self.available_passes)
        for name in (*self.args.print_ir_before, *self.args.print_ir_after):
            if name not in self.available_passes:
                raise UnsupportedInputError(
                    f"there is no pass '{name}'", hint=nearest_names(name, self.available_passes)
                )
        super().setup_pipeline()

    def execute(self) -> int:
        """Process the input; returns the exit code."""
        from tilewright.dialects.text.expectations import diagnostics_of, unmet
        from tilewright.dialects.text.reading import split_source

        whole = self.read_input()
        sources = split_source(whole) if self.args.split_input_file else [whole]
        printed: list[str] = []
        failed = False
        for source in sources:
            errors, text = self.process(source)
            if self.args.verify_diagnostics:
                given = [d for error in errors for d in diagnostics_of(error, source)]
                errors = list[TilewrightError](unmet(source, given))
            for error in errors:
                print(error.render(), file=sys.stderr)
            failed = failed or bool(errors)
            printed.append(text)
            if self.args.output_file is None:
                print(("// -----\n" if len(printed) > 1 else "") + text, end="", flush=True)
        if self.args.output_file is not None and not failed:
            Path(self.args.output_file).write_text("// -----\n".join(printed), encoding="utf-8")
        return 1 if failed else 0

    def read_input(self) -> Source:
        """The text of the file, or of stdin if there is none or it is `-`."""
        from tilewright.dialects.text.reading import read_source, read_stream

        if self.args.input_file in (None, "-"):
            return read_stream(sys.stdin.buffer, _STDIN)
        return read_source(Path(self.args.input_file))

    def process(self, source: Source) -> tuple[list[TilewrightError], str]:
        """Run the passes on a source: the errors, and what to print."""
        from tilewright.dialects.text.reading import message_of, parse_source
        from tilewright.dialects.text.source import SourceError

        try:
            parsed = parse_source(source, self.ctx, allow_implicit_module=not self.args.no_implicit_module)
            self.run_pipeline(parsed)
            return [], self.output_resulting_program(parsed.module)
        except TilewrightError as error:
            return [error], ""
        except RecursionError:
            return [SourceError("the IR is nested too deeply", source)], ""
        except (DiagnosticException, ValueError) as error:
            return [SourceError(message_of(error), source)], ""

    def run_pipeline(self, parsed: ParsedModule) -> None:
        """Verify a module, and run the passes on it."""
        if not self.args.disable_verify:
            parsed.verify()
        if self.args.verify_roundtrip:
            from tilewright.tools.round_trip import check_round_trip

            check_round_trip(parsed.module, self.ctx)
        for each in self.pipeline.passes:
            if self.args.print_ir_before_all or each.name in self.args.print_ir_before:
                self.dump(f"Before {each.name}", parsed.module)
            start = time.perf_counter()
            each.apply(self.ctx, parsed.module)
            if self.args.time_passes:
                print(f"Pass {each.name} took {time.perf_counter() - start} seconds", file=sys.stderr)
            dumped = self.args.print_ir_after_all or each.name in self.args.print_ir_after
            if dumped or self.args.print_between_passes:
                self.dump(f"After {each.name}", parsed.module)
            if self.args.verify_each and not self.args.disable_verify:
                parsed.verify()

    def dump(self, when: str, module: ModuleOp) -> None:
        """Print the IR to stderr."""
        text = self.output_resulting_program(module)
        print(f"// -----// IR Dump {when} //----- //\n{text}", file=sys.stderr)

    def output_resulting_program(self, prog: ModuleOp) -> str:
        """The text of a module, as the options and those of the target say."""
        from xdsl.targets.mlir import MLIRTarget
        from xdsl.utils.arg_spec import parse_spec

        from tilewright.dialects.text.printer import ColoredPrinter, TextPrinter, print_module

        target, args = MLIRTarget.from_spec(parse_spec(self.args.target)), self.args
        return print_module(
            prog,
            locations=target.print_debuginfo or args.print_debuginfo,
            generic=target.print_generic_format or args.print_op_generic,
            longest_elements=args.mlir_elide_elementsattrs_if_larger,
            longest_resource=args.mlir_elide_resource_strings_if_larger,
            properties_as_attributes=target.print_properties_as_attributes or args.print_no_properties,
            printer_type=ColoredPrinter if target.syntax_highlight or args.syntax_highlight else TextPrinter,
        )


def all_pass_names() -> frozenset[str]:
    """The names of the passes that are offered."""
    from tilewright.universe import TILEWRIGHT_UNIVERSE

    return _KEPT_XDSL_PASSES.union(TILEWRIGHT_UNIVERSE.all_passes)


def check_passes(spec: str, available: dict[str, Callable[[], type[ModulePass]]]) -> None:
    """Check that every pass of pipeline text `spec` exists and takes the options given.

    Raises:
        UnsupportedInputError: one does not; of a pass that does not exist the nearest names are given.
    """
    from xdsl.utils.arg_spec import parse_pipeline

    for item in parse_pipeline(spec):
        if item.name not in available:
            raise UnsupportedInputError(f"there is no pass '{item.name}'", hint=nearest_names(item.name, available))
        try:
            available[item.name]().from_spec(item)
        except ValueError as error:
            raise UnsupportedInputError(f"the pass cannot be made from '{item}'", why=str(error)) from error


def main(argv: Sequence[str] | None = None) -> int:
    """Run `tt-opt` on `argv` (the process's arguments if None); returns the exit code."""
    from tilewright.tools.tt_opt_options import with_joined_passes

    try:
        given = with_joined_passes(sys.argv[1:] if argv is None else argv, all_pass_names())
        return TTOptMain("Reads textual IR, runs passes, prints the result.", given).execute()
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else 2
    except TilewrightError as error:
        print(error.render(), file=sys.stderr)
        return error.exit_code
    except (ArgSpecParseError, OSError, ValueError) as error:
        print(f"error: {error}".rstrip(), file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
