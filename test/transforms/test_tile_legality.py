"""Every condition of every lowering gives its reason: the predicate, the values found, and what would be accepted."""

from __future__ import annotations

from pathlib import Path

import pytest
from xdsl.dialects.builtin import ModuleOp
from xdsl.dialects.func import FuncOp
from xdsl.ir import Operation
from xdsl.parser import Parser

from tilewright.machine import catalog
from tilewright.stages import make_context, run_passes
from tilewright.support.errors import UnsupportedInputError
from tilewright.transforms.host_outlining import REASONS
from tilewright.transforms.lowering.context import no_reasons
from tilewright.transforms.lowering.table import RULES
from tilewright.transforms.tile_legality import TileLegality


def module_of(op: str, operands: str, result: str) -> ModuleOp:
    """A module whose function is one op: `name <properties>` on arguments of the types `a; b`."""
    types = [t.strip() for t in operands.split(";")]
    name, _, properties = op.partition(" ")
    arguments = ", ".join(f"%{i} : {t}" for i, t in enumerate(types))
    values = ", ".join(f"%{i}" for i in range(len(types)))
    call = f'"ttir.{name}"({values}) {properties} : ({", ".join(types)}) -> {result}'
    text = f"func.func @f({arguments}) -> {result} {{ %r = {call}\n func.return %r : {result} }}"
    module = Parser(make_context(), text).parse_module()
    module.verify()
    return module


def op_of(module: ModuleOp) -> Operation:
    """The op that :func:`module_of` put in."""
    (function,) = module.ops
    assert isinstance(function, FuncOp)
    op, _ = function.body.block.ops
    return op


def reasons_of(op: str, operands: str, result: str, device: str = "wormhole_n150") -> list[str]:
    """The reasons against an op, rendered."""
    legality = TileLegality(device, "Float16_b", "Float32")
    return [r.render() for r in legality.reasons_against(op_of(module_of(op, operands, result)))]


Q = "tensor<1x2x4x8xf32>"
SDPA = "scaled_dot_product_attention <{{is_causal = {}, operandSegmentSizes = array<i32: 1, 1, 1, 0, 0>{}}}>"
FLOAT = "(nearest accepted: a float type)"
TYPES = "(nearest accepted: f32, bf16, f16, i1 or integers to 32 bits)"

