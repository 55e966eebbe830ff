"""Functions of each element that take no attributes."""

from __future__ import annotations

from xdsl.irdl import irdl_op_definition, traits_def

from tilewright.dialects.ttir.bases import PredicateOp, UnaryOp
from tilewright.dialects.ttir.traits import Idempotent, Involution


@irdl_op_definition
class AbsOp(UnaryOp):
    """|x|."""

    name = "ttir.abs"
    traits = traits_def(Idempotent())


@irdl_op_definition
class CeilOp(UnaryOp):
    """The smallest integer >= x."""

    name = "ttir.ceil"
    traits = traits_def(Idempotent())


@irdl_op_definition
class CosOp(UnaryOp):
    """cos(x), x in radians."""

    name = "ttir.cos"


@irdl_op_definition
class ErfOp(UnaryOp):
    """The error function, 2 / sqrt(pi) times the integral of exp(-t^2) from 0 to x."""

    name = "ttir.erf"


@irdl_op_definition
class ExpOp(UnaryOp):
    """e^x."""

    name = "ttir.exp"


@irdl_op_definition
class FloorOp(UnaryOp):
    """The largest integer <= x."""

    name = "ttir.floor"
    traits = traits_def(Idempotent())


@irdl_op_definition
class GeluOp(UnaryOp):
    """x / 2 * (1 + erf(x / sqrt(2)))."""

    name = "ttir.gelu"


@irdl_op_definition
class IsFiniteOp(PredicateOp):
    """Neither infinite nor NaN."""

    name = "ttir.isfinite"


@irdl_op_definition
class LogOp(UnaryOp):
    """The natural logarithm of x."""

    name = "ttir.log"


@irdl_op_definition
class Log1pOp(UnaryOp):
    """The natural logarithm of 1 + x."""

    name = "ttir.log1p"


@irdl_op_definition
class LogicalNotOp(PredicateOp):
    """x == 0."""

    name = "ttir.logical_not"


@irdl_op_definition
class NegOp(UnaryOp):
    """-x."""

    name = "ttir.neg"
    traits = traits_def(Involution())


@irdl_op_definition
class ReciprocalOp(UnaryOp):
    """1 / x."""

    name = "ttir.reciprocal"


@irdl_op_definition
class ReluOp(UnaryOp):
    """max(x, 0)."""

    name = "ttir.relu"
    traits = traits_def(Idempotent())


@irdl_op_definition
class RsqrtOp(UnaryOp):
    """1 / sqrt(x)."""

    name = "ttir.rsqrt"


@irdl_op_definition
class SigmoidOp(UnaryOp):
    """1 / (1 + e^-x)."""

    name = "ttir.sigmoid"


@irdl_op_definition
class SignOp(UnaryOp):
    """-1, 0 or 1."""

    name = "ttir.sign"
    traits = traits_def(Idempotent())


@irdl_op_definition
class SiluOp(UnaryOp):
    """x * sigmoid(x)."""

    name = "ttir.silu"


@irdl_op_definition
class SinOp(UnaryOp):
    """sin(x), x in radians."""

    name = "ttir.sin"


@irdl_op_definition
class SqrtOp(UnaryOp):
    """The square root of x."""

    name = "ttir.sqrt"


@irdl_op_definition
class TanhOp(UnaryOp):
    """The hyperbolic tangent of x."""

    name = "ttir.tanh"


UNARY_OPS = (
    AbsOp,
    CeilOp,
    CosOp,
    ErfOp,
    ExpOp,
    FloorOp,
    GeluOp,
    IsFiniteOp,
    LogOp,
    Log1pOp,
    LogicalNotOp,
    NegOp,
    ReciprocalOp,
    ReluOp,
    RsqrtOp,
    SigmoidOp,
    SignOp,
    SiluOp,
    SinOp,
    SqrtOp,
    TanhOp,
)
