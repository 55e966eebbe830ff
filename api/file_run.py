"""Running a function of an IR file: its inputs, its results, and what they say."""

from __future__ import annotations

import hashlib
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeAlias, cast

import torch
from xdsl.dialects.builtin import IntegerAttr, ModuleOp
from xdsl.dialects.func import FuncOp
from xdsl.ir import Operation

from tilewright.comparison import largest_error, pearson
from tilewright.dialects.discardable import TIED
from tilewright.inputs import check_inputs
from tilewright.options import CompileOptions
from tilewright.random_inputs import random_inputs
from tilewright.runtime.mesh import MeshValue
from tilewright.stages import make_context, make_interpreter, run_passes
from tilewright.support.errors import UnsupportedInputError
from tilewright.support.suggest import nearest_names
from tilewright.transforms.modules import argument_name, forward_functions, separate_modules
from tilewright.transforms.pipeline import TilewrightPipeline
from tilewright.universe import TILEWRIGHT_UNIVERSE

if TYPE_CHECKING:
    from xdsl.context import Context

    from tilewright.runtime.interpreter import Value

RunLevel: TypeAlias = Literal["ttir", "tile"]
RUN_LEVELS: tuple[RunLevel, ...] = ("ttir", "tile")

_ORDERED = (
    torch.bfloat16, torch.float16, torch.float32, torch.float64, torch.int8, torch.int16, torch.int32, torch.int64,
    torch.uint8,
)  # fmt: skip
"""Types whose numbers torch compares itself."""


@dataclass(frozen=True, slots=True)
class TensorSummary:
    """What is printed of one tensor.

    Attributes:
        name: `output 0`, or `argument 2 (cache)` for an argument that the function has changed.
        shape: Its extents.
        dtype: Its element type, as torch names it.
        checksum: The first 16 hexadecimal digits of the SHA-256 of its elements, row-major, little-endian.
        least: The smallest element; NaN if there is none, or one is NaN.
        largest: The largest element, likewise.
        pcc: Pearson correlation with the same tensor at the level of the file; None if not compared.
        max_error: Largest absolute difference from it; None if not compared.
    """

    name: str
    shape: tuple[int, ...]
    dtype: str
    checksum: str
    least: float
    largest: float
    pcc: float | None = None
    max_error: float | None = None


@dataclass(frozen=True, slots=True)
class FileRun:
    """One execution of a function.

    Attributes:
        entry: The function's name.
        level: The level at which it ran.
        seed: What its inputs were drawn from; None where they were given.
        summaries: Its outputs, then the arguments that it has changed.
        outputs: The tensors of `summaries`, by name.
    """

    entry: str
    level: RunLevel
    seed: int | None
    summaries: tuple[TensorSummary, ...]
    outputs: Mapping[str, torch.Tensor]


def read_modules(path: Path, context: Context) -> list[ModuleOp]:
    """The modules of a file; `// -----` lines separate them.

    Raises:
        UnsupportedInputError: the file cannot be read.
        TilewrightError: it does not parse or verify.
    """
    from tilewright.dialects.text import parse_file

    return parse_file(path, context)


def find_entry(modules: Sequence[ModuleOp], name: str | None) -> tuple[ModuleOp, FuncOp]:
    """The function to run, with its module.

    Args:
        modules: Those of a file; where they hold modules side by side, the module is the innermost one.
        name: Its name, with or without `@`; may be left out where there is one public function only. Of several
            functions of that name, `name#2` is the second in the order of the file.

    Raises:
        UnsupportedInputError: there is no such function, or it must be named.
    """
    separate = [inner for module in modules for inner in separate_modules(module)]
    found = [(module, function) for module in separate for function in forward_functions(module)]
    names = _distinct([function.sym_name.data for _, function in found])
    if name is None:
        if len(found) != 1:
            listed = ", ".join(f"@{n}" for n in names)
            raise UnsupportedInputError(
                "the entry function is not clear",
                why=f"the file has {len(found)} public functions: {listed}" if found else "it has no public function",
                hint="name one with --entry" if found else None,
            )
        return found[0]
    wanted = name.removeprefix("@")
    if wanted in names:
        return found[names.index(wanted)]
    same = [f"@{n}" for n, (_, function) in zip(names, found, strict=True) if function.sym_name.data == wanted]
    if same:
        raise UnsupportedInputError(
            f"there are several functions @{wanted}", hint=f"name one by its number: {', '.join(same)}"
        )
    raise UnsupportedInputError(f"there is no public function @{wanted}", hint=nearest_names(wanted, names))


