"""Checks that would pass without checking anything.

filecheck ignores a directive without its colon, one with a misspelt suffix, and one whose prefix no RUN line selects;
lit is content with a RUN line that ends without filecheck.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1] / "filecheck"
FILES = sorted(ROOT.rglob("*.mlir"))

DIRECTIVE = re.compile(r"(?:DAG|NOT|EMPTY|NEXT|SAME|LABEL|COUNT-\d+)")
COMMENT = re.compile(r"//\s*(?P<word>[A-Z][A-Z0-9_-]*)(?P<rest>.*)")
PREFIXES = re.compile(r"--check-prefix(?:es)?[= ](\S+)")


def selected_prefixes(run: str) -> set[str]:
    """The prefixes that filecheck looks for in the RUN line `run`."""
    given = {name for names in PREFIXES.findall(run) for name in names.split(",")}
    return given or {"CHECK"}


def findings(text: str) -> Iterator[str]:
    """What in the text of a lit test has no effect, with its line."""
    runs = [line.partition("RUN:")[2] for line in text.replace("\\\n", "").splitlines() if "RUN:" in line]
    if not runs:
        yield "no RUN line"
    for run in runs:
        if not re.search(r"\|\s*filecheck\s+%s", run):
            yield f"RUN line without '| filecheck %s':{run}"
    prefixes = {name for run in runs for name in selected_prefixes(run)}
    used: set[str] = set()
    for number, line in enumerate(text.splitlines(), start=1):
        found = COMMENT.search(line)
        if found is None or found["word"] in ("RUN", "COM"):
            continue
        word, rest = found["word"], found["rest"]
        prefix = next((p for p in sorted(prefixes, key=len, reverse=True) if re.match(rf"{p}(?![A-Z0-9])", word)), None)
        if prefix is None:
            if rest.startswith(":") or word.startswith("CHECK"):
                yield f"line {number}: no RUN line selects '{word}'"
            continue
        used.add(prefix)
        suffix = word[len(prefix) :]
        if suffix and (suffix[0] != "-" or not DIRECTIVE.fullmatch(suffix[1:])):
            yield f"line {number}: no directive is called '{word}'"
        elif not re.match(r"(\{LITERAL\})?:", rest):
            yield f"line {number}: '{word}' has no colon"
    for prefix in sorted(prefixes - used):
        yield f"no check has the prefix '{prefix}'"


@pytest.mark.parametrize("path", FILES, ids=[str(path.relative_to(ROOT)) for path in FILES])
def test_every_check_has_an_effect(path: Path) -> None:
    assert list(findings(path.read_text(encoding="utf-8"))) == []


GOOD = """
// RUN: tt-opt %s | filecheck %s
// RUN: tt-opt %s --print-op-generic \\
// RUN:   | filecheck %s --check-prefix=GENERIC
// CHECK-LABEL: func.func @f
// CHECK-COUNT-2: ttir.add  // twice
// GENERIC-NEXT: "func.func"
// L1 is what this is about
"""


def test_effective_checks_give_no_findings() -> None:
    assert list(findings(GOOD)) == []


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("-LABEL:", "-LABEL", "line 5: 'CHECK-LABEL' has no colon"),
        ("-LABEL:", "-LABLE:", "line 5: no directive is called 'CHECK-LABLE'"),
        ("-LABEL:", "_LABEL:", "line 5: no directive is called 'CHECK_LABEL'"),
        ("-LABEL:", " :", "line 5: 'CHECK' has no colon"),
        ("// GENERIC", "// GENRIC", "line 7: no RUN line selects 'GENRIC-NEXT'"),
        ("// CHECK-LABEL", "// LABEL", "line 5: no RUN line selects 'LABEL'"),
        ("%s | filecheck %s", "%s", "RUN line without '| filecheck %s': tt-opt %s"),
        ("--check-prefix=GENERIC", "", "line 7: no RUN line selects 'GENERIC-NEXT'"),
    ],
)
def test_ineffective_checks_are_found(old: str, new: str, message: str) -> None:
    assert message in list(findings(GOOD.replace(old, new, 1)))


def test_file_without_run_line_is_found() -> None:
    assert "no RUN line" in list(findings("// CHECK: x\n"))
