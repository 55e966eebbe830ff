"""Ops that write keys or values into a cache in place.

They have no results: after one of them, every use of the cache sees what it has written, and so does the caller where
the cache is an argument. What was computed from the cache before keeps its values, since a result never shares memory
with an operand: writing into `reshape` of an argument does not change the argument. `ttir-cache-to-values` turns these
ops into values; run it before passes that move, merge or replace ops.
"""

from __future__ import annotations

from abc import ABC

from xdsl.dialects.builtin import DYNAMIC_INDEX, AnyFloat, AnyTensorTypeConstr, BoolAttr, IntegerType
from xdsl.ir import SSAValue
from xdsl.irdl import irdl_op_definition, operand_def, opt_operand_def, prop_def, traits_def
from xdsl.utils.exceptions import VerifyException

from tilewright.dialects.ttir.attributes import FALSE, I32Attr
from tilewright.dialects.ttir.bases import TTIROp
from tilewright.dialects.ttir.shapes import Shape, require
from tilewright.dialects.ttir.traits import WritesFirstOperand
from tilewright.dialects.types import element_type_of, shape_of

PAGE_MULTIPLE = 32
"""What the rows of a page are a multiple of."""


class CacheOp(TTIROp, ABC):
    """Writes rows of its second operand, the input, into its first one, the cache."""

    traits = traits_def(WritesFirstOperand())

    def _shapes(self) -> tuple[Shape, Shape]:
        """The shapes of cache and input, both of rank 4."""
        cache, input = shape_of(self.operands[0]), shape_of(self.operands[1])
        _require_rank(cache, 4, "cache")
        _require_rank(input, 4, "input")
        return cache, input

    def _require_element_type_of_cache(self) -> None:
        expected, found = element_type_of(self.operands[0]), element_type_of(self.operands[1])
        require(
            found == expected, f"operand 'input' has the element type {found}, expected {expected}, that of 'cache'"
        )


def _require_rank(shape: Shape, rank: int, name: str) -> None:
    require(len(shape) == rank, f"operand '{name}' has the shape {shape}, expected rank {rank}")


def _require_extent(shape: Shape, dim: int, expected: int, name: str, reason: str = "") -> None:
    if shape[dim] != expected and DYNAMIC_INDEX not in (shape[dim], expected):
        raise VerifyException(
            f"operand '{name}' has the extent {shape[dim]} in dimension {dim}, expected {expected}{reason}"
        )


def _require_integers(value: SSAValue, name: str) -> None:
    found = element_type_of(value)
    require(isinstance(found, IntegerType), f"operand '{name}' has the element type {found}, expected an integer")


def _require_pages(cache: Shape) -> None:
    rows = cache[2]
    require(
        rows == DYNAMIC_INDEX or rows % PAGE_MULTIPLE == 0,
        f"operand 'cache' has pages of {rows} rows, the extent in dimension 2, expected a multiple of {PAGE_MULTIPLE}",
    )


@irdl_op_definition
class FillCacheOp(CacheOp):
    """`cache[batch_offset + b, h, s] = input[b, h, s]` for every b, h and s of the input; the rest stays.

    Shapes: cache (B, H, S, D), input (b, H, s, D) with s <= S. No result.

    Conditions: cache and input have the same element type. When the op runs, 0 <= batch_offset <= B - b.
    """

    name = "ttir.fill_cache"

    cache = operand_def(AnyTensorTypeConstr)
    input = operand_def(AnyTensorTypeConstr)

    batch_offset = prop_def(I32Attr)

    def verify_semantics(self) -> None:
        self._require_element_type_of_cache()
        cache, input = self._shapes()
        if input[2] > cache[2] and DYNAMIC_INDEX not in (input[2], cache[2]):
            raise VerifyException(
                f"operand 'input' has the extent {input[2]} in dimension 2, "
                f"expected at most {cache[2]}, that of 'cache'"
            )
        for dim in (1, 3):
            _require_extent(input, dim, cache[dim], "input", ", that of 'cache'")


@irdl_op_definition
class UpdateCacheOp(CacheOp):
    """`cache[batch_offset + u, h, update_index[u]] = input[0, h, u]` for every user u and head h; the rest stays.

    One index stands for all users.

    Shapes: cache (B, H, S, D), input (1, H, U, D) for U users, update_index (), (1) or (U). No result.

    Conditions: cache and input have the same element type; `update_index` has integers. When the op runs, indices are
    in [0, S), and 0 <= batch_offset <= B - U.
    """

    name = "ttir.update_cache"

    cache = operand_def(AnyTensorTypeConstr)
    input = operand_def(AnyTensorTypeConstr)
    update_index = operand_def(AnyTensorTypeConstr)

    batch_offset = prop_def(I32Attr)

    def verify_semantics(self) -> None:
        self._require_element_type_of_cache()
        cache, input = self._shapes()
        _require_extent(input, 0, 1, "input")
        for dim in (1, 3):
            _require_extent(input, dim, cache[dim], "input", ", that of 'cache'")
        _require_integers(self.update_index, "update_index")
        index = shape_of(self.update_index)
        require(len(index) <= 1, f"operand 'update_index' has the shape {index}, expected rank 0 or 1")
        if index not in ((), (1,)):
            _require_extent(index, 0, input[2], "update_index", ", the users of 'input', or 1")


