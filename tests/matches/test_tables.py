from collections import Counter
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.matches.formats.groups import (
    advance_count,
    group_count,
    group_stage,
    qualifiers,
    snake,
)
from apps.matches.formats.round_robin import round_robin
from apps.matches.formats.single import single_elimination
from apps.matches.formats.slots import Place, Seed
from apps.matches.formats.standings import Result, table


def two_of(place: Place) -> tuple[int, int]:
    a, b = place.sources
    assert isinstance(a, Seed)
    assert isinstance(b, Seed)
    return a.number, b.number


@given(st.integers(2, 64))
def test_in_a_round_robin_everybody_meets_everybody_once_and_nobody_twice_in_a_round(
    count: int,
) -> None:
    places = round_robin(range(count))
    pairs = Counter(frozenset(two_of(place)) for place in places)
    assert pairs == Counter(frozenset(pair) for pair in combinations(range(count), 2))
    busy = Counter((place.key.round, one) for place in places for one in two_of(place))
    assert set(busy.values()) == {1}
    assert max(place.key.round for place in places) == (count - 1 if count % 2 == 0 else count)


def test_seeds_are_dealt_to_and_fro() -> None:
    assert snake(8, 2) == [[0, 3, 4, 7], [1, 2, 5, 6]]
    assert snake(7, 3) == [[0, 5, 6], [1, 4], [2, 3]]


@given(st.integers(2, 1024), st.integers(2, 16))
def test_no_group_is_too_large_or_of_one_alone(count: int, size: int) -> None:
    groups = snake(count, group_count(count, size))
    sizes = {len(group) for group in groups}
    assert sorted(one for group in groups for one in group) == list(range(count))
    assert min(sizes) >= 2
    assert max(sizes) - min(sizes) <= 1
    assert max(sizes) <= size or (size == 2 and max(sizes) == 3)


@given(st.integers(2, 200), st.integers(2, 16), st.integers(1, 15))
def test_two_at_least_and_no_more_than_there_are_go_on(count: int, size: int, wanted: int) -> None:
    groups = group_count(count, size)
    advance = advance_count(count, size, wanted)
    assert 2 <= groups * advance <= count


@given(st.integers(2, 24), st.integers(1, 4))
def test_nobody_meets_their_own_group_in_the_first_round_of_the_play_off(
    groups: int, advance: int
) -> None:
    of_group = [[10 * group + rank for rank in range(advance)] for group in range(groups)]
    order = qualifiers(of_group)
    assert sorted(order) == sorted(one for group in of_group for one in group)
    assert order[:groups] == [group[0] for group in of_group]
    for place in single_elimination(len(order)):
        if all(isinstance(source, Seed) for source in place.sources):
            a, b = two_of(place)
            assert order[a] // 10 != order[b] // 10


@pytest.mark.parametrize("groups", [2, 4, 8, 16])
def test_of_two_from_each_group_the_winner_and_the_second_can_only_meet_in_the_final(
    groups: int,
) -> None:
    order = qualifiers([[10 * group, 10 * group + 1] for group in range(groups)])
    first = [two_of(p) for p in single_elimination(len(order)) if p.key.round == 1]
    halves = first[: len(first) // 2], first[len(first) // 2 :]
    for half in halves:
        in_half = [order[seed] // 10 for pair in half for seed in pair]
        assert len(set(in_half)) == len(in_half)


def test_a_group_stage_of_1024_has_its_matches_within_its_groups() -> None:
    places = group_stage(1024, 4)
    assert len(places) == 256 * 6
    assert {place.key.group for place in places} == set(range(1, 257))


def order_of(*results: Result, entrants: int = 4) -> list[int]:
    return [row.entrant for row in table(range(entrants), results)]


def test_points_come_first() -> None:
    results = [Result(3, 0, 2, 1), Result(3, 1, 2, 1), Result(0, 1, 2, 0)]
    assert order_of(*results, entrants=4) == [3, 0, 2, 1]


def test_among_those_with_as_many_points_their_own_meetings_come_before_games() -> None:
    results = [
        Result(1, 0, 2, 1),  # as many points as 0 in the end, and won against it
        Result(0, 2, 2, 0),
        Result(0, 3, 2, 0),
        Result(1, 2, 2, 1),
        Result(3, 1, 2, 0),
    ]
    rows = table(range(4), results)
    assert [row.entrant for row in rows[:2]] == [1, 0]
    assert rows[0].difference < rows[1].difference


def test_three_who_beat_each_other_in_turn_are_told_apart_by_games_and_at_last_by_seed() -> None:
    ring = [Result(0, 1, 2, 1), Result(1, 2, 2, 0), Result(2, 0, 2, 1)]
    assert order_of(*ring, entrants=3) == [1, 0, 2]
    even = [Result(0, 1, 2, 1), Result(1, 2, 2, 1), Result(2, 0, 2, 1)]
    assert order_of(*even, entrants=3) == [0, 1, 2]


def test_of_equal_difference_who_won_more_games_is_ahead() -> None:
    results = [Result(3, 0, 3, 0), Result(2, 1, 3, 2), Result(0, 3, 3, 0), Result(1, 2, 3, 2)]
    assert order_of(*results) == [1, 2, 0, 3]
