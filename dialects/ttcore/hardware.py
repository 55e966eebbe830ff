"""Attributes of `ttcore` that describe parts of the hardware: grids, cores, tiles, links.

Source: tt-mlir ``TTCoreOpsEnums.td`` and ``TTCoreOpsTypes.td``.
"""

from __future__ import annotations

from collections.abc import Sequence

from xdsl.dialects.builtin import ArrayAttr, IntAttr, NoneAttr, StringAttr
from xdsl.ir import Attribute, ParametrizedAttribute, SpacedOpaqueSyntaxAttribute
from xdsl.irdl import irdl_attr_definition, param_def
from xdsl.parser import AttrParser
from xdsl.printer import Printer
from xdsl.utils.exceptions import VerifyException

from tilewright.dialects.ttcore.enums import MemorySpace, NocIndex, RoutingMode, Topology
from tilewright.dialects.ttcore.syntax import (
    IntArray,
    int_array,
    ints,
    parse_dims,
    parse_int,
    parse_key,
    parse_list,
    parse_map,
    print_dims,
)


@irdl_attr_definition
class MeshTopologyAttr(ParametrizedAttribute):
    """How the chips along each axis of a mesh are linked: `#ttcore.mesh_topology<[ring, linear]>`."""

    name = "ttcore.mesh_topology"

    topologies: ArrayAttr[StringAttr] = param_def()

    @classmethod
    def parse_parameters(cls, parser: AttrParser) -> Sequence[Attribute]:
        with parser.in_angle_brackets():
            return [parse_topologies(parser)]

    def print_parameters(self, printer: Printer) -> None:
        with printer.in_angle_brackets():
            print_topologies(printer, self.topologies)


def parse_topologies(parser: AttrParser) -> ArrayAttr[StringAttr]:
    """Topologies in square brackets."""
    return ArrayAttr(parse_list(parser, lambda: StringAttr(parser.parse_str_enum(Topology).value)))


def print_topologies(printer: Printer, topologies: ArrayAttr[StringAttr]) -> None:
    """Topologies in square brackets."""
    with printer.in_square_brackets():
        printer.print_list(topologies, lambda topology: printer.print_string(topology.data))


@irdl_attr_definition
class FabricConnectionConfigAttr(ParametrizedAttribute):
    """How a collective uses the links between chips; `router_cores`, where they are said, are rows and columns of the
    cores that feed them, one pair for each link and direction.
    """

    name = "ttcore.fabric_connection_config"

    noc_index: StringAttr = param_def()
    topology: StringAttr = param_def()
    cluster_axis: IntAttr = param_def()
    routing_mode: StringAttr = param_def()
    num_links: IntAttr = param_def()
    router_cores: IntArray = param_def()

    def verify(self) -> None:
        if (count := len(self.router_cores)) % 2:
            raise VerifyException(f"{self.name}: found {count} numbers as router cores, expected pairs")

    @classmethod
    def parse_parameters(cls, parser: AttrParser) -> Sequence[Attribute]:
        with parser.in_angle_brackets():
            parse_key(parser, "noc_index", first=True)
            noc_index = parser.parse_str_enum(NocIndex).value
            parse_key(parser, "topology")
            topology = parser.parse_str_enum(Topology).value
            parse_key(parser, "cluster_axis")
            axis = parse_int(parser)
            parse_key(parser, "routing_mode")
            mode = parser.parse_str_enum(RoutingMode).value
            parse_key(parser, "num_links")
            links, cores = parse_int(parser), ArrayAttr[IntAttr]([])
            if parser.parse_optional_punctuation(",") is not None:
                parse_key(parser, "router_cores", first=True)
                cores = ArrayAttr(parse_list(parser, lambda: parse_int(parser)))
            return [StringAttr(noc_index), StringAttr(topology), axis, StringAttr(mode), links, cores]

    def print_parameters(self, printer: Printer) -> None:
        with printer.in_angle_brackets():
            printer.print_string(
                f"noc_index = {self.noc_index.data}, topology = {self.topology.data}, "
                f"cluster_axis = {self.cluster_axis.data}, routing_mode = {self.routing_mode.data}, "
                f"num_links = {self.num_links.data}"
            )
            if self.router_cores:
                printer.print_string(f", router_cores = {list(ints(self.router_cores))}")


