"""Attributes of `ttcore` and `ttnn` that real files carry: each reads back as it was written."""

from __future__ import annotations

import re

import pytest
from xdsl.dialects.builtin import MemRefType
from xdsl.ir import Attribute
from xdsl.ir.affine import AffineMap
from xdsl.parser import Parser
from xdsl.utils.exceptions import ParseError, VerifyException

from tilewright.dialects.text import SourceError, parse_module, print_module
from tilewright.dialects.ttcore import GridAttr, MemorySpace, MetalLayoutAttr, TileType
from tilewright.dialects.ttnn import TTNNLayoutAttr
from tilewright.stages import make_context

CONTEXT = make_context()

CHIP = (
    "{arch = <wormhole_b0>, grid = 8x8, coord_translation_offsets = 18x18, l1_size = 1499136, num_dram_channels = 12, "
    "dram_channel_size = 1073741824, noc_l1_address_align_bytes = 16, pcie_address_align_bytes = 32, "
    "noc_dram_address_align_bytes = 32, l1_unreserved_base = 1024, erisc_l1_unreserved_base = 1024, "
    "dram_unreserved_base = 1024, dram_unreserved_end = 1073741824, "
    "supported_data_types = [<f32>, <bfp_bf8>, <si32>, <i1>], supported_tile_sizes = [ 4x16,  32x32], "
    "dst_physical_size_tiles = 16, num_cbs = 32, num_compute_threads = 1, num_datamovement_threads = 2, "
    "dram_grid = 1x12, dram_bank_to_logical_worker_noc0 = [(7, 3), (0, 0)], "
    "dram_bank_to_logical_worker_noc1 = []}"
)
MAPS = "virt_to_physical_map = (d0, d1) -> (0, d0 + 1, d1), physical_to_virt_map = (d0, d1, d2) -> (d1 - 1, d2)"
HOST = '{role = host, target_triple = "x86_64-pc-linux-gnu"}'
INTERVALS = "collapsed_intervals = dense<[[0, 1], [1, 2]]> : tensor<2x2xi64>"

TEXTS = [
    *(f"#ttcore.arch<{a}>" for a in ("wormhole_b0", "blackhole", "quasar")),
    *(f"#ttcore.supportedDataTypes<{d}>" for d in ("f32", "bfp_bf4", "u8", "si32", "i1")),
    *(f"#ttcore.memory_space<{m}>" for m in ("system", "mmio", "dram", "l1", "dst")),
    *(f"#ttcore.tensor_memory_layout<{m}>" for m in ("interleaved", "sharded")),
    *(f"#ttcore.oob_val<{v}>" for v in ("undef", "zero", "one", "inf", "neginf")),
    *(f"#ttcore.iterator_type<{t}>" for t in ("parallel", "reduction")),
    *(f"#ttcore.topology<{t}>" for t in ("ring", "linear", "mesh", "torus", "disabled")),
    "#ttcore.mesh_topology<[ring, linear]>",
    "#ttcore.fabric_connection_config<noc_index = noc0, topology = ring, cluster_axis = 1, "
    "routing_mode = bidir_line_mesh, num_links = 2>",
    "#ttcore.fabric_connection_config<noc_index = noc1, topology = linear, cluster_axis = 0, "
    "routing_mode = unidir_ring_torus, num_links = 1, router_cores = [0, 0, 1, 0]>",
    "#ttcore.grid<8x8>",
    f"#ttcore.grid<1x16, {MAPS}>",
    "#ttcore<core_coord 1x2>",
    "#ttcore<tile_size 32x16>",
    "#ttcore<chip_coord 0x0x1x2>",
    "#ttcore.core_range<(1, 1), (3, 4)>",
    "#ttcore.arg_alloc<32, 64, l1>",
    f"#ttcore.metal_layout<logical_shape = 64x128, dim_alignments = 32x32, {INTERVALS}, l1, sharded>",
    "#ttcore.metal_layout<logical_shape = 8x8, dim_alignments = 32x32, "
    "collapsed_intervals = dense<> : tensor<0x2xi64>, dram, interleaved>",
    "#ttcore.metal_layout<logical_shape = 4x8x8, dim_alignments = 1x32x32, "
    "collapsed_intervals = dense<[[0, -1], [-1, 3]]> : tensor<2x2xi64>, l1, sharded>",
    "#ttcore.shard<16384x4096, 1>",
    "#ttcore.cb_layout<4096x128, 2>",
    "#ttcore.interleaved<4096x128>",
    "#ttcore.view<4>",
    "#ttcore.host_layout<logical_shape = 30x30, host_strides = 32x1, host_volume = 1024>",
    '#ttcore.host_layout<logical_shape = 30x30, host_strides = 32x1, host_volume = 1024, <"mesh">>',
    f"#ttcore.system_desc<[{HOST}], [{CHIP}], [0, 0], [1 : i32, 0 : i32], [ 0x0x0x0,  0x0x0x1]>",
    f"#ttcore.system_desc<[{HOST}], [{CHIP}], [0], [1 : i32], [ 0x0x0x0], [<[0, 8, 0], [1, 0, 0]>]>",
    f"#ttcore<chip_desc {CHIP}>",
    f"#ttcore<cpu_desc {HOST}>",
    "#ttcore.chip_channel<[0, 8, 0], [1, 0, 0]>",
    f"#ttcore.device<workerGrid = #ttcore.grid<8x8, {MAPS}>, dramGrid = #ttcore.grid<1x12>, "
    "l1Map = (d0, d1, d2)[s0] -> (0, d0, d1, d2 + s0), "
    "dramMap = (d0, d1)[s0, s1] -> (((d0 * s1) floordiv s0) mod 12, d1 ceildiv 2), meshShape = , chipIds = [0]>",
    "#ttcore.device<workerGrid = #ttcore.grid<8x8>, dramGrid = #ttcore.grid<1x12>, l1Map = () -> (0), "
    "dramMap = () -> (0), meshShape = 1x2, chipIds = [0, 1], meshTopology = [linear, ring]>",
    "!ttcore.dict",
    "!ttcore.tile<32x32, i1>",
    "#ttnn.buffer_type<system_memory>",
    "#ttnn.ttnn_layout<(d0, d1) -> (d0 * 32 + d1, d1), <1x1>, memref<1x1x!ttcore.tile<32x32, bf16>, "
    "#ttnn.buffer_type<l1>>, <height_sharded>, core_ranges = #ttnn.core_range_set<[#ttnn.core_range<(0, 0), (7, 7)>]>>",
    "#ttnn.shard_spec<<[#ttnn.core_range<(0,0), (0,0)>]>, <32x32>, <row_major>>",
]


