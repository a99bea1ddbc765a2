"""Concurrent changes of a team's captain and rosters, on Postgres."""

import threading
import time
from collections.abc import Callable

import pytest
from django.db import transaction

from apps.teams.models import Team
from apps.tournaments import services
from tests import factories
from tests.threads import TIMEOUT, run_concurrently
from tests.tournaments.steps import by_organizer, change_captain, check_in, enter, team_tournament

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
HEAD_START_SECONDS = 0.5


def overlapping(first: Callable[[], object], second: Callable[[], object]) -> list[object]:
    """Runs the second while the first is done, but not committed. Returns both results."""
    is_done = threading.Event()

    def run_first() -> None:
        with transaction.atomic():
            first()
            is_done.set()
            time.sleep(HEAD_START_SECONDS)

    def run_second() -> None:
        assert is_done.wait(TIMEOUT)
        second()

    return run_concurrently(run_first, run_second)


@pytest.mark.parametrize("enters_first", [True, False])
def test_a_team_that_enters_while_its_captain_changes_has_one_captain(
    *, enters_first: bool
) -> None:
    tournament, team = team_tournament(), factories.make_team()
    jobs = [lambda: enter(tournament, team), lambda: change_captain(team)]
    error = "team_entered" if enters_first else "not_the_captain"
    assert overlapping(*jobs[:: 1 if enters_first else -1]) == [None, error]
    captain = Team.objects.get(pk=team.pk).captain
    assert all(registration.player == captain for registration in tournament.registrations.all())


def test_a_member_of_two_teams_that_check_in_concurrently_plays_for_one() -> None:
    tournament = team_tournament(check_in_minutes=30, entry_fee=100)
    teams = (factories.make_team(), factories.make_team())
    paying, checking_in = (enter(tournament, team) for team in teams)
    factories.pay(checking_in)
    by_organizer(services.tournament_check_in_open, tournament)
    member = factories.make_user()
    for team in teams:
        factories.join(team, member)
    jobs = (lambda: factories.pay(paying), lambda: check_in(checking_in))
    assert overlapping(*jobs) == [None, None]
    assert [registration.roster.count() for registration in (paying, checking_in)] == [4, 3]