@irdl_attr_definition
class GridAttr(ParametrizedAttribute):
    """A grid of cores, `#ttcore.grid<8x8>`, which may say where on the chip its cores are:
    `#ttcore.grid<1x16, virt_to_physical_map = (d0, d1) -> .., physical_to_virt_map = (d0, d1) -> ..>`.
    """

    name = "ttcore.grid"

    shape: IntArray = param_def()
    virtual_to_physical: StringAttr | NoneAttr = param_def()
    physical_to_virtual: StringAttr | NoneAttr = param_def()

    @classmethod
    def parse_parameters(cls, parser: AttrParser) -> Sequence[Attribute]:
        with parser.in_angle_brackets():
            shape = parse_dims(parser)
            if parser.parse_optional_punctuation(",") is None:
                return [shape, NoneAttr(), NoneAttr()]
            parse_key(parser, "virt_to_physical_map", first=True)
            forward = parse_map(parser)
            parse_key(parser, "physical_to_virt_map")
            return [shape, forward, parse_map(parser)]

    def print_parameters(self, printer: Printer) -> None:
        with printer.in_angle_brackets():
            print_dims(printer, self.shape)
            if isinstance(self.virtual_to_physical, StringAttr) and isinstance(self.physical_to_virtual, StringAttr):
                printer.print_string(
                    f", virt_to_physical_map = {self.virtual_to_physical.data}"
                    f", physical_to_virt_map = {self.physical_to_virtual.data}"
                )


class _DimensionsAttr(ParametrizedAttribute, SpacedOpaqueSyntaxAttribute):
    """Numbers written as extents, after the attribute's name: `#ttcore<tile_size 32x32>`."""

    numbers: IntArray = param_def()

    @classmethod
    def parse_parameters(cls, parser: AttrParser) -> Sequence[Attribute]:
        return [parse_dims(parser)]

    def print_parameters(self, printer: Printer) -> None:
        print_dims(printer, self.numbers)

    def _verify_count(self, count: int) -> None:
        if len(self.numbers) != count:
            raise VerifyException(f"{self.name}: found {len(self.numbers)} numbers, expected {count}")


@irdl_attr_definition
class CoreCoordAttr(_DimensionsAttr):
    """The place of a core: its row and column."""

    name = "ttcore.core_coord"

    def verify(self) -> None:
        self._verify_count(2)


@irdl_attr_definition
class TileSizeAttr(_DimensionsAttr):
    """Height and width of a tile."""

    name = "ttcore.tile_size"

    def verify(self) -> None:
        self._verify_count(2)


@irdl_attr_definition
class ChipCoordAttr(_DimensionsAttr):
    """The place of a chip: rack, shelf, row and column."""

    name = "ttcore.chip_coord"

    def verify(self) -> None:
        self._verify_count(4)


def parse_coordinates(parser: AttrParser) -> IntArray:
    """`(1, 3)`."""

    def coordinate() -> int:
        start = parser.pos
        value = parser.parse_integer(allow_boolean=False)
        if value < 0:
            parser.raise_error(f"found the coordinate {value}, expected it to be non-negative", start)
        return value

    return int_array(parser.parse_comma_separated_list(parser.Delimiter.PAREN, coordinate))


def print_coordinates(printer: Printer, coordinates: IntArray) -> None:
    """`(1, 3)`."""
    with printer.in_parens():
        printer.print_list(ints(coordinates), printer.print_int)


@irdl_attr_definition
class CoreRangeAttr(ParametrizedAttribute):
    """A rectangle of cores between two corners: `#ttcore.core_range<(1, 1), (3, 4)>`."""

    name = "ttcore.core_range"

    start: IntArray = param_def()
    end: IntArray = param_def()

    def verify(self) -> None:
        start, end = ints(self.start), ints(self.end)
        if len(start) != 2 or len(end) != 2:
            raise VerifyException(f"{self.name}: found the corners {start} and {end}, expected two numbers each")
        if any(s > e for s, e in zip(start, end, strict=True)):
            raise VerifyException(f"{self.name}: the range ends at {end}, expected a corner from {start} on")

    @classmethod
    def parse_parameters(cls, parser: AttrParser) -> Sequence[Attribute]:
        with parser.in_angle_brackets():
            start = parse_coordinates(parser)
            parser.parse_punctuation(",")
            return [start, parse_coordinates(parser)]

    def print_parameters(self, printer: Printer) -> None:
        with printer.in_angle_brackets():
            print_coordinates(printer, self.start)
            printer.print_string(", ")
            print_coordinates(printer, self.end)


@irdl_attr_definition
class ArgumentAllocationAttr(ParametrizedAttribute):
    """Where an argument lies: `#ttcore.arg_alloc<address, size, memory>`."""

    name = "ttcore.arg_alloc"

    address: IntAttr = param_def()
    size: IntAttr = param_def()
    memory_space: StringAttr = param_def()

    @classmethod
    def parse_parameters(cls, parser: AttrParser) -> Sequence[Attribute]:
        with parser.in_angle_brackets():
            address = parse_int(parser)
            parser.parse_punctuation(",")
            size = parse_int(parser)
            parser.parse_punctuation(",")
            return [address, size, StringAttr(parser.parse_str_enum(MemorySpace).value)]

    def print_parameters(self, printer: Printer) -> None:
        with printer.in_angle_brackets():
            printer.print_string(f"{self.address.data}, {self.size.data}, {self.memory_space.data}")


HARDWARE_ATTRIBUTES = (
    ArgumentAllocationAttr,
    ChipCoordAttr,
    CoreCoordAttr,
    CoreRangeAttr,
    FabricConnectionConfigAttr,
    GridAttr,
    MeshTopologyAttr,
    TileSizeAttr,
)
