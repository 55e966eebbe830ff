"""Pairs of embeddings in the order of their similarity, next to a reference's order."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import torch


@dataclass(frozen=True, slots=True)
class RankedPair:
    """A pair of embeddings.

    Attributes:
        pair: The two indices.
        expected: Similarity by the reference.
        found: Similarity found.
        expected_place: Place by the reference, from 1, the most similar first.
        found_place: Place found.
    """

    pair: tuple[int, int]
    expected: float
    found: float
    expected_place: int
    found_place: int


@dataclass(frozen=True, slots=True)
class Ranking:
    """All pairs.

    Attributes:
        pairs: In the reference's order.
        largest_swap: Of two pairs whose order differs, the largest difference of the reference's similarities; 0.0 if
            all are in the same order.
    """

    pairs: tuple[RankedPair, ...]
    largest_swap: float

    @property
    def moved(self) -> int:
        """How many pairs are not in the reference's place."""
        return sum(pair.expected_place != pair.found_place for pair in self.pairs)


def rank_pairs(expected: torch.Tensor, found: torch.Tensor) -> Ranking:
    """Rank all pairs of rows by their cosine similarity.

    Args:
        expected: The reference's embeddings, (rows, width).
        found: Those to judge, of the same shape.
    """
    pairs = list(combinations(range(expected.shape[0]), 2))
    wanted, got = _similarities(expected, pairs), _similarities(found, pairs)
    wanted_places, got_places = _places(wanted), _places(got)
    order = sorted(range(len(pairs)), key=wanted_places.__getitem__)
    swapped = (abs(wanted[a] - wanted[b]) for a, b in combinations(order, 2) if got_places[a] > got_places[b])
    return Ranking(
        tuple(RankedPair(pairs[i], wanted[i], got[i], wanted_places[i], got_places[i]) for i in order),
        max(swapped, default=0.0),
    )


def _similarities(rows: torch.Tensor, pairs: list[tuple[int, int]]) -> list[float]:
    unit = torch.nn.functional.normalize(rows.to(torch.float64), dim=1)
    return [float(unit[a] @ unit[b]) for a, b in pairs]


def _places(similarities: list[float]) -> list[int]:
    """The place of each, from 1; of equal ones the first comes first."""
    order = sorted(range(len(similarities)), key=lambda index: -similarities[index])
    places = [0] * len(order)
    for place, index in enumerate(order, start=1):
        places[index] = place
    return places
