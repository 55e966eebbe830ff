"""A compiled model, as its user sees it."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import TYPE_CHECKING

import torch
from torch.export import ExportedProgram
from torch.utils import _pytree as pytree

from tilewright.comparison import Comparison, compare_levels
from tilewright.estimation import estimate_program
from tilewright.options import LEVELS, CompileOptions, Level, Mode, check_name
from tilewright.program import CompiledProgram, compile_imported
from tilewright.report import Report, report_of
from tilewright.stages import import_exported, import_torch
from tilewright.support.errors import UnsupportedInputError

if TYPE_CHECKING:
    from tilewright.machine.costs import Estimate


class CompiledModel:
    """Called like the module it was made from; compiled once for each shape of inputs.

    Args:
        module: What is compiled.
        options: How.
    """

    def __init__(self, module: Callable[..., object] | ExportedProgram, options: CompileOptions):
        self.module = module
        self.options = options
        self._programs: dict[Hashable, CompiledProgram] = {}
        self._latest: tuple[CompiledProgram, Sequence[object]] | None = None

    def __call__(self, *args: object, **kwargs: object) -> object:
        """What the module returns for these inputs, computed by the machine model.

        Raises:
            UnsupportedInputError: the inputs do not fit the model.
            NumericsError: an integer input does not fit the device.
        """
        program, leaves = self.compile_for(args, kwargs)
        return program.run(leaves)

    def compile_for(self, args: tuple[object, ...], kwargs: dict[str, object]) -> tuple[CompiledProgram, list[object]]:
        """The program for inputs like these, compiled if it is not there yet, and the flat inputs.

        Raises:
            UnsupportedInputError: the inputs do not fit the model, or torch cannot export it.
        """
        leaves, spec = pytree.tree_flatten((args, _in_order(kwargs, self.module)))
        key = (spec, tuple(_kind(leaf) for leaf in leaves), _state_of(self.module))
        program = self._programs.get(key)
        if program is None:
            imported = (
                import_exported(self.module)
                if isinstance(self.module, ExportedProgram)
                else import_torch(self.module, *pytree.tree_unflatten(leaves, spec))
            )
            if imported.in_spec != spec:
                raise UnsupportedInputError(
                    "the inputs are structured otherwise than the model's",
                    why=f"it takes {_describe(imported.in_spec)}, not {_describe(spec)}",
                    hint="call it as it was exported",
                )
            program = compile_imported(imported, self.options)
            program.arguments(leaves)  # an exported program has shapes of its own, which these must be
            self._programs[key] = program
        self._latest = (program, leaves)
        return program, leaves

    @property
    def program(self) -> CompiledProgram:
        """The program compiled or run last.

        Raises:
            UnsupportedInputError: there is none yet.
        """
        return self._last()[0]

    def _last(self) -> tuple[CompiledProgram, Sequence[object]]:
        if self._latest is None:
            raise UnsupportedInputError(
                "the model has not been compiled for any inputs yet", hint="call it once, or give args to compile"
            )
        return self._latest

    @property
    def report(self) -> Report:
        """Where each op runs, and why those on the host do."""
        return report_of(self.program)

    def ir(self, level: Level = "placed", *, locations: bool = False) -> str:
        """The IR of a level as text.

        Args:
            level: `aten`, `ttir`, `partitioned`, `tile` or `placed`.
            locations: Whether to print where each op comes from.
        """
        from tilewright.dialects.text import print_module

        check_name("level", level, LEVELS)
        return print_module(self.program.modules[level], locations=locations)

    def estimate(self) -> Estimate:
        """Predicted latency, throughput and utilisation on the device."""
        return estimate_program(self.program)

    def compare(
        self, *args: object, levels: Sequence[Level] = LEVELS, mode: Mode | None = None, **kwargs: object
    ) -> Comparison:
        """PCC and largest error of every level against torch.

        Args:
            *args: Inputs; those of the last compilation or call if there are none.
            levels: Which levels.
            mode: How kernels are executed; as compiled if absent.
            **kwargs: Further inputs.
        """
        program, leaves = self.compile_for(args, kwargs) if args or kwargs else self._last()
        return compare_levels(self.eager(leaves), program, leaves, levels, mode)

    def eager(self, leaves: Sequence[object]) -> object:
        """What torch itself returns for these flat inputs; states that the model changes stay as they are."""
        program = self.program
        copies = [leaf.clone() if isinstance(leaf, torch.Tensor) else leaf for leaf in leaves]
        args, kwargs = pytree.tree_unflatten(copies, program.imported.in_spec)
        module = self.module.module() if isinstance(self.module, ExportedProgram) else self.module
        kept = {
            m.target: program.imported.values[m.target].clone()
            for m in program.imported.mutations
            if isinstance(m.target, str)
        }
        with torch.no_grad():
            result = module(*args, **kwargs)
            for name, value in kept.items():
                program.imported.values[name].copy_(value)
        return result


def _in_order(kwargs: dict[str, object], module: object) -> dict[str, object]:
    """Keyword arguments in the one order that all calls share: an exported program's own, else that of their names."""
    names = sorted(kwargs)
    if isinstance(module, ExportedProgram) and module.call_spec.in_spec is not None:
        exported = module.call_spec.in_spec.children()[1].context
        names = exported if sorted(exported) == names else names
    return {name: kwargs[name] for name in names}


def _describe(spec: pytree.TreeSpec) -> str:
    """What a caller gives: how many positional arguments, which keywords, and what is nested in them."""
    args, kwargs = spec.children()
    keywords = ", ".join(kwargs.context)
    nested = [str(child) for part in (args, kwargs) for child in part.children() if not child.is_leaf()]
    return " ".join([f"{args.num_children} positional arguments and the keywords ({keywords})", *nested])


def _kind(leaf: object) -> Hashable:
    """What a compilation depends on: shape and dtype of a tensor, type and value of anything else."""
    if isinstance(leaf, torch.Tensor):
        return (tuple(leaf.shape), leaf.dtype)
    # By its text: 1, 1.0 and True are equal, NaN is not equal to itself.
    return (type(leaf), repr(leaf))


def _state_of(module: object) -> Hashable:
    """What of a module a compilation depends on: its modes, and which memory holds its parameters and buffers."""
    if not isinstance(module, torch.nn.Module):
        return None
    tensors = (*module.parameters(), *module.buffers())
    return (tuple(m.training for m in module.modules()), tuple(t.data_ptr() for t in tensors))
