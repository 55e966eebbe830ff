"""Steps of an optimiser."""

from __future__ import annotations

from xdsl.dialects.builtin import AnyTensorTypeConstr, BoolAttr
from xdsl.irdl import (
    irdl_op_definition,
    operand_def,
    opt_operand_def,
    opt_result_def,
    prop_def,
    result_def,
    traits_def,
)
from xdsl.traits import Pure

from tilewright.dialects.ttir.attention_shapes import require_same_type, require_shape
from tilewright.dialects.ttir.attributes import FALSE, F32Attr
from tilewright.dialects.ttir.bases import TTIROp
from tilewright.dialects.ttir.shapes import require
from tilewright.dialects.types import shape_of


@irdl_op_definition
class AdamWOp(TTIROp):
    """One step of AdamW: the parameter and the moment estimates after it.

    exp_avg_out = beta1 * exp_avg + (1 - beta1) * grad, exp_avg_sq_out = beta2 * exp_avg_sq + (1 - beta2) * grad^2 and
    param_out = (1 - lr * weight_decay) * param - lr / (1 - beta1_pow) * exp_avg_out / (sqrt(v / (1 - beta2_pow)) +
    epsilon), where v is exp_avg_sq_out. With `max_exp_avg_sq` (AMSGrad) v is the larger of the two, which
    max_exp_avg_sq_out is, too. `beta1_pow` and `beta2_pow` are beta1^t and beta2^t at step t. With
    `stochastic_rounding`, the parameter is rounded up or down by chance.

    Shapes: all operands and results have that of `param`.

    Conditions: each result has the type of the operand that it updates; there is a max_exp_avg_sq_out if there is a
    max_exp_avg_sq.
    """

    name = "ttir.adamw"

    param = operand_def(AnyTensorTypeConstr)
    grad = operand_def(AnyTensorTypeConstr)
    exp_avg = operand_def(AnyTensorTypeConstr)
    exp_avg_sq = operand_def(AnyTensorTypeConstr)
    max_exp_avg_sq = opt_operand_def(AnyTensorTypeConstr)

    lr = prop_def(F32Attr)
    beta1 = prop_def(F32Attr)
    beta2 = prop_def(F32Attr)
    beta1_pow = prop_def(F32Attr)
    beta2_pow = prop_def(F32Attr)
    epsilon = prop_def(F32Attr)
    weight_decay = prop_def(F32Attr)
    stochastic_rounding = prop_def(BoolAttr, default_value=FALSE)

    param_out = result_def(AnyTensorTypeConstr)
    exp_avg_out = result_def(AnyTensorTypeConstr)
    exp_avg_sq_out = result_def(AnyTensorTypeConstr)
    max_exp_avg_sq_out = opt_result_def(AnyTensorTypeConstr)

    traits = traits_def(Pure())

    def verify_semantics(self) -> None:
        shape = shape_of(self.param)
        require_shape(self.grad, "grad", shape)
        for name, operand, result in (
            ("param", self.param, self.param_out),
            ("exp_avg", self.exp_avg, self.exp_avg_out),
            ("exp_avg_sq", self.exp_avg_sq, self.exp_avg_sq_out),
            ("max_exp_avg_sq", self.max_exp_avg_sq, self.max_exp_avg_sq_out),
        ):
            if operand is None or result is None:
                require(result is None, f"result '{name}_out' is given, expected none without the operand '{name}'")
                require(operand is None, f"result '{name}_out' is missing, expected with the operand '{name}'")
                continue
            require_shape(operand, name, shape)
            require_same_type(result, f"{name}_out", operand, name, role="result")


OPTIMIZER_OPS = (AdamWOp,)
