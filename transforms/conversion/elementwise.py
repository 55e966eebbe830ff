"""Element-wise operators."""

from __future__ import annotations

from math import inf

from xdsl.dialects.builtin import f32, i1, i64
from xdsl.ir import SSAValue

from tilewright.dialects import ttir
from tilewright.dialects.ttir import BinaryOp, UnaryOp
from tilewright.transforms.conversion.call import (
    Call,
    Conversion,
    Convert,
    Declined,
    conversion,
    element_type,
    is_float,
    literal,
    shape_of,
)
from tilewright.transforms.conversion.promotion import common_type, promoted


def identity(call: Call) -> SSAValue:
    """The first argument itself; a change of element type or shape is an error of the table."""
    value = call.tensor(call.parameters[0])
    if value.type != call.result_type:
        raise Declined(f"the result has another type than {call.parameters[0]}")
    return value


def dropout(call: Call) -> SSAValue:
    """Nothing in evaluation; random in training, which no compiler may fold."""
    if call.flag("train") and call.number("p") != 0:
        raise Declined("train = true: the result is random")
    return identity(call)


def unary(op: type[UnaryOp]) -> Convert:
    """An operator of one tensor; integers are computed in the result's type."""

    def convert(call: Call) -> SSAValue:
        x = call.cast(call.tensor("self"), call.result_element)
        return call.add(op(x, call.result_type))

    return convert


def binary(op: type[BinaryOp]) -> Convert:
    """An operator of two tensors or numbers that computes in the result's type."""

    def convert(call: Call) -> SSAValue:
        element = call.result_element
        lhs, rhs = call.operand("self", element), call.operand("other", element)
        return call.add(op(lhs, rhs, call.result_type))

    return convert


def scaled_binary(op: type[BinaryOp]) -> Convert:
    """`self op alpha * other`."""

    def convert(call: Call) -> SSAValue:
        element, alpha = call.result_element, call.number("alpha", 1)
        lhs, rhs = call.operand("self", element), call.operand("other", element)
        if alpha != 1:
            factor = call.fill(alpha, element, min(1, len(shape_of(rhs))))
            rhs = call.add(ttir.MultiplyOp(rhs, factor, rhs.type))
        if element == i1:
            raise Declined("booleans are added by logical_or in torch")
        return call.add(op(lhs, rhs, call.result_type))

    return convert


def divide(call: Call) -> SSAValue:
    """True division; with a rounding mode the result is another operator."""
    if call.get("rounding_mode") is not None:
        raise Declined(f"rounding_mode = {call.get('rounding_mode')}")
    return binary(ttir.DivOp)(call)


def compare(op: type[BinaryOp]) -> Convert:
    """A comparison, in the common type of its operands."""

    def convert(call: Call) -> SSAValue:
        element = common_type((call.get("self"), call.get("other")))
        if element == i64 and element_type(call.tensor("self")) == i1 and isinstance(call.get("other"), int):
            element = f32  # 0 and 1 against a number need no integers
        lhs, rhs = call.operand("self", element), call.operand("other", element)
        return call.add(op(lhs, rhs, call.result_type))

    return convert


def bitwise(logical: type[BinaryOp], bits: type[BinaryOp]) -> Convert:
    """Logical on booleans, bitwise on integers."""

    def convert(call: Call) -> SSAValue:
        element = call.result_element
        lhs, rhs = call.operand("self", element), call.operand("other", element)
        return call.add((logical if element == i1 else bits)(lhs, rhs, call.result_type))

    return convert


def logical(op: type[BinaryOp]) -> Convert:
    """A logical operator on the truth of its operands."""

    def convert(call: Call) -> SSAValue:
        lhs, rhs = call.operand("self", i1), call.operand("other", i1)
        return call.add(op(lhs, rhs, call.result_type))

    return convert


def logical_not(call: Call) -> SSAValue:
    """`not x`."""
    return call.add(ttir.LogicalNotOp(call.cast(call.tensor("self"), i1), call.result_type))


def bitwise_not(call: Call) -> SSAValue:
    """Logical on booleans."""
    if call.result_element != i1:
        raise Declined(f"dtype(self) = {call.result_element}, not bool")
    return logical_not(call)


