"""Attributes of `ttcore` that describe the system that a module is compiled for, as its files carry them.

Source: tt-mlir ``TTCoreOpsTypes.td``. What Tilewright compiles for stands in its device descriptors, not here.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from xdsl.dialects.builtin import ArrayAttr, DictionaryAttr, IntAttr, IntegerAttr, StringAttr
from xdsl.ir import Attribute, ParametrizedAttribute, SpacedOpaqueSyntaxAttribute
from xdsl.irdl import irdl_attr_definition, param_def
from xdsl.parser import AttrParser
from xdsl.printer import Printer
from xdsl.utils.str_enum import StrEnum

from tilewright.dialects.ttcore.enums import ArchAttr, DataTypeAttr
from tilewright.dialects.ttcore.hardware import (
    ChipCoordAttr,
    CoreCoordAttr,
    GridAttr,
    TileSizeAttr,
    parse_coordinates,
    parse_topologies,
    print_coordinates,
    print_topologies,
)
from tilewright.dialects.ttcore.syntax import (
    IntArray,
    int_array,
    ints,
    is_integer,
    parse_dims,
    parse_int,
    parse_key,
    parse_list,
    parse_map,
    print_dims,
)


class CpuRole(StrEnum):
    """Where a processor of the host's kind sits."""

    HOST = "host"
    DEVICE = "device"


@irdl_attr_definition
class CpuDescAttr(ParametrizedAttribute, SpacedOpaqueSyntaxAttribute):
    """A processor: `{role = host, target_triple = "x86_64-pc-linux-gnu"}`."""

    name = "ttcore.cpu_desc"

    role: StringAttr = param_def()
    target_triple: StringAttr = param_def()

    @classmethod
    def parse_parameters(cls, parser: AttrParser) -> Sequence[Attribute]:
        with parser.in_braces():
            parse_key(parser, "role", first=True)
            role = parser.parse_str_enum(CpuRole).value
            parse_key(parser, "target_triple")
            return [StringAttr(role), StringAttr(parser.parse_str_literal())]

    def print_parameters(self, printer: Printer) -> None:
        with printer.in_braces():
            printer.print_string(f"role = {self.role.data}, target_triple = ")
            printer.print_string_literal(self.target_triple.data)


class _Field(StrEnum):
    """What the value of a chip's property is."""

    ARCH = "arch"
    DIMS = "dims"
    INT = "int"
    FORMATS = "formats"
    TILES = "tiles"
    CORES = "cores"


_CHIP_FIELDS = {
    "arch": _Field.ARCH,
    "grid": _Field.DIMS,
    "coord_translation_offsets": _Field.DIMS,
    "l1_size": _Field.INT,
    "num_dram_channels": _Field.INT,
    "dram_channel_size": _Field.INT,
    "noc_l1_address_align_bytes": _Field.INT,
    "pcie_address_align_bytes": _Field.INT,
    "noc_dram_address_align_bytes": _Field.INT,
    "l1_unreserved_base": _Field.INT,
    "erisc_l1_unreserved_base": _Field.INT,
    "dram_unreserved_base": _Field.INT,
    "dram_unreserved_end": _Field.INT,
    "supported_data_types": _Field.FORMATS,
    "supported_tile_sizes": _Field.TILES,
    "dst_physical_size_tiles": _Field.INT,
    "num_cbs": _Field.INT,
    "num_compute_threads": _Field.INT,
    "num_datamovement_threads": _Field.INT,
    "dram_grid": _Field.DIMS,
    "dram_bank_to_logical_worker_noc0": _Field.CORES,
    "dram_bank_to_logical_worker_noc1": _Field.CORES,
}
"""Name and kind of each property of a chip, in their order in the text."""


def _parse_field(parser: AttrParser, kind: _Field) -> Attribute:
    match kind:
        case _Field.ARCH:
            return ArchAttr(ArchAttr.parse_parameter(parser))
        case _Field.DIMS:
            return parse_dims(parser)
        case _Field.INT:
            return parse_int(parser)
        case _Field.FORMATS:
            return ArrayAttr(parse_list(parser, lambda: DataTypeAttr(DataTypeAttr.parse_parameter(parser))))
        case _Field.TILES:
            return ArrayAttr(parse_list(parser, lambda: TileSizeAttr.new([parse_dims(parser)])))
        case _Field.CORES:
            return ArrayAttr(parse_list(parser, lambda: CoreCoordAttr.new([parse_coordinates(parser)])))


