"""Shape rules of convolutions. All raise VerifyException where operands and attributes do not fit together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from xdsl.dialects.builtin import DYNAMIC_INDEX

from tilewright.dialects.ttir.shapes import Shape, require
from tilewright.dialects.ttir.windows import Window


@dataclass(frozen=True, slots=True)
class Layout:
    """Which dimension of a tensor is which.

    Attributes:
        batch: That of the images.
        spatial: Those that the window slides over.
        channel: That of the channels.
    """

    batch: int
    spatial: tuple[int, ...]
    channel: int

    @classmethod
    def of(cls, letters: str) -> Layout:
        """The layout that `letters` spell, e.g. `NCHW`: N batch, C channel, and D, H, W or L spatial, in that order.

        Raises:
            VerifyException: they spell none.
        """
        spatial = {3: "L", 4: "HW", 5: "DHW"}.get(len(letters), "")
        require(
            len(letters) > 2 and sorted(letters) == sorted(f"N{spatial}C"),
            f"the layout is '{letters}', expected an order of 'NLC', 'NHWC' or 'NDHWC'",
        )
        return cls(letters.index("N"), tuple(map(letters.index, spatial)), letters.index("C"))

    @property
    def dims(self) -> tuple[int, ...]:
        """All dimensions: batch, spatial, channel."""
        return (self.batch, *self.spatial, self.channel)

    @property
    def channels_first(self) -> tuple[int, ...]:
        """The permutation that makes it batch, channel, spatial."""
        return (self.batch, self.channel, *self.spatial)

    @property
    def from_channels_first(self) -> tuple[int, ...]:
        """The inverse permutation."""
        order = self.channels_first
        return tuple(order.index(d) for d in range(len(order)))

    def shape(self, batch: int, spatial: Sequence[int], channels: int) -> Shape:
        """A shape in this layout."""
        extents = dict(zip(self.dims, (batch, *spatial, channels), strict=True))
        return tuple(extents[d] for d in range(len(extents)))

    def names(self, spatial: Sequence[str]) -> tuple[str, ...]:
        """What each dimension holds; `spatial` names the spatial ones."""
        names = dict(zip(self.dims, ("batch size", *spatial, "number of channels"), strict=True))
        return tuple(names[d] for d in range(len(names)))


def _divides(groups: int, channels: int, whose: str) -> None:
    require(groups >= 1, f"attribute 'groups' is {groups}, expected a value >= 1")
    require(
        channels == DYNAMIC_INDEX or channels % groups == 0,
        f"attribute 'groups' is {groups}, expected a divisor of the {channels} {whose}",
    )


def _equal(found: int, expected: int, message: str) -> None:
    require(found == expected or DYNAMIC_INDEX in (found, expected), message)


def require_bias(bias: Shape, result: Shape, layout: Layout) -> None:
    """A bias has one number for each channel of the result, or one for each of its elements along other dimensions."""
    channels = result[layout.channel]
    fits = len(bias) == len(result) and all(
        x == y or DYNAMIC_INDEX in (x, y) or (x == 1 and d != layout.channel)
        for d, (x, y) in enumerate(zip(bias, result, strict=True))
    )
    expected = layout.shape(1, [1] * len(layout.spatial), channels)
    require(
        fits,
        f"operand 'bias' has the shape {bias}, expected {expected}, that is {channels} output channels, "
        f"or with more extents of the result {result}",
    )


def convolution_shape(
    input: Shape, weight: Shape, bias: Shape | None, window: Window, groups: int, layout: Layout
) -> Shape:
    """`(N, positions of the window, O)` in `layout`, for weights `(O, C / groups, kernel)`."""
    channels, outputs = input[layout.channel], weight[0]
    _divides(groups, channels, "input channels of 'input'")
    _divides(groups, outputs, "output channels of 'weight'")
    if channels != DYNAMIC_INDEX:
        _equal(
            weight[1],
            channels // groups,
            f"operand 'weight' has {weight[1]} input channels, expected {channels // groups}, "
            f"the {channels} of 'input' in {groups} groups",
        )
    extents = tuple(input[d] for d in layout.spatial)
    result = layout.shape(input[layout.batch], window.positions(extents), outputs)
    if bias is not None:
        require_bias(bias, result, layout)
    return result


def transposed_convolution_shape(
    input: Shape,
    weight: Shape,
    window: Window,
    output_padding: Sequence[int],
    groups: int,
    layout: Layout,
) -> Shape:
    """`(N, extents, O)` in `layout`, for weights `(C, O / groups, kernel)`.

    An extent is `(input - 1) * stride - padding before and after + dilation * (kernel - 1) + output padding + 1`.
    """
    channels = input[layout.channel]
    outputs = DYNAMIC_INDEX if weight[1] == DYNAMIC_INDEX else weight[1] * groups
    _divides(groups, channels, "input channels of 'input'")
    _equal(
        weight[0],
        channels,
        f"operand 'weight' has {weight[0]} input channels in its first dimension, expected the {channels} of 'input'",
    )
    extents: list[int] = []
    for i, d in enumerate(layout.spatial):
        if DYNAMIC_INDEX in (input[d], window.kernel[i]):
            extents.append(DYNAMIC_INDEX)
            continue
        extents.append((input[d] - 1) * window.stride[i] - sum(window.padding[i]) + window.span[i] + output_padding[i])
    require(
        all(e >= 0 or e == DYNAMIC_INDEX for e in extents),
        f"the result has the height and width {tuple(extents)}, expected no negative output size",
    )
    return layout.shape(input[layout.batch], extents, outputs)