def parse(text: str) -> Attribute:
    """The attribute that `text` is."""
    return Parser(CONTEXT, text).parse_attribute()


@pytest.mark.parametrize("text", TEXTS)
def test_text_reads_back_as_it_was_written(text: str) -> None:
    attribute = parse(text)

    assert str(attribute) == text
    assert parse(str(attribute)) == attribute


REFUSED = [
    ("#ttcore.arch<grayskull>", "wormhole_b0"),
    ("#ttcore.supportedDataTypes<f64>", "f32"),
    ("#ttcore.grid<8x8, (d0, d1) -> (d0, d1)>", "virt_to_physical_map"),
    ("#ttcore.grid<8x8, virt_to_physical_map = (d0, d1 -> (d0, d1)>", "expected ')' here"),
    ("#ttcore.core_range<(3, 1), (1, 4)>", "the range ends at (1, 4), expected a corner from (3, 1) on"),
    ("#ttcore.core_range<(3), (1, 4)>", "expected two numbers each"),
    ("#ttcore.core_range<(-1, 0), (0, 0)>", "found the coordinate -1, expected it to be non-negative"),
    ("#ttcore.core_range<(0, 0), (0, -2)>", "found the coordinate -2, expected it to be non-negative"),
    ("#ttcore<tile_size 32>", "found 1 numbers, expected 2"),
    ("#ttcore<core_coord 1x2x3>", "found 3 numbers, expected 2"),
    ("#ttcore<chip_coord 0x0>", "found 2 numbers, expected 4"),
    (
        f"#ttcore.metal_layout<logical_shape = 64x128, dim_alignments = 32, {INTERVALS}, l1, sharded>",
        "found the alignments (32,), expected 2 numbers >= 1",
    ),
    (
        "#ttcore.metal_layout<logical_shape = 4, dim_alignments = 1, collapsed_intervals = dense<[[0, 1]]> : "
        "tensor<1x2xi64>, l1, sharded>",
        "the logical shape has 1 dimensions, expected at least 2",
    ),
    *(
        (
            "#ttcore.metal_layout<logical_shape = 4x4, dim_alignments = 1x1, "
            f"collapsed_intervals = {text}, l1, sharded>",
            message,
        )
        for text, message in (
            ("dense<1> : tensor<2xi64>", "the intervals have the shape (2,), expected pairs"),
            ("dense<[[0, 1, 2]]> : tensor<1x3xi64>", "the intervals have the shape (1, 3), expected pairs"),
            ("[0]", "expected a dense attribute"),
            (
                "dense<[[0, 1], [2, 2]]> : tensor<2x2xi64>",
                "the interval (2, 2) starts at dimension 2, expected a value in [0, 2)",
            ),
            (
                "dense<[[-3, 1]]> : tensor<1x2xi64>",
                "the interval (-3, 1) starts at dimension -1, expected a value in [0, 2)",
            ),
            (
                "dense<[[0, 3]]> : tensor<1x2xi64>",
                "the interval (0, 3) ends before dimension 3, expected a value in [0, 2]",
            ),
            ("dense<[[1, -2]]> : tensor<1x2xi64>", "the interval (1, -2) ends before its start"),
            ("dense<[[0.0, 1.0]]> : tensor<1x2xf32>", "the intervals hold f32, expected integers"),
        )
    ),
    (
        "#ttcore.fabric_connection_config<noc_index = noc0, topology = ring, cluster_axis = 1, "
        "routing_mode = bidir_line_mesh, num_links = 1, router_cores = [0, 0, 1]>",
        "found 3 numbers as router cores, expected pairs",
    ),
    ("#ttcore.view<1000000000>", "the rank is 1000000000, expected 0 to 64"),
    ("#ttcore.shard<16>", "','"),
    ("#ttcore.mesh_topology<ring>", "'['"),
    ("#ttcore.device<workerGrid = 1>", "expected a grid"),
    (f"#ttcore.system_desc<[{HOST}], [], [0], [a], [ 0x0x0x0]>", "xpected"),
    (f'#ttcore.system_desc<[{HOST}], [], [0], ["a"], [ 0x0x0x0]>', "expected an integer attribute"),
    ("#ttcore<chip_desc {grid = 8x8}>", "arch"),
    ("!ttcore.tile<32x32, i2>", "a tile has no data type 'i2'"),
    ("#ttnn.ttnn_layout<(1>", "expected ')' here"),
    ("#ttnn.ttnn_layout<1", "expected '>' here"),
    ("#ttnn.ttnn_layout", "expected"),
    ("#ttnn.ttnn_layout<" + "(" * 100, "brackets are nested too deeply"),
]


