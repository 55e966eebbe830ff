"""Random choices."""

from __future__ import annotations

from xdsl.dialects.builtin import AnyTensorTypeConstr
from xdsl.irdl import irdl_op_definition, operand_def, opt_prop_def
from xdsl.utils.exceptions import VerifyException

from tilewright.dialects.ttir.attributes import UI32Attr
from tilewright.dialects.ttir.bases import SingleResultOp
from tilewright.dialects.ttir.shapes import Shape, may_be_equal
from tilewright.dialects.types import shape_of


@irdl_op_definition
class SamplingOp(SingleResultOp):
    """One of the candidates of each request, drawn at random: top-k, then top-p, then multinomial.

    For a request with the logits `input_values`: the largest `k` logits stay, of equal ones those that come first.
    Divided by `temp` and put through softmax, they are probabilities, sorted from large to small. The first ones whose
    sum reaches `p` stay, at least one. A number u is drawn uniformly from [0, 1), and the candidate is the first at
    which the running sum of the probabilities exceeds u times their sum; the result is its entry in `input_indices`.
    At a temperature of 0 the largest logit wins. So tt-mlir documents `temp`, and its golden function divides by it;
    tt-metal's kernel multiplies by it, and callers such as tt-xla give that 1 / temperature.

    The numbers u are those that `torch.rand(batch, dtype=torch.float64)` draws with a generator of its own, seeded by
    `seed`, or by 0 without one, so that a run can be repeated. A device draws others from the same distribution.

    Shapes: `input_values` and `input_indices` (batch, candidates), `k`, `p` and `temp` (batch); the result (batch).

    Conditions: the shapes. When the op runs, `k` is at least 1 and `temp` not negative.
    """

    name = "ttir.sampling"

    input_values = operand_def(AnyTensorTypeConstr)
    input_indices = operand_def(AnyTensorTypeConstr)
    k = operand_def(AnyTensorTypeConstr)
    p = operand_def(AnyTensorTypeConstr)
    temp = operand_def(AnyTensorTypeConstr)

    seed = opt_prop_def(UI32Attr)

    def infer_shape(self) -> Shape:
        values, indices = shape_of(self.input_values), shape_of(self.input_indices)
        if len(values) != 2:
            raise VerifyException(f"operand 'input_values' has the shape {values}, expected (batch, candidates)")
        if not may_be_equal(indices, values):
            raise VerifyException(
                f"operand 'input_indices' has the shape {indices}, expected {values}, that of 'input_values'"
            )
        batch = values[:1]
        for name, value in (("k", self.k), ("p", self.p), ("temp", self.temp)):
            if not may_be_equal(shape_of(value), batch):
                raise VerifyException(
                    f"operand '{name}' has the shape {shape_of(value)}, expected {batch}, the batch of 'input_values'"
                )
        return batch


SAMPLING_OPS = (SamplingOp,)
