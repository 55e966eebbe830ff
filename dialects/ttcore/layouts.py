"""Attributes of `ttcore` that say how tensors and buffers lie in memory.

Source: tt-mlir ``TTCoreOpsTypes.td``.
"""

from __future__ import annotations

from abc import ABC
from collections.abc import Sequence

from xdsl.dialects.builtin import (
    DenseIntOrFPElementsAttr,
    IntAttr,
    IntegerType,
    MemRefLayoutAttr,
    NoneAttr,
    StringAttr,
)
from xdsl.ir import Attribute, ParametrizedAttribute
from xdsl.ir.affine import AffineConstantExpr, AffineExpr, AffineMap
from xdsl.irdl import irdl_attr_definition, param_def
from xdsl.parser import AttrParser
from xdsl.printer import Printer
from xdsl.utils.exceptions import VerifyException

from tilewright.dialects.ttcore.attributes import TensorMeshAttr
from tilewright.dialects.ttcore.enums import MemorySpace, TensorMemoryLayout
from tilewright.dialects.ttcore.syntax import IntArray, ints, is_dense, parse_dims, parse_int, parse_key, print_dims


@irdl_attr_definition
class MetalLayoutAttr(ParametrizedAttribute):
    """The encoding of a tensor that is spread over a grid of cores: its shape is the grid's, then that of a piece.

    `#ttcore.metal_layout<logical_shape = 64x128, dim_alignments = 32x32, collapsed_intervals = dense<[[0, 1], [1, 2]]>
    : tensor<2x2xi64>, l1, sharded>`
    """

    name = "ttcore.metal_layout"

    logical_shape: IntArray = param_def()
    dim_alignments: IntArray = param_def()
    collapsed_intervals: DenseIntOrFPElementsAttr = param_def()
    memory_space: StringAttr = param_def()
    memory_layout: StringAttr = param_def()

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of the tensor before it was spread."""
        return ints(self.logical_shape)

    @property
    def memory(self) -> MemorySpace:
        """Where the tensor lies."""
        return MemorySpace(self.memory_space.data)

    def verify(self) -> None:
        rank, alignments = len(self.logical_shape), ints(self.dim_alignments)
        if rank < 2:
            raise VerifyException(f"{self.name}: the logical shape has {rank} dimensions, expected at least 2")
        if len(alignments) != rank or any(a < 1 for a in alignments):
            raise VerifyException(f"{self.name}: found the alignments {alignments}, expected {rank} numbers >= 1")
        found = self.collapsed_intervals.get_shape()
        if len(found) != 2 or found[1] != 2:
            raise VerifyException(f"{self.name}: the intervals have the shape {found}, expected pairs")
        self._verify_intervals(rank)

    def _verify_intervals(self, rank: int) -> None:
        """Each is a range of dimensions, from the first to the one after the last; negative ones count from behind."""
        element_type: Attribute = self.collapsed_intervals.get_element_type()
        if not isinstance(element_type, IntegerType):
            raise VerifyException(f"{self.name}: the intervals hold {element_type}, expected integers")
        data = self.collapsed_intervals.data.data
        numbers = element_type.unpack(data, len(data) // element_type.compile_time_size)
        # Of equal numbers one is stored, however many there are.
        pairs = [(numbers[0], numbers[0])] if len(numbers) == 1 else zip(numbers[::2], numbers[1::2], strict=True)
        for first, after in pairs:
            start, end = (n + rank if n < 0 else n for n in (first, after))
            if not 0 <= start < rank:
                raise VerifyException(
                    f"{self.name}: the interval ({first}, {after}) starts at dimension {start}, "
                    f"expected a value in [0, {rank})"
                )
            if not 0 <= end <= rank:
                raise VerifyException(
                    f"{self.name}: the interval ({first}, {after}) ends before dimension {end}, "
                    f"expected a value in [0, {rank}]"
                )
            if start > end:
                raise VerifyException(f"{self.name}: the interval ({first}, {after}) ends before its start")

    @classmethod
    def parse_parameters(cls, parser: AttrParser) -> Sequence[Attribute]:
        with parser.in_angle_brackets():
            parse_key(parser, "logical_shape", first=True)
            shape = parse_dims(parser)
            parse_key(parser, "dim_alignments")
            alignments = parse_dims(parser)
            parse_key(parser, "collapsed_intervals")
            start = parser.pos
            intervals: Attribute = parser.parse_attribute()
            if not is_dense(intervals):
                parser.raise_error("expected a dense attribute", start, parser.pos)
            parser.parse_punctuation(",")
            space = parser.parse_str_enum(MemorySpace).value
            parser.parse_punctuation(",")
            layout = parser.parse_str_enum(TensorMemoryLayout).value
            return [shape, alignments, intervals, StringAttr(space), StringAttr(layout)]

    def print_parameters(self, printer: Printer) -> None:
        with printer.in_angle_brackets():
            printer.print_string("logical_shape = ")
            print_dims(printer, self.logical_shape)
            printer.print_string(", dim_alignments = ")
            print_dims(printer, self.dim_alignments)
            printer.print_string(", collapsed_intervals = ")
            printer.print_attribute(self.collapsed_intervals)
            printer.print_string(f", {self.memory_space.data}, {self.memory_layout.data}")


class _StridedLayoutAttr(ParametrizedAttribute, MemRefLayoutAttr, ABC):
    """A memref whose elements lie at strides in bytes."""

    stride: IntArray = param_def()

    def get_affine_map(self) -> AffineMap:
        return _strided_map(ints(self.stride), 0)


@irdl_attr_definition
class InterleavedLayoutAttr(_StridedLayoutAttr):
    """The layout of a memref that is spread page by page over all banks: `#ttcore.interleaved<4096x4096>`."""

    name = "ttcore.interleaved"

    @classmethod
    def parse_parameters(cls, parser: AttrParser) -> Sequence[Attribute]:
        with parser.in_angle_brackets():
            return [parse_dims(parser)]

    def print_parameters(self, printer: Printer) -> None:
        with printer.in_angle_brackets():
            print_dims(printer, self.stride)


class _BufferedLayoutAttr(_StridedLayoutAttr, ABC):
    """A memref that has several buffers, so that one can be filled while another is used."""

    buffers: IntAttr = param_def()

    @classmethod
    def parse_parameters(cls, parser: AttrParser) -> Sequence[Attribute]:
        with parser.in_angle_brackets():
            stride = parse_dims(parser)
            parser.parse_punctuation(",")
            return [stride, parse_int(parser)]

    def print_parameters(self, printer: Printer) -> None:
        with printer.in_angle_brackets():
            print_dims(printer, self.stride)
            printer.print_string(f", {self.buffers.data}")


@irdl_attr_definition
class ShardLayoutAttr(_BufferedLayoutAttr):
    """The layout of a memref that has a piece on each core of a grid: `#ttcore.shard<4096x128, 1>`.

    The first half of the dimensions of the memref is the grid; the strides are those of a piece.
    """

    name = "ttcore.shard"

    def get_affine_map(self) -> AffineMap:
        return _strided_map(ints(self.stride), len(self.stride))


@irdl_attr_definition
class CBLayoutAttr(_BufferedLayoutAttr):
    """The layout of a memref that is a buffer of one core: `#ttcore.cb_layout<4096x128, 2>`."""

    name = "ttcore.cb_layout"


@irdl_attr_definition
class ViewLayoutAttr(ParametrizedAttribute, MemRefLayoutAttr):
    """The layout of a memref that shows another one in other pieces: `#ttcore.view<4>` for rank 4."""

    name = "ttcore.view"

    rank: IntAttr = param_def()

    def get_affine_map(self) -> AffineMap:
        return AffineMap.identity(self.rank.data)

    def verify(self) -> None:
        if not 0 <= self.rank.data <= _LARGEST_RANK:
            raise VerifyException(f"{self.name}: the rank is {self.rank.data}, expected 0 to {_LARGEST_RANK}")

    @classmethod
    def parse_parameters(cls, parser: AttrParser) -> Sequence[Attribute]:
        with parser.in_angle_brackets():
            return [parse_int(parser)]

    def print_parameters(self, printer: Printer) -> None:
        with printer.in_angle_brackets():
            printer.print_int(self.rank.data)


_LARGEST_RANK = 64
"""No buffer has more dimensions; a view of a billion would have a map of as many results."""


@irdl_attr_definition
class HostLayoutAttr(ParametrizedAttribute, MemRefLayoutAttr):
    """The layout of a padded memref of the host:
    `#ttcore.host_layout<logical_shape = 30x30, host_strides = 32x1, host_volume = 1024>`, on a mesh with
    `, <"mesh">` at the end.
    """

    name = "ttcore.host_layout"

    logical_shape: IntArray = param_def()
    host_strides: IntArray = param_def()
    host_volume: IntAttr = param_def()
    mesh: TensorMeshAttr | NoneAttr = param_def()

    def get_affine_map(self) -> AffineMap:
        return _strided_map(ints(self.host_strides), 0)

    @classmethod
    def parse_parameters(cls, parser: AttrParser) -> Sequence[Attribute]:
        with parser.in_angle_brackets():
            parse_key(parser, "logical_shape", first=True)
            shape = parse_dims(parser)
            parse_key(parser, "host_strides")
            strides = parse_dims(parser)
            parse_key(parser, "host_volume")
            volume = parse_int(parser)
            if parser.parse_optional_punctuation(",") is None:
                return [shape, strides, volume, NoneAttr()]
            return [shape, strides, volume, TensorMeshAttr.new(TensorMeshAttr.parse_parameters(parser))]

    def print_parameters(self, printer: Printer) -> None:
        with printer.in_angle_brackets():
            printer.print_string("logical_shape = ")
            print_dims(printer, self.logical_shape)
            printer.print_string(", host_strides = ")
            print_dims(printer, self.host_strides)
            printer.print_string(f", host_volume = {self.host_volume.data}")
            if isinstance(self.mesh, TensorMeshAttr):
                printer.print_string(", ")
                self.mesh.print_parameters(printer)


def _strided_map(strides: Sequence[int], first: int) -> AffineMap:
    """Indices to an offset: index `first + i` counts `strides[i]`, those before it nothing."""
    offset: AffineExpr = AffineConstantExpr(0)
    for i, stride in enumerate(strides):
        offset = offset + AffineExpr.dimension(first + i) * stride
    return AffineMap(first + len(strides), 0, (offset,))


LAYOUT_ATTRIBUTES = (
    CBLayoutAttr,
    HostLayoutAttr,
    InterleavedLayoutAttr,
    MetalLayoutAttr,
    ShardLayoutAttr,
    ViewLayoutAttr,
)
