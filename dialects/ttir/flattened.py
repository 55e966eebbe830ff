"""The attribute of sliding-window ops whose tensors hold all pixels in one dimension."""

from __future__ import annotations

from collections.abc import Sequence

from xdsl.dialects.builtin import IntAttr
from xdsl.ir import Attribute, ParametrizedAttribute, SpacedOpaqueSyntaxAttribute
from xdsl.irdl import irdl_attr_definition, param_def
from xdsl.parser import AttrParser
from xdsl.printer import Printer

from tilewright.dialects.ttir.shapes import Shape, require

_FIELDS = ("batch_size", "input_height", "input_width")


@irdl_attr_definition
class FlattenedCompatInfoAttr(ParametrizedAttribute, SpacedOpaqueSyntaxAttribute):
    """What the input of a sliding-window op is a flattened form of.

    An op that carries it takes (1, 1, N * H * W, C) instead of (N, H, W, C) and gives its result likewise. Written
    `#ttir<flattened_compat batch_size = N, input_height = H, input_width = W>`.
    """

    name = "ttir.flattened_compat"

    batch_size: IntAttr = param_def()
    input_height: IntAttr = param_def()
    input_width: IntAttr = param_def()

    @classmethod
    def of(cls, batch_size: int, input_height: int, input_width: int) -> FlattenedCompatInfoAttr:
        """The attribute for an input of that many images of that size."""
        return cls(IntAttr(batch_size), IntAttr(input_height), IntAttr(input_width))

    @property
    def extents(self) -> tuple[int, int, int]:
        """Images, height and width of the input."""
        return self.batch_size.data, self.input_height.data, self.input_width.data

    @classmethod
    def parse_parameters(cls, parser: AttrParser) -> Sequence[Attribute]:
        values: list[Attribute] = []
        for i, field in enumerate(_FIELDS):
            if i:
                parser.parse_punctuation(",")
            parser.parse_keyword(field)
            parser.parse_punctuation("=")
            values.append(IntAttr(parser.parse_integer()))
        # tt-mlir's own parser stops here and skips to the bracket: files of its test suite have a comma at the end.
        parser.parse_optional_punctuation(",")
        return values

    def print_parameters(self, printer: Printer) -> None:
        pairs = zip(_FIELDS, self.extents, strict=True)
        printer.print_string(", ".join(f"{field} = {value}" for field, value in pairs))


def flattened(shape: Shape) -> Shape:
    """`(N, H, W, C)` as one row of pixels: `(1, 1, N * H * W, C)`."""
    batch, height, width, channels = shape
    return (1, 1, batch * height * width, channels)


def unflattened(shape: Shape, info: FlattenedCompatInfoAttr) -> Shape:
    """The shape `(N, H, W, C)` of the input that `info` says the flattened `shape` holds.

    Raises:
        VerifyException: `shape` is not a flattened form of it.
    """
    batch, height, width = info.extents
    pixels = batch * height * width
    require(min(info.extents) > 0, f"attribute 'flattened_compat_info' is {list(info.extents)}, expected values > 0")
    require(
        shape[:2] == (1, 1),
        f"operand 'input' has the shape {shape}, expected (1, 1, pixels, channels), as it is flattened",
    )
    require(
        shape[2] == pixels,
        f"operand 'input' has the flattened dimension {shape[2]}, expected {pixels}, "
        f"the product of the batch size {batch}, the height {height} and the width {width} in 'flattened_compat_info'",
    )
    return (batch, height, width, shape[3])
