import random
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.matches.formats.pairing import Pair
from apps.matches.formats.slots import Result
from apps.matches.formats.standings import swiss_table
from apps.matches.formats.swiss import Swiss, swiss_round
from tests.matches.simulation import seeds_of


class Simulation:
    """A Swiss tournament with random results."""

    def __init__(self, entrants: int, seed: int = 0) -> None:
        self.entrants = range(entrants)
        self.chance = random.Random(seed)
        self.results: list[Result] = []
        self.met: set[Pair] = set()
        self.byes: Counter[int] = Counter()

    def points(self) -> dict[int, int]:
        """By entrant, best first."""
        rows = swiss_table(self.entrants, self.results, self.byes)
        return {row.entrant: row.points for row in rows}

    def pair(self) -> list[tuple[int, int]]:
        return swiss_round(list(self.points()), self.points(), self.met, self.byes)

    def play(self, pairs: list[tuple[int, int]]) -> None:
        for a, b in pairs:
            winner, loser = self.chance.sample((a, b), 2)
            self.results.append(Result(winner, loser, 2, self.chance.randint(0, 1)))
            self.met.add(frozenset((a, b)))
        self.byes.update(set(self.entrants) - {entrant for pair in pairs for entrant in pair})


@pytest.mark.parametrize(
    ("count", "pairs"), [(8, [(0, 4), (1, 5), (2, 6), (3, 7)]), (5, [(0, 2), (1, 3)])]
)
def test_the_first_round_pairs_both_halves(count: int, pairs: list[tuple[int, int]]) -> None:
    assert [seeds_of(slot) for slot in Swiss().first_slots(count)] == pairs
    assert Simulation(count).pair() == pairs


@settings(max_examples=30)
@given(st.integers(2, 40), st.integers(0, 10_000), st.integers(0, 12))
def test_there_is_neither_rematch_nor_second_bye(count: int, seed: int, wanted: int) -> None:
    """By Dirac's theorem there is such a pairing in half as many rounds as entrants."""
    swiss = Simulation(count, seed)
    for _ in range(Swiss(swiss_rounds=min(wanted, count // 2)).rounds(count)):
        pairs = swiss.pair()
        playing = {entrant for pair in pairs for entrant in pair}
        assert len(playing) == 2 * len(pairs) == count - count % 2
        assert not {frozenset(pair) for pair in pairs} & swiss.met
        swiss.play(pairs)
    assert set(swiss.byes.values()) <= {1}


@given(st.integers(2, 12), st.integers(0, 10_000))
def test_as_many_rounds_as_opponents_can_be_paired(count: int, seed: int) -> None:
    """With rematches if earlier rounds leave no other way."""
    swiss = Simulation(count, seed)
    for _ in range(Swiss(swiss_rounds=99).rounds(count)):
        swiss.play(swiss.pair())
    if count % 2:
        assert set(swiss.byes.values()) == {1}


def test_a_rematch_is_paired_only_if_there_is_no_other_way() -> None:
    met = {frozenset((0, 1)), frozenset((2, 3)), frozenset((0, 2)), frozenset((1, 3))}
    assert swiss_round([0, 1, 2, 3], {}, met, {}) == [(0, 3), (1, 2)]
    all_met = met | {frozenset((0, 3))}
    assert len(swiss_round([0, 1, 2, 3], {}, all_met, {})) == 2


def test_the_bye_goes_to_the_next_higher_entrant_if_that_avoids_a_rematch() -> None:
    met = {frozenset((0, 1)), frozenset((1, 2))}
    assert swiss_round([0, 1, 2], {}, met, {}) == [(0, 2)]


def test_the_same_table_gives_the_same_pairings() -> None:
    first, second = Simulation(33, 7), Simulation(33, 7)
    for _ in range(5):
        pairs = first.pair()
        assert pairs == second.pair()
        first.play(pairs)
        second.play(pairs)


def test_entrants_with_equal_points_meet() -> None:
    swiss = Simulation(64, 3)
    swiss.play(swiss.pair())
    points = swiss.points()
    assert all(points[a] == points[b] for a, b in swiss.pair())


@pytest.mark.parametrize(
    ("count", "wanted", "rounds"),
    [(2, 0, 1), (3, 0, 2), (5, 0, 3), (8, 0, 3), (9, 0, 4), (1024, 0, 10),  # one stays unbeaten
     (4, 20, 3), (5, 20, 5),  # no more than opponents
     (5, 1, 2), (4, 1, 1)],  # each entrant plays at least once
)  # fmt: skip
def test_the_number_of_rounds_is_limited(count: int, wanted: int, rounds: int) -> None:
    assert Swiss(swiss_rounds=wanted).rounds(count) == rounds


def test_a_bye_is_a_point_without_an_opponent() -> None:
    [first, second, third] = swiss_table(range(3), [Result(1, 0, 2, 1)], {2: 1})
    assert (first.entrant, first.points, first.buchholz) == (1, 1, 0)
    assert (second.entrant, second.points, second.played) == (2, 1, 0)
    assert (third.entrant, third.buchholz) == (0, 1)


def test_equal_points_are_decided_by_the_strength_of_opponents() -> None:
    first = [Result(0, 3, 2, 0), Result(1, 4, 2, 0), Result(2, 5, 2, 0)]
    second = [Result(0, 1, 2, 0), Result(3, 2, 2, 0), Result(4, 5, 2, 0)]
    rows = swiss_table(range(6), first + second, {})
    assert [row.entrant for row in rows] == [0, 1, 3, 2, 4, 5]
    assert [row.buchholz for row in rows[1:5]] == [3, 3, 1, 1]