def _distinct(names: Sequence[str]) -> list[str]:
    """Each of `names`, with `#` and a number where it is that of several."""
    times, so_far = Counter(names), Counter[str]()
    distinct: list[str] = []
    for name in names:
        so_far[name] += 1
        distinct.append(f"{name}#{so_far[name]}" if times[name] > 1 else name)
    return distinct


def named_inputs(function: FuncOp, tensors: Mapping[str, torch.Tensor]) -> list[torch.Tensor]:
    """The tensors for the arguments of `function`, each by its `ttir.name`, its name in the file, or its number.

    Raises:
        UnsupportedInputError: one is missing, or a tensor belongs to no argument.
    """
    chosen: list[torch.Tensor] = []
    used: set[str] = set()
    for index, argument in enumerate(function.body.block.args):
        names = [n for n in (argument_name(function, index), argument.name_hint, f"arg{index}", str(index)) if n]
        name = next((n for n in names if n in tensors), None)
        if name is None:
            raise UnsupportedInputError(
                f"there is no tensor for argument {index}",
                why=f"none is named {' or '.join(repr(n) for n in dict.fromkeys(names))}",
                hint=nearest_names(names[0], tensors),
            )
        used.add(name)
        chosen.append(tensors[name])
    if unused := sorted(set(tensors) - used):
        raise UnsupportedInputError(f"tensor '{unused[0]}' belongs to no argument of @{function.sym_name.data}")
    return chosen


def run_entry(
    module: ModuleOp,
    function: FuncOp,
    inputs: Sequence[torch.Tensor] | None = None,
    *,
    seed: int = 0,
    level: RunLevel = "ttir",
    compare: bool = False,
    options: CompileOptions | None = None,
    mesh: tuple[int, ...] | None = None,
) -> FileRun:
    """Run `function` of `module`.

    Args:
        module: The module that holds it; lowered in place if `level` asks for it.
        function: The entry.
        inputs: One tensor for each argument, changed where the function changes it; drawn from `seed` if absent.
        seed: See `tilewright.random_inputs`.
        level: `ttir` executes the file as it stands, `tile` what the compiler makes of it.
        compare: Whether the results are compared with those of the file as it stands.
        options: For the tile level: formats, device; and the mode of execution.
        mesh: Extents of the mesh of devices; that of the module if absent.

    Raises:
        TilewrightError: the inputs do not fit, a pass refuses the module, or an op fails.
    """
    name, chosen = function.sym_name.data, options or CompileOptions()
    # An op that cannot be executed is found before gigabytes are drawn for it.
    make_interpreter(module, chosen.mode, mesh=mesh).function(name)
    arguments = random_inputs(function, seed) if inputs is None else list(inputs)
    check_inputs(function, arguments)
    labels = _argument_labels(function)
    expected: dict[str, torch.Tensor] | None = None
    if compare:
        expected = _execute(module, name, [a.clone() for a in arguments], labels, chosen, mesh)
    if level == "tile":
        _lower(module, chosen)
    found = _execute(module, name, arguments, labels, chosen, mesh)
    summaries = tuple(summarize(n, t, None if expected is None else expected.get(n)) for n, t in found.items())
    return FileRun(name, level, seed if inputs is None else None, summaries, found)


def _argument_labels(function: FuncOp) -> list[str]:
    labels: list[str] = []
    for index, argument in enumerate(function.body.block.args):
        name = argument_name(function, index) or argument.name_hint
        labels.append(f"argument {index} ({name})" if name else f"argument {index}")
    return labels


