"""Timing what is compared in turn, and the table of ratios."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from resource import RUSAGE_SELF, getrusage


@dataclass(frozen=True)
class Measured:
    """The best of several runs.

    Attributes:
        wall: Seconds.
        user: Seconds of user CPU, of the same run.
    """

    wall: float
    user: float


@dataclass
class Ratios:
    """Collects the rows of the table."""

    rows: list[tuple[str, str, float, float, float | None]] = field(
        default_factory=list[tuple[str, str, float, float, "float | None"]]
    )

    def add(self, name: str, unit: str, baseline: float, subject: float, target: float | None) -> float:
        """Add a row; the ratio `subject / baseline`."""
        self.rows.append((name, unit, baseline, subject, target))
        return subject / baseline

    def compare(
        self,
        name: str,
        baseline: Callable[[], object],
        subjects: dict[str, tuple[Callable[[], object], float | None]],
        rounds: int = 8,
    ) -> None:
        """Run the baseline and all subjects in turn, `rounds` times, and add a row a subject with the best of each."""
        runs: dict[str, Callable[[], object]] = {"": baseline, **{label: run for label, (run, _) in subjects.items()}}
        best: dict[str, Measured] = {}
        for run in runs.values():
            run()
        for _ in range(rounds):
            for label, run in runs.items():
                user, start = getrusage(RUSAGE_SELF).ru_utime, time.perf_counter()
                run()
                now = Measured(time.perf_counter() - start, getrusage(RUSAGE_SELF).ru_utime - user)
                if label not in best or now.wall < best[label].wall:
                    best[label] = now
        for label, (_, target) in subjects.items():
            self.add_both(f"{name}: {label}", best[""], best[label], target)

    def add_both(self, title: str, baseline: Measured, subject: Measured, target: float | None) -> None:
        """Add a row for wall time, which the target is for, and one for user CPU."""
        self.add(title, "s wall", baseline.wall, subject.wall, target)
        self.add(title, "s user", baseline.user, subject.user, None)
