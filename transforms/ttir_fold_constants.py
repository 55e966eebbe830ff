"""Computes at compile time what depends on no argument.

Models build position ids, masks and ranges from nothing; about a fifth of an exported graph depends on no input. What
is computed here comes back as the smallest literal that holds it: equal numbers, a range, or a short list. Longer
results stay computations, and move into a const-eval function later.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from xdsl.context import Context
from xdsl.dialects.builtin import AnyFloat, AnyTensorType, DenseIntOrFPElementsAttr, ModuleOp, TensorType
from xdsl.dialects.func import FuncOp
from xdsl.ir import Attribute, Operation, SSAValue

from tilewright.dialects import ttir
from tilewright.dialects.text import dense_splat
from tilewright.dialects.types import is_tensor
from tilewright.support.evaluator import Elements, Evaluator, Iota, Splat, Value
from tilewright.transforms.conversion.call import is_number, literal, misfit
from tilewright.transforms.literals import is_literal
from tilewright.transforms.locations import at_location
from tilewright.transforms.modules import forward_functions
from tilewright.transforms.services import NeedsEvaluator


@dataclass(frozen=True)
class TtirFoldConstants(NeedsEvaluator):
    """Replaces computations without arguments by literals."""

    name = "ttir-fold-constants"

    max_elements: int = 64
    """Longest list of irregular numbers that is written out."""
    max_bytes: int = 1 << 26
    """Largest tensor that is computed."""

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        for function in forward_functions(op):
            self._fold(function)

    def _fold(self, function: FuncOp) -> None:
        evaluator: Evaluator | None = None
        known: dict[SSAValue, Value] = {}
        folded: list[Operation] = []
        for op in function.body.block.ops:
            if not op.results or op.regions or not all(o in known for o in op.operands):
                continue
            if not all(self._is_small(r.type) for r in op.results):
                continue
            evaluator = evaluator or self.evaluator()
            if not evaluator.can_evaluate(op):
                continue
            results = evaluator.evaluate(op, [known[o] for o in op.operands])
            known.update(zip(op.results, results, strict=True))
            folded.append(op)
        if evaluator is None:
            return
        inside = set(folded)
        for op in folded:
            if is_literal(op):
                continue
            for result in op.results:
                if any(use.operation not in inside for use in result.uses):
                    self._materialise(result, known[result], op, evaluator)
        block = function.body.block
        for op in reversed(folded):
            if all(not r.uses for r in op.results):
                block.erase_op(op)

    def _is_small(self, type: Attribute) -> bool:
        if not is_tensor(type):
            return True
        return type.has_static_shape() and type.element_count() * 8 <= self.max_bytes

    def _materialise(self, result: SSAValue, value: Value, op: Operation, evaluator: Evaluator) -> None:
        """Replace `result` by a literal; it stays where there is none that is short enough."""
        if not is_tensor(result.type):
            return
        described = evaluator.describe(value, result.type, self.max_elements)
        made = None if described is None else _literal(described, result.type)
        if made is not None:
            block = op.parent_block()
            assert block is not None  # the op was met in a block
            block.insert_op_before(at_location(op, made), op)
            made.results[0].name_hint = result.name_hint
            result.replace_all_uses_with(made.results[0])


def _literal(described: Splat | Iota | Elements, type: AnyTensorType) -> Operation | None:
    """The op that makes these numbers; None where TTIR has no way to write them down."""
    shape, element = type.get_shape(), type.element_type
    if not is_number(element):
        return None
    # For an integer type the numbers are ints, which are floats to a type checker.
    numbers_type = cast("TensorType[AnyFloat]", type)
    match described:
        case Splat(value) if misfit(value, element) is None:
            return ttir.FullOp(shape, literal(value, element), element)
        case Splat(value):
            number = DenseIntOrFPElementsAttr.from_list(TensorType(numbers_type.element_type, []), [value])
            return ttir.ConstantOp(dense_splat(numbers_type, number.data.data))
        case Iota(start, step, dim):
            return ttir.ArangeOp(shape, element, start, step, dim)
        case Elements(values):
            return ttir.ConstantOp(DenseIntOrFPElementsAttr.from_list(numbers_type, values)) if values else None
