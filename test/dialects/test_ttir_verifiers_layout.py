"""Each condition of the layout ops and of `tt_lang_op`: what breaks it is refused, with what was expected."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from xdsl.utils.exceptions import VerifyException

VerifyOp = Callable[[str, str, str], None]

INTERVALS = "collapsed_intervals = dense<[[0, 1], [1, 2]]> : tensor<2x2xi64>"


def metal(memory: str = "l1", shape: str = "64x128") -> str:
    """The encoding of a tensor that is spread over cores."""
    return f"#ttcore.metal_layout<logical_shape = {shape}, dim_alignments = 32x32, {INTERVALS}, {memory}, sharded>"


PLAIN, OTHER = "tensor<64x128xf32>", "tensor<128x64xf32>"
SPREAD = f"tensor<1x2x2x2x!ttcore.tile<32x32, bf16>, {metal()}>"
HOST = f"tensor<1x2x2x2xf32, {metal('system')}>"
MEMREF = "memref<1x2x2x2xf32, #ttcore.shard<8x4, 1>, #ttcore.memory_space<l1>>"
TTNN = "tensor<64x128xf32, #ttnn.ttnn_layout<(d0, d1) -> (d0, d1), <1x1>, memref<64x128xf32>, <interleaved>>>"
ND = "tensor<64x128xf32, #ttnn.ttnn_nd_layout<1x1>>"


def alloc(address: int = 64, size: int = 256, memory: str = "l1") -> str:
    """An allocation."""
    space = f"memory_space = #ttcore.memory_space<{memory}>"
    return f"alloc <{{address = {address} : i64, size = {size} : i64, {space}}}>"


def lang(roles: str) -> str:
    """A call of a kernel with these roles."""
    return f'tt_lang_op <{{kernel_id = "k::v1", version_tag = "1", arg_roles = "{roles}"}}>'


RULES = [
    ("to_layout", f"{PLAIN}; {OTHER}", OTHER, "operand 'output' has the shape (128, 64), expected (64, 128)"),
    (
        "to_layout",
        f"{OTHER}; {SPREAD}",
        SPREAD,
        "operand 'output' has the shape (64, 128), expected (128, 64), that of 'input'",
    ),
    ("to_layout", f"{PLAIN}; {MEMREF}", "()", "expected a tensor, as 'input' is one"),
    ("to_layout", f"{MEMREF}; {PLAIN}", PLAIN, "expected a memref, as 'input' is one"),
    (
        "to_layout",
        f"{PLAIN}; {SPREAD}",
        PLAIN,
        "results have the types ['tensor<64x128xf32>'], expected ['tensor<1",
    ),
    ("to_layout", f"{MEMREF}; {MEMREF}", PLAIN, "the results have the types ['tensor<64x128xf32>'], expected []"),
    ("ttnn_metal_layout_cast", TTNN, TTNN, "expected a tensor with a metal layout or a memref"),
    ("ttnn_metal_layout_cast", ND, PLAIN, "expected a tensor with a metal layout or a memref"),
    ("ttnn_metal_layout_cast", SPREAD, SPREAD, "expected a tensor with a layout of TTNN"),
    ("ttnn_metal_layout_cast", MEMREF, PLAIN, "expected a tensor with a layout of TTNN"),
    (alloc(), "", PLAIN, "the result has no encoding, expected a metal layout"),
    (alloc(), "", TTNN, "the result has the encoding #ttnn.ttnn_layout<"),
    (alloc(size=0), "", SPREAD, "attribute 'size' is 0, expected another value"),
    (alloc(memory="dram"), "", SPREAD, "attribute 'memory_space' is 'dram', expected that of the result, 'l1'"),
    (alloc(memory="system"), "", HOST, "attribute 'address' is 64, expected 0 in the memory 'system' of the host"),
    (alloc(address=0), "", SPREAD, "attribute 'address' is 0, expected another value in the memory 'l1'"),
    (lang("in,io"), f"{PLAIN}; {PLAIN}", PLAIN, "attribute 'arg_roles' has the role 'io', expected 'in' or 'out'"),
    (lang("in, out"), f"{PLAIN}; {PLAIN}", PLAIN, "attribute 'arg_roles' has the role ' out', expected"),
    (lang("out"), f"{PLAIN}; {PLAIN}", PLAIN, "attribute 'arg_roles' is 'out', expected 2 roles"),
    (lang(""), PLAIN, PLAIN, "attribute 'arg_roles' is '', expected 1 roles"),
    (
        lang("out,in"),
        f"{PLAIN}; {PLAIN}",
        PLAIN,
        "'arg_roles' is 'out,in', expected all 'in' before all 'out'",
    ),
    (lang("in,in"), f"{PLAIN}; {PLAIN}", "()", "attribute 'arg_roles' is 'in,in', expected at least one 'out'"),
    (lang("in,out"), f"{PLAIN}; {PLAIN}", "()", "there are 0 results, expected 1, as 'arg_roles' says"),
    (
        lang("in,out"),
        f"{PLAIN}; {PLAIN}",
        OTHER,
        "0 has the type tensor<128x64xf32>, expected tensor<64x128xf32>",
    ),
]


@pytest.mark.parametrize(("op", "operands", "result", "message"), RULES)
def test_broken_rule_is_reported(verify_op: VerifyOp, op: str, operands: str, result: str, message: str) -> None:
    with pytest.raises(VerifyException) as raised:
        verify_op(op, operands, result)

    text = str(raised.value)
    assert text.startswith(f"ttir.{op.split(maxsplit=1)[0]}: ")
    assert message in text


VALID = [
    ("empty", "", SPREAD),
    ("to_layout", f"{PLAIN}; {PLAIN}", PLAIN),
    ("to_layout", f"{PLAIN}; {SPREAD}", SPREAD),
    ("to_layout", f"{SPREAD}; {PLAIN}", PLAIN),
    ("to_layout", f"{PLAIN}; {SPREAD}", "()"),
    ("to_layout", f"{MEMREF}; {MEMREF}", "()"),
    ("ttnn_metal_layout_cast", TTNN, SPREAD),
    ("ttnn_metal_layout_cast", TTNN, MEMREF),
    ("ttnn_metal_layout_cast", SPREAD, ND),
    ("ttnn_metal_layout_cast <{virtual_grid_inverse_mapping = affine_map<(d0) -> (d0)>}>", MEMREF, TTNN),
    (alloc(), "", SPREAD),
    (alloc(address=0, memory="system"), "", HOST),
    ("dealloc", SPREAD, "()"),
    (lang("in,out"), f"{PLAIN}; {OTHER}", OTHER),
    (lang("out"), PLAIN, PLAIN),
]


@pytest.mark.parametrize(("op", "operands", "result"), VALID)
def test_valid_op_is_accepted(verify_op: VerifyOp, op: str, operands: str, result: str) -> None:
    verify_op(op, operands, result)


@pytest.mark.parametrize("name", ["to_layout", "ttnn_metal_layout_cast", "alloc", "tt_lang_op"])
def test_every_op_is_both_accepted_and_refused(name: str) -> None:
    assert name in {op.split(maxsplit=1)[0] for op, *_ in VALID}
    assert name in {op.split(maxsplit=1)[0] for op, *_ in RULES}


def test_other_ops_take_no_tensor_spread_over_cores(verify_op: VerifyOp) -> None:
    with pytest.raises(VerifyException, match="expected a tensor of numbers"):
        verify_op("exp", SPREAD, SPREAD)


def test_tiles_stand_for_their_data_type(verify_op: VerifyOp) -> None:
    weight = "tensor<64x128x!ttcore.tile<32x32, bfp_bf8>>"

    verify_op("typecast", "tensor<64x128xbf16>", weight)
    verify_op("matmul", f"tensor<32x64xbf16>; {weight}", "tensor<32x128xbf16>")
