"""Teams change one at a time, on a real Postgres."""

import threading
import time
from collections.abc import Callable
from functools import partial

import pytest
from django.db import transaction

from apps.accounts.models import User
from apps.teams import services
from apps.teams.models import Team
from tests import factories
from tests.threads import PATIENCE, at_once

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
LONGER_THAN_IT_TAKES_TO_ASK = 0.5


@pytest.fixture
def team() -> Team:
    return factories.make_team()


def while_it_is_handed_over(team: Team, to: User, job: Callable[[], object]) -> object:
    """What the job gave, that waited for the team while it had a new captain already, though not
    for good."""
    is_changed = threading.Event()

    def hand_over() -> None:
        with transaction.atomic():
            services.captain_change(team_id=team.pk, captain=team.captain, user_id=to.pk)
            is_changed.set()
            time.sleep(LONGER_THAN_IT_TAKES_TO_ASK)

    def other() -> object:
        assert is_changed.wait(PATIENCE)
        return job()

    return at_once(hand_over, other)[1]


def heir_of(team: Team) -> User:
    heir = team.members.exclude(pk=team.captain_id).first()
    assert heir is not None
    return heir


def test_who_leads_it_no_more_is_told_so(team: Team) -> None:
    player = factories.make_user()
    ask = partial(
        services.invitation_create,
        team_id=team.pk,
        captain=team.captain,
        username=player.username,
    )
    assert while_it_is_handed_over(team, heir_of(team), ask) == "not_the_captain"


def test_who_leads_it_now_leads_it(team: Team) -> None:
    heir, player = heir_of(team), factories.make_user()
    ask = partial(
        services.invitation_create, team_id=team.pk, captain=heir, username=player.username
    )
    while_it_is_handed_over(team, heir, ask)
    assert team.invitations.filter(user=player, status="open").exists()


def test_a_member_can_leave_it_meanwhile(team: Team) -> None:
    heir = heir_of(team)
    leaver = team.members.exclude(pk__in=[heir.pk, team.captain_id]).get()
    leave = partial(services.member_remove, team_id=team.pk, user_id=leaver.pk, by=leaver)
    while_it_is_handed_over(team, heir, leave)
    assert not team.members.filter(pk=leaver.pk).exists()
