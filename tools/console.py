"""Where command lines print: tables on stdout, progress on stderr."""

from __future__ import annotations

import os
import sys
from types import TracebackType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress
    from rich.table import Table

WIDTH = 100
"""Columns of tables, where the terminal is not narrower."""


def output_console() -> Console:
    """A console on stdout; without a terminal it has no colours and is WIDTH wide."""
    from rich.console import Console

    console = Console(file=sys.stdout, markup=False, highlight=False, emoji=False)
    console.width = min(WIDTH, console.width) if console.is_terminal else WIDTH
    return console


def make_table(title: str, *columns: tuple[str, str]) -> Table:
    """An empty table.

    Args:
        title: What it shows.
        *columns: Heading and alignment of each: `left` or `right` in one line, or `fold` to break long text.
    """
    from rich import box
    from rich.table import Table

    style: dict[str, Any] = {"title_justify": "left", "title_style": "bold", "pad_edge": False, "show_edge": False}
    table = Table(title=title, box=box.SIMPLE_HEAD, **style)
    for heading, alignment in columns:
        options: dict[str, Any] = {"overflow": "fold"} if alignment == "fold" else {"no_wrap": True, "justify": alignment}
        table.add_column(heading, **options)
    return table


def short_location(location: str | None) -> str:
    """A `file:line` for a table: relative to the working directory, or its last two parts."""
    if location is None:
        return ""
    here = os.getcwd() + os.sep
    if location.startswith(here):
        return location[len(here) :]
    parts = location.split(os.sep)
    return location if len(parts) <= 3 else os.sep.join(("…", *parts[-2:]))


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
