"""Where in the user's program a node of a graph comes from."""

from __future__ import annotations

import re
import sysconfig
from pathlib import Path

import torch
from torch.fx import Node
from xdsl.dialects.builtin import UNKNOWN_LOC, FileLineColLoc, IntAttr, LocationAttr, NameLoc, StringAttr

_FRAME = re.compile(r'File "([^"]+)", line (\d+), in ')
_REPEATED_CALL = re.compile(r"@\d+")
_DYNAMO_ROOT = re.compile(r"^[LG]\['[^']*'\](\.)?")

TORCH_FOLDER = str(Path(torch.__file__).parent)
_STANDARD_LIBRARY = sysconfig.get_path("stdlib")
_INSTALLED_PACKAGES = ("site-packages", "dist-packages")
_THIS_FOLDER = str(Path(__file__).parent)


def is_user_file(filename: str) -> bool:
    """Whether a frame of this file is the user's own or a model library's: not torch's, Python's, generated or ours."""
    if filename.startswith(("<", TORCH_FOLDER, _THIS_FOLDER)):
        return False
    # Installed packages lie below the standard library.
    return not filename.startswith(_STANDARD_LIBRARY) or any(p in filename for p in _INSTALLED_PACKAGES)


def module_path(node: Node) -> str:
    """Path of the innermost module that the node belongs to, e.g. `encoder.layer.0`; empty for the model itself."""
    stack = node.meta.get("nn_module_stack")
    if not stack:
        return ""
    path = next(reversed(stack.values()))[0]
    # `layer@1` is the second call of one module, `L['self'].layer` is how dynamo writes it.
    return _DYNAMO_ROOT.sub("", _REPEATED_CALL.sub("", path))


class Locations:
    """Location attributes of nodes, shared by nodes of equal origin."""

    def __init__(self) -> None:
        self._of_trace: dict[str, LocationAttr] = {}
        self._of_origin: dict[tuple[str, LocationAttr], LocationAttr] = {}

    def of(self, node: Node) -> LocationAttr:
        """`NameLoc(module path, FileLineColLoc(file, line, 0))`.

        An op of the model itself has no name; what is unknown is `UNKNOWN_LOC`.
        """
        trace = node.meta.get("stack_trace") or ""
        line = self._of_trace.get(trace)
        if line is None:
            line = self._of_trace[trace] = _source_line(trace)
        path = module_path(node)
        if not path:
            return line
        location = self._of_origin.get((path, line))
        if location is None:
            location = self._of_origin[path, line] = NameLoc(StringAttr(path), line)
        return location


def _source_line(trace: str) -> LocationAttr:
    """The innermost frame that a user can act upon; else torch's own innermost frame."""
    frames = [(file, line) for file, line in _FRAME.findall(trace) if not file.startswith("<")]
    if not frames:
        return UNKNOWN_LOC
    file, line = next((frame for frame in reversed(frames) if is_user_file(frame[0])), frames[-1])
    return FileLineColLoc(StringAttr(file), IntAttr(int(line)), IntAttr(0))
