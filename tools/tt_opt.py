"""`tt-opt`: reads textual IR, runs passes, prints the result; `xdsl-opt` with Tilewright's dialects and errors.

    tt-opt model.mlir -p ttir-partition,ttir-to-tile

Exit code 0 ok, 1 a diagnosed failure, 2 wrong usage. The result goes to stdout, messages to stderr.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence

from xdsl.passes import ModulePass
from xdsl.utils.exceptions import ArgSpecParseError, DiagnosticException, ParseError
from xdsl.xdsl_opt_main import xDSLOptMain

from tilewright.support.errors import TilewrightError, UnsupportedInputError
from tilewright.support.suggest import nearest_names

_KEPT_XDSL_PASSES = frozenset({"canonicalize", "cse", "dce"})
"""Passes of xDSL that work on any dialect. The others are not offered: `mlir-opt{executable=..}` would start any
program that a pipeline names."""

_KEPT_XDSL_DIALECTS = frozenset({"builtin", "func", "arith", "tensor", "scf", "quant", "ml_program"})


class TTOptMain(xDSLOptMain):
    """The driver; what it registers is the only difference to xDSL's."""

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

        for name, factory in {**get_all_passes(), **TILEWRIGHT_UNIVERSE.all_passes}.items():
            if name in _KEPT_XDSL_PASSES or name in TILEWRIGHT_UNIVERSE.all_passes:
                self.register_pass(name, factory)

    def register_all_targets(self) -> None:
        from xdsl.targets import get_all_targets

        self.available_targets["mlir"] = get_all_targets()["mlir"]

    def setup_pipeline(self) -> None:
        check_passes(self.args.passes, self.available_passes)
        super().setup_pipeline()


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
    try:
        TTOptMain("Reads textual IR, runs passes, prints the result.", argv).run()
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else 2
    except TilewrightError as error:
        print(error.render(), file=sys.stderr)
        return error.exit_code
    except RecursionError:
        print("error: the IR is nested too deeply", file=sys.stderr)
        return 1
    except (ParseError, DiagnosticException, ArgSpecParseError) as error:
        print(f"error: {error}".rstrip(), file=sys.stderr)
        return 1
    except (OSError, UnicodeDecodeError, ValueError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
