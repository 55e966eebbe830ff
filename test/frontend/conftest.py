"""A small interpreter of level 1, and the comparison of imported programs with eager PyTorch."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pytest
import torch
from torch.utils import _pytree as pytree
from xdsl.context import Context
from xdsl.dialects.builtin import ArrayAttr, Builtin, ModuleOp, SymbolRefAttr
from xdsl.dialects.func import Func, FuncOp, ReturnOp
from xdsl.ir import Attribute, SSAValue
from xdsl.parser import Parser

from tilewright.dialects.aten import ATEN, BARE_RESULT, CallOp
from tilewright.dialects.ttcore import TTCORE
from tilewright.frontend.arguments import decode_argument
from tilewright.frontend.importer import import_module
from tilewright.frontend.overloads import resolve_overload
from tilewright.frontend.program import ConstantOutput, ImportedProgram, InputOutput

Overloads = Mapping[str, Callable[..., Any]]


def leaves_of_result(result: object) -> list[object]:
    """What a call returns, flat and without None."""
    if result is None:
        return []
    if isinstance(result, (list, tuple)):
        return [leaf for item in result for leaf in leaves_of_result(item)]
    return [result]


class Level1:
    """Executes functions of `aten.call`.

    Args:
        functions: By symbol name.
        overloads: Callables by callee name; others are looked up in the literal table.
    """

    def __init__(self, functions: Mapping[str, FuncOp], overloads: Overloads):
        self.functions = functions
        self.overloads = overloads

    def run(self, function: FuncOp, operands: Sequence[object]) -> list[object]:
        """The results of `function`."""
        values: dict[SSAValue, object] = dict(zip(function.body.block.args, operands, strict=True))
        for op in function.body.block.ops:
            inputs = [values[operand] for operand in op.operands]
            if isinstance(op, ReturnOp):
                return inputs
            assert isinstance(op, CallOp), op.name
            name = op.callee.data
            target = self.overloads.get(name) or resolve_overload(name)
            assert target is not None, f"{name} is neither in the table nor in the program"
            args = [self._decode(argument, inputs) for argument in op.args.data]
            kwargs = {key: self._decode(argument, inputs) for key, argument in op.keyword_arguments().items()}
            results = leaves_of_result(target(*args, **kwargs))
            values.update(zip(op.results, results, strict=True))
        raise AssertionError("the function does not return")

    def _decode(self, argument: Attribute, operands: Sequence[object]) -> object:
        if isinstance(argument, SymbolRefAttr):
            return self._callable(self.functions[argument.string_value()])
        if isinstance(argument, ArrayAttr):
            return [self._decode(item, operands) for item in argument.data]
        return decode_argument(argument, operands)

    def _callable(self, function: FuncOp) -> Callable[..., object]:
        def call(*operands: object) -> object:
            results = self.run(function, operands)
            return results[0] if BARE_RESULT in function.attributes else tuple(results)

        return call


def run_program(
    program: ImportedProgram, args: tuple[Any, ...], kwargs: dict[str, Any] | None = None
) -> tuple[Any, dict[int | str, torch.Tensor]]:
    """What the imported model returns, and the new values of what it changes; the arguments stay as they are."""
    functions = {op.sym_name.data: op for op in program.module.ops if isinstance(op, FuncOp)}
    leaves, _ = pytree.tree_flatten((args, kwargs or {}))
    entry = program.entry
    operands: list[object] = [None] * len(entry.body.block.args)
    for index, attributes in enumerate(entry.arg_attrs.data if entry.arg_attrs is not None else ()):
        name = attributes.data["ttir.name"].data
        if name in program.values:
            operands[index] = program.values[name].clone()
    for spec in program.inputs:
        if spec.argument is not None:
            operands[spec.argument] = copy.deepcopy(leaves[spec.position])
    with torch.no_grad():
        results = Level1(functions, program.overloads).run(entry, operands)

    outputs: list[object] = []
    for output in program.outputs:
        if isinstance(output, ConstantOutput):
            outputs.append(output.value)
        elif isinstance(output, InputOutput):
            outputs.append(leaves[program.inputs[output.index].position])
        else:
            outputs.append(results[output.index])
    changes = {mutation.target: results[mutation.result] for mutation in program.mutations}
    return pytree.tree_unflatten(outputs, program.out_spec), changes


def parse(text: str) -> ModuleOp:
    """Read level 1 from text."""
    context = Context()
    for dialect in (Builtin, Func, ATEN, TTCORE):
        context.load_dialect(dialect)
    return Parser(context, text).parse_module()


def assert_well_formed(module: ModuleOp) -> None:
    """The module verifies, and its text reads back as the same module."""
    module.verify()
    assert parse(str(module)).is_structurally_equivalent(module)


def assert_equal_results(actual: object, expected: object, tolerance: float = 0.0) -> None:
    """Equal structure, types, shapes and Python values; tensors equal in bits, or within a relative `tolerance`."""
    actual_leaves, actual_spec = pytree.tree_flatten(actual)
    expected_leaves, expected_spec = pytree.tree_flatten(expected)
    assert actual_spec == expected_spec
    for a, e in zip(actual_leaves, expected_leaves, strict=True):
        if isinstance(e, torch.Tensor):
            assert isinstance(a, torch.Tensor)
            assert (a.dtype, a.shape) == (e.dtype, e.shape)
            torch.testing.assert_close(comparable(a), comparable(e), rtol=tolerance, atol=tolerance, equal_nan=True)
        else:
            assert a == e
            assert type(a) is type(e)


def comparable(tensor: torch.Tensor) -> torch.Tensor:
    """Torch cannot compare float8."""
    is_float8 = tensor.is_floating_point() and tensor.dtype.itemsize == 1
    return tensor.view(torch.uint8) if is_float8 else tensor


def check_import(
    module: torch.nn.Module | Callable[..., Any],
    args: tuple[Any, ...],
    kwargs: dict[str, Any] | None = None,
    *,
    dynamic_shapes: Any = None,
    then: tuple[Any, ...] | None = None,
    tolerance: float = 0.0,
) -> ImportedProgram:
    """Import a module and compare what the result computes, and what it changes, with eager PyTorch.

    Args:
        then: Other inputs to compare with, for a model with dynamic shapes.
        tolerance: See :func:`assert_equal_results`.
    """
    kwargs = kwargs or {}
    program = import_module(module, args, kwargs, dynamic_shapes=dynamic_shapes)
    assert_well_formed(program.module)
    overloads = [target for target in program.overloads.values() if isinstance(target, torch._ops.OpOverload)]
    assert not any(target._schema.is_mutable for target in overloads)
    eager = copy.deepcopy(module)
    inputs = then or args
    leaves, _ = pytree.tree_flatten((inputs, kwargs))

    actual, changes = run_program(program, inputs, kwargs)

    touched = copy.deepcopy((inputs, kwargs))
    with torch.no_grad():
        expected = eager(*touched[0], **touched[1])
    assert_equal_results(actual, expected, tolerance)

    after: dict[int | str, torch.Tensor] = {}
    touched_leaves, _ = pytree.tree_flatten(touched)
    for index, spec in enumerate(program.inputs):
        new, old = touched_leaves[spec.position], leaves[spec.position]
        if isinstance(new, torch.Tensor) and not torch.equal(new, old):
            after[index] = new
    if isinstance(module, torch.nn.Module):
        assert isinstance(eager, torch.nn.Module)
        states = {**dict(module.named_parameters()), **dict(module.named_buffers())}
        new_states = {**dict(eager.named_parameters()), **dict(eager.named_buffers())}
        after |= {name: new for name, new in new_states.items() if not torch.equal(new, states[name])}
    assert set(after) <= set(changes)
    for target, new in after.items():
        torch.testing.assert_close(changes[target], new.detach(), rtol=tolerance, atol=tolerance)
    return program


def callees(program: ImportedProgram) -> list[str]:
    """The callees of the entry function, in order."""
    return [op.callee.data for op in program.entry.body.block.ops if isinstance(op, CallOp)]


@pytest.fixture(name="check_import")
def check_import_fixture() -> Callable[..., ImportedProgram]:
    """See :func:`check_import`."""
    return check_import


@pytest.fixture(name="run_program")
def run_program_fixture() -> Callable[..., tuple[Any, dict[int | str, torch.Tensor]]]:
    """See :func:`run_program`."""
    return run_program


@pytest.fixture(name="callees")
def callees_fixture() -> Callable[[ImportedProgram], list[str]]:
    """See :func:`callees`."""
    return callees


@pytest.fixture(name="assert_well_formed")
def assert_well_formed_fixture() -> Callable[[ModuleOp], None]:
    """See :func:`assert_well_formed`."""
    return assert_well_formed


@pytest.fixture(name="assert_equal_results")
def assert_equal_results_fixture() -> Callable[..., None]:
    """See :func:`assert_equal_results`."""
    return assert_equal_results


@pytest.fixture
def run_function() -> Callable[[FuncOp, Sequence[object]], list[object]]:
    """Executes one function made of overloads of the literal table."""
    return lambda function, operands: Level1({}, {}).run(function, operands)
