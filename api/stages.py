"""Each stage of the compiler by itself, on `ModuleOp`s: import, run passes, execute."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp
from xdsl.passes import ModulePass

from tilewright.options import MODES, Mode, check_name
from tilewright.support.errors import UnsupportedInputError
from tilewright.support.suggest import nearest_names

if TYPE_CHECKING:
    import torch
    from torch.export import ExportedProgram

    from tilewright.frontend.program import ImportedProgram
    from tilewright.runtime.interpreter import Interpreter, Value


def import_torch(
    module: Callable[..., object], args: tuple[object, ...] = (), kwargs: dict[str, object] | None = None
) -> ImportedProgram:
    """Export `module` for these arguments and import it as level 1.

    Raises:
        UnsupportedInputError: torch cannot export it; the error says where and why.
    """
    from tilewright.frontend.importer import import_module

    return import_module(module, args, kwargs)


def import_exported(program: ExportedProgram) -> ImportedProgram:
    """Import an exported program as level 1."""
    from tilewright.frontend.importer import import_exported as run

    return run(program)


def make_context() -> Context:
    """A context in which every dialect of Tilewright, and what they build on, is registered."""
    from xdsl.dialects import get_all_dialects

    from tilewright.universe import TILEWRIGHT_UNIVERSE

    context = Context()
    dialects = get_all_dialects()
    for name in ("builtin", "func", "arith", "tensor"):
        if name in dialects:
            context.register_dialect(name, dialects[name])
    for name, factory in TILEWRIGHT_UNIVERSE.all_dialects.items():
        context.register_dialect(name, factory)
    return context


def run_passes(module: ModuleOp, passes: str | Sequence[ModulePass], *, context: Context | None = None) -> ModuleOp:
    """Run passes on `module`, in place, and verify it at the end.

    Args:
        module: Any level.
        passes: A pipeline as text, as `tt-opt -p` takes it, or pass objects.
        context: A context to parse and create with; a new one if absent.

    Returns:
        `module`.

    Raises:
        UnsupportedInputError: the text names a pass that does not exist; the nearest names are given.
        VerifyException: a pass left IR that does not verify.
    """
    chosen = parse_passes(passes) if isinstance(passes, str) else tuple(passes)
    ctx = context or make_context()
    for each in chosen:
        each.apply(ctx, module)
    module.verify()
    return module


def parse_passes(text: str) -> tuple[ModulePass, ...]:
    """The passes of a pipeline text.

    Raises:
        UnsupportedInputError: a name or an option does not exist.
    """
    from xdsl.transforms import get_all_passes
    from xdsl.utils.arg_spec import parse_pipeline
    from xdsl.utils.exceptions import ArgSpecParseError

    from tilewright.universe import TILEWRIGHT_UNIVERSE

    available = {
        **{name: get_all_passes()[name] for name in ("canonicalize", "cse", "dce")},
        **TILEWRIGHT_UNIVERSE.all_passes,
    }
    try:
        specs = list(parse_pipeline(text))
        for spec in specs:
            if spec.name not in available:
                raise UnsupportedInputError(f"there is no pass '{spec.name}'", hint=nearest_names(spec.name, available))
        return tuple(available[spec.name]().from_spec(spec) for spec in specs)
    except (ArgSpecParseError, ValueError) as error:
        raise UnsupportedInputError(f"'{text}' is no pipeline", why=str(error)) from error


def make_interpreter(
    module: ModuleOp,
    mode: Mode = "exact",
    overloads: Mapping[str, Callable[..., object]] | None = None,
    mesh: tuple[int, ...] | None = None,
) -> Interpreter:
    """An interpreter for `module`, whatever its level.

    Args:
        module: Any level.
        mode: How kernels are executed.
        overloads: Callables of operators that an importer met in this process.
        mesh: Extents of the mesh of devices; without it, that of the module's `ttcore.meshes`.
    """
    from tilewright.runtime.functions.aten import AtenFunctions
    from tilewright.runtime.functions.builtin import CacheFunctions, CallFunctions
    from tilewright.runtime.functions.placed import PlacedFunctions
    from tilewright.runtime.functions.reference import ReferenceTileFunctions
    from tilewright.runtime.functions.stablehlo import StablehloFunctions
    from tilewright.runtime.functions.tile import FastTileFunctions, TileFunctions
    from tilewright.runtime.functions.ttir import TtirFunctions
    from tilewright.runtime.interpreter import Interpreter
    from tilewright.runtime.memory import keep_freed_memory
    from tilewright.runtime.mesh import Mesh

    keep_freed_memory()
    check_name("mode", mode, MODES)
    kernels = {"reference": ReferenceTileFunctions, "exact": TileFunctions, "fast": FastTileFunctions}[mode]
    functions = [
        CallFunctions(),
        CacheFunctions(),
        AtenFunctions(overloads),
        TtirFunctions(),
        StablehloFunctions(),
        kernels(),
        PlacedFunctions(),
    ]
    return Interpreter(module, functions, None if mesh is None else Mesh(mesh))


def execute(
    module: ModuleOp,
    inputs: Sequence[torch.Tensor],
    *,
    entry: str | None = None,
    mode: Mode = "exact",
    overloads: Mapping[str, Callable[..., object]] | None = None,
    mesh: tuple[int, ...] | None = None,
) -> tuple[Value, ...]:
    """Run a function or program of `module`, at any level, on tensors.

    Args:
        module: Any level.
        inputs: One tensor for each argument, parameters included, in their order.
        entry: The function's name; may be left out where only one is public.
        mode: How kernels are executed.
        overloads: Callables of operators that an importer met in this process.
        mesh: Extents of the mesh of devices; without it, that of the module's `ttcore.meshes`.

    Raises:
        UnsupportedInputError: there is no such function, or the inputs do not fit its arguments.
    """
    import torch

    from tilewright.inputs import check_inputs

    interpreter = make_interpreter(module, mode, overloads, mesh)
    name = entry or public_entry(module)
    check_inputs(interpreter.symbol(name), inputs)
    with torch.no_grad():
        return interpreter.run(name, list(inputs))


def public_entry(module: ModuleOp) -> str:
    """The name of the one public function or program of the device code.

    Raises:
        UnsupportedInputError: there is none, or more than one.
    """
    from tilewright.dialects.tile import ProgramOp
    from tilewright.transforms.modules import device_module, forward_functions

    names = [f.sym_name.data for f in forward_functions(module)]
    names += [op.sym_name.data for op in device_module(module).body.block.ops if isinstance(op, ProgramOp)]
    if len(names) != 1:
        raise UnsupportedInputError(
            "the entry function is not clear", why=f"public functions: {', '.join(names) or 'none'}", hint="name it"
        )
    return names[0]
