"""The ATen overloads that Tilewright calls by name: a literal table, so that no name from a file reaches torch.

``aten_overloads.txt`` beside this module has one name a line, as torch prints it (``aten.add.Tensor``), of every
overload of torch 2.13.0 that is functional: it writes to no argument, depends on nothing but its arguments (no random
numbers, no uninitialised memory), takes and returns tensors, numbers and strings alone, and runs on the CPU. Attention
and recurrent networks are in it although they draw random numbers when their dropout probability is positive, and so
are ``batch_norm`` and ``instance_norm`` although they update running statistics when they train. The file is
generated::

    python -m tilewright.frontend.overloads > support/aten_overloads.txt
"""

from __future__ import annotations

from functools import cache
from pathlib import Path


@cache
def functional_overloads() -> frozenset[str]:
    """All names of the table; reads the file at the first call."""
    path = Path(__file__).with_name("aten_overloads.txt")
    return frozenset(path.read_text(encoding="utf-8").split())


def is_known_overload(name: str) -> bool:
    """Whether `name` (`aten.add.Tensor`) is in the table."""
    return name in functional_overloads()
