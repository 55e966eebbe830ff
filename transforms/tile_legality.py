"""Whether the device can run a TTIR op, and why not.

An op is legal where its element types exist on the device, its rule's own conditions hold, and each kernel that it
becomes has a model that fits the L1 of a core.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

from xdsl.dialects.builtin import ArrayAttr, StringAttr
from xdsl.ir import Block, Operation, SSAValue

from tilewright.dialects import aten
from tilewright.dialects.tile import KernelOp, tile_tensor
from tilewright.dialects.types import element_type_of, shape_of
from tilewright.machine.blocks import KernelShape
from tilewright.machine.catalog import load_device
from tilewright.machine.opmodel import best_model
from tilewright.support.dataformat import DataFormat, format_named
from tilewright.support.errors import ResourceError
from tilewright.support.reasons import Reason, ReasonCode
from tilewright.transforms.kernel_shapes import kernel_shape
from tilewright.transforms.lowering.context import Lowering, device_format, type_reasons
from tilewright.transforms.lowering.table import RULES

if TYPE_CHECKING:
    from tilewright.machine.device import Device

DECLINED = "tilewright.declined"
"""On an op that a conversion left alone: which of its conditions did not hold, one string a condition."""


@dataclass
class TileLegality:
    """Judges ops for one device in one default format; ops of equal types and properties are judged once."""

    device_name: str
    default_format: str
    accumulate_format: str
    _known: dict[Hashable, list[Reason]] = field(default_factory=dict[Hashable, "list[Reason]"])

    @cached_property
    def device(self) -> Device:
        """The descriptor, loaded when the first op is judged."""
        return load_device(self.device_name)

    def reasons_against(self, op: Operation) -> list[Reason]:
        """Every reason why the device cannot run `op`; empty if it can."""
        key = (
            op.name,
            tuple(op.properties.items()),
            tuple(o.type for o in op.operands),
            tuple(r.type for r in op.results),
            op.attributes.get(DECLINED),
        )
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = self._judge(op)
        return found

    def _judge(self, op: Operation) -> list[Reason]:
        reasons: list[Reason] = []
        rule = RULES.get(op.name)
        if rule is None:
            reasons += _no_lowering(op)
        for role, values in (("operand", op.operands), ("result", op.results)):
            for i, value in enumerate(values):
                reasons += type_reasons(f"{role} {i}", value.type)
        if rule is None or reasons:
            return reasons
        return rule.check(op) or self._misfits(op)

    def _misfits(self, op: Operation) -> list[Reason]:
        """Reasons of kernels that fit no core: the op is lowered on its own, and each kernel placed."""
        to = Lowering(Block())
        alone: dict[SSAValue, SSAValue] = {}
        for operand in op.operands:
            fmt = device_format(element_type_of(operand))
            assert fmt is not None  # the types have been judged before
            if operand not in alone:
                alone[operand] = to.block.insert_arg(operand.type, len(to.block.args))
                tiled = tile_tensor(shape_of(operand), fmt)
                to.values[alone[operand]] = to.block.insert_arg(tiled, len(to.block.args))
        # A clone on arguments of its own: what else the lowering might fuse it with is judged by itself.
        RULES[op.name].lower(op.clone(alone), to)
        reasons: list[Reason] = []
        for kernel in to.block.ops:
            if isinstance(kernel, KernelOp):
                try:
                    best_model(self.device, self._in_default_format(kernel_shape(kernel)))
                except ResourceError as error:
                    why = error.why or error.what
                    reasons.append(Reason(ReasonCode.L1_OVERFLOW, f"{kernel.name}: {why}", error.hint))
        return reasons

    def _in_default_format(self, shape: KernelShape) -> KernelShape:
        default, accumulate = format_named(self.default_format), format_named(self.accumulate_format)

        def chosen(fmt: DataFormat) -> DataFormat:
            return default if fmt.is_float else fmt

        return replace(
            shape,
            inputs=tuple(replace(i, format=chosen(i.format)) for i in shape.inputs),
            output_format=chosen(shape.output_format),
            accumulate_format=accumulate,
            intermediate_format=accumulate,
        )


def _no_lowering(op: Operation) -> list[Reason]:
    name = op.callee.data if isinstance(op, aten.CallOp) else op.name
    match op.attributes.get(DECLINED):
        case ArrayAttr(data=texts):
            return [Reason(ReasonCode.CONSTRAINT, f"{name}: {t.data}") for t in texts if isinstance(t, StringAttr)]
        case _:
            return [Reason(ReasonCode.NO_LOWERING, f"{name} has no tile-level kernel")]
