"""Mutates IR files and feeds them to `tt-opt`: whatever comes, it prints IR or diagnoses an error.

    python test/tools/stress_ir.py FOLDER --seed 0 --cases 500

Prints one JSON document: how many cases ended how, and each failure with what reproduces it. A failure is a traceback,
more than 5 seconds of CPU time, or more than 1 GiB of memory. Runs in a process of its own, whose memory it limits.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import random
import re
import resource
import signal
import sys
import tempfile
import traceback
from collections import Counter
from pathlib import Path
from types import FrameType

SECONDS, BYTES = 5.0, 1 << 30
LARGEST_FILE = 500_000
"""Reading one of a megabyte takes about 3 seconds, too near to the limit to say anything on a slow machine."""

TOKEN = re.compile(rb"[\w.$#@%!\"]+|->|[^\s\w]|\s+")
SPLICES = (
    b"99999999999999999999", b"-1", b"0x", b"\xff\xfe", b"tensor<", b"tensor<4294967296x4294967296xf32>", b"dense<",
    b"dense<0.0> : tensor<1000000000000xf32>", b"array<i64: 1>", b"!quant.uniform<i8:f32, 0.1>", b"loc(#loc)", b"#loc1",
    b'"', b"//", b"{", b"(", b"<", b">", b")", b"}", b"[", b"]" * 50, b"[" * 300, b"tensor<?xf32>", b"nan", b"\x00",
    b"-0x1", b"1e999999", b"f32", b"i0", b"i99999999", b"index", b"none", b"builtin.module {", b"func.func @f(",
)  # fmt: skip


class Hang(BaseException):
    """A case took too long."""


def on_alarm(number: int, frame: FrameType | None) -> None:
    """Stop the case."""
    raise Hang


def mutate_bytes(data: bytes, chance: random.Random) -> bytes:
    """Change, drop or repeat single bytes or short runs."""
    out = bytearray(data)
    for _ in range(chance.choice((1, 1, 2, 4, 16))):
        at = chance.randrange(len(out) + 1)
        match chance.randrange(4):
            case 0:
                out[at : at + 1] = bytes([chance.randrange(256)])
            case 1:
                del out[at : at + chance.choice((1, 2, 10, 200))]
            case 2:
                out[at:at] = out[at : at + chance.choice((1, 5, 60))]
            case _:
                out[at:at] = chance.choice(SPLICES)
    return bytes(out)


def mutate_tokens(data: bytes, chance: random.Random) -> bytes:
    """Change, drop, repeat, swap or insert tokens."""
    tokens = TOKEN.findall(data)
    for _ in range(chance.choice((1, 1, 2, 4))):
        at, other = chance.randrange(len(tokens)), chance.randrange(len(tokens))
        match chance.randrange(5):
            case 0:
                tokens[at] = tokens[other]
            case 1:
                tokens[at] = b""
            case 2:
                tokens.insert(at, tokens[other])
            case 3:
                tokens[at], tokens[other] = tokens[other], tokens[at]
            case _:
                tokens[at] = chance.choice(SPLICES)
    return b"".join(tokens)


def run_case(data: bytes, flags: list[str], folder: Path) -> tuple[str, str]:
    """How `tt-opt` ends on `data`: `printed`, `diagnosed`, or a failure with its text."""
    from tilewright.tools.tt_opt import main

    path = folder / "case.mlir"
    path.write_bytes(data)
    out, err = io.StringIO(), io.StringIO()
    signal.setitimer(signal.ITIMER_VIRTUAL, SECONDS)
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = main([str(path), *flags])
    except Hang:
        return "hang", ""
    except BaseException:  # noqa: BLE001 - whatever comes out is what this looks for
        return "traceback", traceback.format_exc()
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
    if code == 0:
        return "printed", ""
    if code == 1 and "error:" in err.getvalue() and "Traceback" not in err.getvalue():
        return "diagnosed", ""
    return "undiagnosed", f"exit code {code}\n{err.getvalue()[-2000:]}"


def limit_memory() -> None:
    """Allow this process as much as it has, and `BYTES` more."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    limit = pages * resource.getpagesize() + BYTES
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))


def main() -> int:
    """Run the cases; exit code 1 if one failed."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--cases", type=int, default=500)
    parser.add_argument("--keep", type=Path, help="write the inputs of failures there")
    arguments = parser.parse_args()
    files = [p for p in sorted(arguments.folder.rglob("*.mlir")) if p.stat().st_size <= LARGEST_FILE]
    signal.signal(signal.SIGVTALRM, on_alarm)
    ends: Counter[str] = Counter()
    failures: list[dict[str, object]] = []
    with tempfile.TemporaryDirectory() as folder:
        run_case(b"", [], Path(folder))  # imports
        limit_memory()
        for case in range(arguments.cases):
            chance = random.Random(f"{arguments.seed}/{case}")
            file = chance.choice(files)
            mutate = chance.choice((mutate_bytes, mutate_tokens))
            data = mutate(file.read_bytes(), chance)
            flags = chance.choice(([], ["--split-input-file"], ["--print-debuginfo"], ["-p", "canonicalize"]))
            end, detail = run_case(data, flags, Path(folder))
            ends[end] += 1
            if end not in ("printed", "diagnosed"):
                failures.append({"case": case, "file": file.name, "flags": flags, "end": end, "detail": detail})
                if arguments.keep is not None:
                    arguments.keep.mkdir(parents=True, exist_ok=True)
                    (arguments.keep / f"{arguments.seed}-{case}.mlir").write_bytes(data)
    sys.stdout.write(json.dumps({"ends": dict(sorted(ends.items())), "failures": failures}, indent=1) + "\n")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
