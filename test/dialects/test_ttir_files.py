"""Real files of tt-mlir: what is valid verifies and reads back as itself, locations included; the rest is rejected."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import pytest
from xdsl.context import Context
from xdsl.ir import Operation

from tilewright.dialects.text import SourceError, parse_module, print_module
from tilewright.stages import make_context

FILES = Path(__file__).parents[3] / "shared" / "ttir"
SEPARATOR = re.compile(r"^// -----.*$", re.MULTILINE)
NEGATIVE = re.compile(r"RUN: *(?:not +ttmlir-opt|ttmlir-opt(?=.*--verify-diagnostics))(?P<flags>.*)")
PLAIN = re.compile(r"--split-input-file|--verify-diagnostics|%s.*")
ERROR = re.compile(
    r"(?:CHECK[^:\n]*: *(?:error: *|(?=')|(?=\{\{.*error))|expected-error[^{\n]*\{\{)"
    r"(?:'(?P<op>[\w.]+)' op *)?(?P<message>.*)"
)
"""What a chunk says of its error, in a comment for FileCheck or for the tool itself; not always of which op."""

BROKEN = {
    "EmitC/TTNN/quantization/quantize.mlir-0": "the type of an operand that is not there ends in the middle",
}
"""Files that tt-mlir has disabled (`UNSUPPORTED: true`) and whose text is no MLIR."""

REASONS = {
    "The rank of source target pairs must be 2": "source_target_pairs",
    "There are duplicate 'src' or 'dest' devices": "source_target_pairs",
    "Input tensor rank should match output tensor rank": "rank|shape",
    "Shape attribute size 3 must match output tensor rank 4": "shape",
    "Input tensor number of elements": "elements",
    "at most one -1": "one -1",
    "All dimensions must be >= 0 except": "-2|>= 0",
    "must match the output tensor shape": "shape",
    "Input must be at least a 1D tensor": "rank",
    "Invalid dimension index 3": "'dim' is 3",
    "same element type": "type",
    "same rank": "rank|shape",
    "Invalid begin index": "'begin'",
    "Invalid end index": "'end'",
    "Step value": "'step'",
    "For positive step": "'(begin|end|step)'",
    "For negative step": "'(begin|end|step)'",
    "Mismatch in dimension 3 of the output tensor": "16",
    "'low' value must be < 'high'": "'(low|high)'",
    "Size argument does not match": "'size'|shape",
    "dimensions should be unique": "'dimensions'",
    "all dimensions should be": "'dimensions'",
    "doesn't match expected shape": "expected",
    "is not broadcast compatible": "broadcast",
    "Dimension attribute must be within the bounds": "'dim'",
}
"""A part of tt-mlir's message, and what ours must name."""


@dataclass(frozen=True)
class Chunk:
    """One module of a file.

    Attributes:
        name: Its file and number.
        text: It, with the blank lines before it that keep line numbers.
        op: The op that tt-mlir's verifier rejects, empty where the file does not say; None for a valid module.
        message: tt-mlir's message.
    """

    name: str
    text: str
    op: str | None = None
    message: str = ""


def chunks_of(path: Path) -> list[Chunk]:
    """The valid modules of a file, and those that the verifier rejects; none that a pass of tt-mlir rejects."""
    text = path.read_text(encoding="utf-8")
    run = NEGATIVE.search(text)
    if run is not None and PLAIN.sub("", run["flags"]).strip():
        return []
    found: list[Chunk] = []
    for number, chunk in enumerate(SEPARATOR.split(text)):
        if not re.sub(r"//.*", "", chunk).strip():
            continue
        error = ERROR.search(chunk) if run is not None else None
        name = f"{path.relative_to(FILES)}-{number}"
        found.append(Chunk(name, chunk, error and (error["op"] or ""), error["message"] if error else ""))
    return found


CHUNKS = [chunk for path in sorted(FILES.rglob("*.mlir")) for chunk in chunks_of(path)]
VALID = [pytest.param(chunk, id=chunk.name) for chunk in CHUNKS if chunk.op is None and chunk.name not in BROKEN]
REJECTED = [pytest.param(chunk, id=chunk.name) for chunk in CHUNKS if chunk.op is not None]


@pytest.mark.skipif(not FILES.is_dir(), reason=f"no files of tt-mlir in {FILES}")
def test_files_are_found() -> None:
    assert len(VALID) > 100
    assert len(REJECTED) > 20


def reading_context() -> Context:
    """A context that takes the unregistered ops of CPU modules too."""
    context = make_context()
    context.allow_unregistered = True
    return context


def locations(module: Operation) -> list[tuple[str, str]]:
    """Name and location of each op, and the locations of block arguments."""
    found = [(op.name, str(op.location)) for op in module.walk()]
    for op in module.walk():
        for region in op.regions:
            for block in region.blocks:
                found += [("argument", str(argument.location)) for argument in block.args]
    return found


@pytest.mark.parametrize("chunk", VALID)
def test_valid_file(chunk: Chunk) -> None:
    context = reading_context()
    module = parse_module(chunk.text, context, chunk.name)

    plain = parse_module(print_module(module), context, chunk.name)
    assert plain.is_structurally_equivalent(module)
    located = parse_module(print_module(module, locations=True), context, chunk.name)
    assert located.is_structurally_equivalent(module)
    assert locations(located) == locations(module)


@pytest.mark.parametrize("chunk", REJECTED)
def test_rejected_file(chunk: Chunk) -> None:
    assert chunk.op is not None
    with pytest.raises(SourceError) as caught:
        parse_module(chunk.text, reading_context(), chunk.name)
    message = str(caught.value)
    assert chunk.op in message
    expected = [ours for theirs, ours in REASONS.items() if theirs in chunk.message]
    # Of files beyond those of the table the op alone is known.
    assert all(re.search(pattern, message) for pattern in expected), message


@pytest.mark.parametrize("chunk", [pytest.param(c, id=c.name) for c in CHUNKS if c.name in BROKEN])
def test_broken_file(chunk: Chunk) -> None:
    assert "UNSUPPORTED: true" in chunk.text
    with pytest.raises(SourceError):
        parse_module(chunk.text, reading_context(), chunk.name)
