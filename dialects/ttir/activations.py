"""Activation functions of neural networks that take no attributes."""

from __future__ import annotations

from xdsl.irdl import irdl_op_definition, traits_def

from tilewright.dialects.ttir.bases import UnaryOp
from tilewright.dialects.ttir.traits import Idempotent


@irdl_op_definition
class GeluOp(UnaryOp):
    """x / 2 * (1 + erf(x / sqrt(2)))."""

    name = "ttir.gelu"


@irdl_op_definition
class HardsigmoidOp(UnaryOp):
    """min(max(x + 3, 0), 6) / 6."""

    name = "ttir.hardsigmoid"


@irdl_op_definition
class MishOp(UnaryOp):
    """x * tanh(log(1 + e^x))."""

    name = "ttir.mish"


@irdl_op_definition
class ReluOp(UnaryOp):
    """max(x, 0)."""

    name = "ttir.relu"
    traits = traits_def(Idempotent())


@irdl_op_definition
class Relu6Op(UnaryOp):
    """min(max(x, 0), 6)."""

    name = "ttir.relu6"
    traits = traits_def(Idempotent())


@irdl_op_definition
class SigmoidOp(UnaryOp):
    """1 / (1 + e^-x)."""

    name = "ttir.sigmoid"


@irdl_op_definition
class SiluOp(UnaryOp):
    """x * sigmoid(x)."""

    name = "ttir.silu"


@irdl_op_definition
class SoftsignOp(UnaryOp):
    """x / (1 + |x|); NaN for infinities."""

    name = "ttir.softsign"


@irdl_op_definition
class TanhshrinkOp(UnaryOp):
    """x - tanh(x)."""

    name = "ttir.tanhshrink"


ACTIVATION_OPS = (
    GeluOp,
    HardsigmoidOp,
    MishOp,
    ReluOp,
    Relu6Op,
    SigmoidOp,
    SiluOp,
    SoftsignOp,
    TanhshrinkOp,
)
