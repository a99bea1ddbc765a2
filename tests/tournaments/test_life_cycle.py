"""States of a tournament, as docs/tournaments.md describes them, and its prizes."""

import re
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.events.audit import chain
from apps.payments.models import Transfer
from apps.tournaments import services
from apps.tournaments.exceptions import WrongState
from apps.tournaments.models import Registration, Tournament
from apps.tournaments.services.life_cycle import TRANSITIONS
from apps.tournaments.services.prizes import shares
from tests import factories
from tests.tournaments.steps import by_organizer, event_names

pytestmark = pytest.mark.django_db
PAGE = (Path(__file__).parents[2] / "docs" / "tournaments.md").read_text()


def test_the_sweep_pays_a_prize_whose_task_did_not_run_exactly_once() -> None:
    tournament = factories.make_live(2, prize_coins=70)
    factories.play_all(tournament)
    assert [services.prizes_sweep() for _ in range(2)] == [1, 0]
    assert services.prize_pay(tournament_id=tournament.pk) is False
    assert Transfer.objects.count() == 1
    assert event_names(tournament)[-2:] == ["tournament.completed", "prize.paid"]
    assert chain.first_fault(f"tournament:{tournament.pk}") is None


RESULTS = {"open": "registration_open", "start": "live", "cancel": "cancelled"}


@pytest.mark.parametrize("verb", RESULTS)
@pytest.mark.parametrize("status", Tournament.Status.values)
def test_only_documented_transitions_are_possible(status: str, verb: str) -> None:
    tournament = factories.make_tournament()
    factories.register(tournament)
    factories.register(tournament)
    Tournament.objects.filter(pk=tournament.pk).update(status=status)
    tournament.registrations.update(status="checked_in" if status == "check_in" else "confirmed")
    service = getattr(services, f"tournament_{verb}")
    if RESULTS[verb] in TRANSITIONS.get(Tournament.Status(status), ()):
        assert by_organizer(service, tournament).status == RESULTS[verb]
    else:
        with pytest.raises(WrongState):
            by_organizer(service, tournament)
        tournament.refresh_from_db()
        assert tournament.status == status


def test_the_diagram_has_all_transitions() -> None:
    drawn = set(re.findall(r"^    (\w+) --> (\w+)$", PAGE, re.MULTILINE))
    assert drawn == {
        (before.value, after.value) for before in TRANSITIONS for after in TRANSITIONS[before]
    }


def test_every_registration_status_is_documented() -> None:
    assert set(Registration.Status.values) <= set(re.findall(r"`(\w+)`", PAGE))


@pytest.mark.parametrize(
    ("coins", "split", "places", "won"),
    [
        (5000, [100], [1, 2], [5000, 0]),
        (100, [50, 30, 20], [1, 2, 3], [50, 30, 20]),
        (100, [50, 30, 20], [1, 2, 3, 3], [50, 30, 10, 10]),
        (101, [50, 30, 20], [1, 2, 3, 3], [51, 30, 10, 10]),
        (100, [50, 30, 20], [1, 2], [70, 30]),
        (1, [50, 50], [1, 2], [1, 0]),
    ],
)
def test_shares_of_a_split(coins: int, split: list[int], places: list[int], won: list[int]) -> None:
    assert shares(coins, split, places) == won


@given(
    coins=st.integers(1, 10**12),
    cuts=st.sets(st.integers(1, 99), max_size=15),
    ties=st.lists(st.booleans(), min_size=1, max_size=40),
)
def test_shares_add_up_and_favor_top_places(coins: int, cuts: set[int], ties: list[bool]) -> None:
    edges = [0, *sorted(cuts), 100]
    split = sorted((b - a for a, b in pairwise(edges)), reverse=True)
    places = [1]
    for rank, is_tied in enumerate(ties, start=2):
        places.append(places[-1] if is_tied and rank > 2 else rank)
    divided = shares(coins, split, places)
    assert sum(divided) == coins
    assert min(divided) >= 0
    assert divided == sorted(divided, reverse=True)
