"""Tensors in files: safetensors, which hold numbers and nothing that could run."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import torch

from tilewright.support.errors import UnsupportedInputError

_LARGEST_FILE = 1 << 32
"""Bytes of a file of tensors that is read; a damaged or hostile one must not fill the memory."""


def read_tensors(path: Path) -> dict[str, torch.Tensor]:
    """The tensors of a safetensors file.

    Raises:
        UnsupportedInputError: it cannot be read, or is larger than 4 GiB.
    """
    from safetensors import SafetensorError
    from safetensors.torch import load_file  # pyright: ignore[reportUnknownVariableType] - of the path's type

    try:
        size = path.stat().st_size
        if size > _LARGEST_FILE:
            raise UnsupportedInputError(f"the file has {size} bytes", where=str(path), why=f"{_LARGEST_FILE} are read")
        return load_file(path)
    except OSError as error:
        raise UnsupportedInputError(
            "the inputs cannot be read", where=str(path), why=error.strerror or str(error)
        ) from error
    except SafetensorError as error:
        raise UnsupportedInputError("this is no safetensors file", where=str(path), why=str(error)) from error


def write_tensors(path: Path, tensors: Mapping[str, torch.Tensor]) -> None:
    """Write `tensors` as a safetensors file.

    Raises:
        UnsupportedInputError: it cannot be written.
    """
    from safetensors import SafetensorError
    from safetensors.torch import save_file  # pyright: ignore[reportUnknownVariableType] - of the path's type

    try:
        save_file({name: t.contiguous().clone() for name, t in tensors.items()}, path)
    except (OSError, SafetensorError) as error:
        raise UnsupportedInputError("the outputs cannot be written", where=str(path), why=str(error)) from error
