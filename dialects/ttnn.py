"""Attributes of tt-mlir's `ttnn` dialect, which may stand in TTIR's types and ops; their contents are not looked at.

Source: the names in tt-mlir ``TTNNOpsAttrs.td``.
"""

from __future__ import annotations

from collections.abc import Sequence

from xdsl.dialects.builtin import StringAttr
from xdsl.ir import Attribute, Dialect, ParametrizedAttribute
from xdsl.irdl import irdl_attr_definition, param_def
from xdsl.parser import AttrParser
from xdsl.printer import Printer

from tilewright.dialects.bracketed import parse_bracketed


class TTNNAttr(ParametrizedAttribute):
    """An attribute as its text, in which aliases are written out and white space is a single blank."""

    text: StringAttr = param_def()

    @classmethod
    def parse_parameters(cls, parser: AttrParser) -> Sequence[Attribute]:
        return [StringAttr(parse_bracketed(parser))]

    def print_parameters(self, printer: Printer) -> None:
        printer.print_string(self.text.data)


def _attribute(mnemonic: str) -> type[TTNNAttr]:
    attributes = {"name": f"ttnn.{mnemonic}", "__module__": __name__, "__doc__": f"`#ttnn.{mnemonic}`, as its text."}
    name = "".join(part.capitalize() for part in mnemonic.split("_")) + "Attr"
    return irdl_attr_definition(type(name, (TTNNAttr,), attributes))


TTNNLayoutAttr, TTNNNDLayoutAttr = _attribute("ttnn_layout"), _attribute("ttnn_nd_layout")

TTNN = Dialect(
    "ttnn",
    [],
    [
        TTNNLayoutAttr,
        TTNNNDLayoutAttr,
        *(
            _attribute(mnemonic)
            for mnemonic in (
                "buffer_type",
                "compute_kernel_config",
                "conv2d_config",
                "conv2d_slice_config",
                "conv3d_config",
                "core_coord",
                "core_range",
                "core_range_set",
                "device_compute_kernel_config",
                "layout",
                "memory_config",
                "mesh_offset",
                "mesh_shape",
                "nd_shard_spec",
                "shape",
                "shard_orientation",
                "shard_spec",
                "tensor_memory_layout",
                "unary_op_type",
                "unary_with_param",
            )
        ),
    ],
)