def gelu(call: Call) -> SSAValue:
    """The exact form; the tanh form is a polynomial of its own, in Float32 for narrower types, as torch computes it."""
    x = call.tensor("self")
    if call.get("approximate", "none") == "none":
        return call.add(ttir.GeluOp(x, call.result_type))
    element = promoted(call.result_element, f32)
    x = call.cast(x, element)
    kind, rank = x.type, min(1, len(shape_of(x)))

    def times(a: SSAValue, b: SSAValue) -> SSAValue:
        return call.add(ttir.MultiplyOp(a, b, kind))

    cube = times(times(x, x), x)
    inner = call.add(ttir.AddOp(x, times(cube, call.fill(0.044715, element, rank)), kind))
    bounded = call.add(ttir.TanhOp(times(inner, call.fill(0.7978845608028654, element, rank)), kind))
    factor = call.add(ttir.AddOp(bounded, call.fill(1.0, element, rank), kind))
    return call.cast(times(times(x, call.fill(0.5, element, rank)), factor), call.result_element)


def power(call: Call) -> SSAValue:
    """Powers that are products or roots; other exponents stay powers."""
    element, kind = call.result_element, call.result_type
    x = call.cast(call.tensor("self"), element)
    exponent = call.get("exponent")
    if isinstance(exponent, int | float):
        match float(exponent):
            case 1.0:
                return x
            case 2.0:
                return call.add(ttir.MultiplyOp(x, x, kind))
            case 3.0:
                return call.add(ttir.MultiplyOp(call.add(ttir.MultiplyOp(x, x, kind)), x, kind))
            case 0.5 if is_float(element):
                return call.add(ttir.SqrtOp(x, kind))
            case -0.5 if is_float(element):
                return call.add(ttir.RsqrtOp(x, kind))
            case -1.0 if is_float(element):
                return call.add(ttir.ReciprocalOp(x, kind))
            case _:
                pass
    return call.add(ttir.PowOp(x, call.operand("exponent", element), kind))


def _bound(call: Call, name: str, default: float) -> float:
    value = call.get(name)
    if value is None:
        return default
    if not isinstance(value, int | float):
        raise Declined(f"{name} is no number known at compile time")
    return literal(value, call.result_element)


def clamp(low: str | None, high: str | None) -> Convert:
    """Clamp to numbers."""

    def convert(call: Call) -> SSAValue:
        if not is_float(call.result_element):
            raise Declined(f"dtype(self) = {call.result_element}, not a float type")
        x = call.cast(call.tensor("self"), call.result_element)
        least = -inf if low is None else _bound(call, low, -inf)
        most = inf if high is None else _bound(call, high, inf)
        if least > most:
            least = most  # torch's rule: the upper bound wins
        return call.add(ttir.ClampScalarOp(x, least, most, call.result_type))

    return convert


def where(call: Call) -> SSAValue:
    """`self` where the condition holds, else `other`."""
    element = call.result_element
    condition = call.cast(call.tensor("condition"), i1)
    return call.add(
        ttir.WhereOp(condition, call.operand("self", element), call.operand("other", element), call.result_type)
    )


def masked_fill(call: Call) -> SSAValue:
    """`value` where the mask holds, else `self`."""
    element = call.result_element
    mask = call.cast(call.tensor("mask"), i1)
    return call.add(ttir.WhereOp(mask, call.operand("value", element), call.operand("self", element), call.result_type))


def to_dtype(call: Call) -> SSAValue:
    """A change of element type; device, layout and copy flags change no value."""
    return call.cast(call.tensor("self"), call.result_element)


def leaky_relu(call: Call) -> SSAValue:
    """`x` where positive, else `negative_slope * x`."""
    x, slope = call.tensor("self"), call.number("negative_slope", 0.01)
    return call.add(ttir.LeakyReluOp(x, literal(slope, call.result_element), call.result_type))


def rsub(call: Call) -> SSAValue:
    """`other - alpha * self`."""
    if call.number("alpha", 1) != 1:
        raise Declined("alpha is not 1")
    element = call.result_element
    lhs, rhs = call.operand("other", element), call.operand("self", element)
    return call.add(ttir.SubtractOp(lhs, rhs, call.result_type))


_UNARY: dict[str, type[UnaryOp]] = {
    "abs": ttir.AbsOp, "neg": ttir.NegOp, "exp": ttir.ExpOp, "log": ttir.LogOp, "log1p": ttir.Log1pOp,
    "sqrt": ttir.SqrtOp, "rsqrt": ttir.RsqrtOp, "reciprocal": ttir.ReciprocalOp, "tanh": ttir.TanhOp,
    "sigmoid": ttir.SigmoidOp, "relu": ttir.ReluOp, "silu": ttir.SiluOp, "erf": ttir.ErfOp, "sin": ttir.SinOp,
    "cos": ttir.CosOp, "floor": ttir.FloorOp, "ceil": ttir.CeilOp, "sign": ttir.SignOp,
}  # fmt: skip

