"""`tilewright.compile`."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import torch

from tilewright.inputs import check_arguments
from tilewright.model import CompiledModel
from tilewright.options import CompileOptions, Mode
from tilewright.support.errors import UnsupportedInputError

if TYPE_CHECKING:
    from torch.export import ExportedProgram


def compile(
    module: Callable[..., object] | ExportedProgram,
    args: tuple[object, ...] = (),
    kwargs: dict[str, object] | None = None,
    *,
    device: str = "wormhole_n150",
    default_format: str = "Float16_b",
    parameter_format: str | None = None,
    accumulate_format: str = "Float32",
    math_fidelity: str = "HiFi4",
    rounding: str = "packer",
    mode: Mode = "exact",
    policy: str = "op",
    capabilities: object = None,
    overrides: object = None,
    mixed_precision: object = None,
) -> CompiledModel:
    """Compile a PyTorch model for a tile-grid accelerator and execute it on the machine model.

    With `args` or `kwargs` the model is compiled for their shapes at once, else at the first call; each further shape
    of inputs is compiled when it is met.

    Args:
        module: An `nn.Module`, a callable, or an `ExportedProgram`.
        args: Example positional arguments.
        kwargs: Example keyword arguments.
        device: Name of a device descriptor, or the path of one.
        default_format: Number format of activations and small parameters, e.g. `Float32`, `Float16_b`, `Bfp8_b`.
        parameter_format: Number format of the weights of matmuls; `default_format` if None.
        accumulate_format: Format of Dest: `Float32`, `Float16_b` or `Float16`.
        math_fidelity: `LoFi`, `HiFi2`, `HiFi3` or `HiFi4`.
        rounding: `packer`, as the silicon rounds, or `golden`, as Buda's model does.
        mode: `reference`, `exact` or `fast`.
        policy: How ops are divided between device and host; `op`: only what must leave the device does.
        capabilities: Not available yet.
        overrides: Not available yet.
        mixed_precision: Not available yet.

    Returns:
        A model that is called as `module` is.

    Raises:
        UnsupportedInputError: an option has no such value, or torch cannot export the model.
        ResourceError: it does not fit the device.
    """
    options = CompileOptions(
        device,
        default_format,
        parameter_format,
        accumulate_format,
        math_fidelity,
        rounding,
        mode,
        policy,
        capabilities,
        overrides,
        mixed_precision,
    )
    options.check()
    if not callable(module):
        raise UnsupportedInputError(f"a {type(module).__name__} is neither a module nor a function")
    keywords = {} if kwargs is None else kwargs
    check_arguments(args, keywords)
    model = CompiledModel(module, options)
    if args or keywords:
        model.compile_for(args, keywords)
    elif isinstance(module, torch.export.ExportedProgram) and module.example_inputs is not None:
        model.compile_for(*module.example_inputs)
    return model