@irdl_op_definition
class PagedUpdateCacheOp(CacheOp):
    """Writes a row for each user u at position i = update_index[u]; a user with position -1 is left out.

    Without a page table, `cache[u, h, i] = input[0, u, h]`, and with `share_cache` all users write into `cache[0]`.
    With one, the row lies in a page: `cache[page_table[u, i // P], h, i % P] = input[0, u, h]`. Where users write into
    the same row, the last of them stays. The input may have more heads than the cache; these are padding.

    Shapes: cache (B, H, S, D), or (pages, H, P, D) with a page table, where P is a multiple of 32; input (1, U, H, D)
    for U users; update_index (U); page_table (U, pages of a user). No result.

    Conditions: `update_index` and `page_table` have integers. When the op runs, positions and pages exist; without a
    page table there are at least U caches, or one with `share_cache`.
    """

    name = "ttir.paged_update_cache"

    cache = operand_def(AnyTensorTypeConstr)
    input = operand_def(AnyTensorTypeConstr)
    update_index = operand_def(AnyTensorTypeConstr)
    page_table = opt_operand_def(AnyTensorTypeConstr)

    share_cache: BoolAttr = prop_def(BoolAttr, default_value=FALSE)

    def verify_semantics(self) -> None:
        cache, input = self._shapes()
        index = shape_of(self.update_index)
        _require_rank(index, 1, "update_index")
        _require_integers(self.update_index, "update_index")
        if self.page_table is not None:
            _require_pages(cache)
        _require_extent(input, 0, 1, "input")
        _require_extent(input, 1, index[0], "input", ", the users of 'update_index'")
        if input[2] < cache[1] and DYNAMIC_INDEX not in (input[2], cache[1]):
            raise VerifyException(
                f"operand 'input' has the extent {input[2]} in dimension 2, "
                f"expected at least {cache[1]}, the heads of 'cache'"
            )
        _require_extent(input, 3, cache[3], "input", ", that of 'cache'")
        if self.page_table is not None:
            _require_integers(self.page_table, "page_table")
            table = shape_of(self.page_table)
            _require_rank(table, 2, "page_table")
            _require_extent(table, 0, index[0], "page_table", ", the users of 'update_index'")


@irdl_op_definition
class PagedFillCacheOp(CacheOp):
    """Writes the rows of users into their pages: `cache[page_table[b, s // P], h, s % P] = input[i, h, s]` for all s.

    b is the user `batch_idx_tensor[i]`, or 0 without it. A page of -1 is left out. Where a page is written twice, what
    is written last stays, and users follow each other in the order of i.

    Shapes: cache (pages, H, P, D), where P is a multiple of 32; input (I, n * H, S, D); page_table (B, pages of a
    user); batch_idx_tensor (I). No result.

    Conditions: cache and input have the same float type; `page_table` and `batch_idx_tensor` have integers; I is 1
    without a `batch_idx_tensor`. When the op runs, n is 1, the table has a page for all rows, and pages and users
    exist.
    """

    name = "ttir.paged_fill_cache"

    cache = operand_def(AnyTensorTypeConstr)
    input = operand_def(AnyTensorTypeConstr)
    page_table = operand_def(AnyTensorTypeConstr)
    batch_idx_tensor = opt_operand_def(AnyTensorTypeConstr)

    def verify_semantics(self) -> None:
        cache, input = self._shapes()
        table = shape_of(self.page_table)
        _require_rank(table, 2, "page_table")
        self._require_element_type_of_cache()
        element = element_type_of(self.cache)
        require(isinstance(element, AnyFloat), f"operand 'cache' has the element type {element}, expected a float")
        _require_integers(self.page_table, "page_table")
        if self.batch_idx_tensor is not None:
            batch = shape_of(self.batch_idx_tensor)
            _require_rank(batch, 1, "batch_idx_tensor")
            _require_extent(batch, 0, input[0], "batch_idx_tensor", ", the batches of 'input'")
            _require_integers(self.batch_idx_tensor, "batch_idx_tensor")
        elif input[0] != 1:
            # Not even an extent that is not known: tt-mlir lowers the op to one for user 0.
            found = "unknown" if input[0] == DYNAMIC_INDEX else input[0]
            raise VerifyException(
                f"operand 'input' has the extent {found} in dimension 0, expected 1 without 'batch_idx_tensor'"
            )
        _require_pages(cache)
        heads, heads_of_cache = input[1], cache[1]
        if DYNAMIC_INDEX not in (heads, heads_of_cache) and (heads_of_cache == 0 or heads % heads_of_cache):
            raise VerifyException(
                f"operand 'input' has the extent {heads} in dimension 1, "
                f"expected a multiple of {heads_of_cache}, the heads of 'cache'"
            )
        _require_extent(input, 3, cache[3], "input", ", that of 'cache'")


CACHE_OPS = (FillCacheOp, PagedFillCacheOp, PagedUpdateCacheOp, UpdateCacheOp)
