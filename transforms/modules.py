"""Finding modules and functions by their role."""

from __future__ import annotations

from collections.abc import Iterator

from xdsl.dialects.builtin import ModuleOp, StringAttr
from xdsl.dialects.func import FuncOp
from xdsl.ir import Operation

from tilewright.dialects.ttcore import CpuModuleOp, DeviceModuleOp
from tilewright.support.errors import VerifyError
from tilewright.support.locations import describe_location

FUNCTION_TYPE = "tt.function_type"
"""The attribute by which tt-mlir tells kinds of functions apart."""

FORWARD_DEVICE = "forward_device"
"""Its value for device code, which may leave the attribute out."""

CONST_EVAL = "const_eval"
"""Its value for functions of parameters and constants alone."""

FORWARD_CPU = "forward_cpu"
"""Its value for host functions."""

FORWARD_CPU_DECLARATION = "forward_cpu_declaration"
"""Its value for the device module's declarations of host functions."""


def function_kind(function: FuncOp) -> str | None:
    """The function's `tt.function_type`; None if it has none."""
    attribute = function.attributes.get(FUNCTION_TYPE)
    return attribute.data if isinstance(attribute, StringAttr) else None


def device_module(root: ModuleOp) -> ModuleOp:
    """The module of device code: the one in `ttcore.device_module` where there is one, else `root`."""
    for op in root.body.block.ops:
        if isinstance(op, DeviceModuleOp):
            return op.module
    return root


def cpu_module(root: ModuleOp) -> ModuleOp | None:
    """The module of host functions, if `root` is partitioned."""
    for op in root.body.block.ops:
        if isinstance(op, CpuModuleOp):
            return op.module
    return None


def forward_functions(root: ModuleOp) -> Iterator[FuncOp]:
    """Functions of the device code with a body that are neither const-eval nor host functions, nor private helpers."""
    for op in list(device_module(root).body.block.ops):
        if isinstance(op, FuncOp) and not op.is_declaration and is_forward(op) and not is_private(op):
            yield op


def is_forward(function: FuncOp) -> bool:
    """Whether the function is ordinary device code."""
    return function_kind(function) in (None, FORWARD_DEVICE)


def separate_modules(root: ModuleOp) -> Iterator[ModuleOp]:
    """`root`, and the modules in its device code: files of tests hold several side by side."""
    yield root
    for op in list(device_module(root).body.block.ops):
        if isinstance(op, ModuleOp):
            yield from separate_modules(op)


def tensor_functions(root: ModuleOp) -> Iterator[FuncOp]:
    """The forward functions of the device code and of the modules in it."""
    for module in separate_modules(root):
        yield from forward_functions(module)


def is_private(function: FuncOp) -> bool:
    """Whether only the module itself may call the function."""
    return function.sym_visibility is not None and function.sym_visibility.data == "private"


def argument_name(function: FuncOp, index: int) -> str | None:
    """The `ttir.name` of an argument, which importers set to its name in torch; None if there is none."""
    if function.arg_attrs is None:
        return None
    name = function.arg_attrs.data[index].data.get("ttir.name")
    return name.data if isinstance(name, StringAttr) else None


def parent_module(op: Operation) -> ModuleOp:
    """The innermost module around `op`.

    Raises:
        VerifyError: there is none.
    """
    parent = op.parent_op()
    while parent is not None and not isinstance(parent, ModuleOp):
        parent = parent.parent_op()
    if parent is None:
        raise VerifyError(f"{op.name} stands in no module", where=describe_location(op))
    return parent


def symbol_names(module: ModuleOp) -> set[str]:
    """Names of the symbols that `module` itself defines."""
    names = (op.properties.get("sym_name") for op in module.body.block.ops)
    return {name.data for name in names if isinstance(name, StringAttr)}
