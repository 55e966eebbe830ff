"""What all kernels share: a precision, purity, and checks on logical shapes."""

from __future__ import annotations

from abc import ABC
from collections.abc import Sequence
from enum import Enum, unique
from math import prod
from typing import ClassVar

from xdsl.dialects.builtin import TensorType
from xdsl.ir import Operation, SSAValue
from xdsl.irdl import IRDLOperation, opt_prop_def, prop_def, traits_def
from xdsl.traits import Pure
from xdsl.utils.exceptions import VerifyException

from tilewright.dialects.tile.attributes import PrecisionAttr, TileInfo, tile_info
from tilewright.dialects.tile.placement import PlacementAttr
from tilewright.dialects.ttcore import TileType
from tilewright.support.dataformat import DataFormat


@unique
class Numbers(Enum):
    """Which number formats a kernel's operands and result may have."""

    FLOATS = "floats alone"
    ALIKE = "all floats, or all integers"
    ANY = "each of any format"


class KernelOp(IRDLOperation, ABC):
    """One kernel of the machine: reads tensors of tiles, writes one tensor of tiles.

    The padding of a result is unknown unless its layout says otherwise; a kernel whose result depends on the padding of
    an operand requires a definite value there, so that no pad value ever reaches a logical element.
    """

    NUMBERS: ClassVar[Numbers] = Numbers.FLOATS
    """The kernel's formats; integers are for kernels that compute nothing that could overflow."""
    WRITES_PADDING: ClassVar[bool] = False
    """Whether the kernel writes the value that its result's layout gives to the padding."""

    precision = prop_def(PrecisionAttr)
    """How the kernel computes."""
    placement = opt_prop_def(PlacementAttr)
    """Where it runs: absent until the op is placed."""

    traits = traits_def(Pure())

    @property
    def kernel(self) -> str:
        """The kernel's name: the op's name without the dialect."""
        return self.name.split(".", 1)[1]

    @property
    def output(self) -> SSAValue:
        """The one result."""
        return self.results[0]

    def verify_(self) -> None:
        try:
            info = [_info_of(f"operand {i}", v) for i, v in enumerate(self.operands)]
            result = _info_of("the result", self.results[0])
            expected = self.infer_shape(info)
            self.require(
                result.logical == expected, f"the result has the logical shape {result.logical}, expected {expected}"
            )
            self._verify_formats([*(i.format for i in info), result.format])
            self.require(
                self.WRITES_PADDING or result.pad is None,
                f"the result's layout says pad = {result.pad}, expected undef: the kernel writes no padding",
            )
            self.verify_operands(info, result)
            self._verify_placement(result)
        except VerifyException as error:
            raise VerifyException(f"{self.name}: {error}") from None

    def infer_shape(self, operands: Sequence[TileInfo]) -> tuple[int, ...]:
        """The logical shape of the result.

        Raises:
            VerifyException: the operands do not fit together.
        """
        raise NotImplementedError(f"{self.name} defines no shape rule")

    def verify_operands(self, operands: Sequence[TileInfo], result: TileInfo) -> None:
        """Further conditions of the kernel; none by default."""

    def require(self, holds: bool, message: str) -> None:
        """Raise a VerifyException with `message` unless `holds`; the op's name is added to it."""
        if not holds:
            raise VerifyException(message)

    def require_alike(self, formats: Sequence[DataFormat]) -> None:
        """Raise a VerifyException unless `formats` are all floats or all integers."""
        names = ", ".join(f.type_name for f in formats)
        self.require(
            len({f.is_float for f in formats}) == 1, f"has the formats {names}, expected {Numbers.ALIKE.value}"
        )

    def _verify_formats(self, formats: Sequence[DataFormat]) -> None:
        if self.NUMBERS is Numbers.ALIKE:
            self.require_alike(formats)
        elif self.NUMBERS is Numbers.FLOATS:
            names = ", ".join(f.type_name for f in formats)
            self.require(all(f.is_float for f in formats), f"has the formats {names}, expected {self.NUMBERS.value}")
            for role, fmt in (
                ("accumulates in", self.precision.choices.accumulate),
                ("spills in", self.precision.choices.intermediate),
            ):
                self.require(fmt.is_float, f"{role} {fmt.type_name}, expected a float format")

    def _verify_placement(self, result: TileInfo) -> None:
        if self.placement is None:
            return
        place = self.placement.placement
        *batch, rows, cols = result.grid
        (core_rows, core_cols), (m, n), (rt, ct) = place.grid, place.mblock, place.ublock
        covered = (place.t * core_rows * m * rt, core_cols * n * ct)
        expected = (prod(batch) * rows, cols)
        self.require(
            covered == expected, f"the placement covers {covered} tiles, expected those of the result, {expected}"
        )
        for index in place.resident:
            self.require(
                index < len(self.operands),
                f"operand {index} cannot stay in L1: there are {len(self.operands)} operands",
            )


def _info_of(role: str, value: SSAValue) -> TileInfo:
    try:
        return tile_info(value)
    except VerifyException as error:
        raise VerifyException(f"{role}: {error}") from None


TileTensor = TensorType[TileType]

Value = SSAValue | Operation


def broadcast_shapes(a: Sequence[int], b: Sequence[int]) -> tuple[int, ...]:
    """The shape to which `a` and `b` broadcast by NumPy's rule.

    Raises:
        VerifyException: they do not.
    """
    rank = max(len(a), len(b))
    left = (1,) * (rank - len(a)) + tuple(a)
    right = (1,) * (rank - len(b)) + tuple(b)
    for x, y in zip(left, right, strict=True):
        if x != y and 1 not in (x, y):
            raise VerifyException(f"shapes {tuple(a)} and {tuple(b)} do not broadcast")
    return tuple(y if x == 1 else x for x, y in zip(left, right, strict=True))
