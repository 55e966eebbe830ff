"""Chooses the number format of every tensor of tiles and the precision of every kernel."""

from __future__ import annotations

from dataclasses import dataclass

from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp
from xdsl.dialects.func import FuncOp
from xdsl.ir import BlockArgument, OpResult, SSAValue
from xdsl.passes import ModulePass
from xdsl.rewriter import Rewriter

from tilewright.dialects import tile
from tilewright.dialects.tile import KernelOp, PrecisionAttr, TilizeOp, is_tile_tensor, tile_info, tile_tensor
from tilewright.dialects.tile.attributes import ACCUMULATE_FORMATS
from tilewright.dialects.ttcore import ArgumentType, LoadCachedOp, argument_type_of
from tilewright.support.dataformat import DataFormat, MathFidelity, Rounding, format_named
from tilewright.support.errors import UnsupportedInputError
from tilewright.support.suggest import nearest_names
from tilewright.transforms.modules import forward_functions


@dataclass(frozen=True)
class TileAssignFormats(ModulePass):
    """Gives float tensors the default format, weights of matmuls theirs, and every kernel one precision.

    Weights come in their own format, because they are read often and written once: a block-float format saves most
    there and loses least. Biases, scales and tables keep the default: they are small, or read by rows.
    """

    name = "tile-assign-formats"

    default_format: str = "Float16_b"
    """Format of activations and of parameters that are no weights of matmuls."""
    parameter_format: str | None = None
    """Format of what only matmuls read, as their second operand. If absent the default format, but Tf32 for Float32:
    the engine holds no more, and the packer's rounding to nearest loses less than the register's truncation."""
    accumulate_format: str = "Float32"
    """Format of Dest."""
    math_fidelity: str = "HiFi4"
    """LoFi, HiFi2, HiFi3 or HiFi4."""
    rounding: str = "packer"
    """packer or golden."""

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        default = float_format("default-format", self.default_format)
        weights = self._weight_format(default)
        precision = self.precision()
        for function in forward_functions(op):
            _assign(function, default, weights, precision)

    def _weight_format(self, default: DataFormat) -> DataFormat:
        if self.parameter_format is not None:
            return float_format("parameter-format", self.parameter_format)
        return DataFormat.Tf32 if default is DataFormat.Float32 else default

    def precision(self) -> PrecisionAttr:
        """The precision of every kernel.

        Raises:
            UnsupportedInputError: an option names no format, fidelity or rounding rule, or Dest cannot hold the format.
        """
        accumulate = float_format("accumulate-format", self.accumulate_format)
        if accumulate not in ACCUMULATE_FORMATS:
            raise UnsupportedInputError(
                f"Dest cannot accumulate in {accumulate.name}",
                hint="choose one of " + ", ".join(f.name for f in ACCUMULATE_FORMATS if f.is_float),
            )
        if self.math_fidelity not in MathFidelity.__members__:
            raise UnsupportedInputError(
                f"there is no math fidelity '{self.math_fidelity}'",
                hint=nearest_names(self.math_fidelity, MathFidelity.__members__),
            )
        if self.rounding not in Rounding.__members__:
            raise UnsupportedInputError(
                f"there is no rounding rule '{self.rounding}'", hint=nearest_names(self.rounding, Rounding.__members__)
            )
        # What leaves Dest between blocks of the inner dimension keeps Dest's format, so that spilling changes no bit.
        return PrecisionAttr.of(accumulate, accumulate, MathFidelity[self.math_fidelity], Rounding[self.rounding])


def float_format(option: str, name: str) -> DataFormat:
    """The float format called `name`.

    Raises:
        UnsupportedInputError: there is none.
    """
    fmt = format_named(name)
    if not fmt.is_float:
        raise UnsupportedInputError(f"{option} must be a float format, found {name}")
    return fmt


def _assign(function: FuncOp, default: DataFormat, weights: DataFormat, precision: PrecisionAttr) -> None:
    for op in function.body.block.ops:
        if isinstance(op, KernelOp | TilizeOp):
            op.properties["precision"] = precision
        for result in op.results:
            if not is_tile_tensor(result.type):
                continue
            info = tile_info(result)
            if info.format.is_float:
                fmt = _format_of(function, result, default, weights)
                if fmt is not info.format:
                    Rewriter.replace_value_with_new_type(result, tile_tensor(info.logical, fmt, info.pad, info.memory))


def _format_of(function: FuncOp, value: OpResult, default: DataFormat, weights: DataFormat) -> DataFormat:
    if is_matmul_weight(function, value):
        return weights
    if default.is_block_float and any(
        isinstance(use.operation, tile.EmbeddingOp) and use.index == 1 for use in value.uses
    ):
        # Rows of a table are picked one by one; a format whose datums share exponents has none to pick.
        return DataFormat.Float16_b if default.exponent_family == "b" else DataFormat.Float16
    return default


def is_matmul_weight(function: FuncOp, value: OpResult) -> bool:
    """Whether `value` is a tilized parameter that nothing but matmuls read, as their second operand."""
    if not isinstance(value.op, TilizeOp) or not _from_parameters(function, value.op.input):
        return False
    uses = list(value.uses)
    return bool(uses) and all(isinstance(use.operation, tile.MatmulOp) and use.index == 1 for use in uses)


def _from_parameters(function: FuncOp, value: SSAValue) -> bool:
    if isinstance(value, BlockArgument):
        return argument_type_of(function, value.index) in (ArgumentType.PARAMETER, ArgumentType.CONSTANT)
    return isinstance(value.owner, LoadCachedOp)
