import math
import random
from collections import Counter
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.matches.formats.double import double_elimination, reset
from apps.matches.formats.placements import knocked_out
from apps.matches.formats.placements import places as ranked
from apps.matches.formats.single import rounds_for, seed_order, single_elimination
from apps.matches.formats.slots import Seed, Stage, links
from tests.matches.paper import Played, play

entrants = st.integers(2, 1024)
few = st.integers(2, 70)
chance = st.randoms(use_true_random=False)


def coin(chance: random.Random) -> bool:
    return chance.random() < 0.5


def lost_in(played: Played) -> Counter[int]:
    return Counter(loser for _, _, loser in played)


def test_eight_seeds_stand_so_that_the_best_two_meet_last() -> None:
    assert seed_order(8) == [0, 7, 3, 4, 1, 6, 2, 5]


@given(entrants)
def test_there_are_as_many_rounds_as_it_takes_to_halve_down_to_one(count: int) -> None:
    assert rounds_for(count) == math.ceil(math.log2(count))


@given(entrants)
def test_everyone_has_one_place_and_the_best_seeds_have_the_byes(count: int) -> None:
    places = single_elimination(count)
    first = [place for place in places if place.key.round == 1]
    seeded = [s.number for place in places for s in place.sources if isinstance(s, Seed)]
    at_once = {s.number for place in first for s in place.sources if isinstance(s, Seed)}
    assert sorted(seeded) == list(range(count))
    byes = 2 ** rounds_for(count) - count
    assert sorted(set(range(count)) - at_once) == list(range(byes))


@given(few, chance)
def test_a_single_elimination_leaves_one_who_has_not_lost(
    count: int, chance: random.Random
) -> None:
    played = play(single_elimination(count), lambda: coin(chance))
    assert len(played) == count - 1
    assert sorted(lost_in(played).values()) == [1] * (count - 1)


@given(few, chance)
def test_the_losers_of_the_semi_finals_meet_for_the_third_place(
    count: int, chance: random.Random
) -> None:
    played = play(single_elimination(count, third_place=True), lambda: coin(chance))
    thirds = [(winner, loser) for key, winner, loser in played if key.stage == Stage.THIRD_PLACE]
    assert len(thirds) == (count >= 4)
    placed = ranked(knocked_out(played))
    assert [place for place, _ in placed[:2]] == [1, 2]
    if thirds:
        assert [one for _, one in placed[2:4]] == list(thirds[0])
        assert [place for place, _ in placed[2:4]] == [3, 4]


@given(few, chance)
def test_all_but_the_champion_of_a_double_elimination_lose_twice(
    count: int, chance: random.Random
) -> None:
    places = double_elimination(count)
    coins = [coin(chance) for _ in range(len(places) + 1)]
    played = play(places, iter(coins).__next__)
    champion, other = played[-1][1:]
    if lost_in(played)[other] == 1:
        played = play([*places, reset(count)], iter(coins).__next__)
        champion, other = played[-1][1:]
    lost = lost_in(played)
    assert lost.pop(champion, 0) <= 1
    assert lost == dict.fromkeys(set(range(count)) - {champion}, 2)
    placed = ranked(knocked_out(played))
    assert placed[:2] == [(1, champion), (2, other)]
    assert len(placed) == count


@pytest.mark.parametrize("count", [2, 3, 5, 1024])
def test_who_plays_on_is_named_once_and_only_where_there_is_a_side_to_fill(count: int) -> None:
    places = double_elimination(count)
    found = links(places)
    filled = [link for one in found.values() for link in one if link is not None]
    sides = [s for place in places for s in place.sources if not isinstance(s, Seed)]
    assert len(filled) == len(set(filled)) == len(sides)
    nowhere = [key for key, one in found.items() if one.winner_to is None]
    assert nowhere == [places[-1].key]


@pytest.mark.parametrize(
    ("count", "quiet"), [(8, 2), (16, 3), (32, 4), (64, 6), (128, 7), (256, 10), (1024, 13)]
)
def test_rematches_come_late_in_the_losers_bracket(count: int, quiet: int) -> None:
    """For so many of its rounds nobody can meet the same one again."""
    for seed in range(20):
        flip = partial(coin, random.Random(seed))
        met: set[frozenset[int]] = set()
        for key, winner, loser in play(double_elimination(count), flip):
            again = frozenset((winner, loser)) in met
            assert not (again and key.stage == Stage.LOSERS and key.round <= quiet), key
            met.add(frozenset((winner, loser)))


def test_a_whole_double_elimination_of_1024_is_drawn_at_once() -> None:
    assert len(double_elimination(1024)) == 2 * 1024 - 2
