"""Every module passes pyright in strict mode.

pyright does not see the mapping of folders to packages that the installer applies, so the packages are linked under
their import names into ``build/typecheck``. It does not look into linked folders unless each is included by name, and
is content with nothing to check; therefore the number of files it checked is asserted.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
FARM = ROOT / "build" / "typecheck"
PACKAGE = FARM / "tilewright"


def link_packages() -> list[Path]:
    """Bring the farm up to date; the links it consists of."""
    with (ROOT / "pyproject.toml").open("rb") as file:
        folder_of: dict[str, str] = tomllib.load(file)["tool"]["setuptools"]["package-dir"]
    PACKAGE.mkdir(parents=True, exist_ok=True)
    targets = {name.split(".", 1)[1]: ROOT / folder for name, folder in folder_of.items() if "." in name}
    targets |= {path.name: path for path in (ROOT / folder_of["tilewright"]).iterdir() if path.name != "__pycache__"}
    for link in PACKAGE.iterdir():
        if targets.get(link.name) != link.readlink():
            link.unlink()
    for name, target in targets.items():
        if not (PACKAGE / name).is_symlink():
            (PACKAGE / name).symlink_to(target)
    return [PACKAGE / name for name in sorted(targets)]


def run_pyright(links: list[Path]) -> dict[str, Any]:
    """What ``pyright --outputjson`` says of all `links`."""
    config = FARM / "pyrightconfig.json"
    include = [str(link.relative_to(FARM)) for link in links]
    config.write_text(json.dumps({"extends": "../../pyproject.toml", "include": include}))
    command = [sys.executable, "-m", "pyright", "--project", str(config), "--pythonpath", sys.executable]
    finished = subprocess.run([*command, "--outputjson"], capture_output=True, text=True, check=False)
    assert finished.returncode in (0, 1), finished.stdout + finished.stderr
    return json.loads(finished.stdout)


def test_all_modules_pass_strict_type_checking() -> None:
    links = link_packages()
    files = {path for link in links for path in ([link] if link.is_file() else link.rglob("*.py"))}
    sources = {path for path in files if path.suffix == ".py"}

    result = run_pyright(links)

    errors = [
        f"{Path(found['file']).relative_to(PACKAGE)}:{found['range']['start']['line'] + 1}: "
        f"{found['message']} [{found.get('rule', found['severity'])}]"
        for found in result["generalDiagnostics"]
    ]
    if errors:
        pytest.fail(f"{len(errors)} findings:\n" + "\n".join(errors), pytrace=False)
    # More where pyright counts a file that two links reach.
    assert result["summary"]["filesAnalyzed"] >= len(sources)
