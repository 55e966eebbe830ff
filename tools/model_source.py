"""Models named on the command line: `file.py:function`, the function returning `(module, args, kwargs)`."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import TYPE_CHECKING, cast

from tilewright.support.errors import UnsupportedInputError
from tilewright.support.suggest import nearest_names

if TYPE_CHECKING:
    from types import ModuleType

_FORM = "give file.py:function, the function returning (module, args, kwargs)"


@dataclass(frozen=True, slots=True)
class LoadedModel:
    """What the user's function returned."""

    module: Callable[..., object]
    args: tuple[object, ...]
    kwargs: dict[str, object]


def load_model(source: str) -> LoadedModel:
    """Run the user's function.

    Args:
        source: `file.py:function`. The file's folder is put on the path of modules, as `python file.py` does.

    Raises:
        UnsupportedInputError: there is no such file or function, it raises, or returns something else.
    """
    file, colon, name = source.rpartition(":")
    if not colon or not file.endswith(".py") or not name.isidentifier():
        raise UnsupportedInputError(f"'{source}' does not name a model", hint=_FORM)
    path = Path(file)
    if not path.is_file():
        raise UnsupportedInputError(f"there is no file '{file}'", hint=_FORM)
    namespace = vars(_load_file(path))
    function = namespace.get(name)
    if not callable(function):
        own = [n for n, v in namespace.items() if callable(v) and getattr(v, "__module__", None) == _module_name(path)]
        raise UnsupportedInputError(
            f"there is no function '{name}'", where=file, hint=nearest_names(name, own) if own else _FORM
        )
    return _checked(_run(function, f"{name}()", path), f"{file}:{name}")


def _load_file(path: Path) -> ModuleType:
    spec = spec_from_file_location(_module_name(path), path)
    assert spec is not None  # the name ends in .py
    assert spec.loader is not None
    module = module_from_spec(spec)
    folder = str(path.resolve().parent)
    if folder not in sys.path:
        sys.path.insert(0, folder)
    # Dataclasses and pickles look their module up by name.
    sys.modules[spec.name] = module
    loader = spec.loader
    _run(lambda: loader.exec_module(module), "the file", path)
    return module


def _module_name(path: Path) -> str:
    """A name of its own: a model in `json.py` must not replace the standard library's module."""
    return f"_model_{path.stem}"


def _run(function: Callable[[], object], what: str, path: Path) -> object:
    """Call the user's code; whatever it raises is the user's, and told without a traceback of ours."""
    try:
        return function()
    except SyntaxError as error:
        where = f"{error.filename}:{error.lineno}"
        raise UnsupportedInputError("the file is not Python", where=where, why=error.msg) from error
    except (Exception, SystemExit) as error:
        frames = [f"{f.filename}:{f.lineno}" for f in traceback.extract_tb(error.__traceback__)]
        own = [frame for frame in frames if Path(frame.rpartition(":")[0]).resolve() == path.resolve()]
        detail = f"{type(error).__name__}: {error}".rstrip(": ")
        raise UnsupportedInputError(
            f"{what} raised an exception", where=own[-1] if own else str(path), why=detail
        ) from error


def _checked(found: object, where: str) -> LoadedModel:
    if not isinstance(found, tuple):
        raise _wrong(where, f"a {type(found).__name__}")
    parts = cast("tuple[object, ...]", found)
    if len(parts) not in (2, 3):
        raise _wrong(where, f"a tuple of {len(parts)}")
    module, args = parts[:2]
    kwargs = parts[2] if len(parts) == 3 else None
    if not callable(module):
        raise _wrong(where, f"a {type(module).__name__} as the module")
    if not isinstance(args, tuple):
        raise _wrong(where, f"a {type(args).__name__} as args, not a tuple")
    if kwargs is None:
        return LoadedModel(module, cast("tuple[object, ...]", args), {})
    if not isinstance(kwargs, dict):
        raise _wrong(where, f"a {type(kwargs).__name__} as kwargs, not a dict")
    if not all(isinstance(name, str) for name in cast("dict[object, object]", kwargs)):
        raise _wrong(where, "kwargs whose keys are not all names")
    return LoadedModel(module, cast("tuple[object, ...]", args), cast("dict[str, object]", kwargs))


def _wrong(where: str, found: str) -> UnsupportedInputError:
    return UnsupportedInputError(
        "the function does not return a model",
        where=where,
        why=f"it returned {found}",
        hint="return (module, args, kwargs), e.g. (Net(), (torch.randn(8, 64),), {})",
    )
