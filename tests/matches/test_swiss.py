import random
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.matches.formats.standings import Result, swiss_table
from apps.matches.formats.swiss import Draw, Pair, swiss_round, swiss_rounds


class Paper:
    """A Swiss of so many entrants, decided by chance."""

    def __init__(self, entrants: int, seed: int = 0) -> None:
        self.entrants = range(entrants)
        self.chance = random.Random(seed)
        self.results: list[Result] = []
        self.met: set[Pair] = set()
        self.byes: Counter[int] = Counter()

    def order(self) -> list[int]:
        rows = swiss_table(self.entrants, self.results, self.byes)
        return [row.entrant for row in rows]

    def points(self) -> dict[int, int]:
        rows = swiss_table(self.entrants, self.results, self.byes)
        return {row.entrant: row.points for row in rows}

    def draw(self) -> Draw:
        return swiss_round(self.order(), self.points(), self.met, self.byes)

    def play(self, draw: Draw) -> None:
        for a, b in draw.pairs:
            winner, loser = self.chance.sample((a, b), 2)
            self.results.append(Result(winner, loser, 2, self.chance.randint(0, 1)))
            self.met.add(frozenset((a, b)))
        if draw.bye is not None:
            self.byes[draw.bye] += 1


def test_the_first_round_is_the_upper_half_against_the_lower() -> None:
    assert Paper(8).draw() == Draw([(0, 4), (1, 5), (2, 6), (3, 7)], None)
    assert Paper(5).draw() == Draw([(0, 2), (1, 3)], 4)


@settings(max_examples=60)
@given(st.integers(2, 40), st.integers(0, 10_000), st.integers(0, 12))
def test_nobody_meets_twice_or_has_two_byes_over_all_rounds(
    count: int, seed: int, wanted: int
) -> None:
    """In up to half as many rounds as there are entrants, which always leaves a way (Dirac)."""
    paper = Paper(count, seed)
    for _ in range(swiss_rounds(count, min(wanted, count // 2))):
        draw = paper.draw()
        playing = [one for pair in draw.pairs for one in pair]
        everybody = playing if draw.bye is None else [*playing, draw.bye]
        assert sorted(everybody) == list(range(count))
        assert not {frozenset(pair) for pair in draw.pairs} & paper.met
        paper.play(draw)
    assert set(paper.byes.values()) <= {1}


@given(st.integers(2, 12), st.integers(0, 10_000))
def test_as_many_rounds_as_there_are_opponents_still_end(count: int, seed: int) -> None:
    """Where an early draw has left no other way, some meet again; byes still go round."""
    paper = Paper(count, seed)
    for _ in range(swiss_rounds(count, 99)):
        paper.play(paper.draw())
    if count % 2:
        assert set(paper.byes.values()) == {1}


def test_who_has_met_meets_again_only_when_nobody_else_is_left() -> None:
    met = {frozenset((0, 1)), frozenset((2, 3)), frozenset((0, 2)), frozenset((1, 3))}
    again = met | {frozenset((0, 3))}
    assert swiss_round([0, 1, 2, 3], {}, met, {}).pairs == [(0, 3), (1, 2)]
    assert len(swiss_round([0, 1, 2, 3], {}, again, {}).pairs) == 2


def test_the_bye_goes_to_the_next_one_up_where_that_saves_a_rematch() -> None:
    met = {frozenset((0, 1)), frozenset((1, 2))}
    assert swiss_round([0, 1, 2], {}, met, {}) == Draw([(0, 2)], 1)


def test_the_same_table_gives_the_same_draw() -> None:
    one, two = Paper(33, 7), Paper(33, 7)
    for _ in range(5):
        draw = one.draw()
        assert draw == two.draw()
        one.play(draw)
        two.play(draw)


def test_those_with_the_same_points_meet() -> None:
    paper = Paper(64, 3)
    paper.play(paper.draw())
    points = paper.points()
    assert all(points[a] == points[b] for a, b in paper.draw().pairs)


@pytest.mark.parametrize(("count", "rounds"), [(2, 1), (3, 2), (5, 3), (8, 3), (9, 4), (1024, 10)])
def test_as_many_rounds_as_leave_one_unbeaten(count: int, rounds: int) -> None:
    assert swiss_rounds(count) == rounds


def test_nobody_plays_more_rounds_than_there_are_opponents() -> None:
    assert swiss_rounds(4, 20) == 3
    assert swiss_rounds(5, 20) == 5


def test_nobody_has_but_a_bye() -> None:
    assert swiss_rounds(5, 1) == 2
    assert swiss_rounds(4, 1) == 1


def test_a_bye_is_a_win_and_has_no_opponent() -> None:
    [first, second, third] = swiss_table(range(3), [Result(1, 0, 2, 1)], {2: 1})
    assert (first.entrant, first.points, first.buchholz) == (1, 1, 0)
    assert (second.entrant, second.points, second.played) == (2, 1, 0)
    assert (third.entrant, third.buchholz) == (0, 1)


def test_with_as_many_points_who_had_the_stronger_opponents_is_ahead() -> None:
    first = [Result(0, 3, 2, 0), Result(1, 4, 2, 0), Result(2, 5, 2, 0)]
    second = [Result(0, 1, 2, 0), Result(3, 2, 2, 0), Result(4, 5, 2, 0)]
    rows = swiss_table(range(6), first + second, {})
    assert [row.entrant for row in rows] == [0, 1, 3, 2, 4, 5]
    assert [row.buchholz for row in rows[1:5]] == [3, 3, 1, 1]
