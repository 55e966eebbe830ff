"""Every condition of the attention ops: an op that breaks it is refused with the message that names it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from xdsl.ir import Operation
from xdsl.utils.exceptions import VerifyException

ParseOp = Callable[[str, str, str, str, str], Operation]
"""(op, default properties, changed properties, operands, results) to the op."""


def segments(*present: int) -> str:
    """`operandSegmentSizes`."""
    return f"operandSegmentSizes = array<i32: {', '.join(map(str, present))}>"


Q, K, SINK = "2x8x4x16", "2x2x6x16", "1x8x1x1"
WHOLE = ("scaled_dot_product_attention", f"is_causal = false, {segments(1, 1, 1, 0, 0)}")

DQ, DK, POS = "1x2x8x16", "2x2x6x16", "2xi32"
DECODE = ("scaled_dot_product_attention_decode", f"is_causal = false, {segments(1, 1, 1, 0, 1, 0)}")

PK, TABLE, MASK = "9x2x32x16", "2x4xi32", "2x1x8x128"
PAGED = ("paged_scaled_dot_product_attention_decode", f"is_causal = false, {segments(1, 1, 1, 1, 1, 1, 1, 0)}")
CAUSAL_PAGED = f"is_causal = true, {segments(1, 1, 1, 1, 1, 0, 0, 0)}"

CHUNKED = ("chunked_scaled_dot_product_attention", "")
CQ, START = "2x8x4x16", "1xi32"

LK, LV = "9x1x32x16", "9x1x32x12"
LATENT = (
    "paged_flash_multi_latent_attention_decode",
    f"head_dim_v = 12 : ui32, {segments(1, 1, 0, 1, 0, 1, 0)}",
)

FORWARD = ("sdpa_fw", "")
SQ, SK, SV, SO, SI = "1x4x6x8", "1x2x6x8", "1x2x6x5", "1x4x6x5", "1x4x6x32"
ARBITRARY = "mask_type = #ttcore.attention_mask_type<arbitrary>"
SAVED = "return_intermediates = true"
BACKWARD = ("sdpa_bw", "mask_type = #ttcore.attention_mask_type<none>")
GRADIENTS = f"{SQ} {SK} {SV}"

VALID = [
    (*WHOLE, "", f"{Q} {K} {K}", Q),
    (*WHOLE, segments(1, 1, 1, 1, 1), f"{Q} {K} {K} 1x8x4x6 {SINK}", Q),
    (*WHOLE, "is_causal = true, sliding_window_size = 3 : ui32", f"{Q} 2x2x4x16 2x2x4x16", Q),
    (*WHOLE, "is_causal = true", "?x8x?x16 2x2x4x16 ?x2x4x16", "2x8x4x16"),
    (*DECODE, "", f"{DQ} {DK} {DK} {POS}", DQ),
    (*DECODE, segments(1, 1, 1, 1, 1, 1), f"{DQ} {DK} {DK} 1x1x8x6 {POS} 8x32", DQ),
    (*DECODE, "", f"1x?x8x16 {DK} ?x2x6x16 ?xi32", DQ),
    (*PAGED, "", f"{DQ} {PK} {PK} {TABLE} {DQ} {MASK} {POS}", DQ),
    (*PAGED, CAUSAL_PAGED, f"{DQ} {PK} {PK} {TABLE} {DQ}", DQ),
    (*PAGED, f"{segments(1, 1, 1, 1, 1, 1, 0, 1)}", f"{DQ} {PK} {PK} 2x?xi32 {DQ} 1x1x1x64 8x32", DQ),
    (*CHUNKED, "", f"{CQ} {PK} {PK} {TABLE} {START} {CQ}", CQ),
    (*CHUNKED, "scale = 0.5 : f32", f"{CQ} ?x2x32x16 {PK} ?x4xi64 {START} {CQ}", CQ),
    (*LATENT, "", f"{DQ} {LK} {TABLE} {POS}", "1x2x8x12"),
    (*LATENT, segments(1, 1, 1, 1, 1, 1, 1), f"{DQ} {LK} {LV} {TABLE} {MASK} {POS} 8x32", "1x2x8x12"),
    (*LATENT, segments(1, 1, 1, 1, 1, 1, 1), f"{DQ} {LK} {LV} {TABLE} 2x8x1x128 {POS} 8", "1x2x8x12"),
    (*FORWARD, "", f"{SQ} {SK} {SV}", SO),
    (*FORWARD, f"{ARBITRARY}, {SAVED}", f"{SQ} {SK} {SV} 1x1x6x6", f"{SO} {SI}"),
    (*FORWARD, SAVED, "4x6x8 2x6x8 2x6x5", "4x6x5 4x6x32"),
    (*BACKWARD, "", f"{SO} {SO} {SQ} {SK} {SV} {SI}", GRADIENTS),
    (*BACKWARD, ARBITRARY, f"{SO} {SO} {SQ} {SK} {SV} {SI} 1x1x6x6", GRADIENTS),
    (*BACKWARD, "", "4x6x5 4x6x5 4x6x8 2x6x8 2x6x5 4x6x32", "4x6x8 2x6x8 2x6x5"),
]


@pytest.mark.parametrize(("op", "defaults", "changes", "operands", "results"), VALID)
def test_valid_op_is_accepted(
    parse_op: ParseOp, op: str, defaults: str, changes: str, operands: str, results: str
) -> None:
    parse_op(op, defaults, changes, operands, results).verify()


WHOLE_RULES = [
    ("", f"8x4x16 {K} {K}", "8x4x16", "operand 'query' has the shape (8, 4, 16), expected rank 4"),
    ("", f"{Q} 2x6x16 2x6x16", Q, "operand 'key' has the shape (2, 6, 16), expected rank 4"),
    ("", f"{Q} {K} 2x2x7x16", Q, "operand 'value' has the type tensor<2x2x7x16xf32>, expected that of 'key'"),
    ("", f"{Q} {K} 2x2x6x16xbf16", Q, "operand 'value' has the type tensor<2x2x6x16xbf16>, expected that of 'key'"),
    ("", f"{Q} 1x2x6x16 1x2x6x16", Q, "'key' has the shape (1, 2, 6, 16), expected batch 2 and head size 16"),
    ("", f"{Q} 2x2x6x8 2x2x6x8", Q, "'key' has the shape (2, 2, 6, 8), expected batch 2 and head size 16"),
    ("", f"{Q} 2x3x6x16 2x3x6x16", Q, "operand 'key' has 3 heads, expected a divisor of the 8 of 'query'"),
    ("", f"{Q} 2x0x6x16 2x0x6x16", Q, "operand 'key' has 0 heads, expected a divisor of the 8 of 'query'"),
    ("is_causal = true", f"{Q} {K} {K}", Q, "'key' has 6 positions, expected the 4 of 'query' if 'is_causal'"),
    (
        f"is_causal = true, {segments(1, 1, 1, 1, 0)}",
        f"{Q} 2x2x4x16 2x2x4x16 1x1x4x4",
        Q,
        "operand 'attention_mask' is given, expected none if 'is_causal'",
    ),
    (
        segments(1, 1, 1, 1, 0),
        f"{Q} {K} {K} 2x2x4x6",
        Q,
        "has the shape (2, 2, 4, 6), expected (2, 8, 4, 6), where the first two extents may be 1",
    ),
    (segments(1, 1, 1, 1, 0), f"{Q} {K} {K} 1x1x1x6", Q, "'attention_mask' has the shape (1, 1, 1, 6), expected"),
    (segments(1, 1, 1, 1, 0), f"{Q} {K} {K} 4x6", Q, "operand 'attention_mask' has the shape (4, 6), expected"),
    (
        segments(1, 1, 1, 0, 1),
        f"{Q} {K} {K} 1x4x1x1",
        Q,
        "operand 'attention_sink' has the shape (1, 4, 1, 1), expected (1, 8, 1, 1)",
    ),
    ("", f"{Q} {K} {K}", "2x8x4x16xbf16", "the result has the type tensor<2x8x4x16xbf16>, expected that of 'query'"),
    ("", f"{Q} {K} {K}", "2x8x5x16", "the result has the shape (2, 8, 5, 16), expected (2, 8, 4, 16)"),
]

DECODE_RULES = [
    ("", f"2x8x16 {DK} {DK} {POS}", "2x8x16", "operand 'query' has the shape (2, 8, 16), expected rank 4"),
    ("", f"2x2x8x16 {DK} {DK} {POS}", "2x2x8x16", "'query' has the shape (2, 2, 8, 16), expected 1 as the first"),
    ("", f"{DQ} 2x6x16 2x6x16 {POS}", DQ, "operand 'key' has the shape (2, 6, 16), expected rank 4"),
    ("", f"{DQ} 3x2x6x16 3x2x6x16 {POS}", DQ, "'key' has the shape (3, 2, 6, 16), expected (2, 2, 6, 16)"),
    ("", f"{DQ} 2x2x6x8 2x2x6x8 {POS}", DQ, "operand 'key' has the shape (2, 2, 6, 8), expected (2, 2, 6, 16)"),
    ("", f"{DQ} {DK} 2x2x7x16 {POS}", DQ, "operand 'value' has the type tensor<2x2x7x16xf32>, expected that of 'key'"),
    ("", f"{DQ} 2x3x6x16 2x3x6x16 {POS}", DQ, "operand 'key' has 3 heads, expected a divisor of the 8 of 'query'"),
    ("", f"{DQ} {DK} {DK} 2xf32", DQ, "operand 'cur_pos_tensor' has the element type f32, expected an integer"),
    ("", f"{DQ} {DK} {DK} 1x2xi32", DQ, "operand 'cur_pos_tensor' has the shape (1, 2), expected (2,)"),
    ("", f"{DQ} {DK} {DK} 3xi32", DQ, "operand 'cur_pos_tensor' has the shape (3,), expected (2,)"),
    (
        f"is_causal = true, {segments(1, 1, 1, 1, 1, 0)}",
        f"{DQ} {DK} {DK} 2x1x8x6 {POS}",
        DQ,
        "operand 'attention_mask' is given, expected none if 'is_causal'",
    ),
    (
        segments(1, 1, 1, 1, 1, 0),
        f"{DQ} {DK} {DK} 2x8x1x6 {POS}",
        DQ,
        "has the shape (2, 8, 1, 6), expected (2, 1, 8, 6), where the extents of users and heads may be 1",
    ),
    (segments(1, 1, 1, 1, 1, 0), f"{DQ} {DK} {DK} 2x1x8x5 {POS}", DQ, "'attention_mask' has the shape (2, 1, 8, 5)"),
    (segments(1, 1, 1, 1, 1, 0), f"{DQ} {DK} {DK} 2x8x6 {POS}", DQ, "operand 'attention_mask' has the shape (2, 8, 6)"),
    (
        segments(1, 1, 1, 0, 1, 1),
        f"{DQ} {DK} {DK} {POS} 8x1",
        DQ,
        "operand 'attention_sink' has the shape (8, 1), expected (8, 32)",
    ),
    ("", f"{DQ} {DK} {DK} {POS}", "1x2x8x16xbf16", "the result has the type tensor<1x2x8x16xbf16>, expected that of"),
]

PAGED_RULES = [
    ("", f"2x8x16 {PK} {PK} {TABLE} {DQ} {MASK} {POS}", DQ, "'query' has the shape (2, 8, 16), expected rank 4"),
    ("", f"2x2x8x16 {PK} {PK} {TABLE} {DQ} {MASK} {POS}", DQ, "expected 1 as the first extent"),
    ("", f"1x2x8x16xi32 {PK} {PK} {TABLE} {DQ} {MASK} {POS}", DQ, "'query' has the element type i32, expected a float"),
    ("", f"{DQ} {PK}xbf16 {PK} {TABLE} {DQ} {MASK} {POS}", DQ, "'key' has the element type bf16, expected that of"),
    (
        "",
        f"{DQ} 9x32x16 {PK} {TABLE} {DQ} {MASK} {POS}",
        DQ,
        "operand 'key' has the shape (9, 32, 16), expected rank 4",
    ),
    ("", f"{DQ} {PK} 8x2x32x16 {TABLE} {DQ} {MASK} {POS}", DQ, "operand 'value' has the type tensor<8x2x32x16xf32>"),
    (
        "",
        f"{DQ} 9x2x32x8 9x2x32x8 {TABLE} {DQ} {MASK} {POS}",
        DQ,
        "operand 'key' has the head size 8, expected 16, that of 'query'",
    ),
    ("", f"{DQ} 9x3x32x16 9x3x32x16 {TABLE} {DQ} {MASK} {POS}", DQ, "'key' has 3 heads, expected a divisor of the 8"),
    (
        "",
        f"{DQ} 9x2x16x16 9x2x16x16 {TABLE} {DQ} 2x1x8x64 {POS}",
        DQ,
        "operand 'key' has 16 positions a page, expected a multiple of 32",
    ),
    ("", f"{DQ} {PK} {PK} 2x4xf32 {DQ} {MASK} {POS}", DQ, "'page_table' has the element type f32, expected an integer"),
    ("", f"{DQ} {PK} {PK} 8xi32 {DQ} {MASK} {POS}", DQ, "operand 'page_table' has the shape (8,), expected rank 2"),
    ("", f"{DQ} {PK} {PK} 3x4xi32 {DQ} {MASK} {POS}", DQ, "'page_table' has the shape (3, 4), expected (2, 4)"),
    ("", f"{DQ} {PK} {PK} {TABLE} 1x2x8x8 {MASK} {POS}", DQ, "operand 'output' has the shape (1, 2, 8, 8), expected"),
    (
        f"is_causal = true, {segments(1, 1, 1, 1, 1, 1, 0, 0)}",
        f"{DQ} {PK} {PK} {TABLE} {DQ} {MASK}",
        DQ,
        "operand 'attention_mask' is given, expected none if 'is_causal'",
    ),
    (
        segments(1, 1, 1, 1, 1, 0, 1, 0),
        f"{DQ} {PK} {PK} {TABLE} {DQ} {POS}",
        DQ,
        "operand 'attention_mask' is missing, expected unless 'is_causal'",
    ),
    ("", f"{DQ} {PK} {PK} {TABLE} {DQ} 2x1x8x32 {POS}", DQ, "has the shape (2, 1, 8, 32), expected (2, 1, 8, 128)"),
    ("", f"{DQ} {PK} {PK} {TABLE} {DQ} {MASK} 2xf32", DQ, "'cur_pos_tensor' has the element type f32"),
    ("", f"{DQ} {PK} {PK} {TABLE} {DQ} {MASK} 3xi32", DQ, "'cur_pos_tensor' has the shape (3,), expected (2,)"),
    ("", f"{DQ} {PK} {PK} {TABLE} {DQ} {MASK} 2x1xi32", DQ, "'cur_pos_tensor' has the shape (2, 1), expected (2,)"),
    (
        segments(1, 1, 1, 1, 1, 1, 0, 1),
        f"{DQ} {PK} {PK} {TABLE} {DQ} {MASK} 2x32",
        DQ,
        "operand 'attention_sink' has the shape (2, 32), expected (8, 32)",
    ),
    ("", f"{DQ} {PK} {PK} {TABLE} {DQ} {MASK} {POS}", "1x2x8x8", "the result has the shape (1, 2, 8, 8), expected"),
]

CHUNKED_RULES = [
    ("", f"8x4x16 {PK} {PK} {TABLE} {START} {CQ}", CQ, "operand 'query' has the shape (8, 4, 16), expected rank 4"),
    ("", f"{CQ}xi32 {PK} {PK} {TABLE} {START} {CQ}", CQ, "operand 'query' has the element type i32, expected a float"),
    ("", f"{CQ}xbf16 {PK} {PK} {TABLE} {START} {CQ}", CQ, "'key' has the element type f32, expected that of 'query'"),
    ("", f"{CQ} 9x32x16 9x32x16 {TABLE} {START} {CQ}", CQ, "'key' has the shape (9, 32, 16), expected rank 4"),
    ("", f"{CQ} {PK} 9x2x32x8 {TABLE} {START} {CQ}", CQ, "operand 'value' has the type tensor<9x2x32x8xf32>"),
    ("", f"{CQ} 9x2x32x8 9x2x32x8 {TABLE} {START} {CQ}", CQ, "operand 'key' has the head size 8, expected 16"),
    (
        "",
        f"{CQ} 9x3x32x16 9x3x32x16 {TABLE} {START} {CQ}",
        CQ,
        "operand 'key' has 3 heads, expected a divisor of the 8",
    ),
    ("", f"{CQ} {PK} {PK} 4xi32 {START} {CQ}", CQ, "operand 'page_table' has the shape (4,), expected rank 2"),
    ("", f"{CQ} {PK} {PK} 1x4xi32 {START} {CQ}", CQ, "operand 'page_table' has the shape (1, 4), expected (2, 4)"),
    ("", f"{CQ} {PK} {PK} 2x4xf32 {START} {CQ}", CQ, "operand 'page_table' has the element type f32"),
    ("", f"{CQ} {PK} {PK} {TABLE} 1xf32 {CQ}", CQ, "operand 'chunk_start_idx' has the element type f32"),
    ("", f"{CQ} {PK} {PK} {TABLE} 1x1xi32 {CQ}", CQ, "'chunk_start_idx' has the shape (1, 1), expected (1,)"),
    ("", f"{CQ} {PK} {PK} {TABLE} 4xi32 {CQ}", CQ, "'chunk_start_idx' has the shape (4,), expected (1,)"),
    ("", f"{CQ} {PK} {PK} {TABLE} {START} 2x8x5x16", CQ, "operand 'output' has the shape (2, 8, 5, 16), expected"),
    ("", f"{CQ} {PK} {PK} {TABLE} {START} {CQ}", f"{CQ}xbf16", "the result has the type tensor<2x8x4x16xbf16>"),
]

LATENT_RULES = [
    ("", f"2x8x16 {LK} {TABLE} {POS}", "1x2x8x12", "operand 'query' has the shape (2, 8, 16), expected rank 4"),
    ("", f"{DQ} 9x32x16 {TABLE} {POS}", "1x2x8x12", "operand 'key' has the shape (9, 32, 16), expected rank 4"),
    ("", f"{DQ}xi32 {LK}xi32 {TABLE} {POS}", "1x2x8x12", "operand 'query' has the element type i32, expected a float"),
    ("", f"{DQ} {LK}xbf16 {TABLE} {POS}", "1x2x8x12", "operand 'key' has the element type bf16, expected that of"),
    ("", f"{DQ} 9x2x32x16 {TABLE} {POS}", "1x2x8x12", "operand 'key' has 2 heads, expected 1"),
    ("", f"{DQ} 9x1x32x8 {TABLE} {POS}", "1x2x8x12", "operand 'key' has the head size 8, expected 16"),
    ("head_dim_v = 0 : ui32", f"{DQ} {LK} {TABLE} {POS}", "1x2x8x12", "'head_dim_v' is 0, expected a value > 0"),
    ("head_dim_v = 17 : ui32", f"{DQ} {LK} {TABLE} {POS}", "1x2x8x17", "'head_dim_v' is 17, expected at most 16"),
    ("", f"{DQ} {LK} 8xi32 {POS}", "1x2x8x12", "operand 'page_table' has the shape (8,), expected rank 2"),
    ("", f"{DQ} {LK} 2x4xf32 {POS}", "1x2x8x12", "operand 'page_table' has the element type f32"),
    ("", f"{DQ} {LK} 1x4xi32 {POS}", "1x2x8x12", "operand 'page_table' has the shape (1, 4), expected (2, 4)"),
    (
        segments(1, 1, 1, 1, 0, 0, 0),
        f"{DQ} {LK} 9x32x12 {TABLE}",
        "1x2x8x12",
        "operand 'value' has the shape (9, 32, 12)",
    ),
    (
        segments(1, 1, 1, 1, 0, 0, 0),
        f"{DQ} {LK} 9x2x32x12 {TABLE}",
        "1x2x8x12",
        "operand 'value' has 2 heads, expected 1",
    ),
    (
        segments(1, 1, 1, 1, 0, 0, 0),
        f"{DQ} {LK} 9x1x32x16 {TABLE}",
        "1x2x8x12",
        "operand 'value' has the shape (9, 1, 32, 16), expected (9, 1, 32, 12)",
    ),
    (segments(1, 1, 1, 1, 0, 0, 0), f"{DQ} {LK} {LV}xbf16 {TABLE}", "1x2x8x12", "'value' has the element type bf16"),
    (
        segments(1, 1, 0, 1, 1, 0, 0),
        f"{DQ} {LK} {TABLE} 2x1x8x64",
        "1x2x8x12",
        "'attention_mask' has the shape (2, 1, 8, 64), expected (2, 1, 8, 128)",
    ),
    ("", f"{DQ} {LK} {TABLE} 3xi32", "1x2x8x12", "operand 'cur_pos_tensor' has the shape (3,), expected (2,)"),
    (
        segments(1, 1, 0, 1, 1, 0, 0),
        f"{DQ} {LK} {TABLE} 2x4x1x128",
        "1x2x8x12",
        "'attention_mask' has the shape (2, 4, 1, 128), expected (2, 8, 1, 128)",
    ),
    (segments(1, 1, 0, 1, 0, 0, 1), f"{DQ} {LK} {TABLE} 8x1", "1x2x8x12", "'attention_sink' has the shape (8, 1)"),
    (segments(1, 1, 0, 1, 0, 0, 1), f"{DQ} {LK} {TABLE} 4", "1x2x8x12", "'attention_sink' has the shape (4,)"),
    ("", f"{DQ} {LK} {TABLE} {POS}", DQ, "the result has the shape (1, 2, 8, 16), expected (1, 2, 8, 12)"),
]

FORWARD_RULES = [
    ("", f"6x8 {SK} {SV}", SO, "operand 'query' has the shape (6, 8), expected rank 3 or 4"),
    ("", f"{SQ} 6x8 {SV}", SO, "operand 'key' has the shape (6, 8), expected rank 3 or 4"),
    ("", f"{SQ} 2x2x6x8 {SV}", SO, "'key' has the shape (2, 2, 6, 8), expected the batch (1,) and the 6 positions"),
    ("", f"{SQ} 1x2x7x8 {SV}", SO, "'key' has the shape (1, 2, 7, 8), expected the batch (1,) and the 6 positions"),
    ("", f"{SQ} 2x6x8 {SV}", SO, "'key' has the shape (2, 6, 8), expected the batch (1,) and the 6 positions"),
    ("", f"{SQ} 1x2x6x4 {SV}", SO, "operand 'key' has the head size 4, expected 8, that of 'query'"),
    ("", f"{SQ} 1x3x6x8 1x3x6x5", SO, "operand 'key' has 3 heads, expected a divisor of the 4 of 'query'"),
    ("", f"{SQ} {SK} 6x5", SO, "operand 'value' has the shape (6, 5), expected rank 3 or 4"),
    ("", f"{SQ} {SK} 1x4x6x5", SO, "operand 'value' has the shape (1, 4, 6, 5), expected (1, 2, 6, 5)"),
    ("", f"{SQ} {SK} {SV} 1x1x6x6", SO, "'attention_mask' is given, expected none for the 'mask_type' causal"),
    (ARBITRARY, f"{SQ} {SK} {SV}", SO, "'attention_mask' is missing, expected for the 'mask_type' arbitrary"),
    (ARBITRARY, f"{SQ} {SK} {SV} 1x4x6x6", SO, "'attention_mask' has the shape (1, 4, 6, 6), expected (1, 1, 6, 6)"),
    (
        "dropout_probability = 0.5 : f32",
        f"{SQ} {SK} {SV}",
        SO,
        "attribute 'dropout_probability' is 0.5, expected 0.0",
    ),
    ("", f"{SQ} {SK} {SV}", SQ, "result 'output' has the shape (1, 4, 6, 8), expected (1, 4, 6, 5)"),
    (SAVED, f"{SQ} {SK} {SV}", SO, "result 'intermediates' is missing, expected as they are returned"),
    ("", f"{SQ} {SK} {SV}", f"{SO} {SI}", "result 'intermediates' is given, expected none without"),
    (SAVED, f"{SQ} {SK} {SV}", f"{SO} 1x4x6x1", "'intermediates' has the shape (1, 4, 6, 1), expected (1, 4, 6, 32)"),
]

BACKWARD_RULES = [
    ("", f"{SO} {SO} {SQ} 1x2x7x8 {SV} {SI}", GRADIENTS, "'key' has the shape (1, 2, 7, 8), expected the batch"),
    ("", f"{SO} {SO} {SQ} {SK} {SV} {SI} 1x1x6x6", GRADIENTS, "'attention_mask' is given, expected none for"),
    (ARBITRARY, f"{SO} {SO} {SQ} {SK} {SV} {SI}", GRADIENTS, "'attention_mask' is missing, expected for"),
    (
        "dropout_probability = 0.1 : f32",
        f"{SO} {SO} {SQ} {SK} {SV} {SI}",
        GRADIENTS,
        "attribute 'dropout_probability' is 0.1",
    ),
    ("", f"{SQ} {SO} {SQ} {SK} {SV} {SI}", GRADIENTS, "operand 'grad_output' has the shape (1, 4, 6, 8), expected"),
    ("", f"{SO} {SQ} {SQ} {SK} {SV} {SI}", GRADIENTS, "operand 'attn_output' has the shape (1, 4, 6, 8), expected"),
    ("", f"{SO} {SO} {SQ} {SK} {SV} 1x4x6x64", GRADIENTS, "'intermediates' has the shape (1, 4, 6, 64), expected"),
    ("", f"{SO} {SO} {SQ} {SK} {SV} {SI}", f"{SK} {SK} {SV}", "result 'grad_query' has the shape (1, 2, 6, 8)"),
    ("", f"{SO} {SO} {SQ} {SK} {SV} {SI}", f"{SQ} {SQ} {SV}", "result 'grad_key' has the shape (1, 4, 6, 8)"),
    ("", f"{SO} {SO} {SQ} {SK} {SV} {SI}", f"{SQ} {SK} {SK}", "result 'grad_value' has the shape (1, 2, 6, 8)"),
]

RULES = [
    (*op, *rule)
    for op, rules in (
        (WHOLE, WHOLE_RULES),
        (DECODE, DECODE_RULES),
        (PAGED, PAGED_RULES),
        (CHUNKED, CHUNKED_RULES),
        (LATENT, LATENT_RULES),
        (FORWARD, FORWARD_RULES),
        (BACKWARD, BACKWARD_RULES),
    )
    for rule in rules
]


@pytest.mark.parametrize(("op", "defaults", "changes", "operands", "results", "message"), RULES)
def test_broken_rule_is_reported(
    parse_op: ParseOp, op: str, defaults: str, changes: str, operands: str, results: str, message: str
) -> None:
    with pytest.raises(VerifyException) as raised:
        parse_op(op, defaults, changes, operands, results).verify()

    text = str(raised.value)
    assert text.startswith(f"ttir.{op}: ")
    assert message in text
