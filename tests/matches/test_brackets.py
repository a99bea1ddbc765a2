import random
from collections import Counter
from collections.abc import Iterable
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.matches.formats.bracket import rounds_for, seed_order
from apps.matches.formats.double_elimination import FINAL, RESET, DoubleElimination
from apps.matches.formats.single_elimination import SingleElimination
from apps.matches.formats.slots import Draw, Result, Seed, Stage, WinnerOf
from tests.matches.simulation import play

few = st.integers(2, 70)
chance = st.randoms(use_true_random=False)


def coin(chance: random.Random) -> bool:
    return chance.random() < 0.5


def losses(results: Iterable[Result]) -> Counter[int]:
    return Counter(result.loser for result in results)


def test_eight_seeds_are_ordered_so_that_the_best_two_meet_last() -> None:
    assert seed_order(8) == [0, 7, 3, 4, 1, 6, 2, 5]


@settings(max_examples=25)
@given(st.integers(2, 1024))
def test_each_entrant_is_seeded_once_and_the_best_have_byes(count: int) -> None:
    slots = SingleElimination().first_slots(count)
    seeds = [(s.number, slot.key.round) for slot in slots for s in slot.sources
             if isinstance(s, Seed)]  # fmt: skip
    assert sorted(number for number, _ in seeds) == list(range(count))
    byes = 2 ** rounds_for(count) - count
    assert sorted(number for number, first in seeds if first > 1) == list(range(byes))


@given(few, chance, st.booleans())
def test_a_single_elimination_leaves_one_unbeaten_entrant(
    count: int, chance: random.Random, third_place: bool
) -> None:
    format_ = SingleElimination(third_place=third_place)
    results = play(format_.first_slots(count), lambda: coin(chance))
    thirds = [result for key, result in results.items() if key.stage == Stage.THIRD_PLACE]
    assert len(thirds) == (third_place and count >= 4)
    assert len(results) == count - 1 + len(thirds)
    placed = format_.placements(Draw(count, {}, results))
    champion = placed[0][1]
    assert losses(results.values())[champion] == 0
    assert [place for place, _ in placed[:2]] == [1, 2]
    if thirds:
        assert placed[2:4] == [(3, thirds[0].winner), (4, thirds[0].loser)]


@given(few, chance)
def test_all_but_the_champion_lose_twice(count: int, chance: random.Random) -> None:
    format_ = DoubleElimination()
    results = play(format_.first_slots(count), lambda: coin(chance))
    final = results[FINAL]
    is_upset = losses(results.values())[final.loser] == 1
    pair = (final.loser, final.winner) if is_upset else (final.winner, final.loser)
    draw = Draw(count, {FINAL: pair}, results)
    assert format_.due(draw) == (2 if is_upset else 0)
    if is_upset:
        results |= play(format_.next_slots(draw), lambda: coin(chance))
    decider = results.get(RESET, final)
    lost = losses(results.values())
    assert lost.pop(decider.winner, 0) <= 1
    assert lost == dict.fromkeys(set(range(count)) - {decider.winner}, 2)
    placed = format_.placements(draw)
    assert placed[:2] == [(1, decider.winner), (2, decider.loser)]
    assert len(placed) == count


@pytest.mark.parametrize("count", [2, 3, 5, 1024])
def test_each_side_of_a_later_match_is_filled_by_one_earlier_match(count: int) -> None:
    slots = DoubleElimination().first_slots(count)
    sources = [s for slot in slots for s in slot.sources if not isinstance(s, Seed)]
    assert len(sources) == len(set(sources)) == 2 * len(slots) - count
    assert [slot.key for slot in slots if WinnerOf(slot.key) not in sources] == [FINAL]


@pytest.mark.parametrize(
    ("count", "without"), [(8, 2), (16, 3), (32, 4), (64, 6), (128, 7), (256, 10), (1024, 13)]
)
def test_the_first_rounds_of_the_losers_bracket_have_no_rematch(count: int, without: int) -> None:
    for seed in range(5):
        flip = partial(coin, random.Random(seed))
        met: set[frozenset[int]] = set()
        for key, result in play(DoubleElimination().first_slots(count), flip).items():
            pair = frozenset((result.winner, result.loser))
            if key.stage == Stage.LOSERS and key.round <= without:
                assert pair not in met, key
            met.add(pair)
