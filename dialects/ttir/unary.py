"""Functions of each element that take no attributes; see also `activations` and `trigonometric`."""

from __future__ import annotations

from xdsl.irdl import irdl_op_definition, traits_def

from tilewright.dialects.ttir.bases import PredicateOp, UnaryOp
from tilewright.dialects.ttir.traits import Idempotent, Involution


@irdl_op_definition
class AbsOp(UnaryOp):
    """|x|; the least signed integer stays what it is."""

    name = "ttir.abs"
    traits = traits_def(Idempotent())


@irdl_op_definition
class BitwiseNotOp(UnaryOp):
    """x with each bit flipped, of integers or of the bits of floats."""

    name = "ttir.bitwise_not"
    traits = traits_def(Involution())


@irdl_op_definition
class CbrtOp(UnaryOp):
    """The real cube root of x, which has the sign of x."""

    name = "ttir.cbrt"


@irdl_op_definition
class CeilOp(UnaryOp):
    """The smallest integer >= x."""

    name = "ttir.ceil"
    traits = traits_def(Idempotent())


@irdl_op_definition
class ErfOp(UnaryOp):
    """The error function, 2 / sqrt(pi) times the integral of exp(-t^2) from 0 to x."""

    name = "ttir.erf"


@irdl_op_definition
class ErfcOp(UnaryOp):
    """1 - erf(x), accurate where erf(x) is close to 1."""

    name = "ttir.erfc"


@irdl_op_definition
class ExpOp(UnaryOp):
    """e^x."""

    name = "ttir.exp"


@irdl_op_definition
class Exp2Op(UnaryOp):
    """2^x."""

    name = "ttir.exp2"


@irdl_op_definition
class Expm1Op(UnaryOp):
    """e^x - 1, accurate where x is close to 0."""

    name = "ttir.expm1"


@irdl_op_definition
class FloorOp(UnaryOp):
    """The largest integer <= x."""

    name = "ttir.floor"
    traits = traits_def(Idempotent())


@irdl_op_definition
class FracOp(UnaryOp):
    """x - trunc(x)."""

    name = "ttir.frac"


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
    """The natural logarithm of 1 + x, accurate where x is close to 0."""

    name = "ttir.log1p"


@irdl_op_definition
class LogicalNotOp(PredicateOp):
    """x == 0."""

    name = "ttir.logical_not"


@irdl_op_definition
class NegOp(UnaryOp):
    """-x; of integers, modulo 2^n."""

    name = "ttir.neg"
    traits = traits_def(Involution())


@irdl_op_definition
class ReciprocalOp(UnaryOp):
    """1 / x."""

    name = "ttir.reciprocal"


@irdl_op_definition
class RsqrtOp(UnaryOp):
    """1 / sqrt(x)."""

    name = "ttir.rsqrt"


@irdl_op_definition
class SignOp(UnaryOp):
    """-1, 0 or 1; 0 of NaN."""

    name = "ttir.sign"
    traits = traits_def(Idempotent())


@irdl_op_definition
class SignbitOp(PredicateOp):
    """Whether the sign bit is set, which it is in -0.0; x < 0 of integers."""

    name = "ttir.signbit"


@irdl_op_definition
class SqrtOp(UnaryOp):
    """The square root of x."""

    name = "ttir.sqrt"


@irdl_op_definition
class SquareOp(UnaryOp):
    """x * x."""

    name = "ttir.square"


@irdl_op_definition
class TruncOp(UnaryOp):
    """x without its fraction: rounded towards zero."""

    name = "ttir.trunc"
    traits = traits_def(Idempotent())


UNARY_OPS = (
    AbsOp,
    BitwiseNotOp,
    CbrtOp,
    CeilOp,
    ErfOp,
    ErfcOp,
    ExpOp,
    Exp2Op,
    Expm1Op,
    FloorOp,
    FracOp,
    IsFiniteOp,
    LogOp,
    Log1pOp,
    LogicalNotOp,
    NegOp,
    ReciprocalOp,
    RsqrtOp,
    SignOp,
    SignbitOp,
    SqrtOp,
    SquareOp,
    TruncOp,
)
