"""Windows that slide over a tensor's spatial dimensions, as convolutions and poolings use them.

Source of the rules: tt-mlir ``VerificationUtils.cpp``, ``VerificationUtils.h`` and ``TTIROps.cpp``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from xdsl.dialects.builtin import DYNAMIC_INDEX, DenseArrayBase, IndexType, IntegerAttr, IntegerType, i32
from xdsl.irdl import AttrConstraint
from xdsl.utils.exceptions import VerifyException

from tilewright.dialects.ttir.attributes import DENSE_I32, dense_i32, integer_attr
from tilewright.dialects.ttir.shapes import Shape, require

Sides: TypeAlias = tuple[tuple[int, int], ...]
"""The padding before and after each spatial dimension."""

SizesAttr: TypeAlias = IntegerAttr[IntegerType | IndexType] | DenseArrayBase[IntegerType]
"""One `i32` for all spatial dimensions, or `array<i32: ..>`."""

SIZES: AttrConstraint[SizesAttr] = IntegerAttr.constr(i32) | DENSE_I32

Sizes: TypeAlias = int | Sequence[int]
"""The same as a Python number or sequence."""


def sizes_attr(sizes: Sizes) -> SizesAttr:
    """`sizes` as an op holds them."""
    return integer_attr(sizes, i32) if isinstance(sizes, int) else dense_i32(sizes)


def _numbers(attribute: SizesAttr) -> tuple[int, ...]:
    return (attribute.value.data,) if isinstance(attribute, IntegerAttr) else tuple(attribute.get_values())


def sizes_of(attribute: SizesAttr, name: str, dims: int, least: int) -> tuple[int, ...]:
    """A number for each of `dims` spatial dimensions; `name` is the attribute that holds them.

    Raises:
        VerifyException: there are other than one or `dims` numbers, or one is below `least`.
    """
    numbers = _numbers(attribute)
    one = isinstance(attribute, IntegerAttr)
    require(
        one or len(numbers) == dims,
        f"attribute '{name}' is {list(numbers)}, expected an integer or {dims} of them",
    )
    found = numbers[0] if one else list(numbers)
    require(min(numbers) >= least, f"attribute '{name}' is {found}, expected values >= {least}")
    return numbers * dims if one else numbers


def sides_of(attribute: SizesAttr, name: str, dims: int) -> Sides:
    """The padding before and after each of `dims` spatial dimensions.

    One number pads all sides; one a dimension pads both its sides; twice as many are first those before each dimension,
    then those after: top, left, bottom, right.

    Raises:
        VerifyException: there is another number of them, or one is negative.
    """
    numbers = _numbers(attribute)
    if isinstance(attribute, IntegerAttr) or len(numbers) == dims:
        return tuple((n, n) for n in sizes_of(attribute, name, dims, least=0))
    require(
        len(numbers) == 2 * dims,
        f"attribute '{name}' is {list(numbers)}, expected an integer, {dims} or {2 * dims} of them",
    )
    require(min(numbers) >= 0, f"attribute '{name}' is {list(numbers)}, expected values >= 0")
    return tuple(zip(numbers[:dims], numbers[dims:], strict=True))


@dataclass(frozen=True, slots=True)
class Window:
    """What slides, and where: a number for each spatial dimension.

    Attributes:
        kernel: Elements of the window.
        stride: Distance between windows.
        dilation: Distance between the elements of a window.
        padding: Elements before and after the input.
        ceil_mode: Whether the last window may reach beyond the padding; not if it would start beyond the input and the
            padding before it.
    """

    kernel: tuple[int, ...]
    stride: tuple[int, ...]
    dilation: tuple[int, ...]
    padding: Sides
    ceil_mode: bool = False

    @property
    def span(self) -> tuple[int, ...]:
        """Elements from the first to the last of a window, those between them included."""
        return tuple(d * (k - 1) + 1 for k, d in zip(self.kernel, self.dilation, strict=True))

    def positions(self, extents: Sequence[int]) -> tuple[int, ...]:
        """How many windows there are in each dimension of an input with these extents.

        Raises:
            VerifyException: a window is larger than the padded input.
        """
        padded = tuple(
            DYNAMIC_INDEX if DYNAMIC_INDEX in (e, k) else e + before + after
            for e, k, (before, after) in zip(extents, self.kernel, self.padding, strict=True)
        )
        require(
            all(p == DYNAMIC_INDEX or s <= p for s, p in zip(self.span, padded, strict=True)),
            f"the kernel has the effective size {self.span}, expected at most that of the padded input, {padded}",
        )
        return tuple(DYNAMIC_INDEX if p == DYNAMIC_INDEX else self._positions(i, p) for i, p in enumerate(padded))

    def _positions(self, dim: int, padded: int) -> int:
        stride, room = self.stride[dim], padded - self.span[dim]
        if not self.ceil_mode:
            return room // stride + 1
        count = -(-room // stride) + 1
        starts_beyond = (count - 1) * stride >= padded - self.padding[dim][1]
        return count - starts_beyond

    @property
    def is_identity(self) -> bool:
        """Whether each window is one element, in the order of the elements."""
        ones = (1,) * len(self.kernel)
        return self.kernel == self.stride == ones and not any(map(any, self.padding))


_KEPT_NAMES = ("batch size", "number of channels")
"""What the window does not slide over."""


def require_extents(found: Shape, expected: Shape, names: Sequence[str]) -> None:
    """Raise a VerifyException unless the result's shape `found` is `expected`; `names` are those of its dimensions."""
    require(len(found) == len(expected), f"the result has the shape {found}, expected rank {len(expected)}")
    rows = list(zip(names, found, expected, strict=True))
    # Where the result is of other images, what the window makes of their extents is of no interest.
    for name, x, y in sorted(rows, key=lambda row: row[0] not in _KEPT_NAMES):
        if x != y and DYNAMIC_INDEX not in (x, y):
            raise VerifyException(f"the result has the shape {found}, expected {y} as the {name}")


FLATTENED_NAMES = ("first dimension", "second dimension", "flattened dimension", "number of channels")
"""What the dimensions of a flattened result hold."""
