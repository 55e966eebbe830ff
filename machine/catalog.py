"""Finds device descriptors by name or path."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from tilewright.support.errors import UnsupportedInputError
from tilewright.support.suggest import nearest_names

if TYPE_CHECKING:
    from tilewright.machine.device import Device

_DEVICES = Path(__file__).parent / "devices"
_SUFFIX = ".yaml"


def device_names() -> tuple[str, ...]:
    """Names of the descriptors that come with Tilewright, sorted."""
    return tuple(sorted(path.stem for path in _DEVICES.glob(f"*{_SUFFIX}")))


def load_device(name_or_path: str) -> Device:
    """The device called `name_or_path`, or described by the file at that path if it ends in ``.yaml``.

    Loaded once; a file that has changed since is loaded again.

    Raises:
        UnsupportedInputError: there is no such device (the nearest names are given), or its descriptor is wrong: the
            error names file and field.
    """
    if name_or_path.endswith(_SUFFIX):
        path = Path(name_or_path)
    elif name_or_path in device_names():
        path = _DEVICES / f"{name_or_path}{_SUFFIX}"
    else:
        raise UnsupportedInputError(
            f"there is no device '{name_or_path}'",
            hint=f"{nearest_names(name_or_path, device_names())} (or give the path of a .yaml descriptor)",
        )
    try:
        status = path.stat()
    except OSError as error:
        raise UnsupportedInputError(
            "the device descriptor cannot be read", where=str(path), why=error.strerror or str(error)
        ) from None
    return _load(path, status.st_mtime_ns, status.st_size)


@lru_cache(maxsize=16)
def _load(path: Path, _mtime_ns: int, _size: int) -> Device:
    # pydantic and yaml cost 0.2 s: only a loaded descriptor pays for them.
    from pydantic import ValidationError

    from tilewright.machine.descriptor_file import read_descriptor
    from tilewright.machine.device import Device

    text = read_descriptor(path)
    try:
        return Device.model_validate({**text.fields, "sources": text.sources})
    except ValidationError as error:
        problems = [
            f"{'.'.join(map(str, problem['loc'])) or 'descriptor'}: {problem['msg']}" for problem in error.errors()
        ]
        raise UnsupportedInputError(
            f"the device descriptor has {len(problems)} wrong field{'s' if len(problems) > 1 else ''}",
            where=str(path),
            why="; ".join(problems),
        ) from None
