"""A prize is divided completely."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.tournaments.services.prizes import shares


@pytest.mark.parametrize(
    ("coins", "split", "places", "expected"),
    [
        (5000, [100], [1, 2], [5000, 0]),
        (100, [50, 30, 20], [1, 2, 3], [50, 30, 20]),
        (100, [50, 30, 20], [1, 2, 3, 3], [50, 30, 10, 10]),
        (101, [50, 30, 20], [1, 2, 3, 3], [51, 30, 10, 10]),
        (100, [50, 30, 20], [1, 2], [70, 30]),
        (1, [50, 50], [1, 2], [1, 0]),
    ],
)
def test_shares_of_a_split(
    coins: int, split: list[int], places: list[int], expected: list[int]
) -> None:
    assert shares(coins, split, places) == expected


@given(
    coins=st.integers(1, 10**12),
    cuts=st.sets(st.integers(1, 99), max_size=15),
    ties=st.lists(st.booleans(), min_size=1, max_size=40),
)
def test_shares_add_up_and_favor_better_places(
    coins: int, cuts: set[int], ties: list[bool]
) -> None:
    edges = [0, *sorted(cuts), 100]
    split = sorted((b - a for a, b in pairwise(edges)), reverse=True)
    places = [1]
    for rank, is_tied in enumerate(ties, start=2):
        places.append(places[-1] if is_tied and rank > 2 else rank)
    divided = shares(coins, split, places)
    assert sum(divided) == coins
    assert min(divided) >= 0
    assert divided == sorted(divided, reverse=True)
