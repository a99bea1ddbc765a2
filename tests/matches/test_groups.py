from collections import Counter
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.matches.formats.bracket import single_bracket
from apps.matches.formats.groups import Groups, qualifiers, snake
from apps.matches.formats.round_robin import RoundRobin
from apps.matches.formats.slots import Result, Seed
from apps.matches.formats.standings import table
from tests.matches.simulation import seeds_of


@settings(max_examples=20)
@given(st.integers(2, 64))
def test_each_pair_of_a_round_robin_meets_once_and_no_entrant_twice_in_a_round(count: int) -> None:
    slots = RoundRobin().first_slots(count)
    pairs = Counter(frozenset(seeds_of(slot)) for slot in slots)
    assert pairs == Counter(frozenset(pair) for pair in combinations(range(count), 2))
    busy = Counter((slot.key.round, seed) for slot in slots for seed in seeds_of(slot))
    assert set(busy.values()) == {1}
    assert RoundRobin().rounds(count) == (count - 1 if count % 2 == 0 else count)


def test_seeds_are_dealt_in_alternating_direction() -> None:
    assert snake(8, 2) == [[0, 3, 4, 7], [1, 2, 5, 6]]
    assert snake(7, 3) == [[0, 5, 6], [1, 4], [2, 3]]


@given(st.integers(2, 1024), st.integers(2, 16))
def test_group_sizes_are_within_the_limit_and_differ_by_at_most_one(count: int, size: int) -> None:
    groups = Groups(group_size=size).groups(count)
    sizes = {len(group) for group in groups}
    assert sorted(seed for group in groups for seed in group) == list(range(count))
    assert min(sizes) >= 2
    assert max(sizes) - min(sizes) <= 1
    assert max(sizes) <= size or (size == 2 and max(sizes) == 3)


@given(st.integers(2, 200), st.integers(2, 16), st.integers(1, 15))
def test_at_least_two_entrants_reach_the_playoffs(count: int, size: int, wanted: int) -> None:
    format_ = Groups(group_size=size, group_advance=wanted)
    qualified = format_.count(count) * format_.advance(count)
    assert 2 <= qualified <= count


@given(st.integers(2, 24), st.integers(1, 4))
def test_no_two_of_a_group_meet_in_the_first_playoff_round(groups: int, advance: int) -> None:
    tables = [[10 * group + rank for rank in range(advance)] for group in range(groups)]
    order = qualifiers(tables)
    assert sorted(order) == sorted(entrant for group in tables for entrant in group)
    assert order[:groups] == [group[0] for group in tables]
    for slot in single_bracket(len(order)):
        if all(isinstance(source, Seed) for source in slot.sources):
            a, b = seeds_of(slot)
            assert order[a] // 10 != order[b] // 10


@pytest.mark.parametrize("groups", [2, 4, 8, 16])
def test_winner_and_runner_up_of_a_group_are_in_different_halves(groups: int) -> None:
    order = qualifiers([[10 * group, 10 * group + 1] for group in range(groups)])
    first = [seeds_of(slot) for slot in single_bracket(len(order)) if slot.key.round == 1]
    for half in (first[: len(first) // 2], first[len(first) // 2 :]):
        in_half = [order[seed] // 10 for pair in half for seed in pair]
        assert len(set(in_half)) == len(in_half)


RING = [Result(0, 1, 2, 1), Result(1, 2, 2, 0), Result(2, 0, 2, 1)]
EVEN_RING = [Result(0, 1, 2, 1), Result(1, 2, 2, 1), Result(2, 0, 2, 1)]


@pytest.mark.parametrize(
    ("by", "results", "order"),
    [
        ("points", [Result(3, 0, 2, 1), Result(3, 1, 2, 1), Result(0, 1, 2, 0)], [3, 0, 2, 1]),
        ("head-to-head", [Result(1, 0, 2, 1), Result(0, 2, 2, 0), Result(0, 3, 2, 0),
                          Result(1, 2, 2, 1), Result(3, 1, 2, 0)], [1, 0, 3, 2]),
        ("game difference", RING, [1, 0, 2]),
        ("seed", EVEN_RING, [0, 1, 2]),
        ("games won", [Result(3, 0, 3, 0), Result(2, 1, 3, 2), Result(0, 3, 3, 0),
                       Result(1, 2, 3, 2)], [1, 2, 0, 3]),
    ],
)  # fmt: skip
def test_tiebreakers_decide_in_order(by: str, results: list[Result], order: list[int]) -> None:
    rows = table(range(len(order)), results)
    assert [row.entrant for row in rows] == order
