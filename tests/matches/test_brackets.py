import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.matches.brackets import first_round, rounds_for, seed_order
from apps.matches.models import Match
from tests import factories

pytestmark = pytest.mark.django_db


def test_eight_seeds_stand_so_that_the_best_two_meet_last() -> None:
    assert seed_order(8) == [0, 7, 3, 4, 1, 6, 2, 5]


@given(st.integers(2, 1024))
def test_everyone_has_one_place_and_the_best_seeds_have_the_byes(entrants: int) -> None:
    pairs = first_round(range(entrants))
    seated = [one for pair in pairs for one in pair if one is not None]
    byes = [a for a, b in pairs if b is None]
    assert sorted(seated) == list(range(entrants))
    assert sorted(byes) == list(range(2 ** rounds_for(entrants) - entrants))


@given(st.integers(2, 1024))
def test_there_are_as_many_rounds_as_it_takes_to_halve_down_to_one(entrants: int) -> None:
    assert rounds_for(entrants) == math.ceil(math.log2(entrants))


@pytest.mark.parametrize("entrants", [2, 3, 4, 5, 6, 7, 8, 9, 13, 16, 17])
def test_a_bracket_plays_to_one_champion(entrants: int) -> None:
    tournament = factories.make_live(entrants)
    factories.play_all(tournament)
    tournament.refresh_from_db()
    matches = Match.objects.filter(tournament=tournament)
    assert matches.count() == entrants - 1
    assert set(matches.values_list("status", flat=True)) == {"completed"}
    assert tournament.status == "completed"
    final = matches.latest("round")
    assert tournament.champion_id == final.winner_id


def test_nobody_plays_on_after_a_loss() -> None:
    tournament = factories.make_live(8)
    factories.play_all(tournament)
    lost: set[int | None] = set()
    for match in Match.objects.filter(tournament=tournament).order_by("round"):
        players = {match.player_a_id, match.player_b_id}
        assert not players & lost
        lost |= players - {match.winner_id}
    assert len(lost) == 7
