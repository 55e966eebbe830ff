"""Checks that IR, printed, reads back as itself: `--verify-roundtrip` of `tt-opt`."""

from __future__ import annotations

from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp

from tilewright.support.errors import InternalError


def check_round_trip(module: ModuleOp, context: Context) -> None:
    """Print a module with its locations, in its own form and in the generic one, and read the texts.

    Raises:
        InternalError: one cannot be read, or gives another module or other locations.
    """
    from tilewright.dialects.text import SourceError, parse_module, print_module

    for form, generic in (("own", False), ("generic", True)):
        text = print_module(module, locations=True, generic=generic)
        try:
            read = parse_module(text, context, f"<{form} form>", verify=False)
        except SourceError as error:
            raise _failed(form, error.render()) from error
        again = print_module(read, locations=True, generic=generic)
        if again != text:
            pairs = zip(text.splitlines(), again.splitlines(), strict=False)
            before, after = next(((a, b) for a, b in pairs if a != b), ("", "the texts are of different lengths"))
            raise _failed(form, f"printed {before.strip()}\nthen {after.strip()}")
        if not read.is_structurally_equivalent(module):
            raise _failed(form, "the modules differ, their texts do not")


def _failed(form: str, why: str) -> InternalError:
    return InternalError(
        f"the IR does not read back as itself from its {form} form",
        why=why,
        hint="this is a fault of Tilewright: please report it with the file",
    )
