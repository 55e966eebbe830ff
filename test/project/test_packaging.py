"""The package as it is described in pyproject.toml agrees with the folders, and holds all it needs once built."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from importlib.metadata import entry_points, version
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
with (ROOT / "pyproject.toml").open("rb") as _file:
    PYPROJECT: dict[str, Any] = tomllib.load(_file)
PROJECT = PYPROJECT["project"]
FOLDER_OF: dict[str, str] = PYPROJECT["tool"]["setuptools"]["package-dir"]


def package_folders() -> dict[str, Path]:
    """Package name to folder, for every folder that holds modules."""
    packages: dict[str, Path] = {}
    for name, top in FOLDER_OF.items():
        for path in sorted((ROOT / top).rglob("*.py")):
            parts = path.parent.relative_to(ROOT / top).parts
            packages[".".join((name, *parts))] = path.parent
    return packages


def normalized(name: str) -> str:
    """A distribution's name as PEP 503 compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def test_every_folder_with_modules_is_listed_as_a_package() -> None:
    listed = PYPROJECT["tool"]["setuptools"]["packages"]
    assert sorted(package_folders()) == listed


def test_every_top_level_folder_with_modules_is_mapped() -> None:
    not_packages = {"test", "bench", "docs", "build"}
    folders = {path.parent.name for path in ROOT.glob("[!.]*/*.py")} - not_packages
    assert folders == set(FOLDER_OF.values())


def test_every_package_has_an_init() -> None:
    assert [str(folder) for folder in package_folders().values() if not (folder / "__init__.py").is_file()] == []


def test_no_module_of_the_api_hides_a_folder() -> None:
    own = {path.stem for path in (ROOT / FOLDER_OF["tilewright"]).iterdir()}
    assert own.isdisjoint(FOLDER_OF.values())


def test_version_is_defined_once() -> None:
    assert version("tilewright") == PROJECT["version"]
    literal = re.compile(r"""^\s*(__version__|version|VERSION)\s*(:.*)?=\s*["']\d""", re.MULTILINE)
    sources = [path for folder in package_folders().values() for path in folder.glob("*.py")]
    assert [str(path) for path in sources if literal.search(path.read_text(encoding="utf-8"))] == []


def test_constraints_pin_every_requirement() -> None:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pins = dict(line.split("==") for line in lines if not line.startswith("#"))
    pinned = {normalized(name): pin for name, pin in pins.items()}
    extras = PROJECT["optional-dependencies"]
    for requirement in [*PROJECT["dependencies"], *(r for extra in extras.values() for r in extra)]:
        name, exact = re.fullmatch(r"([\w.-]+)(?:\[[\w,]+\])?(?:>=.*|==(.*))?", requirement).groups()
        if name == "tilewright":
            continue
        assert normalized(name) in pinned, f"{name} is not in constraints.txt"
        assert exact in (None, pinned[normalized(name)]), requirement


@pytest.mark.parametrize("group", ["console_scripts", *PROJECT["entry-points"]])
def test_entry_points_load(group: str) -> None:
    ours = [point for point in entry_points(group=group) if point.value.startswith("tilewright.")]
    declared = PROJECT["scripts"] if group == "console_scripts" else PROJECT["entry-points"][group]
    assert {point.name: point.value for point in ours} == declared
    for point in ours:
        assert point.load() is not None


def test_wheel_holds_every_file_of_the_packages(tmp_path: Path) -> None:
    source = tmp_path / "source"
    ignore = shutil.ignore_patterns("__pycache__")
    for folder in FOLDER_OF.values():
        shutil.copytree(ROOT / folder, source / folder, ignore=ignore)
    for name in ("pyproject.toml", PROJECT["readme"], *PROJECT["license-files"]):
        shutil.copy(ROOT / name, source)
    build = "from setuptools.build_meta import build_wheel; build_wheel('.')"
    finished = subprocess.run([sys.executable, "-c", build], cwd=source, capture_output=True, text=True, check=False)
    assert finished.returncode == 0, finished.stderr

    (wheel,) = source.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        held = {name for name in archive.namelist() if ".dist-info/" not in name}

    expected: set[str] = set()
    for name, top in FOLDER_OF.items():
        for path in (source / top).rglob("*"):
            if path.is_file():
                expected.add("/".join((*name.split("."), *path.relative_to(source / top).parts)))
    assert held == expected
