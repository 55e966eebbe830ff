"""The IR of each level as files that `tt-opt` reads."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from tilewright.support.errors import UnsupportedInputError

if TYPE_CHECKING:
    from tilewright.model import CompiledModel


def make_folder(folder: Path) -> None:
    """Make `folder`, before the work whose results it is for.

    Raises:
        UnsupportedInputError: it cannot be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UnsupportedInputError(
            "the output folder cannot be made", where=str(folder), why=error.strerror or str(error)
        ) from error


def write_levels(model: CompiledModel, folder: Path, *, locations: bool = False) -> dict[str, Path]:
    """Write `1-aten.mlir`, `2-ttir.mlir` and so on into `folder`; the file of each level.

    Raises:
        UnsupportedInputError: a file cannot be written.
    """
    from tilewright.options import LEVELS

    make_folder(folder)
    files: dict[str, Path] = {}
    for number, level in enumerate(LEVELS, start=1):
        path = folder / f"{number}-{level}.mlir"
        try:
            path.write_text(model.ir(level, locations=locations), encoding="utf-8")
        except OSError as error:
            raise UnsupportedInputError(
                "the IR cannot be written", where=str(path), why=error.strerror or str(error)
            ) from error
        files[level] = path
    return files
