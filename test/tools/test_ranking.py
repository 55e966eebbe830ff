"""The ranking of pairs by similarity."""

from __future__ import annotations

from itertools import combinations
from math import comb

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from tilewright.ranking import rank_pairs


def embeddings(rows: int, seed: int) -> torch.Tensor:
    return torch.randn(rows, 8, generator=torch.Generator().manual_seed(seed))


@given(rows=st.integers(0, 7), seed=st.integers(0, 1000))
def test_equal_embeddings_keep_all_places(rows: int, seed: int) -> None:
    ranking = rank_pairs(embeddings(rows, seed), embeddings(rows, seed))

    assert [pair.expected_place for pair in ranking.pairs] == list(range(1, comb(rows, 2) + 1))
    assert ranking.moved == 0
    assert ranking.largest_swap == 0.0


@given(rows=st.integers(3, 6), seed=st.integers(0, 1000))
def test_largest_swap_is_that_of_all_pairs_in_another_order(rows: int, seed: int) -> None:
    wanted, got = embeddings(rows, seed), embeddings(rows, seed + 1)
    ranking = rank_pairs(wanted, got)

    assert [p.expected for p in ranking.pairs] == sorted((p.expected for p in ranking.pairs), reverse=True)
    similarity = torch.nn.functional.cosine_similarity
    for pair in ranking.pairs:
        a, b = pair.pair
        assert pair.expected == pytest.approx(float(similarity(wanted[a], wanted[b], dim=0)), abs=1e-6)
        assert pair.found == pytest.approx(float(similarity(got[a], got[b], dim=0)), abs=1e-6)
    swapped = [abs(p.expected - q.expected) for p, q in combinations(ranking.pairs, 2) if p.found < q.found]
    assert ranking.largest_swap == max(swapped, default=0.0)
    assert (ranking.moved > 0) == bool(swapped)


def test_swap_of_two_pairs() -> None:
    angles = torch.tensor([0.0, 0.50, 1.02])
    wanted = torch.stack([angles.cos(), angles.sin()], dim=1)
    moved = torch.tensor([0.0, 0.52, 1.02])
    got = torch.stack([moved.cos(), moved.sin()], dim=1)

    ranking = rank_pairs(wanted, got)

    assert [pair.pair for pair in ranking.pairs] == [(0, 1), (1, 2), (0, 2)]
    assert [pair.found_place for pair in ranking.pairs] == [2, 1, 3]
    assert ranking.moved == 2
    assert ranking.largest_swap == pytest.approx(float(torch.tensor(0.50).cos() - torch.tensor(0.52).cos()), abs=1e-6)