def _execute(
    module: ModuleOp,
    name: str,
    arguments: list[torch.Tensor],
    labels: Sequence[str],
    options: CompileOptions,
    mesh: tuple[int, ...] | None,
) -> dict[str, torch.Tensor]:
    """The outputs, and the arguments that were changed in place, by name."""
    interpreter = make_interpreter(module, options.mode, mesh=mesh)
    before = [a._version for a in arguments]  # pyright: ignore[reportPrivateUsage]
    with torch.no_grad():
        results = interpreter.run(name, arguments)
        found: dict[str, torch.Tensor] = {}
        for index, (result, tied) in enumerate(zip(results, _tied_arguments(interpreter.symbol(name)), strict=True)):
            if tied is not None:
                assert isinstance(result, torch.Tensor)  # states are tensors
                arguments[tied].copy_(result)
            else:
                found |= _named(f"output {index}", result)
    changed = {
        label: argument
        for label, argument, version in zip(labels, arguments, before, strict=True)
        if argument._version != version  # pyright: ignore[reportPrivateUsage]
    }
    return {**found, **changed}


def _named(name: str, result: Value) -> dict[str, torch.Tensor]:
    """A result by name, or what each device holds of it."""
    if isinstance(result, MeshValue):
        return {f"{name} device {device}": shard for device, shard in enumerate(result.shards)}
    assert isinstance(result, torch.Tensor)  # functions of tensors return tensors
    return {name: result}


def _tied_arguments(function: Operation) -> list[int | None]:
    """For each result of `function` the argument whose new value it is, if it is one."""
    assert isinstance(function, FuncOp)
    attributes = function.res_attrs.data if function.res_attrs is not None else ()
    tied = [a.data.get(TIED) for a in attributes] or [None] * len(function.function_type.outputs)
    return [t.value.data if isinstance(t, IntegerAttr) else None for t in tied]


def _lower(module: ModuleOp, options: CompileOptions) -> None:
    """Lower `module` to the tile level, in place."""
    context = make_context()
    pipeline_type = cast("type[TilewrightPipeline]", TILEWRIGHT_UNIVERSE.all_passes[TilewrightPipeline.name]())
    pipeline = pipeline_type(
        options.device,
        options.default_format,
        options.parameter_format,
        options.accumulate_format,
        options.math_fidelity,
        options.rounding,
    )
    for level, passes in pipeline.stages():
        run_passes(module, passes, context=context)
        if level == "tile":
            return


def summarize(name: str, tensor: torch.Tensor, expected: torch.Tensor | None = None) -> TensorSummary:
    """What is printed of `tensor`, compared with `expected` if there is one."""
    least, largest = _extremes(tensor)
    if tensor.is_complex():
        expected = None
    return TensorSummary(
        name,
        tuple(tensor.shape),
        str(tensor.dtype).removeprefix("torch."),
        checksum(tensor),
        least,
        largest,
        None if expected is None else pearson(expected, tensor),
        None if expected is None else largest_error(expected, tensor),
    )


def checksum(tensor: torch.Tensor) -> str:
    """The first 16 hexadecimal digits of the SHA-256 of the elements, row-major, little-endian."""
    data = tensor.detach().contiguous().view(-1).view(torch.uint8).numpy()
    return hashlib.sha256(data.data).hexdigest()[:16]


def _extremes(tensor: torch.Tensor) -> tuple[float, float]:
    if tensor.numel() == 0 or tensor.is_complex():
        return math.nan, math.nan
    numbers = tensor.detach()
    least, largest = torch.aminmax(numbers if numbers.dtype in _ORDERED else numbers.to(torch.float64))
    return float(least), float(largest)


def parse_mesh(text: str) -> tuple[int, ...]:
    """The extents in `2x4`.

    Raises:
        UnsupportedInputError: the text has another form.
    """
    parts = text.split("x")
    if not all(p.isdecimal() and 0 < int(p) <= 1024 for p in parts) or math.prod(int(p) for p in parts) > 1024:
        raise UnsupportedInputError(f"'{text}' is no mesh", hint="give extents such as 2x4, of 1024 devices at most")
    return tuple(int(p) for p in parts)
