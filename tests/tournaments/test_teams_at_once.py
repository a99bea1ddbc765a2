"""Who acts and who plays for a team is settled once, however much happens at once, on Postgres."""

import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction

from apps.teams.models import Team
from apps.teams.services import captain_change
from apps.tournaments import services
from apps.tournaments.models import Registration, Tournament
from tests import factories
from tests.threads import PATIENCE, at_once

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
LONGER_THAN_IT_TAKES_TO_BEGIN = 0.5


def one_before_the_other(first: Callable[[], object], other: Callable[[], object]) -> list[object]:
    """What each gave: the other begins when the first is done, but not committed."""
    is_done = threading.Event()

    def begin() -> None:
        with transaction.atomic():
            first()
            is_done.set()
            time.sleep(LONGER_THAN_IT_TAKES_TO_BEGIN)

    def follow() -> None:
        assert is_done.wait(PATIENCE)
        other()

    return at_once(begin, follow)


def cup(**fields: Any) -> Tournament:
    return factories.make_tournament(game_title="Rocket League", team_based=True, **fields)


def enter(tournament: Tournament, team: Team) -> Registration:
    return services.registration_create(
        tournament_id=tournament.pk, player=team.captain, team_id=team.pk
    )


def hand_over(team: Team) -> None:
    heir = team.members.exclude(pk=team.captain_id).first()
    assert heir is not None
    captain_change(team_id=team.pk, captain=team.captain, user_id=heir.pk)


@pytest.mark.parametrize("enters_first", [True, False])
def test_a_team_that_is_handed_over_as_it_enters_is_one_captains(*, enters_first: bool) -> None:
    tournament, team = cup(), factories.make_team()
    jobs = [lambda: enter(tournament, team), lambda: hand_over(team)]
    refused = "team_entered" if enters_first else "not_the_captain"
    assert one_before_the_other(*jobs[:: 1 if enters_first else -1]) == [None, refused]
    leads = Team.objects.get(pk=team.pk).captain
    assert all(one.player == leads for one in tournament.registrations.all())


def test_who_is_in_two_teams_plays_for_one_though_both_check_in_at_once() -> None:
    tournament = cup(check_in_minutes=30, entry_fee=100)
    pays, is_there = factories.make_team(), factories.make_team()
    paying, checking_in = (enter(tournament, team) for team in (pays, is_there))
    factories.pay(checking_in)
    services.tournament_check_in_open(tournament_id=tournament.pk, organizer=tournament.organizer)
    in_both = factories.make_user()
    for team in (pays, is_there):
        factories.join(team, in_both)

    def check_in() -> None:
        services.registration_check_in(registration_id=checking_in.pk, player=checking_in.player)

    assert one_before_the_other(lambda: factories.pay(paying), check_in) == [None, None]
    assert [one.roster.count() for one in (paying, checking_in)] == [4, 3]