def _print_field(printer: Printer, kind: _Field, value: Attribute) -> None:
    match value:
        case ArchAttr():
            value.print_parameter(printer)
        case IntAttr():
            printer.print_int(value.data)
        case ArrayAttr():
            items: Sequence[Attribute] = value.data
            if kind is _Field.DIMS:
                dims: list[int] = [cast("IntAttr", item).data for item in items]
                printer.print_dimension_list(dims)
                return
            with printer.in_square_brackets():
                printer.print_list(items, lambda item: _print_item(printer, item))
        case _:
            raise TypeError(f"unexpected property {value}")


def _print_item(printer: Printer, item: Attribute) -> None:
    match item:
        case DataTypeAttr():
            item.print_parameter(printer)
        case TileSizeAttr():
            # As MLIR prints it.
            printer.print_string(" ")
            item.print_parameters(printer)
        case CoreCoordAttr():
            print_coordinates(printer, item.numbers)
        case _:
            raise TypeError(f"unexpected item {item}")


@irdl_attr_definition
class ChipDescAttr(ParametrizedAttribute, SpacedOpaqueSyntaxAttribute):
    """A chip: `{arch = <wormhole_b0>, grid = 8x8, ..}`."""

    name = "ttcore.chip_desc"

    properties: DictionaryAttr = param_def()

    @classmethod
    def parse_parameters(cls, parser: AttrParser) -> Sequence[Attribute]:
        found: dict[str, Attribute] = {}
        with parser.in_braces():
            for name, kind in _CHIP_FIELDS.items():
                parse_key(parser, name, first=not found)
                found[name] = _parse_field(parser, kind)
        return [DictionaryAttr(found)]

    def print_parameters(self, printer: Printer) -> None:
        with printer.in_braces():
            for i, (name, kind) in enumerate(_CHIP_FIELDS.items()):
                printer.print_string(f"{', ' if i else ''}{name} = ")
                _print_field(printer, kind, self.properties.data[name])


@irdl_attr_definition
class ChipChannelAttr(ParametrizedAttribute):
    """A link between two chips: the number of each and the place of its Ethernet core, `<[0, 8, 0], [1, 0, 0]>`."""

    name = "ttcore.chip_channel"

    first: IntArray = param_def()
    second: IntArray = param_def()

    @classmethod
    def parse_parameters(cls, parser: AttrParser) -> Sequence[Attribute]:
        def end() -> IntArray:
            return int_array(parse_list(parser, lambda: parser.parse_integer(allow_boolean=False)))

        with parser.in_angle_brackets():
            first = end()
            parser.parse_punctuation(",")
            return [first, end()]

    def print_parameters(self, printer: Printer) -> None:
        with printer.in_angle_brackets():
            printer.print_string(f"{list(ints(self.first))}, {list(ints(self.second))}")


