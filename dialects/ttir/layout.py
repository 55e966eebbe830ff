"""Buffers without contents, and how tensors lie in memory: copies into another layout, casts, addresses.

Beside a plain tensor, an operand may be one that is spread over cores (`#ttcore.metal_layout`), one with a layout of
TTNN (`#ttnn.ttnn_layout`), or a memref.
"""

from __future__ import annotations

from abc import ABC
from collections.abc import Set as AbstractSet

from xdsl.dialects.builtin import (
    AffineMapAttr,
    AnyTensorTypeConstr,
    LocationAttr,
    MemRefType,
    NoneAttr,
)
from xdsl.ir import Attribute, Operation
from xdsl.irdl import (
    BaseAttr,
    ParsePropInAttrDict,
    irdl_op_definition,
    operand_def,
    opt_prop_def,
    prop_def,
    result_def,
    traits_def,
    var_result_def,
)
from xdsl.traits import EffectInstance, MemoryEffect, MemoryEffectKind, MemoryFreeEffect, Pure
from xdsl.utils.exceptions import VerifyException

from tilewright.dialects.ttcore import MemorySpace, MemorySpaceAttr, MetalLayoutAttr, TileType
from tilewright.dialects.ttir.attributes import I64Attr
from tilewright.dialects.ttir.bases import TTIROp, Value, value_of
from tilewright.dialects.ttir.shapes import Shape, may_be_equal
from tilewright.dialects.ttir.traits import AllocatesResult, LayoutCastPatterns, ToLayoutPatterns
from tilewright.dialects.ttnn import TTNNLayoutAttr, TTNNNDLayoutAttr
from tilewright.dialects.types import is_tensor

_MEMREF = BaseAttr(MemRefType)


class LayoutOp(TTIROp, ABC):
    """An op whose tensors and memrefs may have tiles for elements."""

    def takes(self, type: Attribute) -> bool:
        element = getattr(type, "element_type", None)
        return isinstance(element, TileType) or isinstance(type, MemRefType) or super().takes(type)


def logical_shape(type: Attribute) -> Shape | None:
    """The shape of the tensor before it was spread over cores; None of a memref, of which it is not known."""
    if not is_tensor(type):
        return None
    encoding = type.encoding
    return encoding.shape if isinstance(encoding, MetalLayoutAttr) else type.get_shape()


@irdl_op_definition
class EmptyOp(LayoutOp):
    """A tensor whose elements are not defined.

    Shapes: that of the type.
    """

    name = "ttir.empty"

    result = result_def(AnyTensorTypeConstr)

    traits = traits_def(AllocatesResult())

    assembly_format = "`(` `)` attr-dict `:` type($result)"

    def __init__(self, result_type: Attribute, *, location: LocationAttr | None = None):
        self._init((), (result_type,), {}, location)


class _WritesMemref(MemoryEffect):
    """Writes into the second operand if it is a memref; else it has no effect."""

    @classmethod
    def get_effects(cls, op: Operation) -> AbstractSet[EffectInstance]:
        target = op.operands[1]
        return {EffectInstance(MemoryEffectKind.WRITE, target)} if isinstance(target.type, MemRefType) else set()


@irdl_op_definition
class ToLayoutOp(LayoutOp):
    """`input` with the element type and layout of `output`, whose elements do not matter.

    Elements are cast as by `typecast`. A memref is written, and there is no result.

    Shapes: input and output have the same shape, the logical one of a tensor that is spread over cores; so has the
    result.

    Conditions: both are tensors or both are memrefs; there is no result, or a tensor of the type of `output`.
    """

    name = "ttir.to_layout"

    input = operand_def(AnyTensorTypeConstr | _MEMREF)
    output = operand_def(AnyTensorTypeConstr | _MEMREF)
    outputs = var_result_def(AnyTensorTypeConstr)

    layout = opt_prop_def(MetalLayoutAttr)

    traits = traits_def(_WritesMemref(), ToLayoutPatterns())

    assembly_format = (
        "$input `,` $output `:` type($input) `into` type($output) (`hostInfo` `=` $layout^)? "
        "attr-dict (`->` type($outputs)^)?"
    )

    def __init__(self, input: Value, output: Value, *, location: LocationAttr | None = None):
        source, target = value_of(input), value_of(output)
        self._init((source, target), (target.type,), {}, location)

    def verify_semantics(self) -> None:
        source, target = logical_shape(self.input.type), logical_shape(self.output.type)
        if (source is None) != (target is None):
            kind = "memref" if source is None else "tensor"
            raise VerifyException(
                f"operand 'output' has the type {self.output.type}, expected a {kind}, as 'input' is one"
            )
        if source is not None and target is not None and not may_be_equal(source, target):
            raise VerifyException(f"operand 'output' has the shape {target}, expected {source}, that of 'input'")
        found, expected = tuple(self.result_types), self.output.type
        allowed = [()] if target is None else [(), (expected,)]
        if found not in allowed:
            types = [str(t) for t in found]
            raise VerifyException(f"the results have the types {types}, expected {[str(t) for t in allowed[-1]]}")


