"""Attributes of `ttcore` that stand on functions, arguments and ops, in tt-mlir's syntax.

Source: tt-mlir ``TTCoreOpsEnums.td`` and ``TTCoreOpsTypes.td``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, TypeVar, cast

from xdsl.dialects.builtin import AnyTensorType, AnyTensorTypeConstr, ArrayAttr, IntAttr, StringAttr
from xdsl.dialects.func import FuncOp
from xdsl.ir import Attribute, Data, ParametrizedAttribute, SpacedOpaqueSyntaxAttribute
from xdsl.irdl import irdl_attr_definition, param_def
from xdsl.parser import AttrParser
from xdsl.printer import Printer
from xdsl.utils.str_enum import StrEnum


class ArgumentType(StrEnum):
    """What an argument of a function is to the model."""

    INPUT = "input"
    PARAMETER = "parameter"
    CONSTANT = "constant"
    DEFAULT = "default"


class ReduceType(StrEnum):
    """How elements are combined."""

    SUM = "sum"
    MEAN = "mean"
    MAX = "max"
    MIN = "min"
    STD = "std"
    VAR = "var"
    PROD = "prod"
    INVALID = "invalid"


class AttentionMaskType(StrEnum):
    """Which positions attention may see: all, none after its own, or what a mask says."""

    NONE = "none"
    CAUSAL = "causal"
    ARBITRARY = "arbitrary"


class ShardStatus(StrEnum):
    """Whether an argument or result comes already distributed over the mesh."""

    PRESHARDED = "presharded"
    UNSHARDED = "unsharded"


class ShardDirection(StrEnum):
    """Whether a mesh shard op distributes a tensor or collects one."""

    FULL_TO_SHARD = "full_to_shard"
    SHARD_TO_FULL = "shard_to_full"


class ShardType(StrEnum):
    """How a tensor is distributed over the mesh."""

    IDENTITY = "identity"
    REPLICATE = "replicate"
    MAXIMAL = "maximal"
    DEVICES = "devices"


class MoeActivationFunction(StrEnum):
    """The activation of the experts of a mixture of experts."""

    SILU = "silu"
    SWIGLU = "swiglu"


_Enum = TypeVar("_Enum", bound=StrEnum)


class BracketedEnumAttribute(Data[_Enum]):
    """An enumerator in angle brackets: `#ttcore.argument_type<input>`."""

    enum_type: ClassVar[type[StrEnum]]

    @classmethod
    def parse_parameter(cls, parser: AttrParser) -> _Enum:
        with parser.in_angle_brackets():
            return cast(_Enum, parser.parse_str_enum(cls.enum_type))

    def print_parameter(self, printer: Printer) -> None:
        with printer.in_angle_brackets():
            printer.print_string(self.data.value)


@irdl_attr_definition
class ArgumentTypeAttr(BracketedEnumAttribute[ArgumentType]):
    """On an argument: what it is to the model."""

    name = "ttcore.argument_type"
    enum_type = ArgumentType


def argument_type_of(function: FuncOp, index: int) -> ArgumentType | None:
    """What argument `index` of `function` is to the model; None if it does not say."""
    if function.arg_attrs is None:
        return None
    attribute = function.arg_attrs.data[index].data.get(ArgumentTypeAttr.name)
    return attribute.data if isinstance(attribute, ArgumentTypeAttr) else None


@irdl_attr_definition
class ReduceTypeAttr(BracketedEnumAttribute[ReduceType]):
    """How a collective or a scatter combines elements."""

    name = "ttcore.reduce_type"
    enum_type = ReduceType


@irdl_attr_definition
class AttentionMaskTypeAttr(BracketedEnumAttribute[AttentionMaskType]):
    """The mask of a fused attention."""

    name = "ttcore.attention_mask_type"
    enum_type = AttentionMaskType


@irdl_attr_definition
class MoeActivationFunctionAttr(BracketedEnumAttribute[MoeActivationFunction]):
    """The activation of fused experts."""

    name = "ttcore.moe_activation_function"
    enum_type = MoeActivationFunction


@irdl_attr_definition
class ShardStatusAttr(BracketedEnumAttribute[ShardStatus]):
    """On an argument or result: whether it is already distributed."""

    name = "ttcore.shard_status"
    enum_type = ShardStatus


@irdl_attr_definition
class ShardDirectionAttr(BracketedEnumAttribute[ShardDirection]):
    """The direction of a mesh shard op."""

    name = "ttcore.shard_direction"
    enum_type = ShardDirection


@irdl_attr_definition
class ShardTypeAttr(BracketedEnumAttribute[ShardType]):
    """The distribution of a mesh shard op."""

    name = "ttcore.shard_type"
    enum_type = ShardType


@irdl_attr_definition
class MeshAttr(ParametrizedAttribute):
    """A named mesh of chips: `<"mesh" = 2x4>` inside `#ttcore.meshes`."""

    name = "ttcore.mesh"

    mesh_name: StringAttr = param_def()
    shape: ArrayAttr[IntAttr] = param_def()

    @classmethod
    def parse_parameters(cls, parser: AttrParser) -> Sequence[Attribute]:
        with parser.in_angle_brackets():
            name = StringAttr(parser.parse_str_literal())
            parser.parse_punctuation("=")
            return [name, ArrayAttr([IntAttr(d) for d in parser.parse_dimension_list()])]

    def print_parameters(self, printer: Printer) -> None:
        with printer.in_angle_brackets():
            printer.print_string_literal(self.mesh_name.data)
            printer.print_string(" = ")
            printer.print_dimension_list([d.data for d in self.shape])


@irdl_attr_definition
class MeshesAttr(ParametrizedAttribute):
    """On a module: the meshes it is written for, `#ttcore.meshes<[<"mesh" = 1x1>]>`."""

    name = "ttcore.meshes"

    meshes: ArrayAttr[MeshAttr] = param_def()

    @classmethod
    def parse_parameters(cls, parser: AttrParser) -> Sequence[Attribute]:
        with parser.in_angle_brackets():
            meshes = parser.parse_comma_separated_list(
                parser.Delimiter.SQUARE, lambda: MeshAttr.new(MeshAttr.parse_parameters(parser))
            )
            return [ArrayAttr(meshes)]

    def print_parameters(self, printer: Printer) -> None:
        with printer.in_angle_brackets(), printer.in_square_brackets():
            printer.print_list(self.meshes, lambda mesh: mesh.print_parameters(printer))


@irdl_attr_definition
class TensorMeshAttr(ParametrizedAttribute):
    """The encoding of a tensor that is distributed over a mesh: `#ttcore.tensor_mesh<"mesh">`."""

    name = "ttcore.tensor_mesh"

    mesh_name: StringAttr = param_def()

    @classmethod
    def parse_parameters(cls, parser: AttrParser) -> Sequence[Attribute]:
        with parser.in_angle_brackets():
            return [StringAttr(parser.parse_str_literal())]

    def print_parameters(self, printer: Printer) -> None:
        with printer.in_angle_brackets():
            printer.print_string_literal(self.mesh_name.data)


@irdl_attr_definition
class LocalShapeAttr(ParametrizedAttribute, SpacedOpaqueSyntaxAttribute):
    """On an argument or result: its type on one chip, `#ttcore<local_shape local_shape = tensor<..>>`."""

    name = "ttcore.local_shape"

    local_shape: AnyTensorType = param_def(AnyTensorTypeConstr)

    @classmethod
    def parse_parameters(cls, parser: AttrParser) -> Sequence[Attribute]:
        parser.parse_keyword("local_shape")
        parser.parse_punctuation("=")
        return [parser.parse_type()]

    def print_parameters(self, printer: Printer) -> None:
        printer.print_string("local_shape = ")
        printer.print_attribute(self.local_shape)
