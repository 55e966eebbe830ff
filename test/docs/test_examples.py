"""The examples of the README and of every page run, and print what the page says.

Python: the blocks of a page are one script, but a block that begins with a comment like `# model.py` is a file of that
name, which runs by itself. MLIR: a block that begins with a comment like `// model.mlir` is a file of that name.
Console: the lines after `$ tilewright ..` or `$ tt-opt ..` are all that the command prints; a line `...` stands for any
lines, and a command without lines after it may print anything. Commands with operators of a shell, other commands, and
`tilewright demo`, which has a test of its own, are not run.
"""

from __future__ import annotations

import re
import runpy
import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
NAMED_FILE = re.compile(r"# (\w+\.py)\n")
NAMED_IR = re.compile(r"// (\w+\.mlir)\n")
SHELL = frozenset("|<>;&$`")


@dataclass(frozen=True)
class Command:
    """A command of a console block and the lines that follow it."""

    line: str
    output: str

    @property
    def is_run(self) -> bool:
        words = shlex.split(self.line)
        runs = words[0] == "tt-opt" or (words[0] == "tilewright" and (words[1:2] != ["demo"] or "--help" in words))
        return runs and not set(self.line) & SHELL


def commands_of(text: str) -> list[Command]:
    """The commands of a console block."""
    parts = re.split(r"^\$ ", text, flags=re.MULTILINE)
    assert parts[0] == "", "a console block begins with `$ `"
    pairs = [part.partition("\n") for part in parts[1:]]
    return [Command(line, output) for line, _, output in pairs]


def matches(expected: str, found: str) -> bool:
    """Whether `found` is `expected`, whose lines `...` stand for any lines; trailing spaces do not count."""
    pattern = "".join(
        r"(?:.*\n)*" if line == "..." else re.escape(line.rstrip()) + r"\n" for line in expected.splitlines()
    )
    return re.fullmatch(pattern, plain(found)) is not None


def plain(text: str) -> str:
    """`text` without spaces at the ends of lines and blank lines at its end."""
    return "\n".join(line.rstrip() for line in text.rstrip().splitlines()) + "\n"


def run(line: str, capfd: Any) -> tuple[int, str]:
    """The exit code of a command of ours and what it prints, stderr after stdout."""
    from tilewright.tools import main, tt_opt

    name, *arguments = shlex.split(line)
    capfd.readouterr()
    code = (tt_opt if name == "tt-opt" else main).main(arguments)
    captured = capfd.readouterr()
    return code, captured.out + captured.err


@pytest.fixture
def workplace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    return tmp_path


@pytest.mark.parametrize("page", PAGES, ids=[page.name for page in PAGES])
def test_examples_of_a_page(page: Path, workplace: Path, fences: Any, check_blocks: Any, capfd: Any) -> None:
    blocks = fences(page)
    script = ""
    for block in blocks:
        if block.language == "python" and (named := NAMED_FILE.match(block.text)):
            (workplace / named[1]).write_text(block.text, encoding="utf-8")
            runpy.run_path(named[1], run_name="__main__")
        elif block.language == "python":
            script += block.text
        elif block.language == "mlir" and (named := NAMED_IR.match(block.text)):
            (workplace / named[1]).write_text(block.text, encoding="utf-8")
    if script:
        (workplace / "page.py").write_text(script, encoding="utf-8")
        runpy.run_path("page.py", run_name="__main__")

    wanted: list[tuple[Any, str]] = []
    for block in (b for b in blocks if b.language == "console"):
        text = ""
        for command in commands_of(block.text):
            output = command.output
            if command.is_run:
                code, found = run(command.line, capfd)
                fails = "error: " in output
                assert code == (1 if fails else 0), f"$ {command.line}\n{found}"
                if "..." in output.splitlines():
                    assert matches(output, found), f"$ {command.line}\n{found}"
                elif output:
                    output = plain(found)
            text += f"$ {command.line}\n{output}"
        wanted.append((block, text))
    check_blocks(page, wanted)


def test_help_is_shown_in_full() -> None:
    text = (ROOT / "docs" / "command_line.md").read_text(encoding="utf-8")
    for command in ("compile", "demo", "run"):
        assert re.search(rf"^\$ tilewright {command} --help\nUsage: tilewright {command} ", text, re.MULTILINE)


@pytest.mark.parametrize(
    ("expected", "found", "same"),
    [
        ("a\nb\n", "a  \nb\n\n", True),
        ("a\n...\nc\n", "a\nb\nb\nc\n", True),
        ("a\n...\nc\n", "a\nc\n", True),
        ("...\nb\n", "a\nb\n", True),
        ("a\n", "a\nb\n", False),
        ("a\n...\nc\n", "a\nb\n", False),
    ],
)
def test_ellipsis_stands_for_any_lines(expected: str, found: str, same: bool) -> None:
    assert matches(expected, found) is same