@irdl_op_definition
class TTNNMetalLayoutCastOp(LayoutOp):
    """The same memory, seen through a layout of TTNN instead of one that is spread over cores, or the other way round.

    Shapes: those of the types; no element moves.

    Conditions: a tensor with a layout of TTNN becomes one that is spread over cores or a memref, and these become a
    tensor with a layout of TTNN.
    """

    name = "ttir.ttnn_metal_layout_cast"

    input = operand_def(AnyTensorTypeConstr | _MEMREF)
    result = result_def(AnyTensorTypeConstr | _MEMREF)

    virtual_grid_inverse_mapping = opt_prop_def(AffineMapAttr)
    virtual_grid_forward_mapping = opt_prop_def(AffineMapAttr)

    traits = traits_def(Pure(), LayoutCastPatterns())

    irdl_options = (ParsePropInAttrDict(),)

    assembly_format = "$input attr-dict `:` type($input) `->` type($result)"

    def verify_semantics(self) -> None:
        source, target = self.input.type, self.result.type
        if _has_ttnn_layout(source) and not _is_spread(target):
            raise VerifyException(
                f"the result has the type {target}, expected a tensor with a metal layout or a memref, "
                "as 'input' has a layout of TTNN"
            )
        if _is_spread(source) and not _has_ttnn_layout(target):
            raise VerifyException(
                f"the result has the type {target}, expected a tensor with a layout of TTNN, "
                "as 'input' has a metal layout or is a memref"
            )


def _has_ttnn_layout(type: Attribute) -> bool:
    return is_tensor(type) and isinstance(type.encoding, TTNNLayoutAttr | TTNNNDLayoutAttr)


def _is_spread(type: Attribute) -> bool:
    return isinstance(type, MemRefType) or (is_tensor(type) and isinstance(type.encoding, MetalLayoutAttr))


@irdl_op_definition
class AllocOp(LayoutOp):
    """A tensor at an address; its elements are not defined.

    Shapes: that of the type.

    Conditions: the type has a metal layout, in the memory of the op; the size is not 0; the address is 0 in a memory
    of the host, where the runtime chooses it, and not 0 in one of the device.
    """

    name = "ttir.alloc"

    result = result_def(AnyTensorTypeConstr)

    address = prop_def(I64Attr)
    size = prop_def(I64Attr)
    memory_space = prop_def(MemorySpaceAttr)

    traits = traits_def(AllocatesResult())

    def verify_semantics(self) -> None:
        layout = self.result.type.encoding
        if not isinstance(layout, MetalLayoutAttr):
            found = "no encoding" if isinstance(layout, NoneAttr) else f"the encoding {layout}"
            raise VerifyException(f"the result has {found}, expected a metal layout")
        size, address, memory = self.size.value.data, self.address.value.data, self.memory_space.data
        if size == 0:
            raise VerifyException("attribute 'size' is 0, expected another value")
        if layout.memory is not memory:
            raise VerifyException(
                f"attribute 'memory_space' is '{memory}', expected that of the result, '{layout.memory}'"
            )
        if memory in (MemorySpace.SYSTEM, MemorySpace.MMIO) and address != 0:
            raise VerifyException(f"attribute 'address' is {address}, expected 0 in the memory '{memory}' of the host")
        if memory in (MemorySpace.DRAM, MemorySpace.L1) and address == 0:
            raise VerifyException(f"attribute 'address' is 0, expected another value in the memory '{memory}'")


@irdl_op_definition
class DeallocOp(LayoutOp):
    """Gives the memory of a tensor back. No result.

    Shapes: any.
    """

    name = "ttir.dealloc"

    result = operand_def(AnyTensorTypeConstr)

    traits = traits_def(MemoryFreeEffect())


LAYOUT_OPS = (AllocOp, DeallocOp, EmptyOp, ToLayoutOp, TTNNMetalLayoutCastOp)