REFUSED = {
    # Of types, whatever the op.
    "f64": ("exp", "tensor<4xf64>", "tensor<4xf64>", f"DTYPE: dtype(operand 0) = f64 {TYPES}"),
    "complex": ("neg", "tensor<4xcomplex<f32>>", "tensor<4xcomplex<f32>>", "DTYPE: dtype(operand 0) = complex<f32>"),
    "ui64": ("eq", "tensor<4xui64>; tensor<4xui64>", "tensor<4xi1>", "DTYPE: dtype(operand 1) = ui64"),
    "f64 result": ("typecast", "tensor<4xf32>", "tensor<4xf64>", f"DTYPE: dtype(result 0) = f64 {TYPES}"),
    "dynamic": (
        "exp",
        "tensor<?x4xf32>",
        "tensor<?x4xf32>",
        "DYNAMIC_SHAPE: shape(operand 0) = (?, 4) (nearest accepted: static extents)",
    ),
    "empty": (
        "exp",
        "tensor<0x4xf32>",
        "tensor<0x4xf32>",
        "CONSTRAINT: shape(operand 0) = (0, 4) is empty (nearest accepted: extents >= 1)",
    ),
    "no kernel": (
        "pow",
        "tensor<4xf32>; tensor<4xf32>",
        "tensor<4xf32>",
        "NO_LOWERING: ttir.pow has no tile-level kernel",
    ),
    # Of the checks in the table of lowerings.
    "unary": ("exp", "tensor<4xi32>", "tensor<4xi32>", f"DTYPE: dtype(operand 0) = i32 {FLOAT}"),
    "unary boolean": ("neg", "tensor<4xi1>", "tensor<4xi1>", f"DTYPE: dtype(operand 0) = i1 {FLOAT}"),
    "binary": ("add", "tensor<4xi32>; tensor<4xi32>", "tensor<4xi32>", f"DTYPE: dtype(operand 1) = i32 {FLOAT}"),
    "div": ("div", "tensor<4xi32>; tensor<4xi32>", "tensor<4xi32>", f"DTYPE: dtype(operand 0) = i32 {FLOAT}"),
    "typecast": (
        "typecast",
        "tensor<4xi32>",
        "tensor<4xi8>",
        "CONSTRAINT: i32 to i8 wraps (nearest accepted: a type that holds every value)",
    ),
    "typecast unsigned": ("typecast", "tensor<4xui32>", "tensor<4xi64>", "CONSTRAINT: ui32 to i64 wraps"),
    "clamp": (
        "clamp_scalar <{min = 2.0 : f32, max = 1.0 : f32}>",
        "tensor<4xf32>",
        "tensor<4xf32>",
        "CONSTRAINT: min = 2.0, max = 1.0 (nearest accepted: min <= max)",
    ),
    "clamp NaN": (
        "clamp_scalar <{min = 0x7fc00000 : f32, max = 1.0 : f32}>",
        "tensor<4xf32>",
        "tensor<4xf32>",
        "CONSTRAINT: min = nan, max = 1.0",
    ),
    "matmul": (
        "matmul",
        "tensor<4xf32>; tensor<4x4xf32>",
        "tensor<4xf32>",
        "RANK: rank(operand 0) = 1 (nearest accepted: rank >= 2)",
    ),
    "linear": (
        "linear",
        "tensor<4x4xi32>; tensor<4x4xi32>",
        "tensor<4x4xi32>",
        f"DTYPE: dtype(operand 1) is an integer or boolean {FLOAT}",
    ),
    "softmax": (
        "softmax <{dimension = 0 : si32}>",
        "tensor<4x8xf32>",
        "tensor<4x8xf32>",
        "CONSTRAINT: dimension = 0 of rank 2 (nearest accepted: dimension = 1)",
    ),
    "layer_norm": (
        "layer_norm <{normalized_shape = array<i64: 4, 8>, operandSegmentSizes = array<i32: 1, 0, 0>}>",
        "tensor<2x4x8xf32>",
        "tensor<2x4x8xf32>",
        "CONSTRAINT: normalized_shape = [4, 8] (nearest accepted: one dimension, the last)",
    ),
    "attention causal": (
        SDPA.format("true", ""),
        f"{Q}; {Q}; {Q}",
        Q,
        "CONSTRAINT: is_causal = true (nearest accepted: an explicit attention mask)",
    ),
    "attention window": (
        SDPA.format("false", ", sliding_window_size = 2 : ui32"),
        f"{Q}; {Q}; {Q}",
        Q,
        "CONSTRAINT: sliding_window_size is given (nearest accepted: an explicit attention mask)",
    ),
    "attention groups": (
        SDPA.format("false", ""),
        f"{Q}; tensor<1x1x4x8xf32>; tensor<1x1x4x8xf32>",
        Q,
        "CONSTRAINT: heads = [1, 2] differ (nearest accepted: as many key as query heads)",
    ),
    "reduction": (
        "sum <{keep_dim = false}>",
        "tensor<f32>",
        "tensor<f32>",
        "RANK: rank(operand 0) = 0 (nearest accepted: rank >= 1)",
    ),
    "slice": (
        "slice_static <{begins = [3 : i32], ends = [0 : i32], step = [-1 : i32]}>",
        "tensor<4xf32>",
        "tensor<3xf32>",
        "CONSTRAINT: step = [-1] (nearest accepted: positive steps)",
    ),
    "embedding": (
        "embedding",
        "tensor<4xf32>; tensor<9x8xf32>",
        "tensor<4x8xf32>",
        "DTYPE: dtype(indices) is no integer (nearest accepted: an integer type)",
    ),
    "embedding table": (
        "embedding",
        "tensor<4xi32>; tensor<1x9x8xf32>",
        "tensor<4x8xf32>",
        "RANK: rank(table) = 3 (nearest accepted: rank 2)",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_reason_names_predicate_values_and_what_is_accepted(case: str) -> None:
    *op, expected = REFUSED[case]

    found = reasons_of(*op)

    assert any(expected in reason for reason in found), found


def test_every_check_is_among_the_cases() -> None:
    refused = {f"ttir.{op.partition(' ')[0]}" for op, *_ in REFUSED.values()}
    checks = {rule.check for rule in RULES.values()} - {no_reasons}

    assert checks <= {RULES[name].check for name in refused if name in RULES}


def test_all_reasons_are_given() -> None:
    found = reasons_of("softmax <{dimension = 0 : si32}>", "tensor<4x8xi32>", "tensor<4x8xi32>")

    assert [reason.partition(":")[0] for reason in found] == ["DTYPE", "CONSTRAINT"]


ACCEPTED = [
    ("multiply", "tensor<4xi1>; tensor<4xi1>", "tensor<4xi1>"),
    ("eq", "tensor<4xi64>; tensor<4xi64>", "tensor<4xi1>"),
    ("typecast", "tensor<4xi64>", "tensor<4xi32>"),
    ("typecast", "tensor<4xui8>", "tensor<4xi16>"),
    ("typecast", "tensor<4xi1>", "tensor<4xi8>"),
    ("exp", "tensor<f32>", "tensor<f32>"),
    ("softmax <{dimension = -1 : si32}>", "tensor<2x4x8xbf16>", "tensor<2x4x8xbf16>"),
]


@pytest.mark.parametrize("op", ACCEPTED, ids=[f"{op} {operands}" for op, operands, _ in ACCEPTED])
def test_neighbours_of_what_is_refused_are_accepted(op: tuple[str, str, str]) -> None:
    assert reasons_of(*op) == []


@pytest.fixture
def small_device(tmp_path: Path) -> str:
    """The path of a descriptor that differs from wormhole_n150 in its L1 alone: 256 KiB."""
    source = Path(catalog.__file__).parent / "devices" / "wormhole_n150.yaml"
    text = source.read_text(encoding="utf-8")
    assert "l1_bytes_per_core: {value: 1_028_096" in text
    path = tmp_path / "small.yaml"
    path.write_text(text.replace("{value: 1_028_096", "{value: 262_144"), encoding="utf-8")
    return str(path)


WIDE = ("softmax <{dimension = 1 : si32}>", "tensor<32x1024xf32>", "tensor<32x1024xf32>")
"""A row of 32 tiles, which a softmax keeps whole."""


def test_what_fits_no_core_is_refused_with_the_bytes(small_device: str) -> None:
    assert reasons_of(*WIDE) == []

    (reason,) = reasons_of(*WIDE, device=small_device)

    assert reason.startswith("L1_OVERFLOW: tile.softmax: ")
    assert "262,144" in reason


def test_format_decides_what_fits(small_device: str) -> None:
    op = op_of(module_of("softmax <{dimension = 1 : si32}>", "tensor<32x512xf32>", "tensor<32x512xf32>"))

    assert TileLegality(small_device, "Float32", "Float32").reasons_against(op)
    assert not TileLegality(small_device, "Bfp8_b", "Float32").reasons_against(op)


def test_partition_judges_by_its_options(small_device: str) -> None:
    module = module_of("softmax <{dimension = 1 : si32}>", "tensor<32x512xf32>", "tensor<32x512xf32>")
    wide, narrow = module.clone(), module.clone()

    run_passes(wide, f'ttir-partition{{device="{small_device}" default-format=Float32}}')
    run_passes(narrow, f'ttir-partition{{device="{small_device}" default-format=Bfp8_b}}')

    assert [op for op in wide.walk() if REASONS in op.attributes]
    assert not [op for op in narrow.walk() if REASONS in op.attributes]


def test_unknown_device_is_refused() -> None:
    with pytest.raises(UnsupportedInputError, match="wormhole_n150"):
        reasons_of(*WIDE, device="wormhole_n15")
