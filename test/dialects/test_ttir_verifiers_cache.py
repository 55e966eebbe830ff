"""Each condition of the cache ops: what breaks it is refused with a message that says what was expected."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from xdsl.dialects import test as xdsl_test
from xdsl.dialects.builtin import IntegerAttr, f32, i32
from xdsl.traits import EffectInstance, MemoryEffectKind, get_effects, is_side_effect_free
from xdsl.utils.exceptions import VerifyException

from tilewright.dialects import ttir
from tilewright.dialects.types import tensor_type

VerifyOp = Callable[[str, str, str], None]

FILL = "fill_cache <{batch_offset = 0 : i32}>"
UPDATE = "update_cache <{batch_offset = 0 : i32}>"
PAGED_UPDATE, PAGED_FILL = "paged_update_cache", "paged_fill_cache"
CACHE, PAGES = "tensor<4x2x16x8xf32>", "tensor<9x2x32x8xf32>"
INDEX, TABLE = "tensor<3xi32>", "tensor<3x5xi32>"
USERS = "tensor<1x3x2x8xf32>"
ROWS = "tensor<1x2x70x8xf32>"


RULES = [
    (FILL, f"tensor<4x2x16xf32>; {ROWS}", "operand 'cache' has the shape (4, 2, 16), expected rank 4"),
    (FILL, f"{CACHE}; tensor<2x16x8xf32>", "operand 'input' has the shape (2, 16, 8), expected rank 4"),
    (
        FILL,
        f"{CACHE}; tensor<1x2x4x8xbf16>",
        "operand 'input' has the element type bf16, expected f32, that of 'cache'",
    ),
    (
        FILL,
        f"{CACHE}; tensor<1x2x17x8xf32>",
        "operand 'input' has the extent 17 in dimension 2, expected at most 16, that of 'cache'",
    ),
    (FILL, f"{CACHE}; tensor<1x3x4x8xf32>", "operand 'input' has the extent 3 in dimension 1, expected 2, that of"),
    (FILL, f"{CACHE}; tensor<1x2x4x9xf32>", "operand 'input' has the extent 9 in dimension 3, expected 8, that of"),
    (
        UPDATE,
        f"{CACHE}; tensor<1x2x4x8xbf16>; tensor<1xi32>",
        "operand 'input' has the element type bf16, expected f32, that of 'cache'",
    ),
    (UPDATE, "tensor<4x2xf32>; tensor<1x2x4x8xf32>; tensor<1xi32>", "operand 'cache' has the shape (4, 2)"),
    (UPDATE, f"{CACHE}; tensor<1x2x4xf32>; tensor<1xi32>", "operand 'input' has the shape (1, 2, 4), expected rank 4"),
    (
        UPDATE,
        f"{CACHE}; tensor<4x2x1x8xf32>; tensor<1xi32>",
        "operand 'input' has the extent 4 in dimension 0, expected 1",
    ),
    (
        UPDATE,
        f"{CACHE}; tensor<1x1x4x8xf32>; tensor<1xi32>",
        "operand 'input' has the extent 1 in dimension 1, expected 2, that of 'cache'",
    ),
    (
        UPDATE,
        f"{CACHE}; tensor<1x2x4x1xf32>; tensor<1xi32>",
        "operand 'input' has the extent 1 in dimension 3, expected 8, that of 'cache'",
    ),
    (
        UPDATE,
        f"{CACHE}; tensor<1x2x4x8xf32>; tensor<1xf32>",
        "operand 'update_index' has the element type f32, expected an integer",
    ),
    (
        UPDATE,
        f"{CACHE}; tensor<1x2x4x8xf32>; tensor<1x1xi32>",
        "operand 'update_index' has the shape (1, 1), expected rank 0 or 1",
    ),
    (
        UPDATE,
        f"{CACHE}; tensor<1x2x4x8xf32>; tensor<3xi32>",
        "operand 'update_index' has the extent 3 in dimension 0, expected 4, the users of 'input', or 1",
    ),
    (PAGED_UPDATE, f"tensor<4x2xf32>; {USERS}; {INDEX}", "operand 'cache' has the shape (4, 2), expected rank 4"),
    (PAGED_UPDATE, f"{CACHE}; tensor<3x2x8xf32>; {INDEX}", "operand 'input' has the shape (3, 2, 8), expected rank 4"),
    (
        PAGED_UPDATE,
        f"{CACHE}; {USERS}; tensor<1x3xi32>",
        "operand 'update_index' has the shape (1, 3), expected rank 1",
    ),
    (
        PAGED_UPDATE,
        f"{CACHE}; {USERS}; tensor<3xf32>",
        "operand 'update_index' has the element type f32, expected an integer",
    ),
    (
        PAGED_UPDATE,
        f"tensor<9x2x33x8xf32>; {USERS}; {INDEX}; {TABLE}",
        "operand 'cache' has pages of 33 rows, the extent in dimension 2, expected a multiple of 32",
    ),
    (
        PAGED_UPDATE,
        f"{CACHE}; tensor<3x3x2x8xf32>; {INDEX}",
        "operand 'input' has the extent 3 in dimension 0, expected 1",
    ),
    (
        PAGED_UPDATE,
        f"{CACHE}; tensor<1x4x2x8xf32>; {INDEX}",
        "operand 'input' has the extent 4 in dimension 1, expected 3, the users of 'update_index'",
    ),
    (
        PAGED_UPDATE,
        f"{CACHE}; tensor<1x3x1x8xf32>; {INDEX}",
        "operand 'input' has the extent 1 in dimension 2, expected at least 2, the heads of 'cache'",
    ),
    (
        PAGED_UPDATE,
        f"{CACHE}; tensor<1x3x2x4xf32>; {INDEX}",
        "operand 'input' has the extent 4 in dimension 3, expected 8, that of 'cache'",
    ),
    (
        PAGED_UPDATE,
        f"{PAGES}; {USERS}; {INDEX}; tensor<5xi32>",
        "operand 'page_table' has the shape (5,), expected rank 2",
    ),
    (
        PAGED_UPDATE,
        f"{PAGES}; {USERS}; {INDEX}; tensor<2x5xi32>",
        "operand 'page_table' has the extent 2 in dimension 0, expected 3, the users of 'update_index'",
    ),
    (
        PAGED_UPDATE,
        f"{PAGES}; {USERS}; {INDEX}; tensor<3x5xf32>",
        "operand 'page_table' has the element type f32, expected an integer",
    ),
    (PAGED_FILL, f"tensor<9x2xf32>; {ROWS}; {TABLE}", "operand 'cache' has the shape (9, 2), expected rank 4"),
    (PAGED_FILL, f"{PAGES}; tensor<2x8xf32>; {TABLE}", "operand 'input' has the shape (2, 8), expected rank 4"),
    (PAGED_FILL, f"{PAGES}; {ROWS}; tensor<5xi32>", "operand 'page_table' has the shape (5,), expected rank 2"),
    (
        PAGED_FILL,
        f"{PAGES}; tensor<1x2x70x8xbf16>; {TABLE}",
        "operand 'input' has the element type bf16, expected f32, that of 'cache'",
    ),
    (
        PAGED_FILL,
        f"tensor<9x2x32x8xi32>; tensor<1x2x70x8xi32>; {TABLE}",
        "operand 'cache' has the element type i32, expected a float",
    ),
    (
        PAGED_FILL,
        f"{PAGES}; {ROWS}; tensor<3x5xf32>",
        "operand 'page_table' has the element type f32, expected an integer",
    ),
    (
        PAGED_FILL,
        f"{PAGES}; {ROWS}; {TABLE}; tensor<1x1xi32>",
        "operand 'batch_idx_tensor' has the shape (1, 1), expected rank 1",
    ),
    (
        PAGED_FILL,
        f"{PAGES}; {ROWS}; {TABLE}; tensor<2xi32>",
        "operand 'batch_idx_tensor' has the extent 2 in dimension 0, expected 1, the batches of 'input'",
    ),
    (
        PAGED_FILL,
        f"{PAGES}; tensor<2x2x70x8xf32>; {TABLE}",
        "'input' has the extent 2 in dimension 0, expected 1 without",
    ),
    (PAGED_FILL, f"{PAGES}; tensor<?x2x70x8xf32>; {TABLE}", "'input' has the extent unknown in dimension 0"),
    (
        PAGED_FILL,
        f"{PAGES}; {ROWS}; {TABLE}; tensor<1xf32>",
        "operand 'batch_idx_tensor' has the element type f32, expected an integer",
    ),
    (PAGED_FILL, f"{CACHE}; {ROWS}; {TABLE}", "operand 'cache' has pages of 16 rows"),
    (
        PAGED_FILL,
        f"{PAGES}; tensor<1x3x70x8xf32>; {TABLE}",
        "operand 'input' has the extent 3 in dimension 1, expected a multiple of 2, the heads of 'cache'",
    ),
    (
        PAGED_FILL,
        f"{PAGES}; tensor<1x2x70x4xf32>; {TABLE}",
        "operand 'input' has the extent 4 in dimension 3, expected 8, that of 'cache'",
    ),
]


@pytest.mark.parametrize(("op", "operands", "message"), RULES)
def test_broken_rule_is_reported(verify_op: VerifyOp, op: str, operands: str, message: str) -> None:
    with pytest.raises(VerifyException) as raised:
        verify_op(op, operands, "()")

    text = str(raised.value)
    assert text.startswith(f"ttir.{op.split(maxsplit=1)[0]}: ")
    assert message in text


VALID = [
    (FILL, f"{CACHE}; tensor<2x2x16x8xf32>"),
    (FILL, f"{CACHE}; tensor<?x2x?x8xf32>"),
    ("fill_cache {batch_offset = 0 : i32}", f"{CACHE}; tensor<1x2x3x8xf32>"),
    (UPDATE, f"{CACHE}; tensor<1x2x4x8xf32>; tensor<i32>"),
    (UPDATE, f"{CACHE}; tensor<1x2x4x8xf32>; tensor<1xi64>"),
    (UPDATE, f"{CACHE}; tensor<1x2x4x8xf32>; tensor<4xui32>"),
    (UPDATE, f"{CACHE}; tensor<1x?x4x8xf32>; tensor<?xui32>"),
    (PAGED_UPDATE, f"{CACHE}; {USERS}; {INDEX}"),
    (f"{PAGED_UPDATE} <{{share_cache = true}}>", f"tensor<1x2x16x8xf32>; tensor<1x3x32x8xf32>; {INDEX}"),
    (PAGED_UPDATE, f"{PAGES}; {USERS}; {INDEX}; {TABLE}"),
    (PAGED_FILL, f"{PAGES}; {ROWS}; {TABLE}"),
    (PAGED_FILL, f"{PAGES}; {ROWS}; {TABLE}; tensor<1xsi32>"),
    (PAGED_FILL, f"{PAGES}; tensor<4x2x70x8xf32>; {TABLE}; tensor<4xi32>"),
    (PAGED_FILL, f"{PAGES}; tensor<1x6x70x8xf32>; {TABLE}"),
]


@pytest.mark.parametrize(("op", "operands"), VALID)
def test_valid_op_is_accepted(verify_op: VerifyOp, op: str, operands: str) -> None:
    verify_op(op, operands, "()")


@pytest.mark.parametrize("name", ["fill_cache", "update_cache", "paged_update_cache", "paged_fill_cache"])
def test_every_op_is_both_accepted_and_refused(name: str) -> None:
    assert name in {op.split(maxsplit=1)[0] for op, *_ in VALID}
    assert name in {op.split(maxsplit=1)[0] for op, *_ in RULES}


def test_op_writes_into_its_cache() -> None:
    cache, rows = (xdsl_test.TestOp(result_types=[tensor_type((1, 1, 4, 2), f32)]).results[0] for _ in range(2))
    op = ttir.FillCacheOp.build(operands=[cache, rows], properties={"batch_offset": IntegerAttr(0, i32)})

    assert get_effects(op) == {EffectInstance(MemoryEffectKind.WRITE, cache)}
    assert not is_side_effect_free(op)
