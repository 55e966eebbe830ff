"""The type of uniformly quantised elements.

Source: the documentation of MLIR's Quant dialect (``QuantTypes.h``, ``TypeParser.cpp``): syntax, ranges, conditions.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from math import isfinite
from struct import unpack

from xdsl.dialects.builtin import (
    AnyFloat,
    AnyFloatConstr,
    ArrayAttr,
    BoolAttr,
    Float64Type,
    FloatAttr,
    IntAttr,
    IntegerAttr,
    NoneAttr,
    f64,
)
from xdsl.ir import Attribute, ParametrizedAttribute, TypeAttribute
from xdsl.irdl import irdl_attr_definition, param_def
from xdsl.parser import AttrParser
from xdsl.printer import Printer
from xdsl.utils.exceptions import VerifyException

LARGEST_STORAGE = 32
"""The widest integers, in bits, in which quantised elements are stored."""

_STORAGE = re.compile(r"(?P<prefix>i|si|u|ui)(?P<width>\d{1,3})")


@irdl_attr_definition
class UniformQuantizedType(ParametrizedAttribute, TypeAttribute):
    """An element that is stored as an integer q and means the real number `(q - zero point) * scale`.

    `!quant.uniform<i8:f32, 1.0e-01:3>` has one scale and zero point; with an axis,
    `!quant.uniform<i8<-127:127>:f32:1, {2.0e-02:3, 1.0e-01}>`, there are as many as the tensor has entries along it. A
    zero point of 0 is not written. `i8` is stored signed, `u8` unsigned, in a range that is that of the integer
    type unless it is given.
    """

    name = "quant.uniform"

    width: IntAttr = param_def()
    signed: BoolAttr = param_def()
    least: IntAttr = param_def()
    most: IntAttr = param_def()
    expressed: AnyFloat = param_def(AnyFloatConstr)
    axis: IntAttr | NoneAttr = param_def()
    scales: ArrayAttr[FloatAttr[Float64Type]] = param_def()
    zero_points: ArrayAttr[IntAttr] = param_def()

    @staticmethod
    def of(
        storage: str,
        expressed: AnyFloat,
        scales: float | Sequence[float],
        zero_points: int | Sequence[int] = 0,
        *,
        axis: int | None = None,
        limits: tuple[int, int] | None = None,
    ) -> UniformQuantizedType:
        """The type with these parameters.

        Args:
            storage: `i8`, `u16` and so on.
            expressed: The type of the real numbers.
            scales: One, or as many as the axis has entries.
            zero_points: Likewise; one stands for all.
            axis: The dimension along which they differ, if they do.
            limits: The least and the largest integer; those of the storage by default.

        Raises:
            VerifyException: there is no such type.
        """
        match = _STORAGE.fullmatch(storage)
        if match is None:
            raise VerifyException(f"the storage type is '{storage}', expected one such as 'i8' or 'u8'")
        signed, width = "u" not in match["prefix"], int(match["width"])
        least, most = limits or _range(width, signed)
        factors = [scales] if isinstance(scales, int | float) else scales
        zeros = [zero_points] * len(factors) if isinstance(zero_points, int) else zero_points
        return UniformQuantizedType(
            IntAttr(width),
            IntegerAttr.from_bool(signed),
            IntAttr(least),
            IntAttr(most),
            expressed,
            NoneAttr() if axis is None else IntAttr(axis),
            ArrayAttr([FloatAttr(s, f64) for s in factors]),
            ArrayAttr([IntAttr(z) for z in zeros]),
        )

    @property
    def is_signed(self) -> bool:
        """Whether the integers are signed."""
        return bool(self.signed)

    @property
    def storage_name(self) -> str:
        """The integers, as MLIR writes them: `i8`, `u8`."""
        return f"{'i' if self.is_signed else 'u'}{self.width.data}"

    @property
    def quantized_dimension(self) -> int | None:
        """The dimension along which scales and zero points differ; None if there is one of each."""
        return self.axis.data if isinstance(self.axis, IntAttr) else None

    @property
    def scale_values(self) -> tuple[float, ...]:
        """The scales."""
        return tuple(s.value.data for s in self.scales)

    @property
    def zero_point_values(self) -> tuple[int, ...]:
        """The zero points."""
        return tuple(z.data for z in self.zero_points)

    @property
    def limits(self) -> tuple[int, int]:
        """The least and the largest integer that is stored."""
        return self.least.data, self.most.data

    def verify(self) -> None:
        width = self.width.data
        if not 1 <= width <= LARGEST_STORAGE:
            raise VerifyException(f"the storage type has {width} bits, expected 1 to {LARGEST_STORAGE}")
        (least, most), (low, high) = self.limits, _range(width, self.is_signed)
        if not low <= least < most <= high:
            raise VerifyException(
                f"the storage range is {least}:{most}, expected one that is not empty within {low}:{high}"
            )
        for scale in self.scale_values:
            if not (isfinite(scale) and scale > 0):
                raise VerifyException(f"a scale is {scale}, expected a finite number > 0")
        if len(self.scales) != len(self.zero_points):
            raise VerifyException(f"there are {len(self.zero_points)} zero points, expected {len(self.scales)}")
        axis = self.quantized_dimension
        if axis is None and len(self.scales) != 1:
            raise VerifyException(f"there are {len(self.scales)} scales, expected one without an axis")
        if axis is not None and axis < 0:
            raise VerifyException(f"the axis is {axis}, expected a value >= 0")

    @classmethod
    def parse_parameters(cls, parser: AttrParser) -> Sequence[Attribute]:
        with parser.in_angle_brackets():
            start = parser.pos
            storage = parser.parse_identifier("the storage type")
            limits = _parse_limits(parser)
            parser.parse_punctuation(":")
            expressed = parser.parse_type()
            if not isinstance(expressed, AnyFloat):
                parser.raise_error(f"the expressed type is {expressed}, expected a float", start, parser.pos)
            axis = parser.parse_integer(allow_boolean=False) if parser.parse_optional_punctuation(":") else None
            parser.parse_punctuation(",")
            if axis is None:
                scale, zero_point = _parse_scale(parser)
                pairs = [(scale, zero_point)]
            else:
                pairs = parser.parse_comma_separated_list(parser.Delimiter.BRACES, lambda: _parse_scale(parser))
        try:
            parsed = cls.of(storage, expressed, [s for s, _ in pairs], [z for _, z in pairs], axis=axis, limits=limits)
        except VerifyException as error:
            parser.raise_error(str(error), start, parser.pos)
        return parsed.parameters

    def print_parameters(self, printer: Printer) -> None:
        with printer.in_angle_brackets():
            printer.print_string(self.storage_name)
            if self.limits != _range(self.width.data, self.is_signed):
                printer.print_string(f"<{self.least.data}:{self.most.data}>")
            printer.print_string(":")
            printer.print_attribute(self.expressed)
            pairs = list(zip(self.scale_values, self.zero_point_values, strict=True))
            axis = self.quantized_dimension
            if axis is None:
                printer.print_string(", ")
                _print_scale(printer, pairs[0])
            else:
                printer.print_string(f":{axis}, ")
                with printer.in_braces():
                    printer.print_list(pairs, lambda pair: _print_scale(printer, pair), ",")


def _range(width: int, signed: bool) -> tuple[int, int]:
    """The least and the largest integer of `width` bits."""
    return (-(1 << (width - 1)), (1 << (width - 1)) - 1) if signed and width else (0, (1 << width) - 1)


def _parse_limits(parser: AttrParser) -> tuple[int, int] | None:
    if parser.parse_optional_punctuation("<") is None:
        return None
    least = parser.parse_integer(allow_boolean=False)
    parser.parse_punctuation(":")
    most = parser.parse_integer(allow_boolean=False)
    parser.parse_punctuation(">")
    return least, most


def _parse_scale(parser: AttrParser) -> tuple[float, int]:
    start = parser.pos
    number = parser.parse_number(allow_boolean=False)
    scale = _from_bits(number) if parser.lexer.input.at(start + 1) == "x" and 0 <= number < 1 << 64 else float(number)
    zero_point = parser.parse_integer(allow_boolean=False) if parser.parse_optional_punctuation(":") else 0
    return scale, zero_point


def _from_bits(bits: float) -> float:
    """The Float64 of these bits, which is how MLIR writes numbers that have many digits and no fraction."""
    (value,) = unpack("<d", int(bits).to_bytes(8, "little"))
    return value


def _print_scale(printer: Printer, pair: tuple[float, int]) -> None:
    scale, zero_point = pair
    printer.print_float(scale, f64)
    if zero_point:
        printer.print_string(f":{zero_point}")
