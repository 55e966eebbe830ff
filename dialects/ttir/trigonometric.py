"""Trigonometric and hyperbolic functions of each element, and their inverses."""

from __future__ import annotations

from xdsl.irdl import irdl_op_definition

from tilewright.dialects.ttir.bases import UnaryOp


@irdl_op_definition
class AcosOp(UnaryOp):
    """The angle in [0, pi] whose cosine is x; NaN for |x| > 1."""

    name = "ttir.acos"


@irdl_op_definition
class AsinOp(UnaryOp):
    """The angle in [-pi / 2, pi / 2] whose sine is x; NaN for |x| > 1."""

    name = "ttir.asin"


@irdl_op_definition
class AsinhOp(UnaryOp):
    """The number whose hyperbolic sine is x, log(x + sqrt(x^2 + 1))."""

    name = "ttir.asinh"


@irdl_op_definition
class AtanOp(UnaryOp):
    """The angle in [-pi / 2, pi / 2] whose tangent is x."""

    name = "ttir.atan"


@irdl_op_definition
class CosOp(UnaryOp):
    """cos(x), x in radians."""

    name = "ttir.cos"


@irdl_op_definition
class SinOp(UnaryOp):
    """sin(x), x in radians."""

    name = "ttir.sin"


@irdl_op_definition
class TanOp(UnaryOp):
    """tan(x), x in radians."""

    name = "ttir.tan"


@irdl_op_definition
class TanhOp(UnaryOp):
    """The hyperbolic tangent of x."""

    name = "ttir.tanh"


TRIGONOMETRIC_OPS = (
    AcosOp,
    AsinOp,
    AsinhOp,
    AtanOp,
    CosOp,
    SinOp,
    TanOp,
    TanhOp,
)
