"""What an op on a cache needs beyond what tt-mlir's verifiers ask for: places for all that it writes."""

from __future__ import annotations

from tilewright.support.errors import UnsupportedInputError


def check_batches(first: int, count: int, available: int) -> None:
    """Check that batches `first`, .. `first + count - 1` of a cache exist.

    Raises:
        UnsupportedInputError: they do not.
    """
    if not 0 <= first <= available - count:
        raise UnsupportedInputError(
            f"operand 'input' is for {count} batches from number {first}",
            why=f"operand 'cache' has {available}",
            hint="change 'batch_offset' or the shapes",
        )


def check_shared(batches: int) -> None:
    """Check that a cache which all users share is one.

    Raises:
        UnsupportedInputError: there are others.
    """
    if batches != 1:
        raise UnsupportedInputError(f"operand 'cache' has {batches} batches", why="with 'share_cache' there is one")


def check_pages(heads: int, heads_of_cache: int, rows: int, page_rows: int, pages: int) -> None:
    """Check what `paged_fill_cache` writes: the heads of the cache, and rows for which a user has pages.

    Raises:
        UnsupportedInputError: it does not fit.
    """
    if heads != heads_of_cache:
        raise UnsupportedInputError(
            f"operand 'input' has {heads} heads",
            why=f"operand 'cache' has {heads_of_cache}, and which of them each is written to is not defined",
        )
    if rows > page_rows * pages:
        raise UnsupportedInputError(
            f"operand 'input' has {rows} rows", why=f"a user has {pages} pages of {page_rows} rows"
        )
