"""How results are compared: correlation, largest error, and what is not finite."""

from __future__ import annotations

import math

import pytest
import torch

from tilewright.comparison import accuracy_of, largest_error, pearson

X = torch.tensor([1.0, 2.0, 4.0])
INF, NAN = math.inf, math.nan


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        (X, X, 1.0),
        (X, 2 * X + 1, 1.0),
        (X, -X, -1.0),
        (X, torch.ones(3), 0.0),
        (torch.ones(3), torch.ones(3), 1.0),
        (torch.zeros(0), torch.zeros(0), 1.0),
        (torch.tensor([1.0, 0.0, -1.0]), torch.tensor([1.0, -2.0, 1.0]), 0.0),
        (torch.tensor([1.0, 2.0, INF]), torch.tensor([1.0, 3.0, INF]), 1.0),
        (torch.tensor([1.0, 2.0, NAN]), torch.tensor([1.0, 2.0, NAN]), 1.0),
    ],
)
def test_correlation(a: torch.Tensor, b: torch.Tensor, expected: float) -> None:
    assert pearson(a, b) == pytest.approx(expected)


@pytest.mark.parametrize("other", [NAN, INF, -INF, 4.0])
def test_what_is_not_finite_in_one_alone_has_no_correlation(other: float) -> None:
    a, b = torch.tensor([1.0, 2.0, INF if other != INF else NAN]), torch.tensor([1.0, 2.0, other])

    assert math.isnan(pearson(a, b))
    assert largest_error(a, b) == INF
    accuracy = accuracy_of("tile", (X, a), (X, b))
    assert math.isnan(accuracy.pcc)
    assert accuracy.max_error == INF


def test_equal_infinities_are_no_error() -> None:
    assert largest_error(torch.tensor([INF, 1.0, NAN]), torch.tensor([INF, 1.5, NAN])) == 0.5


def test_the_least_correlation_and_the_largest_error_count() -> None:
    accuracy = accuracy_of("tile", {"a": X, "b": X, "n": 3}, {"a": X, "b": -X, "n": 3})

    assert accuracy.pcc == pytest.approx(-1.0)
    assert accuracy.max_error == 8.0
    assert not accuracy.equal


def test_one_element_has_an_error_and_no_correlation() -> None:
    accuracy = accuracy_of("tile", torch.tensor(1.0), torch.tensor(1.5))

    assert (accuracy.pcc, accuracy.max_error, accuracy.equal) == (1.0, 0.5, False)


def test_integers_and_objects_are_compared_too() -> None:
    assert accuracy_of("tile", (torch.arange(3), "a"), (torch.arange(3), "a")).equal
    assert not accuracy_of("tile", (torch.arange(3), "a"), (torch.arange(3), "b")).equal
    assert accuracy_of("tile", torch.arange(3), torch.arange(3) * 2).max_error == 2.0
