"""The errors that Tilewright raises, one hierarchy for all layers.

Every error says *what* went wrong, *where* (an op with its source line, a module path, a file), *why* (the failing
predicate with its values) and *what to do*. Command lines print :meth:`TilewrightError.render` and exit with
:attr:`TilewrightError.exit_code`; a traceback is shown for :class:`InternalError` alone.
"""

from __future__ import annotations

from typing import ClassVar


class TilewrightError(Exception):
    """Base of all diagnosed errors.

    Args:
        what: One sentence: the thing that failed.
        where: The op, file:line:col or module path, if there is one.
        why: The predicate that failed, with the values found.
        hint: What the user can do about it.
    """

    exit_code: ClassVar[int] = 1
    kind: ClassVar[str] = "error"

    def __init__(self, what: str, *, where: str | None = None, why: str | None = None, hint: str | None = None):
        self.what = what
        self.where = where
        self.why = why
        self.hint = hint
        super().__init__(self.render())

    def render(self) -> str:
        """The message as a user reads it: one line for each part that is present."""
        head = f"{self.kind}: {self.what}" if self.where is None else f"{self.where}: {self.kind}: {self.what}"
        lines = [head]
        if self.why is not None:
            lines.append(f"  why: {self.why}")
        if self.hint is not None:
            lines.append(f"  hint: {self.hint}")
        return "\n".join(lines)


class UnsupportedInputError(TilewrightError):
    """What the user gave is wrong or not supported: a model, a file, an option, an argument."""


class VerifyError(TilewrightError):
    """The IR breaks a contract of its level."""


class ResourceError(TilewrightError):
    """Something does not fit: L1, DRAM, the core grid. ``why`` says needed, available and by whom."""


class NumericsError(TilewrightError):
    """A value cannot be represented where it must go, e.g. an integer wider than the device's."""


class ArchiveError(TilewrightError):
    """A stored artefact is damaged, from another version, or larger than allowed."""


class InternalError(TilewrightError):
    """A fault of Tilewright itself; please report it."""

    exit_code: ClassVar[int] = 70
    kind: ClassVar[str] = "internal error"
