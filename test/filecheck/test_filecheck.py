"""Runs the RUN lines of every ``.mlir`` file below this folder.

lit starts two processes a line; here tt-opt and filecheck run in this one, some forty times faster. A RUN line is
``[not] tt-opt ARGS [2>&1]``, any number of times, each piped into the next, and at last ``filecheck ARGS``. As in lit,
each tt-opt must succeed, or fail where ``not`` is before it. Stricter than lit, the failure must be a diagnosed one.
"""

from __future__ import annotations

import contextlib
import io
import shlex
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from filecheck.finput import FInput
from filecheck.matcher import Matcher
from filecheck.options import parse_argv_options
from filecheck.parser import Parser
from xdsl.ir import Attribute

HERE = Path(__file__).parent
FILES = sorted(HERE.rglob("*.mlir"))

DIAGNOSED_FAILURES = (1, 2)
"""Exit codes of a diagnosed failure and of wrong usage; any other is a fault of tt-opt."""

SHELL_SYNTAX = frozenset("<>;&$`%")
"""What a shell or lit would replace or obey, and this runner would hand to tt-opt."""


@dataclass(frozen=True)
class Stage:
    """One tt-opt of a RUN line.

    Attributes:
        args: Its arguments.
        must_fail: Whether ``not`` stands before it.
        merge_stderr: Whether its messages go into the pipe too.
    """

    args: tuple[str, ...]
    must_fail: bool
    merge_stderr: bool


@dataclass(frozen=True)
class RunLine:
    """A RUN line: the tt-opts in their order and the arguments of filecheck."""

    stages: tuple[Stage, ...]
    filecheck_args: tuple[str, ...]


def run_lines(text: str) -> Iterator[str]:
    """The commands of a file, lines that end with a backslash joined with the RUN line that follows."""
    pending = ""
    for line in text.splitlines():
        head, found, command = line.partition("RUN:")
        if not found or head.strip() != "//":
            continue
        pending += command.strip()
        if pending.endswith("\\"):
            pending = pending[:-1]
            continue
        yield pending
        pending = ""
    assert not pending, "the last RUN line ends with a backslash"


def parse_run_line(command: str, path: Path) -> RunLine:
    """Split a command into its stages.

    Raises:
        ValueError: the command is not of the form that this module's docstring gives.
    """
    lexer = shlex.shlex(command, posix=True, punctuation_chars="|")
    lexer.whitespace_split = True
    lexer.commenters = ""
    parts: list[list[str]] = [[]]
    for token in lexer:
        if token == "|":
            parts.append([])
        else:
            parts[-1].append(token.replace("%s", str(path)))
    *opts, check = parts
    if not opts or check[:1] != ["filecheck"]:
        raise ValueError(f"RUN line does not end in '| filecheck': {command}")
    return RunLine(tuple(parse_stage(words, command) for words in opts), tuple(check[1:]))


def parse_stage(words: list[str], command: str) -> Stage:
    """``[not] tt-opt ARGS [2>&1]`` as a stage; ValueError if it is something else."""
    must_fail = words[:1] == ["not"]
    words = words[must_fail:]
    merge_stderr = words[-1:] == ["2>&1"]
    words = words[: len(words) - merge_stderr]
    if words[:1] != ["tt-opt"] or any(set(word) & SHELL_SYNTAX for word in words):
        raise ValueError(f"only '[not] tt-opt ARGS [2>&1]' can stand before filecheck: {command}")
    return Stage(tuple(words[1:]), must_fail, merge_stderr)


def run_stage(stage: Stage, stdin: str) -> str:
    """What `stage` writes into the pipe when `stdin` comes from the one before."""
    from tilewright.tools.tt_opt import main

    out = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True)
    err = out if stage.merge_stderr else io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True)
    with pytest.MonkeyPatch.context() as patch, contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        patch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin.encode()), encoding="utf-8"))
        # `--disable-verify` replaces this hook for the rest of the process.
        patch.setattr(Attribute, "__post_init__", Attribute.__post_init__)
        try:
            code: object = main(stage.args)
        except SystemExit as leaving:
            code = leaving.code or 0
    expected = DIAGNOSED_FAILURES if stage.must_fail else (0,)
    if code not in expected:
        failure = f"tt-opt {shlex.join(stage.args)}: exit code {code}, not one of {expected}"
        pytest.fail(f"{failure}\n{err.buffer.getvalue().decode()}", pytrace=False)
    return out.buffer.getvalue().decode()


def match(filecheck_args: tuple[str, ...], text: str) -> None:
    """Fail with filecheck's message if `text` does not match the checks."""
    options = parse_argv_options(["filecheck", *filecheck_args])
    with contextlib.redirect_stderr(io.StringIO()) as messages:
        matcher = Matcher(options, FInput("-", FInput.canonicalize_line_ends(text)), Parser.from_opts(options))
        code = matcher.run()
    if code != 0:
        pytest.fail(f"{messages.getvalue()}\nfull input:\n{text}", pytrace=False)


@pytest.mark.parametrize("path", FILES, ids=[str(path.relative_to(HERE)) for path in FILES])
def test_run_lines(path: Path) -> None:
    commands = list(run_lines(path.read_text(encoding="utf-8")))
    assert commands, "no RUN line"
    for command in commands:
        line = parse_run_line(command, path)
        text = ""
        for stage in line.stages:
            text = run_stage(stage, text)
        match(line.filecheck_args, text)


@pytest.mark.parametrize(
    "command",
    [
        "tt-opt %s",
        "filecheck %s",
        "tt-opt %s | filecheck %s | tt-opt",
        "tt-opt < %s | filecheck %s",
        "tt-opt %t | filecheck %s",
        "not not tt-opt %s | filecheck %s",
        "xdsl-opt %s | filecheck %s",
    ],
)
def test_other_commands_are_refused(command: str) -> None:
    with pytest.raises(ValueError, match="filecheck"):
        parse_run_line(command, Path("a.mlir"))


def test_run_line_is_split_into_stages() -> None:
    text = """
    // RUN: not tt-opt %s -p 'a{b="c|d"}' \\
    // RUN:   2>&1 | tt-opt | filecheck %s --check-prefix=X
    """
    (command,) = run_lines(text)

    line = parse_run_line(command, Path("f.mlir"))

    first = Stage(("f.mlir", "-p", 'a{b="c|d"}'), must_fail=True, merge_stderr=True)
    assert line == RunLine((first, Stage((), False, False)), ("f.mlir", "--check-prefix=X"))


def test_output_that_does_not_match_fails(tmp_path: Path) -> None:
    checks = tmp_path / "checks"
    checks.write_text("// CHECK: one\n// CHECK-NEXT: two\n")

    match((str(checks),), "one\ntwo\n")
    with pytest.raises(pytest.fail.Exception, match="two"):
        match((str(checks),), "one\nthree\n")
