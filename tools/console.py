"""Where command lines print: tables on stdout, progress on stderr."""

from __future__ import annotations

import sys
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress
    from rich.table import Table

Alignment = Literal["left", "right", "fold"]

WIDTH = 100
"""Columns of tables. A narrower terminal breaks the lines, which is better than figures that are cut off."""


def output_console() -> Console:
    """A console on stdout, WIDTH wide; without a terminal it has no colours."""
    from rich.console import Console

    return Console(file=sys.stdout, width=WIDTH, markup=False, highlight=False, emoji=False)


def make_table(title: str, *columns: tuple[str, Alignment]) -> Table:
    """An empty table.

    Args:
        title: What it shows.
        *columns: Heading and alignment of each: `left` or `right` in one line, or `fold` to break long text.
    """
    from rich import box
    from rich.table import Table

    table = Table(
        title=title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False
    )
    for heading, alignment in columns:
        if alignment == "fold":
            table.add_column(heading, overflow="fold")
        else:
            table.add_column(heading, no_wrap=True, justify=alignment)
    return table


def short_location(location: str | None) -> str:
    """A `file:line` for a table: relative to the working directory, or its last two parts."""
    if location is None:
        return ""
    path = Path(location)
    if path.is_relative_to(Path.cwd()):
        return str(path.relative_to(Path.cwd()))
    return location if len(path.parts) <= 3 else str(Path("…", *path.parts[-2:]))


class Steps:
    """A progress bar on stderr while work goes on, on a terminal only.

    Args:
        total: How many steps there are.
    """

    def __init__(self, total: int):
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

        console = Console(stderr=True, markup=False, highlight=False, emoji=False)
        self._progress: Progress = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=30),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=console,
            transient=True,
            redirect_stdout=False,
            disable=not console.is_terminal,
        )
        self._task = self._progress.add_task("", total=total)
        self._begun = 0

    def __enter__(self) -> Steps:
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._progress.stop()

    def extend(self, total: int) -> None:
        """How many steps there are, now that it is known."""
        self._progress.update(self._task, total=total)

    def begin(self, what: str) -> None:
        """The next step: the one before it is done."""
        self._progress.update(self._task, description=what, completed=self._begun)
        self._begun += 1
