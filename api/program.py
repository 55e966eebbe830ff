"""A model compiled for inputs of one shape: its IR at every level, its bound values, and how to run it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import torch
from torch.utils import _pytree as pytree
from xdsl.dialects.builtin import ModuleOp, StringAttr
from xdsl.dialects.func import FuncOp

from tilewright.frontend.program import ENTRY_POINT, ConstantOutput, ImportedProgram, InputOutput
from tilewright.inputs import check_input
from tilewright.options import LEVELS, CompileOptions, Level, Mode, check_name
from tilewright.stages import make_context, make_interpreter
from tilewright.support.errors import InternalError, UnsupportedInputError
from tilewright.transforms.pipeline import TilewrightPipeline
from tilewright.transforms.services import with_services

if TYPE_CHECKING:
    from tilewright.runtime.interpreter import Interpreter, Observer, Value
    from tilewright.support.evaluator import Decomposer


@dataclass
class CompiledProgram:
    """One compilation.

    Attributes:
        imported: Level 1 and what came beside it.
        options: The options it was compiled with.
        modules: The IR of each level.
    """

    imported: ImportedProgram
    options: CompileOptions
    modules: dict[Level, ModuleOp]
    _interpreters: dict[tuple[Level, Mode], Interpreter] = field(
        default_factory=dict[tuple[Level, Mode], "Interpreter"]
    )

    def arguments(self, leaves: Sequence[object]) -> list[Value]:
        """The function's arguments: bound values by name, the caller's leaves in their places.

        Raises:
            UnsupportedInputError: a leaf does not fit.
        """
        function = self.imported.entry
        arguments: list[Value] = [None] * len(function.body.block.args)
        for index, name in enumerate(_argument_names(function)):
            if name in self.imported.values:
                arguments[index] = self.imported.values[name]
        for spec in self.imported.inputs:
            leaf = leaves[spec.position]
            if spec.argument is None:
                if type(leaf) is not type(spec.constant) or repr(leaf) != repr(spec.constant):
                    raise UnsupportedInputError(
                        f"input '{spec.name}' is {leaf!r}", why=f"the model was compiled for {spec.constant!r}"
                    )
                continue
            check_input(spec.name, leaf, function.body.block.args[spec.argument].type)
            arguments[spec.argument] = leaf
        return arguments

    def interpreter(self, level: Level, mode: Mode) -> Interpreter:
        """The interpreter of one level; made once, as it keeps parameters in the form of that level."""
        check_name("level", level, LEVELS)
        key: tuple[Level, Mode] = (level, mode)
        if key not in self._interpreters:
            self._interpreters[key] = make_interpreter(self.modules[level], mode, self.imported.overloads)
        return self._interpreters[key]

    def run(
        self,
        leaves: Sequence[object],
        level: Level = "placed",
        mode: Mode | None = None,
        observer: Observer | None = None,
    ) -> object:
        """What the model returns for these inputs, executed at `level`; states that the model changes are changed.

        Args:
            leaves: The flat inputs: the leaves of `(args, kwargs)`.
            level: Which IR is executed.
            mode: How kernels are executed; as compiled if absent.
            observer: Sees every op of the entry function and its results.
        """
        results = self.results(leaves, level, mode, observer)
        for mutation in self.imported.mutations:
            target = self._mutated(mutation.target, leaves)
            value = results[mutation.result]
            assert isinstance(value, torch.Tensor)  # states are tensors
            with torch.no_grad():
                target.copy_(value)
        outputs: list[object] = []
        for spec in self.imported.outputs:
            if isinstance(spec, ConstantOutput):
                outputs.append(spec.value)
            elif isinstance(spec, InputOutput):
                outputs.append(leaves[self.imported.inputs[spec.index].position])
            else:
                outputs.append(results[spec.index])
        return pytree.tree_unflatten(outputs, self.imported.out_spec)

    def results(
        self,
        leaves: Sequence[object],
        level: Level = "placed",
        mode: Mode | None = None,
        observer: Observer | None = None,
    ) -> tuple[Value, ...]:
        """The entry function's results; changes no state."""
        interpreter = self.interpreter(level, mode or self.options.mode)
        with torch.no_grad():
            return interpreter.run(ENTRY_POINT, self.arguments(leaves), observer)

    def _mutated(self, target: int | str, leaves: Sequence[object]) -> torch.Tensor:
        found = (
            self.imported.values[target] if isinstance(target, str) else leaves[self.imported.inputs[target].position]
        )
        if not isinstance(found, torch.Tensor):
            raise InternalError(f"the model changes '{target}', which is no tensor")
        return found


def _argument_names(function: FuncOp) -> list[str]:
    attributes = function.arg_attrs.data if function.arg_attrs is not None else ()
    names = (a.data.get("ttir.name") for a in attributes)
    return [n.data if isinstance(n, StringAttr) else "" for n in names]


def compile_imported(imported: ImportedProgram, options: CompileOptions) -> CompiledProgram:
    """Run all passes on an imported program; the IR of every level is kept.

    Raises:
        TilewrightError: a pass refuses the model.
    """
    from tilewright.runtime.evaluator import TorchEvaluator

    pipeline_type = with_services(
        TilewrightPipeline, evaluator=lambda: TorchEvaluator(imported.overloads), decomposer=_decomposer(imported)
    )
    pipeline = pipeline_type(
        options.device,
        options.default_format,
        options.parameter_format,
        options.accumulate_format,
        options.math_fidelity,
        options.rounding,
    )
    context = make_context()
    modules: dict[Level, ModuleOp] = {"aten": imported.module}
    current = imported.module.clone()
    for level, passes in pipeline.stages():
        for each in passes:
            each.apply(context, current)
        modules[level] = current
        current = current.clone() if level != "placed" else current
    return CompiledProgram(imported, options, modules)


def _decomposer(imported: ImportedProgram) -> Callable[[], Decomposer]:
    from tilewright.frontend.decompose import TorchDecomposer

    return lambda: TorchDecomposer(imported.overloads)