@pytest.mark.parametrize(("text", "message"), REFUSED)
def test_other_text_is_refused(text: str, message: str) -> None:
    with pytest.raises((ParseError, VerifyException)) as raised:
        parse(text)
    assert message in str(raised.value.with_traceback(None)) + str(getattr(raised.value, "__notes__", ""))


def test_aliases_inside_are_written_out() -> None:
    text = """
    #l1 = #ttnn.buffer_type<l1>
    #layout = #ttnn.ttnn_layout<(d0, d1) -> (d0, d1),
       <8x1>, memref<16x1x!ttcore.tile<32x32, bf16>, #l1>, core_ranges = #set>
    #set = #ttnn.core_range_set<[#ttnn.core_range<(0, 0), (0, 7)>]>
    func.func private @f(tensor<4096x32xbf16, #layout>)
    """
    module = parse_module(text, CONTEXT, "aliases.mlir")

    written = (
        "#ttnn.ttnn_layout<(d0, d1) -> (d0, d1), <8x1>, memref<16x1x!ttcore.tile<32x32, bf16>, "
        "#ttnn.buffer_type<l1>>, core_ranges = #ttnn.core_range_set<[#ttnn.core_range<(0, 0), (0, 7)>]>>"
    )
    assert written in print_module(module)
    assert isinstance(parse(written), TTNNLayoutAttr)


def test_intervals_that_are_all_the_same_are_stored_once() -> None:
    text = "#ttcore.metal_layout<logical_shape = 4x4, dim_alignments = 1x1, collapsed_intervals = {}, l1, sharded>"
    declaration = f"func.func private @f(tensor<4xf32, {text}>)"
    parse_module(declaration.format("dense<1> : tensor<100000000x2xi64>"), CONTEXT, "splat.mlir")
    with pytest.raises(SourceError, match=r"the interval \(3, 3\) starts at dimension 3"):
        parse_module(declaration.format("dense<3> : tensor<100000000x2xi64>"), CONTEXT, "splat.mlir")


def test_alias_that_is_missing_is_reported() -> None:
    with pytest.raises(SourceError, match="undefined symbol alias '#l1'"):
        parse_module("func.func private @f(tensor<4xbf16, #ttnn.ttnn_layout<#l1>>)", CONTEXT, "aliases.mlir")


def test_layouts_say_where_elements_of_a_buffer_lie() -> None:
    def map_of(layout: str) -> AffineMap:
        type = parse(f"memref<2x3x4x5xf32, {layout}>")
        assert isinstance(type, MemRefType)
        return type.get_affine_map()

    assert map_of("#ttcore.shard<20x4, 1>").eval([1, 1, 2, 3], []) == (52,)
    assert map_of("#ttcore.cb_layout<240x80x20x4, 1>").eval([1, 1, 2, 3], []) == (372,)
    assert map_of("#ttcore.interleaved<240x80x20x4>").eval([1, 1, 2, 3], []) == (372,)
    assert map_of("#ttcore.view<4>").eval([1, 1, 2, 3], []) == (1, 1, 2, 3)
    host = "#ttcore.host_layout<logical_shape = 2x3x4x5, host_strides = 60x20x5x1, host_volume = 120>"
    assert map_of(host).eval([1, 1, 2, 3], []) == (93,)


def test_parts_are_told() -> None:
    layout = parse(f"#ttcore.metal_layout<logical_shape = 64x128, dim_alignments = 32x32, {INTERVALS}, l1, sharded>")
    assert isinstance(layout, MetalLayoutAttr)
    assert layout.shape == (64, 128)
    assert layout.memory is MemorySpace.L1
    grid = parse(f"#ttcore.grid<1x16, {MAPS}>")
    assert isinstance(grid, GridAttr)
    assert re.fullmatch(r"\(d0, d1\) -> .*", str(grid.virtual_to_physical).strip('"'))


def test_machine_has_no_format_for_boolean_tiles() -> None:
    tile = parse("!ttcore.tile<32x32, i1>")
    assert isinstance(tile, TileType)
    with pytest.raises(VerifyException, match="the machine has no format for"):
        _ = tile.format