_COMPARE: dict[str, type[BinaryOp]] = {
    "eq": ttir.EqualOp, "ne": ttir.NotEqualOp, "lt": ttir.LessThanOp, "le": ttir.LessEqualOp,
    "gt": ttir.GreaterThanOp, "ge": ttir.GreaterEqualOp,
}  # fmt: skip

_TO = "self dtype layout device pin_memory non_blocking copy memory_format"

CONVERSIONS: dict[str, Conversion] = {
    **{f"aten.{name}.default": conversion("self", unary(op)) for name, op in _UNARY.items()},
    **{
        f"aten.{name}.{overload}": conversion("self other", compare(op))
        for name, op in _COMPARE.items()
        for overload in ("Tensor", "Scalar")
    },
    **{
        f"aten.{name}.{overload}": conversion("self other alpha", scaled_binary(op))
        for name, op in (("add", ttir.AddOp), ("sub", ttir.SubtractOp))
        for overload in ("Tensor", "Scalar")
    },
    "aten.rsub.Scalar": conversion("self other alpha", rsub),
    "aten.mul.Tensor": conversion("self other", binary(ttir.MultiplyOp)),
    "aten.mul.Scalar": conversion("self other", binary(ttir.MultiplyOp)),
    **{
        f"aten.div.{o}": conversion("self other rounding_mode", divide)
        for o in ("Tensor", "Scalar", "Tensor_mode", "Scalar_mode")
    },
    "aten.maximum.default": conversion("self other", binary(ttir.MaximumOp)),
    "aten.minimum.default": conversion("self other", binary(ttir.MinimumOp)),
    "aten.logical_and.default": conversion("self other", logical(ttir.LogicalAndOp)),
    "aten.logical_or.default": conversion("self other", logical(ttir.LogicalOrOp)),
    "aten.logical_xor.default": conversion("self other", logical(ttir.LogicalXorOp)),
    "aten.logical_not.default": conversion("self", logical_not),
    "aten.bitwise_not.default": conversion("self", bitwise_not),
    **{
        f"aten.{name}.{o}": conversion("self other", bitwise(ttir.LogicalAndOp, ttir.BitwiseAndOp))
        for name in ("bitwise_and", "__and__")
        for o in ("Tensor", "Scalar")
    },
    **{
        f"aten.{name}.{o}": conversion("self other", bitwise(ttir.LogicalOrOp, ttir.BitwiseOrOp))
        for name in ("bitwise_or", "__or__")
        for o in ("Tensor", "Scalar")
    },
    "aten.gelu.default": conversion("self approximate", gelu),
    "aten.leaky_relu.default": conversion("self negative_slope", leaky_relu),
    "aten.pow.Tensor_Scalar": conversion("self exponent", power),
    "aten.pow.Tensor_Tensor": conversion("self exponent", power),
    "aten.clamp.default": conversion("self min max", clamp("min", "max")),
    "aten.clamp_min.default": conversion("self min", clamp("min", None)),
    "aten.clamp_max.default": conversion("self max", clamp(None, "max")),
    "aten.hardtanh.default": conversion("self min_val max_val", clamp("min_val", "max_val")),
    "aten.where.self": conversion("condition self other", where),
    "aten.where.ScalarSelf": conversion("condition self other", where),
    "aten.where.ScalarOther": conversion("condition self other", where),
    "aten.where.Scalar": conversion("condition self other", where),
    "aten.masked_fill.Scalar": conversion("self mask value", masked_fill),
    "aten.masked_fill.Tensor": conversion("self mask value", masked_fill),
    "aten.to.dtype": conversion("self dtype non_blocking copy memory_format", to_dtype),
    "aten.to.dtype_layout": conversion(_TO, to_dtype),
    "aten.to.device": conversion("self device dtype non_blocking copy memory_format", to_dtype),
    "aten._to_copy.default": conversion(_TO, to_dtype),
    "aten.type_as.default": conversion("self other", to_dtype),
    "aten.dropout.default": conversion("input p train", dropout),
    "aten.feature_dropout.default": conversion("input p train", dropout),
    "aten.alias.default": conversion("self", identity),
    "aten.clone.default": conversion("self memory_format", identity),
    "aten.contiguous.default": conversion("self memory_format", identity),
    "aten.detach.default": conversion("self", identity),
    "aten.detach_.default": conversion("self", identity),
    "aten.lift_fresh_copy.default": conversion("self", identity),
}
"""Conversions of this family, by callee."""