@irdl_attr_definition
class SystemDescAttr(ParametrizedAttribute):
    """On a module: hosts, kinds of chips, the kind of each chip, what each chip can do, its place, and the links.

    `#ttcore.system_desc<[{role = ..}], [{arch = ..}], [0], [1 : i32], [ 0x0x0x0]>`
    """

    name = "ttcore.system_desc"

    cpus: ArrayAttr[CpuDescAttr] = param_def()
    chips: ArrayAttr[ChipDescAttr] = param_def()
    chip_indices: IntArray = param_def()
    chip_capabilities: ArrayAttr[IntegerAttr] = param_def()
    chip_coordinates: ArrayAttr[ChipCoordAttr] = param_def()
    chip_channels: ArrayAttr[ChipChannelAttr] = param_def()

    @classmethod
    def parse_parameters(cls, parser: AttrParser) -> Sequence[Attribute]:
        def capability() -> IntegerAttr:
            start = parser.pos
            found = parser.parse_attribute()
            if not is_integer(found):
                parser.raise_error("expected an integer attribute", start, parser.pos)
            return found

        with parser.in_angle_brackets():
            cpus = parse_list(parser, lambda: CpuDescAttr.new(CpuDescAttr.parse_parameters(parser)))
            parser.parse_punctuation(",")
            chips = parse_list(parser, lambda: ChipDescAttr.new(ChipDescAttr.parse_parameters(parser)))
            parser.parse_punctuation(",")
            indices = parse_list(parser, lambda: parse_int(parser))
            parser.parse_punctuation(",")
            capabilities = parse_list(parser, capability)
            parser.parse_punctuation(",")
            coordinates = parse_list(parser, lambda: ChipCoordAttr.new([parse_dims(parser)]))
            channels: list[ChipChannelAttr] = []
            if parser.parse_optional_punctuation(",") is not None:
                channels = parse_list(parser, lambda: ChipChannelAttr.new(ChipChannelAttr.parse_parameters(parser)))
            return [ArrayAttr(part) for part in (cpus, chips, indices, capabilities, coordinates, channels)]

    def print_parameters(self, printer: Printer) -> None:
        def coordinates(chip: ChipCoordAttr) -> None:
            printer.print_string(" ")
            chip.print_parameters(printer)

        with printer.in_angle_brackets():
            with printer.in_square_brackets():
                printer.print_list(self.cpus, lambda cpu: cpu.print_parameters(printer))
            printer.print_string(", ")
            with printer.in_square_brackets():
                printer.print_list(self.chips, lambda chip: chip.print_parameters(printer))
            printer.print_string(f", {list(ints(self.chip_indices))}, ")
            printer.print_attribute(self.chip_capabilities)
            printer.print_string(", ")
            with printer.in_square_brackets():
                printer.print_list(self.chip_coordinates, coordinates)
            if self.chip_channels.data:
                printer.print_string(", ")
                with printer.in_square_brackets():
                    printer.print_list(self.chip_channels, lambda channel: channel.print_parameters(printer))


@irdl_attr_definition
class DeviceAttr(ParametrizedAttribute):
    """A device: its cores, its memories' maps from indices to addresses, and its chips.

    `#ttcore.device<workerGrid = #ttcore.grid<8x8>, dramGrid = #ttcore.grid<1x12>, l1Map = .., dramMap = ..,
    meshShape = 1x1, chipIds = [0]>`
    """

    name = "ttcore.device"

    worker_grid: GridAttr = param_def()
    dram_grid: GridAttr = param_def()
    l1_map: StringAttr = param_def()
    dram_map: StringAttr = param_def()
    mesh_shape: IntArray = param_def()
    chip_ids: IntArray = param_def()
    mesh_topology: ArrayAttr[StringAttr] = param_def()

    @classmethod
    def parse_parameters(cls, parser: AttrParser) -> Sequence[Attribute]:
        def grid(key: str, *, first: bool = False) -> GridAttr:
            parse_key(parser, key, first=first)
            start = parser.pos
            found = parser.parse_attribute()
            if not isinstance(found, GridAttr):
                parser.raise_error("expected a grid", start, parser.pos)
            return found

        with parser.in_angle_brackets():
            workers, dram = grid("workerGrid", first=True), grid("dramGrid")
            parse_key(parser, "l1Map")
            l1_map = parse_map(parser)
            parse_key(parser, "dramMap")
            dram_map = parse_map(parser)
            parse_key(parser, "meshShape")
            mesh = parse_dims(parser)
            parse_key(parser, "chipIds")
            chips = ArrayAttr(parse_list(parser, lambda: parse_int(parser)))
            topology = ArrayAttr[StringAttr]([])
            if parser.parse_optional_punctuation(",") is not None:
                parse_key(parser, "meshTopology", first=True)
                topology = parse_topologies(parser)
            return [workers, dram, l1_map, dram_map, mesh, chips, topology]

    def print_parameters(self, printer: Printer) -> None:
        with printer.in_angle_brackets():
            for key, grid in (("workerGrid", self.worker_grid), (", dramGrid", self.dram_grid)):
                printer.print_string(f"{key} = ")
                printer.print_attribute(grid)
            printer.print_string(f", l1Map = {self.l1_map.data}, dramMap = {self.dram_map.data}, meshShape = ")
            print_dims(printer, self.mesh_shape)
            printer.print_string(f", chipIds = {list(ints(self.chip_ids))}")
            if self.mesh_topology.data:
                printer.print_string(", meshTopology = ")
                print_topologies(printer, self.mesh_topology)


SYSTEM_ATTRIBUTES = (ChipChannelAttr, ChipDescAttr, CpuDescAttr, DeviceAttr, SystemDescAttr)
