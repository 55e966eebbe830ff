"""Files of tt-mlir with no other ops than those defined here verify and read back as themselves, or are rejected."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from xdsl.context import Context
from xdsl.dialects.builtin import Builtin
from xdsl.dialects.func import Func
from xdsl.parser import Parser
from xdsl.utils.exceptions import VerifyException

from tilewright.dialects.ttcore import TTCORE
from tilewright.dialects.ttir import TTIR

FILES = Path(__file__).parents[3] / "shared" / "ttir"
DEFINED = frozenset(op.name for op in TTIR.operations)
OP = re.compile(r'"(?P<generic>ttir\.\w+)"\(|(?P<own>ttir\.\w+)(?= %|\(\))')
CHECKED_BY_VERIFIER = re.compile(r"CHECK: error: 'ttir\.\w+' op (?!Unsupported type)")


def chunks(path: Path) -> list[str]:
    """The modules of a file whose TTIR ops are all defined."""
    found: list[str] = []
    for chunk in path.read_text(encoding="utf-8").split("// -----"):
        lines = [line for line in chunk.splitlines() if not line.lstrip().startswith("//")]
        names = {m["generic"] or m["own"] for m in OP.finditer("\n".join(lines))}
        if names and names <= DEFINED:
            found.append(chunk)
    return found


CHUNKS = [
    pytest.param(chunk, id=f"{path.relative_to(FILES)}-{i}")
    for path in sorted(FILES.rglob("*.mlir"))
    for i, chunk in enumerate(chunks(path))
]


def parser_of(text: str) -> tuple[Context, Parser]:
    """A parser of `text`, with the aliases that stand at its end moved to the front."""
    context = Context(allow_unregistered=True)
    for dialect in (Builtin, Func, TTCORE, TTIR):
        context.load_dialect(dialect)
    lines = text.splitlines()
    aliases = [line for line in lines if line.startswith("#")]
    return context, Parser(context, "\n".join([*aliases, *(line for line in lines if not line.startswith("#"))]))


@pytest.mark.skipif(not FILES.is_dir(), reason=f"no files of tt-mlir in {FILES}")
def test_files_are_found() -> None:
    assert len(CHUNKS) > 100


@pytest.mark.parametrize("text", CHUNKS)
def test_file_of_tt_mlir(text: str) -> None:
    context, parser = parser_of(text)
    if CHECKED_BY_VERIFIER.search(text):
        with pytest.raises(VerifyException, match=r"^ttir\."):
            parser.parse_module().verify()
        return
    module = parser.parse_module()
    module.verify()
    assert Parser(context, str(module)).parse_module().is_structurally_equivalent(module)
