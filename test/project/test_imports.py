"""Which folder may import what, and what the path of tt-opt must not load."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = "tilewright"


@dataclass(frozen=True)
class Layer:
    """What the modules of a folder may import, anywhere in them.

    Attributes:
        folders: Other folders of the project.
        libraries: Packages outside the standard library.
        defer: What may be imported inside functions only: folders and libraries.
    """

    folders: frozenset[str]
    libraries: frozenset[str]
    defer: frozenset[str] = frozenset()


SLOW = frozenset({"torch", "numpy", "pydantic", "networkx"})
"""Libraries that start too slowly for tt-opt."""

ALL_FOLDERS = frozenset({"support", "dialects", "machine", "transforms", "frontend", "runtime", "api", "tools"})
ALL_LIBRARIES = SLOW | {"xdsl", "yaml", "rich", "typer", "transformers", "safetensors"}

# The table of the design. "api" is the package `tilewright` itself.
LAYERS = {
    "support": Layer(frozenset(), frozenset({"xdsl"})),
    "dialects": Layer(frozenset({"support"}), frozenset({"xdsl"})),
    "machine": Layer(frozenset({"support"}), frozenset({"pydantic", "yaml"})),
    "transforms": Layer(
        frozenset({"support", "dialects", "machine"}), frozenset({"xdsl", "networkx"}), defer=frozenset({"networkx"})
    ),
    "frontend": Layer(frozenset({"support", "dialects"}), frozenset({"torch", "xdsl"})),
    "runtime": Layer(frozenset({"support", "dialects", "machine"}), frozenset({"torch", "numpy", "xdsl"})),
    "api": Layer(ALL_FOLDERS - {"tools"}, ALL_LIBRARIES),
    "tools": Layer(ALL_FOLDERS, ALL_LIBRARIES, defer=SLOW | ALL_FOLDERS - {"support", "api"}),
}

TT_OPT_FOLDERS = ("support", "dialects", "transforms", "tools")
"""Folders whose modules are all on the path of tt-opt or start with a command line."""


@dataclass(frozen=True)
class Import:
    """One imported module: its dotted name, its line, and whether it is loaded together with the importing module."""

    module: str
    line: int
    eager: bool


def is_type_checking(node: ast.stmt) -> bool:
    """Whether `node` is ``if TYPE_CHECKING:``."""
    return isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"


def imports_of(tree: ast.AST, eager: bool = True) -> Iterator[Import]:
    """Every import below `tree`, in the order of the lines."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.Import):
            yield from (Import(alias.name, node.lineno, eager) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"relative import in line {node.lineno}"
            assert node.module is not None
            # `from tilewright import machine` imports a folder, `from tilewright.machine import x` has it in its name.
            names = [f"{node.module}.{alias.name}" for alias in node.names] if node.module == PACKAGE else [node.module]
            yield from (Import(name, node.lineno, eager) for name in names)
        else:
            lazy = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
            if isinstance(node, ast.stmt) and is_type_checking(node):
                lazy = True
            yield from imports_of(node, eager and not lazy)


def folder_of(module: str) -> str:
    """The folder that holds `module`, a dotted name in the package; "api" for the package's own modules."""
    name = f"{module}.".split(".")[1]
    return name if name in ALL_FOLDERS - {"api"} else "api"


def violations(folder: str, source: str) -> list[str]:
    """What in the text of a module of `folder` breaks its row of the table."""
    layer = LAYERS[folder]
    found: list[str] = []
    for item in imports_of(ast.parse(source)):
        top = item.module.partition(".")[0]
        if top in sys.stdlib_module_names:
            continue
        name = folder_of(item.module) if top == PACKAGE else top
        allowed = layer.folders if top == PACKAGE else layer.libraries
        if name != folder and name not in allowed:
            found.append(f"line {item.line}: {folder} may not import {item.module}")
        elif name != folder and item.eager and name in layer.defer:
            found.append(f"line {item.line}: {folder} may import {item.module} inside functions only")
    return found


def modules_of(folder: str) -> list[Path]:
    """The modules in `folder` and below."""
    return sorted((ROOT / folder).rglob("*.py"))


@pytest.mark.parametrize("folder", LAYERS)
def test_folder_imports_only_what_the_design_allows(folder: str) -> None:
    paths = modules_of(folder)
    assert paths
    found = {path: violations(folder, path.read_text(encoding="utf-8")) for path in paths}
    report = [f"{path.relative_to(ROOT)}, {what}" for path, whats in found.items() for what in whats]
    assert not report, "\n" + "\n".join(report)


@pytest.mark.parametrize(
    ("folder", "source"),
    [
        ("support", "import tilewright.dialects.ttir"),
        ("support", "from tilewright import compile"),
        ("dialects", "def f():\n    from tilewright.transforms import x"),
        ("dialects", "from tilewright import machine"),
        ("machine", "import numpy.linalg"),
        ("transforms", "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import torch"),
        ("runtime", "try:\n    import tilewright.frontend\nfinally:\n    pass"),
        ("api", "from tilewright.tools import main"),
        ("tools", "import torch"),
        ("tools", "from tilewright.runtime.interpreter import x"),
    ],
)
def test_forbidden_imports_are_found(folder: str, source: str) -> None:
    assert len(violations(folder, source)) == 1


def test_deferred_imports_are_allowed_inside_functions() -> None:
    assert violations("tools", "def f():\n    import torch\n    from tilewright import runtime") == []


def loaded_after(code: str) -> set[str]:
    """The top-level packages that a fresh interpreter has loaded after running `code`."""
    script = f"{code}\nimport sys\nprint(sorted({{name.partition('.')[0] for name in sys.modules}}))"
    finished = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert finished.returncode == 0, finished.stderr
    return set(ast.literal_eval(finished.stdout.splitlines()[-1]))


def test_help_of_tt_opt_loads_nothing_slow() -> None:
    code = """
from tilewright.tools.tt_opt import main
try:
    code = main(["--help"])
except SystemExit as leaving:
    code = leaving.code
assert not code, code
"""
    loaded = loaded_after(code)
    assert "xdsl" in loaded
    assert not loaded & SLOW


def test_no_module_on_the_path_of_tt_opt_loads_anything_slow() -> None:
    paths = [path for folder in TT_OPT_FOLDERS for path in modules_of(folder)]
    names = [".".join((PACKAGE, *path.relative_to(ROOT).with_suffix("").parts)) for path in paths]
    names = [name.removesuffix(".__init__") for name in names if not name.endswith(".__main__")]
    loaded = loaded_after("\n".join(f"import {name}" for name in (PACKAGE, f"{PACKAGE}.universe", *names)))
    assert "xdsl" in loaded
    assert not loaded & SLOW
